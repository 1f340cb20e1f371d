//! Tables for the decision and the brakes, then the promises as properties of random triples.

mod two_way;

use proptest::prelude::*;

use super::guard::{Brake, Counts, check};
use super::*;
use crate::contact::Side;
use crate::mapping::Share;

const FIRST: &str = "FIRST_NAME";
const SCORE: &str = "SCORE";
const ID: &str = "GHL_CONTACT_ID";

fn text(value: &str) -> FieldValue {
    FieldValue::Text(value.to_owned())
}

fn field(tag: &str, ghl: &str) -> FieldPolicy {
    FieldPolicy {
        tag: tag.to_owned(),
        ghl: ghl.to_owned(),
        flow: Flow::TO_BIGMAILER,
    }
}

fn list(id: &str, tag: &str) -> ListPolicy {
    ListPolicy {
        id: id.to_owned(),
        tag: Some(tag.to_owned()),
        direction: Direction::ToBigmailer,
    }
}

fn policy() -> Policy {
    Policy {
        fields: vec![field(FIRST, "firstName"), field(SCORE, "custom.score")],
        lists: vec![list("l-1", "one"), list("l-2", "two")],
        id_field: Some(ID.to_owned()),
        address: Flow::TO_BIGMAILER,
        create: true,
        create_in_ghl: false,
        create_named_only: true,
        name_from_address: false,
        create_opted_out: true,
        consent_to_bigmailer: true,
        consent_to_ghl: false,
        on_scope_exit: OnExit::Keep,
        on_ghl_delete: OnDelete::Keep,
        notes: Vec::new(),
        watches_opt_outs: false,
    }
}

fn ada() -> Source {
    Source {
        id: "g-1".to_owned(),
        address: Address::Usable("ada@example.com".to_owned()),
        in_scope: true,
        duplicate: false,
        blocked: false,
        by_another: false,
        fields: vec![
            Cell::Value(Some(text("Ada"))),
            Cell::Value(Some(FieldValue::Integer(7))),
        ],
        lists: vec![true, false],
        unread_lists: Vec::new(),
        rulings: Vec::new(),
    }
}

/// The record that [`ada`] calls for.
fn her_mirror() -> Mirror {
    Mirror {
        id: "b-1".to_owned(),
        email: "ada@example.com".to_owned(),
        unsubscribed: false,
        barred: None,
        fields: vec![Some(text("Ada")), Some(FieldValue::Integer(7))],
        meant: Vec::new(),
        lists: vec![true, false],
        ghl_id: Some("g-1".to_owned()),
    }
}

/// What is remembered once both agree.
fn her_base() -> Base {
    decide(&policy(), &ada(), &Target::Present(her_mirror()), None)
        .base
        .unwrap()
}

fn here(mirror: &Mirror) -> Target {
    Target::Present(mirror.clone())
}

fn believed() -> Target {
    Target::Assumed("b-1".to_owned())
}

fn update_of(decision: &Decision) -> Update {
    match &decision.action {
        Action::Update { id, update } => {
            assert_eq!(id, "b-1");
            update.clone()
        }
        Action::Nothing => Update::default(),
        other => panic!("not an update: {other:?}"),
    }
}

fn create_of(decision: &Decision) -> &Create {
    match &decision.action {
        Action::Create(create) => create,
        other => panic!("not a creation: {other:?}"),
    }
}

/// The record after BigMailer carried out an update, as the vendor describes `add` and `remove`.
fn after(policy: &Policy, mirror: &Mirror, update: &Update) -> Mirror {
    let mut mirror = mirror.clone();
    if let Some(email) = &update.email {
        mirror.email = email.clone();
    }
    for (tag, value) in &update.set {
        if policy.id_field.as_ref() == Some(tag)
            && let FieldValue::Text(id) = value
        {
            mirror.ghl_id = Some(id.clone());
        }
        if let Some(index) = policy.fields.iter().position(|f| f.tag == *tag) {
            mirror.fields[index] = Some(value.clone());
        }
    }
    for (tag, _) in &update.clear {
        if let Some(index) = policy.fields.iter().position(|f| f.tag == *tag) {
            mirror.fields[index] = None;
        }
    }
    for (index, list) in policy.lists.iter().enumerate() {
        mirror.lists[index] |= update.join.contains(&list.id);
        mirror.lists[index] &= !update.leave.contains(&list.id);
    }
    mirror.unsubscribed |= update.opt_out.is_some();
    mirror
}

// ---- fields

