//! `--field` and `--raw-field`: pairs of key and value become query parameters or a JSON body.
//!
//! Keys say where a value goes: `a[b]` is member `b` of `a`, `a[]` one more item of the list `a`,
//! `a[][b]` member `b` of the last item of `a`, or of a new one that already has it. Pure: files and
//! placeholders are the caller's. Start reading at [`Fields::add`].

use serde_json::{Map, Value};

/// What the pairs so far amount to.
#[derive(Debug, Default, PartialEq)]
pub struct Fields(Map<String, Value>);

/// One step into the structure.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Part<'a> {
    Member(&'a str),
    Item,
}

/// A value as `--field` understands it: `true`, `false`, `null` and integers are what they say,
/// everything else is a text. Only integers in their usual form count, so that `+15551234` and `007`
/// stay what they are.
pub fn typed(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" => Value::Null,
        _ => match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => number.into(),
            _ => text.into(),
        },
    }
}

/// Takes `key=value` apart; a list may be named without a value (`tags[]`) to be there and empty.
///
/// # Errors
/// A sentence for the user.
pub fn split(pair: &str) -> Result<(&str, Option<&str>), String> {
    match pair.split_once('=') {
        Some((key, value)) => Ok((key, Some(value))),
        None if pair.ends_with("[]") => Ok((pair, None)),
        None => Err(format!("{pair:?} is no field: write it as KEY=VALUE")),
    }
}

