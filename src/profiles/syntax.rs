//! Text that is no TOML: what is wrong with it in words, and what of it can be read all the same.
//!
//! A mistake costs its table, no more: the rest is read as if that table were not there, so that one
//! look tells all mistakes. Start reading at [`recover`].

use std::ops::Range;

use toml_edit::{Document, TomlError};

use super::Problem;
use super::read::place;

/// What the TOML reader has to say, at its place, with what it mostly means.
pub(super) fn problem(text: &str, error: &TomlError) -> Problem {
    let (line, column) = place(text, error.span().map_or(0, |span| span.start));
    let said = error.message().replace('\n', "; ");
    let advice = ADVICE.iter().find(|(part, _)| said.contains(part));
    Problem {
        line,
        column,
        message: match advice {
            Some((_, advice)) => format!("this is not TOML: {said} ({advice})"),
            None => format!("this is not TOML: {said}"),
        },
    }
}

/// Words of the TOML reader, and what to do.
const ADVICE: &[(&str, &str)] = &[
    ("duplicate key", "it stands above already"),
    (
        "must be quoted",
        "texts stand between straight quotes, such as \"50%\"; only numbers, true and false do not",
    ),
    ("invalid basic string", "the closing quote is missing"),
    ("unclosed array", "the closing ] is missing"),
    ("unclosed table", "the closing bracket is missing"),
];

/// More mistakes than this are not told at once.
const MOST: usize = 20;

/// The mistakes of a text, and the text without the tables that hold them; every line stays in its
/// place. `None` for the text where one mistake spoils what follows, such as a list that never ends.
pub(super) fn recover(text: &str) -> (Vec<Problem>, Option<String>) {
    let mut rest = text.to_owned();
    let mut problems: Vec<Problem> = Vec::new();
    let mut last_end = None;
    while problems.len() < MOST {
        let error = match Document::parse(rest.as_str()) {
            Ok(_) => return (problems, Some(rest)),
            Err(error) => problem(&rest, &error),
        };
        if let Some(mended) = single_bracket(&rest, error.line) {
            problems.push(mended.0);
            rest = mended.1;
            continue;
        }
        let table = table_around(&rest, error.line);
        if last_end == Some(table.start) {
            // The table above is where the trouble began.
            return (problems, None);
        }
        last_end = Some(table.end);
        problems.push(error);
        rest = without(&rest, &table);
    }
    (problems, None)
}

/// A header with its own name, such as `field` of `[field]` or `[[field]]`.
fn header(line: &str) -> Option<(&str, bool)> {
    let line = line.split('#').next().unwrap_or_default().trim();
    let inner = line.strip_prefix('[')?.strip_suffix(']')?;
    match inner.strip_prefix('[') {
        Some(inner) => Some((inner.strip_suffix(']')?.trim(), true)),
        None => Some((inner.trim(), false)),
    }
}

/// `[field]` where all others are `[[field]]`: the mistake is not where the reader stumbles.
fn single_bracket(text: &str, line: usize) -> Option<(Problem, String)> {
    let lines: Vec<&str> = text.split('\n').collect();
    let (name, true) = header(lines.get(line.checked_sub(1)?)?)? else {
        return None;
    };
    let at = lines
        .iter()
        .position(|other| header(other) == Some((name, false)))?;
    let problem = Problem {
        line: at + 1,
        column: 1,
        message: format!("rules are written with two brackets: [[{name}]]"),
    };
    let double = lines[at].replacen('[', "[[", 1).replacen(']', "]]", 1);
    let mut mended = lines.clone();
    mended[at] = &double;
    Some((problem, mended.join("\n")))
}

/// The lines (from 0) of the table that holds a line (from 1): from its header to the next.
fn table_around(text: &str, line: usize) -> Range<usize> {
    let lines: Vec<&str> = text.split('\n').collect();
    let at = line.saturating_sub(1).min(lines.len() - 1);
    let begins = |line: &&str| line.trim_start().starts_with('[');
    let start = lines[..=at].iter().rposition(begins).unwrap_or(0);
    let next = lines[at + 1..].iter().position(begins);
    start..next.map_or(lines.len(), |next| at + 1 + next)
}

/// The text with blanks instead of these lines; every byte stays in its place.
fn without(text: &str, table: &Range<usize>) -> String {
    let lines: Vec<String> = text
        .split('\n')
        .enumerate()
        .map(|(at, line)| match table.contains(&at) {
            true => " ".repeat(line.len()),
            false => line.to_owned(),
        })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let problems = super::super::parse_as_far_as_possible("p", text).1;
        let told = problems.into_iter();
        told.map(|problem| format!("{}: {}", problem.line, problem.message))
            .collect()
    }

    const GOOD: &str = "version = 1\n[ghl]\nlocation_id = 'l'\n[bigmailer]\nbrand_id = 'b'\n\
        [sync]\nlookback = '1m'\n[[field]]\nghl = 'city'\nbigmailer = 'A'\n\
        [[field]]\nghl = 'state'\nbigmailer = 'B'\n[limits]\nshare = 0.5\n";

    #[test]
    fn one_mistake_in_the_text_does_not_hide_the_others() {
        assert_eq!(told(GOOD), [""; 0]);
        for (old, new, expected) in [
            (
                "'1m'",
                "\"1m",
                &["7: this is not TOML: invalid basic string"][..],
            ),
            ("0.5", "50%", &["15: this is not TOML: "]),
            ("[sync]", "[sync", &["6: this is not TOML"]),
            (
                "[limits]",
                "[sync]\nfull_every = '1d'\n[limits]",
                &["14: this is not TOML: duplicate key"],
            ),
            (
                "[[field]]\nghl = 'city'",
                "[field]\nghl = 'city'",
                &["8: rules are written with two brackets: [[field]]"],
            ),
            // Both of the text, and one of what it says.
            ("'1m'\n", "yes\n", &["7: this is not TOML"]),
        ] {
            let mut text = GOOD.replace(old, new);
            assert_ne!(text, GOOD);
            for with_another in [false, true] {
                let mut expected = expected.to_vec();
                if with_another {
                    text = text
                        .replace("'state'", "'stat'")
                        .replace("[limits]", "[limit]");
                    expected.push("unknown HighLevel source `stat`, did you mean `state`?");
                    expected.push("unknown key `limit`, did you mean `limits`?");
                    if text.contains("50%") {
                        // The table that cannot be read is not judged either.
                        expected.pop();
                    }
                }
                let told = told(&text);
                assert_eq!(told.len(), expected.len(), "{told:?}");
                for part in expected {
                    assert!(
                        told.iter().any(|one| one.contains(part)),
                        "{part}: {told:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_list_that_never_ends_is_told_once() {
        let text = GOOD.replace("[sync]\n", "[filter]\ntags_any = ['a'\n[sync]\n");
        assert_eq!(told(&text).len(), 1, "{:?}", told(&text));
    }

    #[test]
    fn whatever_is_blanked_keeps_every_other_byte_in_its_place() {
        let text = GOOD.replace("'1m'", "\"ä");
        let (problems, readable) = recover(&text);
        let readable = readable.unwrap();
        assert_eq!((problems.len(), readable.len()), (1, text.len()));
        assert_eq!(readable.find("[[field]]"), text.find("[[field]]"));
    }
}