#[test]
fn a_field_follows_the_source_by_what_is_there_and_what_base_shows() {
    // (source, in BigMailer, base: absent / was empty / was a value, set?, cleared?)
    let (a, b) = (text("a"), text("b"));
    let some = |v: &FieldValue| Some(v.clone());
    type Remembered = Option<Option<FieldValue>>;
    type Row = (
        Option<FieldValue>,
        Option<FieldValue>,
        Remembered,
        Option<FieldValue>,
        Option<FieldValue>,
    );
    let table: Vec<Row> = vec![
        // First contact: equal is remembered, a value wins, nothing never overwrites.
        (some(&a), some(&a), None, None, None),
        (some(&a), some(&b), None, some(&a), None),
        (some(&a), None, None, some(&a), None),
        (None, some(&b), None, None, None),
        (None, None, None, None, None),
        // With a past: the source wins, drift is put right.
        (some(&a), some(&a), Some(some(&a)), None, None),
        (some(&a), some(&b), Some(some(&a)), some(&a), None),
        (some(&a), None, Some(some(&a)), some(&a), None),
        (some(&b), some(&a), Some(some(&a)), some(&b), None),
        (some(&b), some(&b), Some(some(&a)), None, None),
        (some(&a), some(&b), Some(None), some(&a), None),
        // An empty source clears only what the source is known to have filled.
        (None, some(&a), Some(some(&a)), None, some(&a)),
        (None, some(&b), Some(some(&a)), None, some(&b)),
        (None, some(&b), Some(None), None, None),
        (None, None, Some(some(&a)), None, None),
    ];
    for (row, (value, there, remembered, set, cleared)) in table.into_iter().enumerate() {
        let mut source = ada();
        source.fields[0] = Cell::Value(value.clone());
        let mut mirror = her_mirror();
        mirror.fields[0] = there;
        let base = remembered.map(|remembered| {
            let mut base = her_base();
            base.fields.insert(FIRST.to_owned(), remembered);
            base
        });
        let decision = decide(&policy(), &source, &here(&mirror), base.as_ref());
        let update = update_of(&decision);
        let pair = |v: FieldValue| (FIRST.to_owned(), v);
        assert_eq!(
            update.set,
            set.map(pair).into_iter().collect::<Vec<_>>(),
            "row {row}"
        );
        assert_eq!(
            update.clear,
            cleared.map(pair).into_iter().collect::<Vec<_>>(),
            "row {row}"
        );
        assert_eq!(decision.base.unwrap().fields[FIRST], value, "row {row}");
    }
}

#[test]
fn a_record_not_read_is_believed_to_be_as_base_says() {
    let base = her_base();
    let nothing = decide(&policy(), &ada(), &believed(), Some(&base));
    assert_eq!(nothing.action, Action::Nothing);
    assert_eq!(nothing.base.as_ref(), Some(&base));

    let mut source = ada();
    source.fields = vec![Cell::Value(Some(text("Augusta"))), Cell::Value(None)];
    let update = update_of(&decide(&policy(), &source, &believed(), Some(&base)));
    assert_eq!(update.set, vec![(FIRST.to_owned(), text("Augusta"))]);
    assert_eq!(
        update.clear,
        vec![(SCORE.to_owned(), FieldValue::Integer(7))]
    );
}

#[test]
fn values_travel_byte_for_byte() {
    for odd in [" Ada ", "a\u{0}b", "Ａ", "e\u{301}", "\n"] {
        let mut source = ada();
        source.fields[0] = Cell::Value(Some(text(odd)));
        let update = update_of(&decide(&policy(), &source, &here(&her_mirror()), None));
        assert_eq!(update.set, vec![(FIRST.to_owned(), text(odd))]);
        let mut mirror = her_mirror();
        mirror.fields[0] = Some(text(odd));
        assert_eq!(
            decide(&policy(), &source, &here(&mirror), None).action,
            Action::Nothing
        );
    }
}

#[test]
fn what_was_not_read_is_neither_written_nor_forgotten() {
    let base = her_base();
    let mut source = ada();
    source.fields = vec![Cell::Unread, Cell::Unread];
    source.lists = vec![false, false];
    source.unread_lists = vec![0, 1];
    // Somebody changed all of it by hand.
    let mut mirror = her_mirror();
    mirror.fields = vec![Some(text("Eve")), None];
    mirror.lists = vec![false, true];
    for target in [here(&her_mirror()), here(&mirror), believed()] {
        let decision = decide(&policy(), &source, &target, Some(&base));
        assert_eq!(decision.action, Action::Nothing);
        assert_eq!(decision.base.as_ref(), Some(&base));
    }
    let create = decide(&policy(), &source, &Target::Absent, None);
    assert_eq!(create_of(&create).lists, Vec::<String>::new());
    let remembered = create.base.unwrap();
    assert!(remembered.lists.is_empty() && remembered.fields.is_empty());
    // Once it is read it counts as seen for the first time.
    let later = decide(&policy(), &ada(), &believed(), Some(&remembered));
    assert_eq!(update_of(&later).join, ["l-1"]);
    assert_eq!(update_of(&later).set.len(), 2);
}

