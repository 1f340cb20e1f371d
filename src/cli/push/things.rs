//! `push tags`, `push notes`, `push tasks`: rows about what hangs on HighLevel contacts.
//!
//! Rows about one contact are carried out in the order of the file, those of different contacts at
//! the same time. What is there already is not written again, so a push that was cut off can simply
//! be repeated. Start reading at [`run`]; what a row calls for is decided in
//! [`crate::plan::related`].

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};

use crate::api::ghl::{BulkOutcome, Ghl, TagOp};
use crate::contact::{Side, email_key};
use crate::mapping::nearest::suggestion;
use crate::plan::guard::ALWAYS_ALLOWED;
use crate::plan::related::{self, Deed, Wish};
use crate::related::{NoteDraft, TaskDraft};
use crate::remote::{Key, Remote, RemoteError, RemoteErrorKind};

use super::super::context::{Context, watch_signals};
use super::super::error::{CliError, Exit};
use super::super::parallel::in_order;
use super::super::progress::Bars;
use super::account::{Account, Examples, Told, Verdicts};
use super::spool::{Kept, Kind, Refusal, Spool};
use super::{FileArgs, Only, reading};

/// What only HighLevel has, and its file.
#[derive(Debug, Subcommand)]
pub enum Things {
    /// Add, remove or set tags of HighLevel contacts
    ///
    /// Columns: `contact_id` or `email`; `op` is add (or empty), remove or set; `tags`, joined by
    /// `;`. `set` adds and removes what differs, so that the contact has exactly these tags. Contacts
    /// that get the same change go in bulk calls.
    #[command(after_long_help = "\
Examples:
  ghl-bm push tags tags.csv --dry-run
  printf 'email,op,tags\\nada@example.com,add,vip;customer\\n' | \\
      ghl-bm push tags -")]
    Tags(ThingArgs),
    /// Add, update or delete notes on HighLevel contacts
    ///
    /// Columns: `contact_id` or `email`; `op` is add (or empty), update or delete; `note_id` (for
    /// update and delete), `title`, `body`. A note that is there already, word for word, is not added
    /// again.
    #[command(after_long_help = "\
Examples:
  ghl-bm push notes notes.csv --dry-run
  printf 'email,title,body\\nada@example.com,Call,Rings back on Monday\\n' | \\
      ghl-bm push notes -")]
    Notes(ThingArgs),
    /// Add, update, complete, reopen or delete tasks of HighLevel contacts
    ///
    /// Columns: `contact_id` or `email`; `op` is add (or empty), update, complete, reopen or delete;
    /// `task_id` (for all but add), `title`, `body`, `due` (a time, a date, or `+2d` from now),
    /// `assigned_to` (a user id). A task that is there already is not added again.
    #[command(after_long_help = "\
Examples:
  ghl-bm push tasks tasks.csv --dry-run
  printf 'email,title,due\\nada@example.com,Ring her,+2d\\n' | \\
      ghl-bm push tasks -")]
    Tasks(ThingArgs),
}

#[derive(Debug, Args)]
pub struct ThingArgs {
    #[command(flatten)]
    file: FileArgs,
    /// Where the rows go; only HighLevel has such things
    #[arg(long, value_name = "SIDE", default_value = "ghl")]
    to: Only,
}

/// What is pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    Tags,
    Notes,
    Tasks,
}

/// What one row asks for.
#[derive(Debug, Clone, PartialEq)]
enum Ask {
    AddTags(Vec<String>),
    RemoveTags(Vec<String>),
    SetTags(Vec<String>),
    Note(Wish<NoteDraft>),
    Task(Wish<TaskDraft>),
}

/// A row that is to be carried out.
#[derive(Debug, Clone)]
struct Order {
    row: u64,
    who: Who,
    ask: Ask,
    /// The due time was told as a span from now: pushed again, the row means the same task.
    relative: bool,
}

/// Whom a row is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Who {
    Id(String),
    Email(String),
}

/// Contacts' ids, each with the rows about it in their order.
type Contacts = Vec<(String, Vec<Order>)>;

