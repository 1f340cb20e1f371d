//! What became of each row: counts, report, rejects.
//!
//! Start reading at [`Verdicts`], which listens while the engine works, and [`Account::close`].

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Map, Value, json};
use tempfile::NamedTempFile;

use crate::api::http::Calls;
use crate::contact::Side;
use crate::engine::{Planned, Progress};
use crate::plan::Skip;
use crate::rows::Shape;
use crate::state::{Problem, Spill, StateError};

use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::progress::Bars;
use super::super::report;
use super::file::row_of;
use super::spool::{Kept, Spool};

/// The words of rows, and of what is kept of each: its place in this list.
const WORDS: [&str; 9] = [
    NOT_TRIED,
    "created",
    "updated",
    "unchanged",
    "held",
    "failed",
    "deleted",
    "skipped",
    // A row that was refused before the service was asked, because of what it says.
    "rejected",
];
const NOT_TRIED: &str = "not_tried";

/// Takes down what becomes of rows, and lets the bars move.
pub struct Verdicts<'a> {
    bars: Bars<'a>,
    /// Whose place the file takes.
    file: Side,
    words: RefCell<Vec<u8>>,
    /// The contacts' ids by row, where they are asked for.
    ids: RefCell<Option<Ids>>,
}

/// So many ids go to the disk together.
const IDS_TOGETHER: usize = 4_096;

/// Contacts' ids by row, on disk beyond the last few.
#[derive(Default)]
struct Ids {
    near: Vec<(u64, String)>,
    far: Option<Spill>,
    /// The first trouble with the disk; told at the end, for the service's work goes on.
    failed: Option<StateError>,
}

impl Ids {
    fn note(&mut self, row: u64, id: &str) {
        self.near.push((row, id.to_owned()));
        if self.near.len() >= IDS_TOGETHER
            && let Err(error) = self.put_away()
        {
            self.failed.get_or_insert(error);
            self.near.clear();
        }
    }

    fn put_away(&mut self) -> Result<(), StateError> {
        if self.far.is_none() {
            self.far = Some(Spill::new()?);
        }
        let near = std::mem::take(&mut self.near);
        let keys: Vec<[u8; 8]> = near.iter().map(|(row, _)| row.to_be_bytes()).collect();
        let entries = keys.iter().zip(&near);
        match &self.far {
            Some(far) => far.put(entries.map(|(key, (_, id))| (key.as_slice(), id.as_bytes()))),
            None => Ok(()),
        }
    }

    /// All of them.
    fn finish(mut self) -> Result<Spill, StateError> {
        if self.failed.is_none() {
            self.put_away()?;
        }
        match (self.failed, self.far) {
            (Some(error), _) => Err(error),
            (None, Some(far)) => Ok(far),
            (None, None) => Spill::new(),
        }
    }
}

/// The id that was noted for a row.
fn id_of(ids: &Spill, row: u64) -> Result<Option<String>, StateError> {
    let found = ids.range(&row.to_be_bytes(), Some(&(row + 1).to_be_bytes()), 1)?;
    let id = found.into_iter().next();
    Ok(id.map(|(_, id)| String::from_utf8_lossy(&id).into_owned()))
}

impl<'a> Verdicts<'a> {
    pub fn new(bars: Bars<'a>, file: Side, rows: u64, keep_ids: bool) -> Verdicts<'a> {
        let rows = usize::try_from(rows).unwrap_or(usize::MAX - 1);
        Verdicts {
            bars,
            file,
            words: RefCell::new(vec![0; rows + 1]),
            ids: RefCell::new(keep_ids.then(Ids::default)),
        }
    }

    pub fn finish(&self) {
        self.bars.finish();
    }

    /// Gives a row its word.
    pub fn tell(&self, row: u64, word: &str, id: Option<&str>) {
        let code = match Skip::ALL.iter().any(|skip| skip.as_str() == word) {
            true => "skipped",
            false => word,
        };
        let code = WORDS.iter().position(|known| *known == code);
        let mut words = self.words.borrow_mut();
        let place = usize::try_from(row).ok().and_then(|row| words.get_mut(row));
        if let (Some(place), Some(code)) = (place, code.and_then(|c| u8::try_from(c).ok())) {
            *place = code;
        }
        if let (Some(ids), Some(id)) = (self.ids.borrow_mut().as_mut(), id) {
            ids.note(row, id);
        }
    }

    fn word(&self, row: u64) -> &'static str {
        let words = self.words.borrow();
        let code = usize::try_from(row).ok().and_then(|row| words.get(row));
        WORDS[usize::from(*code.unwrap_or(&0))]
    }
}

