//! What an account and a brand hold besides contacts, and the calls on contacts that the engine's
//! port does not have: request line, body, lenient reading, refined errors. Start with [`answered`].

use super::contract::fixture;
use super::*;
use crate::api::bigmailer::catalogue::{Brand, Field, FieldChange, List, MessageType, Segment};
use crate::api::bigmailer::suppression::SuppressionList;
use crate::api::bigmailer::transactional::{Mail, TransactionalCampaign};

/// A service that answers everything with one fixture.
fn answered(status: u16, name: &str) -> Server {
    let body = fixture(name);
    Server::answering(move |_| Reply::json(status, body.clone()))
}

/// What one call to a service that answers with a fixture gives, and the request that it made.
fn asked<T>(name: &str, act: impl FnOnce(&Bigmailer) -> T) -> (T, Asked) {
    let server = answered(200, name);
    let value = act(&client(&server));
    let mut asked = server.take();
    assert_eq!(asked.len(), 1);
    (value, asked.remove(0))
}

fn id_of(name: &str) -> String {
    fixture(name)["id"].as_str().unwrap().to_owned()
}

#[test]
fn brands_are_read_with_what_they_say() {
    let (brand, request) = asked("brand", |client| client.brand().unwrap());
    assert_eq!(request.line(), "GET /brands/BRAND");
    assert_eq!(
        brand,
        Brand {
            id: id_of("brand"),
            name: Some("Analytical Engines".to_owned()),
            contact_limit: Some(5000),
            num_contacts: Some(1234),
        }
    );
    let (brands, request) = asked("brands_page", |client| client.brands().unwrap());
    assert_eq!(request.line(), "GET /brands?limit=100");
    assert_eq!(brands[0], brand);
    assert_eq!(
        (brands[1].contact_limit, brands[1].num_contacts),
        (None, None)
    );
}

#[test]
fn fields_are_listed_read_changed_and_deleted() {
    let (fields, request) = asked("fields_page", |client| client.fields().unwrap());
    assert_eq!(request.line(), "GET /brands/BRAND/fields?limit=100");
    let kinds: Vec<&str> = fields.iter().map(|field| field.kind.as_str()).collect();
    assert_eq!(kinds, ["email", "text", "integer"]);
    let (field, request) = asked("field", |client| client.get_field("f/1").unwrap());
    assert_eq!(request.line(), "GET /brands/BRAND/fields/f%2F1");
    assert_eq!(
        field,
        Field {
            id: id_of("field"),
            merge_tag_name: "FIRST NAME".to_owned(),
            name: "First name".to_owned(),
            kind: "text".to_owned(),
        }
    );
    assert_eq!(fields[1], field);

    let change = FieldChange {
        name: Some("N".to_owned()),
        ..FieldChange::default()
    };
    let ((), request) = asked("id", |client| client.update_field("f1", &change).unwrap());
    assert_eq!(request.line(), "POST /brands/BRAND/fields/f1");
    assert_eq!(request.json(), json!({"name": "N"}));
    let change = FieldChange {
        merge_tag_name: Some("M".to_owned()),
        sample_value: Some("S".to_owned()),
        ..FieldChange::default()
    };
    let ((), request) = asked("id", |client| client.update_field("f1", &change).unwrap());
    assert_eq!(
        request.json(),
        json!({"merge_tag_name": "M", "sample_value": "S"})
    );
    let server = Server::new([]);
    let nothing = FieldChange::default();
    client(&server).update_field("f1", &nothing).unwrap();
    assert!(server.take().is_empty());

    let ((), request) = asked("id", |client| client.delete_field("f1").unwrap());
    assert_eq!(request.line(), "DELETE /brands/BRAND/fields/f1");
    assert_eq!(request.body, "");
}

