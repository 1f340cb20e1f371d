//! The text of a new profile, with comments for the person who will change it.
//!
//! Writes no file. Start reading at [`new_profile_text`].

use std::fmt::Write as _;

use toml_edit::Value;

use super::read;
use crate::mapping::{Direction, FieldKind, tag_key};

/// What is known when a profile is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewProfile {
    pub location_id: String,
    pub brand_id: String,
    pub direction: Direction,
    /// HighLevel source, merge tag, type (`None`: what fits the source). None at all: a usual set.
    pub fields: Vec<(String, String, Option<FieldKind>)>,
    /// Tag and list.
    pub lists: Vec<(String, String)>,
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
    /// Reads `GHL=BIGMAILER[:TYPE]`, the value of a `--field` flag; the error is a sentence.
    pub fn field_flag(flag: &str) -> Result<(String, String, Option<FieldKind>), String> {
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
        Ok((source.to_owned(), target.to_owned(), kind))
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
    let usual: Vec<_> = USUAL_FIELDS
        .iter()
        .map(|(source, target)| ((*source).to_owned(), (*target).to_owned(), None))
        .collect();
    let fields = if new.fields.is_empty() {
        &usual
    } else {
        &new.fields
    };

    let mut text = format!(
        r#"# How ghl-bm keeps the contacts of a HighLevel location and a BigMailer brand in step.
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
# People with do-not-disturb whom BigMailer does not know: created there, unsubscribed (true),
# or left out (false).
create_opted_out = true

# One [[field]] for each BigMailer field that HighLevel fills: `ghl` is the HighLevel property, or
# custom.<key> for a custom field; `bigmailer` is the merge tag; `type` is text, integer or date.
# `transform` tidies values on the way, such as transform = ["trim", "title"].
"#,
        location = quoted(&new.location_id),
        brand = quoted(&new.brand_id),
        direction = new.direction.as_str(),
    );
    for (at, (source, target, kind)) in fields.iter().enumerate() {
        let gap = if at == 0 { "" } else { "\n" };
        let kind = kind.unwrap_or_else(|| usual_kind(source));
        // Writing into a String cannot fail.
        let _ = write!(
            text,
            "{gap}[[field]]\nghl = {}\nbigmailer = {}\ntype = \"{}\"\n",
            quoted(source),
            quoted(target),
            kind.as_str()
        );
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

    text.push_str(
        r#"
# Brakes: a run that would change or delete more linked contacts than this stops before it writes.
[limits]
max_changes = "50%"
max_deletes = "5%"
"#,
    );
    text
}
