//! `ghl-bm map check`: everything that is wrong with a profile, in one run. Start reading at [`run`].

use clap::Args;
use serde_json::{Value, json};

use crate::api::ghl::Ghl;
use crate::contact::Side;
use crate::credentials::Kept;
use crate::fit::{Finding, FindingKind, Missing, Seen, advice, drift, fit};
use crate::mapping::Profile;
use crate::mapping::derived::{Cost, cost_of_thousand};
use crate::profiles::{Problem, parse_as_far_as_possible};
use crate::remote::RemoteErrorKind;
use crate::state::{Access, State};

use super::super::auth::scopes;
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::lines::ListFormat;

/// Compare a profile with both services and tell everything that is wrong with it
///
/// Exit code 0: everything fits; warnings may be told. 11: the file itself is wrong. 20: something is
/// missing, of another type, or was renamed or retyped since the last run.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm map check
  ghl-bm map check --create     make what BigMailer lacks, after asking
  ghl-bm map check --format ndjson --jq 'select(.error) | .message'")]
pub struct CheckArgs {
    /// Make the fields and lists that BigMailer lacks
    #[arg(long)]
    create: bool,
    #[command(flatten)]
    format: ListFormat,
}

/// Where a sync keeps what it saw, for [`drift`].
pub const SEEN: &str = "seen_services";

pub fn run(context: &Context, args: &CheckArgs) -> Result<Exit, CliError> {
    let mut checked = examine(context)?;
    let missing = checked.missing();
    if args.create && !missing.is_empty() {
        context
            .ui
            .info(&format!("to be made in BigMailer: {}", names(&missing)));
        let asks = !context.globals.yes && context.ui.can_ask();
        if asks && !context.ui.ask_yes("Make that in BigMailer now?", true)? {
            return Err(CliError::new(Exit::Failed, "cancelled", "nothing was made"));
        }
        checked = create(context, &checked)?;
    }
    checked.tell(context, args.format)?;
    if args.create && checked.is_broken() && !args.format.is_for_programs(context) {
        context
            .ui
            .hint("nothing is made in BigMailer before the file is right");
    }
    Ok(checked.exit())
}

/// A finding and where exactly it is.
struct Told {
    finding: Finding,
    /// In characters, from 1; 0 when the whole rule is meant.
    column: usize,
}

/// What a check found.
pub struct Checked {
    name: String,
    /// As far as it could be read.
    profile: Option<Profile>,
    findings: Vec<Told>,
    made: Vec<String>,
    /// The file is wrong, so that the services could not be asked; why.
    not_asked: Option<String>,
}

/// Reads the profile and asks the services; changes neither, but brings a file of an older format up to
/// date.
///
/// # Errors
/// There is no such profile; a service cannot be asked and nothing is wrong with the file.
pub fn examine(context: &Context) -> Result<Checked, CliError> {
    context.make_sandbox_profile()?;
    super::bring_up(context)?;
    let text = context.profiles().text(&context.profile_name)?;
    let (profile, problems) = parse_as_far_as_possible(&context.profile_name, &text);
    let broken = !problems.is_empty();
    let mut findings: Vec<Told> = problems.into_iter().map(invalid).collect();
    let mut not_asked = None;
    match &profile {
        Some(profile) if !profile.location_id.is_empty() && !profile.brand_id.is_empty() => {
            match compare(context, profile) {
                Ok(more) => {
                    findings.extend(more.into_iter().map(|finding| Told { finding, column: 0 }))
                }
                // What is wrong with the file can be mended first.
                Err(error) if broken => not_asked = Some(error.message),
                Err(error) => return Err(error),
            }
        }
        _ => not_asked = Some("the file has to be mended first".to_owned()),
    }
    findings.sort_by_key(|told| (told.finding.line, told.column));
    Ok(Checked {
        name: context.profile_name.clone(),
        profile,
        findings,
        made: Vec::new(),
        not_asked,
    })
}

fn invalid(problem: Problem) -> Told {
    Told {
        column: problem.column,
        finding: Finding {
            line: problem.line,
            kind: FindingKind::Invalid,
            message: problem.message,
            create: None,
        },
    }
}

