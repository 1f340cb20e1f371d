//! Single stories about a sync with healthy services.

use std::time::Duration;

use super::bench::{Bench, carried, text};
use super::world::{Faults, Op};
use crate::contact::{FieldValue, Side};

use crate::engine::{Changes, End, Mode};
use crate::mapping::{OnDelete, OnExit, Share};
use crate::plan::guard::Brake;

/// `count` people named after their number, in HighLevel only.
fn crowd(bench: &Bench, count: u32) {
    let mut world = bench.world.look();
    for n in 0..count {
        world
            .person(&format!("g-{n:03}"), &format!("p{n}@example.com"))
            .named(&format!("P{n}"));
    }
}

/// The same, already in step.
fn linked_crowd(count: u32) -> Bench {
    let mut bench = Bench::new();
    crowd(&bench, count);
    bench.sync();
    bench
}

fn hidden(ids: &[&str]) -> Faults {
    Faults {
        hidden: ids.iter().map(|id| (*id).to_owned()).collect(),
        ..Faults::default()
    }
}

// ---- full and incremental

#[test]
fn a_first_run_creates_everybody_and_a_second_does_nothing() {
    let mut bench = Bench::new();
    crowd(&bench, 10);
    bench.edit("g-001", |p| {
        p.tags.extend(["vip".to_owned(), "gold".to_owned()]);
        p.values
            .insert("custom.score".to_owned(), FieldValue::Integer(9));
    });
    bench.edit("g-002", |p| p.dnd = true);
    let first = bench.sync();
    assert_eq!(first.mode(), Mode::Full);
    assert_eq!(first.people(), [10, 0, 0, 0, 0, 0]);
    assert_eq!(first.outcome.tally.bm_created, 10);
    assert_eq!(first.outcome.tally.bm_unsubscribed, 1);
    assert_eq!(first.count(Op::Submit), 1, "many creations are one batch");
    let record = bench.record("g-001");
    assert_eq!(record.email, "p1@example.com");
    assert_eq!(record.name(), "P1");
    assert_eq!(record.values["SCORE"], FieldValue::Integer(9));
    assert_eq!(carried(&record), Some("g-001"));
    assert_eq!(record.lists.iter().collect::<Vec<_>>(), ["l-1"]);
    assert!(bench.record("g-002").unsubscribed);
    assert!(!bench.record("g-001").unsubscribed);

    let second = bench.sync();
    assert_eq!(second.mode(), Mode::Incremental);
    assert_eq!(second.writes, vec![]);
    let third = bench.full();
    assert_eq!(third.mode(), Mode::Full);
    assert_eq!(third.writes, vec![]);
    assert_eq!(third.people(), [0, 0, 10, 0, 0, 0]);
    let before = bench.snapshot();
    bench.full();
    assert_eq!(bench.snapshot().0, before.0);
}

#[test]
fn an_incremental_run_costs_what_changed_and_not_what_exists() {
    let mut bench = linked_crowd(300);
    let idle = bench.sync();
    assert_eq!(idle.calls.len(), 1, "{:?}", idle.calls);
    for n in 0..5 {
        bench.edit(&format!("g-{n:03}"), |p| {
            p.named("New");
        });
    }
    bench.world.look().person("g-new", "new@example.com");
    let run = bench.sync();
    assert_eq!(run.mode(), Mode::Incremental);
    assert_eq!(run.people(), [1, 5, 0, 0, 0, 0]);
    assert_eq!(run.calls.len(), 1 + 5 + 1, "{:?}", run.calls);
    assert_eq!(bench.record("g-003").name(), "New");
}

#[test]
fn an_old_full_run_a_changed_profile_or_a_clock_that_jumped_make_the_next_one_full() {
    let mut bench = linked_crowd(3);
    assert_eq!(bench.sync().mode(), Mode::Incremental);
    bench.now += 25 * 60 * 60 * 1000;
    assert_eq!(bench.sync().mode(), Mode::Full);
    assert_eq!(bench.sync().mode(), Mode::Incremental);
    bench.profile.consent.create_opted_out = false;
    assert_eq!(bench.sync().mode(), Mode::Full);
    assert_eq!(bench.sync().mode(), Mode::Incremental);
    bench.now -= 60 * 60 * 1000;
    assert_eq!(bench.sync().mode(), Mode::Full);
}

#[test]
fn windows_overlap_by_the_lookback() {
    let mut bench = linked_crowd(3);
    bench.profile.sync.lookback = Duration::from_secs(600);
    // The search index lagged: the change is older than the last listing.
    bench
        .world
        .look()
        .people
        .get_mut("g-001")
        .unwrap()
        .named("Late");
    bench.sync();
    assert_eq!(bench.record("g-001").name(), "Late");
}

#[test]
fn many_creations_in_an_incremental_run_list_the_brand_and_go_in_a_batch() {
    let mut bench = linked_crowd(40);
    {
        let mut world = bench.world.look();
        for n in 0..30 {
            world.person(&format!("h-{n:02}"), &format!("h{n}@example.com"));
        }
        let known = world.record("by-hand", "H3@example.com");
        known.topics.insert("t-1".to_owned());
        known.unsubscribed = true;
    }
    let run = bench.sync();
    assert_eq!(run.mode(), Mode::Incremental);
    assert_eq!((run.count(Op::List), run.count(Op::Submit)), (1, 1));
    assert_eq!(run.count(Op::Create), 0);
    assert_eq!(run.outcome.tally.people.created, 29);
    assert_eq!(bench.linked("h-03").unwrap().0, "by-hand");
    assert!(bench.record("h-03").unsubscribed);
    // A few are created one by one, without a listing.
    for n in 0..2 {
        let mut world = bench.world.look();
        world.person(&format!("i-{n}"), &format!("i{n}@example.com"));
    }
    let run = bench.sync();
    assert_eq!((run.count(Op::List), run.count(Op::Create)), (0, 2));
}

#[test]
fn a_lost_state_is_rebuilt_without_a_write() {
    let mut bench = linked_crowd(5);
    bench.edit("g-003", |p| p.dnd = true);
    bench.sync();
    let before = bench.snapshot();
    bench.lose_state();
    let run = bench.sync();
    assert_eq!(run.mode(), Mode::Full);
    assert_eq!(run.writes, vec![]);
    let after = bench.snapshot();
    assert_eq!(after.0, before.0);
    let links = |rows: &[String]| -> Vec<String> {
        let links = rows.iter().filter(|r| r.starts_with("link"));
        links.cloned().collect()
    };
    assert_eq!(links(&after.1), links(&before.1));
}

// ---- fields, lists, drift

