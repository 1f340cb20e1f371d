//! Stories about notes, tasks and mails, and about rulings on what was held.

use std::collections::BTreeSet;
use std::time::Duration;

use super::bench::{Bench, Report, text, two_way_profile};
use super::world::{Faults, Lie, Op, Person, Record};
use crate::contact::FieldValue;
use crate::engine::{End, Mode};
use crate::mapping::events::Template;
use crate::mapping::{Conflict, NoteRule, SendRule, TaskRule, Trigger};
use crate::plan::Take;
use crate::state::Pending;

const SALES: &str = "SALES_NOTE";

pub(super) fn chore(on: Trigger, title: &str) -> TaskRule {
    TaskRule {
        on,
        title: Template::parse(title).unwrap(),
        body: None,
        due: Duration::from_secs(86_400),
        assigned_to: None,
        enabled: true,
        line: 0,
    }
}

pub(super) fn mail(on: Trigger, campaign: &str) -> SendRule {
    SendRule {
        on,
        campaign: campaign.to_owned(),
        enabled: true,
        line: 0,
    }
}

pub(super) fn note() -> NoteRule {
    NoteRule {
        bigmailer: SALES.to_owned(),
        title: Some("Sales".to_owned()),
        line: 0,
    }
}

/// Two people in step before there was any rule.
fn bench() -> Bench {
    let mut bench = Bench::new();
    bench.profile = two_way_profile();
    for n in 0..2 {
        bench
            .world
            .look()
            .person(&format!("g-{n}"), &format!("p{n}@example.com"))
            .named(&format!("P{n}"));
    }
    bench.sync();
    bench
}

fn newcomer(bench: &Bench, id: &str) {
    bench
        .world
        .look()
        .person(id, &format!("{id}@example.com"))
        .named(id);
}

fn person(bench: &Bench, id: &str) -> Person {
    bench.world.look().people[id].clone()
}

fn titles(bench: &Bench, id: &str) -> Vec<String> {
    let tasks = person(bench, id).tasks;
    let mut titles: Vec<String> = tasks.into_values().filter_map(|t| t.title).collect();
    titles.sort();
    titles
}

fn edit_record(bench: &Bench, ghl_id: &str, change: impl FnOnce(&mut Record)) {
    let id = bench.link(ghl_id).unwrap().bm_id.unwrap();
    let mut world = bench.world.look();
    world.clock += 1000;
    change(world.records.get_mut(&id).unwrap());
}

fn write_note(bench: &Bench, ghl_id: &str, words: &str) {
    edit_record(bench, ghl_id, |r| {
        r.values.remove(SALES);
        if !words.is_empty() {
            r.values.insert(SALES.to_owned(), text(words));
        }
    });
}

fn bodies(bench: &Bench, id: &str) -> Vec<String> {
    let notes = person(bench, id).notes;
    notes.into_values().filter_map(|n| n.body).collect()
}

fn nothing_left_to_do(bench: &mut Bench) {
    assert_eq!(bench.sync().writes, []);
    assert_eq!(bench.full().writes, []);
}

#[test]
fn a_rule_begins_by_taking_notice_and_then_fires_once() {
    let mut bench = bench();
    bench.profile.tasks = vec![
        chore(Trigger::NewContact, "Welcome {firstName}"),
        chore(Trigger::TagAdded("vip".to_owned()), "Call"),
        chore(Trigger::Unsubscribed, "Ask why"),
    ];
    bench.edit("g-0", |p| {
        p.tagged("vip");
    });
    let first = bench.sync();
    assert_eq!(first.mode(), Mode::Full);
    assert_eq!(first.outcome.tally.ghl.tasks_created, 0);
    nothing_left_to_do(&mut bench);

    newcomer(&bench, "ada");
    bench.edit("g-1", |p| {
        p.tagged("vip");
    });
    edit_record(&bench, "g-1", |r| r.unsubscribed = true);
    let run = bench.sync();
    assert_eq!(run.mode(), Mode::Incremental);
    assert_eq!(run.outcome.tally.ghl.tasks_created, 3);
    assert_eq!(run.people(), [1, 1, 1, 0, 0, 0]);
    assert_eq!(titles(&bench, "ada"), ["Welcome ada"]);
    assert_eq!(titles(&bench, "g-1"), ["Ask why", "Call"]);
    assert!(titles(&bench, "g-0").is_empty());
    nothing_left_to_do(&mut bench);
    // Gone and back again is no second time.
    for on in [false, true] {
        bench.edit("g-1", |p| {
            p.tags.remove("vip");
            if on {
                p.tagged("vip");
            }
        });
        bench.sync();
    }
    assert_eq!(titles(&bench, "g-1"), ["Ask why", "Call"]);
}

