//! Who may make a call: version, token, its class, scope and location, looked at in this order.
//! It never looks at what a call wants. Start with [`admit`].
//!
//! The words of the refusals are reported by users; those for a token that is no longer good are a
//! quirk. Which classes there are: HighLevel docs, OAuth and Private Integrations pages.

use serde_json::json;

use super::super::location::{Bearer, Location};
use super::super::message::Request;
use super::super::quirks::{ExpiredToken, Quirks};
use super::super::traffic::Ask;
use super::{Call, Refused};

/// Version header values that the service knows (HighLevel docs, versioning page).
const VERSIONS: [&str; 4] = ["2021-07-28", "2021-04-15", "2023-02-21", "v3"];

pub(super) const NO_SCOPE: &str = "The token is not authorized for this scope.";
pub(super) const ELSEWHERE: &str = "The token does not have access to this location.";
const WRONG_CLASS: &str = "This authClass type is not allowed to access this scope. \
    Please verify your IAM configuration.";

/// For whom a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// Anybody: it is how tokens are got.
    Open,
    /// A token of the location.
    Location,
    /// A token of the agency that was got by OAuth; private integrations are refused.
    Agency,
}

/// What the service says of an access token that is no longer good.
pub(super) fn expired(quirks: &Quirks) -> &'static str {
    match quirks.expired_token {
        ExpiredToken::InvalidAccessToken => "Invalid token: access token is invalid",
        ExpiredToken::InvalidJwt => "Invalid JWT",
        ExpiredToken::JwtExpired => "jwt expired",
        ExpiredToken::Unauthorized => "Unauthorized",
    }
}

/// The token that a request shows.
pub(super) fn bearer(request: &Request) -> &str {
    let header = request.header("authorization");
    let token = header.and_then(|value| value.strip_prefix("Bearer "));
    token.unwrap_or_default()
}

