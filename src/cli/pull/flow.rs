//! Rows on their way out: the limit, the progress, where it stands, how it ends.
//!
//! Knows neither which service the rows come from nor what they hold. Start reading at [`run`].

use std::ops::ControlFlow;
use std::path::PathBuf;

use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::export::{Format, Key, Shape, Target, Unfit, next_record, record};
use crate::ui;

use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::output::{self, Long, Noun, Output};

/// Lines are passed on after so many, for readers that wait for them.
const LINES_TOGETHER: u64 = 1_000;

/// What a step of an export comes to: `Break` when no more rows are wanted.
pub type Step = Result<ControlFlow<()>, CliError>;

/// Where an interrupted export stood.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Place {
    rows: u64,
    /// The last thing that is completely written.
    after: Option<Key>,
    /// What `--since` meant when the export began, milliseconds since 1970.
    since: Option<i64>,
    /// Rows are only collected yet, because they come in any order.
    collected: Option<Collected>,
}

/// How far rows are collected.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Collected {
    /// How many came, repeated ones included.
    pub count: u64,
    /// Where the listing goes on; `None` at its end.
    pub next: Option<String>,
}

/// An export under way.
pub struct Flow<'a> {
    pub context: &'a Context,
    pub shape: Shape,
    noun: Noun,
    target: Target,
    path: Option<PathBuf>,
    place: Place,
    limit: Option<u64>,
    /// Something was written since the last mark.
    unmarked: bool,
    begun: bool,
    bar: ProgressBar,
}

/// What an export is of and how it is to be.
pub struct Plan<'a> {
    pub noun: Noun,
    pub shape: Shape,
    pub output: &'a Output,
    pub long: &'a Long,
    /// Whatever decides about the rows beside the flags of shape; only an export with the same can
    /// be gone on with.
    pub recipe: Value,
    /// What `--since` means now.
    pub since: Option<i64>,
}

/// Exports what `work` writes, from where an earlier command stood if that is asked for.
pub fn run<'a>(
    context: &'a Context,
    plan: Plan<'_>,
    work: impl FnOnce(&mut Flow<'a>) -> Result<(), CliError>,
) -> Result<Exit, CliError> {
    let mut flow = Flow::begin(context, plan)?;
    let worked = if flow.is_full() {
        Ok(())
    } else {
        work(&mut flow)
    };
    flow.bar.finish_and_clear();
    match worked.and_then(|()| flow.finish()) {
        Ok(()) => flow.tell(),
        Err(error) => Err(flow.fail(error)),
    }
}

impl Place {
    /// How many rows a later command does not have to fetch again.
    fn count(&self) -> u64 {
        match &self.collected {
            Some(collected) => collected.count,
            None => self.rows,
        }
    }
}

