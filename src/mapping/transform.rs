//! The steps that turn a HighLevel value into the one a BigMailer field holds.
//!
//! Pure functions of one value. No step panics, none puts a value into a message, and an empty
//! value stays empty unless a `default` fills it. The examples below are run as tests.
//! Start reading at [`Transform`], then [`convert`].

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::FieldKind;
use super::nearest::suggestion;
use crate::contact::FieldValue;

/// One step of a rule's `transform = […]`.
///
/// Steps for text bring other values to text first and are applied to every item of a list. Text
/// that is empty after a step counts as no value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Transform {
    /// Takes blanks and line breaks away from both ends.
    ///
    /// Example: `trim` turns `" Ada\n"` into `"Ada"`
    /// Example: `trim` turns `["a ", " ", " b"]` into `["a", "b"]`
    /// Example: `trim` turns `"  "` into `null`
    Trim,
    /// Example: `lower` turns `"ADA Lovelace"` into `"ada lovelace"`
    Lower,
    /// Example: `upper` turns `"straße"` into `"STRASSE"`
    Upper,
    /// Begins each word with a capital and writes the rest small. A word begins after anything but
    /// a letter, a digit or an apostrophe.
    ///
    /// Example: `title` turns `"ANNE-marie o'neil"` into `"Anne-Marie O'neil"`
    Title,
    /// Keeps the first N characters, N at least 1.
    ///
    /// Example: `truncate:3` turns `"Zoë Ada"` into `"Zoë"`
    /// Example: `truncate:3` turns `12345` into `"123"`
    Truncate(usize),
    /// Fills an empty value; everything after the colon is the text.
    ///
    /// Example: `default:unknown` turns `null` into `"unknown"`
    /// Example: `default:unknown` turns `""` into `"unknown"`
    /// Example: `default:unknown` turns `[]` into `"unknown"`
    /// Example: `default:unknown` turns `"Ada"` into `"Ada"`
    Default(String),
    /// Replaces whole words. Words are compared trimmed, first exactly, then without regard to
    /// case; `*` is any other word, and without it other words stay. A backslash takes the meaning
    /// from a following comma, equals sign, star or backslash.
    ///
    /// Example: `map:{lead=Prospect,customer=Client}` turns `" lead "` into `"Prospect"`
    /// Example: `map:{a=1,A=2}` turns `"A"` into `"2"`
    /// Example: `map:{Lead=Prospect}` turns `"LEAD"` into `"Prospect"`
    /// Example: `map:{lead=Prospect}` turns `"other"` into `"other"`
    /// Example: `map:{lead=Prospect,*=Unknown}` turns `"other"` into `"Unknown"`
    /// Example: `map:{n/a=}` turns `"n/a"` into `null`
    /// Example: `map:{a\,b=c\=d}` turns `"a,b"` into `"c=d"`
    /// Example: `map:{true=member,false=guest}` turns `true` into `"member"`
    Map {
        pairs: Vec<(String, String)>,
        other: Option<String>,
    },
    /// Makes one text of a list; everything after the colon stands between the items.
    ///
    /// Example: `join: + ` turns `["a", "b"]` into `"a + b"`
    /// Example: `join:;` turns `"a"` into `"a"`
    Join(String),
    /// Keeps the first item of a list.
    ///
    /// Example: `first` turns `["b", "a"]` into `"b"`
    /// Example: `first` turns `7` into `7`
    First,
    /// Makes a whole number; halves go away from zero.
    ///
    /// Example: `round` turns `2.5` into `3`
    /// Example: `round` turns `-2.5` into `-3`
    /// Example: `round` turns `" 1.4 "` into `1`
    Round,
    /// Multiplies, in decimal arithmetic.
    ///
    /// Example: `scale:100` turns `19.99` into `1999`
    /// Example: `scale:0.01` turns `1999` into `19.99`
    /// Example: `scale:-2` turns `"1.5"` into `-3`
    Scale(f64),
    /// Makes a calendar date of an ISO date, an ISO instant (its date in UTC), MM/DD/YYYY,
    /// YYYY/MM/DD, or the seconds or milliseconds since 1970.
    ///
    /// A number is milliseconds when as seconds it would lie outside 1840 to 2099, or when as
    /// milliseconds it is midnight, as HighLevel's dates of birth are.
    ///
    /// Example: `date` turns `"2024-02-29"` into `{"date":"2024-02-29"}`
    /// Example: `date` turns `"2024-03-01T01:30:00+02:00"` into `{"date":"2024-02-29"}`
    /// Example: `date` turns `"2/29/2024"` into `{"date":"2024-02-29"}`
    /// Example: `date` turns `"2024/02/29"` into `{"date":"2024-02-29"}`
    /// Example: `date` turns `1709164800` into `{"date":"2024-02-29"}`
    /// Example: `date` turns `1709164800123` into `{"date":"2024-02-29"}`
    /// Example: `date` turns `13046400000` into `{"date":"1970-06-01"}`
    /// Example: `date` turns `86400000` into `{"date":"1970-01-02"}`
    Date,
    /// Writes a number that names its country as `+` and digits; others stay, since guessing a
    /// country would make a wrong number look right.
    ///
    /// Example: `phone_e164` turns `"+1 (555) 010-9999"` into `"+15550109999"`
    /// Example: `phone_e164` turns `"0049 30 1234567"` into `"+49301234567"`
    /// Example: `phone_e164` turns `"+44 (0)20 7946 0958 ext. 12"` into `"+442079460958"`
    /// Example: `phone_e164` turns `"5550109999"` into `"5550109999"`
    /// Example: `phone_e164` turns `"(555) 010-9999"` into `"(555) 010-9999"`
    PhoneE164,
    /// Takes HTML away: tags vanish, ends of blocks become line breaks, entities their characters.
    ///
    /// Example: `strip_html` turns `"<p>Fish &amp; <b>chips</b></p><p>2 < 3<br>&#8364;5</p>"` into `"Fish & chips\n2 < 3\n€5"`
    /// Example: `strip_html` turns `"<style>p{}</style><p>&nbsp;</p>"` into `null`
    StripHtml,
    /// Says yes or no in the given words: true, yes, y, t, on, 1 and false, no, n, f, off, 0.
    ///
    /// Example: `bool:yes,no` turns `true` into `"yes"`
    /// Example: `bool:1,0` turns `"Off"` into `"0"`
    /// Example: `bool:member,guest` turns `1` into `"member"`
    Bool { yes: String, no: String },
}

