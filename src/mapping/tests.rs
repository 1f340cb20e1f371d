use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use proptest::prelude::*;
use serde_json::Value;

use super::transform::{NAMES, convert};
use super::*;
use crate::contact::Consent;

fn contact(values: &[(&str, FieldValue)], tags: &[&str]) -> Contact {
    Contact {
        id: "ghl-1".to_owned(),
        email: Some("ada@example.com".to_owned()),
        created: None,
        updated: None,
        consent: Consent::Allowed,
        values: values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect::<BTreeMap<_, _>>(),
        groups: tags.iter().map(|tag| (*tag).to_owned()).collect(),
    }
}

fn text(value: &str) -> FieldValue {
    FieldValue::Text(value.to_owned())
}

fn profile() -> Profile {
    Profile::new("default", "loc", "brand")
}

/// A value as the examples write it.
fn value_of(json: &Value) -> Option<FieldValue> {
    Some(match json {
        Value::Null => return None,
        Value::Bool(flag) => FieldValue::Flag(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => FieldValue::Integer(whole),
            None => FieldValue::Decimal(number.as_f64().expect("a float")),
        },
        Value::String(text) => FieldValue::Text(text.clone()),
        Value::Array(items) => FieldValue::Many(
            items
                .iter()
                .map(|item| item.as_str().expect("text items").to_owned())
                .collect(),
        ),
        Value::Object(object) => FieldValue::Date(
            object["date"]
                .as_str()
                .expect("text")
                .parse()
                .expect("a date"),
        ),
    })
}

#[test]
fn every_documented_example_holds_and_every_transform_has_one() {
    let mut shown = BTreeSet::new();
    for line in include_str!("transform.rs").lines() {
        let Some(example) = line.trim().strip_prefix("/// Example: ") else {
            continue;
        };
        let parts: Vec<&str> = example
            .strip_prefix('`')
            .and_then(|rest| rest.strip_suffix('`'))
            .expect("an example in backticks")
            .split("` turns `")
            .flat_map(|part| part.split("` into `"))
            .collect();
        let [step, before, after] = parts[..] else {
            panic!("not an example: {example}");
        };
        let parse = |json: &str| value_of(&serde_json::from_str(json).expect(json));
        let transform = Transform::parse(step).expect(step);
        assert_eq!(
            transform.apply(parse(before)),
            Ok(parse(after)),
            "{example}"
        );
        shown.insert(step.split(':').next().expect("a name").to_owned());
    }
    let names: BTreeSet<String> = NAMES.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(shown, names);
}

#[test]
fn the_table_of_the_guide_is_true_and_names_every_transform() {
    let guide = include_str!("../../docs/mapping.md");
    let section = guide
        .split("\n## Transforms\n")
        .nth(1)
        .expect("the section");
    let section = section.split("\n## ").next().expect("its end");
    let mut shown = BTreeSet::new();
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let [step, _, before, after] = cells[..] else {
            panic!("not a row: {row}");
        };
        let code = |cell: &str| {
            let cell = cell.trim();
            cell.strip_prefix('`')
                .and_then(|rest| rest.strip_suffix('`'))
                .expect(row)
                .to_owned()
        };
        let value = |cell: &str| value_of(&serde_json::from_str(&code(cell)).expect(row));
        let step = code(step);
        let transform = Transform::parse(&step).expect(row);
        assert_eq!(transform.apply(value(before)), Ok(value(after)), "{row}");
        shown.insert(step.split(':').next().unwrap_or_default().to_owned());
    }
    let all: BTreeSet<String> = NAMES.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(shown, all);
}

#[test]
fn the_guide_names_every_derived_source() {
    let guide = include_str!("../../docs/mapping.md");
    for (word, _) in derived::DERIVED {
        assert!(guide.contains(&format!("| `{word}` |")), "{word}");
    }
}

