//! `--jq`: a filter in the language of jq over the JSON that a command prints.
//!
//! It is compiled before anything else happens, so that a slip in it costs no call. It reads nothing
//! but what it is given: the environment, files and further input are not there for it.
//! Start reading at [`Filter::new`] and [`Filter::run`].

use std::fmt;
use std::io::{self, Write};

use jaq_core::data::JustLut;
use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars};
use jaq_json::write::Pp;
use jaq_json::{Val, read, write};
use serde::de::IgnoredAny;

/// Values nested deeper than this are refused: reading them would use up the stack.
const DEEPEST: usize = 512;

/// Characters of a filter's own complaint that are shown; it may quote the whole input.
const LONGEST_COMPLAINT: usize = 200;

/// A compiled filter.
pub struct Filter {
    expression: String,
    program: jaq_core::Filter<JustLut<Val>>,
}

/// Why a filter gave no result.
#[derive(Debug)]
pub enum FilterError {
    /// The filter itself complains about a value.
    Complaint { expression: String, message: String },
    /// There was no JSON to filter.
    NotJson { place: String },
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FilterError::Complaint {
                expression,
                message,
            } => write!(f, "--jq '{expression}': {message}"),
            FilterError::NotJson { place } => {
                write!(f, "--jq needs JSON, and this output is none: {place}")
            }
        }
    }
}

impl std::error::Error for FilterError {}

impl Filter {
    /// Compiles an expression.
    ///
    /// # Errors
    /// A sentence that names what is wrong and where.
    pub fn new(expression: &str) -> Result<Filter, String> {
        let at = |part: &str| place(expression, part);
        let own = load::parse(include_str!("filter.jq"), |parser| parser.defs());
        let defs = jaq_core::defs()
            .chain(jaq_std::defs())
            .chain(jaq_json::defs())
            .chain(own.unwrap_or_default());
        // The environment holds the secrets.
        let funs = jaq_core::funs()
            .chain(jaq_std::funs().filter(|(name, ..)| *name != "env"))
            .chain(jaq_json::funs());
        let arena = Arena::default();
        let file = File {
            code: expression,
            path: (),
        };
        let modules = Loader::new(defs).load(&arena, file).map_err(|errors| {
            first(errors, |(_, error)| match error {
                load::Error::Lex(errors) => first(errors, |(expected, found)| {
                    format!("expected {} {}", expected.as_str(), at(found))
                }),
                load::Error::Parse(errors) => first(errors, |(expected, found)| {
                    format!("expected {} {}", expected.as_str(), at(found))
                }),
                load::Error::Io(_) => "modules cannot be loaded".to_owned(),
            })
        });
        let modules = modules.map_err(|why| wrong(expression, &why))?;
        let program = Compiler::default()
            .with_funs(funs)
            .compile(modules)
            .map_err(|errors| {
                let why = first(errors, |(_, errors)| {
                    first(errors, |(name, kind)| {
                        format!("there is no {} {name} {}", kind.as_str(), at(name))
                    })
                });
                wrong(expression, &why)
            })?;
        Ok(Filter {
            expression: expression.to_owned(),
            program,
        })
    }

    /// Runs the filter over every JSON document in `text` and writes its results one a line: strings
    /// as they are, everything else as compact JSON.
    ///
    /// # Errors
    /// Those of `out`; others carry a [`FilterError`].
    pub fn run(&self, text: &[u8], out: &mut dyn Write) -> io::Result<()> {
        let mut documents = serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>();
        let mut begin = 0;
        while let Some(document) = documents.next() {
            document.map_err(|error| not_json(&error.to_string()))?;
            let end = documents.byte_offset();
            self.run_one(&text[begin..end], out)?;
            begin = end;
        }
        Ok(())
    }