#[test]
fn drift_in_bigmailer_is_put_right_and_unmapped_things_stay() {
    let mut bench = linked_crowd(3);
    bench.edit("g-001", |p| {
        p.tagged("vip");
    });
    bench.sync();
    let (id, _) = bench.linked("g-001").unwrap();
    {
        let mut world = bench.world.look();
        let record = world.records.get_mut(&id).unwrap();
        record.values.insert("FIRST_NAME".to_owned(), text("Drift"));
        record.values.insert("NOTES".to_owned(), text(" mine "));
        record
            .values
            .insert("SCORE".to_owned(), FieldValue::Integer(3));
        record.lists = ["l-2".to_owned(), "l-9".to_owned()].into();
        record.topics.insert("t-1".to_owned());
    }
    let run = bench.full();
    assert_eq!(run.people(), [0, 1, 2, 0, 0, 0]);
    let record = bench.record("g-001");
    assert_eq!(record.name(), "P1");
    assert_eq!(record.values["NOTES"], text(" mine "));
    // The source never had a score, and no tag ever gave l-2: both are somebody's own.
    assert_eq!(record.values["SCORE"], FieldValue::Integer(3));
    assert_eq!(
        record.lists.iter().collect::<Vec<_>>(),
        ["l-1", "l-2", "l-9"]
    );
    assert_eq!(record.topics.len(), 1);
}

#[test]
fn a_cleared_value_and_a_removed_tag_travel() {
    let mut bench = linked_crowd(3);
    bench.edit("g-001", |p| {
        p.tagged("vip").tagged("gold");
    });
    bench.sync();
    bench.edit("g-001", |p| {
        p.tags.remove("vip");
        p.values.clear();
    });
    bench.sync();
    let record = bench.record("g-001");
    assert_eq!(record.name(), "");
    assert!(record.lists.contains("l-1"), "gold still wants it");
    bench.edit("g-001", |p| p.tags.clear());
    bench.sync();
    assert!(bench.record("g-001").lists.is_empty());
}

#[test]
fn a_value_that_cannot_be_used_fails_the_person_but_nothing_else() {
    let mut bench = linked_crowd(3);
    bench.edit("g-001", |p| {
        p.values.insert("custom.score".to_owned(), text("many"));
        p.named("Ada");
    });
    bench
        .world
        .look()
        .person("g-new", "new@example.com")
        .values
        .insert("custom.score".to_owned(), text("few"));
    let run = bench.sync();
    assert_eq!(run.people(), [0, 0, 0, 0, 2, 0]);
    assert_eq!(
        run.reasons(),
        [("g-001", "invalid_value"), ("g-new", "invalid_value")]
    );
    assert_eq!(bench.record("g-001").name(), "Ada");
    assert_eq!(bench.record("g-new").email, "new@example.com");
    let run = bench.full();
    assert_eq!(run.people(), [0, 0, 2, 0, 2, 0]);
    assert_eq!(run.writes, vec![]);
}

// ---- identity

#[test]
fn a_record_is_found_by_link_then_id_then_address_in_any_case() {
    let mut bench = Bench::new();
    {
        let mut world = bench.world.look();
        world.person("g-1", "one@example.com").named("One");
        world.person("g-2", " Two@Example.com ").named("Two");
        let by_id = world.record("b-1", "old@example.com");
        by_id
            .values
            .insert("GHL_CONTACT_ID".to_owned(), text("g-1"));
        world.record("b-2", "tWO@example.COM").unsubscribed = true;
        world.record("b-3", "stranger@example.com");
    }
    let run = bench.sync();
    assert_eq!(run.people(), [0, 2, 1, 0, 0, 0]);
    assert_eq!(bench.linked("g-1").unwrap().0, "b-1");
    assert_eq!(bench.record("g-1").email, "one@example.com");
    assert_eq!(bench.linked("g-2").unwrap().0, "b-2");
    // Another letter case is the same address.
    assert_eq!(bench.record("g-2").email, "tWO@example.COM");
    assert!(bench.record("g-2").unsubscribed);
    // The link holds whatever becomes of id field and address.
    {
        let mut world = bench.world.look();
        let record = world.records.get_mut("b-1").unwrap();
        record.values.remove("GHL_CONTACT_ID");
        record.email = "edited@example.com".to_owned();
    }
    let run = bench.full();
    assert_eq!(run.count(Op::Create) + run.count(Op::Submit), 0);
    assert_eq!(bench.linked("g-1").unwrap().0, "b-1");
    assert_eq!(bench.record("g-1").email, "one@example.com");
}

#[test]
fn the_id_field_goes_before_the_address_whoever_is_looked_at_first() {
    // b-1 carries g-2's id and still g-2's former address, which g-1 has now.
    let mut bench = Bench::new();
    {
        let mut world = bench.world.look();
        world.person("g-1", "old@example.com").named("One");
        world.person("g-2", "new@example.com").named("Two");
        let record = world.record("b-1", "old@example.com");
        record
            .values
            .insert("GHL_CONTACT_ID".to_owned(), text("g-2"));
        record.unsubscribed = true;
    }
    let run = bench.sync();
    assert_eq!(run.people(), [1, 1, 0, 0, 0, 0]);
    let (id, record) = bench.linked("g-2").unwrap();
    assert_eq!(
        (id.as_str(), record.email.as_str()),
        ("b-1", "new@example.com")
    );
    assert!(record.unsubscribed);
    assert!(!bench.record("g-1").unsubscribed);
}

#[test]
fn a_case_sensitive_brand_matches_the_opted_out_spelling() {
    let mut bench = Bench::new();
    {
        let mut world = bench.world.look();
        world.case_sensitive = true;
        world.person("g-1", "ada@example.com").named("Ada");
        world.record("b-1", "ada@example.com");
        world.record("b-2", "Ada@example.com").unsubscribed = true;
    }
    let run = bench.sync();
    assert_eq!(bench.linked("g-1").unwrap().0, "b-2");
    assert_eq!(run.people(), [0, 1, 1, 0, 0, 0]);
    assert_eq!(bench.sync().writes, vec![]);
    assert_eq!(bench.full().writes, vec![]);
}

#[test]
fn an_address_that_a_listed_record_holds_is_never_created_by_batch() {
    // g-1 left the filter; its record keeps the address, which new people have too.
    let mut bench = linked_crowd(4);
    let (id, _) = bench.linked("g-001").unwrap();
    bench.edit("g-001", |p| {
        p.tagged("internal");
        p.email = Some("elsewhere@example.com".to_owned());
    });
    {
        let mut world = bench.world.look();
        let record = world.records.get_mut(&id).unwrap();
        record.handled = true;
        record.unsubscribed = true;
        record.topics.insert("t-1".to_owned());
        world.person("h-1", "p1@example.com").named("Heir");
        for n in 0..5 {
            world.person(&format!("i-{n}"), &format!("i{n}@example.com"));
        }
    }
    let run = bench.full();
    let record = bench.world.look().records[&id].clone();
    assert!(record.unsubscribed && record.topics.len() == 1);
    assert_eq!(record.name(), "P1");
    assert_eq!(bench.linked("g-001").unwrap().0, id);
    assert_eq!(run.people(), [5, 0, 3, 1, 0, 1]);
    assert!(run.reasons().contains(&("h-1", "email_taken")));
}

