//! Single stories about runs that are undone.

use super::bench::{Bench, resolve, text, two_way_profile};
use super::world::{Brand, Faults, Highlevel, Lie, Op, Record};
use crate::contact::{FieldValue, Side};
use crate::engine::undo::{End, Options, Outcome, Tally, undo};
use crate::engine::{Planned, Progress, Sides};
use crate::mapping::{OnDelete, Share};
use crate::plan::undo::Image;
use crate::state::{Problem, State};
use crate::stop::Stop;

struct Quiet;

impl Progress for Quiet {
    fn reading(&self, _: Side, _: u64, _: Option<u64>) {}
    fn planned(&self, _: &Planned) {}
    fn writing(&self, _: u64, _: u64) {}
    fn say(&self, _: &str) {}
}

struct Undone {
    outcome: Outcome,
    problems: Vec<Problem>,
    writes: usize,
}

/// A run of the engine that is kept under a name.
fn sync_as(bench: &mut Bench, run: &str, faults: Faults, full: bool) {
    bench
        .try_run_around(
            faults,
            &Stop::new(),
            |o| o.full = full,
            |state, _| state.begin_run(run, 1).unwrap(),
            |state| state.end_run(run, 2, "{}").unwrap(),
        )
        .unwrap();
}

fn undo_as(bench: &Bench, run: &str, as_run: Option<&str>, faults: Faults) -> Undone {
    let state: State = bench.state();
    if let Some(name) = as_run {
        state.begin_run(name, 1).unwrap();
    }
    bench.world.begin(faults);
    let sides = Sides {
        ghl: &Highlevel(&bench.world),
        bigmailer: &Brand(&bench.world),
    };
    let options = Options {
        run,
        dry_run: as_run.is_none(),
        pass_brakes: false,
    };
    let resolved = resolve(&bench.profile);
    let mut lines = 0;
    let outcome = undo(
        sides,
        &resolved,
        &state,
        options,
        &Quiet,
        &Stop::new(),
        &mut |_| lines += 1,
    )
    .unwrap();
    let mut problems = Vec::new();
    state.problems(|p| problems.push(p)).unwrap();
    let writes = bench.world.look().writes().len();
    Undone {
        outcome,
        problems,
        writes,
    }
}

fn undo_run(bench: &Bench, run: &str, as_run: &str) -> Undone {
    let undone = undo_as(bench, run, Some(as_run), Faults::default());
    assert!(matches!(undone.outcome.end, End::Complete));
    undone
}

fn edit_record(bench: &Bench, ghl_id: &str, change: impl FnOnce(&mut Record)) {
    let id = bench.link(ghl_id).unwrap().bm_id.unwrap();
    change(bench.world.look().records.get_mut(&id).unwrap());
}

/// Six people in step both ways; then edits on both sides, an opt-out, a new person on each side.
fn busy() -> Bench {
    let mut bench = Bench::new();
    bench.profile = two_way_profile();
    for n in 0..6 {
        let (id, email) = (format!("g-{n}"), format!("p{n}@example.com"));
        let mut world = bench.world.look();
        let person = world.person(&id, &email).named(&format!("P{n}"));
        if n == 2 {
            person.tagged("news");
        }
    }
    bench.sync();
    bench.edit("g-0", |p| {
        p.named("Here");
        p.email = Some("moved@example.com".to_owned());
    });
    bench.edit("g-1", |p| p.dnd = true);
    bench.edit("g-2", |p| {
        p.tagged("vip").tags.remove("news");
        p.values.remove("firstName");
    });
    edit_record(&bench, "g-3", |r| {
        r.values.insert("FIRST_NAME".to_owned(), text("There"));
        r.values.insert("SCORE".to_owned(), FieldValue::Integer(7));
        r.lists.insert("l-1".to_owned());
    });
    edit_record(&bench, "g-4", |r| r.unsubscribed = true);
    bench
        .world
        .look()
        .person("g-8", "p8@example.com")
        .named("P8");
    bench
}

/// Both services, without when things happened.
fn both_sides(bench: &Bench) -> String {
    let world = bench.world.look();
    let mut people = world.people.clone();
    for person in people.values_mut() {
        person.updated = 0;
    }
    format!("{people:#?}{:#?}", world.records)
}

