//! The client against the made-up location, under every behaviour that the vendor leaves open.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use super::*;
use crate::contact::email_key;
use crate::credentials::Secret;
use crate::related::{NoteDraft, TaskDraft};
use crate::remote::{ADDITIONAL_EMAIL, PARTLY_APPLIED};
use crate::sandbox::{Options, Sandbox};
use crate::stop::Stop;

/// Every switch that concerns this client, one at a time and some together; the first is the
/// likely world.
const WORLDS: [&[&str]; 16] = [
    &[],
    &["dnd-siblings=wipe"],
    &["dnd-siblings=wipe", "rcs=present"],
    &["put-company=refuse"],
    &["create-answer=refused-though-done"],
    &[
        "create-answer=refused-though-done",
        "duplicate-lag=like-search",
    ],
    &["clearing=null-ignored"],
    &["clearing=null-rejected"],
    &["duplicate-lag=like-search"],
    &["taken-address=accept"],
    &["tag-changes=present"],
    &["unknown-custom-field=refuse"],
    &["not-found=404"],
    &["note-order=oldest", "opportunity-order=oldest"],
    &["search-dnd=absent", "raw-names=absent"],
    &[
        "page-cap=refuse-over-100",
        "page-total=absent",
        "related-writes=touch-contact",
    ],
];

/// Those of them that matter to reading.
const READING: [&[&str]; 5] = [
    &[],
    &["not-found=404", "rcs=present"],
    &["note-order=oldest", "opportunity-order=oldest"],
    &["search-dnd=absent", "raw-names=absent"],
    &[
        "page-cap=refuse-over-100",
        "page-total=absent",
        "search-names=as-is",
    ],
];

/// A world under these quirks; search is a minute behind and stays so.
fn world(quirks: &[&str], contacts: usize) -> Sandbox {
    let mut options = Options {
        contacts,
        limits: false,
        search_lag: Duration::from_secs(60),
        record: std::env::var_os("GHL_BM_TEST_RECORD").map(Into::into),
        ..Options::default()
    };
    for quirk in quirks {
        options.quirks.set(quirk).unwrap();
    }
    Sandbox::start(options).unwrap()
}

fn client_in(world: &Sandbox, token: &str) -> Ghl {
    let settings = http::Settings {
        side: Side::Ghl,
        base_url: http::check_base_url(&world.ghl_url()).unwrap(),
        credential: Secret::from(token).into(),
        hidden: Vec::new(),
        limits: scripted::limits(),
        stop: Stop::new(),
        trace: Arc::new(|_| {}),
    };
    let location = world.location_id().to_owned();
    let mut ghl = Ghl::new(settings, location, DEFAULT_VERSION.to_owned()).unwrap();
    ghl.http = ghl.http.without_back_off();
    ghl
}

fn client_of(world: &Sandbox) -> Ghl {
    client_in(world, world.ghl_token())
}

/// The contacts as they are stored, whatever any endpoint shows.
fn stored(world: &Sandbox) -> Vec<Value> {
    let (_, shown) = world.admin("GET", "/ghl/contacts", Value::Null);
    contacts(shown)
}

fn contacts(shown: Value) -> Vec<Value> {
    match shown {
        Value::Array(list) => list,
        Value::Object(mut map) => match map.remove("contacts") {
            Some(Value::Array(list)) => list,
            other => panic!("{other:?}"),
        },
        other => panic!("{other}"),
    }
}

fn stored_one(world: &Sandbox, id: &str) -> Value {
    let (_, shown) = world.admin("GET", &format!("/ghl/contacts/{id}"), Value::Null);
    shown
}

fn allow_duplicates(world: &Sandbox, allow: bool) {
    let settings = json!({"settings": {"allowDuplicateContact": allow,
        "contactUniqueIdentifiers": ["email", "phone"]}});
    let (status, shown) = world.admin("PATCH", "/ghl/location", settings);
    assert_eq!(status, 200, "{shown}");
}