/// The names of all steps, as profiles write them.
pub(crate) const NAMES: &[&str] = &[
    "trim",
    "lower",
    "upper",
    "title",
    "truncate",
    "default",
    "map",
    "join",
    "first",
    "round",
    "scale",
    "date",
    "phone_e164",
    "strip_html",
    "bool",
];

/// Why a value cannot pass a step; kinds and rules only, never the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub got: &'static str,
    pub expected: &'static str,
    pub reason: &'static str,
}

fn refuse(value: &FieldValue, expected: &'static str, reason: &'static str) -> Refusal {
    Refusal {
        got: value.kind(),
        expected,
        reason,
    }
}

const WHOLE: &str = "a whole number";
const NUMBER: &str = "a number";
const DATE: &str = "a date";

impl Transform {
    /// Reads a step as profiles write it: `trim`, `truncate:20`, `map:{a=b,*=c}`. The error says in
    /// one sentence what is wrong and what was expected.
    pub fn parse(text: &str) -> Result<Transform, String> {
        let (name, argument) = match text.split_once(':') {
            Some((name, argument)) => (name.trim(), Some(argument)),
            None => (text.trim(), None),
        };
        let plain = |step: Transform| match argument {
            None => Ok(step),
            Some(_) => Err(format!("`{name}` takes nothing after it: write `{name}`")),
        };
        let with = |example: &str| {
            argument
                .filter(|argument| !argument.is_empty())
                .ok_or_else(|| format!("`{name}` needs a value, as in `{example}`"))
        };
        match name {
            "trim" => plain(Transform::Trim),
            "lower" => plain(Transform::Lower),
            "upper" => plain(Transform::Upper),
            "title" => plain(Transform::Title),
            "first" => plain(Transform::First),
            "round" => plain(Transform::Round),
            "date" => plain(Transform::Date),
            "phone_e164" => plain(Transform::PhoneE164),
            "strip_html" => plain(Transform::StripHtml),
            "truncate" => match with("truncate:40")?.trim().parse() {
                Ok(length) if length >= 1 => Ok(Transform::Truncate(length)),
                _ => Err(
                    "`truncate` needs a whole number of at least 1, as in `truncate:40`".to_owned(),
                ),
            },
            "default" => Ok(Transform::Default(with("default:unknown")?.to_owned())),
            "join" => match argument {
                Some(between) => Ok(Transform::Join(between.to_owned())),
                None => Err("`join` needs a separator, as in `join:, `".to_owned()),
            },
            "scale" => match with("scale:100")?.trim().parse::<f64>() {
                Ok(factor) if factor.is_finite() && factor != 0.0 => Ok(Transform::Scale(factor)),
                _ => Err("`scale` needs a number other than 0, as in `scale:100`".to_owned()),
            },
            "map" => parse_map(with("map:{lead=Prospect,*=Other}")?),
            "bool" => match with("bool:yes,no")?.split_once(',') {
                Some((yes, no)) if !yes.trim().is_empty() && !no.contains(',') => {
                    Ok(Transform::Bool {
                        yes: yes.trim().to_owned(),
                        no: no.trim().to_owned(),
                    })
                }
                _ => Err("`bool` needs two words, as in `bool:yes,no`".to_owned()),
            },
            _ => Err(format!(
                "unknown transform `{name}`{}",
                suggestion(name, NAMES)
            )),
        }
    }

