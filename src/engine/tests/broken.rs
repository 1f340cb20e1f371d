//! Stories about services that fail, lie or lag, and about runs that are stopped or killed.

use super::bench::{Bench, Report, text};
use super::world::{Faults, Lie, Op};
use crate::contact::Side;
use crate::engine::{End, Mode};
use crate::mapping::{OnDelete, OnExit};
use crate::remote::RemoteErrorKind;
use crate::stop::{Stop, Why};

fn lies(lies: &[(Op, u32, Lie)]) -> Faults {
    Faults {
        lies: lies.to_vec(),
        ..Faults::default()
    }
}

fn crowd(bench: &Bench, count: u32) {
    let mut world = bench.world.look();
    for n in 0..count {
        world
            .person(&format!("g-{n:03}"), &format!("p{n}@example.com"))
            .named(&format!("P{n}"));
    }
}

fn linked_crowd(count: u32) -> Bench {
    let mut bench = Bench::new();
    crowd(&bench, count);
    bench.sync();
    bench
}

fn ended_by(report: &Report) -> RemoteErrorKind {
    match &report.outcome.end {
        End::Remote(error) => error.kind,
        other => panic!("{other:?}"),
    }
}

// ---- lost answers

#[test]
fn a_lost_answer_to_a_creation_is_settled_by_reading() {
    for lie in [Lie::LostBefore, Lie::LostAfter] {
        let mut bench = linked_crowd(3);
        bench
            .world
            .look()
            .person("g-new", "new@example.com")
            .named("New");
        let run = bench.run(lies(&[(Op::Create, 0, lie)]), |_| {}).complete();
        assert_eq!(run.people(), [1, 0, 0, 0, 0, 0], "{lie:?}");
        assert_eq!(run.count(Op::Get), 1);
        let creations = if lie == Lie::LostBefore { 2 } else { 1 };
        assert_eq!(run.count(Op::Create), creations);
        assert_eq!(bench.record("g-new").name(), "New");
        assert_eq!(bench.full().writes, vec![]);
    }
    // Lost twice: nobody guesses, the next run does it.
    let mut bench = linked_crowd(3);
    bench.world.look().person("g-new", "new@example.com");
    let twice = [
        (Op::Create, 0, Lie::LostBefore),
        (Op::Create, 1, Lie::LostBefore),
    ];
    let run = bench.run(lies(&twice), |_| {}).complete();
    assert_eq!(run.people(), [0, 0, 0, 0, 1, 0]);
    assert_eq!(run.reasons(), [("g-new", "unclear")]);
    assert_eq!(bench.sync().people()[0], 1);
}

#[test]
fn a_lost_answer_to_an_update_is_settled_by_the_next_run() {
    for lie in [Lie::LostBefore, Lie::LostAfter, Lie::Down] {
        let mut bench = linked_crowd(3);
        bench.edit("g-001", |p| {
            p.named("New").dnd = true;
        });
        let run = bench.run(lies(&[(Op::Update, 0, lie)]), |_| {}).complete();
        assert_eq!(run.people(), [0, 0, 0, 0, 1, 0], "{lie:?}");
        bench.world.look().clock += 3_600_000;
        bench.sync();
        assert_eq!(bench.record("g-001").name(), "New");
        assert!(bench.record("g-001").unsubscribed);
        assert_eq!(bench.sync().calls.len(), 1);
        assert_eq!(bench.full().writes, vec![]);
    }
}

#[test]
fn a_lost_answer_to_a_deletion_is_settled_by_the_next_run() {
    for lie in [Lie::LostBefore, Lie::LostAfter] {
        let mut bench = linked_crowd(3);
        bench.profile.sync.on_ghl_delete = OnDelete::Delete;
        bench.full();
        bench.world.look().people.remove("g-001");
        let run = bench
            .run(lies(&[(Op::Delete, 0, lie)]), |o| o.full = true)
            .complete();
        assert_eq!(run.outcome.tally.people.failed, 1);
        bench.full();
        assert_eq!(bench.world.look().records.len(), 2);
        assert!(bench.link("g-001").is_none());
        assert_eq!(bench.full().calls.len(), 2);
    }
}

