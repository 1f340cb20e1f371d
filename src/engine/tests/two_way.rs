//! Single stories about changes that travel to HighLevel, or both ways.

use std::time::Duration;

use super::bench::{Bench, carried, text, two_way_profile};
use super::world::{Faults, Lie, Op, Person, Record};
use crate::contact::{FieldValue, email_key};
use crate::engine::{End, Mode};
use crate::mapping::{Conflict, Direction};
use crate::stop::Stop;

fn bench() -> Bench {
    let mut bench = Bench::new();
    bench.profile = two_way_profile();
    bench
}

/// `count` people with a record each, in step.
fn pairs(count: u32) -> Bench {
    let mut bench = bench();
    for n in 0..count {
        bench
            .world
            .look()
            .person(&format!("g-{n:03}"), &format!("p{n}@example.com"))
            .named(&format!("P{n}"));
    }
    bench.sync();
    bench
}

fn edit_record(bench: &Bench, ghl_id: &str, change: impl FnOnce(&mut Record)) {
    let id = bench.link(ghl_id).unwrap().bm_id.unwrap();
    let mut world = bench.world.look();
    world.clock += 1000;
    change(world.records.get_mut(&id).unwrap());
}

fn name_record(record: &mut Record, name: &str) {
    record.values.insert("FIRST_NAME".to_owned(), text(name));
}

fn person(bench: &Bench, id: &str) -> Person {
    bench.world.look().people[id].clone()
}

fn nothing_left_to_do(bench: &mut Bench) {
    assert_eq!(bench.sync().writes, []);
    assert_eq!(bench.full().writes, []);
}

#[test]
fn a_search_later_than_our_last_write_takes_nothing_back() {
    let mut bench = pairs(3);
    bench.profile.sync.lookback = Duration::from_secs(600);
    bench.full();
    let before = ["g-000", "g-001"].map(|id| person(&bench, id));
    // Both named the second one; HighLevel wins, and is only read.
    edit_record(&bench, "g-001", |r| name_record(r, "Theirs"));
    bench.edit("g-001", |p| {
        p.named("Ours");
    });
    edit_record(&bench, "g-000", |r| {
        name_record(r, "There");
        r.unsubscribed = true;
    });
    // What a run writes is remembered with the run.
    let started = bench.now;
    bench
        .try_run_around(
            Faults::default(),
            &Stop::new(),
            |_| {},
            |state, _| state.begin_run("run", started).unwrap(),
            |state| state.end_run("run", started + 1, "{}").unwrap(),
        )
        .unwrap()
        .complete();
    let written = ["g-000", "g-001"].map(|id| person(&bench, id));
    let late = || Faults {
        stale: ["g-000", "g-001"]
            .into_iter()
            .zip(before.iter().zip(&written))
            .map(|(id, (before, written))| {
                let shown = Person {
                    updated: written.updated,
                    ..before.clone()
                };
                (id.to_owned(), shown)
            })
            .collect(),
        ..Faults::default()
    };
    for full in [false, true] {
        let run = bench.run(late(), |options| options.full = full);
        assert_eq!(run.writes, [], "full: {full}");
    }
    assert_eq!(bench.record("g-000").name(), "There");
    assert_eq!(bench.record("g-001").name(), "Ours");
    assert_eq!(["g-000", "g-001"].map(|id| person(&bench, id)), written);
    nothing_left_to_do(&mut bench);
    // Once search shows everything, what people change counts as before.
    bench.edit("g-000", |p| {
        p.named("Here");
    });
    bench.sync();
    assert_eq!(bench.record("g-000").name(), "Here");
}

