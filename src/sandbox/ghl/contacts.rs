//! One contact: reading, creating, updating, upserting, deleting, the duplicate search, followers.
//! What a write may carry and how it lands is in `write`. Start with [`one`] and [`upsert`].

use serde_json::{Map, Value, json};

use super::super::ids;
use super::super::location::{Identity, full_name};
use super::super::order::Named;
use super::super::quirks::{BareCreate, DuplicateLag, Quirks, TakenAddress};
use super::super::shelf::text;
use super::check::{self, Form, Rule, must};
use super::write::{self, Act};
use super::{Desk, Done, Outcome, Refused, ok};

impl Desk<'_> {
    /// A number as it is stored: international, in the location's country when it does not say.
    pub(super) fn phone(&self, number: &str) -> String {
        let country = self.location.details["country"].as_str();
        write::e164(number, country.unwrap_or_default())
    }

    /// Whether the location allows duplicates, and what it tells contacts apart by, in its order.
    fn policy(&self) -> (bool, Vec<Identity>) {
        let settings = &self.location.details["settings"];
        if settings["allowDuplicateContact"] == true {
            return (true, vec![Identity::Email, Identity::Phone]);
        }
        let identifiers = settings["contactUniqueIdentifiers"].as_array();
        let identities = identifiers
            .into_iter()
            .flatten()
            .filter_map(|name| match name.as_str() {
                Some("email") => Some(Identity::Email),
                Some("phone") => Some(Identity::Phone),
                _ => None,
            })
            .collect();
        (false, identities)
    }

    /// What a body says of an identity, in the form in which it is stored.
    fn sent(&self, body: &Map<String, Value>, identity: Identity) -> Option<String> {
        let value = match identity {
            Identity::Email => text(body, "email").to_owned(),
            Identity::Phone => self.phone(text(body, "phone")),
        };
        (!value.is_empty()).then_some(value)
    }

    /// The contact that a body means, and by what; the location's order of identifiers decides.
    fn match_of(&self, body: &Map<String, Value>) -> Option<(Map<String, Value>, Identity)> {
        let (_, identities) = self.policy();
        identities.into_iter().find_map(|identity| {
            let value = self.sent(body, identity)?;
            let holders = self.location.holders(identity, &value, false);
            Some((holders.first()?.stored(), identity))
        })
    }

    /// Makes a contact of a body that matches none.
    fn make(&mut self, body: &Map<String, Value>) -> Result<Map<String, Value>, Refused> {
        if self.quirks().bare_create == BareCreate::Refuse
            && [Identity::Email, Identity::Phone]
                .iter()
                .all(|identity| self.sent(body, *identity).is_none())
        {
            return Err(Refused::bad("email or phone is required"));
        }
        let mut stored = Map::new();
        stored.insert("type".to_owned(), json!("lead"));
        stored.insert("dnd".to_owned(), json!(false));
        stored.insert("tags".to_owned(), json!([]));
        stored.insert("customFields".to_owned(), json!([]));
        let country = self.location.details["country"].clone();
        stored.insert("country".to_owned(), country);
        write::land(self, &mut stored, body)?;
        Ok(self.location.put(stored, self.ask.now).stored())
    }

    /// Stores a changed contact.
    fn change(&mut self, mut stored: Map<String, Value>) -> Map<String, Value> {
        let now = self.ask.now;
        stored.insert("dateUpdated".to_owned(), json!(ids::iso(now)));
        self.location.put(stored, now).stored()
    }
}

/// 400 for a second contact with an address or number (shape reported by many users).
fn duplicated(stored: &Map<String, Value>, identity: Identity) -> Refused {
    let meta = json!({"contactId": text(stored, "id"), "contactName": full_name(stored),
        "matchingField": identity.key()});
    Refused {
        meta: Some(meta),
        is_oauth: false,
        ..Refused::bad("This location does not allow duplicated contacts.")
    }
}

/// A contact as the single read shows it: the stored shape with its lower-cased companions.
pub(super) fn single_read(mut stored: Map<String, Value>, quirks: &Quirks) -> Value {
    stored.remove("opportunities");
    stored.remove("businessName");
    let companions = [
        ("firstNameLowerCase", stored.get("firstName")),
        ("lastNameLowerCase", stored.get("lastName")),
        ("emailLowerCase", stored.get("email")),
    ]
    .map(|(key, value)| {
        let lower = value.and_then(Value::as_str).map(str::to_lowercase);
        (key, lower)
    });
    for (key, lower) in companions {
        if let Some(lower) = lower {
            stored.insert(key.to_owned(), json!(lower));
        }
    }
    let full = full_name(&stored).to_lowercase();
    stored.insert("fullNameLowerCase".to_owned(), json!(full));
    if quirks.rcs {
        add_rcs(&mut stored);
    }
    Value::Object(stored)
}

/// Adds the channel that reads may carry and writes may not.
pub(super) fn add_rcs(shown: &mut Map<String, Value>) {
    let settings = shown.entry("dndSettings").or_insert_with(|| json!({}));
    if settings.is_object() {
        settings["RCS"] = json!({"status": "inactive"});
    }
}