#[test]
fn a_lost_answer_to_a_batch_is_settled_by_reading() {
    for lie in [Lie::LostBefore, Lie::LostAfter] {
        for count in [5, 300] {
            let mut bench = Bench::new();
            crowd(&bench, count);
            let run = bench.run(lies(&[(Op::Submit, 0, lie)]), |_| {}).complete();
            let all = u64::from(count);
            assert_eq!(run.people(), [all, 0, 0, 0, 0, 0], "{lie:?} {count}");
            assert_eq!(bench.world.look().records.len() as u64, all);
            let batches = if lie == Lie::LostBefore { 2 } else { 1 };
            assert_eq!(run.count(Op::Submit), batches);
            // A few addresses are read singly, many by listing the brand.
            assert_eq!(run.count(Op::Get) + run.count(Op::List), 2);
            assert_eq!(bench.full().writes, vec![]);
            assert!(bench.state().intents().unwrap().is_empty());
        }
    }
}

#[test]
fn a_batch_that_lands_late_makes_nobody_twice() {
    for calls in [1, 2, 3, 4] {
        let mut bench = Bench::new();
        bench.world.look().batch_calls = calls;
        crowd(&bench, 150);
        let run = bench
            .run(lies(&[(Op::Submit, 0, Lie::LostAfter)]), |_| {})
            .complete();
        assert_eq!(run.outcome.tally.people.failed, 0);
        assert_eq!(bench.world.look().records.len(), 150);
        assert_eq!(bench.full().writes, vec![]);
    }
}

#[test]
fn a_reading_back_that_is_incomplete_proves_nobody_absent() {
    let mut bench = Bench::new();
    {
        let mut world = bench.world.look();
        world.page = 10;
        // Unknown to the listing and yet there: the search for absence must not be trusted.
        for n in 0..40 {
            world.record(&format!("old-{n:02}"), &format!("old{n}@example.com"));
        }
    }
    crowd(&bench, 300);
    let faults = Faults {
        lies: vec![(Op::Submit, 0, Lie::LostAfter)],
        halved_after: Some((Side::Bigmailer, 1)),
        ..Faults::default()
    };
    let run = bench.run(faults, |_| {}).complete();
    assert_eq!(run.count(Op::Submit), 1, "no second batch on a weak proof");
    assert!(run.count(Op::Create) > 0);
    assert_eq!(
        run.outcome.tally.people.created + run.outcome.tally.people.unchanged,
        340
    );
    assert_eq!(bench.full().writes, vec![]);
}

#[test]
fn reading_back_that_keeps_failing_ends() {
    let mut bench = Bench::new();
    crowd(&bench, 2);
    bench.world.look().person("g-9", "p9@example.com");
    let mut all = vec![(Op::Submit, 0, Lie::LostBefore)];
    all.extend((1..20).map(|n| (Op::List, n, Lie::Refused)));
    let run = bench.run(lies(&all), |_| {}).complete();
    assert_eq!(run.people(), [0, 0, 0, 0, 3, 0]);
    assert_eq!(run.reasons()[0], ("g-000", "unclear"));
    assert_eq!(bench.state().intents().unwrap().len(), 1);
    let run = bench.sync();
    assert_eq!(run.mode(), Mode::Full);
    assert_eq!(run.people()[0], 3);
    assert!(bench.state().intents().unwrap().is_empty());
}

// ---- batches

#[test]
fn batches_are_polled_until_they_are_finished() {
    let mut bench = Bench::new();
    crowd(&bench, 10);
    bench.batch_size = Some(4);
    {
        let mut world = bench.world.look();
        world.batch_polls = 2;
        world.batch_calls = u32::MAX;
    }
    let run = bench
        .run(lies(&[(Op::Collect, 1, Lie::Down)]), |_| {})
        .complete();
    assert_eq!(run.people(), [10, 0, 0, 0, 0, 0]);
    assert_eq!(run.count(Op::Submit), 3);
    assert_eq!(bench.full().writes, vec![]);
}

#[test]
fn a_batch_refused_whole_is_halved_until_the_bad_rows_are_alone() {
    for whole in [true, false] {
        let mut bench = Bench::new();
        crowd(&bench, 16);
        for id in ["g-003", "g-011"] {
            bench.edit(id, |p| p.email = Some(format!("bad-{id}@example.com")));
        }
        bench.world.look().whole_batches = whole;
        let run = bench.sync();
        assert_eq!(run.people(), [14, 0, 0, 0, 2, 0]);
        assert_eq!(
            run.reasons(),
            [("g-003", "invalid_format"), ("g-011", "invalid_format")]
        );
        assert_eq!(bench.world.look().records.len(), 14);
        assert!(bench.state().intents().unwrap().is_empty());
        // The next run tries only those again.
        bench.world.look().clock += 3_600_000;
        let run = bench.sync();
        assert_eq!(run.count(Op::Create), 2);
        assert_eq!(run.people(), [0, 0, 0, 0, 2, 0]);
    }
}