    /// Whether a rule that goes both ways can have it: the result says the same as the value, and
    /// can be written over it on the other side. `map` or `scale` would have to be undone there,
    /// `default` would make a text of nothing, and `first` would lose the rest.
    pub fn goes_both_ways(&self) -> bool {
        match self {
            Transform::Trim
            | Transform::Lower
            | Transform::Upper
            | Transform::Title
            | Transform::Truncate(_)
            | Transform::Round
            | Transform::Date
            | Transform::PhoneE164 => true,
            Transform::Default(_)
            | Transform::Map { .. }
            | Transform::Join(_)
            | Transform::First
            | Transform::Scale(_)
            | Transform::StripHtml
            | Transform::Bool { .. } => false,
        }
    }

    /// Applies the step. `None` is an empty value, before and after.
    pub fn apply(&self, value: Option<FieldValue>) -> Result<Option<FieldValue>, Refusal> {
        let Some(value) = non_empty(value) else {
            return Ok(match self {
                Transform::Default(text) => non_empty(Some(FieldValue::Text(text.clone()))),
                _ => None,
            });
        };
        let result = match self {
            Transform::Default(_) => value,
            Transform::Trim => each_text(value, |text| text.trim().to_owned())?,
            Transform::Lower => each_text(value, str::to_lowercase)?,
            Transform::Upper => each_text(value, str::to_uppercase)?,
            Transform::Title => each_text(value, title)?,
            Transform::Truncate(length) => {
                each_text(value, |text| text.chars().take(*length).collect())?
            }
            Transform::Map { pairs, other } => {
                each_text(value, |text| replace(text, pairs, other.as_deref()))?
            }
            Transform::PhoneE164 => each_text(value, phone_e164)?,
            Transform::StripHtml => each_text(value, strip_html)?,
            Transform::Bool { yes, no } => try_each_text(value, |text| match truth(text) {
                Some(true) => Ok(yes.clone()),
                Some(false) => Ok(no.clone()),
                None => Err("it is none of true, yes, on, 1, false, no, off, 0"),
            })
            .map_err(|refusal| Refusal {
                expected: "yes or no",
                ..refusal
            })?,
            Transform::Join(between) => match value {
                FieldValue::Many(items) => FieldValue::Text(items.join(between)),
                one => one,
            },
            Transform::First => match value {
                FieldValue::Many(items) => {
                    return Ok(items.into_iter().next().map(FieldValue::Text));
                }
                one => one,
            },
            Transform::Round => return round(value),
            Transform::Scale(factor) => return scale(value, *factor),
            Transform::Date => return date(value),
        };
        Ok(non_empty(Some(result)))
    }
}

