//! The deprecated list, and searching by way of it.

use super::*;

/// A moment for each number; an hour apart.
fn created(n: usize) -> i64 {
    1_600_000_000_000 + i64::try_from(n).unwrap() * 3_600_000
}

/// What the list says of the next page.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Tells {
    /// As measured: cursor and numbers, and null on the last page.
    All,
    /// Only the URL, which names a host of the vendor's own network.
    Url,
    /// As the response schema has it.
    Nothing,
    /// The cursor alone, on the last page too.
    Cursor,
}

/// Lists `count` contacts, the newest first; search is answered by `search`.
fn listing(count: usize, tells: Tells, search: Reply) -> Server {
    Server::answering(move |asked| {
        if asked.line().starts_with("POST /contacts/search") {
            return search.clone();
        }
        if let Some(id) = asked.line().strip_prefix("GET /contacts/p") {
            return ok(json!({"contact": {"id": format!("p{id}"), "dnd": true}}));
        }
        let (_, query) = asked.target.split_once('?').unwrap();
        let part = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.to_owned())
        };
        assert_eq!(part("limit").as_deref(), Some("100"));
        // With one of the two the first page repeats.
        let after = part("startAfter").zip(part("startAfterId"));
        let below = after.map_or(count, |(_, id)| id[1..].parse().unwrap());
        let from = below.saturating_sub(100);
        let page: Vec<Value> = (from..below)
            .rev()
            .map(|n| {
                json!({"id": format!("p{n}"), "dateAdded": iso(created(n)), "dnd": false,
                            "firstName": "ada", "firstNameRaw": "Ada"})
            })
            .collect();
        let (at, id) = (created(from), format!("p{from}"));
        let url = format!("http://localhost:5058/contacts/?startAfter={at}&startAfterId={id}");
        let next = (from > 0).then_some(2);
        let meta = match tells {
            Tells::All => json!({"total": count, "startAfter": at, "startAfterId": id,
                "currentPage": 1, "nextPage": next, "nextPageUrl": next.map(|_| url)}),
            Tells::Url => json!({"nextPageUrl": next.map(|_| url)}),
            Tells::Cursor => json!({"startAfter": at, "startAfterId": id}),
            Tells::Nothing => Value::Null,
        };
        ok(json!({"contacts": page, "count": page.len(), "meta": meta}))
            .with("date", "Sun, 06 Nov 1994 08:49:37 GMT")
    })
}

fn no_search() -> Reply {
    refusal(404, "Cannot POST /contacts/search")
}

#[test]
fn the_list_is_read_to_its_end_whatever_it_tells() {
    for (tells, calls) in [
        (Tells::All, 3),
        (Tells::Url, 3),
        (Tells::Nothing, 4),
        (Tells::Cursor, 4),
    ] {
        let server = listing(250, tells, no_search());
        let mut ghl = client(&server);
        ghl.require_consent(false);
        let collected = Collected::default();
        let listed = ghl
            .list_deprecated(None, &|page| collected.take(page))
            .unwrap();
        assert!(listed.complete, "{tells:?}");
        assert_eq!(listed.as_of, Some(784_111_777_000));
        let expected: Vec<String> = (0..250).rev().map(|n| format!("p{n}")).collect();
        assert_eq!(collected.ids(), expected, "{tells:?}");
        let asked = lines(&server);
        assert_eq!(asked.len(), calls, "{tells:?}");
        assert_eq!(asked[0], "GET /contacts/?locationId=LOC&limit=100");
        assert_eq!(
            asked[1],
            format!(
                "GET /contacts/?locationId=LOC&limit=100&startAfter={}&startAfterId=p150",
                created(150)
            )
        );
    }
}

#[test]
fn the_list_says_little_of_consent_and_is_completed_where_that_matters() {
    let server = listing(3, Tells::All, no_search());
    let collected = Collected::default();
    client(&server)
        .list_deprecated(Some("a b"), &|page| collected.take(page))
        .unwrap();
    let contacts = collected.0.into_inner().unwrap();
    assert!(contacts.iter().all(|c| c.consent.is_blocked()));
    let asked = lines(&server);
    assert_eq!(
        asked[0],
        "GET /contacts/?locationId=LOC&limit=100&query=a+b"
    );
    assert_eq!(asked.len(), 4);
}

#[test]
fn a_list_that_cannot_go_on_is_nonsense_and_one_that_is_left_is_incomplete() {
    let circle = Server::answering(|_| {
        let page: Vec<Value> = (0..100).map(|n| json!({"id": n.to_string()})).collect();
        ok(json!({"contacts": page,
                  "meta": {"startAfter": 1, "startAfterId": "1", "nextPage": 2}}))
    });
    let mut ghl = client(&circle);
    ghl.require_consent(false);
    let error = ghl.list_deprecated(None, &|_| ControlFlow::Continue(()));
    assert_eq!(error.unwrap_err().kind, RemoteErrorKind::Nonsense);
    assert!(circle.take().len() <= 4);
    // Neither a cursor nor a time from which one could be made.
    let dark = Server::answering(|_| {
        let page: Vec<Value> = (0..100).map(|n| json!({"id": n.to_string()})).collect();
        ok(json!({ "contacts": page }))
    });
    let mut ghl = client(&dark);
    ghl.require_consent(false);
    let error = ghl.list_deprecated(None, &|_| ControlFlow::Continue(()));
    assert_eq!(error.unwrap_err().kind, RemoteErrorKind::Nonsense);
    assert_eq!(dark.take().len(), 1);
    let server = listing(250, Tells::All, no_search());
    let mut ghl = client(&server);
    ghl.require_consent(false);
    let listed = ghl.list_deprecated(None, &|_| ControlFlow::Break(()));
    assert!(!listed.unwrap().complete);
    assert_eq!(server.take().len(), 1);
    let nameless = Server::new([ok(json!({"contacts": [{"email": "x"}, {"id": "a"}]}))]);
    let mut ghl = client(&nameless);
    ghl.require_consent(false);
    let collected = Collected::default();
    let listed = ghl.list_deprecated(None, &|page| collected.take(page));
    assert_eq!(
        (listed.unwrap().complete, collected.ids().len()),
        (false, 1)
    );
}
