use std::fs;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::mapping::{
    Condition, Conflict, Direction, FieldKind, FieldRule, Limits, ListRule, OnDelete, OnExit,
    Share, Transform,
};

const LEAST: &str = "version = 1
[ghl]
location_id = \"loc\"
[bigmailer]
brand_id = \"brand\"
";

/// The least profile with more text after it; what follows begins in line 6.
fn with(more: &str) -> String {
    format!("{LEAST}{more}")
}

fn read(text: &str) -> Result<Profile, ProfileError> {
    parse("default", "p.toml", text)
}

fn complaint(text: &str) -> String {
    match read(text) {
        Ok(profile) => panic!("accepted: {profile:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_least_profile_has_the_documented_defaults() {
    let profile = read(LEAST).unwrap();
    assert_eq!(profile, Profile::new("default", "loc", "brand"));
    assert_eq!(profile.sync.direction, Direction::ToBigmailer);
    assert!(profile.sync.create_in_bigmailer);
    assert_eq!(profile.sync.conflict, Conflict::Ghl);
    assert_eq!(profile.sync.on_ghl_delete, OnDelete::Keep);
    assert_eq!(profile.sync.on_scope_exit, OnExit::Keep);
    assert_eq!(profile.sync.id_field.as_deref(), Some("GHL_CONTACT_ID"));
    assert_eq!(profile.sync.lookback, Duration::from_secs(600));
    assert_eq!(profile.sync.full_every, Duration::from_secs(86_400));
    assert!(profile.consent.to_bigmailer && profile.consent.create_opted_out);
    assert_eq!(
        profile.limits,
        Limits {
            share: 0.9,
            ghl_per_10s: 0,
            bigmailer_per_second: 10,
            bigmailer_in_flight: 4,
            daily_reserve: 20_000,
            derived_calls_per_run: 1_000,
            max_changes: Share::Percent(50.0),
            max_deletes: Share::Percent(5.0),
        }
    );
}

#[test]
fn every_key_is_read_and_harmless_values_of_later_ones_are_accepted() {
    let profile = read(
        r#"version = 1
note = []

[ghl]
location_id = "ve9EPM428h8vShlRW1KT"
[bigmailer]
brand_id = "5b0c7a52-7a2e-4a57-9d0e-0d3a4c1f2b11"

[sync]
direction = "to-bigmailer"
create_in_bigmailer = false
create_in_ghl = false
conflict = "ghl"
on_ghl_delete = "delete"
on_scope_exit = "leave-lists"
id_field = ""
lookback = "90s"
full_every = "2d"

[filter]
tags_any = [" VIP "]
tags_none = ["internal"]
types = ["lead", "customer"]
sources = ["web"]
assigned_to = ["u1"]

[consent]
to_bigmailer = false
to_ghl = false
create_opted_out = false

[[field]]
ghl = "firstName"
bigmailer = "FIRST_NAME"

[[field]]
ghl = "custom.lead_score"
bigmailer = "LEAD_SCORE"
type = "integer"
transform = ["scale:10", "round"]
direction = "to-bigmailer"
conflict = "ghl"

[[list]]
tag = " Customer "
list = "Customers"
direction = "to-bigmailer"

[limits]
share = 1
ghl_per_10s = 80
bigmailer_per_second = 0
bigmailer_in_flight = 2
daily_reserve = 0
derived_calls_per_run = 50
max_changes = 25
max_deletes = "0.5%"
"#,
    )
    .unwrap();
    let expected = Profile {
        name: "default".to_owned(),
        location_id: "ve9EPM428h8vShlRW1KT".to_owned(),
        brand_id: "5b0c7a52-7a2e-4a57-9d0e-0d3a4c1f2b11".to_owned(),
        sync: crate::mapping::SyncRules {
            direction: Direction::ToBigmailer,
            create_in_bigmailer: false,
            create_in_ghl: false,
            name_from_address: false,
            conflict: Conflict::Ghl,
            on_ghl_delete: OnDelete::Delete,
            on_scope_exit: OnExit::LeaveLists,
            id_field: None,
            lookback: Duration::from_secs(90),
            full_every: Duration::from_secs(172_800),
        },
        filter: crate::mapping::Filter {
            tags_any: vec!["VIP".to_owned()],
            tags_none: vec!["internal".to_owned()],
            types: vec!["lead".to_owned(), "customer".to_owned()],
            sources: vec!["web".to_owned()],
            assigned_to: vec!["u1".to_owned()],
        },
        consent: crate::mapping::ConsentRules {
            to_bigmailer: false,
            to_ghl: false,
            create_opted_out: false,
        },
        fields: vec![
            FieldRule {
                line: 32,
                ..FieldRule::new("firstName", "FIRST_NAME", FieldKind::Text)
            },
            FieldRule {
                line: 36,
                transforms: vec![Transform::Scale(10.0), Transform::Round],
                ..FieldRule::new("custom.lead_score", "LEAD_SCORE", FieldKind::Integer)
            },
        ],
        lists: vec![ListRule {
            line: 44,
            ..ListRule::new("customer", "Customers")
        }],
        notes: Vec::new(),
        tasks: Vec::new(),
        sends: Vec::new(),
        limits: Limits {
            share: 1.0,
            ghl_per_10s: 80,
            bigmailer_per_second: 0,
            bigmailer_in_flight: 2,
            daily_reserve: 0,
            derived_calls_per_run: 50,
            max_changes: Share::Count(25),
            max_deletes: Share::Percent(0.5),
        },
    };
    assert_eq!(profile, expected);
}

#[test]
fn each_mistake_is_named_with_its_place() {
    let long = "X".repeat(51);
    let cases: &[(&str, &str)] = &[
        (
            "[sync]\ndirecton = 1",
            "p.toml:7:1: unknown key `directon`, did you mean `direction`?",
        ),
        (
            "[snyc]\n",
            "p.toml:6:2: unknown key `snyc`, did you mean `sync`?",
        ),
        (
            "[consent]\ncolour = 1",
            "p.toml:7:1: unknown key `colour`; [consent] has to_bigmailer, to_ghl, create_opted_out",
        ),
        (
            "[sync]\nlookback = 10",
            "p.toml:7:12: `lookback` must be text in quotes, not a whole number",
        ),
        (
            "[sync]\nlookback = \"10 minutes\"",
            "p.toml:7:12: `lookback` must be a number with s, m, h or d, such as `10m`, not `10 minutes`",
        ),
        (
            "[sync]\nlookback = \"99999999999999999d\"",
            "p.toml:7:12: `lookback` must be a number with s, m, h or d, such as `10m`, not `99999999999999999d`",
        ),
        (
            "[sync]\ncreate_in_bigmailer = \"yes\"",
            "p.toml:7:23: `create_in_bigmailer` must be true or false, not text",
        ),
        (
            "[sync]\non_ghl_delete = \"unsubscibe\"",
            "p.toml:7:17: `on_ghl_delete` must be keep, unsubscribe, delete, not `unsubscibe`, did you mean `unsubscribe`?",
        ),
        (
            "[sync]\nid_field = \"Email\"",
            "p.toml:7:12: `id_field`: EMAIL is the address itself, which every sync keeps in step without a rule",
        ),
        (
            "[filter]\ntags_any = \"vip\"",
            "p.toml:7:12: `tags_any` must be a list of texts, such as [\"a\", \"b\"], not text",
        ),
        (
            "[filter]\ntags_any = [\"vip\", 3]",
            "p.toml:7:20: `tags_any` must hold texts in quotes only, not a whole number",
        ),
        (
            "[filter]\ntypes = [\" \"]",
            "p.toml:7:10: `types` has an empty entry",
        ),
        (
            "filter = 1",
            "p.toml:6:1: unknown key `filter`; [bigmailer] has brand_id",
        ),
        (
            "[limits]\nshare = 0",
            "p.toml:7:9: `share` must be above 0 and at most 1",
        ),
        (
            "[limits]\nshare = 1.1",
            "p.toml:7:9: `share` must be above 0 and at most 1",
        ),
        (
            "[limits]\nshare = nan",
            "p.toml:7:9: `share` must be above 0 and at most 1",
        ),
        (
            "[limits]\nshare = \"90%\"",
            "p.toml:7:9: `share` must be a number such as 0.9, not text",
        ),
        (
            "[limits]\nbigmailer_in_flight = 0",
            "p.toml:7:23: `bigmailer_in_flight` must be at least 1",
        ),
        (
            "[limits]\nghl_per_10s = 5000000000",
            "p.toml:7:15: `ghl_per_10s` is too large",
        ),
        (
            "[limits]\nmax_changes = \"50\"",
            "p.toml:7:15: `max_changes` must be a percentage such as \"5%\" or a number of contacts",
        ),
        (
            "[limits]\nmax_deletes = \"101%\"",
            "p.toml:7:15: `max_deletes` must be a percentage such as \"5%\" or a number of contacts",
        ),
        (
            "[field]\nghl = \"city\"\nbigmailer = \"CITY\"",
            "p.toml:6:1: `field` must be a list of tables, [[field]], not a table",
        ),
        (
            "[[field]]\nghl = \"city\"",
            "p.toml:6:1: `bigmailer` is missing in this [[field]]",
        ),
        (
            "[[field]]\nghl = \"frstName\"\nbigmailer = \"A\"",
            "p.toml:7:7: unknown HighLevel source `frstName`, did you mean `firstName`?",
        ),
        (
            "[[field]]\nghl = \"zodiac\"\nbigmailer = \"A\"",
            "p.toml:7:7: unknown HighLevel source `zodiac`: custom fields are written `custom.<key>`",
        ),
        (
            "[[field]]\nghl = \"contact.score\"\nbigmailer = \"A\"",
            "p.toml:7:7: unknown HighLevel source `contact.score`: custom fields are written `custom.score`",
        ),
        (
            "[[field]]\nghl = \"custom. \"\nbigmailer = \"A\"",
            "p.toml:7:7: `custom.` needs the key, name or id of a custom field",
        ),
        (
            "[[field]]\nghl = \"city\"\nbigmailer = \" \"",
            "p.toml:8:13: the merge tag of the BigMailer field is empty",
        ),
        (
            "[[field]]\nghl = \"city\"\nbigmailer = \"LONG\"",
            "p.toml:8:13: the merge tag is longer than BigMailer's 50 characters",
        ),
        (
            "[[field]]\nghl = \"city\"\nbigmailer = \"A\\nB\"",
            "p.toml:8:13: the merge tag has a line break or another control character",
        ),
        (
            "[[field]]\nghl = \"email\"\nbigmailer = \"email\"",
            "p.toml:8:13: EMAIL is the address itself, which every sync keeps in step without a rule",
        ),
        (
            "[[field]]\nghl = \"city\"\nbigmailer = \"A\"\ntype = \"number\"",
            "p.toml:9:8: `type` must be text, integer, date, not `number`",
        ),
        (
            "[[field]]\nghl = \"city\"\nbigmailer = \"A\"\ntransform = [\"trim\",\n  \"uper\"]",
            "p.toml:10:3: unknown transform `uper`, did you mean `upper`?",
        ),
        (
            "[[field]]\nghl = \"city\"\nbigmailer = \"A\"\n[[field]]\nghl = \"state\"\nbigmailer = \"a\"",
            "p.toml:11:13: `a` is already written by the rule in line 6",
        ),
        (
            "[[field]]\nghl = \"id\"\nbigmailer = \"GHL_CONTACT_ID\"",
            "p.toml:8:13: `GHL_CONTACT_ID` is already written by `id_field`, which is on unless [sync] says `id_field = \"\"`",
        ),
        (
            "[sync]\nid_field = \"HL\"\n[[field]]\nghl = \"id\"\nbigmailer = \"HL\"",
            "p.toml:10:13: `HL` is already written by `id_field` in line 7",
        ),
        (
            "[[list]]\ntag = \" \"\nlist = \"A\"",
            "p.toml:7:7: the tag is empty",
        ),
        (
            "[[list]]\ntag = \"a\"\nlist = \"\"",
            "p.toml:8:8: the list is empty",
        ),
        (
            "[[list]]\ntag = \"a\"\nlist = \"LONG\"",
            "p.toml:8:8: the list's name is longer than BigMailer's 50 characters",
        ),
        (
            "[[list]]\ntag = \"a\"\nlist = \"L\"\n[[list]]\ntag = \" A\"\nlist = \"L\"",
            "p.toml:10:7: the tag `a` already means this list by the rule in line 6",
        ),
        (
            "[[list]]\nlist = \"L\"",
            "p.toml:6:1: `tag` is missing in this [[list]]",
        ),
        ("x = ", "p.toml:6:5: this is not TOML: "),
        ("[ghl]\n", "p.toml:6:2: this is not TOML: duplicate key"),
    ];
    for (more, expected) in cases {
        let more = more.replace("LONG", &long);
        let message = complaint(&with(&more));
        if expected.contains("not TOML") {
            assert!(message.starts_with(expected), "{message}");
        } else {
            assert_eq!(&message, expected);
        }
    }
}

#[test]
fn what_cannot_go_to_highlevel_is_refused_with_line_and_reason() {
    let both = "[sync]\ndirection = \"both\"\n";
    for (more, expected) in [
        (
            "[sync]\ncreate_in_ghl = true",
            "p.toml:7:17: `create_in_ghl = true` writes to HighLevel and needs `direction = \"both\"` or \"to-ghl\" in [sync]; a rule that is to stay one-way says so with its own `direction`",
        ),
        (
            "[consent]\nto_ghl = true",
            "p.toml:7:10: `to_ghl = true` writes to HighLevel and needs `direction = \"both\"` or \"to-ghl\" in [sync]; a rule that is to stay one-way says so with its own `direction`",
        ),
        (
            "[sync]\nname_from_address = true",
            "p.toml:7:21: `name_from_address` is for contacts that `create_in_ghl = true` makes",
        ),
        (
            "[sync]\ndirection = \"bth\"",
            "p.toml:7:13: `direction` must be to-bigmailer, to-ghl, both, not `bth`, did you mean `both`?",
        ),
        (
            "[[field]]\nghl = \"tags\"\nbigmailer = \"A\"\ndirection = \"both\"",
            "p.toml:9:13: HighLevel's `tags` cannot be written; give this rule `direction = \"to-bigmailer\"`",
        ),
        (
            "[sync]\ndirection = \"to-ghl\"\n[[field]]\nghl = \"dateAdded\"\nbigmailer = \"A\"",
            "p.toml:9:7: HighLevel's `dateAdded` cannot be written; give this rule `direction = \"to-bigmailer\"`",
        ),
        (
            "[[field]]\nghl = \"email\"\nbigmailer = \"A\"\ndirection = \"to-ghl\"",
            "p.toml:9:13: `email` is the address itself, which [sync] keeps in step; as a field it can only go `to-bigmailer`",
        ),
        (
            "[[field]]\nghl = \"city\"\nbigmailer = \"A\"\ndirection = \"both\"\ntransform = [\"trim\", \"map:{a=b}\"]",
            "p.toml:10:22: `map:{a=b}` cannot be part of a rule that goes both ways, because nothing undoes it; give the rule `direction = \"to-bigmailer\"` or \"to-ghl\"",
        ),
        (
            &format!(
                "{both}[[field]]\nghl = \"city\"\nbigmailer = \"A\"\n[[field]]\nghl = \"city\"\nbigmailer = \"B\""
            ),
            "p.toml:12:7: HighLevel's `city` is already written by the rule in line 8",
        ),
        (
            &format!(
                "{both}[[field]]\nghl = \"name\"\nbigmailer = \"A\"\n[[field]]\nghl = \"lastName\"\nbigmailer = \"B\""
            ),
            "p.toml:12:7: HighLevel's `lastName` is already written by the rule in line 8",
        ),
        (
            &format!(
                "{both}[[list]]\ntag = \"a\"\nlist = \"L\"\n[[list]]\ntag = \"b\"\nlist = \"l\""
            ),
            "p.toml:12:7: where something travels to HighLevel, one rule has to be enough for a list and for a tag; the rule in line 8 has the same",
        ),
        (
            "[[list]]\ntag = \"a\"\nlist = \"L\"\n[[list]]\ntag = \"a\"\nlist = \"M\"\ndirection = \"to-ghl\"",
            "p.toml:10:7: where something travels to HighLevel, one rule has to be enough for a list and for a tag; the rule in line 6 has the same",
        ),
        (
            "[[list]]\ntag = \"a\"\nlist = \"L\"\nconflict = \"hold\"",
            "p.toml:9:1: unknown key `conflict`; [[list]] has tag, when, list, direction",
        ),
    ] {
        assert_eq!(complaint(&with(more)), expected, "{more}");
    }
}

#[test]
fn rules_go_as_the_profile_does_unless_they_say_otherwise() {
    let profile = read(&with(
        "[sync]\ndirection = \"both\"\nconflict = \"hold\"\ncreate_in_ghl = true\nname_from_address = true\n\
         [consent]\nto_ghl = true\n\
         [[field]]\nghl = \"firstName\"\nbigmailer = \"A\"\ntransform = [\"trim\", \"title\"]\n\
         [[field]]\nghl = \"tags\"\nbigmailer = \"B\"\n\
         [[field]]\nghl = \"city\"\nbigmailer = \"C\"\ndirection = \"to-bigmailer\"\ntransform = [\"map:{a=b}\"]\n\
         [[field]]\nghl = \"custom.x\"\nbigmailer = \"D\"\ndirection = \"to-ghl\"\nconflict = \"bigmailer\"\ntransform = [\"bool:1,0\"]\n\
         [[list]]\ntag = \"a\"\nlist = \"L\"\n[[list]]\ntag = \"b\"\nlist = \"M\"\ndirection = \"to-bigmailer\"\n[[list]]\ntag = \"c\"\nlist = \"M\"\ndirection = \"to-bigmailer\"",
    ))
    .unwrap();
    let flows: Vec<_> = profile
        .fields
        .iter()
        .map(|rule| (rule.flow.direction, rule.flow.conflict))
        .collect();
    assert_eq!(
        flows,
        [
            (Direction::Both, Conflict::Hold),
            (Direction::ToBigmailer, Conflict::Hold),
            (Direction::ToBigmailer, Conflict::Hold),
            (Direction::ToGhl, Conflict::Bigmailer),
        ]
    );
    let lists: Vec<_> = profile.lists.iter().map(|rule| rule.direction).collect();
    assert_eq!(
        lists,
        [
            Direction::Both,
            Direction::ToBigmailer,
            Direction::ToBigmailer
        ]
    );
    assert!(profile.sync.create_in_ghl && profile.sync.name_from_address);
    assert!(profile.consent.to_ghl && profile.writes_to_highlevel());
}

#[test]
fn rules_for_notes_tasks_and_mails_are_read_and_checked() {
    let profile = read(&with(
        "[[note]]\nbigmailer = \"SALES_NOTE\"\ntitle = \"From BigMailer\"\n\
         [[task]]\non = \"contact.new\"\ntitle = \"Welcome {firstName}\"\nbody = \"{custom.score}\"\ndue = \"+2d\"\nassigned_to = \"\"\n\
         [[task]]\non = \"tag.added: VIP\"\ntitle = \"Call\"\nenabled = false\nassigned_to = \"u1\"\n\
         [[send]]\non = \"opportunity.won\"\ncampaign = \"c-1\"\n\
         [[send]]\non = \"contact.new\"\ncampaign = \"c-1\"\nenabled = true",
    ))
    .unwrap();
    assert_eq!(profile.notes[0].key(), "note SALES_NOTE");
    let tasks: Vec<_> = profile
        .tasks
        .iter()
        .map(|t| (t.key(), t.due.as_secs(), t.enabled, t.assigned_to.clone()))
        .collect();
    assert_eq!(
        tasks,
        [
            (
                "task contact.new Welcome {firstName}".to_owned(),
                172_800,
                true,
                None
            ),
            (
                "task tag.added:vip Call".to_owned(),
                86_400,
                false,
                Some("u1".to_owned())
            ),
        ]
    );
    let sends: Vec<_> = profile.sends.iter().map(|s| s.enabled).collect();
    assert_eq!(sends, [false, true]);
    assert_eq!(profile.triggers().count(), 2);
    assert_eq!(profile.wanted_sources(), ["custom.score", "firstName"]);
    for (more, expected) in [
        (
            "[[note]]\ntitle = \"T\"",
            "p.toml:6:1: `bigmailer` is missing in this [[note]]",
        ),
        (
            "[[note]]\nbigmailer = \"N\"\n[[note]]\nbigmailer = \"n\"",
            "p.toml:9:13: `n` is already kept as a note by the rule in line 6",
        ),
        (
            "[[task]]\non = \"contact.new\"",
            "p.toml:6:1: `title` is missing in this [[task]]",
        ),
        (
            "[[task]]\ntitle = \"T\"",
            "p.toml:6:1: `on` is missing in this [[task]]",
        ),
        (
            "[[task]]\non = \"contact.new\"\ntitle = \"{firstName}\"",
            "p.toml:8:9: `title` needs some words of its own, since a value may be missing",
        ),
        (
            "[[task]]\non = \"contact.new\"\ntitle = \"Hi {firstname}\"",
            "p.toml:8:9: `title`: `{firstname}` is no value of a HighLevel contact, did you mean `firstName`?",
        ),
        (
            "[[task]]\non = \"contact.new\"\ntitle = \"T\"\ndue = \"2d\"",
            "p.toml:9:7: `due` must be a time from then on, such as `+2d` or `+4h`, not `2d`",
        ),
        (
            "[[task]]\non = \"contact.new\"\ntitle = \"T\"\n[[task]]\non = \"contact.new\"\ntitle = \"T\"",
            "p.toml:10:6: the rule in line 6 makes the same task on `contact.new`",
        ),
        (
            "[[send]]\non = \"unsubscribed\"\ncampaign = \"c\"",
            "p.toml:7:6: nobody is mailed because of having unsubscribed",
        ),
        (
            "[[send]]\nenabled = false\non = \"contact.new\"",
            "p.toml:6:1: `campaign` is missing in this [[send]]",
        ),
    ] {
        assert_eq!(complaint(&with(more)), expected, "{more}");
    }
}

#[test]
fn all_mistakes_are_told_at_once_in_order() {
    let message = complaint(
        "[ghl]\nlocation_id = \"\"\n[sync]\nlookback = \"x\"\n[[field]]\nghl = \"city\"\nbigmailer = \"EMAIL\"\n[limits]\nshare = 2\n",
    );
    assert_eq!(
        message,
        "p.toml: `version = 1` is missing: put it on the first line\n\
         p.toml: [bigmailer] with its `brand_id` is missing\n\
         p.toml:2:15: `location_id` is empty\n\
         p.toml:4:12: `lookback` must be a number with s, m, h or d, such as `10m`, not `x`\n\
         p.toml:7:13: EMAIL is the address itself, which every sync keeps in step without a rule\n\
         p.toml:9:9: `share` must be above 0 and at most 1"
    );
}

#[test]
fn ids_that_would_change_a_path_are_refused() {
    for id in ["a b", "../x", "a/b", "a?b", "..", "https://x"] {
        let text = LEAST.replace("\"loc\"", &format!("\"{id}\""));
        assert_eq!(
            complaint(&text),
            "p.toml:3:15: `location_id` holds signs that no id has; copy the id alone, without \
             blanks or an address"
        );
    }
    assert_eq!(
        complaint("version = 1\n[ghl]\n[bigmailer]\nbrand_id = 7\n"),
        "p.toml:2:1: `location_id` is missing in [ghl]\n\
         p.toml:4:12: `brand_id` must be text in quotes, not a whole number"
    );
}

#[test]
fn a_newer_file_is_refused_without_judging_its_keys() {
    assert_eq!(
        complaint("version = 2\nnews = true\n"),
        "p.toml:1:11: this profile was made by a newer ghl-bm (version 2); this one reads version 1"
    );
    assert!(complaint("version = 0\n").contains("there is no version 0 of profiles; use 1"));
    assert!(complaint("version = \"1\"\n").contains("`version` must be the number 1, not text"));
}

#[test]
fn inline_and_dotted_spellings_mean_the_same() {
    let profile = read(
        "version = 1\nghl.location_id = 'loc'\nbigmailer = { brand_id = 'brand' }\n\
         field = [{ ghl = 'city', bigmailer = 'CITY' },\n  { ghl = 'id', bigmailer = 'X' }]\n",
    )
    .unwrap();
    let lines: Vec<_> = profile.fields.iter().map(|rule| rule.line).collect();
    assert_eq!(lines, [4, 5]);
    let crlf = read(&LEAST.replace('\n', "\r\n")).unwrap();
    assert_eq!(crlf, read(LEAST).unwrap());
    let marked = read(&format!("\u{feff}{LEAST}")).unwrap();
    assert_eq!(marked, read(LEAST).unwrap());
}

#[test]
fn names_cannot_leave_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let profiles = Profiles::new(folder.path());
    let long = "a".repeat(101);
    for name in [
        "", ".", "..", ".hidden", "a/b", "a\\b", "../a", "a b", "é", "a\0", &long, "shop.", "CON",
        "nul.v2", "com1",
    ] {
        assert!(
            matches!(profiles.path(name), Err(ProfileError::Name { .. })),
            "{name:?}"
        );
        assert!(!profiles.exists(name));
        assert!(profiles.save_text(name, LEAST).is_err());
    }
    assert_eq!(
        profiles.path("a-b_c.D9").unwrap(),
        folder.path().join("profiles").join("a-b_c.D9.toml")
    );
    assert!(!folder.path().join("profiles").exists());
}

#[test]
fn profiles_are_saved_listed_loaded_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let profiles = Profiles::new(folder.path().join("config"));
    assert_eq!(profiles.list().unwrap(), Vec::<String>::new());
    let error = profiles.load("default").unwrap_err();
    assert!(matches!(error, ProfileError::Missing { .. }));
    assert!(error.to_string().contains("default.toml"));
    assert!(error.hint().unwrap().contains("ghl-bm map init"));

    profiles.save_text("second", LEAST).unwrap();
    let text = with("# a comment\n");
    profiles.save_text("default", LEAST).unwrap();
    profiles.save_text("default", &text).unwrap();
    fs::write(folder.path().join("config/profiles/notes.txt"), "x").unwrap();
    assert_eq!(profiles.list().unwrap(), ["default", "second"]);
    assert_eq!(profiles.text("default").unwrap(), text);
    assert_eq!(profiles.load("default").unwrap().name, "default");
    assert!(profiles.exists("default"));

    let error = profiles.save_text("default", "version = 1").unwrap_err();
    assert!(error.to_string().contains("default.toml: [ghl]"));
    assert_eq!(
        profiles.text("default").unwrap(),
        text,
        "nothing was written"
    );

    profiles.delete("second").unwrap();
    assert!(matches!(
        profiles.delete("second"),
        Err(ProfileError::Missing { known, .. }) if known == ["default"]
    ));
    // No temporary file was left behind.
    let mut files: Vec<_> = fs::read_dir(folder.path().join("config/profiles"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["default.toml", "notes.txt"]);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_what_is_saved_and_links_are_followed() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = tempfile::tempdir().unwrap();
    let profiles = Profiles::new(folder.path().join("config"));
    profiles.save_text("default", LEAST).unwrap();
    assert_eq!(mode(&profiles.path("default").unwrap()), 0o600);
    assert_eq!(mode(&folder.path().join("config")), 0o700);
    assert_eq!(mode(&folder.path().join("config/profiles")), 0o700);

    let elsewhere = folder.path().join("kept.toml");
    fs::write(&elsewhere, LEAST).unwrap();
    let link = profiles.path("linked").unwrap();
    std::os::unix::fs::symlink(&elsewhere, &link).unwrap();
    let text = with("# new\n");
    profiles.save_text("linked", &text).unwrap();
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), text);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
}