/// Makes a contact behind the client's back, known to search at once.
fn put_contact(world: &Sandbox, contact: Value) -> String {
    let (status, shown) = world.admin("POST", "/ghl/contacts", contact);
    assert_eq!(status, 200, "{shown}");
    world.admin("POST", "/index", json!({}));
    shown["id"].as_str().unwrap().to_owned()
}

fn with_email(world: &Sandbox, email: &str) -> Vec<Value> {
    let same = |contact: &Value| contact["email"].as_str().and_then(email_key) == email_key(email);
    stored(world).into_iter().filter(same).collect()
}

fn draft(email: &str) -> Draft {
    Draft {
        tag: "t".to_owned(),
        email: email.to_owned(),
        values: vec![
            ("firstName".to_owned(), text_value("Zelda")),
            ("companyName".to_owned(), text_value("Engines")),
        ],
        groups: strings(&["Fresh"]),
        opted_out: true,
    }
}

#[test]
fn a_new_contact_is_made_once_and_as_it_was_asked_for() {
    for quirks in WORLDS {
        for allow in [false, true] {
            let world = world(quirks, 45);
            allow_duplicates(&world, allow);
            let ghl = client_of(&world);
            let before = stored(&world).len();
            let mut made = None;
            for run in 0..3 {
                match ghl.create(&draft("zelda@made.example")) {
                    Ok(Created::New(id)) => made = Some((id, run)),
                    Ok(Created::Exists(Some(id))) => {
                        made.get_or_insert((id, run));
                    }
                    // The company is not taken by an update, and there is no other way here.
                    Err(error) if error.code.as_deref() == Some(PARTLY_APPLIED) => {
                        assert_eq!(error.not_taken(), ["companyName"], "{quirks:?}");
                        assert!(allow && quirks.contains(&"put-company=refuse"));
                        made = error.existing.map(|id| (id, run));
                    }
                    Err(error) => {
                        assert!(
                            quirks.len() == 2 && run == 0 && !allow,
                            "{quirks:?} {error:?}"
                        );
                        assert_eq!(error.kind, RemoteErrorKind::Rejected);
                    }
                    other => panic!("{quirks:?}: {other:?}"),
                }
            }
            let (id, _) = made.expect("made or found");
            let found = with_email(&world, "zelda@made.example");
            assert_eq!(found.len(), 1, "{quirks:?}");
            assert_eq!(stored(&world).len(), before + 1);
            assert_eq!(found[0]["id"], id.as_str());
            assert_eq!(found[0]["firstName"], "Zelda");
            assert_eq!(found[0]["tags"], json!(["fresh"]));
            assert_eq!(
                found[0]["dndSettings"]["Email"]["status"], "active",
                "{quirks:?}"
            );
        }
    }
}

#[test]
fn an_additional_address_costs_nobody_the_primary_one() {
    for allow in [false, true] {
        let world = world(&[], 45);
        allow_duplicates(&world, allow);
        let id = put_contact(
            &world,
            json!({"firstName": "Two", "email": "first@two.example",
                   "additionalEmails": [{"email": "second@two.example"}]}),
        );
        let before = stored_one(&world, &id);
        let error = client_of(&world)
            .create(&draft("second@two.example"))
            .unwrap_err();
        assert_eq!(
            (error.code.as_deref(), error.existing.as_deref()),
            (Some(ADDITIONAL_EMAIL), Some(id.as_str()))
        );
        assert_eq!(stored_one(&world, &id), before);
    }
}

