//! `ghl-bm pull`: read a service into a file or a pipe. Start reading at [`run`].
//!
//! Rows stream: contacts arrive in the order of their creation, and only those that share one
//! moment of creation are held back to be sorted by id.

use std::collections::HashSet;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tempfile::NamedTempFile;

use crate::api::ghl::{Ghl, LONGEST_QUERY, Search};
use crate::contact::{Consent, Contact, FieldValue};
use crate::mapping::nearest::suggestion;
use crate::remote::{Page, RemoteErrorKind};

use super::context::{Context, duration, watch_signals};
use super::error::{CliError, Exit};

/// Export contacts as CSV, JSON or NDJSON
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm pull contacts -o contacts.csv
  ghl-bm pull contacts --help")]
pub struct PullArgs {
    #[command(subcommand)]
    command: PullCommand,
}

#[derive(Debug, Subcommand)]
enum PullCommand {
    Contacts(ContactsArgs),
}

/// Export HighLevel contacts, oldest first
///
/// Unchanged data gives the same bytes. A file named by -o appears only when it is complete.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm pull contacts -o contacts.csv
  ghl-bm pull contacts --fields id,email,tags --tag customer
  ghl-bm pull contacts --since 7d --format ndjson | jq .email
  ghl-bm pull contacts --fields           list the fields")]
struct ContactsArgs {
    /// Which service to read
    #[arg(long, value_name = "SIDE", default_value = "ghl")]
    from: From,
    /// Shape of the output
    #[arg(long, value_name = "FORMAT", default_value = "csv")]
    format: Format,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Columns, separated by commas; without a value: list them
    #[arg(long, value_name = "A,B,…", num_args = 0..=1, default_missing_value = "")]
    fields: Option<String>,
    /// Only contacts updated since: an ISO time or an age such as 7d
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Only contacts with this tag; repeat for contacts that have all of them
    #[arg(long = "tag", value_name = "T")]
    tags: Vec<String>,
    /// Only contacts that HighLevel finds for this text (at most 75 characters)
    #[arg(long, value_name = "Q")]
    query: Option<String>,
    /// At most this many
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// CSV for spreadsheets: a byte order mark, and no cell that starts a formula
    #[arg(long)]
    excel: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum From {
    Ghl,
    Bigmailer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Json,
    Ndjson,
}

/// Default columns and the HighLevel property each shows; two are worked out from consent and tags.
const COLUMNS: [(&str, &str); 22] = [
    ("id", ""),
    ("email", ""),
    ("first_name", "firstName"),
    ("last_name", "lastName"),
    ("phone", "phone"),
    ("company", "companyName"),
    ("tags", ""),
    ("email_allowed", ""),
    ("dnd", "dnd"),
    ("type", "type"),
    ("source", "source"),
    ("assigned_to", "assignedTo"),
    ("address1", "address1"),
    ("city", "city"),
    ("state", "state"),
    ("postal_code", "postalCode"),
    ("country", "country"),
    ("website", "website"),
    ("timezone", "timezone"),
    ("date_of_birth", "dateOfBirth"),
    ("date_added", ""),
    ("date_updated", ""),
];

pub fn run(context: &Context, args: PullArgs) -> Result<Exit, CliError> {
    match args.command {
        PullCommand::Contacts(args) => contacts(context, &args),
    }
}

/// One column: its name and the property of the contact that fills it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    name: String,
    source: String,
}