#[test]
fn lists_are_listed_read_made_renamed_and_deleted() {
    let (lists, request) = asked("lists_page", |client| client.lists().unwrap());
    assert_eq!(request.line(), "GET /brands/BRAND/lists?limit=100");
    let (list, request) = asked("list", |client| client.get_list("l1").unwrap());
    assert_eq!(request.line(), "GET /brands/BRAND/lists/l1");
    assert_eq!(
        list,
        List {
            id: id_of("list"),
            name: "All".to_owned(),
            all: true,
        }
    );
    assert_eq!((lists[0].clone(), lists[1].all), (list, false));

    let (id, request) = asked("id", |client| client.create_list("News").unwrap());
    assert_eq!(id, id_of("id"));
    assert_eq!(request.line(), "POST /brands/BRAND/lists");
    assert_eq!(request.json(), json!({"name": "News"}));
    let ((), request) = asked("id", |client| client.rename_list("l1", "Old").unwrap());
    assert_eq!(request.line(), "POST /brands/BRAND/lists/l1");
    assert_eq!(request.json(), json!({"name": "Old"}));
    let ((), request) = asked("id", |client| client.delete_list("l1").unwrap());
    assert_eq!(request.line(), "DELETE /brands/BRAND/lists/l1");
}

#[test]
fn message_types_are_listed_read_made_renamed_and_deleted() {
    let (types, request) = asked("message_types_page", |client| {
        client.message_types().unwrap()
    });
    assert_eq!(
        request.line(),
        "GET /brands/BRAND/message-types?type=all&limit=100"
    );
    let (one, request) = asked("message_type", |client| {
        client.get_message_type("t1").unwrap()
    });
    assert_eq!(request.line(), "GET /brands/BRAND/message-types/t1");
    assert_eq!(
        one,
        MessageType {
            id: id_of("message_type"),
            name: "Offers".to_owned(),
            kind: "user".to_owned(),
        }
    );
    assert_eq!((types[0].kind.as_str(), &types[1]), ("all", &one));

    let (id, request) = asked("id", |client| client.create_message_type("New").unwrap());
    assert_eq!(id, id_of("id"));
    assert_eq!(request.line(), "POST /brands/BRAND/message-types");
    assert_eq!(request.json(), json!({"name": "New"}));
    let ((), request) = asked("id", |client| {
        client.rename_message_type("t1", "Old").unwrap()
    });
    assert_eq!(request.line(), "POST /brands/BRAND/message-types/t1");
    assert_eq!(request.json(), json!({"name": "Old"}));
    let ((), request) = asked("id", |client| client.delete_message_type("t1").unwrap());
    assert_eq!(request.line(), "DELETE /brands/BRAND/message-types/t1");
}

#[test]
fn segments_and_suppression_lists_are_read() {
    let (segments, request) = asked("segments_page", |client| client.segments().unwrap());
    assert_eq!(request.line(), "GET /brands/BRAND/segments?limit=100");
    let (one, request) = asked("segment", |client| client.get_segment("s1").unwrap());
    assert_eq!(request.line(), "GET /brands/BRAND/segments/s1");
    assert_eq!(
        one,
        Segment {
            id: id_of("segment"),
            name: "Lapsed".to_owned(),
            operator: Some("any".to_owned()),
        }
    );
    assert_eq!((segments[0].operator.as_ref(), &segments[1]), (None, &one));

    let (lists, request) = asked("suppression_lists_page", |client| {
        client.suppression_lists().unwrap()
    });
    assert_eq!(
        request.line(),
        "GET /brands/BRAND/suppression-lists?limit=100"
    );
    let (one, request) = asked("suppression_list", |client| {
        client.get_suppression_list("s1").unwrap()
    });
    assert_eq!(request.line(), "GET /brands/BRAND/suppression-lists/s1");
    assert_eq!(
        one,
        SuppressionList {
            id: id_of("suppression_list"),
            file_name: Some("former customers.csv".to_owned()),
            file_size: Some(2048),
            created: Some(1_600_000_000_000),
        }
    );
    assert_eq!((&lists[0], lists[1].file_size), (&one, None));
}

