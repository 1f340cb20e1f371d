//! Values for completions: what profiles and state on this machine know, without a call.
//!
//! The shell's script starts the program again with the words so far. Whatever cannot be read is no
//! value; nobody is told an error while typing. Start reading at [`VALUES`].

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::builder::StyledStr;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::{CompleteEnv, Shells};

use crate::mapping::{CUSTOM, Profile, SOURCES};
use crate::profiles::Profiles;
use crate::state::glance;

use super::context;
use super::pull::fixed_columns;

/// The variable by which a script asks for candidates. Its value is the shell.
pub const VARIABLE: &str = "GHL_BM_COMPLETE";

/// How many ids are shown at the most; more signs make them fewer.
const MOST: usize = 100;

/// What is completed with what: a command, its argument, and the kind of value.
const VALUES: [(&str, &str, Kind); 20] = [
    ("", "profile", Kind::Profile),
    ("map add field", "ghl", Kind::Source),
    ("map add field", "bigmailer", Kind::MergeTag),
    ("map add list", "tag", Kind::Tag),
    ("map add list", "list", Kind::List),
    ("map remove field", "bigmailer", Kind::MergeTag),
    ("map remove list", "tag", Kind::Tag),
    ("map remove list", "list", Kind::List),
    ("explain", "who", Kind::Contact),
    ("pull contact", "id", Kind::Contact),
    ("pull contacts", "fields", Kind::Column),
    ("pull contacts", "tags", Kind::Tag),
    ("pull contacts", "list", Kind::List),
    ("pull tasks", "contacts", Kind::Contact),
    ("pull notes", "contacts", Kind::Contact),
    ("runs show", "run", Kind::Run),
    ("runs undo", "run", Kind::Run),
    ("conflicts resolve", "who", Kind::Contact),
    ("sync", "only", Kind::Contact),
    ("test", "contact", Kind::Contact),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Profile,
    /// What a field rule can read in HighLevel.
    Source,
    MergeTag,
    Tag,
    List,
    Run,
    Contact,
    /// Columns of an export, separated by commas.
    Column,
}

/// Answers a shell that asks for candidates; false when nobody asks.
///
/// # Errors
/// A shell that is not known.
pub fn answer(argv: &[OsString]) -> clap::error::Result<bool> {
    let here = std::env::current_dir().ok();
    CompleteEnv::with_factory(command)
        .var(VARIABLE)
        .try_complete(argv.iter().cloned(), here.as_deref())
}

/// The script that makes a shell ask, or `None` for a shell that is not known.
pub fn script(shell: &str) -> Option<std::io::Result<Vec<u8>>> {
    let shells = Shells::builtins();
    let completer = shells.completer(shell)?;
    let mut script = Vec::new();
    let written = completer.write_registration(VARIABLE, "ghl-bm", "ghl-bm", "ghl-bm", &mut script);
    if shell == "zsh" {
        script.extend_from_slice(ZSH_AUTOLOADED);
    }
    Some(written.map(|()| script))
}

