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
    /// The BigMailer field that carries the HighLevel id.
    pub id_field: Option<&'a str>,
    /// Of the brand; empty unless the file goes there.
    pub fields: &'a [Field],
    /// Of the location; empty unless the file goes there.
    pub custom: &'a [CustomField],
    /// The file is an export of BigMailer, with all fields of the brand.
    pub from_bigmailer: bool,
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

/// What `pull contacts --include` adds: things of their own, which have pushes of their own.
const HANGING: [&str; 4] = ["tasks", "notes", "appointments", "opportunities"];

/// Columns that only an export of BigMailer's contacts has, and always has.
const OF_BIGMAILER: [&str; 3] = ["unsubscribed_from", "soft_bounces", "hard_bounces"];

/// What exports put before a merge tag that is spelt like one of their own columns.
const TAG: &str = "field.";

const UNMAPPED: &str = "no rule of the profile maps it";

impl Meanings<'_> {
    /// What a column means.
    ///
    /// # Errors
    /// A sentence for a name that means nothing, with the nearest one that does, or for one that
    /// means two things.
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
        let name = name.trim();
        if self
            .id_field
            .is_some_and(|tag| tag.eq_ignore_ascii_case(name))
        {
            return Ok(Meaning::Id);
        }
        let bare = name.strip_prefix(TAG).unwrap_or(name);
        if let Some(meaning) = self.field(|tag| tag == bare) {
            return Ok(meaning);
        }
        let source = self.source(name, &plain)?;
        if HANGING.contains(&name) {
            return match source {
                None => Ok(Meaning::Ignored(
                    "`ghl-bm push` has a command of its own for it",
                )),
                Some(source) => Err(format!(
                    "the column `{name}` may be what an export includes, or the field `{source}`: \
                     name it `{source}`, or take it out of the file"
                )),
            };
        }
        // The profile's rule says how a property travels, and goes before a tag in other letters.
        if let Some(source) = &source
            && self.is_mapped(source)
        {
            return Ok(self.of_source(source.clone()));
        }
        let same = |other: &str| other.trim().eq_ignore_ascii_case(bare);
        if let Some(meaning) = self.field(same) {
            return Ok(meaning);
        }
        if let Some(tag) = self.field_named(bare)? {
            return Ok(Meaning::Field(tag));
        }
        if let Some(source) = source {
            return Ok(self.of_source(source));
        }
        if OURS.contains(&plain.as_str()) {
            return Ok(Meaning::Ignored("it is nothing that can be written"));
        }
        if self.from_bigmailer && self.to == Side::Ghl && is_merge_tag(bare) {
            return Ok(Meaning::Ignored(UNMAPPED));
        }
        let known = self.known();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        Err(format!(
            "there is no field `{name}`{}",
            suggestion(name, &known)
        ))
    }

    /// The BigMailer fields that a column fills; two columns must not fill one.
    pub fn targets(&self, meaning: &Meaning) -> Vec<&str> {
        match meaning {
            Meaning::Field(tag) => self
                .fields
                .iter()
                .filter(|f| f.merge_tag_name == *tag)
                .map(|f| f.merge_tag_name.as_str())
                .collect(),
            Meaning::Source(source) if self.to == Side::Bigmailer => {
                let rules = self.rules.iter().filter(|rule| rule.ghl == *source);
                rules.map(|rule| rule.bigmailer.as_str()).collect()
            }
            _ => Vec::new(),
        }
    }

    fn is_mapped(&self, source: &str) -> bool {
        self.to == Side::Ghl || self.rules.iter().any(|rule| rule.ghl == source)
    }

    /// A BigMailer field by its merge tag. To HighLevel it goes as the profile maps it.
    fn field(&self, same: impl Fn(&str) -> bool) -> Option<Meaning> {
        match self.to {
            Side::Bigmailer => {
                let found = self.fields.iter().find(|f| same(&f.merge_tag_name))?;
                (found.kind != "email").then(|| Meaning::Field(found.merge_tag_name.clone()))
            }
            Side::Ghl => {
                let rule = self.rules.iter().find(|rule| same(&rule.bigmailer))?;
                Some(self.of_source(rule.ghl.clone()))
            }
        }
    }

    /// The merge tag of the BigMailer field with this name.
    fn field_named(&self, name: &str) -> Result<Option<String>, String> {
        let same = |f: &&Field| f.kind != "email" && f.name.trim().eq_ignore_ascii_case(name);
        let found: Vec<&Field> = self.fields.iter().filter(same).collect();
        match found[..] {
            [] => Ok(None),
            [one] => Ok(Some(one.merge_tag_name.clone())),
            _ => {
                let tags: Vec<&str> = found.iter().map(|f| f.merge_tag_name.as_str()).collect();
                let tags = tags.join(", ");
                Err(format!(
                    "several BigMailer fields are named `{name}`; use a merge tag: {tags}"
                ))
            }
        }
    }

    /// A HighLevel property or custom field, spelt as profiles do.
    fn source(&self, name: &str, plain: &str) -> Result<Option<String>, String> {
        let alias = ALIASES.iter().find(|(alias, _)| *alias == plain);
        if let Some((_, source)) = alias {
            return Ok(Some((*source).to_owned()));
        }
        let property = SOURCES.iter().find(|s| s.eq_ignore_ascii_case(plain));
        if let Some(source) = property {
            return Ok(Some((*source).to_owned()));
        }
        let bare = name.strip_prefix(CUSTOM).unwrap_or(name);
        let by_key = self.custom.iter().find(|f| f.key == bare || f.id == bare);
        let same = |f: &&CustomField| f.name.trim().eq_ignore_ascii_case(bare);
        let named: Vec<&CustomField> = self.custom.iter().filter(same).collect();
        match (by_key, &named[..]) {
            (Some(field), _) | (None, &[field]) => {
                return Ok(Some(format!("{CUSTOM}{}", field.key)));
            }
            (None, []) => {}
            (None, several) => {
                let keys: Vec<String> = several
                    .iter()
                    .map(|f| format!("{CUSTOM}{} ({})", f.key, f.id))
                    .collect();
                let keys = keys.join(", ");
                return Err(format!(
                    "several custom fields are named `{bare}`; use a key: {keys}"
                ));
            }
        }
        // Where HighLevel is not asked, a profile's word is taken for it.
        let rule = self.rules.iter().find(|rule| rule.ghl == name);
        Ok(rule.map(|rule| rule.ghl.clone()).or_else(|| {
            let unasked = self.to == Side::Bigmailer && name.starts_with(CUSTOM);
            unasked.then(|| name.to_owned())
        }))
    }

    fn of_source(&self, source: String) -> Meaning {
        match self.to {
            Side::Bigmailer if self.rules.iter().any(|rule| rule.ghl == source) => {
                Meaning::Source(source)
            }
            Side::Bigmailer => Meaning::Ignored(UNMAPPED),
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

/// Whether the columns are those of an export of BigMailer's contacts.
pub fn is_from_bigmailer(columns: &[String]) -> bool {
    let has = |name: &&str| columns.iter().any(|column| column == name);
    OF_BIGMAILER.iter().all(has)
}

/// As merge tags are commonly written. BigMailer allows others, but those may be slips.
fn is_merge_tag(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    !name.is_empty() && name.bytes().all(fits)
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
            ("first_name", source("firstName"), source("firstName")),
            ("first-name", source("firstName"), source("firstName")),
            ("HL_ID", Meaning::Id, Meaning::Id),
            ("renewal", field("RENEWAL"), Meaning::Ignored("-")),
            ("field.RENEWAL", field("RENEWAL"), Meaning::Ignored("-")),
            (
                "tasks",
                Meaning::Ignored("`ghl-bm push` has a command of its own for it"),
                Meaning::Ignored("`ghl-bm push` has a command of its own for it"),
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
                id_field: Some("HL_ID"),
                fields: &fields,
                custom: &[],
                from_bigmailer: false,
            };
            let to_ghl = Meanings {
                to: Side::Ghl,
                rules: &rules,
                id_field: Some("HL_ID"),
                fields: &[],
                custom: &custom,
                from_bigmailer: false,
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
            id_field: None,
            fields: &fields,
            custom: &[],
            from_bigmailer: false,
        };
        let said = meanings.of("frist_name").unwrap_err();
        assert!(said.contains("first_name"), "{said}");
    }

    #[test]
    fn what_an_export_of_bigmailer_holds_beyond_the_profile_is_left_out() {
        let rules = rules();
        let columns = ["email", "unsubscribed_from", "soft_bounces", "hard_bounces"];
        let columns = columns.map(str::to_owned);
        assert!(is_from_bigmailer(&columns));
        assert!(!is_from_bigmailer(&columns[..3]));
        let of = |from_bigmailer: bool, name: &str| {
            let meanings = Meanings {
                to: Side::Ghl,
                rules: &rules,
                id_field: None,
                fields: &[],
                custom: &[],
                from_bigmailer,
            };
            meanings.of(name).ok()
        };
        for name in ["COLOUR_2", "field.ID"] {
            assert_eq!(of(true, name), Some(Meaning::Ignored(UNMAPPED)), "{name}");
            assert_eq!(of(false, name), None, "{name}");
        }
        let first_name = Meaning::Source("firstName".to_owned());
        assert_eq!(of(true, "FIRST_NAME"), Some(first_name));
        assert_eq!(of(true, "frist_name"), None);
    }

    #[test]
    fn a_name_that_means_two_things_is_refused() {
        let twice = |field: &Field, tag: &str| Field {
            merge_tag_name: tag.to_owned(),
            ..field.clone()
        };
        let mut fields = fields();
        fields.push(twice(&fields[2], "RENEWAL_2"));
        let mut custom = custom();
        custom.push(CustomField {
            id: "c2".to_owned(),
            key: "lead_score_2".to_owned(),
            ..custom[0].clone()
        });
        custom.push(CustomField {
            id: "c3".to_owned(),
            key: "notes".to_owned(),
            name: "Remarks".to_owned(),
            data_type: "LARGE_TEXT".to_owned(),
        });
        let rules = rules();
        let of = |to: Side, name: &str| {
            let meanings = Meanings {
                to,
                rules: &rules,
                id_field: None,
                fields: if to == Side::Bigmailer { &fields } else { &[] },
                custom: if to == Side::Ghl { &custom } else { &[] },
                from_bigmailer: false,
            };
            meanings.of(name)
        };
        let said = of(Side::Bigmailer, "Renewal day").unwrap_err();
        assert!(said.contains("RENEWAL, RENEWAL_2"), "{said}");
        let said = of(Side::Ghl, "Lead Score").unwrap_err();
        assert!(said.contains("custom.lead_score_2 (c2)"), "{said}");
        // What an export includes under this name is not put into the field.
        let said = of(Side::Ghl, "notes").unwrap_err();
        assert!(said.contains("custom.notes"), "{said}");
        for name in ["custom.notes", "Remarks", "Notes"] {
            let found = of(Side::Ghl, name);
            let expected = match name {
                "Notes" => None,
                _ => Some(Meaning::Source("custom.notes".to_owned())),
            };
            assert_eq!(found.ok(), expected, "{name}");
        }
    }
}
