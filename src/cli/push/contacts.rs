//! `push contacts`: rows through the engine, and rows to be deleted. Start reading at [`run`].

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Mutex;

use clap::Args;

use crate::api::bigmailer::Bigmailer;
use crate::api::bigmailer::catalogue::Field;
use crate::api::ghl::{CustomField, Ghl};
use crate::contact::{Consent, FieldValue, Side, email_key, is_usable_email};
use crate::engine::{self, End, Options, Outcome, Push, Resolved, Sides, plan_examples};
use crate::fit::{Services, TargetField, TargetList, fit};
use crate::mapping::{
    CUSTOM, Conflict, Direction, FieldKind, FieldRule, Filter, Flow, ListRule, OnDelete, OnExit,
    Profile, Transform,
};
use crate::plan::guard::allowed_deletes;
use crate::plan::{Base, ListPolicy, Policy, Skip};
use crate::remote::{ADDITIONAL_EMAIL, Key, Remote, RemoteError, RemoteErrorKind};
use crate::state::{Access, Link, State, StateError};

use super::super::context::{Context, watch_signals};
use super::super::error::{CliError, Exit};
use super::super::progress::Bars;
use super::super::report;
use super::super::sync::lock;
use super::account::{Account, Examples, Told, Verdicts};
use super::columns::{Meaning, Meanings, is_from_bigmailer};
use super::file::{Column, FileSide, LIST, Take, allows, is_highlevel_id};
use super::spool::{Kept, Refusal, Seen, Spool};
use super::{FileArgs, Op, To, op_of, reading};

/// Create and update contacts from rows
///
/// The columns say what goes where: `email` finds the contact (in HighLevel also `contact_id`);
/// other columns are named as in exports (first_name, custom.lead_score), as in the profile, or by a
/// BigMailer merge tag. `tags` and `lists` hold names joined by `;` and are added, never taken away.
/// `email_allowed`, `dnd` and `unsubscribed` can opt people out, never in. `op` is upsert (or empty),
/// unsubscribe or delete. Columns that are known but go nowhere are named and left out; an unknown
/// one is an error.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm push contacts people.csv --dry-run
  ghl-bm push contacts people.csv --report report.csv --rejects rejects.csv
  ghl-bm push contacts people.csv --to ghl
  ghl-bm push contacts gone.csv --yes    deletions beyond the brake")]
pub struct ContactsArgs {
    #[command(flatten)]
    file: FileArgs,
    /// Where the rows go
    #[arg(long, value_name = "SIDE", default_value = "bigmailer")]
    to: To,
    /// Change only contacts that are there already
    #[arg(long)]
    no_create: bool,
    /// Wait for another run of the profile to end, instead of ending with code 9
    #[arg(long)]
    wait: bool,
}

/// More different tags or lists than this in one file are taken for a slip.
const MOST_GROUPS: usize = 200;

/// So many rows are looked up one by one, whatever the service's size.
const FEW_ROWS: u64 = 50;

/// The clients of a push; only the one that is written to.
enum Target {
    Ghl(Box<Ghl>, Vec<CustomField>),
    Bigmailer(Box<Bigmailer>, Services, Vec<Field>),
}