#[test]
fn an_edit_travels_from_wherever_it_was_made() {
    let mut bench = pairs(3);
    edit_record(&bench, "g-000", |r| name_record(r, "There"));
    bench.edit("g-001", |p| {
        p.named("Here");
    });
    // The same person, two fields, two sides.
    edit_record(&bench, "g-002", |r| name_record(r, "Both"));
    bench.edit("g-002", |p| {
        p.values
            .insert("custom.score".to_owned(), FieldValue::Integer(5));
    });
    let run = bench.sync();
    assert_eq!(run.mode(), Mode::Incremental);
    assert_eq!(run.people(), [0, 3, 0, 0, 0, 0]);
    assert_eq!(person(&bench, "g-000").values["firstName"], text("There"));
    assert_eq!(bench.record("g-001").name(), "Here");
    assert_eq!(person(&bench, "g-002").values["firstName"], text("Both"));
    assert_eq!(
        bench.record("g-002").values["SCORE"],
        FieldValue::Integer(5)
    );
    assert_eq!(
        (run.outcome.tally.ghl.updated, run.outcome.tally.bm_updated),
        (2, 2)
    );
    nothing_left_to_do(&mut bench);
}

#[test]
fn a_run_costs_the_listing_and_the_changes() {
    let mut bench = pairs(300);
    let idle = bench.sync();
    assert_eq!(idle.calls.len(), 2, "{:?}", idle.calls);
    assert_eq!(idle.people(), [0, 0, 300, 0, 0, 0]);
    for n in 0..5 {
        edit_record(&bench, &format!("g-{n:03}"), |r| name_record(r, "New"));
    }
    let run = bench.sync();
    assert_eq!(run.people(), [0, 5, 295, 0, 0, 0]);
    // Two listings, and for each change one read and one write.
    assert_eq!(run.calls.len(), 2 + 5 + 5, "{:?}", run.calls);
}

#[test]
fn a_conflict_goes_as_the_rule_says() {
    for conflict in [Conflict::Ghl, Conflict::Bigmailer, Conflict::Hold] {
        let mut bench = pairs(1);
        bench.profile.fields[0].flow.conflict = conflict;
        bench.full();
        bench.edit("g-000", |p| {
            p.named("Here");
            p.values
                .insert("custom.score".to_owned(), FieldValue::Integer(1));
        });
        edit_record(&bench, "g-000", |r| name_record(r, "There"));
        let run = bench.sync();
        let names = (
            person(&bench, "g-000").values["firstName"].clone(),
            bench.record("g-000").name().to_owned(),
        );
        let expected = match conflict {
            Conflict::Ghl => ("Here", "Here"),
            Conflict::Bigmailer => ("There", "There"),
            Conflict::Hold => ("Here", "There"),
        };
        assert_eq!(names, (text(expected.0), expected.1.to_owned()));
        // A held field holds nothing else.
        assert_eq!(
            bench.record("g-000").values["SCORE"],
            FieldValue::Integer(1)
        );
        if conflict == Conflict::Hold {
            assert_eq!(run.people(), [0, 0, 0, 0, 0, 1]);
            assert_eq!(run.reasons(), [("g-000", "conflict")]);
            let again = bench.sync();
            assert_eq!(again.writes, []);
            assert_eq!(again.people(), [0, 0, 0, 0, 0, 1]);
            // Whoever gives in ends it.
            edit_record(&bench, "g-000", |r| name_record(r, "Here"));
            assert_eq!(bench.sync().people(), [0, 0, 1, 0, 0, 0]);
        } else {
            assert_eq!(run.people(), [0, 1, 0, 0, 0, 0]);
        }
        nothing_left_to_do(&mut bench);
    }
}

#[test]
fn memberships_become_tags_and_tags_memberships() {
    let mut bench = pairs(2);
    edit_record(&bench, "g-000", |r| {
        r.lists.insert("l-1".to_owned());
    });
    bench.edit("g-001", |p| {
        p.tagged("news");
    });
    let run = bench.sync();
    assert!(person(&bench, "g-000").tags.contains("vip"));
    assert!(bench.record("g-001").lists.contains("l-2"));
    assert_eq!(run.outcome.tally.ghl.tags_added, 1);
    nothing_left_to_do(&mut bench);
    edit_record(&bench, "g-000", |r| {
        r.lists.remove("l-1");
    });
    bench.edit("g-001", |p| {
        p.tags.remove("news");
    });
    let run = bench.sync();
    assert_eq!(run.outcome.tally.ghl.tags_removed, 1);
    assert!(person(&bench, "g-000").tags.is_empty());
    assert!(bench.record("g-001").lists.is_empty());
    nothing_left_to_do(&mut bench);
}

