//! Suppression lists: files of addresses that one campaign is told to skip.
//!
//! They stop no mail by themselves and are no place to keep opt-outs. What was uploaded cannot be
//! read back, changed or deleted (BigMailer's OpenAPI document 1.0.0). Start reading at
//! [`Bigmailer::upload_suppression_list`].

use serde_json::Value;

use super::{Bigmailer, text};
use crate::api::http::{HeaderValue, Replay};
use crate::remote::RemoteError;

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuppressionList {
    pub id: String,
    pub file_name: Option<String>,
    /// Bytes.
    pub file_size: Option<u64>,
    /// Milliseconds since 1970.
    pub created: Option<i64>,
}

impl Bigmailer {
    /// All suppression lists of the brand (OpenAPI document, "list suppression lists").
    ///
    /// # Errors
    /// Errors of the calls.
    pub fn suppression_lists(&self) -> Result<Vec<SuppressionList>, RemoteError> {
        self.all_of("/brands/{brand_id}/suppression-lists", suppression_list)
    }

    /// One suppression list (OpenAPI document, "get suppression list").
    ///
    /// # Errors
    /// `Gone` when there is no such list; errors of the call.
    pub fn get_suppression_list(&self, id: &str) -> Result<SuppressionList, RemoteError> {
        let pattern = "/brands/{brand_id}/suppression-lists/{suppression_list_id}";
        self.one(pattern, id, suppression_list)
    }

    /// Uploads a CSV file with an address in the first column of each row, and returns the new
    /// list's id (OpenAPI document, "create suppression list"). Whether a header row is skipped is
    /// not documented: leave it out.
    ///
    /// # Errors
    /// `Unclear` when no answer came; errors of the call.
    pub fn upload_suppression_list(
        &self,
        file_name: &str,
        csv: &[u8],
    ) -> Result<String, RemoteError> {
        let (content_type, body) = multipart(file_name, csv);
        let request = self
            .post(
                "/brands/{brand_id}/suppression-lists",
                &[],
                Replay::OnlyIfUnprocessed,
            )
            .bytes(body, content_type);
        self.created_id(&request)
    }
}

fn suppression_list(value: &Value) -> Option<SuppressionList> {
    Some(SuppressionList {
        id: value.get("id").and_then(text)?,
        file_name: value.get("file_name").and_then(text),
        file_size: value.get("file_size").and_then(Value::as_u64),
        // Unix seconds.
        created: value
            .get("created")
            .and_then(Value::as_i64)
            .and_then(|seconds| seconds.checked_mul(1000)),
    })
}

/// One file as `multipart/form-data`, with its content type (RFC 7578).
fn multipart(file_name: &str, content: &[u8]) -> (HeaderValue, Vec<u8>) {
    let boundary = loop {
        let boundary = format!("ghl-bm-{:016x}", fastrand::u64(..));
        let mark = boundary.as_bytes();
        if !content.windows(mark.len()).any(|window| window == mark) {
            break boundary;
        }
    };
    // As browsers escape a file name (HTML standard, "multipart/form-data encoding algorithm").
    let file_name = file_name
        .replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A");
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\
         Content-Type: text/csv\r\n\r\n"
    );
    let body = [
        head.as_bytes(),
        content,
        format!("\r\n--{boundary}--\r\n").as_bytes(),
    ]
    .concat();
    let content_type = format!("multipart/form-data; boundary={boundary}");
    let content_type = HeaderValue::from_str(&content_type)
        .unwrap_or_else(|_| HeaderValue::from_static("multipart/form-data"));
    (content_type, body)
}
