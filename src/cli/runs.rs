//! `ghl-bm runs`: what earlier runs did. Start reading at [`run`].

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::state::{Access, RunRow, State};

use super::context::Context;
use super::error::{CliError, Exit};
use super::forget::ForgetArgs;
use super::lines::ListFormat;
use super::report::instant;
use super::undo::UndoArgs;

/// Show what earlier runs did, undo one, forget a person
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm runs list
  ghl-bm runs show            the last run
  ghl-bm runs show RUN --json
  ghl-bm runs undo RUN        put back what it replaced")]
pub struct RunsArgs {
    #[command(subcommand)]
    command: RunsCommand,
}

#[derive(Debug, Subcommand)]
enum RunsCommand {
    /// List runs, newest first
    #[command(after_long_help = "\
Examples:
  ghl-bm runs list
  ghl-bm runs list --limit 100 --json
  ghl-bm runs list --format ndjson --jq .run_id")]
    List {
        /// How many
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: usize,
        #[command(flatten)]
        format: ListFormat,
    },
    /// Show one run with its problems; the last one when none is named
    #[command(after_long_help = "\
Examples:
  ghl-bm runs show
  ghl-bm runs show RUN --json | jq .problems
  ghl-bm runs show --format ndjson --jq '[.ghl_id, .reason] | @tsv'")]
    Show {
        /// The run's id, as `runs list` shows it
        #[arg(value_parser = crate::cli::given)]
        run: Option<String>,
        #[command(flatten)]
        format: ListFormat,
    },
    Undo(UndoArgs),
    Forget(ForgetArgs),
}

pub fn run(context: &Context, args: RunsArgs) -> Result<Exit, CliError> {
    let peek = || State::open(&context.state_path(), Access::Peek);
    match args.command {
        RunsCommand::List { limit, format } => list(context, &peek()?, limit, format),
        RunsCommand::Show { run, format } => show(context, &peek()?, run.as_deref(), format),
        RunsCommand::Undo(args) => super::undo::run(context, &args),
        RunsCommand::Forget(args) => super::forget::run(context, &args),
    }
}

/// Nobody has run this.
pub(super) fn unknown(run: &str) -> CliError {
    CliError::new(Exit::Failed, "not_found", format!("there is no run {run}"))
        .hint("`ghl-bm runs list` shows them")
}

fn document(row: &RunRow) -> Value {
    row.document.as_deref().and_then(|d| serde_json::from_str(d).ok()).unwrap_or_else(|| {
        json!({ "run_id": row.id, "started_at": instant(row.started), "finished_at": null, "exit_code": null })
    })
}

fn list(
    context: &Context,
    state: &State,
    limit: usize,
    format: ListFormat,
) -> Result<Exit, CliError> {
    let rows = state.runs(limit)?;
    if format.is_for_programs(context) {
        let runs: Vec<Value> = rows.iter().map(document).collect();
        let document = json!({ "schema_version": 1, "command": "runs list", "profile": context.profile_name, "runs": runs });
        format.print(context, &document, "runs")?;
        return Ok(Exit::Done);
    }
    if rows.is_empty() {
        context.ui.hint("no run yet: start one with `ghl-bm sync`");
        return Ok(Exit::Done);
    }
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header([
        "run", "started", "kind", "created", "updated", "failed", "held", "exit",
    ]);
    for row in &rows {
        let document = document(row);
        let count = |key: &str| {
            document["people"][key]
                .as_u64()
                .map_or_else(|| "-".to_owned(), |n| n.to_string())
        };
        table.add_row([
            row.id.clone(),
            instant(row.started),
            document["mode"].as_str().unwrap_or("unfinished").to_owned(),
            count("created"),
            count("updated"),
            count("failed"),
            count("held"),
            document["exit_code"]
                .as_u64()
                .map_or_else(|| "-".to_owned(), |n| n.to_string()),
        ]);
    }
    let mut text = table.to_string();
    if context.ui.is_looked_at() && rows.len() > 1 {
        let newest = rows.iter().take(SPARKS).rev();
        let changes: Vec<Option<u64>> = newest.map(changes).collect();
        let most = changes.iter().flatten().max().unwrap_or(&0);
        text.push_str(&format!(
            "\n\nchanges  {}  oldest to newest; at most {most} in a run",
            sparkline(&changes)
        ));
    }
    context.ui.data(&text)?;
    Ok(Exit::Done)
}

