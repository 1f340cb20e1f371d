//! What hangs on one contact, for commands that show what a sync would make of it.
//!
//! Start reading at [`read`].

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::contact::{Contact, FieldValue};
use crate::mapping::Profile;
use crate::mapping::derived::{BUSINESS_ID, Facts, Needs, Related, Setting};
use crate::remote::{Attachments, RemoteError};

/// Reads what the profile derives values from; a call for each kind, none where there is none.
pub fn read(
    profile: &Profile,
    things: &dyn Attachments,
    contact: &Contact,
    now: Timestamp,
) -> Result<(Facts, Setting), RemoteError> {
    let needs = Needs::of(profile);
    let id = contact.id.as_str();
    let mut facts = Facts::default();
    if needs.has(Related::Tasks) {
        facts.tasks = Some(things.open_tasks_of(id)?);
    }
    if needs.has(Related::Notes) {
        facts.notes = Some(things.notes(id)?);
    }
    if needs.has(Related::Appointments) {
        facts.appointments = Some(things.appointments(id)?);
    }
    if needs.has(Related::Opportunities) {
        facts.opportunities = Some(things.opportunities(id)?);
    }
    if needs.has(Related::Business) {
        facts.business = Some(match contact.values.get(BUSINESS_ID) {
            Some(FieldValue::Text(own)) => {
                things.businesses()?.into_iter().find(|it| it.id == *own)
            }
            _ => None,
        });
    }
    let zone = match needs.zone {
        true => things.time_zone()?,
        false => None,
    };
    let setting = Setting {
        now,
        zone: zone
            .and_then(|name| TimeZone::get(&name).ok())
            .unwrap_or(TimeZone::UTC),
        pipelines: match needs.pipelines {
            true => things.pipelines()?,
            false => Vec::new(),
        },
    };
    Ok((facts, setting))
}
