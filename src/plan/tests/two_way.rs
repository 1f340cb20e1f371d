//! Tables for rules that go to HighLevel or both ways, then the promises as properties of random
//! triples of both directions.

use super::*;
use crate::mapping::{Conflict, Profile};

fn flow(direction: Direction, conflict: Conflict) -> Flow {
    Flow {
        direction,
        conflict,
    }
}

/// Everything both ways, HighLevel winning.
fn both_ways() -> Policy {
    let flow = flow(Direction::Both, Conflict::Ghl);
    let mut policy = policy();
    policy.address = flow;
    policy.fields.iter_mut().for_each(|f| f.flow = flow);
    policy
        .lists
        .iter_mut()
        .for_each(|l| l.direction = Direction::Both);
    policy.create_in_ghl = true;
    policy.consent_to_ghl = true;
    policy
}

fn with_direction(direction: Direction) -> Policy {
    let mut policy = both_ways();
    policy.address.direction = direction;
    policy
        .fields
        .iter_mut()
        .for_each(|f| f.flow.direction = direction);
    policy
        .lists
        .iter_mut()
        .for_each(|l| l.direction = direction);
    policy
}

/// A record as read for rules that look at it.
fn read(mut mirror: Mirror) -> Mirror {
    mirror.meant = mirror.fields.iter().cloned().map(Cell::Value).collect();
    mirror
}

fn present(mirror: &Mirror) -> Target {
    Target::Present(read(mirror.clone()))
}

fn agreed(policy: &Policy) -> Base {
    decide(policy, &ada(), &present(&her_mirror()), None)
        .base
        .unwrap()
}

fn ghl_update(decision: &Decision) -> Update {
    match &decision.ghl {
        Action::Update { id, update } => {
            assert_eq!(id, "g-1");
            update.clone()
        }
        Action::Nothing => Update::default(),
        other => panic!("not an update: {other:?}"),
    }
}

/// The contact after HighLevel carried out an update.
fn after_here(policy: &Policy, source: &Source, update: &Update) -> Source {
    let mut source = source.clone();
    if let Some(email) = &update.email {
        source.address = Address::Usable(email.clone());
    }
    for (index, field) in policy.fields.iter().enumerate() {
        for (key, value) in &update.set {
            if *key == field.ghl {
                source.fields[index] = Cell::Value(Some(value.clone()));
            }
        }
        if update.clear.iter().any(|(key, _)| *key == field.ghl) {
            source.fields[index] = Cell::Value(None);
        }
    }
    for (index, list) in policy.lists.iter().enumerate() {
        if let Some(tag) = &list.tag {
            source.lists[index] |= update.join.contains(tag);
            source.lists[index] &= !update.leave.contains(tag);
        }
    }
    source.blocked |= update.opt_out.is_some();
    source.by_another &= update.opt_out.is_none();
    source
}

/// Base once both writes of a decision are confirmed.
fn settled(decision: &Decision) -> Option<Base> {
    let mut base = decision.base.clone()?;
    decision.ghl_patch.apply(&mut base);
    Some(base)
}

// ---- fields

