//! `ghl-bm test`: named checks of everything a sync needs. Start reading at [`run`].

use std::path::Path;

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::api::ghl::Search;
use crate::contact::{Contact, FieldValue, Side, email_key, is_usable_email};
use crate::fit::fit;
use crate::mapping::derived::derive;
use crate::mapping::{self, Profile};
use crate::remote::{Key, Listing, Remote as _, RemoteError};
use crate::state::{Access, State};

use super::attached;
use super::context::Context;
use super::error::{CliError, Exit};
use super::lines::ListFormat;

/// Check connection, permissions, mapping and data flow, without writing anything unless asked to
///
/// One line a check: ok, warn or fail, with the next command to type. Exit code 0 only if no check
/// failed.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm test
  ghl-bm test --contact ve9EPM428h8vShlRW1KT  how this contact would arrive
  ghl-bm test --round-trip canary@example.com write it, read it, remove it
  ghl-bm test --probe                         try out what the brand does
  ghl-bm test --json")]
pub struct TestArgs {
    /// Use this HighLevel contact for the data flow check instead of the first one
    #[arg(long, value_name = "ID", value_parser = crate::cli::given)]
    contact: Option<String>,
    /// Show the mapped values, not only their kinds
    #[arg(long)]
    show_pii: bool,
    /// Write a contact with this address to BigMailer, opted out, read it back and remove it; the
    /// address must be new to the brand
    #[arg(long, value_name = "EMAIL")]
    round_trip: Option<String>,
    /// Try out on contacts of its own what BigMailer's documents leave open, remove them, and
    /// remember for this brand what was found
    #[arg(long)]
    probe: bool,
    #[command(flatten)]
    format: ListFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    Warn,
    Fail,
    Skipped,
}

#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    verdict: Verdict,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

pub(super) struct Checks<'a> {
    context: &'a Context,
    /// Each check is told when it is done; else all of them at the end, to a program.
    live: bool,
    done: Vec<Check>,
    /// The exit code of the first failure.
    exit: Exit,
}

impl Checks<'_> {
    fn add(
        &mut self,
        name: &'static str,
        verdict: Verdict,
        message: impl Into<String>,
        next: Option<String>,
    ) {
        let check = Check {
            name,
            verdict,
            message: message.into(),
            next,
        };
        if self.live {
            let word = match verdict {
                Verdict::Ok => "ok",
                Verdict::Warn => "warn",
                Verdict::Fail => "fail",
                Verdict::Skipped => "skip",
            };
            let mut line = format!("{word:<5} {:<12} {}", check.name, check.message);
            if let Some(next) = &check.next {
                line.push_str(&format!("\n{:18} next: {next}", ""));
            }
            // A closed pipe is noticed at the end; until then the checks go on.
            let _ = self.context.ui.data(&line);
        }
        self.done.push(check);
    }

    pub(super) fn ok(&mut self, name: &'static str, message: impl Into<String>) {
        self.add(name, Verdict::Ok, message, None);
    }

    pub(super) fn warn(
        &mut self,
        name: &'static str,
        message: impl Into<String>,
        next: impl Into<String>,
    ) {
        self.add(name, Verdict::Warn, message, Some(next.into()));
    }

    fn skip(&mut self, name: &'static str, why: &str) {
        self.add(name, Verdict::Skipped, why, None);
    }

    pub(super) fn fail(&mut self, name: &'static str, error: CliError) {
        if self.exit == Exit::Done {
            self.exit = error.exit;
        }
        self.add(name, Verdict::Fail, error.message, error.hint);
    }

    /// The value, or the failure as a line.
    pub(super) fn try_to<T>(
        &mut self,
        name: &'static str,
        result: Result<T, impl Into<CliError>>,
    ) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(e) => {
                self.fail(name, e.into());
                None
            }
        }
    }
}

pub fn run(context: &Context, args: TestArgs) -> Result<Exit, CliError> {
    let mut checks = Checks {
        context,
        live: !args.format.is_for_programs(context),
        done: Vec::new(),
        exit: Exit::Done,
    };
    all(context, &args, &mut checks)?;
    let failed = checks
        .done
        .iter()
        .filter(|c| c.verdict == Verdict::Fail)
        .count();
    if !checks.live {
        let document = json!({
            "schema_version": 1,
            "command": "test",
            "profile": context.profile_name,
            "ok": failed == 0,
            "checks": checks.done,
            "exit_code": checks.exit.code(),
        });
        args.format.print(context, &document, "checks")?;
    } else {
        let warned = checks
            .done
            .iter()
            .filter(|c| c.verdict == Verdict::Warn)
            .count();
        context.ui.data(&format!(
            "{} checks, {warned} warnings, {failed} failed",
            checks.done.len()
        ))?;
    }
    Ok(checks.exit)
}