#[test]
fn files_that_are_no_profiles_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let profiles = Profiles::new(folder.path());
    fs::create_dir(folder.path().join("profiles")).unwrap();
    for (bytes, expected) in [
        (vec![b'#'; LARGEST as usize + 1], "it is larger than 1 MiB"),
        (vec![0xff, 0xfe], "it is not UTF-8 text"),
    ] {
        fs::write(profiles.path("odd").unwrap(), bytes).unwrap();
        let message = profiles.load("odd").unwrap_err().to_string();
        assert!(
            message.starts_with("cannot read") && message.contains("odd.toml"),
            "{message}"
        );
        assert!(message.ends_with(expected), "{message}");
    }
}

#[test]
fn settings_are_optional_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Settings::load(folder.path()).unwrap(), Settings::default());
    let file = folder.path().join("config.toml");
    fs::write(&file, "credential_store = \"env\"\nprofile = \"shop\"\n").unwrap();
    assert_eq!(
        Settings::load(folder.path()).unwrap(),
        Settings {
            credential_store: Some("env".to_owned()),
            profile: Some("shop".to_owned()),
        }
    );
    fs::write(&file, "\nprofil = \"shop\"\nprofile = \"../x\"\n").unwrap();
    let message = Settings::load(folder.path()).unwrap_err().to_string();
    assert!(
        message.contains("config.toml:2:1: unknown key `profil`, did you mean `profile`?"),
        "{message}"
    );
    assert!(
        message.contains("config.toml:3:11: `../x` cannot be the name of a profile"),
        "{message}"
    );
}

