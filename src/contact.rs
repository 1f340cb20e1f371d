//! The words of the product: side, contact, value, consent.
//!
//! Everything here is a plain value that both services, the decision and the state file speak.
//! Nothing here does I/O, reads a clock or knows how a service spells its JSON.
//! Start reading at [`Contact`].

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One of the two services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    Ghl,
    Bigmailer,
}

impl Side {
    /// The name used in commands, JSON and file formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Side::Ghl => "ghl",
            Side::Bigmailer => "bigmailer",
        }
    }

    /// The name used in sentences.
    pub fn title(self) -> &'static str {
        match self {
            Side::Ghl => "HighLevel",
            Side::Bigmailer => "BigMailer",
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A value of one field, wide enough for both services.
///
/// BigMailer stores only text, 64-bit integers and calendar dates; HighLevel also has decimals,
/// booleans and multi-selects, which a rule turns into one of the three.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldValue {
    Text(String),
    Integer(i64),
    Decimal(f64),
    Flag(bool),
    Date(Date),
    Many(Vec<String>),
}

impl FieldValue {
    /// The kind, for messages that must not show the value itself.
    pub fn kind(&self) -> &'static str {
        match self {
            FieldValue::Text(_) => "text",
            FieldValue::Integer(_) => "integer",
            FieldValue::Decimal(_) => "decimal number",
            FieldValue::Flag(_) => "true/false",
            FieldValue::Date(_) => "date",
            FieldValue::Many(_) => "list",
        }
    }
}

/// Whether a person may be sent e-mail, as one side knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// The answer did not say. Never treated as allowed.
    Unknown,
    Allowed,
    Blocked(Block),
}

/// Why a person may not be sent e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// HighLevel: do-not-disturb on e-mail or on everything.
    Dnd,
    /// BigMailer: `unsubscribe_all`.
    Unsubscribed,
    /// BigMailer: at least one hard bounce, not unsubscribed.
    HardBounce,
    /// BigMailer: at least one complaint, not unsubscribed.
    Complaint,
}

impl Consent {
    pub fn is_blocked(self) -> bool {
        matches!(self, Consent::Blocked(_))
    }
}

/// One contact as one side shows it, reduced to what the caller asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    /// The side's own id; opaque.
    pub id: String,
    /// The address exactly as stored; `None` for absent, null and empty.
    pub email: Option<String>,
    /// Milliseconds since 1970 (UTC) of the side's creation time, if it says.
    pub created: Option<i64>,
    /// Milliseconds since 1970 (UTC) of the side's last change; BigMailer has none.
    pub updated: Option<i64>,
    pub consent: Consent,
    /// Only the keys asked for and only those with a value. HighLevel: the source names of the
    /// profile (`firstName`, `custom.lead_score`). BigMailer: merge tag names.
    pub values: BTreeMap<String, FieldValue>,
    /// HighLevel: tag names, lower-cased. BigMailer: list ids.
    pub groups: Vec<String>,
}

/// The form in which addresses are compared: trimmed and lower-cased; `None` when nothing is left.
pub fn email_key(address: &str) -> Option<String> {
    let key = address.trim().to_lowercase();
    (!key.is_empty()).then_some(key)
}

/// BigMailer stores addresses of 1 to 100 characters (BigMailer reference, create contact).
pub const EMAIL_MAX_CHARS: usize = 100;

/// Whether an address (already an [`email_key`]) can be stored in BigMailer at all.
///
/// Deliberately lenient beyond the length: only what no mail system accepts is refused here, the
/// rest is the service's to judge.
pub fn is_usable_email(key: &str) -> bool {
    if key.chars().count() > EMAIL_MAX_CHARS {
        return false;
    }
    if key
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c))
    {
        return false;
    }
    let Some((local, domain)) = key.rsplit_once('@') else {
        return false;
    };
    !local.is_empty()
        && !local.contains('@')
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && domain.contains('.')
        && domain
            .split('.')
            .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_trimmed_and_lower_cased() {
        assert_eq!(
            email_key(" Ada@Example.COM ").as_deref(),
            Some("ada@example.com")
        );
        assert_eq!(email_key("   "), None);
    }

    #[test]
    fn only_hopeless_addresses_are_refused() {
        for good in [
            "a@b.co",
            "ada+news@example.com",
            "o'hara@x-y.org",
            "müller@exämple.de",
        ] {
            assert!(is_usable_email(good), "{good}");
        }
        let long = format!("{}@example.com", "a".repeat(89));
        assert_eq!(long.chars().count(), 101);
        for bad in [
            "",
            "a",
            "@b.co",
            "a@",
            "a@b",
            "a b@c.de",
            "a@@b.co",
            "a..b@c.de",
            "a@b..co",
            "a@-b.co",
            "a,b@c.de",
            &long,
        ] {
            assert!(!is_usable_email(bad), "{bad}");
        }
    }
}