pub fn run(context: &Context, args: &ContactsArgs) -> Result<Exit, CliError> {
    let side = args.to.side();
    let profile = context.load_profile()?;
    let files = args.file.outputs()?;
    let rows = args.file.open()?;
    let dry_run = args.file.dry_run;
    let path = context.state_path();
    let _lock = match dry_run {
        true => None,
        false => Some(lock(context, &path, args.wait)?),
    };
    let access = match dry_run {
        true => Access::Peek,
        false => Access::Write,
    };
    let known = State::open(&path, access)?;
    let mut target = Target::new(context, &profile, side)?;
    watch_signals(&context.stop);

    let mut reader = Reader::new(&target, &profile, side);
    if !rows.columns().is_empty() {
        // A header says it all; keys of JSON come up row by row.
        reader
            .columns_of(rows.columns())
            .and_then(|()| reader.must_address())
            .map_err(|error| args.file.named(error))?;
    }
    let filled = Spool::fill(
        rows,
        &mut |columns, kept| reader.check(columns, kept),
        |count| reading(context, count),
    );
    let spool = filled.map_err(|error| args.file.named(error))?;
    reader.columns_of(&spool.columns)?;
    reader
        .must_address()
        .map_err(|error| args.file.named(error))?;
    for (name, why) in reader.ignored(&spool.columns) {
        context
            .ui
            .info(&format!("column {name} is left out: {why}"));
    }
    let plan = reader.finish();
    let total = match spool.rows > FEW_ROWS || plan.deletes > 1 {
        true => target.total()?,
        false => None,
    };
    let resolved = target.resolve(&profile, &plan, &spool.columns, args.no_create)?;

    let bars = Bars::new(&context.ui);
    let keep_ids = args.file.report.is_some();
    let file_side = match side {
        Side::Ghl => Side::Bigmailer,
        Side::Bigmailer => Side::Ghl,
    };
    let verdicts = Verdicts::new(bars, file_side, spool.rows, keep_ids);
    let braked = brake(context, &profile, plan.deletes, total.unwrap_or(0));
    let state = match dry_run {
        true => State::in_memory("the push")?,
        false => State::beside(&path)?,
    };
    let memory = Mutex::new(known);
    let opted_out = |email: &str| remembered_opt_out(&memory, email);
    let buried = buried_rows(&memory, &spool, &plan, side)?;
    let takes = |row: &Kept| {
        !buried.contains(&row.number) && op_of(&plan.columns, row).is_ok_and(|op| op != Op::Delete)
    };
    let file = FileSide {
        spool: &spool,
        side: file_side,
        columns: &plan.columns,
        opted_out: &opted_out,
        takes: &takes,
    };
    for row in &buried {
        verdicts.tell(*row, Skip::DeletedInBigmailer.as_str(), None);
    }
    let options = Options {
        now: context.now(),
        dry_run,
        pass_brakes: context.globals.yes,
        push: Some(Push {
            file: file_side,
            // A few rows are asked for one by one, and a service that does not say how many it has
            // is listed.
            others: match spool.rows <= FEW_ROWS {
                true => u64::MAX,
                false => total.unwrap_or(0),
            },
        }),
        ..Options::default()
    };
    let sides = match &target {
        Target::Ghl(ghl, _) => Sides {
            ghl: &**ghl,
            bigmailer: &file,
        },
        Target::Bigmailer(bigmailer, ..) => Sides {
            ghl: &file,
            bigmailer: &**bigmailer,
        },
    };
    let mut account = Account::new(&spool, &verdicts);
    let mut end = Ok(());
    // What a brake stops is planned all the same where that is all that was asked for.
    if dry_run || braked.is_ok() {
        let outcome = engine::sync(sides, &resolved, &state, &options, &verdicts, &context.stop);
        verdicts.finish();
        end = verdict(&outcome?);
        state.problems(|problem| account.explain(problem))?;
    }
    for row in &buried {
        let skip = Skip::DeletedInBigmailer;
        let reason = (skip.as_str().to_owned(), skip.sentence().to_owned());
        account.reasons.insert(*row, reason);
    }
    let mut deletions = Examples::new(context);
    if plan.deletes > 0 && end.is_ok() && (dry_run || braked.is_ok()) {
        let remote = target.remote();
        end = delete(context, remote, &plan, dry_run, &mut account, |line| {
            deletions.add(|| line);
        });
    }
    let (counts, written) = account.close(files)?;
    let end = end.and(braked).and(written);
    let exit = match &end {
        Ok(()) => counts.exit(),
        Err(error) => error.exit,
    };
    let mut examples = Vec::new();
    if dry_run {
        plan_examples(
            &state,
            report::examples(&context.ui),
            &target.lists(),
            |line| {
                examples.push(line.to_owned());
            },
        )?;
        examples.extend(deletions.lines());
    }
    let told = Told {
        command: "push contacts",
        side,
        profile: &profile.name,
        dry_run,
        exit,
        counts: &counts,
        calls: target.calls(),
        examples,
    };
    told.print(context, &account)?;
    end.map(|()| exit)
}

fn verdict(outcome: &Outcome) -> Result<(), CliError> {
    match &outcome.end {
        End::Complete => Ok(()),
        End::Braked(brake) => Err(CliError::new(
            Exit::Brake,
            "brake",
            format!("{brake}; nothing was written"),
        )),
        End::Stopped(why) => Err(CliError::stopped(*why)),
        End::Remote(error) => Err(CliError::from(error.clone())),
        // A file is no saved plan.
        End::Stale { .. } => Ok(()),
    }
}

