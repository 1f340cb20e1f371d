//! Changing contacts that exist: values, tags, opt-outs, deletes.

use proptest::prelude::*;

use super::*;
use crate::remote::PARTLY_APPLIED;

fn set(values: &[(&str, FieldValue)]) -> Change {
    Change {
        set: values
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone()))
            .collect(),
        ..Change::default()
    }
}

fn clear(keys: &[&str]) -> Change {
    Change {
        clear: keys
            .iter()
            .map(|key| ((*key).to_owned(), text_value("old")))
            .collect(),
        ..Change::default()
    }
}

fn opt_out() -> Change {
    Change {
        opt_out: true,
        ..Change::default()
    }
}

fn email(address: &str) -> Change {
    Change {
        email: Some(address.to_owned()),
        ..Change::default()
    }
}

/// An answer that shows the contact `c1` with these properties.
fn shows(mut contact: Value) -> Reply {
    contact["id"] = json!("c1");
    ok(json!({"succeded": true, "contact": contact, "traceId": "t"}))
}

fn put() -> String {
    "PUT /contacts/c1".to_owned()
}

fn read() -> (String, Value) {
    ("GET /contacts/c1".to_owned(), Value::Null)
}

/// What a partly applied write did not change.
fn not_taken(result: Result<(), RemoteError>) -> Vec<String> {
    let error = result.unwrap_err();
    assert_eq!(error.kind, RemoteErrorKind::Rejected, "{error:?}");
    assert_eq!(error.code.as_deref(), Some(PARTLY_APPLIED));
    let names = error.not_taken();
    assert!(names.iter().all(|name| error.message.contains(name)));
    names.into_iter().map(str::to_owned).collect()
}

fn three_fields() -> Reply {
    ok(json!({"customFields": [
        {"id": "f1", "name": "Lead Score", "fieldKey": "contact.score", "dataType": "NUMERICAL"},
        {"id": "f2", "name": "Interests", "fieldKey": "contact.interests", "dataType": "MULTIPLE_OPTIONS"},
        {"id": "f3", "name": "Renewal", "fieldKey": "contact.renewal", "dataType": "DATE"},
        {"id": "f4", "name": "Remark", "fieldKey": "contact.remark", "dataType": "TEXT"}
    ]}))
}

#[test]
fn a_change_sends_the_changed_keys_and_nothing_else() {
    let stored = json!({
        "firstName": "Ada", "city": "Ulm", "postalCode": "89073", "dateOfBirth": "1990-09-25T00:00:00.000Z",
        "customFields": [{"id": "f1", "value": 42.0}, {"id": "f2", "value": ["B", "a"]},
                         {"id": "f3", "value": "2027-01-15"}, {"id": "f4", "value": ""}]
    });
    let server = Server::new([three_fields(), shows(stored)]);
    let ghl = client(&server);
    let change = Change {
        clear: vec![
            ("phone".to_owned(), text_value("+1")),
            ("custom.Remark".to_owned(), text_value("x")),
        ],
        ..set(&[
            ("firstName", text_value("Ada")),
            ("postalCode", FieldValue::Integer(89_073)),
            ("dateOfBirth", FieldValue::Date(Date::constant(1990, 9, 25))),
            ("custom.score", text_value("42")),
            (
                "custom.f2",
                FieldValue::Many(vec!["a".to_owned(), "b".to_owned()]),
            ),
            ("custom.contact.renewal", text_value("01/15/2027")),
        ])
    };
    assert_eq!(ghl.update("c1", &change), Ok(()));
    assert_eq!(
        exchanges(&server),
        [
            (
                "GET /locations/LOC/customFields?model=contact".to_owned(),
                Value::Null
            ),
            (
                put(),
                json!({
                    "firstName": "Ada", "postalCode": "89073", "dateOfBirth": "1990-09-25",
                    "phone": null,
                    "customFields": [
                        {"id": "f1", "field_value": 42},
                        {"id": "f2", "field_value": ["a", "b"]},
                        {"id": "f3", "field_value": "2027-01-15"},
                        {"id": "f4", "field_value": null}
                    ]
                })
            ),
        ]
    );
    assert_eq!(ghl.update("c1", &Change::default()), Ok(()));
    assert!(server.take().is_empty());
}

#[test]
fn every_request_carries_the_version_that_was_configured() {
    let server = Server::new([shows(json!({"city": "Ulm"}))]);
    let change = set(&[("city", text_value("Ulm"))]);
    client_of(&server, "v3").update("c1", &change).unwrap();
    assert_eq!(server.take()[0].header("version"), Some("v3"));
}

