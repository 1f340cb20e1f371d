//! `when` of a list rule: a table of tests that must all hold, nested by `all` and `any`.
//!
//! Start reading at [`Reader::condition`]; the grammar for people is in docs/mapping.md.

use toml_edit::{Item, Value};

use super::{Reader, Section, check_source, kind_of};
use crate::mapping::derived::Derived;
use crate::mapping::nearest::suggestion;
use crate::mapping::{Condition, tag_key};

const KEYS: &[&str] = &[
    "tag",
    "type",
    "source",
    "field",
    "equals",
    "exists",
    "opportunity",
    "pipeline",
    "all",
    "any",
];

/// HighLevel's words for the status of an opportunity, and one for all of them.
const STATUSES: &[&str] = &["open", "won", "lost", "abandoned", ANY];
const ANY: &str = "any";

/// Conditions in conditions; more than anybody means, and far from what a stack bears.
const DEEPEST: usize = 16;

impl Reader<'_> {
    /// The condition of a list rule; `None` when something about it is wrong, which is reported.
    pub(super) fn condition(&mut self, item: &Item, at: usize) -> Option<Condition> {
        let Some(table) = item.as_table_like() else {
            self.wrong_kind("when", item, at, "a table, such as { tag = \"vip\" }");
            return None;
        };
        let section = Section {
            name: "`when`",
            table,
            at,
        };
        self.tests(section, DEEPEST)
    }

    fn tests(&mut self, section: Section, depth: usize) -> Option<Condition> {
        let before = self.problems.len();
        self.known_keys(section, KEYS);
        let mut tests = Vec::new();
        if let Some((tag, _)) = self.word(section, "tag") {
            tests.push(Condition::Tag(tag_key(&tag)));
        }
        if let Some((word, _)) = self.word(section, "type") {
            tests.push(Condition::Type(word));
        }
        if let Some((word, _)) = self.word(section, "source") {
            tests.push(Condition::Source(word));
        }
        tests.extend(self.field_test(section));
        tests.extend(self.opportunity_test(section));
        for (key, join) in [
            ("all", Condition::All as fn(Vec<Condition>) -> Condition),
            ("any", Condition::Any),
        ] {
            if let Some(parts) = self.parts(section, key, depth) {
                tests.push(join(parts));
            }
        }
        if self.problems.len() > before {
            return None;
        }
        match tests.len() {
            0 => {
                self.report(
                    section.at,
                    "`when` says nothing: it needs a test, such as `tag`",
                );
                None
            }
            1 => tests.pop(),
            _ => Some(Condition::All(tests)),
        }
    }

    /// A text that is not blank.
    fn word(&mut self, section: Section, key: &str) -> Option<(String, usize)> {
        let (word, at) = self.text(section, key)?;
        if word.trim().is_empty() {
            self.report(at, format!("`{key}` is empty"));
            return None;
        }
        Some((word, at))
    }

    fn field_test(&mut self, section: Section) -> Option<Condition> {
        let field = self.word(section, "field");
        let Some((source, at)) = field else {
            for key in ["equals", "exists"] {
                if let Some((_, at)) = section.get(key)
                    && !section.is_set("field")
                {
                    let message =
                        format!("`{key}` needs a `field` beside it, such as `custom.plan`");
                    self.report(at, message);
                }
            }
            return None;
        };
        if Derived::by_word(&source).is_some() {
            let message = format!("`{source}` cannot be tested here; `opportunity` tests deals");
            self.report(at, message);
        } else if let Err(message) = check_source(&source) {
            self.report(at, message);
        }
        let equals = section.get("equals");
        let exists = self.flag(section, "exists");
        match (equals, exists) {
            (Some((item, at)), None) => {
                let value = match item {
                    Item::Value(Value::String(text)) => Some(text.value().clone()),
                    Item::Value(Value::Integer(number)) => Some(number.value().to_string()),
                    Item::Value(Value::Float(number)) => Some(number.value().to_string()),
                    Item::Value(Value::Boolean(flag)) => Some(flag.value().to_string()),
                    _ => None,
                };
                match value {
                    Some(value) if value.trim().is_empty() => {
                        let message = "`equals` is empty; `exists = false` finds empty fields";
                        self.report(at, message);
                        None
                    }
                    Some(value) => Some(Condition::Equals(source, value)),
                    None => {
                        let wanted = "text in quotes, a number, true or false";
                        self.wrong_kind("equals", item, at, wanted);
                        None
                    }
                }
            }
            (None, Some((there, _))) => Some(Condition::Exists(source, there)),
            (Some((_, at)), Some(_)) => {
                self.report(at, "`equals` and `exists` exclude each other");
                None
            }
            (None, None) => {
                if !section.is_set("exists") {
                    self.report(
                        at,
                        "`field` needs `equals = …` or `exists = true` beside it",
                    );
                }
                None
            }
        }
    }

    fn opportunity_test(&mut self, section: Section) -> Option<Condition> {
        let status = self.word(section, "opportunity");
        let pipeline = self.word(section, "pipeline").map(|(name, _)| name);
        if let Some((word, at)) = &status
            && !STATUSES.contains(&word.as_str())
        {
            let near = suggestion(word, STATUSES);
            let known = STATUSES.join(", ");
            self.report(
                *at,
                format!("`opportunity` must be {known}, not `{word}`{near}"),
            );
        }
        if !section.is_set("opportunity") && !section.is_set("pipeline") {
            return None;
        }
        Some(Condition::Opportunity {
            status: status.map(|(word, _)| word).filter(|word| word != ANY),
            pipeline: pipeline.map(|name| name.trim().to_owned()),
        })
    }

    fn parts(&mut self, section: Section, key: &str, depth: usize) -> Option<Vec<Condition>> {
        let (item, at) = section.get(key)?;
        let Some(array) = item.as_array() else {
            let wanted = "a list of tables, such as [{ tag = \"a\" }, { tag = \"b\" }]";
            self.wrong_kind(key, item, at, wanted);
            return None;
        };
        if array.is_empty() {
            self.report(at, format!("`{key}` has nothing in it"));
        }
        if depth == 0 {
            self.report(at, format!("`when` is nested more than {DEEPEST} deep"));
            return None;
        }
        let mut parts = Vec::new();
        for value in array {
            let at = value.span().map_or(at, |span| span.start);
            match value.as_inline_table() {
                Some(table) => {
                    let section = Section {
                        name: "`when`",
                        table,
                        at,
                    };
                    parts.extend(self.tests(section, depth - 1));
                }
                None => {
                    let got = kind_of(&Item::Value(value.clone()));
                    self.report(at, format!("`{key}` must hold tables only, not {got}"));
                }
            }
        }
        Some(parts)
    }
}