fn contacts(context: &Context, args: &ContactsArgs) -> Result<Exit, CliError> {
    if args.from == From::Bigmailer {
        return Err(CliError::usage("--from bigmailer is not supported yet"));
    }
    if args
        .query
        .as_ref()
        .is_some_and(|q| q.chars().count() > LONGEST_QUERY)
    {
        return Err(CliError::usage(format!(
            "--query takes at most {LONGEST_QUERY} characters"
        )));
    }
    if args.excel && args.format != Format::Csv {
        return Err(CliError::usage("--excel goes with --format csv"));
    }
    let updated_since = args
        .since
        .as_deref()
        .map(|w| moment(w, context.now()))
        .transpose()
        .map_err(CliError::usage)?;
    let profile = context.load_profile()?;
    watch_signals(&context.stop);
    let mut ghl = context.ghl(&profile)?;
    let known = known_columns(&ghl)?;
    let listing = args.fields.as_deref() == Some("");
    let columns = match args.fields.as_deref() {
        None | Some("") => known,
        Some(names) => choose(names, &known)?,
    };
    if listing {
        return list_columns(context, &columns);
    }
    let wanted: Vec<String> = columns
        .iter()
        .filter(|c| !c.source.is_empty())
        .map(|c| c.source.clone())
        .collect();
    ghl.require_consent(columns.iter().any(|c| c.name == "email_allowed"));
    ghl.want(&wanted)?;
    let query = Search {
        updated_since,
        tags_all: args.tags.clone(),
        text: args.query.clone(),
        ..Search::default()
    };

    let format = if context.globals.json && args.output.is_none() {
        Format::Json
    } else {
        args.format
    };
    let count = match &args.output {
        Some(path) if path.as_os_str() != "-" => {
            let mut file = PendingFile::new(path)?;
            let count = export(context, &ghl, &query, args, format, columns, file.writer())?;
            file.finish()?;
            count
        }
        _ => {
            let out = context.ui.stdout();
            export(context, &ghl, &query, args, format, columns, out)?
        }
    };
    if let Some(path) = &args.output {
        if context.globals.json {
            let document = json!({ "schema_version": 1, "command": "pull contacts", "file": path, "count": count });
            context.ui.data(&document.to_string())?;
        } else {
            context
                .ui
                .info(&format!("{count} contacts written to {}", path.display()));
        }
    }
    Ok(Exit::Done)
}

fn known_columns(ghl: &Ghl) -> Result<Vec<Column>, CliError> {
    let mut columns: Vec<Column> = COLUMNS
        .iter()
        .map(|(name, source)| Column {
            name: (*name).to_owned(),
            source: (*source).to_owned(),
        })
        .collect();
    let mut custom: Vec<String> = ghl
        .custom_fields()?
        .into_iter()
        .map(|f| format!("custom.{}", f.key))
        .collect();
    custom.sort();
    custom.dedup();
    columns.extend(custom.into_iter().map(|name| Column {
        source: name.clone(),
        name,
    }));
    Ok(columns)
}

fn choose(names: &str, known: &[Column]) -> Result<Vec<Column>, CliError> {
    names
        .split(',')
        .map(str::trim)
        .filter(|n| !n.is_empty())
        .map(|name| {
            known
                .iter()
                .find(|c| c.name == name)
                .cloned()
                .ok_or_else(|| {
                    let all: Vec<&str> = known.iter().map(|c| c.name.as_str()).collect();
                    CliError::usage(format!(
                        "there is no field {name}{}",
                        suggestion(name, &all)
                    ))
                    .hint("`ghl-bm pull contacts --fields` lists them")
                })
        })
        .collect()
}

fn list_columns(context: &Context, columns: &[Column]) -> Result<Exit, CliError> {
    let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
    if context.globals.json {
        context.ui.data(
            &json!({ "schema_version": 1, "command": "pull contacts", "fields": names })
                .to_string(),
        )?;
    } else {
        context.ui.data(&names.join("\n"))?;
    }
    Ok(Exit::Done)
}

/// An ISO time, a date, or an age such as `7d`; milliseconds since 1970.
fn moment(text: &str, now: i64) -> Result<i64, String> {
    if let Ok(age) = duration(text) {
        return Ok(now - i64::try_from(age.as_millis()).unwrap_or(now));
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time.as_millisecond());
    }
    if let Ok(date) = text.parse::<jiff::civil::Date>()
        && let Ok(start) = date.to_zoned(jiff::tz::TimeZone::UTC)
    {
        return Ok(start.timestamp().as_millisecond());
    }
    Err(format!(
        "--since {text}: use a time such as 2026-10-01T00:00:00Z, a date, or an age such as 7d"
    ))
}

