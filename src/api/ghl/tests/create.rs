//! Creating contacts under every setting of a location.

use super::fixtures::fixture;
use super::*;
use crate::remote::{ADDITIONAL_EMAIL, PARTLY_APPLIED, PHONE_TAKEN};

fn draft() -> Draft {
    Draft {
        tag: "t".to_owned(),
        email: "Ada@x.example".to_owned(),
        values: vec![
            ("firstName".to_owned(), text_value("Ada")),
            ("companyName".to_owned(), text_value("Engines")),
        ],
        groups: strings(&["VIP"]),
        opted_out: false,
    }
}

fn bare() -> Draft {
    Draft {
        values: Vec::new(),
        groups: Vec::new(),
        ..draft()
    }
}

const CHECK: &str = "GET /contacts/search/duplicate?locationId=LOC&email=Ada%40x.example";
const LOCATION: &str = "GET /locations/LOC";
const CREATE: &str = "POST /contacts/";
const UPSERT: &str = "POST /contacts/upsert";

fn nobody() -> Reply {
    ok(json!({"contact": null}))
}

fn found(contact: Value) -> Reply {
    ok(json!({ "contact": contact }))
}

fn location(settings: Value) -> Reply {
    ok(json!({"location": {"id": "LOC", "settings": settings}}))
}

fn refusing() -> Reply {
    location(
        json!({"allowDuplicateContact": false, "contactUniqueIdentifiers": ["email", "phone"]}),
    )
}

fn allowing() -> Reply {
    location(json!({"allowDuplicateContact": true}))
}

/// A new contact as the answer to its create shows it.
fn made(contact: Value) -> Reply {
    Reply::json(201, json!({"contact": contact, "traceId": "t"}))
}

fn whole() -> Value {
    json!({"id": "new", "email": "ada@x.example", "firstName": "Ada", "companyName": "Engines",
           "tags": ["vip"], "dnd": false, "dndSettings": {}})
}

fn create(
    replies: Vec<Reply>,
    draft: &Draft,
) -> (Result<Created, RemoteError>, Vec<(String, Value)>) {
    let server = Server::new(replies);
    let created = client(&server).create(draft);
    (created, exchanges(&server))
}

fn asked(exchanges: &[(String, Value)]) -> Vec<&str> {
    exchanges.iter().map(|one| one.0.as_str()).collect()
}

fn new() -> Result<Created, RemoteError> {
    Ok(Created::New("new".to_owned()))
}

fn exists(id: &str) -> Result<Created, RemoteError> {
    Ok(Created::Exists(Some(id.to_owned())))
}

#[test]
fn who_is_there_is_not_created() {
    let (created, seen) = create(
        vec![found(json!({"id": "old", "email": " ADA@x.example"}))],
        &draft(),
    );
    assert_eq!(created, exists("old"));
    assert_eq!(asked(&seen), [CHECK]);
    // The answer to the check is not declared: without the address the contact is read.
    let (created, seen) = create(
        vec![
            found(json!({"id": "old"})),
            found(json!({"id": "old", "email": "ada@x.example"})),
        ],
        &draft(),
    );
    assert_eq!(created, exists("old"));
    assert_eq!(asked(&seen), [CHECK, "GET /contacts/old"]);
}

#[test]
fn an_additional_address_is_reported_and_never_written_to() {
    for replies in [
        vec![found(json!({"id": "old", "email": "primary@x.example"}))],
        vec![found(json!({"id": "old"})), found(json!({"id": "old"}))],
    ] {
        let (created, seen) = create(replies, &draft());
        let error = created.unwrap_err();
        assert_eq!(
            (error.kind, error.code.as_deref(), error.existing.as_deref()),
            (RemoteErrorKind::Taken, Some(ADDITIONAL_EMAIL), Some("old"))
        );
        assert!(seen.iter().all(|one| one.0.starts_with("GET")));
    }
}

#[test]
fn where_duplicates_are_refused_one_call_makes_the_whole_contact() {
    let (created, seen) = create(vec![nobody(), refusing(), made(whole())], &draft());
    assert_eq!(created, new());
    assert_eq!(asked(&seen), [CHECK, LOCATION, CREATE]);
    assert_eq!(
        seen[2].1,
        json!({"locationId": "LOC", "email": "Ada@x.example", "firstName": "Ada",
               "companyName": "Engines", "tags": ["VIP"]})
    );
    let opted_out = Draft {
        opted_out: true,
        ..bare()
    };
    let blocked = json!({"id": "new", "email": "ada@x.example",
                         "dndSettings": {"Email": {"status": "active"}}});
    let (created, seen) = create(vec![nobody(), refusing(), made(blocked)], &opted_out);
    assert_eq!(created, new());
    assert_eq!(
        seen[2].1,
        json!({"locationId": "LOC", "email": "Ada@x.example",
               "dndSettings": {"Email": {"status": "active", "message": OPT_OUT_REASON}}})
    );
}

