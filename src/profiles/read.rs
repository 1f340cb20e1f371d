//! The keys of a profile and of the settings: what is known, what is expected, what is missing.
//!
//! Reads text and touches no file. It collects problems instead of stopping at the first, and
//! refuses what is known but not built yet, so that nothing in a profile is silently ignored.
//! Start reading at [`profile`]; rules about notes, tasks and mails are in [`events`].

mod events;

mod when;

use std::collections::HashMap;
use std::time::Duration;

use toml_edit::{Document, Item, TableLike, Value};

use super::keys::{self, BIGMAILER, CONSENT, FIELD, FILTER, GHL, LIMITS, LIST, SYNC};
use super::{Problem, Settings, VERSION, check_name, syntax};
use crate::mapping::derived::{DERIVED, Derived};
use crate::mapping::nearest::suggestion;
use crate::mapping::{
    CUSTOM, Conflict, Direction, FieldKind, FieldRule, Flow, ListRule, OnDelete, OnExit, Profile,
    SOURCES, Share, Transform, circles, is_writable, tag_key,
};

/// BigMailer stores merge tags and list names of 1 to 50 characters (BigMailer reference, create
/// field and create list).
const LONGEST_NAME: usize = 50;

pub(super) const DIRECTIONS: &[(&str, Direction)] = &[
    ("to-bigmailer", Direction::ToBigmailer),
    ("to-ghl", Direction::ToGhl),
    ("both", Direction::Both),
];
pub(super) const CONFLICTS: &[(&str, Conflict)] = &[
    ("ghl", Conflict::Ghl),
    ("bigmailer", Conflict::Bigmailer),
    ("hold", Conflict::Hold),
];
pub(super) const ON_DELETE: &[(&str, OnDelete)] = &[
    ("keep", OnDelete::Keep),
    ("unsubscribe", OnDelete::Unsubscribe),
    ("delete", OnDelete::Delete),
];
pub(super) const ON_EXIT: &[(&str, OnExit)] = &[
    ("keep", OnExit::Keep),
    ("leave-lists", OnExit::LeaveLists),
    ("unsubscribe", OnExit::Unsubscribe),
];
pub(super) const KINDS: &[(&str, FieldKind)] = &[
    ("text", FieldKind::Text),
    ("integer", FieldKind::Integer),
    ("date", FieldKind::Date),
];

