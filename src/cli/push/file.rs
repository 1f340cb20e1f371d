//! A file in the place of a service: what the engine reads of it.
//!
//! Implements the port over a [`Spool`]; nothing is ever written to it. Start reading at
//! [`FileSide`].

use std::collections::BTreeMap;
use std::io;

use crate::contact::{Block, Consent, Contact, FieldValue, Side};
use crate::remote::{
    Change, Created, Draft, ItemResult, Key, Listed, Listing, Page, Receiver, Remote, RemoteError,
    RemoteErrorKind,
};

use super::columns::Meaning;
use super::spool::{Kept, Kind, Spool};

/// Rows handed over at a time.
const PAGE: usize = 500;

/// What the id of a row begins with, where the engine knows people by ids.
const ROW: &str = "row ";

/// A group that stands for a list named in a row, not for a tag.
pub const LIST: &str = "list\u{1}";

/// The id of a row, and the row of an id.
pub fn id_of(number: u64) -> String {
    format!("{ROW}{number}")
}

pub fn row_of(id: &str) -> Option<u64> {
    id.strip_prefix(ROW)?.parse().ok()
}

/// What a column is to the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub meaning: Meaning,
    /// Under which key its values go.
    pub key: String,
    pub take: Take,
}

/// How a cell becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// As it is.
    AsIs,
    /// A list joined by `;`.
    Items,
    /// Text that is a number becomes one.
    Number,
}

impl Column {
    pub fn value(&self, cell: &Kind) -> FieldValue {
        match (self.take, cell) {
            (Take::Items, cell) => FieldValue::Many(cell.items()),
            (_, Kind::Number(number)) => number_of(number.as_i64(), number.as_f64()),
            (_, Kind::Flag(flag)) => FieldValue::Flag(*flag),
            (_, Kind::Many(items)) => FieldValue::Many(items.clone()),
            (Take::Number, Kind::Text(text)) => {
                let plain = text.trim();
                // `nan` and `inf` are numbers to some, but to no service.
                let broken = plain.parse::<f64>().ok().filter(|n| n.is_finite());
                match (plain.parse::<i64>().ok(), broken) {
                    (None, None) => FieldValue::Text(text.clone()),
                    (whole, broken) => number_of(whole, broken),
                }
            }
            (Take::AsIs, Kind::Text(text)) => FieldValue::Text(text.clone()),
        }
    }
}

fn number_of(whole: Option<i64>, broken: Option<f64>) -> FieldValue {
    match (whole, broken) {
        (Some(whole), _) => FieldValue::Integer(whole),
        (None, broken) => FieldValue::Decimal(broken.unwrap_or(f64::NAN)),
    }
}

/// Whether a cell of a column about consent allows mail; an error for a word that is neither yes nor
/// no.
pub fn allows(true_allows: bool, cell: &Kind) -> Result<bool, String> {
    let yes = match cell {
        Kind::Flag(flag) => *flag,
        other => match other.text().trim().to_lowercase().as_str() {
            "true" | "yes" | "y" | "1" => true,
            "false" | "no" | "n" | "0" => false,
            _ => return Err("it is neither true nor false".to_owned()),
        },
    };
    Ok(yes == true_allows)
}

/// Whether an id may be one of HighLevel's. Those of BigMailer, which its exports have under `id`,
/// are UUIDs (BigMailer reference); HighLevel's never are.
pub fn is_highlevel_id(id: &str) -> bool {
    let parts: Vec<&str> = id.split('-').collect();
    let hex = |part: &&str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    !(lengths == [8, 4, 4, 4, 12] && parts.iter().all(hex))
}

/// Answers for a person of whom more is known than the file says.
pub type Known<'a> = dyn Fn(&str) -> io::Result<bool> + Sync + 'a;

/// The file in the place of a side.
pub struct FileSide<'a> {
    pub spool: &'a Spool,
    /// Whose place it takes.
    pub side: Side,
    pub columns: &'a [Column],
    /// Whether somebody (by address) is known to have opted out somewhere.
    pub opted_out: &'a Known<'a>,
    /// Whether a row is among those to be pushed.
    pub takes: &'a (dyn Fn(&Kept) -> bool + Sync),
}