#[test]
fn what_cannot_be_written_is_refused_before_anything_is_sent() {
    let server = Server::new([three_fields()]);
    let ghl = client(&server);
    ghl.custom_fields().unwrap();
    server.take();
    let many = FieldValue::Many(vec!["a".to_owned(), "b".to_owned()]);
    let tags = |tags: &[&str]| Change {
        join: strings(tags),
        ..Change::default()
    };
    for (change, param) in [
        (set(&[("dateAdded", text_value("x"))]), "dateAdded"),
        (set(&[("tags", many.clone())]), "tags"),
        (set(&[("dnd", FieldValue::Flag(false))]), "dnd"),
        (set(&[("id", text_value("x"))]), "id"),
        (set(&[("locationId", text_value("x"))]), "locationId"),
        (set(&[("gender", text_value("x"))]), "gender"),
        (set(&[("city", text_value(" "))]), "city"),
        (set(&[("city", many)]), "city"),
        (set(&[("custom.nope", text_value("x"))]), "custom.nope"),
        (set(&[("custom.score", text_value("lots"))]), "custom.score"),
        (clear(&["country"]), "country"),
        (clear(&["postalCode"]), "postalCode"),
        (clear(&["type"]), "type"),
        (email(""), "email"),
        (tags(&["a", " "]), "tags"),
    ] {
        let mut change = change;
        change.opt_out = true;
        let error = ghl.update("c1", &change).unwrap_err();
        assert_eq!(error.kind, RemoteErrorKind::Rejected, "{change:?}");
        assert_eq!(error.param.as_deref(), Some(param));
        assert!(error.not_taken().is_empty());
        let named = param.trim_start_matches("custom.").trim_end_matches('s');
        assert!(error.message.contains(named), "{}", error.message);
        assert!(!error.message.contains("lots"), "no values in messages");
    }
    assert!(server.take().is_empty());
}

#[test]
fn what_the_answer_does_not_show_is_looked_up_and_then_told() {
    let change = set(&[("city", text_value("Ulm")), ("state", text_value("BW"))]);
    let single = |contact: Value| {
        let mut contact = contact;
        contact["id"] = json!("c1");
        ok(json!({ "contact": contact }))
    };
    let both = || json!({"city": " ulm ", "state": "bw"});
    // (answer to the PUT, answer to the look, what was not taken)
    for (answer, looked, missing) in [
        (shows(both()), None, &[][..]),
        // Thin, late, silent or nonsensical answers cost one more call.
        (shows(json!({"city": "Ulm"})), Some(both()), &[]),
        (
            shows(json!({"city": "Old", "state": "BW"})),
            Some(both()),
            &[],
        ),
        (ok(json!({"succeded": true})), Some(both()), &[]),
        (ok(json!(null)), Some(both()), &[]),
        (Reply::text(200, ""), Some(both()), &[]),
        (ok(json!({"contact": {"city": "Ulm"}})), Some(both()), &[]),
        (ok(json!([1])), Some(both()), &[]),
        (
            ok(json!({"succeeded": false, "contact": {"id": "c1", "city": "Ulm", "state": "BW"}})),
            Some(both()),
            &[],
        ),
        (
            shows(json!({"city": "Ulm"})),
            Some(json!({"city": "Ulm"})),
            &["state"],
        ),
        (
            ok(json!({"succeded": false})),
            Some(json!({"city": "Old"})),
            &["city", "state"],
        ),
    ] {
        let replies = [Some(answer), looked.map(single)];
        let server = Server::new(replies.into_iter().flatten());
        let result = client(&server).update("c1", &change);
        let asked = exchanges(&server);
        if missing.is_empty() {
            assert_eq!(result, Ok(()), "{asked:?}");
        } else {
            assert_eq!(not_taken(result), missing);
        }
        assert_eq!(asked[0], (put(), json!({"city": "Ulm", "state": "BW"})));
        assert!(asked[1..].iter().all(|one| *one == read()));
    }
}

#[test]
fn a_property_that_the_service_does_not_know_is_left_out_and_remembered() {
    let company = || Reply::json(422, super::fixtures::fixture("errors/422_company_name"));
    let city = || shows(json!({"city": "Ulm"}));
    let server = Server::new([company(), city(), city()]);
    let ghl = client(&server);
    let change = set(&[
        ("companyName", text_value("Engines")),
        ("city", text_value("Ulm")),
    ]);
    let error = ghl.update("c1", &change).unwrap_err();
    assert!(error.message.contains("should not exist"), "{error}");
    assert_eq!(not_taken(Err(error)), ["companyName"]);
    assert_eq!(
        not_taken(ghl.update(
            "c2x",
            &Change {
                set: change.set[..1].to_vec(),
                ..Change::default()
            }
        )),
        ["companyName"]
    );
    assert_eq!(not_taken(ghl.update("c1", &change)), ["companyName"]);
    assert_eq!(
        exchanges(&server),
        [
            (put(), json!({"companyName": "Engines", "city": "Ulm"})),
            (put(), json!({"city": "Ulm"})),
            (put(), json!({"city": "Ulm"})),
        ]
    );
    // Alone, it is reported in the same way.
    let server = Server::new([company()]);
    assert_eq!(
        not_taken(client(&server).update("c1", &set(&[("companyName", text_value("E"))]))),
        ["companyName"]
    );
    // Where it is taken, it is taken.
    let server = Server::new([shows(json!({"companyName": "Engines"}))]);
    let change = set(&[("companyName", text_value("Engines"))]);
    assert_eq!(client(&server).update("c1", &change), Ok(()));
}