fn compare(context: &Context, profile: &Profile) -> Result<Vec<Finding>, CliError> {
    let ghl = context.ghl(profile)?;
    let bigmailer = context.bigmailer(profile)?;
    let mut findings = lacking_scopes(context, profile)?;
    let services = context.services(profile, &ghl, &bigmailer)?;
    findings.extend(fit(profile, &services).findings);
    findings.extend(advice(profile, tags(context, profile, &ghl).as_deref()));
    if let Some(seen) = seen(context)? {
        findings.extend(drift(&seen, profile, &services));
    }
    Ok(findings)
}

/// HighLevel's own list of tags, where the profile names any and the token may read it.
fn tags(context: &Context, profile: &Profile, ghl: &Ghl) -> Option<Vec<String>> {
    let filter = &profile.filter;
    if profile.lists.is_empty() && filter.tags_any.is_empty() && filter.tags_none.is_empty() {
        return None;
    }
    match ghl.tags() {
        Ok(tags) => Some(tags),
        Err(error) => {
            let scope = match error.kind {
                RemoteErrorKind::Auth => " (scope locations/tags.readonly)",
                _ => "",
            };
            context
                .ui
                .detail(&format!("tags were not compared{scope}: {error}"));
            None
        }
    }
}

/// Scopes that the rules need and the login does not have. A private integration token does not tell
/// its scopes: there the calls themselves show what is missing.
fn lacking_scopes(context: &Context, profile: &Profile) -> Result<Vec<Finding>, CliError> {
    Ok(match &context.identity(Side::Ghl)?.kept {
        Some(Kept::App(app)) => lacking(&app.tokens.scopes, profile),
        _ => Vec::new(),
    })
}

fn lacking(granted: &[String], profile: &Profile) -> Vec<Finding> {
    let needed = scopes::of_profile(Some(profile)).into_iter();
    let lacking = needed.filter(|scope| !granted.iter().any(|granted| granted == scope));
    lacking
        .map(|scope| Finding {
            line: 0,
            kind: FindingKind::MissingScope,
            message: format!(
                "the HighLevel login lacks the scope {scope}; add it to the app and run `ghl-bm auth \
                 login ghl` again"
            ),
            create: None,
        })
        .collect()
}

/// What the last run saw; a state that nobody has written yet saw nothing.
fn seen(context: &Context) -> Result<Option<Seen>, CliError> {
    let path = context.state_path();
    if !path.exists() {
        return Ok(None);
    }
    let kept = State::open(&path, Access::Peek)?.meta(SEEN)?;
    // What another version wrote in another form says nothing about drift.
    Ok(kept.and_then(|kept| serde_json::from_str(&kept).ok()))
}

/// Makes what is missing in BigMailer, and looks again: what the service made is what counts.
pub fn create(context: &Context, checked: &Checked) -> Result<Checked, CliError> {
    let Some(profile) = &checked.profile else {
        return examine(context);
    };
    let bigmailer = context.bigmailer(profile)?;
    let mut made = Vec::new();
    for missing in checked.missing() {
        match &missing {
            Missing::Field { merge_tag, kind } => {
                bigmailer.create_field(merge_tag, merge_tag, kind.as_str())?;
            }
            Missing::List { name } => {
                bigmailer.create_list(name)?;
            }
        }
        made.push(name(&missing));
    }
    Ok(Checked {
        made,
        ..examine(context)?
    })
}

fn name(missing: &Missing) -> String {
    match missing {
        Missing::Field { merge_tag, kind } => format!("field {merge_tag} ({})", kind.as_str()),
        Missing::List { name } => format!("list {name}"),
    }
}

/// In words.
pub fn names(missing: &[Missing]) -> String {
    let names: Vec<String> = missing.iter().map(name).collect();
    names.join(", ")
}

impl Checked {
    /// What could be made in BigMailer, each once: two rules may name the same list. Nothing while the
    /// file itself is wrong.
    pub fn missing(&self) -> Vec<Missing> {
        let mut wanted: Vec<Missing> = Vec::new();
        if self.is_broken() {
            return wanted;
        }
        for missing in self.findings().filter_map(|f| f.create.clone()) {
            if !wanted.contains(&missing) {
                wanted.push(missing);
            }
        }
        wanted
    }

    fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().map(|told| &told.finding)
    }

    fn is_broken(&self) -> bool {
        self.findings().any(|f| f.kind == FindingKind::Invalid)
    }

    fn fits(&self) -> bool {
        !self.findings().any(|f| f.kind.is_error())
    }

    pub fn exit(&self) -> Exit {
        let drifts = |f: &Finding| f.kind.is_error() || f.kind == FindingKind::Drift;
        match self.findings().any(drifts) {
            _ if self.is_broken() => Exit::Invalid,
            true => Exit::Differences,
            false => Exit::Done,
        }
    }

    fn costs(&self) -> Vec<Cost> {
        let costs = self.profile.as_ref().map(cost_of_thousand);
        costs.unwrap_or_default()
    }

    /// Prints it all, for people or for machines.
    pub fn tell(&self, context: &Context, format: ListFormat) -> Result<(), CliError> {
        let ui = &context.ui;
        if format.is_for_programs(context) {
            return format.print(context, &self.document(), "findings");
        }
        ui.data(&self.text())?;
        if let Some(why) = &self.not_asked {
            ui.hint(&format!("the services were not asked: {why}"));
        }
        if !self.missing().is_empty() {
            ui.hint("`ghl-bm map check --create` makes what BigMailer lacks");
        }
        Ok(())
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for thing in &self.made {
            text.push_str(&format!("created  {thing}\n"));
        }
        let kinds = self.findings().map(|f| f.kind.as_str().len());
        let widest = kinds.max().unwrap_or_default();
        for Told { finding, column } in &self.findings {
            let word = if finding.kind.is_error() {
                "fail"
            } else {
                "warn"
            };
            let place = match (finding.line, *column) {
                (0, _) if finding.kind == FindingKind::Invalid => "file".to_owned(),
                (0, _) => String::new(),
                (line, 0) => format!("line {line}"),
                (line, column) => format!("line {line}:{column}"),
            };
            let kind = finding.kind.as_str();
            let message = &finding.message;
            text.push_str(&format!(
                "{word}  {place:<11}  {kind:<widest$}  {message}\n"
            ));
        }
        for cost in self.costs() {
            text.push_str(&format!(
                "cost  {}: {} HighLevel calls for 1,000 contacts ({})\n",
                cost.related.as_str(),
                cost.calls,
                cost.basis
            ));
        }
        let errors = self.findings().filter(|f| f.kind.is_error()).count();
        let warnings = self.findings.len() - errors;
        let s = |count: usize| if count == 1 { "" } else { "s" };
        let end = match &self.profile {
            Some(profile) if self.fits() => format!(
                "profile {} fits: {} field{}, {} list{}{}\n",
                self.name,
                profile.fields.len(),
                s(profile.fields.len()),
                profile.lists.len(),
                s(profile.lists.len()),
                match warnings {
                    0 => String::new(),
                    count => format!(", {count} warning{}", s(count)),
                }
            ),
            _ => format!(
                "profile {} does not fit: {errors} error{}, {warnings} warning{}\n",
                self.name,
                s(errors),
                s(warnings)
            ),
        };
        text.push_str(&end);
        text
    }

    fn document(&self) -> Value {
        let can_create = !self.is_broken();
        let findings: Vec<Value> = self
            .findings
            .iter()
            .map(|told| {
                let f = &told.finding;
                json!({
                    "line": f.line,
                    "column": told.column,
                    "kind": f.kind.as_str(),
                    "error": f.kind.is_error(),
                    "message": f.message,
                    "can_create": can_create && f.create.is_some(),
                })
            })
            .collect();
        let costs: Vec<Value> = self
            .costs()
            .iter()
            .map(|cost| {
                json!({
                    "of": cost.related.as_str(),
                    "calls_per_1000_contacts": cost.calls,
                    "basis": cost.basis,
                })
            })
            .collect();
        json!({
            "schema_version": 1,
            "command": "map check",
            "profile": self.name,
            "ok": self.fits(),
            "created": self.made,
            "findings": findings,
            "scopes": scopes::of_profile(self.profile.as_ref()),
            "cost": costs,
            "exit_code": self.exit().code(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::{FieldKind, FieldRule};

    #[test]
    fn a_login_without_a_scope_that_a_rule_needs_does_not_fit() {
        let mut profile = Profile::new("p", "L", "B");
        let granted = ["contacts.readonly", "locations.readonly"].map(str::to_owned);
        assert_eq!(lacking(&granted, &profile), []);
        profile.fields = vec![FieldRule::new("custom.x", "X", FieldKind::Text)];
        let found = lacking(&granted, &profile);
        assert_eq!(found.len(), 1);
        assert!(found[0].kind.is_error() && found[0].message.contains("customFields.readonly"));
    }
}
