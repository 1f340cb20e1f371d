//! Tasks, notes, appointments, opportunities, pipelines, businesses.

use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;

use super::fixtures::fixture;
use super::*;
use crate::related::{Note, NoteDraft, Opportunity, Task, TaskDraft, When};

fn at(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

const CONTACT: &str = "Mx4pQ9rTz2LkWv7Yc1Bn";

#[test]
fn tasks_notes_and_appointments_of_a_contact_are_read() {
    let server = Server::new(
        ["tasks", "task", "notes", "note", "appointments"].map(|name| ok(fixture(name))),
    );
    let ghl = client(&server);
    let tasks = ghl.tasks(CONTACT).unwrap();
    let call = Task {
        id: "Tk5zWq1nXv8pLr3Ym6Bc".to_owned(),
        contact_id: Some(CONTACT.to_owned()),
        title: Some("Call about the pond".to_owned()),
        body: Some("She asked for a quote".to_owned()),
        assigned_to: Some("uR8kWz3nQp5vTb0Ly6Mc".to_owned()),
        due: at("2026-11-30T14:00:00Z"),
        completed: false,
    };
    assert_eq!(tasks[0], call);
    assert_eq!(
        (tasks[1].completed, tasks[1].contact_id.as_deref()),
        (true, Some(CONTACT)),
        "whose task it is was asked for"
    );
    assert_eq!(ghl.task(CONTACT, "t1"), Ok(Some(call)));
    let notes = ghl.notes(CONTACT).unwrap();
    assert_eq!(
        notes[0],
        Note {
            id: "Nt7yRb2wKc4qZm9Lp1Vx".to_owned(),
            contact_id: Some(CONTACT.to_owned()),
            title: Some("Timing".to_owned()),
            body: Some("<p>Prefers <b>mornings</b></p>".to_owned()),
            user_id: Some("uR8kWz3nQp5vTb0Ly6Mc".to_owned()),
            color: Some("#FFAA00".to_owned()),
            pinned: Some(true),
            added: at("2026-03-04T12:00:11.285Z"),
        }
    );
    assert_eq!((notes.len(), notes[1].pinned), (2, None));
    let note = ghl.note(CONTACT, "n1").unwrap();
    assert_eq!(note.as_ref(), notes.first());
    let appointments = ghl.appointments(CONTACT).unwrap();
    let visit = &appointments[0];
    assert_eq!(visit.status.as_deref(), Some("confirmed"));
    assert_eq!(
        visit.start,
        Some(When::Local(date(2026, 12, 1).at(9, 30, 0, 0)))
    );
    let zagreb = TimeZone::fixed(jiff::tz::offset(1));
    assert_eq!(
        visit.start.unwrap().in_zone(&zagreb),
        at("2026-12-01T08:30:00Z")
    );
    assert_eq!(visit.updated, at("2026-11-02T08:00:00Z").map(When::Utc));
    assert_eq!(appointments[1].status.as_deref(), Some("cancelled"));
    assert_eq!(
        appointments[1].start,
        at("2026-05-01T07:30:00Z").map(When::Utc)
    );
    assert_eq!(
        lines(&server),
        [
            format!("GET /contacts/{CONTACT}/tasks"),
            format!("GET /contacts/{CONTACT}/tasks/t1"),
            format!("GET /contacts/{CONTACT}/notes"),
            format!("GET /contacts/{CONTACT}/notes/n1"),
            format!("GET /contacts/{CONTACT}/appointments"),
        ]
    );
}

/// The same question about one thing of each kind: `Ok(true)` found, `Ok(false)` not there.
fn look(server: &Server) -> Vec<Result<bool, RemoteErrorKind>> {
    let ghl = client(server);
    let found = |it: Result<bool, RemoteError>| it.map_err(|error| error.kind);
    vec![
        found(ghl.task("c1", "t1").map(|it| it.is_some())),
        found(ghl.note("c1", "n1").map(|it| it.is_some())),
        found(ghl.opportunity("o1").map(|it| it.is_some())),
        found(ghl.business("b1").map(|it| it.is_some())),
        found(ghl.tasks("c1").map(|_| true)),
        found(ghl.notes("c1").map(|_| true)),
        found(ghl.appointments("c1").map(|_| true)),
    ]
}

#[test]
fn not_there_is_told_from_everything_that_looks_like_it() {
    use RemoteErrorKind::{Auth, Gone, Nonsense, Rejected};
    let noun = |line: &str| {
        ["tasks/", "notes/", "opportunities", "businesses"]
            .into_iter()
            .zip(["Task", "Note", "Opportunity", "Business"])
            .find(|(way, _)| line.contains(way))
            .map_or("Contact", |(_, noun)| noun)
    };
    let named = |status: u16, words: &'static str| {
        Server::answering(move |asked| {
            refusal(status, format!("{} with id x {words}", noun(&asked.line())))
        })
    };
    let gone = |one: bool| if one { Ok(false) } else { Err(Gone) };
    let all =
        |single: Result<bool, _>, many: Result<bool, _>| [vec![single; 4], vec![many; 3]].concat();
    for server in [
        named(400, "not found"),
        named(404, "not found"),
        named(422, "does not exist"),
    ] {
        assert_eq!(look(&server), all(gone(true), gone(false)));
    }
    let plain =
        |status: u16, message: &'static str| Server::answering(move |_| refusal(status, message));
    assert_eq!(look(&plain(404, "Not found")), all(gone(true), gone(false)));
    for (status, message, kind) in [
        (404, "Cannot GET /x", Nonsense),
        (404, "Location not found", Auth),
        (400, "Location with id LOC not found", Auth),
        (400, "Bad Request", Rejected),
        (422, "Unprocessable Entity", Rejected),
        (401, "Invalid JWT", Auth),
        (
            403,
            "The token does not have access to this location.",
            Auth,
        ),
    ] {
        let expected = all(Err(kind), Err(kind));
        assert_eq!(look(&plain(status, message)), expected, "{message}");
    }
    // The token reaches the location: then the thing is a foreign one, or was deleted.
    let foreign = Server::answering(|asked| match asked.line().contains("/contacts/search") {
        true => ok(json!({"contacts": [], "total": 0})),
        false => refusal(403, "The token does not have access to this location."),
    });
    assert_eq!(look(&foreign), all(gone(true), gone(false)));
    // An answer without the thing proves nothing, an explicit null does.
    assert_eq!(
        look(&Server::answering(|_| ok(json!({})))),
        all(Err(Nonsense), Err(Nonsense))
    );
    let null = Server::answering(|_| {
        ok(json!({"task": null, "note": null, "opportunity": null, "business": null}))
    });
    assert_eq!(look(&null), all(Ok(false), Err(Nonsense)));
}