#[test]
fn field_flags_are_read_or_refused_in_a_sentence() {
    let parse = NewProfile::field_flag;
    let field = |source: &str, target: &str, kind| {
        Ok(NewRule {
            ghl: source.to_owned(),
            bigmailer: target.to_owned(),
            kind,
            transforms: Vec::new(),
        })
    };
    assert_eq!(
        parse("firstName=FIRST_NAME"),
        field("firstName", "FIRST_NAME", None)
    );
    assert_eq!(
        parse(" custom.a=b = SCORE:integer"),
        field("custom.a=b", "SCORE", Some(FieldKind::Integer))
    );
    for (flag, expected) in [
        (
            "firstName",
            "`firstName` is not GHL=BIGMAILER, such as firstName=FIRST_NAME or \
             custom.score=SCORE:integer",
        ),
        (
            "city=CITY:number",
            "`number` in `city=CITY:number` is no type; use text, integer or date",
        ),
        (
            "citi=CITY",
            "`citi=CITY`: unknown HighLevel source `citi`, did you mean `city`?",
        ),
        (
            "city=",
            "`city=`: the merge tag of the BigMailer field is empty",
        ),
        (
            "email=EMAIL",
            "`email=EMAIL`: EMAIL is the address itself, which every sync keeps in step without \
             a rule",
        ),
        (
            "notes.counts=N",
            "`notes.counts=N`: unknown HighLevel source `notes.counts`, did you mean `notes.count`?",
        ),
    ] {
        assert_eq!(parse(flag), Err(expected.to_owned()));
    }
}