/// Deletions beyond the profile's share stop before anything is written.
fn brake(context: &Context, profile: &Profile, deletes: u64, others: u64) -> Result<(), CliError> {
    let allowed = allowed_deletes(others, profile.limits.max_deletes);
    if deletes <= allowed || context.globals.yes {
        return Ok(());
    }
    Err(CliError::new(
        Exit::Brake,
        "brake",
        format!(
            "the file would delete {deletes} contacts, more than the {allowed} that \
             `limits.max_deletes` allows; nothing was written"
        ),
    )
    .hint("look at the rows with op=delete; if they are right, `--yes` lets this push pass"))
}

/// Whether what is remembered of earlier syncs says that somebody opted out on either side.
fn remembered_opt_out(memory: &Mutex<State>, email: &str) -> io::Result<bool> {
    let Some(key) = email_key(email) else {
        return Ok(false);
    };
    let state = memory
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let links: Vec<Link<Base>> = state
        .links_by_email(&key)
        .map_err(|e| io::Error::other(e.to_string()))?;
    Ok(links.iter().any(|link| {
        let consent = link.base.as_ref().and_then(|base| base.consent);
        link.blocked || consent.is_some_and(|c| c.ghl_blocked || c.unsubscribed || c.barred)
    }))
}

/// Rows of people who were deleted in BigMailer, and are not made again there.
fn buried_rows(
    memory: &Mutex<State>,
    spool: &Spool,
    plan: &Plan,
    side: Side,
) -> Result<BTreeSet<u64>, CliError> {
    let mut buried = BTreeSet::new();
    let state = memory
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if side == Side::Ghl || state.is_empty()? {
        return Ok(buried);
    }
    let mut failed: Option<StateError> = None;
    spool.read(|row| {
        if let Some(key) = plan.email(&row).as_deref().and_then(email_key) {
            match state.is_buried("", Some(&key)) {
                Ok(true) => _ = buried.insert(row.number),
                Ok(false) => {}
                Err(error) => failed = Some(error),
            }
        }
        Ok(())
    })?;
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(buried),
    }
}

/// What the rows hold, found out while they came in.
struct Plan {
    columns: Vec<Column>,
    tags: BTreeSet<String>,
    lists: BTreeSet<String>,
    deletes: u64,
}

impl Plan {
    fn text(&self, row: &Kept, meaning: &Meaning) -> Option<String> {
        let at = self.columns.iter().position(|c| c.meaning == *meaning)?;
        let text = row.cell(at)?.text().trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    fn email(&self, row: &Kept) -> Option<String> {
        self.text(row, &Meaning::Email)
    }

    fn id(&self, row: &Kept) -> Option<String> {
        self.text(row, &Meaning::Id)
            .filter(|id| is_highlevel_id(id))
    }
}

/// Looks at the rows as they come in.
struct Reader<'a> {
    side: Side,
    meanings: Meanings<'a>,
    custom: &'a [CustomField],
    plan: Plan,
    seen: Seen,
}

