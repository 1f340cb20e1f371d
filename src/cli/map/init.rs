//! `ghl-bm map init`: asks, or takes flags, and writes a profile. Start reading at [`run`]; the
//! questions are in [`super::interview`].

use std::io;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use clap::Args;
use serde_json::json;

use crate::api::ghl::Search;
use crate::contact::Side;
use crate::credentials::Kept;
use crate::mapping::{Direction, FieldKind, FieldRule, ListRule, Profile, SOURCES};
use crate::profiles::{NewProfile, NewRule, new_profile_text, parse_as_far_as_possible};
use crate::remote::RemoteErrorKind;
use crate::ui::Ui;

use super::super::context::{Context, watch_signals};
use super::super::error::{CliError, Exit};
use super::super::lines::ListFormat;
use super::super::sync::{self, SyncArgs};
use super::check;
use super::interview::{Ask, Found, Given, Start, World, interview, without_questions};

/// Make a profile, by answering questions or from flags
///
/// On a terminal it asks for what no flag says, with suggestions from both services, shows the file,
/// checks it, and offers to make what BigMailer lacks and to show what a sync would do. With
/// --location and --brand it asks nothing.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm map init                              asks
  ghl-bm map init --location ve9EPM428h8vShlRW1KT \\
      --brand 5b0c7a52-7a2e-4a57-9d0e-0d3a4c1f2b11
  ghl-bm map init --location ID --brand ID --start matching --create --dry-run
  ghl-bm map init --location ID --brand ID --field firstName=FIRST_NAME \\
      --field custom.lead_score=LEAD_SCORE:integer --list customer=Customers
  ghl-bm -p shop2 map init --location ID --brand ID")]
pub struct InitArgs {
    /// HighLevel location (sub-account) id
    #[arg(long, value_name = "ID", value_parser = location_flag)]
    location: Option<String>,
    /// BigMailer brand id
    #[arg(long, value_name = "ID", value_parser = brand_flag)]
    brand: Option<String>,
    /// Which way contacts travel: to-bigmailer (default), to-ghl or both
    #[arg(long, value_name = "DIRECTION", value_parser = direction_flag)]
    direction: Option<Direction>,
    /// Which fields to begin with; without any, and without questions: usual
    #[arg(long, value_name = "START", conflicts_with = "fields")]
    start: Option<Start>,
    /// A field rule; repeat for more
    #[arg(long = "field", value_name = "GHL=BIGMAILER[:TYPE]", value_parser = NewProfile::field_flag)]
    fields: Vec<NewRule>,
    /// Contacts with this tag join this list; repeat for more
    #[arg(long = "list", value_name = "TAG=LIST", value_parser = NewProfile::list_flag)]
    lists: Vec<(String, String)>,
    /// Whether unsubscribes and bounces in BigMailer become do-not-disturb in HighLevel
    #[arg(long, value_name = "BOOL")]
    consent_to_ghl: Option<bool>,
    /// Whether people with do-not-disturb whom BigMailer does not know are created there,
    /// unsubscribed (default), or left out
    #[arg(long, value_name = "BOOL")]
    create_opted_out: Option<bool>,
    /// Brake: the largest part of the contacts, or number of them, that one run may change
    /// (default 50%)
    #[arg(long, value_name = "SHARE", value_parser = NewProfile::share_flag)]
    max_changes: Option<String>,
    /// Brake: the same for deletions (default 5%)
    #[arg(long, value_name = "SHARE", value_parser = NewProfile::share_flag)]
    max_deletes: Option<String>,
    /// Then make the fields and lists that BigMailer lacks
    #[arg(long)]
    create: bool,
    /// Then show what a sync would do
    #[arg(long)]
    dry_run: bool,
    /// Replace an existing profile
    #[arg(long)]
    force: bool,
}

fn location_flag(flag: &str) -> Result<String, String> {
    NewProfile::id_flag("--location", flag)
}

fn brand_flag(flag: &str) -> Result<String, String> {
    NewProfile::id_flag("--brand", flag)
}

