//! `ghl-bm pull contacts`: the contacts of either side. Start reading at [`run`].

use std::cell::RefCell;
use std::ops::ControlFlow;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde_json::json;

use crate::api::ghl::{Ghl, LONGEST_QUERY, Search, is_no_offer};
use crate::contact::{Contact, Side};
use crate::export::Format;
use crate::mapping::Profile;
use crate::remote::{Listed, RemoteError, RemoteErrorKind};

use super::super::context::{Context, duration, watch_signals};
use super::super::error::{CliError, Exit};
use super::feed::{Arrival, FeedError, Item, Lister, Source, Steps, Taker, feed};
use super::fetch::{Fetcher, Filter, missing};
use super::flow::{self, Flow, Plan, Step};
use super::output::{Long, Noun, Output, list_fields};
use super::things::Kind;
use super::{bigmailer, cost, ghl};

const NOUN: Noun = Noun {
    command: "pull contacts",
    many: "contacts",
};

/// Export the contacts of either service, oldest first
///
/// Unchanged data gives the same bytes. A file named by -o appears only when it is complete; an
/// interrupted one is gone on with by --resume. Memory does not grow with the number of contacts.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm pull contacts -o contacts.csv
  ghl-bm pull contacts -o contacts.csv --resume        after an interruption
  ghl-bm pull contacts --fields id,email,tags --tag customer
  ghl-bm pull contacts --since 7d --format ndjson | jq .email
  ghl-bm pull contacts --include tasks,notes --format json -o all.json
  ghl-bm pull contacts --from bigmailer --list Customers
  ghl-bm pull contacts --fields                        list the fields")]
pub struct ContactsArgs {
    /// Which service to read
    #[arg(long, value_name = "SIDE", default_value = "ghl")]
    from: Side,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    long: Long,
    /// Only contacts updated since: an ISO time or an age such as 7d (HighLevel)
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Only contacts with this tag; repeat for contacts that have all of them (HighLevel)
    #[arg(long = "tag", value_name = "T", value_parser = crate::cli::given)]
    tags: Vec<String>,
    /// Only contacts that HighLevel finds for this text, at most 75 characters
    #[arg(long, value_name = "Q")]
    query: Option<String>,
    /// Only contacts of this business (HighLevel); takes a call for each
    #[arg(long, value_name = "ID", value_parser = crate::cli::given)]
    business: Option<String>,
    /// Only members of this list, by name or id (BigMailer)
    #[arg(long, value_name = "L", value_parser = crate::cli::given)]
    list: Option<String>,
    /// Also what hangs on each contact, in columns of their own (HighLevel)
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    include: Vec<Kind>,
    /// How to list HighLevel contacts: by search, by the older list, or by whichever works
    #[arg(long, value_name = "WAY", default_value = "auto")]
    via: Via,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Via {
    Auto,
    Search,
    List,
}

pub fn run(context: &Context, args: &ContactsArgs) -> Result<Exit, CliError> {
    args.long.check(&args.output)?;
    let format = args.output.check(context, Format::Csv)?;
    match args.from {
        Side::Ghl => of_ghl(context, args, format),
        Side::Bigmailer => of_bigmailer(context, args, format),
    }
}

/// Flags that the other side has are not silently ignored.
fn refuse(side: Side, flags: &[(bool, &str)]) -> Result<(), CliError> {
    match flags.iter().find(|(given, _)| *given) {
        Some((_, flag)) => Err(CliError::usage(format!(
            "{flag} does not go with --from {side}"
        ))),
        None => Ok(()),
    }
}

fn of_ghl(context: &Context, args: &ContactsArgs, format: Format) -> Result<Exit, CliError> {
    refuse(Side::Ghl, &[(args.list.is_some(), "--list")])
        .map_err(|e| e.hint("HighLevel has tags instead of lists: --tag"))?;
    if args
        .query
        .as_ref()
        .is_some_and(|q| q.chars().count() > LONGEST_QUERY)
    {
        return Err(CliError::usage(format!(
            "--query takes at most {LONGEST_QUERY} characters"
        )));
    }
    if args.business.is_some() && (args.query.is_some() || args.via != Via::Auto) {
        return Err(CliError::usage(
            "--business has its own way of listing: leave out --query and --via",
        ));
    }
    let since = args.since.as_deref();
    let since = since.map(|when| moment(when, context.now())).transpose();
    let since = since.map_err(CliError::usage)?;
    let profile = context.load_profile()?;
    watch_signals(&context.stop);
    let mut ghl = context.ghl(&profile)?;
    let columns = ghl::ContactColumns::of(&ghl, &args.output, NOUN)?;
    if args.output.lists_fields() {
        return list_fields(context, NOUN, &columns.names());
    }
    columns.want(&mut ghl)?;
    let include = include(&args.include);
    let mut names = columns.names();
    names.extend(include.iter().map(|kind| kind.as_str().to_owned()));
    let plan = Plan {
        noun: NOUN,
        shape: args.output.shape(context, NOUN, format, names),
        output: &args.output,
        long: &args.long,
        recipe: json!({
            "location": profile.location_id, "since": args.since, "tags": args.tags,
            "query": args.query, "business": args.business,
        }),
        since,
    };
    let export = GhlExport {
        context,
        args,
        profile: &profile,
        ghl: &ghl,
        columns: &columns,
        include: &include,
    };
    flow::run(context, plan, |flow| export.run(flow))
}

/// The kinds of `--include`, each once, in the order of the columns.
fn include(kinds: &[Kind]) -> Vec<Kind> {
    let mut kinds = kinds.to_vec();
    kinds.sort();
    kinds.dedup();
    kinds
}

/// An export of HighLevel contacts.
struct GhlExport<'a> {
    context: &'a Context,
    args: &'a ContactsArgs,
    profile: &'a Profile,
    ghl: &'a Ghl,
    columns: &'a ghl::ContactColumns,
    include: &'a [Kind],
}