/// The step as profiles write it, in one fixed spelling.
impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Transform::Trim => f.write_str("trim"),
            Transform::Lower => f.write_str("lower"),
            Transform::Upper => f.write_str("upper"),
            Transform::Title => f.write_str("title"),
            Transform::Truncate(length) => write!(f, "truncate:{length}"),
            Transform::Default(text) => write!(f, "default:{text}"),
            Transform::Map { pairs, other } => {
                f.write_str("map:{")?;
                for (at, (from, to)) in pairs.iter().enumerate() {
                    let comma = if at == 0 { "" } else { "," };
                    write!(f, "{comma}{}={}", escaped(from), escaped(to))?;
                }
                if let Some(to) = other {
                    let comma = if pairs.is_empty() { "" } else { "," };
                    write!(f, "{comma}*={}", escaped(to))?;
                }
                f.write_str("}")
            }
            Transform::Join(between) => write!(f, "join:{between}"),
            Transform::First => f.write_str("first"),
            Transform::Round => f.write_str("round"),
            Transform::Scale(factor) => write!(f, "scale:{factor}"),
            Transform::Date => f.write_str("date"),
            Transform::PhoneE164 => f.write_str("phone_e164"),
            Transform::StripHtml => f.write_str("strip_html"),
            Transform::Bool { yes, no } => write!(f, "bool:{yes},{no}"),
        }
    }
}

/// Brings a value to the type of a BigMailer field. Text becomes text byte for byte; what would
/// lose or invent something is refused.
pub(crate) fn convert(
    kind: FieldKind,
    value: Option<FieldValue>,
) -> Result<Option<FieldValue>, Refusal> {
    let Some(value) = non_empty(value) else {
        return Ok(None);
    };
    match kind {
        FieldKind::Text => match value {
            FieldValue::Text(_) => Ok(Some(value)),
            FieldValue::Many(items) => Ok(Some(FieldValue::Text(items.join(", ")))),
            other => Ok(Some(FieldValue::Text(text_of(&other)?))),
        },
        FieldKind::Integer => match &value {
            FieldValue::Integer(_) => Ok(Some(value)),
            FieldValue::Decimal(number) => match whole(*number) {
                Some(whole) => Ok(Some(FieldValue::Integer(whole))),
                None => Err(refuse(
                    &value,
                    WHOLE,
                    "it has decimals or is too large; `round` would make it whole",
                )),
            },
            FieldValue::Text(text) if text.trim().is_empty() => Ok(None),
            FieldValue::Text(text) => match text.trim().parse() {
                Ok(number) => Ok(Some(FieldValue::Integer(number))),
                Err(_) => Err(refuse(&value, WHOLE, "the text is not a whole number")),
            },
            FieldValue::Many(_) => Err(refuse(&value, WHOLE, "`first` would take one item")),
            _ => Err(refuse(&value, WHOLE, "this kind is not a number")),
        },
        FieldKind::Date => match &value {
            FieldValue::Date(_) => Ok(Some(value)),
            FieldValue::Text(text) if text.trim().is_empty() => Ok(None),
            FieldValue::Text(text) => match iso_date(text.trim()) {
                Some(date) => Ok(Some(FieldValue::Date(date))),
                None => Err(refuse(
                    &value,
                    DATE,
                    "the text is not YYYY-MM-DD; `date` reads more spellings",
                )),
            },
            FieldValue::Many(_) => Err(refuse(&value, DATE, "`first` would take one item")),
            FieldValue::Integer(_) => Err(refuse(
                &value,
                DATE,
                "a number is not a date; `date` reads it as a time since 1970",
            )),
            _ => Err(refuse(&value, DATE, "this kind is not a date")),
        },
        FieldKind::Native => Ok(Some(match value {
            FieldValue::Decimal(number) => {
                whole(number).map_or(FieldValue::Decimal(number), FieldValue::Integer)
            }
            // The order of a multi-select says nothing.
            FieldValue::Many(mut items) => {
                items.sort();
                items.dedup();
                FieldValue::Many(items)
            }
            other => other,
        })),
    }
}