#[test]
fn a_change_lands_as_far_as_the_service_takes_it_and_the_rest_is_told() {
    for quirks in WORLDS {
        let world = world(quirks, 45);
        let id = put_contact(
            &world,
            json!({"firstName": "Old", "email": "old@change.example", "city": "Ulm",
                   "website": "https://old.example", "tags": ["keep", "drop"],
                   "dndSettings": {"SMS": {"status": "active", "message": "STOP"},
                                   "Email": {"status": "inactive"}}}),
        );
        let ghl = client_of(&world);
        let change = Change {
            email: Some("new@change.example".to_owned()),
            set: vec![
                ("firstName".to_owned(), text_value("New")),
                ("companyName".to_owned(), text_value("Engines")),
                (
                    "dateOfBirth".to_owned(),
                    FieldValue::Date(Date::constant(1990, 9, 25)),
                ),
            ],
            clear: vec![("website".to_owned(), text_value("https://old.example"))],
            join: strings(&["Joined"]),
            leave: strings(&["Drop", "never there"]),
            opt_out: true,
        };
        let mut expected: Vec<&str> = Vec::new();
        if quirks.contains(&"put-company=refuse") {
            expected.push("companyName");
        }
        if quirks
            .iter()
            .any(|quirk| quirk.starts_with("clearing=null-"))
        {
            expected.push("website");
        }
        // Twice: a change is safe to repeat.
        for _ in 0..2 {
            let told = match ghl.update(&id, &change) {
                Ok(()) => Vec::new(),
                Err(error) => {
                    assert_eq!(
                        error.code.as_deref(),
                        Some(PARTLY_APPLIED),
                        "{quirks:?} {error:?}"
                    );
                    error.not_taken().into_iter().map(str::to_owned).collect()
                }
            };
            assert_eq!(told, expected, "{quirks:?}");
        }
        let contact = stored_one(&world, &id);
        assert_eq!(contact["email"], "new@change.example", "{quirks:?}");
        assert_eq!(
            (&contact["firstName"], &contact["city"]),
            (&json!("New"), &json!("Ulm"))
        );
        assert_eq!(contact["tags"], json!(["keep", "joined"]));
        assert_eq!(contact["dndSettings"]["Email"]["status"], "active");
        assert_eq!(
            contact["dndSettings"]["SMS"],
            json!({"status": "active", "message": "STOP"}),
            "{quirks:?}"
        );
        assert_ne!(contact["dnd"], true);
        assert_eq!(
            contact["dateOfBirth"].as_str().map(|d| &d[..10]),
            Some("1990-09-25")
        );
        let company = &contact["companyName"];
        assert_eq!(*company == "Engines", !expected.contains(&"companyName"));
        let kept = contact["website"].as_str().is_some_and(|w| !w.is_empty());
        assert_eq!(kept, expected.contains(&"website"), "{quirks:?}");
    }
}

#[test]
fn an_address_of_another_contact_stays_with_it() {
    for quirks in WORLDS {
        for allow in [false, true] {
            let world = world(quirks, 45);
            allow_duplicates(&world, allow);
            let other = put_contact(&world, json!({"email": "taken@x.example"}));
            let own = put_contact(&world, json!({"email": "own@x.example"}));
            let before = (stored_one(&world, &other), stored_one(&world, &own));
            let change = Change {
                email: Some("taken@x.example".to_owned()),
                ..Change::default()
            };
            let error = client_of(&world).update(&own, &change).unwrap_err();
            assert_eq!(error.kind, RemoteErrorKind::Taken, "{quirks:?}");
            assert_eq!(error.existing.as_deref(), Some(other.as_str()));
            let after = (stored_one(&world, &other), stored_one(&world, &own));
            assert_eq!(after, before, "{quirks:?}");
        }
    }
}

