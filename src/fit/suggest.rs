//! Which field probably goes with which, and which list with which tag.
//!
//! By names, types and known synonyms only, so that the same services always give the same answer.
//! Suggests; decides nothing. Start reading at [`pairs`].

use std::collections::HashSet;

use super::{Services, SourceField, TargetField};
use crate::mapping::FieldKind;

/// A HighLevel source and the BigMailer field that it could fill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub ghl: String,
    /// Merge tag.
    pub bigmailer: String,
    pub kind: FieldKind,
    /// What the values need on the way.
    pub transform: Option<&'static str>,
    /// BigMailer has the field already.
    pub exists: bool,
    /// Most people want it in their mails.
    pub usual: bool,
}

/// A property, the merge tag it gets where BigMailer has none, whether it is one of the usual ones,
/// and what else people call it (in [`plain`] form).
struct Known {
    source: &'static str,
    tag: &'static str,
    kind: FieldKind,
    usual: bool,
    called: &'static [&'static str],
}

const fn text(
    source: &'static str,
    tag: &'static str,
    usual: bool,
    called: &'static [&'static str],
) -> Known {
    Known {
        source,
        tag,
        kind: FieldKind::Text,
        usual,
        called,
    }
}

const PROPERTIES: &[Known] = &[
    text(
        "firstName",
        "FIRST_NAME",
        true,
        &[
            "firstname",
            "fname",
            "givenname",
            "forename",
            "vorname",
            "prenom",
            "nombre",
        ],
    ),
    text(
        "lastName",
        "LAST_NAME",
        true,
        &[
            "lastname",
            "lname",
            "surname",
            "familyname",
            "nachname",
            "nom",
            "apellido",
        ],
    ),
    text(
        "name",
        "NAME",
        false,
        &["name", "fullname", "contactname", "displayname"],
    ),
    text(
        "phone",
        "PHONE",
        true,
        &[
            "phone",
            "phonenumber",
            "tel",
            "telephone",
            "mobile",
            "mobilephone",
            "cell",
            "cellphone",
            "telefon",
        ],
    ),
    text(
        "companyName",
        "COMPANY",
        true,
        &[
            "company",
            "companyname",
            "organization",
            "organisation",
            "business",
            "businessname",
            "firm",
            "firma",
            "employer",
        ],
    ),
    text(
        "address1",
        "ADDRESS",
        false,
        &[
            "address",
            "address1",
            "addressline1",
            "street",
            "streetaddress",
            "strasse",
        ],
    ),
    text(
        "city",
        "CITY",
        true,
        &["city", "town", "locality", "ort", "stadt"],
    ),
    text(
        "state",
        "STATE",
        true,
        &["state", "province", "region", "county", "bundesland"],
    ),
    text(
        "postalCode",
        "POSTAL_CODE",
        true,
        &["postalcode", "postcode", "zip", "zipcode", "plz"],
    ),
    text(
        "country",
        "COUNTRY",
        true,
        &["country", "countrycode", "land", "nation"],
    ),
    text(
        "website",
        "WEBSITE",
        false,
        &["website", "url", "web", "homepage", "site"],
    ),
    text("timezone", "TIMEZONE", false, &["timezone", "tz"]),
    text(
        "source",
        "SOURCE",
        false,
        &["source", "leadsource", "origin"],
    ),
    text("type", "CONTACT_TYPE", false, &["type", "contacttype"]),
    text(
        "assignedTo",
        "ASSIGNED_TO",
        false,
        &["assignedto", "owner", "contactowner", "salesrep"],
    ),
    Known {
        kind: FieldKind::Date,
        ..text(
            "dateOfBirth",
            "BIRTHDAY",
            false,
            &[
                "dateofbirth",
                "birthday",
                "birthdate",
                "dob",
                "born",
                "geburtstag",
            ],
        )
    },
    Known {
        kind: FieldKind::Date,
        ..text(
            "dateAdded",
            "DATE_ADDED",
            false,
            &[
                "dateadded",
                "created",
                "createdat",
                "datecreated",
                "since",
                "signupdate",
            ],
        )
    },
];

/// Fields of BigMailer that no rule fills.
const NOT_FOR_RULES: [&str; 2] = ["EMAIL", "GHL_CONTACT_ID"];