#[test]
fn what_happens_while_a_rule_is_off_never_fires() {
    let mut bench = bench();
    bench.profile.tasks = vec![chore(Trigger::TagAdded("vip".to_owned()), "Call")];
    bench.sync();
    bench.profile.tasks[0].enabled = false;
    bench.sync();
    bench.edit("g-0", |p| {
        p.tagged("vip");
    });
    newcomer(&bench, "ada");
    bench.sync();
    bench.profile.tasks[0].enabled = true;
    assert_eq!(bench.sync().outcome.tally.ghl.tasks_created, 0);
    nothing_left_to_do(&mut bench);
    bench.edit("ada", |p| {
        p.tagged("vip");
    });
    assert_eq!(bench.sync().outcome.tally.ghl.tasks_created, 1);
    assert_eq!(titles(&bench, "ada"), ["Call"]);
}

#[test]
fn a_first_run_over_half_the_contacts_is_no_beginning() {
    let mut bench = bench();
    bench.world.look().page = 1;
    bench.profile.tasks = vec![chore(Trigger::TagAdded("vip".to_owned()), "Call")];
    bench.edit("g-1", |p| {
        p.tagged("vip");
    });
    let halved = Faults {
        halved: vec![crate::contact::Side::Ghl],
        ..Faults::default()
    };
    bench.run(halved, |_| {}).complete();
    bench.sync();
    bench.sync();
    assert!(titles(&bench, "g-1").is_empty());
}

#[test]
fn a_won_opportunity_is_found_without_reading_everybody() {
    let mut bench = bench();
    bench.profile.tasks = vec![chore(Trigger::OpportunityWon, "Thank {firstName}")];
    bench.profile.sends = vec![mail(Trigger::OpportunityWon, "thanks")];
    bench.world.look().people.get_mut("g-0").unwrap().won = true;
    bench.sync();
    let idle = bench.sync();
    assert_eq!(idle.calls.len(), 3, "{:?}", idle.calls);
    bench.world.look().people.get_mut("g-1").unwrap().won = true;
    let run = bench.sync();
    assert_eq!(run.mode(), Mode::Incremental);
    let tally = &run.outcome.tally;
    assert_eq!((tally.ghl.tasks_created, tally.bm_mails), (1, 1));
    assert_eq!(titles(&bench, "g-1"), ["Thank P1"]);
    assert_eq!(bench.record("g-1").mails, ["thanks"]);
    assert!(titles(&bench, "g-0").is_empty() && bench.record("g-0").mails.is_empty());
    // The listings, the count and the list of the won; reading the contact, and once more for its
    // task and for the address of its record; task and mail.
    assert_eq!(run.calls.len(), 2 + 1 + 1 + 2 + 2, "{:?}", run.calls);
    nothing_left_to_do(&mut bench);
}

#[test]
fn nobody_is_mailed_who_may_not_be() {
    let mut bench = bench();
    bench.profile.sends = vec![mail(Trigger::NewContact, "hello")];
    bench.sync();
    newcomer(&bench, "ada");
    for (id, spoil) in [("blocked", true), ("nobody", false)] {
        newcomer(&bench, id);
        bench.edit(id, |p| {
            p.dnd = spoil;
            p.email = p.email.take().filter(|_| spoil);
        });
    }
    let dry = bench.run(Faults::default(), |o| o.dry_run = true);
    assert_eq!(dry.outcome.planned.mails, 1);
    let run = bench.sync();
    assert_eq!(run.outcome.tally.bm_mails, 1);
    assert_eq!(bench.record("ada").mails, ["hello"]);
    assert!(bench.record("blocked").mails.is_empty());
    // Opting in or getting an address later makes no event of it.
    bench.edit("nobody", |p| p.email = Some("late@example.com".to_owned()));
    assert_eq!(bench.sync().outcome.tally.bm_mails, 0);
    // Whoever opts out between the listing and the mail is not mailed.
    newcomer(&bench, "eve");
    nothing_wrong(&bench.sync());
}

fn nothing_wrong(run: &Report) {
    assert_eq!(run.people()[4..], [0, 0], "{:?}", run.problems);
}