fn all(context: &Context, args: &TestArgs, checks: &mut Checks<'_>) -> Result<(), CliError> {
    let profile = checks.try_to("profile", context.load_profile());
    if let Some(profile) = &profile {
        checks.ok(
            "profile",
            format!(
                "{}: {} fields, {} lists",
                profile.name,
                profile.fields.len(),
                profile.lists.len()
            ),
        );
    }
    places(context, checks);
    let mut known = true;
    for (name, side) in [("ghl key", Side::Ghl), ("bm key", Side::Bigmailer)] {
        match context.identity(side) {
            Ok(identity) => {
                let source = &identity.source;
                let kind = match identity.renewal {
                    Some(_) => "OAuth login",
                    None => crate::credentials::kind(side, &identity.secret),
                };
                let kept = identity.kept.as_ref();
                match super::auth::rotation_warning(side, kept, context.now()) {
                    Some((what, next)) => {
                        checks.warn(name, format!("{kind} from {source}: {what}"), next);
                    }
                    None => checks.ok(name, format!("{kind} from {source}")),
                }
            }
            Err(e) => {
                known = false;
                checks.fail(name, e);
            }
        }
    }
    let Some(profile) = profile.filter(|_| known) else {
        for name in ["highlevel", "bigmailer", "mapping", "data flow"] {
            checks.skip(name, "not run: something above is missing");
        }
        return Ok(());
    };
    let clients = (context.ghl(&profile), context.bigmailer(&profile));
    let (Some(mut ghl), Some(mut bigmailer)) = (
        checks.try_to("highlevel", clients.0),
        checks.try_to("bigmailer", clients.1),
    ) else {
        return Ok(());
    };

    // Of the contacts that are only looked through none is worth a call of its own.
    ghl.require_consent(false);
    let location = location(checks, &ghl);
    let brand = brand(checks, &bigmailer);
    if let Some(date) = ghl.service_now() {
        clock(context, checks, date);
    }
    if let Some(left) = ghl.quota_left() {
        let reserve = profile.limits.daily_reserve;
        if left.remaining <= reserve {
            checks.warn(
                "quota",
                format!(
                    "{} HighLevel calls left today, {reserve} of them reserved for other tools",
                    left.remaining
                ),
                "run the sync tomorrow, or lower limits.daily_reserve in the profile",
            );
        } else {
            checks.ok(
                "quota",
                format!("{} HighLevel calls left today", left.remaining),
            );
        }
    }
    state(context, checks);
    if !location || !brand {
        checks.skip("mapping", "not run: a service could not be asked");
        checks.skip("data flow", "not run: a service could not be asked");
        return Ok(());
    }
    let Some(services) = checks.try_to("mapping", context.services(&profile, &ghl, &bigmailer))
    else {
        checks.skip(
            "data flow",
            "not run: the services' fields could not be read",
        );
        return Ok(());
    };
    let result = fit(&profile, &services);
    for finding in result.findings.iter().filter(|f| !f.kind.is_error()) {
        checks.warn("mapping", finding.message.clone(), "ghl-bm map check");
    }
    let Some(resolved) = result.resolved else {
        checks.fail("mapping", super::report::misfit(&profile, &result));
        checks.skip("data flow", "not run: the profile does not fit");
        return Ok(());
    };
    checks.ok(
        "mapping",
        "every field and list of the profile exists and has the right type",
    );
    if checks
        .try_to("data flow", ghl.want(&profile.wanted_sources()))
        .is_none()
    {
        return Ok(());
    }
    bigmailer.want(&resolved.wanted_targets());
    let now = Timestamp::from_millisecond(context.now()).unwrap_or_default();
    data_flow(args, checks, &profile, &ghl, now);
    if let Some(email) = &args.round_trip {
        super::probe::round_trip(checks, &profile, &resolved, &bigmailer, email);
    }
    if args.probe {
        super::probe::probe(context, checks, &profile, &mut bigmailer);
    }
    Ok(())
}