#[test]
fn transforms_are_refused_with_what_was_expected() {
    for (written, expected) in [
        ("trimm", "unknown transform `trimm`, did you mean `trim`?"),
        ("", "unknown transform ``"),
        ("trim:", "`trim` takes nothing after it: write `trim`"),
        ("round:2", "`round` takes nothing after it: write `round`"),
        ("truncate", "`truncate` needs a value, as in `truncate:40`"),
        (
            "truncate:0",
            "`truncate` needs a whole number of at least 1, as in `truncate:40`",
        ),
        (
            "truncate:-1",
            "`truncate` needs a whole number of at least 1, as in `truncate:40`",
        ),
        (
            "default:",
            "`default` needs a value, as in `default:unknown`",
        ),
        ("join", "`join` needs a separator, as in `join:, `"),
        (
            "scale:nan",
            "`scale` needs a number other than 0, as in `scale:100`",
        ),
        (
            "scale:0",
            "`scale` needs a number other than 0, as in `scale:100`",
        ),
        ("bool:yes", "`bool` needs two words, as in `bool:yes,no`"),
        ("bool:a,b,c", "`bool` needs two words, as in `bool:yes,no`"),
        (
            "map:a=b",
            "`map` needs its pairs in braces, as in `map:{lead=Prospect,*=Other}`",
        ),
        (
            "map:{a}",
            "`map` needs pairs like `lead=Prospect` with commas between them; `a` is none",
        ),
        (
            "map:{}",
            "`map` needs pairs like `lead=Prospect` with commas between them; `` is none",
        ),
        ("map:{a=b,a=c}", "`map` names `a` twice"),
        ("map:{*=b,*=c}", "`map` names `*` twice"),
        (
            "map:{=b}",
            "`map` cannot replace an empty value; `default:…` fills empty ones",
        ),
    ] {
        assert_eq!(Transform::parse(written), Err(expected.to_owned()));
    }
}

#[test]
fn steps_that_cannot_apply_say_why_without_the_value() {
    for (step, value, expected) in [
        ("round", text("secret"), "a number"),
        ("round", text("inf"), "a number"),
        ("round", FieldValue::Decimal(1e30), "a whole number"),
        ("round", FieldValue::Flag(true), "a number"),
        ("round", FieldValue::Many(vec!["1".to_owned()]), "a number"),
        ("scale:1e300", FieldValue::Decimal(1e300), "a number"),
        ("date", text("31/12/2024"), "a date"),
        ("date", text("1/2/24"), "a date"),
        ("date", text("20240229"), "a date"),
        ("date", text("2024-02-30"), "a date"),
        ("date", text("0000-01-01"), "a date"),
        ("date", FieldValue::Integer(i64::MAX), "a date"),
        ("date", FieldValue::Flag(true), "a date"),
        ("bool:a,b", text("perhaps"), "yes or no"),
        ("lower", FieldValue::Decimal(f64::NAN), "a number"),
    ] {
        let step = Transform::parse(step).unwrap();
        let refusal = step.apply(Some(value.clone())).unwrap_err();
        assert_eq!(refusal.expected, expected, "{step} {value:?}");
        assert_eq!(refusal.got, value.kind());
        assert!(!refusal.reason.contains("secret"));
    }
}

#[test]
fn html_that_is_broken_or_hostile_is_still_text() {
    let strip = |html: &str| Transform::StripHtml.apply(Some(text(html))).unwrap();
    for (html, expected) in [
        ("a <b", "a <b"),
        ("a < b > c", "a < b > c"),
        ("<a title=\"x > y\">z</a>", "z"),
        ("<<b>x</b>", "<x"),
        ("x<!-- gone <b> -->y", "xy"),
        ("<script>if (a<b) {}</script >z", "z"),
        ("AT&T &nope; &#0; &#xZ;", "AT&T &nope; &#0; &#xZ;"),
        ("&amp;lt;", "&lt;"),
        ("a\n\n\n\nb", "a\n\nb"),
        ("<li>one</li><li>two</li>", "one\ntwo"),
        ("<td>a</td><td>b</td>", "a b"),
        ("é&eacute;ü", "é&eacute;ü"),
    ] {
        assert_eq!(strip(html), Some(text(expected)), "{html}");
    }
}

