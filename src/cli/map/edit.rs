//! `ghl-bm map set`, `add`, `remove` and `edit`: changes of a profile's file. Start reading at
//! [`apply`].

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::profiles::{
    Change, ChangeError, NewField, change, check_list, check_merge_tag, check_source,
    parse_as_far_as_possible,
};

use super::super::context::Context;
use super::super::error::{CliError, Exit};

/// Change one key of a profile; comments and order stay
///
/// Keys are dotted: sync.conflict, limits.max_changes, field.MERGE_TAG.type, list.TAG.list. Several
/// texts are written with commas between them.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm map set sync.on_ghl_delete unsubscribe
  ghl-bm map set filter.tags_none internal,test
  ghl-bm map set limits.max_changes 20%
  ghl-bm map set field.LEAD_SCORE.transform round
  ghl-bm map set list.customer.list \"All customers\"")]
pub struct SetArgs {
    /// The dotted key
    key: String,
    /// Its new value
    #[arg(allow_hyphen_values = true)]
    value: String,
}

/// Add a rule to a profile
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm map add field companyName COMPANY
  ghl-bm map add list customer Customers")]
pub struct AddArgs {
    #[command(subcommand)]
    rule: AddRule,
}

#[derive(Debug, Subcommand)]
enum AddRule {
    /// Add a `[[field]]`: a HighLevel property or custom field and a BigMailer field
    #[command(after_long_help = "\
Examples:
  ghl-bm map add field companyName COMPANY
  ghl-bm map add field custom.lead_score LEAD_SCORE \\
      --type integer --transform round")]
    Field {
        /// The HighLevel source: firstName, custom.lead_score
        #[arg(value_parser = source)]
        ghl: String,
        /// The merge tag of the BigMailer field
        #[arg(value_parser = merge_tag)]
        bigmailer: String,
        /// text, integer or date
        #[arg(long = "type", value_name = "TYPE")]
        kind: Option<String>,
        /// to-bigmailer, to-ghl or both
        #[arg(long, value_name = "DIRECTION")]
        direction: Option<String>,
        /// Who wins where both sides changed it: ghl, bigmailer or hold
        #[arg(long, value_name = "WINNER")]
        conflict: Option<String>,
        /// A step that the value goes through; repeat for more, in this order
        #[arg(long = "transform", value_name = "STEP")]
        transforms: Vec<String>,
    },
    /// Add a `[[list]]`: a HighLevel tag and the BigMailer list that it means
    #[command(after_long_help = "\
Examples:
  ghl-bm map add list customer Customers
  ghl-bm map add list vip 1f0c7a52-7a2e-4a57-9d0e-0d3a4c1f2b11")]
    List {
        /// The tag
        tag: String,
        /// Name or id of the list
        #[arg(value_parser = list)]
        list: String,
        /// to-bigmailer, to-ghl or both
        #[arg(long, value_name = "DIRECTION")]
        direction: Option<String>,
    },
}

/// Remove a rule from a profile
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm map remove field COMPANY
  ghl-bm map remove list customer
  ghl-bm map remove list customer \"Old customers\"")]
pub struct RemoveArgs {
    #[command(subcommand)]
    rule: RemoveRule,
}

#[derive(Debug, Subcommand)]
enum RemoveRule {
    /// Remove the `[[field]]` that fills a BigMailer field
    #[command(after_long_help = "\
Examples:
  ghl-bm map remove field COMPANY")]
    Field {
        /// Its merge tag
        bigmailer: String,
    },
    /// Remove a `[[list]]`
    #[command(after_long_help = "\
Examples:
  ghl-bm map remove list customer
  ghl-bm map remove list customer Customers")]
    List {
        /// Its tag
        tag: String,
        /// Its list, where the tag means several
        list: Option<String>,
    },
}

fn source(text: &str) -> Result<String, String> {
    check_source(text).map(|()| text.to_owned())
}

