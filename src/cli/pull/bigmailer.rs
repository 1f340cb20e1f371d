//! BigMailer contacts as rows. Start reading at [`ContactColumns`].

use std::collections::HashMap;

use crate::api::bigmailer::Bigmailer;
use crate::api::bigmailer::catalogue::List;
use crate::api::bigmailer::contacts::{COMPLAINTS, HARD_BOUNCES, SOFT_BOUNCES, UNSUBSCRIBED_FROM};
use crate::contact::{Block, Consent, Contact, FieldValue};
use crate::export::Cell;
use crate::mapping::nearest::suggestion;

use super::super::error::CliError;
use super::ghl::value;
use super::output::{Noun, Output, unknown_field};

/// What fills a column.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Id,
    Email,
    /// A value of the contact, under this name.
    Value(String),
    Lists,
    Unsubscribed,
    UnsubscribedFrom,
    Created,
}

/// The columns before those of the brand's fields.
fn first() -> [Column; 2] {
    [("id", Source::Id), ("email", Source::Email)].map(own)
}

/// The columns after them.
fn last() -> [Column; 7] {
    let counter = |name: &str| Source::Value(name.to_owned());
    [
        ("lists", Source::Lists),
        ("unsubscribed", Source::Unsubscribed),
        ("unsubscribed_from", Source::UnsubscribedFrom),
        ("soft_bounces", counter(SOFT_BOUNCES)),
        ("hard_bounces", counter(HARD_BOUNCES)),
        ("complaints", counter(COMPLAINTS)),
        ("created", Source::Created),
    ]
    .map(own)
}

fn own((name, source): (&str, Source)) -> Column {
    (name.to_owned(), source)
}

type Column = (String, Source);

/// The columns of an export of BigMailer contacts.
#[derive(Debug, Clone)]
pub struct ContactColumns {
    columns: Vec<Column>,
    lists: HashMap<String, String>,
    topics: HashMap<String, String>,
}

impl ContactColumns {
    /// `id`, `email`, the brand's merge tags in order, then the fixed rest; or those named by
    /// `--fields`. Asks for the brand's fields, and for lists and message types where they are shown.
    pub fn of(
        bigmailer: &mut Bigmailer,
        output: &Output,
        noun: Noun,
    ) -> Result<ContactColumns, CliError> {
        let known = known_columns(merge_tags(bigmailer)?);
        let columns = match output.chosen()? {
            None => known,
            Some(names) => {
                let all: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
                let choose = |name: &str| {
                    let found = known.iter().find(|(known, _)| known == name).cloned();
                    found.ok_or_else(|| unknown_field(name, &all, noun))
                };
                names.into_iter().map(choose).collect::<Result<_, _>>()?
            }
        };
        let shows = |source: &Source| columns.iter().any(|(_, shown)| shown == source);
        let mut wanted: Vec<String> = columns
            .iter()
            .filter_map(|(_, source)| match source {
                Source::Value(name) => Some(name.clone()),
                Source::UnsubscribedFrom => Some(UNSUBSCRIBED_FROM.to_owned()),
                _ => None,
            })
            .collect();
        wanted.sort();
        bigmailer.want(&wanted);
        let lists = match shows(&Source::Lists) {
            true => bigmailer.lists()?,
            false => Vec::new(),
        };
        let topics = match shows(&Source::UnsubscribedFrom) {
            true => bigmailer.message_types()?,
            false => Vec::new(),
        };
        Ok(ContactColumns {
            lists: lists.into_iter().map(|l| (l.id, l.name)).collect(),
            topics: topics.into_iter().map(|t| (t.id, t.name)).collect(),
            columns,
        })
    }

    pub fn names(&self) -> Vec<String> {
        self.columns.iter().map(|(name, _)| name.clone()).collect()
    }

    pub fn cells(&self, contact: &Contact) -> Vec<Cell> {
        let cell = |source: &Source| match source {
            Source::Id => Cell::Text(contact.id.clone()),
            Source::Email => contact.email.clone().into(),
            Source::Value(name) => value(contact.values.get(name)),
            Source::Lists => named(&contact.groups, &self.lists),
            Source::Unsubscribed => unsubscribed(contact.consent),
            Source::UnsubscribedFrom => match contact.values.get(UNSUBSCRIBED_FROM) {
                Some(FieldValue::Many(ids)) => named(ids, &self.topics),
                _ => Cell::Null,
            },
            Source::Created => Cell::moment(contact.created),
        };
        self.columns
            .iter()
            .map(|(_, source)| cell(source))
            .collect()
    }
}

