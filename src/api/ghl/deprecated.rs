//! The list of contacts that the vendor calls deprecated: for tokens and services that do not offer
//! searching. It knows no condition but a text, and shows no do-not-disturb by channel.
//! Start reading at [`Ghl::list_deprecated`].

use serde::Deserialize;
use serde_json::Value;

use super::Ghl;
use super::contact::{Field, Item, Origin};
use super::pages::{Delivered, Following, LARGE_PAGE, Meta, Place, Turn};
use crate::api::http::{Answer, Request};
use crate::remote::{Listed, Page, Receiver, RemoteError, RemoteErrorKind};

#[derive(Deserialize)]
struct ListAnswer {
    contacts: Vec<Item>,
    /// Real, though the response schema does not have it.
    #[serde(default)]
    meta: Value,
}

impl Ghl {
    /// Delivers contacts page after page, the newest first (so third parties report).
    ///
    /// Scope `contacts.readonly`. One call for each hundred, and one for each contact where consent
    /// is wanted.
    ///
    /// # Errors
    /// `Nonsense` when the list repeats itself; errors of the calls.
    pub fn list_deprecated(
        &self,
        text: Option<&str>,
        receiver: &Receiver<'_>,
    ) -> Result<Listed, RemoteError> {
        let mut pages = Following::new();
        let mut delivered = Delivered::default();
        let mut as_of = None;
        let mut left_out = false;
        loop {
            let answer = self.sheet(text, &pages.place)?;
            as_of = as_of.or(answer.date);
            let page = answer.value;
            let meta = Meta::read(&page.meta);
            let length = page.contacts.len();
            let rebuilt = page.contacts.last().and_then(|item| {
                let row = item.row(Field::DateAdded);
                let id = Some(row.id).filter(|id| !id.is_empty())?;
                Some((row.value?.to_string(), id))
            });
            let items: Vec<Item> = page
                .contacts
                .into_iter()
                .filter(|item| match item.id() {
                    Some(id) => delivered.is_new(&id),
                    None => {
                        left_out = true;
                        false
                    }
                })
                .collect();
            let turn = pages.answered(length, items.len(), &delivered, &meta, rebuilt);
            if !items.is_empty() {
                let decoded = items
                    .iter()
                    .filter_map(|item| {
                        item.decode(&self.wanted, Origin::Index, self.require_consent)
                    })
                    .collect();
                let contacts = self.complete(decoded)?;
                let total = meta.total;
                if receiver(Page { contacts, total }).is_break() {
                    return Ok(Listed {
                        as_of,
                        complete: false,
                    });
                }
            }
            match turn {
                Turn::Next => {}
                Turn::End => {
                    return Ok(Listed {
                        as_of,
                        complete: !left_out,
                    });
                }
                Turn::Stuck => return Err(self.stuck(&self.list_request(text))),
            }
        }
    }

    fn sheet(&self, text: Option<&str>, place: &Place) -> Result<Answer<ListAnswer>, RemoteError> {
        let mut request = self.list_request(text);
        match place {
            Place::Start => {}
            Place::After(after, id) => {
                request = request
                    .query("startAfter", after.as_str())
                    .query("startAfterId", id.as_str());
            }
            // This list knows no numbers of pages.
            Place::Page(_) => return Err(self.stuck(&request)),
        }
        self.send(&request)
    }

    fn list_request(&self, text: Option<&str>) -> Request {
        let request = Request::get("/contacts/", &[])
            .query("locationId", self.location_id.as_str())
            .query("limit", LARGE_PAGE.to_string());
        match text.filter(|text| !text.is_empty()) {
            Some(text) => request.query("query", text),
            None => request,
        }
    }

    pub(super) fn stuck(&self, request: &Request) -> RemoteError {
        self.http.fault(
            request,
            RemoteErrorKind::Nonsense,
            "the listing cannot go on: a page repeats or has no cursor",
        )
    }
}