/// A contact as its create shows it (`CreateContactSchema`).
fn created_read(stored: Map<String, Value>, quirks: &Quirks) -> Value {
    let day = text(&stored, "dateOfBirth").to_owned();
    let mut shown = single_read(stored, quirks);
    if let Some(date) = ids::read_date(&day) {
        shown["dateOfBirth"] = json!(format!("{day}T00:00:00.000Z"));
        shown["birthMonth"] = json!(date.month());
        shown["birthDay"] = json!(date.day());
    }
    for (key, value) in [
        ("deleted", json!(false)),
        ("bounceEmail", json!(false)),
        ("unsubscribeEmail", json!(false)),
        ("offers", json!([])),
        ("products", json!([])),
    ] {
        shown[key] = value;
    }
    shown
}

/// `GET /contacts/:id`.
pub(super) fn one(desk: &mut Desk<'_>, id: &str) -> Outcome {
    let stored = desk.contact(id)?;
    ok(json!({"contact": single_read(stored, desk.quirks())}))
}

/// `POST /contacts/`.
pub(super) fn create(desk: &mut Desk<'_>) -> Outcome {
    let body = desk.body()?.into_owned();
    write::check(Act::Create, &body, desk.quirks())?;
    desk.at_home(body["locationId"].as_str())?;
    let (allowed, _) = desk.policy();
    if !allowed && let Some((known, identity)) = desk.match_of(&body) {
        return Err(duplicated(&known, identity));
    }
    let stored = desk.make(&body)?;
    desk.created(json!({"contact": created_read(stored, desk.quirks())}))
}

/// `PUT /contacts/:id`.
pub(super) fn update(desk: &mut Desk<'_>, id: &str) -> Outcome {
    let body = desk.body()?.into_owned();
    write::check(Act::Update, &body, desk.quirks())?;
    let mut stored = desk.contact(id)?;
    let (allowed, identities) = desk.policy();
    if !allowed && desk.quirks().taken_address == TakenAddress::Refuse {
        for identity in identities {
            let (Some(new), old) = (desk.sent(&body, identity), desk.sent(&stored, identity))
            else {
                continue;
            };
            let same = old.is_some_and(|old| identity.folded(&old) == identity.folded(&new));
            let holders = desk.location.holders(identity, &new, false);
            let other = holders.iter().find(|holder| holder.id() != id);
            if let (false, Some(other)) = (same, other) {
                return Err(duplicated(&other.stored(), identity));
            }
        }
    }
    write::land(desk, &mut stored, &body)?;
    let stored = desk.change(stored);
    ok(json!({"succeded": true, "contact": single_read(stored, desk.quirks())}))
}

/// `DELETE /contacts/:id`.
pub(super) fn delete(desk: &mut Desk<'_>, id: &str) -> Outcome {
    if desk.location.delete(id, desk.ask.now) {
        ok(json!({"succeded": true}))
    } else {
        Err(desk.missing("Contact", id))
    }
}

/// `POST /contacts/upsert`. Destructive as the real one: tags are replaced, and an address that was
/// an additional one becomes the primary one while the primary one is lost (HighLevel docs
/// repository, issue 337).
pub(super) fn upsert(desk: &mut Desk<'_>) -> Outcome {
    let mut body = desk.body()?.into_owned();
    write::check(Act::Upsert, &body, desk.quirks())?;
    desk.at_home(body["locationId"].as_str())?;
    let (allowed, identities) = desk.policy();
    let anew = allowed && body.get("createNewIfDuplicateAllowed") == Some(&json!(true));
    let known = match anew {
        true => None,
        false => desk.match_of(&body),
    };
    let Some((mut stored, by)) = known else {
        let stored = desk.make(&body)?;
        let contact = single_read(stored, desk.quirks());
        return ok(json!({"new": true, "succeded": true, "contact": contact}));
    };
    // Ignored without a word on a contact that exists (issue 313).
    body.remove("gender");
    // The second identifier is not written when it is somebody else's.
    for other in identities.into_iter().filter(|identity| *identity != by) {
        let Some(value) = desk.sent(&body, other) else {
            continue;
        };
        let holders = desk.location.holders(other, &value, false);
        if holders
            .iter()
            .any(|holder| holder.id() != text(&stored, "id"))
        {
            body.remove(other.key());
        }
    }
    write::land(desk, &mut stored, &body)?;
    let email = Identity::Email.folded(text(&stored, "email"));
    if let Some(Value::Array(more)) = stored.get_mut("additionalEmails") {
        more.retain(|one| {
            let one = one.get("email").unwrap_or(one).as_str();
            one.is_none_or(|one| Identity::Email.folded(one) != email)
        });
    }
    let stored = desk.change(stored);
    let contact = single_read(stored, desk.quirks());
    ok(json!({"new": false, "succeded": true, "contact": contact}))
}

