//! HighLevel's OAuth 2.0: the page where an app is installed, and the tokens that come of it.
//!
//! Sources: HighLevel docs, Authorization and OAuth 2.0; its OpenAPI document of oauth. It stores
//! nothing and opens no browser. Start reading at [`Page::link`] and [`Oauth::exchange`].

use std::cell::RefCell;
use std::time::{Duration, Instant};

use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::http::header::CONTENT_TYPE;
use oauth2::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, EndpointNotSet, EndpointSet,
    ExtraTokenFields, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RefreshToken, RequestTokenError, StandardRevocableToken, StandardTokenResponse, TokenResponse,
    TokenUrl,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::Method;
use super::refusals::refine;
use crate::api::http::{HeaderValue, Http, Replay, Request};
use crate::credentials::{App, Credential, GrantError, Grants, Secret, Tokens};
use crate::remote::{RemoteError, RemoteErrorKind};

/// Where people choose the location that an app may enter (HighLevel docs, Authorization, since
/// 2026-05).
pub const AUTHORIZE_URL: &str = "https://marketplace.gohighlevel.com/v2/oauth/chooselocation";

/// How long one answer may take: three of them fit into the time in which a used refresh token
/// still brings its pair.
const PATIENCE: Duration = Duration::from_secs(8);

/// A refresh whose answer got lost is sent again at once, and not after this: 30 seconds after its
/// first use a refresh token brings nothing any more (HighLevel changelog, "Smarter Refresh Token
/// Handling").
const GRACE: Duration = Duration::from_secs(20);

/// A service that answers with nothing but errors is not pressed further.
const MOST_TRIES: u32 = 3;

/// What the token answer says beside the standard; all of it may be missing.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Extra {
    user_type: Option<String>,
    company_id: Option<String>,
    location_id: Option<String>,
    user_id: Option<String>,
}

impl ExtraTokenFields for Extra {}

type TokenAnswer = StandardTokenResponse<Extra, BasicTokenType>;
type Client = oauth2::Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;
type TokenError = RequestTokenError<Lost, BasicErrorResponse>;
/// Sends a form.
type Sender<'a> = &'a dyn Fn(HttpRequest) -> Result<HttpResponse, Lost>;
/// Fills a form and has it sent.
type Ask<'a> = dyn Fn(&Client, Sender<'_>) -> Result<TokenAnswer, TokenError> + 'a;

/// No answer came; why is told beside.
#[derive(Debug, thiserror::Error)]
#[error("no answer")]
struct Lost;

/// The page where a person lets an app into a location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The vendor's, or the link that its portal gives for an app that is not public, which has more
    /// parameters (`version_id`).
    pub url: Url,
}

/// What is sent to the page, and has to be known again when it sends somebody back.
#[derive(Debug, Clone)]
pub struct Visit {
    pub client_id: String,
    pub redirect_uri: String,
    pub scopes: Vec<String>,
    /// Comes back unchanged, if it comes back.
    pub state: String,
    /// For PKCE, of which HighLevel documents nothing.
    pub challenge: Option<PkceCodeChallenge>,
}

impl Page {
    /// A parameter that the page's own URL has.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = self.url.query_pairs();
        pairs
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, v)| v.into_owned())
    }

    /// The link for a browser. What the page's own URL says is kept, but for `state`.
    pub fn link(&self, visit: &Visit) -> Url {
        let mut wanted = vec![
            ("response_type", "code".to_owned()),
            ("redirect_uri", visit.redirect_uri.clone()),
            ("client_id", visit.client_id.clone()),
            ("scope", visit.scopes.join(" ")),
        ];
        wanted.retain(|(name, _)| self.parameter(name).is_none());
        wanted.push(("state", visit.state.clone()));
        if let Some(challenge) = &visit.challenge {
            wanted.push(("code_challenge", challenge.as_str().to_owned()));
            wanted.push((
                "code_challenge_method",
                challenge.method().as_str().to_owned(),
            ));
        }
        let mut url = self.url.clone();
        let own: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(name, _)| name != "state")
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        url.query_pairs_mut()
            .clear()
            .extend_pairs(own)
            .extend_pairs(wanted);
        url
    }
}

