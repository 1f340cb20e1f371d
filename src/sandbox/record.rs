//! What went over the wire, kept in a file: one request with its answer a line, as JSON. For
//! checking both against the vendors' documents; it never looks at what they mean.
//! Start with [`Recorder::write`].
//!
//! | key | holds |
//! | --- | --- |
//! | `service` | `ghl` or `bigmailer` |
//! | `method`, `target` | of the request, as sent |
//! | `headers`, `body` | of the request; names in lower case, a body that is not UTF-8 mended |
//! | `status`, `answer_headers`, `answer` | of the answer |
//! | `whole` | false when the connection was cut before the answer's end |

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};

use super::message::Request;
use super::server::{Ending, Reply};

/// An open file that exchanges are added to; several sandboxes may share it.
#[derive(Debug)]
pub(crate) struct Recorder(Mutex<File>);

impl Recorder {
    /// Opens a file, or makes it; what it holds stays.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self(Mutex::new(file)))
    }

    /// Adds one exchange. If that fails the answer goes out all the same.
    pub(crate) fn write(&self, service: &str, asked: &Asked, reply: &Reply) {
        let answer = &reply.answer;
        let answer_headers: Map<String, Value> = [("content-type", answer.content_type.to_owned())]
            .into_iter()
            .chain(answer.headers.iter().cloned())
            .map(|(name, value)| (name.to_ascii_lowercase(), json!(value)))
            .collect();
        let mut line = json!({
            "service": service,
            "method": asked.method,
            "target": asked.target,
            "headers": asked.headers,
            "body": asked.body,
            "status": answer.status,
            "answer_headers": answer_headers,
            "answer": String::from_utf8_lossy(&answer.body),
            "whole": reply.ending == Ending::Whole,
        })
        .to_string();
        line.push('\n');
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // One write a line, so that lines of several processes do not mix.
        let _ = file.write_all(line.as_bytes());
    }
}

/// A request as it came.
pub(crate) struct Asked {
    method: String,
    target: String,
    headers: Map<String, Value>,
    body: String,
}

impl Asked {
    pub(crate) fn new(target: &str, request: &Request, body: &[u8]) -> Self {
        let headers = request.headers.iter().cloned();
        Self {
            method: request.method.clone(),
            target: target.to_owned(),
            headers: headers.map(|(name, value)| (name, json!(value))).collect(),
            body: String::from_utf8_lossy(body).into_owned(),
        }
    }
}
