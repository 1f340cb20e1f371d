//! Single stories about what hangs on contacts.

use std::collections::BTreeSet;

use super::attached::Things;
use super::bench::{Bench, text, two_way_profile};
use super::world::{Faults, Lie, Op};
use crate::contact::FieldValue;
use crate::engine::{End, Mode};
use crate::mapping::{Condition, FieldKind, FieldRule, ListRule};
use crate::related::{Appointment, Business, Note, Opportunity, Pipeline, Task, When};
use crate::remote::RemoteErrorKind;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// A profile with these derived rules beside the usual ones.
fn bench(rules: &[(&str, &str, FieldKind)]) -> Bench {
    let mut bench = Bench::new();
    let rules = rules
        .iter()
        .map(|(ghl, tag, kind)| FieldRule::new(ghl, tag, *kind));
    bench.profile.fields.extend(rules);
    bench
}

fn with_tasks(count: u32) -> Bench {
    let bench = bench(&[("tasks.open_count", "OPEN", FieldKind::Integer)]);
    crowd(&bench, count);
    bench
}

fn with_notes(count: u32, budget: u64) -> Bench {
    let mut bench = bench(&[("notes.latest", "NOTE", FieldKind::Text)]);
    bench.profile.limits.derived_calls_per_run = budget;
    crowd(&bench, count);
    for n in 0..count {
        note(&bench, &id(n), "first");
    }
    bench
}

fn id(n: u32) -> String {
    format!("g-{n:03}")
}

fn crowd(bench: &Bench, count: u32) {
    let mut world = bench.world.look();
    for n in 0..count {
        world
            .person(&id(n), &format!("p{n}@example.com"))
            .named(&format!("P{n}"));
    }
}

fn things(bench: &Bench, change: impl FnOnce(&mut Things)) {
    change(&mut bench.world.look().things);
}

/// Neither this nor the others below touch the contact.
fn task(bench: &Bench, ghl_id: &str, task_id: &str, completed: bool) {
    let task = Task {
        id: task_id.to_owned(),
        contact_id: Some(ghl_id.to_owned()),
        completed,
        ..Task::default()
    };
    things(bench, |t| {
        let tasks = t.tasks.entry(ghl_id.to_owned()).or_default();
        tasks.retain(|old| old.id != task_id);
        tasks.push(task);
    });
}

fn note(bench: &Bench, ghl_id: &str, body: &str) {
    let note = Note {
        id: "n-1".to_owned(),
        body: Some(body.to_owned()),
        ..Note::default()
    };
    things(bench, |t| {
        drop(t.notes.insert(ghl_id.to_owned(), vec![note]))
    });
}

fn deal(bench: &Bench, ghl_id: &str, status: &str, pipeline: &str) {
    let deal = Opportunity {
        id: format!("d-{ghl_id}"),
        contact_id: Some(ghl_id.to_owned()),
        status: Some(status.to_owned()),
        pipeline_id: Some(pipeline.to_owned()),
        value: Some(10.0),
        ..Opportunity::default()
    };
    things(bench, |t| {
        drop(t.deals.insert(ghl_id.to_owned(), vec![deal]))
    });
}

fn value(bench: &Bench, ghl_id: &str, tag: &str) -> Option<FieldValue> {
    bench.record(ghl_id).values.get(tag).cloned()
}

/// Whose record has this value.
fn who_has(bench: &Bench, count: u32, tag: &str, wanted: &FieldValue) -> BTreeSet<u32> {
    (0..count)
        .filter(|n| value(bench, &id(*n), tag).as_ref() == Some(wanted))
        .collect()
}

fn nothing_left_to_do(bench: &mut Bench) {
    assert_eq!(bench.sync().writes, []);
    assert_eq!(bench.full().writes, []);
}

#[test]
fn values_arrive_with_the_creation_and_a_second_run_writes_nothing() {
    let mut bench = with_tasks(3);
    task(&bench, "g-000", "t-1", false);
    task(&bench, "g-000", "t-2", true);
    let run = bench.sync();
    assert_eq!(run.people(), [3, 0, 0, 0, 0, 0]);
    assert_eq!(run.count(Op::Tasks), 1, "one search for all of them");
    assert_eq!(value(&bench, "g-000", "OPEN"), Some(FieldValue::Integer(1)));
    assert_eq!(value(&bench, "g-001", "OPEN"), Some(FieldValue::Integer(0)));
    let idle = bench.sync();
    assert_eq!(idle.calls.len(), 1, "nobody is due: {:?}", idle.calls);
    nothing_left_to_do(&mut bench);
}