fn places(context: &Context, checks: &mut Checks<'_>) {
    for (name, dir) in [
        ("config dir", context.config_dir()),
        ("state dir", context.state_dir()),
    ] {
        match writable(dir) {
            Ok(note) => checks.ok(name, format!("{} {note}", dir.display())),
            // A mounted or shared one: a sync only reads it.
            Err(e) if name == "config dir" && dir.is_dir() => checks.warn(
                name,
                format!("{}: {e}", dir.display()),
                "nothing, if the profile is put there in another way; else choose another with --config-dir",
            ),
            Err(e) => checks.fail(
                name,
                CliError::invalid(format!("{}: {e}", dir.display()))
                    .hint("choose another with --config-dir or --state-dir"),
            ),
        }
    }
}

/// Whether files can be made in a directory, or the directory itself; makes nothing that stays.
fn writable(dir: &Path) -> std::io::Result<&'static str> {
    let mut place = dir;
    while !place.exists() {
        place = place
            .parent()
            .ok_or_else(|| std::io::Error::other("no such place"))?;
    }
    tempfile::tempfile_in(place)?;
    Ok(if place == dir { "" } else { "(will be made)" })
}

fn location(checks: &mut Checks<'_>, ghl: &crate::api::ghl::Ghl) -> bool {
    match ghl.location() {
        Ok(location) => {
            let name = location.name.unwrap_or_else(|| location.id.clone());
            let policy = match location.allow_duplicates {
                Some(true) => "duplicates allowed",
                Some(false) => "duplicates refused",
                None => "duplicate policy unknown",
            };
            checks.ok("highlevel", format!("location {name}, {policy}"));
        }
        Err(e) if is_scope(&e) => {
            // Only the name and the duplicate policy are lost with this scope.
            checks.warn(
                "highlevel",
                e.to_string(),
                "add the scope locations.readonly to see the location's name",
            );
        }
        Err(e) => {
            checks.fail("highlevel", e.into());
            return false;
        }
    }
    // The scope that a sync cannot do without.
    match ghl.search(
        &Search::default(),
        &|_page| std::ops::ControlFlow::Break(()),
    ) {
        Ok(_) => {
            checks.ok("ghl contacts", "contacts can be searched");
            true
        }
        Err(e) => {
            checks.fail("ghl contacts", e.into());
            false
        }
    }
}

fn is_scope(error: &RemoteError) -> bool {
    error.status == Some(401) && error.message.to_lowercase().contains("scope")
}

fn brand(checks: &mut Checks<'_>, bigmailer: &crate::api::bigmailer::Bigmailer) -> bool {
    if checks.try_to("bigmailer", bigmailer.me()).is_none() {
        return false;
    }
    let Some(brand) = checks.try_to("bigmailer", bigmailer.brand()) else {
        return false;
    };
    let name = brand.name.unwrap_or_else(|| brand.id.clone());
    match (brand.contact_limit, brand.num_contacts) {
        (Some(limit), Some(count)) if limit > 0 && count >= limit => checks.warn(
            "bigmailer",
            format!("brand {name} holds {count} contacts, its limit is {limit}: campaigns are blocked beyond it"),
            "raise the brand's contact limit in BigMailer",
        ),
        (limit, count) => {
            let count = count.map(|c| format!(", {c} contacts")).unwrap_or_default();
            let limit = limit.filter(|l| *l > 0).map(|l| format!(" of {l}")).unwrap_or_default();
            checks.ok("bigmailer", format!("brand {name}{count}{limit}"));
        }
    }
    true
}

/// More than this is a clock problem rather than a slow answer.
const CLOCK_OFF_MS: i64 = 120_000;

fn clock(context: &Context, checks: &mut Checks<'_>, service_now: i64) {
    let off = context.now() - service_now;
    if off.abs() > CLOCK_OFF_MS {
        checks.warn(
            "clock",
            format!("this machine's clock is {} s off HighLevel's", off / 1000),
            "set the clock (NTP); syncs use HighLevel's",
        );
    } else {
        checks.ok("clock", "agrees with HighLevel's");
    }
}

fn state(context: &Context, checks: &mut Checks<'_>) {
    let path = context.state_path();
    if !path.exists() {
        checks.ok("state", "none yet: the first sync makes it");
        return;
    }
    if let Some(links) = checks.try_to(
        "state",
        State::open(&path, Access::Peek).and_then(|s| s.linked()),
    ) {
        checks.ok("state", format!("healthy, {links} linked contacts"));
    }
}

