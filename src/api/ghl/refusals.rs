//! What HighLevel's refusals mean: which are about the credential, which say that something is not
//! there, which name a property.
//!
//! Pure: texts in, verdicts out. The texts are partly documented (common/common-schemas.json), partly
//! measured by third parties; an unknown one is never read as "not there".
//! Start reading at [`refine`].

use crate::remote::{RemoteError, RemoteErrorKind};

/// What a contact is called where one is missing.
pub(super) const CONTACT: &[&str] = &["contact"];

/// Gives an error of the transport the kind and the hint that its words deserve.
pub(super) fn refine(error: &mut RemoteError) {
    let message = error.message.to_lowercase();
    match error.kind {
        // Without a status nobody refused anything: there was no token to ask with.
        RemoteErrorKind::Auth if error.status.is_some() => {
            error.hint = Some(auth_hint(error));
        }
        RemoteErrorKind::Gone if is_unknown_route(error) => {
            error.kind = RemoteErrorKind::Nonsense;
            error.hint = Some("check the base URL and GHL_BM_GHL_VERSION".to_owned());
        }
        RemoteErrorKind::Gone | RemoteErrorKind::Rejected if is_location_missing(&message) => {
            error.kind = RemoteErrorKind::Auth;
            error.hint = Some(auth_hint(error));
        }
        // An invented version is 401 to some and 400 to others.
        RemoteErrorKind::Rejected if is_about_version(&message) => {
            error.kind = RemoteErrorKind::Auth;
            error.hint = Some(auth_hint(error));
        }
        // `This location does not allow duplicated contacts.`, with the other one in `meta`.
        RemoteErrorKind::Rejected
            if error.existing.is_some() || message.contains("duplicated contact") =>
        {
            error.kind = RemoteErrorKind::Taken;
        }
        _ => {}
    }
}

/// `404 Cannot GET …`: the path or the version is wrong, which says nothing of any object.
pub(super) fn is_unknown_route(error: &RemoteError) -> bool {
    error.status == Some(404) && error.message.starts_with("Cannot ")
}

/// Whether an error says that the thing asked for is not there. `nouns` are the words for it: a
/// missing contact is a 400 with these words (many third parties), 404 or 422 are possible too.
pub(super) fn is_missing(error: &RemoteError, nouns: &[&str]) -> bool {
    let message = error.message.to_lowercase();
    let named = nouns.iter().any(|noun| message.contains(noun));
    match (error.kind, error.status) {
        (RemoteErrorKind::Gone, _) => true,
        (RemoteErrorKind::Rejected, Some(400 | 422)) => {
            // "The custom field of the contact was not found" is about the request.
            named && !message.contains("field") && says_absent(&message)
        }
        _ => false,
    }
}

fn says_absent(message: &str) -> bool {
    // A property that should not exist is too much, not too little.
    !message.contains("should not exist") && ABSENCE.iter().any(|words| message.contains(words))
}

/// The location itself is not found, which says nothing of what was asked for in it.
fn is_location_missing(message: &str) -> bool {
    const OTHERS: [&str; 7] = [
        "contact",
        "task",
        "note",
        "opportunit",
        "business",
        "field",
        "tag",
    ];
    message.contains("location")
        && says_absent(message)
        && !OTHERS.iter().any(|other| message.contains(other))
}

const ABSENCE: [&str; 6] = [
    "not found",
    "not exist",
    "n't exist",
    "no longer exist",
    "is deleted",
    "was deleted",
];

/// The answer for a thing of another location; third parties report it for deleted ids too.
pub(super) fn is_foreign(error: &RemoteError) -> bool {
    error.status == Some(403) && is_about_location(&error.message.to_lowercase())
}

/// Whether the token may not use this endpoint, although it may be good for others.
pub(super) fn is_forbidden_here(error: &RemoteError) -> bool {
    let message = error.message.to_lowercase();
    error.kind == RemoteErrorKind::Auth
        && (is_about_scope(&message) || (error.status == Some(403) && !is_about_location(&message)))
}

/// Whether an endpoint is not to be had: an unknown route, or forbidden to this token.
pub fn is_no_offer(error: &RemoteError) -> bool {
    is_unknown_route(error) || is_forbidden_here(error)
}

/// Whether a 401 with these words can be about a token that has ended. The words for that are not
/// documented, so whatever is not known to be about something else can.
pub fn can_be_old(message: &str) -> bool {
    let message = message.to_lowercase();
    let has = |words: &str| message.contains(words);
    !(is_about_version(&message)
        || is_about_scope(&message)
        || is_about_location(&message)
        || has("user type mismatch")
        || has("authclass")
        || has("private integration"))
}

fn is_about_version(message: &str) -> bool {
    message.contains("version header") || message.contains("api version")
}

