//! The client against the sandbox, which shares no type with it: what one writes, the other reads.

use std::ops::ControlFlow;

use super::*;
use crate::api::bigmailer::catalogue::FieldChange;
use crate::api::bigmailer::transactional::Mail;
use crate::api::http::{Settings, check_base_url};
use crate::api::scripted::limits;
use crate::credentials::Secret;
use crate::sandbox::{Options, Sandbox};
use crate::stop::Stop;

fn start() -> (Sandbox, Bigmailer) {
    let sandbox = Sandbox::start(Options {
        contacts: 60,
        limits: false,
        record: std::env::var_os("GHL_BM_TEST_RECORD").map(Into::into),
        ..Options::default()
    })
    .unwrap();
    let settings = Settings {
        side: Side::Bigmailer,
        base_url: check_base_url(&sandbox.bigmailer_url()).unwrap(),
        credential: Secret::from(sandbox.bigmailer_key()).into(),
        hidden: Vec::new(),
        limits: limits(),
        stop: Stop::new(),
        trace: std::sync::Arc::new(|_| {}),
    };
    let bigmailer = Bigmailer::new(settings, sandbox.brand_id().to_owned()).unwrap();
    (sandbox, bigmailer)
}

#[test]
fn whatever_is_made_can_be_read_changed_and_deleted() {
    let (_sandbox, bigmailer) = start();
    let field = bigmailer.create_field("Shoe", "SHOE", "integer").unwrap();
    let change = FieldChange {
        name: Some("Shoes".to_owned()),
        merge_tag_name: Some("SHOES".to_owned()),
        sample_value: Some("43".to_owned()),
    };
    bigmailer.update_field(&field.id, &change).unwrap();
    let field = bigmailer.get_field(&field.id).unwrap();
    assert_eq!(
        (field.name.as_str(), field.merge_tag_name.as_str()),
        ("Shoes", "SHOES")
    );
    let taken = FieldChange {
        merge_tag_name: Some("COMPANY".to_owned()),
        ..FieldChange::default()
    };
    let error = bigmailer.update_field(&field.id, &taken).unwrap_err();
    assert_eq!(error.kind, RemoteErrorKind::Taken);
    bigmailer.delete_field(&field.id).unwrap();
    bigmailer.delete_field(&field.id).unwrap();
    assert!(
        bigmailer
            .fields()
            .unwrap()
            .iter()
            .all(|known| known.id != field.id)
    );

    let list = bigmailer.create_list("New").unwrap();
    bigmailer.rename_list(&list, "Newer").unwrap();
    assert_eq!(bigmailer.get_list(&list).unwrap().name, "Newer");
    bigmailer.delete_list(&list).unwrap();
    let gone = bigmailer.get_list(&list).unwrap_err();
    assert_eq!(gone.kind, RemoteErrorKind::Gone);

    let topic = bigmailer.create_message_type("New").unwrap();
    bigmailer.rename_message_type(&topic, "Newer").unwrap();
    let read = bigmailer.get_message_type(&topic).unwrap();
    assert_eq!((read.name.as_str(), read.kind.as_str()), ("Newer", "user"));
    assert_eq!(bigmailer.message_types().unwrap().len(), 6);
    bigmailer.delete_message_type(&topic).unwrap();
    assert_eq!(bigmailer.message_types().unwrap().len(), 5);

    let segments = bigmailer.segments().unwrap();
    assert_eq!(bigmailer.get_segment(&segments[0].id).unwrap(), segments[0]);
}

#[test]
fn a_suppression_list_arrives_whole() {
    let (sandbox, bigmailer) = start();
    let csv = "a@example.com\r\nb@example.com\r\n";
    let id = bigmailer
        .upload_suppression_list("left; \"us\".csv", csv.as_bytes())
        .unwrap();
    let list = bigmailer.get_suppression_list(&id).unwrap();
    assert_eq!(list.file_name.as_deref(), Some("left; %22us%22.csv"));
    assert_eq!(list.file_size, Some(csv.len() as u64));
    assert_eq!(bigmailer.suppression_lists().unwrap(), [list]);
    let (_, kept) = sandbox.admin("GET", "/bigmailer/suppression-lists", Value::Null);
    assert_eq!(kept["suppression_lists"][0]["addresses"], 2);
}