#[test]
fn things_of_the_wrong_type_fail_nothing() {
    let odd = json!([7, null, {}, {"id": ""}, {"id": 5, "title": 3, "dueDate": "soon",
        "completed": "yes", "body": {"a": 1}, "pinned": 2, "startTime": [], "dateAdded": true}]);
    let server = Server::answering(move |_| {
        ok(json!({"tasks": odd, "notes": odd, "events": odd, "businesses": odd}))
    });
    let ghl = client(&server);
    let tasks = ghl.tasks("c1").unwrap();
    assert_eq!(tasks.len(), 1);
    assert_eq!(
        (
            tasks[0].id.as_str(),
            tasks[0].title.as_deref(),
            tasks[0].due
        ),
        ("5", Some("3"), None)
    );
    assert!(!tasks[0].completed && tasks[0].body.is_none());
    assert_eq!(ghl.notes("c1").unwrap()[0].added, None);
    assert_eq!(ghl.appointments("c1").unwrap()[0].start, None);
}

// ---- lists by skip

/// Answers lists by `skip` and `limit` from `count` things, at most `cap` a page; a limit above
/// `accepts` is refused.
fn skipping(key: &'static str, count: usize, cap: usize, accepts: usize) -> Server {
    Server::answering(move |asked| {
        let number = |name: &str| -> usize {
            match asked.body.is_empty() {
                false => usize::try_from(asked.json()[name].as_u64().unwrap()).unwrap(),
                true => {
                    let (_, query) = asked.target.split_once('?').unwrap();
                    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
                    pairs
                        .find(|(key, _)| *key == name)
                        .unwrap()
                        .1
                        .parse()
                        .unwrap()
                }
            }
        };
        let (skip, limit) = (number("skip"), number("limit"));
        if limit > accepts {
            return refusal(422, json!(["limit must not be greater than 25"]));
        }
        let things: Vec<Value> = (skip..count.min(skip + limit.min(cap)))
            .map(|n| json!({"id": format!("x{n}"), "dnd": false, "dndSettings": {}}))
            .collect();
        ok(json!({ key: things }))
    })
}

