//! What an account and a brand hold besides contacts: brands, fields, lists, message types, segments.
//!
//! All of it is short, so every listing is read whole. Names are not unique except merge tags; whoever
//! makes something looks first. Start reading at [`Bigmailer::brand`] and [`Bigmailer::fields`].

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Bigmailer, flag, text};
use crate::api::http::{Answer, Replay, Request};
use crate::remote::{RemoteError, RemoteErrorKind};

/// A brand, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand {
    pub id: String,
    pub name: Option<String>,
    /// More contacts than this block sending; whether adding them is refused is not documented.
    pub contact_limit: Option<u64>,
    pub num_contacts: Option<u64>,
}

/// A field of a brand. Values are addressed by `merge_tag_name`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    pub id: String,
    pub merge_tag_name: String,
    pub name: String,
    /// `text`, `integer`, `date`, or `email` for the built-in one.
    pub kind: String,
}

/// What to change of a field; `None` leaves a part as it is. Its type cannot be changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldChange {
    pub name: Option<String>,
    /// Templates and programs that use the old tag lose the field.
    pub merge_tag_name: Option<String>,
    /// Shown in test mails.
    pub sample_value: Option<String>,
}

/// A list of a brand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct List {
    pub id: String,
    pub name: String,
    /// The system list of every contact.
    pub all: bool,
}

/// A subscription topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageType {
    pub id: String,
    pub name: String,
    /// `user`, or `all` or `account` for the system's own.
    pub kind: String,
}

/// A saved filter. Who is in it cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub id: String,
    pub name: String,
    /// `all` or `any` of its conditions; only newer answers say it.
    pub operator: Option<String>,
}

impl Bigmailer {
    /// Checks that the key works (docs.bigmailer.io/docs/getting-started-api).
    ///
    /// # Errors
    /// `Auth` when it does not; errors of the call.
    pub fn me(&self) -> Result<(), RemoteError> {
        // Documented only as the sample first call; the body is unknown.
        let request = Request::get("/me", &[]).body_ignored();
        match self.send::<Value>(&request) {
            Ok(_) => Ok(()),
            Err(error) if error.kind == RemoteErrorKind::Gone => {
                let request = Request::get("/brands", &[]).query("limit", "1");
                self.send::<Value>(&request).map(|_| ())
            }
            Err(error) => Err(error),
        }
    }

    /// All brands of the account (OpenAPI document, "list brands").
    ///
    /// # Errors
    /// Errors of the calls.
    pub fn brands(&self) -> Result<Vec<Brand>, RemoteError> {
        let brands = self.all(&Request::get("/brands", &[]))?;
        Ok(brands
            .iter()
            .map(brand)
            .filter(|brand| !brand.id.is_empty())
            .collect())
    }

    /// The brand of this client (OpenAPI document, "get brand").
    ///
    /// # Errors
    /// `Gone` when there is no such brand; errors of the call.
    pub fn brand(&self) -> Result<Brand, RemoteError> {
        let request = Request::get("/brands/{brand_id}", &[&self.brand_id]);
        let answer: Answer<Value> = self.send(&request)?;
        let mut brand = brand(&answer.value);
        if brand.id.is_empty() {
            brand.id.clone_from(&self.brand_id);
        }
        Ok(brand)
    }

    /// All fields of the brand (OpenAPI document, "list fields").
    ///
    /// # Errors
    /// Errors of the calls.
    pub fn fields(&self) -> Result<Vec<Field>, RemoteError> {
        self.all_of("/brands/{brand_id}/fields", field)
    }

    /// One field (OpenAPI document, "get field").
    ///
    /// # Errors
    /// `Gone` when there is no such field; errors of the call.
    pub fn get_field(&self, id: &str) -> Result<Field, RemoteError> {
        self.one("/brands/{brand_id}/fields/{field_id}", id, field)
    }

    /// Makes a field (`kind`: `text`, `integer` or `date`) and reads it back, because only that
    /// tells the merge tag it really got (OpenAPI document, "create field").
    ///
    /// # Errors
    /// `Taken` when the merge tag exists, `Unclear` when no answer came; errors of the calls.
    pub fn create_field(
        &self,
        name: &str,
        merge_tag: &str,
        kind: &str,
    ) -> Result<Field, RemoteError> {
        let body = json!({"name": name, "merge_tag_name": merge_tag, "type": kind});
        let id = self.make("/brands/{brand_id}/fields", &body)?;
        self.get_field(&id)
    }

