//! `ghl-bm pull tasks`, `notes`, `appointments`, `opportunities`: what hangs on contacts, of some
//! contacts or of all. Start reading at [`run_tasks`].

use std::cell::RefCell;
use std::ops::ControlFlow;

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::api::ghl::{Ghl, Search, TaskSearch};
use crate::contact::Side;
use crate::export::{Format, Key, Sorter};
use crate::mapping::Profile;
use crate::mapping::nearest::suggestion;

use super::super::context::{Context, watch_signals};
use super::super::error::{CliError, Exit};
use super::contact;
use super::cost;
use super::feed::{Arrival, CHUNK, Item, Source, Steps, feed};
use super::fetch::{Fetcher, Filter, missing};
use super::flow::{self, Flow, Plan, Step};
use super::output::{Columns, Long, Output, list_fields};
use super::things::{self, Kind, Thing};

/// Whose things, and from where.
#[derive(Debug, Args)]
struct Of {
    /// Of these contacts, by id or e-mail address, in this order
    #[arg(long = "contact", value_name = "ID", num_args = 1.., conflicts_with = "all", value_parser = crate::cli::given)]
    contacts: Vec<String>,
    /// Of all contacts
    #[arg(long)]
    all: bool,
    /// Which service to read; only HighLevel has these
    #[arg(long, value_name = "SIDE", default_value = "ghl")]
    from: Side,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    long: Long,
}

/// Export tasks of HighLevel contacts
///
/// With --all ordered by due date, then id; a hundred tasks take about one call.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm pull tasks --all -o tasks.csv
  ghl-bm pull tasks --all --completed false --format ndjson
  ghl-bm pull tasks --contact ada@example.com eiMFja1cd2526IpYRQKG
  ghl-bm pull tasks --fields                       list the fields")]
pub struct TasksArgs {
    #[command(flatten)]
    of: Of,
    /// Only the task with this id, of the one contact that --contact names
    #[arg(long, value_name = "TASK", conflicts_with_all = ["all", "completed"])]
    id: Option<String>,
    /// Only tasks that are done, or only those that are not
    #[arg(long, value_name = "true|false")]
    completed: Option<bool>,
}

/// Export notes of HighLevel contacts
///
/// Contact by contact, and those of one contact by date, then id. HighLevel gives notes only
/// contact by contact, so --all takes a call for each contact of the location.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm pull notes --contact ada@example.com
  ghl-bm pull notes --all -o notes.csv
  ghl-bm pull notes --all -o notes.csv --resume    after an interruption
  ghl-bm pull notes --fields                       list the fields")]
pub struct NotesArgs {
    #[command(flatten)]
    of: Of,
    /// Only the note with this id, of the one contact that --contact names
    #[arg(long, value_name = "NOTE", conflicts_with = "all")]
    id: Option<String>,
}

/// Export appointments of HighLevel contacts
///
/// Contact by contact, and those of one contact by start, then id. HighLevel gives appointments
/// only contact by contact, so --all takes a call for each contact of the location. Times are in
/// UTC; those that HighLevel tells without a zone are taken for the location's.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm pull appointments --contact ada@example.com
  ghl-bm pull appointments --all --format ndjson -o appointments.ndjson
  ghl-bm pull appointments --fields                list the fields")]
pub struct AppointmentsArgs {
    #[command(flatten)]
    of: Of,
}

/// Export opportunities of HighLevel contacts
///
/// With --all ordered by creation, then id; a hundred opportunities take one call.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm pull opportunities --all --status won -o won.csv
  ghl-bm pull opportunities --all --pipeline Sales --fields id,name,stage,value
  ghl-bm pull opportunities --contact ada@example.com --format json
  ghl-bm pull opportunities --fields               list the fields")]
pub struct OpportunitiesArgs {
    #[command(flatten)]
    of: Of,
    /// Only the opportunity with this id, whosever it is
    #[arg(long, value_name = "OPPORTUNITY", conflicts_with_all = ["all", "contacts", "status", "pipeline"])]
    id: Option<String>,
    /// Only those with this status
    #[arg(long, value_name = "STATUS")]
    status: Option<Status>,
    /// Only those of this pipeline, by name or id
    #[arg(long, value_name = "NAME|ID")]
    pipeline: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Status {
    Open,
    Won,
    Lost,
    Abandoned,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Status::Open => "open",
            Status::Won => "won",
            Status::Lost => "lost",
            Status::Abandoned => "abandoned",
        }
    }
}

pub fn run_tasks(context: &Context, args: &TasksArgs) -> Result<Exit, CliError> {
    let filter = Filter {
        completed: args.completed,
        ..Filter::default()
    };
    Export::run(context, Kind::Tasks, &args.of, args.id.as_deref(), filter)
}

pub fn run_notes(context: &Context, args: &NotesArgs) -> Result<Exit, CliError> {
    let filter = Filter::default();
    Export::run(context, Kind::Notes, &args.of, args.id.as_deref(), filter)
}

pub fn run_appointments(context: &Context, args: &AppointmentsArgs) -> Result<Exit, CliError> {
    Export::run(
        context,
        Kind::Appointments,
        &args.of,
        None,
        Filter::default(),
    )
}