    fn run_one(&self, document: &[u8], out: &mut dyn Write) -> io::Result<()> {
        let value = parse(document)?;
        let context = Ctx::<JustLut<Val>>::new(&self.program.lut, Vars::new([]));
        for result in self.program.id.run((context, value)) {
            match result {
                Ok(Val::TStr(text)) => out.write_all(&text)?,
                Ok(value) => write::write(out, &Pp::default(), 0, &value)?,
                Err(thrown) => match thrown.get_err() {
                    Ok(error) => return Err(self.complaint(&error.to_string())),
                    Err(thrown) => match thrown.get_halt() {
                        Ok(0) => return Ok(()),
                        Ok(code) => return Err(self.complaint(&format!("halted with {code}"))),
                        Err(_) => return Err(self.complaint("left a label that is not there")),
                    },
                },
            }
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn complaint(&self, message: &str) -> io::Error {
        io::Error::other(FilterError::Complaint {
            expression: self.expression.clone(),
            message: shortened(message),
        })
    }
}

/// JSON with line breaks and indents, in its own order and with its own numbers; `None` when it is
/// not one JSON document.
pub fn indented(document: &[u8]) -> Option<Vec<u8>> {
    serde_json::from_slice::<IgnoredAny>(document).ok()?;
    let value = parse(document).ok()?;
    let style = Pp {
        indent: Some("  ".to_owned()),
        sep_space: true,
        ..Pp::default()
    };
    let mut text = Vec::with_capacity(2 * document.len());
    write::write(&mut text, &style, 0, &value).ok()?;
    Some(text)
}

/// Reads one document that is known to be JSON. (The reader itself takes more than JSON, and as
/// much nesting as the stack allows.)
fn parse(document: &[u8]) -> io::Result<Val> {
    if depth(document) > DEEPEST {
        return Err(not_json("it is nested too deeply"));
    }
    read::parse_single(document).map_err(|error| not_json(&error.to_string()))
}

/// How deeply arrays and objects are nested in a JSON text.
fn depth(document: &[u8]) -> usize {
    let (mut now, mut most, mut in_string, mut escaped) = (0usize, 0, false, false);
    for byte in document {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                now += 1;
                most = most.max(now);
            }
            b']' | b'}' if !in_string => now = now.saturating_sub(1),
            _ => {}
        }
    }
    most
}

fn not_json(place: &str) -> io::Error {
    io::Error::other(FilterError::NotJson {
        place: place.to_owned(),
    })
}

fn wrong(expression: &str, why: &str) -> String {
    format!("--jq '{expression}': {why}")
}

fn first<E>(errors: Vec<E>, describe: impl Fn(E) -> String) -> String {
    let first = errors.into_iter().next();
    first.map_or_else(|| "it cannot be read".to_owned(), describe)
}

/// Where a part of the expression stands, in words.
fn place(expression: &str, part: &str) -> String {
    let offset = (part.as_ptr() as usize).checked_sub(expression.as_ptr() as usize);
    let before = offset.and_then(|offset| expression.get(..offset));
    match before {
        Some(before) if !part.is_empty() && before.len() < expression.len() => {
            format!("at character {}", before.chars().count() + 1)
        }
        _ => "at its end".to_owned(),
    }
}