/// What became of a row: a word, a reason with its sentence, and the contact's id.
#[derive(Debug, Clone)]
struct Verdict {
    row: u64,
    word: &'static str,
    why: Option<(String, String)>,
    contact: Option<String>,
    /// What a dry run would have done.
    would: Option<String>,
}

/// Rows carried out together; bounds memory, and lets contacts wait for each other no longer.
const PART: usize = 400;

/// Calls under way at a time; the pacing holds the true limit.
const THREADS: usize = 8;

/// So many contacts with the same change are worth a bulk call.
const BULK_FROM: usize = 3;

pub fn run(context: &Context, things: &Things) -> Result<Exit, CliError> {
    let (thing, args) = match things {
        Things::Tags(args) => (Thing::Tags, args),
        Things::Notes(args) => (Thing::Notes, args),
        Things::Tasks(args) => (Thing::Tasks, args),
    };
    push(context, thing, &args.file)
}

impl Thing {
    fn command(self) -> &'static str {
        match self {
            Thing::Tags => "push tags",
            Thing::Notes => "push notes",
            Thing::Tasks => "push tasks",
        }
    }

    fn columns(self) -> &'static [&'static str] {
        match self {
            Thing::Tags => &["contact_id", "email", "op", "tags"],
            Thing::Notes => &["contact_id", "email", "op", "note_id", "title", "body"],
            Thing::Tasks => &[
                "contact_id",
                "email",
                "op",
                "task_id",
                "title",
                "body",
                "due",
                "assigned_to",
            ],
        }
    }

    fn ops(self) -> &'static [&'static str] {
        match self {
            Thing::Tags => &["add", "remove", "set"],
            Thing::Notes => &["add", "update", "delete"],
            Thing::Tasks => &["add", "update", "complete", "reopen", "delete"],
        }
    }
}

/// Where the columns of a file are.
#[derive(Debug, Default)]
struct Places(Vec<Option<&'static str>>);

/// Columns of exports that say nothing here, and why.
const IGNORED: [(&str, &str); 7] = [
    ("reject_reason", NOT_WRITTEN),
    ("row", NOT_WRITTEN),
    ("date_added", NOT_WRITTEN),
    ("completed", "`op` says it: complete or reopen"),
    ("user_id", NOT_PUSHED),
    ("color", NOT_PUSHED),
    ("pinned", NOT_PUSHED),
];
const NOT_WRITTEN: &str = "it is nothing that can be written";
const NOT_PUSHED: &str = "a push writes title and body alone";

fn ignored(plain: &str) -> Option<&'static str> {
    let known = IGNORED.iter().find(|(name, _)| *name == plain);
    known.map(|(_, why)| *why)
}

/// `Contact ID` and `contact-id` are `contact_id`.
fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '-'], "_")
}

impl Places {
    /// Learns columns that came up since.
    fn learn(&mut self, thing: Thing, names: &[String]) -> Result<(), CliError> {
        for name in &names[self.0.len().min(names.len())..] {
            let plain = plain(name);
            // As exports of the same things call them.
            let plain = match (plain.as_str(), thing) {
                ("ghl_id", _) => "contact_id",
                ("id", Thing::Tags) => "contact_id",
                ("id", Thing::Notes) => "note_id",
                ("id", Thing::Tasks) => "task_id",
                ("due_date", _) => "due",
                (other, _) => other,
            };
            let known = thing.columns();
            match known.iter().find(|column| **column == plain) {
                Some(column) if self.0.contains(&Some(*column)) => {
                    return Err(CliError::usage(format!(
                        "the column `{name}` means the same as another one; keep one of them"
                    )));
                }
                Some(column) => self.0.push(Some(*column)),
                None if ignored(plain).is_some() => self.0.push(None),
                None => {
                    return Err(CliError::usage(format!(
                        "there is no column `{name}` in {}{}",
                        thing.command(),
                        suggestion(plain, known)
                    ))
                    .hint(format!("it takes {}", known.join(", "))));
                }
            }
        }
        Ok(())
    }