/// `GET /contacts/search/duplicate`: by what the location tells contacts apart by, the earliest of
/// several.
pub(super) fn duplicate(desk: &mut Desk<'_>) -> Outcome {
    check::query(desk.request, &["locationId"], &["email", "number"])?;
    desk.at_home(desk.request.query("locationId"))?;
    let (email, number) = (desk.request.query("email"), desk.request.query("number"));
    if email.is_none() && number.is_none() {
        let text = "Pass at least one of number, email query parameter";
        return Err(Refused::bad(text));
    }
    let behind = desk.quirks().duplicate_lag == DuplicateLag::LikeSearch;
    let (_, identities) = desk.policy();
    let found = identities.into_iter().find_map(|identity| {
        let value = match identity {
            Identity::Email => email?.to_owned(),
            Identity::Phone => desk.phone(number?),
        };
        let holders = desk.location.holders(identity, &value, behind);
        Some(holders.first()?.stored())
    });
    let shown = found.map_or(Value::Null, |stored| single_read(stored, desk.quirks()));
    ok(json!({"contact": shown}))
}

const FOLLOWERS: [Rule; 1] = [must("followers", Form::Texts)];

/// A contact, who follows it, and the users that a body names.
struct Followers {
    stored: Map<String, Value>,
    present: Vec<Value>,
    named: Vec<Value>,
}

fn followers(desk: &Desk<'_>, id: &str) -> Result<Followers, Refused> {
    let body = desk.checked(&FOLLOWERS)?;
    let stored = desk.contact(id)?;
    let list = |members: &Map<String, Value>| match members.get("followers") {
        Some(Value::Array(users)) => users.clone(),
        _ => Vec::new(),
    };
    Ok(Followers {
        present: list(&stored),
        named: list(&body),
        stored,
    })
}

/// Stores who follows a contact.
fn set_followers(desk: &mut Desk<'_>, mut stored: Map<String, Value>, present: &[Value]) {
    stored.insert("followers".to_owned(), json!(present));
    desk.change(stored);
}

/// `POST /contacts/:id/followers`.
pub(super) fn follow(desk: &mut Desk<'_>, id: &str) -> Outcome {
    let Followers {
        stored,
        mut present,
        mut named,
    } = followers(desk, id)?;
    named.retain(|user| !present.contains(user));
    present.extend(named.clone());
    set_followers(desk, stored, &present);
    Ok(Done::Body(
        201,
        json!({"followers": present, "followersAdded": named}),
    ))
}

/// `DELETE /contacts/:id/followers`, with a body.
pub(super) fn unfollow(desk: &mut Desk<'_>, id: &str) -> Outcome {
    let Followers {
        stored,
        mut present,
        mut named,
    } = followers(desk, id)?;
    named.retain(|user| present.contains(user));
    present.retain(|user| !named.contains(user));
    set_followers(desk, stored, &present);
    ok(json!({"followers": present, "followersRemoved": named}))
}