/// A name without what people write differently: case, blanks, dashes, underscores.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Every pair worth a question: properties in a fixed order, then custom fields in HighLevel's.
/// Each source and each BigMailer field comes once; types always fit.
pub fn pairs(services: &Services) -> Vec<Pair> {
    let open: Vec<&TargetField> = services
        .fields
        .iter()
        .filter(|field| {
            let is = |tag: &&str| field.merge_tag.eq_ignore_ascii_case(tag);
            !NOT_FOR_RULES.iter().any(is)
        })
        .collect();
    let mut taken: HashSet<String> = HashSet::new();
    let mut found: Vec<(Source, Option<Pair>)> = Vec::new();

    // Who has a field of its own goes first, so that nobody else is given it.
    for known in PROPERTIES {
        let called =
            |field: &&&TargetField| known.called.contains(&plain(&field.merge_tag).as_str());
        let fits =
            |field: &&&TargetField| field.kind == known.kind.as_str() || field.kind == "text";
        let field = open
            .iter()
            .filter(called)
            .filter(fits)
            .find(|field| !taken.contains(&field.merge_tag.to_uppercase()));
        let pair = field.map(|field| {
            taken.insert(field.merge_tag.to_uppercase());
            Pair {
                ghl: known.source.to_owned(),
                bigmailer: field.merge_tag.clone(),
                kind: FieldKind::from_word(&field.kind).unwrap_or(FieldKind::Text),
                transform: None,
                exists: true,
                usual: known.usual,
            }
        });
        found.push((Source::Property(known), pair));
    }
    for custom in &services.custom_fields {
        if usual_kind(custom).is_none() {
            continue;
        }
        let names = [plain(&custom.key), plain(&custom.name)];
        let field = open
            .iter()
            .filter(|field| names.contains(&plain(&field.merge_tag)))
            .find(|field| !taken.contains(&field.merge_tag.to_uppercase()));
        let pair = field.and_then(|field| {
            let kind = FieldKind::from_word(&field.kind)?;
            let transform = fit_for(custom, kind)?;
            taken.insert(field.merge_tag.to_uppercase());
            Some(Pair {
                ghl: format!("custom.{}", custom.key),
                bigmailer: field.merge_tag.clone(),
                kind,
                transform,
                exists: true,
                usual: false,
            })
        });
        found.push((Source::Custom(custom), pair));
    }

    for field in &services.fields {
        taken.insert(field.merge_tag.to_uppercase());
    }
    found
        .into_iter()
        .filter_map(|(source, pair)| pair.or_else(|| source.with_a_new_field(&mut taken)))
        .collect()
}

/// Either sort of source.
enum Source<'a> {
    Property(&'a Known),
    Custom(&'a SourceField),
}

impl Source<'_> {
    /// The pair with a field that BigMailer does not have yet.
    fn with_a_new_field(&self, taken: &mut HashSet<String>) -> Option<Pair> {
        let (ghl, wanted, kind, transform, usual) = match self {
            Source::Property(known) => (
                known.source.to_owned(),
                known.tag.to_owned(),
                known.kind,
                None,
                known.usual,
            ),
            Source::Custom(custom) => {
                let kind = usual_kind(custom)?;
                (
                    format!("custom.{}", custom.key),
                    merge_tag(&custom.key),
                    kind,
                    fit_for(custom, kind)?,
                    false,
                )
            }
        };
        let other = merge_tag(&format!("GHL_{wanted}"));
        let bigmailer = [wanted, other]
            .into_iter()
            .find(|tag| !tag.is_empty() && taken.insert(tag.clone()))?;
        Some(Pair {
            ghl,
            bigmailer,
            kind,
            transform,
            exists: false,
            usual,
        })
    }
}

/// A merge tag that BigMailer surely takes: `A-Z`, `0-9` and `_`, at most 50.
fn merge_tag(name: &str) -> String {
    let mut tag = String::new();
    for letter in name.chars() {
        match letter.to_ascii_uppercase() {
            letter if letter.is_ascii_alphanumeric() => tag.push(letter),
            _ if tag.is_empty() || tag.ends_with('_') => {}
            _ => tag.push('_'),
        }
    }
    tag.truncate(50);
    tag.trim_end_matches('_').to_owned()
}

