//! Reading businesses and the contacts that belong to them. Nothing of it is written.
//! Start reading at [`Ghl::businesses`].

use std::ops::ControlFlow;

use super::Ghl;
use super::contact::{Item, Origin};
use super::pages::{Delivered, Skipping};
use super::related::{Taker, Thing};
use crate::api::http::Request;
use crate::related::Business;
use crate::remote::{Page, Receiver, RemoteError};

const BUSINESS: &[&str] = &["business"];

impl Ghl {
    /// Businesses, page after page, each once. Scope `businesses.readonly`; one call for each
    /// hundred.
    ///
    /// # Errors
    /// `Nonsense` when the list repeats itself; errors of the calls. What was delivered stays valid.
    pub fn businesses(&self, taker: &mut Taker<'_, Business>) -> Result<(), RemoteError> {
        let ask = |pages: &Skipping| self.slice(Request::get("/businesses/", &[]), pages);
        let mut delivered = Delivered::default();
        self.skip_through(&ask, "businesses", &business, &mut delivered, taker)
            .map(|_| ())
    }

    /// One business, `None` when it is not there. Scope `businesses.readonly`; one call.
    ///
    /// # Errors
    /// Errors of the call.
    pub fn business(&self, id: &str) -> Result<Option<Business>, RemoteError> {
        let request = Request::get("/businesses/{businessId}", &[id]);
        // The answers to writes misspell the key.
        self.one(&request, &["business", "buiseness"], BUSINESS, business)
    }

    /// The contacts of one business. This list shows few properties: a contact that lacks any that
    /// is wanted, or the consent where that is wanted, is read singly.
    ///
    /// Scope `contacts.readonly`. One call for each hundred contacts (25 where the service does not
    /// give more), and usually one for each contact.
    ///
    /// # Errors
    /// `Gone` when the service says that there is no such business; `Nonsense` when the list repeats
    /// itself; errors of the calls. What was delivered stays valid.
    pub fn contacts_of_business(
        &self,
        business_id: &str,
        receiver: &Receiver<'_>,
    ) -> Result<(), RemoteError> {
        let ask = |pages: &Skipping| {
            let request = Request::get("/contacts/business/{businessId}", &[business_id]);
            self.slice(request, pages)
        };
        let read = |it: &Thing<'_>| serde_json::from_value::<Item>(it.0.clone()).ok();
        let mut delivered = Delivered::default();
        let mut failed = None;
        let mut take = |items: Vec<Item>| {
            let decoded = items
                .iter()
                .filter_map(|item| item.decode(&self.wanted, Origin::Thin, self.require_consent))
                .collect();
            match self.complete(decoded) {
                Ok(contacts) => receiver(Page {
                    contacts,
                    total: None,
                }),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            }
        };
        self.skip_through(&ask, "contacts", &read, &mut delivered, &mut take)
            .map_err(|error| self.gone(error, BUSINESS))
            .and_then(|_| failed.map_or(Ok(()), Err))
    }

    /// Numbers are texts in these queries.
    fn slice(&self, request: Request, pages: &Skipping) -> Request {
        request
            .query("locationId", self.location_id.as_str())
            .query("limit", pages.limit.to_string())
            .query("skip", pages.skip.to_string())
    }
}

fn business(it: &Thing<'_>) -> Option<Business> {
    Some(Business {
        id: it.id()?,
        name: it.text("name"),
        phone: it.text("phone"),
        email: it.text("email"),
        website: it.text("website"),
        address: it.text("address"),
        city: it.text("city"),
        state: it.text("state"),
        postal_code: it.text("postalCode"),
        country: it.text("country"),
        description: it.text("description"),
        created: it.time("createdAt"),
        updated: it.time("updatedAt"),
    })
}
