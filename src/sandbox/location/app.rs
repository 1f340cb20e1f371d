//! The Marketplace app: what is registered of it, where it is installed, and the codes and tokens
//! that it was given. Each change is noted for the journal. It never looks at a request and never
//! refuses one; it only says what a code or token is worth. Start with [`Location::redeem`] and
//! [`Location::rotate`].
//!
//! Lifetimes and rotation are those of HighLevel's docs, page "Authorization"; the 30 seconds in
//! which a used refresh token still answers are from its changelog, "Smarter Refresh Token Handling".

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::{Host, Url};

use super::super::ids;
use super::Location;

/// How long a code is good, in milliseconds. The documents are silent; RFC 6749 (4.1.2) allows 10 minutes.
const CODE_LIFE: i64 = 10 * 60_000;
/// How long an access token is good, in milliseconds.
const ACCESS_LIFE: i64 = 86_399_000;
/// How long a refresh token is good that nobody uses, in milliseconds.
const REFRESH_LIFE: i64 = 365 * 86_400_000;
/// How long a used refresh token gives the pair that came out of it once more, in milliseconds.
const GRACE: i64 = 30_000;

/// What the developer portal and the agency have set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) version_id: String,
    pub(crate) name: String,
    /// Scopes that the app may ask for.
    pub(crate) scopes: Vec<String>,
    /// Where the authorize page may send people back to, letter by letter.
    pub(crate) redirect_uris: Vec<String>,
    /// Whether it may also send them to any port and path of this machine over `http`.
    pub(crate) loopback_redirects: bool,
    /// Locations that have the app, and since when.
    pub(crate) installed: BTreeMap<String, String>,
    /// Whether the agency has paused the location.
    pub(crate) location_paused: bool,
}

impl Settings {
    /// Id of the app: its client id up to the hyphen.
    pub(crate) fn app_id(&self) -> &str {
        self.client_id.split('-').next().unwrap_or_default()
    }

    /// The address to send people back to, if it is a registered one.
    pub(crate) fn redirect(&self, asked: &str) -> Option<Url> {
        let url = Url::parse(asked).ok()?;
        let is_here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        let is_plain = url.scheme() == "http" && url.username().is_empty();
        let is_registered = self.redirect_uris.iter().any(|known| known == asked)
            || (self.loopback_redirects && is_here && is_plain);
        (is_registered && url.fragment().is_none()).then_some(url)
    }

    /// Those of the scopes asked for (separated by blanks) that the app may have.
    pub(crate) fn granted(&self, asked: &str) -> Vec<String> {
        let mut granted: Vec<String> = Vec::new();
        for scope in asked.split_whitespace() {
            let may = self.scopes.iter().any(|known| known == scope);
            if may && !granted.iter().any(|known| known == scope) {
                granted.push(scope.to_owned());
            }
        }
        granted
    }
}

/// What somebody allowed on the authorize page.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Code {
    code: String,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    /// The location that was chosen; None if the agency installed the app for itself.
    pub(crate) location: Option<String>,
    expires: i64,
}

/// A pair of tokens and what has become of it. Instants are milliseconds of world time.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Grant {
    /// `refreshTokenId` of the answers.
    pub(crate) id: String,
    pub(crate) access: String,
    pub(crate) refresh: Option<String>,
    /// The location that the tokens are for; None for tokens of the agency.
    pub(crate) location: Option<String>,
    pub(crate) scopes: Vec<String>,
    issued: i64,
    access_until: i64,
    refresh_until: i64,
    /// When the refresh token was first used, and the id of the pair that came out.
    used: Option<(i64, String)>,
}

impl Grant {
    /// `userType` of the answers.
    pub(crate) fn user_type(&self) -> &'static str {
        match self.location {
            Some(_) => "Location",
            None => "Company",
        }
    }

    /// Whether the access token is good.
    pub(crate) fn is_live(&self, now: i64) -> bool {
        now < self.access_until
    }

    /// Seconds for which the access token is still good; a begun one counts.
    pub(crate) fn expires_in(&self, now: i64) -> i64 {
        (self.access_until - now).max(0).saturating_add(999) / 1_000
    }

    /// Everything but the tokens.
    pub(crate) fn shown(&self) -> Value {
        let (used, next) = self.used.clone().unzip();
        let refresh_until = self.refresh.as_ref().map(|_| ids::iso(self.refresh_until));
        json!({"refreshTokenId": self.id, "userType": self.user_type(),
            "locationId": self.location, "scopes": self.scopes, "issuedAt": ids::iso(self.issued),
            "accessExpiresAt": ids::iso(self.access_until), "refreshExpiresAt": refresh_until,
            "usedAt": used.map(ids::iso), "replacedBy": next})
    }
}