    /// Changes a field (OpenAPI document, "update field"). Safe to repeat.
    ///
    /// # Errors
    /// `Gone`, `Taken` when the merge tag is another field's; errors of the call.
    pub fn update_field(&self, id: &str, change: &FieldChange) -> Result<(), RemoteError> {
        let parts = [
            ("name", &change.name),
            ("merge_tag_name", &change.merge_tag_name),
            ("sample_value", &change.sample_value),
        ];
        let body: Map<String, Value> = parts
            .into_iter()
            .filter_map(|(key, part)| Some((key.to_owned(), json!(part.as_ref()?))))
            .collect();
        if body.is_empty() {
            return Ok(());
        }
        self.change("/brands/{brand_id}/fields/{field_id}", id, &body.into())
    }

    /// Deletes a field and with it the values of all contacts (OpenAPI document, "delete field").
    /// One that is gone already is a success.
    ///
    /// # Errors
    /// Errors of the call.
    pub fn delete_field(&self, id: &str) -> Result<(), RemoteError> {
        self.remove("/brands/{brand_id}/fields/{field_id}", id)
    }

    /// All lists of the brand (OpenAPI document, "list lists").
    ///
    /// # Errors
    /// Errors of the calls.
    pub fn lists(&self) -> Result<Vec<List>, RemoteError> {
        self.all_of("/brands/{brand_id}/lists", list)
    }

    /// One list (OpenAPI document, "get list").
    ///
    /// # Errors
    /// `Gone` when there is no such list; errors of the call.
    pub fn get_list(&self, id: &str) -> Result<List, RemoteError> {
        self.one("/brands/{brand_id}/lists/{list_id}", id, list)
    }

    /// Makes a list and returns its id (OpenAPI document, "create list"). Names need not be unique:
    /// look first.
    ///
    /// # Errors
    /// `Unclear` when no answer came; errors of the call.
    pub fn create_list(&self, name: &str) -> Result<String, RemoteError> {
        self.make("/brands/{brand_id}/lists", &json!({ "name": name }))
    }

    /// Gives a list another name (OpenAPI document, "update list"). Safe to repeat.
    ///
    /// # Errors
    /// `Gone` when there is no such list; errors of the call.
    pub fn rename_list(&self, id: &str, name: &str) -> Result<(), RemoteError> {
        let pattern = "/brands/{brand_id}/lists/{list_id}";
        self.change(pattern, id, &json!({ "name": name }))
    }

    /// Deletes a list; its contacts stay (OpenAPI document, "delete list"). One that is gone already
    /// is a success.
    ///
    /// # Errors
    /// Errors of the call.
    pub fn delete_list(&self, id: &str) -> Result<(), RemoteError> {
        self.remove("/brands/{brand_id}/lists/{list_id}", id)
    }

    /// All message types, those of the system included (OpenAPI document, "list message types";
    /// without `type=all` only those that users made).
    ///
    /// # Errors
    /// Errors of the calls.
    pub fn message_types(&self) -> Result<Vec<MessageType>, RemoteError> {
        let request = Request::get("/brands/{brand_id}/message-types", &[&self.brand_id])
            .query("type", "all");
        Ok(self
            .all(&request)?
            .iter()
            .filter_map(message_type)
            .collect())
    }

    /// One message type. Like the three calls below it is not in the OpenAPI document; a third
    /// party's reading of newer pages has it (polymetrics-ai/cli).
    ///
    /// # Errors
    /// `Gone` when there is no such message type; errors of the call.
    pub fn get_message_type(&self, id: &str) -> Result<MessageType, RemoteError> {
        self.one(MESSAGE_TYPE, id, message_type)
    }

    /// Makes a message type and returns its id. Names need not be unique: look first.
    ///
    /// # Errors
    /// `Unclear` when no answer came; errors of the call.
    pub fn create_message_type(&self, name: &str) -> Result<String, RemoteError> {
        self.make("/brands/{brand_id}/message-types", &json!({ "name": name }))
    }