#[test]
fn opt_outs_reach_highlevel_first_and_never_come_back() {
    let mut bench = pairs(3);
    edit_record(&bench, "g-000", |r| {
        r.unsubscribed = true;
        name_record(r, "Gone");
    });
    edit_record(&bench, "g-001", |r| r.bounced = true);
    bench.edit("g-002", |p| p.dnd = true);
    let run = bench.sync();
    assert_eq!(run.outcome.tally.ghl.dnd_set, 2);
    assert_eq!(run.outcome.tally.bm_unsubscribed, 1);
    assert_eq!(run.people(), [0, 3, 0, 0, 0, 0]);
    assert!(person(&bench, "g-000").dnd && person(&bench, "g-001").dnd);
    assert_eq!(person(&bench, "g-000").values["firstName"], text("Gone"));
    let writes: Vec<Op> = run.writes.iter().map(|(op, _)| *op).collect();
    assert_eq!(
        writes,
        [Op::Update, Op::GhlUpdate, Op::GhlUpdate, Op::GhlUpdate]
    );
    // A bounce is no unsubscribe.
    assert!(!bench.record("g-001").unsubscribed);
    nothing_left_to_do(&mut bench);
    assert!(!bench.record("g-001").unsubscribed);
    // Opted in by hand in HighLevel: left alone, and said.
    bench.edit("g-000", |p| p.dnd = false);
    let run = bench.sync();
    assert_eq!(run.writes, []);
    assert_eq!(run.reasons(), [("g-000", "opt_in_elsewhere")]);
    assert!(bench.record("g-000").unsubscribed);
    nothing_left_to_do(&mut bench);
    assert!(!person(&bench, "g-000").dnd);
}

#[test]
fn strangers_are_created_once_and_carry_the_new_id() {
    let mut bench = pairs(1);
    for n in 0..3 {
        let mut world = bench.world.look();
        let record = world.record(&format!("b-x{n}"), &format!("new{n}@example.com"));
        record.lists.insert("l-1".to_owned());
        name_record(record, &format!("N{n}"));
        record.unsubscribed = n == 1;
    }
    // Nobody is created without a name.
    bench.world.look().record("b-y", "nameless@example.com");
    let run = bench.sync();
    assert_eq!(run.mode(), Mode::Incremental);
    assert_eq!(run.people(), [3, 0, 1, 1, 0, 0]);
    assert_eq!(run.outcome.tally.ghl.created, 3);
    assert_eq!(run.reasons(), [("b-y", "no_name")]);
    {
        let world = bench.world.look();
        for n in 0..3 {
            let email = Some(format!("new{n}@example.com"));
            let (id, made) = world.people.iter().find(|(_, p)| p.email == email).unwrap();
            assert_eq!(made.values["firstName"], text(&format!("N{n}")));
            assert!(made.tags.contains("vip"));
            assert_eq!(made.dnd, n == 1);
            assert_eq!(
                carried(&world.records[&format!("b-x{n}")]),
                Some(id.as_str())
            );
        }
    }
    let again = bench.sync();
    assert_eq!(again.writes, []);
    nothing_left_to_do(&mut bench);
}

#[test]
fn many_strangers_are_met_by_a_full_reading() {
    let mut bench = pairs(1);
    for n in 0..40 {
        let mut world = bench.world.look();
        name_record(
            world.record(&format!("b-x{n:02}"), &format!("new{n}@example.com")),
            "N",
        );
    }
    let run = bench.sync();
    assert_eq!(run.mode(), Mode::Full);
    assert_eq!(run.outcome.tally.ghl.created, 40);
    assert_eq!(run.count(Op::GhlGet), 0);
    nothing_left_to_do(&mut bench);
}