    /// Some column must say whose the rows are.
    fn must_address(&self, thing: Thing) -> Result<(), CliError> {
        let addresses = |column: &Option<&str>| matches!(column, Some("contact_id" | "email"));
        if self.0.iter().any(addresses) {
            return Ok(());
        }
        Err(
            CliError::usage("there is neither a column `contact_id` nor a column `email`")
                .hint(format!("it takes {}", thing.columns().join(", "))),
        )
    }

    fn cell<'k>(&self, row: &'k Kept, column: &str) -> Option<&'k Kind> {
        let at = self.0.iter().position(|known| *known == Some(column))?;
        row.cell(at)
    }

    fn text(&self, row: &Kept, column: &str) -> Option<String> {
        let text = self.cell(row, column)?.text();
        (!text.trim().is_empty()).then_some(text)
    }
}

type Bad = (&'static str, String);

/// What a row asks for.
fn order(thing: Thing, places: &Places, row: &Kept, now: Timestamp) -> Result<Order, Bad> {
    let lacks = |column: &str| ("invalid_value", format!("there is no `{column}`"));
    let trimmed = |column: &str| places.text(row, column).map(|text| text.trim().to_owned());
    let who = match (trimmed("contact_id"), trimmed("email")) {
        (Some(id), _) => Who::Id(id),
        (None, Some(email)) => Who::Email(email_key(&email).unwrap_or_default()),
        (None, None) => {
            let why = "there is neither `contact_id` nor `email`".to_owned();
            return Err(("no_email", why));
        }
    };
    let op = trimmed("op").unwrap_or_else(|| "add".to_owned());
    if !thing.ops().contains(&op.as_str()) {
        let known = thing.ops().join(", ");
        return Err(("unknown_op", format!("`op` is `{op}`; known are {known}")));
    }
    let ask = match thing {
        Thing::Tags => {
            let tags: Vec<String> = places
                .cell(row, "tags")
                .map(Kind::items)
                .unwrap_or_default()
                .into_iter()
                .map(|tag| tag.to_lowercase())
                .collect();
            match op.as_str() {
                // Nothing to set means to take all away: that has to be said by more than a gap.
                _ if tags.is_empty() => return Err(lacks("tags")),
                "remove" => Ask::RemoveTags(tags),
                "set" => Ask::SetTags(tags),
                _ => Ask::AddTags(tags),
            }
        }
        Thing::Notes => {
            let id = || trimmed("note_id").ok_or_else(|| lacks("note_id"));
            let draft = NoteDraft {
                title: places.text(row, "title"),
                body: places.text(row, "body"),
                ..NoteDraft::default()
            };
            Ask::Note(match op.as_str() {
                "delete" => Wish::Delete(id()?),
                "update" if draft == NoteDraft::default() => return Err(lacks("body")),
                "update" => Wish::Edit(id()?, draft),
                _ if draft.body.is_none() => return Err(lacks("body")),
                _ => Wish::Add(draft),
            })
        }
        Thing::Tasks => {
            let id = || trimmed("task_id").ok_or_else(|| lacks("task_id"));
            let due = trimmed("due").map(|text| moment(&text, now)).transpose();
            let draft = TaskDraft {
                title: places.text(row, "title"),
                body: places.text(row, "body"),
                assigned_to: trimmed("assigned_to"),
                due: due.map_err(|why| ("invalid_value", why))?,
                completed: None,
            };
            let done = |completed: bool| TaskDraft {
                completed: Some(completed),
                ..TaskDraft::default()
            };
            Ask::Task(match op.as_str() {
                "delete" => Wish::Delete(id()?),
                "complete" => Wish::Edit(id()?, done(true)),
                "reopen" => Wish::Edit(id()?, done(false)),
                "update" if draft == TaskDraft::default() => return Err(lacks("title")),
                "update" => Wish::Edit(id()?, draft),
                _ if draft.title.is_none() => return Err(lacks("title")),
                _ if draft.due.is_none() => return Err(lacks("due")),
                _ => Wish::Add(draft),
            })
        }
    };
    Ok(Order {
        row: row.number,
        who,
        ask,
        relative: trimmed("due").is_some_and(|due| due.starts_with('+')),
    })
}

/// A time, a date (its beginning in UTC), or `+2d` from now, cut to full minutes so that the same
/// file asks for the same within one.
fn moment(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    if let Some(span) = text.strip_prefix('+') {
        let span = super::super::context::duration(span)?;
        let span = SignedDuration::try_from(span).map_err(|e| e.to_string())?;
        let at = now.as_second() - now.as_second().rem_euclid(60);
        let start = Timestamp::from_second(at).map_err(|e| e.to_string())?;
        return start.checked_add(span).map_err(|e| e.to_string());
    }
    super::super::context::moment(text).ok_or_else(|| {
        "`due` is no time such as 2026-12-01T09:00:00Z, no date and no span such as +2d".to_owned()
    })
}

fn push(context: &Context, thing: Thing, args: &FileArgs) -> Result<Exit, CliError> {
    let profile = context.load_profile()?;
    let files = args.outputs()?;
    let rows = args.open()?;
    watch_signals(&context.stop);
    let mut places = Places::default();
    if !rows.columns().is_empty() {
        // A header says it all; keys of JSON come up row by row.
        places
            .learn(thing, rows.columns())
            .and_then(|()| places.must_address(thing))
            .map_err(|e| args.named(e))?;
    }
    let now = Timestamp::from_millisecond(context.now()).unwrap_or_default();
    let mut deletes = 0;
    let filled = Spool::fill(
        rows,
        &mut |names, row| {
            places.learn(thing, names).map_err(Refusal::File)?;
            let order =
                order(thing, &places, row, now).map_err(|(word, why)| Refusal::Row(word, why))?;
            deletes += u64::from(order.ask.deletes());
            Ok(())
        },
        |count| reading(context, count),
    );
    let spool = filled.map_err(|e| args.named(e))?;
    places
        .learn(thing, &spool.columns)
        .and_then(|()| places.must_address(thing))
        .map_err(|e| args.named(e))?;
    for name in &spool.columns {
        if let Some(why) = ignored(&plain(name)) {
            context
                .ui
                .info(&format!("column {name} is left out: {why}"));
        }
    }
    let braked = brake(context, thing, deletes);
    let mut ghl = context.ghl(&profile)?;
    ghl.require_consent(false);
    let bars = Bars::new(&context.ui);
    let keep_ids = args.report.is_some();
    let verdicts = Verdicts::new(bars, Side::Bigmailer, spool.rows, keep_ids);
    let mut account = Account::new(&spool, &verdicts);
    let mut examples = Examples::new(context);
    let mut part = Vec::with_capacity(PART);
    let worker = Worker {
        ghl: &ghl,
        dry_run: args.dry_run,
    };
    let mut carry = |part: &mut Vec<Order>| -> Result<(), CliError> {
        if let Some(why) = context.stop.asked() {
            return Err(CliError::stopped(why));
        }
        worker.carry_out(std::mem::take(part), &mut |verdict| {
            verdicts.tell(verdict.row, verdict.word, verdict.contact.as_deref());
            if let Some(why) = verdict.why {
                account.reasons.insert(verdict.row, why);
            }
            if let Some(would) = verdict.would {
                examples.add(|| format!("row {}: {would}", verdict.row));
            }
        })
    };
    // What a brake stops is planned all the same where that is all that was asked for.
    let (mut end, braked) = match args.dry_run {
        true => (Ok(()), braked),
        false => (braked, Ok(())),
    };
    let read = spool.read(|row| {
        if row.reject.is_some() || end.is_err() {
            return Ok(());
        }
        if let Ok(order) = order(thing, &places, &row, now) {
            part.push(order);
        }
        if part.len() == PART {
            end = carry(&mut part);
        }
        Ok(())
    });
    if end.is_ok() {
        read?;
        end = carry(&mut part);
    }
    let (counts, written) = account.close(files)?;
    let end = end.and(braked).and(written);
    let exit = match &end {
        Ok(()) => counts.exit(),
        Err(error) => error.exit,
    };
    let told = Told {
        command: thing.command(),
        side: Side::Ghl,
        profile: &profile.name,
        dry_run: args.dry_run,
        exit,
        counts: &counts,
        calls: ghl.calls(),
        examples: examples.lines(),
    };
    told.print(context, &account)?;
    end.map(|()| exit)
}

/// More deletions than are always allowed stop before anything is written.
fn brake(context: &Context, thing: Thing, deletes: u64) -> Result<(), CliError> {
    if deletes <= ALWAYS_ALLOWED || context.globals.yes {
        return Ok(());
    }
    Err(CliError::new(
        Exit::Brake,
        "brake",
        format!(
            "the file would delete {deletes} {}, more than the {ALWAYS_ALLOWED} that are always \
             allowed; nothing was written",
            thing.command().trim_start_matches("push ")
        ),
    )
    .hint("look at the rows with op=delete; if they are right, `--yes` lets this push pass"))
}

impl Ask {
    fn deletes(&self) -> bool {
        matches!(
            self,
            Ask::Note(Wish::Delete(_)) | Ask::Task(Wish::Delete(_))
        )
    }
}

impl Verdict {
    fn new(row: u64, contact: &str, word: &'static str) -> Verdict {
        Verdict {
            row,
            word,
            why: None,
            contact: Some(contact.to_owned()),
            would: None,
        }
    }

    fn because(row: u64, word: &'static str, reason: &str, message: impl Into<String>) -> Verdict {
        Verdict {
            row,
            word,
            why: Some((reason.to_owned(), message.into())),
            contact: None,
            would: None,
        }
    }
}

/// Carries orders out.
struct Worker<'a> {
    ghl: &'a Ghl,
    dry_run: bool,
}