#[test]
fn a_field_both_ways_follows_whoever_moved() {
    // (HighLevel, BigMailer, base: none or a value) → what becomes of it under each policy
    #[derive(Debug, PartialEq, Clone, Copy)]
    enum Goes {
        Nowhere,
        There,
        Here,
        ClearsThere,
        ClearsHere,
        Clash,
    }
    use Goes::*;
    let (a, b, c) = (Some(text("a")), Some(text("b")), Some(text("c")));
    let none: Option<FieldValue> = None;
    let table = [
        // First contact: what there is fills what there is not; two values are a conflict.
        (&a, &a, None, Nowhere),
        (&a, &none, None, There),
        (&none, &a, None, Here),
        (&none, &none, None, Nowhere),
        (&a, &b, None, Clash),
        // With a past.
        (&a, &a, Some(&a), Nowhere),
        (&b, &b, Some(&a), Nowhere),
        (&b, &a, Some(&a), There),
        (&a, &b, Some(&a), Here),
        (&none, &a, Some(&a), ClearsThere),
        (&a, &none, Some(&a), ClearsHere),
        (&none, &none, Some(&a), Nowhere),
        (&b, &c, Some(&a), Clash),
        (&none, &b, Some(&a), Clash),
        (&b, &none, Some(&a), Clash),
        (&b, &none, Some(&none), There),
        (&none, &b, Some(&none), Here),
        (&b, &c, Some(&none), Clash),
    ];
    for conflict in [Conflict::Ghl, Conflict::Bigmailer, Conflict::Hold] {
        let mut policy = both_ways();
        policy.fields[0].flow.conflict = conflict;
        for (row, (here, there, before, goes)) in table.iter().enumerate() {
            let mut source = ada();
            source.fields[0] = Cell::Value((*here).clone());
            let mut mirror = her_mirror();
            mirror.fields[0] = (*there).clone();
            let base = before.map(|before| {
                let mut base = agreed(&policy);
                base.fields.insert(FIRST.to_owned(), before.clone());
                base
            });
            let decision = decide(&policy, &source, &present(&mirror), base.as_ref());
            let (to, from) = (update_of(&decision), ghl_update(&decision));
            let expected = match (goes, conflict) {
                (Clash, Conflict::Ghl) if here.is_some() => There,
                (Clash, Conflict::Ghl) => ClearsThere,
                (Clash, Conflict::Bigmailer) if there.is_some() => Here,
                (Clash, Conflict::Bigmailer) => ClearsHere,
                (goes, _) => *goes,
            };
            let set = |key: &str, value: &Option<FieldValue>| {
                let value = value.clone().map(|v| (key.to_owned(), v));
                value.into_iter().collect::<Vec<_>>()
            };
            let nothing = Vec::new();
            let (set_there, cleared_there, set_here, cleared_here) = match expected {
                Nowhere | Clash => (nothing.clone(), nothing.clone(), nothing.clone(), nothing),
                There => (set(FIRST, here), nothing.clone(), nothing.clone(), nothing),
                Here => (
                    nothing.clone(),
                    nothing.clone(),
                    set("firstName", there),
                    nothing,
                ),
                ClearsThere => (nothing.clone(), set(FIRST, there), nothing.clone(), nothing),
                ClearsHere => (
                    nothing.clone(),
                    nothing.clone(),
                    nothing,
                    set("firstName", here),
                ),
            };
            let told = format!("row {row}, {conflict:?}");
            assert_eq!(to.set, set_there, "{told}");
            assert_eq!(to.clear, cleared_there, "{told}");
            assert_eq!(from.set, set_here, "{told}");
            assert_eq!(from.clear, cleared_here, "{told}");
            assert_eq!(decision.held.len(), usize::from(expected == Clash));
        }
    }
}

#[test]
fn a_held_field_holds_nothing_else_and_keeps_its_past() {
    let mut policy = both_ways();
    policy.fields[0].flow.conflict = Conflict::Hold;
    let base = agreed(&policy);
    let mut source = ada();
    source.fields = vec![
        Cell::Value(Some(text("Augusta"))),
        Cell::Value(Some(FieldValue::Integer(8))),
    ];
    let mut mirror = her_mirror();
    mirror.fields[0] = Some(text("A."));
    let decision = decide(&policy, &source, &present(&mirror), Some(&base));
    assert_eq!(
        decision.held,
        [Held {
            field: FIRST.to_owned(),
            ghl: Some(text("Augusta")),
            bigmailer: Some(text("A.")),
        }]
    );
    assert_eq!(
        update_of(&decision).set,
        [(SCORE.to_owned(), FieldValue::Integer(8))]
    );
    let after = settled(&decision).unwrap();
    assert_eq!(after.fields[FIRST], Some(text("Ada")));
    assert_eq!(after.fields[SCORE], Some(FieldValue::Integer(8)));
}

