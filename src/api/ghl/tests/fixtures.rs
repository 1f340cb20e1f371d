//! Every shape and every refusal that is known, from hand-written files.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::*;
use crate::api::ghl::related::Thing;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/api/ghl/fixtures")
}

pub(super) fn fixture(name: &str) -> Value {
    let path = folder().join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path:?}: {e}"));
    serde_json::from_str(&text).unwrap()
}

/// The custom fields of the fixtures.
pub(super) fn fields() -> Reply {
    ok(json!({"customFields": [
        {"id": "cfLeadScore000000001", "name": "Lead score", "fieldKey": "contact.lead_score", "dataType": "NUMERICAL"},
        {"id": "cfInterests000000002", "name": "Interests", "fieldKey": "contact.interests", "dataType": "MULTIPLE_OPTIONS"},
        {"id": "cfRenewal0000000003", "name": "Renewal", "fieldKey": "contact.renewal", "dataType": "DATE"},
        {"id": "cfContract000000004", "name": "Contract", "fieldKey": "contact.contract", "dataType": "FILE_UPLOAD"}
    ]}))
}

const KEYS: [&str; 9] = [
    "firstName",
    "name",
    "phone",
    "companyName",
    "address1",
    "dateOfBirth",
    "custom.lead_score",
    "custom.interests",
    "custom.renewal",
];

fn read(keys: &[&str], replies: Vec<Reply>) -> (Ghl, Server) {
    let server = Server::new(std::iter::once(fields()).chain(replies));
    let ghl = wanting(&server, keys);
    (ghl, server)
}

fn shown(contact: &Contact) -> Vec<(&str, String)> {
    let word = |value: &FieldValue| match value {
        FieldValue::Text(text) => text.clone(),
        FieldValue::Integer(number) => number.to_string(),
        FieldValue::Date(date) => date.to_string(),
        FieldValue::Many(many) => many.join("+"),
        other => format!("{other:?}"),
    };
    let values = contact.values.iter();
    values
        .map(|(key, value)| (key.as_str(), word(value)))
        .collect()
}

#[test]
fn the_single_read_is_understood_in_both_versions() {
    let (ghl, _server) = read(
        &KEYS,
        vec![ok(fixture("contact_get")), ok(fixture("contact_get_v3"))],
    );
    let contact = ghl.get(Key::Id("Mx4pQ9rTz2LkWv7Yc1Bn")).unwrap().unwrap();
    assert_eq!(
        contact.email.as_deref(),
        Some("Mirela.Kovac@garden.example")
    );
    assert_eq!(contact.consent, Consent::Blocked(Block::Dnd));
    assert_eq!(contact.groups, ["customer", "spring list"]);
    assert_eq!(contact.updated, Some(1_793_378_455_007));
    let expected = [
        ("address1", "Ilica 7"),
        ("companyName", "Kovač Garden Design"),
        ("custom.interests", "roses+ponds"),
        ("custom.lead_score", "87"),
        ("custom.renewal", "2027-01-15"),
        ("dateOfBirth", "1984-03-09"),
        ("firstName", "Mirela"),
        ("name", "Mirela Kovač"),
        ("phone", "+385915550142"),
    ];
    let expected: Vec<(&str, String)> = expected.map(|(k, v)| (k, v.to_owned())).into();
    assert_eq!(shown(&contact), expected);
    let v3 = ghl.get(Key::Id("Mx4pQ9rTz2LkWv7Yc1Bn")).unwrap().unwrap();
    assert_eq!(v3.consent, Consent::Blocked(Block::Dnd));
    let score = v3.values["custom.lead_score"].clone();
    assert_eq!(score, FieldValue::Integer(87));
}