/// zsh runs the file as a function when the first Tab is pressed. It then only puts the function that
/// completes in place of itself, so that this Tab would do nothing.
const ZSH_AUTOLOADED: &[u8] = b"
if [[ \"$funcstack[1]\" = _ghl-bm ]]; then
    _clap_dynamic_completer_ghl_bm \"$@\"
fi
";

/// The commands with their values.
fn command() -> clap::Command {
    VALUES.iter().fold(super::command(), |command, value| {
        let (path, argument, kind) = *value;
        with(command, path, argument, kind)
    })
}

fn with(command: clap::Command, path: &str, argument: &'static str, kind: Kind) -> clap::Command {
    let (first, rest) = match path.split_once(' ') {
        Some((first, rest)) => (first, rest),
        None => (path, ""),
    };
    if first.is_empty() {
        let values = ArgValueCompleter::new(move |current: &OsStr| candidates(kind, current));
        return command.mut_arg(argument, |arg| arg.add(values));
    }
    command.mut_subcommand(first, |inner| with(inner, rest, argument, kind))
}

fn candidates(kind: Kind, current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(current) = current.to_str() else {
        return Vec::new();
    };
    let Some(here) = Here::of(std::env::args_os()) else {
        return Vec::new();
    };
    let values = here.values(kind, current);
    values
        .into_iter()
        .map(|(value, about)| {
            CompletionCandidate::new(value)
                .help((!about.is_empty()).then(|| StyledStr::from(about)))
        })
        .collect()
}

/// Where the words so far say that profiles and state are.
struct Here {
    config: PathBuf,
    state: PathBuf,
    profile: String,
}

impl Here {
    fn of(words: impl Iterator<Item = OsString>) -> Option<Here> {
        let words: Vec<String> = words
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        // The last word is the one that is being typed.
        let words = words.split_last().map_or(&[][..], |(_, before)| before);
        let after = |names: &[&str]| {
            words.iter().enumerate().rev().find_map(|(at, word)| {
                let inline = names.iter().find_map(|name| {
                    let rest = word.strip_prefix(name)?;
                    rest.strip_prefix('=').map(str::to_owned)
                });
                let next = || {
                    names
                        .contains(&word.as_str())
                        .then(|| words.get(at + 1).cloned())
                        .flatten()
                };
                inline.or_else(next)
            })
        };
        let sandbox_dir = after(&["--sandbox-dir"]).map(PathBuf::from);
        let (config, state, profile) = context::whereabouts(
            after(&["--config-dir"]).map(PathBuf::from),
            after(&["--state-dir"]).map(PathBuf::from),
            sandbox_dir,
            after(&["-p", "--profile"]),
        )?;
        Some(Here {
            config,
            state,
            profile,
        })
    }

    /// Values with a word about each.
    fn values(&self, kind: Kind, current: &str) -> Vec<(String, String)> {
        let profiles = Profiles::new(&self.config);
        let profile = || profiles.load(&self.profile).ok();
        let bare = |values: Vec<String>| -> Vec<(String, String)> {
            values
                .into_iter()
                .map(|value| (value, String::new()))
                .collect()
        };
        let found = match kind {
            Kind::Profile => bare(profiles.list().unwrap_or_default()),
            Kind::Source => sources(profile().as_ref()),
            Kind::MergeTag => merge_tags(profile().as_ref()),
            Kind::Tag => tags(profile().as_ref()),
            Kind::List => lists(profile().as_ref()),
            Kind::Column => return columns(profile().as_ref(), current),
            Kind::Run => bare(glance::runs(&self.database(), current, MOST)),
            Kind::Contact => bare(glance::contacts(&self.database(), current, MOST)),
        };
        let mut found: Vec<_> = found
            .into_iter()
            .filter(|(value, _)| value.starts_with(current))
            .collect();
        let mut seen = std::collections::BTreeSet::new();
        found.retain(|(value, _)| seen.insert(value.clone()));
        found
    }

    fn database(&self) -> PathBuf {
        self.state.join(format!("{}.db", self.profile))
    }
}

fn sources(profile: Option<&Profile>) -> Vec<(String, String)> {
    let mapped = profile.into_iter().flat_map(|profile| &profile.fields);
    let mapped = mapped.map(|rule| (rule.ghl.clone(), format!("goes with {}", rule.bigmailer)));
    let known = SOURCES
        .iter()
        .map(|name| ((*name).to_owned(), String::new()));
    mapped.chain(known).collect()
}

fn merge_tags(profile: Option<&Profile>) -> Vec<(String, String)> {
    let rules = profile.into_iter().flat_map(|profile| &profile.fields);
    rules
        .map(|rule| (rule.bigmailer.clone(), format!("from {}", rule.ghl)))
        .collect()
}

fn tags(profile: Option<&Profile>) -> Vec<(String, String)> {
    let Some(profile) = profile else {
        return Vec::new();
    };
    let rules = profile.lists.iter().filter(|rule| rule.when.is_none());
    let rules = rules.map(|rule| {
        (
            rule.tag.clone(),
            format!("goes with the list {}", rule.list),
        )
    });
    let filter = &profile.filter;
    let filtered = filter.tags_any.iter().chain(&filter.tags_none);
    rules
        .chain(filtered.map(|tag| (tag.clone(), "of the filter".to_owned())))
        .collect()
}

fn lists(profile: Option<&Profile>) -> Vec<(String, String)> {
    let rules = profile.into_iter().flat_map(|profile| &profile.lists);
    rules
        .map(|rule| match rule.when {
            Some(_) => (rule.list.clone(), "goes with a condition".to_owned()),
            None => (rule.list.clone(), format!("goes with the tag {}", rule.tag)),
        })
        .collect()
}

/// Columns after the last comma, without those that are there already.
fn columns(profile: Option<&Profile>, current: &str) -> Vec<(String, String)> {
    let (before, last) = match current.rfind(',') {
        Some(comma) => current.split_at(comma + 1),
        None => ("", current),
    };
    let custom = profile.into_iter().flat_map(|profile| &profile.fields);
    let custom = custom
        .map(|rule| rule.ghl.clone())
        .filter(|source| source.starts_with(CUSTOM));
    let known = fixed_columns().map(str::to_owned);
    known
        .chain(custom)
        .filter(|column| column.starts_with(last))
        .filter(|column| !before.split(',').any(|there| there == column))
        .map(|column| (format!("{before}{column}"), String::new()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_its_argument() {
        // Panics where a command or an argument is not there.
        command().debug_assert();
    }

    #[test]
    fn the_words_so_far_say_where_to_look() {
        let here = |words: &str| {
            let here = Here::of(words.split(' ').map(OsString::from)).unwrap();
            (here.config, here.state, here.profile)
        };
        let words = "ghl-bm -- ghl-bm --config-dir /c --state-dir=/s -p shop2 sync --only x";
        assert_eq!(here(words), ("/c".into(), "/s".into(), "shop2".to_owned()));
        let words = "ghl-bm -- ghl-bm --sandbox-dir demo --profile=a runs show ";
        assert_eq!(
            here(words),
            ("demo/config".into(), "demo/state".into(), "a".to_owned())
        );
    }

    #[test]
    fn columns_come_after_the_last_comma_and_once() {
        let found: Vec<String> = columns(None, "id,email,e")
            .into_iter()
            .map(|c| c.0)
            .collect();
        assert_eq!(found, ["id,email,email_allowed"]);
    }
}