#[test]
fn a_suppression_list_goes_up_as_one_file() {
    let csv = "a@b.co\r\n\"x, y\"@b.co\r\n--ghl-bm-\r\n";
    let (id, request) = asked("id", |client| {
        client
            .upload_suppression_list("former \"customers\".csv", csv.as_bytes())
            .unwrap()
    });
    assert_eq!(id, id_of("id"));
    assert_eq!(request.line(), "POST /brands/BRAND/suppression-lists");
    let content_type = request.header("content-type").unwrap();
    let boundary = content_type
        .strip_prefix("multipart/form-data; boundary=")
        .unwrap();
    assert_eq!(
        request.body,
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; \
             filename=\"former %22customers%22.csv\"\r\nContent-Type: text/csv\r\n\r\n\
             {csv}\r\n--{boundary}--\r\n"
        )
    );
    for reply in [
        Reply::Drop,
        Reply::json(500, json!({})),
        Reply::json(200, json!({})),
    ] {
        let server = Server::new([reply]);
        let error = client(&server)
            .upload_suppression_list("a", b"a")
            .unwrap_err();
        assert_eq!(error.kind, RemoteErrorKind::Unclear);
        assert_eq!(server.take().len(), 1);
    }
}

fn mail() -> Mail {
    Mail {
        email: "a@b.co".to_owned(),
        values: vec![pair("NAME", text_value("Ada"))],
        variables: vec![("CODE".to_owned(), "42".to_owned())],
    }
}

#[test]
fn a_mail_is_sent_once_or_not_at_all() {
    let (contact, request) = asked("transactional_send", |client| {
        client.send_mail("c1", &mail()).unwrap()
    });
    assert_eq!(contact, Some(id_of("contact")));
    assert_eq!(
        request.line(),
        "POST /brands/BRAND/transactional-campaigns/c1/send"
    );
    assert_eq!(
        request.json(),
        json!({"email": "a@b.co", "field_values": [{"name": "NAME", "string": "Ada"}],
               "variables": [{"name": "CODE", "value": "42"}]})
    );
    let bare = Mail {
        email: "a@b.co".to_owned(),
        ..Mail::default()
    };
    let (_, request) = asked("transactional_send", |client| client.send_mail("c1", &bare));
    assert_eq!(request.json(), json!({"email": "a@b.co"}));

    // A success without the id has been sent all the same.
    for reply in [Reply::text(200, ""), Reply::json(200, json!({}))] {
        assert_eq!(
            client(&Server::new([reply])).send_mail("c1", &mail()),
            Ok(None)
        );
    }
    for trouble in [
        Reply::Drop,
        Reply::Cut,
        Reply::text(200, "<html>"),
        Reply::json(500, fixture("error_500")),
        Reply::json(503, fixture("error_503")),
    ] {
        let server = Server::new([trouble]);
        let error = client(&server).send_mail("c1", &mail()).unwrap_err();
        assert_eq!(error.kind, RemoteErrorKind::Unclear);
        assert_eq!(server.take().len(), 1);
    }
    // Turned away before anything was done.
    let throttled = Reply::json(429, fixture("error_429")).with("retry-after", "0");
    let server = Server::new([throttled, Reply::json(200, fixture("transactional_send"))]);
    client(&server).send_mail("c1", &mail()).unwrap();
    assert_eq!(server.take().len(), 2);
    let wrong = Mail {
        values: vec![pair("SCORE", FieldValue::Decimal(1.5))],
        ..mail()
    };
    let server = Server::new([]);
    let error = client(&server).send_mail("c1", &wrong).unwrap_err();
    assert_eq!(error.kind, RemoteErrorKind::Rejected);
    assert!(server.take().is_empty());
}