/// So many runs fit on a line of a terminal.
const SPARKS: usize = 40;

/// Contacts that a run wrote; `None` where it left no word.
fn changes(row: &RunRow) -> Option<u64> {
    row.document.as_ref()?;
    let document = document(row);
    let count = |side: &str, kind: &str| document[side][kind].as_u64().unwrap_or(0);
    Some(
        ["bigmailer", "ghl"]
            .into_iter()
            .flat_map(|side| ["created", "updated", "deleted"].map(|kind| count(side, kind)))
            .sum(),
    )
}

/// A sign for each number, the higher the larger; only nothing at all has the lowest.
fn sparkline(numbers: &[Option<u64>]) -> String {
    const SIGNS: [char; 7] = ['▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = numbers.iter().flatten().copied().max().unwrap_or(0);
    numbers
        .iter()
        .map(|number| match number {
            None => '·',
            Some(0) => '▁',
            Some(number) => {
                let step = u128::from(number - 1) * 7 / u128::from(most);
                SIGNS[usize::try_from(step).unwrap_or(0).min(6)]
            }
        })
        .collect()
}

fn show(
    context: &Context,
    state: &State,
    id: Option<&str>,
    format: ListFormat,
) -> Result<Exit, CliError> {
    let rows = state.runs(usize::MAX >> 1)?;
    let row = match id {
        Some(id) => rows.iter().find(|r| r.id == id),
        None => rows.first(),
    };
    let Some(row) = row else {
        return Err(match id {
            Some(id) => unknown(id),
            None => CliError::new(Exit::Failed, "not_found", "there is no run yet")
                .hint("start one with `ghl-bm sync`"),
        });
    };
    let mut document = document(row);
    let mut problems = Vec::new();
    state.run_problems(&row.id, |p| problems.push(p))?;
    if format.is_for_programs(context) {
        document["problems"] = serde_json::to_value(&problems)?;
        format.print(context, &document, "problems")?;
        return Ok(Exit::Done);
    }
    let mut text = String::new();
    for key in [
        "run_id",
        "profile",
        "mode",
        "started_at",
        "finished_at",
        "exit_code",
    ] {
        text.push_str(&format!("{key:<12} {}\n", plain(&document[key])));
    }
    for group in ["people", "bigmailer", "skipped", "requests"] {
        if let Some(counts) = document[group].as_object() {
            let named: Vec<String> = counts.iter().map(|(k, v)| format!("{k} {v}")).collect();
            text.push_str(&format!("{group:<12} {}\n", named.join(", ")));
        }
    }
    for problem in problems {
        let id = problem.ghl_id.or(problem.id).unwrap_or_default();
        text.push_str(&format!(
            "  {id}: {} ({})\n",
            problem.message, problem.reason
        ));
    }
    context.ui.data(&text)?;
    Ok(Exit::Done)
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(s) => s.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparkline_shows_nothing_little_and_much() {
        for (numbers, line) in [
            (vec![], ""),
            (vec![Some(0), Some(0)], "▁▁"),
            (vec![Some(1)], "▂"),
            (vec![Some(0), Some(1), None, Some(1000)], "▁▂·█"),
            (vec![Some(500), Some(1000), Some(u64::MAX)], "▂▂█"),
            ((0..=7).map(Some).collect(), "▁▂▃▄▅▆▇█"),
        ] {
            assert_eq!(sparkline(&numbers), line, "{numbers:?}");
        }
    }
}