impl Worker<'_> {
    /// Carries out a part of the file and tells what became of each row.
    fn carry_out(&self, orders: Vec<Order>, tell: &mut dyn FnMut(Verdict)) -> Result<(), CliError> {
        let ids = self.find(&orders, tell)?;
        let mut by_contact: Contacts = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for order in orders {
            let Some(id) = ids.get(&order.who) else {
                continue;
            };
            let place = *places.entry(id.clone()).or_insert_with(|| {
                by_contact.push((id.clone(), Vec::new()));
                by_contact.len() - 1
            });
            by_contact[place].1.push(order);
        }
        let singles = self.tag_in_bulk(by_contact, tell)?;
        let outcome = in_order(
            singles.len(),
            THREADS,
            |at| {
                let (id, orders) = &singles[at];
                Ok::<_, RemoteError>(self.of_contact(id, orders))
            },
            |_, (verdicts, fatal)| {
                verdicts.into_iter().for_each(&mut *tell);
                match fatal {
                    Some(error) => Err(error),
                    None => Ok(ControlFlow::Continue(())),
                }
            },
        );
        outcome.map(|_| ()).map_err(CliError::from)
    }

    /// The contacts' ids. Rows about nobody get their verdict here.
    fn find(
        &self,
        orders: &[Order],
        tell: &mut dyn FnMut(Verdict),
    ) -> Result<BTreeMap<Who, String>, CliError> {
        let mut ids = BTreeMap::new();
        let mut unknown: Vec<&str> = Vec::new();
        for order in orders {
            match &order.who {
                Who::Id(id) => _ = ids.insert(order.who.clone(), id.clone()),
                Who::Email(email) if !unknown.contains(&email.as_str()) => unknown.push(email),
                Who::Email(_) => {}
            }
        }
        let outcome = in_order(
            unknown.len(),
            THREADS,
            |at| self.ghl.get(Key::Email(unknown[at])),
            |at, found| {
                if let Some(contact) = found {
                    ids.insert(Who::Email(unknown[at].to_owned()), contact.id);
                }
                Ok(ControlFlow::Continue(()))
            },
        );
        let _ = outcome.map_err(CliError::from)?;
        for order in orders.iter().filter(|order| !ids.contains_key(&order.who)) {
            let message = "HighLevel has no contact with this address";
            tell(Verdict::because(order.row, "failed", "not_found", message));
        }
        Ok(ids)
    }

    /// Gives contacts with one row and the same change to bulk calls; returns the others.
    fn tag_in_bulk(
        &self,
        by_contact: Contacts,
        tell: &mut dyn FnMut(Verdict),
    ) -> Result<Contacts, CliError> {
        // By whether tags are added, and which.
        let mut same: BTreeMap<(bool, Vec<String>), Contacts> = BTreeMap::new();
        let mut singles = Vec::new();
        for (id, orders) in by_contact {
            let key = match &orders[..] {
                [order] if !self.dry_run => match &order.ask {
                    Ask::AddTags(tags) => Some((true, tags.clone())),
                    Ask::RemoveTags(tags) => Some((false, tags.clone())),
                    _ => None,
                },
                _ => None,
            };
            match key {
                Some(key) => same.entry(key).or_default().push((id, orders)),
                None => singles.push((id, orders)),
            }
        }
        for ((adds, tags), group) in same {
            if group.len() < BULK_FROM {
                singles.extend(group);
                continue;
            }
            let op = if adds { TagOp::Add } else { TagOp::Remove };
            let ids: Vec<String> = group.iter().map(|(id, _)| id.clone()).collect();
            let told = self.ghl.bulk_tags(op, &ids, &tags)?;
            let mut told: HashMap<String, BulkOutcome> =
                told.into_iter().map(|one| (one.id, one.outcome)).collect();
            for (id, orders) in group {
                let row = orders[0].row;
                match told.remove(&id) {
                    Some(BulkOutcome::Done) => tell(Verdict::new(row, &id, "updated")),
                    Some(BulkOutcome::Gone) => {
                        tell(Verdict::because(row, "failed", "not_found", NO_CONTACT));
                    }
                    Some(BulkOutcome::Refused(words)) => {
                        tell(Verdict::because(row, "failed", "rejected", words));
                    }
                    // Nothing is believed that was not said.
                    Some(BulkOutcome::Unsaid) | None => singles.push((id, orders)),
                }
            }
        }
        Ok(singles)
    }

    /// Carries out the rows about one contact, in their order. An error that concerns more than this
    /// contact ends it.
    fn of_contact(&self, id: &str, orders: &[Order]) -> (Vec<Verdict>, Option<RemoteError>) {
        let mut verdicts = Vec::with_capacity(orders.len());
        for order in orders {
            let outcome = match &order.ask {
                Ask::AddTags(tags) => self.tag(id, order.row, TagOp::Add, tags),
                Ask::RemoveTags(tags) => self.tag(id, order.row, TagOp::Remove, tags),
                Ask::SetTags(tags) => self.set_tags(id, order.row, tags),
                Ask::Note(wish) => self.note(id, order.row, wish),
                Ask::Task(wish) => self.task(id, order, wish),
            };
            match outcome {
                Ok(verdict) => verdicts.push(verdict),
                Err(error) => match error.kind {
                    RemoteErrorKind::Gone => {
                        let verdict =
                            Verdict::because(order.row, "failed", "not_found", NO_CONTACT);
                        verdicts.push(verdict);
                    }
                    RemoteErrorKind::Rejected | RemoteErrorKind::Taken => {
                        let reason = error.code.as_deref().unwrap_or("rejected");
                        let verdict =
                            Verdict::because(order.row, "failed", reason, error.message.clone());
                        verdicts.push(verdict);
                    }
                    RemoteErrorKind::Unclear => {
                        let message = "the answer was lost, and looking did not tell";
                        verdicts.push(Verdict::because(order.row, "failed", "unclear", message));
                    }
                    _ => return (verdicts, Some(error)),
                },
            }
        }
        (verdicts, None)
    }

    fn would(&self, id: &str, row: u64, word: &'static str, what: String) -> Verdict {
        Verdict {
            would: Some(what),
            ..Verdict::new(row, id, word)
        }
    }

    fn tag(&self, id: &str, row: u64, op: TagOp, tags: &[String]) -> Result<Verdict, RemoteError> {
        let word = if op == TagOp::Add { "add" } else { "remove" };
        if self.dry_run {
            let what = format!("{word} {} at {id}", tags.join(" "));
            return Ok(self.would(id, row, "updated", what));
        }
        match op {
            TagOp::Add => self.ghl.add_tags(id, tags)?,
            TagOp::Remove => self.ghl.remove_tags(id, tags)?,
        }
        Ok(Verdict::new(row, id, "updated"))
    }

    fn set_tags(&self, id: &str, row: u64, tags: &[String]) -> Result<Verdict, RemoteError> {
        let Some(contact) = self.ghl.get(Key::Id(id))? else {
            return Ok(Verdict::because(row, "failed", "not_found", NO_CONTACT));
        };
        let (add, remove) = related::retag(tags, &contact.groups);
        if add.is_empty() && remove.is_empty() {
            return Ok(Verdict::new(row, id, "unchanged"));
        }
        if self.dry_run {
            let mut what = Vec::new();
            for (word, tags) in [("add", &add), ("remove", &remove)] {
                if !tags.is_empty() {
                    what.push(format!("{word} {}", tags.join(" ")));
                }
            }
            let what = format!("{} at {id}", what.join(", "));
            return Ok(self.would(id, row, "updated", what));
        }
        if !add.is_empty() {
            self.ghl.add_tags(id, &add)?;
        }
        if !remove.is_empty() {
            self.ghl.remove_tags(id, &remove)?;
        }
        Ok(Verdict::new(row, id, "updated"))
    }

    fn note(&self, id: &str, row: u64, wish: &Wish<NoteDraft>) -> Result<Verdict, RemoteError> {
        let look = || Ok(related::note(wish, &self.ghl.notes(id)?));
        self.settle(
            row,
            id,
            "note",
            look()?,
            || match wish {
                Wish::Add(draft) => self.ghl.create_note(id, draft).map(drop),
                Wish::Edit(note, draft) => self.ghl.edit_note(id, note, draft).map(drop),
                Wish::Delete(note) => self.ghl.delete_note(id, note),
            },
            look,
        )
    }

    fn task(
        &self,
        id: &str,
        order: &Order,
        wish: &Wish<TaskDraft>,
    ) -> Result<Verdict, RemoteError> {
        let meant = match wish {
            Wish::Add(draft) if order.relative => Wish::Add(TaskDraft {
                due: None,
                ..draft.clone()
            }),
            wish => wish.clone(),
        };
        let look = || Ok(related::task(&meant, &self.ghl.tasks(id)?));
        self.settle(
            order.row,
            id,
            "task",
            look()?,
            || match wish {
                Wish::Add(draft) => self.ghl.create_task(id, draft).map(drop),
                Wish::Edit(task, draft) => match draft.completed {
                    Some(completed) => self.ghl.complete_task(id, task, completed).map(drop),
                    None => self.ghl.edit_task(id, task, draft).map(drop),
                },
                Wish::Delete(task) => self.ghl.delete_task(id, task),
            },
            look,
        )
    }

    /// Does what a wish calls for. Where the answer was lost, looking again tells whether it
    /// happened; if it did not, it is tried once more.
    fn settle(
        &self,
        row: u64,
        id: &str,
        noun: &str,
        deed: Deed,
        act: impl Fn() -> Result<(), RemoteError>,
        look: impl Fn() -> Result<Deed, RemoteError>,
    ) -> Result<Verdict, RemoteError> {
        let (word, verb) = match deed {
            Deed::Nothing => return Ok(Verdict::new(row, id, "unchanged")),
            Deed::Missing => {
                let message = format!("the contact has no such {noun}");
                return Ok(Verdict::because(row, "failed", "not_found", message));
            }
            Deed::Create => ("created", "add"),
            Deed::Edit => ("updated", "update"),
            Deed::Delete => ("deleted", "delete"),
        };
        if self.dry_run {
            let what = format!("{verb} a {noun} of {id}");
            return Ok(self.would(id, row, word, what));
        }
        let lost = |result: &Result<(), RemoteError>| matches!(result, Err(e) if e.kind == RemoteErrorKind::Unclear);
        let mut result = act();
        if lost(&result) {
            result = match look()? {
                Deed::Nothing => Ok(()),
                _ => act(),
            };
        }
        if lost(&result) && look()? == Deed::Nothing {
            result = Ok(());
        }
        result.map(|()| Verdict::new(row, id, word))
    }
}