#[test]
fn values_become_what_the_bigmailer_field_holds() {
    use FieldKind::{Date as Day, Integer as Whole, Text as Words};
    let leap = FieldValue::Date(date(2024, 2, 29));
    let many =
        |items: &[&str]| FieldValue::Many(items.iter().map(|item| (*item).to_owned()).collect());
    for (kind, value, expected) in [
        (Words, text(" Ada \n"), Some(text(" Ada \n"))),
        (Words, text(" "), Some(text(" "))),
        (Words, text(""), None),
        (Words, FieldValue::Integer(-7), Some(text("-7"))),
        (Words, FieldValue::Decimal(1.5), Some(text("1.5"))),
        (Words, FieldValue::Decimal(3.0), Some(text("3"))),
        (Words, FieldValue::Decimal(-0.0), Some(text("0"))),
        (Words, FieldValue::Flag(true), Some(text("true"))),
        (Words, leap.clone(), Some(text("2024-02-29"))),
        (Words, many(&["a", "", "b"]), Some(text("a, b"))),
        (Words, many(&[""]), None),
        (Whole, FieldValue::Integer(9), Some(FieldValue::Integer(9))),
        (
            Whole,
            FieldValue::Decimal(9.0),
            Some(FieldValue::Integer(9)),
        ),
        (
            Whole,
            text(" 9007199254740993 "),
            Some(FieldValue::Integer(9_007_199_254_740_993)),
        ),
        (Whole, text("  "), None),
        (Day, leap.clone(), Some(leap.clone())),
        (Day, text(" 2024-02-29 "), Some(leap.clone())),
        (Day, text("2024-02-29T23:59:59.999Z"), Some(leap.clone())),
        (Day, text("2024-03-01T00:30:00+01:00"), Some(leap)),
        (Day, text(" "), None),
    ] {
        assert_eq!(
            convert(kind, Some(value.clone())),
            Ok(expected),
            "{kind:?} {value:?}"
        );
    }
    for (kind, value) in [
        (Words, FieldValue::Decimal(f64::INFINITY)),
        (Whole, FieldValue::Decimal(0.5)),
        (Whole, FieldValue::Decimal(9_223_372_036_854_775_808.0)),
        (Whole, FieldValue::Flag(true)),
        (Whole, FieldValue::Date(date(2024, 1, 1))),
        (Whole, text("1.0")),
        (Whole, text("9223372036854775808")),
        (Whole, many(&["1"])),
        (Day, text("29.02.2024")),
        (Day, text("2024-2-29")),
        (Day, text("2024-02-29T10:00:00")),
        (Day, FieldValue::Integer(1_709_164_800)),
        (Day, many(&["2024-02-29"])),
    ] {
        assert!(
            convert(kind, Some(value.clone())).is_err(),
            "{kind:?} {value:?}"
        );
    }
}

#[test]
fn transforms_run_in_order_and_bad_values_name_the_rule_but_not_the_value() {
    let mut profile = profile();
    profile.fields = vec![
        FieldRule {
            transforms: vec![Transform::Trim, Transform::Default("none".to_owned())],
            ..FieldRule::new("firstName", "FIRST_NAME", FieldKind::Text)
        },
        FieldRule::new("custom.score", "SCORE", FieldKind::Integer),
        FieldRule::new("city", "CITY", FieldKind::Text),
    ];
    let ada = contact(
        &[("firstName", text("  ")), ("custom.score", text("s3cret"))],
        &[],
    );
    let mapped = map(&profile, &ada);
    assert_eq!(mapped.fields[0], Ok(Some(text("none"))));
    assert_eq!(mapped.fields[2], Ok(None));
    let bad = mapped.fields[1].clone().unwrap_err();
    assert_eq!(
        bad.to_string(),
        "custom.score cannot fill SCORE: expected a whole number, got text \
         (the text is not a whole number)"
    );
    assert!(!format!("{bad:?}").contains("s3cret"));
}

#[test]
fn what_every_contact_carries_can_be_copied() {
    let mut profile = profile();
    for source in ["id", "email", "tags"] {
        profile
            .fields
            .push(FieldRule::new(source, source, FieldKind::Text));
    }
    let mapped = map(&profile, &contact(&[], &["a", "b"]));
    let values: Vec<_> = mapped.fields.into_iter().map(Result::unwrap).collect();
    assert_eq!(
        values,
        [
            Some(text("ghl-1")),
            Some(text("ada@example.com")),
            Some(text("a, b"))
        ]
    );
    // The values' own word counts where the side gave one.
    let shown = contact(
        &[("tags", FieldValue::Many(vec!["VIP".to_owned()]))],
        &["vip"],
    );
    assert_eq!(map(&profile, &shown).fields[2], Ok(Some(text("VIP"))));
}