/// What a browser was sent back with.
#[derive(Debug, Clone)]
pub struct Back {
    pub code: Secret,
    /// `None` where it did not come back, which HighLevel leaves open.
    pub state: Option<String>,
}

/// Reads the URL that somebody was sent back to, or the bare code.
///
/// # Errors
/// A sentence: the page's own error, or that there is no code.
pub fn read_back(text: &str) -> Result<Back, String> {
    let text = text.trim().trim_matches(['"', '\'', '<', '>']);
    let query = match text.split_once('?') {
        Some((_, query)) => query.split('#').next().unwrap_or(query),
        None if text.contains('=') => text,
        None if text.is_empty() => return Err("nothing was given".to_owned()),
        None if text.contains(|c: char| c.is_whitespace()) || text.contains("://") => {
            return Err("this is neither the address that you were sent to nor a code".to_owned());
        }
        None => {
            return Ok(Back {
                code: Secret::from(text),
                state: None,
            });
        }
    };
    let value = |name: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, v)| v.into_owned())
    };
    if let Some(error) = value("error") {
        let more = value("error_description")
            .map(|more| format!(": {more}"))
            .unwrap_or_default();
        return Err(format!("the page says {error}{more}"));
    }
    Ok(Back {
        code: Secret::from(value("code").ok_or("there is no code in this address")?),
        state: value("state"),
    })
}

/// Makes a client; what it sends in bodies is blanked in what it says.
pub type Connect = Box<dyn Fn(Credential, Vec<Secret>) -> Result<Http, RemoteError> + Send + Sync>;

/// Asks HighLevel for tokens.
pub struct Oauth {
    connect: Connect,
    /// For whatever is no call for tokens.
    version: String,
    /// The wall clock, milliseconds since 1970.
    now: fn() -> i64,
}

/// An app that asks for tokens.
pub struct Asking<'a> {
    pub client_id: &'a str,
    pub client_secret: &'a Secret,
    pub redirect_uri: Option<&'a str>,
}

impl<'a> From<&'a App> for Asking<'a> {
    fn from(app: &'a App) -> Asking<'a> {
        Asking {
            client_id: &app.client_id,
            client_secret: &app.client_secret,
            redirect_uri: app.redirect_uri.as_deref(),
        }
    }
}

impl Oauth {
    pub fn new(connect: Connect, version: String, now: fn() -> i64) -> Oauth {
        Oauth {
            connect,
            version,
            now,
        }
    }

