//! Values that no contact carries itself: what its tasks, notes, appointments, opportunities and its
//! business come to.
//!
//! Pure: what hangs on a contact is passed in, and so are the moment and the location's time zone.
//! What was not read gives no value and clears none. Start reading at [`Derived::value`].

use std::cmp::Reverse;
use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{BadValue, Condition, FieldKind, FieldRule, Profile};
use crate::contact::FieldValue;
use crate::related::{Appointment, Business, Note, Opportunity, Pipeline, Task};

/// What has to be fetched, each by calls of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Related {
    Tasks,
    Notes,
    Appointments,
    Opportunities,
    Business,
}

impl Related {
    /// As sentences and machine output call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Related::Tasks => "tasks",
            Related::Notes => "notes",
            Related::Appointments => "appointments",
            Related::Opportunities => "opportunities",
            Related::Business => "business",
        }
    }
}

/// A derived source, as a field rule names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Derived {
    TasksOpenCount,
    TasksNextTitle,
    TasksNextDue,
    NotesCount,
    NotesLatest,
    AppointmentsNextStart,
    AppointmentsNextTitle,
    AppointmentsLastStart,
    OpportunitiesOpenCount,
    OpportunitiesWonCount,
    OpportunitiesWonValue,
    OpportunitiesLatestStage,
    BusinessName,
}

/// All derived sources with the words that profiles use for them.
pub(crate) const DERIVED: [(&str, Derived); 13] = [
    ("tasks.open_count", Derived::TasksOpenCount),
    ("tasks.next.title", Derived::TasksNextTitle),
    ("tasks.next.due", Derived::TasksNextDue),
    ("notes.count", Derived::NotesCount),
    ("notes.latest", Derived::NotesLatest),
    ("appointments.next.start", Derived::AppointmentsNextStart),
    ("appointments.next.title", Derived::AppointmentsNextTitle),
    ("appointments.last.start", Derived::AppointmentsLastStart),
    ("opportunities.open_count", Derived::OpportunitiesOpenCount),
    ("opportunities.won_count", Derived::OpportunitiesWonCount),
    ("opportunities.won_value", Derived::OpportunitiesWonValue),
    (
        "opportunities.latest.stage",
        Derived::OpportunitiesLatestStage,
    ),
    ("business.name", Derived::BusinessName),
];

/// The key of [`crate::contact::Contact::values`] under which a contact names its business.
pub(crate) const BUSINESS_ID: &str = "business.id";

/// What hangs on one contact, as far as it was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Facts {
    pub tasks: Option<Vec<Task>>,
    pub notes: Option<Vec<Note>>,
    pub appointments: Option<Vec<Appointment>>,
    pub opportunities: Option<Vec<Opportunity>>,
    /// The business that the contact belongs to; `Some(None)`: to none.
    pub business: Option<Option<Business>>,
}

/// What the facts are looked at with.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub now: Timestamp,
    /// The location's: for times without a zone, and for calendar dates.
    pub zone: TimeZone,
    /// The location's pipelines, where a rule needs their names.
    pub pipelines: Vec<Pipeline>,
}

impl Derived {
    /// The source that this word names.
    pub fn by_word(word: &str) -> Option<Derived> {
        let found = DERIVED.iter().find(|(known, _)| *known == word);
        found.map(|(_, derived)| *derived)
    }

    /// What it is made of.
    pub fn related(self) -> Related {
        match self {
            Derived::TasksOpenCount | Derived::TasksNextTitle | Derived::TasksNextDue => {
                Related::Tasks
            }
            Derived::NotesCount | Derived::NotesLatest => Related::Notes,
            Derived::AppointmentsNextStart
            | Derived::AppointmentsNextTitle
            | Derived::AppointmentsLastStart => Related::Appointments,
            Derived::OpportunitiesOpenCount
            | Derived::OpportunitiesWonCount
            | Derived::OpportunitiesWonValue
            | Derived::OpportunitiesLatestStage => Related::Opportunities,
            Derived::BusinessName => Related::Business,
        }
    }