#[test]
fn a_value_that_cannot_be_used_leaves_its_field_and_only_that_alone() {
    let mut source = ada();
    source.fields = vec![Cell::Bad, Cell::Value(Some(FieldValue::Integer(8)))];
    let base = her_base();
    for target in [here(&her_mirror()), believed()] {
        let decision = decide(&policy(), &source, &target, Some(&base));
        assert_eq!(
            update_of(&decision).set,
            vec![(SCORE.to_owned(), FieldValue::Integer(8))]
        );
        assert_eq!(decision.base.unwrap().fields[FIRST], Some(text("Ada")));
    }
    let create = decide(&policy(), &source, &Target::Absent, None);
    assert!(
        create_of(&create)
            .values
            .iter()
            .all(|(tag, _)| tag != FIRST)
    );
    assert!(!create.base.as_ref().unwrap().fields.contains_key(FIRST));
}

#[test]
fn what_no_rule_names_any_more_is_forgotten() {
    // A rule went and came back; meanwhile people wrote what they liked. The old memory must not
    // make an empty source clear it, nor a missing tag end a membership.
    let base = her_base();
    let mut bare = policy();
    bare.fields.truncate(0);
    bare.lists.truncate(0);
    let mut source = ada();
    source.fields.clear();
    source.lists.clear();
    let mut mirror = her_mirror();
    mirror.fields.clear();
    mirror.lists.clear();
    let without = decide(&bare, &source, &here(&mirror), Some(&base))
        .base
        .unwrap();
    let mut source = ada();
    source.fields[0] = Cell::Value(None);
    source.lists[0] = false;
    let mut mirror = her_mirror();
    mirror.fields[0] = Some(text("by hand"));
    let again = decide(&policy(), &source, &here(&mirror), Some(&without));
    assert_eq!(again.action, Action::Nothing);
}

// ---- lists

#[test]
fn a_membership_follows_the_tag_and_ends_only_where_the_tag_gave_it() {
    // (tag there, member, base: absent / no / yes, join?, leave?)
    let table = [
        (true, true, None, false, false),
        (true, false, None, true, false),
        (false, true, None, false, false),
        (false, false, None, false, false),
        (true, true, Some(true), false, false),
        (true, false, Some(true), true, false),
        (true, false, Some(false), true, false),
        (true, true, Some(false), false, false),
        (false, true, Some(true), false, true),
        (false, true, Some(false), false, false),
        (false, false, Some(true), false, false),
        (false, false, Some(false), false, false),
    ];
    for (row, (wanted, member, remembered, join, leave)) in table.into_iter().enumerate() {
        let mut source = ada();
        source.lists[1] = wanted;
        let mut mirror = her_mirror();
        mirror.lists[1] = member;
        let base = remembered.map(|yes| {
            let mut base = her_base();
            base.lists.insert("l-2".to_owned(), yes);
            base
        });
        let decision = decide(&policy(), &source, &here(&mirror), base.as_ref());
        let update = update_of(&decision);
        assert_eq!(update.join == ["l-2"], join, "row {row}");
        assert_eq!(update.leave == ["l-2"], leave, "row {row}");
        assert_eq!(decision.base.unwrap().lists["l-2"], wanted, "row {row}");
    }
}

// ---- consent

/// (HighLevel blocked, BigMailer unsubscribed, base's pair) → (opt out?, opted in by hand?)
type ConsentRow = (bool, bool, Option<(bool, bool)>, bool, bool);

#[test]
fn an_opt_out_goes_over_once_and_nothing_is_ever_loosened() {
    let table: [ConsentRow; 16] = [
        (false, false, None, false, false),
        (true, false, None, true, false),
        (false, true, None, false, false),
        (true, true, None, false, false),
        (false, false, Some((false, false)), false, false),
        (true, false, Some((false, false)), true, false),
        (false, true, Some((false, false)), false, false),
        (true, true, Some((false, false)), false, false),
        // It went over before; BigMailer opted the person in by hand: leave both, say so.
        (true, false, Some((true, true)), false, true),
        // HighLevel opted the person in by hand.
        (false, true, Some((true, true)), false, true),
        (true, true, Some((true, true)), false, false),
        (false, false, Some((true, true)), false, false),
        // Opted in again on one side earlier, and now opted out anew in HighLevel.
        (true, false, Some((false, true)), true, false),
        (true, true, Some((false, true)), false, false),
        (false, true, Some((false, true)), false, false),
        (true, false, Some((true, false)), false, true),
    ];
    for (row, (blocked, unsubscribed, before, opt_out, reported)) in table.into_iter().enumerate() {
        let mut source = ada();
        source.blocked = blocked;
        let mut mirror = her_mirror();
        mirror.unsubscribed = unsubscribed;
        let base = before.map(|(ghl_blocked, unsubscribed)| Base {
            consent: Some(ConsentBase {
                ghl_blocked,
                unsubscribed,
                barred: false,
            }),
            ..her_base()
        });
        let decision = decide(&policy(), &source, &here(&mirror), base.as_ref());
        assert_eq!(update_of(&decision).opt_out.is_some(), opt_out, "row {row}");
        assert_eq!(decision.opt_in_elsewhere, reported, "row {row}");
        assert_eq!(
            decision.base.unwrap().consent,
            Some(ConsentBase {
                ghl_blocked: blocked,
                unsubscribed: unsubscribed || opt_out,
                barred: false,
            }),
            "row {row}"
        );
    }
}