/// The words of such a list.
pub(super) fn words<T>(list: &[(&'static str, T)]) -> Vec<&'static str> {
    list.iter().map(|(word, _)| *word).collect()
}

/// Reads a profile.
pub(super) fn profile(name: &str, text: &str) -> Result<Profile, Vec<Problem>> {
    match as_far_as_possible(name, text) {
        (Some(profile), problems) if problems.is_empty() => Ok(profile),
        (_, problems) => Err(problems),
    }
}

/// Reads what can be read of a profile, and says what cannot. The profile holds the defaults and
/// lacks the rules where there is a problem; it is `None` for text that is no TOML at all or of another
/// format.
pub(super) fn as_far_as_possible(name: &str, text: &str) -> (Option<Profile>, Vec<Problem>) {
    match Document::parse(text) {
        Ok(document) => of_document(name, text, &document),
        Err(_) => {
            let (mut problems, readable) = syntax::recover(text);
            let document = readable.as_deref().map(Document::parse);
            let Some(Ok(document)) = document else {
                return (None, problems);
            };
            let (profile, more) = of_document(name, text, &document);
            // What is missing may stand where the text could not be read.
            problems.extend(more.into_iter().filter(|problem| problem.line > 0));
            problems.sort_by_key(|problem| (problem.line, problem.column));
            (profile, problems)
        }
    }
}

fn of_document(
    name: &str,
    text: &str,
    document: &Document<&str>,
) -> (Option<Profile>, Vec<Problem>) {
    let mut reader = Reader::new(text);
    let top = Section {
        name: "a profile",
        table: document.as_table(),
        at: 0,
    };

    if !reader.version(top) {
        return (None, reader.problems);
    }
    let mut known: Vec<&str> = keys::TOP.names();
    known.extend(keys::TABLES.iter().map(|table| table.name));
    reader.known_keys(top, &known);

    let location = reader.service_id(top, &GHL, "[ghl]", "location_id");
    let brand = reader.service_id(top, &BIGMAILER, "[bigmailer]", "brand_id");
    let mut profile = Profile::new(name, &location, &brand);
    let id_field_line = reader.sync(top, &mut profile);
    reader.filter(top, &mut profile);
    reader.consent(top, &mut profile);
    reader.limits(top, &mut profile);
    reader.fields(top, &mut profile, id_field_line);
    reader.lists(top, &mut profile);
    reader.notes(top, &mut profile);
    reader.tasks(top, &mut profile);
    reader.sends(top, &mut profile);
    reader.circles(&profile);
    (Some(profile), reader.sorted())
}

/// Reads the settings.
pub(super) fn settings(text: &str) -> Result<Settings, Vec<Problem>> {
    let document = document(text)?;
    let mut reader = Reader::new(text);
    let top = Section {
        name: "config.toml",
        table: document.as_table(),
        at: 0,
    };
    reader.known_keys(top, &["credential_store", "profile"]);
    let credential_store = reader.text(top, "credential_store").map(|(store, _)| store);
    let profile = reader.text(top, "profile").map(|(name, at)| {
        if let Err(error) = check_name(&name) {
            reader.report(at, error.to_string());
        }
        name
    });
    reader.finish(Settings {
        credential_store,
        profile,
    })
}

fn document(text: &str) -> Result<Document<&str>, Vec<Problem>> {
    Document::parse(text).map_err(|error| vec![syntax::problem(text, &error)])
}

/// Line and column, both from 1, of a byte of the text.
pub(super) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = String::from_utf8_lossy(&text.as_bytes()[..at.min(text.len())]);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

/// Whether a field rule can read this; the error is a sentence.
pub(crate) fn check_source(source: &str) -> Result<(), String> {
    if SOURCES.contains(&source) || Derived::by_word(source).is_some() {
        return Ok(());
    }
    if let Some(custom) = source.strip_prefix(CUSTOM) {
        return match custom.trim() {
            "" => Err("`custom.` needs the key, name or id of a custom field".to_owned()),
            _ => Ok(()),
        };
    }
    if matches!(source, "additionalEmails" | "additionalPhones") {
        // Shown by a single read only, and refused in every write (highlevel-api-docs issue 262).
        return Err(format!(
            "`{source}` can be neither listed nor written in HighLevel, so no rule can use it"
        ));
    }
    if let Some(key) = source.strip_prefix("contact.") {
        return Err(format!(
            "unknown HighLevel source `{source}`: custom fields are written `custom.{key}`"
        ));
    }
    let derived = DERIVED.iter().map(|(word, _)| *word);
    let known: Vec<&str> = SOURCES.iter().copied().chain(derived).collect();
    let near = match suggestion(source, &known) {
        near if near.is_empty() => ": custom fields are written `custom.<key>`".to_owned(),
        near => near,
    };
    Err(format!("unknown HighLevel source `{source}`{near}"))
}

/// Whether a field rule can write this BigMailer field; the error is a sentence.
pub(crate) fn check_merge_tag(tag: &str) -> Result<(), String> {
    if tag.trim().is_empty() {
        Err("the merge tag of the BigMailer field is empty".to_owned())
    } else if tag.chars().count() > LONGEST_NAME {
        Err(format!(
            "the merge tag is longer than BigMailer's {LONGEST_NAME} characters"
        ))
    } else if tag.chars().any(char::is_control) {
        Err("the merge tag has a line break or another control character".to_owned())
    } else if tag.trim().eq_ignore_ascii_case("EMAIL") {
        // BigMailer's built-in field; its API takes the address only as the contact's `email`.
        Err("EMAIL is the address itself, which every sync keeps in step without a rule".to_owned())
    } else {
        Ok(())
    }
}

/// Whether a list rule can look for this tag; the error is a sentence.
pub(super) fn check_tag(tag: &str) -> Result<(), String> {
    match tag.trim() {
        "" => Err("the tag is empty".to_owned()),
        _ => Ok(()),
    }
}

/// Whether a list rule can name this list; the error is a sentence.
pub(crate) fn check_list(list: &str) -> Result<(), String> {
    if list.trim().is_empty() {
        Err("the list is empty".to_owned())
    } else if list.chars().count() > LONGEST_NAME {
        Err(format!(
            "the list's name is longer than BigMailer's {LONGEST_NAME} characters"
        ))
    } else if list.chars().any(char::is_control) {
        Err("the list's name has a line break or another control character".to_owned())
    } else {
        Ok(())
    }
}

/// Whether this can be part of a service's paths; the error is a sentence.
pub(super) fn check_service_id(key: &str, id: &str) -> Result<(), String> {
    let strange = |letter: char| {
        letter.is_whitespace() || letter.is_control() || "/\\?#%&\"'<>".contains(letter)
    };
    if id.is_empty() {
        Err(format!("`{key}` is empty"))
    } else if id.contains(strange) || matches!(id, "." | "..") {
        Err(format!(
            "`{key}` holds signs that no id has; copy the id alone, without blanks or an address"
        ))
    } else {
        Ok(())
    }
}

/// `90s`, `10m`, `24h`, `2d`.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let unit = text.chars().next_back()?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return None,
    };
    let number = text[..text.len() - 1].trim_end();
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = number.parse().ok()?;
    // A century: longer is a slip, and adding it to a moment must not overflow anywhere.
    const LONGEST: u64 = 100 * 366 * 24 * 60 * 60;
    number
        .checked_mul(seconds)
        .filter(|seconds| *seconds <= LONGEST)
        .map(Duration::from_secs)
}

/// What a TOML value is, in words.
fn kind_of(item: &Item) -> &'static str {
    match item {
        Item::None => "nothing",
        Item::Table(_) => "a table",
        Item::ArrayOfTables(_) => "a list of tables",
        Item::Value(Value::String(_)) => "text",
        Item::Value(Value::Integer(_)) => "a whole number",
        Item::Value(Value::Float(_)) => "a decimal number",
        Item::Value(Value::Boolean(_)) => "true or false",
        Item::Value(Value::Datetime(_)) => "a date",
        Item::Value(Value::Array(_)) => "a list",
        Item::Value(Value::InlineTable(_)) => "a table",
    }
}

