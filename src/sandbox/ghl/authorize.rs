//! The authorize page: where somebody chooses the location that an app may have. It decides by
//! itself and at once, as the quirk `authorize` says; a browser is not needed.
//! It never gives a token, only a code. Start with [`page`].
//!
//! The vendor has it on another host (HighLevel docs, Authorization page). Errors are shown on the
//! page and not sent back, so that nobody is led to an address that is not registered; of the words
//! only `error.noversionid` is reported.

use url::Url;

use super::super::message::Answer;
use super::super::quirks::{Authorize, VersionId};
use super::{Desk, Done, Outcome};

/// `GET /v2/oauth/chooselocation`, and the older path without `/v2`.
pub(super) fn page(desk: &mut Desk<'_>) -> Outcome {
    Ok(Done::Ready(match decide(desk) {
        Ok(back) => Answer::redirect(back),
        Err(page) => page,
    }))
}

/// Where the browser goes next, or the page at which it stays.
fn decide(desk: &mut Desk<'_>) -> Result<Url, Answer> {
    let stop = |text: &str| Err(Answer::page(400, text));
    let query = |name: &str| desk.request.query(name).filter(|value| !value.is_empty());
    let settings = &desk.location.app.settings;
    match (query("client_id"), query("version_id")) {
        // Nothing is shown at all, as reported.
        (None, Some(_)) => return Err(Answer::page(200, "")),
        (Some(_), None) if desk.quirks().version_id == VersionId::Required => {
            return stop("error.noversionid");
        }
        (id, _) if id != Some(&settings.client_id) => return stop("Unknown client_id"),
        (_, Some(version)) if version != settings.version_id => return stop("Unknown version_id"),
        _ => {}
    }
    if query("response_type") != Some("code") {
        return stop("response_type must be code");
    }
    let Some(asked) = query("redirect_uri") else {
        return stop("redirect_uri is missing");
    };
    let Some(mut back) = settings.redirect(asked) else {
        return stop("redirect_uri is not registered");
    };
    let scopes = settings.granted(query("scope").unwrap_or_default());
    if scopes.is_empty() {
        return stop("scope has none that the app may ask for");
    }
    match desk.quirks().authorize {
        Authorize::Allow => {
            let location = (!desk.quirks().company_install).then(|| desk.location.id.clone());
            let code = desk.location.allow(asked, scopes, location, desk.ask.now);
            back.query_pairs_mut().append_pair("code", &code);
        }
        Authorize::Deny => {
            back.query_pairs_mut()
                .append_pair("error", "access_denied")
                .append_pair("error_description", "The user denied access");
        }
        Authorize::Wait => return Err(Answer::page(200, "Choose a location")),
    }
    if let Some(state) = desk.request.query("state")
        && desk.quirks().echo_state
    {
        back.query_pairs_mut().append_pair("state", state);
    }
    Ok(back)
}

#[cfg(test)]
mod tests {
    use super::super::super::location::Location;
    use super::super::super::message::Request;
    use super::super::super::quirks::Quirks;
    use super::super::super::seed;
    use super::super::super::traffic::Ask;
    use super::super::answer;
    use super::super::tests::NOW;
    use super::*;

    const PATHS: [&str; 2] = ["/oauth/chooselocation", "/v2/oauth/chooselocation"];