const NO_CONTACT: &str = "HighLevel has no contact with this id";

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(cells: &[(usize, &str)]) -> Kept {
        Kept {
            number: 1,
            line: 2,
            cells: cells
                .iter()
                .map(|(at, text)| (*at, Kind::Text((*text).to_owned())))
                .collect(),
            ..Kept::default()
        }
    }

    fn ask(thing: Thing, names: &[&str], cells: &[&str]) -> Result<Ask, String> {
        let mut places = Places::default();
        let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
        places.learn(thing, &names).map_err(|e| e.message)?;
        let cells: Vec<(usize, &str)> = cells
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, text)| !text.is_empty())
            .collect();
        let now: Timestamp = "2026-11-26T10:00:30Z".parse().unwrap();
        order(thing, &places, &kept(&cells), now)
            .map(|order| order.ask)
            .map_err(|(word, why)| format!("{word}: {why}"))
    }

    #[test]
    fn rows_about_tags_are_understood() {
        let names = ["email", "op", "Tags"];
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let table = [
            (
                ["a@x.de", "", "VIP; b "],
                Ok(Ask::AddTags(words(&["vip", "b"]))),
            ),
            (
                ["a@x.de", "remove", "b"],
                Ok(Ask::RemoveTags(words(&["b"]))),
            ),
            (["a@x.de", "set", "b"], Ok(Ask::SetTags(words(&["b"])))),
            (["a@x.de", "set", ""], Err("no `tags`")),
            (["a@x.de", "ad", "b"], Err("known are add, remove, set")),
            (["", "add", "b"], Err("neither `contact_id` nor `email`")),
        ];
        for (cells, expected) in table {
            match (ask(Thing::Tags, &names, &cells), expected) {
                (Ok(ask), Ok(expected)) => assert_eq!(ask, expected),
                (Err(said), Err(words)) => assert!(said.contains(words), "{said}"),
                (got, expected) => panic!("{cells:?}: {got:?}, not {expected:?}"),
            }
        }
        let said = ask(Thing::Tags, &["email", "tagz"], &[]).unwrap_err();
        assert!(said.contains("tags"), "{said}");
        assert!(ask(Thing::Tags, &["id", "contact_id"], &[]).is_err());
    }

    #[test]
    fn rows_about_notes_and_tasks_say_what_they_lack() {
        let notes = ["contact_id", "op", "note_id", "title", "body"];
        for (cells, words) in [
            (["c", "", "", "T", ""], "no `body`"),
            (["c", "update", "", "", "x"], "no `note_id`"),
            (["c", "update", "n", "", ""], "no `body`"),
            (["c", "delete", "", "", ""], "no `note_id`"),
        ] {
            let said = ask(Thing::Notes, &notes, &cells).unwrap_err();
            assert!(said.contains(words), "{said}");
        }
        let tasks = ["contact_id", "op", "task_id", "title", "due"];
        for (cells, words) in [
            (["c", "", "", "", "2026-12-01"], "no `title`"),
            (["c", "", "", "T", ""], "no `due`"),
            (["c", "", "", "T", "soon"], "+2d"),
            (["c", "", "", "T", "2026-12-01T09:00"], "+2d"),
            (["c", "complete", "", "", ""], "no `task_id`"),
        ] {
            let said = ask(Thing::Tasks, &tasks, &cells).unwrap_err();
            assert!(said.contains(words), "{said}");
        }
        let due = |text: &str| match ask(Thing::Tasks, &tasks, &["c", "", "", "T", text]) {
            Ok(Ask::Task(Wish::Add(draft))) => draft.due.unwrap().to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(due("2026-12-01"), "2026-12-01T00:00:00Z");
        assert_eq!(due("2026-12-01T09:00:00+01:00"), "2026-12-01T08:00:00Z");
        assert_eq!(due("+2d"), "2026-11-28T10:00:00Z");
    }
}
