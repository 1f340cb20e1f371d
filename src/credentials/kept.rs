//! What is kept for a side between runs, and its form in a store. Pure. Start reading at [`Kept`].

use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;
use serde::{Deserialize, Serialize};

use super::Secret;

/// The form that this program writes. Anything that is not JSON is read as a bare token, as earlier
/// programs and people write it.
const VERSION: u32 = 1;

/// Room for all of it from the start: growing would leave copies of secrets behind.
const ROOM: usize = 32 * 1024;

/// What is kept for a side.
#[derive(Debug, Clone)]
pub(crate) enum Kept {
    Token(Token),
    App(Box<App>),
}

/// A private integration token, an API key, or an access token that nobody renews.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub secret: Secret,
    /// When it was put in, milliseconds since 1970; `None` where nobody noted it.
    pub since: Option<i64>,
}

/// An app that somebody installed, with the tokens that it got (HighLevel, OAuth 2.0).
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct App {
    pub client_id: String,
    pub client_secret: Secret,
    /// The registered one, for the next login.
    pub redirect_uri: Option<String>,
    /// The ones in use: those of a location.
    pub tokens: Tokens,
    /// Those of the agency, where a location's tokens are made from them.
    pub agency: Option<Tokens>,
}

/// A pair of tokens with what the service said about it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Tokens {
    pub access: Secret,
    /// `None` where the service gave none.
    pub refresh: Option<Secret>,
    /// When they were given, by this machine's clock, milliseconds since 1970.
    pub since: i64,
    /// When the access token ends, by this machine's clock; `None` where the service did not say.
    pub expires: Option<i64>,
    /// `Location` or `Company`.
    pub class: Option<String>,
    pub location_id: Option<String>,
    pub company_id: Option<String>,
    pub user_id: Option<String>,
    pub scopes: Vec<String>,
}

/// What is in a store, with the time it was put there.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub kept: Kept,
    /// Later entries have greater ones, whatever the clock does.
    pub saved: i64,
}

#[derive(Serialize)]
struct Out<'a> {
    v: u32,
    saved: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<TokenOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<AppOut<'a>>,
}

#[derive(Serialize)]
struct TokenOut<'a> {
    secret: &'a str,
    since: Option<i64>,
}

#[derive(Serialize)]
struct AppOut<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    redirect_uri: Option<&'a str>,
    tokens: TokensOut<'a>,
    agency: Option<TokensOut<'a>>,
}

#[derive(Serialize)]
struct TokensOut<'a> {
    access: &'a str,
    refresh: Option<&'a str>,
    since: i64,
    expires: Option<i64>,
    class: Option<&'a str>,
    location_id: Option<&'a str>,
    company_id: Option<&'a str>,
    user_id: Option<&'a str>,
    scopes: &'a [String],
}

#[derive(Deserialize)]
struct In {
    v: u32,
    saved: i64,
    token: Option<TokenIn>,
    app: Option<App>,
}

#[derive(Deserialize)]
struct TokenIn {
    secret: Secret,
    since: Option<i64>,
}

impl Kept {
    /// The secret that calls are made with.
    pub fn secret(&self) -> &Secret {
        match self {
            Kept::Token(token) => &token.secret,
            Kept::App(app) => &app.tokens.access,
        }
    }
}

impl App {
    pub fn secrets(&self) -> Vec<Secret> {
        let pairs = [Some(&self.tokens), self.agency.as_ref()];
        let tokens = pairs.into_iter().flatten().flat_map(Tokens::secrets);
        tokens.chain([self.client_secret.clone()]).collect()
    }
}

impl Tokens {
    fn secrets(&self) -> impl Iterator<Item = Secret> + use<> {
        [Some(self.access.clone()), self.refresh.clone()]
            .into_iter()
            .flatten()
    }

    fn out(&self) -> TokensOut<'_> {
        TokensOut {
            access: self.access.expose_secret(),
            refresh: self.refresh.as_ref().map(ExposeSecret::expose_secret),
            since: self.since,
            expires: self.expires,
            class: self.class.as_deref(),
            location_id: self.location_id.as_deref(),
            company_id: self.company_id.as_deref(),
            user_id: self.user_id.as_deref(),
            scopes: &self.scopes,
        }
    }
}