impl Progress for Verdicts<'_> {
    fn reading(&self, side: Side, done: u64, total: Option<u64>) {
        if side != self.file {
            self.bars.reading(side, done, total);
        }
    }

    fn planned(&self, planned: &Planned) {
        self.bars.planned(planned);
    }

    fn writing(&self, done: u64, total: u64) {
        self.bars.writing(done, total);
    }

    fn say(&self, sentence: &str) {
        self.bars.say(sentence);
    }

    fn person(&self, ghl_id: &str, bm_id: Option<&str>, word: &'static str) {
        let (row, other) = match self.file {
            Side::Ghl => (Some(ghl_id), bm_id),
            Side::Bigmailer => (bm_id, Some(ghl_id).filter(|id| !id.is_empty())),
        };
        if let Some(row) = row.and_then(row_of) {
            self.tell(row, word, other);
        }
    }
}

/// All rows, once everything is done.
pub struct Account<'a> {
    pub spool: &'a Spool,
    pub verdicts: &'a Verdicts<'a>,
    /// Reason and sentence by row.
    pub reasons: BTreeMap<u64, (String, String)>,
}

/// How many rows got which word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    pub by_word: BTreeMap<&'static str, u64>,
    /// Why rows were skipped.
    pub skipped: BTreeMap<String, u64>,
}

impl Counts {
    pub fn of(&self, word: &str) -> u64 {
        self.by_word.get(word).copied().unwrap_or(0)
    }

    pub fn exit(&self) -> Exit {
        if self.of("failed") > 0 || self.of("rejected") > 0 {
            Exit::SomeFailed
        } else if self.of("held") > 0 {
            Exit::Conflicts
        } else {
            Exit::Done
        }
    }
}

impl<'a> Account<'a> {
    pub fn new(spool: &'a Spool, verdicts: &'a Verdicts<'a>) -> Account<'a> {
        Account {
            spool,
            verdicts,
            reasons: BTreeMap::new(),
        }
    }

    /// Takes down why.
    pub fn explain(&mut self, problem: Problem) {
        let row = [problem.ghl_id, problem.id]
            .into_iter()
            .flatten()
            .find_map(|id| row_of(&id));
        if let Some(row) = row {
            self.reasons.insert(row, (problem.reason, problem.message));
        }
    }

    /// Counts all rows, and writes the files that were asked for.
    ///
    /// # Errors
    /// Those of the disk; files appear only when complete.
    pub fn close(
        &mut self,
        report: Option<&Path>,
        rejects: Option<&Path>,
    ) -> Result<Counts, CliError> {
        let mut counts = Counts::default();
        let mut report = report.map(Output::report).transpose()?;
        let mut rejects = rejects
            .map(|path| Output::rejects(path, self.spool))
            .transpose()?;
        let ids = self.verdicts.ids.borrow_mut().take();
        let ids = ids.map(Ids::finish).transpose()?;
        let reasons = &mut self.reasons;
        let verdicts = self.verdicts;
        let read = self.spool.read(|row| {
            let word = match &row.reject {
                Some((reason, sentence)) => {
                    reasons.insert(row.number, (reason.clone(), sentence.clone()));
                    match Skip::ALL.iter().any(|skip| skip.as_str() == reason) {
                        true => "skipped",
                        false => "rejected",
                    }
                }
                None => verdicts.word(row.number),
            };
            *counts.by_word.entry(word).or_default() += 1;
            let reason = reasons.get(&row.number);
            if let (true, Some((reason, _))) = (word == "skipped", reason) {
                *counts.skipped.entry(reason.clone()).or_default() += 1;
            }
            if let Some(report) = &mut report {
                let id = ids.as_ref().map(|ids| id_of(ids, row.number)).transpose();
                let id = id.map_err(io::Error::other)?.flatten();
                report.report_row(&row, word, reason, id.as_deref())?;
            }
            let mendable = matches!(word, "failed" | "held" | "rejected" | NOT_TRIED)
                || word == "skipped"
                    && reason.is_some_and(|(reason, _)| {
                        ["no_email", "invalid_email", "duplicate_email", "no_name"]
                            .contains(&reason.as_str())
                    });
            if let Some(rejects) = rejects.as_mut().filter(|_| mendable) {
                rejects.reject_row(self.spool, &row, reason)?;
            }
            Ok(())
        });
        read.map_err(CliError::from)?;
        for output in [report, rejects].into_iter().flatten() {
            output.finish()?;
        }
        Ok(counts)
    }

    /// The problems for machine output.
    pub fn problems(&self) -> Vec<Value> {
        self.reasons
            .iter()
            .map(|(row, (reason, message))| {
                json!({"row": row, "reason": reason, "message": message})
            })
            .collect()
    }
}

/// What is told at the end.
pub struct Told<'a> {
    pub command: &'static str,
    pub side: Side,
    pub profile: &'a str,
    pub dry_run: bool,
    pub exit: Exit,
    pub counts: &'a Counts,
    pub calls: Calls,
    /// What a dry run would do, line by line.
    pub examples: Vec<String>,
}