impl<'a> Flow<'a> {
    fn begin(context: &'a Context, plan: Plan<'_>) -> Result<Flow<'a>, CliError> {
        let Plan {
            noun,
            shape,
            output,
            long,
            recipe,
            since,
        } = plan;
        let recipe = json!({
            "version": env!("CARGO_PKG_VERSION"), "command": noun.command, "of": recipe, "fields": shape.columns(),
            "format": shape.format().as_str(), "excel": output.excel, "limit": long.limit,
        });
        let mut target = output.target(context, recipe, long.resume)?;
        let place = target
            .found()
            .and_then(Result::ok)
            .map(|mark| serde_json::from_value::<Place>(mark.place.clone()));
        if matches!(place, Some(Err(_))) {
            target.refuse_found();
        }
        let place = place.and_then(Result::ok);
        let path = output.file().map(ToOwned::to_owned);
        if let (Some(found), Some(path)) = (target.found(), &path) {
            let path = path.display();
            context.ui.info(&match (found, &place) {
                (Ok(_), Some(place)) => {
                    format!("going on with {path} after {} {}", place.count(), noun.many)
                }
                (Err(Unfit::Missing), _) => {
                    format!("nothing to resume for {path}; starting from the beginning")
                }
                (Err(Unfit::Other(what)), _) => format!(
                    "the unfinished {path} was made with another {}; starting from the beginning",
                    words_of(what)
                ),
                _ => format!("the unfinished {path} is damaged; starting from the beginning"),
            });
        } else if target.replaces_unfinished()
            && let Some(path) = &path
        {
            context.ui.info(&format!(
                "an unfinished {} is replaced (--resume would have gone on with it)",
                path.display()
            ));
        }
        let bar = context.ui.bar_to_be(&format!("Pulling {}", noun.many));
        Ok(Flow {
            context,
            shape,
            noun,
            target,
            path,
            begun: place
                .as_ref()
                .is_some_and(|place| place.collected.is_none()),
            place: place.unwrap_or(Place {
                since,
                ..Place::default()
            }),
            limit: long.limit,
            unmarked: false,
            bar,
        })
    }

    /// The last thing that an earlier command has written.
    pub fn after(&self) -> Option<&Key> {
        self.place.after.as_ref()
    }

    /// What `--since` means: what it meant when the export began.
    pub fn since(&self) -> Option<i64> {
        self.place.since
    }

    /// The limit is reached.
    pub fn is_full(&self) -> bool {
        self.left() == 0
    }

    /// How many rows are written.
    pub fn rows(&self) -> u64 {
        self.place.rows
    }

    /// How many rows may still come.
    pub fn left(&self) -> u64 {
        self.limit
            .map_or(u64::MAX, |limit| limit.saturating_sub(self.place.rows))
    }

    /// Writes the rows of one thing, whose place in the order is `key`.
    pub fn take(&mut self, key: Key, rows: impl IntoIterator<Item = Vec<u8>>) -> Step {
        self.head()?;
        for row in rows {
            if self.is_full() {
                break;
            }
            self.target.write(self.shape.before(self.place.rows))?;
            self.target.write(&row)?;
            self.place.rows += 1;
            if self.shape.format() == Format::Ndjson
                && self.place.rows.is_multiple_of(LINES_TOGETHER)
            {
                self.target.pass_on()?;
            }
        }
        self.unmarked = true;
        if self.is_full() {
            return Ok(ControlFlow::Break(()));
        }
        self.place.after = Some(key);
        let place = &self.place;
        self.target.mark_if_due(|| json!(place))?;
        Ok(ControlFlow::Continue(()))
    }

    /// What an earlier command has collected; its rows go to `take`.
    pub fn collected(
        &mut self,
        mut take: impl FnMut(Key, Vec<u8>) -> Result<(), CliError>,
    ) -> Result<Option<Collected>, CliError> {
        if self.place.collected.is_some() {
            let mut material = self.target.read_back()?;
            while let Some((key, row)) = next_record(&mut material)? {
                take(key, row)?;
            }
        }
        Ok(self.place.collected.clone())
    }

    /// What was collected is of no use after all.
    pub fn forget_collected(&mut self) -> Result<(), CliError> {
        self.place.collected = None;
        self.unmarked = false;
        Ok(self.target.restart()?)
    }

    /// Keeps a page of rows that come in any order, for a later command; a pipe keeps nothing.
    pub fn collect<'r>(
        &mut self,
        rows: impl IntoIterator<Item = (&'r Key, &'r [u8])>,
        next: Option<String>,
    ) -> Result<(), CliError> {
        if !self.target.is_file() {
            return Ok(());
        }
        let collected = self.place.collected.get_or_insert_default();
        for (key, row) in rows {
            self.target.write(&record(key, row))?;
            collected.count += 1;
        }
        collected.next = next;
        self.unmarked = true;
        let place = &self.place;
        Ok(self.target.mark_if_due(|| json!(place))?)
    }

    /// Everything is collected: from now on the rows are written, in order.
    pub fn turn(&mut self) -> Result<(), CliError> {
        if self.place.collected.is_some() {
            self.target.mark(json!(self.place))?;
            self.target.turn()?;
        }
        Ok(())
    }

    /// Remembers where it stands: while nothing comes, or after what took many calls.
    pub fn remember(&mut self) -> Result<(), CliError> {
        self.check_stop()?;
        if self.unmarked {
            self.unmarked = false;
            self.target.mark(json!(self.place))?;
        }
        Ok(())
    }

    /// # Errors
    /// That of a request to end, once there is one.
    pub fn check_stop(&self) -> Result<(), CliError> {
        match self.context.stop.asked() {
            Some(_) => Err(CliError::stop_asked()),
            None => Ok(()),
        }
    }

    /// Shows how far it is: of so many things, so many are done.
    pub fn progress(&self, things: &str, done: u64, total: Option<u64>) {
        let total = match things == self.noun.many {
            true => total.map(|total| self.limit.map_or(total, |limit| limit.min(total))),
            false => total,
        };
        if self.bar.length() == Some(0) {
            ui::measure(&self.bar);
        }
        self.bar.set_length(total.unwrap_or(done).max(done));
        self.bar.set_position(done);
        let step = ui::Step {
            phase: "pulling",
            side: None,
            done,
            total,
        };
        self.context.ui.progress(step, || {
            let of = total.map(|n| format!(" of about {n}")).unwrap_or_default();
            let written = match things == self.noun.many {
                true => String::new(),
                false => format!(", {} {} written", self.place.rows, self.noun.many),
            };
            format!("{done}{of} {things}{written}")
        });
    }

    fn head(&mut self) -> Result<(), CliError> {
        if !self.begun {
            self.begun = true;
            self.target.write(&self.shape.head())?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), CliError> {
        self.head()?;
        // What ends the file belongs to no mark: rows could not follow it.
        self.unmarked = false;
        self.target.write(&self.shape.tail(self.place.rows))?;
        Ok(self.target.finish()?)
    }

    fn tell(&self) -> Result<Exit, CliError> {
        if let Some(path) = &self.path {
            output::tell(self.context, self.noun, path, self.place.rows)?;
        }
        Ok(Exit::Done)
    }

    /// Keeps what can be gone on with, and says so.
    fn fail(mut self, error: CliError) -> CliError {
        if error.quiet {
            return error;
        }
        if self.unmarked {
            // Where this fails, the mark before still tells the truth.
            let _ = self.target.mark(json!(self.place));
        }
        let kept = self.target.can_be_resumed();
        let why = self.context.stop.asked();
        let (rows, many) = (self.place.count(), self.noun.many);
        self.target.abandon();
        let mut error = error;
        if error.is_stop()
            && let Some(why) = why
        {
            let message = match kept {
                true => format!("interrupted after {rows} {many}"),
                false => "interrupted before the export was complete".to_owned(),
            };
            error = CliError::new(Exit::of_stop(why), "interrupted", message);
        }
        let way_on = kept.then(|| {
            format!("the same command with --resume goes on after the {rows} {many} that are kept")
        });
        error.going_on(way_on)
    }
}

/// A member of a recipe, as a user knows it.
fn words_of(member: &str) -> &str {
    match member {
        "of" => "source or filter",
        "command" => "command",
        "version" => "version of ghl-bm",
        "fields" => "set of columns",
        "format" => "--format",
        "excel" => "--excel",
        "limit" => "--limit",
        _ => "set of options",
    }
}