/// A value without its empty parts; `None` when nothing is left.
pub(crate) fn non_empty(value: Option<FieldValue>) -> Option<FieldValue> {
    match value? {
        FieldValue::Text(text) if text.is_empty() => None,
        FieldValue::Many(mut items) => {
            items.retain(|item| !item.is_empty());
            (!items.is_empty()).then_some(FieldValue::Many(items))
        }
        other => Some(other),
    }
}

/// The one text form of a value that is not a list.
fn text_of(value: &FieldValue) -> Result<String, Refusal> {
    Ok(match value {
        FieldValue::Text(text) => text.clone(),
        FieldValue::Integer(number) => number.to_string(),
        // Adding zero turns -0 into 0, which would otherwise show its sign.
        FieldValue::Decimal(number) if number.is_finite() => (number + 0.0).to_string(),
        FieldValue::Decimal(_) => return Err(refuse(value, NUMBER, "it is not a finite number")),
        FieldValue::Flag(flag) => flag.to_string(),
        FieldValue::Date(date) => date.to_string(),
        FieldValue::Many(items) => items.join(", "),
    })
}

fn each_text(value: FieldValue, step: impl Fn(&str) -> String) -> Result<FieldValue, Refusal> {
    try_each_text(value, |text| Ok(step(text)))
}

fn try_each_text(
    value: FieldValue,
    step: impl Fn(&str) -> Result<String, &'static str>,
) -> Result<FieldValue, Refusal> {
    match &value {
        FieldValue::Many(items) => items
            .iter()
            .map(|item| step(item))
            .collect::<Result<_, _>>()
            .map(FieldValue::Many),
        one => step(&text_of(one)?).map(FieldValue::Text),
    }
    .map_err(|reason| refuse(&value, "text", reason))
}

fn title(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut inside = false;
    for letter in text.chars() {
        if inside {
            result.extend(letter.to_lowercase());
        } else {
            result.extend(letter.to_uppercase());
        }
        inside = letter.is_alphanumeric() || letter == '\'' || letter == '’';
    }
    result
}

fn parse_map(argument: &str) -> Result<Transform, String> {
    let inner = argument
        .trim()
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .ok_or("`map` needs its pairs in braces, as in `map:{lead=Prospect,*=Other}`")?;
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut other = None;
    for pair in split_outside_escapes(inner, ',') {
        let sides = split_outside_escapes(pair, '=');
        let [from, to] = sides[..] else {
            return Err(format!(
                "`map` needs pairs like `lead=Prospect` with commas between them; `{}` is none",
                pair.trim()
            ));
        };
        let (star, from, to) = (from.trim() == "*", unescaped(from), unescaped(to));
        if from.is_empty() {
            return Err(
                "`map` cannot replace an empty value; `default:…` fills empty ones".to_owned(),
            );
        }
        let known = if star {
            other.replace(to).is_some()
        } else {
            let known = pairs.iter().any(|(word, _)| *word == from);
            pairs.push((from.clone(), to));
            known
        };
        if known {
            return Err(format!("`map` names `{from}` twice"));
        }
    }
    Ok(Transform::Map { pairs, other })
}

/// The parts between `separator`s that no backslash precedes; escapes stay in the parts.
fn split_outside_escapes(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut begin = 0;
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if letter == '\\' {
            escaped = true;
        } else if letter == separator {
            parts.push(&text[begin..at]);
            begin = at + letter.len_utf8();
        }
    }
    parts.push(&text[begin..]);
    parts
}

/// The signs that have a meaning inside the braces of a map.
const MAP_SIGNS: [char; 4] = ['\\', ',', '=', '*'];