impl Told<'_> {
    /// Prints it for people or for machines, as they asked.
    ///
    /// # Errors
    /// Those of standard output.
    pub fn print(&self, context: &Context, account: &Account<'_>) -> Result<(), CliError> {
        let text = match context.globals.json {
            true => self.json(account).to_string(),
            false => self.text(context, account),
        };
        context.ui.data(&text)?;
        Ok(())
    }

    fn json(&self, account: &Account<'_>) -> Value {
        let mut rows = Map::new();
        rows.insert("total".to_owned(), json!(account.spool.rows));
        for word in [
            "created",
            "updated",
            "unchanged",
            "deleted",
            "skipped",
            "failed",
            "held",
            "not_tried",
        ] {
            rows.insert(word.to_owned(), json!(self.count(word)));
        }
        json!({
            "schema_version": 1,
            "command": self.command,
            "profile": self.profile,
            "to": self.side.as_str(),
            "dry_run": self.dry_run,
            "rows": rows,
            "skipped": self.counts.skipped,
            "requests": {
                "sent": self.calls.requests,
                "throttled": self.calls.throttled,
                "retried": self.calls.retried,
            },
            "problems": account.problems(),
            "exit_code": self.exit.code(),
        })
    }

    /// Rows that were refused before the service was asked have failed, too.
    fn count(&self, word: &str) -> u64 {
        match word {
            "failed" => self.counts.of("failed") + self.counts.of("rejected"),
            word => self.counts.of(word),
        }
    }

    fn text(&self, context: &Context, account: &Account<'_>) -> String {
        let counts = self.counts;
        let would = if self.dry_run { "would be " } else { "" };
        let run = if self.dry_run { "Dry run" } else { "Pushed" };
        let mut text = format!(
            "{run}: {} row{} to {}\n",
            account.spool.rows,
            if account.spool.rows == 1 { "" } else { "s" },
            self.side.title()
        );
        let reasons: Vec<String> = counts
            .skipped
            .iter()
            .map(|(reason, count)| format!("{reason} {count}"))
            .collect();
        for (word, label, always) in [
            ("created", format!("{would}created"), true),
            ("updated", format!("{would}updated"), true),
            ("deleted", format!("{would}deleted"), false),
            ("unchanged", "unchanged".to_owned(), true),
            ("skipped", format!("skipped: {}", reasons.join(", ")), false),
            ("failed", "failed".to_owned(), false),
            ("held", "held".to_owned(), false),
            ("not_tried", "not tried".to_owned(), false),
        ] {
            let count = self.count(word);
            if count > 0 || always {
                text.push_str(&format!("{count:>9}  {label}\n"));
            }
        }
        let limit = report::examples(&context.ui);
        for line in self.examples.iter().take(limit) {
            text.push_str(&format!("  {line}\n"));
        }
        if let Some(more) = self.examples.len().checked_sub(limit).filter(|n| *n > 0) {
            text.push_str(&format!("  … and {more} more\n"));
        }
        if self.dry_run {
            text.push_str("Nothing was written.\n");
        }
        for (row, (reason, message)) in account.reasons.iter().take(limit) {
            text.push_str(&format!("  row {row}: {message} ({reason})\n"));
        }
        if let Some(more) = account.reasons.len().checked_sub(limit).filter(|n| *n > 0) {
            text.push_str(&format!(
                "  … and {more} more; --report FILE or --json lists them all\n"
            ));
        }
        text.push_str(&format!("{} calls\n", self.calls.requests));
        text
    }
}

/// A file on its way; it appears when it is complete.
struct Output {
    path: std::path::PathBuf,
    writer: Writer,
}

enum Writer {
    Csv(Box<csv::Writer<NamedTempFile>>),
    Ndjson(io::BufWriter<NamedTempFile>),
}