/// A merge tag that is called like a fixed column gets `field.` before its name.
fn known_columns(merge_tags: Vec<String>) -> Vec<Column> {
    let taken: Vec<String> = first()
        .into_iter()
        .chain(last())
        .map(|(name, _)| name)
        .collect();
    let fields = merge_tags.into_iter().map(|tag| {
        let name = match taken.contains(&tag) {
            true => format!("field.{tag}"),
            false => tag.clone(),
        };
        (name, Source::Value(tag))
    });
    first().into_iter().chain(fields).chain(last()).collect()
}

/// The merge tags of the brand's own fields, in order.
fn merge_tags(bigmailer: &Bigmailer) -> Result<Vec<String>, CliError> {
    let fields = bigmailer.fields()?;
    let mut tags: Vec<String> = fields
        .into_iter()
        // The address has a column of its own.
        .filter(|field| field.kind != "email")
        .map(|field| field.merge_tag_name)
        .collect();
    tags.sort();
    tags.dedup();
    Ok(tags)
}

/// Names in order; what has none shows its id.
fn named(ids: &[String], names: &HashMap<String, String>) -> Cell {
    let mut shown: Vec<String> = ids
        .iter()
        .map(|id| names.get(id).filter(|name| !name.is_empty()).unwrap_or(id))
        .cloned()
        .collect();
    shown.sort();
    Cell::Many(shown)
}

fn unsubscribed(consent: Consent) -> Cell {
    match consent {
        Consent::Unknown => Cell::Null,
        Consent::Blocked(Block::Unsubscribed) => Cell::Flag(true),
        // Bounces and complaints have columns of their own.
        Consent::Allowed | Consent::Blocked(_) => Cell::Flag(false),
    }
}

/// The list that `--list` means, by id or name.
pub fn find_list(lists: &[List], wanted: &str) -> Result<String, CliError> {
    if let Some(list) = lists.iter().find(|list| list.id == wanted) {
        return Ok(list.id.clone());
    }
    let same = |list: &&List| list.name.trim().to_lowercase() == wanted.trim().to_lowercase();
    let found: Vec<&List> = lists.iter().filter(same).collect();
    match found[..] {
        [list] => Ok(list.id.clone()),
        [] => {
            let names: Vec<&str> = lists.iter().map(|list| list.name.as_str()).collect();
            let near = suggestion(wanted, &names);
            Err(
                CliError::usage(format!("the brand has no list {wanted}{near}"))
                    .hint("`ghl-bm pull lists` shows them"),
            )
        }
        _ => {
            let ids: Vec<&str> = found.iter().map(|list| list.id.as_str()).collect();
            let ids = ids.join(", ");
            Err(CliError::usage(format!(
                "{} lists are named {wanted}; name one by its id: {ids}",
                found.len()
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merge_tag_takes_no_fixed_columns_name() {
        let tags = ["FIRST_NAME", "created", "id"].map(str::to_owned);
        let known = known_columns(tags.to_vec());
        let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names[..6],
            [
                "id",
                "email",
                "FIRST_NAME",
                "field.created",
                "field.id",
                "lists"
            ]
        );
    }

    #[test]
    fn a_list_is_found_by_id_or_by_a_name_that_fits_one() {
        let list = |id: &str, name: &str| List {
            id: id.into(),
            name: name.into(),
            all: false,
        };
        let lists = [
            list("1", "Customers"),
            list("2", "VIP"),
            list("3", "vip "),
            list("4", "1"),
        ];
        assert_eq!(find_list(&lists, "customers").unwrap(), "1");
        assert_eq!(find_list(&lists, "2").unwrap(), "2");
        assert_eq!(
            find_list(&lists, "1").unwrap(),
            "1",
            "an id goes before a name"
        );
        let twice = find_list(&lists, "VIP").unwrap_err();
        assert!(twice.message.contains("2, 3"), "{}", twice.message);
        let none = find_list(&lists, "Custmers").unwrap_err();
        assert!(none.message.contains("Customers"), "{}", none.message);
    }

    #[test]
    fn names_stand_for_ids_where_there_are_any() {
        let names = HashMap::from([("1".to_owned(), "B".to_owned())]);
        let ids = ["1".to_owned(), "9".to_owned(), "7".to_owned()];
        let expected = ["7", "9", "B"].map(str::to_owned).to_vec();
        assert_eq!(named(&ids, &names), Cell::Many(expected));
    }
}