#[test]
fn a_ruling_is_carried_out_as_long_as_the_values_are_those_it_is_about() {
    let mut policy = both_ways();
    policy.fields[0].flow.conflict = Conflict::Hold;
    let base = agreed(&policy);
    let mut source = ada();
    source.fields[0] = Cell::Value(Some(text("Here")));
    let mut mirror = her_mirror();
    mirror.fields[0] = Some(text("There"));
    // (what was said) → (set in BigMailer, set in HighLevel)
    let table = [
        (Take::Ghl, Some("Here"), None),
        (Take::Bigmailer, None, Some("There")),
        (Take::Value(text("Here")), Some("Here"), None),
        (Take::Value(text("There")), None, Some("There")),
        (Take::Value(text("Third")), Some("Third"), Some("Third")),
    ];
    for (take, there, here) in table {
        let ruling = Ruling {
            field: FIRST.to_owned(),
            ghl: Some(text("Here")),
            bigmailer: Some(text("There")),
            take,
        };
        source.rulings = vec![ruling.clone()];
        let decision = decide(&policy, &source, &present(&mirror), Some(&base));
        let set = |key: &str, value: Option<&str>| {
            let value = value.map(|value| (key.to_owned(), text(value)));
            value.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(update_of(&decision).set, set(FIRST, there), "{ruling:?}");
        assert_eq!(
            ghl_update(&decision).set,
            set("firstName", here),
            "{ruling:?}"
        );
        assert_eq!(decision.ruled, [FIRST]);
        assert!(decision.held.is_empty());
        // Each of the two writes may be the only one that was confirmed; then the other follows.
        let after_there = after(&policy, &mirror, &update_of(&decision));
        let after_both = after_here(&policy, &source, &ghl_update(&decision));
        source.rulings.clear();
        let once = decide(
            &policy,
            &source,
            &present(&after_there),
            decision.base.as_ref(),
        );
        let wanted = here.or(there).unwrap();
        if there.is_some() {
            assert!(once.held.is_empty(), "{ruling:?}");
            assert_eq!(ghl_update(&once).set, set("firstName", here), "{ruling:?}");
        }
        let mut stored = base.clone();
        decision.ghl_patch.apply(&mut stored);
        let other = decide(&policy, &after_both, &present(&mirror), Some(&stored));
        if here.is_some() {
            assert_eq!(update_of(&other).set, set(FIRST, there), "{ruling:?}");
        }
        // Both confirmed: they agree.
        let end = decide(
            &policy,
            &after_both,
            &present(&after_there),
            settled(&decision).as_ref(),
        );
        assert_eq!(
            (&end.action, &end.ghl),
            (&Action::Nothing, &Action::Nothing)
        );
        assert_eq!(end.base.unwrap().fields[FIRST], Some(text(wanted)));
        // About other values, or another field, it says nothing.
        for strange in [
            Ruling {
                ghl: Some(text("Elsewhere")),
                ..ruling.clone()
            },
            Ruling {
                bigmailer: None,
                ..ruling.clone()
            },
            Ruling {
                field: SCORE.to_owned(),
                ..ruling.clone()
            },
        ] {
            source.rulings = vec![strange];
            let decision = decide(&policy, &source, &present(&mirror), Some(&base));
            assert_eq!(decision.held.len(), 1);
            assert!(decision.ruled.is_empty());
            assert_eq!(
                (&decision.action, &decision.ghl),
                (&Action::Nothing, &Action::Nothing)
            );
        }
    }
}

#[test]
fn the_opt_out_of_a_twin_reaches_the_contact_itself_once() {
    let policy = both_ways();
    let mut source = ada();
    source.blocked = true;
    source.by_another = true;
    let base = agreed(&policy);
    for base in [None, Some(&base)] {
        let decision = decide(&policy, &source, &present(&her_mirror()), base);
        assert_eq!(update_of(&decision).opt_out, Some(Block::Dnd));
        assert_eq!(ghl_update(&decision).opt_out, Some(Block::Dnd));
        // Lifted by hand while the twin stays blocked: left alone.
        let mut mirror = her_mirror();
        mirror.unsubscribed = true;
        let again = decide(
            &policy,
            &source,
            &present(&mirror),
            settled(&decision).as_ref(),
        );
        assert_eq!(
            (&again.action, &again.ghl),
            (&Action::Nothing, &Action::Nothing)
        );
    }
    // Nobody is told where nothing travels there.
    let mut policy = policy;
    policy.consent_to_ghl = false;
    let decision = decide(&policy, &source, &present(&her_mirror()), Some(&base));
    assert_eq!(decision.ghl, Action::Nothing);
}

#[test]
fn a_field_to_highlevel_follows_bigmailer_alone() {
    let policy = with_direction(Direction::ToGhl);
    let base = agreed(&policy);
    // Edited in BigMailer: travels. Edited in HighLevel: put right.
    for (here, there) in [("Ada", "Augusta"), ("Augusta", "Ada")] {
        let mut source = ada();
        source.fields[0] = Cell::Value(Some(text(here)));
        let mut mirror = her_mirror();
        mirror.fields[0] = Some(text(there));
        let decision = decide(&policy, &source, &present(&mirror), Some(&base));
        assert_eq!(decision.action, Action::Nothing);
        assert_eq!(
            ghl_update(&decision).set,
            [("firstName".to_owned(), text(there))]
        );
    }
    // Emptied in BigMailer, which had filled it.
    let mut mirror = her_mirror();
    mirror.fields[0] = None;
    let decision = decide(&policy, &ada(), &present(&mirror), Some(&base));
    assert_eq!(
        ghl_update(&decision).clear,
        [("firstName".to_owned(), text("Ada"))]
    );
    // Never filled by BigMailer: left alone.
    let decision = decide(&policy, &ada(), &present(&mirror), None);
    assert_eq!(decision.ghl, Action::Nothing);
    // A value here that no rule can read is not what BigMailer has.
    let mut source = ada();
    source.fields[0] = Cell::Bad;
    let decision = decide(&policy, &source, &present(&her_mirror()), Some(&base));
    assert_eq!(
        ghl_update(&decision).set,
        [("firstName".to_owned(), text("Ada"))]
    );
}

#[test]
fn a_record_that_was_not_read_decides_nothing_for_highlevel() {
    for policy in [both_ways(), with_direction(Direction::ToGhl)] {
        let base = agreed(&policy);
        let mut source = ada();
        source.fields[0] = Cell::Value(Some(text("Augusta")));
        source.lists = vec![false, true];
        let decision = decide(&policy, &source, &believed(), Some(&base));
        assert_eq!(decision.ghl, Action::Nothing);
        assert_eq!(decision.action, Action::Nothing);
        assert_eq!(settled(&decision), Some(base));
    }
}

// ---- lists and tags

#[test]
fn a_membership_and_its_tag_follow_whoever_moved() {
    // (tag, member, base) → (join, leave, tag, untag)
    let nothing = (false, false, false, false);
    let join = (true, false, false, false);
    let leave = (false, true, false, false);
    let tag = (false, false, true, false);
    let untag = (false, false, false, true);
    let table = [
        (false, false, None, nothing),
        (true, true, None, nothing),
        (true, false, None, join),
        (false, true, None, tag),
        (true, true, Some(true), nothing),
        (true, false, Some(true), untag),
        (false, true, Some(true), leave),
        (false, false, Some(true), nothing),
        (true, true, Some(false), nothing),
        (true, false, Some(false), join),
        (false, true, Some(false), tag),
        (false, false, Some(false), nothing),
    ];
    let policy = both_ways();
    for (tagged, member, before, expected) in table {
        let mut source = ada();
        source.lists[1] = tagged;
        let mut mirror = her_mirror();
        mirror.lists[1] = member;
        let base = before.map(|yes| {
            let mut base = agreed(&policy);
            base.lists.insert("l-2".to_owned(), yes);
            base
        });
        let decision = decide(&policy, &source, &present(&mirror), base.as_ref());
        let (to, from) = (update_of(&decision), ghl_update(&decision));
        let got = (
            to.join == ["l-2"],
            to.leave == ["l-2"],
            from.join == ["two"],
            from.leave == ["two"],
        );
        assert_eq!(got, expected, "tag {tagged}, member {member}, {before:?}");
        let now = settled(&decision).unwrap().lists["l-2"];
        assert_eq!(now, (tagged || got.2) && !got.3);
    }
}

#[test]
fn a_tag_that_no_membership_gave_stays() {
    let policy = with_direction(Direction::ToGhl);
    let mut mirror = her_mirror();
    mirror.lists = vec![false, false];
    // First contact, and a past in which nobody was on the list.
    let mut base = agreed(&policy);
    base.lists.insert("l-1".to_owned(), false);
    for base in [None, Some(&base)] {
        let decision = decide(&policy, &ada(), &present(&mirror), base);
        assert_eq!(decision.ghl, Action::Nothing);
    }
    let base = agreed(&policy);
    let decision = decide(&policy, &ada(), &present(&mirror), Some(&base));
    assert_eq!(ghl_update(&decision).leave, ["one"]);
}

// ---- consent

#[test]
fn an_opt_out_in_bigmailer_becomes_do_not_disturb_once() {
    let policy = both_ways();
    let base = agreed(&policy);
    let unsubscribed = |m: &mut Mirror| m.unsubscribed = true;
    let bounced = |m: &mut Mirror| m.barred = Some(Block::HardBounce);
    let complained = |m: &mut Mirror| m.barred = Some(Block::Complaint);
    type Spoil = fn(&mut Mirror);
    let cases: [(Spoil, Block); 3] = [
        (unsubscribed, Block::Unsubscribed),
        (bounced, Block::HardBounce),
        (complained, Block::Complaint),
    ];
    for (spoil, why) in cases {
        let mut mirror = her_mirror();
        spoil(&mut mirror);
        for base in [None, Some(&base)] {
            let decision = decide(&policy, &ada(), &present(&mirror), base);
            let expected = Update {
                opt_out: Some(why),
                ..Update::default()
            };
            assert_eq!(ghl_update(&decision), expected);
            assert_eq!(decision.action, Action::Nothing);
            // Not confirmed yet: still news.
            let again = decide(&policy, &ada(), &present(&mirror), decision.base.as_ref());
            assert_eq!(again.ghl, decision.ghl);
            // Confirmed: it does not come back, neither as an unsubscribe nor as news.
            let mut blocked = ada();
            blocked.blocked = true;
            let base = settled(&decision).unwrap();
            let again = decide(&policy, &blocked, &present(&mirror), Some(&base));
            assert_eq!(
                (&again.action, &again.ghl),
                (&Action::Nothing, &Action::Nothing)
            );
            assert!(!again.opt_in_elsewhere, "{why:?}");
            // Opted in again in HighLevel by hand: left, and said so, once.
            let again = decide(&policy, &ada(), &present(&mirror), Some(&base));
            assert_eq!(
                (&again.action, &again.ghl),
                (&Action::Nothing, &Action::Nothing)
            );
            assert!(again.opt_in_elsewhere);
            let later = decide(&policy, &ada(), &present(&mirror), settled(&again).as_ref());
            assert_eq!(later.ghl, Action::Nothing);
        }
    }
}

#[test]
fn a_second_kind_of_opt_out_is_news_again() {
    // Bounced, became do-not-disturb, was lifted there by hand; then the person unsubscribes.
    let policy = both_ways();
    let mut mirror = her_mirror();
    mirror.barred = Some(Block::HardBounce);
    let base = Base {
        consent: Some(ConsentBase {
            ghl_blocked: false,
            unsubscribed: false,
            barred: true,
        }),
        ..agreed(&policy)
    };
    let decision = decide(&policy, &ada(), &present(&mirror), Some(&base));
    assert_eq!(decision.ghl, Action::Nothing);
    mirror.unsubscribed = true;
    let decision = decide(&policy, &ada(), &present(&mirror), Some(&base));
    assert_eq!(ghl_update(&decision).opt_out, Some(Block::Unsubscribed));
}

#[test]
fn consent_reaches_highlevel_whatever_else_keeps_the_contact_out() {
    let policy = both_ways();
    let base = agreed(&policy);
    let mut mirror = her_mirror();
    mirror.unsubscribed = true;
    let changes: [fn(&mut Source); 4] = [
        |s| s.in_scope = false,
        |s| s.address = Address::None,
        |s| s.address = Address::Invalid,
        |s| s.duplicate = true,
    ];
    for change in changes {
        let mut source = ada();
        change(&mut source);
        let decision = decide(&policy, &source, &present(&mirror), Some(&base));
        assert_eq!(ghl_update(&decision).opt_out, Some(Block::Unsubscribed));
    }
}

#[test]
fn a_profile_creates_only_where_it_writes() {
    for direction in [Direction::ToBigmailer, Direction::ToGhl, Direction::Both] {
        for (there, here) in [(true, true), (true, false), (false, true), (false, false)] {
            let mut profile = Profile::new("p", "L", "B");
            profile.sync.direction = direction;
            profile.sync.create_in_bigmailer = there;
            profile.sync.create_in_ghl = here;
            let policy = Policy::of(&profile, Vec::new(), Vec::new(), None);
            assert_eq!(policy.create, there && direction != Direction::ToGhl);
            assert_eq!(
                policy.create_in_ghl,
                here && direction != Direction::ToBigmailer
            );
        }
    }
}

#[test]
fn each_reason_to_look_at_bigmailer_is_enough() {
    assert!(!policy().reads_bigmailer());
    let reasons: [fn(&mut Policy); 7] = [
        |p| p.address.direction = Direction::ToGhl,
        |p| p.create_in_ghl = true,
        |p| p.consent_to_ghl = true,
        |p| p.watches_opt_outs = true,
        |p| p.notes.push("NOTES".to_owned()),
        |p| p.fields[1].flow.direction = Direction::Both,
        |p| p.lists[1].direction = Direction::ToGhl,
    ];
    for (index, reason) in reasons.iter().enumerate() {
        let mut policy = policy();
        reason(&mut policy);
        assert!(policy.reads_bigmailer(), "reason {index}");
    }
}

// ---- addresses and strangers

#[test]
fn an_address_both_ways_follows_whoever_moved() {
    let mut policy = both_ways();
    let base = agreed(&policy);
    let usable = |email: &str| Address::Usable(email.to_owned());
    let mut source = ada();
    source.address = usable("new@example.com");
    let decision = decide(&policy, &source, &present(&her_mirror()), Some(&base));
    assert_eq!(
        update_of(&decision).email.as_deref(),
        Some("new@example.com")
    );
    let mut mirror = her_mirror();
    mirror.email = "there@example.com".to_owned();
    let decision = decide(&policy, &ada(), &present(&mirror), Some(&base));
    assert_eq!(
        ghl_update(&decision).email.as_deref(),
        Some("there@example.com")
    );
    assert_eq!(decision.base.as_ref().unwrap().email, "ada@example.com");
    assert_eq!(settled(&decision).unwrap().email, "there@example.com");
    for (conflict, to, from, held) in [
        (Conflict::Ghl, Some("new@example.com"), None, 0),
        (Conflict::Bigmailer, None, Some("there@example.com"), 0),
        (Conflict::Hold, None, None, 1),
    ] {
        policy.address.conflict = conflict;
        let decision = decide(&policy, &source, &present(&mirror), Some(&base));
        assert_eq!(update_of(&decision).email.as_deref(), to);
        assert_eq!(ghl_update(&decision).email.as_deref(), from);
        assert_eq!(decision.held.len(), held);
    }
}

#[test]
fn an_address_lost_in_highlevel_comes_back_where_bigmailer_leads() {
    let mut source = ada();
    source.address = Address::None;
    let policy = with_direction(Direction::ToGhl);
    let decision = decide(
        &policy,
        &source,
        &present(&her_mirror()),
        Some(&agreed(&policy)),
    );
    assert_eq!(
        ghl_update(&decision).email.as_deref(),
        Some("ada@example.com")
    );
    let policy = both_ways();
    let decision = decide(
        &policy,
        &source,
        &present(&her_mirror()),
        Some(&agreed(&policy)),
    );
    assert_eq!(decision.skip, Some(Skip::NoEmail));
    assert_eq!(decision.ghl, Action::Nothing);
}

#[test]
fn a_stranger_is_created_with_what_goes_to_highlevel() {
    let mut policy = both_ways();
    policy.fields[1].flow.direction = Direction::ToBigmailer;
    policy.lists[1].direction = Direction::ToBigmailer;
    let mut mirror = read(her_mirror());
    mirror.lists = vec![true, true];
    let decision = decide_stranger(&policy, &mirror);
    let create = Create {
        email: "ada@example.com".to_owned(),
        values: vec![("firstName".to_owned(), text("Ada"))],
        lists: vec!["one".to_owned()],
        opted_out: None,
    };
    assert_eq!(decision.ghl, Action::Create(create.clone()));
    assert_eq!(decision.action, Action::Nothing);
    let base = decision.base.unwrap();
    assert_eq!(base.fields.len(), 1);
    assert_eq!(base.lists.len(), 1);

    // Opted out there: created so, or not at all.
    mirror.barred = Some(Block::Complaint);
    let decision = decide_stranger(&policy, &mirror);
    let opted_out = Some(Block::Complaint);
    assert_eq!(
        decision.ghl,
        Action::Create(Create {
            opted_out,
            ..create
        })
    );
    policy.create_opted_out = false;
    assert_eq!(decide_stranger(&policy, &mirror).skip, Some(Skip::OptedOut));
    mirror.barred = None;
    mirror.meant[0] = Cell::Value(None);
    assert_eq!(decide_stranger(&policy, &mirror).skip, Some(Skip::NoName));
    // A company is no name of a person.
    let mut company = policy.clone();
    company.fields[0].ghl = "companyName".to_owned();
    let mut works = mirror.clone();
    works.meant[0] = Cell::Value(Some(text("Engines")));
    assert_eq!(decide_stranger(&company, &works).skip, Some(Skip::NoName));
    policy.create_in_ghl = false;
    assert_eq!(decide_stranger(&policy, &mirror), Decision::default());
}

// ---- properties

fn directions() -> impl Strategy<Value = Direction> {
    prop_oneof![
        2 => Just(Direction::Both),
        1 => Just(Direction::ToGhl),
        1 => Just(Direction::ToBigmailer),
    ]
}

fn flows() -> impl Strategy<Value = Flow> {
    let conflict = prop_oneof![
        Just(Conflict::Ghl),
        Just(Conflict::Bigmailer),
        Just(Conflict::Hold)
    ];
    (directions(), conflict).prop_map(|(direction, conflict)| flow(direction, conflict))
}

prop_compose! {
    fn any_policy()(
        base in policies(), address in flows(), first in flows(), second in flows(),
        one in directions(), two in directions(), consent in any::<bool>(), create in any::<bool>(),
    ) -> Policy {
        let mut policy = Policy { address, consent_to_ghl: consent, create_in_ghl: create, ..base };
        for (field, flow) in policy.fields.iter_mut().zip([first, second]) {
            field.flow = flow;
        }
        for (list, direction) in policy.lists.iter_mut().zip([one, two]) {
            list.direction = direction;
        }
        policy
    }
}

prop_compose! {
    fn any_mirror()(
        mirror in mirrors(), bad in prop::option::weighted(0.1, 0usize..2),
        barred in prop_oneof![3 => Just(None), 1 => Just(Some(Block::HardBounce)), 1 => Just(Some(Block::Complaint))],
    ) -> Mirror {
        let mut mirror = read(Mirror { barred, ..mirror });
        if let Some(bad) = bad {
            mirror.meant[bad] = Cell::Bad;
        }
        mirror
    }
}

prop_compose! {
    fn any_base()(base in bases(), barred in any::<bool>()) -> Base {
        let consent = base.consent.map(|c| ConsentBase { barred, ..c });
        Base { consent, ..base }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3000) })]

    #[test]
    fn promise_1_fresh_opt_outs_go_over_both_ways(policy in any_policy(), source in sources(), mirror in any_mirror(), base in prop::option::of(any_base())) {
        let decision = decide(&policy, &source, &Target::Present(mirror.clone()), base.as_ref());
        let before = base.as_ref().and_then(|b| b.consent).unwrap_or_default();
        let linked = base.is_some() || first_reason(&source).is_none();
        let fresh_here = source.blocked && !before.ghl_blocked;
        let fresh_there = mirror.unsubscribed && !before.unsubscribed || mirror.barred.is_some() && !before.barred;
        if linked && policy.consent_to_bigmailer && fresh_here {
            prop_assert!(mirror.unsubscribed || update_of(&decision).opt_out.is_some());
        }
        if linked && policy.consent_to_ghl && fresh_there {
            prop_assert!(source.blocked || ghl_update(&decision).opt_out.is_some());
        }
        // What is not confirmed yet is not remembered as told.
        if let (true, Some(base)) = (ghl_update(&decision).opt_out.is_some(), &decision.base) {
            let again = decide(&policy, &source, &Target::Present(mirror), Some(base));
            prop_assert_eq!(ghl_update(&again).opt_out, ghl_update(&decision).opt_out);
        }
    }

    #[test]
    fn promise_2_highlevel_gets_only_what_rules_send_there(policy in any_policy(), source in sources(), mirror in any_mirror(), base in prop::option::of(any_base())) {
        let decision = decide(&policy, &source, &Target::Present(mirror.clone()), base.as_ref());
        let sends = |key: &String| policy.fields.iter().any(|f| f.ghl == *key && f.flow.direction.to_ghl());
        let tags = |tag: &String| policy.lists.iter().any(|l| l.tag.as_ref() == Some(tag) && l.direction.to_ghl());
        let receives = |tag: &String| policy.id_field.as_ref() == Some(tag)
            || policy.fields.iter().any(|f| f.tag == *tag && f.flow.direction.to_bigmailer());
        let update = ghl_update(&decision);
        prop_assert!(update.set.iter().chain(&update.clear).all(|(key, _)| sends(key)));
        prop_assert!(update.join.iter().chain(&update.leave).all(tags));
        prop_assert!(update.email.is_none() || policy.address.direction.to_ghl());
        prop_assert!(update.opt_out.is_none() || policy.consent_to_ghl);
        let there = update_of(&decision);
        prop_assert!(there.set.iter().chain(&there.clear).all(|(tag, _)| receives(tag)));
        if let Action::Create(create) = decide_stranger(&policy, &mirror).ghl {
            prop_assert!(create.values.iter().all(|(key, _)| sends(key)));
            prop_assert!(create.lists.iter().all(tags));
            prop_assert_eq!(create.opted_out.is_some(), mirror.unsubscribed || mirror.barred.is_some());
        }
    }

    #[test]
    fn promise_3_both_ways_carried_out_leave_nothing_to_do(policy in any_policy(), source in sources(), mirror in any_mirror(), base in prop::option::of(any_base())) {
        let first = decide(&policy, &source, &Target::Present(mirror.clone()), base.as_ref());
        let there = after(&policy, &mirror, &update_of(&first));
        let mut there = Mirror { meant: there.fields.iter().cloned().map(Cell::Value).collect(), ..there };
        for (index, meant) in mirror.meant.iter().enumerate() {
            if *meant == Cell::Bad && there.fields[index] == mirror.fields[index] {
                there.meant[index] = Cell::Bad;
            }
        }
        let mut here = after_here(&policy, &source, &ghl_update(&first));
        // Whoever had no address shared it with nobody.
        here.duplicate &= source.address.key().is_some();
        let base = settled(&first);
        let second = decide(&policy, &here, &Target::Present(there.clone()), base.as_ref());
        prop_assert_eq!(&second.action, &Action::Nothing);
        prop_assert_eq!(&second.ghl, &Action::Nothing);
        prop_assert_eq!(&second.held, &first.held);
        prop_assert_eq!(settled(&second), base);
        // Both sides agree on what travels both ways, but for what waits or cannot be used.
        if second.skip.is_none() && second.base.is_some() {
            for (index, field) in policy.fields.iter().enumerate() {
                let waits = second.held.iter().any(|h| h.field == field.tag);
                let bad = matches!(here.fields[index], Cell::Bad | Cell::Unread)
                    || there.meant[index] == Cell::Bad;
                if field.flow.direction == Direction::Both && !waits && !bad {
                    prop_assert_eq!(&here.fields[index], &there.meant[index]);
                }
            }
            for (index, list) in policy.lists.iter().enumerate() {
                if list.direction == Direction::Both && !here.unread_lists.contains(&index) {
                    prop_assert_eq!(here.lists[index], there.lists[index]);
                }
            }
        }
    }

    #[test]
    fn promise_4_either_write_may_be_confirmed_first(policy in any_policy(), source in sources(), mirror in any_mirror(), base in any_base()) {
        let decision = decide(&policy, &source, &Target::Present(mirror.clone()), Some(&base));
        let Some(next) = &decision.base else { return Ok(()) };
        // HighLevel's first, then BigMailer's onto what is stored by then.
        let mut other = base.clone();
        other.fields.retain(|tag, _| policy.names_field(tag));
        other.lists.retain(|id, _| policy.names_list(id));
        let patch = Patch::between(&other, next);
        decision.ghl_patch.apply(&mut other);
        patch.apply(&mut other);
        let mut both = settled(&decision).unwrap();
        if both.consent.is_none() {
            other.consent = None;
        }
        // An address is the one thing that either write may bring.
        if decision.ghl_patch.email.is_some() {
            both.email.clone_from(&other.email);
        }
        prop_assert_eq!(other, both);
        // With only BigMailer's confirmed, HighLevel's is still asked for.
        let there = after(&policy, &mirror, &update_of(&decision));
        let meant = there.fields.iter().cloned().map(Cell::Value).collect();
        let again = decide(&policy, &source, &Target::Present(Mirror { meant, ..there }), Some(next));
        let asked = ghl_update(&again);
        for (key, value) in &ghl_update(&decision).set {
            prop_assert!(asked.set.contains(&(key.clone(), value.clone())));
        }
    }

    #[test]
    fn what_is_remembered_of_consent_can_be_told_apart(from in any_base(), to in any_base()) {
        let whole = Patch::between(&from, &to);
        let (consent, rest) = whole.clone().split_consent();
        let patched = |patches: &[&Patch]| {
            let mut base = from.clone();
            for patch in patches {
                patch.apply(&mut base);
            }
            base
        };
        let all = patched(&[&whole]);
        prop_assert_eq!(&patched(&[&consent, &rest]), &all);
        prop_assert_eq!(&patched(&[&rest, &consent]), &all);
        // Each brings its own part and nothing else.
        prop_assert_eq!(patched(&[&consent]), Base { consent: all.consent, ..from.clone() });
        prop_assert_eq!(patched(&[&rest]), Base { consent: from.consent, ..all });
    }

    #[test]
    fn a_patch_makes_one_memory_of_another(from in any_base(), to in any_base()) {
        let mut patched = from.clone();
        Patch::between(&from, &to).apply(&mut patched);
        for (tag, value) in &to.fields {
            prop_assert_eq!(patched.fields.get(tag), Some(value));
        }
        for (id, yes) in &to.lists {
            prop_assert_eq!(patched.lists.get(id), Some(yes));
        }
        if to.consent.is_some() {
            prop_assert_eq!(patched.consent, to.consent);
        }
        prop_assert_eq!((patched.email, patched.in_scope, patched.id_stored), (to.email, to.in_scope, to.id_stored));
        let kept = serde_json::to_string(&Patch::between(&from, &from)).unwrap();
        prop_assert_eq!(serde_json::from_str::<Patch>(&kept).unwrap(), Patch::between(&from, &from));
    }
}