#[test]
fn list_flags_are_read_or_refused_in_a_sentence() {
    let parse = NewProfile::list_flag;
    assert_eq!(
        parse(" Customer = All = customers "),
        Ok(("customer".to_owned(), "All = customers".to_owned()))
    );
    assert_eq!(
        parse("customer"),
        Err("`customer` is not TAG=LIST, such as customer=Customers".to_owned())
    );
    assert_eq!(parse("=L"), Err("`=L`: the tag is empty".to_owned()));
    assert_eq!(parse("t= "), Err("`t= `: the list is empty".to_owned()));
}

fn new_profile() -> NewProfile {
    NewProfile {
        fields: NewProfile::usual_fields(),
        ..NewProfile::new("loc", "brand")
    }
}

#[test]
fn a_new_profile_is_valid_explains_itself_and_has_the_usual_fields() {
    let text = new_profile_text(&new_profile());
    let profile = read(&text).unwrap();
    let targets: Vec<_> = profile
        .fields
        .iter()
        .map(|rule| (rule.ghl.as_str(), rule.bigmailer.as_str(), rule.kind))
        .collect();
    assert_eq!(
        targets[..2],
        [
            ("firstName", "FIRST_NAME", FieldKind::Text),
            ("lastName", "LAST_NAME", FieldKind::Text)
        ]
    );
    assert!(targets.contains(&("companyName", "COMPANY", FieldKind::Text)));
    assert!(profile.lists.is_empty());
    // What the text spells out is what a profile without it would mean.
    let mut plain = read(LEAST).unwrap();
    plain.fields = profile.fields.clone();
    assert_eq!(profile, plain);
    for section in ["sync", "filter", "consent", "limits"] {
        let at = text.find(&format!("[{section}]\n")).expect(section);
        let near = &text[..at + 40];
        assert!(near.contains('#'), "{section} is explained");
    }

    let mut dated = new_profile();
    dated.fields = ["dateOfBirth=BORN", "dateAdded=SINCE:text"]
        .map(|flag| NewProfile::field_flag(flag).unwrap())
        .to_vec();
    let kinds: Vec<_> = read(&new_profile_text(&dated))
        .unwrap()
        .fields
        .iter()
        .map(|rule| rule.kind)
        .collect();
    assert_eq!(kinds, [FieldKind::Date, FieldKind::Text]);
}