/// A part of a map without its outer blanks and the backslashes before [`MAP_SIGNS`].
fn unescaped(part: &str) -> String {
    let mut result = String::new();
    let mut letters = part.trim().chars().peekable();
    while let Some(letter) = letters.next() {
        match letters.next_if(|next| letter == '\\' && MAP_SIGNS.contains(next)) {
            Some(sign) => result.push(sign),
            None => result.push(letter),
        }
    }
    result
}

fn escaped(word: &str) -> String {
    let mut result = String::new();
    for letter in word.chars() {
        if MAP_SIGNS.contains(&letter) {
            result.push('\\');
        }
        result.push(letter);
    }
    result
}

fn replace(text: &str, pairs: &[(String, String)], other: Option<&str>) -> String {
    let word = text.trim();
    let lower = word.to_lowercase();
    pairs
        .iter()
        .find(|(from, _)| from == word)
        .or_else(|| pairs.iter().find(|(from, _)| from.to_lowercase() == lower))
        .map(|(_, to)| to.as_str())
        .or(other)
        .unwrap_or(text)
        .to_owned()
}

fn truth(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "true" | "yes" | "y" | "t" | "on" | "1" => Some(true),
        "false" | "no" | "n" | "f" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// The number as an `i64`, when it is whole and fits.
pub(super) fn whole(number: f64) -> Option<i64> {
    // 2^63 is the first float above the range; its negative is the lowest i64.
    const END: f64 = 9_223_372_036_854_775_808.0;
    (number.fract() == 0.0 && (-END..END).contains(&number)).then_some(number as i64)
}

/// An integer or a decimal; text is read, blank text is empty.
fn number(value: FieldValue) -> Result<Option<FieldValue>, Refusal> {
    match &value {
        FieldValue::Integer(_) => Ok(Some(value)),
        FieldValue::Decimal(number) if number.is_finite() => Ok(Some(value)),
        FieldValue::Decimal(_) => Err(refuse(&value, NUMBER, "it is not a finite number")),
        FieldValue::Text(text) => {
            let text = text.trim();
            if text.is_empty() {
                return Ok(None);
            }
            if let Ok(whole) = text.parse() {
                return Ok(Some(FieldValue::Integer(whole)));
            }
            match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Some(FieldValue::Decimal(number))),
                _ => Err(refuse(&value, NUMBER, "the text is not a number")),
            }
        }
        FieldValue::Many(_) => Err(refuse(&value, NUMBER, "`first` would take one item")),
        FieldValue::Flag(_) | FieldValue::Date(_) => {
            Err(refuse(&value, NUMBER, "this kind is not a number"))
        }
    }
}

fn round(value: FieldValue) -> Result<Option<FieldValue>, Refusal> {
    Ok(match number(value)? {
        Some(FieldValue::Decimal(number)) => match whole(number.round()) {
            Some(whole) => Some(FieldValue::Integer(whole)),
            None => {
                return Err(refuse(
                    &FieldValue::Decimal(number),
                    WHOLE,
                    "it does not fit into 64 bits",
                ));
            }
        },
        other => other,
    })
}

fn scale(value: FieldValue, factor: f64) -> Result<Option<FieldValue>, Refusal> {
    let Some(value) = number(value)? else {
        return Ok(None);
    };
    let product = exact_product(&text_of(&value)?, &factor.to_string()).or_else(|| {
        let approximate = match value {
            FieldValue::Integer(number) => number as f64 * factor,
            FieldValue::Decimal(number) => number * factor,
            _ => return None,
        };
        approximate
            .is_finite()
            .then_some(FieldValue::Decimal(approximate))
    });
    match product {
        Some(product) => Ok(Some(product)),
        None => Err(refuse(&value, NUMBER, "the product is too large")),
    }
}

