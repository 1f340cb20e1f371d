//! What a request may carry: a table of keys per endpoint, and every complaint at once.
//! It never looks at the location; whether a value makes sense there is for the endpoint to say.
//! Start with [`body`].
//!
//! The service is strict (HighLevel docs repository, issues 262, 313 and 314): a property that the
//! schema lacks is refused with 422 `property X should not exist`. The other texts are those of the
//! validator that this one comes from.

use serde_json::{Map, Value};

use super::super::ids;
use super::super::message::Request;
use super::super::quirks::Clearing;
use super::Refused;

/// What a value must be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// A text.
    Text,
    /// A text that is not empty.
    Filled,
    Flag,
    /// A number from 0.
    Count,
    /// An ISO 8601 instant or date.
    Instant,
    /// An ISO 8601 instant that says how far from UTC it is.
    Offset,
    /// A list of texts.
    Texts,
    Email,
    Phone,
    /// ISO 3166-1 alpha-2.
    Country,
    /// A day, in any of the ways that the documents list.
    Birthday,
    /// Values of custom fields in the shape in which they are written.
    Values,
    /// `dndSettings`.
    Channels,
    /// `inboundDndSettings`.
    Inbound,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// A list of objects.
    Objects,
}

/// Whether a key has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Must,
    May,
    /// It may be left out, and `null` is declared.
    Nullable,
}

/// A key that an endpoint takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    key: &'static str,
    form: Form,
    need: Need,
}

/// A key that must be there.
pub(super) const fn must(key: &'static str, form: Form) -> Rule {
    let need = Need::Must;
    Rule { key, form, need }
}

/// A key that may be left out.
pub(super) const fn may(key: &'static str, form: Form) -> Rule {
    let need = Need::May;
    Rule { key, form, need }
}

/// A key that may be left out or `null`.
pub(super) const fn nullable(key: &'static str, form: Form) -> Rule {
    let need = Need::Nullable;
    Rule { key, form, need }
}

/// Refuses a body with everything that is wrong with it.
pub(super) fn body(
    body: &Map<String, Value>,
    tables: &[&[Rule]],
    clearing: Clearing,
) -> Result<(), Refused> {
    let rules = || tables.iter().copied().flatten();
    let mut wrong: Vec<String> = body
        .keys()
        .filter(|key| !rules().any(|rule| rule.key == *key))
        .map(|key| format!("property {key} should not exist"))
        .collect();
    for rule in rules() {
        match body.get(rule.key) {
            None if rule.need != Need::Must => {}
            Some(Value::Null)
                if rule.need == Need::Nullable && clearing != Clearing::NullRejected => {}
            value => complain(
                rule.key,
                rule.form,
                value.unwrap_or(&Value::Null),
                &mut wrong,
            ),
        }
    }
    Refused::unless(wrong)
}

/// Refuses a query with parameters that the endpoint lacks, or without those that it needs.
pub(super) fn query(request: &Request, needed: &[&str], more: &[&str]) -> Result<(), Refused> {
    let mut wrong: Vec<String> = request
        .query
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| !needed.contains(name) && !more.contains(name))
        .map(|name| format!("property {name} should not exist"))
        .collect();
    for name in needed {
        match request.query(name) {
            None => wrong.push(format!("{name} must be a string")),
            Some("") => wrong.push(format!("{name} should not be empty")),
            Some(_) => {}
        }
    }
    Refused::unless(wrong)
}

/// A whole number of the query between bounds, or what holds without one.
pub(super) fn number(
    request: &Request,
    name: &str,
    default: usize,
    least: usize,
    most: usize,
) -> Result<usize, Refused> {
    let Some(text) = request.query(name) else {
        return Ok(default);
    };
    let complaint = match text.parse::<usize>() {
        Err(_) => format!("{name} must be a number conforming to the specified constraints"),
        Ok(number) if number < least => format!("{name} must not be less than {least}"),
        Ok(number) if number > most => format!("{name} must not be greater than {most}"),
        Ok(number) => return Ok(number),
    };
    Err(Refused::invalid(vec![complaint]))
}

