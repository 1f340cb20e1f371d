//! Single stories about plans that are made by one run and carried out by another.

use super::bench::{Bench, Report, resolve, text, two_way_profile};
use super::world::{Faults, Lie, Op};
use crate::contact::FieldValue;
use crate::engine::saved::{Header, LoadError, load, write};
use crate::engine::{Apply, End, Mode};
use crate::mapping::{OnDelete, Share};
use crate::state::State;
use crate::stop::Stop;

/// The plan of a dry run, as the file would hold it.
fn plan(bench: &mut Bench) -> String {
    planned(bench).0
}

fn planned(bench: &mut Bench) -> (String, Report) {
    let resolved = resolve(&bench.profile);
    let mut kept = Vec::new();
    let report = bench
        .try_run_around(
            Faults::default(),
            &Stop::new(),
            |o| {
                o.dry_run = true;
                o.read_all_planned = true;
            },
            |_, _| {},
            |state| {
                let header = Header::new(&resolved.profile, "2026-01-01".to_owned(), 0, 0);
                write(state, &resolved, &header, &mut kept)
                    .unwrap()
                    .unwrap();
            },
        )
        .unwrap();
    assert_eq!(report.writes, []);
    (String::from_utf8(kept).unwrap(), report)
}

fn try_apply(bench: &mut Bench, plan: &str, faults: Faults, partial: bool, pass: bool) -> Report {
    let resolved = resolve(&bench.profile);
    bench
        .try_run_around(
            faults,
            &Stop::new(),
            |o| o.pass_brakes = pass,
            |state, options| {
                let header = load(state, plan.as_bytes()).unwrap();
                assert_eq!(header.misfit(&resolved.profile), None);
                options.apply = Some(Apply {
                    allow_partial: partial,
                    read_ghl: header.read.ghl,
                    read_bigmailer: header.read.bigmailer,
                });
            },
            |_| {},
        )
        .unwrap()
}

fn apply(bench: &mut Bench, plan: &str) -> Report {
    try_apply(bench, plan, Faults::default(), false, false)
}

fn stale(report: &Report) -> (u64, u64) {
    match report.outcome.end {
        End::Stale { moved, of } => (moved, of),
        ref other => panic!("{other:?}"),
    }
}

fn people(text: &str) -> Vec<serde_json::Value> {
    let document: serde_json::Value = serde_json::from_str(text).unwrap();
    document["people"].as_array().unwrap().clone()
}

/// Four people in step, then: one renamed, one opted out, one tagged, one new, one gone, and one
/// record renamed by hand.
fn busy(two_way: bool) -> Bench {
    let mut bench = Bench::new();
    if two_way {
        bench.profile = two_way_profile();
    }
    bench.profile.sync.on_ghl_delete = OnDelete::Delete;
    for n in 0..6 {
        let (id, email) = (format!("g-{n}"), format!("p{n}@example.com"));
        bench
            .world
            .look()
            .person(&id, &email)
            .named(&format!("P{n}"));
    }
    bench.sync();
    bench.edit("g-0", |p| {
        p.named("New");
    });
    bench.edit("g-1", |p| p.dnd = true);
    bench.edit("g-2", |p| {
        p.tagged("vip");
    });
    let by_hand = bench.link("g-4").unwrap().bm_id.unwrap();
    let mut world = bench.world.look();
    world.person("g-9", "p9@example.com").named("P9");
    world.person("g-8", "p8@example.com").named("P8").dnd = true;
    world.people.remove("g-3");
    if two_way {
        let there = world.records.get_mut(&by_hand).unwrap();
        there.values.insert("FIRST_NAME".to_owned(), text("Hand"));
        world
            .record("b-hand", "stranger@example.com")
            .values
            .insert("FIRST_NAME".to_owned(), text("Stranger"));
    }
    drop(world);
    bench
}

/// Both sides and what is remembered, without when somebody new was made.
fn end(bench: &Bench) -> String {
    let text = format!("{:?}", bench.end_but_ids());
    let parts = text.split("created: Some(");
    parts
        .map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit()))
        .collect()
}

