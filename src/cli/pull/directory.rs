//! `ghl-bm pull businesses`, `fields`, `tags`, `lists`: what a location and a brand have beside
//! people. Start reading at [`run_fields`].

use std::ops::ControlFlow;

use clap::Args;
use serde_json::json;

use crate::contact::Side;
use crate::export::{Cell, Format, Key, Sorter};
use crate::related::Business;

use super::super::context::{Context, watch_signals};
use super::super::error::{CliError, Exit};
use super::fetch::missing;
use super::flow::{self, Plan};
use super::output::{Columns, Long, Noun, Output, list_fields};
use super::related::write_all;

/// Export the businesses of the HighLevel location
///
/// Ordered by creation, then id.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm pull businesses -o businesses.csv
  ghl-bm pull businesses --fields id,name --format ndjson
  ghl-bm pull businesses --fields                  list the fields")]
pub struct BusinessesArgs {
    /// Only the business with this id
    #[arg(long, value_name = "BUSINESS")]
    id: Option<String>,
    /// Which service to read; only HighLevel has businesses
    #[arg(long, value_name = "SIDE", default_value = "ghl")]
    from: Side,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    long: Long,
}

/// List the custom fields of HighLevel contacts, or the fields of the BigMailer brand
///
/// HighLevel's ordered by key, BigMailer's by merge tag.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm pull fields
  ghl-bm pull fields --from bigmailer --format json
  ghl-bm pull fields --fields                      list the columns")]
pub struct FieldsArgs {
    /// Which service to read
    #[arg(long, value_name = "SIDE", default_value = "ghl")]
    from: Side,
    #[command(flatten)]
    output: Output,
}

/// List the tags of the HighLevel location
///
/// Ordered by name, spelt as in the location's settings; on contacts they are in lower case.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm pull tags
  ghl-bm pull tags --json | jq -r .tags[].name")]
pub struct TagsArgs {
    /// Which service to read; only HighLevel has tags
    #[arg(long, value_name = "SIDE", default_value = "ghl")]
    from: Side,
    #[command(flatten)]
    output: Output,
}

/// List the lists of the BigMailer brand
///
/// Ordered by name, then id.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm pull lists
  ghl-bm pull lists --fields id,name --format csv -o lists.csv")]
pub struct ListsArgs {
    /// Which service to read; only BigMailer has lists
    #[arg(long, value_name = "SIDE", default_value = "bigmailer")]
    from: Side,
    #[command(flatten)]
    output: Output,
}

const BUSINESSES: Noun = Noun {
    command: "pull businesses",
    many: "businesses",
};

const BUSINESS_COLUMNS: [&str; 13] = [
    "id",
    "name",
    "phone",
    "email",
    "website",
    "address",
    "city",
    "state",
    "postal_code",
    "country",
    "description",
    "date_added",
    "date_updated",
];

pub fn run_businesses(context: &Context, args: &BusinessesArgs) -> Result<Exit, CliError> {
    if args.from == Side::Bigmailer {
        return Err(CliError::usage("BigMailer has no businesses").hint("leave out --from"));
    }
    args.long.check(&args.output)?;
    let format = args.output.check(context, Format::Csv)?;
    let columns = Columns::of(&BUSINESS_COLUMNS, &args.output, BUSINESSES)?;
    if args.output.lists_fields() {
        return list_fields(context, BUSINESSES, &columns.names());
    }
    let profile = context.load_profile()?;
    watch_signals(&context.stop);
    let ghl = context.ghl(&profile)?;
    let plan = Plan {
        noun: BUSINESSES,
        shape: args
            .output
            .shape(context, BUSINESSES, format, columns.names()),
        output: &args.output,
        long: &args.long,
        recipe: json!({ "location": profile.location_id, "id": args.id }),
        since: None,
    };
    flow::run(context, plan, |flow| {
        let mut sorter = Sorter::of_any(flow.after().cloned());
        let mut failed = None;
        let mut count = 0;
        let keyed = |flow: &flow::Flow<'_>, business: Business| {
            let created = business.created.map(jiff::Timestamp::as_millisecond);
            let key = Key::new(created, &[&business.id]);
            (key, flow.shape.row(columns.pick(business_cells(business))))
        };
        if let Some(id) = &args.id {
            let business = ghl.business(id)?.ok_or_else(|| missing("business", id))?;
            let (key, row) = keyed(flow, business);
            sorter.put(key, row)?;
            return write_all(flow, sorter);
        }
        let listed = ghl.businesses(&mut |businesses| {
            count += businesses.len() as u64;
            for business in businesses {
                let (key, row) = keyed(flow, business);
                if let Err(error) = sorter.put(key, row) {
                    failed = Some(error);
                    return ControlFlow::Break(());
                }
            }
            flow.progress("businesses", count, None);
            ControlFlow::Continue(())
        });
        failed.map_or(Ok(()), Err)?;
        listed?;
        write_all(flow, sorter)
    })
}