/// Refuses whoever may not make a call, or not at the place that its path names.
pub(super) fn admit(
    location: &Location,
    request: &Request,
    call: &Call<'_>,
    ask: &Ask<'_>,
) -> Result<(), Refused> {
    let refuse = |text: &str| Err(Refused::new(401, json!(text)));
    let door = call.door;
    if door == Door::Open {
        return Ok(());
    }
    match request.header("version") {
        None => return refuse("version header was not found."),
        Some(version) if !VERSIONS.contains(&version) => {
            return refuse("version header is invalid");
        }
        Some(_) => {}
    }
    let token = bearer(request);
    let mut integrations = location.tokens.iter();
    let has_scope = match integrations.find(|(known, _)| known == token) {
        Some(_) if door == Door::Agency => return refuse(WRONG_CLASS),
        Some((_, Bearer::Agency)) => return refuse("Token's user type mismatch!"),
        Some((_, Bearer::Elsewhere)) => return Err(Refused::elsewhere()),
        Some((_, Bearer::Location(scopes))) => scopes.contains(&call.scope),
        None => match location.app.with_access(token) {
            None if token.starts_with("pit-") => {
                return refuse("Invalid Private Integration token");
            }
            None => return refuse("Invalid JWT"),
            Some(grant) if !grant.is_live(ask.now) => return refuse(expired(ask.quirks)),
            Some(grant) if grant.location.is_some() != (door == Door::Location) => {
                return refuse(WRONG_CLASS);
            }
            Some(grant) => {
                if grant.location.as_ref().is_some_and(|id| *id != location.id) {
                    return Err(Refused::elsewhere());
                }
                grant.scopes.iter().any(|known| known == call.scope)
            }
        },
    };
    if !has_scope {
        return refuse(NO_SCOPE);
    }
    match call.place {
        Some(id) if id != location.id => Err(Refused::elsewhere()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::tests::NOW;
    use super::super::{answer, find};
    use super::*;
    use crate::sandbox::seed;

    /// What the service says of a call with a token; null if it lets it in.
    fn refusal(
        place: &mut Location,
        set: &[&str],
        method: &str,
        target: &str,
        token: &str,
        now: i64,
    ) -> Value {
        let mut quirks = Quirks::default();
        for quirk in set {
            quirks.set(quirk).unwrap();
        }
        let request = Request::new(method, target)
            .with_header("version", "2021-07-28")
            .with_header("authorization", &format!("Bearer {token}"));
        let answer = answer(place, &request, &Ask::plain(now, &quirks));
        match answer.status {
            401 | 403 => answer.value()["message"].clone(),
            _ => Value::Null,
        }
    }

    #[test]
    fn tokens_of_oauth_have_class_scopes_and_an_end() {
        let mut place = seed::location(0, 1, 0);
        let home = Some(place.id.clone());
        let scopes = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let reads = scopes(&["contacts.readonly", "oauth.readonly"]);
        let own = place.issue(home, reads, true, NOW);
        let all: Vec<String> = place.app.settings.scopes.clone();
        let theirs = place.issue(Some("other".to_owned()), all.clone(), true, NOW);
        let company = place.issue(None, all, true, NOW);
        let poor = place.issue(None, scopes(&["contacts.readonly"]), true, NOW);
        let contact = ("GET", "/contacts/A1");
        let installs = ("GET", "/oauth/installedLocations");
        let mut say =
            |call: (&str, &str), token: &str| refusal(&mut place, &[], call.0, call.1, token, NOW);
        assert_eq!(say(contact, &own.access), Value::Null);
        assert_eq!(say(("PUT", "/contacts/A1"), &own.access), NO_SCOPE);
        assert_eq!(say(("GET", "/locations/other"), &theirs.access), ELSEWHERE);
        assert_eq!(say(contact, &theirs.access), ELSEWHERE);
        assert_eq!(say(contact, &company.access), WRONG_CLASS);
        assert_eq!(say(installs, &company.access), Value::Null);
        assert_eq!(say(installs, &poor.access), NO_SCOPE);
        assert_eq!(say(installs, &own.access), WRONG_CLASS);
        for pit in [seed::GHL_TOKEN, seed::GHL_AGENCY_TOKEN] {
            assert_eq!(say(installs, pit), WRONG_CLASS);
        }
        assert_eq!(say(contact, own.refresh.as_ref().unwrap()), "Invalid JWT");
        assert_eq!(say(installs, "pit-x"), "Invalid Private Integration token");
    }

    #[test]
    fn the_end_of_a_token_has_several_names() {
        let mut place = seed::location(0, 1, 0);
        let home = Some(place.id.clone());
        let own = place.issue(home, vec!["contacts.readonly".to_owned()], true, NOW);
        let end = NOW + 86_399_000;
        let mut say = |set: &[&str], now: i64| {
            refusal(&mut place, set, "GET", "/contacts/A1", &own.access, now)
        };
        assert_eq!(say(&[], end - 1), Value::Null);
        for (quirk, text) in [
            (
                "invalid-access-token",
                "Invalid token: access token is invalid",
            ),
            ("invalid-jwt", "Invalid JWT"),
            ("jwt-expired", "jwt expired"),
            ("unauthorized", "Unauthorized"),
        ] {
            assert_eq!(say(&[&format!("expired-token={quirk}")], end), text);
        }
    }

    #[test]
    fn the_calls_of_oauth_have_doors_of_their_own() {
        for (method, path, door, scope) in [
            ("GET", "/oauth/chooselocation", Door::Open, ""),
            ("GET", "/v2/oauth/chooselocation", Door::Open, ""),
            ("POST", "/oauth/token", Door::Open, ""),
            ("POST", "/oauth/locationToken", Door::Agency, "oauth.write"),
            (
                "GET",
                "/oauth/installedLocations",
                Door::Agency,
                "oauth.readonly",
            ),
            ("GET", "/contacts/A1", Door::Location, "contacts.readonly"),
        ] {
            let request = Request::new(method, path);
            let call = find(method, &request.route()).unwrap();
            assert_eq!((call.door, call.scope), (door, scope), "{method} {path}");
        }
        assert!(find("POST", &["oauth", "chooselocation"]).is_none());
        assert!(find("GET", &["oauth", "token"]).is_none());
    }
}
