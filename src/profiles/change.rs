//! Single changes of a profile's text: comments, order and spelling of everything else stay.
//!
//! Reads and writes no file, and does not judge the result: whoever saves it does. What can be told
//! without the rest of the file (unknown keys, values of the wrong kind) is refused here with what to
//! write instead. Start reading at [`change`].

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table as TomlTable, Value};

use super::keys::{self, FIELD, LIST, TABLES, Table, Takes};
use super::{ProfileError, edit};
use crate::mapping::nearest::suggestion;
use crate::mapping::tag_key;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// A dotted key, such as `sync.conflict` or `field.LEAD_SCORE.type`, and its value as typed.
    Set {
        key: String,
        value: String,
    },
    AddField(NewField),
    AddList {
        tag: String,
        list: String,
        direction: Option<String>,
    },
    /// By merge tag.
    RemoveField(String),
    /// By tag; with a list where one tag means several.
    RemoveList {
        tag: String,
        list: Option<String>,
    },
}

/// A field rule as typed; what is `None` or empty is left out of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct NewField {
    pub ghl: String,
    pub bigmailer: String,
    pub kind: Option<String>,
    pub direction: Option<String>,
    pub conflict: Option<String>,
    pub transforms: Vec<String>,
}

/// Why a change cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    /// A sentence for whoever typed it.
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    File(#[from] ProfileError),
}

type Result<T> = std::result::Result<T, ChangeError>;

fn refused<T>(message: impl Into<String>) -> Result<T> {
    Err(ChangeError::Refused(message.into()))
}

/// The text with the change made. It is TOML, but may be no valid profile.
pub(crate) fn change(text: &str, change: &Change) -> Result<String> {
    let mut outcome = Ok(());
    let edited = edit(text, |document| outcome = carry_out(document, change))?;
    outcome.map(|()| edited)
}

fn carry_out(document: &mut DocumentMut, change: &Change) -> Result<()> {
    match change {
        Change::Set { key, value } => set(document, key, value),
        Change::AddField(field) => add_field(document, field),
        Change::AddList {
            tag,
            list,
            direction,
        } => add_list(document, tag, list, direction.as_deref()),
        Change::RemoveField(target) => remove_field(document, target),
        Change::RemoveList { tag, list } => remove_list(document, tag, list.as_deref()),
    }
}

// Values

/// What was typed, as the key takes it.
fn value(key: &str, takes: &Takes, typed: &str) -> Result<Value> {
    let wrong =
        || ChangeError::Refused(format!("`{key}` takes {}, not `{typed}`", takes.expected()));
    let bare = typed.trim();
    Ok(match takes {
        Takes::Version | Takes::Table => {
            return refused(format!("`{key}` cannot be set; use `ghl-bm map edit`"));
        }
        Takes::Text | Takes::Duration => typed.into(),
        Takes::Flag => match bare {
            "true" | "yes" | "on" => true.into(),
            "false" | "no" | "off" => false.into(),
            _ => return Err(wrong()),
        },
        Takes::Whole(_) => bare.parse::<i64>().map_err(|_| wrong())?.into(),
        Takes::Fraction => bare.parse::<f64>().map_err(|_| wrong())?.into(),
        Takes::Words(words) => {
            let words = words();
            if !words.contains(&bare) {
                let near = suggestion(bare, &words);
                return refused(format!(
                    "`{key}` takes {}, not `{typed}`{near}",
                    words.join(", ")
                ));
            }
            bare.into()
        }
        Takes::Share => match bare.parse::<i64>() {
            Ok(count) => count.into(),
            Err(_) => bare.into(),
        },
        Takes::Texts => texts(typed).ok_or_else(wrong)?.into(),
    })
}

/// A list as TOML writes it, or texts with commas between them.
fn texts(typed: &str) -> Option<Array> {
    let typed = typed.trim();
    if typed.starts_with('[') {
        return match typed.parse::<Value>().ok()? {
            Value::Array(array) => Some(array),
            _ => None,
        };
    }
    let parts = typed.split(',').map(str::trim);
    Some(parts.filter(|part| !part.is_empty()).collect())
}

/// Puts a value where an older one may be, and leaves the comment behind that one alone.
fn put(table: &mut dyn toml_edit::TableLike, key: &str, mut value: Value) {
    match table.get_mut(key) {
        Some(Item::Value(old)) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        _ => {
            table.insert(key, Item::Value(value));
        }
    }
}

