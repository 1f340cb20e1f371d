//! What became of each row: counts, report, rejects.
//!
//! Start reading at [`Verdicts`], which listens while the engine works, and [`Account::close`];
//! [`Files`] are looked at before.

use std::cell::RefCell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::api::http::Calls;
use crate::contact::Side;
use crate::engine::{Planned, Progress};
use crate::export::Target;
use crate::plan::Skip;
use crate::rows::Shape;
use crate::state::{Problem, Spill, StateError};

use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::progress::Bars;
use super::super::report;
use super::file::row_of;
use super::spool::{Kept, MALFORMED, Spool};

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
    /// The rows of HighLevel contacts who need a word: what goes wrong there is told by their ids.
    troubled: RefCell<HashMap<String, u64>>,
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
            troubled: RefCell::default(),
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
            let fine = ["created", "updated", "unchanged"].contains(&word);
            if let (false, Side::Bigmailer, Some(id)) = (fine, self.file, other) {
                self.troubled.borrow_mut().insert(id.to_owned(), row);
            }
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

    /// Takes down why. A row may have several things wrong with it.
    pub fn explain(&mut self, problem: Problem) {
        let troubled = self.verdicts.troubled.borrow();
        let of = |id: &String| row_of(id).or_else(|| troubled.get(id).copied());
        let Some(row) = [&problem.ghl_id, &problem.id]
            .into_iter()
            .flatten()
            .find_map(of)
        else {
            return;
        };
        match self.reasons.entry(row) {
            Entry::Vacant(place) => _ = place.insert((problem.reason, problem.message)),
            Entry::Occupied(mut place) if place.get().1 != problem.message => {
                let (_, message) = place.get_mut();
                message.push_str("; ");
                message.push_str(&problem.message);
            }
            Entry::Occupied(_) => {}
        }
    }

    /// Counts all rows, and writes the files that were asked for; what keeps those from being
    /// written is told beside the counts, for the push is done.
    ///
    /// # Errors
    /// Those of the disk on which the rows are kept.
    pub fn close(&mut self, files: Files) -> Result<(Counts, Result<(), CliError>), CliError> {
        let mut counts = Counts::default();
        let spool = self.spool;
        let mut files = files;
        let mut written = files.begin(spool);
        let ids = self.verdicts.ids.borrow_mut().take();
        let ids = match ids.map(Ids::finish).transpose() {
            Ok(ids) => ids,
            Err(error) => {
                written = written.and(Err(error.into()));
                None
            }
        };
        let reasons = &mut self.reasons;
        let verdicts = self.verdicts;
        let read = spool.read(|row| {
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
            if written.is_ok() {
                written = files.row(spool, &row, word, reason, ids.as_ref());
            }
            Ok(())
        });
        read.map_err(CliError::from)?;
        Ok((counts, files.finish(written)))
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

/// What a dry run would do, line by line, as far as people read it.
pub struct Examples {
    lines: Vec<String>,
    limit: usize,
    more: u64,
}

impl Examples {
    pub fn new(context: &Context) -> Examples {
        Examples {
            lines: Vec::new(),
            limit: report::examples(&context.ui),
            more: 0,
        }
    }

    pub fn add(&mut self, line: impl FnOnce() -> String) {
        match self.lines.len() < self.limit {
            true => self.lines.push(line()),
            false => self.more += 1,
        }
    }

    pub fn lines(mut self) -> Vec<String> {
        if self.more > 0 {
            self.lines.push(format!("… and {} more", self.more));
        }
        self.lines
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
        for line in &self.examples {
            text.push_str(&format!("  {line}\n"));
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
        text.push_str(&report::counted(self.calls.requests, "call"));
        text.push('\n');
        text
    }
}

/// The files that were asked for; each appears when it is complete.
#[derive(Default)]
pub struct Files {
    report: Option<Target>,
    rejects: Option<Target>,
}

/// The column of rejects that says why; read again, it says nothing.
const REASON: &str = "reject_reason";

impl Files {
    /// Looks whether they can be written, before anything is done that they are to tell of.
    ///
    /// # Errors
    /// A place where no file can be made, one that was named twice, or that of the rows themselves;
    /// standard output, which has the account.
    pub fn of(
        input: Option<&Path>,
        report: Option<&Path>,
        rejects: Option<&Path>,
    ) -> Result<Files, CliError> {
        for (what, path) in [("--report", report), ("--rejects", rejects)] {
            if path == Some(Path::new("-")) {
                return Err(CliError::usage(format!(
                    "{what} needs a file of its own: standard output has the counts"
                )));
            }
        }
        let named = [
            ("the rows", input),
            ("--report", report),
            ("--rejects", rejects),
        ];
        let named = named.map(|(what, path)| (what, path.and_then(file_at)));
        for (at, (what, place)) in named.iter().enumerate().skip(1) {
            let same = |other: &&(&str, Option<PathBuf>)| place.is_some() && other.1 == *place;
            if let Some((other, _)) = named[..at].iter().find(same) {
                return Err(CliError::usage(format!(
                    "{what} names the file of {other}; give it one of its own"
                )));
            }
        }
        let open = |path: Option<&Path>| {
            path.map(|path| Target::file(path, Value::Null, false))
                .transpose()
        };
        Ok(Files {
            report: open(report)?,
            rejects: open(rejects)?,
        })
    }

    fn begin(&mut self, spool: &Spool) -> Result<(), CliError> {
        if let Some(report) = &mut self.report {
            let head = ["row", "line", "outcome", "reason", "message", "contact_id"];
            report.write(&line(b',', head)?)?;
        }
        if let (Some(rejects), Shape::Csv { delimiter }) = (&mut self.rejects, spool.shape) {
            let names = spool.columns.iter().map(String::as_str);
            let head = names.filter(|name| *name != REASON).chain([REASON]);
            rejects.write(&line(delimiter, head)?)?;
        }
        Ok(())
    }

    fn row(
        &mut self,
        spool: &Spool,
        row: &Kept,
        word: &str,
        why: Option<&(String, String)>,
        ids: Option<&Spill>,
    ) -> Result<(), CliError> {
        let (reason, message) = why.map_or(("", ""), |(r, m)| (r.as_str(), m.as_str()));
        if let Some(report) = &mut self.report {
            let id = ids.map(|ids| id_of(ids, row.number)).transpose()?.flatten();
            let (number, start) = (row.number.to_string(), row.line.to_string());
            let id = id.as_deref().unwrap_or_default();
            report.write(&line(b',', [&number, &start, word, reason, message, id])?)?;
        }
        let mendable = matches!(word, "failed" | "held" | "rejected" | NOT_TRIED)
            || word == "skipped"
                && ["no_email", "invalid_email", "duplicate_email", "no_name"].contains(&reason);
        if let Some(rejects) = self.rejects.as_mut().filter(|_| mendable) {
            let why = match why {
                Some((reason, message)) => format!("{reason}: {message}"),
                None => word.to_owned(),
            };
            rejects.write(&rejected(spool, row, &why)?)?;
        }
        Ok(())
    }

    fn finish(self, written: Result<(), CliError>) -> Result<(), CliError> {
        let mut written = written;
        for mut target in [self.report, self.rejects].into_iter().flatten() {
            if written.is_ok() {
                written = target.finish().map_err(CliError::from);
            } else {
                target.abandon();
            }
        }
        written
    }
}

/// Where a file is, whatever it is called; `None` for what is no file, such as a device.
fn file_at(path: &Path) -> Option<PathBuf> {
    match fs::metadata(path) {
        Ok(about) if about.is_file() => fs::canonicalize(path).ok(),
        Ok(_) => None,
        Err(_) => {
            let folder = match path.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => parent,
                _ => Path::new("."),
            };
            Some(fs::canonicalize(folder).ok()?.join(path.file_name()?))
        }
    }
}

/// A row as it came, with why it was not pushed.
fn rejected(spool: &Spool, row: &Kept, why: &str) -> Result<Vec<u8>, CliError> {
    match spool.shape {
        Shape::Csv { delimiter } => {
            let mut cells: Vec<String> = if row.raw.is_empty() {
                let columns = spool.columns.iter().enumerate();
                columns
                    .filter(|(_, name)| *name != REASON)
                    .map(|(at, _)| row.cell(at).map(super::spool::Kind::text))
                    .map(Option::unwrap_or_default)
                    .collect()
            } else {
                without_reason(spool, row.raw.clone())
            };
            cells.push(why.to_owned());
            line(delimiter, cells)
        }
        Shape::Ndjson => {
            let mut text = if let Some(raw) = row.raw.first() {
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
            text.push('\n');
            Ok(text.into_bytes())
        }
    }
}

/// The cells of a row that could not be taken apart, without what an earlier push said of it: the row
/// would grow with every push until the sentence took the place of a cell.
fn without_reason(spool: &Spool, mut cells: Vec<String>) -> Vec<String> {
    let reason = spool.columns.iter().position(|name| name == REASON);
    match reason {
        Some(at) if cells.len() == spool.columns.len() => _ = cells.remove(at),
        Some(_) if cells.last().is_some_and(|cell| cell.starts_with(MALFORMED)) => {
            cells.pop();
        }
        _ => {}
    }
    cells
}

/// A line of CSV as RFC 4180 has it, with its CR LF.
fn line<F: AsRef<[u8]>>(
    delimiter: u8,
    cells: impl IntoIterator<Item = F>,
) -> Result<Vec<u8>, CliError> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(csv::Terminator::CRLF)
        .buffer_capacity(512)
        .from_writer(Vec::new());
    writer.write_record(cells).map_err(io::Error::from)?;
    Ok(writer.into_inner().map_err(|e| e.into_error())?)
}