// ---- duplicates

#[test]
fn of_several_people_with_one_address_the_earliest_is_linked() {
    let mut bench = Bench::new();
    {
        let mut world = bench.world.look();
        world.person("g-9", "twin@example.com").named("First");
        world.person("g-1", "Twin@example.com").named("Second");
        world.person("g-5", "twin@example.com ").named("Third").dnd = true;
        world.person("g-7", "other@example.com");
        let filtered = world.person("g-0", "twin@example.com");
        filtered.created = 1;
        filtered.tagged("internal");
    }
    let run = bench.sync();
    assert_eq!(run.people(), [2, 0, 0, 3, 0, 0]);
    assert_eq!(run.outcome.tally.skipped["duplicate_email"], 2);
    assert_eq!(run.outcome.tally.skipped["filtered"], 1);
    let record = bench.record("g-9");
    assert_eq!(record.name(), "First");
    assert!(record.unsubscribed, "one opt-out counts for all of them");
    assert_eq!(bench.world.look().records.len(), 2);
    assert_eq!(bench.sync().writes, vec![]);
    // A touch on one of them, whichever, changes nothing and reports nothing new.
    for id in ["g-1", "g-5", "g-9"] {
        bench.edit(id, |_| {});
        let run = bench.sync();
        assert_eq!(run.writes, vec![], "{id}");
        assert!(
            run.reasons().iter().all(|(_, r)| *r == "duplicate_email"),
            "{id}: {:?}",
            run.reasons()
        );
    }
    assert_eq!(bench.full().people(), [0, 0, 2, 3, 0, 0]);
}

#[test]
fn the_opt_out_of_a_later_twin_reaches_the_record() {
    let mut bench = Bench::new();
    {
        let mut world = bench.world.look();
        world.person("g-1", "twin@example.com");
        world.person("g-2", "twin@example.com");
    }
    bench.sync();
    bench.edit("g-2", |p| p.dnd = true);
    let run = bench.sync();
    assert_eq!(run.mode(), Mode::Incremental);
    assert!(bench.record("g-1").unsubscribed);
    assert_eq!(run.outcome.tally.bm_unsubscribed, 1);
}

#[test]
fn a_new_address_can_make_and_end_a_duplicate() {
    let mut bench = Bench::new();
    {
        let mut world = bench.world.look();
        world.person("g-1", "a@example.com").named("One");
        world.person("g-2", "b@example.com").named("Two");
    }
    bench.sync();
    let (first, _) = bench.linked("g-1").unwrap();
    let (second, _) = bench.linked("g-2").unwrap();
    // The later one takes the earlier one's address: its record stays as it is.
    bench.edit("g-2", |p| p.email = Some("a@example.com".to_owned()));
    let run = bench.sync();
    assert_eq!(run.writes, vec![]);
    assert_eq!(run.outcome.tally.skipped["duplicate_email"], 1);
    assert_eq!(bench.linked("g-2").unwrap().0, second);
    assert_eq!(bench.record("g-2").email, "b@example.com");
    // The earlier one moves on, and both are people of their own again.
    bench.edit("g-1", |p| p.email = Some("c@example.com".to_owned()));
    bench.edit("g-1", |p| {
        p.named("Uno");
    });
    let run = bench.sync();
    assert_eq!(run.people(), [0, 2, 0, 0, 0, 0]);
    assert_eq!(bench.linked("g-1").unwrap().0, first);
    assert_eq!(bench.record("g-1").email, "c@example.com");
    assert_eq!(bench.record("g-2").email, "a@example.com");
}

#[test]
fn a_freed_address_is_created_for_the_twin_that_keeps_it() {
    for later in ["g-2", "g-3"] {
        let mut bench = Bench::new();
        {
            let mut world = bench.world.look();
            world.person("g-1", "a@example.com").named("One");
            world.person("g-2", "a@example.com").named("Two");
            world.person("g-3", "a@example.com").named("Three");
        }
        bench.sync();
        let (first, _) = bench.linked("g-1").unwrap();
        bench.edit("g-1", |p| p.email = Some("c@example.com".to_owned()));
        bench.edit(later, |_| {});
        bench.sync();
        assert_eq!(bench.linked("g-1").unwrap().0, first);
        assert_eq!(bench.record("g-1").email, "c@example.com");
        assert_eq!(bench.record("g-2").email, "a@example.com");
        assert_eq!(bench.record("g-2").name(), "Two");
        assert!(bench.linked("g-3").is_none());
        assert_eq!(bench.full().writes, vec![]);
    }
}

#[test]
fn the_twin_inherits_the_record_when_the_first_is_deleted() {
    for policy in [OnDelete::Keep, OnDelete::Unsubscribe, OnDelete::Delete] {
        let mut bench = Bench::new();
        bench.profile.sync.on_ghl_delete = policy;
        {
            let mut world = bench.world.look();
            world.person("g-1", "twin@example.com").named("One");
            world.person("g-2", "twin@example.com").named("Two");
            world.person("g-3", "other@example.com");
        }
        bench.sync();
        let (id, _) = bench.linked("g-1").unwrap();
        bench.world.look().people.remove("g-1");
        let run = bench.full();
        assert_eq!(bench.linked("g-2").unwrap().0, id);
        let record = bench.record("g-2");
        assert_eq!(record.name(), "Two");
        assert!(!record.unsubscribed);
        assert_eq!(run.people(), [0, 1, 1, 0, 0, 0]);
        assert_eq!(bench.full().writes, vec![]);
        bench.edit("g-2", |p| {
            p.named("Zwei");
        });
        bench.sync();
        assert_eq!(bench.record("g-2").name(), "Zwei");
    }
}

#[test]
fn a_search_that_misses_the_first_does_not_give_its_record_away() {
    let mut bench = Bench::new();
    {
        let mut world = bench.world.look();
        world.person("g-1", "twin@example.com").named("One");
        world.person("g-2", "other@example.com");
    }
    bench.sync();
    let (id, _) = bench.linked("g-1").unwrap();
    bench
        .world
        .look()
        .person("g-3", "twin@example.com")
        .named("Three");
    let run = bench.run(hidden(&["g-1"]), |o| o.full = true).complete();
    assert_eq!(bench.linked("g-1").unwrap().0, id);
    assert_eq!(bench.record("g-1").name(), "One");
    assert!(bench.linked("g-3").is_none());
    assert_eq!(run.outcome.tally.skipped["duplicate_email"], 1);
    assert_eq!(bench.full().writes, vec![]);
}