#[test]
fn the_filter_is_met_only_when_every_condition_is() {
    let filter = |change: fn(&mut Filter)| {
        let mut profile = profile();
        change(&mut profile.filter);
        profile
    };
    let ada = contact(
        &[
            ("type", text("Lead")),
            ("source", text("web form")),
            ("assignedTo", text("u1")),
        ],
        &["vip", "newsletter"],
    );
    let nobody = contact(&[], &[]);
    type Case = (fn(&mut Filter), bool, bool);
    let cases: [Case; 9] = [
        (|_| {}, true, true),
        (|f| f.tags_any = vec![" VIP ".into()], true, false),
        (|f| f.tags_any = vec!["x".into(), "Vip".into()], true, false),
        (|f| f.tags_none = vec!["Newsletter".into()], false, true),
        (|f| f.types = vec!["LEAD".into()], true, false),
        (|f| f.sources = vec!["Web Form".into()], true, false),
        (|f| f.assigned_to = vec!["u1".into()], true, false),
        (|f| f.assigned_to = vec!["U1".into()], false, false),
        (
            |f| {
                f.tags_any = vec!["vip".into()];
                f.types = vec!["customer".into()];
            },
            false,
            false,
        ),
    ];
    for (at, (change, for_ada, for_nobody)) in cases.into_iter().enumerate() {
        let profile = filter(change);
        assert_eq!(map(&profile, &ada).in_scope, for_ada, "case {at}");
        assert_eq!(map(&profile, &nobody).in_scope, for_nobody, "case {at}");
    }
}

#[test]
fn list_rules_follow_their_own_tag() {
    let mut profile = profile();
    profile.lists = vec![
        ListRule::new(" VIP ", "Best"),
        ListRule::new("gold", "Best"),
        ListRule::new("ΟΔΟΣ", "Streets"),
    ];
    assert_eq!(
        map(&profile, &contact(&[], &["vip", "οδος"])).lists,
        [Ok(true), Ok(false), Ok(true)]
    );
}

#[test]
fn a_profile_knows_what_it_needs_from_highlevel() {
    let mut profile = profile();
    profile.fields = vec![
        FieldRule::new("phone", "PHONE", FieldKind::Text),
        FieldRule::new("city", "CITY", FieldKind::Text),
        FieldRule::new("phone", "MOBILE", FieldKind::Text),
    ];
    assert_eq!(profile.wanted_sources(), ["city", "phone"]);
    profile.filter.types = vec!["lead".into()];
    profile.filter.sources = vec!["web".into()];
    profile.filter.assigned_to = vec!["u1".into()];
    assert_eq!(
        profile.wanted_sources(),
        ["assignedTo", "city", "phone", "source", "type"]
    );
}

#[test]
fn the_fingerprint_changes_exactly_with_what_a_sync_would_write() {
    let mut base = profile();
    base.fields = vec![
        FieldRule::new("phone", "PHONE", FieldKind::Text),
        FieldRule::new("city", "CITY", FieldKind::Text),
    ];
    base.lists = vec![ListRule::new("vip", "Best"), ListRule::new("gold", "Best")];
    base.filter.tags_none = vec!["a".into(), "b".into()];
    let fingerprint = base.fingerprint();

    let harmless: [fn(&mut Profile); 7] = [
        |p| p.name = "other".into(),
        |p| p.limits.share = 0.1,
        |p| p.sync.lookback = Duration::ZERO,
        |p| p.sync.full_every = Duration::ZERO,
        |p| p.fields.reverse(),
        |p| p.lists[0].line = 99,
        |p| p.filter.tags_none = vec![" B".into(), "A".into()],
    ];
    for (at, change) in harmless.into_iter().enumerate() {
        let mut changed = base.clone();
        change(&mut changed);
        assert_eq!(changed.fingerprint(), fingerprint, "harmless change {at}");
    }
    let telling: [fn(&mut Profile); 19] = [
        |p| p.location_id = "x".into(),
        |p| p.brand_id = "x".into(),
        |p| p.sync.direction = Direction::Both,
        |p| p.sync.create_in_bigmailer = false,
        |p| p.sync.conflict = Conflict::Hold,
        |p| p.sync.on_ghl_delete = OnDelete::Unsubscribe,
        |p| p.sync.on_scope_exit = OnExit::LeaveLists,
        |p| p.sync.id_field = None,
        |p| p.filter.tags_any = vec!["x".into()],
        |p| p.filter.tags_none = vec!["a, b".into()],
        |p| p.filter.types = vec!["x".into()],
        |p| p.filter.sources = vec!["x".into()],
        |p| p.filter.assigned_to = vec!["x".into()],
        |p| p.consent.to_bigmailer = false,
        |p| p.consent.create_opted_out = false,
        |p| p.fields[0].kind = FieldKind::Integer,
        |p| p.fields[0].transforms = vec![Transform::Trim],
        |p| p.fields[0].ghl = "email".into(),
        |p| p.lists[0].list = "Others".into(),
    ];
    let mut seen = BTreeSet::from([fingerprint]);
    for (at, change) in telling.into_iter().enumerate() {
        let mut changed = base.clone();
        change(&mut changed);
        assert!(seen.insert(changed.fingerprint()), "telling change {at}");
    }
}