#[test]
fn every_custom_field_takes_its_value_in_its_own_type() {
    for quirks in WORLDS {
        let world = world(quirks, 45);
        let id = put_contact(&world, json!({"email": "fields@x.example"}));
        let mut ghl = client_of(&world);
        ghl.want(&strings(&["custom.*"])).unwrap();
        let fields = ghl.custom_fields().unwrap();
        let value = |field: &CustomField| match field.data_type.as_str() {
            "NUMERICAL" | "MONETORY" => Some(text_value("42")),
            "DATE" => Some(text_value("05/01/2024")),
            "FILE_UPLOAD" | "TEXTBOX_LIST" => None,
            "PHONE" => Some(text_value("+1 888 888 8888")),
            "EMAIL" => Some(text_value("a@b.example")),
            "CHECKBOX" | "MULTIPLE_OPTIONS" | "SINGLE_OPTIONS" | "RADIO" => None,
            _ => Some(text_value("words")),
        };
        let change = Change {
            set: fields
                .iter()
                .filter_map(|field| Some((format!("custom.{}", field.key), value(field)?)))
                .collect(),
            ..Change::default()
        };
        assert!(change.set.len() >= 3, "{fields:?}");
        assert_eq!(ghl.update(&id, &change), Ok(()), "{quirks:?}");
        let contact = ghl.get(Key::Id(&id)).unwrap().unwrap();
        assert_eq!(contact.values.len(), change.set.len());
        // And away with them again, as far as that goes.
        let emptied = Change {
            clear: change.set.clone(),
            ..Change::default()
        };
        let left: BTreeSet<String> = match ghl.update(&id, &emptied) {
            Ok(()) => BTreeSet::new(),
            Err(error) => match error.code.as_deref() {
                Some(PARTLY_APPLIED) => error.not_taken().into_iter().map(str::to_owned).collect(),
                // Not one of them can be emptied.
                _ => change.set.iter().map(|(key, _)| key.clone()).collect(),
            },
        };
        let contact = ghl.get(Key::Id(&id)).unwrap().unwrap();
        let shown: BTreeSet<String> = contact.values.into_keys().collect();
        assert_eq!(shown, left, "{quirks:?}");
        let keeps = quirks
            .iter()
            .any(|quirk| quirk.starts_with("clearing=null-"));
        assert_eq!(!left.is_empty(), keeps, "{quirks:?}");
    }
}

#[test]
fn tags_of_many_contacts_are_told_one_by_one() {
    for quirks in WORLDS {
        let world = world(quirks, 45);
        let ghl = client_of(&world);
        let mut ids: Vec<String> = (0..3)
            .map(|n| {
                put_contact(
                    &world,
                    json!({"email": format!("b{n}@x.example"), "tags": ["x"]}),
                )
            })
            .collect();
        ids.push("NobodyAtAll000000001".to_owned());
        let tagged = ghl
            .bulk_tags(TagOp::Add, &ids, &strings(&["Bulk"]))
            .unwrap();
        let done: Vec<bool> = tagged
            .iter()
            .map(|one| one.outcome == BulkOutcome::Done)
            .collect();
        assert_eq!(done, [true, true, true, false], "{tagged:?}");
        assert_eq!(stored_one(&world, &ids[0])["tags"], json!(["x", "bulk"]));
        ghl.bulk_tags(TagOp::Remove, &ids, &strings(&["BULK"]))
            .unwrap();
        ghl.add_tags(&ids[1], &strings(&["One"])).unwrap();
        ghl.remove_tags(&ids[1], &strings(&["X"])).unwrap();
        assert_eq!(stored_one(&world, &ids[0])["tags"], json!(["x"]));
        assert_eq!(stored_one(&world, &ids[1])["tags"], json!(["one"]));
        let gone = ghl.add_tags(&ids[3], &strings(&["One"])).unwrap_err();
        assert_eq!(gone.kind, RemoteErrorKind::Gone, "{quirks:?}");
    }
}