    /// What the facts come to; `None` where they were not read. For a rule of the kind `date` a
    /// moment is its calendar date in the location's zone, else an ISO time with that zone's offset.
    pub fn value(
        self,
        kind: FieldKind,
        facts: &Facts,
        setting: &Setting,
    ) -> Option<Option<FieldValue>> {
        let moment = |at: Timestamp| {
            let local = at.to_zoned(setting.zone.clone());
            match kind {
                FieldKind::Date => FieldValue::Date(local.date()),
                _ => FieldValue::Text(local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()),
            }
        };
        let count = |number: usize| Some(FieldValue::Integer(i64::try_from(number).ok()?));
        Some(match self {
            Derived::TasksOpenCount => count(open_tasks(facts.tasks.as_ref()?).count()),
            Derived::TasksNextTitle => {
                next_task(facts.tasks.as_ref()?).and_then(|task| text(&task.title))
            }
            Derived::TasksNextDue => next_task(facts.tasks.as_ref()?)
                .and_then(|task| task.due)
                .map(moment),
            Derived::NotesCount => count(facts.notes.as_ref()?.len()),
            Derived::NotesLatest => {
                let notes = facts.notes.as_ref()?.iter();
                notes
                    .max_by_key(|note| (note.added, Reverse(note.id.as_str())))
                    .and_then(|note| text(&note.body))
            }
            Derived::AppointmentsNextStart => next_appointment(facts, setting)?
                .map(|(start, _)| start)
                .map(moment),
            Derived::AppointmentsNextTitle => {
                next_appointment(facts, setting)?.and_then(|(_, it)| text(&it.title))
            }
            Derived::AppointmentsLastStart => appointments(facts, setting)?
                .filter(|(start, _)| *start < setting.now)
                .map(|(start, _)| start)
                .max()
                .map(moment),
            Derived::OpportunitiesOpenCount => {
                count(with_status(facts.opportunities.as_ref()?, "open").count())
            }
            Derived::OpportunitiesWonCount => {
                count(with_status(facts.opportunities.as_ref()?, "won").count())
            }
            Derived::OpportunitiesWonValue => Some(won_value(facts.opportunities.as_ref()?)),
            Derived::OpportunitiesLatestStage => {
                let deals = facts.opportunities.as_ref()?.iter();
                deals
                    .max_by_key(|deal| (deal.created, Reverse(deal.id.as_str())))
                    .and_then(|deal| stage_name(deal, &setting.pipelines))
            }
            Derived::BusinessName => facts
                .business
                .as_ref()?
                .as_ref()
                .and_then(|business| text(&business.name)),
        })
    }
}

fn text(text: &Option<String>) -> Option<FieldValue> {
    text.clone().map(FieldValue::Text)
}

fn open_tasks(tasks: &[Task]) -> impl Iterator<Item = &Task> {
    tasks.iter().filter(|task| !task.completed)
}

/// The open task that is due first, overdue or not; those without a due time come last.
fn next_task(tasks: &[Task]) -> Option<&Task> {
    open_tasks(tasks).min_by_key(|task| (task.due.is_none(), task.due, task.id.as_str()))
}

/// Words of appointments that do not take place.
const OFF: &[&str] = &["cancelled", "canceled", "invalid", "noshow", "no-show"];

/// The appointments that have a start and were not called off.
fn appointments<'a>(
    facts: &'a Facts,
    setting: &'a Setting,
) -> Option<impl Iterator<Item = (Timestamp, &'a Appointment)>> {
    let takes_place = |it: &&Appointment| {
        let status = it.status.as_deref().unwrap_or_default().trim();
        !OFF.iter().any(|off| status.eq_ignore_ascii_case(off))
    };
    let all = facts.appointments.as_ref()?.iter().filter(takes_place);
    Some(all.filter_map(|it| Some((it.start?.in_zone(&setting.zone)?, it))))
}

/// The appointment that begins next, one that begins now included; `Some(None)`: there is none.
fn next_appointment<'a>(
    facts: &'a Facts,
    setting: &'a Setting,
) -> Option<Option<(Timestamp, &'a Appointment)>> {
    let ahead = appointments(facts, setting)?.filter(|(start, _)| *start >= setting.now);
    Some(ahead.min_by_key(|(start, it)| (*start, it.id.as_str())))
}