#[test]
fn without_a_derived_rule_nothing_is_asked() {
    let mut bench = Bench::new();
    crowd(&bench, 3);
    let calls: Vec<Op> = bench.sync().calls.iter().map(|(op, _)| *op).collect();
    let about = [Op::Tasks, Op::Notes, Op::Appointments, Op::Deals, Op::Names];
    assert!(calls.iter().all(|op| !about.contains(op)));
}

#[test]
fn every_kind_of_thing_is_read_by_its_cheapest_way() {
    let mut bench = bench(&[
        ("tasks.open_count", "OPEN", FieldKind::Integer),
        ("notes.count", "NOTES", FieldKind::Integer),
        ("appointments.next.start", "NEXT", FieldKind::Date),
        ("opportunities.won_value", "WON", FieldKind::Integer),
        ("opportunities.latest.stage", "STAGE", FieldKind::Text),
        ("business.name", "BUSINESS", FieldKind::Text),
    ]);
    crowd(&bench, 10);
    task(&bench, "g-001", "t-1", false);
    note(&bench, "g-001", "hello");
    deal(&bench, "g-001", "won", "p-1");
    things(&bench, |t| {
        t.zone = Some("Pacific/Auckland".to_owned());
        let late: jiff::Timestamp = "2100-01-01T20:00:00Z".parse().unwrap();
        let appointment = Appointment {
            id: "a-1".to_owned(),
            start: Some(When::Utc(late)),
            ..Appointment::default()
        };
        t.appointments.insert("g-001".to_owned(), vec![appointment]);
        t.businesses.push(Business {
            id: "biz".to_owned(),
            name: Some("Acme".to_owned()),
            ..Business::default()
        });
    });
    bench.edit("g-001", |p| {
        p.values.insert("business.id".to_owned(), text("biz"));
    });
    let run = bench.sync();
    let count = |op| run.count(op);
    assert_eq!(
        (count(Op::Tasks), count(Op::Notes), count(Op::Appointments)),
        (1, 10, 10)
    );
    // Counting and one page instead of ten calls.
    assert_eq!(
        (count(Op::DealCount), count(Op::AllDeals), count(Op::Deals)),
        (1, 1, 0)
    );
    assert_eq!(count(Op::Names), 3, "zone, pipelines and businesses");
    let values = bench.record("g-001").values;
    assert_eq!(values["OPEN"], FieldValue::Integer(1));
    assert_eq!(values["NOTES"], FieldValue::Integer(1));
    let day = FieldValue::Date(jiff::civil::date(2100, 1, 2));
    assert_eq!(values["NEXT"], day, "the next day in Auckland");
    assert_eq!(values["WON"], FieldValue::Integer(10));
    assert_eq!(values["BUSINESS"], text("Acme"));
    assert_eq!(values.get("STAGE"), None);
    assert_eq!(value(&bench, "g-002", "WON"), Some(FieldValue::Integer(0)));
    nothing_left_to_do(&mut bench);
}

#[test]
fn a_few_contacts_are_asked_for_their_deals_one_by_one() {
    let mut bench = bench(&[("opportunities.won_count", "WON", FieldKind::Integer)]);
    crowd(&bench, 500);
    for n in 0..450 {
        deal(&bench, &id(n), "open", "p-1");
    }
    let first = bench.sync();
    assert_eq!((first.count(Op::AllDeals), first.count(Op::Deals)), (5, 0));
    deal(&bench, "g-007", "won", "p-1");
    bench.edit("g-007", |_| {});
    let run = bench.sync();
    assert_eq!((run.count(Op::DealCount), run.count(Op::Deals)), (0, 1));
    assert_eq!(run.people(), [0, 1, 0, 0, 0, 0]);
    assert_eq!(value(&bench, "g-007", "WON"), Some(FieldValue::Integer(1)));
}

#[test]
fn what_does_not_move_the_contact_is_found_by_the_sweep() {
    let mut bench = with_tasks(300);
    bench.sync();
    task(&bench, "g-005", "t-1", false);
    assert_eq!(bench.sync().writes, [], "nobody is due yet");
    // A day later the full run looks at everybody.
    bench.now += DAY;
    let full = bench.sync();
    assert_eq!(full.mode(), Mode::Full);
    assert_eq!(full.count(Op::Tasks), 3);
    assert_eq!(value(&bench, "g-005", "OPEN"), Some(FieldValue::Integer(1)));
    nothing_left_to_do(&mut bench);
}