impl<'a> Reader<'a> {
    fn new(target: &'a Target, profile: &'a Profile, side: Side) -> Reader<'a> {
        let (fields, custom): (&[_], &[_]) = match target {
            Target::Ghl(_, custom) => (&[], custom),
            Target::Bigmailer(_, _, fields) => (fields, &[]),
        };
        Reader {
            side,
            meanings: Meanings {
                to: side,
                rules: &profile.fields,
                id_field: profile.sync.id_field.as_deref(),
                fields,
                custom,
                from_bigmailer: false,
            },
            custom,
            plan: Plan {
                columns: Vec::new(),
                tags: BTreeSet::new(),
                lists: BTreeSet::new(),
                deletes: 0,
            },
            seen: Seen::default(),
        }
    }

    /// Gives columns that came up since their meaning.
    fn columns_of(&mut self, names: &[String]) -> Result<(), CliError> {
        self.meanings.from_bigmailer = is_from_bigmailer(names);
        for name in names.iter().skip(self.plan.columns.len()) {
            let mut meaning = self.meanings.of(name).map_err(|why| {
                CliError::usage(why)
                    .hint("take the column out of the file, or name it as `ghl-bm push contacts --help` says")
            })?;
            // Beside a column that says whose id it holds, `id` is the exporting service's own.
            let tells = |other: &String| {
                other != name && matches!(self.meanings.of(other), Ok(Meaning::Id))
            };
            if meaning == Meaning::Id && name == "id" && names.iter().any(tells) {
                meaning = Meaning::Ignored("another column holds HighLevel's id");
            }
            if let Some(other) = self.same_as(names, &meaning) {
                return Err(CliError::usage(format!(
                    "the columns `{other}` and `{name}` mean the same; keep one of them"
                )));
            }
            let column = self.column(name, meaning);
            self.plan.columns.push(column);
        }
        Ok(())
    }

    /// The column so far that means the same, or fills the same field.
    fn same_as<'n>(&self, names: &'n [String], meaning: &Meaning) -> Option<&'n str> {
        if matches!(meaning, Meaning::Consent { .. } | Meaning::Ignored(_)) {
            return None;
        }
        let targets = self.meanings.targets(meaning);
        let same = |column: &Column| {
            let fills = self.meanings.targets(&column.meaning);
            column.meaning == *meaning || fills.iter().any(|tag| targets.contains(tag))
        };
        let at = self.plan.columns.iter().position(same)?;
        names.get(at).map(String::as_str)
    }

    fn column(&self, name: &str, meaning: Meaning) -> Column {
        let of_custom = |source: &str| {
            let key = source.strip_prefix(CUSTOM)?;
            self.custom.iter().find(|f| f.key == key)
        };
        let take = match &meaning {
            Meaning::Source(source) => match of_custom(source).map(|f| f.data_type.as_str()) {
                Some("NUMERICAL" | "MONETORY" | "MONETARY") => Take::Number,
                Some("CHECKBOX" | "MULTIPLE_OPTIONS") => Take::Items,
                _ => Take::AsIs,
            },
            _ => Take::AsIs,
        };
        Column {
            meaning,
            key: format!("column {}", name.trim()),
            take,
        }
    }

    /// Known columns that go nowhere, with the reason.
    fn ignored<'n>(&self, names: &'n [String]) -> Vec<(&'n str, &'static str)> {
        let columns = names.iter().zip(&self.plan.columns);
        columns
            .filter_map(|(name, column)| match &column.meaning {
                Meaning::Ignored(why) => Some((name.as_str(), *why)),
                Meaning::Lists if self.side == Side::Ghl => {
                    Some((name.as_str(), "HighLevel has tags instead"))
                }
                _ => None,
            })
            .collect()
    }

    fn must_address(&self) -> Result<(), CliError> {
        let has = |meaning: &Meaning| self.plan.columns.iter().any(|c| c.meaning == *meaning);
        let lacks = match self.side {
            _ if has(&Meaning::Email) => return Ok(()),
            Side::Ghl if has(&Meaning::Id) => return Ok(()),
            Side::Ghl => "there is neither a column `email` nor a column `contact_id`",
            Side::Bigmailer => "there is no column `email`",
        };
        Err(CliError::usage(lacks)
            .hint("`ghl-bm push contacts --help` says which columns there are"))
    }

    fn check(&mut self, names: &[String], row: &Kept) -> Result<(), Refusal> {
        self.columns_of(names).map_err(Refusal::File)?;
        let skip = |skip: Skip, sentence: String| Refusal::Row(skip.as_str(), sentence);
        let invalid = |name: &str, why: String| {
            Refusal::Row("invalid_value", format!("column `{name}`: {why}"))
        };
        let op = op_of(&self.plan.columns, row).map_err(|why| Refusal::Row("unknown_op", why))?;
        let email = self.plan.email(row);
        let id = match self.side {
            Side::Ghl => self.plan.id(row),
            Side::Bigmailer => None,
        };
        match (&email, &id) {
            (None, None) => {
                return Err(skip(
                    Skip::NoEmail,
                    "the row has no e-mail address".to_owned(),
                ));
            }
            (Some(email), _) if !email_key(email).is_some_and(|key| is_usable_email(&key)) => {
                let why = "the address cannot be one".to_owned();
                return Err(skip(Skip::InvalidEmail, why));
            }
            _ => {}
        }
        for (at, cell) in &row.cells {
            let Some(column) = self.plan.columns.get(*at) else {
                continue;
            };
            let name = names.get(*at).map_or("", String::as_str);
            match &column.meaning {
                Meaning::Consent { true_allows } => {
                    allows(*true_allows, cell).map_err(|why| invalid(name, why))?;
                }
                Meaning::Source(_)
                    if column.take == Take::Number
                        && matches!(column.value(cell), FieldValue::Text(_)) =>
                {
                    return Err(invalid(name, "it is no number".to_owned()));
                }
                Meaning::Tags if self.side == Side::Ghl => {
                    let tags = cell.items().into_iter().map(|tag| tag.to_lowercase());
                    self.plan.tags.extend(tags);
                }
                Meaning::Lists if self.side == Side::Bigmailer => {
                    let lists = cell.items().into_iter().map(|list| list.to_lowercase());
                    self.plan.lists.extend(lists);
                }
                _ => {}
            }
        }
        for (what, found) in [("tags", &self.plan.tags), ("lists", &self.plan.lists)] {
            if found.len() > MOST_GROUPS {
                return Err(Refusal::File(
                    CliError::usage(format!(
                        "the file names more than {MOST_GROUPS} different {what}"
                    ))
                    .hint("push in parts, or use `ghl-bm push tags`"),
                ));
            }
        }
        let by_id = id.is_none_or(|id| self.seen.is_new(&format!("id {id}")));
        let by_email = email
            .as_deref()
            .and_then(email_key)
            .is_none_or(|key| self.seen.is_new(&key));
        if !by_id || !by_email {
            let why = "an earlier row is about the same person".to_owned();
            return Err(skip(Skip::DuplicateEmail, why));
        }
        if op == Op::Delete {
            self.plan.deletes += 1;
        }
        Ok(())
    }

    fn finish(self) -> Plan {
        self.plan
    }
}

