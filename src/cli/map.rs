//! `ghl-bm map`: make, list, show and check mapping profiles. Start reading at [`run`].

use clap::{Args, Subcommand};
use serde_json::json;

use crate::fit::{Finding, Fit, Missing, fit};
use crate::mapping::{Direction, FieldKind};
use crate::profiles::{NewProfile, new_profile_text};

use super::context::Context;
use super::error::{CliError, Exit};

/// Make, list, show and check mapping profiles
///
/// A profile says which HighLevel location goes with which BigMailer brand, which fields and tags
/// travel, and how careful a sync has to be. It is a TOML file that you may edit.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm map init --location ID --brand ID     make the profile `default`
  ghl-bm map check --create                    compare it with both services, make what is missing
  ghl-bm map show")]
pub struct MapArgs {
    #[command(subcommand)]
    command: MapCommand,
}

#[derive(Debug, Subcommand)]
enum MapCommand {
    Init(InitArgs),
    /// List the profiles there are
    #[command(after_long_help = "\
Examples:
  ghl-bm map list
  ghl-bm map list --json | jq -r .profiles[]")]
    List,
    /// Print a profile
    #[command(after_long_help = "\
Examples:
  ghl-bm map show
  ghl-bm -p shop2 map show > shop2.toml")]
    Show,
    Check(CheckArgs),
}

/// Make a profile from flags
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm map init --location ve9EPM428h8vShlRW1KT --brand 5b0c7a52-7a2e-4a57-9d0e-0d3a4c1f2b11
  ghl-bm map init --location ID --brand ID --field firstName=FIRST_NAME \\
      --field custom.lead_score=LEAD_SCORE:integer --list customer=Customers
  ghl-bm -p shop2 map init --location ID --brand ID")]
struct InitArgs {
    /// HighLevel location (sub-account) id
    #[arg(long, value_name = "ID")]
    location: String,
    /// BigMailer brand id
    #[arg(long, value_name = "ID")]
    brand: String,
    /// Which way contacts travel
    #[arg(long, value_name = "DIRECTION", default_value = "to-bigmailer")]
    direction: String,
    /// A field rule; repeat for more. Without any: the usual name and address fields
    #[arg(long = "field", value_name = "GHL=BIGMAILER[:TYPE]", value_parser = NewProfile::field_flag)]
    fields: Vec<(String, String, Option<FieldKind>)>,
    /// Contacts with this tag join this list; repeat for more
    #[arg(long = "list", value_name = "TAG=LIST", value_parser = NewProfile::list_flag)]
    lists: Vec<(String, String)>,
    /// Replace an existing profile
    #[arg(long)]
    force: bool,
}

/// Compare a profile with both services
///
/// Exit code 0: everything fits. 20: something is missing or of another type. 11: the profile file
/// itself is wrong.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm map check
  ghl-bm map check --create     make missing BigMailer fields and lists
  ghl-bm map check --json")]
struct CheckArgs {
    /// Make the fields and lists that BigMailer lacks
    #[arg(long)]
    create: bool,
}

pub fn run(context: &Context, args: MapArgs) -> Result<Exit, CliError> {
    match args.command {
        MapCommand::Init(args) => init(context, args),
        MapCommand::List => list(context),
        MapCommand::Show => show(context),
        MapCommand::Check(args) => check(context, &args),
    }
}

fn init(context: &Context, args: InitArgs) -> Result<Exit, CliError> {
    let direction = match args.direction.as_str() {
        "to-bigmailer" => Direction::ToBigmailer,
        "to-ghl" => Direction::ToGhl,
        "both" => Direction::Both,
        other => {
            return Err(CliError::usage(format!(
                "--direction {other}: known are to-bigmailer, to-ghl and both"
            )));
        }
    };
    let name = &context.profile_name;
    let profiles = context.profiles();
    let path = profiles.path(name)?;
    if profiles.exists(name) && !args.force {
        return Err(CliError::new(
            Exit::Failed,
            "exists",
            format!("{} exists already", path.display()),
        )
        .hint("--force replaces it, `-p NAME` makes another"));
    }
    let text = new_profile_text(&NewProfile {
        location_id: args.location,
        brand_id: args.brand,
        direction,
        fields: args.fields,
        lists: args.lists,
    });
    profiles.save_text(name, &text)?;
    if context.globals.json {
        let document =
            json!({ "schema_version": 1, "command": "map init", "profile": name, "path": path });
        context.ui.data(&document.to_string())?;
    } else {
        context.ui.data(&path.display().to_string())?;
        context
            .ui
            .hint("next: `ghl-bm map check --create`, then `ghl-bm sync --dry-run`");
    }
    Ok(Exit::Done)
}