#[test]
fn a_value_whose_things_are_gone_follows_and_one_that_base_never_had_is_left_alone() {
    let mut bench = with_notes(2, 100);
    things(&bench, |t| drop(t.notes.remove("g-001")));
    bench.sync();
    let by_hand = bench.link("g-001").unwrap().bm_id.unwrap();
    let set = |bench: &Bench| {
        let mut world = bench.world.look();
        let record = world.records.get_mut(&by_hand).unwrap();
        record.values.insert("NOTE".to_owned(), text("by hand"));
    };
    set(&bench);
    things(&bench, |t| drop(t.notes.remove("g-000")));
    bench.full();
    assert_eq!(value(&bench, "g-000", "NOTE"), None);
    assert_eq!(value(&bench, "g-001", "NOTE"), Some(text("by hand")));
}

#[test]
fn the_budget_holds_and_everybody_gets_a_turn() {
    let mut bench = with_notes(25, 4);
    let first = bench.sync();
    assert_eq!(
        first.people(),
        [25, 0, 0, 0, 0, 0],
        "nobody waits to be created"
    );
    assert_eq!(first.count(Op::Notes), 4);
    let mut reached = who_has(&bench, 25, "NOTE", &text("first"));
    assert_eq!(reached.len(), 4);
    for round in 2..=7 {
        let run = bench.sync();
        assert_eq!(run.mode(), Mode::Incremental);
        assert!(run.count(Op::Notes) <= 4, "{:?}", run.calls);
        let now = who_has(&bench, 25, "NOTE", &text("first"));
        assert_eq!(now.len(), (4 * round).min(25));
        assert!(now.is_superset(&reached), "no value is lost while waiting");
        reached = now;
    }
    assert_eq!(bench.sync().count(Op::Notes), 0, "nobody is due any more");
    // A day later everything is due again, the longest waiting first, whatever kind of run.
    for n in 0..25 {
        note(&bench, &id(n), "second");
    }
    bench.now += DAY;
    for round in 1..=7 {
        assert!(bench.sync().count(Op::Notes) <= 4);
        let second = who_has(&bench, 25, "NOTE", &text("second"));
        assert_eq!(second.len(), (4 * round).min(25));
        let first = who_has(&bench, 25, "NOTE", &text("first"));
        assert_eq!(first.len() + second.len(), 25, "the others keep theirs");
    }
    nothing_left_to_do(&mut bench);
}

#[test]
fn many_full_runs_with_a_small_budget_reach_everybody_too() {
    let mut bench = with_notes(9, 2);
    for _ in 0..5 {
        assert_eq!(bench.full().count(Op::Notes), 2);
    }
    assert_eq!(who_has(&bench, 9, "NOTE", &text("first")).len(), 9);
}

#[test]
fn a_changed_contact_that_found_no_call_left_comes_first_in_the_next_run() {
    let mut bench = with_notes(6, 6);
    bench.sync();
    bench.profile.limits.derived_calls_per_run = 2;
    for n in 0..6 {
        note(&bench, &id(n), "second");
        bench.edit(&id(n), |p| {
            p.named("New");
        });
    }
    let run = bench.sync();
    assert_eq!(
        run.people(),
        [0, 6, 0, 0, 0, 0],
        "the other fields do not wait"
    );
    assert_eq!(who_has(&bench, 6, "NOTE", &text("second")).len(), 2);
    bench.world.look().person("g-new", "new@example.com");
    bench.sync();
    assert_eq!(who_has(&bench, 6, "NOTE", &text("second")).len(), 4);
    bench.sync();
    assert_eq!(who_has(&bench, 6, "NOTE", &text("second")).len(), 6);
}

#[test]
fn a_budget_too_small_for_one_contact_is_stretched_for_one() {
    let mut bench = bench(&[
        ("notes.count", "NOTES", FieldKind::Integer),
        ("appointments.next.title", "NEXT", FieldKind::Text),
    ]);
    bench.profile.limits.derived_calls_per_run = 1;
    crowd(&bench, 2);
    let run = bench.sync();
    assert_eq!((run.count(Op::Notes), run.count(Op::Appointments)), (1, 1));
}