#[test]
fn search_and_list_are_understood_in_both_versions() {
    for (name, consent) in [
        ("contact_search", Consent::Allowed),
        ("contact_search_v3", Consent::Blocked(Block::Dnd)),
    ] {
        let (ghl, server) = read(&KEYS, vec![ok(fixture(name))]);
        let collected = Collected::default();
        ghl.list(&Listing::Full, &|page| collected.take(page))
            .unwrap();
        let contact = &collected.0.into_inner().unwrap()[0];
        assert_eq!(contact.consent, consent, "{name}");
        let expected = [
            ("address1", "3 Quay Rd"),
            ("custom.renewal", "2027-01-16"),
            ("dateOfBirth", "1984-06-12"),
            ("firstName", "Ines"),
            ("name", "Ines O'Dowd"),
            ("phone", "+35315550199"),
        ];
        let expected: Vec<(&str, String)> = expected.map(|(k, v)| (k, v.to_owned())).into();
        assert_eq!(shown(contact), expected, "{name}");
        assert_eq!(server.take().len(), 2, "nothing had to be completed");
    }
    let (mut ghl, server) = read(&KEYS, vec![ok(fixture("contact_list"))]);
    ghl.require_consent(false);
    let collected = Collected::default();
    let listed = ghl.list_deprecated(None, &|page| collected.take(page));
    assert!(listed.unwrap().complete);
    let contacts = collected.0.into_inner().unwrap();
    let emails: Vec<Option<&str>> = contacts.iter().map(|c| c.email.as_deref()).collect();
    assert_eq!(emails, [Some("ines@harbour.example"), None]);
    assert_eq!(contacts[0].groups, ["vip"]);
    assert_eq!(contacts[0].values["name"], text_value("Ines O'Dowd"));
    assert_eq!(
        [contacts[0].consent, contacts[1].consent],
        [Consent::Unknown, Consent::Blocked(Block::Dnd)]
    );
    assert_eq!(server.take().len(), 2);
}

#[test]
fn the_duplicate_check_and_the_contacts_of_a_business_are_completed() {
    let (ghl, server) = read(
        &KEYS,
        vec![
            ok(fixture("contact_duplicate")),
            ok(fixture("contact_get")),
            ok(fixture("contact_duplicate_none")),
            ok(fixture("contact_business")),
            ok(fixture("contact_get")),
        ],
    );
    let found = ghl.find_duplicate(Some("mirela.kovac@garden.example"), None);
    let found = found.unwrap().unwrap();
    assert_eq!(found.consent, Consent::Blocked(Block::Dnd));
    assert_eq!(ghl.find_duplicate(Some("nobody@x.example"), None), Ok(None));
    let collected = Collected::default();
    ghl.contacts_of_business("66f1c09a2b7d4e0012ab34cd", &|page| collected.take(page))
        .unwrap();
    let contacts = collected.0.into_inner().unwrap();
    assert_eq!(contacts[0].values["phone"], text_value("+385915550142"));
    assert_eq!(server.take().len(), 6);
}

#[test]
fn every_answer_to_a_write_shows_the_contact() {
    for name in [
        "contact_create",
        "contact_update",
        "contact_update_v3",
        "contact_upsert_new",
        "contact_upsert_existing",
    ] {
        let answer = fixture(name);
        let item = crate::api::ghl::write::shown_contact(&answer);
        assert!(item.is_some_and(|item| item.id().is_some()), "{name}");
    }
    for name in ["contact_delete", "contact_delete_v3"] {
        let server = Server::new([ok(fixture(name))]);
        assert_eq!(client(&server).delete("x"), Ok(()));
    }
    let created = fixture("contact_create");
    let created = item(created["contact"].clone());
    assert_eq!(created.text(Field::FirstName).as_deref(), Some("Tomasz"));
    assert_eq!(created.consent(Origin::Primary), Some(Consent::Allowed));
}

