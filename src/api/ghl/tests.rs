//! The HighLevel client against hand-written answers; the larger parts have a file of their own.

mod attachments;
mod create;
mod fixtures;
mod lists;
mod oauth;
mod related;
#[cfg(feature = "sandbox")]
mod sandbox;
mod write;

use std::sync::atomic::{AtomicBool, Ordering};

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use jiff::civil::Date;

use super::contact::*;
use super::listing::COMPLETING_THREADS;
use super::*;
use crate::api::scripted::{self, Reply, Seen as Asked, Server, settings};
use crate::contact::{Block, Consent, FieldValue};
use crate::remote::Page;

fn client(server: &Server) -> Ghl {
    client_of(server, DEFAULT_VERSION)
}

/// A client that sends this `Version`.
fn client_of(server: &Server, version: &str) -> Ghl {
    let settings = settings(Side::Ghl, server, "pit-secret-secret");
    let mut ghl = Ghl::new(settings, "LOC".to_owned(), version.to_owned()).unwrap();
    ghl.http = ghl.http.without_back_off();
    ghl
}

/// What was asked, without bodies; every request must carry the version.
fn lines(server: &Server) -> Vec<String> {
    let asked = server.take();
    for one in &asked {
        assert_eq!(
            one.header("version"),
            Some(DEFAULT_VERSION),
            "{}",
            one.line()
        );
        assert_eq!(
            one.header("authorization"),
            Some("Bearer pit-secret-secret")
        );
    }
    asked.iter().map(Asked::line).collect()
}

/// What was asked, with bodies where there are any.
fn exchanges(server: &Server) -> Vec<(String, Value)> {
    let body = |one: &Asked| match one.body.is_empty() {
        true => Value::Null,
        false => one.json(),
    };
    let asked = server.take();
    asked.iter().map(|one| (one.line(), body(one))).collect()
}

fn ok(body: Value) -> Reply {
    Reply::json(200, body)
}