#[test]
fn campaigns_are_found() {
    let (campaigns, request) = asked("transactional_campaigns_page", |client| {
        client.transactional_campaigns().unwrap()
    });
    assert_eq!(
        request.line(),
        "GET /brands/BRAND/transactional-campaigns?limit=100"
    );
    let (one, request) = asked("transactional_campaign", |client| {
        client.get_transactional_campaign("c1").unwrap()
    });
    assert_eq!(
        request.line(),
        "GET /brands/BRAND/transactional-campaigns/c1"
    );
    assert_eq!(
        one,
        TransactionalCampaign {
            id: id_of("transactional_campaign"),
            name: "Welcome".to_owned(),
            status: Some("active".to_owned()),
            list_id: fixture("transactional_campaign")["list_id"]
                .as_str()
                .map(str::to_owned),
        }
    );
    assert_eq!((&campaigns[0], campaigns[1].list_id.as_ref()), (&one, None));
}

/// What a probe of the test brand may have found.
fn findings() -> UpsertFindings {
    UpsertFindings {
        brand_id: "BRAND".to_owned(),
        keeps_values: true,
        keeps_lists: true,
        keeps_topics: true,
        keeps_opt_out: true,
    }
}

pub(super) fn proof() -> UpsertProof {
    UpsertProof::from_findings(&findings()).unwrap()
}

#[test]
fn upsert_needs_proof_for_this_very_brand() {
    let (id, request) = asked("id", |client| client.upsert(&proof(), &draft()).unwrap());
    assert_eq!(id, id_of("id"));
    assert_eq!(request.line(), "POST /brands/BRAND/contacts/upsert");
    assert_eq!(
        request.json(),
        json!({"email": "a@b.co", "field_values": encoded_values(), "list_ids": ["l1"],
               "unsubscribe_all": true})
    );
    // Silence about the opt-out is no word of consent.
    let silent = Draft {
        opted_out: false,
        ..draft()
    };
    let (_, request) = asked("id", |client| client.upsert(&proof(), &silent));
    assert_eq!(request.json().get("unsubscribe_all"), None);
    let server = Server::new([Reply::Drop, Reply::json(200, fixture("id"))]);
    client(&server).upsert(&proof(), &draft()).unwrap();
    assert_eq!(
        server.take().len(),
        2,
        "what is proven to merge may be repeated"
    );

    let elsewhere = UpsertFindings {
        brand_id: "OTHER".to_owned(),
        ..findings()
    };
    let elsewhere = UpsertProof::from_findings(&elsewhere).unwrap();
    let server = Server::new([]);
    let error = client(&server).upsert(&elsewhere, &draft()).unwrap_err();
    assert_eq!(error.kind, RemoteErrorKind::Rejected);
    assert!(server.take().is_empty());
    for lost in 0..4 {
        let mut findings = findings();
        *[
            &mut findings.keeps_values,
            &mut findings.keeps_lists,
            &mut findings.keeps_topics,
            &mut findings.keeps_opt_out,
        ][lost] = false;
        assert_eq!(UpsertProof::from_findings(&findings), None);
    }
}

#[test]
fn topics_are_only_ever_added() {
    let topics = ["t1".to_owned(), "t2".to_owned()];
    let ((), request) = asked("id", |client| client.opt_out_of("u1", &topics).unwrap());
    assert_eq!(request.line(), ADD);
    assert_eq!(request.json(), json!({"unsubscribe_ids": ["t1", "t2"]}));
}

#[test]
fn the_members_of_a_list_are_a_listing_of_their_own() {
    let server = Server::new([
        Reply::json(200, fixture("contacts_page_first")),
        Reply::json(200, fixture("contacts_page_last")),
        Reply::json(404, fixture("error_404_resource_missing")),
    ]);
    let bigmailer = client(&server);
    let people = Mutex::new(Vec::new());
    let listed = bigmailer.list_members("l 1", &|page| {
        people.lock().unwrap().extend(page.contacts);
        ControlFlow::Continue(())
    });
    assert!(listed.unwrap().complete);
    assert_eq!(people.into_inner().unwrap().len(), 2);
    let gone = bigmailer.list_members("l2", &|_| ControlFlow::Continue(()));
    assert_eq!(gone.unwrap_err().kind, RemoteErrorKind::Gone);
    assert_eq!(
        lines(&server),
        [
            "GET /brands/BRAND/contacts?list_id=l+1&limit=100",
            "GET /brands/BRAND/contacts?list_id=l+1&limit=100&cursor=Zmlyc3Q%2BcGFnZS8%3D",
            "GET /brands/BRAND/contacts?list_id=l2&limit=100",
        ]
    );
}