#[test]
fn results_that_say_too_little_are_completed_by_reading() {
    let missing: [fn(&mut Faults); 2] = [|f| f.results_missing = true, |f| f.ids_missing = true];
    for set in missing {
        let mut bench = Bench::new();
        crowd(&bench, 10);
        let mut faults = Faults::default();
        set(&mut faults);
        let run = bench.run(faults, |_| {}).complete();
        assert_eq!(run.people(), [10, 0, 0, 0, 0, 0]);
        for n in 0..10 {
            assert!(bench.linked(&format!("g-{n:03}")).is_some());
        }
        assert_eq!(bench.full().writes, vec![]);
    }
}

#[test]
fn results_that_are_not_to_be_had_are_replaced_by_reading() {
    let mut bench = Bench::new();
    crowd(&bench, 10);
    let run = bench
        .run(lies(&[(Op::Collect, 0, Lie::Refused)]), |_| {})
        .complete();
    assert_eq!(run.people(), [10, 0, 0, 0, 0, 0]);
    assert_eq!(run.count(Op::Submit), 1);
    assert_eq!(bench.full().writes, vec![]);
}

#[test]
fn an_unfinished_batch_of_a_stopped_run_is_awaited_before_reading() {
    let mut bench = Bench::new();
    crowd(&bench, 10);
    {
        let mut world = bench.world.look();
        world.batch_polls = 1;
        world.batch_calls = u32::MAX;
    }
    let stop = Stop::new();
    // Listing, listing, submission, first poll.
    let faults = Faults {
        stop_at: Some((3, stop.clone())),
        ..Faults::default()
    };
    let run = bench.try_run(faults, &stop, |_| {}).unwrap();
    assert!(matches!(run.outcome.end, End::Stopped(Why::Interrupt)));
    assert_eq!(bench.state().intents().unwrap().len(), 1);
    // Somebody touches one of the new contacts before the next run.
    bench.world.look().records.clear();
    bench.world.look().batch_polls = 0;
    let run = bench.sync();
    assert_eq!(run.mode(), Mode::Full);
    assert_eq!(run.calls[0].0, Op::Collect);
    assert_eq!(run.people(), [0, 0, 10, 0, 0, 0]);
    assert_eq!(bench.world.look().records.len(), 10);
    assert!(bench.state().intents().unwrap().is_empty());
}

#[test]
fn asking_for_single_people_leaves_an_open_batch_to_the_next_full_run() {
    let mut bench = Bench::new();
    crowd(&bench, 10);
    let stop = Stop::new();
    let faults = Faults {
        stop_at: Some((2, stop.clone())),
        ..Faults::default()
    };
    bench.try_run(faults, &stop, |_| {}).unwrap();
    let open = bench.state().intents().unwrap();
    assert_eq!(open.len(), 1);
    bench.only(&["g-001"]);
    assert_eq!(bench.state().intents().unwrap(), open);
    assert_eq!(bench.sync().people(), [0, 0, 10, 0, 0, 0]);
    assert!(bench.state().intents().unwrap().is_empty());
}

// ---- services that are down

#[test]
fn one_silent_call_fails_one_person_and_three_end_the_run() {
    let mut bench = linked_crowd(10);
    for n in 0..6 {
        bench.edit(&format!("g-{n:03}"), |p| {
            p.named("New");
        });
    }
    let run = bench
        .run(lies(&[(Op::Update, 2, Lie::Down)]), |_| {})
        .complete();
    assert_eq!(run.people(), [0, 5, 0, 0, 1, 0]);
    assert_eq!(run.reasons().len(), 1);
    bench.world.look().clock += 3_600_000;
    for n in 0..6 {
        bench.edit(&format!("g-{n:03}"), |p| {
            p.named("Newer");
        });
    }
    let down: Vec<_> = (0..100).map(|n| (Op::Update, n, Lie::Down)).collect();
    let run = bench.run(lies(&down), |_| {});
    assert_eq!(ended_by(&run), RemoteErrorKind::Unavailable);
    bench.world.look().clock += 3_600_000;
    assert_eq!(bench.sync().people()[1], 6, "the window was not moved");
    assert_eq!(bench.sync().calls.len(), 1);
}

