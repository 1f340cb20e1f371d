//! Do-not-disturb by channel: as it is read, and as it is sent back with e-mail blocked.
//!
//! Pure. There is no word here for lifting a block, and `dnd`, the switch for all channels at once,
//! is never written. Start reading at [`Channels::block_email`].

use serde_json::{Map, Value, json};

use super::contact::{Field, Item};

/// Whether a status means that the channel is blocked; `active` is the word for do-not-disturb
/// being on, `permanent` for a block that people are not meant to lift.
fn is_block(status: &str) -> bool {
    ["active", "permanent"].contains(&status)
}

/// The names of the channels under `2021-07-28` and under `v3`.
const SPELLINGS: [(&str, &str); 7] = [
    ("Call", "call"),
    ("Email", "email"),
    ("SMS", "sms"),
    ("WhatsApp", "whatsApp"),
    ("GMB", "gmb"),
    ("FB", "fb"),
    ("RCS", "rcs"),
];

/// The channels of one contact, reduced to what the schema lets a client send.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Channels(Map<String, Value>);

impl Channels {
    /// The channels that a contact shows. One without a status that the schema knows cannot be sent
    /// back and is left out.
    pub(super) fn of(item: &Item) -> Channels {
        let mut channels = Map::new();
        if let Value::Object(shown) = item.get(Field::DndSettings) {
            for (name, setting) in shown {
                let part = |key: &str| match setting {
                    Value::String(status) if key == "status" => Some(status.as_str()),
                    _ => setting.get(key)?.as_str(),
                };
                let status = part("status").unwrap_or_default().trim().to_lowercase();
                if !is_block(&status) && status != "inactive" {
                    continue;
                }
                let mut kept = Map::from_iter([("status".to_owned(), json!(status))]);
                for key in ["message", "code"] {
                    if let Some(text) = part(key).filter(|text| !text.is_empty()) {
                        kept.insert(key.to_owned(), json!(text));
                    }
                }
                channels.insert(name.clone(), Value::Object(kept));
            }
        }
        Channels(channels)
    }