fn with_status<'a>(
    deals: &'a [Opportunity],
    status: &'a str,
) -> impl Iterator<Item = &'a Opportunity> {
    deals.iter().filter(move |deal| has_status(deal, status))
}

pub(super) fn has_status(deal: &Opportunity, status: &str) -> bool {
    let own = deal.status.as_deref().unwrap_or_default();
    own.trim().eq_ignore_ascii_case(status)
}

/// The sum of what was won, to the hundredth of a cent, whatever the order of the deals.
fn won_value(deals: &[Opportunity]) -> FieldValue {
    let mut values: Vec<f64> = with_status(deals, "won")
        .filter_map(|deal| deal.value)
        .filter(|value| value.is_finite())
        .collect();
    values.sort_by(f64::total_cmp);
    let sum = (values.iter().sum::<f64>() * 10_000.0).round() / 10_000.0;
    // Adding zero turns -0 into 0.
    match super::transform::whole(sum) {
        Some(whole) => FieldValue::Integer(whole),
        None => FieldValue::Decimal(sum + 0.0),
    }
}

fn stage_name(deal: &Opportunity, pipelines: &[Pipeline]) -> Option<FieldValue> {
    let id = deal.stage_id.as_deref()?;
    let stages = pipelines.iter().flat_map(|pipeline| &pipeline.stages);
    let stage = stages.into_iter().find(|stage| stage.id == id)?;
    Some(FieldValue::Text(stage.name.clone()))
}

/// What a derived rule comes to; `None` for other rules, and where its facts were not read.
pub(crate) fn derive(
    rule: &FieldRule,
    facts: &Facts,
    setting: &Setting,
) -> Option<Result<Option<FieldValue>, BadValue>> {
    let value = Derived::by_word(&rule.ghl)?.value(rule.kind, facts, setting)?;
    Some(super::told(rule, value))
}

/// What a profile needs to have fetched besides the contacts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    pub kinds: BTreeSet<Related>,
    /// Names of pipelines or stages.
    pub pipelines: bool,
    /// The location's time zone.
    pub zone: bool,
    /// Some list goes by contacts and by their opportunities, so that neither is enough alone.
    pub mixed: bool,
}

impl Needs {
    /// What the rules of a profile name, and nothing else.
    pub fn of(profile: &Profile) -> Needs {
        let mut needs = Needs::default();
        for rule in &profile.fields {
            let Some(derived) = Derived::by_word(&rule.ghl) else {
                continue;
            };
            needs.kinds.insert(derived.related());
            needs.pipelines |= derived == Derived::OpportunitiesLatestStage;
            needs.zone |= matches!(
                derived,
                Derived::TasksNextDue
                    | Derived::AppointmentsNextStart
                    | Derived::AppointmentsNextTitle
                    | Derived::AppointmentsLastStart
            );
        }
        for rule in &profile.lists {
            let Some(when) = rule.when.as_ref().filter(|w| w.needs_opportunities()) else {
                continue;
            };
            needs.kinds.insert(Related::Opportunities);
            needs.pipelines |= when.names_pipeline();
            let same_list = profile.lists.iter().filter(|other| other.list == rule.list);
            needs.mixed |= same_list
                .map(|other| other.when.as_ref())
                .any(|other| other.is_none_or(Condition::needs_contact));
        }
        needs
    }

    /// Nothing has to be fetched.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    pub fn has(&self, kind: Related) -> bool {
        self.kinds.contains(&kind)
    }
}

/// Contacts that one search for tasks names, opportunities and businesses that one call shows.
pub(crate) const A_CALL: u64 = 100;

/// What one kind of thing costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    pub related: Related,
    /// HighLevel calls for 1,000 contacts.
    pub calls: u64,
    /// What the number rests on.
    pub basis: &'static str,
}