#[test]
fn a_share_is_rounded_down_and_never_above_the_whole() {
    assert_eq!(Share::Percent(50.0).of(5), 2);
    assert_eq!(Share::Percent(0.0).of(5), 0);
    assert_eq!(Share::Percent(100.0).of(5), 5);
    assert_eq!(Share::Count(3).of(5), 3);
    assert_eq!(Share::Count(30).of(5), 5);
    assert_eq!(Share::Percent(5.0).to_string(), "5%");
}

fn any_value() -> impl Strategy<Value = FieldValue> {
    let words = prop_oneof![
        any::<String>(),
        "[ -~]{0,30}",
        "[<>/&;a-z\"' !=-]{0,40}",
        "[0-9/ :TZ.+-]{0,24}",
        Just("yes".to_owned()),
    ];
    prop_oneof![
        words.clone().prop_map(FieldValue::Text),
        any::<i64>().prop_map(FieldValue::Integer),
        any::<f64>().prop_map(FieldValue::Decimal),
        (-1e6..1e6).prop_map(FieldValue::Decimal),
        any::<bool>().prop_map(FieldValue::Flag),
        (1i16..=9999, 1i8..=12, 1i8..=28)
            .prop_map(|(year, month, day)| FieldValue::Date(date(year, month, day))),
        proptest::collection::vec(words, 0..4).prop_map(FieldValue::Many),
    ]
}

fn any_transform() -> impl Strategy<Value = Transform> {
    use Transform as T;
    let word = "[a-z ,=*\\\\{}]{0,6}";
    // As `map` stores them: without outer blanks, words not empty and each once.
    let pairs = proptest::collection::btree_map("[a-zA-Z,=*\\\\]{1,4}", "[a-z,=*\\\\]{0,4}", 0..4);
    prop_oneof![
        Just(T::Trim),
        Just(T::Lower),
        Just(T::Upper),
        Just(T::Title),
        Just(T::First),
        Just(T::Round),
        Just(T::Date),
        Just(T::PhoneE164),
        Just(T::StripHtml),
        (1usize..50).prop_map(T::Truncate),
        "[a-z: ]{1,6}".prop_map(T::Default),
        word.prop_map(T::Join),
        (-1e9..1e9)
            .prop_filter("zero is refused", |factor| *factor != 0.0)
            .prop_map(T::Scale),
        ("[a-z]{1,4}", "[a-z]{0,4}").prop_map(|(yes, no)| T::Bool { yes, no }),
        (pairs, "[a-z]{0,4}").prop_map(|(pairs, other)| T::Map {
            pairs: pairs.into_iter().collect(),
            other: Some(other),
        }),
    ]
}