#[test]
fn tasks_and_notes_live_and_die_once() {
    let due = || Some("2030-01-01T00:00:00Z".parse::<Timestamp>().unwrap());
    for quirks in WORLDS {
        let world = world(quirks, 45);
        let id = put_contact(&world, json!({"email": "hangs@x.example"}));
        let ghl = client_of(&world);
        let task = TaskDraft {
            title: Some("Call".to_owned()),
            due: due(),
            ..TaskDraft::default()
        };
        let note = NoteDraft {
            title: Some("Marker".to_owned()),
            body: Some("Prefers mornings".to_owned()),
            ..NoteDraft::default()
        };
        let lied = quirks.contains(&"create-answer=refused-though-done");
        let (made_task, made_note) = (ghl.create_task(&id, &task), ghl.create_note(&id, &note));
        if lied {
            let kinds = [made_task.unwrap_err().kind, made_note.unwrap_err().kind];
            assert_eq!(kinds, [RemoteErrorKind::Unclear; 2]);
        } else {
            assert!(made_task.is_ok() && made_note.is_ok(), "{quirks:?}");
        }
        let (tasks, notes) = (ghl.tasks(&id).unwrap(), ghl.notes(&id).unwrap());
        assert_eq!((tasks.len(), notes.len()), (1, 1), "{quirks:?}");
        assert_eq!((tasks[0].due, tasks[0].completed), (due(), false));
        let (task_id, note_id) = (&tasks[0].id, &notes[0].id);
        let edit = TaskDraft {
            body: Some("Ask".to_owned()),
            ..TaskDraft::default()
        };
        let edited = ghl.edit_task(&id, task_id, &edit).unwrap();
        assert_eq!(edited.body.as_deref(), Some("Ask"));
        assert_eq!(edited.title.as_deref(), Some("Call"));
        assert!(ghl.complete_task(&id, task_id, true).unwrap().completed);
        assert!(!ghl.complete_task(&id, task_id, false).unwrap().completed);
        let pin = NoteDraft {
            pinned: Some(true),
            ..NoteDraft::default()
        };
        let pinned = ghl.edit_note(&id, note_id, &pin).unwrap();
        assert_eq!(
            (pinned.pinned, pinned.title.as_deref()),
            (Some(true), Some("Marker"))
        );
        assert_eq!(ghl.task(&id, task_id).unwrap().unwrap().id, *task_id);
        assert_eq!(ghl.note(&id, note_id).unwrap().as_ref(), Some(&pinned));
        for _ in 0..2 {
            assert_eq!(ghl.delete_task(&id, task_id), Ok(()), "{quirks:?}");
            assert_eq!(ghl.delete_note(&id, note_id), Ok(()), "{quirks:?}");
        }
        assert_eq!(ghl.task(&id, task_id), Ok(None));
        assert_eq!(ghl.note(&id, note_id), Ok(None));
        let gone = [
            ghl.edit_task(&id, task_id, &edit).unwrap_err().kind,
            ghl.edit_note(&id, note_id, &pin).unwrap_err().kind,
            ghl.create_note("NobodyAtAll000000001", &note)
                .unwrap_err()
                .kind,
            ghl.tasks("NobodyAtAll000000001").unwrap_err().kind,
            ghl.appointments("NobodyAtAll000000001").unwrap_err().kind,
        ];
        assert_eq!(gone, [RemoteErrorKind::Gone; 5], "{quirks:?}");
        for _ in 0..2 {
            assert_eq!(ghl.delete(&id), Ok(()), "{quirks:?}");
        }
        assert_eq!(ghl.get(Key::Id(&id)), Ok(None));
        assert_eq!(
            ghl.update(
                &id,
                &Change {
                    opt_out: true,
                    ..Change::default()
                }
            )
            .unwrap_err()
            .kind,
            RemoteErrorKind::Gone
        );
    }
}