// Keys

fn set(document: &mut DocumentMut, key: &str, typed: &str) -> Result<()> {
    let Some((name, rest)) = key.split_once('.') else {
        return refused(unknown_key(key));
    };
    let Some(table) = TABLES.iter().find(|table| table.name == name) else {
        return refused(unknown_key(key));
    };
    if table.many {
        // A merge tag or a tag may hold a dot; the key of a rule never does.
        let Some((which, part)) = rest.rsplit_once('.') else {
            return refused(format!(
                "`{key}` does not say which rule; write {name}.{}.KEY",
                if name == FIELD.name {
                    "MERGE_TAG"
                } else {
                    "TAG"
                }
            ));
        };
        let known = known_key(table, key, part)?;
        let value = value(key, &known.takes, typed)?;
        let at = match name == FIELD.name {
            true => field_at(document, which)?,
            false => list_at(document, which, None)?,
        };
        let Some(row) = row_mut(document, name, at) else {
            return refused(format!("`{key}` cannot be set; use `ghl-bm map edit`"));
        };
        put(row, part, value);
        return Ok(());
    }
    let known = known_key(table, key, rest)?;
    let value = value(key, &known.takes, typed)?;
    if !document.contains_key(name) {
        insert_table(document, name);
    }
    match document.get_mut(name).and_then(Item::as_table_like_mut) {
        Some(section) => put(section, rest, value),
        None => return refused(format!("`{name}` in the profile is no table")),
    }
    Ok(())
}

fn known_key(table: &Table, whole: &str, part: &str) -> Result<&'static keys::Key> {
    match table.key(part) {
        Some(known) => Ok(known),
        None => {
            let names = table.names();
            let rest = match suggestion(part, &names) {
                near if near.is_empty() => format!("; {} has {}", table.title(), names.join(", ")),
                near => near,
            };
            refused(format!("unknown key `{whole}`{rest}"))
        }
    }
}

fn unknown_key(key: &str) -> String {
    if let Some(table) = TABLES.iter().find(|table| table.name == key) {
        let names: Vec<String> = table
            .names()
            .iter()
            .map(|name| format!("{key}.{name}"))
            .collect();
        return match table.many {
            true => format!("`{key}` is a list of rules; see `ghl-bm map add {key}`"),
            false => format!("`{key}` is a table; its keys are {}", names.join(", ")),
        };
    }
    let single = TABLES.iter().filter(|table| !table.many);
    let all: Vec<String> = single
        .flat_map(|table| {
            let names = table.names().into_iter();
            names.map(|name| format!("{}.{name}", table.name))
        })
        .collect();
    // The part after the dot alone is what people forget the table of.
    let whole: Vec<&str> = all
        .iter()
        .map(String::as_str)
        .filter(|known| known.split('.').nth(1) == Some(key))
        .collect();
    if let [one] = whole.as_slice() {
        return format!("unknown key `{key}`, did you mean `{one}`?");
    }
    let known: Vec<&str> = all.iter().map(String::as_str).collect();
    match suggestion(key, &known) {
        near if near.is_empty() => {
            format!("unknown key `{key}`; keys look like sync.direction, see `ghl-bm map schema`")
        }
        near => format!("unknown key `{key}`{near}"),
    }
}

/// A new table at its usual place: after the last of those that come before it.
fn insert_table(document: &mut DocumentMut, name: &str) {
    let before = TABLES.iter().take_while(|table| table.name != name);
    let position = before
        .filter_map(|table| last_position(document.get(table.name)?))
        .max();
    let mut table = TomlTable::new();
    table.decor_mut().set_prefix("\n");
    make_room(document, &mut table, position);
    document.insert(name, Item::Table(table));
}

/// Where the last part of an item stands among the tables of the file.
fn last_position(item: &Item) -> Option<isize> {
    match item {
        Item::Table(table) => table.position(),
        Item::ArrayOfTables(tables) => tables.iter().filter_map(TomlTable::position).max(),
        _ => None,
    }
}

