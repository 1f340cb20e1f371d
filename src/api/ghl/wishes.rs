//! What a write asks of a contact: encoded for the wire, and compared with what came of it.
//!
//! Pure. Strict in what is sent: only properties that can be written, each in the type that its
//! place wants, never an empty text. Lenient in what is compared, because the service trims, changes
//! case and formats phones. Sends nothing and names no endpoint.
//! Start reading at [`Wish::set`] and [`Wish::took`].

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::CustomField;
use super::contact::{Field, Item, Name, Origin, day, text};
use super::refusals::Complaint;
use crate::contact::FieldValue;

/// Where a value goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target<'a> {
    Property(&'static Writable),
    Custom(&'a CustomField),
}

/// A property of a contact that an update declares (`UpdateContactDto`), and `companyName`, which
/// creating declares and updating takes or refuses (issue 314).
#[derive(Debug, PartialEq)]
pub(super) struct Writable {
    key: &'static str,
    field: Field,
    /// Declared `nullable`: `null` takes the value away.
    nullable: bool,
    sense: Sense,
}

/// How two values of one place are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sense {
    Text,
    /// First and last name together.
    FullName,
    Phone,
    /// A web address, with or without its scheme.
    Web,
    Number,
    Day,
    /// A selection out of several options.
    Options,
}

const WRITABLE: [Writable; 16] = [
    Writable::text("firstName", Field::FirstName),
    Writable::text("lastName", Field::LastName),
    Writable {
        sense: Sense::FullName,
        ..Writable::text("name", Field::Name)
    },
    Writable::text("email", Field::Email),
    Writable {
        sense: Sense::Phone,
        ..Writable::text("phone", Field::Phone)
    },
    Writable::text("companyName", Field::CompanyName),
    Writable::text("address1", Field::Address1),
    Writable::text("city", Field::City),
    Writable::text("state", Field::State),
    Writable {
        nullable: false,
        ..Writable::text("country", Field::Country)
    },
    Writable {
        nullable: false,
        ..Writable::text("postalCode", Field::PostalCode)
    },
    Writable {
        sense: Sense::Web,
        ..Writable::text("website", Field::Website)
    },
    Writable::text("timezone", Field::Timezone),
    Writable::text("source", Field::Source),
    Writable::text("assignedTo", Field::AssignedTo),
    Writable {
        sense: Sense::Day,
        ..Writable::text("dateOfBirth", Field::DateOfBirth)
    },
];

impl Writable {
    const fn text(key: &'static str, field: Field) -> Writable {
        Writable {
            key,
            field,
            nullable: true,
            sense: Sense::Text,
        }
    }

    /// The property that a source key names, if it can be written.
    pub(super) fn by_key(key: &str) -> Option<&'static Writable> {
        WRITABLE.iter().find(|writable| writable.key == key)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Property(&'static str, Field),
    /// A custom field's id.
    Custom(String),
}

/// One value of a contact as it is to be after a write.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wish {
    /// The source name by which the caller knows it.
    pub(super) key: String,
    place: Place,
    sense: Sense,
    /// `None`: the value is to be taken away.
    value: Option<Value>,
}

impl Wish {
    /// A value to be stored.
    ///
    /// # Errors
    /// A sentence when the place cannot hold it; it names the key and no value.
    pub(super) fn set(key: &str, target: Target<'_>, value: &FieldValue) -> Result<Wish, String> {
        if let FieldValue::Text(text) = value
            && text.trim().is_empty()
        {
            return Err(format!(
                "an empty text cannot be stored in `{key}`: clear the field instead"
            ));
        }
        let (place, sense) = located(target);
        let encoded = match sense {
            Sense::Text | Sense::FullName | Sense::Phone | Sense::Web => {
                one_text(value).map(|text| json!(text))
            }
            Sense::Number => number(value),
            Sense::Day => calendar_day(value),
            Sense::Options => options(value),
        };
        let holds = match target {
            Target::Custom(field) if !is_storable(field) => None,
            _ => encoded,
        };
        let value = holds.ok_or_else(|| {
            let wants = match target {
                Target::Property(_) => String::new(),
                Target::Custom(field) => format!(" (a custom field of type {})", field.data_type),
            };
            format!(
                "HighLevel's `{key}`{wants} cannot hold this {}",
                value.kind()
            )
        })?;
        Ok(Wish {
            key: key.to_owned(),
            place,
            sense,
            value: Some(value),
        })
    }

