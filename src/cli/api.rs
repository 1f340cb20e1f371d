//! `ghl-bm api`: any call to a service, by its path. Start reading at [`run`]; what `--field` means
//! is in [`fields`].

mod fields;

use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::de::IgnoredAny;

use crate::api::http::{RawAnswer, RawFailure};
use crate::api::raw::Call;
use crate::mapping::Profile;
use crate::remote::{RemoteError, RemoteErrorKind};

use super::auth::Service;
use super::context::{Context, watch_signals};
use super::error::{CliError, Exit};
use fields::{Fields, split, typed};

/// Call a path of HighLevel or BigMailer yourself
///
/// The call is authenticated, paced and retried like every other; the answer's body goes to standard
/// output as it came (indented on a terminal), also when the service refuses. GET and HEAD are free,
/// and so are HighLevel's searches by POST; everything else needs --write. A write that gets no
/// answer is not repeated: the command ends with exit code 5 and says that the outcome is unclear.
///
/// In PATH and in the values of --field, {location} and {brand} stand for the ids in the profile.
///
/// Fields become query parameters of a GET, and members of a JSON body otherwise (with --input:
/// query parameters too). A key may be nested as in `dnd[Email]=x` and repeated as in `tags[]=x`.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm api bigmailer GET /brands --jq '.data[] | [.id, .name] | @tsv'
  ghl-bm api ghl GET /locations/{location}/customFields
  ghl-bm api ghl POST /contacts/search --field locationId={location} \\
      --field pageLimit=100 --paginate --jq '.contacts[].id'
  ghl-bm api bigmailer GET /brands/{brand}/contacts --paginate --slurp \\
      --jq 'map(.data[]) | length'
  ghl-bm api ghl POST /contacts/ID/tags --field 'tags[]=vip' --write
  ghl-bm api ghl DELETE /contacts/ID/tags --field 'tags[]=vip' --write
  ghl-bm api ghl PUT /contacts/ID --input change.json --write
  ghl-bm api bigmailer GET /brands/{brand} --include

--paginate follows BigMailer's cursor, and in HighLevel contact lists and searches, opportunity and \
task searches and businesses; other paths have one page. BigMailer's updates replace whatever they \
do not name unless the path says otherwise: write ?field_values_op=add&list_ids_op=add.

Exit codes: 1 the service refuses the call (400, 404, 422), 4 it refuses the credential (401, 403), \
5 it does not answer (429, 5xx) or the outcome is unclear, 6 the day's quota is used up.")]
pub struct ApiArgs {
    /// Which service
    service: Service,
    /// GET, HEAD, POST, PUT, PATCH or DELETE
    method: String,
    /// Path as in the service's reference, with or without a query
    path: String,
    /// A field; true, false, null and integers are taken as such, @FILE is the text of a file
    #[arg(short = 'F', long = "field", value_name = "KEY=VALUE")]
    fields: Vec<String>,
    /// A field whose value is a text, whatever it looks like
    #[arg(short = 'f', long = "raw-field", value_name = "KEY=VALUE")]
    raw_fields: Vec<String>,
    /// Send this file as the body; `-` is standard input
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// A header, in place of the usual one; not for those that say who asks
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// Send a call that may change something
    #[arg(long)]
    write: bool,
    /// Follow the listing to its end and print its pages one after the other
    #[arg(long)]
    paginate: bool,
    /// Print the pages as one array
    #[arg(long, requires = "paginate", conflicts_with = "include")]
    slurp: bool,
    /// Print status and headers of the answer before its body
    #[arg(short, long)]
    include: bool,
    /// Print no body
    #[arg(long)]
    silent: bool,
}

pub fn run(context: &Context, args: ApiArgs) -> Result<Exit, CliError> {
    let side = args.service.side();
    let profile = profile(context)?;
    let call = call(&args, &Ids::of(context, profile.as_ref()))?;
    if !call.only_reads(side) {
        if args.paginate {
            return Err(CliError::usage(format!(
                "--paginate goes with calls that only read, and {} {} may change something",
                call.method, args.path
            )));
        }
        if !args.write {
            return Err(CliError::usage(format!(
                "{} {} may change something: add --write to send it",
                call.method, args.path
            )));
        }
    }
    watch_signals(&context.stop);
    let client = context.raw(side, profile.as_ref())?;
    let output = Output {
        context,
        args: &args,
    };
    if !args.paginate {
        match client.send(&call) {
            Ok(answer) => output.answer(&answer)?,
            Err(failure) => return Err(output.refused(failure)?),
        }
        return Ok(Exit::Done);
    }
    let mut gathered = Vec::new();
    for page in client.pages(&call) {
        let answer = match page {
            Ok(answer) => answer,
            Err(failure) => return Err(output.refused(failure)?),
        };
        if args.slurp {
            gather(&mut gathered, &answer)?;
        } else {
            output.answer(&answer)?;
        }
    }
    if args.slurp {
        gathered.extend_from_slice(b"]\n");
        output.body(&gathered)?;
    }
    Ok(Exit::Done)
}

