//! A profile, a state file and a [`World`], and runs over them.
//!
//! Every complete run is checked against what holds for all of them: nothing criminal happened, the
//! account of people adds up, and everybody who was left out is named. Start reading at
//! [`Bench::run`].

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use super::world::{Brand, Faults, Highlevel, ID_FIELD, Op, Person, Record, World};
use crate::contact::{FieldValue, Side};
use crate::engine::{End, Mode, Options, Outcome, Planned, Progress, Resolved, Sides, sync};
use crate::mapping::{Conflict, Direction, FieldKind, FieldRule, Flow, ListRule, Profile};
use crate::plan::{Base, ListPolicy, Policy, Skip};
use crate::state::{Access, Link, Problem, State, StateError};
use crate::stop::Stop;

pub(super) struct Bench {
    pub world: World,
    pub profile: Profile,
    pub now: i64,
    pub early_from: Option<u64>,
    pub batch_size: Option<usize>,
    dir: tempfile::TempDir,
    generation: u32,
}

pub(super) struct Report {
    pub outcome: Outcome,
    pub problems: Vec<Problem>,
    pub writes: Vec<(Op, String)>,
    pub calls: Vec<(Op, String)>,
}

struct Quiet;

impl Progress for Quiet {
    fn reading(&self, _: Side, _: u64, _: Option<u64>) {}
    fn planned(&self, _: &Planned) {}
    fn writing(&self, _: u64, _: u64) {}
    fn say(&self, _: &str) {}
}

/// `firstName` → `FIRST_NAME`, `custom.score` → `SCORE`; tags `vip` and `gold` → list `l-1`, `news`
/// → `l-2`; tag `internal` takes no part.
pub(super) fn profile() -> Profile {
    let mut profile = Profile::new("test", "loc", "brand");
    profile.fields = vec![
        FieldRule::new("firstName", "FIRST_NAME", FieldKind::Text),
        FieldRule::new("custom.score", "SCORE", FieldKind::Integer),
    ];
    profile.lists = vec![
        ListRule::new("vip", "One"),
        ListRule::new("gold", "One"),
        ListRule::new("news", "Two"),
    ];
    profile.filter.tags_none = vec!["internal".to_owned()];
    profile.sync.lookback = Duration::from_secs(1);
    profile
}

fn list_of(profile: &Profile, id: &str, name: &str) -> ListPolicy {
    let rule = profile.lists.iter().find(|rule| rule.list == name);
    let direction = rule.map_or(Direction::ToBigmailer, |rule| rule.direction);
    ListPolicy {
        id: id.to_owned(),
        tag: rule
            .filter(|_| direction.to_ghl())
            .map(|rule| rule.tag.clone()),
        direction,
    }
}

/// Everything of [`profile`] both ways, HighLevel winning; the tag `gold` means nothing.
pub(super) fn two_way_profile() -> Profile {
    let mut profile = profile();
    let flow = Flow {
        direction: Direction::Both,
        conflict: Conflict::Ghl,
    };
    profile.sync.direction = Direction::Both;
    profile.sync.create_in_ghl = true;
    profile.consent.to_ghl = true;
    profile.fields.iter_mut().for_each(|f| f.flow = flow);
    profile.lists.retain(|rule| rule.tag != "gold");
    profile
        .lists
        .iter_mut()
        .for_each(|l| l.direction = Direction::Both);
    profile
}

pub(super) fn resolve(profile: &Profile) -> Resolved {
    let notes = profile.notes.iter().map(|rule| rule.bigmailer.clone());
    Resolved {
        policy: Policy {
            notes: notes.collect(),
            ..Policy::of(
                profile,
                profile.fields.iter().map(|r| r.bigmailer.clone()).collect(),
                [("l-1", "One"), ("l-2", "Two")]
                    .map(|(id, name)| list_of(profile, id, name))
                    .into(),
                profile.sync.id_field.clone(),
            )
        },
        list_of_rule: profile
            .lists
            .iter()
            .map(|rule| usize::from(rule.list == "Two"))
            .collect(),
        profile: profile.clone(),
    }
}

/// A directory in memory where the system has one: thousands of runs wait for no disk.
fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

pub(super) fn text(value: &str) -> FieldValue {
    FieldValue::Text(value.to_owned())
}

impl Person {
    pub fn named(&mut self, name: &str) -> &mut Person {
        self.values.insert("firstName".to_owned(), text(name));
        self
    }

    pub fn tagged(&mut self, tag: &str) -> &mut Person {
        self.tags.insert(tag.to_owned());
        self
    }
}

impl Record {
    pub fn name(&self) -> &str {
        match self.values.get("FIRST_NAME") {
            Some(FieldValue::Text(name)) => name,
            _ => "",
        }
    }
}