#[test]
fn every_way_of_reading_shows_the_same_people() {
    for quirks in READING {
        let world = world(quirks, 130);
        let mut ghl = client_of(&world);
        ghl.want(&strings(&["firstName", "phone"])).unwrap();
        let collect = |read: &dyn Fn(&Collected) -> Result<Listed, RemoteError>| {
            let collected = Collected::default();
            assert!(read(&collected).unwrap().complete, "{quirks:?}");
            collected.0.into_inner().unwrap()
        };
        let all = Search::default();
        let searched = collect(&|into| ghl.search(&all, &|page| into.take(page)));
        let listed = collect(&|into| ghl.list_deprecated(None, &|page| into.take(page)));
        assert_eq!(searched.len(), 130);
        let ids = |contacts: &[Contact]| -> Vec<String> {
            let mut contacts: Vec<_> = contacts.iter().collect();
            contacts.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
            contacts.iter().map(|c| c.id.clone()).collect()
        };
        assert_eq!(ids(&searched), ids(&listed), "{quirks:?}");
        let mut of_list: Vec<&Contact> = listed.iter().collect();
        of_list.sort_by_key(|c| &c.id);
        let mut of_search: Vec<&Contact> = searched.iter().collect();
        of_search.sort_by_key(|c| &c.id);
        for (a, b) in of_list.into_iter().zip(of_search) {
            assert_eq!(
                (a.consent, &a.values, &a.email),
                (b.consent, &b.values, &b.email)
            );
        }
    }
}

#[test]
fn what_hangs_on_contacts_is_found_by_every_way() {
    for quirks in READING {
        let world = world(quirks, 130);
        let ghl = client_of(&world);
        let ids: Vec<String> = stored(&world)
            .iter()
            .map(|contact| contact["id"].as_str().unwrap().to_owned())
            .collect();
        let mut singly = BTreeSet::new();
        for id in &ids {
            singly.extend(ghl.tasks(id).unwrap().into_iter().map(|task| task.id));
        }
        let search = |search: TaskSearch| {
            let mut found = Vec::new();
            ghl.search_tasks(&search, &mut |page| {
                found.extend(page);
                ControlFlow::Continue(())
            })
            .unwrap();
            found
        };
        let all = search(TaskSearch::default());
        let together: BTreeSet<String> = all.iter().map(|task| task.id.clone()).collect();
        assert!(!singly.is_empty());
        assert_eq!(together, singly, "{quirks:?}");
        assert_eq!(all.len(), together.len(), "each once");
        let named = search(TaskSearch {
            contact_ids: ids,
            completed: Some(false),
        });
        let open: BTreeSet<&String> = all
            .iter()
            .filter(|task| !task.completed)
            .map(|task| &task.id)
            .collect();
        assert_eq!(
            named.iter().map(|task| &task.id).collect::<BTreeSet<_>>(),
            open
        );

        let mut deals = Vec::new();
        ghl.opportunities(&OpportunitySearch::default(), &mut |page| {
            deals.extend(page);
            ControlFlow::Continue(())
        })
        .unwrap();
        assert!(!deals.is_empty());
        assert_eq!(
            ghl.opportunity(&deals[0].id).unwrap().unwrap().id,
            deals[0].id
        );
        assert_eq!(
            ghl.opportunity("NobodyAtAll000000001"),
            Ok(None),
            "{quirks:?}"
        );
        let stages: BTreeSet<String> = ghl
            .pipelines()
            .unwrap()
            .into_iter()
            .flat_map(|pipeline| pipeline.stages)
            .map(|stage| stage.id)
            .collect();
        assert!(
            deals
                .iter()
                .filter_map(|deal| deal.stage_id.as_ref())
                .all(|s| stages.contains(s))
        );
        let won = OpportunitySearch {
            status: Some("won".to_owned()),
            ..OpportunitySearch::default()
        };
        let mut count = 0;
        ghl.opportunities(&won, &mut |page| {
            count += page.len();
            ControlFlow::Continue(())
        })
        .unwrap();
        let expected = deals
            .iter()
            .filter(|d| d.status.as_deref() == Some("won"))
            .count();
        assert_eq!(count, expected);

        let mut businesses = Vec::new();
        ghl.businesses(&mut |page| {
            businesses.extend(page);
            ControlFlow::Continue(())
        })
        .unwrap();
        let people = |business: &str| {
            let collected = Collected::default();
            ghl.contacts_of_business(business, &|page| collected.take(page))
                .unwrap();
            collected.ids().into_iter().collect::<BTreeSet<_>>()
        };
        let mut somebody = 0;
        for business in &businesses {
            assert_eq!(ghl.business(&business.id).unwrap().as_ref(), Some(business));
            let linked: BTreeSet<String> = stored(&world)
                .iter()
                .filter(|contact| contact["businessId"] == business.id.as_str())
                .map(|contact| contact["id"].as_str().unwrap().to_owned())
                .collect();
            somebody += linked.len();
            assert_eq!(people(&business.id), linked, "{quirks:?}");
        }
        assert!(somebody > 0);
        assert_eq!(
            ghl.business("000000000000000000000000"),
            Ok(None),
            "{quirks:?}"
        );
    }
}