#[test]
fn the_twin_takes_over_when_the_first_leaves_the_filter() {
    // Whoever of the two is looked at first, only one of them may act on the record.
    for (first, second) in [("g-1", "g-2"), ("g-2", "g-1")] {
        for full in [false, true] {
            let mut bench = Bench::new();
            bench.profile.sync.on_scope_exit = OnExit::Unsubscribe;
            {
                let mut world = bench.world.look();
                world.person(first, "twin@example.com").named("One");
                world.person(second, "twin@example.com").named("Two");
                world.person("g-3", "other@example.com");
            }
            bench.sync();
            let (id, _) = bench.linked(first).unwrap();
            bench.edit(first, |p| {
                p.tagged("internal");
            });
            if full {
                bench.full();
            } else {
                assert_eq!(bench.sync().mode(), Mode::Incremental);
            }
            assert_eq!(bench.linked(second).unwrap().0, id);
            let record = bench.record(second);
            assert_eq!(record.name(), "Two");
            assert!(!record.unsubscribed, "the person still takes part");
            assert!(bench.linked(first).is_none());
            assert_eq!(bench.full().writes, vec![]);
        }
    }
}

// ---- addresses

#[test]
fn a_new_address_travels_to_the_linked_record() {
    let mut bench = linked_crowd(3);
    let (id, _) = bench.linked("g-001").unwrap();
    bench.edit("g-001", |p| p.email = Some("New@example.com".to_owned()));
    bench.sync();
    let (same, record) = bench.linked("g-001").unwrap();
    assert_eq!((same, record.email), (id, "new@example.com".to_owned()));
    assert_eq!(bench.full().writes, vec![]);
}

#[test]
fn a_taken_address_holds_the_pair_but_not_its_opt_out() {
    let mut bench = linked_crowd(3);
    bench.world.look().record("by-hand", "taken@example.com");
    bench.edit("g-001", |p| {
        p.email = Some("taken@example.com".to_owned());
        p.dnd = true;
        p.named("New");
    });
    let run = bench.sync();
    assert_eq!(run.people(), [0, 0, 0, 0, 0, 1]);
    assert_eq!(run.reasons(), [("g-001", "email_taken")]);
    let record = bench.record("g-001");
    assert_eq!(record.email, "p1@example.com");
    assert!(record.unsubscribed, "an opt-out waits for nobody");
    // It is tried again, and the opt-out is not sent again.
    let again = bench.sync();
    assert_eq!(again.people(), [0, 0, 0, 0, 0, 1]);
    assert_eq!(again.outcome.tally.bm_unsubscribed, 0);
    bench.world.look().records.remove("by-hand");
    let freed = bench.sync();
    assert_eq!(freed.people(), [0, 1, 0, 0, 0, 0]);
    assert_eq!(bench.record("g-001").email, "taken@example.com");
    assert_eq!(bench.record("g-001").name(), "New");
    assert_eq!(bench.sync().calls.len(), 1, "nobody waits any more");
}

#[test]
fn a_refused_value_does_not_hold_up_an_opt_out() {
    let mut bench = linked_crowd(3);
    bench.edit("g-001", |p| {
        p.named("poison").dnd = true;
    });
    let run = bench.sync();
    assert_eq!(run.people(), [0, 0, 0, 0, 1, 0]);
    assert_eq!(run.reasons(), [("g-001", "invalid_format")]);
    assert!(bench.record("g-001").unsubscribed);
    bench.edit("g-001", |p| {
        p.named("Ada");
    });
    bench.sync();
    assert_eq!(bench.record("g-001").name(), "Ada");
    assert_eq!(bench.sync().calls.len(), 1);
}

#[test]
fn a_chain_of_addresses_resolves_in_one_run() {
    let mut bench = linked_crowd(5);
    // Everybody moves to the next one's address; the last one to a new one.
    for n in 0..5 {
        bench.edit(&format!("g-{n:03}"), |p| {
            p.email = Some(format!("p{}@example.com", n + 1));
        });
    }
    let run = bench.sync();
    assert_eq!(run.people(), [0, 5, 0, 0, 0, 0]);
    for n in 0..5 {
        let record = bench.record(&format!("g-{n:03}"));
        assert_eq!(record.email, format!("p{}@example.com", n + 1));
        assert_eq!(record.name(), format!("P{n}"));
    }
    assert_eq!(bench.full().writes, vec![]);
}

#[test]
fn an_address_given_up_goes_to_the_new_person() {
    for full in [false, true] {
        let mut bench = linked_crowd(5);
        bench.edit("g-001", |p| p.email = Some("moved@example.com".to_owned()));
        {
            let mut world = bench.world.look();
            for n in 1..5 {
                world.person(&format!("h-{n}"), &format!("h{n}@example.com"));
            }
            world.person("h-0", "p1@example.com").named("Heir");
        }
        let run = bench.run(Faults::default(), |o| o.full = full).complete();
        assert_eq!(run.outcome.tally.people.created, 5);
        assert_eq!(bench.record("g-001").email, "moved@example.com");
        assert_eq!(bench.record("g-001").name(), "P1");
        assert_eq!(bench.record("h-0").name(), "Heir");
        assert_eq!(bench.full().writes, vec![]);
    }
}

#[test]
fn swapped_addresses_are_held() {
    let mut bench = linked_crowd(2);
    bench.edit("g-000", |p| p.email = Some("p1@example.com".to_owned()));
    bench.edit("g-001", |p| p.email = Some("p0@example.com".to_owned()));
    let run = bench.sync();
    assert_eq!(run.people(), [0, 0, 0, 0, 0, 2]);
    assert_eq!(bench.record("g-000").name(), "P0");
    assert_eq!(bench.full().people(), [0, 0, 0, 0, 0, 2]);
}

#[test]
fn people_without_a_usable_address_are_skipped() {
    let mut bench = Bench::new();
    {
        let mut world = bench.world.look();
        world.person("g-1", "");
        world.person("g-2", "not an address");
        world.person("g-3", "  ");
        world.person("g-4", "ok@example.com");
        // HighLevel may hold the same useless text twice.
        world.person("g-5", "not an address");
    }
    let run = bench.sync();
    assert_eq!(run.people(), [1, 0, 0, 4, 0, 0]);
    assert_eq!(run.outcome.tally.skipped["no_email"], 2);
    assert_eq!(run.outcome.tally.skipped["invalid_email"], 2);
    // A linked one that loses its address keeps its record, and its opt-out still goes over.
    bench.edit("g-4", |p| {
        p.email = None;
        p.dnd = true;
    });
    bench.sync();
    let record = bench.record("g-4");
    assert_eq!(record.email, "ok@example.com");
    assert!(record.unsubscribed);
    bench.edit("g-4", |p| p.email = Some("back@example.com".to_owned()));
    bench.sync();
    assert_eq!(bench.record("g-4").email, "back@example.com");
}

// ---- consent

#[test]
fn an_opt_out_travels_and_nothing_loosens_it() {
    let mut bench = linked_crowd(3);
    bench.edit("g-001", |p| p.dnd = true);
    let run = bench.sync();
    assert_eq!(run.outcome.tally.bm_unsubscribed, 1);
    assert!(bench.record("g-001").unsubscribed);
    bench.edit("g-001", |p| p.dnd = false);
    let run = bench.sync();
    assert_eq!(run.writes, vec![]);
    assert_eq!(run.reasons(), [("g-001", "opt_in_elsewhere")]);
    assert!(bench.record("g-001").unsubscribed);
    assert_eq!(bench.full().writes, vec![]);
    assert!(bench.record("g-001").unsubscribed);
}