impl FileSide<'_> {
    fn contact(&self, row: &Kept) -> io::Result<Contact> {
        let mut contact = Contact {
            id: id_of(row.number),
            email: None,
            // Keeps the order of the file where two rows could mean one person.
            created: i64::try_from(row.number).ok(),
            updated: None,
            consent: Consent::Allowed,
            values: BTreeMap::new(),
            groups: Vec::new(),
        };
        let opts_out = super::op_of(self.columns, row).is_ok_and(|op| op == super::Op::Unsubscribe);
        let mut allowed = !opts_out;
        for (at, cell) in &row.cells {
            let Some(column) = self.columns.get(*at) else {
                continue;
            };
            match &column.meaning {
                Meaning::Email => contact.email = Some(cell.text().trim().to_owned()),
                Meaning::Consent { true_allows } => {
                    allowed &= allows(*true_allows, cell).unwrap_or(true);
                }
                Meaning::Id => {
                    let id = cell.text().trim().to_owned();
                    if is_highlevel_id(&id) {
                        let id = FieldValue::Text(id);
                        contact.values.insert(column.key.clone(), id);
                    }
                }
                // Whoever is only opted out keeps everything else.
                _ if opts_out => {}
                Meaning::Source(_) | Meaning::Field(_) => {
                    contact
                        .values
                        .insert(column.key.clone(), column.value(cell));
                }
                Meaning::Tags => {
                    let tags = cell.items().into_iter().map(|tag| tag.to_lowercase());
                    contact.groups.extend(tags);
                }
                Meaning::Lists => {
                    let lists = cell.items().into_iter();
                    contact
                        .groups
                        .extend(lists.map(|list| format!("{LIST}{}", list.to_lowercase())));
                }
                Meaning::Op | Meaning::Ignored(_) => {}
            }
        }
        contact.email = contact.email.filter(|email| !email.is_empty());
        let known = match &contact.email {
            Some(email) if allowed => (self.opted_out)(email)?,
            _ => false,
        };
        contact.consent = match (allowed, known, self.side) {
            (true, false, _) => Consent::Allowed,
            (false, _, Side::Bigmailer) => Consent::Blocked(Block::Unsubscribed),
            _ => Consent::Blocked(Block::Dnd),
        };
        Ok(contact)
    }

    fn fault(&self, kind: RemoteErrorKind, message: String) -> RemoteError {
        RemoteError {
            kind,
            side: self.side,
            endpoint: "file".to_owned(),
            status: None,
            message,
            code: None,
            param: None,
            existing: None,
            trace_id: None,
            hint: None,
        }
    }

    fn never(&self) -> RemoteError {
        let message = "nothing is written to a file";
        self.fault(RemoteErrorKind::Rejected, message.to_owned())
    }
}

impl Remote for FileSide<'_> {
    fn side(&self) -> Side {
        self.side
    }

    fn list(&self, _: &Listing, receiver: &Receiver<'_>) -> Result<Listed, RemoteError> {
        let mut page = Vec::with_capacity(PAGE);
        let mut ended = false;
        let total = Some(self.spool.rows);
        let read = self.spool.read(|row| {
            if ended || row.reject.is_some() || !(self.takes)(&row) {
                return Ok(());
            }
            page.push(self.contact(&row)?);
            if page.len() == PAGE {
                let contacts = std::mem::replace(&mut page, Vec::with_capacity(PAGE));
                ended = receiver(Page { contacts, total }).is_break();
            }
            Ok(())
        });
        if let Err(error) = read {
            let message = format!("the rows cannot be read again: {error}");
            return Err(self.fault(RemoteErrorKind::Nonsense, message));
        }
        if !ended && !page.is_empty() {
            let contacts = page;
            ended = receiver(Page { contacts, total }).is_break();
        }
        Ok(Listed {
            as_of: None,
            complete: !ended,
        })
    }

    fn get(&self, _: Key<'_>) -> Result<Option<Contact>, RemoteError> {
        Ok(None)
    }

    fn create(&self, _: &Draft) -> Result<Created, RemoteError> {
        Err(self.never())
    }

    /// A new contact's id would be stored in its record; the file is no place for it.
    fn update(&self, _: &str, _: &Change) -> Result<(), RemoteError> {
        Ok(())
    }

    fn delete(&self, _: &str) -> Result<(), RemoteError> {
        Err(self.never())
    }

    fn submit(&self, _: &[Draft]) -> Result<String, RemoteError> {
        Err(self.never())
    }

    fn collect(&self, _: &str) -> Result<Option<Vec<ItemResult>>, RemoteError> {
        Err(self.never())
    }
}