#[test]
fn an_applied_plan_ends_as_the_sync_would_have() {
    for two_way in [false, true] {
        let mut straight = busy(two_way);
        straight.full();
        let expected = end(&straight);

        let mut bench = busy(two_way);
        let before = bench.snapshot();
        // A dry run of a full run, since only that sees who is gone.
        bench.profile.sync.full_every = std::time::Duration::ZERO;
        let (text, report) = planned(&mut bench);
        assert_eq!(report.mode(), Mode::Full);
        assert_eq!(bench.snapshot(), before, "nothing is written anywhere");
        let names = people(&text);
        assert_eq!(names.len(), if two_way { 8 } else { 6 }, "{text}");
        assert!(text.contains("\"New\"") && text.contains("p9@example.com"));

        let run = apply(&mut bench, &text).complete();
        assert_eq!(run.outcome.tally.bm_created, 2);
        assert_eq!(run.outcome.tally.bm_deleted, 1);
        assert_eq!(run.count(Op::List) + run.count(Op::GhlList), 0, "by reads");
        assert_eq!(end(&bench), expected, "two-way: {two_way}");

        // Its own first application is a change like any other.
        let again = apply(&mut bench, &text);
        assert_eq!(stale(&again), (names.len() as u64, names.len() as u64));
        assert_eq!(again.writes, []);
        assert_eq!(end(&bench), expected);
        assert_eq!(bench.full().writes, []);
    }
}

#[test]
fn whoever_has_moved_on_is_named_and_nothing_is_written() {
    let mut bench = busy(true);
    let text = plan(&mut bench);
    let of = people(&text).len() as u64;
    // One edit on each side, in mapped values; and one that no rule looks at.
    bench.edit("g-0", |p| {
        p.named("Newer");
    });
    let id = bench.link("g-2").unwrap().bm_id.unwrap();
    let score = |n| FieldValue::Integer(n);
    bench
        .world
        .look()
        .records
        .get_mut(&id)
        .unwrap()
        .values
        .insert("SCORE".to_owned(), score(7));
    bench.edit("g-9", |p| {
        p.values.insert("custom.other".to_owned(), score(1));
    });
    let refused = apply(&mut bench, &text);
    assert_eq!(stale(&refused), (2, of));
    assert_eq!(refused.writes, []);
    assert_eq!(refused.reasons(), [("g-0", "moved"), ("g-2", "moved")]);

    let run = try_apply(&mut bench, &text, Faults::default(), true, false).complete();
    assert_eq!(run.outcome.tally.people.failed, 2);
    assert_eq!(run.outcome.tally.people.total(), of);
    assert_eq!(run.reasons(), [("g-0", "moved"), ("g-2", "moved")]);
    assert_eq!(bench.record("g-0").name(), "P0", "left out");
    assert_eq!(bench.record("g-9").name(), "P9", "carried out");
    bench.full();
    assert_eq!(bench.record("g-0").name(), "Newer");
    assert_eq!(bench.full().writes, []);
}

#[test]
fn a_plan_sees_what_an_incremental_run_only_believes() {
    let mut bench = busy(false);
    let id = bench.link("g-0").unwrap().bm_id.unwrap();
    bench
        .world
        .look()
        .records
        .get_mut(&id)
        .unwrap()
        .values
        .insert("FIRST_NAME".to_owned(), text("Hand"));
    let (text, report) = planned(&mut bench);
    assert_eq!(report.mode(), Mode::Incremental);
    assert!(text.contains("\"Hand\""), "{text}");
    let run = apply(&mut bench, &text).complete();
    assert_eq!(bench.record("g-0").name(), "New");
    assert_eq!(run.outcome.tally.people.failed, 0);
    // The window of the next run is the same as without the plan.
    assert_eq!(bench.sync().writes, []);
}

#[test]
fn a_plan_has_no_power_of_its_own() {
    let mut bench = busy(false);
    let text = plan(&mut bench);
    for (from, to) in [
        ("\"New\"", "\"Else\""),
        ("\"opt_out\":\"dnd\"", "\"opt_out\":null"),
        ("\"opted_out\":true", "\"opted_out\":false"),
        ("\"do\":\"update\"", "\"do\":\"delete\""),
    ] {
        let forged = text.replace(from, to);
        assert_ne!(forged, text, "{from}");
        let run = apply(&mut bench, &forged);
        assert!(stale(&run).0 > 0, "{from}");
        assert_eq!(run.writes, [], "{from}");
    }
    // Whoever only shapes it anew changes nothing.
    let shaped =
        serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(&text).unwrap())
            .unwrap();
    apply(&mut bench, &shaped).complete();
}