impl Fields {
    /// Puts a value where the key says; no value leaves an empty list there.
    ///
    /// # Errors
    /// A sentence for the user: a malformed key, or two keys that do not go together.
    pub fn add(&mut self, key: &str, value: Option<Value>) -> Result<(), String> {
        let (first, rest) = parts(key)?;
        let clash = || format!("the field {key} does not go together with an earlier one");
        let mut place = self.0.entry(first).or_insert(Value::Null);
        let mut rest = rest.as_slice();
        loop {
            match rest {
                [] => {
                    if !place.is_null() {
                        return Err(clash());
                    }
                    *place = value.unwrap_or(Value::Null);
                    return Ok(());
                }
                [Part::Item] if value.is_none() => {
                    if place.is_null() {
                        *place = Value::Array(Vec::new());
                    }
                    return if place.is_array() {
                        Ok(())
                    } else {
                        Err(clash())
                    };
                }
                [Part::Item, more @ ..] => {
                    if place.is_null() {
                        *place = Value::Array(Vec::new());
                    }
                    let items = place.as_array_mut().ok_or_else(clash)?;
                    if !items.last().is_some_and(|last| has_room(last, more)) {
                        items.push(Value::Null);
                    }
                    place = items.last_mut().ok_or_else(clash)?;
                    rest = more;
                }
                [Part::Member(name), more @ ..] => {
                    if place.is_null() {
                        *place = Value::Object(Map::new());
                    }
                    let members = place.as_object_mut().ok_or_else(clash)?;
                    place = members.entry(*name).or_insert(Value::Null);
                    rest = more;
                }
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fields as a JSON object.
    pub fn into_members(self) -> Map<String, Value> {
        self.0
    }

    /// The fields as query parameters; lists and members keep their brackets.
    pub fn into_query(self) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        for (key, value) in &self.0 {
            flatten(key, value, &mut pairs);
        }
        pairs
    }
}

/// Whether the next value belongs to this item: it is an object that lacks the member, or has a list
/// there that can grow.
fn has_room(item: &Value, rest: &[Part<'_>]) -> bool {
    match (item, rest) {
        (Value::Object(members), [Part::Member(name), more @ ..]) => match members.get(*name) {
            None => true,
            Some(Value::Array(_)) => more.first() == Some(&Part::Item),
            Some(member @ Value::Object(_)) => has_room(member, more),
            Some(_) => false,
        },
        _ => false,
    }
}

fn parts(key: &str) -> Result<(String, Vec<Part<'_>>), String> {
    let malformed =
        || format!("{key:?} is no field name: write it as name, name[] or name[member]");
    let (first, mut rest) = match key.find('[') {
        Some(at) => key.split_at(at),
        None => (key, ""),
    };
    if first.is_empty() || first.contains(']') {
        return Err(malformed());
    }
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let inner = rest.strip_prefix('[').ok_or_else(malformed)?;
        let (name, after) = inner.split_once(']').ok_or_else(malformed)?;
        if name.contains('[') {
            return Err(malformed());
        }
        parts.push(if name.is_empty() {
            Part::Item
        } else {
            Part::Member(name)
        });
        rest = after;
    }
    Ok((first.to_owned(), parts))
}

fn flatten(key: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    let text = match value {
        Value::Array(items) => {
            for item in items {
                flatten(&format!("{key}[]"), item, pairs);
            }
            return;
        }
        Value::Object(members) => {
            for (name, member) in members {
                flatten(&format!("{key}[{name}]"), member, pairs);
            }
            return;
        }
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    pairs.push((key.to_owned(), text));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(pairs: &[&str]) -> Result<Fields, String> {
        let mut fields = Fields::default();
        for pair in pairs {
            let (key, value) = split(pair)?;
            fields.add(key, value.map(typed))?;
        }
        Ok(fields)
    }

    #[test]
    fn values_are_typed_only_where_nothing_is_lost() {
        for (text, value) in [
            ("true", json!(true)),
            ("null", json!(null)),
            ("-7", json!(-7)),
            ("9223372036854775807", json!(i64::MAX)),
            ("9223372036854775808", json!("9223372036854775808")),
            ("+15551234", json!("+15551234")),
            ("007", json!("007")),
            ("1.5", json!("1.5")),
            ("True", json!("True")),
            ("", json!("")),
        ] {
            assert_eq!(typed(text), value, "{text}");
        }
    }

    #[test]
    fn keys_build_lists_and_members() {
        for (pairs, body) in [
            (
                &["a=1", "b=x=y", "c="][..],
                json!({"a": 1, "b": "x=y", "c": ""}),
            ),
            (&["t[]=a", "t[]=2"], json!({"t": ["a", 2]})),
            (&["t[]"], json!({"t": []})),
            (&["t[]", "t[]=a"], json!({"t": ["a"]})),
            (
                &["a[b][c]=1", "a[b][d]=2"],
                json!({"a": {"b": {"c": 1, "d": 2}}}),
            ),
            (
                &["f[][id]=1", "f[][v]=x", "f[][id]=2", "f[][v]=y"],
                json!({"f": [{"id": 1, "v": "x"}, {"id": 2, "v": "y"}]}),
            ),
            (
                &[
                    "f[][t][]=1",
                    "f[][t][]=2",
                    "f[][o][a]=1",
                    "f[][o][b]=2",
                    "f[][o][a]=3",
                ],
                json!({"f": [{"t": [1, 2], "o": {"a": 1, "b": 2}}, {"o": {"a": 3}}]}),
            ),
            (&["a[][]=1", "a[][]=2"], json!({"a": [[1], [2]]})),
        ] {
            let made = Value::Object(fields(pairs).unwrap().into_members());
            assert_eq!(made, body, "{pairs:?}");
        }
    }

    #[test]
    fn keys_that_make_no_sense_are_refused() {
        for pairs in [
            &["a"][..],
            &["=1"],
            &["[]=1"],
            &["a[=1"],
            &["a]=1"],
            &["a[b=1"],
            &["a[b]c=1"],
            &["a[b[c]]=1"],
            &["a=1", "a=2"],
            &["a=1", "a[]=2"],
            &["a=1", "a[b]=2"],
            &["a[]=1", "a[b]=2"],
            &["a[b]=1", "a[b]=2"],
            &["a[b]=1", "a[]"],
        ] {
            assert!(fields(pairs).is_err(), "{pairs:?}");
        }
    }

    #[test]
    fn a_query_keeps_the_brackets() {
        let pairs = fields(&["q=a b", "n=5", "t[]=x", "t[]=y", "f[a]=null", "f[b]=true"]);
        let query: Vec<String> = pairs
            .unwrap()
            .into_query()
            .into_iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        assert_eq!(
            query,
            ["f[a]=", "f[b]=true", "n=5", "q=a b", "t[]=x", "t[]=y"]
        );
    }
}
