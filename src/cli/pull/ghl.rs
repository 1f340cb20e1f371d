//! HighLevel contacts as rows. Start reading at [`ContactColumns`].

use crate::api::ghl::Ghl;
use crate::contact::{Consent, Contact, FieldValue};
use crate::export::Cell;

use super::super::error::CliError;
use super::output::{Noun, Output, unknown_field};

/// Columns and the HighLevel property each shows; two are worked out from consent and tags.
const FIXED: [(&str, &str); 22] = [
    ("id", ""),
    ("email", ""),
    ("first_name", "firstName"),
    ("last_name", "lastName"),
    ("phone", "phone"),
    ("company", "companyName"),
    ("tags", ""),
    ("email_allowed", ""),
    ("dnd", "dnd"),
    ("type", "type"),
    ("source", "source"),
    ("assigned_to", "assignedTo"),
    ("address1", "address1"),
    ("city", "city"),
    ("state", "state"),
    ("postal_code", "postalCode"),
    ("country", "country"),
    ("website", "website"),
    ("timezone", "timezone"),
    ("date_of_birth", "dateOfBirth"),
    ("date_added", ""),
    ("date_updated", ""),
];

/// Names of the columns that every export of contacts has, in their order.
pub fn fixed_columns() -> impl Iterator<Item = &'static str> {
    FIXED.iter().map(|(name, _)| *name)
}

/// One column: its name and the property of the contact that fills it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    name: String,
    source: String,
}

/// The columns of an export of HighLevel contacts.
#[derive(Debug, Clone)]
pub struct ContactColumns(Vec<Column>);

impl ContactColumns {
    /// The fixed columns, then `custom.<key>` in key order; or those named by `--fields`. Asks for
    /// the location's custom fields only where the answer matters.
    pub fn of(ghl: &Ghl, output: &Output, noun: Noun) -> Result<ContactColumns, CliError> {
        let fixed = FIXED.map(|(name, source)| Column {
            name: name.to_owned(),
            source: source.to_owned(),
        });
        let chosen = output.chosen()?;
        let asks = chosen
            .as_ref()
            .is_none_or(|names| names.iter().any(|name| name.starts_with("custom.")));
        let mut known = fixed.to_vec();
        if asks {
            known.extend(custom_columns(ghl)?);
        }
        let Some(names) = chosen else {
            return Ok(ContactColumns(known));
        };
        let choose = |name: &str| {
            let found = known.iter().find(|column| column.name == name).cloned();
            found.ok_or_else(|| {
                let all: Vec<&str> = known.iter().map(|column| column.name.as_str()).collect();
                unknown_field(name, &all, noun)
            })
        };
        Ok(ContactColumns(
            names.into_iter().map(choose).collect::<Result<_, _>>()?,
        ))
    }

    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|column| column.name.clone()).collect()
    }

    /// Whether they show if a person may be mailed, which not every answer tells.
    pub fn show_consent(&self) -> bool {
        self.0.iter().any(|column| column.name == "email_allowed")
    }

    /// Tells the client what to read of each contact.
    pub fn want(&self, ghl: &mut Ghl) -> Result<(), CliError> {
        let sources = self.0.iter().map(|column| &column.source);
        let wanted: Vec<String> = sources.filter(|s| !s.is_empty()).cloned().collect();
        ghl.require_consent(self.show_consent());
        Ok(ghl.want(&wanted)?)
    }

    pub fn cells(&self, contact: &Contact) -> Vec<Cell> {
        self.0.iter().map(|column| cell(column, contact)).collect()
    }
}

fn custom_columns(ghl: &Ghl) -> Result<Vec<Column>, CliError> {
    let fields = ghl.custom_fields()?;
    let mut names: Vec<String> = fields
        .into_iter()
        .map(|field| format!("custom.{}", field.key))
        .collect();
    names.sort();
    names.dedup();
    Ok(names
        .into_iter()
        .map(|name| Column {
            source: name.clone(),
            name,
        })
        .collect())
}

fn cell(column: &Column, contact: &Contact) -> Cell {
    match column.name.as_str() {
        "id" => Cell::Text(contact.id.clone()),
        "email" => contact.email.clone().into(),
        "tags" => {
            let mut tags = contact.groups.clone();
            tags.sort();
            Cell::Many(tags)
        }
        "email_allowed" => match contact.consent {
            Consent::Unknown => Cell::Null,
            consent => Cell::Flag(!consent.is_blocked()),
        },
        "date_added" => Cell::moment(contact.created),
        "date_updated" => Cell::moment(contact.updated),
        _ => value(contact.values.get(&column.source)),
    }
}

/// A value of a contact as a cell.
pub fn value(value: Option<&FieldValue>) -> Cell {
    match value {
        None => Cell::Null,
        Some(FieldValue::Text(text)) => Cell::Text(text.clone()),
        Some(FieldValue::Integer(number)) => Cell::Integer(*number),
        Some(FieldValue::Decimal(number)) => Cell::Decimal(*number),
        Some(FieldValue::Flag(flag)) => Cell::Flag(*flag),
        Some(FieldValue::Date(date)) => Cell::Text(date.to_string()),
        Some(FieldValue::Many(items)) => Cell::Many(items.clone()),
    }
}