#[test]
fn a_listing_or_a_confirmation_that_fails_ends_the_run_before_any_write() {
    let mut bench = linked_crowd(10);
    let (id, _) = bench.linked("g-002").unwrap();
    bench.world.look().records.remove(&id);
    bench.edit("g-001", |p| {
        p.named("New");
    });
    let before = bench.snapshot();
    for op in [Op::GhlList, Op::List, Op::Get] {
        let run = bench.run(lies(&[(op, 0, Lie::Down)]), |o| o.full = true);
        assert_eq!(ended_by(&run), RemoteErrorKind::Unavailable, "{op:?}");
        assert_eq!(run.writes, vec![]);
        assert_eq!(bench.snapshot(), before);
    }
    assert_eq!(bench.full().people(), [0, 1, 8, 1, 0, 0]);
}

#[test]
fn errors_about_the_account_end_the_run_in_good_order() {
    for kind in [
        RemoteErrorKind::Auth,
        RemoteErrorKind::Quota,
        RemoteErrorKind::Nonsense,
    ] {
        let mut bench = Bench::new();
        crowd(&bench, 10);
        bench.batch_size = Some(3);
        for at in 0..4 {
            let faults = Faults {
                dead_from: Some((at, kind)),
                ..Faults::default()
            };
            let run = bench.run(faults, |_| {});
            assert_eq!(ended_by(&run), kind);
        }
        bench.world.let_time_pass();
        bench.sync();
        assert_eq!(bench.world.look().records.len(), 10);
        assert_eq!(bench.full().writes, vec![]);
    }
}

#[test]
fn a_page_that_comes_twice_counts_once() {
    let mut bench = Bench::new();
    crowd(&bench, 30);
    for n in 0..20 {
        let mut world = bench.world.look();
        world.record(&format!("r-{n}"), &format!("p{n}@example.com"));
    }
    bench.world.look().page = 7;
    let faults = || Faults {
        repeated: true,
        ..Faults::default()
    };
    let run = bench.run(faults(), |_| {}).complete();
    assert_eq!(run.people(), [10, 20, 0, 0, 0, 0]);
    assert_eq!(run.outcome.tally.read_ghl, 30);
    assert_eq!(run.outcome.tally.read_bigmailer, 20);
    let run = bench.run(faults(), |o| o.full = true).complete();
    assert_eq!(run.people(), [0, 0, 30, 0, 0, 0]);
    // The same while creating early.
    let mut bench = Bench::new();
    crowd(&bench, 30);
    bench.world.look().page = 7;
    bench.early_from = Some(2);
    bench.batch_size = Some(4);
    let run = bench.run(faults(), |_| {}).complete();
    assert_eq!(run.people(), [30, 0, 0, 0, 0, 0]);
}

// ---- stopped and killed

/// A first run with everything in it that a first run can have.
fn first_run() -> Bench {
    let mut bench = Bench::new();
    bench.batch_size = Some(3);
    bench.world.look().page = 4;
    crowd(&bench, 12);
    let mut world = bench.world.look();
    world.people.get_mut("g-003").unwrap().dnd = true;
    world.people.get_mut("g-004").unwrap().email = Some("bad4@example.com".to_owned());
    world.people.get_mut("g-005").unwrap().email = Some("p6@example.com".to_owned());
    world.people.get_mut("g-007").unwrap().tagged("vip");
    drop(world);
    bench
}

/// The same with people already in BigMailer.
fn first_run_into_a_brand() -> Bench {
    let bench = first_run();
    {
        let mut world = bench.world.look();
        let known = world.record("r-1", "P1@example.com");
        known.unsubscribed = true;
        known.topics.insert("t-1".to_owned());
        known.values.insert("NOTES".to_owned(), text("mine"));
        let by_id = world.record("r-2", "moved@example.com");
        by_id
            .values
            .insert("GHL_CONTACT_ID".to_owned(), text("g-002"));
        world.record("r-3", "stranger@example.com");
    }
    bench
}

/// A first run that creates while it reads.
fn first_run_early() -> Bench {
    let mut bench = first_run();
    bench.early_from = Some(2);
    bench.world.look().page = 2;
    bench.world.look().out_of_order = true;
    bench
}