#[test]
fn an_opt_in_by_hand_in_bigmailer_is_reported_and_respected() {
    let mut bench = linked_crowd(3);
    bench.edit("g-001", |p| p.dnd = true);
    bench.sync();
    let (id, _) = bench.linked("g-001").unwrap();
    let opt_in = |bench: &Bench| {
        let mut world = bench.world.look();
        world.records.get_mut(&id).unwrap().unsubscribed = false;
    };
    opt_in(&bench);
    for _ in 0..2 {
        let run = bench.full();
        assert_eq!(run.writes, vec![]);
        assert_eq!(run.reasons(), [("g-001", "opt_in_elsewhere")]);
    }
    // A new opt-out is a new opt-out.
    bench.edit("g-001", |p| p.dnd = false);
    bench.sync();
    bench.edit("g-001", |p| p.dnd = true);
    bench.sync();
    assert!(bench.record("g-001").unsubscribed);
}

#[test]
fn an_opt_out_after_an_unseen_opt_in_reaches_bigmailer() {
    let mut bench = linked_crowd(3);
    let (id, _) = bench.linked("g-001").unwrap();
    let set = |bench: &Bench, out| {
        let mut world = bench.world.look();
        world.records.get_mut(&id).unwrap().unsubscribed = out;
    };
    set(&bench, true);
    bench.full();
    set(&bench, false);
    bench.edit("g-001", |p| p.dnd = true);
    assert_eq!(bench.sync().mode(), Mode::Incremental);
    assert!(bench.record("g-001").unsubscribed);
}

#[test]
fn nobody_is_mailed_on_the_strength_of_a_missing_answer() {
    let mut bench = linked_crowd(3);
    {
        let mut world = bench.world.look();
        world.person("g-new", "new@example.com").mute = true;
        world.people.get_mut("g-001").unwrap().mute = true;
    }
    bench.edit("g-001", |p| {
        p.named("Changed");
    });
    let run = bench.full();
    assert_eq!(run.people(), [0, 0, 2, 0, 2, 0]);
    assert!(bench.linked("g-new").is_none());
    assert_eq!(bench.record("g-001").name(), "P1");
    // They are looked at again although HighLevel shows no change, and then not any more.
    {
        let mut world = bench.world.look();
        for id in ["g-new", "g-001"] {
            world.people.get_mut(id).unwrap().mute = false;
        }
        world.clock += 3_600_000;
    }
    bench.sync();
    let run = bench.sync();
    assert_eq!(run.calls.len(), 1, "{:?}", run.calls);
    assert!(bench.linked("g-new").is_some());
    assert_eq!(bench.record("g-001").name(), "Changed");
}

#[test]
fn contacts_tried_again_without_need_are_not_tried_for_ever() {
    let mut bench = linked_crowd(3);
    bench.edit("g-001", |p| p.mute = true);
    let run = bench.sync();
    assert_eq!(run.people(), [0, 0, 0, 0, 1, 0]);
    bench.world.look().people.get_mut("g-001").unwrap().mute = false;
    bench.world.look().clock += 3_600_000;
    bench.sync();
    bench.world.look().clock += 3_600_000;
    bench.sync();
    assert_eq!(bench.sync().calls.len(), 1);
    assert_eq!(bench.state().pending_count().unwrap(), 0);
}

// ---- scope and deletion

#[test]
fn leaving_the_filter_does_what_the_profile_says() {
    for exit in [OnExit::Keep, OnExit::LeaveLists, OnExit::Unsubscribe] {
        let mut bench = linked_crowd(3);
        bench.profile.sync.on_scope_exit = exit;
        bench.edit("g-001", |p| {
            p.tagged("vip");
        });
        bench.sync();
        bench.edit("g-001", |p| {
            p.tagged("internal").named("Inside");
        });
        let run = bench.sync();
        let record = bench.record("g-001");
        assert_eq!(record.name(), "P1", "what is filtered does not travel");
        assert_eq!(record.lists.is_empty(), exit == OnExit::LeaveLists);
        assert_eq!(record.unsubscribed, exit == OnExit::Unsubscribe);
        let keeps = exit == OnExit::Keep;
        assert_eq!(run.outcome.tally.skipped["filtered"], u64::from(keeps));
        assert_eq!(run.outcome.tally.people.updated, u64::from(!keeps));
        assert_eq!(bench.full().writes, vec![]);
        // Its opt-out still counts.
        bench.edit("g-001", |p| p.dnd = true);
        bench.sync();
        assert!(bench.record("g-001").unsubscribed);
        // And back in again.
        bench.edit("g-001", |p| {
            p.tags.remove("internal");
        });
        bench.sync();
        let record = bench.record("g-001");
        assert_eq!(record.name(), "Inside");
        assert!(record.lists.contains("l-1"));
        assert!(record.unsubscribed);
    }
}

#[test]
fn a_contact_gone_from_highlevel_is_treated_as_the_profile_says() {
    for policy in [OnDelete::Keep, OnDelete::Unsubscribe, OnDelete::Delete] {
        let mut bench = linked_crowd(25);
        bench.profile.sync.on_ghl_delete = policy;
        bench.full();
        let (id, _) = bench.linked("g-001").unwrap();
        bench.world.look().people.remove("g-001");
        let run = bench.full();
        let record = bench.world.look().records.get(&id).cloned();
        match policy {
            OnDelete::Keep => {
                assert!(!record.unwrap().unsubscribed);
                assert_eq!(run.people(), [0, 0, 25, 0, 0, 0]);
            }
            OnDelete::Unsubscribe => {
                assert!(record.unwrap().unsubscribed);
                assert_eq!(run.people(), [0, 1, 24, 0, 0, 0]);
            }
            OnDelete::Delete => {
                assert_eq!(record, None);
                assert_eq!(run.people(), [0, 0, 24, 0, 0, 0]);
                assert_eq!(run.outcome.tally.bm_deleted, 1);
            }
        }
        let again = bench.full();
        assert_eq!(again.writes, vec![], "{policy:?}");
    }
}

#[test]
fn a_search_that_misses_people_deletes_nobody() {
    let mut bench = linked_crowd(25);
    bench.profile.sync.on_ghl_delete = OnDelete::Delete;
    bench.full();
    let run = bench.run(hidden(&["g-007"]), |o| o.full = true).complete();
    assert_eq!(run.writes, vec![]);
    assert!(bench.linked("g-007").is_some());
    assert_eq!(run.reasons(), [("g-007", "not_listed")]);
    // An incomplete listing proves nothing at all.
    bench.world.look().page = 5;
    let halved = Faults {
        halved: vec![Side::Ghl],
        ..Faults::default()
    };
    let run = bench.run(halved, |o| o.full = true).complete();
    assert_eq!(run.writes, vec![]);
    assert_eq!(run.count(Op::GhlGet), 0);
    // Nor does it stand for a full run that was due.
    bench.now += 24 * 60 * 60 * 1000;
    let halved = Faults {
        halved: vec![Side::Ghl],
        ..Faults::default()
    };
    bench.run(halved, |_| {}).complete();
    assert_eq!(bench.sync().mode(), Mode::Full);
}