/// Reads and writes until the listing ends, the limit is reached or the reader is gone.
fn export<W: Write + Send>(
    context: &Context,
    ghl: &Ghl,
    query: &Search,
    args: &ContactsArgs,
    format: Format,
    columns: Vec<Column>,
    out: W,
) -> Result<u64, CliError> {
    let document = context.globals.json && args.output.is_none();
    let sink = Sink::new(format, document, args.excel, columns, args.limit, out)?;
    let sink = Mutex::new((sink, None::<CliError>));
    let ui = &*context.ui;
    let bar = ui.bar("Reading HighLevel");
    let listed = ghl.search(query, &|page: Page| {
        let mut guard = sink.lock().unwrap_or_else(PoisonError::into_inner);
        let (sink, failed) = &mut *guard;
        if let Some(total) = page.total {
            bar.set_length(args.limit.map_or(total, |l| l.min(total)));
        }
        let flow = match sink.take(page.contacts) {
            Ok(flow) => flow,
            Err(error) => {
                *failed = Some(error);
                ControlFlow::Break(())
            }
        };
        bar.set_position(sink.written);
        ui.progress_line(|| format!("wrote {} contacts", sink.written));
        flow
    });
    bar.finish_and_clear();
    let (mut sink, failed) = sink.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = failed {
        return Err(error);
    }
    match listed {
        Ok(_) => {}
        Err(e) if e.kind == RemoteErrorKind::Stopped => {
            let why = context
                .stop
                .asked()
                .map_or(Exit::Interrupted, Exit::of_stop);
            return Err(CliError::new(
                why,
                "interrupted",
                "interrupted before the export was complete",
            ));
        }
        Err(e) => return Err(e.into()),
    }
    sink.finish()?;
    Ok(sink.written)
}

/// Turns contacts into rows, in order.
struct Sink<W: Write> {
    rows: Rows<W>,
    columns: Vec<Column>,
    limit: Option<u64>,
    written: u64,
    /// Contacts of one moment of creation, until a later moment is seen.
    held: Vec<Contact>,
    /// Ids of the last moment that was written, so that a repeated page adds nothing.
    last: (i64, HashSet<String>),
}

impl<W: Write> Sink<W> {
    fn new(
        format: Format,
        document: bool,
        excel: bool,
        columns: Vec<Column>,
        limit: Option<u64>,
        out: W,
    ) -> Result<Sink<W>, CliError> {
        let rows = Rows::new(format, document, excel, &columns, out)?;
        Ok(Sink {
            rows,
            columns,
            limit,
            written: 0,
            held: Vec::new(),
            last: (i64::MIN, HashSet::new()),
        })
    }

    fn take(&mut self, contacts: Vec<Contact>) -> Result<ControlFlow<()>, CliError> {
        for contact in contacts {
            let at = contact.created.unwrap_or(i64::MIN);
            if self
                .held
                .first()
                .is_some_and(|h| h.created.unwrap_or(i64::MIN) < at)
            {
                self.release()?;
            }
            if self.is_full() {
                return Ok(ControlFlow::Break(()));
            }
            self.held.push(contact);
        }
        Ok(ControlFlow::Continue(()))
    }

    fn is_full(&self) -> bool {
        self.limit.is_some_and(|l| self.written >= l)
    }

    fn release(&mut self) -> Result<(), CliError> {
        let mut held = std::mem::take(&mut self.held);
        held.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
        for contact in held {
            let at = contact.created.unwrap_or(i64::MIN);
            let repeated =
                at < self.last.0 || (at == self.last.0 && self.last.1.contains(&contact.id));
            if repeated || self.is_full() {
                continue;
            }
            if at > self.last.0 {
                self.last = (at, HashSet::new());
            }
            self.rows.write(&self.columns, &contact)?;
            self.last.1.insert(contact.id);
            self.written += 1;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), CliError> {
        self.release()?;
        self.rows.finish()
    }
}

/// The three shapes of output.
enum Rows<W: Write> {
    Csv {
        writer: Box<csv::Writer<W>>,
        excel: bool,
    },
    Ndjson(W),
    Json {
        out: W,
        first: bool,
        document: bool,
    },
}

impl<W: Write> Rows<W> {
    fn new(
        format: Format,
        document: bool,
        excel: bool,
        columns: &[Column],
        mut out: W,
    ) -> Result<Rows<W>, CliError> {
        Ok(match format {
            Format::Csv => {
                if excel {
                    out.write_all("\u{feff}".as_bytes())?;
                }
                // RFC 4180 ends lines with CR LF.
                let mut writer = csv::WriterBuilder::new()
                    .terminator(csv::Terminator::CRLF)
                    .from_writer(out);
                writer
                    .write_record(columns.iter().map(|c| c.name.as_str()))
                    .map_err(csv_error)?;
                Rows::Csv {
                    writer: Box::new(writer),
                    excel,
                }
            }
            Format::Ndjson => Rows::Ndjson(out),
            Format::Json => {
                let head = if document {
                    r#"{"schema_version":1,"command":"pull contacts","contacts":["#
                } else {
                    "["
                };
                out.write_all(head.as_bytes())?;
                Rows::Json {
                    out,
                    first: true,
                    document,
                }
            }
        })
    }