#[test]
fn a_new_opt_out_does_not_rely_on_what_bigmailer_was_when_last_read() {
    // Unsubscribed when last read; opted in by hand since; now do-not-disturb in HighLevel.
    let mut source = ada();
    source.blocked = true;
    let base = Base {
        consent: Some(ConsentBase {
            ghl_blocked: false,
            unsubscribed: true,
            barred: false,
        }),
        ..her_base()
    };
    let decision = decide(&policy(), &source, &believed(), Some(&base));
    assert!(update_of(&decision).opt_out.is_some());
    let again = decide(&policy(), &source, &believed(), decision.base.as_ref());
    assert_eq!(again.action, Action::Nothing);
}

#[test]
fn consent_stays_at_home_where_the_profile_says_so() {
    let mut policy = policy();
    policy.consent_to_bigmailer = false;
    let mut source = ada();
    source.blocked = true;
    let decision = decide(&policy, &source, &here(&her_mirror()), Some(&her_base()));
    assert_eq!(decision.action, Action::Nothing);
    assert_eq!(decision.base.unwrap().consent, None);
    // Yet nobody who is opted out is made mailable.
    let create = decide(&policy, &source, &Target::Absent, None);
    assert_eq!(create_of(&create).opted_out, Some(Block::Dnd));
}

#[test]
fn consent_flows_over_a_link_whatever_else_keeps_the_contact_out() {
    let changes: [fn(&mut Source); 4] = [
        |s| s.in_scope = false,
        |s| s.address = Address::None,
        |s| s.address = Address::Invalid,
        |s| s.duplicate = true,
    ];
    for change in changes {
        let mut source = ada();
        source.blocked = true;
        source.fields[0] = Cell::Value(Some(text("changed")));
        change(&mut source);
        let decision = decide(&policy(), &source, &here(&her_mirror()), Some(&her_base()));
        assert_eq!(
            update_of(&decision),
            Update {
                opt_out: Some(Block::Dnd),
                ..Update::default()
            }
        );
        // A stranger who takes no part has no say.
        let stranger = decide(&policy(), &source, &here(&her_mirror()), None);
        assert_eq!(stranger.action, Action::Nothing);
        assert_eq!(stranger.base, None);
        assert!(stranger.skip.is_some());
    }
}

// ---- address, id field, scope

#[test]
fn a_new_address_travels() {
    let mut source = ada();
    source.address = Address::Usable("new@example.com".to_owned());
    for target in [here(&her_mirror()), believed()] {
        let decision = decide(&policy(), &source, &target, Some(&her_base()));
        assert_eq!(
            update_of(&decision).email.as_deref(),
            Some("new@example.com")
        );
        assert_eq!(decision.base.unwrap().email, "new@example.com");
    }
    // Edited in BigMailer: the source wins.
    let mut mirror = her_mirror();
    mirror.email = "edited@example.com".to_owned();
    let decision = decide(&policy(), &ada(), &here(&mirror), Some(&her_base()));
    assert_eq!(
        update_of(&decision).email.as_deref(),
        Some("ada@example.com")
    );
}

#[test]
fn an_address_lost_in_highlevel_leaves_the_record_its_own() {
    let mut source = ada();
    source.address = Address::None;
    let decision = decide(&policy(), &source, &here(&her_mirror()), Some(&her_base()));
    assert_eq!(decision.action, Action::Nothing);
    assert_eq!(decision.skip, Some(Skip::NoEmail));
    assert_eq!(decision.base, Some(her_base()));
}

#[test]
fn the_id_field_travels_only_with_other_changes() {
    let mut mirror = her_mirror();
    mirror.ghl_id = None;
    let alone = decide(&policy(), &ada(), &here(&mirror), None);
    assert_eq!(alone.action, Action::Nothing);
    assert!(!alone.base.as_ref().unwrap().id_stored);

    mirror.fields[0] = None;
    let along = decide(&policy(), &ada(), &here(&mirror), None);
    assert_eq!(
        update_of(&along).set,
        vec![
            (FIRST.to_owned(), text("Ada")),
            (ID.to_owned(), text("g-1"))
        ]
    );
    assert!(along.base.unwrap().id_stored);

    // A wrong id is put right, a right one is not sent again, a remembered one neither.
    mirror.ghl_id = Some("somebody".to_owned());
    let wrong = update_of(&decide(&policy(), &ada(), &here(&mirror), None));
    assert!(wrong.set.contains(&(ID.to_owned(), text("g-1"))));
    mirror.ghl_id = Some("g-1".to_owned());
    let right = update_of(&decide(&policy(), &ada(), &here(&mirror), None));
    assert_eq!(right.set.len(), 1);
    let mut source = ada();
    source.fields[0] = Cell::Value(Some(text("Augusta")));
    let known = update_of(&decide(&policy(), &source, &believed(), Some(&her_base())));
    assert_eq!(known.set.len(), 1);

    let mut without = policy();
    without.id_field = None;
    mirror.ghl_id = None;
    let none = update_of(&decide(&without, &ada(), &here(&mirror), None));
    assert_eq!(none.set, vec![(FIRST.to_owned(), text("Ada"))]);
}