impl Bench {
    pub fn new() -> Bench {
        Bench {
            world: World::new(),
            profile: profile(),
            now: 1_800_000_000_000,
            early_from: None,
            batch_size: None,
            dir: scratch(),
            generation: 0,
        }
    }

    pub fn state_path(&self) -> PathBuf {
        self.dir
            .path()
            .join(format!("state-{}.db", self.generation))
    }

    pub fn state(&self) -> State {
        State::open(&self.state_path(), Access::Write).unwrap()
    }

    pub fn lose_state(&mut self) {
        self.generation += 1;
    }

    /// Where the state of a killed run is kept; [`Bench::wake`] goes on from there.
    pub fn copy_path(&self) -> PathBuf {
        let next = self.generation + 1;
        self.dir.path().join(format!("state-{next}.db"))
    }

    /// Goes on with the state as it was when the run was killed, if it was.
    pub fn wake(&mut self) -> bool {
        let killed = self.copy_path().exists();
        self.generation += u32::from(killed);
        self.world.let_time_pass();
        killed
    }

    pub fn try_run(
        &mut self,
        faults: Faults,
        stop: &Stop,
        set: impl FnOnce(&mut Options),
    ) -> Result<Report, StateError> {
        let around = |_: &State, _: &mut Options| {};
        self.try_run_around(faults, stop, set, around, |_| {})
    }

    /// A run with something done to its state before and after.
    pub fn try_run_around(
        &mut self,
        faults: Faults,
        stop: &Stop,
        set: impl FnOnce(&mut Options),
        before: impl FnOnce(&State, &mut Options),
        after: impl FnOnce(&State),
    ) -> Result<Report, StateError> {
        self.now += 60_000;
        let mut options = Options {
            now: self.now,
            first_poll: Some(Duration::ZERO),
            early_from: self.early_from,
            batch_size: self.batch_size,
            ..Options::default()
        };
        set(&mut options);
        let access = if options.dry_run {
            Access::Peek
        } else {
            Access::Write
        };
        let state = State::open(&self.state_path(), access)?;
        before(&state, &mut options);
        self.world.begin(faults);
        let sides = Sides {
            ghl: &Highlevel(&self.world),
            bigmailer: &Brand(&self.world),
        };
        let resolved = resolve(&self.profile);
        let outcome = sync(sides, &resolved, &state, &options, &Quiet, stop)?;
        let mut problems = Vec::new();
        state.problems(|p| problems.push(p))?;
        after(&state);
        let inner = self.world.look();
        let report = Report {
            outcome,
            problems,
            writes: inner.writes(),
            calls: inner.calls.clone(),
        };
        assert_eq!(inner.crimes, Vec::<String>::new());
        if matches!(report.outcome.end, End::Complete) {
            report.check();
        }
        Ok(report)
    }

    pub fn run(&mut self, faults: Faults, set: impl FnOnce(&mut Options)) -> Report {
        self.try_run(faults, &Stop::new(), set).unwrap()
    }

    /// An undisturbed run, which must end well.
    pub fn sync(&mut self) -> Report {
        self.run(Faults::default(), |_| {}).complete()
    }

    pub fn full(&mut self) -> Report {
        self.run(Faults::default(), |o| o.full = true).complete()
    }

    pub fn only(&mut self, words: &[&str]) -> Report {
        let words: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
        self.run(Faults::default(), |o| o.only = words).complete()
    }

    pub fn edit(&self, id: &str, change: impl FnOnce(&mut Person)) {
        self.world.look().edit(id, change);
    }

    pub fn link(&self, ghl_id: &str) -> Option<Link<Base>> {
        self.state().link(ghl_id).unwrap()
    }

    /// The record linked to a HighLevel contact.
    pub fn linked(&self, ghl_id: &str) -> Option<(String, Record)> {
        let id = self.link(ghl_id)?.bm_id?;
        let record = self.world.look().records.get(&id).cloned();
        Some((id, record?))
    }

    pub fn record(&self, ghl_id: &str) -> Record {
        self.linked(ghl_id).unwrap().1
    }

    /// Everything a run can change.
    pub fn snapshot(&self) -> (Vec<(String, Record)>, Vec<String>) {
        let records = self.world.look().records.clone();
        let db = rusqlite::Connection::open(self.state_path()).unwrap();
        let mut rows = Vec::new();
        for table in ["meta", "link", "tombstone", "intent", "pending"] {
            let mut statement = db.prepare(&format!("SELECT * FROM {table}")).unwrap();
            let width = statement.column_count();
            let mut found = statement.query([]).unwrap();
            while let Some(row) = found.next().unwrap() {
                let cells: Vec<String> = (0..width)
                    .map(|i| format!("{:?}", row.get_ref(i).unwrap()))
                    .collect();
                rows.push(format!("{table}: {}", cells.join(" | ")));
            }
        }
        (records.into_iter().collect(), rows)
    }
}