#[test]
fn a_value_that_is_refused_by_name_does_not_hold_the_others() {
    let server = Server::new([
        refusal(
            422,
            json!(["website must be a URL address", "state must be a string"]),
        ),
        shows(json!({"city": "Ulm"})),
    ]);
    let change = Change {
        clear: vec![("state".to_owned(), text_value("BW"))],
        ..set(&[("website", text_value("no")), ("city", text_value("Ulm"))])
    };
    assert_eq!(
        not_taken(client(&server).update("c1", &change)),
        ["state", "website"]
    );
    assert_eq!(
        exchanges(&server),
        [
            (
                put(),
                json!({"website": "no", "city": "Ulm", "state": null})
            ),
            (put(), json!({"city": "Ulm"})),
        ]
    );
    // Custom fields are named by their place, or not at all; then emptying is the doubtful part.
    for message in [
        "customFields.1.field_value must be a string",
        "customFields must hold values",
    ] {
        let server = Server::new([
            three_fields(),
            refusal(422, json!([message])),
            shows(json!({"customFields": [{"id": "f1", "value": 5}]})),
        ]);
        let change = Change {
            clear: vec![("custom.remark".to_owned(), text_value("x"))],
            ..set(&[("custom.score", FieldValue::Integer(5))])
        };
        assert_eq!(
            not_taken(client(&server).update("c1", &change)),
            ["custom.remark"]
        );
    }
    // With nothing else to write, the service's own words are the error.
    let server = Server::new([refusal(422, json!(["website must be a URL address"]))]);
    let error = client(&server)
        .update("c1", &set(&[("website", text_value("no"))]))
        .unwrap_err();
    assert_eq!(
        (error.kind, error.code.as_deref(), error.param.as_deref()),
        (RemoteErrorKind::Rejected, None, Some("website"))
    );
    assert_eq!(error.message, "website must be a URL address");
    // Tags do not wait for values that are refused.
    let server = Server::new([refusal(400, "Bad Request"), ok(json!({"tags": ["a"]}))]);
    let change = Change {
        join: strings(&["a"]),
        ..set(&[("city", text_value("Ulm"))])
    };
    let error = client(&server).update("c1", &change).unwrap_err();
    assert_eq!((error.kind, error.code), (RemoteErrorKind::Rejected, None));
    assert_eq!(lines(&server)[1], "POST /contacts/c1/tags");
    // A refusal that names nothing is final.
    let server = Server::new([refusal(400, "Bad Request")]);
    let error = client(&server)
        .update("c1", &set(&[("city", text_value("Ulm"))]))
        .unwrap_err();
    assert_eq!(
        (error.kind, server.take().len()),
        (RemoteErrorKind::Rejected, 1)
    );
}

#[test]
fn what_could_not_be_emptied_is_told() {
    let server = Server::new([
        three_fields(),
        shows(json!({"city": "Ulm", "customFields": [{"id": "f2", "value": ["a"]}]})),
        ok(
            json!({"contact": {"id": "c1", "city": "", "customFields": [{"id": "f2", "value": ["a"]}]}}),
        ),
    ]);
    assert_eq!(
        not_taken(client(&server).update("c1", &clear(&["city", "custom.interests"]))),
        ["custom.interests"]
    );
    assert_eq!(
        exchanges(&server)[1],
        (
            put(),
            json!({"city": null, "customFields": [{"id": "f2", "field_value": []}]})
        )
    );
}

#[test]
fn an_unknown_contact_is_gone_under_every_spelling() {
    let change = Change {
        join: strings(&["a"]),
        leave: strings(&["b"]),
        ..set(&[("city", text_value("Ulm"))])
    };
    for (status, message) in [
        (400, "Contact with id c1 not found"),
        (404, "Not found"),
        (422, "contact does not exist"),
    ] {
        for change in [
            change.clone(),
            opt_out(),
            Change {
                set: Vec::new(),
                ..change.clone()
            },
            Change {
                leave: strings(&["b"]),
                ..Change::default()
            },
        ] {
            let server = Server::answering(move |_| refusal(status, message));
            let ghl = client(&server);
            let error = ghl.update("c1", &change).unwrap_err();
            assert_eq!(error.kind, RemoteErrorKind::Gone, "{message} {change:?}");
            assert_eq!(ghl.delete("c1"), Ok(()));
        }
    }
    // Of another location, as long as the token reaches its own.
    let server = Server::answering(|asked| match asked.line().as_str() {
        "POST /contacts/search" => ok(json!({"contacts": []})),
        _ => refusal(403, "The token does not have access to this location."),
    });
    let ghl = client(&server);
    let gone = ghl.update("c1", &change).unwrap_err();
    assert_eq!((gone.kind, gone.hint), (RemoteErrorKind::Gone, None));
    assert_eq!(ghl.delete("c1"), Ok(()));
    let server =
        Server::answering(|_| refusal(403, "The token does not have access to this location."));
    let ghl = client(&server);
    assert_eq!(
        ghl.update("c1", &change).unwrap_err().kind,
        RemoteErrorKind::Auth
    );
    assert_eq!(ghl.delete("c1").unwrap_err().kind, RemoteErrorKind::Auth);
    let server = Server::new([]);
    assert_eq!(
        client(&server).update("", &change).unwrap_err().kind,
        RemoteErrorKind::Gone
    );
    assert!(server.take().is_empty());
}