fn merge_tag(text: &str) -> Result<String, String> {
    check_merge_tag(text).map(|()| text.to_owned())
}

fn list(text: &str) -> Result<String, String> {
    check_list(text).map(|()| text.to_owned())
}

pub fn set(context: &Context, args: SetArgs) -> Result<Exit, CliError> {
    let SetArgs { key, value } = args;
    apply(context, "map set", &Change::Set { key, value })
}

pub fn add(context: &Context, args: AddArgs) -> Result<Exit, CliError> {
    let change = match args.rule {
        AddRule::Field {
            ghl,
            bigmailer,
            kind,
            direction,
            conflict,
            transforms,
        } => Change::AddField(NewField {
            ghl,
            bigmailer,
            kind,
            direction,
            conflict,
            transforms,
        }),
        AddRule::List {
            tag,
            list,
            direction,
        } => Change::AddList {
            tag,
            list,
            direction,
        },
    };
    apply(context, "map add", &change)
}

pub fn remove(context: &Context, args: RemoveArgs) -> Result<Exit, CliError> {
    let change = match args.rule {
        RemoveRule::Field { bigmailer } => Change::RemoveField(bigmailer),
        RemoveRule::List { tag, list } => Change::RemoveList { tag, list },
    };
    apply(context, "map remove", &change)
}

/// Makes the change in the file, unless it would be wrong then.
fn apply(context: &Context, command: &str, wanted: &Change) -> Result<Exit, CliError> {
    context.make_sandbox_profile()?;
    super::bring_up(context)?;
    let profiles = context.profiles();
    let name = &context.profile_name;
    let old = profiles.text(name)?;
    let new = change(&old, wanted).map_err(|error| match error {
        ChangeError::Refused(message) => CliError::usage(message),
        ChangeError::File(error) => CliError::from(error)
            .hint("mend it with `ghl-bm map edit`; `ghl-bm map check` tells all that is wrong"),
    })?;
    let changed = new != old;
    if changed {
        let left = profiles
            .save_change(name, &old, &new)
            .map_err(|error| CliError::from(error).hint("nothing was changed"))?;
        if !left.is_empty() {
            context.ui.warning(&format!(
                "{} other problem{} in the profile: see `ghl-bm map check`",
                left.len(),
                if left.len() == 1 { "" } else { "s" }
            ));
        }
    }
    let path = profiles.path(name)?;
    if context.globals.json {
        let document = json!({
            "schema_version": 1,
            "command": command,
            "profile": name,
            "path": path,
            "changed": changed,
        });
        context.ui.data(&document.to_string())?;
    } else if changed {
        for line in difference(&old, &new) {
            context.ui.data(&line)?;
        }
    } else {
        context.ui.info("it says so already");
    }
    Ok(Exit::Done)
}

/// The lines that went and came, where one change made the difference.
fn difference(old: &str, new: &str) -> Vec<String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let pairs = old.iter().zip(&new);
    let before = pairs.take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - before;
    let pairs = old.iter().rev().zip(new.iter().rev());
    let after = pairs.take(rest).take_while(|(a, b)| a == b).count();
    let went = &old[before..old.len() - after];
    let came = &new[before..new.len() - after];
    // Blank lines around a new rule are no news.
    let told = |lines: &[&str], sign: char| -> Vec<String> {
        let written = |line: &&str| !line.trim().is_empty();
        let first = lines.iter().position(written).unwrap_or(lines.len());
        let end = lines
            .iter()
            .rposition(written)
            .map_or(first, |last| last + 1);
        let lines = lines[first..end].iter();
        lines
            .map(|line| format!("{sign} {line}").trim_end().to_owned())
            .collect()
    };
    let mut all = told(went, '-');
    all.extend(told(came, '+'));
    all
}