#[test]
fn a_change_missed_by_an_incomplete_window_is_read_again() {
    let mut bench = linked_crowd(6);
    bench.world.look().page = 1;
    bench.world.look().clock += 3_600_000;
    for n in 0..6 {
        bench.edit(&format!("g-{n:03}"), |p| {
            p.named("New");
        });
    }
    let halved = Faults {
        halved: vec![Side::Ghl],
        ..Faults::default()
    };
    let run = bench.run(halved, |_| {}).complete();
    assert_eq!(run.mode(), Mode::Incremental);
    assert_eq!(run.outcome.tally.people.updated, 3);
    bench.world.look().clock += 3_600_000;
    bench.sync();
    for n in 0..6 {
        assert_eq!(bench.record(&format!("g-{n:03}")).name(), "New");
    }
}

#[test]
fn who_was_deleted_in_bigmailer_is_not_made_again() {
    let mut bench = linked_crowd(5);
    let (id, _) = bench.linked("g-001").unwrap();
    bench.world.look().records.remove(&id);
    let run = bench.full();
    assert_eq!(run.writes, vec![]);
    assert_eq!(run.people(), [0, 0, 4, 1, 0, 0]);
    assert_eq!(run.reasons(), [("g-001", "deleted_in_bigmailer")]);
    // Not by another contact with the address, not under another address either.
    bench.edit("g-001", |p| p.email = Some("moved@example.com".to_owned()));
    bench.world.look().person("g-new", "p1@example.com");
    let run = bench.sync();
    assert_eq!(run.writes, vec![]);
    assert_eq!(run.outcome.tally.skipped["deleted_in_bigmailer"], 2);
    assert_eq!(bench.full().writes, vec![]);
    assert_eq!(bench.world.look().records.len(), 4);
    // Somebody makes the person anew by hand: linked again.
    bench.world.look().record("by-hand", "moved@example.com");
    bench.full();
    assert_eq!(bench.linked("g-001").unwrap().0, "by-hand");
    assert_eq!(bench.record("g-001").name(), "P1");
}

#[test]
fn a_deletion_found_while_writing_is_respected() {
    for by_hand in [false, true] {
        let mut bench = linked_crowd(5);
        let (id, _) = bench.linked("g-001").unwrap();
        bench.world.look().records.remove(&id);
        if by_hand {
            bench.world.look().record("by-hand", "P1@example.com");
        }
        bench.edit("g-001", |p| {
            p.named("New");
        });
        let run = bench.sync();
        assert_eq!(run.mode(), Mode::Incremental);
        if by_hand {
            assert_eq!(run.people(), [0, 1, 0, 0, 0, 0]);
            assert_eq!(bench.linked("g-001").unwrap().0, "by-hand");
            assert_eq!(bench.record("g-001").name(), "New");
        } else {
            assert_eq!(run.people(), [0, 0, 0, 1, 0, 0]);
            assert_eq!(run.reasons(), [("g-001", "deleted_in_bigmailer")]);
            assert_eq!(bench.world.look().records.len(), 4);
        }
        let run = bench.full();
        assert_eq!(run.writes, vec![]);
    }
}

#[test]
fn an_absence_in_bigmailers_listing_is_confirmed() {
    let mut bench = linked_crowd(5);
    let (id, _) = bench.linked("g-001").unwrap();
    let run = bench.run(hidden(&[&id]), |o| o.full = true).complete();
    assert_eq!(run.writes, vec![]);
    assert_eq!(bench.linked("g-001").unwrap().0, id);
    // An incomplete listing makes nobody absent, and nobody is created by batch on its strength.
    {
        let mut world = bench.world.look();
        world.page = 1;
        for n in 0..5 {
            world.person(&format!("h-{n}"), &format!("h{n}@example.com"));
        }
        world.record("x-by-hand", "h4@example.com").unsubscribed = true;
    }
    let halved = Faults {
        halved: vec![Side::Bigmailer],
        ..Faults::default()
    };
    let run = bench.run(halved, |o| o.full = true).complete();
    assert_eq!((run.count(Op::Submit), run.count(Op::Create)), (0, 5));
    assert_eq!(bench.linked("h-4").unwrap().0, "x-by-hand");
    assert!(bench.record("h-4").unsubscribed);
    assert_eq!(bench.full().writes, vec![]);
}

#[test]
fn people_gone_from_both_sides_are_forgotten() {
    for policy in [OnDelete::Keep, OnDelete::Unsubscribe, OnDelete::Delete] {
        let mut bench = linked_crowd(25);
        bench.profile.sync.on_ghl_delete = policy;
        bench.full();
        let (id, _) = bench.linked("g-001").unwrap();
        {
            let mut world = bench.world.look();
            world.records.remove(&id);
            world.people.remove("g-001");
        }
        bench.full();
        let run = bench.full();
        assert_eq!(run.calls.len(), 2, "{policy:?}: two listings");
    }
}

// ---- brakes

#[test]
fn a_side_that_is_suddenly_empty_stops_the_run() {
    for side in [Side::Ghl, Side::Bigmailer] {
        let mut bench = linked_crowd(5);
        bench.profile.sync.on_ghl_delete = OnDelete::Delete;
        bench.full();
        match side {
            Side::Ghl => bench.world.look().people.clear(),
            Side::Bigmailer => bench.world.look().records.clear(),
        }
        let before = bench.snapshot();
        let run = bench.run(Faults::default(), |o| o.full = true);
        assert!(
            matches!(&run.outcome.end, End::Braked(Brake::Empty { side: s, linked: 5 }) if *s == side),
            "{:?}",
            run.outcome.end
        );
        assert_eq!(run.writes, vec![]);
        assert_eq!(run.calls.len(), 2, "no call for each link");
        assert_eq!(bench.snapshot(), before);
    }
}

#[test]
fn too_many_changes_stop_the_run_unless_a_person_lets_it_pass() {
    let mut bench = linked_crowd(60);
    for n in 0..31 {
        bench.edit(&format!("g-{n:03}"), |p| {
            p.named("New");
        });
    }
    let before = bench.snapshot();
    for dry_run in [false, true] {
        let run = bench.run(Faults::default(), |o| o.dry_run = dry_run);
        assert!(matches!(
            run.outcome.end,
            End::Braked(Brake::Changes {
                planned: 31,
                allowed: 30,
                linked: 60
            })
        ));
        assert_eq!(run.writes, vec![]);
    }
    assert_eq!(bench.snapshot(), before);
    let run = bench
        .run(Faults::default(), |o| o.pass_brakes = true)
        .complete();
    assert_eq!(run.people()[1], 31);
    assert_eq!(bench.sync().writes, vec![]);
}