#[test]
fn a_field_is_kept_as_one_note() {
    let mut bench = bench();
    bench.profile.notes = vec![note()];
    write_note(&bench, "g-0", "first");
    let run = bench.sync();
    assert_eq!(run.outcome.tally.ghl.notes_written, 1);
    assert_eq!(run.people(), [0, 1, 1, 0, 0, 0]);
    assert_eq!(bodies(&bench, "g-0"), ["first"]);
    nothing_left_to_do(&mut bench);
    write_note(&bench, "g-0", "second");
    let run = bench.sync();
    assert_eq!(run.mode(), Mode::Incremental);
    assert_eq!(bodies(&bench, "g-0"), ["second"]);
    nothing_left_to_do(&mut bench);
    // Emptied: the note stays. Deleted in HighLevel: there is a new one once there is something new.
    write_note(&bench, "g-0", "");
    nothing_left_to_do(&mut bench);
    bench
        .world
        .look()
        .people
        .get_mut("g-0")
        .unwrap()
        .notes
        .clear();
    write_note(&bench, "g-0", "second");
    nothing_left_to_do(&mut bench);
    write_note(&bench, "g-0", "third");
    bench.sync();
    assert_eq!(bodies(&bench, "g-0"), ["third"]);
    nothing_left_to_do(&mut bench);
}

#[test]
fn whoever_is_made_in_highlevel_gets_note_task_and_mail_in_the_same_run() {
    let mut bench = bench();
    bench.profile.notes = vec![note()];
    bench.profile.tasks = vec![
        chore(Trigger::NewContact, "Welcome {firstName}"),
        chore(Trigger::TagAdded("vip".to_owned()), "Call"),
    ];
    bench.profile.sends = vec![mail(Trigger::NewContact, "hello")];
    // Made by the very run with which the rules begin: no event.
    let stranger = |bench: &Bench, n: u32| {
        let mut world = bench.world.look();
        let record = world.record(&format!("b-x{n}"), &format!("x{n}@example.com"));
        record.values.insert("FIRST_NAME".to_owned(), text("X"));
        record.values.insert(SALES.to_owned(), text("from there"));
        record.lists.insert("l-1".to_owned());
    };
    stranger(&bench, 0);
    let run = bench.sync();
    assert_eq!(run.outcome.tally.ghl.created, 1);
    assert_eq!(run.outcome.tally.ghl.tasks_created, 0);
    assert_eq!(run.outcome.tally.ghl.notes_written, 1);
    nothing_left_to_do(&mut bench);
    stranger(&bench, 1);
    let run = bench.sync();
    let tally = &run.outcome.tally;
    assert_eq!((tally.ghl.created, tally.ghl.tasks_created), (1, 2));
    assert_eq!((tally.ghl.notes_written, tally.bm_mails), (1, 1));
    assert_eq!(run.people(), [1, 0, 3, 0, 0, 0]);
    nothing_left_to_do(&mut bench);
    let world = bench.world.look();
    let made: Vec<&Person> = world
        .people
        .values()
        .filter(|p| p.made_for.is_some())
        .collect();
    let counts: Vec<_> = made
        .iter()
        .map(|p| (p.notes.len(), p.tasks.len()))
        .collect();
    assert_eq!(counts, [(1, 0), (1, 2)]);
}

#[test]
fn things_that_move_the_time_of_change_are_no_echo() {
    let mut bench = bench();
    bench.world.look().things_touch = true;
    bench.profile.notes = vec![note()];
    bench.profile.tasks = vec![chore(Trigger::NewContact, "Welcome")];
    bench.sync();
    newcomer(&bench, "ada");
    write_note(&bench, "g-0", "first");
    bench.sync();
    nothing_left_to_do(&mut bench);
}

/// Everything that rules can make, in one run.
fn busy() -> Bench {
    let mut bench = bench();
    bench.profile.notes = vec![note()];
    bench.profile.tasks = vec![
        chore(Trigger::NewContact, "Welcome {firstName}"),
        chore(Trigger::TagAdded("vip".to_owned()), "Call"),
    ];
    bench.profile.sends = vec![mail(Trigger::TagAdded("vip".to_owned()), "vip")];
    write_note(&bench, "g-0", "first");
    bench.sync();
    write_note(&bench, "g-0", "second");
    write_note(&bench, "g-1", "first");
    bench.edit("g-1", |p| {
        p.tagged("vip");
    });
    newcomer(&bench, "ada");
    {
        let mut world = bench.world.look();
        let record = world.record("b-new", "new@example.com");
        record.values.insert("FIRST_NAME".to_owned(), text("New"));
        record.values.insert(SALES.to_owned(), text("from there"));
    }
    bench
}

/// By address: titles of tasks, texts of notes, mails.
type Things = BTreeSet<(String, Vec<String>, Vec<String>)>;