    /// The tokens for a code (`POST /oauth/token`). A code is good for one call, so this one is
    /// never repeated.
    ///
    /// # Errors
    /// [`GrantError::Refused`] for a code or an app that is not accepted.
    pub fn exchange(
        &self,
        asking: &Asking<'_>,
        code: &Secret,
        verifier: Option<&str>,
    ) -> Result<Tokens, GrantError> {
        let hidden = vec![code.clone(), asking.client_secret.clone()];
        self.ask(asking, hidden, false, &|client, send| {
            let code = AuthorizationCode::new(code.expose_secret().to_owned());
            let mut request = client.exchange_code(code);
            if let Some(verifier) = verifier {
                request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()));
            }
            request
                .add_extra_param("user_type", "Location")
                .request(&send)
        })
    }

    /// The locations of an agency where the app is installed, as id and name
    /// (`GET /oauth/installedLocations`; scope `oauth.readonly`).
    ///
    /// # Errors
    /// Errors of the call.
    pub fn locations(
        &self,
        client_id: &str,
        agency: &Tokens,
    ) -> Result<Vec<(String, String)>, RemoteError> {
        let http = self.as_agency(agency)?;
        // The app's id is the client's without its end (HighLevel's own library does the same).
        let app_id = client_id.split('-').next().unwrap_or(client_id);
        let company = agency.company_id.clone().unwrap_or_default();
        let mut found = Vec::new();
        loop {
            let request = Request::get("/oauth/installedLocations", &[])
                .query("companyId", company.clone())
                .query("appId", app_id)
                .query("isInstalled", "true")
                .query("limit", "100")
                .query("skip", found.len().to_string());
            let answer = http.send::<Value>(&request).map_err(refined)?;
            let page: Vec<(String, String)> = answer.value["locations"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|location| {
                    let id = location["_id"].as_str().or(location["id"].as_str())?;
                    let name = location["name"].as_str().unwrap_or_default();
                    Some((id.to_owned(), name.to_owned()))
                })
                .filter(|location| !found.contains(location))
                .collect();
            if page.is_empty() {
                return Ok(found);
            }
            found.extend(page);
        }
    }

    /// A location's tokens for those of its agency (`POST /oauth/locationToken`; scope
    /// `oauth.write`). Safe to repeat.
    ///
    /// # Errors
    /// [`GrantError::Refused`] when the agency's token is not accepted or does not reach there.
    pub fn location_token(&self, agency: &Tokens, location_id: &str) -> Result<Tokens, GrantError> {
        let http = self
            .as_agency(agency)
            .map_err(|error| grant_error(&error))?;
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        if let Some(company_id) = &agency.company_id {
            form.append_pair("companyId", company_id);
        }
        form.append_pair("locationId", location_id);
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        let request = Request::new(Method::POST, "/oauth/locationToken", &[], Replay::Always)
            .bytes(form.finish().into_bytes(), form_type);
        let answer = http.send::<TokenAnswer>(&request).map_err(|error| {
            let error = refined(error);
            match (error.kind, error.status) {
                (RemoteErrorKind::Auth, _) => GrantError::Refused(error.message),
                _ => grant_error(&error),
            }
        })?;
        let mut tokens = self.tokens(&answer.value);
        tokens
            .location_id
            .get_or_insert_with(|| location_id.to_owned());
        tokens.class.get_or_insert_with(|| "Location".to_owned());
        Ok(tokens)
    }

    fn as_agency(&self, agency: &Tokens) -> Result<Http, RemoteError> {
        (self.connect)(Credential::Fixed(agency.access.clone()), Vec::new())?
            .with_header("version", &self.version)
    }

    /// Asks for tokens with what `ask` puts into the form.
    fn ask(
        &self,
        asking: &Asking<'_>,
        hidden: Vec<Secret>,
        repeatable: bool,
        ask: &Ask<'_>,
    ) -> Result<Tokens, GrantError> {
        let client = client(asking)?;
        let began = Instant::now();
        let mut tries = 0;
        loop {
            // A new one for each try: nobody else waits for its pace or its mood.
            let http = (self.connect)(Credential::None, hidden.clone())
                .map_err(|error| grant_error(&error))?;
            let said: RefCell<Option<RemoteError>> = RefCell::new(None);
            let send = |request: HttpRequest| send(&http, request, &said);
            tries += 1;
            let error = match ask(&client, &send) {
                Ok(answer) => return Ok(self.tokens(&answer)),
                Err(error) => error,
            };
            let failed = match (said.into_inner(), &error) {
                (Some(error), _) => grant_error(&error),
                (None, RequestTokenError::Request(Lost)) => GrantError::NoAnswer(error.to_string()),
                (None, _) => GrantError::NoAnswer("the answer holds no token".to_owned()),
            };
            let again = repeatable && tries < MOST_TRIES && began.elapsed() < GRACE;
            if !(again && matches!(failed, GrantError::NoAnswer(_))) {
                return Err(failed);
            }
        }
    }

    fn tokens(&self, answer: &TokenAnswer) -> Tokens {
        let now = (self.now)();
        let extra = answer.extra_fields();
        let lasts = answer
            .expires_in()
            .and_then(|d| i64::try_from(d.as_millis()).ok());
        let scopes = answer.scopes().into_iter().flatten();
        Tokens {
            access: Secret::from(answer.access_token().secret().as_str()),
            refresh: answer
                .refresh_token()
                .map(|token| Secret::from(token.secret().as_str())),
            since: now,
            expires: lasts.map(|lasts| now.saturating_add(lasts)),
            class: extra.user_type.clone(),
            location_id: extra.location_id.clone(),
            company_id: extra.company_id.clone(),
            user_id: extra.user_id.clone(),
            scopes: scopes
                .map(|scope| scope.to_string())
                .filter(|scope| !scope.is_empty())
                .collect(),
        }
    }
}