pub fn run_opportunities(context: &Context, args: &OpportunitiesArgs) -> Result<Exit, CliError> {
    let filter = Filter {
        status: args.status.map(|status| status.as_str().to_owned()),
        // By name or id, until the location's pipelines are known.
        pipeline_id: args.pipeline.clone(),
        ..Filter::default()
    };
    Export::run(
        context,
        Kind::Opportunities,
        &args.of,
        args.id.as_deref(),
        filter,
    )
}

/// An export of one kind of thing.
struct Export<'a> {
    context: &'a Context,
    profile: &'a Profile,
    ghl: &'a Ghl,
    kind: Kind,
    of: &'a Of,
    columns: Columns,
    filter: Filter,
}

impl<'a> Export<'a> {
    fn run(
        context: &Context,
        kind: Kind,
        of: &Of,
        id: Option<&str>,
        filter: Filter,
    ) -> Result<Exit, CliError> {
        let noun = kind.noun();
        if of.from == Side::Bigmailer {
            return Err(CliError::usage(format!(
                "BigMailer has no {}",
                kind.as_str()
            )));
        }
        of.long.check(&of.output)?;
        let format = of.output.check(context, Format::Csv)?;
        let columns = Columns::of(kind.columns(), &of.output, noun)?;
        if of.output.lists_fields() {
            return list_fields(context, noun, &columns.names());
        }
        let alone = id.is_some() && kind == Kind::Opportunities;
        if id.is_some() && !alone && of.contacts.len() != 1 {
            return Err(CliError::usage(format!(
                "say whose {} it is: --id takes one --contact with it",
                kind.one()
            )));
        }
        if of.contacts.is_empty() && !of.all && !alone {
            return Err(CliError::usage(format!(
                "say whose {}: --contact ID…, or --all",
                kind.as_str()
            )));
        }
        let profile = context.load_profile()?;
        watch_signals(&context.stop);
        let ghl = context.ghl(&profile)?;
        let filter = Filter {
            pipeline_id: match &filter.pipeline_id {
                Some(wanted) => Some(find_pipeline(&ghl, wanted)?),
                None => None,
            },
            ..filter
        };
        let plan = Plan {
            noun,
            shape: of.output.shape(context, noun, format, columns.names()),
            output: &of.output,
            long: &of.long,
            recipe: json!({
                "location": profile.location_id, "contacts": of.contacts, "id": id,
                "completed": filter.completed, "status": filter.status,
                "pipeline": filter.pipeline_id,
            }),
            since: None,
        };
        let export = Export {
            context,
            profile: &profile,
            ghl: &ghl,
            kind,
            of,
            columns,
            filter,
        };
        if let Some(id) = id {
            return flow::run(context, plan, |flow| export.one(flow, id));
        }
        flow::run(context, plan, |flow| match (of.all, kind) {
            (false, _) => export.named(flow),
            (true, Kind::Tasks) => export.all_tasks(flow),
            (true, Kind::Opportunities) => export.all_opportunities(flow),
            (true, Kind::Notes | Kind::Appointments) => export.of_everybody(flow),
        })
    }