/// Opens a copy in an editor and puts it into place when it is a valid profile.
pub fn edit(context: &Context) -> Result<Exit, CliError> {
    context.make_sandbox_profile()?;
    super::bring_up(context)?;
    let profiles = context.profiles();
    let name = &context.profile_name;
    let old = profiles.text(name)?;
    let editor = context.editor().ok_or_else(|| {
        CliError::usage("no editor is named").hint(
            "set VISUAL or EDITOR, such as EDITOR=nano; or edit the file itself and run `ghl-bm map \
             check`",
        )
    })?;
    let words = shell_words::split(editor)
        .map_err(|_| CliError::usage(format!("VISUAL or EDITOR is not a command: {editor}")))?;
    let (program, arguments) = words
        .split_first()
        .ok_or_else(|| CliError::usage("VISUAL or EDITOR is empty").hint("such as EDITOR=nano"))?;

    // Beside the profile, so that the editor finds the schema; names with a dot are no profiles.
    let path = profiles.path(name)?;
    let copy = path.with_file_name(format!(".{name}.edit.toml"));
    if copy.exists() {
        context.ui.info(&format!(
            "going on with the unfinished edit in {}; delete it to begin anew",
            copy.display()
        ));
    } else {
        fs::copy(&path, &copy).map_err(|error| copy_error(&copy, "write", &error))?;
    }
    profiles.save_schema()?;
    let kept = |message: String| {
        CliError::invalid(message).hint(format!(
            "nothing was changed; `ghl-bm map edit` goes on with {}",
            copy.display()
        ))
    };
    let new = loop {
        let status = Command::new(program).args(arguments).arg(&copy).status();
        let status = status.map_err(|error| {
            CliError::new(
                Exit::Failed,
                "editor",
                format!("cannot start {program}: {error}"),
            )
            .hint("set VISUAL or EDITOR to one that is there, such as EDITOR=nano")
        })?;
        if !status.success() {
            let message = format!("{program} ended with {status}");
            return Err(CliError::new(Exit::Failed, "editor", message).hint("nothing was changed"));
        }
        let new = fs::read_to_string(&copy).map_err(|error| copy_error(&copy, "read", &error))?;
        let problems = parse_as_far_as_possible(name, &new).1;
        if problems.is_empty() {
            break new;
        }
        let told: Vec<String> = problems
            .iter()
            .map(|problem| match problem.line {
                0 => problem.message.clone(),
                line => format!("line {line}:{}: {}", problem.column, problem.message),
            })
            .collect();
        let told = told.join("\n");
        if !context.ui.can_ask() {
            return Err(kept(told));
        }
        context.ui.error(&told);
        if !context.ui.ask_yes("Edit it again?", true)? {
            return Err(kept("the edit is not a valid profile".to_owned()));
        }
    };
    let meanwhile = profiles.text(name)?;
    if meanwhile != old {
        return Err(kept(
            "the profile was changed by somebody else meanwhile".to_owned(),
        ));
    }
    if new == old {
        context.ui.info("nothing was changed");
    } else {
        profiles.save_text(name, &new)?;
        context.ui.info(&format!("changed {}", path.display()));
        context
            .ui
            .hint("next: `ghl-bm map check` compares it with both services");
    }
    fs::remove_file(&copy).map_err(|error| copy_error(&copy, "remove", &error))?;
    Ok(Exit::Done)
}

fn copy_error(copy: &Path, what: &str, error: &io::Error) -> CliError {
    let message = format!("cannot {what} {}: {error}", copy.display());
    CliError::new(Exit::Failed, "io", message).hint("the copy lies beside the profile")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_shown_by_its_lines() {
        for (old, new, shown) in [
            ("a\nb\nc\n", "a\nx\nc\n", &["- b", "+ x"][..]),
            ("a\nc\n", "a\nb\nc\n", &["+ b"]),
            ("a\na\n", "a\na\na\n", &["+ a"]),
            ("a\nb\n", "a\n", &["- b"]),
            ("a\n", "a\n", &[]),
        ] {
            assert_eq!(difference(old, new), shown, "{old:?} {new:?}");
        }
    }
}