    /// Gives a message type another name. Safe to repeat.
    ///
    /// # Errors
    /// `Gone` when there is no such message type; errors of the call.
    pub fn rename_message_type(&self, id: &str, name: &str) -> Result<(), RemoteError> {
        self.change(MESSAGE_TYPE, id, &json!({ "name": name }))
    }

    /// Deletes a message type, and with it who had opted out of it. One that is gone already is a
    /// success.
    ///
    /// # Errors
    /// Errors of the call.
    pub fn delete_message_type(&self, id: &str) -> Result<(), RemoteError> {
        self.remove(MESSAGE_TYPE, id)
    }

    /// All segments of the brand (OpenAPI document, "list segments").
    ///
    /// # Errors
    /// Errors of the calls.
    pub fn segments(&self) -> Result<Vec<Segment>, RemoteError> {
        self.all_of("/brands/{brand_id}/segments", segment)
    }

    /// One segment (OpenAPI document, "get segment").
    ///
    /// # Errors
    /// `Gone` when there is no such segment; errors of the call.
    pub fn get_segment(&self, id: &str) -> Result<Segment, RemoteError> {
        self.one("/brands/{brand_id}/segments/{segment_id}", id, segment)
    }

    /// Everything that a short list of the brand holds and that can be read.
    pub(super) fn all_of<T>(
        &self,
        pattern: &'static str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Vec<T>, RemoteError> {
        let all = self.all(&Request::get(pattern, &[&self.brand_id]))?;
        Ok(all.iter().filter_map(read).collect())
    }

    /// One object of the brand.
    pub(super) fn one<T>(
        &self,
        pattern: &'static str,
        id: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<T, RemoteError> {
        let request = Request::get(pattern, &[&self.brand_id, id]);
        let answer: Answer<Value> = self.send(&request)?;
        read(&answer.value).ok_or_else(|| {
            let message = "the answer lacks the object's id or merge tag";
            self.http
                .fault(&request, RemoteErrorKind::Nonsense, message)
        })
    }

    fn make(&self, pattern: &'static str, body: &Value) -> Result<String, RemoteError> {
        let request = self.post(pattern, &[], Replay::OnlyIfUnprocessed);
        self.created_id(&request.json(body))
    }

    fn change(&self, pattern: &'static str, id: &str, body: &Value) -> Result<(), RemoteError> {
        let request = self.post(pattern, &[id], Replay::Always).body_optional();
        self.send::<Value>(&request.json(body)).map(|_| ())
    }
}

const MESSAGE_TYPE: &str = "/brands/{brand_id}/message-types/{message_type_id}";

fn brand(value: &Value) -> Brand {
    Brand {
        id: value.get("id").and_then(text).unwrap_or_default(),
        name: value.get("name").and_then(text),
        contact_limit: value.get("contact_limit").and_then(Value::as_u64),
        num_contacts: value.get("num_contacts").and_then(Value::as_u64),
    }
}

fn field(value: &Value) -> Option<Field> {
    Some(Field {
        id: value.get("id").and_then(text)?,
        merge_tag_name: value.get("merge_tag_name").and_then(text)?,
        name: value.get("name").and_then(text).unwrap_or_default(),
        kind: value.get("type").and_then(text).unwrap_or_default(),
    })
}

fn list(value: &Value) -> Option<List> {
    Some(List {
        id: value.get("id").and_then(text)?,
        name: value.get("name").and_then(text).unwrap_or_default(),
        all: value.get("all").and_then(flag).unwrap_or(false),
    })
}

fn message_type(value: &Value) -> Option<MessageType> {
    Some(MessageType {
        id: value.get("id").and_then(text)?,
        name: value.get("name").and_then(text).unwrap_or_default(),
        kind: value.get("type").and_then(text).unwrap_or_default(),
    })
}

fn segment(value: &Value) -> Option<Segment> {
    Some(Segment {
        id: value.get("id").and_then(text)?,
        name: value.get("name").and_then(text).unwrap_or_default(),
        operator: value.get("operator").and_then(text),
    })
}