#[test]
fn a_stranger_whom_highlevel_knows_after_all_is_linked() {
    let mut bench = bench();
    bench
        .world
        .look()
        .person("g-1", "ada@example.com")
        .named("Ada");
    // Search does not show her yet.
    name_record(
        bench.world.look().record("b-1", "Ada@Example.com"),
        "Ada L.",
    );
    let hidden = Faults {
        hidden: ["g-1".to_owned()].into(),
        ..Faults::default()
    };
    let run = bench.run(hidden, |_| {}).complete();
    assert_eq!(run.count(Op::GhlCreate), 1);
    assert_eq!(bench.world.look().people.len(), 1);
    assert_eq!(bench.link("g-1").unwrap().bm_id.as_deref(), Some("b-1"));
    // On first contact HighLevel wins.
    assert_eq!(bench.world.look().records["b-1"].name(), "Ada");
    nothing_left_to_do(&mut bench);
}

#[test]
fn whoever_was_deleted_in_highlevel_is_not_created_again() {
    let mut bench = pairs(2);
    bench.world.look().people.remove("g-000");
    for _ in 0..2 {
        let run = bench.full();
        assert_eq!(run.outcome.tally.ghl.created, 0);
        edit_record(&bench, "g-000", |r| name_record(r, "Still here"));
    }
    assert_eq!(bench.sync().outcome.tally.ghl.created, 0);
    // Not even by somebody who remembers nothing: the record carries an id that is gone.
    bench.lose_state();
    let run = bench.full();
    assert_eq!(run.outcome.tally.ghl.created, 0);
    assert_eq!(bench.world.look().people.len(), 1);
}

#[test]
fn what_somebody_changed_meanwhile_is_not_overwritten() {
    let mut bench = pairs(1);
    edit_record(&bench, "g-000", |r| {
        name_record(r, "There");
        r.values.insert("SCORE".to_owned(), FieldValue::Integer(3));
    });
    // Found through a full listing, which may be old; edited again before the write.
    bench.profile.sync.full_every = std::time::Duration::ZERO;
    let stale = Faults {
        edit_at: Some((2, "g-000".to_owned(), "Late".to_owned())),
        ..Faults::default()
    };
    let run = bench.run(stale, |o| o.full = true).complete();
    assert_eq!(run.outcome.tally.ghl.updated, 1);
    let ada = person(&bench, "g-000");
    assert_eq!(ada.values["firstName"], text("Late"));
    assert_eq!(ada.values["custom.score"], FieldValue::Integer(3));
    // Now both have moved, and HighLevel wins.
    bench.full();
    assert_eq!(bench.record("g-000").name(), "Late");
    nothing_left_to_do(&mut bench);
}

#[test]
fn one_way_to_highlevel_leaves_bigmailer_alone() {
    let mut bench = bench();
    bench.profile.sync.direction = Direction::ToGhl;
    bench.profile.consent.to_bigmailer = false;
    bench
        .profile
        .fields
        .iter_mut()
        .for_each(|f| f.flow.direction = Direction::ToGhl);
    bench
        .profile
        .lists
        .iter_mut()
        .for_each(|l| l.direction = Direction::ToGhl);
    bench.profile.sync.id_field = None;
    {
        let mut world = bench.world.look();
        world
            .person("g-1", "ada@example.com")
            .named("Ada")
            .tagged("news");
        world.person("g-2", "bob@example.com").named("Bob");
        name_record(world.record("b-1", "ada@example.com"), "Augusta");
        let record = world.record("b-3", "eve@example.com");
        name_record(record, "Eve");
        record.lists.insert("l-2".to_owned());
    }
    let run = bench.full();
    assert!(
        run.writes
            .iter()
            .all(|(op, _)| [Op::GhlUpdate, Op::GhlCreate].contains(op))
    );
    assert_eq!(person(&bench, "g-1").values["firstName"], text("Augusta"));
    assert!(
        person(&bench, "g-1").tags.contains("news"),
        "not ours to take"
    );
    assert_eq!(person(&bench, "g-2").values["firstName"], text("Bob"));
    let world = bench.world.look();
    let eve = world
        .people
        .values()
        .find(|p| p.email.as_deref().and_then(email_key).as_deref() == Some("eve@example.com"));
    assert!(eve.unwrap().tags.contains("news"));
    drop(world);
    nothing_left_to_do(&mut bench);
}