#[test]
fn a_failed_read_fails_only_what_is_derived_from_it() {
    let mut bench = with_notes(3, 100);
    bench.sync();
    for n in 0..3 {
        note(&bench, &id(n), "second");
        bench.edit(&id(n), |p| {
            p.named("New");
        });
    }
    things(&bench, |t| t.refused.extend(["g-001".to_owned()]));
    let run = bench.sync();
    assert!(matches!(run.outcome.end, End::Complete));
    assert_eq!(run.people(), [0, 2, 0, 0, 1, 0]);
    assert_eq!(run.problems.len(), 1);
    assert_eq!(run.problems[0].reason, "related_unread");
    assert_eq!(run.problems[0].ghl_id.as_deref(), Some("g-001"));
    assert_eq!(bench.record("g-001").name(), "New");
    assert_eq!(value(&bench, "g-001", "NOTE"), Some(text("first")));
    assert_eq!(value(&bench, "g-002", "NOTE"), Some(text("second")));
    // Next time it comes first, without having changed.
    things(&bench, |t| t.refused.clear());
    let run = bench.sync();
    assert_eq!(run.count(Op::Notes), 1);
    assert_eq!(run.people(), [0, 1, 0, 0, 0, 0]);
    assert_eq!(value(&bench, "g-001", "NOTE"), Some(text("second")));
    nothing_left_to_do(&mut bench);
}

#[test]
fn one_bad_contact_does_not_spoil_a_search_for_many() {
    let mut bench = with_tasks(5);
    things(&bench, |t| t.refused.extend(["g-003".to_owned()]));
    task(&bench, "g-001", "t-1", false);
    let run = bench.sync();
    assert_eq!((run.count(Op::Tasks), run.count(Op::TasksOf)), (1, 5));
    assert_eq!(run.people(), [4, 0, 0, 0, 1, 0]);
    assert_eq!(value(&bench, "g-001", "OPEN"), Some(FieldValue::Integer(1)));
    assert_eq!(value(&bench, "g-003", "OPEN"), None);
}

#[test]
fn a_service_that_stays_silent_ends_the_run_and_one_lost_answer_does_not() {
    let mut bench = with_notes(40, 100);
    let lost = |nth| (Op::Notes, nth, Lie::Down);
    let run = bench.run(
        Faults {
            lies: vec![lost(0)],
            ..Faults::default()
        },
        |_| {},
    );
    assert!(matches!(run.outcome.end, End::Complete));
    assert_eq!(run.people()[4], 1);
    let mut bench = with_notes(40, 100);
    let run = bench.run(
        Faults {
            lies: (0..40).map(lost).collect(),
            ..Faults::default()
        },
        |_| {},
    );
    let End::Remote(error) = &run.outcome.end else {
        panic!("{:?}", run.outcome.end);
    };
    assert_eq!(error.kind, RemoteErrorKind::Unavailable);
    assert_eq!(run.writes, []);
    assert!(run.count(Op::Notes) < 40, "the rest is not asked");
    // As if it had not been.
    assert_eq!(bench.sync().people(), [40, 0, 0, 0, 0, 0]);
    assert_eq!(who_has(&bench, 40, "NOTE", &text("first")).len(), 40);
}

#[test]
fn somebody_deleted_in_highlevel_is_no_failure_of_the_sweep() {
    let mut bench = with_notes(3, 2);
    bench.sync();
    bench.world.look().people.remove("g-002");
    let run = bench.sync();
    assert!(run.count(Op::Notes) > 0);
    assert_eq!(run.people()[4], 0);
    assert_eq!(run.writes, []);
}

#[test]
fn a_dry_run_leaves_no_trace() {
    let mut bench = with_notes(4, 2);
    bench.sync();
    let before = bench.snapshot();
    let run = bench.run(Faults::default(), |o| o.dry_run = true);
    assert_eq!(run.count(Op::Notes), 2);
    assert_eq!(bench.snapshot().0, before.0);
    let run = bench.sync();
    assert_eq!(run.people(), [0, 2, 0, 0, 0, 0]);
}

fn won(pipeline: Option<&str>) -> Condition {
    Condition::Opportunity {
        status: Some("won".to_owned()),
        pipeline: pipeline.map(str::to_owned),
    }
}

fn with_condition(when: Condition) -> Bench {
    let mut bench = Bench::new();
    bench.profile.lists = vec![ListRule {
        when: Some(when),
        ..ListRule::new("", "One")
    }];
    things(&bench, |t| {
        t.pipelines.push(Pipeline {
            id: "p-1".to_owned(),
            name: "Sales".to_owned(),
            stages: Vec::new(),
        });
    });
    crowd(&bench, 4);
    bench
}

fn on_list(bench: &Bench, ghl_id: &str) -> bool {
    bench.record(ghl_id).lists.contains("l-1")
}