/// Campaigns and workflows of a contact: taken for granted, nothing is set going.
pub(super) fn automate(desk: &mut Desk<'_>, id: &str, status: u16, rules: &[Rule]) -> Outcome {
    desk.checked(rules)?;
    desk.contact(id)?;
    Ok(Done::Body(status, json!({"succeded": true})))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOW, complaints, send, send_with, with_ada};
    use super::*;
    use crate::sandbox::brand::members;
    use crate::sandbox::location::Location;
    use crate::sandbox::seed::{self, LOCATION_ID as L};
    use crate::sandbox::shelf::Thing;

    fn get(place: &mut Location, id: &str) -> Value {
        let (status, body) = send(place, "GET", &format!("/contacts/{id}"), Value::Null);
        assert_eq!(status, 200, "{body}");
        body["contact"].clone()
    }

    /// Puts a contact in by the back door.
    fn with(place: &mut Location, contact: Value) {
        place.put(members(contact), NOW);
    }

    fn set_policy(place: &mut Location, allowed: bool, identifiers: Value) {
        let mut details = place.details.clone();
        details["settings"]["allowDuplicateContact"] = json!(allowed);
        details["settings"]["contactUniqueIdentifiers"] = identifiers;
        place.put_details(details);
    }

    #[test]
    fn reads_one_contact_in_its_own_shape() {
        let mut place = with_ada();
        with(
            &mut place,
            json!({"id": "Z1", "firstName": "Zoë", "email": "Zoe@Example.com", "address1": "x"}),
        );
        let zoe = get(&mut place, "Z1");
        assert_eq!(zoe["firstName"], "Zoë");
        assert_eq!(zoe["firstNameLowerCase"], "zoë");
        assert_eq!(zoe["emailLowerCase"], "zoe@example.com");
        assert_eq!(zoe["address1"], "x");
        let (status, body) = send(&mut place, "GET", "/contacts/nobody", Value::Null);
        let text = json!("Contact with id nobody not found");
        assert_eq!((status, &body["message"]), (400, &text));
        let quirk = ["not-found=404"];
        let (status, _) = send_with(&quirk, &mut place, "GET", "/contacts/nobody", Value::Null);
        assert_eq!(status, 404);
    }

    #[test]
    fn creates_with_everything_that_may_be_written() {
        let mut place = with_ada();
        let plan = place.fields[1]["id"].clone();
        let body = json!({"locationId": L, "firstName": "Jörg", "lastName": "Groß",
            "email": "Joerg@Example.com", "phone": "020 7946 0102", "gender": "male",
            "address1": "1 Weg", "city": "Köln", "state": "NW", "postalCode": "50667",
            "country": "DE", "website": "https://www.example.com", "timezone": "Europe/Berlin",
            "companyName": "Groß & Co", "source": "api", "assignedTo": "u1",
            "dateOfBirth": "09/25/1990", "tags": [" VIP", "New one"], "dnd": false,
            "dndSettings": {"Email": {"status": "active", "message": "asked", "code": "1"}},
            "inboundDndSettings": {"all": {"status": "inactive"}},
            "customFields": [{"id": plan, "field_value": "Pro"}, {"key": "nickname", "fieldValue": "J"}]});
        let (status, answer) = send(&mut place, "POST", "/contacts/", body);
        assert_eq!(status, 201, "{answer}");
        let made = &answer["contact"];
        assert_eq!(made["dateOfBirth"], "1990-09-25T00:00:00.000Z");
        assert_eq!(
            (&made["birthMonth"], &made["birthDay"]),
            (&json!(9), &json!(25))
        );
        assert_eq!(
            (&made["deleted"], &made["bounceEmail"]),
            (&json!(false), &json!(false))
        );
        let read = get(&mut place, made["id"].as_str().unwrap());
        for (key, value) in [
            ("email", json!("Joerg@Example.com")),
            ("emailLowerCase", json!("joerg@example.com")),
            ("phone", json!("+442079460102")),
            ("gender", json!("male")),
            ("companyName", json!("Groß & Co")),
            ("dateOfBirth", json!("1990-09-25")),
            ("tags", json!(["vip", "new one"])),
            ("type", json!("lead")),
            ("dateAdded", json!(ids::iso(NOW))),
        ] {
            assert_eq!(read[key], value, "{key}");
        }
        assert_eq!(read["dndSettings"]["Email"]["status"], "active");
        assert_eq!(read["customFields"][0], json!({"id": plan, "value": "Pro"}));
        assert_eq!(read["customFields"][1]["value"], "J");
        assert!(place.tags.iter().any(|tag| tag["name"] == "new one"));
        assert_eq!(
            place.tags.iter().filter(|tag| tag["name"] == "vip").count(),
            1
        );
        // A name alone is taken apart; the country is the location's.
        let body = json!({"locationId": L, "name": "Maria da Silva"});
        let made = send(&mut place, "POST", "/contacts/", body).1["contact"].clone();
        assert_eq!(
            (&made["firstName"], &made["lastName"]),
            (&json!("Maria"), &json!("da Silva"))
        );
        assert_eq!(made["country"], "GB");
    }

    #[test]
    fn a_create_is_strict() {
        let mut place = with_ada();
        let mut refused = |body: Value| complaints(send(&mut place, "POST", "/contacts/", body));
        assert_eq!(refused(json!({})), ["locationId must be a string"]);
        assert_eq!(
            refused(
                json!({"locationId": L, "additionalEmails": [], "country": "Germany",
                "postalCode": null, "email": "ada", "phone": 5, "dateOfBirth": "25.09.1990",
                "tags": "vip", "dnd": "no", "customFields": {}})
            ),
            [
                "property additionalEmails should not exist",
                "email must be an email",
                "phone must be a string",
                "postalCode must be a string",
                "dnd must be a boolean value",
                "tags must be an array",
                "customFields must be an array",
                "dateOfBirth must be a valid date in one of the supported formats",
                "country must be a valid ISO31661 Alpha2 code",
            ]
        );
        assert_eq!(
            refused(json!({"locationId": L, "businessId": "b", "followers": [], "type": "lead"})),
            [
                "property businessId should not exist",
                "property followers should not exist",
                "property type should not exist"
            ]
        );
        let (status, _) = send(
            &mut place,
            "POST",
            "/contacts/",
            json!({"locationId": "other"}),
        );
        assert_eq!((status, place.len()), (403, 1));
    }

    #[test]
    fn a_second_contact_with_an_identity_is_refused() {
        let mut place = with_ada();
        let refused = |place: &mut Location, body: Value| {
            let (status, answer) = send(place, "POST", "/contacts/", body);
            assert_eq!(status, 400, "{answer}");
            assert_eq!(
                answer["message"],
                "This location does not allow duplicated contacts."
            );
            assert_eq!(answer["meta"]["contactId"], "A1");
            assert_eq!(answer["meta"]["contactName"], "Ada King");
            answer["meta"]["matchingField"].clone()
        };
        let by_email =
            json!({"locationId": L, "email": "ada@example.COM", "phone": "+49111222333"});
        assert_eq!(refused(&mut place, by_email.clone()), "email");
        let by_phone = json!({"locationId": L, "email": "b@example.com", "phone": "020 7946 0101"});
        assert_eq!(refused(&mut place, by_phone.clone()), "phone");
        set_policy(&mut place, false, json!(["email"]));
        assert_eq!(send(&mut place, "POST", "/contacts/", by_phone).0, 201);
        set_policy(&mut place, true, json!(["email", "phone"]));
        assert_eq!(send(&mut place, "POST", "/contacts/", by_email).0, 201);
        assert_eq!(place.len(), 3);
    }

    #[test]
    fn quirks_of_a_create() {
        let mut place = with_ada();
        let bare = json!({"locationId": L, "firstName": "Nobody"});
        let with = |quirk: &str, place: &mut Location, body: &Value| {
            send_with(&[quirk], place, "POST", "/contacts/", body.clone())
        };
        assert_eq!(with("bare-create=accept", &mut place, &bare).0, 201);
        let refused = with("bare-create=refuse", &mut place, &bare);
        assert_eq!(
            (refused.0, &refused.1["message"]),
            (400, &json!("email or phone is required"))
        );
        let full = json!({"locationId": L, "email": "full@example.com"});
        assert_eq!(with("bare-create=refuse", &mut place, &full).0, 201);
        let lost = json!({"locationId": L, "email": "lost@example.com"});
        complaints(with("create-answer=refused-though-done", &mut place, &lost));
        assert_eq!(place.with_email("lost@example.com").len(), 1);
        let unknown = json!({"locationId": L, "email": "cf@example.com",
            "customFields": [{"id": "NoSuchField", "field_value": "x"}]});
        assert_eq!(
            with("unknown-custom-field=refuse", &mut place, &unknown).0,
            400
        );
        let made = with("unknown-custom-field=ignore", &mut place, &unknown);
        assert_eq!(
            (made.0, &made.1["contact"]["customFields"]),
            (201, &json!([]))
        );
    }

    #[test]
    fn an_update_is_partial_and_replaces_tags() {
        let mut place = with_ada();
        let field = |at: usize| place.fields[at]["id"].as_str().unwrap().to_owned();
        let (score, interests, renewal) = (field(0), field(2), field(3));
        let put = |place: &mut Location, body: Value| {
            let (status, answer) = send(place, "PUT", "/contacts/A1", body);
            assert_eq!(
                (status, &answer["succeded"]),
                (200, &json!(true)),
                "{answer}"
            );
            let read = get(place, "A1");
            assert_eq!(answer["contact"], read);
            read
        };
        let ada = put(
            &mut place,
            json!({"city": "London", "customFields": [
                {"id": score, "field_value": 7}, {"id": interests, "field_value": ["Music", "Travel"]}]}),
        );
        assert_eq!(
            (&ada["firstName"], &ada["city"]),
            (&json!("Ada"), &json!("London"))
        );
        assert_eq!(
            (&ada["tags"], &ada["dateUpdated"]),
            (&json!(["lead"]), &json!(ids::iso(NOW)))
        );
        let ada = put(
            &mut place,
            json!({"tags": ["VIP"], "customFields": [
                {"id": interests, "field_value": ["Music"]}, {"id": renewal, "field_value": "2027-01-31"}]}),
        );
        // The other tag is gone, other fields stay, a list takes the place of the old one.
        assert_eq!(ada["tags"], json!(["vip"]));
        assert_eq!(
            ada["customFields"],
            json!([{"id": score, "value": 7}, {"id": interests, "value": ["Music"]},
                {"id": renewal, "value": "2027-01-31"}])
        );
        assert_eq!(put(&mut place, json!({"tags": []}))["tags"], json!([]));
        let refused = complaints(send(
            &mut place,
            "PUT",
            "/contacts/A1",
            json!({"customFields": [{"id": score, "field_value": "7"},
                {"id": interests, "field_value": "Music"}, {"id": renewal, "field_value": 1}]}),
        ));
        assert_eq!(
            refused,
            [
                "customFields.0.field_value must be a number conforming to the specified constraints",
                "customFields.1.field_value must be an array",
                "customFields.2.field_value must be a valid ISO 8601 date string",
            ]
        );
        let body = json!({"locationId": L, "gender": "male", "additionalEmails": [],
            "createNewIfDuplicateAllowed": true, "id": "A1"});
        let refused = complaints(send(&mut place, "PUT", "/contacts/A1", body));
        assert_eq!(refused.len(), 5);
        assert!(refused.contains(&"property locationId should not exist".to_owned()));
        assert!(refused.contains(&"property gender should not exist".to_owned()));
        assert_eq!(
            send(&mut place, "PUT", "/contacts/nobody", json!({})).0,
            400
        );
        assert_eq!(get(&mut place, "A1")["customFields"][0]["value"], 7);
    }

    #[test]
    fn how_a_field_is_emptied_is_a_quirk() {
        let after = |quirk: &str, body: Value| {
            let mut place = with_ada();
            let nickname = place.fields[5]["id"].clone();
            let mut ada = place.get("A1").unwrap().stored();
            ada.insert("city".into(), json!("London"));
            ada.insert(
                "customFields".into(),
                json!([{"id": nickname, "value": "Countess"}]),
            );
            place.put(ada, NOW);
            let body: Value =
                serde_json::from_str(&body.to_string().replace("NICK", nickname.as_str().unwrap()))
                    .unwrap();
            let (status, _) = send_with(&[quirk], &mut place, "PUT", "/contacts/A1", body);
            let ada = get(&mut place, "A1");
            let nick = ada["customFields"][0]["value"].clone();
            (status, ada["city"].clone(), nick)
        };
        let null = json!({"city": null, "customFields": [{"id": "NICK", "field_value": null}]});
        let empty = json!({"city": "", "customFields": [{"id": "NICK", "field_value": ""}]});
        let (london, nick) = (json!("London"), json!("Countess"));
        assert_eq!(
            after("clearing=null-clears", null.clone()),
            (200, Value::Null, Value::Null)
        );
        assert_eq!(
            after("clearing=null-clears", empty.clone()),
            (200, json!(""), json!(""))
        );
        for body in [&null, &empty] {
            assert_eq!(
                after("clearing=null-ignored", body.clone()),
                (200, london.clone(), nick.clone())
            );
        }
        assert_eq!(
            after("clearing=null-rejected", null),
            (422, london.clone(), nick.clone())
        );
        let field = json!({"customFields": [{"id": "NICK", "field_value": null}]});
        assert_eq!(after("clearing=null-rejected", field), (422, london, nick));
        assert_eq!(
            after("clearing=null-rejected", empty),
            (200, json!(""), json!(""))
        );
        // Never nullable.
        for key in ["postalCode", "country"] {
            assert_eq!(
                after("clearing=null-clears", json!({key: null})).0,
                422,
                "{key}"
            );
        }
    }

    #[test]
    fn quirks_of_an_update() {
        let channels = |quirk: &str| {
            let mut place = with_ada();
            let mut ada = place.get("A1").unwrap().stored();
            let off = json!({"status": "inactive"});
            ada.insert("dndSettings".into(), json!({"SMS": off, "Call": off}));
            place.put(ada, NOW);
            let body = json!({"dndSettings": {"Email": {"status": "active"}}});
            let (status, answer) = send_with(&[quirk], &mut place, "PUT", "/contacts/A1", body);
            assert_eq!(status, 200);
            let shown = &answer["contact"]["dndSettings"];
            shown
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect::<Vec<_>>()
        };
        assert_eq!(channels("dnd-siblings=keep"), ["Call", "Email", "SMS"]);
        assert_eq!(channels("dnd-siblings=wipe"), ["Email"]);
        assert_eq!(channels("rcs=present"), ["Call", "Email", "RCS", "SMS"]);
        let mut place = with_ada();
        for quirk in ["rcs=present", "rcs=absent"] {
            let body = json!({"dndSettings": {"RCS": {"status": "inactive"}}});
            let answer = send_with(&[quirk], &mut place, "PUT", "/contacts/A1", body);
            assert_eq!(
                complaints(answer),
                ["dndSettings.property RCS should not exist"]
            );
        }
        let company = json!({"companyName": "King & Co"});
        let answer = send_with(
            &["put-company=refuse"],
            &mut place,
            "PUT",
            "/contacts/A1",
            company.clone(),
        );
        assert_eq!(
            complaints(answer),
            ["property companyName should not exist"]
        );
        let (_, answer) = send(&mut place, "PUT", "/contacts/A1", company);
        assert_eq!(answer["contact"]["companyName"], "King & Co");
    }

    #[test]
    fn an_address_of_somebody_else() {
        let mut place = with_ada();
        with(
            &mut place,
            json!({"id": "B1", "firstName": "Bob", "email": "bob@example.com"}),
        );
        let body = json!({"email": "BOB@example.com", "city": "Paris"});
        let put = |quirk: &str, place: &mut Location, body: &Value| {
            send_with(&[quirk], place, "PUT", "/contacts/A1", body.clone())
        };
        let (status, answer) = put("taken-address=refuse", &mut place, &body);
        assert_eq!((status, &answer["meta"]["contactId"]), (400, &json!("B1")));
        assert!(get(&mut place, "A1")["city"].is_null());
        // One's own is fine, in any letter case and though somebody shares it.
        assert_eq!(
            put(
                "taken-address=refuse",
                &mut place,
                &json!({"email": "ada@example.com"})
            )
            .0,
            200
        );
        assert_eq!(put("taken-address=accept", &mut place, &body).0, 200);
        assert_eq!(place.with_email("bob@example.com").len(), 2);
        assert_eq!(put("taken-address=refuse", &mut place, &body).0, 200);
        set_policy(&mut place, true, json!(["email", "phone"]));
        with(&mut place, json!({"id": "C1", "phone": "+4911122233"}));
        assert_eq!(
            put(
                "taken-address=refuse",
                &mut place,
                &json!({"phone": "+49 111 222 33"})
            )
            .0,
            200
        );
    }

    #[test]
    fn a_deleted_contact_takes_along_what_hangs_on_it() {
        let mut place = with_ada();
        let task = json!({"title": "t", "dueDate": "2027-01-01", "completed": false});
        assert_eq!(send(&mut place, "POST", "/contacts/A1/tasks", task).0, 201);
        assert_eq!(
            send(
                &mut place,
                "POST",
                "/contacts/A1/notes",
                json!({"body": "n"})
            )
            .0,
            201
        );
        let (status, answer) = send(&mut place, "DELETE", "/contacts/A1", Value::Null);
        assert_eq!((status, &answer["succeded"]), (200, &json!(true)));
        assert_eq!(send(&mut place, "GET", "/contacts/A1", Value::Null).0, 400);
        assert_eq!(
            send(&mut place, "DELETE", "/contacts/A1", Value::Null).0,
            400
        );
        for thing in [Thing::Task, Thing::Note] {
            assert_eq!(place.shelf(thing).len(), 0);
        }
    }

    #[test]
    fn an_upsert_finds_and_overwrites() {
        let mut place = with_ada();
        let upsert = |place: &mut Location, mut body: Value| {
            body["locationId"] = json!(L);
            let (status, answer) = send(place, "POST", "/contacts/upsert", body);
            assert_eq!(status, 200, "{answer}");
            (answer["new"].clone(), answer["contact"].clone())
        };
        let (new, made) = upsert(
            &mut place,
            json!({"email": "new@example.com", "gender": "female", "tags": ["a"]}),
        );
        assert_eq!((new, &made["gender"]), (json!(true), &json!("female")));
        // By address: tags are gone, the gender is ignored without a word.
        let (new, ada) = upsert(
            &mut place,
            json!({"email": "ADA@example.com", "gender": "male", "tags": ["new"], "companyName": "X"}),
        );
        assert_eq!(
            (new, &ada["id"], &ada["tags"]),
            (json!(false), &json!("A1"), &json!(["new"]))
        );
        assert_eq!(
            (&ada["gender"], &ada["companyName"]),
            (&Value::Null, &json!("X"))
        );
        // By number, though the address is a new one; it is written.
        let (new, ada) = upsert(
            &mut place,
            json!({"email": "other@example.com", "phone": "020 7946 0101"}),
        );
        assert_eq!(
            (new, &ada["email"]),
            (json!(false), &json!("other@example.com"))
        );
        // Two contacts match: the first identifier decides, the second is not written.
        with(
            &mut place,
            json!({"id": "B1", "email": "bob@example.com", "phone": "+49111222333"}),
        );
        let both = json!({"email": "bob@example.com", "phone": "+442079460101"});
        let (_, bob) = upsert(&mut place, both.clone());
        assert_eq!(
            (&bob["id"], &bob["phone"]),
            (&json!("B1"), &json!("+49111222333"))
        );
        set_policy(&mut place, false, json!(["phone", "email"]));
        let (_, ada) = upsert(&mut place, both);
        assert_eq!(
            (&ada["id"], &ada["email"]),
            (&json!("A1"), &json!("other@example.com"))
        );
        // What the location does not go by is written, whoever has it.
        set_policy(&mut place, false, json!(["email"]));
        let taken = json!({"email": "other@example.com", "phone": "+49111222333"});
        assert_eq!(upsert(&mut place, taken).1["phone"], "+49111222333");
        // The flag counts only where duplicates are allowed.
        let again = json!({"email": "bob@example.com", "createNewIfDuplicateAllowed": true});
        assert_eq!(upsert(&mut place, again.clone()).0, false);
        set_policy(&mut place, true, json!(["email", "phone"]));
        assert_eq!(
            upsert(&mut place, json!({"email": "bob@example.com"})).0,
            false
        );
        assert_eq!(upsert(&mut place, again).0, true);
        let missing = send(
            &mut place,
            "POST",
            "/contacts/upsert",
            json!({"email": "x@example.com"}),
        );
        assert_eq!(complaints(missing), ["locationId must be a string"]);
    }

    #[test]
    fn an_upsert_by_an_additional_address_loses_the_primary_one() {
        let mut place = seed::location(60, 1, 0);
        let kind = place.with_email("every.type@example.com")[0].stored();
        let body = json!({"locationId": L, "email": "Second@example.com"});
        let (_, answer) = send(&mut place, "POST", "/contacts/upsert", body);
        assert_eq!(answer["new"], false);
        assert_eq!(answer["contact"]["id"], kind["id"]);
        assert_eq!(answer["contact"]["email"], "Second@example.com");
        assert_eq!(answer["contact"]["additionalEmails"], json!([]));
        assert!(place.with_email("every.type@example.com").is_empty());
    }

    #[test]
    fn the_duplicate_search_goes_by_the_locations_identifiers() {
        let mut place = seed::location(60, 1, 0);
        let ask = |place: &mut Location, query: &str| {
            let target = format!("/contacts/search/duplicate?locationId={L}{query}");
            let (status, body) = send(place, "GET", &target, Value::Null);
            (status, body["contact"]["firstName"].clone())
        };
        // The earlier one of the two that share it, in any letter case.
        assert_eq!(
            ask(&mut place, "&email=PAIR%40example.com"),
            (200, json!("Pat"))
        );
        assert_eq!(
            ask(&mut place, "&email=nobody%40example.com"),
            (200, Value::Null)
        );
        assert_eq!(
            ask(&mut place, "&email=second%40example.com"),
            (200, json!("Kind"))
        );
        assert_eq!(
            ask(&mut place, "&number=%2B442079460101"),
            (200, json!("Nora"))
        );
        // A plus that is not encoded is a blank.
        assert_eq!(ask(&mut place, "&number=+442079460101"), (200, Value::Null));
        let both = "&email=pair%40example.com&number=%2B442079460101";
        assert_eq!(ask(&mut place, both), (200, json!("Pat")));
        let one_of_two = "&email=nobody%40example.com&number=%2B442079460101";
        assert_eq!(ask(&mut place, one_of_two), (200, json!("Nora")));
        set_policy(&mut place, false, json!(["phone", "email"]));
        assert_eq!(ask(&mut place, both), (200, json!("Nora")));
        set_policy(&mut place, false, json!(["email"]));
        assert_eq!(
            ask(&mut place, "&number=%2B442079460101"),
            (200, Value::Null)
        );
        set_policy(&mut place, true, json!(["phone"]));
        assert_eq!(ask(&mut place, both), (200, json!("Pat")));
        assert_eq!(ask(&mut place, "").0, 400);
        assert_eq!(ask(&mut place, "&email=a@b.co&phone=1").0, 422);
        let no_location = "/contacts/search/duplicate?email=pair%40example.com";
        assert_eq!(send(&mut place, "GET", no_location, Value::Null).0, 422);
        let elsewhere = "/contacts/search/duplicate?locationId=other&email=pair%40example.com";
        assert_eq!(send(&mut place, "GET", elsewhere, Value::Null).0, 403);
    }

    #[test]
    fn the_duplicate_search_can_be_behind() {
        let mut place = seed::location(0, 1, 1_000);
        let body = json!({"locationId": L, "email": "late@example.com", "phone": "+4915112345"});
        assert_eq!(send(&mut place, "POST", "/contacts/", body).0, 201);
        let found = |quirk: &str, place: &mut Location, query: &str| {
            let target = format!("/contacts/search/duplicate?locationId={L}&{query}");
            !send_with(&[quirk], place, "GET", &target, Value::Null).1["contact"].is_null()
        };
        let late = "email=late@example.com";
        assert!(found("duplicate-lag=none", &mut place, late));
        assert!(!found("duplicate-lag=like-search", &mut place, late));
        place.settle(NOW + 1_000);
        assert!(found("duplicate-lag=like-search", &mut place, late));
        // An old address is still found, the new one not yet.
        let id = place.with_email("late@example.com")[0].stored()["id"].clone();
        let target = format!("/contacts/{}", id.as_str().unwrap());
        send(
            &mut place,
            "PUT",
            &target,
            json!({"email": "later@example.com"}),
        );
        assert!(found("duplicate-lag=like-search", &mut place, late));
        assert!(!found(
            "duplicate-lag=like-search",
            &mut place,
            "email=later@example.com"
        ));
        assert!(!found("duplicate-lag=none", &mut place, late));
        assert!(found(
            "duplicate-lag=none",
            &mut place,
            "email=later@example.com"
        ));
    }

    #[test]
    fn followers_campaigns_and_workflows() {
        let mut place = with_ada();
        let target = "/contacts/A1/followers";
        let (status, body) = send(
            &mut place,
            "POST",
            target,
            json!({"followers": ["u1", "u2"]}),
        );
        assert_eq!(
            (status, &body["followersAdded"]),
            (201, &json!(["u1", "u2"]))
        );
        let (_, body) = send(
            &mut place,
            "POST",
            target,
            json!({"followers": ["u2", "u3"]}),
        );
        assert_eq!(body["followersAdded"], json!(["u3"]));
        let (status, body) = send(
            &mut place,
            "DELETE",
            target,
            json!({"followers": ["u1", "u9"]}),
        );
        assert_eq!((status, &body["followersRemoved"]), (200, &json!(["u1"])));
        assert_eq!(get(&mut place, "A1")["followers"], json!(["u2", "u3"]));
        complaints(send(&mut place, "POST", target, json!({})));
        let mut status =
            |method: &str, target: &str, body: Value| send(&mut place, method, target, body).0;
        assert_eq!(status("POST", "/contacts/A1/campaigns/c1", json!({})), 201);
        assert_eq!(
            status("POST", "/contacts/A1/campaigns/c1", json!({"x": 1})),
            422
        );
        assert_eq!(
            status("DELETE", "/contacts/A1/campaigns/removeAll", Value::Null),
            200
        );
        assert_eq!(
            status("POST", "/contacts/nobody/campaigns/c1", json!({})),
            400
        );
        let start = |text: &str| json!({"eventStartTime": text});
        let workflow = "/contacts/A1/workflow/w1";
        assert_eq!(
            status("POST", workflow, start("2021-06-23T03:30:00+01:00")),
            200
        );
        assert_eq!(status("POST", workflow, start("2021-06-23T03:30:00")), 422);
        assert_eq!(status("DELETE", workflow, json!({})), 200);
    }
}