/// Reads one real contact and shows it as it would arrive.
fn data_flow(
    args: &TestArgs,
    checks: &mut Checks<'_>,
    profile: &Profile,
    ghl: &crate::api::ghl::Ghl,
    now: Timestamp,
) {
    let found = match &args.contact {
        Some(id) => ghl.get(Key::Id(id)).map(|c| c.into_iter().collect()),
        None => first_contacts(ghl),
    };
    let Some(found) = checks.try_to("data flow", found) else {
        return;
    };
    let sample = found
        .iter()
        .find(|c| args.contact.is_some() || mapping::map(profile, c).in_scope && usable(c))
        .or(found.first());
    let Some(sample) = sample else {
        match &args.contact {
            Some(id) => checks.fail("data flow", unknown_contact(id)),
            None => checks.warn(
                "data flow",
                "the location has no contact yet",
                "add one in HighLevel and run this again",
            ),
        }
        return;
    };
    // As the primary store has it: search leaves things out.
    let read = match &args.contact {
        Some(_) => Some(Some(sample.clone())),
        None => checks.try_to("data flow", ghl.get(Key::Id(&sample.id))),
    };
    let Some(read) = read else { return };
    let Some(contact) = &read else {
        checks.fail("data flow", unknown_contact(&sample.id));
        return;
    };
    let attached = attached::read(profile, ghl, contact, now);
    let Some((facts, setting)) = checks.try_to("data flow", attached) else {
        return;
    };
    let mut mapped = mapping::map(profile, contact);
    for (rule, value) in profile.fields.iter().zip(&mut mapped.fields) {
        if let Some(derived) = derive(rule, &facts, &setting) {
            *value = derived;
        }
    }
    let mut text = format!("{} would arrive ", contact.id);
    match (mapped.in_scope, usable(contact)) {
        (false, _) => text.push_str("not at all: it does not pass the filter"),
        (true, false) => text.push_str("not at all: it has no address that BigMailer can store"),
        (true, true) => {
            text.push_str(if contact.consent.is_blocked() {
                "unsubscribed, with"
            } else {
                "with"
            });
            for (rule, value) in profile.fields.iter().zip(&mapped.fields) {
                let shown = match value {
                    Err(e) => {
                        let message = e.to_string();
                        checks.warn("data flow", message, "look at the rule, or add a transform");
                        continue;
                    }
                    Ok(None) => continue,
                    Ok(Some(value)) if args.show_pii => shown(value),
                    Ok(Some(value)) => value.kind().to_owned(),
                };
                text.push_str(&format!(" {}={shown}", rule.bigmailer));
            }
            for (rule, member) in profile.lists.iter().zip(&mapped.lists) {
                let deals = facts.opportunities.as_deref();
                let member = match member {
                    Ok(member) => *member,
                    Err(open) => open.holds(None, deals, &setting.pipelines) == Some(true),
                };
                if member {
                    text.push_str(&format!(" [{}]", rule.list));
                }
            }
        }
    }
    checks.ok("data flow", text);
}

fn unknown_contact(id: &str) -> CliError {
    CliError::new(
        Exit::Failed,
        "not_found",
        format!("HighLevel has no contact {id}"),
    )
    .hint("`ghl-bm pull contacts --fields id,email` lists them")
}

fn usable(contact: &Contact) -> bool {
    contact
        .email
        .as_deref()
        .and_then(email_key)
        .is_some_and(|key| is_usable_email(&key))
}

fn shown(value: &FieldValue) -> String {
    match value {
        FieldValue::Text(text) => format!("{text:?}"),
        FieldValue::Integer(number) => number.to_string(),
        FieldValue::Decimal(number) => number.to_string(),
        FieldValue::Flag(flag) => flag.to_string(),
        FieldValue::Date(date) => date.to_string(),
        FieldValue::Many(items) => format!("{items:?}"),
    }
}

/// The first page of contacts; one call.
fn first_contacts(ghl: &crate::api::ghl::Ghl) -> Result<Vec<Contact>, RemoteError> {
    let found = std::sync::Mutex::new(Vec::new());
    ghl.list(&Listing::Full, &|page| {
        let mut found = found
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if found.is_empty() {
            *found = page.contacts;
        }
        std::ops::ControlFlow::Break(())
    })?;
    Ok(found
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner))
}