    /// A value to be taken away: `null`, or nothing selected. For properties the schema says where
    /// `null` is allowed. For custom fields it says nothing; whether it worked shows in the answer.
    ///
    /// # Errors
    /// A sentence when the place cannot be emptied.
    pub(super) fn clear(key: &str, target: Target<'_>) -> Result<Wish, String> {
        let (place, sense) = located(target);
        let emptied = match target {
            Target::Property(writable) => writable.nullable,
            Target::Custom(field) => is_storable(field),
        };
        if !emptied {
            return Err(format!(
                "HighLevel's `{key}` can be changed but not emptied"
            ));
        }
        Ok(Wish {
            key: key.to_owned(),
            place,
            sense,
            value: None,
        })
    }

    /// The property's name where the place is one.
    pub(super) fn property(&self) -> Option<&'static str> {
        match &self.place {
            Place::Property(name, _) => Some(name),
            Place::Custom(_) => None,
        }
    }

    /// The text that is to be stored, where it is one.
    pub(super) fn text(&self) -> Option<&str> {
        self.value.as_ref()?.as_str()
    }

    fn is_custom(&self) -> bool {
        matches!(self.place, Place::Custom(_))
    }

    fn sent(&self) -> Value {
        match (&self.value, self.sense) {
            (Some(value), _) => value.clone(),
            (None, Sense::Options) => json!([]),
            (None, _) => Value::Null,
        }
    }

    /// Whether a contact shows what was asked for.
    pub(super) fn took(&self, item: &Item) -> bool {
        let full_name;
        let shown = match (&self.place, self.sense) {
            (_, Sense::FullName) => {
                full_name = match item.full_name(Origin::Primary) {
                    Name::Known(Some(name)) => json!(name),
                    _ => Value::Null,
                };
                &full_name
            }
            (Place::Property(_, field), _) => item.get(*field),
            (Place::Custom(id), _) => item.custom(id).unwrap_or(&Value::Null),
        };
        match &self.value {
            Some(wanted) => is_same(self.sense, wanted, shown),
            None => words(shown).is_empty(),
        }
    }
}

/// The body that asks for all of these.
pub(super) fn body(wishes: &[&Wish]) -> Map<String, Value> {
    let mut body = Map::new();
    let mut custom = Vec::new();
    for wish in wishes {
        match &wish.place {
            Place::Property(name, _) => {
                body.insert((*name).to_owned(), wish.sent());
            }
            // `field_value` is accepted under every version; v3 prefers `fieldValue`.
            Place::Custom(id) => custom.push(json!({"id": id, "field_value": wish.sent()})),
        }
    }
    if !custom.is_empty() {
        body.insert("customFields".to_owned(), Value::Array(custom));
    }
    body
}

