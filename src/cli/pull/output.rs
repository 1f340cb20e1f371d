//! What every `pull` takes: shape, place, columns. Start reading at [`Output::shape`].

use std::path::{Path, PathBuf};

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::export::{Format, Frame, Shape, Target};
use crate::mapping::nearest::suggestion;

use super::super::context::Context;
use super::super::error::{CliError, Exit};

/// One kind of thing that can be pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noun {
    /// Such as `pull tasks`.
    pub command: &'static str,
    /// The member of machine output, and the word in sentences.
    pub many: &'static str,
}

/// Flags of everything that prints rows.
#[derive(Debug, Clone, Args)]
pub struct Output {
    /// Shape of the output [default: csv; json for one contact and with --json]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Write to this file, which appears when it is complete; - is standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Columns, separated by commas; without a value: list them
    #[arg(long, value_name = "A,B,…", num_args = 0..=1, default_missing_value = "")]
    pub fields: Option<String>,
    /// CSV for spreadsheets: a byte order mark, and no cell that starts a formula
    #[arg(long)]
    pub excel: bool,
}

/// Flags of what may be long.
#[derive(Debug, Clone, Args)]
pub struct Long {
    /// At most this many
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Go on with the file of -o where an earlier command was interrupted
    #[arg(long)]
    pub resume: bool,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Format] {
        &[Format::Csv, Format::Json, Format::Ndjson]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()))
    }
}

impl Output {
    /// The file, if the rows do not go to standard output.
    pub fn file(&self) -> Option<&Path> {
        self.output
            .as_deref()
            .filter(|path| path.as_os_str() != "-")
    }

    /// `--fields` without a value.
    pub fn lists_fields(&self) -> bool {
        self.fields.as_deref() == Some("")
    }

    /// The names of `--fields`, if columns are chosen.
    ///
    /// # Errors
    /// A name that comes twice, or none at all.
    pub fn chosen(&self) -> Result<Option<Vec<&str>>, CliError> {
        let Some(list) = self.fields.as_deref().filter(|list| !list.is_empty()) else {
            return Ok(None);
        };
        let mut names = Vec::new();
        for name in list.split(',').map(str::trim).filter(|n| !n.is_empty()) {
            if names.contains(&name) {
                return Err(
                    CliError::usage(format!("--fields names {name} twice")).hint("leave one out")
                );
            }
            names.push(name);
        }
        match names.is_empty() {
            true => Err(CliError::usage(format!("--fields {list} names no field"))
                .hint("--fields without a value lists them")),
            false => Ok(Some(names)),
        }
    }

    /// The format, once it is clear that the flags go together and the place can be written to.
    pub fn check(&self, context: &Context, default: Format) -> Result<Format, CliError> {
        let document = context.globals.json && self.file().is_none();
        let format = match (document, self.format) {
            (true, Some(Format::Csv)) => {
                return Err(CliError::usage(
                    "--json prints JSON: leave out --format csv, or name a file with -o",
                ));
            }
            (true, format) => format.unwrap_or(Format::Json),
            (false, format) => format.unwrap_or(default),
        };
        if self.excel && format != Format::Csv {
            return Err(CliError::usage("--excel goes with --format csv"));
        }
        if let Some(path) = self.file() {
            Target::check(path)?;
        }
        Ok(format)
    }

    /// How rows with these columns look.
    pub fn shape(
        &self,
        context: &Context,
        noun: Noun,
        format: Format,
        columns: Vec<String>,
    ) -> Shape {
        let document = context.globals.json && self.file().is_none();
        let frame = document.then_some(Frame {
            command: noun.command,
            member: noun.many,
        });
        Shape::new(format, self.excel, columns, frame)
    }

    /// Where rows go.
    pub fn target(
        &self,
        context: &Context,
        recipe: Value,
        resume: bool,
    ) -> Result<Target, CliError> {
        match self.file() {
            Some(path) => Ok(Target::file(path, recipe, resume)?),
            None => Ok(Target::pipe(context.ui.stdout())),
        }
    }
}

impl Long {
    pub fn check(&self, output: &Output) -> Result<(), CliError> {
        if self.resume && output.file().is_none() {
            return Err(CliError::usage("--resume goes with -o FILE"));
        }
        Ok(())
    }
}

/// Prints the names of the columns that `--fields` can choose from.
pub fn list_fields(context: &Context, noun: Noun, names: &[String]) -> Result<Exit, CliError> {
    if context.globals.json {
        let document = json!({ "schema_version": 1, "command": noun.command, "fields": names });
        context.ui.data(&document.to_string())?;
    } else {
        context.ui.data(&names.join("\n"))?;
    }
    Ok(Exit::Done)
}

/// Says what became of a file.
pub fn tell(context: &Context, noun: Noun, path: &Path, count: u64) -> Result<(), CliError> {
    // A name that is no text is shown as well as it can be.
    let path = path.display().to_string();
    if context.globals.json {
        let document = json!({
            "schema_version": 1, "command": noun.command, "file": path, "count": count,
        });
        context.ui.data(&document.to_string())?;
    } else {
        context
            .ui
            .info(&format!("{count} {} written to {path}", noun.many));
    }
    Ok(())
}

/// The columns of a kind of thing that always has the same ones, and which of them are wanted.
#[derive(Debug, Clone)]
pub struct Columns {
    known: &'static [&'static str],
    chosen: Vec<usize>,
}

impl Columns {
    /// All of them, or those named by `--fields`.
    pub fn of(
        known: &'static [&'static str],
        output: &Output,
        noun: Noun,
    ) -> Result<Columns, CliError> {
        let chosen = match output.chosen()? {
            None => (0..known.len()).collect(),
            Some(names) => names
                .into_iter()
                .map(|name| {
                    known
                        .iter()
                        .position(|column| *column == name)
                        .ok_or_else(|| unknown_field(name, known, noun))
                })
                .collect::<Result<_, _>>()?,
        };
        Ok(Columns { known, chosen })
    }

    pub fn names(&self) -> Vec<String> {
        self.chosen
            .iter()
            .map(|at| self.known[*at].to_owned())
            .collect()
    }

    /// Whether any of these is among them.
    pub fn has(&self, names: &[&str]) -> bool {
        self.chosen
            .iter()
            .any(|at| names.contains(&self.known[*at]))
    }

    /// The wanted ones of the cells of all columns.
    pub fn pick<T: Clone>(&self, cells: Vec<T>) -> Vec<T> {
        if self.chosen.len() == cells.len() && self.chosen.is_sorted() {
            return cells;
        }
        self.chosen
            .iter()
            .filter_map(|at| cells.get(*at).cloned())
            .collect()
    }
}

pub fn unknown_field(name: &str, known: &[&str], noun: Noun) -> CliError {
    CliError::usage(format!(
        "there is no field {name}{}",
        suggestion(name, known)
    ))
    .hint(format!("`ghl-bm {} --fields` lists them", noun.command))
}