impl Target {
    /// Names of BigMailer's lists, by id.
    fn lists(&self) -> BTreeMap<String, String> {
        match self {
            Target::Ghl(..) => BTreeMap::new(),
            Target::Bigmailer(_, services, _) => services.list_names(),
        }
    }

    fn new(context: &Context, profile: &Profile, side: Side) -> Result<Target, CliError> {
        match side {
            Side::Ghl => {
                let ghl = context.ghl(profile)?;
                let custom = ghl.custom_fields()?;
                Ok(Target::Ghl(Box::new(ghl), custom))
            }
            Side::Bigmailer => {
                let bigmailer = context.bigmailer(profile)?;
                let fields = bigmailer.fields()?;
                let services = Services {
                    pipelines: Vec::new(),
                    fields: fields
                        .iter()
                        .map(|f| TargetField {
                            id: f.id.clone(),
                            merge_tag: f.merge_tag_name.clone(),
                            kind: f.kind.clone(),
                        })
                        .collect(),
                    lists: bigmailer
                        .lists()?
                        .into_iter()
                        .map(|l| TargetList {
                            id: l.id,
                            name: l.name,
                            all: l.all,
                        })
                        .collect(),
                    campaigns: Vec::new(),
                    custom_fields: Vec::new(),
                };
                Ok(Target::Bigmailer(Box::new(bigmailer), services, fields))
            }
        }
    }

    fn remote(&self) -> &dyn Remote {
        match self {
            Target::Ghl(ghl, _) => &**ghl,
            Target::Bigmailer(bigmailer, ..) => &**bigmailer,
        }
    }

    fn calls(&self) -> crate::api::http::Calls {
        match self {
            Target::Ghl(ghl, _) => ghl.calls(),
            Target::Bigmailer(bigmailer, ..) => bigmailer.calls(),
        }
    }

    /// How many contacts the service has, if it says.
    fn total(&self) -> Result<Option<u64>, CliError> {
        Ok(match self {
            Target::Bigmailer(bigmailer, ..) => bigmailer.brand()?.num_contacts,
            Target::Ghl(ghl, _) => ghl.count()?,
        })
    }

    /// The profile of this push, against the service as it is.
    fn resolve(
        &mut self,
        profile: &Profile,
        plan: &Plan,
        names: &[String],
        no_create: bool,
    ) -> Result<Resolved, CliError> {
        match self {
            Target::Bigmailer(bigmailer, services, fields) => {
                let push = to_bigmailer(profile, plan, fields);
                let fitted = fit(&push, services);
                let Some(mut resolved) = fitted.resolved.clone() else {
                    return Err(report::misfit(&push, &fitted));
                };
                resolved.policy.create = !no_create;
                bigmailer.want(&resolved.wanted_targets());
                Ok(resolved)
            }
            Target::Ghl(ghl, custom) => {
                let resolved = to_ghl(profile, plan, names, custom, no_create);
                let mut keys: Vec<String> = resolved
                    .profile
                    .fields
                    .iter()
                    .map(|rule| rule.ghl.clone())
                    .collect();
                keys.sort();
                keys.dedup();
                ghl.want(&keys)?;
                Ok(resolved)
            }
        }
    }
}