/// One table of the file.
#[derive(Clone, Copy)]
struct Section<'d> {
    /// As messages call it.
    name: &'static str,
    table: &'d dyn TableLike,
    /// Byte at which it begins.
    at: usize,
}

impl<'d> Section<'d> {
    /// The value of a key and the byte at which the value begins.
    fn get(&self, key: &str) -> Option<(&'d Item, usize)> {
        let (name, item) = self.table.get_key_value(key)?;
        let span = item.span().or_else(|| name.span());
        Some((item, span.map_or(self.at, |span| span.start)))
    }

    fn is_set(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }
}

struct Reader<'t> {
    text: &'t str,
    problems: Vec<Problem>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Reader<'t> {
        Reader {
            text,
            problems: Vec::new(),
        }
    }

    fn finish<T>(self, result: T) -> Result<T, Vec<Problem>> {
        match self.sorted() {
            problems if problems.is_empty() => Ok(result),
            problems => Err(problems),
        }
    }

    /// What was found, in the order of the lines.
    fn sorted(mut self) -> Vec<Problem> {
        self.problems
            .sort_by_key(|problem| (problem.line, problem.column));
        self.problems
    }

    fn report(&mut self, at: usize, message: impl Into<String>) {
        let (line, column) = place(self.text, at);
        self.problems.push(Problem {
            line,
            column,
            message: message.into(),
        });
    }

    fn report_file(&mut self, message: impl Into<String>) {
        self.problems.push(Problem {
            line: 0,
            column: 0,
            message: message.into(),
        });
    }

    fn line(&self, at: usize) -> usize {
        place(self.text, at).0
    }

    // Single values

    fn wrong_kind(&mut self, key: &str, item: &Item, at: usize, expected: &str) {
        let got = kind_of(item);
        self.report(at, format!("`{key}` must be {expected}, not {got}"));
    }

    fn text(&mut self, section: Section, key: &str) -> Option<(String, usize)> {
        let (item, at) = section.get(key)?;
        match item.as_str() {
            Some(text) => Some((text.to_owned(), at)),
            None => {
                self.wrong_kind(key, item, at, "text in quotes");
                None
            }
        }
    }

    fn flag(&mut self, section: Section, key: &str) -> Option<(bool, usize)> {
        let (item, at) = section.get(key)?;
        match item.as_bool() {
            Some(flag) => Some((flag, at)),
            None => {
                self.wrong_kind(key, item, at, "true or false");
                None
            }
        }
    }

    /// A whole number from `least` up, as wide as the target.
    fn whole<T: TryFrom<i64>>(&mut self, section: Section, key: &str, least: i64) -> Option<T> {
        let (item, at) = section.get(key)?;
        let Some(number) = item.as_integer() else {
            self.wrong_kind(key, item, at, "a whole number");
            return None;
        };
        match T::try_from(number) {
            Ok(fits) if number >= least => Some(fits),
            _ if number < least => {
                self.report(at, format!("`{key}` must be at least {least}"));
                None
            }
            _ => {
                self.report(at, format!("`{key}` is too large"));
                None
            }
        }
    }

    /// One of a few words.
    fn choice<T: Copy>(
        &mut self,
        section: Section,
        key: &str,
        words: &[(&'static str, T)],
    ) -> Option<(T, &'static str, usize)> {
        let (word, at) = self.text(section, key)?;
        let found = words.iter().find(|(known, _)| *known == word);
        if let Some((known, value)) = found {
            return Some((*value, known, at));
        }
        let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
        let near = suggestion(&word, &known);
        self.report(
            at,
            format!("`{key}` must be {}, not `{word}`{near}", known.join(", ")),
        );
        None
    }

    /// A list of texts that are not blank, each with its place.
    fn texts(&mut self, section: Section, key: &str) -> Vec<(String, usize)> {
        let Some((item, at)) = section.get(key) else {
            return Vec::new();
        };
        let Some(array) = item.as_array() else {
            self.wrong_kind(key, item, at, "a list of texts, such as [\"a\", \"b\"]");
            return Vec::new();
        };
        let mut texts = Vec::new();
        for value in array {
            let at = value.span().map_or(at, |span| span.start);
            match value.as_str() {
                Some(text) if text.trim().is_empty() => {
                    self.report(at, format!("`{key}` has an empty entry"));
                }
                Some(text) => texts.push((text.to_owned(), at)),
                None => {
                    let got = kind_of(&Item::Value(value.clone()));
                    self.report(
                        at,
                        format!("`{key}` must hold texts in quotes only, not {got}"),
                    );
                }
            }
        }
        texts
    }

    fn duration(&mut self, section: Section, key: &str) -> Option<Duration> {
        let (text, at) = self.text(section, key)?;
        let duration = duration(&text);
        if duration.is_none() {
            self.report(
                at,
                format!("`{key}` must be a number with s, m, h or d, such as `10m`, not `{text}`"),
            );
        }
        duration
    }

    fn share(&mut self, section: Section, key: &str) -> Option<Share> {
        let (item, at) = section.get(key)?;
        let share = match item {
            Item::Value(Value::Integer(number)) => {
                u64::try_from(*number.value()).ok().map(Share::Count)
            }
            Item::Value(Value::String(text)) => text
                .value()
                .strip_suffix('%')
                .and_then(|percent| percent.trim().parse::<f64>().ok())
                .filter(|percent| (0.0..=100.0).contains(percent))
                .map(Share::Percent),
            _ => None,
        };
        if share.is_none() {
            self.report(
                at,
                format!("`{key}` must be a percentage such as \"5%\" or a number of contacts"),
            );
        }
        share
    }

    // Tables

    fn known_keys(&mut self, section: Section, known: &[&str]) {
        for (key, item) in section.table.iter() {
            if known.contains(&key) {
                continue;
            }
            let named = section.table.key(key).and_then(|key| key.span());
            let at = named
                .or_else(|| item.span())
                .map_or(section.at, |span| span.start);
            let rest = match suggestion(key, known) {
                near if near.is_empty() => {
                    format!("; {} has {}", section.name, known.join(", "))
                }
                near => near,
            };
            self.report(at, format!("unknown key `{key}`{rest}"));
        }
    }

    fn table<'d>(
        &mut self,
        top: Section<'d>,
        key: &str,
        name: &'static str,
        known: &[&str],
    ) -> Option<Section<'d>> {
        let (item, at) = top.get(key)?;
        let Some(table) = item.as_table_like() else {
            self.wrong_kind(key, item, at, &format!("a table, {name}"));
            return None;
        };
        let section = Section { name, table, at };
        self.known_keys(section, known);
        Some(section)
    }

    /// The tables of a list such as `[[field]]`.
    fn rows<'d>(&mut self, top: Section<'d>, key: &str, name: &'static str) -> Vec<Section<'d>> {
        let Some((item, at)) = top.get(key) else {
            return Vec::new();
        };
        let section = |table: &'d dyn TableLike, span: Option<std::ops::Range<usize>>| Section {
            name,
            table,
            at: span.map_or(at, |span| span.start),
        };
        let inline = |value: &'d Value| {
            let table: &'d dyn TableLike = value.as_inline_table()?;
            Some(section(table, value.span()))
        };
        let rows = match item {
            Item::ArrayOfTables(tables) => Some(
                tables
                    .iter()
                    .map(|table| section(table, table.span()))
                    .collect(),
            ),
            Item::Value(Value::Array(values)) => values.iter().map(inline).collect(),
            _ => None,
        };
        rows.unwrap_or_else(|| {
            self.wrong_kind(key, item, at, &format!("a list of tables, [[{key}]]"));
            Vec::new()
        })
    }

    // The parts of a profile

    /// False when the rest of the file is not worth a look: what this version thinks of a newer
    /// format would only mislead.
    fn version(&mut self, top: Section) -> bool {
        match top.get("version") {
            None => self.report_file(format!(
                "`version = {VERSION}` is missing: put it on the first line"
            )),
            Some((item, at)) => match item.as_integer() {
                Some(VERSION) => {}
                Some(newer) if newer > VERSION => {
                    self.report(
                        at,
                        format!(
                            "this profile was made by a newer ghl-bm (version {newer}); this one \
                             reads version {VERSION}"
                        ),
                    );
                    return false;
                }
                Some(other) => self.report(
                    at,
                    format!("there is no version {other} of profiles; use {VERSION}"),
                ),
                None => self.wrong_kind("version", item, at, &format!("the number {VERSION}")),
            },
        }
        true
    }

    fn service_id(
        &mut self,
        top: Section,
        table: &keys::Table,
        name: &'static str,
        key: &'static str,
    ) -> String {
        let Some(section) = self.table(top, table.name, name, &table.names()) else {
            if !top.is_set(table.name) {
                self.report_file(format!("{name} with its `{key}` is missing"));
            }
            return String::new();
        };
        match self.text(section, key) {
            Some((id, at)) => {
                if let Err(message) = check_service_id(key, &id) {
                    self.report(at, message);
                    return String::new();
                }
                id
            }
            None => {
                if !section.is_set(key) {
                    self.report(section.at, format!("`{key}` is missing in {name}"));
                }
                String::new()
            }
        }
    }

    /// Refuses a switch that writes to HighLevel where the profile's direction does not.
    fn needs_the_way_back(&mut self, direction: Direction, on: bool, key: &str, at: usize) {
        if on && !direction.to_ghl() {
            self.report(
                at,
                format!(
                    "`{key} = true` writes to HighLevel and needs `direction = \"both\"` or \
                     \"to-ghl\" in [sync]; a rule that is to stay one-way says so with its own \
                     `direction`"
                ),
            );
        }
    }

    /// Returns the line of the id field, for those who collide with it.
    fn sync(&mut self, top: Section, profile: &mut Profile) -> usize {
        let Some(section) = self.table(top, "sync", "[sync]", &SYNC.names()) else {
            return 0;
        };
        let rules = &mut profile.sync;
        if let Some((direction, ..)) = self.choice(section, "direction", DIRECTIONS) {
            rules.direction = direction;
        }
        if let Some((conflict, ..)) = self.choice(section, "conflict", CONFLICTS) {
            rules.conflict = conflict;
        }
        if let Some((create, _)) = self.flag(section, "create_in_bigmailer") {
            rules.create_in_bigmailer = create;
        }
        if let Some((create, at)) = self.flag(section, "create_in_ghl") {
            rules.create_in_ghl = create;
            self.needs_the_way_back(rules.direction, create, "create_in_ghl", at);
        }
        if let Some((from_address, at)) = self.flag(section, "name_from_address") {
            rules.name_from_address = from_address;
            if from_address && !rules.create_in_ghl {
                self.report(
                    at,
                    "`name_from_address` is for contacts that `create_in_ghl = true` makes",
                );
            }
        }
        if let Some((policy, ..)) = self.choice(section, "on_ghl_delete", ON_DELETE) {
            rules.on_ghl_delete = policy;
        }
        if let Some((policy, ..)) = self.choice(section, "on_scope_exit", ON_EXIT) {
            rules.on_scope_exit = policy;
        }
        if let Some(lookback) = self.duration(section, "lookback") {
            rules.lookback = lookback;
        }
        if let Some(full_every) = self.duration(section, "full_every") {
            rules.full_every = full_every;
        }
        let Some((tag, at)) = self.text(section, "id_field") else {
            return 0;
        };
        if tag.is_empty() {
            rules.id_field = None;
        } else {
            if let Err(message) = check_merge_tag(&tag) {
                self.report(at, format!("`id_field`: {message}"));
            }
            rules.id_field = Some(tag);
        }
        self.line(at)
    }

    fn filter(&mut self, top: Section, profile: &mut Profile) {
        let Some(section) = self.table(top, "filter", "[filter]", &FILTER.names()) else {
            return;
        };
        let filter = &mut profile.filter;
        for (key, target) in [
            ("tags_any", &mut filter.tags_any),
            ("tags_none", &mut filter.tags_none),
            ("types", &mut filter.types),
            ("sources", &mut filter.sources),
            ("assigned_to", &mut filter.assigned_to),
        ] {
            let words = self.texts(section, key);
            *target = words
                .into_iter()
                .map(|(word, _)| word.trim().to_owned())
                .collect();
        }
    }

    fn consent(&mut self, top: Section, profile: &mut Profile) {
        let Some(section) = self.table(top, "consent", "[consent]", &CONSENT.names()) else {
            return;
        };
        if let Some((travels, at)) = self.flag(section, "to_ghl") {
            profile.consent.to_ghl = travels;
            self.needs_the_way_back(profile.sync.direction, travels, "to_ghl", at);
        }
        if let Some((travels, _)) = self.flag(section, "to_bigmailer") {
            profile.consent.to_bigmailer = travels;
        }
        if let Some((create, _)) = self.flag(section, "create_opted_out") {
            profile.consent.create_opted_out = create;
        }
    }

    fn limits(&mut self, top: Section, profile: &mut Profile) {
        let Some(section) = self.table(top, "limits", "[limits]", &LIMITS.names()) else {
            return;
        };
        let limits = &mut profile.limits;
        if let Some((item, at)) = section.get("share") {
            let number = item
                .as_float()
                .or_else(|| item.as_integer().map(|number| number as f64));
            match number {
                Some(share) if share > 0.0 && share <= 1.0 => limits.share = share,
                Some(_) => self.report(at, "`share` must be above 0 and at most 1"),
                None => self.wrong_kind("share", item, at, "a number such as 0.9"),
            }
        }
        if let Some(calls) = self.whole(section, "ghl_per_10s", 0) {
            limits.ghl_per_10s = calls;
        }
        if let Some(calls) = self.whole(section, "bigmailer_per_second", 0) {
            limits.bigmailer_per_second = calls;
        }
        if let Some(calls) = self.whole(section, "bigmailer_in_flight", 1) {
            limits.bigmailer_in_flight = calls;
        }
        if let Some(calls) = self.whole(section, "daily_reserve", 0) {
            limits.daily_reserve = calls;
        }
        if let Some(calls) = self.whole(section, "derived_calls_per_run", 1) {
            limits.derived_calls_per_run = calls;
        }
        if let Some(share) = self.share(section, "max_changes") {
            limits.max_changes = share;
        }
        if let Some(share) = self.share(section, "max_deletes") {
            limits.max_deletes = share;
        }
    }

    /// A text that a rule cannot be without, checked.
    fn required(
        &mut self,
        section: Section,
        key: &str,
        check: fn(&str) -> Result<(), String>,
    ) -> Option<(String, usize)> {
        match self.text(section, key) {
            Some((text, at)) => match check(&text) {
                Ok(()) => Some((text, at)),
                Err(message) => {
                    self.report(at, message);
                    None
                }
            },
            None => {
                if !section.is_set(key) {
                    self.report(
                        section.at,
                        format!("`{key}` is missing in this {}", section.name),
                    );
                }
                None
            }
        }
    }

    fn fields(&mut self, top: Section, profile: &mut Profile, id_field_line: usize) {
        // Whether BigMailer tells merge tags apart by case is not documented; treating two
        // spellings as one field is right either way.
        let same = |tag: &str| tag.trim().to_uppercase();
        let mut written: HashMap<String, String> = HashMap::new();
        if let Some(tag) = &profile.sync.id_field {
            let by = match id_field_line {
                0 => "by `id_field`, which is on unless [sync] says `id_field = \"\"`".to_owned(),
                line => format!("by `id_field` in line {line}"),
            };
            written.insert(same(tag), by);
        }
        for section in self.rows(top, "field", "[[field]]") {
            self.known_keys(section, &FIELD.names());
            let line = self.line(section.at);
            let own = self.choice(section, "direction", DIRECTIONS);
            let conflict = self.choice(section, "conflict", CONFLICTS);
            let source = self.required(section, "ghl", check_source);
            let target = self.required(section, "bigmailer", check_merge_tag);
            let kind = match self.choice(section, "type", KINDS) {
                Some((kind, ..)) => kind,
                // Told already; whatever fits is not to be told again.
                None if section.is_set("type") => FieldKind::Native,
                None => FieldKind::Text,
            };
            let mut steps = Vec::new();
            for (step, at) in self.texts(section, "transform") {
                match Transform::parse(&step) {
                    Ok(step) => steps.push((step, at)),
                    Err(message) => self.report(at, message),
                }
            }
            let direction = match (own, &source) {
                (Some((direction, ..)), _) => direction,
                // What cannot be written goes the one way that it can.
                (None, Some((source, _)))
                    if profile.sync.direction == Direction::Both && !is_writable(source) =>
                {
                    Direction::ToBigmailer
                }
                (None, _) => profile.sync.direction,
            };
            if let Some((source, at)) = &source
                && direction.to_ghl()
            {
                self.writes(source, own.map_or(*at, |(.., at)| at), line, profile);
            }
            if direction == Direction::Both {
                let lossy = steps.iter().find(|(step, _)| !step.goes_both_ways());
                if let Some((step, at)) = lossy {
                    self.report(
                        *at,
                        format!(
                            "`{step}` cannot be part of a rule that goes both ways, because \
                             nothing undoes it; give the rule `direction = \"to-bigmailer\"` or \
                             \"to-ghl\""
                        ),
                    );
                }
            }
            let transforms = steps.into_iter().map(|(step, _)| step).collect();
            let flow = Flow {
                direction,
                conflict: conflict.map_or(profile.sync.conflict, |(conflict, ..)| conflict),
            };
            if let Some((target, at)) = &target {
                match written.get(&same(target)) {
                    Some(by) => {
                        self.report(*at, format!("`{target}` is already written {by}"));
                    }
                    None => {
                        let by = format!("by the rule in line {line}");
                        written.insert(same(target), by);
                    }
                }
            }
            if let (Some((ghl, _)), Some((bigmailer, _))) = (source, target) {
                profile.fields.push(FieldRule {
                    ghl,
                    bigmailer,
                    kind,
                    transforms,
                    flow,
                    line,
                });
            }
        }
    }

    /// What only several rules together get wrong.
    fn circles(&mut self, profile: &Profile) {
        for circle in circles(profile) {
            self.problems.push(Problem {
                line: circle.line,
                column: 1,
                message: circle.message,
            });
        }
    }

    /// Refuses a source that cannot be written, or that an earlier rule writes already.
    fn writes(&mut self, source: &str, at: usize, line: usize, profile: &Profile) {
        if source == "email" {
            self.report(
                at,
                "`email` is the address itself, which [sync] keeps in step; as a field it can \
                 only go `to-bigmailer`",
            );
            return;
        }
        if !is_writable(source) {
            self.report(
                at,
                format!(
                    "HighLevel's `{source}` cannot be written; give this rule \
                     `direction = \"to-bigmailer\"`"
                ),
            );
            return;
        }
        // The full name is the two others.
        let is_name = |source: &str| ["firstName", "lastName"].contains(&source);
        let same = |other: &str| {
            other == source
                || other == "name" && is_name(source)
                || source == "name" && is_name(other)
        };
        let mut earlier = profile.fields.iter();
        let clash = earlier
            .find(|rule| rule.flow.direction.to_ghl() && rule.line != line && same(&rule.ghl));
        if let Some(rule) = clash {
            let message = format!(
                "HighLevel's `{source}` is already written by the rule in line {}",
                rule.line
            );
            self.report(at, message);
        }
    }

    fn lists(&mut self, top: Section, profile: &mut Profile) {
        for section in self.rows(top, "list", "[[list]]") {
            self.known_keys(section, &LIST.names());
            let line = self.line(section.at);
            let own = self.choice(section, "direction", DIRECTIONS);
            let list = self.required(section, "list", check_list);
            let when = section.get("when");
            if let Some((item, at)) = when {
                let when = self.condition(item, at);
                if let Some((_, at)) = section.get("tag") {
                    let message = "`tag` and `when` exclude each other; `when` can test a tag too";
                    self.report(at, message);
                }
                if let (Some(when), Some((list, _))) = (when, list) {
                    profile.lists.push(ListRule {
                        tag: String::new(),
                        when: Some(when),
                        list,
                        direction: Direction::ToBigmailer,
                        line,
                    });
                }
                continue;
            }
            let tag = self.required(section, "tag", check_tag);
            let (Some((tag, at)), Some((list, _))) = (tag, list) else {
                continue;
            };
            let rule = ListRule {
                tag: tag_key(&tag),
                when: None,
                list,
                direction: own.map_or(profile.sync.direction, |(direction, ..)| direction),
                line,
            };
            if let Some(other) = profile
                .lists
                .iter()
                .find(|other| is_ambiguous(other, &rule))
            {
                let message = format!(
                    "where something travels to HighLevel, one rule has to be enough for a list \
                     and for a tag; the rule in line {} has the same",
                    other.line
                );
                self.report(at, message);
                continue;
            }
            let same = |other: &&ListRule| {
                other.when.is_none() && other.tag == rule.tag && other.list == rule.list
            };
            match profile.lists.iter().find(same) {
                Some(other) => {
                    let message = format!(
                        "the tag `{}` already means this list by the rule in line {}",
                        rule.tag, other.line
                    );
                    self.report(at, message);
                }
                None => profile.lists.push(rule),
            }
        }
    }
}

/// Whether two rules leave it open which tag a membership gives, or which list a tag stands for.
fn is_ambiguous(one: &ListRule, other: &ListRule) -> bool {
    let back = one.direction.to_ghl() || other.direction.to_ghl();
    let same_list = one.list.trim().to_lowercase() == other.list.trim().to_lowercase();
    let same_tag = one.tag == other.tag;
    // The very same rule twice is told otherwise.
    back && (same_list != same_tag) || same_list && same_tag && one.direction != other.direction
}