fn things(bench: &Bench) -> (Things, Vec<(String, usize)>) {
    let world = bench.world.look();
    let sorted = |words: Vec<Option<String>>| {
        let mut words: Vec<String> = words.into_iter().flatten().collect();
        words.sort();
        words
    };
    let things = world
        .people
        .values()
        .map(|p| {
            (
                p.email.clone().unwrap_or_default(),
                sorted(p.tasks.values().map(|t| t.title.clone()).collect()),
                sorted(p.notes.values().map(|n| n.body.clone()).collect()),
            )
        })
        .collect();
    let mails = world
        .records
        .values()
        .map(|r| (r.email.clone(), r.mails.len()));
    let mut mails: Vec<_> = mails.filter(|(_, n)| *n > 0).collect();
    mails.sort();
    (things, mails)
}

#[test]
fn a_lost_answer_of_any_call_makes_nothing_twice_and_loses_nothing_but_a_mail() {
    let mut undisturbed = busy();
    let calls = undisturbed.sync().calls;
    let (expected, mails) = things(&undisturbed);
    assert_eq!(mails.len(), 1);
    for (at, (op, _)) in calls.iter().enumerate() {
        let nth = calls[..at].iter().filter(|(o, _)| o == op).count();
        for lie in [Lie::LostBefore, Lie::LostAfter, Lie::Down, Lie::Refused] {
            let mut bench = busy();
            let faults = Faults {
                lies: vec![(*op, u32::try_from(nth).unwrap(), lie)],
                ..Faults::default()
            };
            let told = format!("{op:?} {nth} {lie:?}");
            let run = bench.run(faults, |_| {});
            assert!(matches!(run.outcome.end, End::Complete | End::Remote(_)));
            bench.sync();
            nothing_left_to_do(&mut bench);
            let (ended, sent) = things(&bench);
            assert_eq!(ended, expected, "{told}");
            let lost = *op == Op::Mail && lie == Lie::LostBefore;
            assert_eq!(sent.len(), usize::from(!lost), "{told}");
        }
    }
}

#[test]
fn killed_at_any_call_nothing_is_made_twice_or_missing() {
    let mut undisturbed = busy();
    let calls = undisturbed.sync().calls.len();
    let (expected, _) = things(&undisturbed);
    for at in 0..u32::try_from(calls).unwrap() {
        let mut bench = busy();
        let killed = Faults {
            killed_at: Some((at, bench.state_path(), bench.copy_path())),
            ..Faults::default()
        };
        let _ = bench.run(killed, |_| {});
        bench.wake();
        bench.sync();
        nothing_left_to_do(&mut bench);
        let (ended, sent) = things(&bench);
        assert_eq!(ended, expected, "killed at call {at}");
        assert!(sent.len() <= 1);
    }
}

// ---- tags of many

#[test]
fn tags_that_many_get_alike_go_over_together() {
    let mut bench = Bench::new();
    bench.profile = two_way_profile();
    for n in 0..20 {
        bench
            .world
            .look()
            .person(&format!("g-{n:02}"), &format!("p{n}@example.com"));
    }
    bench.sync();
    for n in 0..20 {
        edit_record(&bench, &format!("g-{n:02}"), |r| {
            r.lists.insert("l-1".to_owned());
            if n == 0 {
                r.values.insert("FIRST_NAME".to_owned(), text("Zero"));
            }
        });
    }
    let run = bench
        .run(Faults::default(), |o| o.pass_brakes = true)
        .complete();
    assert_eq!(run.outcome.tally.ghl.tags_added, 20);
    assert_eq!(run.people(), [0, 20, 0, 0, 0, 0]);
    assert_eq!(run.count(Op::Retag), 1);
    // One who gets a name too, and those of whom the service said nothing.
    assert_eq!(run.count(Op::GhlUpdate), 1 + 6);
    assert!(
        bench
            .world
            .look()
            .people
            .values()
            .all(|p| p.tags.contains("vip"))
    );
    nothing_left_to_do(&mut bench);
    for lie in [Lie::LostBefore, Lie::LostAfter, Lie::Down, Lie::Refused] {
        let on = bench.record("g-00").lists.contains("l-1");
        for n in 0..20 {
            edit_record(&bench, &format!("g-{n:02}"), |r| {
                r.lists.remove("l-1");
                if !on {
                    r.lists.insert("l-1".to_owned());
                }
            });
        }
        let faults = Faults {
            lies: vec![(Op::Retag, 0, lie)],
            ..Faults::default()
        };
        bench.run(faults, |o| o.pass_brakes = true).complete();
        bench
            .run(Faults::default(), |o| o.pass_brakes = true)
            .complete();
        let right = |p: &Person| p.tags.contains("vip") != on;
        assert!(bench.world.look().people.values().all(right), "{lie:?}");
        nothing_left_to_do(&mut bench);
    }
}