/// Says what is wrong with a value.
fn complain(key: &str, form: Form, value: &Value, wrong: &mut Vec<String>) {
    let mut want = |fine: bool, what: &str| {
        if !fine {
            wrong.push(format!("{key} {what}"));
        }
    };
    let text = value.as_str();
    match form {
        Form::Text => want(text.is_some(), "must be a string"),
        Form::Filled => match text {
            Some(text) => want(!text.trim().is_empty(), "should not be empty"),
            None => want(false, "must be a string"),
        },
        Form::Flag => want(value.is_boolean(), "must be a boolean value"),
        Form::Count => want(
            value.as_u64().is_some(),
            "must be a number conforming to the specified constraints",
        ),
        Form::Instant => want(
            text.and_then(ids::read_iso).is_some(),
            "must be a valid ISO 8601 date string",
        ),
        Form::Offset => want(
            text.is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
            "must be a valid ISO 8601 date string",
        ),
        Form::Texts => match value.as_array() {
            None => want(false, "must be an array"),
            Some(all) => {
                if !all.iter().all(Value::is_string) {
                    wrong.push(format!("each value in {key} must be a string"));
                }
            }
        },
        Form::Email => want(text.is_some_and(is_email), "must be an email"),
        Form::Phone => match text {
            Some(text) => want(is_phone(text), "must be a valid phone number"),
            None => want(false, "must be a string"),
        },
        Form::Country => match text {
            Some(text) => want(is_country(text), "must be a valid ISO31661 Alpha2 code"),
            None => want(false, "must be a string"),
        },
        Form::Birthday => want(
            text.is_some_and(|text| text.is_empty() || read_birthday(text).is_some()),
            "must be a valid date in one of the supported formats",
        ),
        Form::Values => complain_of_values(key, value, wrong),
        Form::Channels => complain_of_channels(
            key,
            value,
            &CHANNELS,
            &["active", "inactive", "permanent"],
            &["status", "message", "code"],
            wrong,
        ),
        Form::Inbound => complain_of_channels(
            key,
            value,
            &["all"],
            &["active", "inactive"],
            &["status", "message"],
            wrong,
        ),
        Form::OneOf(words) => want(
            text.is_some_and(|text| words.contains(&text)),
            &format!("must be one of the following values: {}", words.join(", ")),
        ),
        Form::Objects => match value.as_array() {
            None => want(false, "must be an array"),
            Some(all) => {
                if !all.iter().all(Value::is_object) {
                    wrong.push(format!(
                        "each value in nested property {key} must be an object"
                    ));
                }
            }
        },
    }
}

/// Channels that a write may name. RCS is read from real contacts but is not among them.
const CHANNELS: [&str; 6] = ["Call", "Email", "SMS", "WhatsApp", "GMB", "FB"];

fn complain_of_channels(
    key: &str,
    value: &Value,
    channels: &[&str],
    states: &[&str],
    keys: &[&str],
    wrong: &mut Vec<String>,
) {
    let Some(settings) = value.as_object() else {
        wrong.push(format!("{key} must be an object"));
        return;
    };
    for (channel, setting) in settings {
        if !channels.contains(&channel.as_str()) {
            wrong.push(format!("{key}.property {channel} should not exist"));
            continue;
        }
        let Some(setting) = setting.as_object() else {
            wrong.push(format!("{key}.{channel} must be an object"));
            continue;
        };
        for (name, value) in setting {
            if !keys.contains(&name.as_str()) {
                wrong.push(format!("{key}.{channel}.property {name} should not exist"));
            } else if name != "status" && !value.is_string() {
                wrong.push(format!("{key}.{channel}.{name} must be a string"));
            }
        }
        let status = setting.get("status").and_then(Value::as_str);
        if !status.is_some_and(|status| states.contains(&status)) {
            wrong.push(format!(
                "{key}.{channel}.status must be one of the following values: {}",
                states.join(", ")
            ));
        }
    }
}

