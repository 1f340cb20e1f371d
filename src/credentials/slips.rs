//! What people paste for a secret, put right or refused. Pure. Start reading at [`clean`].

use secrecy::ExposeSecret;

use crate::contact::Side;

use super::{Cleaned, CredentialError, Secret, noun};

/// Longer than any token seen: HighLevel's access tokens are JWTs of one to four thousand signs.
pub(super) const LONGEST_SECRET: usize = 16 * 1024;

/// Makes a secret of what somebody pasted, piped or set: takes away what surely does not belong to
/// it and refuses what surely is none of this side's.
pub(crate) fn clean(side: Side, text: &str) -> Result<Cleaned, CredentialError> {
    let refuse = |message: String| {
        Err(CredentialError::Unusable {
            side,
            origin: None,
            message,
        })
    };
    let noun = format!("{} {}", side.title(), noun(side));
    let blank = |letter: char| letter.is_whitespace() || letter == '\u{feff}';
    let mut rest = text.trim_matches(blank);
    let mut notes = Vec::new();
    loop {
        let note = if let Some(inner) = without_quotes(rest) {
            rest = inner;
            "the quotes around it were removed"
        } else if let Some(inner) = without_scheme(rest) {
            rest = inner;
            "the word Bearer before it was removed"
        } else {
            break;
        };
        rest = rest.trim_matches(blank);
        if !notes.iter().any(|known| known == note) {
            notes.push(note.to_owned());
        }
    }

    if rest.is_empty() {
        return refuse(format!("the {noun} is empty"));
    }
    if rest.len() > LONGEST_SECRET {
        return refuse(format!("this is too long for a {noun}"));
    }
    if rest.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
        return refuse(format!(
            "the {noun} has a blank or a line break inside; copy it alone and whole"
        ));
    }
    if !rest.is_ascii() {
        return refuse(format!(
            "the {noun} has a sign that no token has, such as a typographic dash or quote; copy it \
             from where it was made"
        ));
    }
    match side {
        Side::Ghl if is_uuid(rest) => refuse(
            "this looks like a BigMailer key; HighLevel's private integration tokens begin with \
             `pit-`"
                .to_owned(),
        ),
        Side::Bigmailer if is_private_integration_token(rest) => refuse(
            "this looks like a HighLevel private integration token, not a BigMailer API key"
                .to_owned(),
        ),
        Side::Bigmailer if is_jwt(rest) => refuse(
            "this looks like a HighLevel access token (a JWT), not a BigMailer API key".to_owned(),
        ),
        _ => Ok(Cleaned {
            secret: Secret::from(rest),
            notes,
        }),
    }
}

fn without_quotes(text: &str) -> Option<&str> {
    [
        ('"', '"'),
        ('\'', '\''),
        ('`', '`'),
        ('“', '”'),
        ('„', '“'),
        ('‘', '’'),
        ('«', '»'),
    ]
    .into_iter()
    .find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close))
}

fn without_scheme(text: &str) -> Option<&str> {
    const SCHEME: &str = "bearer";
    let (word, rest) = text.split_at_checked(SCHEME.len())?;
    (word.eq_ignore_ascii_case(SCHEME) && rest.starts_with(char::is_whitespace)).then_some(rest)
}

/// BigMailer's documented sample key has this shape (BigMailer reference, authentication); a key of
/// another shape is still taken.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.concat().bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// HighLevel's private integration tokens are `pit-` and a UUID (HighLevel, private integrations).
fn is_private_integration_token(text: &str) -> bool {
    text.get(..4)
        .is_some_and(|begin| begin.eq_ignore_ascii_case("pit-"))
}

/// Three parts of base64url with dots between them, the first beginning like `{"`.
fn is_jwt(text: &str) -> bool {
    text.starts_with("eyJ")
        && text.split('.').count() == 3
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.=".contains(&byte))
}

/// The last four signs after an ellipsis, enough to tell two secrets apart; the ellipsis alone when
/// four signs would be too much of it.
pub(crate) fn masked_tail(secret: &Secret) -> String {
    const SHORTEST: usize = 12;
    let text = secret.expose_secret();
    let letters = text.chars().count();
    let hidden = if letters < SHORTEST {
        letters
    } else {
        letters - 4
    };
    let tail: String = text.chars().skip(hidden).collect();
    format!("…{tail}")
}

/// What sort of secret it is, by its looks.
pub(crate) fn kind(side: Side, secret: &Secret) -> &'static str {
    match side {
        Side::Bigmailer => "API key",
        Side::Ghl if is_private_integration_token(secret.expose_secret()) => {
            "private integration token"
        }
        Side::Ghl => "access token",
    }
}
