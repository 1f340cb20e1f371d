//! Ids, instants and fingerprints in the shapes that the two vendors use.
//! It never reads the clock; randomness comes from the caller's seeded generator. Start anywhere.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;

use jiff::Timestamp;
use serde_json::Value;

/// Characters of HighLevel's object ids.
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// An id of 20 letters and digits, as HighLevel gives its contacts and fields.
pub(crate) fn letters(rng: &mut fastrand::Rng) -> String {
    (0..20)
        .map(|_| char::from(LETTERS[rng.usize(..LETTERS.len())]))
        .collect()
}

/// So many hexadecimal digits: 24 for HighLevel's apps, versions and plans, 40 for its codes.
pub(crate) fn hex(rng: &mut fastrand::Rng, digits: usize) -> String {
    (0..digits)
        .map(|_| char::from(b"0123456789abcdef"[rng.usize(..16)]))
        .collect()
}

/// A token in the shape of a signed JSON Web Token (RFC 7519); the signature is noise.
pub(crate) fn jwt(claims: &Value, rng: &mut fastrand::Rng) -> String {
    let mut signature = [0; 512];
    rng.fill(&mut signature);
    [
        br#"{"alg":"RS256","typ":"JWT"}"#.as_slice(),
        claims.to_string().as_bytes(),
        &signature,
    ]
    .map(base64url)
    .join(".")
}

/// Base64 with the alphabet for URLs, without padding (RFC 4648, section 5).
fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 3);
    for three in bytes.chunks(3) {
        let mut bits = [0; 4];
        bits[1..=three.len()].copy_from_slice(three);
        let bits = u32::from_be_bytes(bits);
        for at in 0..=three.len() {
            let letter = bits >> (18 - 6 * at) & 0x3f;
            text.push(char::from(ALPHABET[letter as usize]));
        }
    }
    text
}

/// A random UUID of version 4.
pub(crate) fn uuid(rng: &mut fastrand::Rng) -> u128 {
    let bits = rng.u128(..);
    bits & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62)
}

/// A UUID as text, in lower case with hyphens.
pub(crate) fn uuid_text(uuid: u128) -> String {
    let hex = format!("{uuid:032x}");
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

/// Reads a UUID written with hyphens, in either case.
pub(crate) fn read_uuid(text: &str) -> Option<u128> {
    let bytes = text.as_bytes();
    if bytes.len() != 36 || [8, 13, 18, 23].iter().any(|at| bytes[*at] != b'-') {
        return None;
    }
    let mut uuid = 0u128;
    for (at, byte) in bytes.iter().enumerate() {
        if ![8, 13, 18, 23].contains(&at) {
            uuid = uuid << 4 | u128::from(char::from(*byte).to_digit(16)?);
        }
    }
    Some(uuid)
}

/// Milliseconds since 1970 as ISO 8601 in UTC with three decimals.
pub(crate) fn iso(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |at| format!("{at:.3}"))
}

/// Milliseconds since 1970 of an ISO 8601 instant, or of the UTC midnight of a bare date.
pub(crate) fn read_iso(text: &str) -> Option<i64> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_millisecond());
    }
    let day = read_date(text)?;
    let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_millisecond())
}

/// A calendar date written `YYYY-MM-DD` and in no other way.
pub(crate) fn read_date(text: &str) -> Option<jiff::civil::Date> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| {
            if at == 4 || at == 7 {
                byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        });
    if shape { text.parse().ok() } else { None }
}

/// An instant as HTTP headers write it.
pub(crate) fn http_date(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .ok()
        .and_then(|at| {
            jiff::fmt::rfc2822::DateTimePrinter::new()
                .timestamp_to_rfc9110_string(&at)
                .ok()
        })
        .unwrap_or_default()
}

/// A 64-bit fingerprint of a text, stable within one process.
pub(crate) fn fingerprint(text: &str) -> u64 {
    static STATE: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    let mut hasher = STATE.build_hasher();
    hasher.write(text.as_bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_go_both_ways() {
        assert_eq!(iso(1_790_812_800_000), "2026-10-01T00:00:00.000Z");
        assert_eq!(
            read_iso("2026-10-01T00:00:00.000Z"),
            Some(1_790_812_800_000)
        );
        assert_eq!(
            read_iso("2026-10-01T02:00:00+02:00"),
            Some(1_790_812_800_000)
        );
        assert_eq!(read_iso("2026-10-01"), Some(1_790_812_800_000));
        assert_eq!(read_iso("yesterday"), None);
        assert_eq!(
            http_date(1_790_812_800_000),
            "Thu, 01 Oct 2026 00:00:00 GMT"
        );
    }

    #[test]
    fn uuids_go_both_ways() {
        let id = uuid(&mut fastrand::Rng::with_seed(3));
        let text = uuid_text(id);
        assert_eq!(&text[14..15], "4");
        assert!("89ab".contains(&text[19..20]));
        assert_eq!(read_uuid(&text), Some(id));
        assert_eq!(read_uuid(&text.to_uppercase()), Some(id));
        assert_eq!(read_uuid("ada@example.com"), None);
    }

    #[test]
    fn bytes_become_base64_for_urls() {
        // RFC 4648, section 10, without the padding.
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64url(plain.as_bytes()), coded);
        }
        assert_eq!(base64url(&[0xfb, 0xff, 0xbf]), "-_-_");
    }

    #[test]
    fn dates_are_strict() {
        assert!(read_date("2024-02-29").is_some());
        for wrong in [
            "2023-02-29",
            "2024-2-9",
            "20240229",
            "2024-02-29T00:00:00",
            "",
        ] {
            assert!(read_date(wrong).is_none(), "{wrong}");
        }
    }
}