#[test]
fn a_change_is_repeated_until_it_is_answered() {
    let server = Server::new([
        Reply::Drop,
        Reply::Cut,
        Reply::text(502, ""),
        shows(json!({"city": "Ulm"})),
        Reply::Drop,
        ok(json!({"succeded": true})),
    ]);
    let ghl = client(&server);
    let change = set(&[("city", text_value("Ulm"))]);
    assert_eq!(ghl.update("c1", &change), Ok(()));
    assert_eq!(ghl.delete("c1"), Ok(()));
    assert_eq!(
        lines(&server),
        [vec!["PUT /contacts/c1"; 4], vec!["DELETE /contacts/c1"; 2]].concat()
    );
    let server = Server::new([ok(json!({"succeded": false}))]);
    assert_eq!(
        client(&server).delete("c1").unwrap_err().kind,
        RemoteErrorKind::Rejected
    );
}

// ---- addresses and numbers of others

fn holder(contact: Value) -> Reply {
    ok(json!({ "contact": contact }))
}

fn location(settings: Value) -> Reply {
    ok(json!({"location": {"id": "LOC", "settings": settings}}))
}

#[test]
fn an_address_of_somebody_else_is_taken_and_nothing_is_written() {
    let check = || "GET /contacts/search/duplicate?locationId=LOC&email=new%40x.example".to_owned();
    let server = Server::new([
        holder(json!({"id": "c2", "email": "new@x.example"})),
        holder(json!({"id": "c1", "email": "old@x.example"})),
    ]);
    let change = Change {
        set: vec![("city".to_owned(), text_value("Ulm"))],
        ..email("new@x.example")
    };
    let error = client(&server).update("c1", &change).unwrap_err();
    assert_eq!(
        (
            error.kind,
            error.existing.as_deref(),
            error.param.as_deref()
        ),
        (RemoteErrorKind::Taken, Some("c2"), Some("email"))
    );
    assert_eq!(
        exchanges(&server),
        [(check(), Value::Null), read()],
        "nothing was written"
    );
    // Nobody's, or its own additional one.
    for found in [json!(null), json!({"id": "c1", "email": "old@x.example"})] {
        let server = Server::new([holder(found), shows(json!({"email": "New@x.example"}))]);
        assert_eq!(
            client(&server).update("c1", &email("new@x.example")),
            Ok(())
        );
        assert_eq!(
            exchanges(&server),
            [
                (check(), Value::Null),
                (put(), json!({"email": "new@x.example"}))
            ]
        );
    }
    // The check was too slow to know, but the service refuses.
    let server = Server::new([
        holder(json!(null)),
        Reply::json(400, super::fixtures::fixture("errors/400_duplicate")),
    ]);
    let error = client(&server)
        .update("c1", &email("new@x.example"))
        .unwrap_err();
    assert_eq!(
        (error.kind, error.existing.as_deref()),
        (RemoteErrorKind::Taken, Some("Mx4pQ9rTz2LkWv7Yc1Bn"))
    );
    // Both have it already: then there is nothing to do about it.
    let server = Server::new([
        holder(json!({"id": "c2", "email": "new@x.example"})),
        holder(json!({"id": "c1", "email": "NEW@x.example"})),
        shows(json!({"city": "Ulm"})),
    ]);
    assert_eq!(client(&server).update("c1", &change), Ok(()));
    assert_eq!(exchanges(&server)[2], (put(), json!({"city": "Ulm"})));
    // The service answers with another contact: it may have merged them.
    let server = Server::new([
        holder(json!(null)),
        ok(json!({"contact": {"id": "c9", "email": "new@x.example"}})),
    ]);
    let error = client(&server)
        .update("c1", &email("new@x.example"))
        .unwrap_err();
    assert_eq!(
        (error.kind, error.existing.as_deref()),
        (RemoteErrorKind::Taken, Some("c9"))
    );
}

#[test]
fn an_address_among_the_values_is_the_address() {
    let server = Server::new([holder(json!(null)), shows(json!({"email": "a@x.example"}))]);
    let change = Change {
        set: vec![("email".to_owned(), text_value("other@x.example"))],
        ..email("a@x.example")
    };
    assert_eq!(client(&server).update("c1", &change), Ok(()));
    assert_eq!(exchanges(&server)[1].1, json!({"email": "a@x.example"}));
}