#[test]
fn a_condition_gives_a_membership_and_takes_only_its_own_away() {
    let mut bench = with_condition(won(Some("Sales")));
    deal(&bench, "g-000", "won", "p-1");
    deal(&bench, "g-001", "won", "p-2");
    deal(&bench, "g-002", "open", "p-1");
    bench.sync();
    let members = |bench: &Bench| [0, 1, 2, 3].map(|n| on_list(bench, &id(n)));
    assert_eq!(members(&bench), [true, false, false, false]);
    let by_hand = bench.link("g-003").unwrap().bm_id.unwrap();
    bench
        .world
        .look()
        .records
        .get_mut(&by_hand)
        .unwrap()
        .lists
        .insert("l-1".to_owned());
    deal(&bench, "g-000", "lost", "p-1");
    deal(&bench, "g-002", "won", "p-1");
    bench.full();
    // Somebody put on the list by hand stays there: base never showed the condition.
    assert_eq!(members(&bench), [false, false, true, true]);
    nothing_left_to_do(&mut bench);
}

#[test]
fn a_membership_that_could_not_be_judged_stays() {
    let mut bench = with_condition(won(None));
    deal(&bench, "g-000", "won", "p-1");
    bench.sync();
    assert!(on_list(&bench, "g-000"));
    things(&bench, |t| {
        t.deals.clear();
        t.refused.insert("g-000".to_owned());
    });
    bench.edit("g-000", |p| {
        p.named("New");
    });
    let run = bench.sync();
    assert_eq!(run.people(), [0, 0, 0, 0, 1, 0]);
    assert!(on_list(&bench, "g-000"));
    things(&bench, |t| t.refused.clear());
    bench.sync();
    assert!(!on_list(&bench, "g-000"));
}

#[test]
fn a_membership_ends_only_after_a_direct_look() {
    let mut bench = with_condition(won(Some("Sales")));
    for n in 0..4 {
        deal(&bench, &id(n), "won", "p-1");
    }
    let first = bench.sync();
    assert_eq!((first.count(Op::AllDeals), first.count(Op::Deals)), (1, 0));
    things(&bench, |t| t.unlisted.extend(["g-001".to_owned()]));
    deal(&bench, "g-002", "lost", "p-1");
    let run = bench.full();
    assert_eq!((run.count(Op::AllDeals), run.count(Op::Deals)), (1, 2));
    assert!(
        on_list(&bench, "g-001"),
        "it is there, the list only lacks it"
    );
    assert!(!on_list(&bench, "g-002"));
    // A direct look that fails ends nothing either.
    things(&bench, |t| t.refused.extend(["g-001".to_owned()]));
    let run = bench.full();
    assert_eq!(run.people()[4], 1);
    assert!(on_list(&bench, "g-001"));
}

#[test]
fn a_list_of_deals_that_lacks_some_is_not_believed() {
    let mut bench = bench(&[("opportunities.won_count", "WON", FieldKind::Integer)]);
    crowd(&bench, 6);
    (0..6).for_each(|n| deal(&bench, &id(n), "won", "p-1"));
    bench.sync();
    things(&bench, |t| t.cut = true);
    let run = bench.full();
    assert_eq!((run.count(Op::AllDeals), run.writes.len()), (1, 0));
    assert!(run.count(Op::Deals) > 0);
    assert_eq!(who_has(&bench, 6, "WON", &FieldValue::Integer(1)).len(), 6);
}

#[test]
fn a_renamed_pipeline_empties_no_list() {
    let mut bench = with_condition(won(Some("Sales")));
    deal(&bench, "g-000", "won", "p-1");
    bench.sync();
    things(&bench, |t| t.pipelines[0].name = "Sales 2".to_owned());
    assert_eq!(bench.full().writes, []);
    assert!(on_list(&bench, "g-000"));
}

#[test]
fn a_sweep_reads_the_contact_where_a_list_goes_by_both() {
    let vip = || Condition::Tag("vip".to_owned());
    let mut bench = with_condition(Condition::All(vec![vip(), won(None)]));
    bench.profile.limits.derived_calls_per_run = 3;
    for n in 0..4 {
        deal(&bench, &id(n), "won", "p-1");
        bench.edit(&id(n), |p| {
            p.tagged("vip");
        });
    }
    // Three calls: count and page would leave none for anybody else, so contacts are asked.
    bench.sync();
    bench.sync();
    bench.sync();
    bench.sync();
    let members = (0..4).filter(|n| on_list(&bench, &id(*n))).count();
    assert_eq!(members, 4);
    nothing_left_to_do(&mut bench);
}