// ---- rulings

fn held() -> Bench {
    let mut bench = bench();
    for rule in &mut bench.profile.fields {
        rule.flow.conflict = Conflict::Hold;
    }
    bench.sync();
    bench.edit("g-0", |p| {
        p.named("Here");
    });
    edit_record(&bench, "g-0", |r| {
        r.values.insert("FIRST_NAME".to_owned(), text("There"));
    });
    assert_eq!(bench.sync().people(), [0, 0, 1, 0, 0, 1]);
    bench
}

fn rule(bench: &Bench, take: &Take) {
    let state = bench.state();
    state.rule("g-0", "FIRST_NAME", take).unwrap();
    state.set_pending(Pending::Person("g-0"), true).unwrap();
}

fn waiting(bench: &Bench) -> Vec<(String, Option<Take>)> {
    let all = bench.state().conflicts::<FieldValue, Take>().unwrap();
    all.into_iter().map(|c| (c.field, c.take)).collect()
}

#[test]
fn what_a_person_says_about_a_conflict_is_carried_out_once() {
    for (take, name) in [
        (Take::Ghl, "Here"),
        (Take::Bigmailer, "There"),
        (Take::Value(text("Third")), "Third"),
        (Take::Value(text("Here")), "Here"),
    ] {
        let mut bench = held();
        assert_eq!(waiting(&bench), [("FIRST_NAME".to_owned(), None)]);
        rule(&bench, &take);
        let run = bench.sync();
        assert_eq!(run.people(), [0, 1, 1, 0, 0, 0], "{take:?}");
        assert_eq!(person(&bench, "g-0").values["firstName"], text(name));
        assert_eq!(bench.record("g-0").name(), name);
        assert_eq!(waiting(&bench), []);
        nothing_left_to_do(&mut bench);
    }
}

#[test]
fn a_ruling_about_values_that_moved_on_is_no_ruling() {
    let mut bench = held();
    rule(&bench, &Take::Ghl);
    edit_record(&bench, "g-0", |r| {
        r.values.insert("FIRST_NAME".to_owned(), text("Later"));
    });
    let run = bench.sync();
    assert_eq!(run.writes, []);
    assert_eq!(run.people(), [0, 0, 1, 0, 0, 1]);
    assert_eq!(waiting(&bench), [("FIRST_NAME".to_owned(), None)]);
    // Whoever gives in ends it without a ruling.
    edit_record(&bench, "g-0", |r| {
        r.values.insert("FIRST_NAME".to_owned(), text("Here"));
    });
    bench.sync();
    assert_eq!(waiting(&bench), []);
}

#[test]
fn a_ruling_survives_whatever_happens_to_the_run_that_carries_it_out() {
    let takes = [Take::Ghl, Take::Bigmailer, Take::Value(text("Third"))];
    for (take, name) in takes.iter().zip(["Here", "There", "Third"]) {
        let mut calm = held();
        rule(&calm, take);
        let calls = u32::try_from(calm.sync().calls.len()).unwrap();
        for at in 0..calls {
            for lie in 0..2 {
                let mut bench = held();
                rule(&bench, take);
                let faults = match lie {
                    0 => Faults {
                        killed_at: Some((at, bench.state_path(), bench.copy_path())),
                        ..Faults::default()
                    },
                    _ => Faults {
                        dead_from: Some((at, crate::remote::RemoteErrorKind::Unavailable)),
                        ..Faults::default()
                    },
                };
                let _ = bench.run(faults, |_| {});
                bench.wake();
                bench.sync();
                bench.sync();
                let told = format!("{take:?}, call {at}, {lie}");
                assert_eq!(
                    person(&bench, "g-0").values["firstName"],
                    text(name),
                    "{told}"
                );
                assert_eq!(bench.record("g-0").name(), name, "{told}");
                nothing_left_to_do(&mut bench);
                assert_eq!(waiting(&bench), [], "{told}");
            }
        }
    }
}

#[test]
fn a_name_taken_from_the_address_is_on_both_sides_at_once() {
    let mut bench = bench();
    bench.profile.sync.name_from_address = true;
    bench.sync();
    bench.world.look().record("b-x", "nameless@example.com");
    let run = bench.sync();
    assert_eq!(run.people(), [1, 0, 2, 0, 0, 0]);
    let made = |world: &super::world::Inner| {
        let made = world.people.values().find(|p| p.made_for.is_some());
        made.unwrap().values["firstName"].clone()
    };
    assert_eq!(made(&bench.world.look()), text("nameless"));
    assert_eq!(bench.world.look().records["b-x"].name(), "nameless");
    nothing_left_to_do(&mut bench);
}