impl<'a> GhlExport<'a> {
    fn run(&self, flow: &mut Flow<'a>) -> Result<(), CliError> {
        if let Some(business) = &self.args.business {
            let list = |_: Option<&str>, take: &Taker<'_>| {
                self.ghl
                    .contacts_of_business(business, &|page| take(page, None))?;
                Ok(Listed {
                    as_of: None,
                    complete: true,
                })
            };
            self.feed(flow, Arrival::Anyhow, None, &list)
                .map_err(|error| match error {
                    FeedError::AtOnce(error) if error.kind == RemoteErrorKind::Gone => {
                        missing("business", business)
                    }
                    other => other.into(),
                })?;
            // No contacts of it is what the service also says of a business that is not there.
            return match flow.rows() == 0 && self.ghl.business(business) == Ok(None) {
                true => Err(missing("business", business)),
                false => Ok(()),
            };
        }
        if self.args.via == Via::List {
            return Ok(self.list(flow, None)?);
        }
        let search = Search {
            updated_since: flow.since(),
            tags_all: self.args.tags.clone(),
            text: self.args.query.clone(),
            added_from: flow.after().and_then(|after| after.moment()),
        };
        let list =
            |_: Option<&str>, take: &Taker<'_>| self.ghl.search(&search, &|page| take(page, None));
        match self.feed(flow, Arrival::InOrder, None, &list) {
            Err(FeedError::AtOnce(refused))
                if self.args.via == Via::Auto
                    && (refused.kind == RemoteErrorKind::Rejected || is_no_offer(&refused)) =>
            {
                match self.list(flow, Some(&refused)) {
                    // What is wrong with both is told better by the first.
                    Err(FeedError::AtOnce(_)) => Err(refused.into()),
                    other => Ok(other?),
                }
            }
            // The listing itself made no sense; no call failed.
            Err(FeedError::Work(error))
                if error.exit == Exit::Unavailable && error.service.is_none() =>
            {
                Err(error.hint("try again later, or with --via list"))
            }
            result => Ok(result?),
        }
    }

    /// By the older list; `refused` is why not by search.
    fn list(&self, flow: &mut Flow<'a>, refused: Option<&RemoteError>) -> Result<(), FeedError> {
        let text = self.args.query.as_deref();
        let list = |_: Option<&str>, take: &Taker<'_>| {
            self.ghl.list_deprecated(text, &|page| take(page, None))
        };
        self.feed(flow, Arrival::Anyhow, refused, &list)
    }

    /// What is listed otherwise than by search is not filtered by the service.
    fn feed(
        &self,
        flow: &mut Flow<'a>,
        arrival: Arrival,
        refused: Option<&RemoteError>,
        list: &Lister<'_>,
    ) -> Result<(), FeedError> {
        let searched = arrival == Arrival::InOrder;
        let shape = flow.shape.clone();
        let since = flow.since();
        let encode = |contact: &Contact| {
            let wanted = searched || self.fits(contact, since);
            wanted.then(|| shape.open(self.columns.cells(contact)))
        };
        let kinds = self.include.to_vec();
        let fetcher = RefCell::new(Fetcher::new(
            self.context,
            self.profile,
            self.ghl,
            kinds,
            Filter::default(),
        ));
        let source = Source {
            side: Side::Ghl,
            arrival,
            list,
        };
        let steps = Steps {
            encode: &encode,
            begin: &mut |flow, total| {
                if let Some(why) = refused {
                    self.context.ui.warning(&format!(
                        "searching is refused, so the older list is read instead: {why}"
                    ));
                }
                let contacts = total.map(|total| total.min(flow.left()));
                // Only the single read tells whether a person may be mailed.
                if !searched && self.columns.show_consent() {
                    let each = contacts.unwrap_or(0);
                    let what = format!("{each} contacts one by one, for email_allowed");
                    cost::announce(self.context, self.profile, self.ghl, &what, each)?;
                }
                fetcher.borrow_mut().prepare(flow, contacts)
            },
            each: &mut |flow, items| self.write(flow, &fetcher.borrow(), items),
        };
        feed(flow, &source, steps)
    }

    fn fits(&self, contact: &Contact, since: Option<i64>) -> bool {
        let updated = match (since, contact.updated) {
            (Some(since), Some(updated)) => updated >= since,
            _ => true,
        };
        let tagged = |tag: &String| contact.groups.contains(&tag.trim().to_lowercase());
        updated && self.args.tags.iter().all(tagged)
    }

    fn write(&self, flow: &mut Flow<'_>, fetcher: &Fetcher<'_>, mut items: Vec<Item>) -> Step {
        items.truncate(usize::try_from(flow.left()).unwrap_or(usize::MAX));
        let shape = flow.shape.clone();
        if self.include.is_empty() {
            return write_plain(flow, items);
        }
        let keys: Vec<_> = items.iter().map(|(key, _)| key.clone()).collect();
        let ids: Vec<&str> = keys.iter().map(|key| key.name()).collect();
        let more = fetcher.each(&ids, &mut |index, lists| {
            let (key, open) =
                std::mem::replace(&mut items[index], (keys[index].clone(), Vec::new()));
            let cells = self
                .include
                .iter()
                .zip(lists)
                .map(|(kind, things)| kind.nested(things))
                .collect();
            flow.take(key, [shape.close(open, cells)])
        })?;
        if fetcher.takes_a_call_each() {
            flow.remember()?;
        }
        Ok(more)
    }
}