#[test]
fn recorded_contacts_are_read_however_little_they_say() {
    let full = item(fixture("contact"))
        .decode(&tags(&["FIRST NAME", "SCORE", "BORN"]))
        .unwrap();
    assert_eq!(full.consent, Consent::Allowed);
    assert_eq!(full.values.len(), 3);
    assert_eq!(
        full.values["SCORE"],
        FieldValue::Integer(9_007_199_254_740_993)
    );
    assert_eq!(full.groups.len(), 2);
    let sparse = item(fixture("contact_sparse"))
        .decode(&tags(&["FIRST NAME"]))
        .unwrap();
    assert_eq!((sparse.consent, sparse.created), (Consent::Unknown, None));
    assert_eq!(sparse.values["FIRST NAME"], text_value("Bob"));
}

#[test]
fn recorded_batches_are_waited_for_and_then_told_apart() {
    let server = Server::new([
        Reply::json(200, fixture("batch_pending")),
        Reply::json(200, fixture("batch_complete")),
    ]);
    let bigmailer = client(&server);
    assert_eq!(bigmailer.collect("b").unwrap(), None);
    let results = bigmailer.collect("b").unwrap().unwrap();
    assert_eq!(
        results,
        [
            ItemResult {
                tag: "row-1".to_owned(),
                outcome: ItemOutcome::Stored(id_of("contact")),
            },
            ItemResult {
                tag: "row-2".to_owned(),
                outcome: ItemOutcome::Refused {
                    code: Some("invalid_format".to_owned()),
                    message: "email is not valid".to_owned(),
                },
            },
        ]
    );
}

#[test]
fn recorded_errors_get_their_kind_and_hint() {
    use RemoteErrorKind::{Auth, Gone, Rejected, Taken, Unavailable};
    for (status, name, kind, code, hint) in [
        (
            400,
            "error_400_invalid_format",
            Rejected,
            Some("invalid_format"),
            None,
        ),
        (401, "error_401", Auth, None, Some("auth login bigmailer")),
        (403, "error_403", Auth, None, Some("permission")),
        (
            404,
            "error_404_resource_missing",
            Gone,
            Some("resource_missing"),
            None,
        ),
        (
            422,
            "error_422_resource_already_exists",
            Taken,
            Some("resource_already_exists"),
            None,
        ),
        (422, "error_422_failed_precondition", Rejected, None, None),
        (429, "error_429", Unavailable, None, None),
        (500, "error_500", Unavailable, None, None),
        (503, "error_503", Unavailable, None, None),
    ] {
        let body = fixture(name);
        let reply = Reply::json(status, body.clone());
        let server = Server::answering(move |_| reply.clone().with("retry-after", "0"));
        let error = client(&server).get_list("l1").unwrap_err();
        assert_eq!((error.kind, error.status), (kind, Some(status)), "{name}");
        assert_eq!(error.message, body["message"], "{name}");
        assert_eq!(error.code.as_deref(), code, "{name}");
        assert_eq!(error.endpoint, "GET /brands/{brand_id}/lists/{list_id}");
        match hint {
            Some(part) => assert!(error.hint.unwrap().contains(part), "{name}"),
            None => assert_eq!(error.hint, None, "{name}"),
        }
        let tries = if kind == Unavailable { 5 } else { 1 };
        assert_eq!(server.take().len(), tries, "{name}");
    }
}