#[test]
fn base_knows_whether_the_id_is_really_there() {
    // Read with the id: remembered although nothing else had to be written.
    assert!(her_base().id_stored);
    // The profile names another field since: what was stored is elsewhere.
    let mut mirror = her_mirror();
    mirror.ghl_id = None;
    let base = decide(&policy(), &ada(), &here(&mirror), Some(&her_base()))
        .base
        .unwrap();
    assert!(!base.id_stored);
}

#[test]
fn leaving_the_scope_does_what_the_profile_says_once() {
    let mut source = ada();
    source.in_scope = false;
    source.fields[0] = Cell::Value(Some(text("ignored")));
    let expected = [
        (OnExit::Keep, Update::default()),
        (
            OnExit::LeaveLists,
            Update {
                leave: vec!["l-1".to_owned()],
                ..Update::default()
            },
        ),
        (
            OnExit::Unsubscribe,
            Update {
                opt_out: Some(Block::Dnd),
                ..Update::default()
            },
        ),
    ];
    for (exit, update) in expected {
        let policy = Policy {
            on_scope_exit: exit,
            ..policy()
        };
        for target in [here(&her_mirror()), believed()] {
            let decision = decide(&policy, &source, &target, Some(&her_base()));
            assert_eq!(update_of(&decision), update, "{exit:?}");
            assert_eq!(decision.skip, Some(Skip::Filtered));
            let base = decision.base.unwrap();
            assert!(!base.in_scope);
            // Whatever people do with the record afterwards is theirs.
            let later = decide(&policy, &source, &here(&her_mirror()), Some(&base));
            assert_eq!(later.action, Action::Nothing, "{exit:?}");
        }
    }
}

#[test]
fn leaving_the_scope_ends_only_memberships_that_a_tag_gave() {
    let policy = Policy {
        on_scope_exit: OnExit::LeaveLists,
        ..policy()
    };
    let mut source = ada();
    source.in_scope = false;
    let mut mirror = her_mirror();
    mirror.lists = vec![true, true];
    let decision = decide(&policy, &source, &here(&mirror), Some(&her_base()));
    assert_eq!(update_of(&decision).leave, ["l-1"]);
    // Back again: joined again.
    let back = decide(
        &policy,
        &ada(),
        &here(&after(&policy, &mirror, &update_of(&decision))),
        decision.base.as_ref(),
    );
    assert_eq!(update_of(&back).join, ["l-1"]);
}

#[test]
fn an_exit_that_unsubscribes_does_not_rely_on_an_old_reading() {
    let policy = Policy {
        on_scope_exit: OnExit::Unsubscribe,
        on_ghl_delete: OnDelete::Unsubscribe,
        ..policy()
    };
    let mut source = ada();
    source.in_scope = false;
    let base = Base {
        consent: Some(ConsentBase {
            ghl_blocked: false,
            unsubscribed: true,
            barred: false,
        }),
        ..her_base()
    };
    assert!(
        update_of(&decide(&policy, &source, &believed(), Some(&base)))
            .opt_out
            .is_some()
    );
    assert!(
        update_of(&decide_gone(&policy, &believed(), &base))
            .opt_out
            .is_some()
    );
    let mut mirror = her_mirror();
    mirror.unsubscribed = true;
    assert_eq!(
        decide(&policy, &source, &here(&mirror), Some(&base)).action,
        Action::Nothing
    );
}

// ---- absence, creation, deletion

#[test]
fn a_creation_carries_everything_the_rules_name() {
    let decision = decide(&policy(), &ada(), &Target::Absent, None);
    assert_eq!(
        *create_of(&decision),
        Create {
            email: "ada@example.com".to_owned(),
            values: vec![
                (FIRST.to_owned(), text("Ada")),
                (SCORE.to_owned(), FieldValue::Integer(7)),
                (ID.to_owned(), text("g-1")),
            ],
            lists: vec!["l-1".to_owned()],
            opted_out: None,
        }
    );
    assert_eq!(decision.base, Some(her_base()));
    assert_eq!(decision.skip, None);
}