fn write_plain(flow: &mut Flow<'_>, items: Vec<Item>) -> Step {
    for (key, open) in items {
        let row = flow.shape.close(open, Vec::new());
        if flow.take(key, [row])?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn of_bigmailer(context: &Context, args: &ContactsArgs, format: Format) -> Result<Exit, CliError> {
    refuse(
        Side::Bigmailer,
        &[
            (args.since.is_some(), "--since"),
            (!args.tags.is_empty(), "--tag"),
            (args.query.is_some(), "--query"),
            (args.business.is_some(), "--business"),
            (!args.include.is_empty(), "--include"),
            (args.via != Via::Auto, "--via"),
        ],
    )
    .map_err(|e| e.hint("BigMailer narrows a listing by --list only"))?;
    let profile = context.load_profile()?;
    watch_signals(&context.stop);
    let mut client = context.bigmailer(&profile)?;
    let columns = bigmailer::ContactColumns::of(&mut client, &args.output, NOUN)?;
    if args.output.lists_fields() {
        return list_fields(context, NOUN, &columns.names());
    }
    let list = match &args.list {
        Some(wanted) => Some(bigmailer::find_list(&client.lists()?, wanted)?),
        None => None,
    };
    let plan = Plan {
        noun: NOUN,
        shape: args.output.shape(context, NOUN, format, columns.names()),
        output: &args.output,
        long: &args.long,
        recipe: json!({ "brand": profile.brand_id, "list": list }),
        since: None,
    };
    flow::run(context, plan, |flow| {
        let shape = flow.shape.clone();
        let encode = |contact: &Contact| Some(shape.open(columns.cells(contact)));
        let source = Source {
            side: Side::Bigmailer,
            arrival: Arrival::AnyhowWithCursors,
            list: &|from, take| client.read_on(list.as_deref(), from, take),
        };
        let steps = Steps {
            encode: &encode,
            begin: &mut |_, _| Ok(()),
            each: &mut |flow, items| write_plain(flow, items),
        };
        Ok(feed(flow, &source, steps)?)
    })
}

/// An ISO time, a date, or an age such as `7d`; milliseconds since 1970.
fn moment(text: &str, now: i64) -> Result<i64, String> {
    if let Ok(age) = duration(text) {
        return Ok(now - i64::try_from(age.as_millis()).unwrap_or(now));
    }
    let time = super::super::context::moment(text).map(Timestamp::as_millisecond);
    time.ok_or_else(|| {
        format!(
            "--since {text}: use a time such as 2026-10-01T00:00:00Z, a date, or an age such as 7d"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_ages_are_understood() {
        assert_eq!(
            moment("7d", 1_000_000_000_000),
            Ok(1_000_000_000_000 - 7 * 86_400_000)
        );
        assert_eq!(moment("2026-10-01T00:00:00Z", 0), Ok(1_790_812_800_000));
        assert_eq!(moment("2026-10-01", 0), Ok(1_790_812_800_000));
        for text in [
            "yesterday",
            "2026-10-01T09:00",
            "2026-10-01T09:00:00[Europe/Berlin]",
        ] {
            assert!(moment(text, 0).is_err(), "{text}");
        }
    }

    #[test]
    fn kinds_are_included_once_and_in_the_order_of_columns() {
        let kinds = [Kind::Notes, Kind::Tasks, Kind::Notes];
        assert_eq!(include(&kinds), [Kind::Tasks, Kind::Notes]);
    }
}