#[test]
fn a_number_of_somebody_else_is_left_out_where_the_location_may_refuse_it() {
    let change = set(&[
        ("phone", text_value("+1 888-888-8888")),
        ("city", text_value("Ulm")),
    ]);
    let check = "GET /contacts/search/duplicate?locationId=LOC&number=%2B1+888-888-8888".to_owned();
    let whole = json!({"phone": "+1 888-888-8888", "city": "Ulm"});
    let no_scope = || refusal(401, "The token is not authorized for this scope.");
    let refusing = json!({"allowDuplicateContact": false});
    let by_email = json!({"allowDuplicateContact": false, "contactUniqueIdentifiers": ["email"]});
    let by_both =
        json!({"allowDuplicateContact": false, "contactUniqueIdentifiers": ["email", "phone"]});
    // (the location's answer, whether somebody else's number is looked for)
    for (location_reply, looked) in [
        (location(json!({"allowDuplicateContact": true})), false),
        (location(by_email), false),
        (location(by_both), true),
        (location(refusing), true),
        (location(json!(null)), true),
        (no_scope(), true),
    ] {
        for owner in ["c1", "c2"] {
            let taken = looked && owner == "c2";
            let stored = match taken {
                true => json!({"city": "Ulm"}),
                false => json!({"city": "Ulm", "phone": "+18888888888"}),
            };
            let found = looked.then(|| holder(json!({"id": owner, "phone": "+18888888888"})));
            let server = Server::new(
                [Some(location_reply.clone()), found, Some(shows(stored))]
                    .into_iter()
                    .flatten(),
            );
            let result = client(&server).update("c1", &change);
            let asked = exchanges(&server);
            assert_eq!(asked[0].0, "GET /locations/LOC");
            assert_eq!(looked, asked[1].0 == check, "{asked:?}");
            let body = &asked.last().unwrap().1;
            if taken {
                assert_eq!(not_taken(result), ["phone"]);
                assert_eq!(*body, json!({"city": "Ulm"}));
            } else {
                assert_eq!(result, Ok(()));
                assert_eq!(*body, whole);
            }
        }
    }
    // Found out too late.
    let server = Server::new([
        location(json!({"allowDuplicateContact": true})),
        Reply::json(400, super::fixtures::fixture("errors/400_duplicate_phone")),
        shows(json!({"city": "Ulm"})),
    ]);
    assert_eq!(not_taken(client(&server).update("c1", &change)), ["phone"]);
    // The location is asked for once.
    let server = Server::new([
        location(json!({"allowDuplicateContact": true})),
        shows(json!({"phone": "5"})),
        shows(json!({"phone": "6"})),
    ]);
    let ghl = client(&server);
    for phone in ["5", "6"] {
        assert_eq!(
            ghl.update("c1", &set(&[("phone", text_value(phone))])),
            Ok(())
        );
    }
}

// ---- opt-outs

fn contact(settings: Value) -> Reply {
    ok(json!({"contact": {"id": "c1", "dnd": false, "dndSettings": settings}}))
}

#[test]
fn an_opt_out_blocks_email_and_leaves_the_other_channels_as_they_are() {
    let before = json!({
        "Call": {"status": "inactive", "message": "", "code": ""},
        "Email": {"status": "inactive", "message": "old"},
        "SMS": {"status": "permanent", "message": "STOP", "code": "30006"}
    });
    let after = json!({"Email": {"status": "active"}, "SMS": {"status": "permanent"}});
    let sent = |why: &str| {
        json!({"dndSettings": {
            "Call": {"status": "inactive"},
            "Email": {"status": "active", "message": why},
            "SMS": {"status": "permanent", "message": "STOP", "code": "30006"}
        }})
    };
    let server = Server::new([
        contact(before.clone()),
        shows(json!({ "dndSettings": after })),
        contact(before.clone()),
        shows(json!({ "dndSettings": after })),
        contact(before),
        shows(json!({ "dndSettings": after })),
    ]);
    let ghl = client(&server);
    assert_eq!(ghl.update("c1", &opt_out()), Ok(()));
    assert_eq!(ghl.opt_out("c1", "asked on the phone"), Ok(()));
    assert_eq!(ghl.opt_out("c1", " "), Ok(()));
    assert_eq!(
        exchanges(&server),
        [
            read(),
            (put(), sent(OPT_OUT_REASON)),
            read(),
            (put(), sent("asked on the phone")),
            read(),
            (put(), sent(OPT_OUT_REASON)),
        ]
    );
}

#[test]
fn who_is_blocked_already_is_left_alone() {
    for shown in [
        json!({"id": "c1", "dnd": true, "dndSettings": {"Email": {"status": "inactive"}}}),
        json!({"id": "c1", "dndSettings": {"Email": {"status": "active"}}}),
        json!({"id": "c1", "dndSettings": {"email": {"status": "permanent"}}}),
    ] {
        let server = Server::new([ok(json!({ "contact": shown }))]);
        assert_eq!(client(&server).update("c1", &opt_out()), Ok(()));
        assert_eq!(server.take().len(), 1);
    }
}

#[test]
fn the_channels_are_spelt_as_the_contact_spells_them() {
    for (version, shown, expected) in [
        (DEFAULT_VERSION, json!(null), "Email"),
        (
            DEFAULT_VERSION,
            json!({"sms": {"status": "active"}}),
            "email",
        ),
        ("v3", json!({}), "email"),
        ("v3", json!({"SMS": {"status": "active"}}), "Email"),
    ] {
        let server = Server::answering(move |asked| match asked.method.as_str() {
            "GET" => contact(shown.clone()),
            _ => {
                let sent = asked.json();
                shows(json!({"dndSettings": sent["dndSettings"]}))
            }
        });
        assert_eq!(client_of(&server, version).update("c1", &opt_out()), Ok(()));
        let sent = server.take()[1].json();
        assert_eq!(sent["dndSettings"][expected]["status"], "active", "{sent}");
    }
    // The endpoint wants the other spelling: of all names, once.
    let server = Server::new([
        contact(json!({"SMS": {"status": "active"}, "Email": {"status": "inactive"}})),
        refusal(
            422,
            json!([
                "property SMS should not exist",
                "property Email should not exist"
            ]),
        ),
        shows(json!({"dndSettings": {"sms": {"status": "active"}, "email": {"status": "active"}}})),
    ]);
    assert_eq!(client(&server).update("c1", &opt_out()), Ok(()));
    assert_eq!(
        exchanges(&server)[2].1,
        json!({"dndSettings": {
            "sms": {"status": "active"},
            "email": {"status": "active", "message": OPT_OUT_REASON}
        }})
    );
    let no_email = || refusal(422, json!(["dndSettings.property Email should not exist"]));
    let no_mail = || refusal(422, json!(["dndSettings.property email should not exist"]));
    let server = Server::new([contact(json!(null)), no_email(), no_mail()]);
    let error = client(&server).update("c1", &opt_out()).unwrap_err();
    assert_eq!(
        (error.kind, error.code),
        (RemoteErrorKind::Rejected, None),
        "an opt-out that is refused is no part of anything"
    );
}