/// The product of two plain decimal numbers as people reckon it (19.99 × 100 = 1999, not
/// 1998.9999999999998); `None` when it has too many digits to be exact.
fn exact_product(a: &str, b: &str) -> Option<FieldValue> {
    let digits = |text: &str| -> Option<(i128, usize)> {
        let decimals = text
            .split_once('.')
            .map_or(0, |(_, decimals)| decimals.len());
        Some((text.replacen('.', "", 1).parse().ok()?, decimals))
    };
    let ((a, a_decimals), (b, b_decimals)) = (digits(a)?, digits(b)?);
    let (mut product, mut decimals) = (a.checked_mul(b)?, a_decimals + b_decimals);
    while decimals > 0 && product % 10 == 0 {
        product /= 10;
        decimals -= 1;
    }
    if decimals == 0 {
        return i64::try_from(product).ok().map(FieldValue::Integer);
    }
    let number: f64 = format!("{product}e-{decimals}").parse().ok()?;
    Some(FieldValue::Decimal(number))
}

fn date(value: FieldValue) -> Result<Option<FieldValue>, Refusal> {
    let found = match &value {
        FieldValue::Date(_) => return Ok(Some(value)),
        FieldValue::Text(text) if text.trim().is_empty() => return Ok(None),
        FieldValue::Text(text) => date_of_text(text.trim()),
        FieldValue::Integer(number) => date_of_epoch(*number),
        FieldValue::Decimal(number) => whole(*number).and_then(date_of_epoch),
        FieldValue::Many(_) => return Err(refuse(&value, DATE, "`first` would take one item")),
        FieldValue::Flag(_) => None,
    };
    match found {
        Some(date) => Ok(Some(FieldValue::Date(date))),
        None => Err(refuse(&value, DATE, "it is in none of the known spellings")),
    }
}

fn date_of_text(text: &str) -> Option<Date> {
    iso_date(text).or_else(|| slashed_date(text)).or_else(|| {
        // Fewer digits are more likely a date without separators than a time since 1970.
        (text.trim_start_matches('-').len() >= 9)
            .then(|| text.parse().ok())
            .flatten()
            .and_then(date_of_epoch)
    })
}

/// `YYYY-MM-DD`, or the UTC date of an instant with its offset.
fn iso_date(text: &str) -> Option<Date> {
    if let [year, month, day] = text.split('-').collect::<Vec<_>>()[..]
        && let Some(date) = calendar(year, month, day).filter(|_| text.len() == 10)
    {
        return Some(date);
    }
    // jiff would also take instants without separators; those are not dates to most people.
    if text.get(4..5) != Some("-") {
        return None;
    }
    date_of_instant(text.parse().ok()?)
}

/// `MM/DD/YYYY` or `YYYY/MM/DD`; month and day may have one digit.
fn slashed_date(text: &str) -> Option<Date> {
    match text.split('/').collect::<Vec<_>>()[..] {
        [year, month, day] if year.len() == 4 => calendar(year, month, day),
        [month, day, year] => calendar(year, month, day),
        _ => None,
    }
}

/// A date of these digits: four for the year, one or two for month and day.
fn calendar(year: &str, month: &str, day: &str) -> Option<Date> {
    let fits = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !(fits(year, 4..=4) && fits(month, 1..=2) && fits(day, 1..=2)) {
        return None;
    }
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    date.ok().filter(|date| date.year() >= 1)
}

fn date_of_instant(instant: Timestamp) -> Option<Date> {
    let date = instant.to_zoned(TimeZone::UTC).date();
    // Outside of these years a date has another length than YYYY-MM-DD.
    (1..=9999).contains(&date.year()).then_some(date)
}

fn date_of_epoch(number: i64) -> Option<Date> {
    const SECONDS_OF_2100: i64 = 4_102_444_800;
    const DAY_IN_MILLISECONDS: i64 = 86_400_000;
    let seconds =
        (-SECONDS_OF_2100..SECONDS_OF_2100).contains(&number) && number % DAY_IN_MILLISECONDS != 0;
    let instant = if seconds {
        Timestamp::from_second(number)
    } else {
        Timestamp::from_millisecond(number)
    };
    date_of_instant(instant.ok()?)
}