impl Report {
    pub fn complete(self) -> Report {
        assert!(
            matches!(self.outcome.end, End::Complete),
            "{:?}",
            self.outcome.end
        );
        self
    }

    pub fn mode(&self) -> Mode {
        self.outcome.mode
    }

    /// created, updated, unchanged, skipped, failed, held
    pub fn people(&self) -> [u64; 6] {
        let people = &self.outcome.tally.people;
        [
            people.created,
            people.updated,
            people.unchanged,
            people.skipped,
            people.failed,
            people.held,
        ]
    }

    pub fn reasons(&self) -> Vec<(&str, &str)> {
        let mut all: Vec<(&str, &str)> = self
            .problems
            .iter()
            .map(|p| {
                let id = p.ghl_id.as_deref().or(p.id.as_deref());
                (id.unwrap_or(""), p.reason.as_str())
            })
            .collect();
        all.sort_unstable();
        all
    }

    pub fn count(&self, op: Op) -> usize {
        self.calls.iter().filter(|(o, _)| *o == op).count()
    }

    /// Promise 10: whoever was left out is named with a reason.
    fn check(&self) {
        let people = &self.outcome.tally.people;
        let skips: u64 = self.outcome.tally.skipped.values().sum();
        assert_eq!(skips, people.skipped, "skips add up");
        let words: Vec<&str> = Skip::ALL.iter().map(|s| s.as_str()).collect();
        let named = self
            .problems
            .iter()
            .filter(|p| words.contains(&p.reason.as_str()))
            .count();
        assert_eq!(named as u64, people.skipped, "{:?}", self.problems);
        let others: BTreeSet<&str> = self
            .problems
            .iter()
            .filter(|p| !words.contains(&p.reason.as_str()))
            .filter(|p| !["opt_in_elsewhere", "not_listed"].contains(&p.reason.as_str()))
            .filter_map(|p| p.ghl_id.as_deref().or(p.id.as_deref()))
            .collect();
        assert!(
            others.len() as u64 >= people.failed + people.held,
            "{people:?} {:?}",
            self.problems
        );
    }
}

/// The id that a record carries.
pub(super) fn carried(record: &Record) -> Option<&str> {
    match record.values.get(ID_FIELD) {
        Some(FieldValue::Text(id)) => Some(id),
        _ => None,
    }
}

/// Both sides and the state, without what may differ between two runs that end the same: ids of
/// BigMailer, times, cursors.
#[derive(Debug, PartialEq)]
pub(super) struct Ending {
    records: Vec<Record>,
    links: Vec<String>,
    tombstones: Vec<(String, String)>,
    open: (usize, Vec<String>),
}

impl Bench {
    pub fn end(&self) -> Ending {
        self.ending(true)
    }

    /// The same without the ids that records carry: those travel with other changes, and which
    /// changes were needed may depend on what was read.
    pub fn end_but_ids(&self) -> Ending {
        self.ending(false)
    }

    fn ending(&self, ids: bool) -> Ending {
        let state = self.state();
        let inner = self.world.look();
        let mut records: Vec<Record> = inner.records.values().cloned().collect();
        for record in &mut records {
            record.created = 0;
            if !ids {
                record.values.remove(ID_FIELD);
            }
        }
        records.sort_by(|a, b| a.email.cmp(&b.email));
        let db = rusqlite::Connection::open(self.state_path()).unwrap();
        let column = |sql: &str| -> Vec<(String, String)> {
            let mut statement = db.prepare(sql).unwrap();
            let rows = statement
                .query_map([], |r| Ok((r.get(0)?, r.get(1)?)))
                .unwrap();
            rows.map(Result::unwrap).collect()
        };
        let mut links = Vec::new();
        for (id, _) in column("SELECT ghl_id, '' FROM link ORDER BY ghl_id") {
            let mut link: Link<Base> = state.link(&id).unwrap().unwrap();
            if let Some(base) = &mut link.base {
                base.id_stored &= ids;
            }
            let there = link.bm_id.as_ref().map(|bm| {
                let record = inner.records.get(bm);
                record.map(|r| r.email.clone())
            });
            links.push(
                format!(
                    "{:?}",
                    Link {
                        bm_id: None,
                        ..link
                    }
                ) + &format!(" {there:?}"),
            );
        }
        Ending {
            records,
            links,
            tombstones: column("SELECT ghl_id, coalesce(email, '') FROM tombstone ORDER BY ghl_id"),
            open: (state.intents().unwrap().len(), state.pending().unwrap()),
        }
    }
}