/// Which of the wishes (by index) a refusal of their body is about.
pub(super) fn blamed(wishes: &[&Wish], complaint: &Complaint) -> Vec<usize> {
    let custom = || (0..wishes.len()).filter(|i| wishes[*i].is_custom());
    match &complaint.path[..] {
        [root, number, ..] if root == "customFields" => number
            .parse()
            .ok()
            .and_then(|number| custom().nth(number))
            .into_iter()
            .collect(),
        // Not told which: emptying is the doubtful part.
        [root] if root == "customFields" || root == "field_value" => {
            custom().filter(|i| wishes[*i].value.is_none()).collect()
        }
        [word] => (0..wishes.len())
            .filter(|i| match &wishes[*i].place {
                Place::Property(name, _) => name == word,
                Place::Custom(id) => id == word,
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn located(target: Target<'_>) -> (Place, Sense) {
    match target {
        Target::Property(writable) => (
            Place::Property(writable.key, writable.field),
            writable.sense,
        ),
        Target::Custom(field) => {
            let sense = match field.data_type.to_uppercase().as_str() {
                // The vendor's spelling, and the right one in case it is mended.
                "NUMERICAL" | "MONETORY" | "MONETARY" => Sense::Number,
                "CHECKBOX" | "MULTIPLE_OPTIONS" => Sense::Options,
                "DATE" => Sense::Day,
                "PHONE" => Sense::Phone,
                _ => Sense::Text,
            };
            (Place::Custom(field.id.clone()), sense)
        }
    }
}

/// Files need an upload first, and how a list of texts is written is not settled.
fn is_storable(field: &CustomField) -> bool {
    !["FILE_UPLOAD", "TEXTBOX_LIST", "SIGNATURE"].contains(&field.data_type.to_uppercase().as_str())
}

fn one_text(value: &FieldValue) -> Option<String> {
    match value {
        FieldValue::Text(text) => Some(text.clone()),
        FieldValue::Integer(number) => Some(number.to_string()),
        FieldValue::Decimal(number) => number.is_finite().then(|| number.to_string()),
        FieldValue::Flag(flag) => Some(flag.to_string()),
        FieldValue::Date(date) => Some(date.to_string()),
        FieldValue::Many(many) => match &many[..] {
            [one] if !one.trim().is_empty() => Some(one.clone()),
            _ => None,
        },
    }
}

fn number(value: &FieldValue) -> Option<Value> {
    let decimal = |number: f64| number.is_finite().then(|| json!(number));
    match value {
        FieldValue::Integer(number) => Some(json!(number)),
        FieldValue::Decimal(number) => decimal(*number),
        FieldValue::Text(text) => {
            let text = text.trim();
            match text.parse::<i64>() {
                Ok(number) => Some(json!(number)),
                Err(_) => decimal(text.parse().ok()?),
            }
        }
        _ => None,
    }
}

fn calendar_day(value: &FieldValue) -> Option<Value> {
    let date = match value {
        FieldValue::Date(date) => *date,
        FieldValue::Text(text) => day(&json!(text))?,
        _ => return None,
    };
    Some(json!(date.to_string()))
}

fn options(value: &FieldValue) -> Option<Value> {
    let many = match value {
        FieldValue::Many(many) => many.clone(),
        FieldValue::Text(_) | FieldValue::Integer(_) => one_text(value).into_iter().collect(),
        _ => return None,
    };
    let usable = !many.is_empty() && many.iter().all(|option| !option.trim().is_empty());
    usable.then(|| json!(many))
}

/// The texts of a value, empty ones left out.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Bool(flag) => vec![flag.to_string()],
        Value::Array(items) => items.iter().flat_map(words).collect(),
        // A file, say: something is there.
        Value::Object(map) if !map.is_empty() => vec![value.to_string()],
        _ => text(value)
            .filter(|text| !text.trim().is_empty())
            .into_iter()
            .collect(),
    }
}

fn is_same(sense: Sense, wanted: &Value, shown: &Value) -> bool {
    let folded = |text: &String| {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        words.join(" ")
    };
    let (wanted_words, shown_words) = (words(wanted), words(shown));
    if sense == Sense::Options {
        let set = |words: &[String]| words.iter().map(folded).collect::<BTreeSet<_>>();
        return set(&wanted_words) == set(&shown_words);
    }
    let ([wanted_word], [shown_word]) = (&wanted_words[..], &shown_words[..]) else {
        return false;
    };
    if folded(wanted_word) == folded(shown_word) {
        return true;
    }
    match sense {
        Sense::Phone => is_same_phone(wanted_word, shown_word),
        Sense::Web => bare_address(wanted_word) == bare_address(shown_word),
        Sense::Number => {
            let number = |text: &str| text.trim().replace(',', "").parse::<f64>().ok();
            number(wanted_word)
                .zip(number(shown_word))
                .is_some_and(|(a, b)| (a - b).abs() <= 1e-9 * a.abs().max(b.abs()))
        }
        Sense::Day => {
            let shown_day = day(shown).or_else(|| day(&json!(shown_word)));
            shown_day.is_some() && shown_day == day(wanted)
        }
        _ => false,
    }
}

fn bare_address(address: &str) -> String {
    let address = address.trim().to_lowercase();
    let bare = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"))
        .unwrap_or(&address);
    bare.trim_end_matches('/').to_owned()
}

/// Digits alone count; a number without its country is completed by the service.
fn is_same_phone(wanted: &str, shown: &str) -> bool {
    const LOCAL: usize = 6;
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    let (wanted, shown) = (digits(wanted), digits(shown));
    let local = wanted.trim_start_matches('0');
    wanted == shown || (local.len() >= LOCAL && shown.ends_with(local))
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;

    fn custom(data_type: &str) -> CustomField {
        CustomField {
            id: "c1".to_owned(),
            name: "One".to_owned(),
            key: "one".to_owned(),
            data_type: data_type.to_owned(),
        }
    }

    fn property(key: &str, value: FieldValue) -> Result<Wish, String> {
        Wish::set(
            key,
            Target::Property(Writable::by_key(key).unwrap()),
            &value,
        )
    }

    fn item(json: Value) -> Item {
        serde_json::from_value(json).unwrap()
    }

    fn text_of(text: &str) -> FieldValue {
        FieldValue::Text(text.to_owned())
    }

    #[test]
    fn custom_values_take_the_type_of_their_field() {
        let date = FieldValue::Date(Date::constant(2024, 5, 1));
        let many = |parts: &[&str]| FieldValue::Many(parts.iter().map(|p| (*p).into()).collect());
        let encode = |data_type: &str, value: &FieldValue| {
            let field = custom(data_type);
            let wish = Wish::set("custom.one", Target::Custom(&field), value).ok()?;
            Some(body(&[&wish])["customFields"][0]["field_value"].clone())
        };
        for (data_type, value, expected) in [
            ("TEXT", text_of(" a "), Some(json!(" a "))),
            ("LARGE_TEXT", FieldValue::Integer(5), Some(json!("5"))),
            ("TEXT", FieldValue::Decimal(5.5), Some(json!("5.5"))),
            ("TEXT", date.clone(), Some(json!("2024-05-01"))),
            ("SINGLE_OPTIONS", many(&["a"]), Some(json!("a"))),
            ("RADIO", many(&["a", "b"]), None),
            ("RADIO", FieldValue::Flag(true), Some(json!("true"))),
            ("EMAIL", text_of("a@b.co"), Some(json!("a@b.co"))),
            ("NUMERICAL", text_of(" 42 "), Some(json!(42))),
            ("NUMERICAL", FieldValue::Integer(42), Some(json!(42))),
            ("MONETORY", text_of("4.25"), Some(json!(4.25))),
            ("MONETARY", FieldValue::Decimal(4.25), Some(json!(4.25))),
            ("NUMERICAL", text_of("many"), None),
            ("NUMERICAL", text_of("NaN"), None),
            ("NUMERICAL", FieldValue::Decimal(f64::INFINITY), None),
            ("NUMERICAL", date.clone(), None),
            ("CHECKBOX", many(&["a", "b"]), Some(json!(["a", "b"]))),
            ("MULTIPLE_OPTIONS", text_of("a"), Some(json!(["a"]))),
            ("CHECKBOX", many(&[]), None),
            ("CHECKBOX", many(&["a", " "]), None),
            ("CHECKBOX", FieldValue::Flag(true), None),
            ("DATE", date, Some(json!("2024-05-01"))),
            ("DATE", text_of("05/01/2024"), Some(json!("2024-05-01"))),
            ("DATE", text_of("soon"), None),
            ("DATE", FieldValue::Integer(5), None),
            ("FILE_UPLOAD", text_of("x"), None),
            ("TEXTBOX_LIST", text_of("x"), None),
            ("", text_of("x"), Some(json!("x"))),
            ("TEXT", text_of(" "), None),
        ] {
            assert_eq!(
                encode(data_type, &value),
                expected,
                "{data_type} {}",
                value.kind()
            );
        }
    }

    #[test]
    fn properties_are_texts_and_only_some_can_be_emptied() {
        let wishes = [
            property("postalCode", FieldValue::Integer(35_061)).unwrap(),
            property("dateOfBirth", text_of("9/25/1990")).unwrap(),
            Wish::clear(
                "phone",
                Target::Property(Writable::by_key("phone").unwrap()),
            )
            .unwrap(),
        ];
        assert_eq!(
            Value::Object(body(&wishes.iter().collect::<Vec<_>>())),
            json!({"postalCode": "35061", "dateOfBirth": "1990-09-25", "phone": null})
        );
        for key in ["country", "postalCode"] {
            let target = Target::Property(Writable::by_key(key).unwrap());
            assert!(Wish::clear(key, target).unwrap_err().contains(key));
        }
        for key in [
            "id",
            "type",
            "tags",
            "dnd",
            "dateAdded",
            "dateUpdated",
            "lastActivity",
        ] {
            assert!(Writable::by_key(key).is_none(), "{key}");
        }
        let error = property("city", FieldValue::Many(vec!["Ulm".into(), "Bonn".into()]));
        let error = error.unwrap_err();
        assert!(error.contains("city") && !error.contains("Ulm"), "{error}");
    }

    #[test]
    fn what_is_shown_is_compared_leniently() {
        let cases = [
            ("city", text_of("New  York"), json!(" new york "), true),
            ("city", text_of("Ulm"), json!("Bonn"), false),
            (
                "website",
                text_of("Ada.example"),
                json!("https://ada.example/"),
                true,
            ),
            (
                "website",
                text_of("ada.example"),
                json!("https://bob.example"),
                false,
            ),
            ("city", text_of("Ulm"), json!(""), false),
            ("city", text_of("Ulm"), json!(["ulm"]), true),
            ("postalCode", text_of("0123"), json!(123), false),
            ("postalCode", text_of("123"), json!(123), true),
            (
                "phone",
                text_of("+1 888-888-8888"),
                json!("+18888888888"),
                true,
            ),
            (
                "phone",
                text_of("0170 1234567"),
                json!("+491701234567"),
                true,
            ),
            ("phone", text_of("12345"), json!("+4912345"), false),
            (
                "phone",
                text_of("+18888888888"),
                json!("+18888888889"),
                false,
            ),
            (
                "dateOfBirth",
                text_of("1990-09-25"),
                json!("1990-09-25T00:00:00.000Z"),
                true,
            ),
            (
                "dateOfBirth",
                text_of("1990-09-25"),
                json!(654_220_800_000i64),
                true,
            ),
            (
                "dateOfBirth",
                text_of("1990-09-25"),
                json!("1990-09-24"),
                false,
            ),
        ];
        for (key, wanted, shown, same) in cases {
            let wish = property(key, wanted).unwrap();
            assert_eq!(
                wish.took(&item(json!({ key: shown.clone() }))),
                same,
                "{key} {shown}"
            );
        }
        let custom_case = |data_type: &str, wanted: FieldValue, shown: Value| {
            let field = custom(data_type);
            let wish = Wish::set("custom.one", Target::Custom(&field), &wanted).unwrap();
            let shown = json!({"customFields": [{"id": "c0"}, {"id": "c1", "value": shown}]});
            wish.took(&item(shown))
        };
        let many = FieldValue::Many(vec!["A".into(), "b".into()]);
        assert!(custom_case("CHECKBOX", many.clone(), json!(["B", "a "])));
        assert!(!custom_case("CHECKBOX", many.clone(), json!(["a"])));
        assert!(!custom_case("CHECKBOX", many, json!(["a", "b", "c"])));
        assert!(custom_case("NUMERICAL", text_of("5"), json!(5.0)));
        assert!(custom_case(
            "MONETORY",
            text_of("1250.50"),
            json!("1,250.5")
        ));
        assert!(!custom_case("NUMERICAL", text_of("5"), json!(6)));
        assert!(custom_case(
            "DATE",
            text_of("2024-05-01"),
            json!(1_714_521_600_000i64)
        ));
        assert!(custom_case("RADIO", text_of("Yes"), json!(["yes"])));
    }

    #[test]
    fn names_are_compared_together() {
        let wish = property("name", text_of("Ada King")).unwrap();
        assert!(wish.took(&item(
            json!({"firstName": "Ada", "lastName": "King", "name": "x"})
        )));
        assert!(wish.took(&item(json!({"name": "ada king"}))));
        assert!(!wish.took(&item(
            json!({"firstName": "Old", "lastName": "Name", "name": "Ada King"})
        )));
    }

    #[test]
    fn emptied_is_absent_null_or_empty() {
        let target = || Target::Property(Writable::by_key("city").unwrap());
        let wish = Wish::clear("city", target()).unwrap();
        for empty in [json!({}), json!({"city": null}), json!({"city": " "})] {
            assert!(wish.took(&item(empty)));
        }
        assert!(!wish.took(&item(json!({"city": "Ulm"}))));
        for (data_type, sent) in [("CHECKBOX", json!([])), ("TEXT", json!(null))] {
            let field = custom(data_type);
            let wish = Wish::clear("custom.one", Target::Custom(&field)).unwrap();
            assert_eq!(body(&[&wish])["customFields"][0]["field_value"], sent);
            for empty in [json!([]), json!(null), json!(""), json!({})] {
                let shown = json!({"customFields": [{"id": "c1", "value": empty}]});
                assert!(wish.took(&item(shown)));
            }
            let shown = json!({"customFields": [{"id": "c1", "value": {"u": {"url": "x"}}}]});
            assert!(!wish.took(&item(shown)));
        }
    }

    #[test]
    fn a_refusal_is_laid_on_the_wish_that_it_names() {
        let field = custom("TEXT");
        let wishes = [
            property("firstName", text_of("Ada")).unwrap(),
            Wish::set("custom.one", Target::Custom(&field), &text_of("x")).unwrap(),
            property("phone", text_of("+1")).unwrap(),
            Wish::clear("custom.two", Target::Custom(&field)).unwrap(),
        ];
        let wishes: Vec<&Wish> = wishes.iter().collect();
        let blame = |path: &[&str]| {
            let path = path.iter().map(|p| (*p).to_owned()).collect();
            blamed(
                &wishes,
                &Complaint {
                    path,
                    unknown: false,
                },
            )
        };
        assert_eq!(blame(&["phone"]), [2]);
        assert_eq!(blame(&["customFields", "1", "field_value"]), [3]);
        assert_eq!(blame(&["customFields"]), [3]);
        assert_eq!(blame(&["c1"]), [1, 3]);
        assert!(blame(&["name"]).is_empty());
        assert!(blame(&["customFields", "7"]).is_empty());
    }
}
