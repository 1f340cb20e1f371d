//! The text of a new profile, with comments for the person who will change it.
//!
//! Writes no file. Start reading at [`new_profile_text`].

use std::fmt::Write as _;

use toml_edit::Value;

use super::{read, schema};
use crate::mapping::{ConsentRules, Direction, FieldKind, Limits, tag_key};

/// What is known when a profile is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewProfile {
    pub location_id: String,
    pub brand_id: String,
    pub direction: Direction,
    pub fields: Vec<NewRule>,
    /// Tag and list.
    pub lists: Vec<(String, String)>,
    /// Opt-outs of BigMailer become do-not-disturb in HighLevel.
    pub consent_to_ghl: bool,
    /// People with do-not-disturb whom BigMailer does not know are created there, unsubscribed.
    pub create_opted_out: bool,
    /// Brakes as typed: `50%`, or a number of contacts.
    pub max_changes: String,
    pub max_deletes: String,
}

/// A field rule of a new profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewRule {
    pub ghl: String,
    pub bigmailer: String,
    /// `None`: what fits the source.
    pub kind: Option<FieldKind>,
    pub transforms: Vec<String>,
}

/// What most people want to have in their mails.
const USUAL_FIELDS: &[(&str, &str)] = &[
    ("firstName", "FIRST_NAME"),
    ("lastName", "LAST_NAME"),
    ("phone", "PHONE"),
    ("companyName", "COMPANY"),
    ("city", "CITY"),
    ("state", "STATE"),
    ("postalCode", "POSTAL_CODE"),
    ("country", "COUNTRY"),
];

impl NewProfile {
    /// A profile with nothing but the two ids, the usual caution and no rules.
    pub fn new(location_id: &str, brand_id: &str) -> NewProfile {
        let limits = Limits::default();
        let consent = ConsentRules::default();
        NewProfile {
            location_id: location_id.to_owned(),
            brand_id: brand_id.to_owned(),
            direction: Direction::ToBigmailer,
            fields: Vec::new(),
            lists: Vec::new(),
            consent_to_ghl: consent.to_ghl,
            create_opted_out: consent.create_opted_out,
            max_changes: limits.max_changes.to_string(),
            max_deletes: limits.max_deletes.to_string(),
        }
    }

    /// What most people want to have in their mails, under the usual merge tags.
    pub fn usual_fields() -> Vec<NewRule> {
        let rule = |(source, target): &(&str, &str)| NewRule {
            ghl: (*source).to_owned(),
            bigmailer: (*target).to_owned(),
            kind: None,
            transforms: Vec::new(),
        };
        USUAL_FIELDS.iter().map(rule).collect()
    }

    /// Reads the value of a brake, such as `50%` or `200`; the error is a sentence.
    pub fn share_flag(flag: &str) -> Result<String, String> {
        let flag = flag.trim();
        let percent = flag
            .strip_suffix('%')
            .map(|number| number.trim().parse::<f64>());
        match (percent, flag.parse::<u64>()) {
            (Some(Ok(percent)), _) if (0.0..=100.0).contains(&percent) => Ok(flag.to_owned()),
            (None, Ok(_)) => Ok(flag.to_owned()),
            _ => Err(format!(
                "`{flag}` is neither a percentage such as 50% nor a number of contacts"
            )),
        }
    }

    /// Reads the id of a location or brand; the error is a sentence.
    pub fn id_flag(key: &str, flag: &str) -> Result<String, String> {
        let flag = flag.trim();
        read::check_service_id(key, flag).map(|()| flag.to_owned())
    }

    /// Reads `GHL=BIGMAILER[:TYPE]`, the value of a `--field` flag; the error is a sentence.
    pub fn field_flag(flag: &str) -> Result<NewRule, String> {
        // A custom field's name may hold an equals sign; a merge tag hardly does.
        let Some((source, target)) = flag.rsplit_once('=') else {
            return Err(format!(
                "`{flag}` is not GHL=BIGMAILER, such as firstName=FIRST_NAME or \
                 custom.score=SCORE:integer"
            ));
        };
        let (target, kind) = match target.rsplit_once(':') {
            None => (target, None),
            Some((target, word)) => match FieldKind::from_word(word) {
                Some(kind) => (target, Some(kind)),
                None => {
                    return Err(format!(
                        "`{word}` in `{flag}` is no type; use text, integer or date"
                    ));
                }
            },
        };
        let (source, target) = (source.trim(), target.trim());
        read::check_source(source)
            .and_then(|()| read::check_merge_tag(target))
            .map_err(|message| format!("`{flag}`: {message}"))?;
        Ok(NewRule {
            ghl: source.to_owned(),
            bigmailer: target.to_owned(),
            kind,
            transforms: Vec::new(),
        })
    }