#[test]
fn people_who_are_left_out_are_not_created_and_the_first_reason_is_told() {
    type Spoil = fn(&mut Source);
    let spoil: [(Spoil, Skip); 5] = [
        (|s| s.in_scope = false, Skip::Filtered),
        (|s| s.address = Address::None, Skip::NoEmail),
        (|s| s.address = Address::Invalid, Skip::InvalidEmail),
        (|s| s.duplicate = true, Skip::DuplicateEmail),
        (
            |s| {
                s.in_scope = false;
                s.duplicate = true;
                s.address = Address::None;
            },
            Skip::Filtered,
        ),
    ];
    for (spoil, reason) in spoil {
        let mut source = ada();
        spoil(&mut source);
        let absent = decide(&policy(), &source, &Target::Absent, None);
        assert_eq!(absent.action, Action::Nothing);
        assert_eq!(absent.base, None);
        assert_eq!(absent.skip, Some(reason));
        let deleted = decide(&policy(), &source, &Target::Deleted, None);
        assert_eq!(deleted.action, Action::Nothing);
        assert_eq!(deleted.skip, Some(reason));
    }
    let deleted = decide(&policy(), &ada(), &Target::Deleted, None);
    assert_eq!(deleted.action, Action::Nothing);
    assert_eq!(deleted.skip, Some(Skip::DeletedInBigmailer));
}

#[test]
fn opted_out_strangers_are_created_opted_out_or_not_at_all() {
    let mut source = ada();
    source.blocked = true;
    let decision = decide(&policy(), &source, &Target::Absent, None);
    assert_eq!(create_of(&decision).opted_out, Some(Block::Dnd));
    let policy = Policy {
        create_opted_out: false,
        ..policy()
    };
    let decision = decide(&policy, &source, &Target::Absent, None);
    assert_eq!(decision.action, Action::Nothing);
    assert_eq!(decision.skip, Some(Skip::OptedOut));
}

#[test]
fn nobody_is_created_where_the_profile_forbids_it() {
    let policy = Policy {
        create: false,
        ..policy()
    };
    let decision = decide(&policy, &ada(), &Target::Absent, None);
    assert_eq!(decision.action, Action::Nothing);
    assert_eq!((decision.base, decision.skip), (None, None));
}

#[test]
fn a_vanished_contact_is_treated_as_the_profile_says() {
    let base = her_base();
    let with = |on_ghl_delete| Policy {
        on_ghl_delete,
        ..policy()
    };
    let mut unsubscribed = her_mirror();
    unsubscribed.unsubscribed = true;
    let opt_out = Action::Update {
        id: "b-1".to_owned(),
        update: Update {
            opt_out: Some(Block::Dnd),
            ..Update::default()
        },
    };
    let delete = Action::Delete {
        id: "b-1".to_owned(),
    };
    let table = [
        (OnDelete::Keep, here(&her_mirror()), Action::Nothing),
        (OnDelete::Keep, believed(), Action::Nothing),
        (OnDelete::Unsubscribe, here(&her_mirror()), opt_out.clone()),
        (OnDelete::Unsubscribe, here(&unsubscribed), Action::Nothing),
        (OnDelete::Unsubscribe, believed(), opt_out),
        (OnDelete::Delete, here(&her_mirror()), delete.clone()),
        (OnDelete::Delete, believed(), delete),
        (OnDelete::Delete, Target::Deleted, Action::Nothing),
        (OnDelete::Delete, Target::Absent, Action::Nothing),
    ];
    for (policy, target, action) in table {
        let decision = decide_gone(&with(policy), &target, &base);
        assert_eq!(decision.action, action, "{policy:?} {target:?}");
    }
}

// ---- the brakes

#[test]
fn the_brakes_stop_what_looks_like_an_accident() {
    let (changes, deletes) = (Share::Percent(50.0), Share::Percent(5.0));
    let counts = |linked, changes, deletes| Counts {
        linked,
        changes,
        deletes,
        listed_ghl: None,
        listed_bigmailer: None,
    };
    let free = [
        counts(0, 0, 0),
        counts(0, 20, 0),
        counts(10, 10, 0),
        counts(25, 20, 0),
        counts(100, 50, 5),
        counts(3, 0, 1),
        counts(39, 0, 1),
    ];
    for counts in free {
        assert_eq!(check(&counts, changes, deletes), Ok(()), "{counts:?}");
    }
    assert_eq!(
        check(&counts(100, 51, 0), changes, deletes),
        Err(Brake::Changes {
            planned: 51,
            allowed: 50,
            linked: 100
        })
    );
    assert_eq!(
        check(&counts(30, 21, 0), changes, deletes),
        Err(Brake::Changes {
            planned: 21,
            allowed: 20,
            linked: 30
        })
    );
    assert_eq!(
        check(&counts(100, 6, 6), changes, deletes),
        Err(Brake::Deletes {
            planned: 6,
            allowed: 5,
            linked: 100
        })
    );
    assert_eq!(
        check(&counts(10, 2, 2), changes, deletes),
        Err(Brake::Deletes {
            planned: 2,
            allowed: 1,
            linked: 10
        })
    );
}

#[test]
fn a_side_that_is_suddenly_empty_stops_everything() {
    let share = Share::Percent(100.0);
    for side in [Side::Ghl, Side::Bigmailer] {
        let mut counts = Counts {
            linked: 1,
            listed_ghl: Some(1),
            listed_bigmailer: Some(1),
            ..Counts::default()
        };
        assert_eq!(check(&counts, share, share), Ok(()));
        match side {
            Side::Ghl => counts.listed_ghl = Some(0),
            Side::Bigmailer => counts.listed_bigmailer = Some(0),
        }
        assert_eq!(
            check(&counts, share, share),
            Err(Brake::Empty { side, linked: 1 })
        );
        counts.linked = 0;
        assert_eq!(check(&counts, share, share), Ok(()));
    }
}