    /// Blocks e-mail, saying why; every other channel stays as it was read. `v3` decides the
    /// spelling where the contact shows no channel at all.
    pub(super) fn block_email(&mut self, why: &str, v3: bool) {
        let shows = |spelling: fn(&(&'static str, &'static str)) -> &'static str| {
            SPELLINGS.iter().any(|s| self.0.contains_key(spelling(s)))
        };
        let lower = if shows(|s| s.0) {
            false
        } else {
            shows(|s| s.1) || v3
        };
        let blocked = json!({"status": "active", "message": why});
        let names: Vec<&str> = ["Email", "email"]
            .into_iter()
            .filter(|name| self.0.contains_key(*name))
            .collect();
        match &names[..] {
            [] => {
                let name = if lower { "email" } else { "Email" };
                self.0.insert(name.to_owned(), blocked);
            }
            names => {
                for name in names {
                    self.0.insert((*name).to_owned(), blocked.clone());
                }
            }
        }
    }

    /// Leaves out a channel that the endpoint does not know. E-mail is never left out; then the
    /// endpoint wants the other spelling of all names, which is tried once. False when there is
    /// nothing left to try.
    pub(super) fn without(&mut self, refused: &[String], respelled: &mut bool) -> bool {
        let names = |name: &String| name.eq_ignore_ascii_case("email");
        if refused.iter().any(names) {
            let again = !*respelled;
            *respelled = true;
            self.respell();
            return again;
        }
        let before = self.0.len();
        self.0.retain(|name, _| !refused.contains(name));
        self.0.len() < before
    }

    fn respell(&mut self) {
        let other = |name: String| {
            let found = SPELLINGS.iter().find(|(a, b)| *a == name || *b == name);
            match found {
                Some((old, new)) if name == *old => (*new).to_owned(),
                Some((old, _)) => (*old).to_owned(),
                None => name,
            }
        };
        let channels = std::mem::take(&mut self.0);
        self.0 = channels.into_iter().map(|(n, v)| (other(n), v)).collect();
    }

    /// The body of the update.
    pub(super) fn body(&self) -> Value {
        json!({ "dndSettings": self.0 })
    }

    /// Channels that were blocked here and are not in a later reading.
    pub(super) fn loosened(&self, later: &Channels) -> Vec<String> {
        let blocked = |channels: &Channels| -> Vec<String> {
            channels
                .0
                .iter()
                .filter(|(_, setting)| setting["status"].as_str().is_some_and(is_block))
                .map(|(name, _)| name.clone())
                .collect()
        };
        let still: Vec<String> = blocked(later).iter().map(|n| n.to_lowercase()).collect();
        blocked(self)
            .into_iter()
            .filter(|name| !still.contains(&name.to_lowercase()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channels(settings: Value) -> Channels {
        let item = serde_json::from_value(json!({"id": "x", "dndSettings": settings})).unwrap();
        Channels::of(&item)
    }

    #[test]
    fn all_channels_go_back_as_they_were_read_with_email_blocked() {
        let mut read = channels(json!({
            "Call": {"status": "permanent", "message": "by law", "code": "94"},
            "Email": {"status": "inactive", "message": "old", "code": "1"},
            "SMS": {"status": "Active", "message": "", "code": null, "extra": 1},
            "GMB": "inactive", "FB": {"status": "who knows"}, "WhatsApp": null
        }));
        read.block_email("why", false);
        assert_eq!(
            read.body(),
            json!({"dndSettings": {
                "Call": {"status": "permanent", "message": "by law", "code": "94"},
                "Email": {"status": "active", "message": "why"},
                "SMS": {"status": "active"},
                "GMB": {"status": "inactive"}
            }})
        );
    }

    #[test]
    fn the_spelling_of_the_contact_wins_over_that_of_the_version() {
        let blocked = |settings: Value, v3: bool| {
            let mut channels = channels(settings);
            channels.block_email("why", v3);
            let names: Vec<String> = channels.0.keys().cloned().collect();
            names.join(",")
        };
        assert_eq!(blocked(json!(null), false), "Email");
        assert_eq!(blocked(json!({}), true), "email");
        assert_eq!(
            blocked(json!({"sms": {"status": "inactive"}}), false),
            "email,sms"
        );
        assert_eq!(
            blocked(json!({"SMS": {"status": "inactive"}}), true),
            "Email,SMS"
        );
        assert_eq!(blocked(json!({"email": "inactive"}), false), "email");
        assert_eq!(
            blocked(json!({"email": "inactive", "Email": "inactive"}), false),
            "Email,email"
        );
    }

    #[test]
    fn a_refused_channel_is_left_out_and_refused_email_is_spelt_anew() {
        let mut read = channels(json!({
            "RCS": "active", "SMS": "active", "Email": "inactive", "whatsApp": "inactive"
        }));
        let mut respelled = false;
        let refuse = |channels: &mut Channels, names: &[&str], respelled: &mut bool| {
            let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
            channels.without(&names, respelled)
        };
        assert!(refuse(&mut read, &["RCS"], &mut respelled));
        assert!(!refuse(&mut read, &["RCS"], &mut respelled));
        assert!(refuse(&mut read, &["SMS", "Email"], &mut respelled));
        let names: Vec<&String> = read.0.keys().collect();
        assert_eq!(names, ["WhatsApp", "email", "sms"]);
        assert!(!refuse(&mut read, &["email"], &mut respelled));
    }

    #[test]
    fn a_block_that_was_lost_is_noticed_in_any_spelling() {
        let before = channels(
            json!({"SMS": "active", "Call": "inactive", "RCS": {"status": "permanent"}, "FB": "active"}),
        );
        let after = channels(json!({"sms": {"status": "active"}, "RCS": "inactive"}));
        assert_eq!(before.loosened(&after), ["FB", "RCS"]);
        assert!(before.loosened(&before).is_empty());
    }
}