    /// Reads `TAG=LIST`, the value of a `--list` flag; the error is a sentence.
    pub fn list_flag(flag: &str) -> Result<(String, String), String> {
        let Some((tag, list)) = flag.split_once('=') else {
            return Err(format!(
                "`{flag}` is not TAG=LIST, such as customer=Customers"
            ));
        };
        let (tag, list) = (tag_key(tag), list.trim());
        if tag.is_empty() {
            return Err(format!("`{flag}`: the tag is empty"));
        }
        read::check_list(list).map_err(|message| format!("`{flag}`: {message}"))?;
        Ok((tag, list.to_owned()))
    }
}

/// The type in which a source arrives best when nobody says.
fn usual_kind(source: &str) -> FieldKind {
    match source {
        "dateOfBirth" | "dateAdded" | "dateUpdated" | "lastActivity" => FieldKind::Date,
        _ => FieldKind::Text,
    }
}

/// Text in TOML's quotes.
fn quoted(text: &str) -> String {
    Value::from(text).to_string().trim().to_owned()
}

/// The text of a new profile. It is checked like any other when it is saved.
pub(crate) fn new_profile_text(new: &NewProfile) -> String {
    let mut text = format!(
        r#"#:schema ./{schema}
# How ghl-bm keeps the contacts of a HighLevel location and a BigMailer brand in step.
# Edit it freely, then run `ghl-bm map check` to compare it with both services.

version = 1

[ghl]
location_id = {location}

[bigmailer]
brand_id = {brand}

[sync]
# Which way changes travel.
direction = "{direction}"
# Whether HighLevel contacts that BigMailer does not know are created there.
create_in_bigmailer = true
# What happens in BigMailer when a contact was deleted in HighLevel: keep, unsubscribe or delete.
on_ghl_delete = "keep"
# The same when a contact no longer passes [filter]: keep, leave-lists or unsubscribe.
on_scope_exit = "keep"
# BigMailer text field that remembers the HighLevel id, so that contacts are found again after
# their address changed; "" to not store it.
id_field = "GHL_CONTACT_ID"

# Which HighLevel contacts take part. An empty list asks for nothing.
[filter]
tags_any = []      # at least one of these tags
tags_none = []     # none of these tags
# types = ["lead", "customer"]

# Who must not get e-mail. An opt-out is never taken back by a sync.
[consent]
# E-mail do-not-disturb in HighLevel becomes "unsubscribed" in BigMailer.
to_bigmailer = true
{to_ghl}# People with do-not-disturb whom BigMailer does not know: created there, unsubscribed (true),
# or left out (false).
create_opted_out = {opted_out}

# One [[field]] for each BigMailer field that HighLevel fills: `ghl` is the HighLevel property, or
# custom.<key> for a custom field; `bigmailer` is the merge tag; `type` is text, integer or date.
# `transform` tidies values on the way, such as transform = ["trim", "title"].
"#,
        schema = schema::FILE,
        opted_out = new.create_opted_out,
        to_ghl = match new.consent_to_ghl {
            true => {
                "# Unsubscribes, complaints and bounces in BigMailer become do-not-disturb in \
                 HighLevel.\nto_ghl = true\n"
            }
            false => "",
        },
        location = quoted(&new.location_id),
        brand = quoted(&new.brand_id),
        direction = new.direction.as_str(),
    );
    if new.fields.is_empty() {
        text.push_str("# [[field]]\n# ghl = \"firstName\"\n# bigmailer = \"FIRST_NAME\"\n");
    }
    for (at, rule) in new.fields.iter().enumerate() {
        let gap = if at == 0 { "" } else { "\n" };
        let kind = rule.kind.unwrap_or_else(|| usual_kind(&rule.ghl));
        // Writing into a String cannot fail.
        let _ = write!(
            text,
            "{gap}[[field]]\nghl = {}\nbigmailer = {}\ntype = \"{}\"\n",
            quoted(&rule.ghl),
            quoted(&rule.bigmailer),
            kind.as_str()
        );
        if !rule.transforms.is_empty() {
            let steps: Vec<String> = rule.transforms.iter().map(|step| quoted(step)).collect();
            let _ = writeln!(text, "transform = [{}]", steps.join(", "));
        }
    }

    text.push_str(
        "\n# One [[list]] for each HighLevel tag that means membership of a BigMailer list (by name \
         or id).\n",
    );
    if new.lists.is_empty() {
        text.push_str("# [[list]]\n# tag = \"customer\"\n# list = \"Customers\"\n");
    }
    for (at, (tag, list)) in new.lists.iter().enumerate() {
        let gap = if at == 0 { "" } else { "\n" };
        let _ = write!(
            text,
            "{gap}[[list]]\ntag = {}\nlist = {}\n",
            quoted(tag),
            quoted(list)
        );
    }

    let share = |typed: &str| match typed.trim().parse::<u64>() {
        Ok(count) => count.to_string(),
        Err(_) => quoted(typed),
    };
    let _ = write!(
        text,
        r#"
# Brakes: a run that would change or delete more linked contacts than this stops before it writes.
[limits]
max_changes = {}
max_deletes = {}
"#,
        share(&new.max_changes),
        share(&new.max_deletes),
    );
    text
}