fn direction_flag(flag: &str) -> Result<Direction, String> {
    Direction::from_word(flag).ok_or_else(|| "use to-bigmailer, to-ghl or both".to_owned())
}

pub fn run(context: &Context, args: InitArgs) -> Result<Exit, CliError> {
    let name = &context.profile_name;
    let profiles = context.profiles();
    let path = profiles.path(name)?;
    if profiles.exists(name) && !args.force {
        return Err(CliError::new(
            Exit::Failed,
            "exists",
            format!("{} exists already", path.display()),
        )
        .hint("--force replaces it, `-p NAME` makes another, `ghl-bm map set` changes it"));
    }
    if context.globals.json && (args.create || args.dry_run) {
        return Err(CliError::usage(
            "--json prints one document, so --create and --dry-run are left out",
        )
        .hint("then type `ghl-bm map check --create --json` and `ghl-bm sync --dry-run --json`"));
    }
    let asks = (args.location.is_none() || args.brand.is_none())
        && context.ui.can_ask()
        && !context.globals.json;
    let given = Given {
        location: args.location,
        brand: args.brand,
        direction: args.direction,
        start: args.start,
        fields: args.fields,
        lists: args.lists,
        consent_to_ghl: args.consent_to_ghl,
        create_opted_out: args.create_opted_out,
        max_changes: args.max_changes,
        max_deletes: args.max_deletes,
    };
    let services = Services { context };
    let ui: &Ui = &context.ui;
    if asks {
        // A question that is broken off is to leave the terminal as it was.
        watch_signals(&context.stop);
    }
    let new = match asks {
        true => interview(ui, &services, &given)?,
        false => without_questions(&services, given)?,
    };
    let text = new_profile_text(&new);
    if asks {
        ui.raw(&format!("\n{}", text.trim_end()));
        let write = context.globals.yes
            || ui.ask_yes(&format!("Write this to {}?", path.display()), true)?;
        if !write {
            return Err(CliError::new(
                Exit::Failed,
                "cancelled",
                "nothing was written",
            ));
        }
    }
    profiles.save_text(name, &text)?;
    profiles.save_schema()?;
    if context.globals.json {
        let document =
            json!({ "schema_version": 1, "command": "map init", "profile": name, "path": path });
        ui.data(&document.to_string())?;
    } else {
        ui.data(&path.display().to_string())?;
    }
    let steps = Steps {
        asks,
        create: args.create,
        dry_run: args.dry_run,
    };
    steps.take(context)
}

/// What comes after the file.
struct Steps {
    asks: bool,
    create: bool,
    dry_run: bool,
}

impl Steps {
    fn take(&self, context: &Context) -> Result<Exit, CliError> {
        let ui = &context.ui;
        let agrees = |question: &str| -> Result<bool, CliError> {
            Ok(self.asks && (context.globals.yes || ui.ask_yes(question, true)?))
        };
        if !self.asks && !self.create && !self.dry_run {
            ui.hint("next: `ghl-bm map check --create`, then `ghl-bm sync --dry-run`");
            return Ok(Exit::Done);
        }
        let mut checked = check::examine(context)?;
        let missing = checked.missing();
        if !missing.is_empty() {
            ui.info(&format!("BigMailer lacks: {}", check::names(&missing)));
            if self.create || agrees("Make that in BigMailer now?")? {
                checked = check::create(context, &checked)?;
            }
        }
        checked.tell(context, ListFormat::default())?;
        let exit = checked.exit();
        if exit != Exit::Done {
            ui.hint("next: `ghl-bm map check --create`, then `ghl-bm sync --dry-run`");
            return Ok(exit);
        }
        if self.dry_run || agrees("Show what a sync would do? Nothing is written.")? {
            sync::run(context, SyncArgs::dry())?;
        }
        ui.hint(
            "next: `ghl-bm sync`; `ghl-bm map set`, `add`, `remove` and `edit` change the profile",
        );
        Ok(Exit::Done)
    }
}

