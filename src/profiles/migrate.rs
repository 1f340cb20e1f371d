//! Profiles of older formats are brought up to the present one.
//!
//! Changes text only and keeps comments and order; who keeps a copy of the old file is
//! [`super::Profiles::bring_up`]. A newer format is nothing for this module: the reader refuses it.
//! Start reading at [`up_to_date`]; a new format adds its step to [`STEPS`].

use toml_edit::DocumentMut;

use super::VERSION;

/// What turns a file of one format into the next.
type Step = fn(&str) -> String;

/// From format 0 to 1, and so on; as many as [`VERSION`].
const STEPS: [Step; VERSION as usize] = [say_the_version];

/// Text of an older format in the present one, and the format it had; `None` for everything else,
/// text that is no TOML included: the reader says what is wrong with it.
pub(super) fn up_to_date(text: &str) -> Option<(i64, String)> {
    through(text, &STEPS)
}

fn through(text: &str, steps: &[Step]) -> Option<(i64, String)> {
    let from = version(text)?;
    let steps = steps.get(usize::try_from(from).ok()?..)?;
    if steps.is_empty() {
        return None;
    }
    let new = steps.iter().fold(text.to_owned(), |text, step| step(&text));
    Some((from, new))
}

/// The format of a file; one that does not say is of format 0.
fn version(text: &str) -> Option<i64> {
    let document: DocumentMut = text.parse().ok()?;
    match document.get("version") {
        None => Some(0),
        // A zero that somebody wrote is a mistake to be told: no file ever said so.
        Some(item) => item.as_integer().filter(|version| *version > 0),
    }
}

/// Files without a version mean what they would mean with `version = 1`.
fn say_the_version(text: &str) -> String {
    let feed = match text.contains("\r\n") {
        true => "\r\n",
        false => "\n",
    };
    let (mark, text) = match text.strip_prefix('\u{feff}') {
        Some(rest) => ("\u{feff}", rest),
        None => ("", text),
    };
    // Below the comments at the top, which may hold a line for the editor.
    let head: usize = text
        .split_inclusive('\n')
        .take_while(|line| line.starts_with('#'))
        .map(str::len)
        .sum();
    let (head, rest) = text.split_at(head);
    let gap = match head.is_empty() || head.ends_with('\n') {
        true => "",
        false => feed,
    };
    format!("{mark}{head}{gap}version = 1{feed}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_version_gets_one_and_keeps_everything_else() {
        for (old, new) in [
            ("[ghl]\n", "version = 1\n[ghl]\n"),
            (
                "# mine\n\n[ghl] # x\n",
                "# mine\nversion = 1\n\n[ghl] # x\n",
            ),
            ("# a\r\n[ghl]\r\n", "# a\r\nversion = 1\r\n[ghl]\r\n"),
            ("\u{feff}a = 1\n", "\u{feff}version = 1\na = 1\n"),
            ("# only", "# only\nversion = 1\n"),
            ("", "version = 1\n"),
        ] {
            assert_eq!(up_to_date(old), Some((0, new.to_owned())), "{old:?}");
            assert_eq!(up_to_date(new), None);
        }
    }

    #[test]
    fn the_present_newer_and_broken_ones_are_left_to_the_reader() {
        for text in [
            "version = 1\n",
            "version = 2\n",
            "version = 0\n",
            "version = -1\n",
            "version = \"1\"\n",
            "version = = 1\n",
        ] {
            assert_eq!(up_to_date(text), None, "{text}");
        }
    }

    #[test]
    fn a_file_goes_through_every_step_from_its_own_format_on() {
        fn two(text: &str) -> String {
            text.replace("version = 1", "version = 2")
        }
        fn three(text: &str) -> String {
            text.replace("version = 2", "version = 3") + "third = true\n"
        }
        let steps: [Step; 3] = [say_the_version, two, three];
        let end = "version = 3\nthird = true\n";
        assert_eq!(through("", &steps), Some((0, end.to_owned())));
        assert_eq!(through("version = 1\n", &steps), Some((1, end.to_owned())));
        assert_eq!(through("version = 2\n", &steps), Some((2, end.to_owned())));
        assert_eq!(through("version = 3\n", &steps), None);
    }
}