fn list(context: &Context) -> Result<Exit, CliError> {
    let names = context.profiles().list()?;
    if context.globals.json {
        context.ui.data(
            &json!({ "schema_version": 1, "command": "map list", "profiles": names }).to_string(),
        )?;
    } else if names.is_empty() {
        context
            .ui
            .hint("there is no profile yet: make one with `ghl-bm map init`");
    } else {
        context.ui.data(&names.join("\n"))?;
    }
    Ok(Exit::Done)
}

fn show(context: &Context) -> Result<Exit, CliError> {
    // In the sandbox the profile may have to be made first.
    if context.globals.sandbox {
        context.load_profile()?;
    }
    let text = context.profiles().text(&context.profile_name)?;
    if context.globals.json {
        let document = json!({ "schema_version": 1, "command": "map show", "profile": context.profile_name, "toml": text });
        context.ui.data(&document.to_string())?;
    } else {
        context.ui.data(&text)?;
    }
    Ok(Exit::Done)
}

fn check(context: &Context, args: &CheckArgs) -> Result<Exit, CliError> {
    let profile = context.load_profile()?;
    let ghl = context.ghl(&profile)?;
    let bigmailer = context.bigmailer(&profile)?;
    let services = context.services(&profile, &ghl, &bigmailer)?;
    let mut result = fit(&profile, &services);
    let mut made = Vec::new();
    if args.create {
        let mut wanted: Vec<Missing> = Vec::new();
        for missing in result.findings.iter().filter_map(|f| f.create.clone()) {
            // Two rules may name the same missing list.
            if !wanted.contains(&missing) {
                wanted.push(missing);
            }
        }
        for missing in wanted {
            match &missing {
                Missing::Field { merge_tag, kind } => {
                    bigmailer.create_field(merge_tag, merge_tag, kind.as_str())?;
                    made.push(format!("field {merge_tag} ({})", kind.as_str()));
                }
                Missing::List { name } => {
                    bigmailer.create_list(name)?;
                    made.push(format!("list {name}"));
                }
            }
        }
        if !made.is_empty() {
            // Read back: what the service made is what counts.
            let services = context.services(&profile, &ghl, &bigmailer)?;
            result = fit(&profile, &services);
        }
    }
    let fits = result.resolved.is_some();
    let exit = if fits { Exit::Done } else { Exit::Differences };
    if context.globals.json {
        context
            .ui
            .data(&document(context, &result, &made, exit).to_string())?;
    } else {
        let mut text = String::new();
        for thing in &made {
            text.push_str(&format!("created  {thing}\n"));
        }
        for finding in &result.findings {
            text.push_str(&line(finding));
        }
        if fits {
            text.push_str(&format!(
                "profile {} fits: {} fields, {} lists\n",
                profile.name,
                profile.fields.len(),
                profile.lists.len()
            ));
        }
        context.ui.data(&text)?;
        if result.findings.iter().any(|f| f.create.is_some()) {
            context
                .ui
                .hint("`ghl-bm map check --create` makes what BigMailer lacks");
        }
    }
    Ok(exit)
}

fn line(finding: &Finding) -> String {
    let word = if finding.kind.is_error() {
        "fail"
    } else {
        "warn"
    };
    let place = if finding.line > 0 {
        format!("line {}: ", finding.line)
    } else {
        String::new()
    };
    format!(
        "{word}     {place}{} ({})\n",
        finding.message,
        finding.kind.as_str()
    )
}

fn document(context: &Context, result: &Fit, made: &[String], exit: Exit) -> serde_json::Value {
    let findings: Vec<_> = result
        .findings
        .iter()
        .map(|f| {
            json!({
                "line": f.line,
                "kind": f.kind.as_str(),
                "error": f.kind.is_error(),
                "message": f.message,
                "can_create": f.create.is_some(),
            })
        })
        .collect();
    json!({
        "schema_version": 1,
        "command": "map check",
        "profile": context.profile_name,
        "ok": result.resolved.is_some(),
        "created": made,
        "findings": findings,
        "exit_code": exit.code(),
    })
}