/// A later run with one of everything.
fn later_run() -> Bench {
    let mut bench = first_run_into_a_brand();
    bench.profile.sync.on_ghl_delete = OnDelete::Delete;
    bench.profile.sync.on_scope_exit = OnExit::LeaveLists;
    bench.world.look().people.get_mut("g-004").unwrap().email = None;
    bench.sync();
    bench.world.look().clock += 3_600_000;
    let (gone, _) = bench.linked("g-008").unwrap();
    let (edited, _) = bench.linked("g-009").unwrap();
    {
        let mut world = bench.world.look();
        world.records.remove(&gone);
        let record = world.records.get_mut(&edited).unwrap();
        record.values.insert("FIRST_NAME".to_owned(), text("Drift"));
        record.values.insert("NOTES".to_owned(), text("mine"));
        record.handled = true;
        world.people.remove("g-010");
        for n in 0..5 {
            world.person(&format!("h-{n}"), &format!("h{n}@example.com"));
        }
        world.person("h-9", "p0@example.com");
    }
    bench.edit("g-000", |p| p.email = Some("chain@example.com".to_owned()));
    bench.edit("g-001", |p| p.dnd = true);
    bench.edit("g-002", |p| p.dnd = true);
    bench.edit("g-003", |p| {
        p.named("poison");
    });
    bench.edit("g-005", |p| p.email = Some("own@example.com".to_owned()));
    bench.edit("g-007", |p| {
        p.tagged("internal");
    });
    bench.edit("g-008", |p| {
        p.named("Ghost");
    });
    bench.edit("g-011", |p| p.email = Some("p0@example.com".to_owned()));
    bench
}

type Scene = (&'static str, fn() -> Bench);

const SCENES: [Scene; 4] = [
    ("first", first_run),
    ("into a brand", first_run_into_a_brand),
    ("early", first_run_early),
    ("later", later_run),
];

/// Plays every scene undisturbed, then once for each call at which `disturb` says what goes wrong,
/// and compares how it all ends.
fn disturbed_at_every_call(disturb: impl Fn(&mut Bench, u32, bool)) {
    for (name, scene) in SCENES {
        for full in [false, true] {
            let mut calm = scene();
            let calls = calm.run(Faults::default(), |o| o.full = full).complete();
            calm.world.let_time_pass();
            calm.full();
            let expected = calm.end();
            for at in 0..u32::try_from(calls.calls.len()).unwrap() {
                let mut bench = scene();
                disturb(&mut bench, at, full);
                bench.run(Faults::default(), |o| o.full = full).complete();
                bench.full();
                assert_eq!(bench.end(), expected, "{name}, full: {full}, at call {at}");
            }
        }
    }
}

#[test]
fn a_run_stopped_at_any_call_is_finished_by_the_next() {
    disturbed_at_every_call(|bench, at, full| {
        let stop = Stop::new();
        let faults = Faults {
            stop_at: Some((at, stop.clone())),
            ..Faults::default()
        };
        let run = bench.try_run(faults, &stop, |o| o.full = full).unwrap();
        match run.outcome.end {
            // Asked too late to matter.
            End::Complete | End::Stopped(Why::Interrupt) => {}
            other => panic!("{other:?}"),
        }
        bench.world.let_time_pass();
    });
}

#[test]
fn a_run_cut_off_from_the_services_at_any_call_is_finished_by_the_next() {
    disturbed_at_every_call(|bench, at, full| {
        let faults = Faults {
            dead_from: Some((at, RemoteErrorKind::Unavailable)),
            ..Faults::default()
        };
        bench.run(faults, |o| o.full = full);
        bench.world.let_time_pass();
    });
}

#[test]
fn a_run_killed_at_any_call_is_finished_by_the_next() {
    disturbed_at_every_call(|bench, at, full| {
        let faults = Faults {
            killed_at: Some((at, bench.state_path(), bench.copy_path())),
            ..Faults::default()
        };
        bench.run(faults, |o| o.full = full);
        assert!(bench.wake() || at > 5, "killed at call {at}");
    });
}

// ---- our own mistakes

#[test]
fn a_panic_on_a_waiting_thread_is_told_before_it_goes_on() {
    let mut told = None;
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        crate::engine::or_tell(
            Side::Ghl,
            || -> Result<(), _> { std::panic::resume_unwind(Box::new("oops")) },
            |error| told = Some(error.kind),
        )
    }));
    assert!(panicked.is_err());
    assert_eq!(told, Some(RemoteErrorKind::Nonsense));
}