#[test]
fn no_deletion_passes_where_the_profile_allows_none() {
    let one = Counts {
        linked: 100,
        deletes: 1,
        ..Counts::default()
    };
    for none in [Share::Count(0), Share::Percent(0.0)] {
        assert!(check(&one, Share::Percent(50.0), none).is_err());
    }
}

// ---- properties

fn value() -> impl Strategy<Value = FieldValue> {
    prop_oneof![
        prop_oneof![Just("a"), Just("b"), Just(" a ")].prop_map(text),
        (0i64..3).prop_map(FieldValue::Integer),
    ]
}

fn maybe_value() -> impl Strategy<Value = Option<FieldValue>> {
    prop::option::weighted(0.7, value())
}

fn address() -> impl Strategy<Value = String> {
    prop_oneof![Just("ada@example.com"), Just("bob@example.com")].prop_map(str::to_owned)
}

fn some_id() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        Just(Some("g-1".to_owned())),
        Just(Some("g-2".to_owned()))
    ]
}

prop_compose! {
    fn policies()(
        fields in 0usize..=2, lists in 0usize..=2, id in any::<bool>(), create in any::<bool>(),
        create_opted_out in any::<bool>(), consent in any::<bool>(),
        exit in prop_oneof![Just(OnExit::Keep), Just(OnExit::LeaveLists), Just(OnExit::Unsubscribe)],
        gone in prop_oneof![Just(OnDelete::Keep), Just(OnDelete::Unsubscribe), Just(OnDelete::Delete)],
    ) -> Policy {
        let mut policy = policy();
        policy.fields.truncate(fields);
        policy.lists.truncate(lists);
        policy.id_field = policy.id_field.filter(|_| id);
        Policy { create, create_opted_out, consent_to_bigmailer: consent, on_scope_exit: exit, on_ghl_delete: gone, ..policy }
    }
}

prop_compose! {
    fn sources()(
        address in prop_oneof![4 => address().prop_map(Address::Usable), 1 => Just(Address::None), 1 => Just(Address::Invalid)],
        in_scope in prop::bool::weighted(0.8), duplicate in prop::bool::weighted(0.2), blocked in any::<bool>(), by_another in prop::bool::weighted(0.2),
        fields in prop::collection::vec(prop_oneof![5 => maybe_value().prop_map(Cell::Value), 1 => Just(Cell::Bad), 1 => Just(Cell::Unread)], 2),
        lists in prop::collection::vec(any::<bool>(), 2), unread in prop::option::weighted(0.2, 0..2usize),
    ) -> Source {
        Source { id: "g-1".to_owned(), address, in_scope, duplicate, blocked, by_another: blocked && by_another, fields, lists, unread_lists: unread.into_iter().collect(), rulings: Vec::new() }
    }
}

prop_compose! {
    fn mirrors()(
        email in address(), unsubscribed in any::<bool>(), fields in prop::collection::vec(maybe_value(), 2),
        lists in prop::collection::vec(any::<bool>(), 2), ghl_id in some_id(),
    ) -> Mirror {
        Mirror { id: "b-1".to_owned(), email, unsubscribed, barred: None, meant: Vec::new(), fields, lists, ghl_id }
    }
}

prop_compose! {
    fn bases()(
        first in prop::option::of(maybe_value()), score in prop::option::of(maybe_value()),
        one in prop::option::of(any::<bool>()), two in prop::option::of(any::<bool>()),
        consent in prop::option::of((any::<bool>(), any::<bool>())),
        email in address(), in_scope in any::<bool>(), id_stored in any::<bool>(),
    ) -> Base {
        let fields = [(FIRST, first), (SCORE, score)];
        let lists = [("l-1", one), ("l-2", two)];
        Base {
            fields: fields.into_iter().filter_map(|(tag, v)| Some((tag.to_owned(), v?))).collect(),
            lists: lists.into_iter().filter_map(|(id, v)| Some((id.to_owned(), v?))).collect(),
            consent: consent.map(|(ghl_blocked, unsubscribed)| ConsentBase { ghl_blocked, unsubscribed, barred: false }),
            email, in_scope, id_stored,
        }
    }
}