#[test]
fn a_channel_that_cannot_be_written_is_left_out_and_its_loss_is_told() {
    let before = || contact(json!({"RCS": {"status": "active"}, "SMS": {"status": "active"}}));
    let refused = || Reply::json(422, super::fixtures::fixture("errors/422_rcs"));
    let kept = json!({"Email": {"status": "active"}, "SMS": {"status": "active"},
                      "RCS": {"status": "active"}});
    let lost = json!({"Email": {"status": "active"}, "SMS": {"status": "active"}});
    let server = Server::new([
        before(),
        refused(),
        shows(json!({ "dndSettings": kept })),
        // From now on it is left out at once.
        before(),
        shows(json!({ "dndSettings": lost })),
        contact(lost),
    ]);
    let ghl = client(&server);
    assert_eq!(ghl.update("c1", &opt_out()), Ok(()));
    assert_eq!(not_taken(ghl.update("c1", &opt_out())), ["dndSettings.RCS"]);
    let bodies: Vec<Value> = exchanges(&server).into_iter().map(|one| one.1).collect();
    assert!(bodies[1]["dndSettings"]["RCS"].is_object());
    for body in [&bodies[2], &bodies[4]] {
        let names: Vec<&String> = body["dndSettings"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["Email", "SMS"]);
    }
}

#[test]
fn an_opt_out_that_did_not_take_is_told_and_comes_before_everything_else() {
    let open = json!({"Email": {"status": "inactive"}});
    let server = Server::new([
        contact(open.clone()),
        shows(json!({ "dndSettings": open })),
        contact(open),
        shows(json!({"city": "Ulm"})),
        ok(json!({"tags": ["a"]})),
    ]);
    let change = Change {
        set: vec![("city".to_owned(), text_value("Ulm"))],
        join: strings(&["a"]),
        ..opt_out()
    };
    assert_eq!(not_taken(client(&server).update("c1", &change)), [OPT_OUT]);
    let lines: Vec<String> = exchanges(&server).into_iter().map(|one| one.0).collect();
    assert_eq!(
        lines,
        [
            "GET /contacts/c1",
            "PUT /contacts/c1",
            "GET /contacts/c1",
            "PUT /contacts/c1",
            "POST /contacts/c1/tags"
        ]
    );
}

// ---- tags

#[test]
fn tags_go_by_their_own_calls_as_they_are_given() {
    let server = Server::new([
        ok(super::fixtures::fixture("tags_added")),
        ok(super::fixtures::fixture("tags_removed")),
    ]);
    let change = Change {
        join: strings(&["VIP"]),
        leave: strings(&["Spring List"]),
        ..Change::default()
    };
    assert_eq!(client(&server).update("c1", &change), Ok(()));
    assert_eq!(
        exchanges(&server),
        [
            (
                "POST /contacts/c1/tags".to_owned(),
                json!({"tags": ["VIP"]})
            ),
            (
                "DELETE /contacts/c1/tags".to_owned(),
                json!({"tags": ["Spring List"]})
            ),
        ]
    );
    let server = Server::new([]);
    let ghl = client(&server);
    assert_eq!(ghl.add_tags("c1", &[]), Ok(()));
    assert_eq!(ghl.remove_tags("c1", &[]), Ok(()));
    assert_eq!(
        ghl.add_tags("c1", &strings(&[""])).unwrap_err().kind,
        RemoteErrorKind::Rejected
    );
    assert!(server.take().is_empty());
}

#[test]
fn answers_about_tags_are_believed_as_far_as_they_go() {
    let tagged = |tags: Value| ok(json!({"contact": {"id": "c1", "tags": tags}}));
    // (answer, what the contact shows when it is looked at, fine)
    for (answer, looked, fine) in [
        // All tags afterwards, or those of the request.
        (json!({"tags": ["old", "a", "b"]}), None, true),
        (json!({"tags": ["a ", "B"]}), None, true),
        (json!({"tags": ["a"]}), Some(json!(["a", "b"])), true),
        (json!({"tags": ["a"]}), Some(json!(["a"])), false),
        (json!({}), Some(json!(["b", "a"])), true),
        (json!(null), Some(json!(null)), false),
    ] {
        let replies = [Some(ok(answer.clone())), looked.clone().map(tagged)];
        let server = Server::new(replies.into_iter().flatten());
        let result = client(&server).add_tags("c1", &strings(&["A", "b"]));
        assert_eq!(result.is_ok(), fine, "{answer} {looked:?}");
        if !fine {
            assert_eq!(not_taken(result), ["tags"]);
        }
    }
    for (answer, looked, fine) in [
        (json!({"tags": ["old"]}), None, true),
        (json!({"tags": []}), None, true),
        // Those that were taken away.
        (json!({"tags": ["a"]}), Some(json!(["old"])), true),
        (json!({"tags": ["a"]}), Some(json!(["old", "A"])), false),
        (json!(null), Some(json!([])), true),
    ] {
        let replies = [Some(ok(answer.clone())), looked.clone().map(tagged)];
        let server = Server::new(replies.into_iter().flatten());
        let result = client(&server).remove_tags("c1", &strings(&["a"]));
        assert_eq!(result.is_ok(), fine, "{answer} {looked:?}");
    }
}

