//! The pages of every list: cursor, end, and what to make of a cursor that leads back.
//!
//! Knows nothing of what is listed. Start reading at [`Pages::next`].

use std::collections::HashSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Bigmailer, PAGE, flag, hash, text};
use crate::api::http::{Answer, Request};
use crate::remote::{RemoteError, RemoteErrorKind};

/// The envelope of every list. `data` must be there: an answer without it is no empty page.
#[derive(Deserialize)]
pub(super) struct PageAnswer<T> {
    pub(super) data: Vec<T>,
    #[serde(default)]
    has_more: Value,
    #[serde(default)]
    cursor: Value,
    #[serde(default)]
    pub(super) total: Value,
}

impl<T> PageAnswer<T> {
    fn cursor(&self) -> Option<String> {
        text(&self.cursor)
    }
}

/// Walks the pages of a list.
pub(super) struct Pages {
    request: Request,
    /// Of the page to be asked for next.
    pub(super) cursor: Option<String>,
    /// Hashes of the cursors followed so far.
    followed: HashSet<u64>,
    /// Nothing follows.
    over: bool,
    /// The service said so itself.
    pub(super) ended: bool,
}

impl Pages {
    pub(super) fn new(request: Request) -> Pages {
        Pages {
            request: request.query("limit", PAGE),
            cursor: None,
            followed: HashSet::new(),
            over: false,
            ended: false,
        }
    }

    /// The cursor of the next page, if one follows.
    pub(super) fn following(&self) -> Option<&str> {
        self.cursor.as_deref().filter(|_| !self.over)
    }

    /// The next page, or `None` at the end.
    ///
    /// A page whose cursor leads back is asked for once more: the service may have repeated a page.
    pub(super) fn next<T: DeserializeOwned>(
        &mut self,
        client: &Bigmailer,
    ) -> Result<Option<Answer<PageAnswer<T>>>, RemoteError> {
        if self.over {
            return Ok(None);
        }
        let request = match &self.cursor {
            Some(cursor) => self.request.clone().query("cursor", cursor.as_str()),
            None => self.request.clone(),
        };
        for _ in 0..2 {
            let answer: Answer<PageAnswer<T>> = client.send(&request)?;
            let page = &answer.value;
            let cursor = page.cursor();
            let more = match flag(&page.has_more) {
                Some(more) => more,
                // Without the word, a cursor on a page with contacts is taken for more.
                None => cursor.is_some() && !page.data.is_empty(),
            };
            if !more {
                self.over = true;
                self.ended = flag(&page.has_more).is_some() || page.data.is_empty();
                return Ok(Some(answer));
            }
            if let Some(cursor) = cursor
                && self.followed.insert(hash(&cursor))
            {
                self.cursor = Some(cursor);
                return Ok(Some(answer));
            }
        }
        Err(client.http.fault(
            &request,
            RemoteErrorKind::Nonsense,
            "the listing's cursor leads back to where it was",
        ))
    }
}