#[test]
fn too_many_deletions_stop_the_run_without_asking_for_each() {
    for policy in [OnDelete::Unsubscribe, OnDelete::Delete] {
        let mut bench = linked_crowd(60);
        bench.profile.sync.on_ghl_delete = policy;
        bench.full();
        for n in 0..4 {
            bench.world.look().people.remove(&format!("g-{n:03}"));
        }
        let run = bench.run(Faults::default(), |o| o.full = true);
        assert!(matches!(
            run.outcome.end,
            End::Braked(Brake::Deletes {
                planned: 4,
                allowed: 3,
                ..
            })
        ));
        assert_eq!(run.calls.len(), 2);
        let run = bench
            .run(Faults::default(), |o| {
                o.full = true;
                o.pass_brakes = true;
            })
            .complete();
        assert_eq!(run.writes.len(), 4);
        assert_eq!(run.count(Op::GhlGet), 4, "each absence was confirmed");
    }
    let mut bench = linked_crowd(5);
    bench.profile.sync.on_ghl_delete = OnDelete::Delete;
    bench.profile.limits.max_deletes = Share::Count(0);
    bench.full();
    bench.world.look().people.remove("g-001");
    let run = bench.run(Faults::default(), |o| o.full = true);
    assert!(matches!(
        run.outcome.end,
        End::Braked(Brake::Deletes { .. })
    ));
}

#[test]
fn keeping_the_records_of_the_deleted_needs_no_brake() {
    let mut bench = linked_crowd(60);
    for n in 0..40 {
        bench.world.look().people.remove(&format!("g-{n:03}"));
    }
    assert_eq!(bench.full().writes, vec![]);
}

// ---- dry runs and single people

#[test]
fn a_dry_run_tells_the_same_and_touches_nothing() {
    for full in [false, true] {
        let mut bench = linked_crowd(30);
        bench.edit("g-001", |p| {
            p.named("New");
        });
        bench.edit("g-002", |p| p.dnd = true);
        bench.edit("g-003", |p| p.mute = true);
        bench.sync();
        // Somebody is waited for, and gone meanwhile.
        bench.world.look().people.remove("g-003");
        bench.edit("g-004", |p| {
            p.named("Newer").dnd = true;
        });
        {
            let mut world = bench.world.look();
            world.person("g-new", "new@example.com").dnd = true;
            world.person("g-bad", "nobody");
            world
                .person("g-odd", "odd@example.com")
                .values
                .insert("custom.score".to_owned(), text("many"));
        }
        let before = bench.snapshot();
        let dry = bench
            .run(Faults::default(), |o| {
                o.dry_run = true;
                o.full = full;
            })
            .complete();
        assert_eq!(dry.writes, vec![]);
        assert_eq!(bench.snapshot(), before, "full: {full}");
        let mut wet = bench.run(Faults::default(), |o| o.full = full).complete();
        assert_eq!(dry.people(), wet.people());
        // What a dry run would write by field and list is counted from its plan, for a report.
        assert_eq!(dry.outcome.tally.changes, Changes::default());
        wet.outcome.tally.changes = Changes::default();
        assert_eq!(dry.outcome.tally, wet.outcome.tally);
        assert_eq!(dry.reasons(), wet.reasons());
    }
}

#[test]
fn a_dry_run_of_a_fresh_profile_leaves_no_file() {
    let mut bench = Bench::new();
    crowd(&bench, 5);
    let run = bench
        .run(Faults::default(), |o| o.dry_run = true)
        .complete();
    assert_eq!(run.outcome.planned.creates, 5);
    assert_eq!(run.people(), [5, 0, 0, 0, 0, 0]);
    assert!(!bench.state_path().exists());
}

#[test]
fn only_the_people_asked_for_are_looked_at() {
    let mut bench = linked_crowd(5);
    bench.world.look().clock += 3_600_000;
    for n in 0..5 {
        bench.edit(&format!("g-{n:03}"), |p| {
            p.named("New");
        });
    }
    {
        let mut world = bench.world.look();
        world.person("g-new", "New@example.com");
        world.record("by-hand", "new@example.com").unsubscribed = true;
    }
    let run = bench.only(&["g-001", "P2@example.com", "new@example.com", "g-none"]);
    assert_eq!(run.people(), [0, 2, 1, 0, 1, 0]);
    assert_eq!(run.reasons(), [("g-none", "not_found")]);
    assert_eq!(run.count(Op::GhlList) + run.count(Op::List), 0);
    assert_eq!(bench.record("g-001").name(), "New");
    assert_eq!(bench.record("g-002").name(), "New");
    assert_eq!(bench.record("g-003").name(), "P3");
    assert_eq!(bench.linked("g-new").unwrap().0, "by-hand");
    // It does not stand in for a run over everybody.
    bench.sync();
    assert_eq!(bench.record("g-003").name(), "New");
    // A record that is gone is noticed here too.
    let (id, _) = bench.linked("g-004").unwrap();
    bench.world.look().records.remove(&id);
    let run = bench.only(&["g-004"]);
    assert_eq!(run.reasons(), [("g-004", "deleted_in_bigmailer")]);
    assert_eq!(bench.full().writes, vec![]);
}

// ---- creating while reading

/// A first run over `people`, with and without creating early; everything but the ids must agree.
fn early_and_late(fill: impl Fn(&Bench)) -> (Bench, Vec<[u64; 6]>) {
    let mut ends = Vec::new();
    let mut last = None;
    for early_from in [None, Some(2)] {
        let mut bench = Bench::new();
        // More pages than are read ahead, so that most of them come while creations are under way.
        bench.world.look().page = 1;
        bench.world.look().brand_first = early_from.is_some();
        fill(&bench);
        bench.early_from = early_from;
        bench.batch_size = Some(3);
        let run = bench.sync();
        bench.world.look().brand_first = false;
        assert_eq!(run.count(Op::Get), 0, "what was just made needs no look");
        for again in [bench.sync(), bench.full()] {
            // Whoever was refused is tried again.
            let writes = again.writes.iter().filter(|w| !w.1.starts_with("bad"));
            assert_eq!(
                writes.count(),
                0,
                "early: {early_from:?} {:?}",
                again.writes
            );
        }
        let mut records: Vec<_> = bench.world.look().records.clone().into_values().collect();
        records.sort_by(|a, b| a.email.cmp(&b.email));
        for record in &mut records {
            record.created = 0;
            record.maker = super::world::Maker::Hand;
        }
        let people = bench.world.look().people.clone();
        let mut links = Vec::new();
        for id in people.keys() {
            links.push((id.clone(), bench.linked(id).map(|(_, r)| r.email)));
        }
        ends.push((records, links, run.people(), run.reasons().len()));
        last = Some(bench);
    }
    assert_eq!(ends[0].0, ends[1].0);
    assert_eq!(ends[0].1, ends[1].1);
    let (late, early) = (ends[0].2, ends[1].2);
    // Whoever was created early and changed at the end is created, not created and updated.
    assert_eq!(
        late.iter().sum::<u64>(),
        early.iter().sum::<u64>(),
        "{late:?} {early:?}"
    );
    assert_eq!(late[3..], early[3..]);
    assert_eq!(ends[0].3, ends[1].3);
    (last.unwrap(), vec![late, early])
}