/// The profile as a file goes to BigMailer: the file is in HighLevel's place.
fn to_bigmailer(profile: &Profile, plan: &Plan, fields: &[Field]) -> Profile {
    let mut push = Profile {
        filter: Filter::default(),
        fields: Vec::new(),
        lists: Vec::new(),
        notes: Vec::new(),
        tasks: Vec::new(),
        sends: Vec::new(),
        ..profile.clone()
    };
    push.sync.direction = Direction::ToBigmailer;
    push.sync.on_ghl_delete = OnDelete::Keep;
    push.sync.on_scope_exit = OnExit::Keep;
    push.sync.id_field = None;
    push.consent.to_bigmailer = true;
    push.consent.to_ghl = false;
    for column in &plan.columns {
        match &column.meaning {
            Meaning::Source(source) => {
                let rules = profile.fields.iter().filter(|rule| rule.ghl == *source);
                push.fields.extend(rules.map(|rule| FieldRule {
                    ghl: column.key.clone(),
                    flow: Flow::TO_BIGMAILER,
                    ..rule.clone()
                }));
            }
            Meaning::Field(tag) => {
                let field = fields.iter().find(|field| field.merge_tag_name == *tag);
                let kind = match field.map(|field| field.kind.as_str()) {
                    Some("integer") => FieldKind::Integer,
                    Some("date") => FieldKind::Date,
                    _ => FieldKind::Text,
                };
                push.fields.push(FieldRule::new(&column.key, tag, kind));
            }
            Meaning::Id => {
                if let Some(tag) = &profile.sync.id_field {
                    push.fields
                        .push(FieldRule::new(&column.key, tag, FieldKind::Text));
                }
            }
            Meaning::Tags => {
                // A file says nothing of what else a condition may look at.
                let by_tag = |r: &&ListRule| r.direction.to_bigmailer() && r.when.is_none();
                let rules = profile.lists.iter().filter(by_tag);
                push.lists.extend(rules.map(|rule| ListRule {
                    direction: Direction::ToBigmailer,
                    ..rule.clone()
                }));
            }
            _ => {}
        }
    }
    for list in &plan.lists {
        push.lists
            .push(ListRule::new(&format!("{LIST}{list}"), list));
    }
    push
}

/// The same towards HighLevel: the file is in BigMailer's place, and its columns are the fields.
fn to_ghl(
    profile: &Profile,
    plan: &Plan,
    names: &[String],
    custom: &[CustomField],
    no_create: bool,
) -> Resolved {
    let flow = Flow {
        direction: Direction::ToGhl,
        conflict: Conflict::Bigmailer,
    };
    let mut push = Profile {
        filter: Filter::default(),
        fields: Vec::new(),
        lists: Vec::new(),
        notes: Vec::new(),
        tasks: Vec::new(),
        sends: Vec::new(),
        ..profile.clone()
    };
    push.sync.direction = Direction::ToGhl;
    push.sync.create_in_ghl = !no_create;
    push.sync.name_from_address = false;
    push.sync.on_ghl_delete = OnDelete::Keep;
    push.sync.on_scope_exit = OnExit::Keep;
    push.consent.to_bigmailer = false;
    push.consent.to_ghl = true;
    let mut id_field = None;
    for (name, column) in names.iter().zip(&plan.columns) {
        match &column.meaning {
            Meaning::Id => id_field = Some(column.key.clone()),
            Meaning::Source(source) => {
                let rule = profile.fields.iter().find(|rule| {
                    rule.ghl == *source && rule.bigmailer.eq_ignore_ascii_case(name.trim())
                });
                let data_type = source
                    .strip_prefix(CUSTOM)
                    .and_then(|key| custom.iter().find(|f| f.key == key))
                    .map(|f| f.data_type.as_str());
                let kind = match (source.as_str(), data_type) {
                    ("dateOfBirth", _) | (_, Some("DATE")) => FieldKind::Date,
                    _ => FieldKind::Native,
                };
                // A merge tag's column goes as its rule goes to HighLevel.
                let mut transforms = match rule {
                    Some(rule) if rule.flow.direction == Direction::ToGhl => {
                        rule.transforms.clone()
                    }
                    _ => Vec::new(),
                };
                if source == "phone" || data_type == Some("PHONE") {
                    transforms.push(Transform::PhoneE164);
                }
                push.fields.push(FieldRule {
                    ghl: source.clone(),
                    bigmailer: column.key.clone(),
                    kind,
                    transforms,
                    flow,
                    line: 0,
                });
            }
            _ => {}
        }
    }
    let lists = plan
        .tags
        .iter()
        .map(|tag| ListPolicy {
            id: tag.clone(),
            tag: Some(tag.clone()),
            direction: Direction::ToGhl,
        })
        .collect();
    push.lists = plan
        .tags
        .iter()
        .map(|tag| ListRule {
            direction: Direction::ToGhl,
            ..ListRule::new(tag, tag)
        })
        .collect();
    let tags = push.fields.iter().map(|r| r.bigmailer.clone()).collect();
    let mut policy = Policy::of(&push, tags, lists, id_field);
    policy.create_named_only = false;
    Resolved {
        list_of_rule: (0..push.lists.len()).collect(),
        profile: push,
        policy,
    }
}