proptest! {
    #[test]
    fn any_step_gives_the_kind_it_promises(step in any_transform(), value in any_value()) {
        use FieldValue as V;
        let empty_text = |value: &V| match value {
            V::Text(text) => text.is_empty(),
            V::Many(items) => items.is_empty() || items.iter().any(String::is_empty),
            _ => false,
        };
        let was_list = matches!(value, V::Many(_));
        match step.apply(Some(value.clone())) {
            Ok(None) => {}
            Ok(Some(result)) => {
                prop_assert!(!empty_text(&result));
                let fits = match &step {
                    Transform::Round => matches!(result, V::Integer(_)),
                    Transform::Scale(_) => match result {
                        V::Integer(_) => true,
                        V::Decimal(number) => number.is_finite(),
                        _ => false,
                    },
                    Transform::Date => matches!(result, V::Date(_)),
                    Transform::Join(_) | Transform::First => {
                        if was_list { matches!(result, V::Text(_)) } else { result == value }
                    }
                    Transform::Default(text) => result == V::Text(text.clone())
                        || Some(result) == transform::non_empty(Some(value)),
                    _ if was_list => matches!(result, V::Many(_)),
                    _ => matches!(result, V::Text(_)),
                };
                prop_assert!(fits);
            }
            Err(refusal) => {
                prop_assert!(!refusal.expected.is_empty() && !refusal.reason.is_empty());
            }
        }
    }

    #[test]
    fn a_step_reads_back_what_it_writes(step in any_transform()) {
        prop_assert_eq!(Transform::parse(&step.to_string()), Ok(step));
    }

    #[test]
    fn any_text_is_a_step_or_a_clear_refusal(text in "[a-z0-9_:{}=,*\\\\ .-]{0,30}") {
        if let Err(message) = Transform::parse(&text) {
            prop_assert!(message.contains('`'));
        }
    }

    #[test]
    fn a_chain_ends_in_the_kind_of_its_rule(
        kind in prop_oneof![Just(FieldKind::Text), Just(FieldKind::Integer), Just(FieldKind::Date)],
        steps in proptest::collection::vec(any_transform(), 0..4),
        value in any_value(),
    ) {
        let mut profile = profile();
        profile.fields = vec![FieldRule {
            transforms: steps,
            ..FieldRule::new("custom.x", "X", kind)
        }];
        let mapped = map(&profile, &contact(&[("custom.x", value)], &[]));
        if let Ok(Some(result)) = &mapped.fields[0] {
            prop_assert_eq!(result.kind(), kind.as_str());
        }
    }

    #[test]
    fn text_travels_byte_for_byte(value in any::<String>()) {
        let mapped = convert(FieldKind::Text, Some(FieldValue::Text(value.clone())));
        let expected = (!value.is_empty()).then_some(FieldValue::Text(value));
        prop_assert_eq!(mapped, Ok(expected));
    }

    #[test]
    fn every_day_is_read_back_from_every_spelling(day in -141_427i32..2_932_896) {
        let epoch = date(1970, 1, 1);
        let Ok(day): Result<Date, _> = epoch.checked_add(jiff::Span::new().days(day)) else {
            return Ok(());
        };
        let milliseconds = (day - epoch).get_days() as i64 * 86_400_000;
        let (year, month, number) = (day.year(), day.month(), day.day());
        for spelling in [
            text(&day.to_string()),
            text(&format!("{day}T12:00:00Z")),
            text(&format!("{month}/{number}/{year:04}")),
            text(&format!("{year:04}/{month:02}/{number:02}")),
            FieldValue::Integer(milliseconds),
        ] {
            prop_assert_eq!(
                Transform::Date.apply(Some(spelling)),
                Ok(Some(FieldValue::Date(day)))
            );
        }
    }
}

fn steps_both_ways() -> impl Strategy<Value = Vec<Transform>> {
    let step = prop_oneof![
        Just(Transform::Trim),
        Just(Transform::Lower),
        Just(Transform::Upper),
        Just(Transform::Title),
        (1usize..6).prop_map(Transform::Truncate),
        Just(Transform::PhoneE164),
    ];
    prop::collection::vec(step, 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    /// What a rule that goes both ways makes of a value, it leaves as it is: otherwise two sides that
    /// agree would never come to rest.
    #[test]
    fn what_goes_both_ways_stays_as_it_is(steps in steps_both_ways(), value in "[ a-zA-ZßİéΣ0-9.+()-]{0,12}") {
        let mut rule = FieldRule::new("firstName", "FIRST_NAME", FieldKind::Text);
        rule.flow.direction = Direction::Both;
        rule.transforms = steps;
        let once = meant(&rule, Some(FieldValue::Text(value))).unwrap();
        let twice = meant(&rule, once.clone()).unwrap();
        prop_assert_eq!(once, twice);
    }
}