#[test]
fn creating_while_reading_ends_the_same() {
    let (_, people) = early_and_late(|bench| crowd(bench, 30));
    assert_eq!(people[0], [30, 0, 0, 0, 0, 0]);
    assert_eq!(people[1], [30, 0, 0, 0, 0, 0]);
}

#[test]
fn creating_while_reading_puts_duplicates_right() {
    // Three people of one address come in this order; which is the earliest and which is opted out
    // differs, and one has a value that cannot be used.
    let ids = ["g-000", "g-015", "z-late"];
    for first in ids {
        for blocked in ids {
            let (bench, _) = early_and_late(|bench| {
                crowd(bench, 30);
                let mut world = bench.world.look();
                world.out_of_order = true;
                world.person("z-late", "P0@example.com").named("Late");
                let twin = world.people.get_mut("g-015").unwrap();
                twin.email = Some("p0@example.com".to_owned());
                let odd = world.people.get_mut("g-000").unwrap();
                odd.values.insert("custom.score".to_owned(), text("odd"));
                world.people.get_mut(first).unwrap().created = 1;
                world.people.get_mut(blocked).unwrap().dnd = true;
            });
            assert!(bench.record(first).unsubscribed);
            for other in ids.iter().filter(|id| **id != first) {
                assert!(bench.linked(other).is_none());
            }
        }
    }
}

#[test]
fn creating_while_reading_names_whoever_failed() {
    let (_, people) = early_and_late(|bench| {
        crowd(bench, 30);
        let mut world = bench.world.look();
        world.people.get_mut("g-003").unwrap().email = Some("bad3@example.com".to_owned());
        world.people.get_mut("g-004").unwrap().email = None;
        let odd = world.people.get_mut("g-005").unwrap();
        odd.values.insert("custom.score".to_owned(), text("odd"));
        world.people.get_mut("g-006").unwrap().tagged("internal");
    });
    assert_eq!(people[1], [26, 0, 0, 2, 2, 0]);
}

#[test]
fn creating_while_reading_needs_a_service_that_refuses_duplicates() {
    let mut bench = Bench::new();
    crowd(&bench, 30);
    bench.world.look().refuses_duplicates = false;
    bench.early_from = Some(2);
    let run = bench.sync();
    assert_eq!(run.people(), [30, 0, 0, 0, 0, 0]);
    assert_eq!(run.count(Op::Submit), 1);
}

// ---- what random worlds showed

#[test]
fn a_tombstone_outlives_what_others_do_with_its_address() {
    let mut bench = linked_crowd(3);
    let (id, _) = bench.linked("g-000").unwrap();
    bench.world.look().records.remove(&id);
    bench.full();
    // A later contact moves to the address without its record following: it is a duplicate.
    bench.edit("g-001", |p| p.email = Some("p0@example.com".to_owned()));
    bench.sync();
    // Another one, earlier than the deleted one, really takes the address.
    bench.edit("g-002", |p| {
        p.email = Some("p0@example.com".to_owned());
        p.created = 1;
    });
    bench.sync();
    assert_eq!(bench.record("g-002").email, "p0@example.com");
    // Wherever the deleted one goes now, it is not made again.
    bench.edit("g-000", |p| p.email = Some("new@example.com".to_owned()));
    let run = bench.sync();
    assert_eq!(run.reasons()[0], ("g-000", "deleted_in_bigmailer"));
    assert_eq!(bench.full().writes, vec![]);
    assert_eq!(bench.world.look().records.len(), 2);
}

#[test]
fn a_deletion_bars_the_address_for_a_twin_looked_at_in_the_same_run() {
    // The record is gone, its contact is there or gone too, and somebody else has the address.
    for contact_gone in [false, true] {
        let mut bench = linked_crowd(3);
        let (id, _) = bench.linked("g-000").unwrap();
        {
            let mut world = bench.world.look();
            world.records.remove(&id);
            world.person("g-new", "p0@example.com").created = 1;
            if contact_gone {
                world.people.remove("g-000");
            }
        }
        let run = bench.full();
        assert_eq!(run.writes, vec![], "contact gone: {contact_gone}");
        assert!(bench.linked("g-new").is_none());
        assert_eq!(bench.full().writes, vec![]);
    }
}

#[test]
fn a_twin_keeps_the_record_of_the_deleted_though_bigmailer_listed_only_a_part() {
    let mut bench = linked_crowd(4);
    bench.profile.sync.on_ghl_delete = OnDelete::Unsubscribe;
    bench.full();
    let (id, _) = bench.linked("g-003").unwrap();
    {
        let mut world = bench.world.look();
        world.page = 1;
        world.people.remove("g-003");
        world.person("g-new", "p3@example.com").named("Twin");
    }
    let halved = Faults {
        halved: vec![Side::Bigmailer],
        ..Faults::default()
    };
    bench.run(halved, |o| o.full = true).complete();
    assert_eq!(bench.linked("g-new").unwrap().0, id);
    let record = bench.record("g-new");
    assert!(!record.unsubscribed);
    assert_eq!(record.name(), "Twin");
}

#[test]
fn the_record_of_a_vanished_contact_that_is_deleted_is_let_go() {
    let mut bench = linked_crowd(25);
    bench.profile.sync.on_ghl_delete = OnDelete::Unsubscribe;
    bench.full();
    let (id, _) = bench.linked("g-001").unwrap();
    bench.world.look().people.remove("g-001");
    bench.full();
    {
        let mut world = bench.world.look();
        world.records.remove(&id);
        world.person("g-new", "p1@example.com").named("Twin");
    }
    bench.sync();
    for _ in 0..2 {
        assert_eq!(bench.full().writes, vec![]);
    }
    assert!(bench.linked("g-new").is_none());
}

#[test]
fn a_record_stays_linked_until_its_successor_has_it() {
    let mut bench = linked_crowd(3);
    let (id, _) = bench.linked("g-001").unwrap();
    {
        let mut world = bench.world.look();
        world
            .person("g-new", "p1@example.com")
            .named("poison")
            .created = 1;
    }
    bench.edit("g-001", |p| p.dnd = true);
    let run = bench.sync();
    assert_eq!(run.outcome.tally.people.failed, 1);
    assert_eq!(bench.linked("g-001").unwrap().0, id);
    assert!(bench.record("g-001").unsubscribed, "the opt-out went over");
    bench.edit("g-new", |p| {
        p.named("Heir");
    });
    bench.sync();
    assert_eq!(bench.linked("g-new").unwrap().0, id);
    assert_eq!(bench.record("g-new").name(), "Heir");
    assert!(bench.linked("g-001").is_none());
}