#[test]
fn an_edit_changes_what_it_names_and_nothing_else() {
    let text = new_profile_text(&new_profile());
    let edited = edit(&text, |document| {
        document["sync"]["on_ghl_delete"] = toml_edit::value("unsubscribe");
    })
    .unwrap();
    let expected = text.replace(
        "on_ghl_delete = \"keep\"",
        "on_ghl_delete = \"unsubscribe\"",
    );
    assert_ne!(expected, text);
    assert_eq!(edited, expected);
    let crlf = text.replace('\n', "\r\n");
    assert_eq!(edit(&crlf, |_| {}).unwrap(), crlf);
    let error = edit("version = = 1\n", |_| {}).unwrap_err().to_string();
    assert!(
        error.starts_with("profile:1:11: this is not TOML"),
        "{error}"
    );
}

/// Text as people could name things: quotes, blanks, other scripts.
const NAME: &str = "[ -~äß…'\"\\\\\u{4e2d}]{0,12}";

proptest! {
    #[test]
    fn whatever_is_asked_for_is_what_is_read_back(
        fields in proptest::collection::btree_map(
            "[A-Z0-9_ '\"\\\\]{0,8}X",
            (NAME, prop_oneof![
                Just(None),
                Just(Some(FieldKind::Text)),
                Just(Some(FieldKind::Integer)),
                Just(Some(FieldKind::Date)),
            ]),
            1..6,
        ),
        lists in proptest::collection::btree_map(NAME, NAME, 0..6),
    ) {
        let mut new = NewProfile::new("loc", "brand");
        let mut seen = std::collections::HashSet::new();
        for (target, (source, kind)) in fields {
            if seen.insert(target.trim().to_uppercase()) {
                new.fields.push(NewRule {
                    ghl: format!("custom.k{source}"),
                    bigmailer: target,
                    kind,
                    transforms: Vec::new(),
                });
            }
        }
        let mut seen = std::collections::HashSet::new();
        for (tag, list) in lists {
            let (tag, list) = (format!("{tag}t"), format!("{list}l"));
            if seen.insert((crate::mapping::tag_key(&tag), list.clone())) {
                new.lists.push((tag, list));
            }
        }
        let text = new_profile_text(&new);
        let profile = read(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let read_fields: Vec<_> = profile
            .fields
            .iter()
            .map(|rule| (rule.ghl.clone(), rule.bigmailer.clone(), rule.kind))
            .collect();
        let asked: Vec<_> = new
            .fields
            .iter()
            .map(|rule| {
                let kind = rule.kind.unwrap_or(FieldKind::Text);
                (rule.ghl.clone(), rule.bigmailer.clone(), kind)
            })
            .collect();
        prop_assert_eq!(read_fields, asked);
        let read_lists: Vec<_> = profile
            .lists
            .iter()
            .map(|rule| (rule.tag.clone(), rule.list.clone()))
            .collect();
        let asked: Vec<_> = new
            .lists
            .iter()
            .map(|(tag, list)| (crate::mapping::tag_key(tag), list.clone()))
            .collect();
        prop_assert_eq!(read_lists, asked);
    }

    #[test]
    fn comments_and_order_survive_reading_and_writing(
        comments in proptest::collection::vec("[ -~äß]{0,20}", 1..12),
        blanks in 0usize..3,
    ) {
        let plain = new_profile_text(&new_profile());
        let mut text = String::new();
        let mut comments_left = comments.iter().cycle();
        for (at, line) in plain.lines().enumerate() {
            text.push_str(line);
            if at % 3 == 0
                && let Some(comment) = comments_left.next()
            {
                text.push_str(&format!("  # {comment}\n{}# {comment}", " ".repeat(blanks)));
            }
            text.push('\n');
        }
        let same = edit(&text, |_| {}).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(&same, &text);
        let profile = read(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(profile.fingerprint(), read(&plain).unwrap().fingerprint());
    }

    #[test]
    fn no_text_makes_the_reader_panic(
        text in "(version = 1\n)?([\\[\\]a-z_\"=., {}\n0-9äé#-]{0,6}(ghl|field|sync|list|version|id_field|limits|share)?){0,12}",
    ) {
        let _ = read(&text);
    }
}

/// A list rule with this condition, in line 7.
fn when(condition: &str) -> String {
    with(&format!("[[list]]\nwhen = {condition}\nlist = \"A\""))
}

#[test]
fn conditions_are_read() {
    use Condition::{All, Any, Equals, Exists, Opportunity, Source, Tag, Type};
    let text = |text: &str| text.to_owned();
    let won = |pipeline: Option<&str>| Opportunity {
        status: Some("won".to_owned()),
        pipeline: pipeline.map(str::to_owned),
    };
    for (condition, expected) in [
        ("{ tag = \" VIP \" }", Tag(text("vip"))),
        ("{ type = \"customer\" }", Type(text("customer"))),
        ("{ source = \"webinar\" }", Source(text("webinar"))),
        (
            "{ field = \"custom.plan\", equals = \"gold\" }",
            Equals(text("custom.plan"), text("gold")),
        ),
        (
            "{ field = \"custom.seats\", equals = 5 }",
            Equals(text("custom.seats"), text("5")),
        ),
        (
            "{ field = \"custom.agreed\", equals = true }",
            Equals(text("custom.agreed"), text("true")),
        ),
        (
            "{ field = \"city\", exists = false }",
            Exists(text("city"), false),
        ),
        ("{ opportunity = \"won\" }", won(None)),
        (
            "{ opportunity = \"won\", pipeline = \"Sales\" }",
            won(Some("Sales")),
        ),
        (
            "{ opportunity = \"any\" }",
            Opportunity {
                status: None,
                pipeline: None,
            },
        ),
        (
            "{ pipeline = \"Sales\" }",
            Opportunity {
                status: None,
                pipeline: Some(text("Sales")),
            },
        ),
        (
            "{ tag = \"a\", type = \"lead\" }",
            All(vec![Tag(text("a")), Type(text("lead"))]),
        ),
        (
            "{ any = [{ tag = \"a\" }, { all = [{ tag = \"b\" }, { opportunity = \"won\" }] }] }",
            Any(vec![Tag(text("a")), All(vec![Tag(text("b")), won(None)])]),
        ),
    ] {
        let profile = read(&when(condition)).expect(condition);
        assert_eq!(profile.lists[0].when, Some(expected), "{condition}");
        assert_eq!(profile.lists[0].line, 6);
    }
    let several_lines = with("[[list]]\nlist = \"A\"\n[list.when]\ntag = \"a\"");
    let profile = read(&several_lines).unwrap();
    assert_eq!(profile.lists[0].when, Some(Tag(text("a"))));
}

#[test]
fn conditions_are_refused_at_their_place() {
    for (condition, expected) in [
        (
            "\"won\"",
            "p.toml:7:8: `when` must be a table, such as { tag = \"vip\" }, not text",
        ),
        (
            "{}",
            "p.toml:7:8: `when` says nothing: it needs a test, such as `tag`",
        ),
        (
            "{ tags = \"a\" }",
            "p.toml:7:10: unknown key `tags`, did you mean `tag`?",
        ),
        ("{ tag = \" \" }", "p.toml:7:16: `tag` is empty"),
        (
            "{ tag = 7 }",
            "p.toml:7:16: `tag` must be text in quotes, not a whole number",
        ),
        (
            "{ opportunity = \"wun\" }",
            "p.toml:7:24: `opportunity` must be open, won, lost, abandoned, any, not `wun`, did you mean `won`?",
        ),
        (
            "{ field = \"custom.plan\" }",
            "p.toml:7:18: `field` needs `equals = …` or `exists = true` beside it",
        ),
        (
            "{ equals = \"gold\" }",
            "p.toml:7:19: `equals` needs a `field` beside it, such as `custom.plan`",
        ),
        (
            "{ field = \"city\", equals = \"a\", exists = true }",
            "p.toml:7:35: `equals` and `exists` exclude each other",
        ),
        (
            "{ field = \"citty\", exists = true }",
            "p.toml:7:18: unknown HighLevel source `citty`, did you mean `city`?",
        ),
        (
            "{ field = \"tasks.open_count\", equals = 0 }",
            "p.toml:7:18: `tasks.open_count` cannot be tested here; `opportunity` tests deals",
        ),
        (
            "{ field = \"city\", equals = [\"a\"] }",
            "p.toml:7:35: `equals` must be text in quotes, a number, true or false, not a list",
        ),
        (
            "{ field = \"city\", equals = \"\" }",
            "p.toml:7:35: `equals` is empty; `exists = false` finds empty fields",
        ),
        ("{ any = [] }", "p.toml:7:16: `any` has nothing in it"),
        (
            "{ any = { tag = \"a\" } }",
            "p.toml:7:16: `any` must be a list of tables, such as [{ tag = \"a\" }, { tag = \"b\" }], not a table",
        ),
        (
            "{ any = [\"a\"] }",
            "p.toml:7:17: `any` must hold tables only, not text",
        ),
        (
            "{ any = [{ tag = \"a\" }, { tug = \"b\" }] }",
            "p.toml:7:34: unknown key `tug`, did you mean `tag`?",
        ),
    ] {
        assert_eq!(complaint(&when(condition)), expected, "{condition}");
    }
    let both = with("[[list]]\ntag = \"a\"\nwhen = { tag = \"b\" }\nlist = \"A\"");
    assert_eq!(
        complaint(&both),
        "p.toml:7:7: `tag` and `when` exclude each other; `when` can test a tag too"
    );
    let deep = format!(
        "{}{{ tag = \"a\" }}{}",
        "{ all = [".repeat(17),
        "] }".repeat(17)
    );
    assert!(complaint(&when(&deep)).contains("nested more than 16 deep"));
}

// ---- changes

fn set(text: &str, key: &str, value: &str) -> Result<String, String> {
    let (key, value) = (key.to_owned(), value.to_owned());
    change(text, &Change::Set { key, value }).map_err(|error| error.to_string())
}

fn field(ghl: &str, bigmailer: &str) -> Change {
    Change::AddField(NewField {
        ghl: ghl.to_owned(),
        bigmailer: bigmailer.to_owned(),
        ..NewField::default()
    })
}

fn list(tag: &str, list: &str) -> Change {
    Change::AddList {
        tag: tag.to_owned(),
        list: list.to_owned(),
        direction: None,
    }
}

const RULES: &str = "version = 1
[ghl]
location_id = \"loc\" # ours
[bigmailer]
brand_id = \"brand\"

# names
[[field]]
ghl = \"firstName\"
bigmailer = \"FIRST_NAME\" # as in mails

[[field]]
ghl = \"city\"
bigmailer = \"CITY\"

# who is where
[[list]]
tag = \"customer\"
list = \"Customers\"

# brakes
[limits]
max_changes = \"50%\" # careful
";

#[test]
fn a_key_is_set_in_its_place() {
    for (key, value, old, new) in [
        (
            "limits.max_changes",
            "20 %",
            "\"50%\" # careful",
            "\"20 %\" # careful",
        ),
        (
            "limits.max_changes",
            "25",
            "\"50%\" # careful",
            "25 # careful",
        ),
        (
            "ghl.location_id",
            "other",
            "\"loc\" # ours",
            "\"other\" # ours",
        ),
        (
            "field.first_name.bigmailer",
            "FNAME",
            "\"FIRST_NAME\" #",
            "\"FNAME\" #",
        ),
        (
            "field.CITY.transform",
            "trim, upper",
            "\"CITY\"\n",
            "\"CITY\"\ntransform = [\"trim\", \"upper\"]\n",
        ),
        (
            "field.CITY.transform",
            "[\"join:,\"]",
            "\"CITY\"\n",
            "\"CITY\"\ntransform = [\"join:,\"]\n",
        ),
        (
            "list.Customer.list",
            "Buyers",
            "\"Customers\"",
            "\"Buyers\"",
        ),
        (
            "limits.share",
            "0.5",
            "# careful\n",
            "# careful\nshare = 0.5\n",
        ),
    ] {
        let edited = set(RULES, key, value).unwrap();
        assert_eq!(edited, RULES.replacen(old, new, 1), "{key}");
        read(&edited).unwrap();
    }
    // A table that is not there yet comes where files have it.
    let edited = set(RULES, "sync.create_in_bigmailer", "no").unwrap();
    let expected = RULES.replace(
        "\n# names",
        "\n[sync]\ncreate_in_bigmailer = false\n\n# names",
    );
    assert_eq!(edited, expected);
    let edited = set(&edited, "consent.create_opted_out", "false").unwrap();
    assert!(edited.contains("= false\n\n[consent]\ncreate_opted_out = false\n\n# names"));
    assert!(!read(&edited).unwrap().consent.create_opted_out);
    let edited = set(LEAST, "filter.tags_none", "internal,test").unwrap();
    assert_eq!(
        read(&edited).unwrap().filter.tags_none,
        ["internal", "test"]
    );
    let inline = "version = 1\nghl.location_id = 'loc'\nbigmailer = { brand_id = 'b' }\n\
                  field = [{ ghl = 'city', bigmailer = 'CITY' }]\n";
    let edited = set(inline, "bigmailer.brand_id", "c").unwrap();
    let edited = set(&edited, "field.CITY.ghl", "state").unwrap();
    let edited = change(&edited, &field("name", "NAME")).unwrap();
    let profile = read(&edited).unwrap();
    assert_eq!(profile.brand_id, "c");
    let sources: Vec<&str> = profile
        .fields
        .iter()
        .map(|rule| rule.ghl.as_str())
        .collect();
    assert_eq!(sources, ["state", "name"]);
}

#[test]
fn what_cannot_be_set_is_refused_with_what_to_write() {
    for (key, value, expected) in [
        ("sync.dierction", "both", "did you mean `direction`?"),
        ("snyc.direction", "both", "did you mean `sync.direction`?"),
        (
            "on_ghl_delete",
            "keep",
            "did you mean `sync.on_ghl_delete`?",
        ),
        ("colour", "red", "keys look like sync.direction"),
        (
            "consent",
            "true",
            "its keys are consent.to_bigmailer, consent.to_ghl",
        ),
        (
            "list",
            "x",
            "`list` is a list of rules; see `ghl-bm map add list`",
        ),
        (
            "sync.on_ghl_delete",
            "unsubscrib",
            "did you mean `unsubscribe`?",
        ),
        (
            "sync.create_in_bigmailer",
            "maybe",
            "takes true or false, not `maybe`",
        ),
        (
            "limits.daily_reserve",
            "many",
            "takes a whole number from 0 up",
        ),
        (
            "limits.share",
            "half",
            "takes a number above 0 and at most 1",
        ),
        (
            "field.CTIY.type",
            "text",
            "no [[field]] fills `CTIY`, did you mean `CITY`?",
        ),
        ("field.CITY.tpye", "text", "did you mean `type`?"),
        ("field.CITY", "text", "write field.MERGE_TAG.KEY"),
        ("list.custmer.list", "L", "did you mean `customer`?"),
        (
            "list.customer.when",
            "x",
            "cannot be set; use `ghl-bm map edit`",
        ),
    ] {
        let message = set(RULES, key, value).unwrap_err();
        assert!(message.contains(expected), "{key}: {message}");
    }
}

#[test]
fn rules_come_after_their_like_and_go_without_a_trace() {
    let more = change(RULES, &field("name", "NAME")).unwrap();
    let expected = RULES.replace(
        "\"CITY\"\n",
        "\"CITY\"\n\n[[field]]\nghl = \"name\"\nbigmailer = \"NAME\"\n",
    );
    assert_eq!(more, expected);
    let less = change(&more, &Change::RemoveField("name".to_owned())).unwrap();
    assert_eq!(less, RULES);
    let more = change(RULES, &list("vip", "VIP")).unwrap();
    let expected = RULES.replace(
        "\"Customers\"\n",
        "\"Customers\"\n\n[[list]]\ntag = \"vip\"\nlist = \"VIP\"\n",
    );
    assert_eq!(more, expected);
    // What stands above all rules of a kind survives the first of them, and the last.
    let less = change(RULES, &Change::RemoveField("FIRST_NAME".to_owned())).unwrap();
    assert!(
        less.contains("# names\n[[field]]\nghl = \"city\""),
        "{less}"
    );
    let none = change(&less, &Change::RemoveField("CITY".to_owned())).unwrap();
    assert!(
        none.contains("# names") && !none.contains("[[field]]"),
        "{none}"
    );
    let customer = Change::RemoveList {
        tag: "Customer".to_owned(),
        list: None,
    };
    let none = change(&none, &customer).unwrap();
    assert!(
        none.contains("# who is where") && none.contains("# brakes\n[limits]"),
        "{none}"
    );
    read(&none).unwrap();
    let again = change(&none, &field("city", "CITY")).unwrap();
    let again = change(&again, &list("a", "A")).unwrap();
    assert_eq!(read(&again).unwrap().fields.len(), 1);
    assert!(again.find("[[field]]") < again.find("[[list]]"), "{again}");
    assert!(again.find("[[list]]") < again.find("[limits]"), "{again}");
}

#[test]
fn rules_that_are_there_or_are_not_are_told() {
    let told = |wanted: &Change| change(RULES, wanted).unwrap_err().to_string();
    let remove = |tag: &str, list: Option<&str>| Change::RemoveList {
        tag: tag.to_owned(),
        list: list.map(str::to_owned),
    };
    for (wanted, expected) in [
        (field("state", "city"), "fills `city` already"),
        (
            list("CUSTOMER", "Customers"),
            "means the list `Customers` already",
        ),
        (
            Change::RemoveField("CTY".to_owned()),
            "did you mean `CITY`?",
        ),
        (
            Change::RemoveField("X".to_owned()),
            "there are FIRST_NAME, CITY",
        ),
        (remove("customers", None), "did you mean `customer`?"),
        (remove("customer", Some("X")), "and the list `X`"),
    ] {
        let told = told(&wanted);
        assert!(told.contains(expected), "{told}");
    }
    let two = change(RULES, &list("customer", "Buyers")).unwrap();
    let error = change(&two, &remove("customer", None)).unwrap_err();
    assert!(error.to_string().ends_with("Customers, Buyers"));
    let one = change(&two, &remove("customer", Some("Buyers"))).unwrap();
    assert_eq!(one, RULES);
    let none = change(LEAST, &Change::RemoveField("X".to_owned())).unwrap_err();
    assert!(none.to_string().ends_with("; there is none"));
}

#[test]
fn a_change_may_leave_old_problems_and_must_not_add_any() {
    let folder = tempfile::tempdir().unwrap();
    let profiles = Profiles::new(folder.path());
    let broken = with("[sync]\nlookback = 'x'\nfull_every = 'y'\n");
    let half = broken.replace("'x'", "'1m'");
    let left = profiles.save_change("p", &broken, &half).unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(profiles.text("p").unwrap(), half);
    let worse = half.replace("'1m'", "'z'");
    let error = profiles.save_change("p", &half, &worse).unwrap_err();
    assert!(error.to_string().contains("not `z`"), "{error}");
    assert_eq!(profiles.text("p").unwrap(), half);
}

#[test]
fn an_older_file_is_read_as_it_is_and_brought_up_with_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    let profiles = Profiles::new(folder.path());
    profiles.save_text("p", LEAST).unwrap();
    assert_eq!(profiles.bring_up("p").unwrap(), None);
    let path = profiles.path("p").unwrap();
    let old = LEAST.replace("version = 1\n", "# by hand\n");
    fs::write(&path, &old).unwrap();
    // Reading changes no file.
    assert_eq!(profiles.load("p").unwrap().location_id, "loc");
    assert_eq!(profiles.text("p").unwrap(), old);
    let done = profiles.bring_up("p").unwrap().unwrap();
    assert_eq!(done.from, 0);
    assert_eq!(fs::read_to_string(&done.backup).unwrap(), old);
    assert_eq!(profiles.text("p").unwrap(), format!("# by hand\n{LEAST}"));
    assert_eq!(profiles.list().unwrap(), ["p"], "the copy is no profile");
    fs::write(&path, &old).unwrap();
    assert_ne!(profiles.bring_up("p").unwrap().unwrap().backup, done.backup);
    fs::write(&path, "[ghl]\nlocation_id = 7\n").unwrap();
    let message = profiles.load("p").unwrap_err().to_string();
    assert!(
        message.contains("p.toml (format 0, read as format 1):3:15"),
        "{message}"
    );
    fs::write(&path, "version = 9\n").unwrap();
    assert_eq!(profiles.bring_up("p").unwrap(), None);
    assert!(
        profiles
            .load("p")
            .unwrap_err()
            .to_string()
            .contains("newer ghl-bm")
    );
}

// ---- the schema and the reader

/// What the schema says of the keys of a table.
fn schema_of(table: &str) -> serde_json::Value {
    let schema: serde_json::Value = serde_json::from_str(&schema()).unwrap();
    let mut part = match table {
        "" => schema,
        _ => schema["properties"][table].clone(),
    };
    if part["type"] == "array" {
        part = part["items"].clone();
    }
    part["properties"].clone()
}

/// The least profile with one more line in a table.
fn with_key(table: &str, line: &str) -> String {
    let rules = match table {
        "field" => "[[field]]\n",
        "list" => "[[list]]\n",
        "ghl" => return format!("version = 1\n[ghl]\n{line}\n[bigmailer]\nbrand_id = 'b'\n"),
        "bigmailer" => {
            return format!("version = 1\n[bigmailer]\n{line}\n[ghl]\nlocation_id = 'l'\n");
        }
        table => return with(&format!("[{table}]\n{line}\n")),
    };
    with(&format!("{rules}{line}\n"))
}

#[test]
fn the_reader_knows_exactly_the_keys_of_the_schema() {
    let tables = [
        "",
        "ghl",
        "bigmailer",
        "sync",
        "filter",
        "consent",
        "field",
        "list",
        "limits",
    ];
    for table in tables {
        let of_schema: Vec<String> = schema_of(table)
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect();
        let text = match table {
            "" => with("").replacen("version = 1", "version = 1\nzzzzzzzz = 1", 1),
            table => with_key(table, "zzzzzzzz = 1"),
        };
        let message = complaint(&text);
        let line = message
            .lines()
            .find(|line| line.contains("`zzzzzzzz`"))
            .unwrap();
        let known = line.rsplit(" has ").next().unwrap();
        let mut known: Vec<&str> = known.split(", ").collect();
        known.sort_unstable();
        let mut of_schema: Vec<&str> = of_schema.iter().map(String::as_str).collect();
        of_schema.sort_unstable();
        assert_eq!(known, of_schema, "[{table}]");
    }
}

#[test]
fn the_reader_takes_what_the_schema_allows_and_nothing_else() {
    for table in [
        "ghl",
        "bigmailer",
        "sync",
        "filter",
        "consent",
        "field",
        "list",
        "limits",
    ] {
        for (key, rule) in schema_of(table).as_object().unwrap() {
            let about = |text: &str| {
                let problems = parse_as_far_as_possible("p", text).1;
                let named = format!("`{key}`");
                let mine = problems
                    .iter()
                    .filter(|problem| problem.message.contains(&named));
                let mine: Vec<String> = mine
                    .map(|problem| problem.message.clone())
                    // What another key has to allow is refused in words of its own.
                    .filter(|message| {
                        !["is for contacts that", "and needs `direction"]
                            .iter()
                            .any(|words| message.contains(words))
                    })
                    .collect();
                mine
            };
            let (good, bad): (Vec<String>, &[&str]) = match rule {
                rule if rule["enum"].is_array() => {
                    let words = rule["enum"].as_array().unwrap();
                    (
                        words.iter().map(ToString::to_string).collect(),
                        &["'zzzz'", "1"],
                    )
                }
                rule if rule["anyOf"].is_array() => {
                    (vec!["3".into(), "'4%'".into()], &["'x'", "true", "-1"])
                }
                rule if rule["pattern"].is_string() => (vec!["'10m'".into()], &["'x'", "3"]),
                rule => match rule["type"].as_str().unwrap() {
                    "string" => (vec!["'firstName'".into()], &["1", "[]"]),
                    "boolean" => (vec!["true".into(), "false".into()], &["'true'", "1"]),
                    "integer" => (vec![rule["minimum"].to_string()], &["'1'", "-1", "1.5"]),
                    "number" => (vec!["0.5".into(), "1".into()], &["0", "1.5", "'1'"]),
                    "array" => (
                        vec!["['trim']".into(), "[]".into()],
                        &["'trim'", "[1]", "['']"],
                    ),
                    // Conditions are judged by a reader of their own.
                    "object" => continue,
                    other => panic!("{table}.{key} is of type {other}"),
                },
            };
            for value in good {
                let told = about(&with_key(table, &format!("{key} = {value}")));
                assert_eq!(told, [""; 0], "{table}.{key} = {value}");
            }
            for value in bad {
                let told = about(&with_key(table, &format!("{key} = {value}")));
                assert!(!told.is_empty(), "{table}.{key} = {value} was accepted");
            }
        }
    }
}

proptest! {
    #[test]
    fn edits_keep_every_comment_and_change_nothing_else(
        edits in proptest::collection::vec((0usize..5, 0usize..4), 1..12),
    ) {
        // Every line gets a comment of its own.
        let mut text = String::new();
        for (at, line) in RULES.lines().enumerate() {
            match line.is_empty() || line.contains('#') {
                true => text.push_str(&format!("{line}\n")),
                false => text.push_str(&format!("{line} # c{at}\n")),
            }
        }
        let comments = |text: &str| -> Vec<String> {
            let all = text.lines().filter_map(|line| line.split_once('#'));
            all.map(|(_, comment)| comment.trim().to_owned()).collect()
        };
        let before = comments(&text);
        let tags = ["NEW_A", "NEW_B", "NEW_C", "NEW_D"];
        for (what, which) in edits {
            let tag = tags[which];
            let wanted = match what {
                0 => field("state", tag),
                1 => list(tag, "L"),
                2 => Change::RemoveField(tag.to_owned()),
                3 => Change::RemoveList { tag: tag.to_owned(), list: None },
                _ => Change::Set {
                    key: ["limits.share", "sync.lookback", "consent.to_bigmailer", "field.CITY.type"][which].to_owned(),
                    value: ["0.5", "5m", "false", "text"][which].to_owned(),
                },
            };
            // What is there already, or is not there, is refused.
            let Ok(edited) = change(&text, &wanted) else { continue };
            read(&edited).map_err(|error| TestCaseError::fail(error.to_string()))?;
            text = edited;
            prop_assert_eq!(comments(&text), before.clone());
        }
        for tag in tags {
            if let Ok(edited) = change(&text, &Change::RemoveField(tag.to_owned())) {
                text = edited;
            }
            let wanted = Change::RemoveList { tag: tag.to_owned(), list: None };
            if let Ok(edited) = change(&text, &wanted) {
                text = edited;
            }
        }
        let profile = read(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(profile.fields.len(), 2);
        prop_assert_eq!(profile.lists.len(), 1);
    }
}