    /// A visit with these parameters over the usual ones; an empty one is left out. Gives the status
    /// and where it leads, or the page.
    fn visit(place: &mut Location, set: &[&str], more: &[(&str, &str)]) -> (u16, String) {
        let mut quirks = Quirks::default();
        for quirk in set {
            quirks.set(quirk).unwrap();
        }
        let id = place.app.settings.client_id.clone();
        let usual = [
            ("response_type", "code"),
            ("client_id", &id),
            ("redirect_uri", "http://127.0.0.1:9000/cb?from=page"),
            ("scope", "contacts.readonly users.write contacts.write"),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let kept = usual
            .iter()
            .filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
        for (name, value) in kept.chain(more).filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        let query = query.finish();
        let [one, two] = PATHS.map(|path| {
            let request = Request::new("GET", &format!("{path}?{query}"));
            let answer = answer(place, &request, &Ask::plain(NOW, &quirks));
            let mut to = answer
                .headers
                .iter()
                .filter(|(name, _)| *name == "location");
            match to.next() {
                Some((_, to)) => (answer.status, to.clone()),
                None => (answer.status, String::from_utf8(answer.body).unwrap()),
            }
        });
        assert_eq!(one.0, two.0);
        two
    }

    fn pairs(url: &str) -> Vec<(String, String)> {
        Url::parse(url)
            .unwrap()
            .query_pairs()
            .into_owned()
            .collect()
    }

    #[test]
    fn leads_back_with_a_code_and_the_state() {
        let mut place = seed::location(0, 1, 0);
        let state = ("state", "a b&c=d");
        let (status, to) = visit(&mut place, &[], &[state]);
        assert_eq!(status, 302);
        assert!(
            to.starts_with("http://127.0.0.1:9000/cb?from=page&code="),
            "{to}"
        );
        let sent = pairs(&to);
        assert_eq!(sent[2], ("state".to_owned(), "a b&c=d".to_owned()));
        let code = place.app.code(&sent[1].1, NOW).unwrap();
        assert_eq!(code.scopes, ["contacts.readonly", "contacts.write"]);
        assert_eq!(code.location.as_deref(), Some(seed::LOCATION_ID));
        let (_, to) = visit(&mut place, &[], &[]);
        assert_eq!(pairs(&to).len(), 2);
        let quirks = ["oauth-state=dropped", "company-install=yes"];
        let (_, to) = visit(&mut place, &quirks, &[state]);
        assert_eq!(pairs(&to).len(), 2);
        let code = place.app.code(&pairs(&to)[1].1, NOW).unwrap();
        assert_eq!(code.location, None);
        let (status, to) = visit(
            &mut place,
            &[],
            &[("redirect_uri", "https://example.com/callback")],
        );
        assert_eq!(status, 302);
        assert!(to.starts_with("https://example.com/callback?code="), "{to}");
    }

    #[test]
    fn somebody_refuses_or_does_not_come() {
        let mut place = seed::location(0, 1, 0);
        let (status, to) = visit(&mut place, &["authorize=deny"], &[("state", "s")]);
        assert_eq!(status, 302);
        let sent = pairs(&to);
        assert_eq!(sent[1], ("error".to_owned(), "access_denied".to_owned()));
        assert_eq!(sent.last().unwrap().1, "s");
        let (status, page) = visit(&mut place, &["authorize=wait"], &[]);
        assert_eq!(status, 200);
        assert!(page.contains("Choose a location"));
        assert_eq!(place.app.counts.codes, 0);
    }

    #[test]
    fn errors_stay_on_the_page() {
        let mut place = seed::location(0, 1, 0);
        let version = place.app.settings.version_id.clone();
        let strict = ["version-id=required"];
        for (set, more, text) in [
            (&[][..], ("client_id", "other"), "client_id"),
            (&[], ("client_id", ""), "client_id"),
            (&[], ("response_type", "token"), "response_type"),
            (&[], ("response_type", ""), "response_type"),
            (
                &[],
                ("redirect_uri", "https://example.org/"),
                "redirect_uri is not registered",
            ),
            (&[], ("redirect_uri", ""), "redirect_uri is missing"),
            (&[], ("scope", "users.write"), "scope"),
            (&[], ("scope", ""), "scope"),
            (&[], ("version_id", "other"), "version_id"),
            (&strict, ("state", "s"), "error.noversionid"),
        ] {
            let (status, page) = visit(&mut place, set, &[more]);
            assert_eq!(status, 400, "{more:?}");
            assert!(page.contains(text), "{more:?}: {page}");
        }
        let alone = [("version_id", version.as_str()), ("client_id", "")];
        let (status, page) = visit(&mut place, &strict, &alone);
        assert_eq!(status, 200);
        assert!(page.contains("<p></p>"), "{page}");
        assert_eq!(visit(&mut place, &strict, &alone[..1]).0, 302);
        assert_eq!(visit(&mut place, &[], &alone[..1]).0, 302);
    }
}