#[test]
fn elsewhere_a_bare_upsert_makes_it_and_updates_by_id_fill_it() {
    let scope = || refusal(401, "The token is not authorized for this scope.");
    for place in [allowing(), location(json!(null)), scope()] {
        let fresh = json!({"new": true, "succeded": true,
                           "contact": {"id": "new", "email": "ada@x.example"}});
        let (created, seen) = create(
            vec![
                nobody(),
                place,
                ok(fresh),
                ok(json!({"succeded": true, "contact": whole()})),
                Reply::json(201, json!({"tags": ["vip"]})),
            ],
            &draft(),
        );
        assert_eq!(created, new());
        assert_eq!(
            seen[2..],
            [
                (
                    UPSERT.to_owned(),
                    json!({"locationId": "LOC", "email": "Ada@x.example"})
                ),
                (
                    "PUT /contacts/new".to_owned(),
                    json!({"firstName": "Ada", "companyName": "Engines"})
                ),
                (
                    "POST /contacts/new/tags".to_owned(),
                    json!({"tags": ["VIP"]})
                ),
            ]
        );
    }
    // The opt-out is the first thing that the new contact learns.
    let draft = Draft {
        opted_out: true,
        ..draft()
    };
    let blocked = json!({"contact": {"id": "new", "dndSettings": {"Email": {"status": "active"}}}});
    let (created, seen) = create(
        vec![
            nobody(),
            allowing(),
            ok(json!({"new": true, "contact": {"id": "new"}})),
            ok(json!({"contact": {"id": "new"}})),
            ok(blocked),
            ok(json!({ "contact": whole() })),
            ok(json!({"tags": ["vip"]})),
        ],
        &draft,
    );
    assert_eq!(created, new());
    assert_eq!(
        seen[4].1,
        json!({"dndSettings": {"Email": {"status": "active", "message": OPT_OUT_REASON}}})
    );
}