fn targets() -> impl Strategy<Value = Target> {
    prop_oneof![
        5 => mirrors().prop_map(Target::Present),
        3 => Just(believed()),
        2 => Just(Target::Absent),
        1 => Just(Target::Deleted),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn promise_1_nobody_blocked_becomes_mailable(policy in policies(), source in sources(), target in targets(), base in prop::option::of(bases())) {
        let decision = decide(&policy, &source, &target, base.as_ref());
        if let Action::Create(create) = &decision.action {
            prop_assert_eq!(create.opted_out.is_some(), source.blocked);
            prop_assert!(policy.create && (policy.create_opted_out || !source.blocked));
        }
        // A fresh opt-out always goes over.
        let fresh = source.blocked && !base.as_ref().and_then(|b| b.consent).is_some_and(|c| c.ghl_blocked);
        let linked = base.is_some() || first_reason(&source).is_none();
        if policy.consent_to_bigmailer && fresh && linked {
            match &target {
                Target::Present(mirror) => prop_assert!(mirror.unsubscribed || update_of(&decision).opt_out.is_some()),
                Target::Assumed(_) => prop_assert!(update_of(&decision).opt_out.is_some()),
                Target::Absent | Target::Deleted => {}
            }
        }
        // And base never claims a tighter BigMailer than the decision makes it.
        if let (Target::Present(mirror), Some(consent)) = (&target, decision.base.as_ref().and_then(|b| b.consent)) {
            let leaves_scope = update_of(&decision).opt_out.is_some();
            if first_reason(&source).is_none() {
                prop_assert_eq!(consent.unsubscribed, mirror.unsubscribed || leaves_scope);
            }
        }
    }

    #[test]
    fn promise_2_only_what_rules_name_is_written(policy in policies(), source in sources(), target in targets(), base in prop::option::of(bases())) {
        let known = |tag: &String| policy.names_field(tag);
        let is_id = |tag: &String, value: &FieldValue| policy.id_field.as_ref() == Some(tag) && *value == text("g-1");
        match decide(&policy, &source, &target, base.as_ref()).action {
            Action::Nothing => {}
            Action::Create(create) => {
                prop_assert!(create.values.iter().all(|(tag, value)| known(tag) || is_id(tag, value)));
                prop_assert!(create.lists.iter().all(|id| policy.names_list(id)));
            }
            Action::Update { update, .. } => {
                prop_assert!(!update.is_empty());
                prop_assert!(update.set.iter().all(|(tag, value)| known(tag) || is_id(tag, value)));
                prop_assert!(update.clear.iter().all(|(tag, _)| known(tag)));
                prop_assert!(update.join.iter().chain(&update.leave).all(|id| policy.names_list(id)));
                prop_assert!(update.set.iter().any(|(tag, _)| known(tag)) || update.email.is_some() || update.opt_out.is_some()
                    || !update.clear.is_empty() || !update.join.is_empty() || !update.leave.is_empty(), "the id alone");
            }
            Action::Delete { .. } => prop_assert!(false, "decide never deletes"),
        }
    }

    #[test]
    fn promise_3_a_decision_carried_out_leaves_nothing_to_do(policy in policies(), source in sources(), mirror in mirrors(), base in prop::option::of(bases())) {
        let first = decide(&policy, &source, &here(&mirror), base.as_ref());
        let changed = after(&policy, &mirror, &update_of(&first));
        let second = decide(&policy, &source, &here(&changed), first.base.as_ref());
        prop_assert_eq!(&second.action, &Action::Nothing);
        prop_assert_eq!(&second.base, &first.base);
        prop_assert_eq!(second.skip, first.skip);
    }

    #[test]
    fn promise_4_our_own_write_is_no_news(policy in policies(), source in sources(), target in targets(), base in bases()) {
        let base = match &target {
            Target::Absent | Target::Deleted => None,
            _ => Some(base),
        };
        let first = decide(&policy, &source, &target, base.as_ref());
        let Some(remembered) = &first.base else { return Ok(()) };
        let again = decide(&policy, &source, &believed(), Some(remembered));
        prop_assert_eq!(&again.action, &Action::Nothing);
        prop_assert_eq!(again.base.as_ref(), Some(remembered));
    }

    #[test]
    fn promise_7_the_deleted_stay_deleted(policy in policies(), source in sources(), base in prop::option::of(bases())) {
        let decision = decide(&policy, &source, &Target::Deleted, base.as_ref());
        prop_assert_eq!(decision.action, Action::Nothing);
        prop_assert!(decision.skip.is_some());
        prop_assert_eq!(decision.base, None);
    }

    #[test]
    fn promise_7_nothing_is_deleted_unless_asked(policy in policies(), target in targets(), base in bases()) {
        let decision = decide_gone(&policy, &target, &base);
        match decision.action {
            Action::Delete { .. } => prop_assert_eq!(policy.on_ghl_delete, OnDelete::Delete),
            Action::Update { update, .. } => {
                prop_assert_eq!(policy.on_ghl_delete, OnDelete::Unsubscribe);
                prop_assert_eq!(update, Update { opt_out: Some(Block::Dnd), ..Update::default() });
            }
            Action::Nothing => {}
            Action::Create(_) => prop_assert!(false, "nobody is created"),
        }
    }

    #[test]
    fn base_survives_its_file_format(base in bases()) {
        let kept = serde_json::to_string(&base).unwrap();
        prop_assert_eq!(serde_json::from_str::<Base>(&kept).unwrap(), base);
    }
}