fn phone_e164(text: &str) -> String {
    let trimmed = text.trim();
    let Some(rest) = trimmed
        .strip_prefix('+')
        .or_else(|| trimmed.strip_prefix("00"))
    else {
        return text.to_owned();
    };
    // "(0)" is the trunk digit that is dialled only within the country; what follows a letter or
    // a semicolon is an extension.
    let digits: String = rest
        .replacen("(0)", "", 1)
        .chars()
        .take_while(|letter| !letter.is_alphabetic() && !matches!(letter, ';' | ',' | '#'))
        .filter(char::is_ascii_digit)
        .collect();
    // ITU-T E.164 allows 15 digits, and no country code begins with 0.
    if digits.is_empty() || digits.len() > 15 || digits.starts_with('0') {
        return text.to_owned();
    }
    format!("+{digits}")
}

/// Elements whose end is the end of a line.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tr",
    "ul",
];

pub(super) fn strip_html(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(letter) = rest.chars().next() {
        let taken = match letter {
            '<' => take_tag(rest, &mut text),
            '&' => take_entity(rest, &mut text),
            _ => None,
        };
        rest = taken.unwrap_or_else(|| {
            text.push(letter);
            &rest[letter.len_utf8()..]
        });
    }
    tidy_lines(&text)
}

/// What follows the tag, comment, script or style at the start of `html`; `None` when the `<` is
/// just a sign.
fn take_tag<'a>(html: &'a str, text: &mut String) -> Option<&'a str> {
    if let Some(comment) = html.strip_prefix("<!--") {
        return Some(comment.split_once("-->").map_or("", |(_, rest)| rest));
    }
    let inner = html.strip_prefix('<')?;
    let name_begin = inner.strip_prefix('/').unwrap_or(inner);
    if !name_begin.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?') {
        return None;
    }
    let mut quote = None;
    let end = inner.char_indices().find_map(|(at, letter)| {
        match quote {
            Some(open) if open == letter => quote = None,
            Some(_) => {}
            None if letter == '"' || letter == '\'' => quote = Some(letter),
            None if letter == '>' || letter == '<' => return Some(at),
            None => {}
        }
        None
    })?;
    if inner[end..].starts_with('<') {
        return None;
    }
    let rest = &inner[end + 1..];
    let name: String = name_begin
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase();
    let closing = inner.starts_with('/');
    if (closing && BLOCKS.contains(&name.as_str())) || name == "br" || name == "hr" {
        text.push('\n');
    } else if matches!(name.as_str(), "td" | "th") && closing {
        text.push(' ');
    }
    if !closing && matches!(name.as_str(), "script" | "style") {
        return Some(after_element(rest, &name));
    }
    Some(rest)
}

/// What follows the closing tag of an element whose content is no text.
fn after_element<'a>(html: &'a str, name: &str) -> &'a str {
    let closing = format!("</{name}");
    let found = html
        .as_bytes()
        .windows(closing.len())
        .position(|window| window.eq_ignore_ascii_case(closing.as_bytes()));
    found.map_or("", |at| {
        html[at..].split_once('>').map_or("", |(_, rest)| rest)
    })
}

/// What follows the character reference at the start of `html`; `None` when the `&` is just a sign.
fn take_entity<'a>(html: &'a str, text: &mut String) -> Option<&'a str> {
    // The longest name below has six letters, the longest number (&#x10ffff;) eight signs.
    let end = html.bytes().take(12).position(|byte| byte == b';')?;
    let (name, rest) = (&html[1..end], &html[end + 1..]);
    let letter = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "bull" => '•',
        "middot" => '·',
        "copy" => '©',
        "reg" => '®',
        "trade" => '™',
        "deg" => '°',
        "euro" => '€',
        "pound" => '£',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => number.parse(),
            };
            match char::from_u32(code.ok()?)? {
                '\u{a0}' => ' ',
                '\0' => return None,
                letter => letter,
            }
        }
    };
    text.push(letter);
    Some(rest)
}

/// Lines without surplus blanks, at most one empty line between two others.
fn tidy_lines(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.is_empty() {
            empty += 1;
            continue;
        }
        if !result.is_empty() {
            result.push_str(if empty > 0 { "\n\n" } else { "\n" });
        }
        result.push_str(&words.join(" "));
        empty = 0;
    }
    result
}
