//! The BigMailer client against hand-written answers.

mod contract;
mod resources;
#[cfg(feature = "sandbox")]
mod sandbox;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use jiff::civil::Date;
use serde_json::json;

use super::batches::BatchAnswer;
use super::contacts::{Item, UpsertFindings, UpsertProof};
use super::*;
use crate::api::scripted::{Reply, Seen as Asked, Server, settings};
use crate::contact::{Block, Consent, Contact, FieldValue, Side};
use crate::remote::{
    Change, Created, Draft, ItemOutcome, ItemResult, Key, Listed, Listing, Remote as _,
};

fn client(server: &Server) -> Bigmailer {
    let settings = settings(Side::Bigmailer, server, "0c1d2e3f-key");
    let mut bigmailer = Bigmailer::new(settings, "BRAND".to_owned()).unwrap();
    bigmailer.http = bigmailer.http.without_back_off();
    bigmailer
}

fn lines(server: &Server) -> Vec<String> {
    server.take().iter().map(Asked::line).collect()
}

fn item(json: Value) -> Item {
    serde_json::from_value(json).unwrap()
}

fn tags(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

fn text_value(text: &str) -> FieldValue {
    FieldValue::Text(text.to_owned())
}

fn pair(name: &str, value: FieldValue) -> (String, FieldValue) {
    (name.to_owned(), value)
}

#[test]
fn a_contact_is_read_in_full_and_only_the_wanted_fields() {
    let contact = item(json!({
        "id": "u1", "brand_id": "BRAND", "email": "Ada@Example.com", "created": 1_600_000_000,
        "field_values": [
            {"name": "FIRST NAME", "string": "Ada"},
            {"name": "SCORE", "integer": 9_007_199_254_740_993i64},
            {"name": "BORN", "date": "1990-09-25", "string": null},
            {"name": "EMPTY", "string": ""},
            {"name": "ODD"},
            {"name": "OTHER", "string": "not asked for"}
        ],
        "list_ids": ["l1", "l2"], "unsubscribe_all": false, "unsubscribe_ids": ["t"],
        "num_soft_bounces": 3, "num_hard_bounces": 0, "num_complaints": 0
    }))
    .decode(&tags(&[
        "FIRST NAME",
        "SCORE",
        "BORN",
        "EMPTY",
        "ODD",
        "first name",
    ]))
    .unwrap();
    assert_eq!(
        contact,
        Contact {
            id: "u1".to_owned(),
            email: Some("Ada@Example.com".to_owned()),
            created: Some(1_600_000_000_000),
            updated: None,
            consent: Consent::Allowed,
            values: BTreeMap::from([
                pair("FIRST NAME", text_value("Ada")),
                pair("SCORE", FieldValue::Integer(9_007_199_254_740_993)),
                pair("BORN", FieldValue::Date(Date::constant(1990, 9, 25))),
            ]),
            groups: vec!["l1".to_owned(), "l2".to_owned()],
        }
    );
}

#[test]
fn properties_of_the_wrong_type_fail_nothing() {
    let contact = item(json!({
        "id": 7, "email": null, "field_values": {"A": 1}, "list_ids": "l1", "created": "then",
        "unsubscribe_all": "maybe", "num_complaints": "many"
    }))
    .decode(&tags(&["A"]))
    .unwrap();
    assert_eq!(contact.id, "7");
    assert_eq!((contact.email, contact.created), (None, None));
    assert_eq!(contact.consent, Consent::Unknown);
    assert!(
        item(json!({"email": "a@b.co"}))
            .decode(&tags(&[]))
            .is_none()
    );
}

#[test]
fn consent_names_the_strongest_reason() {
    let consent = |json: Value| item(json).consent();
    let blocked = Consent::Blocked;
    assert_eq!(
        consent(json!({"unsubscribe_all": true, "num_complaints": 1})),
        blocked(Block::Unsubscribed)
    );
    assert_eq!(
        consent(json!({"unsubscribe_all": false, "num_complaints": 1, "num_hard_bounces": 1})),
        blocked(Block::Complaint)
    );
    assert_eq!(
        consent(json!({"num_hard_bounces": 2})),
        blocked(Block::HardBounce)
    );
    assert_eq!(
        consent(json!({"unsubscribe_all": false, "num_soft_bounces": 9})),
        Consent::Allowed
    );
    assert_eq!(consent(json!({})), Consent::Unknown);
}

fn page(ids: &[&str], cursor: Option<&str>, more: bool, total: u64) -> Reply {
    let data: Vec<Value> = ids
        .iter()
        .map(|id| json!({"id": id, "email": format!("{id}@example.com")}))
        .collect();
    let mut body = json!({"has_more": more, "data": data, "total": total});
    if let Some(cursor) = cursor {
        body["cursor"] = json!(cursor);
    }
    Reply::json(200, body).with("date", "Sun, 06 Nov 1994 08:49:37 GMT")
}

fn list(bigmailer: &Bigmailer) -> (Result<Listed, RemoteError>, Vec<String>) {
    let ids = Mutex::new(Vec::new());
    let listed = bigmailer.list(&Listing::Full, &|page| {
        ids.lock()
            .unwrap()
            .extend(page.contacts.into_iter().map(|c| c.id));
        ControlFlow::Continue(())
    });
    (listed, ids.into_inner().unwrap())
}

#[test]
fn a_listing_follows_the_cursor_until_nothing_is_left() {
    let server = Server::new([
        page(&["a", "b"], Some("x+/="), true, 3),
        // The last page may carry a cursor all the same.
        page(&["c"], Some("y"), false, 3),
    ]);
    let (listed, ids) = list(&client(&server));
    assert_eq!(
        listed.unwrap(),
        Listed {
            as_of: Some(784_111_777_000),
            complete: true
        }
    );
    assert_eq!(ids, ["a", "b", "c"]);
    assert_eq!(
        lines(&server),
        [
            "GET /brands/BRAND/contacts?limit=100",
            "GET /brands/BRAND/contacts?limit=100&cursor=x%2B%2F%3D"
        ]
    );
}

#[test]
fn without_a_total_somebody_shown_twice_makes_the_listing_doubtful() {
    let untold = |ids: &[&str], cursor: Option<&str>, more: bool| {
        let data: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
        Reply::json(
            200,
            json!({"has_more": more, "data": data, "cursor": cursor}),
        )
    };
    let server = Server::new([
        untold(&["a", "b"], Some("1"), true),
        untold(&["b", "c"], None, false),
        untold(&["a", "b"], Some("1"), true),
        untold(&["c"], None, false),
    ]);
    let (listed, _) = list(&client(&server));
    assert!(listed.unwrap().complete, "the second pass was in order");
    assert_eq!(lines(&server).len(), 4);

    let server = Server::new([
        untold(&["a", "b"], Some("1"), true),
        untold(&["b", "c"], None, false),
        untold(&["a", "b"], Some("1"), true),
        untold(&["a", "c"], None, false),
    ]);
    let (listed, _) = list(&client(&server));
    assert!(!listed.unwrap().complete);
}

#[test]
fn counters_and_topics_are_values_that_have_to_be_asked_for() {
    use super::contacts::{COMPLAINTS, HARD_BOUNCES, SOFT_BOUNCES, UNSUBSCRIBED_FROM};
    let it = item(
        json!({"id": "u1", "num_soft_bounces": 3, "num_hard_bounces": 0,
        "unsubscribe_ids": ["t1", "t2"]}),
    );
    let all = [SOFT_BOUNCES, HARD_BOUNCES, COMPLAINTS, UNSUBSCRIBED_FROM];
    let values = it.decode(&tags(&all)).unwrap().values;
    let topics = FieldValue::Many(vec!["t1".to_owned(), "t2".to_owned()]);
    assert_eq!(
        values,
        BTreeMap::from([
            pair(SOFT_BOUNCES, FieldValue::Integer(3)),
            pair(HARD_BOUNCES, FieldValue::Integer(0)),
            pair(UNSUBSCRIBED_FROM, topics),
        ])
    );
    assert!(it.decode(&tags(&["FIRST_NAME"])).unwrap().values.is_empty());
    // A merge tag is one line.
    assert!(all.iter().all(|name| name.contains('\n')));
}

#[test]
fn a_listing_goes_on_from_a_cursor_and_names_the_next_one() {
    let server = Server::new([
        page(&["c", "d"], Some("2=="), true, 5),
        page(&["e"], Some("3=="), false, 5),
    ]);
    let cursors = Mutex::new(Vec::new());
    let listed = client(&server).read_on(Some("L"), Some("1=="), &|page, next| {
        let ids = page.contacts.iter().map(|one| one.id.clone());
        let ids: String = ids.collect();
        cursors.lock().unwrap().push((ids, next.map(str::to_owned)));
        ControlFlow::Continue(())
    });
    assert!(
        listed.unwrap().complete,
        "whether all were seen is the caller's to tell"
    );
    assert_eq!(
        *cursors.lock().unwrap(),
        [
            ("cd".to_owned(), Some("2==".to_owned())),
            ("e".to_owned(), None)
        ]
    );
    let asked = lines(&server);
    assert!(
        asked.iter().all(|line| line.contains("list_id=L")),
        "{asked:?}"
    );
    assert!(asked[0].contains("cursor=1%3D%3D") && asked[1].contains("cursor=2%3D%3D"));
}

#[test]
fn an_empty_brand_costs_one_call() {
    let server = Server::new([page(&[], None, false, 0)]);
    let (listed, ids) = list(&client(&server));
    assert!(listed.unwrap().complete && ids.is_empty());
    assert_eq!(server.take().len(), 1);
}

#[test]
fn a_page_that_repeats_is_asked_for_again_and_a_circle_is_nonsense() {
    let server = Server::new([
        page(&["a"], Some("1"), true, 3),
        page(&["a"], Some("1"), true, 3),
        page(&["b"], Some("2"), true, 3),
        page(&["c"], None, false, 3),
    ]);
    let (listed, ids) = list(&client(&server));
    assert!(listed.unwrap().complete);
    assert_eq!(ids, ["a", "b", "c"]);
    assert_eq!(
        lines(&server)[1..3],
        ["GET /brands/BRAND/contacts?limit=100&cursor=1"; 2]
    );

    let server = Server::new([
        page(&["a"], Some("1"), true, 9),
        page(&["b"], Some("2"), true, 9),
        page(&["c"], Some("1"), true, 9),
        page(&["c"], Some("1"), true, 9),
    ]);
    let (listed, _) = list(&client(&server));
    assert_eq!(listed.unwrap_err().kind, RemoteErrorKind::Nonsense);
    assert_eq!(server.take().len(), 4);

    let no_cursor = page(&["a"], None, true, 9);
    let server = Server::new([no_cursor.clone(), no_cursor]);
    let (listed, _) = list(&client(&server));
    assert_eq!(listed.unwrap_err().kind, RemoteErrorKind::Nonsense);
}

#[test]
fn fewer_people_than_the_total_are_counted_again_before_they_count_as_incomplete() {
    let short = page(&["a", "a", "b"], None, false, 3);
    let server = Server::new([short.clone(), page(&["a", "b", "c"], None, false, 3)]);
    let (listed, _) = list(&client(&server));
    assert!(listed.unwrap().complete);
    let server = Server::new([short.clone(), short]);
    let (listed, _) = list(&client(&server));
    assert!(!listed.unwrap().complete);
    assert_eq!(server.take().len(), 2);
    // Somebody was deleted meanwhile: the lower total is the one that was there all the time.
    let server = Server::new([
        page(&["a"], Some("1"), true, 3),
        page(&["b"], None, false, 2),
    ]);
    let (listed, _) = list(&client(&server));
    assert!(listed.unwrap().complete);
    assert_eq!(server.take().len(), 2);
}

#[test]
fn an_answer_without_the_word_more_or_without_data_proves_no_end() {
    let vague = |ids: &[&str], cursor: Option<&str>| {
        let data: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
        Reply::json(200, json!({"data": data, "cursor": cursor}))
    };
    let server = Server::new([
        vague(&["a"], Some("1")),
        vague(&["b"], None),
        vague(&["a"], Some("1")),
        vague(&["b"], None),
    ]);
    let (listed, ids) = list(&client(&server));
    assert!(!listed.unwrap().complete);
    assert_eq!(ids, ["a", "b", "a", "b"]);
    for body in [
        json!({}),
        json!({"has_more": false}),
        json!({"has_more": false, "data": null}),
    ] {
        let server = Server::new([Reply::json(200, body)]);
        let (listed, _) = list(&client(&server));
        assert_eq!(listed.unwrap_err().kind, RemoteErrorKind::Nonsense);
    }
}

#[test]
fn a_receiver_that_has_enough_ends_the_listing_and_there_is_no_listing_by_change() {
    let server = Server::new([page(&["a"], Some("1"), true, 9)]);
    let bigmailer = client(&server);
    let listed = bigmailer
        .list(&Listing::Full, &|_| ControlFlow::Break(()))
        .unwrap();
    assert!(!listed.complete);
    assert_eq!(server.take().len(), 1);
    let since = bigmailer.list(&Listing::Since(0), &|_| ControlFlow::Continue(()));
    assert_eq!(since.unwrap_err().kind, RemoteErrorKind::Rejected);
    assert!(server.take().is_empty());
}

fn missing() -> Reply {
    Reply::json(
        404,
        json!({"type": "invalid_request_error", "message": "No such object", "param": "brand_id", "code": "resource_missing"}),
    )
}

fn taken(param: &str) -> Reply {
    Reply::json(
        422,
        json!({"type": "invalid_request_error", "message": "Already exists", "param": param, "code": "resource_already_exists"}),
    )
}

#[test]
fn a_contact_is_found_by_id_or_encoded_address() {
    let server = Server::new([
        Reply::json(200, json!({"id": "u1", "email": "a+b/c@d.ef"})),
        missing(),
        Reply::json(
            403,
            json!({"type": "invalid_request_error", "message": "no"}),
        ),
        Reply::json(200, json!({})),
    ]);
    let bigmailer = client(&server);
    assert_eq!(
        bigmailer.get(Key::Email("a+b/c@d.ef")).unwrap().unwrap().id,
        "u1"
    );
    assert_eq!(bigmailer.get(Key::Id("u1")), Ok(None));
    let refused = bigmailer.get(Key::Id("u1")).unwrap_err();
    assert_eq!(refused.kind, RemoteErrorKind::Auth);
    assert!(refused.hint.unwrap().contains("permission"));
    assert_eq!(
        bigmailer.get(Key::Id("u1")).unwrap_err().kind,
        RemoteErrorKind::Nonsense
    );
    assert_eq!(
        lines(&server)[..2],
        [
            "GET /brands/BRAND/contacts/a%2Bb%2Fc%40d.ef",
            "GET /brands/BRAND/contacts/u1"
        ]
    );
    assert_eq!(bigmailer.get(Key::Email("")), Ok(None));
    assert!(server.take().is_empty());
}

fn draft() -> Draft {
    Draft {
        tag: "row-1".to_owned(),
        email: "a@b.co".to_owned(),
        values: vec![
            pair("NAME", text_value("Ada")),
            pair("SCORE", FieldValue::Integer(i64::MAX)),
            pair("BORN", FieldValue::Date(Date::constant(1990, 9, 25))),
        ],
        groups: vec!["l1".to_owned()],
        opted_out: true,
    }
}

fn encoded_values() -> Value {
    json!([
        {"name": "NAME", "string": "Ada"},
        {"name": "SCORE", "integer": i64::MAX},
        {"name": "BORN", "date": "1990-09-25"}
    ])
}

#[test]
fn a_create_says_only_what_it_means() {
    let server = Server::new([
        Reply::json(200, json!({"id": "new"})),
        Reply::json(200, json!({"id": "bare"})),
        taken("email"),
        Reply::json(
            422,
            json!({"type": "invalid_request_error", "message": "odd"}),
        ),
        Reply::json(
            400,
            json!({"message": "bad", "code": "invalid_format", "param": "email"}),
        ),
        Reply::json(200, json!({})),
        Reply::json(500, json!({})),
    ]);
    let bigmailer = client(&server);
    assert_eq!(
        bigmailer.create(&draft()),
        Ok(Created::New("new".to_owned()))
    );
    let bare = Draft {
        values: vec![],
        groups: vec![],
        opted_out: false,
        ..draft()
    };
    assert_eq!(bigmailer.create(&bare), Ok(Created::New("bare".to_owned())));
    assert_eq!(bigmailer.create(&bare), Ok(Created::Exists(None)));
    let kinds: Vec<RemoteErrorKind> = (0..4)
        .map(|_| bigmailer.create(&bare).unwrap_err().kind)
        .collect();
    use RemoteErrorKind::{Rejected, Unclear};
    assert_eq!(kinds, [Rejected, Rejected, Unclear, Unclear]);
    let asked = server.take();
    assert_eq!(asked.len(), 7);
    assert_eq!(asked[0].line(), "POST /brands/BRAND/contacts");
    assert_eq!(
        asked[0].json(),
        json!({"email": "a@b.co", "field_values": encoded_values(), "list_ids": ["l1"], "unsubscribe_all": true})
    );
    assert_eq!(asked[1].json(), json!({"email": "a@b.co"}));
}

const ADD: &str =
    "POST /brands/BRAND/contacts/u1?field_values_op=add&list_ids_op=add&unsubscribe_ids_op=add";
const REMOVE: &str = "POST /brands/BRAND/contacts/u1?field_values_op=remove&list_ids_op=remove&unsubscribe_ids_op=add";

/// The calls that a change makes.
fn calls_of(change: &Change) -> Vec<(String, Value)> {
    let server = Server::answering(|_| Reply::json(200, json!({"id": "u1"})));
    client(&server).update("u1", change).unwrap();
    server.take().iter().map(|a| (a.line(), a.json())).collect()
}

#[test]
fn an_update_spells_out_every_operation_and_sends_only_what_changed() {
    let nothing = Change::default();
    assert_eq!(calls_of(&nothing), []);
    let everything = Change {
        email: Some("new@b.co".to_owned()),
        set: vec![pair("NAME", text_value("Ada"))],
        clear: vec![pair("SCORE", FieldValue::Integer(5))],
        join: vec!["l1".to_owned()],
        leave: vec!["l2".to_owned()],
        opt_out: true,
    };
    assert_eq!(
        calls_of(&everything),
        [
            (
                ADD.to_owned(),
                json!({"email": "new@b.co", "unsubscribe_all": true, "list_ids": ["l1"],
                       "field_values": [{"name": "NAME", "string": "Ada"}]})
            ),
            (
                REMOVE.to_owned(),
                json!({"list_ids": ["l2"], "field_values": [{"name": "SCORE", "integer": 5}]})
            ),
        ]
    );
    let leaving = Change {
        leave: vec!["l2".to_owned()],
        opt_out: true,
        ..Change::default()
    };
    assert_eq!(
        calls_of(&leaving),
        [(
            REMOVE.to_owned(),
            json!({"list_ids": ["l2"], "unsubscribe_all": true})
        )]
    );
    let opting_out = Change {
        opt_out: true,
        ..Change::default()
    };
    assert_eq!(
        calls_of(&opting_out),
        [(ADD.to_owned(), json!({"unsubscribe_all": true}))]
    );
    let joining = Change {
        join: vec!["l1".to_owned()],
        ..Change::default()
    };
    assert_eq!(
        calls_of(&joining),
        [(ADD.to_owned(), json!({"list_ids": ["l1"]}))]
    );
}

#[test]
fn an_update_tells_taken_gone_and_wrong_apart() {
    let change = Change {
        email: Some("new@b.co".to_owned()),
        ..Change::default()
    };
    let kind = |reply: Reply| {
        let server = Server::new([reply]);
        client(&server).update("u1", &change).unwrap_err().kind
    };
    assert_eq!(kind(taken("email")), RemoteErrorKind::Taken);
    assert_eq!(kind(missing()), RemoteErrorKind::Gone);
    assert_eq!(
        kind(Reply::json(400, json!({"message": "bad"}))),
        RemoteErrorKind::Rejected
    );
    // Safe to repeat, so it is repeated.
    let server = Server::new([
        Reply::json(500, json!({})),
        Reply::Drop,
        Reply::text(200, ""),
    ]);
    client(&server).update("u1", &change).unwrap();
    assert_eq!(server.take().len(), 3);
}

#[test]
fn values_that_bigmailer_cannot_hold_are_never_sent() {
    let server = Server::new([]);
    let bigmailer = client(&server);
    for value in [
        FieldValue::Decimal(0.5),
        FieldValue::Flag(true),
        FieldValue::Many(vec!["a".to_owned()]),
        text_value(""),
    ] {
        let change = Change {
            join: vec!["l1".to_owned()],
            clear: vec![pair("X", value.clone())],
            ..Change::default()
        };
        let error = bigmailer.update("u1", &change).unwrap_err();
        assert_eq!(error.kind, RemoteErrorKind::Rejected, "{value:?}");
        let bad = Draft {
            values: vec![pair("X", value)],
            ..draft()
        };
        assert_eq!(
            bigmailer.create(&bad).unwrap_err().kind,
            RemoteErrorKind::Rejected
        );
        assert_eq!(
            bigmailer.submit(&[draft(), bad]).unwrap_err().kind,
            RemoteErrorKind::Rejected
        );
    }
    assert!(server.take().is_empty());
}

#[test]
fn deleting_somebody_who_is_gone_is_a_success() {
    let server = Server::new([
        Reply::json(200, json!({"id": "u1"})),
        missing(),
        Reply::json(502, json!({})),
        missing(),
        Reply::json(400, json!({"message": "mailed within 21 days"})),
    ]);
    let bigmailer = client(&server);
    for _ in 0..3 {
        bigmailer.delete("u1").unwrap();
    }
    assert_eq!(
        bigmailer.delete("u1").unwrap_err().kind,
        RemoteErrorKind::Rejected
    );
    assert_eq!(lines(&server)[0], "DELETE /brands/BRAND/contacts/u1");
}

#[test]
fn a_batch_is_submitted_once_and_whole() {
    let server = Server::new([
        Reply::json(200, json!({"id": "B1"})),
        Reply::json(503, json!({})),
        Reply::json(200, json!({"status": "pending"})),
        Reply::json(429, json!({"type": "rate_limit_error"})).with("retry-after", "0"),
        Reply::json(200, json!({"id": "B2"})),
        Reply::json(
            400,
            json!({"message": "items[0].email", "code": "invalid_format"}),
        ),
    ]);
    let bigmailer = client(&server);
    let allowed = Draft {
        opted_out: false,
        tag: "row-2".to_owned(),
        ..draft()
    };
    assert_eq!(
        bigmailer.submit(&[draft(), allowed.clone()]),
        Ok("B1".to_owned())
    );
    let asked = server.take();
    assert_eq!(asked[0].line(), "POST /brands/BRAND/contacts/batches");
    assert_eq!(
        asked[0].json(),
        json!({"validate": false, "items": [
            {"email": "a@b.co", "field_values": encoded_values(), "list_ids": ["l1"], "unsubscribe_all": true, "custom_id": "row-1"},
            {"email": "a@b.co", "field_values": encoded_values(), "list_ids": ["l1"], "custom_id": "row-2"},
        ]})
    );
    let one = std::slice::from_ref(&allowed);
    assert_eq!(
        bigmailer.submit(one).unwrap_err().kind,
        RemoteErrorKind::Unclear
    );
    assert_eq!(
        bigmailer.submit(one).unwrap_err().kind,
        RemoteErrorKind::Unclear
    );
    assert_eq!(bigmailer.submit(one), Ok("B2".to_owned()));
    assert_eq!(
        bigmailer.submit(one).unwrap_err().kind,
        RemoteErrorKind::Rejected
    );
    assert_eq!(server.take().len(), 5);

    let long = Draft {
        tag: "x".repeat(81),
        ..allowed.clone()
    };
    for wrong in [&[][..], &vec![allowed; 1_001], &[long]] {
        assert_eq!(
            bigmailer.submit(wrong).unwrap_err().kind,
            RemoteErrorKind::Rejected
        );
    }
    assert!(server.take().is_empty());
}

#[test]
fn a_batch_is_finished_by_its_time_or_by_an_account_of_every_item() {
    let finished = |json: Value, submitted: Option<usize>| {
        let answer: BatchAnswer = serde_json::from_value(json).unwrap();
        answer.is_finished(submitted)
    };
    let one = json!([{"custom_id": "a"}]);
    assert!(finished(json!({"completed": 1_600_000_000}), None));
    assert!(finished(
        json!({"status": "Completed", "results": one}),
        Some(1)
    ));
    assert!(!finished(
        json!({"status": "complete", "results": one}),
        Some(2)
    ));
    assert!(!finished(
        json!({"status": "complete", "results": one}),
        None
    ));
    assert!(finished(
        json!({"status": "complete", "results": one, "num_created": 1, "num_updated": 0, "num_new_not_created": 0}),
        None
    ));
    assert!(!finished(
        json!({"status": "complete", "results": []}),
        Some(0)
    ));
    assert!(!finished(
        json!({"status": "in progress", "results": one, "completed": null}),
        Some(1)
    ));
    assert!(!finished(json!({}), Some(1)));

    // A word nobody has documented, and a verdict on every item.
    let verdicts =
        json!([{"custom_id": "a", "success": true}, {"custom_id": "b", "success": false}]);
    let done = json!({"status": "done", "results": verdicts, "completed": null});
    assert!(finished(done.clone(), Some(2)));
    assert!(!finished(done.clone(), Some(3)));
    assert!(!finished(done, None));

    // No results at all, but counters that account for every item.
    let counters =
        json!({"status": "complete", "num_created": 2, "num_updated": 0, "num_new_not_created": 1});
    assert!(finished(counters.clone(), Some(3)));
    assert!(!finished(counters.clone(), Some(4)));
    assert!(!finished(counters, None));
    assert!(!finished(
        json!({"status": "pending", "num_created": 3, "num_updated": 0, "num_new_not_created": 0}),
        Some(3)
    ));
}

#[test]
fn results_are_matched_by_correlation_id_then_address() {
    let server = Server::new([
        Reply::json(200, json!({"id": "B1"})),
        Reply::json(200, json!({"status": "pending"})),
        Reply::json(
            200,
            json!({"completed": 5, "results": [
                {"custom_id": "row-1", "success": true, "id": "u1"},
                {"custom_id": "row-2", "success": false, "code": "invalid_format", "message": "bad"},
                {"email": "C@b.co", "success": true},
                {"email": "stranger@b.co", "success": true, "id": "u9"},
                {"custom_id": "row-4", "id": "u4"},
                {"custom_id": "row-5"},
            ]}),
        ),
        missing(),
    ]);
    let bigmailer = client(&server);
    let third = Draft {
        tag: "row-3".to_owned(),
        email: "c@b.co".to_owned(),
        ..draft()
    };
    bigmailer.submit(&[draft(), third]).unwrap();
    assert_eq!(bigmailer.collect("B1"), Ok(None));
    let results = bigmailer.collect("B1").unwrap().unwrap();
    let brief: Vec<(&str, Option<&str>)> = results
        .iter()
        .map(|r| {
            let stored = match &r.outcome {
                ItemOutcome::Stored(id) => Some(id.as_str()),
                ItemOutcome::Refused { .. } => None,
            };
            (r.tag.as_str(), stored)
        })
        .collect();
    assert_eq!(
        brief,
        [
            ("row-1", Some("u1")),
            ("row-2", None),
            ("row-3", Some("")),
            ("row-4", Some("u4")),
            ("row-5", None)
        ]
    );
    assert_eq!(
        results[1].outcome,
        ItemOutcome::Refused {
            code: Some("invalid_format".to_owned()),
            message: "bad".to_owned()
        }
    );
    assert_eq!(
        bigmailer.collect("B1").unwrap_err().kind,
        RemoteErrorKind::Gone
    );
}

#[test]
fn brand_fields_lists_and_topics_are_read_from_all_pages() {
    let server = Server::new([
        Reply::json(
            200,
            json!({"id": "BRAND", "name": "Acme", "contact_limit": 5000}),
        ),
        Reply::json(
            200,
            json!({"has_more": true, "cursor": "c", "data": [
            {"id": "f1", "name": "E-mail", "type": "email", "merge_tag_name": "EMAIL"}]}),
        ),
        Reply::json(
            200,
            json!({"has_more": false, "data": [
            {"id": "f2", "name": "First", "type": "text", "merge_tag_name": "FIRST_NAME"}, {"id": "broken"}]}),
        ),
        Reply::json(
            200,
            json!({"has_more": false, "data": [{"id": "l0", "name": "All", "all": true}, {"id": "l1", "name": "News"}]}),
        ),
        Reply::json(
            200,
            json!({"has_more": false, "data": [{"id": "t", "type": "user", "name": "Offers"}]}),
        ),
        Reply::json(
            200,
            json!({"has_more": false, "data": [{"id": "b", "name": "B", "num_contacts": 7}]}),
        ),
    ]);
    let bigmailer = client(&server);
    let brand = bigmailer.brand().unwrap();
    assert_eq!(
        (brand.contact_limit, brand.num_contacts),
        (Some(5000), None)
    );
    let fields = bigmailer.fields().unwrap();
    let merge_tags: Vec<&str> = fields.iter().map(|f| f.merge_tag_name.as_str()).collect();
    assert_eq!(merge_tags, ["EMAIL", "FIRST_NAME"]);
    let lists = bigmailer.lists().unwrap();
    assert_eq!((lists[0].all, lists[1].all), (true, false));
    assert_eq!(bigmailer.message_types().unwrap()[0].name, "Offers");
    assert_eq!(bigmailer.brands().unwrap()[0].num_contacts, Some(7));
    assert_eq!(
        lines(&server),
        [
            "GET /brands/BRAND",
            "GET /brands/BRAND/fields?limit=100",
            "GET /brands/BRAND/fields?limit=100&cursor=c",
            "GET /brands/BRAND/lists?limit=100",
            "GET /brands/BRAND/message-types?type=all&limit=100",
            "GET /brands?limit=100",
        ]
    );
}

#[test]
fn what_is_made_is_read_back_or_told_apart() {
    let server = Server::new([
        Reply::json(200, json!({"id": "f9"})),
        Reply::json(
            200,
            json!({"id": "f9", "name": "Score", "type": "integer", "merge_tag_name": "SCORE_2"}),
        ),
        taken("merge_tag_name"),
        Reply::json(200, json!({"id": "l9"})),
        Reply::Drop,
    ]);
    let bigmailer = client(&server);
    assert_eq!(
        bigmailer
            .create_field("Score", "SCORE", "integer")
            .unwrap()
            .merge_tag_name,
        "SCORE_2"
    );
    let error = bigmailer
        .create_field("Score", "SCORE", "integer")
        .unwrap_err();
    assert_eq!(error.kind, RemoteErrorKind::Taken);
    assert_eq!(bigmailer.create_list("News").unwrap(), "l9");
    assert_eq!(
        bigmailer.create_list("News").unwrap_err().kind,
        RemoteErrorKind::Unclear
    );
    assert_eq!(
        server.take()[0].json(),
        json!({"name": "Score", "merge_tag_name": "SCORE", "type": "integer"})
    );
}

#[test]
fn the_key_is_checked_by_me_or_by_the_brands() {
    let server = Server::new([
        Reply::text(200, "hello"),
        missing(),
        Reply::json(200, json!({"data": []})),
        Reply::json(
            401,
            json!({"type": "authentication_error", "message": "Invalid key"}),
        ),
    ]);
    let bigmailer = client(&server);
    bigmailer.me().unwrap();
    bigmailer.me().unwrap();
    let error = bigmailer.me().unwrap_err();
    assert_eq!(error.kind, RemoteErrorKind::Auth);
    assert!(error.hint.unwrap().contains("auth login bigmailer"));
    assert_eq!(
        lines(&server),
        ["GET /me", "GET /me", "GET /brands?limit=1", "GET /me"]
    );
}
