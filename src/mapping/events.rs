//! Rules about what hangs on a contact: notes, tasks, mails, and what they wait for.
//!
//! Pure. It says what a rule is, by which key it is remembered, and what a template makes of a
//! contact; whether something has happened and what is done about it is decided elsewhere.
//! Start reading at [`Trigger`].

use std::fmt;
use std::time::Duration;

use super::nearest::suggestion;
use super::{CUSTOM, FieldKind, SOURCES, source_value, tag_key, transform};
use crate::contact::Contact;

/// What a rule waits for. Each happens at most once to a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trigger {
    /// The contact was made in HighLevel since the rule's first run.
    NewContact,
    /// The contact got this tag (a [`tag_key`]).
    TagAdded(String),
    /// An opportunity of the contact was won.
    OpportunityWon,
    /// The person may not be e-mailed any more, as either side knows.
    Unsubscribed,
}

impl Trigger {
    /// Reads the value of `on`; the error is a sentence.
    pub fn parse(text: &str) -> Result<Trigger, String> {
        match text.trim() {
            "contact.new" => Ok(Trigger::NewContact),
            "opportunity.won" => Ok(Trigger::OpportunityWon),
            "unsubscribed" => Ok(Trigger::Unsubscribed),
            other => match other.strip_prefix("tag.added:") {
                Some(tag) if !tag.trim().is_empty() => Ok(Trigger::TagAdded(tag_key(tag))),
                Some(_) => Err("`tag.added:` needs a tag, as in `tag.added:customer`".to_owned()),
                None => {
                    let known = [
                        "contact.new",
                        "tag.added:NAME",
                        "opportunity.won",
                        "unsubscribed",
                    ];
                    let near = suggestion(other, &known);
                    Err(format!(
                        "`on` must be {}, not `{other}`{near}",
                        known.join(", ")
                    ))
                }
            },
        }
    }
}

/// As profiles write it.
impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trigger::NewContact => f.write_str("contact.new"),
            Trigger::TagAdded(tag) => write!(f, "tag.added:{tag}"),
            Trigger::OpportunityWon => f.write_str("opportunity.won"),
            Trigger::Unsubscribed => f.write_str("unsubscribed"),
        }
    }
}

/// A BigMailer text field that is kept as one HighLevel note per contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoteRule {
    /// The merge tag of the BigMailer field.
    pub bigmailer: String,
    pub title: Option<String>,
    /// Line in the profile, from 1.
    pub line: usize,
}

impl NoteRule {
    /// By which it is remembered: the field. Another title keeps the note.
    pub fn key(&self) -> String {
        format!("note {}", self.bigmailer.trim().to_uppercase())
    }
}

/// A task that is made in HighLevel, once per contact.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TaskRule {
    pub on: Trigger,
    pub title: Template,
    pub body: Option<Template>,
    /// From the moment at which it is made.
    pub due: Duration,
    /// A HighLevel user id.
    pub assigned_to: Option<String>,
    pub enabled: bool,
    /// Line in the profile, from 1.
    pub line: usize,
}

impl TaskRule {
    /// By which it is remembered: what it waits for and its title. Another title makes another rule,
    /// which begins afresh.
    pub fn key(&self) -> String {
        format!("task {} {}", self.on, self.title)
    }

    /// The sources that its templates name.
    pub fn sources(&self) -> Vec<String> {
        let templates = self.body.iter().chain([&self.title]);
        templates.flat_map(Template::sources).collect()
    }
}

/// A transactional mail, sent at most once per contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SendRule {
    pub on: Trigger,
    /// Id of BigMailer's transactional campaign.
    pub campaign: String,
    pub enabled: bool,
    /// Line in the profile, from 1.
    pub line: usize,
}

impl SendRule {
    /// By which it is remembered: what it waits for and what it sends.
    pub fn key(&self) -> String {
        format!("send {} {}", self.on, self.campaign)
    }
}

/// A text with places for values of a contact: `Welcome {firstName}`. Braces that are meant as such
/// are doubled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A source, as field rules name them.
    Value(String),
}

