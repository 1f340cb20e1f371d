//! Lists as one document, or as a line for each entry. Start reading at [`ListFormat`].

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::context::Context;
use super::error::CliError;

/// How a command prints the list that it reads; in words, unless something else is asked for.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct ListFormat {
    /// Print each entry of the document's list as one line of JSON, without the frame
    #[arg(long, value_name = "FORMAT")]
    format: Option<Shape>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shape {
    Ndjson,
}

impl ListFormat {
    /// Whether a program reads what is printed.
    pub fn is_for_programs(self, context: &Context) -> bool {
        context.globals.json || self.format.is_some()
    }

    /// Prints the document, or only the entries of its `list`; those without a frame win, also
    /// together with `--json`, as in `pull`.
    pub fn print(self, context: &Context, document: &Value, list: &str) -> Result<(), CliError> {
        if self.format.is_none() {
            context.ui.data(&document.to_string())?;
            return Ok(());
        }
        let entries = document[list].as_array().map_or(&[][..], Vec::as_slice);
        if entries.is_empty() {
            return Ok(());
        }
        let lines: Vec<String> = entries.iter().map(Value::to_string).collect();
        context.ui.data(&lines.join("\n"))?;
        Ok(())
    }
}