/// Names under which the value of a custom field is written. `fieldValue` is the word of version
/// v3 and is taken under the older one, too (n8n repository, issue 35392).
pub(super) const VALUE_KEYS: [&str; 2] = ["field_value", "fieldValue"];

fn complain_of_values(key: &str, value: &Value, wrong: &mut Vec<String>) {
    let Some(values) = value.as_array() else {
        wrong.push(format!("{key} must be an array"));
        return;
    };
    for (at, one) in values.iter().enumerate() {
        let Some(one) = one.as_object() else {
            wrong.push(format!("{key}.{at} must be an object"));
            continue;
        };
        for name in one.keys() {
            if !["id", "key"].contains(&name.as_str()) && !VALUE_KEYS.contains(&name.as_str()) {
                wrong.push(format!("{key}.{at}.property {name} should not exist"));
            }
        }
        let named = ["id", "key"]
            .iter()
            .any(|name| one.get(*name).is_some_and(Value::is_string));
        if !named {
            wrong.push(format!("{key}.{at}.id must be a string"));
        }
    }
}

/// Complains of a custom field's value that is not of the field's type.
pub(super) fn value_of_type(at: usize, kind: &str, value: &Value) -> Option<String> {
    let (fine, what) = match kind {
        "NUMERICAL" | "MONETORY" => (
            value.is_number(),
            "must be a number conforming to the specified constraints",
        ),
        "CHECKBOX" | "MULTIPLE_OPTIONS" => (
            value
                .as_array()
                .is_some_and(|all| all.iter().all(Value::is_string)),
            "must be an array",
        ),
        "FILE_UPLOAD" | "TEXTBOX_LIST" => (value.is_object(), "must be an object"),
        "DATE" => (
            value
                .as_str()
                .is_some_and(|text| text.is_empty() || ids::read_iso(text).is_some()),
            "must be a valid ISO 8601 date string",
        ),
        _ => (value.is_string(), "must be a string"),
    };
    (!fine).then(|| format!("customFields.{at}.field_value {what}"))
}

/// One `@`, a dot in the domain, no blanks.
fn is_email(text: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control() || "\"(),:;<>[\\]".contains(c);
    text.chars().count() <= 254
        && !text.contains(odd)
        && text.split_once('@').is_some_and(|(local, domain)| {
            let labels: Vec<&str> = domain.split('.').collect();
            !local.is_empty()
                && !local.starts_with('.')
                && !local.ends_with('.')
                && !local.contains("..")
                && !domain.contains('@')
                && labels.len() > 1
                && labels.iter().all(|label| !label.is_empty())
        })
}

/// Seven to fifteen digits and what people write between them; nothing at all is fine, too.
fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    text.is_empty()
        || (7..=15).contains(&digits)
            && text
                .chars()
                .all(|c| c.is_ascii_digit() || "+-(). /".contains(c))
}

/// Reads a day written year first or month first, with `-`, `/`, `.` or `_` between.
pub(super) fn read_birthday(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(['-', '/', '.', '_']).collect();
    let [a, b, c] = parts.as_slice() else {
        return None;
    };
    let (year, month, day) = match a.len() {
        4 => (a, b, c),
        _ => (c, a, b),
    };
    let written = format!("{year}-{month}-{day}");
    ids::read_date(&written).map(|_| written)
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && COUNTRIES.split(' ').any(|code| code == text)
}