impl Template {
    /// Reads a template; the error is a sentence.
    pub fn parse(text: &str) -> Result<Template, String> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, brace) = rest.split_at(at);
            plain.push_str(before);
            if let Some(after) = brace.strip_prefix("{{").or(brace.strip_prefix("}}")) {
                plain.push_str(&brace[..1]);
                rest = after;
                continue;
            }
            let inside = brace.strip_prefix('{').and_then(|it| it.split_once('}'));
            let Some((name, after)) = inside else {
                return Err(format!(
                    "`{text}` has a brace without its partner; write `{{{{` or `}}}}` for a brace"
                ));
            };
            let name = name.trim();
            check_place(name)?;
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(Part::Value(name.to_owned()));
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Template(parts))
    }

    /// Whether something is left of it where all values are missing.
    pub fn says_something(&self) -> bool {
        let visible = |part: &Part| matches!(part, Part::Text(text) if !text.trim().is_empty());
        self.0.iter().any(visible)
    }

    fn sources(&self) -> impl Iterator<Item = String> {
        self.0.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Value(source) => Some(source.clone()),
        })
    }

    /// The text for one contact; a value that is missing leaves no gap at the ends.
    pub fn render(&self, contact: &Contact) -> String {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Value(source) => {
                    let value = source_value(source, contact);
                    // Every value has a text form but a number that is none.
                    if let Ok(Some(crate::contact::FieldValue::Text(value))) =
                        transform::convert(FieldKind::Text, value)
                    {
                        text.push_str(&value);
                    }
                }
            }
        }
        text.trim().to_owned()
    }
}

/// As profiles write it.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(&text.replace('{', "{{").replace('}', "}}")),
            Part::Value(source) => write!(f, "{{{source}}}"),
        })
    }
}

fn check_place(name: &str) -> Result<(), String> {
    let custom = name.strip_prefix(CUSTOM).map(str::trim);
    if SOURCES.contains(&name) || custom.is_some_and(|key| !key.is_empty()) {
        return Ok(());
    }
    let near = suggestion(name, SOURCES);
    Err(format!(
        "`{{{name}}}` is no value of a HighLevel contact{near}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::{Consent, FieldValue};

    fn ada() -> Contact {
        Contact {
            id: "g-1".to_owned(),
            email: Some("ada@example.com".to_owned()),
            created: None,
            updated: None,
            consent: Consent::Allowed,
            values: [
                ("firstName".to_owned(), FieldValue::Text("Ada".to_owned())),
                ("custom.score".to_owned(), FieldValue::Integer(7)),
            ]
            .into(),
            groups: vec!["customer".to_owned()],
        }
    }

    #[test]
    fn templates_say_what_a_contact_holds() {
        let table = [
            ("Welcome {firstName}", "Welcome Ada"),
            ("{ firstName }: {custom.score} of 10", "Ada: 7 of 10"),
            ("Call {lastName}", "Call"),
            ("{email} {tags} {id}", "ada@example.com customer g-1"),
            ("{{firstName}} }}{{", "{firstName} }{"),
            ("", ""),
        ];
        for (text, expected) in table {
            let template = Template::parse(text).unwrap();
            assert_eq!(template.render(&ada()), expected, "{text}");
            let again = Template::parse(&template.to_string()).unwrap();
            assert_eq!(again, template);
        }
        for (text, complaint) in [
            (
                "{firstname}",
                "`{firstname}` is no value of a HighLevel contact",
            ),
            ("{custom.}", "is no value"),
            ("{firstName", "without its partner"),
            ("a } b", "without its partner"),
        ] {
            let told = Template::parse(text).unwrap_err();
            assert!(told.contains(complaint), "{told}");
        }
    }

    #[test]
    fn triggers_are_read_and_told_in_the_same_words() {
        for text in [
            "contact.new",
            "tag.added:vip",
            "opportunity.won",
            "unsubscribed",
        ] {
            assert_eq!(Trigger::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(
            Trigger::parse(" tag.added: VIP ").unwrap(),
            Trigger::TagAdded("vip".to_owned())
        );
        for (text, complaint) in [
            ("tag.added:", "needs a tag"),
            ("contact.mew", "contact.new"),
            ("opened", "`on` must be contact.new, tag.added:NAME"),
        ] {
            let told = Trigger::parse(text).unwrap_err();
            assert!(told.contains(complaint), "{told}");
        }
    }
}
