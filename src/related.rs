//! What hangs on a HighLevel contact: tasks, notes, appointments, opportunities, businesses.
//!
//! Plain values, without a vendor's JSON. Everything but an id may be missing, because the vendor's
//! schemas require nothing. Nothing here does I/O, reads a clock or decides anything.
//! Start reading at [`Task`].

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A moment as a service tells it: on the world's clock, or on the location's without saying which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Utc(Timestamp),
    /// Contact appointments come without a zone; the location's is the likely one.
    Local(DateTime),
}

impl When {
    /// The moment on the world's clock, where a local time is one of this zone.
    pub fn in_zone(self, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            When::Utc(at) => Some(at),
            When::Local(at) => Some(at.to_zoned(zone.clone()).ok()?.timestamp()),
        }
    }
}

/// Something to be done about a contact. It carries no time of change: only comparing shows one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Task {
    pub id: String,
    pub contact_id: Option<String>,
    pub title: Option<String>,
    pub body: Option<String>,
    /// A user id.
    pub assigned_to: Option<String>,
    pub due: Option<Timestamp>,
    pub completed: bool,
}

/// What to write of a task; `None` leaves a part as it is. A new one needs `title` and `due`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskDraft {
    pub title: Option<String>,
    pub body: Option<String>,
    pub assigned_to: Option<String>,
    pub due: Option<Timestamp>,
    pub completed: Option<bool>,
}

/// A text on a contact, HTML when it was written in the web interface. An edit shows only in its
/// content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Note {
    pub id: String,
    pub contact_id: Option<String>,
    pub title: Option<String>,
    pub body: Option<String>,
    /// Who wrote it.
    pub user_id: Option<String>,
    /// Such as `#FFAA00`.
    pub color: Option<String>,
    pub pinned: Option<bool>,
    pub added: Option<Timestamp>,
}

/// What to write of a note; `None` leaves a part as it is. A new one needs `body`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteDraft {
    pub title: Option<String>,
    pub body: Option<String>,
    pub user_id: Option<String>,
    pub color: Option<String>,
    pub pinned: Option<bool>,
}

/// An appointment of a contact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Appointment {
    pub id: String,
    pub contact_id: Option<String>,
    pub calendar_id: Option<String>,
    pub title: Option<String>,
    /// `appointmentStatus`, such as `confirmed`; else `status`.
    pub status: Option<String>,
    pub assigned_to: Option<String>,
    pub notes: Option<String>,
    pub address: Option<String>,
    pub start: Option<When>,
    pub end: Option<When>,
    pub added: Option<When>,
    pub updated: Option<When>,
}

/// A deal with a contact.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Opportunity {
    pub id: String,
    pub name: Option<String>,
    pub contact_id: Option<String>,
    pub pipeline_id: Option<String>,
    pub stage_id: Option<String>,
    /// `open`, `won`, `lost` or `abandoned`.
    pub status: Option<String>,
    pub value: Option<f64>,
    pub source: Option<String>,
    pub assigned_to: Option<String>,
    pub created: Option<Timestamp>,
    pub updated: Option<Timestamp>,
    pub status_changed: Option<Timestamp>,
    pub stage_changed: Option<Timestamp>,
}

/// The stages that opportunities go through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pipeline {
    pub id: String,
    pub name: String,
    /// In their order.
    pub stages: Vec<Stage>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stage {
    pub id: String,
    pub name: String,
}

/// A company that contacts can belong to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Business {
    pub id: String,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub website: Option<String>,
    pub address: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<String>,
    pub description: Option<String>,
    pub created: Option<Timestamp>,
    pub updated: Option<Timestamp>,
}