impl Stored {
    pub fn write(&self) -> Secret {
        let (token, app) = match &self.kept {
            Kept::Token(token) => {
                let secret = token.secret.expose_secret();
                let since = token.since;
                (Some(TokenOut { secret, since }), None)
            }
            Kept::App(app) => (
                None,
                Some(AppOut {
                    client_id: &app.client_id,
                    client_secret: app.client_secret.expose_secret(),
                    redirect_uri: app.redirect_uri.as_deref(),
                    tokens: app.tokens.out(),
                    agency: app.agency.as_ref().map(Tokens::out),
                }),
            ),
        };
        let out = Out {
            v: VERSION,
            saved: self.saved,
            token,
            app,
        };
        let mut text = Zeroizing::new(Vec::with_capacity(ROOM));
        // Texts and numbers cannot fail to become JSON in memory.
        let _ = serde_json::to_writer(&mut *text, &out);
        Secret::from(String::from_utf8_lossy(&text).into_owned())
    }

    /// `None` for an empty entry.
    ///
    /// # Errors
    /// A sentence without the content.
    pub fn read(text: &Secret) -> Result<Option<Stored>, String> {
        let text = text.expose_secret().trim();
        if text.is_empty() {
            return Ok(None);
        }
        if !text.starts_with('{') {
            let secret = Secret::from(text);
            let kept = Kept::Token(Token {
                secret,
                since: None,
            });
            return Ok(Some(Stored { kept, saved: 0 }));
        }
        // The parser's own words may quote what it read.
        let read: In = serde_json::from_str(text).map_err(|_| "it is damaged".to_owned())?;
        if read.v > VERSION {
            return Err("a newer version of ghl-bm wrote it".to_owned());
        }
        let kept = match (read.token, read.app) {
            (Some(TokenIn { secret, since }), None) => Kept::Token(Token { secret, since }),
            (None, Some(app)) => Kept::App(Box::new(app)),
            _ => return Err("it is damaged".to_owned()),
        };
        let saved = read.saved;
        Ok(Some(Stored { kept, saved }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(end: &str, refresh: bool) -> Tokens {
        Tokens {
            access: Secret::from(format!("access-{end}")),
            refresh: refresh.then(|| Secret::from(format!("refresh-{end}"))),
            since: 5,
            expires: Some(86_399_005),
            class: Some("Location".to_owned()),
            location_id: Some("L".to_owned()),
            company_id: None,
            user_id: Some("U".to_owned()),
            scopes: vec!["contacts.readonly".to_owned()],
        }
    }

    fn secrets(kept: &Kept) -> Vec<Secret> {
        match kept {
            Kept::Token(token) => vec![token.secret.clone()],
            Kept::App(app) => app.secrets(),
        }
    }

    #[test]
    fn what_is_kept_comes_back_as_it_was() {
        let app = App {
            client_id: "id".to_owned(),
            client_secret: Secret::from("client \"secret\" é"),
            redirect_uri: Some("http://localhost:3000/x".to_owned()),
            tokens: tokens("1", true),
            agency: Some(tokens("2", false)),
        };
        let token = Token {
            secret: Secret::from("pit-1"),
            since: Some(7),
        };
        for kept in [Kept::App(Box::new(app)), Kept::Token(token)] {
            let stored = Stored { kept, saved: 9 };
            let text = stored.write();
            let back = Stored::read(&text).unwrap().unwrap();
            assert_eq!(back.saved, 9);
            assert_eq!(back.write().expose_secret(), text.expose_secret());
            let (secrets, same) = (secrets(&stored.kept), secrets(&back.kept));
            assert_eq!(secrets.len(), same.len());
            for secret in secrets {
                // Nothing of it is lost, and nothing is shown.
                let found = same
                    .iter()
                    .any(|s| s.expose_secret() == secret.expose_secret());
                assert!(found);
                assert!(!format!("{back:?}").contains(secret.expose_secret()));
            }
        }
    }

    #[test]
    fn bare_tokens_are_read_and_damaged_entries_told_without_their_content() {
        let read = |text: &str| Stored::read(&Secret::from(text));
        assert!(read("  ").unwrap().is_none());
        let bare = read(" pit-abc\n").unwrap().unwrap();
        assert_eq!(bare.kept.secret().expose_secret(), "pit-abc");
        assert!(matches!(bare.kept, Kept::Token(Token { since: None, .. })));
        for text in [
            "{",
            "{\"v\":1,\"saved\":1}",
            "{\"v\":1,\"saved\":1,\"token\":{\"secret\":\"sesame\"",
            "{\"v\":1,\"saved\":1,\"token\":{\"secret\":5}}",
        ] {
            assert_eq!(read(text).unwrap_err(), "it is damaged");
        }
        let newer = "{\"v\":2,\"saved\":1,\"token\":{\"secret\":\"s\",\"since\":null}}";
        assert!(read(newer).unwrap_err().contains("newer"));
    }
}