#[test]
fn all_tasks_are_found_whatever_page_size_the_service_keeps_to() {
    for (count, cap, accepts, calls) in [
        (0, 100, 100, 1),
        (7, 100, 100, 1),
        (60, 100, 100, 2),
        (250, 100, 100, 3),
        (200, 100, 100, 3),
        (60, 25, 100, 3),
        (60, 50, 100, 2),
        (60, 100, 25, 4),
    ] {
        let server = skipping("tasks", count, cap, accepts);
        let mut found = Vec::new();
        client(&server)
            .search_tasks(&TaskSearch::default(), &mut |tasks| {
                found.extend(tasks.into_iter().map(|task| task.id));
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(found.len(), count, "{count} by {cap}, {accepts} accepted");
        assert_eq!(server.take().len(), calls, "{count} by {cap}");
    }
}

#[test]
fn a_task_search_says_what_it_wants_and_each_task_comes_once() {
    let server = Server::new([ok(fixture("tasks_search")), ok(fixture("tasks_search"))]);
    let ids: Vec<String> = (0..101).map(|n| format!("c{n}")).collect();
    let search = TaskSearch {
        contact_ids: ids.clone(),
        completed: Some(false),
    };
    let mut found = Vec::new();
    client(&server)
        .search_tasks(&search, &mut |tasks| {
            found.extend(tasks);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(found.len(), 2);
    assert!(found[1].completed && found[1].body.is_none());
    assert_eq!(found[1].contact_id.as_deref(), Some("Ir2vKc7zQw4mTp9Ln5Xb"));
    let line = "POST /locations/LOC/tasks/search".to_owned();
    let body =
        |ids: &[String]| json!({"limit": 100, "skip": 0, "contactId": ids, "completed": false});
    assert_eq!(
        exchanges(&server),
        [(line.clone(), body(&ids[..100])), (line, body(&ids[100..]))]
    );
}

#[test]
fn a_taker_that_has_enough_ends_the_lists() {
    let server = skipping("tasks", 1_000, 100, 100);
    let search = TaskSearch {
        contact_ids: (0..300).map(|n| format!("c{n}")).collect(),
        ..TaskSearch::default()
    };
    client(&server)
        .search_tasks(&search, &mut |_| ControlFlow::Break(()))
        .unwrap();
    assert_eq!(server.take().len(), 1);
    let server = skipping("businesses", 1_000, 100, 100);
    client(&server)
        .businesses(&mut |_| ControlFlow::Break(()))
        .unwrap();
    assert_eq!(server.take().len(), 1);
}

#[test]
fn a_list_that_repeats_itself_is_nonsense_and_a_refusal_stays_one() {
    let page: Vec<Value> = (0..100).map(|n| json!({"id": n.to_string()})).collect();
    let same = Server::answering(move |_| ok(json!({"tasks": page, "businesses": page})));
    let ghl = client(&same);
    let mut found = 0;
    let error = ghl
        .search_tasks(&TaskSearch::default(), &mut |tasks| {
            found += tasks.len();
            ControlFlow::Continue(())
        })
        .unwrap_err();
    assert_eq!((error.kind, found), (RemoteErrorKind::Nonsense, 100));
    assert_eq!(same.take().len(), 3);
    let refusing = Server::answering(|_| refusal(422, json!(["skip must be a number"])));
    let error = client(&refusing)
        .businesses(&mut |_| ControlFlow::Continue(()))
        .unwrap_err();
    assert_eq!(error.kind, RemoteErrorKind::Rejected);
    assert_eq!(refusing.take().len(), 2, "a smaller page is tried once");
}

#[test]
fn businesses_are_read_with_numbers_as_texts() {
    let server = Server::new([
        ok(fixture("businesses")),
        ok(fixture("business")),
        ok(json!({"success": true, "buiseness": {"id": "b9"}})),
    ]);
    let ghl = client(&server);
    let mut found = Vec::new();
    ghl.businesses(&mut |page| {
        found.extend(page);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(found[1].id, "66f1c09a2b7d4e0012ab34ce");
    assert_eq!(found[0].postal_code.as_deref(), Some("10000"));
    assert_eq!(found[0].state, None);
    assert_eq!(found[0].created, at("2025-02-12T08:00:00Z"));
    assert_eq!(ghl.business("b1").unwrap().as_ref(), found.first());
    assert_eq!(ghl.business("b9").unwrap().unwrap().id, "b9");
    assert_eq!(
        lines(&server),
        [
            "GET /businesses/?locationId=LOC&limit=100&skip=0",
            "GET /businesses/b1",
            "GET /businesses/b9",
        ]
    );
}

#[test]
fn contacts_of_a_business_are_completed_only_as_far_as_wanted() {
    // (keys wanted, consent wanted, calls)
    for (keys, consent, calls) in [
        (&["email"][..], false, 1),
        (&["email", "phone"], false, 2),
        (&["email"], true, 2),
    ] {
        let server = Server::answering(|asked| match asked.line().contains("/business/") {
            true => ok(json!({"contacts": [{"id": "c1", "email": "a@b.example"}], "count": 1})),
            false => ok(json!({"contact": {"id": "c1", "email": "a@b.example", "phone": "+1"}})),
        });
        let mut ghl = wanting(&server, keys);
        ghl.require_consent(consent);
        let collected = Collected::default();
        ghl.contacts_of_business("b1", &|page| collected.take(page))
            .unwrap();
        let contact = collected.0.into_inner().unwrap().pop().unwrap();
        assert_eq!(contact.values.len(), keys.len());
        let asked = lines(&server);
        assert_eq!(
            asked[0],
            "GET /contacts/business/b1?locationId=LOC&limit=100&skip=0"
        );
        assert_eq!(asked.len(), calls, "{keys:?} {consent}");
    }
    let server = skipping("contacts", 130, 100, 100);
    let collected = Collected::default();
    client(&server)
        .contacts_of_business("b1", &|page| collected.take(page))
        .unwrap();
    assert_eq!(collected.ids().len(), 130);
    let missing = Server::answering(|_| refusal(400, "Business not found"));
    let error = client(&missing)
        .contacts_of_business("b1", &|_| ControlFlow::Continue(()))
        .unwrap_err();
    assert_eq!(error.kind, RemoteErrorKind::Gone);
    // A contact that cannot be completed ends it with its error.
    let failing = Server::answering(|asked| match asked.line().contains("/business/") {
        true => ok(json!({"contacts": [{"id": "c1"}]})),
        false => refusal(401, "Invalid JWT"),
    });
    let error = client(&failing)
        .contacts_of_business("b1", &|_| ControlFlow::Continue(()))
        .unwrap_err();
    assert_eq!(error.kind, RemoteErrorKind::Auth);
}

// ---- opportunities

fn all_opportunities(
    ghl: &Ghl,
    search: &OpportunitySearch,
) -> Result<Vec<Opportunity>, RemoteError> {
    let mut found = Vec::new();
    ghl.opportunities(search, &mut |page| {
        found.extend(page);
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

#[test]
fn opportunities_are_read_in_both_versions() {
    let server = Server::new([ok(fixture("opportunities")), ok(fixture("opportunity"))]);
    let ghl = client(&server);
    let search = OpportunitySearch {
        contact_id: Some("c1".to_owned()),
        status: Some("won".to_owned()),
        pipeline_id: Some("p1".to_owned()),
    };
    let found = all_opportunities(&ghl, &search).unwrap();
    assert_eq!(found[0].value, Some(4_200.5));
    assert_eq!(
        found[0].stage_id.as_deref(),
        Some("1d7f3a60-9b1c-4c41-8f6e-2f6a7c1f9e10")
    );
    assert_eq!(found[0].source, None);
    assert_eq!(found[0].status_changed, at("2026-09-03T04:55:17.355Z"));
    assert_eq!(
        (found[1].value, found[1].contact_id.as_deref()),
        (Some(150.0), Some("Ir2vKc7zQw4mTp9Ln5Xb"))
    );
    assert_eq!(ghl.opportunity("o1").unwrap().as_ref(), found.first());
    assert_eq!(
        lines(&server),
        [
            "GET /opportunities/search?location_id=LOC&limit=100&status=won&contact_id=c1&pipeline_id=p1",
            "GET /opportunities/o1",
        ]
    );
    let server = Server::new([ok(fixture("opportunities_v3"))]);
    let ghl = client_of(&server, "v3");
    assert_eq!(all_opportunities(&ghl, &search).unwrap().len(), 1);
    assert_eq!(
        server.take()[0].line(),
        "GET /opportunities/search?locationId=LOC&limit=100&status=won&contactId=c1&pipelineId=p1"
    );
}

#[test]
fn the_other_spelling_is_tried_once_where_one_is_refused() {
    for (version, first, second) in [
        (DEFAULT_VERSION, "location_id", "locationId"),
        ("v3", "locationId", "location_id"),
    ] {
        let refused =
            move |name: &str| refusal(422, json!([format!("property {name} should not exist")]));
        let server = Server::new([refused(first), ok(json!({"opportunities": []}))]);
        let ghl = client_of(&server, version);
        assert!(
            all_opportunities(&ghl, &OpportunitySearch::default())
                .unwrap()
                .is_empty()
        );
        let lines: Vec<String> = server.take().iter().map(Asked::line).collect();
        assert!(
            lines[0].contains(first) && lines[1].contains(second),
            "{lines:?}"
        );
        let server = Server::new([refused(first), refused(second)]);
        let ghl = client_of(&server, version);
        let error = all_opportunities(&ghl, &OpportunitySearch::default()).unwrap_err();
        assert_eq!(error.kind, RemoteErrorKind::Rejected);
    }
}

#[test]
fn opportunities_are_counted_by_the_services_word() {
    for (meta, expected) in [
        (json!({"total": 4_321}), Some(4_321)),
        (json!({"total": "17"}), Some(17)),
        (json!({}), None),
    ] {
        let server = Server::new([ok(json!({"opportunities": [], "meta": meta}))]);
        let search = OpportunitySearch {
            status: Some("won".to_owned()),
            ..OpportunitySearch::default()
        };
        assert_eq!(client(&server).count_opportunities(&search), Ok(expected));
        assert_eq!(
            lines(&server),
            ["GET /opportunities/search?location_id=LOC&limit=100&status=won"]
        );
    }
}

/// Opportunities in pages of a hundred; `how` says what `meta` holds for the page from `from`.
fn deals(count: usize, how: impl Fn(usize, usize) -> Value + Send + Sync + 'static) -> Server {
    Server::answering(move |asked| {
        let (_, query) = asked.target.split_once('?').unwrap();
        let part = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.parse::<usize>().unwrap())
        };
        let from = match (part("startAfter"), part("page")) {
            (Some(after), _) => after,
            (None, Some(page)) => (page - 1) * 100,
            (None, None) => 0,
        };
        let to = count.min(from + 100);
        let page: Vec<Value> = (from..to).map(|n| json!({"id": format!("o{n}")})).collect();
        ok(json!({"opportunities": page, "meta": how(to, count)}))
    })
}

#[test]
fn opportunities_are_read_to_their_end_beyond_ten_thousand_too() {
    let by_cursor = |to: usize, count: usize| json!({"startAfter": to, "startAfterId": "7", "total": count, "nextPage": (to < count).then_some(2)});
    let server = deals(10_250, by_cursor);
    let found = all_opportunities(&client(&server), &OpportunitySearch::default()).unwrap();
    assert_eq!(found.len(), 10_250);
    let asked = lines(&server);
    assert_eq!(asked.len(), 103);
    assert_eq!(
        asked[1],
        "GET /opportunities/search?location_id=LOC&limit=100&status=all&startAfter=100&startAfterId=7"
    );
    // Without a cursor by number, to the empty page where nothing tells the end.
    let server = deals(200, |to, _| json!({"nextPage": to / 100 + 1}));
    let found = all_opportunities(&client(&server), &OpportunitySearch::default()).unwrap();
    assert_eq!(found.len(), 200);
    let asked = lines(&server);
    assert!(
        asked[2].ends_with("&page=3") && asked.len() == 3,
        "{asked:?}"
    );
    let server = deals(200, |_, _| Value::Null);
    let found = all_opportunities(&client(&server), &OpportunitySearch::default()).unwrap();
    assert_eq!((found.len(), server.take().len()), (200, 3));
}

#[test]
fn opportunities_that_lead_in_circles_are_nonsense() {
    let server = Server::answering(|_| {
        let page: Vec<Value> = (0..100).map(|n| json!({"id": n})).collect();
        ok(json!({"opportunities": page,
                  "meta": {"startAfter": 5, "startAfterId": "5", "nextPage": 2}}))
    });
    let error = all_opportunities(&client(&server), &OpportunitySearch::default()).unwrap_err();
    assert_eq!(error.kind, RemoteErrorKind::Nonsense);
    assert!(server.take().len() <= 4);
}

#[test]
fn stages_come_in_their_order_and_the_vendors_example_does_no_harm() {
    let server = Server::new([ok(fixture("pipelines")), ok(fixture("pipelines_malformed"))]);
    let ghl = client(&server);
    let names = |pipelines: &[crate::related::Pipeline]| -> Vec<String> {
        let stages = |p: &crate::related::Pipeline| {
            let names: Vec<&str> = p.stages.iter().map(|s| s.name.as_str()).collect();
            format!("{}: {}", p.name, names.join(" "))
        };
        pipelines.iter().map(stages).collect()
    };
    assert_eq!(
        names(&ghl.pipelines().unwrap()),
        ["Gardens: New Quoted Done"]
    );
    assert_eq!(
        names(&ghl.pipelines().unwrap()),
        ["Gardens: ", "Nested: Only", ": "]
    );
    assert_eq!(
        lines(&server)[0],
        "GET /opportunities/pipelines?locationId=LOC"
    );
}

// ---- writing tasks and notes

fn task_draft() -> TaskDraft {
    TaskDraft {
        title: Some("Call".to_owned()),
        due: at("2026-11-30T15:00:00+01:00"),
        ..TaskDraft::default()
    }
}

fn note_draft() -> NoteDraft {
    NoteDraft {
        body: Some("Prefers mornings".to_owned()),
        ..NoteDraft::default()
    }
}

#[test]
fn tasks_are_written_with_nothing_but_what_was_said() {
    let server = Server::answering(|_| ok(fixture("task")));
    let ghl = client(&server);
    ghl.create_task("c1", &task_draft()).unwrap();
    let all = TaskDraft {
        body: Some("Ask".to_owned()),
        assigned_to: Some("u1".to_owned()),
        completed: Some(true),
        ..task_draft()
    };
    ghl.create_task("c1", &all).unwrap();
    let edit = TaskDraft {
        body: Some("Ask".to_owned()),
        ..TaskDraft::default()
    };
    ghl.edit_task("c1", "t1", &edit).unwrap();
    ghl.edit_task("c1", "t1", &TaskDraft::default()).unwrap();
    assert!(!ghl.complete_task("c1", "t1", false).unwrap().completed);
    let post = || "POST /contacts/c1/tasks".to_owned();
    assert_eq!(
        exchanges(&server),
        [
            (
                post(),
                json!({"title": "Call", "dueDate": "2026-11-30T14:00:00.000Z", "completed": false})
            ),
            (
                post(),
                json!({"title": "Call", "dueDate": "2026-11-30T14:00:00.000Z", "completed": true,
                       "body": "Ask", "assignedTo": "u1"})
            ),
            (
                "PUT /contacts/c1/tasks/t1".to_owned(),
                json!({"body": "Ask"})
            ),
            ("GET /contacts/c1/tasks/t1".to_owned(), Value::Null),
            (
                "PUT /contacts/c1/tasks/t1/completed".to_owned(),
                json!({"completed": false})
            ),
        ]
    );
}

#[test]
fn notes_are_written_with_nothing_but_what_was_said() {
    let server = Server::answering(|_| ok(fixture("note")));
    let ghl = client(&server);
    ghl.create_note("c1", &note_draft()).unwrap();
    let all = NoteDraft {
        title: Some("T".to_owned()),
        user_id: Some("u1".to_owned()),
        color: Some("#FFAA00".to_owned()),
        pinned: Some(true),
        ..note_draft()
    };
    ghl.edit_note("c1", "n1", &all).unwrap();
    ghl.edit_note("c1", "n1", &NoteDraft::default()).unwrap();
    assert_eq!(
        exchanges(&server),
        [
            (
                "POST /contacts/c1/notes".to_owned(),
                json!({"body": "Prefers mornings"})
            ),
            (
                "PUT /contacts/c1/notes/n1".to_owned(),
                json!({"body": "Prefers mornings", "title": "T", "userId": "u1",
                       "color": "#FFAA00", "pinned": true})
            ),
            ("GET /contacts/c1/notes/n1".to_owned(), Value::Null),
        ]
    );
}

#[test]
fn a_draft_that_lacks_something_is_refused_before_anything_is_sent() {
    let server = Server::new([]);
    let ghl = client(&server);
    let no_due = TaskDraft {
        due: None,
        ..task_draft()
    };
    let no_title = TaskDraft {
        title: None,
        ..task_draft()
    };
    let blank = NoteDraft {
        title: Some(" ".to_owned()),
        ..note_draft()
    };
    let errors = [
        ("dueDate", ghl.create_task("c1", &no_due).unwrap_err()),
        ("title", ghl.create_task("c1", &no_title).unwrap_err()),
        ("title", ghl.create_note("c1", &blank).unwrap_err()),
        ("title", ghl.edit_note("c1", "n1", &blank).unwrap_err()),
        (
            "body",
            ghl.create_note("c1", &NoteDraft::default()).unwrap_err(),
        ),
    ];
    for (param, error) in errors {
        assert_eq!(error.kind, RemoteErrorKind::Rejected);
        assert_eq!(error.param.as_deref(), Some(param));
    }
    assert!(server.take().is_empty());
}

#[test]
fn a_lost_answer_to_a_create_is_unclear_and_never_repeated() {
    for lost in [
        Reply::Drop,
        Reply::Cut,
        Reply::text(200, "gateway"),
        Reply::text(502, ""),
        ok(json!({})),
        ok(json!({"task": {}, "note": {"title": "no id"}})),
    ] {
        let server = Server::new([lost.clone(), lost]);
        let ghl = client(&server);
        let error = ghl.create_task("c1", &task_draft()).unwrap_err();
        assert_eq!(error.kind, RemoteErrorKind::Unclear);
        let error = ghl.create_note("c1", &note_draft()).unwrap_err();
        assert_eq!(error.kind, RemoteErrorKind::Unclear);
        assert_eq!(server.take().len(), 2);
    }
    // A refusal that names nothing may have been carried out; one that does was not.
    let server = Server::new([
        Reply::json(422, fixture("errors/422_declared")),
        refusal(
            422,
            json!(["body must be shorter than or equal to 9 characters"]),
        ),
        refusal(422, json!(["property title should not exist"])),
        refusal(400, "Bad Request"),
    ]);
    let ghl = client(&server);
    assert_eq!(
        ghl.create_task("c1", &task_draft()).unwrap_err().kind,
        RemoteErrorKind::Unclear
    );
    let named = ghl.create_note("c1", &note_draft()).unwrap_err().kind;
    let unknown = ghl.create_task("c1", &task_draft()).unwrap_err().kind;
    let plain = ghl.create_note("c1", &note_draft()).unwrap_err().kind;
    assert_eq!([named, unknown, plain], [RemoteErrorKind::Rejected; 3]);
    // A 429 was not processed.
    let server = Server::new([
        Reply::text(429, "").with("retry-after", "0"),
        ok(fixture("note")),
    ]);
    client(&server).create_note("c1", &note_draft()).unwrap();
    assert_eq!(server.take().len(), 2);
}

#[test]
fn edits_and_deletes_are_repeated_until_they_are_answered() {
    let server = Server::new([
        Reply::Drop,
        ok(fixture("task")),
        Reply::text(503, ""),
        ok(json!({"succeded": true})),
        ok(fixture("note")),
        Reply::Drop,
        ok(json!({"succeeded": true})),
    ]);
    let ghl = client(&server);
    ghl.edit_task("c1", "t1", &task_draft()).unwrap();
    // The answer shows no note: it is read.
    let note = ghl.edit_note("c1", "n1", &note_draft()).unwrap();
    assert_eq!(note.title.as_deref(), Some("Timing"));
    ghl.delete_task("c1", "t1").unwrap();
    assert_eq!(
        lines(&server),
        [
            "PUT /contacts/c1/tasks/t1",
            "PUT /contacts/c1/tasks/t1",
            "PUT /contacts/c1/notes/n1",
            "PUT /contacts/c1/notes/n1",
            "GET /contacts/c1/notes/n1",
            "DELETE /contacts/c1/tasks/t1",
            "DELETE /contacts/c1/tasks/t1",
        ]
    );
}

#[test]
fn what_is_gone_is_gone_for_edits_and_done_for_deletes() {
    let words = [
        (400, "Contact with id c1 not found"),
        (404, "Not found"),
        (422, "The task or note does not exist"),
    ];
    for (status, message) in words {
        let server = Server::answering(move |_| refusal(status, message));
        let ghl = client(&server);
        let kinds = [
            ghl.edit_task("c1", "t1", &task_draft()).unwrap_err().kind,
            ghl.complete_task("c1", "t1", true).unwrap_err().kind,
            ghl.edit_note("c1", "n1", &note_draft()).unwrap_err().kind,
        ];
        assert_eq!(kinds, [RemoteErrorKind::Gone; 3], "{message}");
        assert_eq!(ghl.delete_task("c1", "t1"), Ok(()));
        assert_eq!(ghl.delete_note("c1", "n1"), Ok(()));
        assert_eq!(
            lines(&server)[3..],
            [
                "DELETE /contacts/c1/tasks/t1",
                "DELETE /contacts/c1/notes/n1"
            ]
        );
    }
    let server = Server::answering(|_| refusal(400, "Contact with id c1 not found"));
    let ghl = client(&server);
    let error = ghl.create_task("c1", &task_draft()).unwrap_err();
    assert_eq!(error.kind, RemoteErrorKind::Gone);
    // Not done, and not gone either.
    for reply in [
        ok(json!({"succeded": false})),
        refusal(404, "Cannot DELETE /contacts/c1/notes/n1"),
        refusal(404, "Location not found"),
        refusal(400, "Bad Request"),
    ] {
        let server = Server::new([reply]);
        assert!(client(&server).delete_note("c1", "n1").is_err());
    }
}

#[test]
fn a_completion_is_believed_only_when_the_task_shows_it() {
    let shows = |completed: Value| ok(json!({"task": {"id": "t1", "completed": completed}}));
    let server = Server::new([shows(json!(true))]);
    assert!(
        client(&server)
            .complete_task("c1", "t1", true)
            .unwrap()
            .completed
    );
    let server = Server::new([shows(json!(false)), shows(json!(true))]);
    assert!(
        client(&server)
            .complete_task("c1", "t1", true)
            .unwrap()
            .completed
    );
    let server = Server::new([ok(json!({"succeded": true})), shows(json!(false))]);
    let error = client(&server).complete_task("c1", "t1", true).unwrap_err();
    assert_eq!(error.not_taken(), ["completed"]);
    let server = Server::new([ok(json!(null)), refusal(404, "Not found")]);
    let error = client(&server).complete_task("c1", "t1", true).unwrap_err();
    assert_eq!(error.kind, RemoteErrorKind::Gone);
}
