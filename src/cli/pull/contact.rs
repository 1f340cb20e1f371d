//! `ghl-bm pull contact`: one contact with what hangs on it. Start reading at [`run`].

use std::ops::ControlFlow;

use clap::Args;

use crate::contact::{Contact, Side};
use crate::export::{Cell, Format};
use crate::remote::{Key, Remote, RemoteError};

use super::super::context::{Context, watch_signals};
use super::super::error::{CliError, Exit};
use super::fetch::{Fetcher, Filter, missing};
use super::output::{Noun, Output, list_fields, tell};
use super::things::Kind;
use super::{bigmailer, ghl};

const NOUN: Noun = Noun {
    command: "pull contact",
    many: "contact",
};

/// Show one contact with its tasks, notes, appointments and opportunities
///
/// As JSON, unless --format says otherwise. Exit code 1 when there is no such contact.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm pull contact ada@example.com
  ghl-bm pull contact eiMFja1cd2526IpYRQKG --include tasks,notes
  ghl-bm pull contact ada@example.com --format csv    the one row
  ghl-bm pull contact ada@example.com --from bigmailer
  ghl-bm pull contact --fields                        list the fields")]
pub struct ContactArgs {
    /// Its id or e-mail address
    #[arg(value_name = "ID", required_unless_present = "fields", value_parser = crate::cli::given)]
    id: Option<String>,
    /// Which service to read
    #[arg(long, value_name = "SIDE", default_value = "ghl")]
    from: Side,
    /// What to show beside the contact itself [default: everything as JSON, nothing as CSV]
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    include: Vec<Kind>,
    #[command(flatten)]
    output: Output,
}

pub fn run(context: &Context, args: &ContactArgs) -> Result<Exit, CliError> {
    let format = args.output.check(context, Format::Json)?;
    if args.id.is_none() && !args.output.lists_fields() {
        return Err(
            CliError::usage("name the contact by its id or e-mail address")
                .hint("`ghl-bm pull contacts --fields id,email` lists them"),
        );
    }
    if args.from == Side::Bigmailer && !args.include.is_empty() {
        return Err(CliError::usage(
            "--include does not go with --from bigmailer",
        ));
    }
    let profile = context.load_profile()?;
    watch_signals(&context.stop);
    let name = args.id.as_deref().unwrap_or_default();
    match args.from {
        Side::Ghl => {
            let mut client = context.ghl(&profile)?;
            let columns = ghl::ContactColumns::of(&client, &args.output, NOUN)?;
            let mut names = columns.names();
            if args.output.lists_fields() {
                return list_fields(context, NOUN, &names);
            }
            columns.want(&mut client)?;
            let contact = find(&client, name)?.ok_or_else(|| missing("contact", name))?;
            let kinds: Vec<Kind> = match (&args.include[..], format) {
                ([], Format::Csv) => Vec::new(),
                ([], _) => Kind::ALL.to_vec(),
                (some, _) => Kind::ALL.into_iter().filter(|k| some.contains(k)).collect(),
            };
            names.extend(kinds.iter().map(|kind| kind.as_str().to_owned()));
            let mut cells = columns.cells(&contact);
            let fetcher =
                Fetcher::new(context, &profile, &client, kinds.clone(), Filter::default());
            // There is only one; whether more are wanted does not matter.
            let _ = fetcher
                .each(&[&contact.id], &mut |_, lists| {
                    let nested = kinds
                        .iter()
                        .zip(lists)
                        .map(|(kind, list)| kind.nested(list));
                    cells.extend(nested);
                    Ok(ControlFlow::Continue(()))
                })
                .map_err(|e| without_scope(e, args))?;
            print(context, args, format, names, cells)
        }
        Side::Bigmailer => {
            let mut client = context.bigmailer(&profile)?;
            let columns = bigmailer::ContactColumns::of(&mut client, &args.output, NOUN)?;
            if args.output.lists_fields() {
                return list_fields(context, NOUN, &columns.names());
            }
            let found = client.get(key(name))?;
            let contact = found.ok_or_else(|| {
                CliError::new(
                    Exit::Failed,
                    "not_found",
                    format!("BigMailer has no contact {name}"),
                )
            })?;
            print(
                context,
                args,
                format,
                columns.names(),
                columns.cells(&contact),
            )
        }
    }
}

/// Ids are opaque, but none has an `@`.
fn key(name: &str) -> Key<'_> {
    match name.contains('@') {
        true => Key::Email(name.trim()),
        false => Key::Id(name),
    }
}

/// The contact with this id or address, as the primary store shows it.
pub fn find(ghl: &crate::api::ghl::Ghl, name: &str) -> Result<Option<Contact>, RemoteError> {
    match key(name) {
        // Finding by address shows less than reading by id.
        Key::Email(_) => match ghl.get(key(name))? {
            Some(found) => ghl.get(Key::Id(&found.id)),
            None => Ok(None),
        },
        Key::Id(_) => ghl.get(key(name)),
    }
}

/// Who did not ask for a part by name can leave it out.
fn without_scope(error: CliError, args: &ContactArgs) -> CliError {
    if error.exit != Exit::Login || !args.include.is_empty() {
        return error;
    }
    let hint = error.hint.clone().unwrap_or_default();
    error.hint(format!(
        "{hint}; or name what to show, such as --include notes"
    ))
}

fn print(
    context: &Context,
    args: &ContactArgs,
    format: Format,
    names: Vec<String>,
    cells: Vec<Cell>,
) -> Result<Exit, CliError> {
    let shape = args.output.shape(context, NOUN, format, names);
    let text = match format {
        Format::Csv => [shape.head(), shape.row(cells)].concat(),
        Format::Ndjson => shape.row(cells),
        Format::Json if context.globals.json && args.output.file().is_none() => {
            let row = shape.row(cells);
            let frame = r#"{"schema_version":1,"command":"pull contact","contact":"#;
            [frame.as_bytes(), &row, b"}\n"].concat()
        }
        Format::Json => (shape.pretty(cells) + "\n").into_bytes(),
    };
    let mut target = args
        .output
        .target(context, serde_json::Value::Null, false)?;
    if let Err(error) = target.write(&text).and_then(|()| target.finish()) {
        target.abandon();
        return Err(error.into());
    }
    if let Some(path) = args.output.file() {
        tell(context, NOUN, path, 1)?;
    }
    Ok(Exit::Done)
}