#[test]
fn what_is_no_whole_plan_is_refused() {
    let mut bench = busy(false);
    let text = plan(&mut bench);
    let state = State::in_memory("test").unwrap();
    for bad in ["", "{", "[]", "{}", "null", &text[..text.len() - 3]] {
        let found = load(&state, bad.as_bytes());
        assert!(matches!(found, Err(LoadError::NotAPlan(_))), "{bad}");
    }
    let newer = text.replace("\"ghl_bm_plan\":1", "\"ghl_bm_plan\":2");
    let found = load(&state, newer.as_bytes());
    assert!(matches!(found, Err(LoadError::OtherVersion(2))));
    let header = load(&state, text.as_bytes()).unwrap();
    assert_eq!(header.misfit(&bench.profile), None);
    let mut other = bench.profile.clone();
    other.fields.pop();
    assert!(header.misfit(&other).unwrap().contains("has changed"));
    let mut other = bench.profile.clone();
    other.brand_id = "another".to_owned();
    assert!(header.misfit(&other).unwrap().contains("another"));
}

#[test]
fn the_brakes_count_again() {
    let mut bench = busy(false);
    bench.profile.sync.full_every = std::time::Duration::ZERO;
    bench.profile.limits.max_deletes = Share::Count(0);
    let resolved = resolve(&bench.profile);
    let mut kept = Vec::new();
    let report = bench
        .try_run_around(
            Faults::default(),
            &Stop::new(),
            |o| {
                o.dry_run = true;
                o.read_all_planned = true;
                o.pass_brakes = true;
            },
            |_, _| {},
            |state| {
                let header = Header::new(&resolved.profile, String::new(), 0, 0);
                write(state, &resolved, &header, &mut kept)
                    .unwrap()
                    .unwrap();
            },
        )
        .unwrap();
    assert_eq!(report.outcome.planned.deletes, 1);
    let text = String::from_utf8(kept).unwrap();
    let run = apply(&mut bench, &text);
    assert!(
        matches!(run.outcome.end, End::Braked(_)),
        "{:?}",
        run.outcome.end
    );
    assert_eq!(run.writes, []);
    let run = try_apply(&mut bench, &text, Faults::default(), false, true).complete();
    assert_eq!(run.outcome.tally.bm_deleted, 1);
}

#[test]
fn a_big_plan_is_checked_by_listing() {
    let mut bench = Bench::new();
    for n in 0..450 {
        let (id, email) = (format!("g-{n:03}"), format!("p{n}@example.com"));
        bench.world.look().person(&id, &email).named("P");
    }
    // Two that share an address, one of them opted out.
    bench.world.look().person("g-900", "p0@example.com").dnd = true;
    let text = plan(&mut bench);
    let run = apply(&mut bench, &text).complete();
    assert_eq!((run.count(Op::List), run.count(Op::GhlList)), (1, 1));
    assert_eq!(run.count(Op::GhlGet), 0);
    assert_eq!(run.outcome.tally.bm_created, 450);
    assert!(bench.record("g-000").unsubscribed);
    assert_eq!(stale(&apply(&mut bench, &text)), (450, 450));
    assert_eq!(bench.sync().writes, []);
}

#[test]
fn people_who_share_an_address_are_read_together() {
    let mut bench = Bench::new();
    bench.world.look().person("g-1", "p@example.com").named("P");
    bench.world.look().person("g-2", "p@example.com").dnd = true;
    let text = plan(&mut bench);
    assert_eq!(people(&text).len(), 1);
    apply(&mut bench, &text).complete();
    assert!(bench.record("g-1").unsubscribed);
}

#[test]
fn an_apply_may_be_killed_at_every_call() {
    for two_way in [false, true] {
        let mut straight = busy(two_way);
        straight.full();
        let expected = end(&straight);
        for nth in 0.. {
            let mut bench = busy(two_way);
            bench.profile.sync.full_every = std::time::Duration::ZERO;
            let text = plan(&mut bench);
            let faults = Faults {
                killed_at: Some((nth, bench.state_path(), bench.copy_path())),
                ..Faults::default()
            };
            try_apply(&mut bench, &text, faults, false, false);
            if !bench.wake() {
                assert!(nth > 10, "it was killed {nth} times");
                break;
            }
            // Either way of going on ends the same.
            if nth % 2 == 0 {
                try_apply(&mut bench, &text, Faults::default(), true, false);
            }
            bench.full();
            assert_eq!(end(&bench), expected, "killed at call {nth}");
            assert_eq!(bench.full().writes, [], "killed at call {nth}");
        }
    }
}

#[test]
fn a_lost_answer_is_settled_within_an_apply() {
    for op in [Op::Create, Op::Update] {
        let mut bench = busy(false);
        let text = plan(&mut bench);
        let faults = Faults {
            lies: vec![(op, 0, Lie::LostAfter)],
            ..Faults::default()
        };
        try_apply(&mut bench, &text, faults, false, false);
        bench.full();
        assert_eq!(bench.full().writes, [], "{op:?}");
    }
}