#[test]
fn a_token_that_may_only_read_is_told_what_it_lacks() {
    let world = world(&[], 45);
    let ghl = client_in(&world, world.ghl_readonly_token());
    let id = stored(&world)[0]["id"].as_str().unwrap().to_owned();
    let tags = Change {
        join: strings(&["a"]),
        ..Change::default()
    };
    for error in [
        ghl.update(&id, &tags).unwrap_err(),
        ghl.delete(&id).unwrap_err(),
        ghl.create(&draft("nobody@x.example")).unwrap_err(),
    ] {
        assert_eq!(error.kind, RemoteErrorKind::Auth, "{error:?}");
        assert!(error.hint.unwrap().contains("`contacts.write`"));
    }
}

#[test]
fn a_lost_answer_makes_no_second_contact_note_or_task() {
    for allow in [false, true] {
        for fault in ["cut-before", "cut-after", "truncate", "html", "502"] {
            let world = world(&[], 45);
            allow_duplicates(&world, allow);
            let id = put_contact(&world, json!({"email": "hangs@x.example"}));
            let ghl = client_of(&world);
            // The next POST is the one that makes something.
            let strike = || {
                let rule = json!({"rule": format!("ghl:POST:*@1={fault}")});
                world.admin("DELETE", "/faults", Value::Null);
                let (status, shown) = world.admin("POST", "/faults", rule);
                assert_eq!(status, 200, "{shown}");
            };
            for _ in 0..3 {
                strike();
                if let Err(error) = ghl.create(&draft("lost@x.example")) {
                    assert_eq!(error.kind, RemoteErrorKind::Unclear, "{allow} {fault}");
                }
            }
            let made = with_email(&world, "lost@x.example");
            assert!(made.len() <= 1, "{allow} {fault}");
            // A create that was not carried out is not tried again where its answer is lost.
            let carried_out = ["cut-after", "truncate"].contains(&fault);
            assert_eq!(made.len(), usize::from(allow || carried_out), "{fault}");
            let note = NoteDraft {
                body: Some("once".to_owned()),
                ..NoteDraft::default()
            };
            let task = TaskDraft {
                title: Some("once".to_owned()),
                due: Some(Timestamp::UNIX_EPOCH),
                ..TaskDraft::default()
            };
            strike();
            let noted = ghl.create_note(&id, &note).map_err(|error| error.kind);
            strike();
            let tasked = ghl.create_task(&id, &task).map_err(|error| error.kind);
            world.admin("DELETE", "/faults", Value::Null);
            let (notes, tasks) = (ghl.notes(&id).unwrap(), ghl.tasks(&id).unwrap());
            assert!(notes.len() <= 1 && tasks.len() <= 1);
            for (made, shown) in [
                (noted.map(|note| note.id), notes.len()),
                (tasked.map(|task| task.id), tasks.len()),
            ] {
                match made {
                    Ok(_) => assert_eq!(shown, 1, "{fault}"),
                    Err(kind) => assert_eq!(kind, RemoteErrorKind::Unclear, "{fault}"),
                }
            }
        }
    }
}