#[test]
fn an_address_travels_both_ways_and_a_taken_one_holds() {
    let mut bench = pairs(2);
    edit_record(&bench, "g-000", |r| {
        r.email = "moved@example.com".to_owned()
    });
    bench.sync();
    assert_eq!(
        person(&bench, "g-000").email.as_deref(),
        Some("moved@example.com")
    );
    nothing_left_to_do(&mut bench);
    edit_record(&bench, "g-000", |r| {
        r.email = "third@example.com".to_owned()
    });
    bench.world.look().person("g-x", "third@example.com");
    bench.profile.filter.tags_none = vec!["internal".to_owned(), "out".to_owned()];
    bench.edit("g-x", |p| {
        p.tagged("out");
    });
    let run = bench.full();
    assert_eq!(
        run.reasons(),
        [("g-000", "email_taken"), ("g-x", "filtered")]
    );
    assert_eq!(run.people()[5], 1);
}

#[test]
fn a_lost_answer_of_any_call_makes_nobody_twice_and_loses_nothing() {
    let set_up = || {
        let mut bench = pairs(3);
        edit_record(&bench, "g-000", |r| {
            name_record(r, "There");
            r.unsubscribed = true;
        });
        edit_record(&bench, "g-001", |r| r.bounced = true);
        bench.edit("g-002", |p| {
            p.named("Here");
        });
        name_record(bench.world.look().record("b-new", "new@example.com"), "New");
        bench.now += 1;
        bench
    };
    let mut undisturbed = set_up();
    let calls = undisturbed.sync().calls;
    undisturbed.sync();
    for (at, (op, _)) in calls.iter().enumerate() {
        let nth = calls[..at].iter().filter(|(o, _)| o == op).count();
        for lie in [Lie::LostBefore, Lie::LostAfter, Lie::Down, Lie::Refused] {
            let mut bench = set_up();
            let faults = Faults {
                lies: vec![(*op, u32::try_from(nth).unwrap(), lie)],
                ..Faults::default()
            };
            let run = bench.run(faults, |_| {});
            assert!(matches!(run.outcome.end, End::Complete | End::Remote(_)));
            bench.sync();
            let told = format!("{op:?} {nth} {lie:?}");
            nothing_left_to_do(&mut bench);
            let (a, b) = (bench.world.look(), undisturbed.world.look());
            let names = |w: &super::world::Inner| {
                w.people
                    .values()
                    .map(|p| (p.email.clone(), p.dnd, p.values.get("firstName").cloned()))
                    .collect::<Vec<_>>()
            };
            assert_eq!(names(&a), names(&b), "{told}");
            assert!(
                !a.records.values().any(|r| r.bounced && r.unsubscribed),
                "{told}"
            );
        }
    }
}

#[test]
fn a_creation_in_highlevel_is_recorded_before_it_is_sent() {
    let mut recorded = 0;
    for nth in 0.. {
        let mut bench = bench();
        name_record(
            bench.world.look().record("b-hand", "hand@example.com"),
            "Hand",
        );
        let faults = Faults {
            killed_at: Some((nth, bench.state_path(), bench.copy_path())),
            ..Faults::default()
        };
        bench.run(faults, |_| {});
        let creating = bench.world.look().calls.last().map(|c| c.0) == Some(Op::GhlCreate);
        if !bench.wake() {
            break;
        }
        let open = bench.state().last_making().unwrap().is_some();
        // As soon as it may have been sent, and until it is known what became of it.
        assert!(open || !creating, "killed at call {nth}");
        recorded += u32::from(open);
        bench.full();
        assert_eq!(bench.state().last_making().unwrap(), None);
        let made = bench.world.look().people.len();
        assert_eq!(made, 1, "killed at call {nth}");
    }
    assert!(recorded > 0);
}