/// The column of rejects that says why; read again, it says nothing.
const REASON: &str = "reject_reason";

impl Output {
    fn temporary(path: &Path) -> Result<NamedTempFile, CliError> {
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        if path.is_dir() {
            return Err(CliError::usage(format!("{} is a folder", path.display())));
        }
        NamedTempFile::new_in(folder).map_err(|e| unwritable(path, &e))
    }

    fn report(path: &Path) -> Result<Output, CliError> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(Output::temporary(path)?);
        let head = ["row", "line", "outcome", "reason", "message", "contact_id"];
        writer
            .write_record(head)
            .map_err(|e| unwritable(path, &io::Error::from(e)))?;
        Ok(Output {
            path: path.to_owned(),
            writer: Writer::Csv(Box::new(writer)),
        })
    }

    fn rejects(path: &Path, spool: &Spool) -> Result<Output, CliError> {
        let file = Output::temporary(path)?;
        let writer = match spool.shape {
            Shape::Ndjson => Writer::Ndjson(io::BufWriter::new(file)),
            Shape::Csv { delimiter } => {
                let mut writer = csv::WriterBuilder::new()
                    .delimiter(delimiter)
                    .terminator(csv::Terminator::CRLF)
                    .flexible(true)
                    .from_writer(file);
                let mut head: Vec<&str> = spool.columns.iter().map(String::as_str).collect();
                head.retain(|name| *name != REASON);
                head.push(REASON);
                writer
                    .write_record(head)
                    .map_err(|e| unwritable(path, &io::Error::from(e)))?;
                Writer::Csv(Box::new(writer))
            }
        };
        Ok(Output {
            path: path.to_owned(),
            writer,
        })
    }

    fn report_row(
        &mut self,
        row: &Kept,
        word: &str,
        reason: Option<&(String, String)>,
        id: Option<&str>,
    ) -> io::Result<()> {
        let (reason, message) = match reason {
            Some((reason, message)) => (reason.as_str(), message.as_str()),
            None => ("", ""),
        };
        let Writer::Csv(writer) = &mut self.writer else {
            return Ok(());
        };
        let (number, line) = (row.number.to_string(), row.line.to_string());
        writer.write_record([
            number.as_str(),
            line.as_str(),
            word,
            reason,
            message,
            id.unwrap_or(""),
        ])?;
        Ok(())
    }

    fn reject_row(
        &mut self,
        spool: &Spool,
        row: &Kept,
        reason: Option<&(String, String)>,
    ) -> io::Result<()> {
        let why = match reason {
            Some((reason, message)) => format!("{reason}: {message}"),
            None => NOT_TRIED.to_owned(),
        };
        match &mut self.writer {
            Writer::Csv(writer) => {
                let mut cells: Vec<String> = if row.raw.is_empty() {
                    let columns = spool.columns.iter().enumerate();
                    columns
                        .filter(|(_, name)| *name != REASON)
                        .map(|(at, _)| row.cell(at).map(super::spool::Kind::text))
                        .map(Option::unwrap_or_default)
                        .collect()
                } else {
                    row.raw.clone()
                };
                cells.push(why);
                writer.write_record(cells)?;
            }
            Writer::Ndjson(out) => {
                let line = if let Some(raw) = row.raw.first() {
                    raw.clone()
                } else {
                    let mut members = serde_json::Map::new();
                    for (at, cell) in &row.cells {
                        if let Some(name) = spool.columns.get(*at) {
                            members.insert(name.clone(), serde_json::to_value(cell)?);
                        }
                    }
                    members.insert(REASON.to_owned(), json!(why));
                    Value::Object(members).to_string()
                };
                out.write_all(line.as_bytes())?;
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<(), CliError> {
        let failed = |e: io::Error| unwritable(&self.path, &e);
        let file = match self.writer {
            Writer::Csv(writer) => writer
                .into_inner()
                .map_err(|e| failed(io::Error::other(e.to_string())))?,
            Writer::Ndjson(out) => out.into_inner().map_err(|e| failed(e.into_error()))?,
        };
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&self.path).map_err(|e| failed(e.error))?;
        Ok(())
    }
}

fn unwritable(path: &Path, error: &io::Error) -> CliError {
    let mut cli = CliError::new(
        Exit::Failed,
        "file",
        format!("cannot write {}: {error}", path.display()),
    );
    if error.kind() == io::ErrorKind::StorageFull {
        cli.code = "disk_full";
    }
    cli
}
