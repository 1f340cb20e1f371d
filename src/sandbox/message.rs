//! What passes between the listener and a service: a request taken apart and an answer to be sent.
//! It never opens a socket and knows neither service. Start with [`Request`].

use serde_json::Value;

/// What a request carried after its head.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    /// No body at all.
    Empty,
    /// A body that is JSON.
    Json(Value),
    /// A body that is not JSON; holds the parser's complaint.
    Broken(String),
}

/// One HTTP request, decoded, with nothing left of the socket it came from.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path as it was sent, percent-encoding and all, without the query.
    pub(crate) path: String,
    /// The path cut at its slashes, each piece percent-decoded; no empty pieces.
    pub(crate) segments: Vec<String>,
    /// Decoded query pairs in the order sent.
    pub(crate) query: Vec<(String, String)>,
    /// Header names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) content: Content,
    /// A body that is not JSON, as it came.
    pub(crate) raw: Vec<u8>,
}

impl Request {
    /// Takes a request target such as `/contacts?limit=3` apart.
    pub(crate) fn new(method: &str, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            segments: path
                .split('/')
                .filter(|piece| !piece.is_empty())
                .map(|piece| percent_decode(piece, false))
                .collect(),
            query: read_pairs(query),
            headers: Vec::new(),
            content: Content::Empty,
            raw: Vec::new(),
        }
    }

    /// Adds a header.
    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// Adds a body as it came over the wire.
    pub(crate) fn with_bytes(mut self, bytes: &[u8]) -> Self {
        self.content = if bytes.is_empty() {
            Content::Empty
        } else {
            match serde_json::from_slice(bytes) {
                Ok(value) => Content::Json(value),
                Err(error) => {
                    self.raw = bytes.to_vec();
                    Content::Broken(error.to_string())
                }
            }
        };
        self
    }

    /// Adds a body that is JSON already.
    #[cfg(test)]
    pub(crate) fn with_json(mut self, value: Value) -> Self {
        self.content = Content::Json(value);
        self
    }

    /// The first header of that (lower-case) name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The first query value of that name.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The pairs of a body that is a form (`application/x-www-form-urlencoded`); None if it is none.
    pub(crate) fn form(&self) -> Option<Vec<(String, String)>> {
        let kind = self.header("content-type")?.split(';').next()?.trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return None;
        }
        Some(read_pairs(&String::from_utf8_lossy(&self.raw)))
    }

    /// The path's pieces as string slices, for matching.
    pub(crate) fn route(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }
}

/// What a service says back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// An answer whose body is this JSON value.
    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self::text(status, value.to_string())
    }

    /// An answer whose body is JSON that was written out already.
    pub(crate) fn text(status: u16, body: String) -> Self {
        Self {
            status,
            content_type: "application/json; charset=utf-8",
            headers: Vec::new(),
            body: body.into_bytes(),
        }
    }

    /// A page as a proxy in front of the service would show it.
    pub(crate) fn html(status: u16) -> Self {
        Self {
            status,
            content_type: "text/html; charset=utf-8",
            headers: Vec::new(),
            body: format!(
                "<!DOCTYPE html>\n<html><head><title>{status}</title></head>\
                 <body><h1>One moment, please</h1></body></html>\n"
            )
            .into_bytes(),
        }
    }

    /// A web page that says this; the text stands in it as it is.
    pub(crate) fn page(status: u16, text: &str) -> Self {
        Self {
            status,
            content_type: "text/html; charset=utf-8",
            headers: Vec::new(),
            body: format!(
                "<!DOCTYPE html>\n<html><head><title>HighLevel sandbox</title></head>\
                 <body><p>{text}</p></body></html>\n"
            )
            .into_bytes(),
        }
    }

    /// Sends a browser to another address.
    pub(crate) fn redirect(to: impl Into<String>) -> Self {
        Self::page(302, "Found").with_header("location", to)
    }

    /// Adds a header.
    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The body as a JSON value; null when it is something else.
    #[cfg(test)]
    pub(crate) fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

/// Decoded pairs of a query or form, in the order sent.
fn read_pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (percent_decode(name, true), percent_decode(value, true))
        })
        .collect()
}

/// Undoes percent-encoding; a stray `%` stays as it is, bytes that are no UTF-8 become U+FFFD.
pub(crate) fn percent_decode(text: &str, plus_is_blank: bool) -> String {
    if !text.contains(['%', '+']) {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes
            .get(at + 1..at + 3)
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match (bytes[at], hex) {
            (b'%', Some(byte)) => {
                decoded.push(byte);
                at += 3;
            }
            (b'+', _) if plus_is_blank => {
                decoded.push(b' ');
                at += 1;
            }
            (byte, _) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_slash_does_not_split_the_path() {
        let request = Request::new("GET", "/v1/a%2Fb%2Bc@example.com/?x=1+2&y=%26&z");
        assert_eq!(request.route(), ["v1", "a/b+c@example.com"]);
        assert_eq!(request.query("x"), Some("1 2"));
        assert_eq!(request.query("y"), Some("&"));
        assert_eq!(request.query("z"), Some(""));
        assert_eq!(request.path, "/v1/a%2Fb%2Bc@example.com/");
    }

    #[test]
    fn a_form_is_read_by_its_declared_type() {
        let form = |kind: &str, body: &str| {
            Request::new("POST", "/")
                .with_header("Content-Type", kind)
                .with_bytes(body.as_bytes())
                .form()
        };
        let pairs = vec![("a".to_owned(), "b c&".to_owned())];
        let kind = "application/x-www-form-urlencoded; charset=utf-8";
        assert_eq!(form(kind, "a=b+c%26"), Some(pairs));
        assert_eq!(form(kind, ""), Some(Vec::new()));
        assert_eq!(form("application/json", "a=b"), None);
        assert_eq!(Request::new("POST", "/").form(), None);
    }

    #[test]
    fn stray_percent_signs_survive() {
        assert_eq!(percent_decode("50%", false), "50%");
        assert_eq!(percent_decode("%zz+", false), "%zz+");
    }
}