/// Where the authorize page sends somebody back to.
fn sent_back(link: &str) -> String {
    use std::io::{Read as _, Write as _};
    let url = url::Url::parse(link).unwrap();
    let host = url.host_str().unwrap();
    let mut page = std::net::TcpStream::connect((host, url.port().unwrap())).unwrap();
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    write!(
        page,
        "GET {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    page.read_to_string(&mut answer).unwrap();
    let back = answer.lines().find_map(|line| {
        line.split_once(": ")
            .filter(|(name, _)| name.eq_ignore_ascii_case("location"))
            .map(|(_, to)| to.to_owned())
    });
    back.unwrap_or_else(|| panic!("nobody is sent back: {answer}"))
}

#[test]
fn a_login_brings_tokens_that_rotate_and_an_agencys_those_of_its_locations() {
    use super::super::oauth::{Oauth, Page, Visit, read_back};
    use crate::api::http::{Http, Settings};
    use crate::credentials::{App, GrantError, Grants, Tokens};

    for quirks in [
        &[][..],
        &["company-install=yes"],
        &[
            "company-install=yes",
            "location-refresh=absent",
            "location-token-status=200",
            "oauth-state=dropped",
            "token-redirect=required",
        ],
    ] {
        let world = world(quirks, 0);
        let base = world.ghl_url();
        let connect = move |credential, hidden| {
            Http::new(Settings {
                side: Side::Ghl,
                base_url: crate::api::http::check_base_url(&base).unwrap(),
                credential,
                hidden,
                limits: scripted::limits(),
                stop: Stop::new(),
                trace: std::sync::Arc::new(|_| {}),
            })
        };
        let now = || Timestamp::now().as_millisecond();
        let oauth = Oauth::new(Box::new(connect), DEFAULT_VERSION.to_owned(), now);
        let page = Page {
            url: url::Url::parse(&world.authorize_url()).unwrap(),
        };
        let words = "contacts.readonly locations.readonly oauth.readonly oauth.write";
        let visit = Visit {
            client_id: world.client_id(),
            redirect_uri: "http://localhost:9/callback".to_owned(),
            scopes: words.split(' ').map(str::to_owned).collect(),
            state: "state-1".to_owned(),
            challenge: None,
        };
        let back = read_back(&sent_back(page.link(&visit).as_str())).unwrap();
        assert!(back.state.is_none_or(|state| state == visit.state));
        let app = |tokens: Tokens| App {
            client_id: visit.client_id.clone(),
            client_secret: Secret::from(world.client_secret()),
            redirect_uri: Some(visit.redirect_uri.clone()),
            tokens,
            agency: None,
        };
        let nothing = Tokens {
            access: Secret::from("none"),
            refresh: Some(Secret::from("none")),
            since: 0,
            expires: None,
            class: None,
            location_id: None,
            company_id: None,
            user_id: None,
            scopes: Vec::new(),
        };
        let asking = app(nothing);
        let given = oauth.exchange(&(&asking).into(), &back.code, None).unwrap();
        assert!(given.expires.is_some_and(|end| end > now() + 86_000_000));
        let again = oauth.exchange(&(&asking).into(), &back.code, None);
        assert!(matches!(again, Err(GrantError::Refused(_))), "{again:?}");
        let used_up = oauth.refresh(&asking, &asking.tokens);
        assert!(matches!(used_up, Err(GrantError::UsedUp(_))), "{used_up:?}");

        let is_agency = given.class.as_deref() == Some("Company");
        assert_eq!(is_agency, quirks.contains(&"company-install=yes"));
        let renewed = oauth.refresh(&app(given.clone()), &given).unwrap();
        let own = match is_agency {
            true => {
                let found = oauth.locations(&visit.client_id, &renewed).unwrap();
                assert_eq!(found[0].0, world.location_id());
                oauth.location_token(&renewed, &found[0].0).unwrap()
            }
            false => renewed,
        };
        assert_eq!(own.location_id.as_deref(), Some(world.location_id()));
        use secrecy::ExposeSecret as _;
        let location = client_in(&world, own.access.expose_secret()).location();
        assert!(location.unwrap().name.is_some());
        if !is_agency {
            let refused = oauth.locations(&visit.client_id, &own);
            assert!(refused.is_err(), "a location's token is not an agency's");
        }
    }
}