/// The beginning and the end of a long complaint.
fn shortened(message: &str) -> String {
    let count = message.chars().count();
    if count <= LONGEST_COMPLAINT {
        return message.to_owned();
    }
    let half = LONGEST_COMPLAINT / 2;
    let head: String = message.chars().take(half).collect();
    let tail: String = message.chars().skip(count - half).collect();
    format!("{head} … {tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filtered(expression: &str, text: &str) -> Result<String, String> {
        let mut out = Vec::new();
        Filter::new(expression)?
            .run(text.as_bytes(), &mut out)
            .map_err(|error| error.to_string())?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn results_come_one_a_line_and_strings_as_they_are() {
        let text = r#"{"b":["x\ty",1,null,{"z":1,"a":[]}],"a":"é"}"#;
        assert_eq!(
            filtered(".b[], .a", text).unwrap(),
            "x\ty\n1\nnull\n{\"z\":1,\"a\":[]}\né\n"
        );
        assert_eq!(filtered("empty", text).unwrap(), "");
        assert_eq!(filtered(".", "").unwrap(), "");
        assert_eq!(filtered(".a", "{\"a\":1}\n{\"a\":2} ").unwrap(), "1\n2\n");
    }

    #[test]
    fn the_usual_filters_are_there() {
        let text = r#"[{"n":"b","t":["x"]},{"n":"a","t":[]}]"#;
        for (expression, expected) in [
            ("map(.n) | sort | join(\",\")", "a,b\n"),
            (".[] | select(.t | length > 0) | .n", "b\n"),
            ("map({(.n): .t}) | add | keys", "[\"a\",\"b\"]\n"),
            (
                "[.[].n, 1, null, true, \"q\\\"\\t\\\\\"] | @csv, @tsv",
                "\"b\",\"a\",1,,true,\"q\"\"\t\\\"\nb\ta\t1\t\ttrue\tq\"\\t\\\\\n",
            ),
            (".[0].n | test(\"^b\")", "true\n"),
            ("0 | todate", "1970-01-01T00:00:00Z\n"),
            ("[.[].n] | @json", "[\"b\",\"a\"]\n"),
            ("first | to_entries | map(.key)", "[\"n\",\"t\"]\n"),
            ("halt", ""),
        ] {
            assert_eq!(
                filtered(expression, text).unwrap(),
                expected,
                "{expression}"
            );
        }
    }

    #[test]
    fn numbers_stay_what_they_are() {
        let text =
            "[9007199254740993,-9223372036854775808,123456789012345678901234567890,1.10,1e3]";
        assert_eq!(filtered(".", text).unwrap(), format!("{text}\n"));
        assert_eq!(filtered(".[0] + 1", text).unwrap(), "9007199254740994\n");
    }

    #[test]
    fn a_bad_expression_is_named_with_the_place() {
        for (expression, parts) in [
            (".a | [", "closing bracket at its end"),
            (".a)", "at character 3"),
            (".a | foo", "no filter foo at character 6"),
            (".a | map(.; .)", "no filter map at character 6"),
            ("$x", "no variable $x at character 1"),
            (".a |", "term at its end"),
            ("\"é\" | §", "token at character 7"),
            ("", "term at its end"),
            ("env", "no filter env at character 1"),
            ("$ENV", "no variable $ENV"),
            ("input", "no filter input"),
            ("import \"a\" as a; .", "modules cannot be loaded"),
        ] {
            let error = filtered(expression, "null").unwrap_err();
            assert!(error.starts_with("--jq '"), "{error}");
            assert!(error.contains(parts), "{expression}: {error}");
        }
    }

    #[test]
    fn complaints_name_the_expression_and_are_not_endless() {
        let error = filtered(".a.b", r#"{"a":"text"}"#).unwrap_err();
        assert!(error.starts_with("--jq '.a.b': "), "{error}");
        assert!(error.contains("text"), "{error}");
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(10_000));
        let error = filtered(".a[]", &long).unwrap_err();
        assert!(error.chars().count() < 300, "{error}");
        let error = filtered("error(\"own words\")", "1").unwrap_err();
        assert!(error.contains("own words"), "{error}");
        assert!(filtered("halt_error", "1").unwrap_err().contains("halted"));
    }

    #[test]
    fn what_is_not_json_is_said_to_be_none() {
        for text in ["id,email\n", "{\"a\":", "# comment", "NaN", "<html>"] {
            let error = filtered(".", text).unwrap_err();
            assert!(error.contains("needs JSON"), "{text}: {error}");
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(filtered(".", &deep).unwrap_err().contains("deeply"));
        assert!(filtered(".", "[\"[[[[\\\"{{\"]").is_ok());
    }

    #[test]
    fn indenting_changes_nothing_but_blanks() {
        let text = br#"{"z":[1.0,{"b":9007199254740993,"a":[]}],"a":"x"}"#;
        let shown = String::from_utf8(indented(text).unwrap()).unwrap();
        assert_eq!(
            shown,
            "{\n  \"z\": [\n    1.0,\n    {\n      \"b\": 9007199254740993,\n      \"a\": []\n    }\n  ],\n  \"a\": \"x\"\n}"
        );
        assert_eq!(indented(b"not json"), None);
        assert_eq!(indented(b"1 2"), None);
    }
}