fn is_about_scope(message: &str) -> bool {
    message.contains("for this scope") && !message.contains("authclass")
}

fn is_about_location(message: &str) -> bool {
    message.contains("access to this location")
}

/// What the texts of 401 and 403 tell about the credential. An unknown 401 is taken for an expired
/// token, an unknown 403 for a missing scope.
fn auth_hint(error: &RemoteError) -> String {
    let message = error.message.to_lowercase();
    let has = |words: &str| message.contains(words);
    if is_about_version(&message) {
        "the Version header was not accepted: check GHL_BM_GHL_VERSION; without it this is a bug in ghl-bm".to_owned()
    } else if is_about_scope(&message) {
        format!(
            "the token lacks the scope `{scope}`: add it to the private integration, or to the app and \
             run `ghl-bm auth login ghl --scope {scope}`",
            scope = scope(&error.endpoint)
        )
    } else if has("user type mismatch") {
        "this is an agency token: make a private integration token inside the sub-account"
            .to_owned()
    } else if has("authclass") {
        "this is a company token: log in again with `ghl-bm auth login ghl` to get one for the location"
            .to_owned()
    } else if is_about_location(&message) || is_location_missing(&message) {
        "the token belongs to another location: compare `ghl.location_id` in the profile with the \
         address bar of the sub-account; `ghl-bm map set ghl.location_id ID` mends it"
            .to_owned()
    } else if has("private integration") {
        "the private integration token was revoked, rotated or mistyped: run `ghl-bm auth login ghl --with-token`"
            .to_owned()
    } else if error.status == Some(403) {
        format!(
            "the token may not do this: see whether it has the scope `{}`",
            scope(&error.endpoint)
        )
    } else {
        "the token has expired or is wrong: run `ghl-bm auth refresh` or `ghl-bm auth login ghl`"
            .to_owned()
    }
}

/// The scope that an endpoint needs (docs/oauth/Scopes.md).
pub(super) fn scope(endpoint: &str) -> &'static str {
    let (method, path) = endpoint.split_once(' ').unwrap_or(("GET", endpoint));
    let reads = method == "GET" || path.ends_with("/search");
    let pick = |read, write| if reads { read } else { write };
    if path.contains("/customFields") {
        pick(
            "locations/customFields.readonly",
            "locations/customFields.write",
        )
    } else if path.starts_with("/locations/") && path.contains("/tasks") {
        pick("locations/tasks.readonly", "locations/tasks.write")
    } else if path.starts_with("/locations/") && path.contains("/tags") {
        pick("locations/tags.readonly", "locations/tags.write")
    } else if path.starts_with("/locations/") {
        "locations.readonly"
    } else if path.starts_with("/opportunities") {
        pick("opportunities.readonly", "opportunities.write")
    } else if path.starts_with("/businesses") {
        pick("businesses.readonly", "businesses.write")
    } else {
        pick("contacts.readonly", "contacts.write")
    }
}

/// A property that a refusal of a request may be about: its way from the top of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) path: Vec<String>,
    /// `property X should not exist`: the endpoint does not know it at all. Otherwise any word of
    /// the message, which names a property only if one is called so.
    pub(super) unknown: bool,
}

