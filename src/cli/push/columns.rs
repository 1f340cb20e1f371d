//! What the columns of a file mean. Pure. Start reading at [`Meanings::of`].

use crate::api::bigmailer::catalogue::Field;
use crate::api::ghl::CustomField;
use crate::contact::Side;
use crate::mapping::nearest::suggestion;
use crate::mapping::{CUSTOM, FieldRule, SOURCES};

/// What one column means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    Email,
    /// The HighLevel contact's id.
    Id,
    /// A HighLevel property or custom field, spelt as profiles do.
    Source(String),
    /// A BigMailer field, by its merge tag.
    Field(String),
    Tags,
    Lists,
    /// Whether the person may be mailed; `true` in the cell means yes or no.
    Consent {
        true_allows: bool,
    },
    Op,
    /// Known, and not pushed; why.
    Ignored(&'static str),
}

/// What columns can mean where a file goes.
pub struct Meanings<'a> {
    pub to: Side,
    pub rules: &'a [FieldRule],
    /// Of the brand; empty unless the file goes there.
    pub fields: &'a [Field],
    /// Of the location; empty unless the file goes there.
    pub custom: &'a [CustomField],
}

/// Names of exports for what profiles call otherwise.
const ALIASES: [(&str, &str); 12] = [
    ("first_name", "firstName"),
    ("last_name", "lastName"),
    ("full_name", "name"),
    ("company", "companyName"),
    ("company_name", "companyName"),
    ("assigned_to", "assignedTo"),
    ("postal_code", "postalCode"),
    ("zip", "postalCode"),
    ("date_of_birth", "dateOfBirth"),
    ("birthday", "dateOfBirth"),
    ("date_added", "dateAdded"),
    ("date_updated", "dateUpdated"),
];

/// Properties that HighLevel lets nobody write (HighLevel docs, update contact).
const READ_ONLY: [&str; 5] = ["type", "dateAdded", "dateUpdated", "lastActivity", "dnd"];

/// Columns of our own exports and rejects that say nothing to be written.
const OURS: [&str; 9] = [
    "reject_reason",
    "row",
    "created",
    "soft_bounces",
    "hard_bounces",
    "complaints",
    "unsubscribed_from",
    "brand_id",
    "bigmailer_id",
];

impl Meanings<'_> {
    /// What a column means.
    ///
    /// # Errors
    /// A sentence for a name that means nothing, with the nearest one that does.
    pub fn of(&self, name: &str) -> Result<Meaning, String> {
        let plain = plain(name);
        match plain.as_str() {
            "email" | "e_mail" | "email_address" => return Ok(Meaning::Email),
            "id" | "contact_id" | "ghl_id" | "ghl_contact_id" => return Ok(Meaning::Id),
            "tags" => return Ok(Meaning::Tags),
            "lists" => return Ok(Meaning::Lists),
            "op" => return Ok(Meaning::Op),
            "email_allowed" => return Ok(Meaning::Consent { true_allows: true }),
            "dnd" | "unsubscribed" | "unsubscribe_all" | "opted_out" => {
                return Ok(Meaning::Consent { true_allows: false });
            }
            _ => {}
        }
        if let Some(meaning) = self.field(name) {
            return Ok(meaning);
        }
        if let Some(source) = self.source(name, &plain) {
            return Ok(self.of_source(source));
        }
        if OURS.contains(&plain.as_str()) {
            return Ok(Meaning::Ignored("it is nothing that can be written"));
        }
        let known = self.known();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        Err(format!(
            "there is no field `{name}`{}",
            suggestion(name, &known)
        ))
    }

    /// A BigMailer field: by merge tag, else by name. To HighLevel it goes as the profile maps it.
    fn field(&self, name: &str) -> Option<Meaning> {
        let same = |other: &str| other.trim().eq_ignore_ascii_case(name.trim());
        match self.to {
            Side::Bigmailer => {
                let by_tag = self.fields.iter().find(|f| same(&f.merge_tag_name));
                let found = by_tag.or_else(|| self.fields.iter().find(|f| same(&f.name)))?;
                (found.kind != "email").then(|| Meaning::Field(found.merge_tag_name.clone()))
            }
            Side::Ghl => {
                let rule = self.rules.iter().find(|rule| same(&rule.bigmailer))?;
                Some(self.of_source(rule.ghl.clone()))
            }
        }
    }

    fn source(&self, name: &str, plain: &str) -> Option<String> {
        let alias = ALIASES.iter().find(|(alias, _)| *alias == plain);
        if let Some((_, source)) = alias {
            return Some((*source).to_owned());
        }
        let property = SOURCES.iter().find(|s| s.eq_ignore_ascii_case(plain));
        if let Some(source) = property {
            return Some((*source).to_owned());
        }
        let custom = name.trim();
        let bare = custom.strip_prefix(CUSTOM).unwrap_or(custom);
        let same = |other: &str| other.trim().eq_ignore_ascii_case(bare);
        let field = self
            .custom
            .iter()
            .find(|f| f.key == bare || f.id == bare)
            .or_else(|| self.custom.iter().find(|f| same(&f.name)));
        if let Some(field) = field {
            return Some(format!("{CUSTOM}{}", field.key));
        }
        // Where HighLevel is not asked, a profile's word is taken for it.
        let rule = self.rules.iter().find(|rule| rule.ghl == custom);
        rule.map(|rule| rule.ghl.clone()).or_else(|| {
            let unasked = self.to == Side::Bigmailer && custom.starts_with(CUSTOM);
            unasked.then(|| custom.to_owned())
        })
    }

    fn of_source(&self, source: String) -> Meaning {
        match self.to {
            Side::Bigmailer if self.rules.iter().any(|rule| rule.ghl == source) => {
                Meaning::Source(source)
            }
            Side::Bigmailer => Meaning::Ignored("no rule of the profile maps it"),
            Side::Ghl if READ_ONLY.contains(&source.as_str()) => {
                Meaning::Ignored("HighLevel does not let it be written")
            }
            Side::Ghl => Meaning::Source(source),
        }
    }

    /// Every name that means something, for suggestions.
    fn known(&self) -> Vec<String> {
        let mut known: Vec<String> = ["email", "id", "tags", "lists", "op", "email_allowed"]
            .iter()
            .chain(ALIASES.iter().map(|(alias, _)| alias))
            .chain(SOURCES)
            .map(|name| (*name).to_owned())
            .collect();
        known.extend(self.fields.iter().map(|f| f.merge_tag_name.clone()));
        known.extend(self.custom.iter().map(|f| format!("{CUSTOM}{}", f.key)));
        known.extend(self.rules.iter().map(|rule| match self.to {
            Side::Bigmailer => rule.ghl.clone(),
            Side::Ghl => rule.bigmailer.clone(),
        }));
        known
    }
}

