//! What hangs on contacts, as the engine asks for it.

use super::fixtures::fixture;
use super::*;
use crate::contact::FieldValue;

fn things(ghl: &Ghl) -> &dyn Attachments {
    ghl.attachments().unwrap()
}

#[test]
fn open_tasks_are_the_open_ones_whatever_the_search_gives() {
    let server = Server::new([ok(fixture("tasks_search")), ok(fixture("tasks"))]);
    let ghl = client(&server);
    let ids = ["c1", "c2"].map(str::to_owned);
    let tasks = things(&ghl).open_tasks(&ids).unwrap();
    assert_eq!(tasks.len(), 1, "one of the two is done");
    assert!(
        !things(&ghl)
            .open_tasks_of("c1")
            .unwrap()
            .iter()
            .any(|t| t.completed)
    );
    let (line, body) = exchanges(&server).remove(0);
    assert_eq!(line, "POST /locations/LOC/tasks/search");
    assert_eq!(body["contactId"], json!(ids));
    assert_eq!(body["completed"], false);
}

#[test]
fn tasks_of_nobody_make_the_search_useless() {
    let answer = json!({"tasks": [{"id": "t1", "contactId": "c1"}, {"id": "t2"}]});
    let server = Server::new([ok(answer)]);
    let ids = ["c1", "c2"].map(str::to_owned);
    let error = things(&client(&server)).open_tasks(&ids).unwrap_err();
    assert_eq!(error.kind, RemoteErrorKind::Nonsense);
}

#[test]
fn opportunities_of_one_contact_are_asked_for_by_its_id_and_pipelines_once() {
    let server = Server::new([ok(fixture("opportunities")), ok(fixture("pipelines"))]);
    let ghl = client(&server);
    assert!(!things(&ghl).opportunities("c 1").unwrap().is_empty());
    let first = things(&ghl).pipelines().unwrap();
    assert_eq!(things(&ghl).pipelines().unwrap(), first);
    let lines: Vec<String> = exchanges(&server)
        .into_iter()
        .map(|(line, _)| line)
        .collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].contains("contact_id=c+1") || lines[0].contains("contact_id=c%201"));
    assert!(lines[0].contains("status=all"));
}

#[test]
fn a_contact_says_to_which_business_it_belongs() {
    let contact = json!({"contact": {"id": "c1", "businessId": "b1", "companyName": "Other"}});
    let server = Server::new([ok(contact)]);
    let mut ghl = client(&server);
    ghl.want(&["business.id".to_owned()]).unwrap();
    let read = ghl.get(Key::Id("c1")).unwrap().unwrap();
    let expected = FieldValue::Text("b1".to_owned());
    assert_eq!(read.values.get("business.id"), Some(&expected));
}