#[test]
fn every_change_may_be_repeated_and_nothing_that_makes_may() {
    type Call = fn(&Bigmailer) -> Result<(), RemoteError>;
    let repeatable: [Call; 7] = [
        |c| {
            let name = Some("N".to_owned());
            c.update_field(
                "f",
                &FieldChange {
                    name,
                    ..FieldChange::default()
                },
            )
        },
        |c| c.delete_field("f"),
        |c| c.rename_list("l", "N"),
        |c| c.delete_list("l"),
        |c| c.rename_message_type("t", "N"),
        |c| c.delete_message_type("t"),
        |c| c.opt_out_of("u", &["t".to_owned()]),
    ];
    for call in repeatable {
        // The answer need not be an object: some readings say that it is empty.
        let server = Server::new([
            Reply::Drop,
            Reply::json(502, json!({})),
            Reply::text(200, ""),
        ]);
        call(&client(&server)).unwrap();
        assert_eq!(server.take().len(), 3);
    }
    let makes: [Call; 3] = [
        |c| c.create_field("N", "M", "text").map(|_| ()),
        |c| c.create_list("N").map(|_| ()),
        |c| c.create_message_type("N").map(|_| ()),
    ];
    for call in makes {
        for trouble in [
            Reply::Drop,
            Reply::json(502, json!({})),
            Reply::text(200, ""),
        ] {
            let server = Server::new([trouble]);
            let error = call(&client(&server)).unwrap_err();
            assert_eq!(error.kind, RemoteErrorKind::Unclear);
            assert_eq!(server.take().len(), 1);
        }
    }
}

#[test]
fn what_is_gone_already_needs_no_deleting_but_cannot_be_changed() {
    let missing = || answered(404, "error_404_resource_missing");
    for delete in [
        |c: &Bigmailer| c.delete_field("x"),
        |c: &Bigmailer| c.delete_list("x"),
        |c: &Bigmailer| c.delete_message_type("x"),
    ] {
        delete(&client(&missing())).unwrap();
    }
    let gone = |result: Result<(), RemoteError>| {
        assert_eq!(result.unwrap_err().kind, RemoteErrorKind::Gone);
    };
    gone(client(&missing()).rename_list("x", "N"));
    gone(client(&missing()).rename_message_type("x", "N"));
    gone(client(&missing()).get_segment("x").map(|_| ()));
    gone(client(&missing()).get_suppression_list("x").map(|_| ()));
    gone(client(&missing()).send_mail("x", &mail()).map(|_| ()));
    // An empty id names nothing, and must not become the address of the whole list.
    let server = Server::new([]);
    gone(client(&server).rename_list("", "N"));
    client(&server).delete_list("").unwrap();
    assert!(server.take().is_empty());
}

#[test]
fn objects_of_the_wrong_shape_are_left_out_of_lists_and_nonsense_alone() {
    let odd = json!({"has_more": false, "data": [
        {"name": "no id"}, {"id": 7, "name": 8, "all": "true", "type": null, "operator": 1},
        "text", null
    ]});
    let server = Server::answering(move |_| Reply::json(200, odd.clone()));
    let bigmailer = client(&server);
    let lists = bigmailer.lists().unwrap();
    assert_eq!(
        lists,
        [List {
            id: "7".to_owned(),
            name: "8".to_owned(),
            all: true,
        }]
    );
    assert_eq!(bigmailer.segments().unwrap().len(), 1);
    assert_eq!(bigmailer.message_types().unwrap()[0].kind, "");
    assert_eq!(bigmailer.suppression_lists().unwrap().len(), 1);
    assert_eq!(bigmailer.transactional_campaigns().unwrap().len(), 1);
    assert!(bigmailer.fields().unwrap().is_empty());
    let alone = bigmailer.get_list("l").unwrap_err();
    assert_eq!(alone.kind, RemoteErrorKind::Nonsense);
}