/// `First Name` and `first-name` are `first_name`.
fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '-'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::FieldKind;

    fn rules() -> Vec<FieldRule> {
        vec![
            FieldRule::new("firstName", "FIRST_NAME", FieldKind::Text),
            FieldRule::new("custom.lead_score", "LEAD_SCORE", FieldKind::Integer),
        ]
    }

    fn fields() -> Vec<Field> {
        let field = |tag: &str, name: &str, kind: &str| Field {
            id: "f".to_owned(),
            merge_tag_name: tag.to_owned(),
            name: name.to_owned(),
            kind: kind.to_owned(),
        };
        vec![
            field("EMAIL", "Email", "email"),
            field("FIRST_NAME", "Given name", "text"),
            field("RENEWAL", "Renewal day", "date"),
        ]
    }

    fn custom() -> Vec<CustomField> {
        vec![CustomField {
            id: "c1".to_owned(),
            name: "Lead Score".to_owned(),
            key: "lead_score".to_owned(),
            data_type: "NUMERICAL".to_owned(),
        }]
    }

    #[test]
    fn names_are_understood_as_people_and_exports_write_them() {
        let (rules, fields, custom) = (rules(), fields(), custom());
        let source = |name: &str| Meaning::Source(name.to_owned());
        let field = |name: &str| Meaning::Field(name.to_owned());
        let unmapped = Meaning::Ignored("no rule of the profile maps it");
        let table = [
            ("email", Meaning::Email, Meaning::Email),
            ("E-Mail", Meaning::Email, Meaning::Email),
            ("contact_id", Meaning::Id, Meaning::Id),
            ("First Name", source("firstName"), source("firstName")),
            ("firstName", source("firstName"), source("firstName")),
            ("FIRST_NAME", field("FIRST_NAME"), source("firstName")),
            (
                "custom.lead_score",
                source("custom.lead_score"),
                source("custom.lead_score"),
            ),
            (
                "LEAD_SCORE",
                source("custom.lead_score"),
                source("custom.lead_score"),
            ),
            ("city", unmapped.clone(), source("city")),
            ("custom.else", unmapped, Meaning::Ignored("-")),
            ("Renewal Day", field("RENEWAL"), Meaning::Ignored("-")),
            (
                "Lead score",
                Meaning::Ignored("-"),
                source("custom.lead_score"),
            ),
            (
                "date_added",
                Meaning::Ignored("no rule of the profile maps it"),
                Meaning::Ignored("HighLevel does not let it be written"),
            ),
            (
                "email_allowed",
                Meaning::Consent { true_allows: true },
                Meaning::Consent { true_allows: true },
            ),
        ];
        for (name, there, here) in table {
            let to_bigmailer = Meanings {
                to: Side::Bigmailer,
                rules: &rules,
                fields: &fields,
                custom: &[],
            };
            let to_ghl = Meanings {
                to: Side::Ghl,
                rules: &rules,
                fields: &[],
                custom: &custom,
            };
            for (meanings, expected) in [(to_bigmailer, there), (to_ghl, here)] {
                let found = meanings.of(name);
                match expected {
                    Meaning::Ignored("-") => assert!(found.is_err(), "{name} {found:?}"),
                    Meaning::Source(s)
                        if name == "LEAD_SCORE" && meanings.to == Side::Bigmailer =>
                    {
                        // Not among the brand's fields, and no property: the profile's tag is no
                        // source.
                        assert!(found.is_err(), "{s}");
                    }
                    expected => assert_eq!(found, Ok(expected), "{name}"),
                }
            }
        }
    }

    #[test]
    fn a_slip_gets_the_nearest_name() {
        let (rules, fields) = (rules(), fields());
        let meanings = Meanings {
            to: Side::Bigmailer,
            rules: &rules,
            fields: &fields,
            custom: &[],
        };
        let said = meanings.of("frist_name").unwrap_err();
        assert!(said.contains("first_name"), "{said}");
    }
}