/// Gives a table the place right after `position`, and moves what stands there.
fn make_room(document: &mut DocumentMut, table: &mut TomlTable, position: Option<isize>) {
    let Some(position) = position else { return };
    for (_, item) in document.iter_mut() {
        let move_on = |table: &mut TomlTable| {
            if let Some(at) = table.position().filter(|at| *at > position) {
                table.set_position(Some(at + 1));
            }
        };
        match item {
            Item::Table(table) => move_on(table),
            Item::ArrayOfTables(tables) => tables.iter_mut().for_each(move_on),
            _ => {}
        }
    }
    table.set_position(Some(position + 1));
}

// Rules

/// What a key of each rule says, in order; rules may be written as `[[name]]` or inline.
fn column(document: &DocumentMut, name: &str, key: &str) -> Vec<Option<String>> {
    let text = |item: Option<&Item>| item.and_then(Item::as_str).map(str::to_owned);
    match document.get(name) {
        Some(Item::ArrayOfTables(tables)) => {
            tables.iter().map(|table| text(table.get(key))).collect()
        }
        Some(Item::Value(Value::Array(rows))) => rows
            .iter()
            .map(|row| row.as_inline_table()?.get(key)?.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    }
}

fn row_mut<'d>(
    document: &'d mut DocumentMut,
    name: &str,
    at: usize,
) -> Option<&'d mut dyn toml_edit::TableLike> {
    match document.get_mut(name)? {
        Item::ArrayOfTables(tables) => Some(tables.get_mut(at)?),
        Item::Value(Value::Array(rows)) => Some(rows.get_mut(at)?.as_inline_table_mut()?),
        _ => None,
    }
}

fn same_field(a: &str, b: &str) -> bool {
    a.trim().to_uppercase() == b.trim().to_uppercase()
}

fn field_at(document: &DocumentMut, target: &str) -> Result<usize> {
    let targets = column(document, FIELD.name, "bigmailer");
    let found = targets.iter().position(|known| {
        known
            .as_deref()
            .is_some_and(|known| same_field(known, target))
    });
    found.map_or_else(
        || {
            let known: Vec<&str> = targets.iter().flatten().map(String::as_str).collect();
            refused(format!(
                "no [[field]] fills `{target}`{}",
                known_or_near(target, &known)
            ))
        },
        Ok,
    )
}

fn list_at(document: &DocumentMut, tag: &str, list: Option<&str>) -> Result<usize> {
    let tags = column(document, LIST.name, "tag");
    let lists = column(document, LIST.name, "list");
    let fits = |at: &usize| {
        let same = |known: &Option<String>| {
            known
                .as_deref()
                .is_some_and(|known| tag_key(known) == tag_key(tag))
        };
        let known = lists[*at].as_deref().map(str::to_lowercase);
        same(&tags[*at]) && (list.is_none() || known == list.map(str::to_lowercase))
    };
    let found: Vec<usize> = (0..tags.len()).filter(fits).collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => {
            let known: Vec<&str> = tags.iter().flatten().map(String::as_str).collect();
            let to = list
                .map(|list| format!(" and the list `{list}`"))
                .unwrap_or_default();
            refused(format!(
                "there is no [[list]] with the tag `{tag}`{to}{}",
                known_or_near(tag, &known)
            ))
        }
        several => {
            let lists: Vec<&str> = several
                .iter()
                .filter_map(|at| lists[*at].as_deref())
                .collect();
            refused(format!(
                "the tag `{tag}` means several lists; name one of them as well: {}",
                lists.join(", ")
            ))
        }
    }
}

/// What was probably meant, or else what there is.
fn known_or_near(word: &str, known: &[&str]) -> String {
    match suggestion(word, known) {
        near if !near.is_empty() => near,
        _ if known.is_empty() => "; there is none".to_owned(),
        _ => format!("; there are {}", known.join(", ")),
    }
}

fn add_field(document: &mut DocumentMut, field: &NewField) -> Result<()> {
    if field_at(document, &field.bigmailer).is_ok() {
        return refused(format!(
            "a [[field]] fills `{}` already; remove it first with `ghl-bm map remove field {}`, or \
             change it with `ghl-bm map set field.{}.KEY VALUE`",
            field.bigmailer, field.bigmailer, field.bigmailer
        ));
    }
    let mut row = vec![
        ("ghl", field.ghl.as_str().into()),
        ("bigmailer", field.bigmailer.as_str().into()),
    ];
    for (key, typed) in [
        ("type", &field.kind),
        ("direction", &field.direction),
        ("conflict", &field.conflict),
    ] {
        if let (Some(typed), Some(known)) = (typed, FIELD.key(key)) {
            row.push((key, value(key, &known.takes, typed)?));
        }
    }
    if !field.transforms.is_empty() {
        let steps: Array = field.transforms.iter().map(String::as_str).collect();
        row.push(("transform", steps.into()));
    }
    add_row(document, &FIELD, row)
}