/// The type in which a custom field arrives best; `None` for what is better not mapped unasked.
fn usual_kind(custom: &SourceField) -> Option<FieldKind> {
    match custom.data_type.to_uppercase().as_str() {
        "FILE_UPLOAD" | "SIGNATURE" => None,
        "NUMERICAL" => Some(FieldKind::Integer),
        "DATE" => Some(FieldKind::Date),
        _ => Some(FieldKind::Text),
    }
}

/// What the values of a custom field need to arrive as `kind`; `None` when they do not fit it.
fn fit_for(custom: &SourceField, kind: FieldKind) -> Option<Option<&'static str>> {
    let data_type = custom.data_type.to_uppercase();
    let several = ["CHECKBOX", "MULTIPLE_OPTIONS", "TEXTBOX_LIST"].contains(&data_type.as_str());
    match kind {
        FieldKind::Text if several => Some(Some("join:, ")),
        FieldKind::Text => Some(None),
        FieldKind::Integer if ["NUMERICAL", "MONETORY"].contains(&data_type.as_str()) => {
            Some(Some("round"))
        }
        FieldKind::Date if data_type == "DATE" => Some(None),
        _ => None,
    }
}

/// The list that a tag probably means, and whether BigMailer has it; else a name for a new one.
pub fn list_of(tag: &str, services: &Services) -> (String, bool) {
    let wanted = plain(tag);
    let single = |name: &str| name.strip_suffix('s').unwrap_or(name).to_owned();
    let found = services
        .lists
        .iter()
        .filter(|list| !list.all)
        .find(|list| single(&plain(&list.name)) == single(&wanted));
    match found {
        Some(list) => (list.name.clone(), true),
        None => {
            let mut letters = tag.trim().chars();
            let first: String = letters
                .next()
                .into_iter()
                .flat_map(char::to_uppercase)
                .collect();
            let name: String = first.chars().chain(letters).take(50).collect();
            (name.trim().to_owned(), false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::TargetList;
    use super::*;

    fn target(merge_tag: &str, kind: &str) -> TargetField {
        TargetField {
            id: format!("id of {merge_tag}"),
            merge_tag: merge_tag.to_owned(),
            kind: kind.to_owned(),
        }
    }

    fn custom(key: &str, name: &str, data_type: &str) -> SourceField {
        SourceField {
            id: format!("id of {key}"),
            name: name.to_owned(),
            key: key.to_owned(),
            data_type: data_type.to_owned(),
        }
    }

    fn found(fields: &[(&str, &str)], customs: &[(&str, &str, &str)]) -> Vec<Pair> {
        pairs(&Services {
            fields: fields.iter().map(|(tag, kind)| target(tag, kind)).collect(),
            custom_fields: customs
                .iter()
                .map(|(key, name, kind)| custom(key, name, kind))
                .collect(),
            ..Services::default()
        })
    }

    #[test]
    fn properties_find_their_fields_by_what_people_call_them() {
        for (tag, source) in [
            ("FIRST_NAME", "firstName"),
            ("FNAME", "firstName"),
            ("first name", "firstName"),
            ("FirstName", "firstName"),
            ("GIVEN-NAME", "firstName"),
            ("SURNAME", "lastName"),
            ("FULL_NAME", "name"),
            ("MOBILE", "phone"),
            ("ORGANISATION", "companyName"),
            ("ZIP", "postalCode"),
            ("PROVINCE", "state"),
            ("STREET", "address1"),
            ("HOMEPAGE", "website"),
            ("LEAD_SOURCE", "source"),
        ] {
            let pairs = found(&[(tag, "text")], &[]);
            let existing: Vec<_> = pairs.iter().filter(|pair| pair.exists).collect();
            assert_eq!(existing.len(), 1, "{tag}");
            assert_eq!(
                (existing[0].ghl.as_str(), existing[0].bigmailer.as_str()),
                (source, tag)
            );
        }
    }

    #[test]
    fn types_have_to_fit() {
        let of = |tag: &str, kind: &str, data_type: &str| {
            let pairs = found(&[(tag, kind)], &[("thing", "My thing", data_type)]);
            let pair = pairs.into_iter().find(|pair| pair.ghl == "custom.thing")?;
            Some((
                pair.bigmailer,
                pair.kind.as_str(),
                pair.transform,
                pair.exists,
            ))
        };
        let there = |kind, transform| Some(("THING".to_owned(), kind, transform, true));
        let new = |kind, transform| Some(("GHL_THING".to_owned(), kind, transform, false));
        for (kind, data_type, expected) in [
            ("text", "TEXT", there("text", None)),
            ("text", "NUMERICAL", there("text", None)),
            ("text", "MULTIPLE_OPTIONS", there("text", Some("join:, "))),
            ("integer", "NUMERICAL", there("integer", Some("round"))),
            ("integer", "MONETORY", there("integer", Some("round"))),
            ("date", "DATE", there("date", None)),
            ("integer", "TEXT", new("text", None)),
            ("integer", "DATE", new("date", None)),
            ("date", "NUMERICAL", new("integer", Some("round"))),
            ("text", "FILE_UPLOAD", None),
        ] {
            assert_eq!(of("THING", kind, data_type), expected, "{kind} {data_type}");
        }
        // By its name as well as by its key.
        assert_eq!(of("MY_THING", "text", "TEXT").unwrap().0, "MY_THING");
        let born = found(&[("DOB", "integer"), ("BIRTHDAY", "date")], &[]);
        let born = born.iter().find(|pair| pair.ghl == "dateOfBirth").unwrap();
        assert_eq!(
            (born.bigmailer.as_str(), born.kind),
            ("BIRTHDAY", FieldKind::Date)
        );
    }

    #[test]
    fn every_source_and_every_field_comes_once_and_the_usual_ones_are_told() {
        let pairs = found(
            &[
                ("EMAIL", "email"),
                ("PHONE", "text"),
                ("MOBILE", "text"),
                ("GHL_CONTACT_ID", "text"),
            ],
            &[
                ("phone", "Phone", "PHONE"),
                ("city", "City", "TEXT"),
                ("email", "E", "TEXT"),
                ("ghl_city", "x", "TEXT"),
            ],
        );
        let mut targets: Vec<&str> = pairs.iter().map(|pair| pair.bigmailer.as_str()).collect();
        let mut sources: Vec<&str> = pairs.iter().map(|pair| pair.ghl.as_str()).collect();
        let usual: Vec<&str> = pairs
            .iter()
            .filter(|p| p.usual)
            .map(|p| p.ghl.as_str())
            .collect();
        assert_eq!(
            usual,
            [
                "firstName",
                "lastName",
                "phone",
                "companyName",
                "city",
                "state",
                "postalCode",
                "country"
            ]
        );
        let of = |ghl: &str| {
            pairs
                .iter()
                .find(|pair| pair.ghl == ghl)
                .map(|pair| pair.bigmailer.as_str())
        };
        assert_eq!(of("phone"), Some("PHONE"));
        assert_eq!(of("custom.phone"), Some("GHL_PHONE"));
        assert_eq!(of("custom.city"), Some("GHL_CITY"));
        assert_eq!(of("custom.email"), Some("GHL_EMAIL"));
        assert!(!targets.contains(&"EMAIL") && !targets.contains(&"GHL_CONTACT_ID"));
        let (all, each) = (targets.len(), sources.len());
        targets.sort_unstable();
        targets.dedup();
        sources.sort_unstable();
        sources.dedup();
        assert_eq!((targets.len(), sources.len()), (all, each));
    }

    #[test]
    fn new_merge_tags_are_ones_that_bigmailer_surely_takes() {
        for (name, tag) in [
            ("lead_score", "LEAD_SCORE"),
            ("what is your  goal?", "WHAT_IS_YOUR_GOAL"),
            ("_x_", "X"),
            ("größe", "GR_E"),
            ("質問", ""),
        ] {
            assert_eq!(merge_tag(name), tag);
        }
        assert_eq!(merge_tag(&"long ".repeat(20)).len(), 49);
    }

    #[test]
    fn tags_find_their_lists() {
        let services = Services {
            lists: ["Everybody", "Customers", "VIP dinner", "News"]
                .iter()
                .enumerate()
                .map(|(at, name)| TargetList {
                    id: at.to_string(),
                    name: (*name).to_owned(),
                    all: at == 0,
                })
                .collect(),
            ..Services::default()
        };
        for (tag, list, exists) in [
            ("customer", "Customers", true),
            ("customers", "Customers", true),
            ("vip-dinner", "VIP dinner", true),
            ("new", "News", true),
            ("everybody", "Everybody", false),
            ("lost lead", "Lost lead", false),
        ] {
            assert_eq!(list_of(tag, &services), (list.to_owned(), exists), "{tag}");
        }
    }
}