#[test]
fn a_run_is_put_back_but_for_consent_and_creations() {
    let mut bench = busy();
    sync_as(&mut bench, "first", Faults::default(), false);
    let after = both_sides(&bench);
    let dry = undo_as(&bench, "first", None, Faults::default());
    assert_eq!(dry.writes, 0);

    let undone = undo_run(&bench, "first", "back");
    assert_eq!(
        undone.outcome.tally,
        Tally {
            restored: 3,
            ghl: 1,
            bigmailer: 2,
            created_stay: 1,
            opt_outs_stay: 2,
            ..Tally::default()
        }
    );
    assert_eq!(dry.outcome.tally, undone.outcome.tally);
    let record = bench.record("g-0");
    assert_eq!((record.name(), &*record.email), ("P0", "p0@example.com"));
    let record = bench.record("g-2");
    assert_eq!(record.name(), "P2");
    assert!(record.lists.contains("l-2") && !record.lists.contains("l-1"));
    let person = bench.world.look().people["g-3"].clone();
    assert_eq!(person.values["firstName"], text("P3"));
    assert!(!person.values.contains_key("custom.score"));
    assert!(!person.tags.contains("vip"));
    assert!(bench.record("g-1").unsubscribed, "never loosened");
    assert!(bench.world.look().people["g-4"].dnd);
    assert_eq!(
        bench.record("g-8").name(),
        "P8",
        "whoever was created stays"
    );

    // Undone in turn, everything is as the run left it.
    let again = undo_run(&bench, "back", "forth");
    assert_eq!(again.outcome.tally.restored, 3);
    assert_eq!(both_sides(&bench), after);
    assert_eq!(bench.full().writes, [], "and both sides agree on it");
    // There is nothing left to be undone of the first undo.
    let third = undo_run(&bench, "back", "third");
    assert_eq!((third.writes, third.outcome.tally.already), (0, 3));
}

#[test]
fn an_undo_is_nobodys_change() {
    let mut bench = busy();
    let before = both_sides(&bench);
    sync_as(&mut bench, "first", Faults::default(), false);
    undo_run(&bench, "first", "back");
    // What goes over again is what people did, in the same direction as before; nothing that was
    // put back travels to the other side.
    bench.full();
    let world = bench.world.look();
    assert_eq!(world.people["g-0"].values["firstName"], text("Here"));
    let name = |id: &str| world.people[id].values.get("firstName").cloned();
    assert_eq!(name("g-2"), None);
    assert_eq!(name("g-3"), Some(text("There")));
    drop(world);
    assert_eq!(bench.record("g-3").name(), "There");
    assert_eq!(bench.record("g-0").name(), "Here");
    assert_ne!(both_sides(&bench), before);
    assert_eq!(bench.full().writes, []);
}

#[test]
fn what_was_changed_since_stays() {
    let mut bench = busy();
    sync_as(&mut bench, "first", Faults::default(), false);
    edit_record(&bench, "g-0", |r| {
        r.values.insert("FIRST_NAME".to_owned(), text("Later"));
    });
    bench.edit("g-3", |p| {
        p.named("Later");
        p.tags.clear();
        p.values
            .insert("custom.score".to_owned(), FieldValue::Integer(9));
    });
    let gone = bench.link("g-2").unwrap().bm_id.unwrap();
    bench.world.look().records.remove(&gone);
    let undone = undo_run(&bench, "first", "back");
    let tally = undone.outcome.tally;
    // The tag that somebody took away is as before already.
    assert_eq!((tally.restored, tally.partly, tally.left), (0, 1, 2));
    assert_eq!(bench.record("g-0").name(), "Later");
    assert_eq!(bench.record("g-0").email, "p0@example.com");
    let mut reasons: Vec<&str> = undone.problems.iter().map(|p| p.reason.as_str()).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["changed_since", "changed_since", "gone"]);
    let told = &undone
        .problems
        .iter()
        .find(|p| p.ghl_id.as_deref() == Some("g-0"));
    assert!(told.unwrap().message.contains("FIRST_NAME"));
    assert_eq!(
        bench.world.look().people["g-3"].values["firstName"],
        text("Later")
    );
}

#[test]
fn what_was_only_believed_is_put_back_as_it_was_believed() {
    let mut bench = Bench::new();
    bench
        .world
        .look()
        .person("g-0", "p@example.com")
        .named("Old");
    bench.sync();
    bench.edit("g-0", |p| {
        p.named("New");
    });
    // One way and incremental: the record is not read.
    sync_as(&mut bench, "first", Faults::default(), false);
    let id = bench.link("g-0").unwrap().bm_id;
    let kept = bench
        .state()
        .images_of_person::<Image>(None, id.as_deref(), 1)
        .unwrap();
    assert!(kept[0].done && kept[0].body.as_ref().unwrap().believed);
    undo_run(&bench, "first", "back");
    assert_eq!(bench.record("g-0").name(), "Old");
    assert_eq!(
        bench.sync().writes,
        [],
        "it holds until somebody looks again"
    );
    assert_ne!(bench.full().writes, []);
}

#[test]
fn deletions_are_counted_and_stay() {
    let mut bench = Bench::new();
    bench.profile.sync.on_ghl_delete = OnDelete::Delete;
    for n in 0..3 {
        let (id, email) = (format!("g-{n}"), format!("p{n}@example.com"));
        bench.world.look().person(&id, &email);
    }
    bench.sync();
    bench.world.look().people.remove("g-1");
    sync_as(&mut bench, "first", Faults::default(), true);
    let undone = undo_run(&bench, "first", "back");
    assert_eq!(undone.outcome.tally.deleted_stay, 1);
    assert_eq!(undone.writes, 0);
}