#[test]
fn an_upsert_that_finds_somebody_changes_nothing_more() {
    for answer in [
        json!({"new": false, "contact": {"id": "old", "email": "ada@x.example"}}),
        // Not told whether it is new: then it may be somebody.
        json!({"contact": {"id": "old"}}),
        json!({"new": "maybe", "contact": {"id": "old"}}),
    ] {
        let (created, seen) = create(vec![nobody(), allowing(), ok(answer)], &draft());
        assert_eq!(created, exists("old"));
        assert_eq!(asked(&seen), [CHECK, LOCATION, UPSERT]);
    }
    // Somebody whom the check did not know, and who is not new: found by an additional address.
    for (added, additional) in [
        ("1994-11-06T08:45:00.000Z", false),
        ("1994-11-05T08:45:00.000Z", true),
    ] {
        let contact = json!({"id": "old", "email": "ada@x.example", "dateAdded": added});
        let answer = ok(json!({"new": false, "contact": contact}))
            .with("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        let (created, seen) = create(vec![nobody(), allowing(), answer], &draft());
        match additional {
            false => assert_eq!(created, exists("old")),
            true => {
                let error = created.unwrap_err();
                assert_eq!(error.code.as_deref(), Some(ADDITIONAL_EMAIL));
                assert_eq!(error.existing.as_deref(), Some("old"));
            }
        }
        assert_eq!(seen.len(), 3, "and nothing more is written");
    }
}

#[test]
fn a_location_that_looks_at_phones_only_is_searched_and_never_upserted() {
    for allows in [false, true] {
        let by_phone = || {
            location(
                json!({"allowDuplicateContact": allows, "contactUniqueIdentifiers": ["phone"]}),
            )
        };
        let hits =
            |email: &str| ok(json!({"contacts": [{"id": "old", "email": email}], "total": 1}));
        let (created, seen) = create(vec![nobody(), by_phone(), hits("Ada@X.example")], &draft());
        assert_eq!(created, exists("old"));
        assert_eq!(
            seen[2],
            (
                "POST /contacts/search".to_owned(),
                json!({"locationId": "LOC", "pageLimit": 20,
                       "filters": [{"field": "email", "operator": "eq", "value": "ada@x.example"}]})
            )
        );
        let (created, seen) = create(
            vec![nobody(), by_phone(), hits("else@x.example"), made(whole())],
            &draft(),
        );
        assert_eq!(created, new());
        assert_eq!(seen[3].0, CREATE);
        // A refusal is no proof that nothing was made, and the location would make another one.
        let refused = refusal(422, json!(["property companyName should not exist"]));
        let nobody_found = || ok(json!({"contacts": []}));
        let (created, seen) = create(
            vec![nobody(), by_phone(), nobody_found(), refused, nobody()],
            &draft(),
        );
        assert_eq!(created.unwrap_err().kind, RemoteErrorKind::Rejected);
        assert_eq!(seen.iter().filter(|one| one.0 == CREATE).count(), 1);
        // Nor is it asked again before search has had the time to learn of it.
        let server = Server::new([
            nobody(),
            by_phone(),
            nobody_found(),
            Reply::Drop,
            nobody(),
            nobody(),
            nobody_found(),
            nobody(),
            hits("ada@x.example"),
        ]);
        let ghl = client(&server);
        for _ in 0..2 {
            let error = ghl.create(&draft()).unwrap_err();
            assert_eq!(error.kind, RemoteErrorKind::Unclear);
        }
        assert_eq!(ghl.create(&draft()), exists("old"));
        let posts = exchanges(&server);
        assert_eq!(posts.iter().filter(|one| one.0 == CREATE).count(), 1);
    }
}

#[test]
fn a_refusal_as_duplicate_tells_who_exists() {
    let duplicate = || Reply::json(400, fixture("errors/400_duplicate"));
    let mirela = "Mx4pQ9rTz2LkWv7Yc1Bn";
    let read = format!("GET /contacts/{mirela}");
    let begin = || vec![nobody(), refusing(), duplicate()];
    let with = |more: Vec<Reply>| [begin(), more].concat();
    let (created, seen) = create(
        with(vec![found(json!({"id": mirela, "email": "ada@x.example"}))]),
        &draft(),
    );
    assert_eq!(created, exists(mirela));
    assert_eq!(asked(&seen), [CHECK, LOCATION, CREATE, &read]);
    // By an additional address.
    let (created, _) = create(
        with(vec![found(
            json!({"id": mirela, "email": "else@x.example"}),
        )]),
        &draft(),
    );
    let error = created.unwrap_err();
    assert_eq!(
        (error.code.as_deref(), error.existing.as_deref()),
        (Some(ADDITIONAL_EMAIL), Some(mirela))
    );
    // By the phone number: somebody else, or the same person under another address.
    let (created, seen) = create(
        vec![
            nobody(),
            refusing(),
            Reply::json(400, fixture("errors/400_duplicate_phone")),
            found(json!({"id": mirela, "email": "else@x.example"})),
        ],
        &draft(),
    );
    let error = created.unwrap_err();
    assert_eq!(
        (
            error.kind,
            error.param.as_deref(),
            error.existing.as_deref()
        ),
        (RemoteErrorKind::Taken, Some("phone"), Some(mirela))
    );
    assert_eq!(error.code.as_deref(), Some(PHONE_TAKEN));
    assert_eq!(seen.iter().filter(|one| one.0 == CREATE).count(), 1);
    // Gone between the two, and found by nobody: the address is taken, by whom is not known.
    let (created, _) = create(
        with(vec![
            refusal(400, format!("Contact with id {mirela} not found")),
            nobody(),
        ]),
        &draft(),
    );
    assert_eq!(created.unwrap_err().kind, RemoteErrorKind::Taken);
    // Without `meta` the check has to tell.
    let plain = || refusal(400, "This location does not allow duplicated contacts.");
    for (checked, expected) in [
        (
            found(json!({"id": "old", "email": "ada@x.example"})),
            Created::Exists(Some("old".to_owned())),
        ),
        (nobody(), Created::Exists(None)),
    ] {
        let (created, seen) = create(vec![nobody(), refusing(), plain(), checked], &draft());
        assert_eq!(created, Ok(expected));
        assert_eq!(asked(&seen), [CHECK, LOCATION, CREATE, CHECK]);
    }
}

#[test]
fn a_lost_create_is_settled_by_the_check_and_never_sent_again() {
    let shows = || found(json!({"id": "new", "email": "ada@x.example"}));
    for lost in [
        Reply::Drop,
        Reply::Cut,
        Reply::text(502, ""),
        Reply::text(201, "gateway"),
        Reply::json(201, json!({})),
        Reply::json(201, json!({"contact": {"email": "ada@x.example"}})),
        // Refused, although it may have worked.
        refusal(422, json!(["Unprocessable Entity"])),
        refusal(400, "Bad Request"),
    ] {
        let (created, seen) = create(vec![nobody(), refusing(), lost.clone(), shows()], &bare());
        assert_eq!(created, exists("new"));
        assert_eq!(asked(&seen), [CHECK, LOCATION, CREATE, CHECK]);
        // The check is late, or the create did not work: nobody knows, nobody tries again.
        let (created, seen) = create(vec![nobody(), refusing(), lost.clone(), nobody()], &bare());
        let refused =
            matches!(&lost, Reply::Whole { status, .. } if *status == 400 || *status == 422);
        let kind = match refused {
            true => RemoteErrorKind::Rejected,
            false => RemoteErrorKind::Unclear,
        };
        assert_eq!(created.unwrap_err().kind, kind);
        assert_eq!(asked(&seen), [CHECK, LOCATION, CREATE, CHECK]);
        // Not even the check is answered.
        let down = refusal(401, "Invalid JWT");
        let (created, _) = create(vec![nobody(), refusing(), lost, down], &bare());
        assert_eq!(created.unwrap_err().kind, RemoteErrorKind::Unclear);
    }
    // Not processed: sent again.
    let busy = Reply::text(429, "").with("retry-after", "0");
    let (created, seen) = create(vec![nobody(), refusing(), busy, made(whole())], &bare());
    assert_eq!(created, new());
    assert_eq!(asked(&seen), [CHECK, LOCATION, CREATE, CREATE]);
}

#[test]
fn a_lost_upsert_is_sent_again_because_it_finds_its_own_work() {
    let again = json!({"new": false, "contact": {"id": "new", "email": "ada@x.example"}});
    let (created, seen) = create(vec![nobody(), allowing(), Reply::Drop, ok(again)], &draft());
    assert_eq!(created, exists("new"));
    assert_eq!(asked(&seen), [CHECK, LOCATION, UPSERT, UPSERT]);
    assert_eq!(seen[2], seen[3]);
    for (answer, checked, expected) in [
        (ok(json!({"new": true})), nobody(), None),
        (
            refusal(422, json!(["Unprocessable Entity"])),
            found(json!({"id": "new", "email": "ada@x.example"})),
            Some("new"),
        ),
    ] {
        let (created, seen) = create(vec![nobody(), allowing(), answer, checked], &draft());
        match expected {
            Some(id) => assert_eq!(created, exists(id)),
            None => assert_eq!(created.unwrap_err().kind, RemoteErrorKind::Unclear),
        }
        assert_eq!(asked(&seen), [CHECK, LOCATION, UPSERT, CHECK]);
    }
}

#[test]
fn what_a_new_contact_does_not_show_is_told_with_its_id() {
    let partly = |created: Result<Created, RemoteError>, names: &[&str]| {
        let error = created.unwrap_err();
        assert_eq!(error.code.as_deref(), Some(PARTLY_APPLIED), "{error:?}");
        assert_eq!(error.not_taken(), names);
        assert_eq!(error.existing.as_deref(), Some("new"));
    };
    let thin = || json!({"id": "new", "email": "ada@x.example", "tags": ["vip"]});
    // A thin answer is completed by a look.
    let (created, seen) = create(
        vec![nobody(), refusing(), made(thin()), found(whole())],
        &draft(),
    );
    assert_eq!(created, new());
    assert_eq!(seen[3].0, "GET /contacts/new");
    let (created, _) = create(
        vec![nobody(), refusing(), made(thin()), found(thin())],
        &draft(),
    );
    partly(created, &["companyName", "firstName"]);
    // A property or value that is refused by name does not hold the contact.
    let unknown = refusal(422, json!(["property companyName should not exist"]));
    let (created, seen) = create(vec![nobody(), refusing(), unknown, made(whole())], &draft());
    partly(created, &["companyName"]);
    assert_eq!(
        seen[3].1,
        json!({"locationId": "LOC", "email": "Ada@x.example", "firstName": "Ada", "tags": ["VIP"]})
    );
    // The address itself is another matter.
    let bad = Reply::json(422, fixture("errors/422_email"));
    let (created, _) = create(vec![nobody(), refusing(), bad, nobody()], &draft());
    let error = created.unwrap_err();
    assert_eq!(
        (error.kind, error.param.as_deref(), error.existing),
        (RemoteErrorKind::Rejected, Some("email"), None)
    );
    // Tags and opt-out have ways of their own.
    let opted_out = Draft {
        opted_out: true,
        ..draft()
    };
    let blocked = json!({"contact": {"id": "new", "dndSettings": {"Email": {"status": "active"}}}});
    let mut untagged = whole();
    untagged["tags"] = json!([]);
    let (created, seen) = create(
        vec![
            nobody(),
            refusing(),
            refusal(422, json!(["dndSettings.property Email should not exist"])),
            made(untagged.clone()),
            found(untagged),
            found(whole()),
            ok(blocked),
            ok(json!({"tags": ["vip"]})),
        ],
        &opted_out,
    );
    assert_eq!(created, new());
    assert!(seen[2].1.get("dndSettings").is_some() && seen[3].1.get("dndSettings").is_none());
    assert_eq!(
        asked(&seen)[4..],
        [
            "GET /contacts/new",
            "GET /contacts/new",
            "PUT /contacts/new",
            "POST /contacts/new/tags"
        ]
    );
    // An error on the way, too, says that the contact was made.
    let (created, _) = create(
        vec![
            nobody(),
            allowing(),
            ok(json!({"new": true, "contact": {"id": "new"}})),
            refusal(401, "Invalid JWT"),
        ],
        &draft(),
    );
    let error = created.unwrap_err();
    assert_eq!(
        (error.kind, error.existing.as_deref()),
        (RemoteErrorKind::Auth, Some("new"))
    );
}

#[test]
fn a_draft_that_cannot_be_stored_is_refused_before_anything_is_sent() {
    let server = Server::new([]);
    let ghl = client(&server);
    let with = |key: &str, value: FieldValue| Draft {
        values: vec![(key.to_owned(), value)],
        ..draft()
    };
    for draft in [
        with("tags", text_value("a")),
        with("dateOfBirth", text_value("soon")),
        with("email", text_value("other@x.example")),
        Draft {
            email: " ".to_owned(),
            ..draft()
        },
        Draft {
            groups: strings(&[""]),
            ..draft()
        },
    ] {
        let error = ghl.create(&draft).unwrap_err();
        assert_eq!(error.kind, RemoteErrorKind::Rejected, "{draft:?}");
    }
    assert!(server.take().is_empty());
    assert!(ghl.submit(&[]).is_err() && ghl.collect("x").is_err());
}

/// A location with a mind of its own: a create may be stored although its answer is lost, the check
/// may lag, duplicates are refused or not.
#[test]
fn nobody_is_ever_made_twice() {
    for refuses in [false, true] {
        for lose in [false, true] {
            for lags in [false, true] {
                let stored = Mutex::new(0);
                let server = Server::answering(move |asked| {
                    let mut stored = stored.lock().unwrap();
                    let contact = json!({"id": "new", "email": "ada@x.example", "tags": ["vip"],
                                         "firstName": "Ada", "companyName": "Engines"});
                    match asked.line().as_str() {
                        LOCATION => location(json!({"allowDuplicateContact": !refuses})),
                        CHECK if *stored == 0 || lags => nobody(),
                        CHECK => found(contact),
                        CREATE if refuses && *stored > 0 => Reply::json(
                            400,
                            json!({"message": "This location does not allow duplicated contacts.",
                                   "meta": {"contactId": "new", "matchingField": "email"}}),
                        ),
                        CREATE | UPSERT => {
                            let new = asked.line() == CREATE || *stored == 0;
                            *stored += i32::from(new);
                            assert_eq!(*stored, 1, "a second contact was made");
                            match lose {
                                true => Reply::Drop,
                                false => ok(json!({"new": new, "contact": contact})),
                            }
                        }
                        "POST /contacts/new/tags" => ok(json!({"tags": ["vip"]})),
                        _ => ok(json!({ "contact": contact })),
                    }
                });
                // Three runs, as after two crashes.
                for _ in 0..3 {
                    let created = client(&server).create(&draft());
                    let fine = matches!(&created, Ok(Created::New(_) | Created::Exists(Some(_))));
                    let unknown = lose
                        && lags
                        && created.as_ref().is_err_and(|error| {
                            matches!(
                                error.kind,
                                RemoteErrorKind::Unclear | RemoteErrorKind::Unavailable
                            )
                        });
                    let lost = lose && !refuses && created.is_err();
                    assert!(
                        fine || unknown || lost,
                        "{refuses} {lose} {lags}: {created:?}"
                    );
                }
            }
        }
    }
}