/// Deletes what rows ask for, one after the other. Whoever has opted out is not deleted: the service
/// would forget that, and mail the person when the address comes again. Nor is a contact that only
/// has the row's address as an additional one: that may be another person's.
fn delete(
    context: &Context,
    remote: &dyn Remote,
    plan: &Plan,
    dry_run: bool,
    account: &mut Account<'_>,
    mut would: impl FnMut(String),
) -> Result<(), CliError> {
    let mut rows = Vec::new();
    account.spool.read(|row| {
        if row.reject.is_none() && op_of(&plan.columns, &row) == Ok(Op::Delete) {
            rows.push((row.number, plan.id(&row), plan.email(&row)));
        }
        Ok(())
    })?;
    for (row, id, email) in rows {
        if let Some(why) = context.stop.asked() {
            return Err(CliError::stopped(why));
        }
        let found = match (remote.side(), &id, &email) {
            (Side::Ghl, Some(id), _) => remote.get(Key::Id(id)),
            (_, _, Some(email)) => remote.get(Key::Email(&email.to_lowercase())),
            _ => Ok(None),
        };
        let verdicts = account.verdicts;
        let mut explain = |word: &str, reason: &str, message: &str| {
            verdicts.tell(row, word, None);
            let reason = (reason.to_owned(), message.to_owned());
            account.reasons.insert(row, reason);
        };
        let contact = match found {
            Ok(Some(contact)) => contact,
            Ok(None) => {
                explain("unchanged", "not_found", "it is not there (any more)");
                continue;
            }
            Err(error) => {
                explain("failed", "rejected", &failure(error)?);
                continue;
            }
        };
        let addressed = email.as_deref().and_then(email_key);
        if id.is_none() && contact.email.as_deref().and_then(email_key) != addressed {
            let message = "the address is an additional one of a contact with another primary address; name that one, or the id";
            explain("failed", ADDITIONAL_EMAIL, message);
            continue;
        }
        match contact.consent {
            Consent::Allowed => {}
            Consent::Blocked(_) => {
                let message = "the contact has opted out; deleting it would forget that";
                explain("skipped", Skip::OptedOut.as_str(), message);
                continue;
            }
            Consent::Unknown => {
                let message = "the service did not say whether this person may be mailed";
                explain("failed", "consent_unknown", message);
                continue;
            }
        }
        if dry_run {
            would(format!("delete {} (row {row})", contact.id));
        } else if let Err(error) = remote.delete(&contact.id) {
            explain("failed", "rejected", &failure(error)?);
            continue;
        }
        verdicts.tell(row, "deleted", Some(&contact.id));
    }
    Ok(())
}

/// The sentence of an error that concerns one row; the others end the push.
fn failure(error: RemoteError) -> Result<String, CliError> {
    match error.kind {
        RemoteErrorKind::Rejected | RemoteErrorKind::Taken | RemoteErrorKind::Gone => {
            Ok(error.message)
        }
        _ => Err(error.into()),
    }
}