#[test]
fn an_undo_has_brakes_too() {
    let mut bench = Bench::new();
    for n in 0..30 {
        let (id, email) = (format!("g-{n:02}"), format!("p{n}@example.com"));
        bench.world.look().person(&id, &email).named("Old");
    }
    bench.sync();
    for n in 0..30 {
        bench.edit(&format!("g-{n:02}"), |p| {
            p.named("New");
        });
    }
    bench.profile.limits.max_changes = Share::Percent(100.0);
    sync_as(&mut bench, "first", Faults::default(), false);
    bench.profile.limits.max_changes = Share::Count(5);
    let undone = undo_as(&bench, "first", Some("back"), Faults::default());
    assert!(matches!(undone.outcome.end, End::Braked(_)));
    assert_eq!(undone.writes, 0);
    // Whoever only looks sees what is held back.
    let looked = undo_as(&bench, "first", None, Faults::default());
    assert!(matches!(looked.outcome.end, End::Braked(_)));
    assert_eq!((looked.outcome.tally.restored, looked.writes), (30, 0));
}

#[test]
fn a_lost_answer_is_settled_by_undoing_once_more() {
    for (op, lie) in [
        (Op::Update, Lie::LostAfter),
        (Op::Update, Lie::LostBefore),
        (Op::GhlUpdate, Lie::LostAfter),
        (Op::Update, Lie::Refused),
    ] {
        let mut straight = busy();
        sync_as(&mut straight, "first", Faults::default(), false);
        undo_run(&straight, "first", "back");
        let mut bench = busy();
        sync_as(&mut bench, "first", Faults::default(), false);
        let faults = Faults {
            lies: vec![(op, 0, lie)],
            ..Faults::default()
        };
        let undone = undo_as(&bench, "first", Some("back"), faults);
        assert_eq!(undone.outcome.tally.failed, 1, "{op:?} {lie:?}");
        let undone = undo_run(&bench, "first", "again");
        assert_eq!(undone.outcome.tally.failed, 0);
        assert_eq!(both_sides(&bench), both_sides(&straight), "{op:?} {lie:?}");
        straight.full();
        bench.full();
        assert_eq!(both_sides(&bench), both_sides(&straight), "{op:?} {lie:?}");
    }
}

#[test]
fn an_undo_may_be_killed_at_every_call() {
    let mut straight = busy();
    sync_as(&mut straight, "first", Faults::default(), false);
    undo_run(&straight, "first", "back");
    let expected = both_sides(&straight);
    straight.full();
    let synced = both_sides(&straight);
    for then_undo in [true, false] {
        for nth in 0.. {
            let mut bench = busy();
            sync_as(&mut bench, "first", Faults::default(), false);
            let faults = Faults {
                killed_at: Some((nth, bench.state_path(), bench.copy_path())),
                ..Faults::default()
            };
            undo_as(&bench, "first", Some("back"), faults);
            if !bench.wake() {
                assert!(nth > 5, "killed {nth} times");
                break;
            }
            if then_undo {
                undo_run(&bench, "first", "again");
                assert_eq!(both_sides(&bench), expected, "killed at call {nth}");
            }
            // A sync in between takes nothing of it for somebody's change.
            bench.full();
            assert_eq!(both_sides(&bench), synced, "killed at call {nth}");
            assert_eq!(bench.full().writes, [], "killed at call {nth}");
        }
    }
}

#[test]
fn a_killed_run_can_be_undone_whole() {
    // At the last calls everything is written, though not everything confirmed.
    let mut straight = busy();
    sync_as(&mut straight, "first", Faults::default(), false);
    let calls = u32::try_from(straight.world.look().calls.len()).unwrap();
    undo_run(&straight, "first", "back");
    for nth in 2..calls {
        let mut bench = busy();
        let faults = Faults {
            killed_at: Some((nth, bench.state_path(), bench.copy_path())),
            ..Faults::default()
        };
        sync_as(&mut bench, "first", faults, false);
        assert!(bench.wake());
        sync_as(&mut bench, "second", Faults::default(), true);
        undo_run(&bench, "second", "back-2");
        undo_run(&bench, "first", "back-1");
        let names = |bench: &Bench| {
            let mut found: Vec<String> = ["g-0", "g-2", "g-3"]
                .iter()
                .map(|id| {
                    let record = bench.record(id);
                    let world = bench.world.look();
                    let person = &world.people[*id];
                    format!(
                        "{} {} {:?} {:?} {:?}",
                        record.email,
                        record.name(),
                        record.lists,
                        person.values,
                        person.tags
                    )
                })
                .collect();
            found.sort();
            found
        };
        assert_eq!(names(&bench), names(&straight), "killed at call {nth}");
    }
}