    fn fetcher(&self) -> Fetcher<'_> {
        let kinds = vec![self.kind];
        Fetcher::new(
            self.context,
            self.profile,
            self.ghl,
            kinds,
            self.filter.clone(),
        )
        .name_pipelines(self.columns.has(&["pipeline", "stage"]))
    }

    fn row(&self, flow: &Flow<'_>, thing: Thing) -> Vec<u8> {
        flow.shape.row(self.columns.pick(thing.cells))
    }

    /// The one thing that was named, by its id.
    fn one(&self, flow: &mut Flow<'_>, id: &str) -> Result<(), CliError> {
        let contact_id = match self.of.contacts.first() {
            Some(name) => self.contact_id(name)?,
            None => String::new(),
        };
        let thing = self.fetcher().one(self.kind, &contact_id, id)?;
        let (key, row) = (thing.key.clone(), self.row(flow, thing));
        // Enough or all of them: both are the end.
        let _ = flow.take(key, [row])?;
        Ok(())
    }

    /// The id of a contact that was named by it or by its address.
    fn contact_id(&self, name: &str) -> Result<String, CliError> {
        match name.contains('@') {
            true => Ok(contact::find(self.ghl, name)?
                .ok_or_else(|| missing("contact", name))?
                .id),
            false => Ok(name.to_owned()),
        }
    }

    /// Things of the contacts that were named, in that order.
    fn named(&self, flow: &mut Flow<'_>) -> Result<(), CliError> {
        let mut ids: Vec<String> = Vec::new();
        for name in &self.of.contacts {
            let id = self.contact_id(name)?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let what = format!("{} of {} contacts", self.kind.as_str(), ids.len());
        cost::announce(
            self.context,
            self.profile,
            self.ghl,
            &what,
            ids.len() as u64,
        )?;
        let place = |index: usize| Key::new(i64::try_from(index).ok(), &[&ids[index]]);
        let done = (0..ids.len())
            .take_while(|index| flow.after().is_some_and(|after| place(*index) <= *after))
            .count();
        let left: Vec<&str> = ids[done..].iter().map(String::as_str).collect();
        let fetcher = self.fetcher();
        // Enough or all of them: both are the end.
        let _ = fetcher.each(&left, &mut |index, lists| {
            let things = lists.into_iter().flatten();
            let rows: Vec<Vec<u8>> = things.map(|thing| self.row(flow, thing)).collect();
            let total = ids.len() as u64;
            flow.progress("contacts", (done + index) as u64, Some(total));
            flow.take(place(done + index), rows)
        })?;
        Ok(())
    }

    /// Things that there is only a call for each contact for.
    fn of_everybody(&self, flow: &mut Flow<'_>) -> Result<(), CliError> {
        let fetcher = RefCell::new(self.fetcher());
        let search = Search {
            added_from: flow.after().and_then(Key::moment),
            ..Search::default()
        };
        // Only the ids are used.
        let steps = Steps {
            encode: &|_| Some(Vec::new()),
            begin: &mut |flow, total| fetcher.borrow_mut().prepare(flow, total),
            each: &mut |flow: &mut Flow<'_>, items: Vec<Item>| {
                let ids: Vec<&str> = items.iter().map(|(key, _)| key.name()).collect();
                let more = fetcher.borrow().each(&ids, &mut |index, lists| {
                    let things = lists.into_iter().flatten();
                    let rows: Vec<Vec<u8>> = things.map(|thing| self.row(flow, thing)).collect();
                    flow.take(items[index].0.clone(), rows)
                })?;
                flow.remember()?;
                Ok(more)
            },
        };
        let source = Source {
            side: Side::Ghl,
            arrival: Arrival::InOrder,
            list: &|_, take| self.ghl.search(&search, &|page| take(page, None)),
        };
        Ok(feed(flow, &source, steps)?)
    }

    fn all_tasks(&self, flow: &mut Flow<'_>) -> Result<(), CliError> {
        let search = TaskSearch {
            contact_ids: Vec::new(),
            completed: self.filter.completed,
        };
        self.collect(flow, |take| {
            let mut failed = None;
            let listed = self.ghl.search_tasks(&search, &mut |tasks| {
                let things = tasks.into_iter().map(|task| things::task(task, None));
                take(things.collect()).unwrap_or_else(|error| {
                    failed = Some(error);
                    ControlFlow::Break(())
                })
            });
            failed.map_or(Ok(()), Err)?;
            Ok(listed?)
        })
    }

    fn all_opportunities(&self, flow: &mut Flow<'_>) -> Result<(), CliError> {
        let fetcher = self.fetcher();
        self.collect(flow, |take| {
            fetcher.opportunities(None, &mut |page| {
                take(page.into_iter().map(|(_, thing)| thing).collect())
            })
        })
    }

    /// Reads things that come in any order, then writes them in theirs.
    fn collect(
        &self,
        flow: &mut Flow<'_>,
        read: impl FnOnce(&mut dyn FnMut(Vec<Thing>) -> Step) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        let mut sorter = Sorter::of_any(flow.after().cloned());
        let mut count = 0;
        read(&mut |things| {
            count += things.len() as u64;
            for thing in things {
                let row = flow.shape.row(self.columns.pick(thing.cells));
                sorter.put(thing.key, row)?;
            }
            flow.progress(self.kind.as_str(), count, None);
            Ok(ControlFlow::Continue(()))
        })?;
        write_all(flow, sorter)
    }
}

/// Writes everything that was collected.
pub fn write_all(flow: &mut Flow<'_>, mut sorter: Sorter) -> Result<(), CliError> {
    sorter.end();
    loop {
        flow.check_stop()?;
        let items = sorter.take(CHUNK)?;
        if items.is_empty() {
            return Ok(());
        }
        for (key, row) in items {
            if flow.take(key, [row])?.is_break() {
                return Ok(());
            }
        }
    }
}

/// The pipeline that `--pipeline` means, by id or name.
fn find_pipeline(ghl: &Ghl, wanted: &str) -> Result<String, CliError> {
    let pipelines = ghl.pipelines()?;
    if let Some(pipeline) = pipelines.iter().find(|pipeline| pipeline.id == wanted) {
        return Ok(pipeline.id.clone());
    }
    let plain = |name: &str| name.trim().to_lowercase();
    let found: Vec<&str> = pipelines
        .iter()
        .filter(|pipeline| plain(&pipeline.name) == plain(wanted))
        .map(|pipeline| pipeline.id.as_str())
        .collect();
    match found[..] {
        [id] => Ok(id.to_owned()),
        [] => {
            let names: Vec<&str> = pipelines.iter().map(|p| p.name.as_str()).collect();
            let near = suggestion(wanted, &names);
            Err(CliError::usage(format!(
                "the location has no pipeline {wanted}{near}"
            )))
        }
        _ => Err(CliError::usage(format!(
            "{} pipelines are named {wanted}; name one by its id: {}",
            found.len(),
            found.join(", ")
        ))),
    }
}