impl Grants for Oauth {
    fn refresh(&self, app: &App, tokens: &Tokens) -> Result<Tokens, GrantError> {
        let Some(refresh) = &tokens.refresh else {
            return Err(GrantError::UsedUp("there is no refresh token".to_owned()));
        };
        let mut hidden = app.secrets();
        hidden.push(refresh.clone());
        let class = tokens
            .class
            .clone()
            .unwrap_or_else(|| "Location".to_owned());
        self.ask(&app.into(), hidden, true, &|client, send| {
            let token = RefreshToken::new(refresh.expose_secret().to_owned());
            let mut request = client
                .exchange_refresh_token(&token)
                .add_extra_param("user_type", class.clone());
            if let Some(redirect_uri) = &app.redirect_uri {
                request = request.add_extra_param("redirect_uri", redirect_uri.clone());
            }
            request.request(&send)
        })
    }

    fn of_location(&self, app: &App, agency: &Tokens) -> Result<Tokens, GrantError> {
        let Some(location_id) = &app.tokens.location_id else {
            return Err(GrantError::UsedUp("it is of no location".to_owned()));
        };
        self.location_token(agency, location_id)
    }
}

fn client(asking: &Asking<'_>) -> Result<Client, GrantError> {
    let refuse = |error: url::ParseError| GrantError::Refused(format!("the redirect URL: {error}"));
    // The host is that of the connection; only the form is made here.
    let token_url = TokenUrl::new("https://services.leadconnectorhq.com/oauth/token".to_owned());
    let client = oauth2::Client::new(ClientId::new(asking.client_id.to_owned()))
        .set_client_secret(ClientSecret::new(
            asking.client_secret.expose_secret().to_owned(),
        ))
        .set_auth_type(AuthType::RequestBody)
        .set_token_uri(token_url.map_err(refuse)?);
    Ok(match asking.redirect_uri {
        Some(uri) => client.set_redirect_uri(RedirectUrl::new(uri.to_owned()).map_err(refuse)?),
        None => client,
    })
}

/// Sends a form; what is wrong with the answer is told in `said`.
fn send(
    http: &Http,
    request: HttpRequest,
    said: &RefCell<Option<RemoteError>>,
) -> Result<HttpResponse, Lost> {
    let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
    let form = Request::new(Method::POST, "/oauth/token", &[], Replay::OnlyIfUnprocessed)
        .bytes(request.into_body(), form_type)
        .within(PATIENCE);
    // Not as it came: what blanks secrets there would take new tokens that resemble old ones.
    let answer = http.send::<Value>(&form).map_err(|error| {
        *said.borrow_mut() = Some(refined(error));
        Lost
    })?;
    let mut response = HttpResponse::new(serde_json::to_vec(&answer.value).map_err(|_| Lost)?);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}

fn refined(mut error: RemoteError) -> RemoteError {
    refine(&mut error);
    error
}

/// What a refusal of tokens means (HighLevel's OpenAPI examples; measured by third parties).
fn grant_error(error: &RemoteError) -> GrantError {
    let message = error.message.to_lowercase();
    let told = error.message.clone();
    match error.kind {
        RemoteErrorKind::Stopped => GrantError::Stopped,
        _ if message.contains("not active") => GrantError::Paused(told),
        _ if message.contains("invalid grant") || message.contains("refresh token is invalid") => {
            GrantError::UsedUp(told)
        }
        RemoteErrorKind::Auth | RemoteErrorKind::Rejected | RemoteErrorKind::Gone => {
            GrantError::Refused(told)
        }
        RemoteErrorKind::Taken
        | RemoteErrorKind::Quota
        | RemoteErrorKind::Unclear
        | RemoteErrorKind::Unavailable
        | RemoteErrorKind::Nonsense => GrantError::NoAnswer(told),
    }
}