/// The properties that a message of a 400 or 422 names. Messages follow the class-validator library
/// (`property X should not exist` is seen, `X must be …` is expected); several are joined by `; `.
pub(super) fn complaints(message: &str) -> Vec<Complaint> {
    let path = |word: &str| -> Vec<String> {
        word.trim_matches(|c: char| !c.is_alphanumeric())
            .split('.')
            .map(str::to_owned)
            .collect()
    };
    let mut found = Vec::new();
    for part in message.split("; ") {
        let words: Vec<&str> = part.split_whitespace().collect();
        let unknown = words
            .windows(4)
            .find(|w| w[1..] == ["should", "not", "exist"]);
        match unknown {
            // Within an object the message reads `dndSettings.property RCS should not exist`.
            Some(window) => found.push(Complaint {
                path: path(window[0]).pop().into_iter().collect(),
                unknown: true,
            }),
            None => found.extend(words.iter().map(|word| Complaint {
                path: path(word),
                unknown: false,
            })),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::Side;

    fn error(kind: RemoteErrorKind, status: u16, message: &str) -> RemoteError {
        RemoteError {
            kind,
            side: Side::Ghl,
            endpoint: "GET /contacts/{contactId}".to_owned(),
            status: Some(status),
            message: message.to_owned(),
            code: None,
            param: None,
            existing: None,
            trace_id: None,
            hint: None,
        }
    }

    #[test]
    fn missing_is_told_from_misplaced() {
        use RemoteErrorKind::{Gone, Nonsense, Rejected};
        for (kind, status, message, missing) in [
            (Rejected, 400, "Contact with id c1 not found", true),
            (Rejected, 422, "The contact does not exist", true),
            (Rejected, 400, "contact is deleted", true),
            (Gone, 404, "Not found", true),
            (Gone, 404, "no explanation given", true),
            (Gone, 404, "Contact not found in this location", true),
            (Rejected, 400, "Not Found", false),
            (
                Rejected,
                400,
                "Custom field not found for this contact",
                false,
            ),
            (
                Rejected,
                422,
                "contact.property x should not exist; y not found",
                false,
            ),
            (Nonsense, 404, "Cannot GET /contacts/c1", false),
            (RemoteErrorKind::Auth, 401, "contact not found", false),
            (Rejected, 409, "contact not found", false),
        ] {
            assert_eq!(
                is_missing(&error(kind, status, message), CONTACT),
                missing,
                "{status} {message}"
            );
        }
    }

    #[test]
    fn a_missing_location_is_no_missing_thing() {
        use RemoteErrorKind::{Auth, Gone, Rejected};
        for (kind, status, message, refined) in [
            (Gone, 404, "Location not found", Auth),
            (Rejected, 400, "Location with id x not found", Auth),
            (Gone, 404, "Contact not found in this location", Gone),
            (Rejected, 400, "locationId must be a string", Rejected),
            (
                Rejected,
                422,
                "property locationId should not exist",
                Rejected,
            ),
        ] {
            let mut error = error(kind, status, message);
            refine(&mut error);
            assert_eq!(error.kind, refined, "{message}");
            assert_eq!(error.hint.is_some(), refined == Auth);
        }
    }

    #[test]
    fn every_endpoint_has_its_scope() {
        for (endpoint, expected) in [
            ("GET /contacts/{contactId}", "contacts.readonly"),
            ("GET /contacts/", "contacts.readonly"),
            ("POST /contacts/search", "contacts.readonly"),
            ("GET /contacts/search/duplicate", "contacts.readonly"),
            ("GET /contacts/business/{businessId}", "contacts.readonly"),
            (
                "GET /contacts/{contactId}/tasks/{taskId}",
                "contacts.readonly",
            ),
            ("GET /contacts/{contactId}/notes", "contacts.readonly"),
            (
                "GET /contacts/{contactId}/appointments",
                "contacts.readonly",
            ),
            ("POST /contacts/", "contacts.write"),
            ("POST /contacts/upsert", "contacts.write"),
            ("PUT /contacts/{contactId}", "contacts.write"),
            ("DELETE /contacts/{contactId}", "contacts.write"),
            ("POST /contacts/{contactId}/tags", "contacts.write"),
            ("DELETE /contacts/{contactId}/tags", "contacts.write"),
            ("POST /contacts/bulk/tags/update/{type}", "contacts.write"),
            (
                "PUT /contacts/{contactId}/tasks/{taskId}/completed",
                "contacts.write",
            ),
            ("DELETE /contacts/{contactId}/notes/{id}", "contacts.write"),
            ("GET /locations/{locationId}", "locations.readonly"),
            (
                "GET /locations/{locationId}/tags",
                "locations/tags.readonly",
            ),
            ("POST /locations/{locationId}/tags", "locations/tags.write"),
            (
                "GET /locations/{locationId}/customFields",
                "locations/customFields.readonly",
            ),
            (
                "POST /locations/{locationId}/customFields",
                "locations/customFields.write",
            ),
            (
                "POST /locations/{locationId}/tasks/search",
                "locations/tasks.readonly",
            ),
            ("GET /opportunities/search", "opportunities.readonly"),
            ("GET /opportunities/pipelines", "opportunities.readonly"),
            ("GET /opportunities/{id}", "opportunities.readonly"),
            ("GET /businesses/", "businesses.readonly"),
            ("GET /businesses/{businessId}", "businesses.readonly"),
        ] {
            assert_eq!(scope(endpoint), expected, "{endpoint}");
        }
    }

    #[test]
    fn the_properties_of_a_refusal_are_found() {
        let unknown = |message: &str| -> Vec<Vec<String>> {
            complaints(message)
                .into_iter()
                .filter(|c| c.unknown)
                .map(|c| c.path)
                .collect()
        };
        assert_eq!(
            unknown("property companyName should not exist"),
            [["companyName"]]
        );
        assert_eq!(
            unknown("dndSettings.property RCS should not exist; property x should not exist"),
            [["RCS"], ["x"]]
        );
        assert!(unknown("this should not exist").len() == 1);
        assert!(unknown("email must be an email").is_empty());
        let words = complaints("customFields.1.field_value must be a string; email: bad");
        assert!(
            words
                .iter()
                .any(|c| c.path == ["customFields", "1", "field_value"])
        );
        assert!(words.iter().any(|c| c.path == ["email"]));
    }
}