#[test]
fn a_tag_that_is_not_there_can_be_taken_away() {
    for (status, message) in [
        (400, "Tag not found"),
        (404, "Not found"),
        (422, "no such tag"),
    ] {
        let has = |tags: Value| ok(json!({"contact": {"id": "c1", "tags": tags}}));
        let server = Server::new([refusal(status, message), has(json!(["b"]))]);
        assert_eq!(client(&server).remove_tags("c1", &strings(&["a"])), Ok(()));
        let server = Server::new([refusal(status, message), has(json!(["a"]))]);
        let error = client(&server)
            .remove_tags("c1", &strings(&["a"]))
            .unwrap_err();
        assert_eq!((error.status, error.code), (Some(status), None));
        // Those that are there go without the others.
        let server = Server::new([
            refusal(status, message),
            has(json!(["a", "c"])),
            ok(json!({"tags": ["c"]})),
        ]);
        let some = strings(&["A", "b"]);
        assert_eq!(client(&server).remove_tags("c1", &some), Ok(()));
        assert_eq!(exchanges(&server)[2].1, json!({"tags": ["A"]}));
    }
}

#[test]
fn many_contacts_are_tagged_a_hundred_a_call() {
    let ids: Vec<String> = (0..150).map(|n| format!("c{n}")).collect();
    let server = Server::answering(|asked| {
        let contacts = asked.json()["contacts"].as_array().unwrap().clone();
        let responses: Vec<Value> = contacts
            .iter()
            .map(|id| json!({"contactId": id, "type": "success", "message": "Tags updated"}))
            .collect();
        Reply::json(
            201,
            json!({"succeded": true, "errorCount": 0, "responses": responses}),
        )
    });
    let ghl = client(&server);
    let mut twice = ids.clone();
    twice.extend(strings(&["c0", ""]));
    let tagged = ghl
        .bulk_tags(TagOp::Remove, &twice, &strings(&["A"]))
        .unwrap();
    assert!(tagged.iter().all(|one| one.outcome == BulkOutcome::Done));
    assert_eq!(
        tagged.iter().map(|one| &one.id).collect::<Vec<_>>(),
        ids.iter().collect::<Vec<_>>()
    );
    let line = "POST /contacts/bulk/tags/update/remove".to_owned();
    let body = |ids: &[String]| json!({"contacts": ids, "tags": ["A"], "locationId": "LOC"});
    assert_eq!(
        exchanges(&server),
        [(line.clone(), body(&ids[..100])), (line, body(&ids[100..]))]
    );
    assert_eq!(ghl.bulk_tags(TagOp::Add, &ids, &[]), Ok(Vec::new()));
    assert_eq!(
        ghl.bulk_tags(TagOp::Add, &[], &strings(&["a"])),
        Ok(Vec::new())
    );
    assert!(server.take().is_empty());
}