/// The profile, where there is one: a raw call needs it only for ids and limits.
fn profile(context: &Context) -> Result<Option<Profile>, CliError> {
    let there = context.profiles().exists(&context.profile_name);
    if there || context.globals.sandbox {
        return context.load_profile().map(Some);
    }
    Ok(None)
}

/// What the placeholders stand for.
struct Ids<'a> {
    context: &'a Context,
    profile: Option<&'a Profile>,
}

impl<'a> Ids<'a> {
    fn of(context: &'a Context, profile: Option<&'a Profile>) -> Ids<'a> {
        Ids { context, profile }
    }

    /// Fills the placeholders in a text.
    fn fill(&self, text: &str) -> Result<String, CliError> {
        let mut filled = text.to_owned();
        for name in ["{location}", "{brand}"] {
            if !text.contains(name) {
                continue;
            }
            let Some(profile) = self.profile else {
                // Says that it is missing, and how to make one.
                self.context.load_profile()?;
                continue;
            };
            let id = match name {
                "{location}" => &profile.location_id,
                _ => &profile.brand_id,
            };
            filled = filled.replace(name, id);
        }
        Ok(filled)
    }

    /// Like [`Ids::fill`] for a path, where no other braces make sense.
    fn fill_path(&self, path: &str) -> Result<String, CliError> {
        let filled = self.fill(path)?;
        match filled.split_once('{') {
            None => Ok(filled),
            Some((_, rest)) => {
                let name = rest.split('}').next().unwrap_or_default();
                Err(CliError::usage(format!(
                    "{{{name}}} stands for nothing: only {{location}} and {{brand}} are filled in"
                )))
            }
        }
    }
}

/// The call that the arguments describe.
fn call(args: &ApiArgs, ids: &Ids<'_>) -> Result<Call, CliError> {
    let mut call =
        Call::parse(&args.method, &ids.fill_path(&args.path)?).map_err(CliError::usage)?;
    for line in &args.headers {
        call.add_header(line).map_err(CliError::usage)?;
    }
    let mut fields = Fields::default();
    for pair in &args.raw_fields {
        let (key, value) = split(pair).map_err(CliError::usage)?;
        let value = value.map(Into::into);
        fields.add(key, value).map_err(CliError::usage)?;
    }
    for pair in &args.fields {
        let (key, text) = split(pair).map_err(CliError::usage)?;
        let value = match text.map(|text| (text, text.strip_prefix('@'))) {
            None => None,
            Some((_, Some(file))) => Some(read_text(Path::new(file), pair)?.into()),
            Some((text, None)) => Some(typed(&ids.fill(text)?)),
        };
        fields.add(key, value).map_err(CliError::usage)?;
    }
    let bodiless = ["GET", "HEAD"].contains(&call.method.as_str());
    if let Some(file) = &args.input {
        if bodiless {
            return Err(CliError::usage(format!("{} takes no body", call.method)));
        }
        call.body = Some(read(file)?);
    }
    if call.body.is_some() || bodiless {
        call.query.extend(fields.into_query());
    } else if !fields.is_empty() {
        call = call.with_members(&fields.into_members());
    }
    Ok(call)
}

fn read(file: &Path) -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    let done = if file.as_os_str() == "-" {
        io::stdin().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::read(file).map(|read| bytes = read)
    };
    done.map_err(|e| CliError::usage(format!("cannot read {}: {e}", file.display())))?;
    Ok(bytes)
}

fn read_text(file: &Path, pair: &str) -> Result<String, CliError> {
    let bytes = read(file).map_err(|e| {
        e.hint(format!(
            "for a text that begins with @ write --raw-field {pair:?}"
        ))
    })?;
    String::from_utf8(bytes)
        .map_err(|_| CliError::usage(format!("{} is not text in UTF-8", file.display())))
}