    fn write(&mut self, columns: &[Column], contact: &Contact) -> Result<(), CliError> {
        match self {
            Rows::Csv { writer, excel } => {
                for column in columns {
                    let mut cell = text(&cell(column, contact));
                    if *excel && cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
                        // A leading apostrophe makes spreadsheets show the text instead of running it.
                        cell.insert(0, '\'');
                    }
                    writer.write_field(cell).map_err(csv_error)?;
                }
                writer.write_record(None::<&[u8]>).map_err(csv_error)?;
            }
            Rows::Ndjson(out) => {
                serde_json::to_writer(&mut *out, &object(columns, contact))?;
                out.write_all(b"\n")?;
            }
            Rows::Json { out, first, .. } => {
                out.write_all(if *first { b"\n" } else { b",\n" })?;
                *first = false;
                serde_json::to_writer(&mut *out, &object(columns, contact))?;
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), CliError> {
        match self {
            Rows::Csv { writer, .. } => writer.flush()?,
            Rows::Ndjson(out) => out.flush()?,
            Rows::Json {
                out,
                first,
                document,
            } => {
                if !*first {
                    out.write_all(b"\n")?;
                }
                out.write_all(if *document { b"]}\n" } else { b"]\n" })?;
                out.flush()?;
            }
        }
        Ok(())
    }
}

fn csv_error(error: csv::Error) -> CliError {
    match error.into_kind() {
        csv::ErrorKind::Io(e) => e.into(),
        other => CliError::new(Exit::Failed, "csv", format!("{other:?}")),
    }
}

fn object(columns: &[Column], contact: &Contact) -> Value {
    // Declaration order would need another map type; alphabetical order is as stable.
    let map: Map<String, Value> = columns
        .iter()
        .map(|c| (c.name.clone(), cell(c, contact)))
        .collect();
    Value::Object(map)
}

fn cell(column: &Column, contact: &Contact) -> Value {
    let iso = |at: Option<i64>| {
        at.and_then(|ms| Timestamp::from_millisecond(ms).ok())
            .map_or(Value::Null, |t| json!(t.to_string()))
    };
    match column.name.as_str() {
        "id" => json!(contact.id),
        "email" => json!(contact.email),
        "tags" => {
            let mut tags = contact.groups.clone();
            tags.sort();
            json!(tags)
        }
        "email_allowed" => match contact.consent {
            Consent::Unknown => Value::Null,
            consent => json!(!consent.is_blocked()),
        },
        "date_added" => iso(contact.created),
        "date_updated" => iso(contact.updated),
        _ => match contact.values.get(&column.source) {
            None => Value::Null,
            Some(FieldValue::Text(text)) => json!(text),
            Some(FieldValue::Integer(number)) => json!(number),
            Some(FieldValue::Decimal(number)) => json!(number),
            Some(FieldValue::Flag(flag)) => json!(flag),
            Some(FieldValue::Date(date)) => json!(date.to_string()),
            Some(FieldValue::Many(items)) => json!(items),
        },
    }
}

/// A cell of CSV: lists joined by `;`, nothing for null.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}

/// A file that appears under its name only when it is complete.
struct PendingFile {
    temporary: Option<NamedTempFile>,
    target: PathBuf,
}

impl PendingFile {
    fn new(target: &Path) -> Result<PendingFile, CliError> {
        let folder = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let temporary =
            NamedTempFile::new_in(folder).map_err(|e| PendingFile::error(target, &e))?;
        Ok(PendingFile {
            temporary: Some(temporary),
            target: target.to_owned(),
        })
    }

    fn writer(&mut self) -> impl Write + Send + '_ {
        let file = self.temporary.as_mut().map(NamedTempFile::as_file_mut);
        io::BufWriter::with_capacity(
            1 << 16,
            Named {
                file,
                target: &self.target,
            },
        )
    }

    fn finish(mut self) -> Result<(), CliError> {
        let Some(temporary) = self.temporary.take() else {
            return Ok(());
        };
        temporary
            .as_file()
            .sync_all()
            .map_err(|e| PendingFile::error(&self.target, &e))?;
        temporary
            .persist(&self.target)
            .map_err(|e| PendingFile::error(&self.target, &e.error))?;
        Ok(())
    }