/// ISO 3166-1 alpha-2.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL \
    BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK \
    DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU \
    GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ \
    LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY \
    MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU \
    RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO \
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sandbox::brand::members;

    fn complaints(rules: &[Rule], given: Value) -> Vec<String> {
        match body(&members(given), &[rules], Clearing::NullClears) {
            Ok(()) => Vec::new(),
            Err(refused) => {
                assert_eq!(refused.status, 422);
                serde_json::from_value(refused.message).unwrap()
            }
        }
    }

    #[test]
    fn every_complaint_is_made_at_once() {
        let rules = [
            must("title", Form::Filled),
            must("done", Form::Flag),
            may("due", Form::Instant),
            nullable("city", Form::Text),
            may("country", Form::Country),
        ];
        let given = json!({"title": " ", "due": "soon", "city": null, "country": null, "x": 1});
        assert_eq!(
            complaints(&rules, given),
            [
                "property x should not exist",
                "title should not be empty",
                "done must be a boolean value",
                "due must be a valid ISO 8601 date string",
                "country must be a string",
            ]
        );
        let given =
            json!({"title": "t", "done": true, "due": "2026-10-01T00:00:00Z", "country": "GB"});
        assert!(complaints(&rules, given).is_empty());
        let null = members(json!({"title": "t", "done": true, "city": null}));
        assert!(body(&null, &[&rules], Clearing::NullIgnored).is_ok());
        assert!(body(&null, &[&rules], Clearing::NullRejected).is_err());
    }

    #[test]
    fn single_values() {
        let bad = |form: Form, value: Value| {
            !complaints(&[may("x", form)], json!({"x": value})).is_empty()
        };
        for good in ["a@b.co", "linus+news@example.org", "o'hara@sub.example.com"] {
            assert!(!bad(Form::Email, json!(good)), "{good}");
        }
        for wrong in ["", "ada", "a@b", "a@@b.co", "a b@c.de", " a@b.co", "a@b..c"] {
            assert!(bad(Form::Email, json!(wrong)), "{wrong}");
        }
        for (phone, fine) in [
            ("+1 888-888-8888", true),
            ("020 7946 0101", true),
            ("12", false),
            ("call me 5550001", false),
        ] {
            assert_eq!(!bad(Form::Phone, json!(phone)), fine, "{phone}");
        }
        for (country, fine) in [
            ("GB", true),
            ("gb", false),
            ("United Kingdom", false),
            ("ZZ", false),
            ("", false),
            (" ", false),
        ] {
            assert_eq!(!bad(Form::Country, json!(country)), fine, "{country}");
        }
        for (day, read) in [
            ("1990-09-25", Some("1990-09-25")),
            ("1990/09/25", Some("1990-09-25")),
            ("09.25.1990", Some("1990-09-25")),
            ("09_25_1990", Some("1990-09-25")),
            ("25.09.1990", None),
            ("1990-02-30", None),
            ("1990", None),
            ("653529600000", None),
        ] {
            assert_eq!(read_birthday(day).as_deref(), read, "{day}");
        }
        assert!(bad(Form::Texts, json!("vip")) && bad(Form::Texts, json!([1])));
        assert!(
            bad(Form::Offset, json!("2021-06-23T03:30:00"))
                && !bad(Form::Offset, json!("2021-06-23T03:30:00+01:00"))
        );
        assert!(bad(Form::OneOf(&["won"]), json!("lost")) && bad(Form::Objects, json!([1])));
        assert!(bad(Form::Count, json!(-1)) && bad(Form::Count, json!("1")));
    }

    #[test]
    fn what_is_inside_is_looked_at() {
        let rules = [
            may("customFields", Form::Values),
            may("dndSettings", Form::Channels),
            may("inboundDndSettings", Form::Inbound),
        ];
        let given = json!({
            "customFields": [{"id": "a", "value": 1}, {"field_value": 2}, 3],
            "dndSettings": {"Email": {"status": "off"}, "RCS": {"status": "active"},
                "SMS": {"status": "active", "message": 1, "since": "x"}},
            "inboundDndSettings": {"all": {"status": "permanent"}}});
        assert_eq!(
            complaints(&rules, given),
            [
                "customFields.0.property value should not exist",
                "customFields.1.id must be a string",
                "customFields.2 must be an object",
                "dndSettings.Email.status must be one of the following values: active, inactive, permanent",
                "dndSettings.property RCS should not exist",
                "dndSettings.SMS.message must be a string",
                "dndSettings.SMS.property since should not exist",
                "inboundDndSettings.all.status must be one of the following values: active, inactive",
            ]
        );
        assert_eq!(
            complaints(&rules, json!({"customFields": {"a": 1}, "dndSettings": []})),
            [
                "customFields must be an array",
                "dndSettings must be an object"
            ]
        );
    }
}