fn add_list(
    document: &mut DocumentMut,
    tag: &str,
    list: &str,
    direction: Option<&str>,
) -> Result<()> {
    if list_at(document, tag, Some(list)).is_ok() {
        return refused(format!("the tag `{tag}` means the list `{list}` already"));
    }
    let mut row = vec![("tag", tag.trim().into()), ("list", list.trim().into())];
    if let (Some(typed), Some(known)) = (direction, LIST.key("direction")) {
        row.push(("direction", value("direction", &known.takes, typed)?));
    }
    add_row(document, &LIST, row)
}

fn add_row(document: &mut DocumentMut, table: &Table, row: Vec<(&str, Value)>) -> Result<()> {
    if let Some(Item::Value(Value::Array(rows))) = document.get_mut(table.name) {
        rows.push(row.into_iter().collect::<toml_edit::InlineTable>());
        return Ok(());
    }
    let mut new = TomlTable::new();
    new.decor_mut().set_prefix("\n");
    for (key, value) in row {
        new.insert(key, Item::Value(value));
    }
    let upto = TABLES.iter().take_while(|known| known.name != table.name);
    let before = upto.filter_map(|known| last_position(document.get(known.name)?));
    let own = document.get(table.name).and_then(last_position);
    let position = own.or(before.max());
    make_room(document, &mut new, position);
    let rows = document
        .entry(table.name)
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    match rows {
        Item::ArrayOfTables(rows) => {
            rows.push(new);
            Ok(())
        }
        _ => refused(format!(
            "`{}` in the profile is no list of tables",
            table.name
        )),
    }
}

fn remove_field(document: &mut DocumentMut, target: &str) -> Result<()> {
    let at = field_at(document, target)?;
    remove_row(document, FIELD.name, at);
    Ok(())
}

fn remove_list(document: &mut DocumentMut, tag: &str, list: Option<&str>) -> Result<()> {
    let at = list_at(document, tag, list)?;
    remove_row(document, LIST.name, at);
    Ok(())
}

/// Takes a rule away. What is written above the first one is mostly about all of them, and stays.
fn remove_row(document: &mut DocumentMut, name: &str, at: usize) {
    let rows = match document.get_mut(name) {
        Some(Item::ArrayOfTables(rows)) => rows,
        Some(Item::Value(Value::Array(rows))) => {
            rows.remove(at);
            return;
        }
        _ => return,
    };
    let Some(row) = rows.get(at) else { return };
    let position = row.position();
    let above = row.decor().prefix().and_then(|above| above.as_str());
    let above = above.unwrap_or_default().to_owned();
    rows.remove(at);
    if at > 0 {
        return;
    }
    if let Some(next) = rows.get_mut(0) {
        next.decor_mut().set_prefix(above);
        return;
    }
    document.remove(name);
    if above.trim().is_empty() {
        return;
    }
    // Nobody of its kind is left: the comment goes to whatever stands below.
    match table_after(document, position) {
        Some(next) => {
            let own = next.decor().prefix().and_then(|own| own.as_str());
            let both = format!("{above}{}", own.unwrap_or_default());
            next.decor_mut().set_prefix(both);
        }
        None => {
            let own = document.trailing().as_str().unwrap_or_default();
            let both = format!("{above}{own}");
            document.set_trailing(both);
        }
    }
}

/// The first table below a position.
fn table_after(document: &mut DocumentMut, position: Option<isize>) -> Option<&mut TomlTable> {
    let mut tables: Vec<&mut TomlTable> = Vec::new();
    for (_, item) in document.iter_mut() {
        match item {
            Item::Table(table) => tables.push(table),
            Item::ArrayOfTables(rows) => tables.extend(rows.iter_mut()),
            _ => {}
        }
    }
    tables.retain(|table| table.position() > position);
    tables.into_iter().min_by_key(|table| table.position())
}