impl Ask for Ui {
    fn text(&self, question: &str, default: Option<&str>) -> io::Result<String> {
        self.ask_text(question, default)
    }

    fn one(&self, question: &str, options: &[String], default: usize) -> io::Result<usize> {
        self.ask_one(question, options, default)
    }

    fn some(&self, question: &str, options: &[(String, bool)]) -> io::Result<Vec<usize>> {
        self.ask_some(question, options)
    }

    fn yes(&self, question: &str, default: bool) -> io::Result<bool> {
        self.ask_yes(question, default)
    }

    fn say(&self, text: &str) {
        // Part of a conversation, however little else is to be said.
        self.raw(text);
    }
}

/// Both services, as the credentials of this profile reach them.
struct Services<'a> {
    context: &'a Context,
}

impl Services<'_> {
    fn profile(&self, location: &str, brand: &str) -> Profile {
        Profile::new(&self.context.profile_name, location, brand)
    }
}

impl World for Services<'_> {
    fn own_location(&self) -> Option<String> {
        #[cfg(feature = "sandbox")]
        if self.context.globals.sandbox {
            let sandbox = self.context.sandbox().ok()?;
            return Some(sandbox.location_id().to_owned());
        }
        match self.context.identity(Side::Ghl).ok()?.kept.as_ref()? {
            Kept::App(app) => app.tokens.location_id.clone(),
            Kept::Token(_) => None,
        }
    }

    fn location(&self, id: &str) -> Result<String, CliError> {
        let ghl = self.context.ghl(&self.profile(id, "brand"))?;
        match ghl.location() {
            Ok(location) => Ok(location.name.unwrap_or(location.id)),
            // Without the scope for locations, contacts tell as well whether the token fits.
            Err(error) if error.kind == RemoteErrorKind::Auth => {
                ghl.count()?;
                Ok(id.to_owned())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn brands(&self) -> Result<Vec<(String, String)>, CliError> {
        let credential = self.context.identity(Side::Bigmailer)?.credential.clone();
        let bigmailer = self.context.bigmailer_with(None, credential)?;
        let brands = bigmailer.brands()?.into_iter();
        Ok(brands
            .map(|brand| {
                let name = brand.name.unwrap_or_else(|| brand.id.clone());
                (brand.id, name)
            })
            .collect())
    }

    fn look(&self, location: &str, brand: &str) -> Result<Found, CliError> {
        // Custom fields and lists are read where rules name some.
        let mut profile = self.profile(location, brand);
        profile.fields = vec![FieldRule::new("custom.*", "ANY", FieldKind::Text)];
        profile.lists = vec![ListRule::new("any", "any")];
        let mut ghl = self.context.ghl(&profile)?;
        let bigmailer = self.context.bigmailer(&profile)?;
        let services = self.context.services(&profile, &ghl, &bigmailer)?;
        // Tags are a help, and need a scope that nothing else here does.
        let tags = match ghl.tags() {
            Ok(tags) => tags,
            Err(error) if error.kind == RemoteErrorKind::Auth => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let mut wanted: Vec<String> = SOURCES.iter().map(|source| (*source).to_owned()).collect();
        wanted.push("custom.*".to_owned());
        ghl.require_consent(false);
        ghl.want(&wanted)?;
        let people = Mutex::new(Vec::new());
        ghl.search(&Search::default(), &|page| {
            *people.lock().unwrap_or_else(PoisonError::into_inner) = page.contacts;
            ControlFlow::Break(())
        })?;
        Ok(Found {
            services,
            tags,
            people: people.into_inner().unwrap_or_else(PoisonError::into_inner),
        })
    }

    fn directions(&self) -> Vec<Direction> {
        let readable = |direction: &Direction| {
            let new = NewProfile {
                direction: *direction,
                ..NewProfile::new("L", "B")
            };
            let problems = parse_as_far_as_possible("new", &new_profile_text(&new)).1;
            problems.is_empty()
        };
        [Direction::ToBigmailer, Direction::ToGhl, Direction::Both]
            .into_iter()
            .filter(readable)
            .collect()
    }
}