#[test]
fn a_bulk_call_is_read_item_by_item() {
    let ids = strings(&[
        "Mx4pQ9rTz2LkWv7Yc1Bn",
        "Gone000000000000000a",
        "Else000000000000000b",
        "??",
        "unmentioned",
    ]);
    let outcomes = |answer: Value| -> Vec<BulkOutcome> {
        let server = Server::new([Reply::json(201, answer)]);
        let tagged = client(&server).bulk_tags(TagOp::Add, &ids, &strings(&["vip"]));
        assert_eq!(
            server.take()[0].line(),
            "POST /contacts/bulk/tags/update/add"
        );
        tagged.unwrap().into_iter().map(|one| one.outcome).collect()
    };
    let refused = BulkOutcome::Refused("contact id is not a valid firebase id".to_owned());
    let expected = [
        BulkOutcome::Done,
        BulkOutcome::Gone,
        BulkOutcome::Gone,
        refused,
        BulkOutcome::Unsaid,
    ];
    let answer = super::fixtures::fixture("bulk_tags");
    assert_eq!(outcomes(answer.clone()), expected);
    // As the schema has it: texts.
    let mut texts = answer.clone();
    let packed: Vec<Value> = answer["responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|response| json!(response.to_string()))
        .collect();
    texts["responses"] = json!(packed);
    assert_eq!(outcomes(texts), expected);
    // Nothing of anybody: a clean count speaks for all, anything else for nobody.
    let clean = json!({"succeded": true, "errorCount": 0, "responses": []});
    assert_eq!(outcomes(clean), vec![BulkOutcome::Done; 5]);
    for silent in [
        json!({"succeded": true, "errorCount": 1, "responses": []}),
        json!({"succeded": false, "errorCount": 0}),
        json!({"succeded": true}),
        json!(null),
        json!({"succeded": true, "errorCount": 0, "responses": ["Tags updated", 7]}),
    ] {
        let unsaid = match silent["errorCount"] == 0 && silent["succeded"] == true {
            true => BulkOutcome::Done,
            false => BulkOutcome::Unsaid,
        };
        assert_eq!(outcomes(silent), vec![unsaid; 5]);
    }
}

#[test]
fn a_duplicate_is_looked_for_by_address_and_number() {
    let server = Server::answering(|_| ok(json!({"contact": {"id": "c1", "dnd": true}})));
    let ghl = client(&server);
    ghl.find_duplicate(Some("a+b@x.example"), Some("+1 5"))
        .unwrap();
    ghl.find_duplicate(None, Some("+15")).unwrap();
    assert_eq!(ghl.find_duplicate(Some(""), None), Ok(None));
    assert_eq!(
        lines(&server),
        [
            "GET /contacts/search/duplicate?locationId=LOC&email=a%2Bb%40x.example&number=%2B1+5",
            "GET /contacts/search/duplicate?locationId=LOC&number=%2B15",
        ]
    );
}

// ---- whatever is asked for

fn any_value() -> impl Strategy<Value = FieldValue> {
    prop_oneof![
        "[ a-z0-9.@/-]{0,12}".prop_map(FieldValue::Text),
        any::<i64>().prop_map(FieldValue::Integer),
        any::<f64>().prop_map(FieldValue::Decimal),
        any::<bool>().prop_map(FieldValue::Flag),
        (1i16..9999, 1i8..13, 1i8..29)
            .prop_map(|(y, m, d)| FieldValue::Date(Date::constant(y, m, d))),
        proptest::collection::vec("[ a-z]{0,3}", 0..3).prop_map(FieldValue::Many),
    ]
}

/// Keys that a profile can name, good and bad.
fn any_key() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(vec![
            "firstName",
            "lastName",
            "name",
            "email",
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
            "assignedTo",
            "dateOfBirth",
            "custom.score",
            "custom.interests",
            "custom.renewal",
            "custom.remark",
        ])
        .prop_map(str::to_owned),
        proptest::sample::select(vec![
            "id",
            "tags",
            "dnd",
            "dndSettings",
            "locationId",
            "type",
            "custom.nope",
            "",
        ])
        .prop_map(str::to_owned),
    ]
}

fn any_change() -> impl Strategy<Value = Change> {
    let pairs = || proptest::collection::vec((any_key(), any_value()), 0..4);
    let tags = || proptest::collection::vec("[a-zA-Z]{1,4}", 0..3);
    (
        proptest::option::of("[a-z]{1,5}@x\\.example"),
        pairs(),
        pairs(),
        tags(),
        tags(),
        any::<bool>(),
    )
        .prop_map(|(email, set, clear, join, leave, opt_out)| Change {
            email,
            set,
            clear,
            join,
            leave,
            opt_out,
        })
}

/// `UpdateContactDto`, and the one that is tried.
const DECLARED: [&str; 18] = [
    "firstName",
    "lastName",
    "name",
    "email",
    "phone",
    "address1",
    "city",
    "state",
    "postalCode",
    "website",
    "timezone",
    "dndSettings",
    "customFields",
    "source",
    "dateOfBirth",
    "country",
    "assignedTo",
    "companyName",
];

fn is_clean(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => items.iter().all(is_clean),
        Value::Object(map) => map.values().all(is_clean),
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_change_sends_more_than_it_may(change in any_change(), sms in "(active|inactive|permanent)") {
        let shown = json!({"SMS": {"status": sms}, "Email": {"status": "inactive"}});
        let server = Server::answering(move |asked| match asked.line().as_str() {
            "GET /contacts/c1" => contact(shown.clone()),
            "GET /locations/LOC/customFields?model=contact" => three_fields(),
            "GET /locations/LOC" => location(json!({"allowDuplicateContact": false})),
            line if line.starts_with("GET") => holder(json!(null)),
            _ => ok(json!({"succeded": true})),
        });
        // Nothing of it shows afterwards, so that every way is taken to its end.
        let result = client(&server).update("c1", &change);
        let asked = server.take();
        for one in asked.iter().filter(|one| one.method == "PUT") {
            prop_assert_eq!(one.line(), put());
            let body = one.json();
            for (key, value) in body.as_object().unwrap() {
                prop_assert!(DECLARED.contains(&key.as_str()), "{}", key);
                prop_assert!(is_clean(value), "{}", body);
                prop_assert!(!value.is_null() || !["country", "postalCode"].contains(&key.as_str()));
            }
            if let Some(channels) = body.get("dndSettings") {
                prop_assert!(change.opt_out && body.as_object().unwrap().len() == 1);
                prop_assert_eq!(&channels["Email"]["status"], "active");
                // What is allowed was allowed when it was read.
                prop_assert_eq!(&channels["SMS"]["status"], &json!(sms));
                prop_assert_eq!(channels.as_object().unwrap().len(), 2);
            }
            for field in body["customFields"].as_array().into_iter().flatten() {
                let keys: Vec<&String> = field.as_object().unwrap().keys().collect();
                prop_assert_eq!(keys, ["field_value", "id"]);
            }
        }
        // Refused as a whole, or written as a whole: never the one after the other.
        let refused = matches!(&result, Err(error) if error.code.is_none());
        let writes = asked.iter().filter(|one| one.method != "GET").count();
        prop_assert!(!refused || writes == 0, "{:?}", result);
    }
}