#[test]
fn conditions_on_contacts_alone_cost_nothing() {
    let gold = Condition::Equals("custom.score".to_owned(), "9".to_owned());
    let mut bench = with_condition(gold);
    bench.edit("g-001", |p| {
        p.values
            .insert("custom.score".to_owned(), FieldValue::Integer(9));
    });
    let run = bench.sync();
    assert_eq!(
        run.count(Op::DealCount) + run.count(Op::Deals) + run.count(Op::Names),
        0
    );
    assert!(on_list(&bench, "g-001"));
    bench.edit("g-001", |p| drop(p.values.remove("custom.score")));
    let run = bench.sync();
    assert_eq!(run.people(), [0, 1, 0, 0, 0, 0]);
    assert!(!on_list(&bench, "g-001"));
}

#[test]
fn killed_anywhere_it_ends_as_an_undisturbed_run() {
    let calm = {
        let mut bench = with_notes(6, 3);
        (0..4).for_each(|_| drop(bench.sync()));
        who_has(&bench, 6, "NOTE", &text("first"))
    };
    assert_eq!(calm.len(), 6);
    for at in 0..12 {
        let mut bench = with_notes(6, 3);
        let faults = Faults {
            killed_at: Some((at, bench.state_path(), bench.copy_path())),
            ..Faults::default()
        };
        bench.run(faults, |_| {});
        bench.wake();
        (0..4).for_each(|_| drop(bench.sync()));
        assert_eq!(
            who_has(&bench, 6, "NOTE", &text("first")),
            calm,
            "killed at {at}"
        );
        assert!(bench.world.look().crimes.is_empty());
        nothing_left_to_do(&mut bench);
    }
}

#[test]
fn beside_rules_both_ways_a_derived_one_goes_its_way() {
    let mut bench = Bench::new();
    bench.profile = two_way_profile();
    let rule = FieldRule::new("notes.latest", "NOTE", FieldKind::Text);
    bench.profile.fields.push(rule);
    bench.profile.limits.derived_calls_per_run = 2;
    crowd(&bench, 4);
    for n in 0..4 {
        note(&bench, &id(n), "first");
    }
    (0..3).for_each(|_| drop(bench.sync()));
    assert_eq!(who_has(&bench, 4, "NOTE", &text("first")).len(), 4);
    // The same contact changes on both sides, and a note on it.
    let record = bench.link("g-001").unwrap().bm_id.unwrap();
    let mut world = bench.world.look();
    let values = &mut world.records.get_mut(&record).unwrap().values;
    values.insert("FIRST_NAME".to_owned(), text("There"));
    drop(world);
    note(&bench, "g-001", "second");
    bench.edit("g-001", |p| {
        p.values
            .insert("custom.score".to_owned(), FieldValue::Integer(5));
    });
    let run = bench.sync();
    assert_eq!(run.people(), [0, 1, 3, 0, 0, 0]);
    assert_eq!(value(&bench, "g-001", "NOTE"), Some(text("second")));
    assert_eq!(
        value(&bench, "g-001", "SCORE"),
        Some(FieldValue::Integer(5))
    );
    let person = bench.world.look().people["g-001"].clone();
    assert_eq!(person.values["firstName"], text("There"));
    assert!(!person.values.contains_key("notes.latest"));
    // What the sweep finds goes over by itself.
    bench.now += DAY;
    for n in 0..4 {
        note(&bench, &id(n), "third");
    }
    (0..3).for_each(|_| drop(bench.sync()));
    assert_eq!(who_has(&bench, 4, "NOTE", &text("third")).len(), 4);
    assert_eq!(bench.sync().writes, []);
    assert!(bench.world.look().crimes.is_empty());
}

#[test]
fn where_all_deals_cannot_be_read_contacts_are_asked() {
    for op in [Op::DealCount, Op::AllDeals] {
        let mut bench = bench(&[("opportunities.won_count", "WON", FieldKind::Integer)]);
        crowd(&bench, 10);
        deal(&bench, "g-003", "won", "p-1");
        let faults = Faults {
            lies: vec![(op, 0, Lie::Refused)],
            ..Faults::default()
        };
        let run = bench.run(faults, |_| {});
        assert_eq!(run.people(), [10, 0, 0, 0, 0, 0]);
        assert_eq!(run.count(Op::Deals), 10);
        assert_eq!(value(&bench, "g-003", "WON"), Some(FieldValue::Integer(1)));
    }
}