/// Adds a page to an array under construction.
fn gather(gathered: &mut Vec<u8>, answer: &RawAnswer) -> Result<(), CliError> {
    if serde_json::from_slice::<IgnoredAny>(&answer.body).is_err() {
        return Err(CliError::new(
            Exit::Unavailable,
            "unavailable",
            "a page of the listing is not JSON",
        ));
    }
    gathered.push(if gathered.is_empty() { b'[' } else { b',' });
    gathered.extend_from_slice(answer.body.trim_ascii());
    Ok(())
}

/// Prints answers as the arguments say.
struct Output<'a> {
    context: &'a Context,
    args: &'a ApiArgs,
}

impl Output<'_> {
    fn answer(&self, answer: &RawAnswer) -> io::Result<()> {
        self.head(answer)?;
        self.body(&answer.body)
    }

    fn head(&self, answer: &RawAnswer) -> io::Result<()> {
        if !self.args.include {
            return Ok(());
        }
        let mut text = format!("{} {} {}", answer.version, answer.status, answer.reason);
        text.truncate(text.trim_end().len());
        text.push('\n');
        for (name, value) in &answer.headers {
            text.push_str(&format!("{name}: {value}\n"));
        }
        text.push('\n');
        self.context.ui.unfiltered(text.as_bytes())
    }

    fn body(&self, body: &[u8]) -> io::Result<()> {
        if self.args.silent || body.is_empty() {
            return Ok(());
        }
        let indented = self.context.ui.indented(body);
        let body = indented.as_deref().unwrap_or(body);
        let mut out = self.context.ui.exact_stdout();
        out.write_all(body)?;
        // Pages must not run into each other, and a prompt not into an answer.
        if (self.args.paginate || indented.is_some()) && !body.ends_with(b"\n") {
            out.write_all(b"\n")?;
        }
        out.flush()
    }

    /// Prints what the service said, for a filter has no use for it, and words the failure.
    fn refused(&self, failure: RawFailure) -> io::Result<CliError> {
        if let Some(answer) = &failure.answer {
            self.head(answer)?;
            if !self.args.silent {
                let indented = self.context.ui.indented(&answer.body);
                let mut body = indented.unwrap_or_else(|| answer.body.clone());
                if !body.is_empty() && !body.ends_with(b"\n") {
                    body.push(b'\n');
                }
                self.context.ui.unfiltered(&body)?;
            }
        }
        Ok(worded(failure.error))
    }
}

/// The failure of a call that its user wrote: what the service does not know is theirs to mend.
fn worded(error: RemoteError) -> CliError {
    let (kind, side) = (error.kind, error.side);
    let (unknown, unhinted) = (error.status == Some(404), error.hint.is_none());
    let mut told = CliError::from(error);
    if kind == RemoteErrorKind::Unclear {
        told.message = format!("outcome unclear: {}", told.message);
        told.hint = Some("it may have been carried out: look before you send it again".to_owned());
    } else if unknown {
        told.exit = Exit::Failed;
        told.code = "not_found";
        told.hint = Some(format!(
            "check the path and the ids in it against {}'s reference",
            side.title()
        ));
    } else if told.exit == Exit::Unavailable && unhinted {
        told.hint = Some("try again later".to_owned());
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::Side;

    #[test]
    fn a_failure_gets_the_exit_code_of_its_kind() {
        use RemoteErrorKind::{Auth, Gone, Nonsense, Quota, Rejected, Taken, Unavailable, Unclear};
        for (kind, status, exit) in [
            (Rejected, Some(400), Exit::Failed),
            (Rejected, Some(422), Exit::Failed),
            (Taken, Some(422), Exit::Failed),
            (Gone, Some(404), Exit::Failed),
            (Nonsense, Some(404), Exit::Failed),
            (Auth, Some(401), Exit::Login),
            (Auth, Some(403), Exit::Login),
            (Unavailable, Some(429), Exit::Unavailable),
            (Unavailable, Some(503), Exit::Unavailable),
            (Unavailable, None, Exit::Unavailable),
            (Nonsense, Some(302), Exit::Unavailable),
            (Unclear, None, Exit::Unavailable),
            (Quota, Some(429), Exit::Quota),
        ] {
            let told = worded(RemoteError {
                kind,
                side: Side::Ghl,
                endpoint: "PUT /x".to_owned(),
                status,
                message: "m".to_owned(),
                code: None,
                existing: None,
                param: None,
                trace_id: None,
                hint: None,
            });
            assert_eq!(told.exit, exit, "{kind:?} {status:?}");
            let unclear = told.message.starts_with("outcome unclear: ");
            assert_eq!(unclear, kind == Unclear, "{}", told.message);
        }
    }
}