/// Every refusal that is known: its file, its status, the kind that it becomes and, where it has one,
/// a piece of the hint or the parameter that tells it from the others.
const REFUSALS: [(&str, RemoteErrorKind, &str); 32] = {
    use RemoteErrorKind::{Auth, Gone, Nonsense, Rejected, Taken, Unavailable};
    [
        ("400_bad_request", Rejected, ""),
        ("400_contact_not_found", Rejected, ""),
        ("400_duplicate", Taken, ""),
        ("400_duplicate_phone", Taken, ""),
        ("400_invalid_field", Rejected, ""),
        ("400_no_search_key", Rejected, ""),
        ("400_version", Auth, "GHL_BM_GHL_VERSION"),
        ("401_access_token", Auth, "auth refresh"),
        ("401_jwt", Auth, "auth refresh"),
        ("401_integration", Auth, "--with-token"),
        ("401_scope", Auth, "`contacts.readonly`: add it"),
        ("401_user_type", Auth, "agency token"),
        ("401_auth_class", Auth, "company token"),
        ("401_version_missing", Auth, "GHL_BM_GHL_VERSION"),
        ("401_version_invalid", Auth, "GHL_BM_GHL_VERSION"),
        ("403_location", Auth, "ghl.location_id"),
        (
            "403_v3",
            Auth,
            "whether it has the scope `contacts.readonly`",
        ),
        ("404_route", Nonsense, "base URL"),
        ("404_v3", Gone, ""),
        ("422_declared", Rejected, ""),
        ("422_location_id", Rejected, ""),
        ("422_custom_fields", Rejected, ""),
        ("422_company_name", Rejected, ""),
        ("422_rcs", Rejected, ""),
        ("422_email", Rejected, ""),
        ("422_envelope_v3", Rejected, ""),
        ("500_status", Unavailable, ""),
        // The token endpoint is not this client's, but its bodies are read by the same words.
        ("token_400_parameter", Rejected, ""),
        ("token_400_missing", Rejected, ""),
        ("token_400_grant", Rejected, ""),
        ("token_400_inactive", Rejected, ""),
        ("token_401_code", Auth, "auth refresh"),
    ]
};

#[test]
fn every_refusal_becomes_an_error_that_says_what_to_do() {
    for (name, kind, hint) in REFUSALS {
        let body = fixture(&format!("errors/{name}"));
        let status = name.trim_start_matches("token_")[..3].parse().unwrap();
        let server = Server::answering(move |_| Reply::json(status, body.clone()));
        let error = client(&server).duplicate(Some("a@b.co"), None).unwrap_err();
        assert_eq!((error.kind, error.status), (kind, Some(status)), "{name}");
        assert_ne!(error.message, "no explanation given", "{name}");
        let told = error.hint.clone().unwrap_or_default();
        assert!(
            told.contains(hint) && told.is_empty() == hint.is_empty(),
            "{name}: {told}"
        );
        if name.starts_with("400_duplicate") {
            assert_eq!(error.existing.as_deref(), Some("Mx4pQ9rTz2LkWv7Yc1Bn"));
            let by = if name.ends_with("phone") {
                "phone"
            } else {
                "email"
            };
            assert_eq!(error.param.as_deref(), Some(by));
        }
    }
    let known: BTreeSet<String> = REFUSALS.iter().map(|r| format!("{}.json", r.0)).collect();
    let files = std::fs::read_dir(folder().join("errors")).unwrap();
    let files: BTreeSet<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(files, known);
}

#[test]
fn a_missing_scope_is_named_for_reading_and_for_writing() {
    let server = Server::answering(|_| Reply::json(401, fixture("errors/401_scope")));
    let ghl = client(&server);
    let hint = |error: RemoteError| error.hint.unwrap();
    let change = |set: &[(&str, &str)]| Change {
        set: set
            .iter()
            .map(|(k, v)| ((*k).to_owned(), text_value(v)))
            .collect(),
        ..Change::default()
    };
    let cases = [
        (ghl.get(Key::Id("c")).unwrap_err(), "`contacts.readonly`"),
        (
            ghl.update("c", &change(&[("city", "Ulm")])).unwrap_err(),
            "`contacts.write`",
        ),
        (ghl.delete("c").unwrap_err(), "`contacts.write`"),
        (
            ghl.add_tags("c", &strings(&["a"])).unwrap_err(),
            "`contacts.write`",
        ),
        (
            ghl.search_tasks(&TaskSearch::default(), &mut |_| ControlFlow::Continue(()))
                .unwrap_err(),
            "`locations/tasks.readonly`",
        ),
        (ghl.pipelines().unwrap_err(), "`opportunities.readonly`"),
        (ghl.business("b").unwrap_err(), "`businesses.readonly`"),
        (ghl.tags().unwrap_err(), "`locations/tags.readonly`"),
        (
            ghl.custom_fields().unwrap_err(),
            "`locations/customFields.readonly`",
        ),
        (ghl.location().unwrap_err(), "`locations.readonly`"),
    ];
    for (error, scope) in cases {
        assert_eq!(error.kind, RemoteErrorKind::Auth);
        assert!(hint(error.clone()).contains(scope), "{error:?}");
    }
}

#[test]
fn a_thing_may_have_its_id_under_either_name() {
    let value = json!({"_id": 7});
    assert_eq!(Thing(&value).id().as_deref(), Some("7"));
}