fn business_cells(business: Business) -> Vec<Cell> {
    let moment = |at: Option<jiff::Timestamp>| Cell::moment(at.map(|at| at.as_millisecond()));
    vec![
        Cell::Text(business.id),
        business.name.into(),
        business.phone.into(),
        business.email.into(),
        business.website.into(),
        business.address.into(),
        business.city.into(),
        business.state.into(),
        business.postal_code.into(),
        business.country.into(),
        business.description.into(),
        moment(business.created),
        moment(business.updated),
    ]
}

/// A short list that is read at once.
struct Short<'a> {
    noun: Noun,
    columns: &'static [&'static str],
    output: &'a Output,
}

impl Short<'_> {
    /// Prints the rows that `read` gives, in their order.
    fn print(
        &self,
        context: &Context,
        read: impl FnOnce() -> Result<Vec<Vec<Cell>>, CliError>,
    ) -> Result<Exit, CliError> {
        let format = self.output.check(context, Format::Csv)?;
        let columns = Columns::of(self.columns, self.output, self.noun)?;
        if self.output.lists_fields() {
            return list_fields(context, self.noun, &columns.names());
        }
        let long = Long {
            limit: None,
            resume: false,
        };
        let plan = Plan {
            noun: self.noun,
            shape: self
                .output
                .shape(context, self.noun, format, columns.names()),
            output: self.output,
            long: &long,
            recipe: json!(null),
            since: None,
        };
        flow::run(context, plan, |flow| {
            for (row, cells) in (0..).zip(read()?) {
                let bytes = flow.shape.row(columns.pick(cells));
                if flow.take(Key::new(Some(row), &[]), [bytes])?.is_break() {
                    break;
                }
            }
            Ok(())
        })
    }
}

pub fn run_fields(context: &Context, args: &FieldsArgs) -> Result<Exit, CliError> {
    let noun = Noun {
        command: "pull fields",
        many: "fields",
    };
    let short = |columns| Short {
        noun,
        columns,
        output: &args.output,
    };
    match args.from {
        Side::Ghl => short(&["id", "name", "key", "type"]).print(context, || {
            let profile = context.load_profile()?;
            watch_signals(&context.stop);
            let mut fields = context.ghl(&profile)?.custom_fields()?;
            fields.sort_by(|a, b| (&a.key, &a.id).cmp(&(&b.key, &b.id)));
            let cells = |field: crate::api::ghl::CustomField| {
                [field.id, field.name, field.key, field.data_type].map(Cell::Text)
            };
            Ok(fields.into_iter().map(|f| cells(f).to_vec()).collect())
        }),
        Side::Bigmailer => short(&["merge_tag", "name", "type", "id"]).print(context, || {
            let profile = context.load_profile()?;
            watch_signals(&context.stop);
            let mut fields = context.bigmailer(&profile)?.fields()?;
            fields.sort_by(|a, b| (&a.merge_tag_name, &a.id).cmp(&(&b.merge_tag_name, &b.id)));
            let cells = |field: crate::api::bigmailer::catalogue::Field| {
                [field.merge_tag_name, field.name, field.kind, field.id].map(Cell::Text)
            };
            Ok(fields.into_iter().map(|f| cells(f).to_vec()).collect())
        }),
    }
}

pub fn run_tags(context: &Context, args: &TagsArgs) -> Result<Exit, CliError> {
    if args.from == Side::Bigmailer {
        return Err(CliError::usage("BigMailer has no tags")
            .hint("its lists are the nearest thing: `ghl-bm pull lists`"));
    }
    let short = Short {
        noun: Noun {
            command: "pull tags",
            many: "tags",
        },
        columns: &["name"],
        output: &args.output,
    };
    short.print(context, || {
        let profile = context.load_profile()?;
        watch_signals(&context.stop);
        let mut tags = context.ghl(&profile)?.tags()?;
        tags.sort();
        Ok(tags.into_iter().map(|tag| vec![Cell::Text(tag)]).collect())
    })
}

pub fn run_lists(context: &Context, args: &ListsArgs) -> Result<Exit, CliError> {
    if args.from == Side::Ghl {
        return Err(CliError::usage("HighLevel has no lists")
            .hint("its tags are the nearest thing: `ghl-bm pull tags`"));
    }
    let short = Short {
        noun: Noun {
            command: "pull lists",
            many: "lists",
        },
        columns: &["id", "name", "all"],
        output: &args.output,
    };
    short.print(context, || {
        let profile = context.load_profile()?;
        watch_signals(&context.stop);
        let mut lists = context.bigmailer(&profile)?.lists()?;
        lists.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        let cells = |list: crate::api::bigmailer::catalogue::List| {
            vec![
                Cell::Text(list.id),
                Cell::Text(list.name),
                Cell::Flag(list.all),
            ]
        };
        Ok(lists.into_iter().map(cells).collect())
    })
}