fn refusal(status: u16, message: impl Into<Value>) -> Reply {
    Reply::json(
        status,
        json!({"statusCode": status, "message": message.into()}),
    )
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn wanting(server: &Server, keys: &[&str]) -> Ghl {
    let mut ghl = client(server);
    let keys: Vec<String> = keys.iter().map(|k| (*k).to_owned()).collect();
    ghl.want(&keys).unwrap();
    ghl
}

fn item(json: Value) -> Item {
    serde_json::from_value(json).unwrap()
}

/// Decodes with these keys; custom fields `c1` (`score`) and `c2` (`day`, a date field).
fn decode(json: Value, keys: &[&str], origin: Origin) -> Decoded {
    let mut wanted = Wanted::default();
    for key in keys {
        match *key {
            "custom.score" => wanted.add(&custom("c1", "score", "NUMERICAL"), (*key).to_owned()),
            "custom.day" => wanted.add(&custom("c2", "day", "DATE"), (*key).to_owned()),
            property => wanted
                .properties
                .push((property.to_owned(), Property::by_key(property).unwrap())),
        }
    }
    item(json).decode(&wanted, origin, true).unwrap()
}

fn custom(id: &str, key: &str, data_type: &str) -> CustomField {
    CustomField {
        id: id.to_owned(),
        name: format!("The {key}"),
        key: key.to_owned(),
        data_type: data_type.to_owned(),
    }
}

fn text_value(text: &str) -> FieldValue {
    FieldValue::Text(text.to_owned())
}

#[test]
fn a_search_result_is_read_in_full() {
    let decoded = decode(
        json!({
            "id": "abc", "locationId": "LOC", "email": "Ada@Example.com",
            "firstName": "ada", "firstNameRaw": "Ada", "lastName": "o'hara", "lastNameRaw": "O'Hara",
            "contactName": "ada o'hara", "phone": "+18832327657", "companyName": "Engines",
            "businessName": "Other", "address": "1 Test St", "city": "Dolomite", "state": "AL",
            "country": "US", "postalCode": 35061, "website": "", "timezone": null,
            "source": "form", "type": "lead", "assignedTo": "U1",
            "dateOfBirth": 643_248_000_000i64,
            "dateAdded": "2021-07-02T05:18:26.704Z", "dateUpdated": "2021-07-03T00:00:00.000Z",
            "lastActivity": 1_625_203_106_704i64,
            "tags": [" VIP ", "news", "vip", 7, ""],
            "dnd": false, "dndSettings": {"Email": {"status": "inactive"}},
            "customFields": [{"id": "c1", "value": 5}, {"id": "c2", "value": 643_248_000_000i64},
                             {"id": "zz", "value": "unknown"}],
            "opportunities": [{"id": "o"}], "searchAfter": [1_625_203_106_704i64, "abc"]
        }),
        &[
            "id",
            "email",
            "firstName",
            "lastName",
            "name",
            "phone",
            "companyName",
            "address1",
            "city",
            "state",
            "country",
            "postalCode",
            "website",
            "timezone",
            "source",
            "type",
            "assignedTo",
            "dateOfBirth",
            "dateAdded",
            "dateUpdated",
            "lastActivity",
            "tags",
            "dnd",
            "custom.score",
            "custom.day",
        ],
        Origin::Index,
    );
    assert!(!decoded.incomplete);
    let contact = decoded.contact;
    assert_eq!(contact.id, "abc");
    assert_eq!(contact.email.as_deref(), Some("Ada@Example.com"));
    assert_eq!(contact.created, Some(1_625_203_106_704));
    assert_eq!(contact.updated, Some(1_625_270_400_000));
    assert_eq!(contact.consent, Consent::Allowed);
    assert_eq!(contact.groups, ["vip", "news"]);
    let texts: Vec<(&str, &str)> = contact
        .values
        .iter()
        .filter_map(|(key, value)| match value {
            FieldValue::Text(text) => Some((key.as_str(), text.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(
        texts,
        [
            ("address1", "1 Test St"),
            ("assignedTo", "U1"),
            ("city", "Dolomite"),
            ("companyName", "Engines"),
            ("country", "US"),
            ("custom.day", "1990-05-21"),
            ("dateAdded", "2021-07-02T05:18:26.704Z"),
            ("dateUpdated", "2021-07-03T00:00:00.000Z"),
            ("email", "Ada@Example.com"),
            ("firstName", "Ada"),
            ("id", "abc"),
            ("lastActivity", "2021-07-02T05:18:26.704Z"),
            ("lastName", "O'Hara"),
            ("name", "Ada O'Hara"),
            ("phone", "+18832327657"),
            ("postalCode", "35061"),
            ("source", "form"),
            ("state", "AL"),
            ("type", "lead"),
        ]
    );
    assert_eq!(
        contact.values["dateOfBirth"],
        FieldValue::Date(Date::constant(1990, 5, 21))
    );
    assert_eq!(
        contact.values["tags"],
        FieldValue::Many(vec!["vip".to_owned(), "news".to_owned()])
    );
    assert_eq!(contact.values["dnd"], FieldValue::Flag(false));
    assert_eq!(contact.values["custom.score"], FieldValue::Integer(5));
    assert_eq!(contact.values.len(), texts.len() + 4);
}

#[test]
fn properties_of_the_wrong_type_are_left_out_and_fail_nothing() {
    let decoded = decode(
        json!({
            "id": 4711, "email": {"a": 1}, "firstName": ["x"], "phone": true, "tags": "vip",
            "dateAdded": "yesterday", "dateOfBirth": "soon", "customFields": {"c1": 1},
            "dnd": "TRUE", "dndSettings": "none", "address1": "Main St", "address": "other"
        }),
        &[
            "email",
            "firstName",
            "name",
            "phone",
            "tags",
            "dateOfBirth",
            "custom.score",
            "address1",
        ],
        Origin::Index,
    );
    let contact = decoded.contact;
    assert_eq!(contact.id, "4711");
    assert_eq!((contact.email, contact.created), (None, None));
    assert!(contact.groups.is_empty());
    assert_eq!(contact.consent, Consent::Blocked(Block::Dnd));
    assert_eq!(
        contact.values,
        BTreeMap::from([("address1".to_owned(), text_value("Main St"))])
    );
}

#[test]
fn consent_follows_both_switches_in_both_spellings() {
    let blocked = Some(Consent::Blocked(Block::Dnd));
    let allowed = Some(Consent::Allowed);
    let channel =
        |name: &str, status: &str| json!({"dnd": false, "dndSettings": {name: {"status": status}}});
    // (what the contact says, from search, from the single read)
    for (json, index, primary) in [
        (json!({"dnd": true}), blocked, blocked),
        (json!({"dnd": "true"}), blocked, blocked),
        (
            json!({"dnd": true, "dndSettings": {"Email": {"status": "inactive"}}}),
            blocked,
            blocked,
        ),
        (channel("Email", "active"), blocked, blocked),
        (channel("email", "Permanent"), blocked, blocked),
        (channel("Email", "inactive"), allowed, allowed),
        (channel("SMS", "active"), allowed, allowed),
        (
            json!({"dndSettings": {"email": {"status": "ACTIVE"}, "Email": {"status": "inactive"}}}),
            blocked,
            blocked,
        ),
        (
            json!({"dndSettings": {"Email": "active"}}),
            blocked,
            blocked,
        ),
        (json!({"dndSettings": {}}), allowed, allowed),
        (json!({"dndSettings": {"Email": {}}}), allowed, allowed),
        (json!({}), None, allowed),
        (json!({"dnd": false}), None, allowed),
        (json!({"dnd": false, "dndSettings": null}), None, allowed),
        (json!({"dnd": null, "dndSettings": []}), None, allowed),
    ] {
        let item = item(json.clone());
        assert_eq!(item.consent(Origin::Index), index, "{json}");
        assert_eq!(item.consent(Origin::Primary), primary, "{json}");
    }
}

#[test]
fn names_are_taken_from_search_only_where_it_cannot_have_changed_them() {
    let name = |json: Value, key: &str| {
        let mut json = json;
        json["id"] = json!("x");
        json["dndSettings"] = json!({});
        let decoded = decode(json, &[key], Origin::Index);
        let value = decoded.contact.values.get(key).cloned();
        (value, decoded.incomplete)
    };
    let known = |text: &str| (Some(text_value(text)), false);
    let doubtful = (None, true);
    let nothing = (None, false);
    assert_eq!(
        name(
            json!({"firstName": "ada", "firstNameRaw": "ada"}),
            "firstName"
        ),
        known("ada")
    );
    assert_eq!(name(json!({"firstName": "Ada"}), "firstName"), known("Ada"));
    assert_eq!(
        name(json!({"firstName": "7 山田"}), "firstName"),
        known("7 山田")
    );
    assert_eq!(name(json!({"firstName": "ada"}), "firstName"), doubtful);
    assert_eq!(
        name(
            json!({"firstName": "ada", "firstNameRaw": null}),
            "firstName"
        ),
        doubtful
    );
    assert_eq!(name(json!({"firstName": ""}), "firstName"), nothing);
    assert_eq!(name(json!({"lastName": "ß"}), "lastName"), doubtful);
    // Nobody asked for the last name.
    assert_eq!(
        name(json!({"firstName": "Ada", "lastName": "king"}), "firstName"),
        known("Ada")
    );
    assert_eq!(
        name(json!({"firstName": "Ada", "lastName": "king"}), "name"),
        doubtful
    );
    assert_eq!(name(json!({"lastNameRaw": "King"}), "name"), known("King"));
    assert_eq!(
        name(json!({"contactName": "Ada King"}), "name"),
        known("Ada King")
    );
    assert_eq!(name(json!({"contactName": "ada king"}), "name"), doubtful);
    let single = decode(
        json!({"id": "x", "firstName": "ada"}),
        &["firstName"],
        Origin::Primary,
    );
    assert_eq!(single.contact.values["firstName"], text_value("ada"));
    assert!(!single.incomplete);
}

#[test]
fn dates_are_read_in_every_known_form() {
    let expected = Some(Date::constant(1990, 9, 25));
    for form in [
        json!("1990-09-25"),
        json!("1990-09-25T00:00:00.000Z"),
        json!("1990/09/25"),
        json!("09/25/1990"),
        json!("09-25-1990"),
        json!("1990.09.25"),
        json!(654_220_800_000i64),
        json!("654220800000"),
        json!(654_220_800_000.0),
    ] {
        assert_eq!(day(&form), expected, "{form}");
    }
    assert_eq!(day(&json!(-86_400_000)), Some(Date::constant(1969, 12, 31)));
    for none in [
        json!("25/09/1990"),
        json!(""),
        json!(null),
        json!("abc"),
        json!(true),
    ] {
        assert_eq!(day(&none), None, "{none}");
    }
    assert_eq!(
        moment(&json!("2021-07-02T05:18:26+02:00")),
        Some(1_625_195_906_000)
    );
    assert_eq!(
        moment(&json!("2021-07-02 05:18:26")),
        Some(1_625_203_106_000)
    );
    assert_eq!(
        moment(&json!(1_625_203_106_704i64)),
        Some(1_625_203_106_704)
    );
    assert_eq!(
        iso(1_625_203_106_000).as_deref(),
        Some("2021-07-02T05:18:26.000Z")
    );
}

#[test]
fn custom_values_keep_their_type() {
    let value = |json: Value| custom_value(&json, false);
    assert_eq!(value(json!("x")), Some(text_value("x")));
    assert_eq!(
        value(json!(9_007_199_254_740_993i64)),
        Some(FieldValue::Integer(9_007_199_254_740_993))
    );
    assert_eq!(value(json!(5.0)), Some(FieldValue::Integer(5)));
    assert_eq!(value(json!(5.25)), Some(FieldValue::Decimal(5.25)));
    assert_eq!(value(json!(true)), Some(FieldValue::Flag(true)));
    assert_eq!(
        value(json!(["a", 1, null, {"b": 2}])),
        Some(FieldValue::Many(vec![
            "a".to_owned(),
            "1".to_owned(),
            r#"{"b":2}"#.to_owned()
        ]))
    );
    assert_eq!(
        value(json!({"u": {"url": "x"}})),
        Some(text_value(r#"{"u":{"url":"x"}}"#))
    );
    for nothing in [json!(null), json!(""), json!([]), json!({}), json!([null])] {
        assert_eq!(value(nothing.clone()), None, "{nothing}");
    }
    assert_eq!(
        custom_value(&json!("2024-05-01"), true),
        Some(text_value("2024-05-01"))
    );
}

fn fields_answer() -> Reply {
    Reply::json(
        200,
        json!({"customFields": [
            {"id": "c1", "name": "Lead Score", "fieldKey": "contact.lead_score", "dataType": "NUMERICAL", "model": "contact"},
            {"id": "c2", "name": "Twin", "fieldKey": "contact.twin_a", "dataType": "TEXT"},
            {"id": "c3", "name": "twin ", "fieldKey": "contact.twin_b", "dataType": "TEXT"},
            {"id": "o1", "name": "Deal", "fieldKey": "opportunity.deal", "dataType": "TEXT", "model": "opportunity"},
            {"name": "no id"}
        ]}),
    )
}

#[test]
fn custom_fields_are_found_by_key_id_or_name_with_one_call() {
    let server = Server::new([fields_answer()]);
    let mut ghl = client(&server);
    let want = |ghl: &mut Ghl, key: &str| ghl.want(&[key.to_owned()]);
    for key in [
        "custom.lead_score",
        "custom.contact.lead_score",
        "custom.c1",
        "custom.lead SCORE",
    ] {
        want(&mut ghl, key).unwrap();
        assert_eq!(ghl.wanted.custom["c1"].keys, [key]);
    }
    want(&mut ghl, "custom.*").unwrap();
    assert_eq!(ghl.wanted.custom["c3"].keys, ["custom.twin_b"]);
    assert_eq!(ghl.wanted.custom.len(), 3);
    for (key, part) in [
        ("custom.nope", "nope"),
        ("custom.twin", "twin_a, twin_b"),
        ("custom.deal", "deal"),
        ("tasks.open_count", "tasks.open_count"),
    ] {
        let error = want(&mut ghl, key).unwrap_err();
        assert_eq!(error.kind, RemoteErrorKind::Rejected);
        assert!(error.message.contains(part), "{}", error.message);
    }
    let lines: Vec<String> = server.take().iter().map(Asked::line).collect();
    assert_eq!(lines, ["GET /locations/LOC/customFields?model=contact"]);
    want(&mut ghl, "email").unwrap();
    assert_eq!(ghl.custom_fields().unwrap().len(), 3);
}

/// Collects what a listing delivers.
#[derive(Default)]
struct Collected(Mutex<Vec<Contact>>);

impl Collected {
    fn take(&self, page: Page) -> ControlFlow<()> {
        self.0.lock().unwrap().extend(page.contacts);
        ControlFlow::Continue(())
    }

    fn ids(self) -> Vec<String> {
        self.0
            .into_inner()
            .unwrap()
            .into_iter()
            .map(|c| c.id)
            .collect()
    }
}

fn list(ghl: &Ghl, listing: &Listing) -> (Result<Listed, RemoteError>, Vec<String>) {
    let collected = Collected::default();
    let listed = ghl.list(listing, &|page| collected.take(page));
    (listed, collected.ids())
}

/// A small search service: `count` contacts an hour apart, at most `cap` a page.
fn searchable(count: i64, accepts: u64) -> Server {
    Server::answering(move |asked| {
        let body = asked.json();
        let limit = body["pageLimit"].as_u64().unwrap();
        if limit > accepts {
            return Reply::json(422, json!({"message": ["pageLimit must not be greater"]}));
        }
        let value = |i: i64| 1_600_000_000_000 + i * 3_600_000;
        let down = body["sort"][0]["direction"] == "desc";
        let bound = &body["filters"][0]["value"];
        let limit_of = |word: &str| moment(&bound[word]);
        let fits = |i: &i64| {
            limit_of("gt").is_none_or(|at| value(*i) > at)
                && limit_of("gte").is_none_or(|at| value(*i) >= at)
                && limit_of("lt").is_none_or(|at| value(*i) < at)
        };
        let mut all: Vec<i64> = (0..count).filter(fits).collect();
        let total = all.len();
        if down {
            all.reverse();
        }
        if let Some(after) = body["searchAfter"][0].as_i64() {
            all.retain(|i| {
                if down {
                    value(*i) < after
                } else {
                    value(*i) > after
                }
            });
        }
        all.truncate(usize::try_from(limit).unwrap());
        let contacts: Vec<Value> = all
            .iter()
            .map(|i| {
                let id = format!("p{i}");
                json!({"id": id, "dateAdded": iso(value(*i)), "dndSettings": {},
                       "searchAfter": [value(*i), id]})
            })
            .collect();
        Reply::json(200, json!({"contacts": contacts, "total": total}))
            .with("date", "Sun, 06 Nov 1994 08:49:37 GMT")
    })
}

fn everybody(ids: Vec<String>, count: i64) -> bool {
    let mut ids: Vec<i64> = ids.iter().map(|id| id[1..].parse().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids == (0..count).collect::<Vec<i64>>()
}

#[test]
fn a_full_listing_meets_in_the_middle() {
    let server = searchable(10_000, 500);
    let (listed, ids) = list(&client(&server), &Listing::Full);
    assert_eq!(
        listed.unwrap(),
        Listed {
            as_of: Some(784_111_777_000),
            complete: true
        }
    );
    assert!(everybody(ids, 10_000));
    let asked = server.take();
    assert_eq!(asked.len(), 20);
    assert_eq!(
        asked[0].json(),
        json!({"locationId": "LOC", "pageLimit": 500, "sort": [{"field": "dateAdded", "direction": "asc"}]})
    );
    let down = asked
        .iter()
        .map(Asked::json)
        .find(|b| b["sort"][0]["direction"] == "desc")
        .unwrap();
    assert_eq!(
        down["filters"],
        json!([{"field": "dateAdded", "operator": "range", "value": {"gt": iso(1_600_000_000_000 + 499 * 3_600_000)}}])
    );
}

#[test]
fn many_chains_deliver_everybody_too() {
    // No limit and any latency: the listing is split as far as it pays.
    let server = searchable(40_000, 500);
    let (listed, ids) = list(&client(&server), &Listing::Full);
    assert!(listed.unwrap().complete);
    assert!(everybody(ids, 40_000));
    let calls = server.take().len();
    assert!(calls <= 90, "{calls} calls for 80 pages");
    assert!(server.most_in_flight() > 2);
}

#[test]
fn a_refused_page_size_falls_back_to_the_small_one() {
    let server = searchable(150, 100);
    let (listed, ids) = list(&client(&server), &Listing::Full);
    assert!(listed.unwrap().complete);
    assert!(everybody(ids, 150));
    let sizes: Vec<Value> = server
        .take()
        .iter()
        .map(|a| a.json()["pageLimit"].clone())
        .collect();
    assert_eq!(sizes, [500, 100, 100]);
}

#[test]
fn a_request_refused_for_another_reason_is_an_error() {
    let refusal = Reply::json(400, json!({"message": "Invalid field x"}));
    let server = Server::new([refusal.clone(), refusal]);
    let (listed, _) = list(&client(&server), &Listing::Full);
    let error = listed.unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (RemoteErrorKind::Rejected, "Invalid field x")
    );
}

#[test]
fn an_answer_without_contacts_is_no_empty_location() {
    for body in [json!({}), json!({"contacts": null, "total": 0}), json!([])] {
        let server = Server::new([Reply::json(200, body.clone())]);
        let (listed, _) = list(&client(&server), &Listing::Full);
        assert_eq!(
            listed.unwrap_err().kind,
            RemoteErrorKind::Nonsense,
            "{body}"
        );
    }
    let server = Server::new([Reply::json(200, json!({"contacts": [], "total": 0}))]);
    let (listed, ids) = list(&client(&server), &Listing::Full);
    assert!(listed.unwrap().complete && ids.is_empty());
    assert_eq!(server.take().len(), 1);
    // Five are announced, nobody is shown, twice: nothing is proven.
    let hollow = Reply::json(200, json!({"contacts": [], "total": 5}));
    let server = Server::new([hollow.clone(), hollow]);
    let (listed, _) = list(&client(&server), &Listing::Full);
    assert!(!listed.unwrap().complete);
}

#[test]
fn a_contact_without_an_id_spoils_completeness_only() {
    let server = Server::new([Reply::json(
        200,
        json!({"contacts": [{"id": "a", "dndSettings": {}}, {"email": "x@y.zz"}], "total": 2}),
    )]);
    let (listed, ids) = list(&client(&server), &Listing::Full);
    assert_eq!(
        (listed.unwrap().complete, ids),
        (false, vec!["a".to_owned()])
    );
}

#[test]
fn a_receiver_that_has_enough_ends_the_listing() {
    let server = searchable(5_000, 500);
    let ghl = client(&server);
    let listed = ghl
        .list(&Listing::Full, &|_| ControlFlow::Break(()))
        .unwrap();
    assert!(!listed.complete);
    assert!(server.take().len() <= 3);
}

#[test]
fn a_failing_page_ends_the_listing_with_its_error() {
    let first = AtomicBool::new(true);
    let server = Server::answering(move |_| {
        if first.swap(false, Ordering::SeqCst) {
            let contacts: Vec<Value> = (0..500)
                .map(|i| json!({"id": format!("p{i}"), "dndSettings": {}, "searchAfter": [i, format!("p{i}")]}))
                .collect();
            return Reply::json(200, json!({"contacts": contacts, "total": 9_000}));
        }
        Reply::json(401, json!({"message": "Invalid JWT"}))
    });
    let (listed, ids) = list(&client(&server), &Listing::Full);
    assert_eq!(listed.unwrap_err().kind, RemoteErrorKind::Auth);
    assert_eq!(ids.len(), 500, "what was read stays valid");
}

fn page(ids: std::ops::Range<i64>, total: u64) -> Reply {
    let contacts: Vec<Value> = ids
        .map(|i| json!({"id": format!("p{i}"), "dndSettings": {}, "dateAdded": iso(i), "dateUpdated": iso(i)}))
        .collect();
    Reply::json(200, json!({"contacts": contacts, "total": total}))
        .with("date", "Sun, 06 Nov 1994 08:49:37 GMT")
}

#[test]
fn an_incremental_listing_closes_its_window_at_the_first_answer() {
    let server = Server::new([page(0..500, 502), page(500..502, 502)]);
    let since = 784_000_000_000;
    let (listed, ids) = list(&client(&server), &Listing::Since(since));
    assert_eq!(
        listed.unwrap(),
        Listed {
            as_of: Some(784_111_777_000),
            complete: true
        }
    );
    assert_eq!(ids.len(), 502);
    let asked = server.take();
    assert_eq!(asked.len(), 2);
    let gte = json!("1994-11-05T01:46:40.000Z");
    assert_eq!(
        asked[0].json(),
        json!({"locationId": "LOC", "pageLimit": 500,
               "sort": [{"field": "dateUpdated", "direction": "asc"}],
               "filters": [{"field": "dateUpdated", "operator": "range", "value": {"gte": gte}}]})
    );
    let second = asked[1].json();
    assert_eq!(
        second["filters"][0]["value"],
        json!({"gte": gte, "lte": "1994-11-06T08:49:37.000Z"})
    );
    // The items show no searchAfter: the cursor is rebuilt.
    assert_eq!(second["searchAfter"], json!([499, "p499"]));
}

#[test]
fn an_incremental_listing_of_one_page_costs_one_call() {
    for count in [0, 1, 499] {
        let server = Server::new([page(0..count, u64::try_from(count).unwrap())]);
        let (listed, _) = list(&client(&server), &Listing::Since(0));
        assert!(listed.unwrap().complete);
        assert_eq!(server.take().len(), 1);
    }
}

#[test]
fn a_listing_that_runs_in_circles_is_nonsense() {
    let same = Server::answering(|_| page(0..500, 9_000));
    let (listed, _) = list(&client(&same), &Listing::Since(0));
    assert_eq!(listed.unwrap_err().kind, RemoteErrorKind::Nonsense);
    assert_eq!(same.take().len(), 3);
}

/// Search shows `p1` in doubt; single reads are answered by `single`.
fn doubtful(shown: Value, single: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Server {
    Server::answering(
        move |asked| match asked.line().strip_prefix("GET /contacts/") {
            Some(id) => single(id),
            None => Reply::json(200, json!({"contacts": [shown], "total": 1})),
        },
    )
}

#[test]
fn contacts_in_doubt_are_completed_by_a_single_read_where_it_matters() {
    let lower = json!({"id": "p1", "firstName": "ada", "dndSettings": {}});
    let silent = json!({"id": "p1", "firstName": "Ada"});
    let single = |_: &str| {
        Reply::json(
            200,
            json!({"contact": {"id": "p1", "firstName": "ada", "dnd": true}, "traceId": "t"}),
        )
    };
    // (shown by search, keys wanted, consent wanted, calls, consent told)
    for (shown, keys, require, calls, consent) in [
        (
            &lower,
            &["firstName"][..],
            true,
            2,
            Consent::Blocked(Block::Dnd),
        ),
        (&lower, &["email"], true, 1, Consent::Allowed),
        (
            &silent,
            &["firstName"],
            true,
            2,
            Consent::Blocked(Block::Dnd),
        ),
        (&silent, &["firstName"], false, 1, Consent::Unknown),
    ] {
        let server = doubtful(shown.clone(), single);
        let mut ghl = wanting(&server, keys);
        ghl.require_consent(require);
        let collected = Collected::default();
        ghl.list(&Listing::Full, &|page| collected.take(page))
            .unwrap();
        let contacts = collected.0.into_inner().unwrap();
        assert_eq!(server.take().len(), calls, "{shown} {keys:?} {require}");
        assert_eq!(contacts[0].consent, consent);
    }
}

#[test]
fn a_contact_that_went_while_it_was_completed_is_left_out() {
    let server = doubtful(json!({"id": "p1"}), |id| {
        Reply::json(
            400,
            json!({"statusCode": 400, "message": format!("Contact with id {id} not found")}),
        )
    });
    let (listed, ids) = list(&client(&server), &Listing::Full);
    assert!(listed.unwrap().complete && ids.is_empty());
    let server = doubtful(json!({"id": "p1"}), |_| {
        Reply::json(401, json!({"message": "Invalid JWT"}))
    });
    let (listed, _) = list(&client(&server), &Listing::Full);
    assert_eq!(listed.unwrap_err().kind, RemoteErrorKind::Auth);
}

#[test]
fn many_contacts_are_completed_and_keep_their_order() {
    let server = Server::answering(|asked| match asked.line().strip_prefix("GET /contacts/") {
        Some(id) => Reply::json(200, json!({"contact": {"id": id, "dnd": false}})),
        None => {
            let contacts: Vec<Value> = (0..60).map(|i| json!({"id": format!("p{i}")})).collect();
            Reply::json(200, json!({"contacts": contacts, "total": 60}))
        }
    });
    let (listed, ids) = list(&client(&server), &Listing::Full);
    assert!(listed.unwrap().complete);
    assert_eq!(ids, (0..60).map(|i| format!("p{i}")).collect::<Vec<_>>());
    assert!(server.most_in_flight() <= COMPLETING_THREADS);
    assert_eq!(server.take().len(), 61);
}

#[test]
fn absent_means_only_that_the_service_said_so() {
    let get = |reply: Reply| {
        let server = Server::new([reply]);
        client(&server).get(Key::Id("p1"))
    };
    let found = get(Reply::json(200, json!({"contact": {"id": "p1"}})))
        .unwrap()
        .unwrap();
    assert_eq!((found.id.as_str(), found.consent), ("p1", Consent::Allowed));
    assert_eq!(
        get(Reply::json(
            400,
            json!({"message": "Contact with id p1 not found"})
        )),
        Ok(None)
    );
    assert_eq!(
        get(Reply::json(404, json!({"message": "Not found"}))),
        Ok(None)
    );
    let kind = |reply: Reply| get(reply).unwrap_err().kind;
    assert_eq!(
        kind(Reply::json(
            404,
            json!({"message": "Cannot GET /contacts/p1"})
        )),
        RemoteErrorKind::Nonsense
    );
    assert_eq!(
        kind(Reply::json(400, json!({"message": "bad id"}))),
        RemoteErrorKind::Rejected
    );
    assert_eq!(kind(Reply::json(200, json!({}))), RemoteErrorKind::Nonsense);
    assert_eq!(
        kind(Reply::json(200, json!({"contact": {}}))),
        RemoteErrorKind::Nonsense
    );
    let server = Server::new([]);
    assert_eq!(client(&server).get(Key::Id("")), Ok(None));
    assert!(server.take().is_empty());
}

#[test]
fn a_foreign_contact_is_absent_only_while_the_token_reaches_the_location() {
    let denied = || {
        Reply::json(
            403,
            json!({"message": "The token does not have access to this location."}),
        )
    };
    let server = Server::new([denied(), Reply::json(200, json!({"contacts": []}))]);
    assert_eq!(client(&server).get(Key::Id("p1")), Ok(None));
    assert_eq!(server.take().len(), 2);
    let server = Server::new([denied(), denied()]);
    let error = client(&server).get(Key::Id("p1")).unwrap_err();
    assert_eq!(error.kind, RemoteErrorKind::Auth);
    assert!(error.hint.unwrap().contains("another location"));
}

#[test]
fn an_address_is_looked_up_in_the_duplicate_search() {
    let server = Server::new([
        Reply::json(
            200,
            json!({"contact": {"id": "p1", "email": "a+b@c.de", "dndSettings": {}}}),
        ),
        Reply::json(200, json!({"contact": null, "traceId": "t"})),
        Reply::json(200, json!({"traceId": "t"})),
        Reply::json(200, json!({"contact": {}})),
        Reply::json(200, json!({"contact": {"id": "p2"}})),
        Reply::json(200, json!({"contact": {"id": "p2", "dnd": true}})),
    ]);
    let ghl = client(&server);
    assert_eq!(ghl.get(Key::Email("a+b@c.de")).unwrap().unwrap().id, "p1");
    for _ in 0..3 {
        assert_eq!(ghl.get(Key::Email("x@y.zz")), Ok(None));
    }
    let completed = ghl.get(Key::Email("x@y.zz")).unwrap().unwrap();
    assert_eq!(completed.consent, Consent::Blocked(Block::Dnd));
    let asked = server.take();
    assert_eq!(
        asked[0].line(),
        "GET /contacts/search/duplicate?locationId=LOC&email=a%2Bb%40c.de"
    );
    assert_eq!(asked[5].line(), "GET /contacts/p2");
    assert_eq!(ghl.get(Key::Email("")), Ok(None));
}

#[test]
fn a_search_asks_for_all_conditions_and_keeps_the_order() {
    let server = Server::new([page(0..500, 700), page(500..700, 700)]);
    let ghl = client(&server);
    let query = Search {
        updated_since: Some(0),
        tags_all: vec![" VIP".to_owned(), "news".to_owned()],
        text: Some("ada".to_owned()),
        ..Search::default()
    };
    let collected = Collected::default();
    let listed = ghl.search(&query, &|page| collected.take(page)).unwrap();
    assert!(listed.complete);
    assert_eq!(
        collected.ids(),
        (0..700).map(|i| format!("p{i}")).collect::<Vec<_>>()
    );
    let body = server.take()[0].json();
    assert_eq!(body["query"], "ada");
    assert_eq!(
        body["sort"],
        json!([{"field": "dateAdded", "direction": "asc"}])
    );
    assert_eq!(
        body["filters"],
        json!([
            {"field": "dateUpdated", "operator": "range", "value": {"gte": "1970-01-01T00:00:00.000Z"}},
            {"field": "tags", "operator": "eq", "value": "vip"},
            {"field": "tags", "operator": "eq", "value": "news"}
        ])
    );
    let long = Search {
        text: Some("x".repeat(76)),
        ..Search::default()
    };
    assert_eq!(
        ghl.search(&long, &|_| ControlFlow::Continue(()))
            .unwrap_err()
            .kind,
        RemoteErrorKind::Rejected
    );
}

#[test]
fn a_search_can_spare_what_is_known_but_does_not_depend_on_it() {
    let query = Search {
        added_from: Some(1_000),
        ..Search::default()
    };
    let spared = json!({"field": "dateAdded", "operator": "range",
        "value": {"gte": "1970-01-01T00:00:01.000Z"}});
    // Refused with large pages, refused with small ones, then without the condition.
    let refused = || Reply::json(422, json!({"message": ["dateAdded is no filter"]}));
    for (replies, calls) in [
        (vec![page(0..3, 3)], 1),
        (vec![refused(), refused(), page(0..3, 3)], 3),
    ] {
        let server = Server::new(replies);
        let ghl = client(&server);
        let collected = Collected::default();
        let listed = ghl.search(&query, &|page| collected.take(page)).unwrap();
        assert!(listed.complete);
        assert_eq!(collected.ids().len(), 3);
        let asked = server.take();
        assert_eq!(asked.len(), calls);
        assert_eq!(asked[0].json()["filters"], json!([spared]));
        if calls > 1 {
            assert_eq!(asked[2].json()["filters"], Value::Null);
        }
    }
    // Refused later, it is an error: what was delivered must not come again.
    let server = Server::new([page(0..500, 900), refused()]);
    let listed = client(&server).search(&query, &|_| ControlFlow::Continue(()));
    assert_eq!(listed.unwrap_err().kind, RemoteErrorKind::Rejected);
    assert_eq!(server.take().len(), 2);
}

#[test]
fn the_location_tells_its_policy_and_its_tags() {
    let location = |settings: Value| {
        Reply::json(
            200,
            json!({"location": {"id": "LOC", "name": "Acme", "country": "US", "settings": settings}}),
        )
    };
    let server = Server::new([
        location(
            json!({"allowDuplicateContact": false, "contactUniqueIdentifiers": ["email", "phone"]}),
        ),
        location(json!({"allowDuplicateContact": false, "contactUniqueIdentifiers": ["phone"]})),
        location(json!({"allowDuplicateContact": true})),
        location(json!({"allowDuplicateContact": false})),
        location(json!(null)),
        location(json!({"allowDuplicateContact": false})),
        Reply::json(
            200,
            json!({"tags": [{"id": "1", "name": "VIP"}, {"id": "2"}]}),
        ),
    ]);
    let ghl = client(&server);
    let refuses: Vec<bool> = (0..5).map(|_| ghl.refuses_duplicates().unwrap()).collect();
    assert_eq!(refuses, [true, false, false, true, false]);
    let location = ghl.location().unwrap();
    assert_eq!(
        (
            location.name.as_deref(),
            location.timezone,
            location.allow_duplicates
        ),
        (Some("Acme"), None, Some(false))
    );
    assert_eq!(ghl.tags().unwrap(), ["VIP"]);
}

#[test]
fn every_refusal_of_a_credential_says_what_to_do() {
    for (status, message, hint) in [
        (401, "Invalid JWT", "expired"),
        (401, "Invalid Private Integration token", "revoked"),
        (
            401,
            "The token is not authorized for this scope.",
            "contacts.readonly",
        ),
        (401, "Token's user type mismatch!", "agency"),
        (
            401,
            "This authClass type is not allowed to access this scope. Use another",
            "company token",
        ),
        (
            403,
            "The token does not have access to this location.",
            "another location",
        ),
        (401, "version header was not found.", "bug"),
    ] {
        let server = Server::new([Reply::json(status, json!({"message": message}))]);
        let error = client(&server).get(Key::Email("a@b.co")).unwrap_err();
        assert_eq!(error.kind, RemoteErrorKind::Auth);
        assert_eq!(error.message, message);
        assert!(
            error.hint.as_deref().unwrap().contains(hint),
            "{message}: {:?}",
            error.hint
        );
    }
}

#[test]
fn the_rate_headers_of_an_answer_are_obeyed() {
    // One request a window of 200 ms by the header, although the client would allow a hundred.
    let server = Server::answering(|_| {
        Reply::json(200, json!({"contact": null}))
            .with("x-ratelimit-max", "1")
            .with("x-ratelimit-interval-milliseconds", "200")
    });
    let ghl = Ghl::new(
        http::Settings {
            limits: http::Limits {
                max_per_window: None,
                ..scripted::limits()
            },
            ..settings(Side::Ghl, &server, "pit-secret-secret")
        },
        "LOC".to_owned(),
        DEFAULT_VERSION.to_owned(),
    )
    .unwrap();
    let began = std::time::Instant::now();
    for _ in 0..3 {
        ghl.get(Key::Email("a@b.co")).unwrap();
    }
    assert!(began.elapsed() >= std::time::Duration::from_millis(400));
}