    fn error(target: &Path, error: &io::Error) -> CliError {
        let mut cli = CliError::new(
            Exit::Failed,
            "file",
            format!("cannot write {}: {error}", target.display()),
        );
        if error.kind() == io::ErrorKind::StorageFull {
            cli.code = "disk_full";
            cli.hint =
                Some("free some space and run it again; no half file was left behind".to_owned());
        }
        cli
    }
}

/// Adds the file's name to errors of writing.
struct Named<'a> {
    file: Option<&'a mut std::fs::File>,
    target: &'a Path,
}

impl Write for Named<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match &mut self.file {
            Some(file) => file
                .write(buffer)
                .map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", self.target.display()))),
            None => Ok(buffer.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(id: &str, created: i64) -> Contact {
        Contact {
            id: id.into(),
            email: Some(format!("{id}@example.com")),
            created: Some(created),
            updated: None,
            consent: Consent::Allowed,
            values: [(
                "firstName".to_owned(),
                FieldValue::Text("A \"q\"\nb;c".into()),
            )]
            .into(),
            groups: vec!["vip".into(), "customer".into()],
        }
    }

    fn columns() -> Vec<Column> {
        [
            ("id", ""),
            ("first_name", "firstName"),
            ("tags", ""),
            ("email_allowed", ""),
        ]
        .map(|(n, s)| Column {
            name: n.into(),
            source: s.into(),
        })
        .to_vec()
    }

    fn csv_of(pages: Vec<Vec<Contact>>, limit: Option<u64>) -> String {
        let mut out = Vec::new();
        let mut sink = Sink::new(Format::Csv, false, false, columns(), limit, &mut out).unwrap();
        for page in pages {
            if sink.take(page).unwrap().is_break() {
                break;
            }
        }
        sink.finish().unwrap();
        drop(sink);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn rows_are_quoted_and_in_order_of_creation_then_id() {
        let text = csv_of(
            vec![
                vec![contact("b", 1)],
                vec![contact("a", 1), contact("c", 2)],
            ],
            None,
        );
        assert_eq!(
            text,
            "id,first_name,tags,email_allowed\r\na,\"A \"\"q\"\"\nb;c\",customer;vip,true\r\n\
             b,\"A \"\"q\"\"\nb;c\",customer;vip,true\r\nc,\"A \"\"q\"\"\nb;c\",customer;vip,true\r\n"
        );
    }

    #[test]
    fn a_repeated_page_adds_nothing_and_the_limit_holds() {
        let page = || vec![contact("a", 1), contact("b", 2), contact("c", 2)];
        let ids = |text: String| {
            text.lines()
                .filter(|l| l.ends_with(",\"A \"\"q\"\""))
                .map(|l| l[..1].to_owned())
                .collect::<String>()
        };
        assert_eq!(
            ids(csv_of(vec![page(), page(), vec![contact("d", 3)]], None)),
            "abcd"
        );
        assert_eq!(
            ids(csv_of(vec![page(), vec![contact("d", 3)]], Some(2))),
            "ab"
        );
    }

    #[test]
    fn times_and_ages_are_understood() {
        assert_eq!(
            moment("7d", 1_000_000_000_000),
            Ok(1_000_000_000_000 - 7 * 86_400_000)
        );
        assert_eq!(moment("2026-10-01T00:00:00Z", 0), Ok(1_790_812_800_000));
        assert_eq!(moment("2026-10-01", 0), Ok(1_790_812_800_000));
        assert!(moment("yesterday", 0).is_err());
    }

    #[test]
    fn spreadsheet_formulas_are_disarmed_only_when_asked() {
        let mut risky = contact("a", 1);
        risky
            .values
            .insert("firstName".into(), FieldValue::Text("=1+1".into()));
        for (excel, expected) in [(true, "a,'=1+1,"), (false, "a,=1+1,")] {
            let mut out = Vec::new();
            let mut sink = Sink::new(Format::Csv, false, excel, columns(), None, &mut out).unwrap();
            let _ = sink.take(vec![risky.clone()]).unwrap();
            sink.finish().unwrap();
            drop(sink);
            let text = String::from_utf8(out).unwrap();
            assert!(text.contains(expected), "{text}");
            assert_eq!(text.starts_with('\u{feff}'), excel);
        }
    }
}