#[test]
fn one_call_is_one_mail_even_if_its_answer_is_lost() {
    let (sandbox, bigmailer) = start();
    let campaign = bigmailer.transactional_campaigns().unwrap().remove(0);
    assert_eq!(
        bigmailer.get_transactional_campaign(&campaign.id).unwrap(),
        campaign
    );
    let mail = Mail {
        email: "new@example.com".to_owned(),
        values: vec![pair("FIRST_NAME", text_value("New"))],
        variables: vec![("CODE".to_owned(), "42".to_owned())],
    };
    let sent = || {
        let (_, kept) = sandbox.admin("GET", "/bigmailer/mails", Value::Null);
        kept["mails"].as_array().unwrap().len()
    };
    let contact = bigmailer.send_mail(&campaign.id, &mail).unwrap().unwrap();
    assert_eq!(sent(), 1);
    let made = bigmailer.get(Key::Id(&contact)).unwrap().unwrap();
    assert_eq!(made.groups, [campaign.list_id.clone().unwrap()]);
    let fault = json!({"rule": "bigmailer:POST:/send@1=cut-after"});
    sandbox.admin("POST", "/faults", fault);
    let error = bigmailer.send_mail(&campaign.id, &mail).unwrap_err();
    assert_eq!(error.kind, RemoteErrorKind::Unclear);
    assert_eq!(sent(), 2);
}

#[test]
fn upsert_and_topics_keep_what_they_do_not_name() {
    let (sandbox, bigmailer) = start();
    let lists = bigmailer.lists().unwrap();
    let list = |name: &str| {
        lists
            .iter()
            .find(|list| list.name == name)
            .unwrap()
            .id
            .clone()
    };
    let topics: Vec<String> = bigmailer
        .message_types()
        .unwrap()
        .into_iter()
        .filter(|topic| topic.kind == "user")
        .map(|topic| topic.id)
        .collect();
    let ada = json!({"email": "ada@example.com", "unsubscribe_all": true,
        "unsubscribe_ids": [topics[0]], "list_ids": [list("Customers")],
        "field_values": [{"name": "FIRST_NAME", "string": "Ada"}]});
    let (_, ada) = sandbox.admin("POST", "/bigmailer/contacts", ada);
    let id = ada["id"].as_str().unwrap();
    bigmailer.opt_out_of(id, &topics[1..2]).unwrap();
    let proof = UpsertFindings {
        brand_id: sandbox.brand_id().to_owned(),
        keeps_values: true,
        keeps_lists: true,
        keeps_topics: true,
        keeps_opt_out: true,
    };
    let proof = UpsertProof::from_findings(&proof).unwrap();
    let draft = Draft {
        tag: String::new(),
        email: "ada@example.com".to_owned(),
        values: vec![pair("LAST_NAME", text_value("King"))],
        groups: vec![list("Newsletter")],
        opted_out: false,
    };
    assert_eq!(bigmailer.upsert(&proof, &draft).unwrap(), id);
    let (_, after) = sandbox.admin("GET", &format!("/bigmailer/contacts/{id}"), Value::Null);
    let count = |key: &str| after[key].as_array().unwrap().len();
    assert_eq!(
        ["field_values", "list_ids", "unsubscribe_ids"].map(count),
        [2, 2, 2]
    );
    assert_eq!(after["unsubscribe_all"], true);

    let members = Mutex::new(Vec::new());
    let listed = bigmailer.list_members(&list("Customers"), &|page| {
        members.lock().unwrap().extend(page.contacts);
        ControlFlow::Continue(())
    });
    assert!(listed.unwrap().complete);
    let members = members.into_inner().unwrap();
    assert!(members.iter().any(|member| member.id == id));
    assert!(members.len() < 10);
}