/// How often the OAuth calls of HighLevel have been answered, in all processes that had the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TokenCounts {
    /// Codes that the authorize page gave.
    pub codes: u64,
    /// Codes that became tokens.
    pub exchanges: u64,
    /// Refresh tokens that became a new pair.
    pub refreshes: u64,
    /// Pairs that were given once more within the 30 seconds.
    pub repeats: u64,
    /// Location tokens made from a token of the agency.
    pub location_tokens: u64,
    /// Calls of the token endpoint that were refused.
    pub refusals: u64,
}

/// The only app of the made-up Marketplace.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) settings: Settings,
    codes: Vec<Code>,
    grants: Vec<Grant>,
    pub(crate) counts: TokenCounts,
}

impl App {
    /// An app that nobody has installed.
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings,
            codes: Vec::new(),
            grants: Vec::new(),
            counts: TokenCounts::default(),
        }
    }

    /// A code that can still be turned into tokens.
    pub(crate) fn code(&self, code: &str, now: i64) -> Option<&Code> {
        let mut good = self.codes.iter().filter(|known| now < known.expires);
        good.find(|known| known.code == code)
    }

    /// The pair with this access token, good or not.
    pub(crate) fn with_access(&self, token: &str) -> Option<&Grant> {
        self.grants.iter().find(|grant| grant.access == token)
    }

    /// The pair with this refresh token, if the token may be used: it never was, or not long ago.
    pub(crate) fn refreshable(&self, token: &str, now: i64) -> Option<&Grant> {
        let mut own = self.grants.iter();
        let grant = own.find(|grant| grant.refresh.as_deref() == Some(token))?;
        let in_grace = match grant.used {
            None => true,
            Some((used, _)) => now - used <= GRACE,
        };
        (in_grace && now < grant.refresh_until).then_some(grant)
    }

    /// Every pair, the first one first.
    pub(crate) fn grants(&self) -> &[Grant] {
        &self.grants
    }

    fn settings_line(&self) -> Value {
        json!({"kind": "ghl-app", "value": self.settings})
    }

    fn counts_line(&self) -> Value {
        json!({"kind": "ghl-app-counts", "value": self.counts})
    }

    /// Everything, as lines of a snapshot.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Value> {
        let codes = self.codes.iter().map(code_line);
        let head = [self.settings_line(), self.counts_line()];
        let grants = self.grants.iter().map(grant_line);
        head.into_iter().chain(codes).chain(grants)
    }

    /// Takes in a line of a snapshot or journal; false if it is none of the app's.
    pub(crate) fn remember(&mut self, line: &Value) -> Result<bool, String> {
        fn read<T: serde::de::DeserializeOwned>(line: &Value) -> Result<T, String> {
            T::deserialize(&line["value"]).map_err(|error| format!("{}: {error}", line["kind"]))
        }
        match line["kind"].as_str().unwrap_or_default() {
            "ghl-app" => self.settings = read(line)?,
            "ghl-app-counts" => self.counts = read(line)?,
            // A journal may say once more what the snapshot says already.
            "ghl-code" => {
                let code: Code = read(line)?;
                self.codes.retain(|known| known.code != code.code);
                self.codes.push(code);
            }
            "ghl-code-gone" => self.codes.retain(|code| line["id"] != *code.code),
            "ghl-grant" => self.place(read(line)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Puts a pair in the place of the one with its id, or at the end.
    fn place(&mut self, grant: Grant) {
        match self.grants.iter_mut().find(|known| known.id == grant.id) {
            Some(known) => *known = grant,
            None => self.grants.push(grant),
        }
    }
}

fn code_line(code: &Code) -> Value {
    json!({"kind": "ghl-code", "value": code})
}

fn grant_line(grant: &Grant) -> Value {
    json!({"kind": "ghl-grant", "value": grant})
}

impl Location {
    /// Changes the app's settings.
    pub(crate) fn put_app(&mut self, settings: Settings) {
        self.app.settings = settings;
        self.changes.note(|| self.app.settings_line());
    }

    /// Counts something; that is no change of the world.
    pub(crate) fn count(&mut self, count: impl FnOnce(&mut TokenCounts)) {
        count(&mut self.app.counts);
        self.changes.jot(|| self.app.counts_line());
    }

    /// Makes a code for what somebody allowed; codes past their time are thrown away.
    pub(crate) fn allow(
        &mut self,
        redirect_uri: &str,
        scopes: Vec<String>,
        location: Option<String>,
        now: i64,
    ) -> String {
        let codes = std::mem::take(&mut self.app.codes);
        let (good, gone) = codes.into_iter().partition(|code| now < code.expires);
        self.app.codes = good;
        for code in gone {
            self.forget_code(&code);
        }
        let code = Code {
            code: ids::hex(&mut self.rng, 40),
            redirect_uri: redirect_uri.to_owned(),
            scopes,
            location,
            expires: now + CODE_LIFE,
        };
        self.changes.note(|| code_line(&code));
        self.count(|counts| counts.codes += 1);
        let text = code.code.clone();
        self.app.codes.push(code);
        text
    }

    fn forget_code(&mut self, code: &Code) {
        self.changes
            .note(|| json!({"kind": "ghl-code-gone", "id": code.code}));
    }

    /// Turns a code into a pair of tokens, which installs the app; None if the code is not good.
    pub(crate) fn redeem(&mut self, code: &str, now: i64) -> Option<Grant> {
        self.app.code(code, now)?;
        let at = self.app.codes.iter().position(|known| known.code == code)?;
        let code = self.app.codes.remove(at);
        self.forget_code(&code);
        self.install(code.location.as_deref(), now);
        self.count(|counts| counts.exchanges += 1);
        Some(self.issue(code.location, code.scopes, true, now))
    }

    /// Notes that a location has the app; None is the one that was chosen in the agency's view.
    pub(crate) fn install(&mut self, location: Option<&str>, now: i64) {
        let id = location.unwrap_or(&self.id).to_owned();
        if !self.app.settings.installed.contains_key(&id) {
            let mut settings = self.app.settings.clone();
            settings.installed.insert(id, ids::iso(now));
            self.put_app(settings);
        }
    }

    /// Makes a pair of tokens, or an access token alone.
    pub(crate) fn issue(
        &mut self,
        location: Option<String>,
        scopes: Vec<String>,
        refreshable: bool,
        now: i64,
    ) -> Grant {
        let id = ids::hex(&mut self.rng, 24);
        let class = location.as_ref().map_or("Company", |_| "Location");
        let place = location
            .as_deref()
            .or_else(|| self.details["companyId"].as_str());
        let settings = &self.app.settings;
        let mut claims = json!({"authClass": class, "authClassId": place, "source": "INTEGRATION",
            "sourceId": settings.client_id, "channel": "OAUTH", "primaryAuthClassId": place,
            "oauthMeta": {"scopes": scopes, "client": settings.app_id(),
                "versionId": settings.version_id, "clientKey": settings.client_id},
            "iat": now / 1_000, "exp": (now + ACCESS_LIFE) / 1_000, "uniqueId": id});
        let access = ids::jwt(&claims, &mut self.rng);
        claims["exp"] = json!((now + REFRESH_LIFE) / 1_000);
        let refresh = refreshable.then(|| ids::jwt(&claims, &mut self.rng));
        let grant = Grant {
            id,
            access,
            refresh,
            location,
            scopes,
            issued: now,
            access_until: now + ACCESS_LIFE,
            refresh_until: now + REFRESH_LIFE,
            used: None,
        };
        self.put_grant(grant.clone());
        grant
    }

    fn put_grant(&mut self, grant: Grant) {
        self.changes.note(|| grant_line(&grant));
        self.app.place(grant);
    }

    /// Uses a refresh token: gives a new pair, or within the grace the one that came out before.
    /// None if the token is not good. With `ends_access` the old access token ends, too.
    pub(crate) fn rotate(&mut self, token: &str, ends_access: bool, now: i64) -> Option<Grant> {
        let mut old = self.app.refreshable(token, now)?.clone();
        if let Some((_, next)) = &old.used {
            let next = self
                .app
                .grants
                .iter()
                .find(|grant| grant.id == *next)?
                .clone();
            self.count(|counts| counts.repeats += 1);
            return Some(next);
        }
        let new = self.issue(old.location.clone(), old.scopes.clone(), true, now);
        old.used = Some((now, new.id.clone()));
        if ends_access {
            old.access_until = old.access_until.min(now);
        }
        self.put_grant(old);
        self.count(|counts| counts.refreshes += 1);
        Some(new)
    }

    /// Ends every access token that is still good; gives their number.
    pub(crate) fn expire(&mut self, now: i64) -> usize {
        let mut live = self.app.grants.clone();
        live.retain(|grant| grant.is_live(now));
        let count = live.len();
        for grant in live {
            self.put_grant(Grant {
                access_until: now,
                ..grant
            });
        }
        count
    }

    /// Takes the app away from everybody: no code, token or installation is good any more. Gives
    /// the number of pairs of which something was.
    pub(crate) fn uninstall(&mut self, now: i64) -> usize {
        for code in std::mem::take(&mut self.app.codes) {
            self.forget_code(&code);
        }
        let mut settings = self.app.settings.clone();
        settings.installed.clear();
        self.put_app(settings);
        let mut good = self.app.grants.clone();
        good.retain(|grant| {
            grant.is_live(now) || (grant.refresh.is_some() && now < grant.refresh_until)
        });
        let count = good.len();
        for grant in good {
            self.put_grant(Grant {
                access_until: grant.access_until.min(now),
                refresh_until: grant.refresh_until.min(now),
                ..grant
            });
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::seed;

    const NOW: i64 = 1_795_000_000_000;

    fn place() -> Location {
        seed::location(0, 1, 0)
    }

    fn pair(place: &mut Location) -> Grant {
        let home = Some(place.id.clone());
        place.issue(home, vec!["contacts.readonly".to_owned()], true, NOW)
    }

    #[test]
    fn tokens_look_like_the_vendors() {
        let mut place = place();
        let all = place.app.settings.scopes.clone();
        for scopes in [vec!["contacts.readonly".to_owned()], all] {
            let grant = place.issue(None, scopes, true, NOW);
            for token in [&grant.access, grant.refresh.as_ref().unwrap()] {
                assert!(token.starts_with("eyJ"), "{token}");
                assert!((1_000..2_048).contains(&token.len()), "{}", token.len());
                let parts: Vec<&str> = token.split('.').collect();
                assert_eq!(parts.len(), 3);
                assert!(
                    parts.iter().all(|part| part.bytes().all(|byte| {
                        byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
                    }))
                );
            }
            assert_ne!(Some(&grant.access), grant.refresh.as_ref());
        }
        let settings = &place.app.settings;
        let (app, rest) = settings.client_id.split_once('-').unwrap();
        assert_eq!((app.len(), rest.len()), (24, 8));
        assert_eq!(settings.app_id(), app);
        assert!(ids::read_uuid(&settings.client_secret).is_some());
        assert_ne!(seed::app(2).client_id, settings.client_id);
        assert_eq!(seed::app(1), *settings);
    }

    #[test]
    fn a_refresh_token_works_once_and_for_the_grace() {
        let mut place = place();
        let first = pair(&mut place);
        let old = first.refresh.unwrap();
        let second = place.rotate(&old, false, NOW + 10).unwrap();
        assert_ne!(second.access, first.access);
        let again = place.rotate(&old, false, NOW + 10 + GRACE).unwrap();
        assert_eq!(
            (&again.access, &again.refresh),
            (&second.access, &second.refresh)
        );
        // The same pair even when it has been used itself.
        let new = second.refresh.unwrap();
        let third = place.rotate(&new, false, NOW + 20).unwrap();
        assert_eq!(place.rotate(&old, false, NOW + 30).unwrap().id, second.id);
        assert!(place.rotate(&old, false, NOW + 11 + GRACE).is_none());
        assert_eq!(
            place.rotate(&new, false, NOW + 20 + GRACE).unwrap().id,
            third.id
        );
        assert!(place.rotate("eyJ", false, NOW).is_none());
        assert!(place.rotate(&third.access, false, NOW).is_none());
        let counts = place.app.counts;
        assert_eq!((counts.refreshes, counts.repeats), (2, 3));
        assert_eq!(place.app.grants().len(), 3);
    }

    #[test]
    fn tokens_end_by_themselves_and_on_order() {
        let mut place = place();
        let grant = pair(&mut place);
        assert_eq!(grant.expires_in(NOW), 86_399);
        assert_eq!(grant.expires_in(NOW + 1), 86_399);
        assert_eq!(grant.expires_in(NOW + 1_001), 86_398);
        assert!(grant.is_live(NOW + ACCESS_LIFE - 1) && !grant.is_live(NOW + ACCESS_LIFE));
        assert_eq!(grant.expires_in(NOW + ACCESS_LIFE + 5), 0);
        let token = grant.refresh.clone().unwrap();
        assert!(
            place
                .app
                .refreshable(&token, NOW + REFRESH_LIFE - 1)
                .is_some()
        );
        assert!(place.app.refreshable(&token, NOW + REFRESH_LIFE).is_none());
        assert_eq!(place.expire(NOW + 5), 1);
        assert_eq!(place.expire(NOW + 5), 0);
        assert!(
            !place
                .app
                .with_access(&grant.access)
                .unwrap()
                .is_live(NOW + 5)
        );
        let next = place.rotate(&token, true, NOW + 6).unwrap();
        let code = place.allow("http://localhost/", Vec::new(), None, NOW + 7);
        assert_eq!(place.uninstall(NOW + 8), 2);
        assert!(place.redeem(&code, NOW + 9).is_none());
        assert!(place.app.settings.installed.is_empty());
        for token in [token, next.refresh.unwrap()] {
            assert!(place.app.refreshable(&token, NOW + 9).is_none());
        }
        assert!(
            !place
                .app
                .with_access(&next.access)
                .unwrap()
                .is_live(NOW + 9)
        );
    }

    #[test]
    fn a_refresh_may_end_the_old_access_token() {
        let mut place = place();
        for ends_access in [false, true] {
            let grant = pair(&mut place);
            place.rotate(&grant.refresh.unwrap(), ends_access, NOW + 1);
            let old = place.app.with_access(&grant.access).unwrap();
            assert_eq!(old.is_live(NOW + 1), !ends_access);
        }
    }

    #[test]
    fn a_code_works_once_and_for_ten_minutes() {
        let mut place = place();
        let home = place.id.clone();
        let mut allow = |at: i64| {
            place.allow(
                "http://localhost/",
                vec!["x".to_owned()],
                Some(home.clone()),
                at,
            )
        };
        let (early, late) = (allow(NOW), allow(NOW + 1));
        assert_eq!(early.len(), 40);
        assert!(place.redeem(&early, NOW + CODE_LIFE).is_none());
        let grant = place.redeem(&late, NOW + CODE_LIFE).unwrap();
        assert_eq!((grant.scopes.len(), grant.user_type()), (1, "Location"));
        assert!(place.redeem(&late, NOW + CODE_LIFE).is_none());
        assert!(place.app.settings.installed.contains_key(&place.id));
        place.allow("http://localhost/", Vec::new(), None, NOW + CODE_LIFE);
        assert_eq!(place.app.codes.len(), 1);
        assert_eq!((place.app.counts.codes, place.app.counts.exchanges), (3, 1));
    }

    #[test]
    fn only_registered_addresses_are_returned_to() {
        let mut settings = seed::app(1);
        for good in [
            "http://localhost:8765/callback",
            "http://127.0.0.1/",
            "http://[::1]:9/a/b?c=d",
            "https://example.com/callback",
        ] {
            assert!(settings.redirect(good).is_some(), "{good}");
        }
        for bad in [
            "https://example.com/callback/",
            "https://example.com/callback?x=1",
            "https://localhost/callback",
            "http://example.com/callback",
            "http://localhost.example.com/",
            "http://localhost@example.com/",
            "http://somebody@localhost/",
            "http://localhost/#part",
            "urn:ietf:wg:oauth:2.0:oob",
            "/callback",
            "",
        ] {
            assert!(settings.redirect(bad).is_none(), "{bad}");
        }
        settings.loopback_redirects = false;
        assert!(settings.redirect("http://localhost:8765/").is_none());
        assert!(settings.redirect("https://example.com/callback").is_some());
    }

    #[test]
    fn scopes_are_what_was_asked_and_is_allowed() {
        let settings = seed::app(1);
        assert_eq!(
            settings.granted("contacts.write  users.write contacts.readonly contacts.write"),
            ["contacts.write", "contacts.readonly"]
        );
        assert!(settings.granted("").is_empty());
    }

    #[test]
    fn lines_bring_everything_back() {
        let mut place = place();
        place.changes.recording = true;
        let code = place.allow("http://localhost/", vec!["x".to_owned()], None, NOW);
        place.allow("http://localhost/", Vec::new(), None, NOW);
        let grant = place.redeem(&code, NOW).unwrap();
        place.rotate(grant.refresh.as_deref().unwrap(), true, NOW + 1);
        let shown = |app: &App| -> Vec<String> { app.lines().map(|l| l.to_string()).collect() };
        let journal: Vec<Value> = place
            .changes
            .lines
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        for lines in [journal, place.app.lines().collect()] {
            let mut app = App::new(seed::app(9));
            for line in lines.iter().chain(&lines) {
                assert_eq!(app.remember(line), Ok(true), "{line}");
            }
            assert_eq!(shown(&app), shown(&place.app));
        }
        let mut app = App::new(seed::app(9));
        assert_eq!(app.remember(&json!({"kind": "ghl-contact"})), Ok(false));
        let broken = app.remember(&json!({"kind": "ghl-app", "value": {}}));
        assert!(broken.unwrap_err().contains("ghl-app"));
    }
}
