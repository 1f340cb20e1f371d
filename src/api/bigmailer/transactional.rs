//! Transactional campaigns: mails to one person, sent by a call.
//!
//! The only calls of this client that mail anybody. Nothing is ever sent twice because of a lost
//! answer: whoever asked for the mail is told that the outcome is unclear, and decides. Vendor facts
//! are from docs.bigmailer.io/docs/transactional-api. Start reading at [`Bigmailer::send_mail`].

use serde_json::{Map, Value, json};

use super::{Bigmailer, text};
use crate::api::http::{Answer, Replay};
use crate::contact::FieldValue;
use crate::remote::RemoteError;

/// A campaign that mails can be sent by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionalCampaign {
    pub id: String,
    pub name: String,
    /// Such as `draft` or `active`.
    pub status: Option<String>,
    /// Whoever is sent to joins this list.
    pub list_id: Option<String>,
}

/// One mail. The contact is made if it is not there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mail {
    pub email: String,
    /// Stored on the contact.
    pub values: Vec<(String, FieldValue)>,
    /// For this mail only: name and value.
    pub variables: Vec<(String, String)>,
}

impl Bigmailer {
    /// All transactional campaigns of the brand (OpenAPI document, "list transactional campaigns").
    ///
    /// # Errors
    /// Errors of the calls.
    pub fn transactional_campaigns(&self) -> Result<Vec<TransactionalCampaign>, RemoteError> {
        self.all_of("/brands/{brand_id}/transactional-campaigns", campaign)
    }

    /// One transactional campaign (OpenAPI document, "get transactional campaign").
    ///
    /// # Errors
    /// `Gone` when there is no such campaign; errors of the call.
    pub fn get_transactional_campaign(
        &self,
        id: &str,
    ) -> Result<TransactionalCampaign, RemoteError> {
        let pattern = "/brands/{brand_id}/transactional-campaigns/{campaign_id}";
        self.one(pattern, id, campaign)
    }

    /// Sends one mail now, and returns the id of the contact, where the answer says it. Creates or
    /// updates the contact and adds it to the campaign's list. **Not** safe to repeat: it is sent
    /// again only when the service turned the call away before it did anything.
    ///
    /// # Errors
    /// `Unclear` when no answer came: the mail may have gone out. `Gone` when there is no such
    /// campaign; errors of the call.
    pub fn send_mail(&self, campaign_id: &str, mail: &Mail) -> Result<Option<String>, RemoteError> {
        let request = self
            .post(
                "/brands/{brand_id}/transactional-campaigns/{campaign_id}/send",
                &[campaign_id],
                Replay::OnlyIfUnprocessed,
            )
            // A success is a success; that it says no more must not make it look doubtful.
            .body_optional();
        let mut body = Map::new();
        body.insert("email".to_owned(), json!(mail.email));
        let values = self.encode_values(&request, &mail.values)?;
        if !values.is_empty() {
            body.insert("field_values".to_owned(), Value::Array(values));
        }
        if !mail.variables.is_empty() {
            let variables = mail.variables.iter();
            let variables: Vec<Value> = variables
                .map(|(name, value)| json!({"name": name, "value": value}))
                .collect();
            body.insert("variables".to_owned(), Value::Array(variables));
        }
        let answer: Answer<Value> = self.send(&request.json(&body))?;
        Ok(answer.value.get("contact_id").and_then(text))
    }
}

fn campaign(value: &Value) -> Option<TransactionalCampaign> {
    Some(TransactionalCampaign {
        id: value.get("id").and_then(text)?,
        name: value.get("name").and_then(text).unwrap_or_default(),
        status: value.get("status").and_then(text),
        list_id: value.get("list_id").and_then(text),
    })
}