/// HighLevel calls that the derived sources and conditions of a profile take for 1,000 contacts;
/// empty where it has none. Contacts themselves and the names of pipelines are not counted.
pub(crate) fn cost_of_thousand(profile: &Profile) -> Vec<Cost> {
    const THOUSAND: u64 = 1_000;
    let cost = |related| {
        let (calls, basis) = match related {
            Related::Tasks => (
                THOUSAND.div_ceil(A_CALL),
                "a call for 100 contacts; more where they have more than 100 open tasks",
            ),
            Related::Notes => (THOUSAND, "a call for each contact"),
            Related::Appointments => (THOUSAND, "a call for each contact"),
            Related::Opportunities => (
                THOUSAND.div_ceil(A_CALL),
                "a call for 100 opportunities of the location, taken as one a contact; a call for each contact where that is less",
            ),
            Related::Business => (1, "a call for 100 businesses, once a run"),
        };
        Cost {
            related,
            calls,
            basis,
        }
    };
    Needs::of(profile).kinds.into_iter().map(cost).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::mapping::{ListRule, Transform};
    use crate::related::{Stage, When};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn setting(zone: &str) -> Setting {
        Setting {
            now: at("2024-03-10T12:00:00Z"),
            zone: TimeZone::get(zone).unwrap(),
            pipelines: vec![Pipeline {
                id: "p-1".to_owned(),
                name: "Sales".to_owned(),
                stages: vec![
                    Stage {
                        id: "s-1".to_owned(),
                        name: "Offer sent".to_owned(),
                    },
                    Stage {
                        id: "s-2".to_owned(),
                        name: "Signed".to_owned(),
                    },
                ],
            }],
        }
    }

    fn task(id: &str, due: Option<&str>, completed: bool) -> Task {
        Task {
            id: id.to_owned(),
            title: Some(format!("title {id}")),
            due: due.map(at),
            completed,
            ..Task::default()
        }
    }

    fn note(id: &str, added: Option<&str>) -> Note {
        Note {
            id: id.to_owned(),
            body: Some(format!("<p>{id}</p>")),
            added: added.map(at),
            ..Note::default()
        }
    }

    fn local(text: &str) -> Option<When> {
        Some(When::Local(text.parse().unwrap()))
    }

    fn utc(text: &str) -> Option<When> {
        Some(When::Utc(at(text)))
    }

    fn appointment(id: &str, start: Option<When>, status: &str) -> Appointment {
        Appointment {
            id: id.to_owned(),
            title: Some(format!("title {id}")),
            status: Some(status.to_owned()),
            start,
            ..Appointment::default()
        }
    }

    fn deal(id: &str, status: &str, value: Option<f64>, created: Option<&str>) -> Opportunity {
        Opportunity {
            id: id.to_owned(),
            status: Some(status.to_owned()),
            value,
            created: created.map(at),
            ..Opportunity::default()
        }
    }

    fn shown(word: &str, kind: FieldKind, facts: &Facts, zone: &str) -> Option<Option<FieldValue>> {
        Derived::by_word(word)
            .unwrap()
            .value(kind, facts, &setting(zone))
    }

    fn words(word: &str, facts: &Facts) -> String {
        match shown(word, FieldKind::Text, facts, "UTC") {
            None => "unread".to_owned(),
            Some(None) => "empty".to_owned(),
            Some(Some(FieldValue::Text(text))) => text,
            Some(Some(FieldValue::Integer(number))) => number.to_string(),
            Some(Some(FieldValue::Decimal(number))) => number.to_string(),
            Some(Some(other)) => other.kind().to_owned(),
        }
    }

    #[test]
    fn what_was_not_read_gives_no_value_and_what_is_not_there_an_empty_one() {
        let nothing = Facts {
            tasks: Some(Vec::new()),
            notes: Some(Vec::new()),
            appointments: Some(Vec::new()),
            opportunities: Some(Vec::new()),
            business: Some(None),
        };
        for (word, _) in DERIVED {
            assert_eq!(words(word, &Facts::default()), "unread", "{word}");
            let expected = match word {
                word if word.ends_with("count") => "0",
                "opportunities.won_value" => "0",
                _ => "empty",
            };
            assert_eq!(words(word, &nothing), expected, "{word}");
        }
    }

    #[test]
    fn tasks() {
        let table: [(&str, Vec<Task>, [&str; 3]); 6] = [
            (
                "the earliest open one, overdue included",
                vec![
                    task("b", Some("2024-04-01T00:00:00Z"), false),
                    task("a", Some("2024-01-01T00:00:00Z"), false),
                    task("c", Some("2023-01-01T00:00:00Z"), true),
                ],
                ["2", "title a", "2024-01-01T00:00:00+00:00"],
            ),
            (
                "ties go by id",
                vec![
                    task("b", Some("2024-04-01T00:00:00Z"), false),
                    task("a", Some("2024-04-01T00:00:00Z"), false),
                ],
                ["2", "title a", "2024-04-01T00:00:00+00:00"],
            ),
            (
                "without a due time last",
                vec![
                    task("a", None, false),
                    task("b", Some("2024-04-01T00:00:00Z"), false),
                ],
                ["2", "title b", "2024-04-01T00:00:00+00:00"],
            ),
            (
                "only without a due time",
                vec![task("a", None, false)],
                ["1", "title a", "empty"],
            ),
            (
                "all done",
                vec![task("a", Some("2024-04-01T00:00:00Z"), true)],
                ["0", "empty", "empty"],
            ),
            ("all deleted", vec![], ["0", "empty", "empty"]),
        ];
        for (case, tasks, expected) in table {
            let facts = Facts {
                tasks: Some(tasks),
                ..Facts::default()
            };
            let found = ["tasks.open_count", "tasks.next.title", "tasks.next.due"]
                .map(|word| words(word, &facts));
            assert_eq!(found, expected, "{case}");
        }
        let untitled = Facts {
            tasks: Some(vec![Task {
                title: None,
                ..task("a", None, false)
            }]),
            ..Facts::default()
        };
        assert_eq!(words("tasks.next.title", &untitled), "empty");
    }

    #[test]
    fn notes() {
        let table: [(&str, Vec<Note>, [&str; 2]); 4] = [
            (
                "the newest",
                vec![
                    note("a", Some("2024-01-02T00:00:00Z")),
                    note("b", Some("2024-01-01T00:00:00Z")),
                ],
                ["2", "<p>a</p>"],
            ),
            (
                "ties go by id",
                vec![
                    note("b", Some("2024-01-01T00:00:00Z")),
                    note("a", Some("2024-01-01T00:00:00Z")),
                ],
                ["2", "<p>a</p>"],
            ),
            (
                "one without a date is the oldest",
                vec![note("a", None), note("b", Some("2024-01-01T00:00:00Z"))],
                ["2", "<p>b</p>"],
            ),
            (
                "without a body",
                vec![Note {
                    body: None,
                    ..note("a", None)
                }],
                ["1", "empty"],
            ),
        ];
        for (case, notes, expected) in table {
            let facts = Facts {
                notes: Some(notes),
                ..Facts::default()
            };
            let found = ["notes.count", "notes.latest"].map(|word| words(word, &facts));
            assert_eq!(found, expected, "{case}");
        }
    }

    #[test]
    fn appointments() {
        let table: [(&str, Vec<Appointment>, [&str; 3]); 5] = [
            (
                "next and last",
                vec![
                    appointment("a", utc("2024-03-12T09:00:00Z"), "confirmed"),
                    appointment("b", utc("2024-03-11T09:00:00Z"), "new"),
                    appointment("c", utc("2024-03-01T09:00:00Z"), "showed"),
                    appointment("d", utc("2024-02-01T09:00:00Z"), "showed"),
                ],
                [
                    "2024-03-11T09:00:00+00:00",
                    "title b",
                    "2024-03-01T09:00:00+00:00",
                ],
            ),
            (
                "one that begins this moment is the next",
                vec![appointment("a", utc("2024-03-10T12:00:00Z"), "confirmed")],
                ["2024-03-10T12:00:00+00:00", "title a", "empty"],
            ),
            (
                "ties go by id",
                vec![
                    appointment("b", utc("2024-03-11T09:00:00Z"), "confirmed"),
                    appointment("a", utc("2024-03-11T09:00:00Z"), "confirmed"),
                ],
                ["2024-03-11T09:00:00+00:00", "title a", "empty"],
            ),
            (
                "called off",
                vec![
                    appointment("a", utc("2024-03-11T09:00:00Z"), "Cancelled"),
                    appointment("b", utc("2024-03-01T09:00:00Z"), "noshow"),
                    appointment("c", utc("2024-03-01T09:00:00Z"), "invalid"),
                ],
                ["empty", "empty", "empty"],
            ),
            (
                "without a start or a status",
                vec![
                    appointment("a", None, "confirmed"),
                    Appointment {
                        status: None,
                        ..appointment("b", utc("2024-03-11T09:00:00Z"), "")
                    },
                ],
                ["2024-03-11T09:00:00+00:00", "title b", "empty"],
            ),
        ];
        let sources = [
            "appointments.next.start",
            "appointments.next.title",
            "appointments.last.start",
        ];
        for (case, appointments, expected) in table {
            let facts = Facts {
                appointments: Some(appointments),
                ..Facts::default()
            };
            assert_eq!(sources.map(|word| words(word, &facts)), expected, "{case}");
        }
    }

    #[test]
    fn times_are_the_locations() {
        let facts = Facts {
            tasks: Some(vec![task("a", Some("2024-03-15T02:00:00Z"), false)]),
            appointments: Some(vec![appointment("a", local("2024-03-15T23:30:00"), "new")]),
            ..Facts::default()
        };
        let text = |text: &str| Some(Some(FieldValue::Text(text.to_owned())));
        let day = |year, month, day| Some(Some(FieldValue::Date(date(year, month, day))));
        let due = |kind, zone| shown("tasks.next.due", kind, &facts, zone);
        let start = |kind, zone| shown("appointments.next.start", kind, &facts, zone);
        let (new_york, berlin) = ("America/New_York", "Europe/Berlin");
        assert_eq!(
            due(FieldKind::Text, new_york),
            text("2024-03-14T22:00:00-04:00")
        );
        assert_eq!(due(FieldKind::Date, new_york), day(2024, 3, 14));
        assert_eq!(due(FieldKind::Date, berlin), day(2024, 3, 15));
        // A time without a zone is the location's, whatever it is.
        assert_eq!(
            start(FieldKind::Text, berlin),
            text("2024-03-15T23:30:00+01:00")
        );
        assert_eq!(start(FieldKind::Date, new_york), day(2024, 3, 15));
        assert_eq!(start(FieldKind::Date, "UTC"), day(2024, 3, 15));
    }

    #[test]
    fn an_hour_that_a_clock_skips_is_none_that_fails() {
        // The night in which New York's clocks go from 2 to 3.
        let facts = Facts {
            appointments: Some(vec![appointment("a", local("2024-03-10T02:30:00"), "new")]),
            ..Facts::default()
        };
        let earlier = Setting {
            now: at("2024-03-10T00:00:00Z"),
            ..setting("America/New_York")
        };
        let found = Derived::AppointmentsNextStart.value(FieldKind::Text, &facts, &earlier);
        let expected = FieldValue::Text("2024-03-10T03:30:00-04:00".to_owned());
        assert_eq!(found, Some(Some(expected)));
    }

    #[test]
    fn opportunities() {
        let table: [(&str, Vec<Opportunity>, [&str; 4]); 5] = [
            (
                "of each kind",
                vec![
                    deal("a", "open", Some(5.0), Some("2024-01-01T00:00:00Z")),
                    deal("b", "WON", Some(0.1), Some("2024-01-02T00:00:00Z")),
                    deal("c", "won", Some(0.2), Some("2024-01-03T00:00:00Z")),
                    deal("d", "lost", Some(7.0), Some("2024-01-04T00:00:00Z")),
                    deal("e", "abandoned", None, None),
                ],
                ["1", "2", "0.3", "empty"],
            ),
            (
                "without a value",
                vec![deal("a", "won", None, None)],
                ["0", "1", "0", "empty"],
            ),
            (
                "the stage of the newest",
                vec![
                    Opportunity {
                        stage_id: Some("s-2".to_owned()),
                        ..deal("a", "won", Some(10.0), Some("2024-01-01T00:00:00Z"))
                    },
                    Opportunity {
                        stage_id: Some("s-1".to_owned()),
                        ..deal("b", "open", None, Some("2024-02-01T00:00:00Z"))
                    },
                ],
                ["1", "1", "10", "Offer sent"],
            ),
            (
                "ties go by id",
                vec![
                    Opportunity {
                        stage_id: Some("s-2".to_owned()),
                        ..deal("b", "open", None, None)
                    },
                    Opportunity {
                        stage_id: Some("s-1".to_owned()),
                        ..deal("a", "open", None, None)
                    },
                ],
                ["2", "0", "0", "Offer sent"],
            ),
            (
                "a stage that no pipeline has",
                vec![Opportunity {
                    stage_id: Some("gone".to_owned()),
                    ..deal("a", "open", Some(f64::NAN), None)
                }],
                ["1", "0", "0", "empty"],
            ),
        ];
        let sources = [
            "opportunities.open_count",
            "opportunities.won_count",
            "opportunities.won_value",
            "opportunities.latest.stage",
        ];
        for (case, deals, expected) in table {
            for deals in [deals.clone(), deals.into_iter().rev().collect()] {
                let facts = Facts {
                    opportunities: Some(deals),
                    ..Facts::default()
                };
                assert_eq!(sources.map(|word| words(word, &facts)), expected, "{case}");
            }
        }
    }

    #[test]
    fn a_business_has_a_name_or_none() {
        let business = |name: Option<&str>| Facts {
            business: Some(Some(Business {
                name: name.map(str::to_owned),
                ..Business::default()
            })),
            ..Facts::default()
        };
        assert_eq!(words("business.name", &business(Some("Acme"))), "Acme");
        assert_eq!(words("business.name", &business(None)), "empty");
    }

    #[test]
    fn transforms_come_after_and_errors_name_the_source() {
        let facts = Facts {
            notes: Some(vec![note("hello", None)]),
            ..Facts::default()
        };
        let rule = |steps: &[&str], kind| FieldRule {
            transforms: steps.iter().map(|s| Transform::parse(s).unwrap()).collect(),
            ..FieldRule::new("notes.latest", "NOTE", kind)
        };
        let derive = |rule: &FieldRule| derive(rule, &facts, &setting("UTC"));
        assert_eq!(
            derive(&rule(&["strip_html", "upper"], FieldKind::Text)),
            Some(Ok(Some(FieldValue::Text("HELLO".to_owned()))))
        );
        let error = derive(&rule(&[], FieldKind::Integer)).unwrap().unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("notes.latest cannot fill NOTE")
        );
        let plain = FieldRule::new("firstName", "NAME", FieldKind::Text);
        assert_eq!(derive(&plain), None);
    }

    #[test]
    fn only_what_a_profile_names_is_needed_and_costs() {
        let mut profile = Profile::new("p", "L", "B");
        profile.fields = vec![FieldRule::new("firstName", "A", FieldKind::Text)];
        profile.lists = vec![ListRule::new("vip", "L")];
        assert!(Needs::of(&profile).is_empty());
        assert_eq!(cost_of_thousand(&profile), []);
        let costs = |sources: &[&str]| {
            let mut profile = Profile::new("p", "L", "B");
            let rule = |source: &&str| FieldRule::new(source, "X", FieldKind::Text);
            profile.fields = sources.iter().map(rule).collect();
            let found = cost_of_thousand(&profile).into_iter();
            found
                .map(|cost| (cost.related.as_str(), cost.calls))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            costs(&["tasks.open_count", "tasks.next.due"]),
            [("tasks", 10)]
        );
        assert_eq!(
            costs(&["notes.latest", "appointments.next.start", "business.name"]),
            [("notes", 1000), ("appointments", 1000), ("business", 1)]
        );
        assert_eq!(costs(&["opportunities.won_value"]), [("opportunities", 10)]);
        profile.lists[0].when = Some(Condition::Opportunity {
            status: Some("won".to_owned()),
            pipeline: Some("Sales".to_owned()),
        });
        let needs = Needs::of(&profile);
        assert!(needs.pipelines && !needs.mixed && !needs.zone);
        assert_eq!(cost_of_thousand(&profile)[0].calls, 10);
    }
}
