//! The people of the made-up world: a few dozen awkward ones, then as many ordinary ones as wanted.
//! The same seed always makes the same world. Every address is in a domain reserved for examples.
//! Start with [`location`] and [`brand`]; the awkward ones are in [`awkward`], what hangs on people
//! in [`things`].

mod things;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::brand::{Brand, Kind, members};
use super::ids;
use super::location::{App, Bearer, Location, Settings};
use things::Things;

/// The token with every scope.
pub(crate) const GHL_TOKEN: &str = "pit-5a4dbe11-7c3e-4f0a-9b6d-2f1e0c9a8b77";
/// A token that may read everything and write nothing.
pub(crate) const GHL_READONLY_TOKEN: &str = "pit-5a4dbe11-0000-4000-8000-4ead0417c004";
/// A token that may read contacts and nothing else.
pub(crate) const GHL_CONTACTS_ONLY_TOKEN: &str = "pit-5a4dbe11-0000-4000-8000-c0747ac75001";
/// A token of the agency, which location endpoints refuse.
pub(crate) const GHL_AGENCY_TOKEN: &str = "pit-5a4dbe11-0000-4000-8000-a6e0c7000002";
/// A token of another location.
pub(crate) const GHL_OTHER_LOCATION_TOKEN: &str = "pit-5a4dbe11-0000-4000-8000-0f0e10c00003";
/// The location.
pub(crate) const LOCATION_ID: &str = "SandboxLocation00001";
/// The key with every permission.
pub(crate) const BIGMAILER_KEY: &str = "b16a11e4-5a4d-4be1-8a0c-5eed00000001";
/// The agency that the location belongs to.
pub(crate) const COMPANY_ID: &str = "SandboxCompany000001";
/// The brand.
pub(crate) const BRAND_ID: &str = "5a4dbe11-b4a1-4d00-8b16-000000000001";

/// 2026-10-01T00:00:00Z: nothing in a fresh world is younger.
const YOUNGEST: i64 = 1_790_812_800_000;
const DAY: i64 = 86_400_000;
/// Contacts came in over this many days before [`YOUNGEST`].
const SPREAD_DAYS: i64 = 730;

const READ_SCOPES: [&str; 7] = [
    "contacts.readonly",
    "locations.readonly",
    "locations/customFields.readonly",
    "locations/tags.readonly",
    "locations/tasks.readonly",
    "opportunities.readonly",
    "businesses.readonly",
];
const SCOPES: [&str; 12] = [
    READ_SCOPES[0],
    READ_SCOPES[1],
    READ_SCOPES[2],
    READ_SCOPES[3],
    READ_SCOPES[4],
    READ_SCOPES[5],
    READ_SCOPES[6],
    "contacts.write",
    "locations/customFields.write",
    "locations/tags.write",
    "opportunities.write",
    "businesses.write",
];

/// Custom fields: key, name, data type, picklist.
const FIELDS: [(&str, &str, &str, &[&str]); 15] = [
    ("lead_score", "Lead score", "NUMERICAL", &[]),
    ("plan", "Plan", "SINGLE_OPTIONS", &["Free", "Basic", "Pro"]),
    (
        "interests",
        "Interests",
        "MULTIPLE_OPTIONS",
        &["Music", "Books; old ones", "Food, drink", "Travel"],
    ),
    ("renewal", "Renewal", "DATE", &[]),
    ("notes", "Notes", "LARGE_TEXT", &[]),
    ("nickname", "Nickname", "TEXT", &[]),
    ("budget", "Budget", "MONETORY", &[]),
    (
        "agreements",
        "Agreements",
        "CHECKBOX",
        &["Terms", "Newsletter"],
    ),
    ("contact_by", "Contact by", "RADIO", &["E-mail", "Phone"]),
    ("work_phone", "Work phone", "PHONE", &[]),
    ("work_email", "Work e-mail", "EMAIL", &[]),
    ("contract", "Contract", "FILE_UPLOAD", &[]),
    ("sizes", "Sizes", "TEXTBOX_LIST", &[]),
    ("visits", "Visits", "NUMERICAL", &[]),
    ("first_order", "First order", "DATE", &[]),
];

const TAGS: [&str; 9] = [
    "customer",
    "lead",
    "newsletter",
    "internal",
    "vip",
    "event 2026",
    "café",
    "semi;colon, and \"quotes\"",
    "a tag with a name so long that it does not fit into a list name",
];

const FIRST: [&str; 16] = [
    "Ada", "Grace", "Edsger", "Barbara", "Donald", "Radia", "Ken", "Frances", "Alan", "Mary",
    "Niklaus", "Karen", "Dennis", "Hedy", "John", "Sophie",
];
const LAST: [&str; 15] = [
    "Lovelace", "Hopper", "Dijkstra", "Liskov", "Knuth", "Perlman", "Thompson", "Allen", "Turing",
    "Jackson", "Wirth", "Jones", "Ritchie", "Lamarr", "Wilson",
];
const CITIES: [(&str, &str); 5] = [
    ("London", "GB"),
    ("Paris", "FR"),
    ("Utrecht", "NL"),
    ("Austin", "US"),
    ("Oslo", "NO"),
];
const SOURCES: [&str; 4] = ["website", "referral", "import", "event"];

/// Id of the custom field with this key; the same in every world.
fn field_id(key: &str) -> String {
    let mut mark = 0xcbf2_9ce4_8422_2325_u64;
    for byte in key.bytes() {
        mark = (mark ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    ids::letters(&mut fastrand::Rng::with_seed(mark))
}

/// A UUID made from a small number, for fields, lists and other tables of the brand.
fn fixed_uuid(kind: u16, number: usize) -> String {
    format!("5a4dbe11-{kind:04x}-4000-8000-{number:012x}")
}

/// The app as it is registered in the world of a seed; nobody has installed it.
pub(crate) fn app(seed: u64) -> Settings {
    let mut rng = fastrand::Rng::with_seed(seed ^ 0xbb67_ae85);
    let tail: String = ids::letters(&mut rng)
        .to_lowercase()
        .chars()
        .take(8)
        .collect();
    // The agency's own scopes beside those of a location (HighLevel docs, scopes page).
    let scopes = SCOPES.iter().chain(&["oauth.readonly", "oauth.write"]);
    Settings {
        client_id: format!("{}-{tail}", ids::hex(&mut rng, 24)),
        client_secret: ids::uuid_text(ids::uuid(&mut rng)),
        version_id: ids::hex(&mut rng, 24),
        name: "Sandbox app".to_owned(),
        scopes: scopes.map(|scope| (*scope).to_owned()).collect(),
        redirect_uris: vec!["https://example.com/callback".to_owned()],
        loopback_redirects: true,
        installed: BTreeMap::new(),
        location_paused: false,
    }
}

/// A location with its tokens and its app, and nothing else.
pub(crate) fn bare_location(lag: i64, seed: u64, rng: fastrand::Rng) -> Location {
    let mut location = Location::new(LOCATION_ID, App::new(app(seed)), lag, rng);
    location.tokens = vec![
        (GHL_TOKEN.to_owned(), Bearer::Location(&SCOPES)),
        (
            GHL_READONLY_TOKEN.to_owned(),
            Bearer::Location(&READ_SCOPES),
        ),
        (
            GHL_CONTACTS_ONLY_TOKEN.to_owned(),
            Bearer::Location(&["contacts.readonly"]),
        ),
        (GHL_AGENCY_TOKEN.to_owned(), Bearer::Agency),
        (GHL_OTHER_LOCATION_TOKEN.to_owned(), Bearer::Elsewhere),
    ];
    location
}

/// A brand with its key and nothing else.
pub(crate) fn bare_brand(rng: fastrand::Rng) -> Brand {
    Brand::new(BRAND_ID, BIGMAILER_KEY, rng)
}

/// The seeded location with so many contacts.
pub(crate) fn location(contacts: usize, seed: u64, lag: i64) -> Location {
    let rng = fastrand::Rng::with_seed(seed ^ 0x6a09_e667);
    let mut location = bare_location(lag, seed, rng);
    location.details = json!({
        "id": LOCATION_ID, "companyId": COMPANY_ID, "name": "Sandbox Ltd",
        "address": "1 Example Street", "city": "London", "country": "GB", "postalCode": "E1 6AN",
        "website": "https://www.example.com", "timezone": "Europe/London",
        "firstName": "Sandy", "lastName": "Box", "email": "owner@example.com", "phone": "+442079460000",
        "settings": {"allowDuplicateContact": false, "allowDuplicateOpportunity": false,
            "allowFacebookNameMerge": false, "disableContactTimezone": false,
            "contactUniqueIdentifiers": ["email", "phone"]}
    });
    location.fields = FIELDS
        .iter()
        .enumerate()
        .map(|(position, (key, name, kind, options))| {
            let mut field = json!({"id": field_id(key), "name": name, "fieldKey": format!("contact.{key}"),
                "placeholder": "", "dataType": kind, "position": position * 50,
                "locationId": LOCATION_ID, "model": "contact"});
            if !options.is_empty() {
                field["picklistOptions"] = json!(options);
            }
            field
        })
        .collect();
    location
        .fields
        .push(json!({"id": field_id("deal_size"), "name": "Deal size",
        "fieldKey": "opportunity.deal_size", "dataType": "NUMERICAL", "position": 0,
        "locationId": LOCATION_ID, "model": "opportunity"}));
    location.tags = TAGS
        .iter()
        .map(|tag| json!({"id": field_id(tag), "name": tag, "locationId": LOCATION_ID}))
        .collect();
    let few = awkward(&mut fastrand::Rng::with_seed(0)).len();
    let mut things = Things::new(seed, few);
    let people = people(contacts, seed).enumerate();
    location.fill(people.map(|(number, mut contact)| {
        things.hang(number, &mut contact);
        contact
    }));
    things.shelve(&mut location);
    location
}

/// So many contacts: the awkward ones first.
fn people(contacts: usize, seed: u64) -> impl Iterator<Item = Map<String, Value>> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let awkward = awkward(&mut rng);
    let few = awkward.len();
    let mut awkward = awkward.into_iter();
    (0..contacts).map(move |number| match awkward.next() {
        Some(contact) => contact,
        None => ordinary(number - few, &mut rng),
    })
}

/// Name and address of the n-th ordinary contact, whatever the seed.
fn ordinary_name(number: usize) -> (&'static str, &'static str, String) {
    let first = FIRST[number % FIRST.len()];
    let last = LAST[(number / FIRST.len()) % LAST.len()];
    let domain = ["example.com", "example.org", "example.net"][number % 3];
    let email = format!("{first}.{last}.{number}@{domain}").to_lowercase();
    (first, last, email)
}

/// `dateAdded` and a later `dateUpdated`.
fn dates(rng: &mut fastrand::Rng) -> (i64, i64) {
    let added = YOUNGEST - rng.i64(1..SPREAD_DAYS * DAY);
    (added, rng.i64(added..YOUNGEST))
}

fn frame(rng: &mut fastrand::Rng) -> Map<String, Value> {
    let (added, updated) = dates(rng);
    members(
        json!({"id": ids::letters(rng), "locationId": LOCATION_ID, "type": "lead",
        "dnd": false, "tags": [], "customFields": [],
        "dateAdded": ids::iso(added), "dateUpdated": ids::iso(updated)}),
    )
}

fn ordinary(number: usize, rng: &mut fastrand::Rng) -> Map<String, Value> {
    let (first, last, email) = ordinary_name(number);
    let mut contact = frame(rng);
    let mut set = |key: &str, value: Value| contact.insert(key.to_owned(), value);
    set("firstName", json!(first));
    set("lastName", json!(last));
    set("email", json!(email));
    let (city, country) = CITIES[rng.usize(..CITIES.len())];
    set("city", json!(city));
    set("country", json!(country));
    set("source", json!(SOURCES[rng.usize(..SOURCES.len())]));
    let customer = rng.u8(..10) < 4;
    set("type", json!(if customer { "customer" } else { "lead" }));
    let mut tags = vec![if customer { "customer" } else { "lead" }];
    for (tag, of_ten) in [("newsletter", 5), ("vip", 1), ("event 2026", 2)] {
        if rng.u8(..10) < of_ten {
            tags.push(tag);
        }
    }
    set("tags", json!(tags));
    if rng.u8(..10) < 7 {
        set("phone", json!(format!("+1555{number:07}")));
    }
    if rng.u8(..10) < 3 {
        set("companyName", json!(format!("{last} & Co")));
        set(
            "address1",
            json!(format!("{} Example Street", rng.u16(1..300))),
        );
        set(
            "postalCode",
            json!(format!("{:05}", rng.u32(10_000..99_999))),
        );
    }
    if rng.u8(..10) < 3 {
        set("dateOfBirth", json!(day(rng, 1950, 2004)));
    }
    let status = match rng.u8(..50) {
        0 => "active",
        1 => "permanent",
        _ => "inactive",
    };
    set("dndSettings", json!({"Email": {"status": status}}));
    let mut fields = vec![json!({"id": field_id("lead_score"), "value": rng.u8(..100)})];
    if rng.u8(..10) < 5 {
        let plan = ["Free", "Basic", "Pro"][rng.usize(..3)];
        fields.push(json!({"id": field_id("plan"), "value": plan}));
    }
    if rng.u8(..10) < 3 {
        fields.push(json!({"id": field_id("renewal"), "value": day(rng, 2026, 2028)}));
    }
    set("customFields", Value::Array(fields));
    contact
}

fn day(rng: &mut fastrand::Rng, from: u16, until: u16) -> String {
    format!(
        "{}-{:02}-{:02}",
        rng.u16(from..until),
        rng.u8(1..13),
        rng.u8(1..29)
    )
}

/// The contacts that break careless programs; fewer than 40, in a fixed order.
fn awkward(rng: &mut fastrand::Rng) -> Vec<Map<String, Value>> {
    let value = |key: &str, value: Value| json!({"id": field_id(key), "value": value});
    let long = format!("{}@example.com", "a-very-long-local-part-".repeat(4));
    let channels = |status: [&str; 3]| {
        json!({"Email": {"status": status[0], "message": "", "code": ""},
            "SMS": {"status": status[1], "message": "", "code": ""},
            "Call": {"status": status[2], "message": "", "code": ""}})
    };
    let off = || channels(["inactive"; 3]);
    let twin = ids::iso(YOUNGEST - 200 * DAY);
    let people = [
        // No address, in the three forms in which that occurs.
        json!({"firstName": "Nora", "lastName": "Null", "email": null, "phone": "+442079460101"}),
        json!({"firstName": "Emil", "lastName": "Empty", "email": "", "phone": "+442079460102"}),
        json!({"firstName": "Abe", "lastName": "Absent", "phone": "+442079460103"}),
        // Addresses that BigMailer or anybody refuses.
        json!({"firstName": "Lon", "lastName": "Long", "email": format!("{long}.museum")}),
        json!({"firstName": "Mal", "lastName": "Formed", "email": "mal.formed.example.com"}),
        json!({"firstName": "Two", "lastName": "Ats", "email": "two@@example.com"}),
        // Addresses that need care.
        json!({"firstName": "Grace", "lastName": "Hopper", "email": "Grace.HOPPER@Example.COM",
            "tags": ["customer", "newsletter"], "type": "customer", "dndSettings": off()}),
        json!({"firstName": "Linus", "lastName": "Plus", "email": "linus+news@example.org",
            "tags": ["newsletter"]}),
        json!({"firstName": " Margaret ", "lastName": "Blank", "email": "  margaret@example.com "}),
        // One address, two contacts; then one address, three contacts of whom one wants no mail.
        json!({"firstName": "Pat", "lastName": "Pair", "email": "pair@example.com", "tags": ["lead"],
            "dateAdded": ids::iso(YOUNGEST - 300 * DAY)}),
        json!({"firstName": "Patricia", "lastName": "Pair", "email": "pair@example.com",
            "tags": ["customer"], "dateAdded": ids::iso(YOUNGEST - 100 * DAY)}),
        json!({"firstName": "Tri", "lastName": "One", "email": "family@example.net",
            "dateAdded": ids::iso(YOUNGEST - 310 * DAY)}),
        json!({"firstName": "Tri", "lastName": "Two", "email": "Family@example.net", "dnd": true,
            "dateAdded": ids::iso(YOUNGEST - 210 * DAY)}),
        json!({"firstName": "Tri", "lastName": "Three", "email": "family@example.net",
            "dateAdded": ids::iso(YOUNGEST - 110 * DAY)}),
        // Every form of "do not disturb".
        json!({"firstName": "Dan", "lastName": "All", "email": "dnd.all@example.com", "dnd": true,
            "dndSettings": off()}),
        json!({"firstName": "Eve", "lastName": "Active", "email": "dnd.email@example.com",
            "dndSettings": channels(["active", "inactive", "inactive"])}),
        json!({"firstName": "Per", "lastName": "Manent", "email": "dnd.permanent@example.com",
            "dndSettings": channels(["permanent", "inactive", "inactive"])}),
        json!({"firstName": "Sam", "lastName": "Sms", "email": "dnd.sms@example.com",
            "dndSettings": channels(["inactive", "active", "inactive"]), "tags": ["newsletter"]}),
        json!({"firstName": "Nos", "lastName": "Ettings", "email": "dnd.nosettings@example.com",
            "dnd": false}),
        json!({"firstName": "Nod", "lastName": "Nd", "email": "dnd.absent@example.com", "$drop": "dnd"}),
        // Names from everywhere.
        json!({"firstName": "فاطمة", "lastName": "الزهراء", "email": "fatima@example.com"}),
        json!({"firstName": "小明", "lastName": "王", "email": "xiaoming@example.com", "city": "北京"}),
        json!({"firstName": "Ὑπατία", "lastName": "Ἀλεξανδρεύς", "email": "hypatia@example.com"}),
        json!({"firstName": "आर्यभट", "lastName": "पटना", "email": "aryabhata@example.com"}),
        json!({"firstName": "Işıl", "lastName": "İNCİ", "email": "isil@example.com"}),
        json!({"firstName": "Jose\u{301}", "lastName": "Mun\u{303}oz", "email": "jose@example.com"}),
        json!({"firstName": "🎉 Party", "lastName": "👩\u{200d}🚀", "email": "party@example.com",
            "tags": ["event 2026", "café"]}),
        json!({"firstName": "Miles", "lastName": "O'Brien", "email": "o'brien@example.com",
            "companyName": "O'Brien & Sons, \"Ltd\""}),
        // Values that spreadsheets and careless parsers trip over.
        json!({"firstName": "Line", "lastName": "Break", "email": "line.break@example.com",
            "customFields": [
                value("notes", json!("first line\nsecond \"line\"\r\nthird; line, end\ttab")),
                value("interests", json!(["Books; old ones", "Food, drink"]))]}),
        json!({"firstName": "=1+1", "lastName": "+SUM(A1)", "email": "formula@example.com",
            "companyName": "@cmd|' /C calc'!A0", "customFields": [value("notes", json!("=HYPERLINK(\"x\")")),
                value("nickname", json!("-2+3"))]}),
        json!({"firstName": "Num", "lastName": "Bers", "email": "numbers@example.com", "customFields": [
            value("lead_score", json!(3.5)), value("visits", json!(-9_007_199_254_740_993_i64)),
            value("budget", json!(1234.56)), value("renewal", json!("2028-02-29"))]}),
        json!({"firstName": "Kind", "lastName": "OfAll", "email": "every.type@example.com",
            "type": "customer", "source": "referral", "dateOfBirth": "1969-12-31",
            "phone": "+442079460132", "tags": ["customer", "vip", TAGS[7], TAGS[8]],
            "additionalEmails": [{"email": "second@example.com", "validEmail": true}],
            "customFields": [
                value("lead_score", json!(42)), value("plan", json!("Pro")),
                value("interests", json!(["Music", "Travel"])), value("renewal", json!("2027-01-31")),
                value("notes", json!("x".repeat(400))), value("nickname", json!("")),
                value("budget", json!(0)), value("agreements", json!(["Terms"])),
                value("contact_by", json!("Phone")), value("work_phone", json!("+442079460199")),
                value("work_email", json!("kind@work.example.com")),
                value("contract", json!({"3f1a7c5e": {"url": "https://files.example.com/c.pdf",
                    "documentId": "d0c1", "meta": {"originalname": "c.pdf", "size": 1024}}})),
                value("sizes", json!({"waist": "80", "length": "100"}))]}),
        json!({"firstName": "", "lastName": null, "email": "nameless@example.com", "tags": ["internal"]}),
        json!({"firstName": "Ina", "lastName": "Side", "email": "colleague@example.com",
            "tags": ["internal", "newsletter"]}),
        // Five that came in at the very same millisecond.
        json!({"firstName": "Tie", "lastName": "One", "email": "tie1@example.com", "dateAdded": twin}),
        json!({"firstName": "Tie", "lastName": "Two", "email": "tie2@example.com", "dateAdded": twin}),
        json!({"firstName": "Tie", "lastName": "Three", "email": "tie3@example.com", "dateAdded": twin}),
        json!({"firstName": "Tie", "lastName": "Four", "email": "tie4@example.com", "dateAdded": twin}),
        json!({"firstName": "Tie", "lastName": "Five", "email": "tie5@example.com", "dateAdded": twin}),
    ];
    people
        .into_iter()
        .map(|person| {
            let mut contact = frame(rng);
            for (key, value) in members(person) {
                match (key.as_str(), value) {
                    ("$drop", Value::String(gone)) => _ = contact.remove(&gone),
                    (_, value) => _ = contact.insert(key, value),
                }
            }
            let added = contact["dateAdded"]
                .as_str()
                .and_then(ids::read_iso)
                .unwrap_or(YOUNGEST);
            let updated = rng.i64(added..=YOUNGEST);
            contact.insert("dateUpdated".to_owned(), json!(ids::iso(updated)));
            contact
        })
        .collect()
}

/// Fields of the brand: merge tag, name, type.
const BRAND_FIELDS: [(&str, &str, &str); 8] = [
    ("EMAIL", "Email", "email"),
    ("FIRST_NAME", "First name", "text"),
    ("LAST_NAME", "Last name", "text"),
    ("COMPANY", "Company", "text"),
    ("LEAD_SCORE", "Lead score", "integer"),
    ("RENEWAL", "Renewal", "date"),
    ("GHL_CONTACT_ID", "HighLevel contact", "text"),
    ("FAVOURITE_COLOUR", "Favourite colour", "text"),
];
const LISTS: [&str; 4] = ["All contacts", "Customers", "Newsletter", "VIP dinner"];
/// Message types: name, kind.
const MESSAGE_TYPES: [(&str, &str); 5] = [
    ("All messages", "all"),
    ("Account messages", "account"),
    ("Newsletter", "user"),
    ("Offers", "user"),
    ("Events", "user"),
];

const SEGMENTS: [&str; 2] = ["Opened lately", "Never opened"];

/// The seeded brand that goes with a location of so many contacts.
pub(crate) fn brand(contacts: usize, seed: u64, empty: bool) -> Brand {
    let mut brand = bare_brand(fastrand::Rng::with_seed(seed ^ 0xbb67_ae85));
    let founded = YOUNGEST - SPREAD_DAYS * DAY;
    brand.details = members(json!({"name": "Sandbox", "from_name": "Sandbox Ltd",
        "from_email": "news@example.com", "filter_soft_bounces": true, "max_soft_bounces": 12,
        "bounce_danger_percent": 8, "contact_limit": 1_000_000_000, "url": "https://www.example.com",
        "created": founded / 1000}));
    for (number, (tag, name, kind)) in BRAND_FIELDS.iter().enumerate() {
        let details = json!({"id": fixed_uuid(0xf1e1, number), "name": name, "type": kind,
            "merge_tag_name": tag});
        brand.put_entry(Kind::Field, members(details), founded);
    }
    for (number, name) in LISTS.iter().enumerate() {
        let details = json!({"id": fixed_uuid(0x1157, number), "name": name, "all": number == 0});
        brand.put_entry(Kind::List, members(details), founded);
    }
    for (number, (name, kind)) in MESSAGE_TYPES.iter().enumerate() {
        let details = json!({"id": fixed_uuid(0x7e55, number), "name": name, "type": kind});
        brand.put_entry(Kind::MessageType, members(details), founded);
    }
    for (number, name) in SEGMENTS.iter().enumerate() {
        let details = json!({"id": fixed_uuid(0x5e65, number), "name": name, "operator": "all",
            "conditions": []});
        brand.put_entry(Kind::Segment, members(details), founded);
    }
    // Whoever is welcomed joins the newsletter.
    let details = json!({"id": fixed_uuid(0xca39, 0), "name": "Welcome", "status": "active",
        "list_id": fixed_uuid(0x1157, 2)});
    brand.put_entry(Kind::Campaign, members(details), founded);
    if !empty {
        let mut rng = fastrand::Rng::with_seed(seed ^ 0x3c6e_f372);
        for mut shown in subscribers(contacts) {
            let age = rng.i64(1..SPREAD_DAYS) * DAY;
            shown["created"] = json!((YOUNGEST - age) / 1000);
            shown["id"] = json!(ids::uuid_text(ids::uuid(&mut rng)));
            if let Ok(person) = brand.read_person(&members(shown), founded) {
                brand.put_person(person);
            }
        }
    }
    brand
}

/// Who is in BigMailer before the first sync.
fn subscribers(contacts: usize) -> Vec<Value> {
    let text = |name: &str, value: &str| json!({"name": name, "string": value});
    let list = |number: usize| fixed_uuid(0x1157, number);
    let kind = |number: usize| fixed_uuid(0x7e55, number);
    let mut people = vec![
        // Known to HighLevel, in another letter case or with something that must survive.
        json!({"email": "grace.hopper@example.com", "field_values": [text("FIRST_NAME", "Grace"),
            text("FAVOURITE_COLOUR", "navy")], "list_ids": [list(2)]}),
        json!({"email": "Linus+News@Example.org", "list_ids": [list(2), list(3)],
            "field_values": [text("FIRST_NAME", "Linus"), text("FAVOURITE_COLOUR", "black")]}),
        json!({"email": "pair@example.com", "field_values": [text("FIRST_NAME", "Old name")]}),
        json!({"email": "dnd.sms@example.com", "list_ids": [list(2)], "unsubscribe_ids": [kind(3)]}),
        json!({"email": "dnd.email@example.com", "list_ids": [list(2)]}),
        json!({"email": "dnd.nosettings@example.com", "unsubscribe_all": true}),
        json!({"email": "isil@example.com", "unsubscribe_ids": [kind(2), kind(4)],
            "field_values": [text("FAVOURITE_COLOUR", "rouge; ou \"bleu\"")]}),
        json!({"email": "hypatia@example.com", "num_hard_bounces": 1}),
        json!({"email": "aryabhata@example.com", "num_complaints": 1, "unsubscribe_all": true}),
        json!({"email": "party@example.com", "num_soft_bounces": 13, "list_ids": [list(3)]}),
        json!({"email": "numbers@example.com", "field_values": [{"name": "LEAD_SCORE", "integer": 4},
            {"name": "RENEWAL", "date": "2028-02-29"}]}),
        json!({"email": "colleague@example.com", "list_ids": [list(2)]}),
    ];
    if contacts < 15 {
        people.retain(|person| person["email"] != "colleague@example.com");
    }
    // Ordinary contacts: some as they are, some unsubscribed, one bounced, one who complained.
    let few = awkward(&mut fastrand::Rng::with_seed(0)).len();
    for number in 0..contacts.saturating_sub(few).min(12) {
        let (first, last, email) = ordinary_name(number);
        let mut person = json!({"email": email, "list_ids": [],
            "field_values": [text("FIRST_NAME", first), text("LAST_NAME", last)]});
        match number {
            0 => person["unsubscribe_all"] = json!(true),
            1 => person["email"] = json!(email.to_uppercase()),
            2 => person["num_hard_bounces"] = json!(2),
            3 => person["num_complaints"] = json!(1),
            4 => person["list_ids"] = json!([list(1), list(3)]),
            5 => person["unsubscribe_ids"] = json!([kind(2)]),
            6 => person["field_values"][0]["string"] = json!("Someone Else"),
            _ => person["list_ids"] = json!([list(2)]),
        }
        people.push(person);
    }
    // Unknown to HighLevel.
    people.extend([
        json!({"email": "only.here@example.com", "list_ids": [list(2)],
            "field_values": [text("FIRST_NAME", "Olly"), text("LAST_NAME", "Here")]}),
        json!({"email": "also.only.here@example.org", "list_ids": [list(3)]}),
        json!({"email": "left.us@example.net", "unsubscribe_all": true}),
        json!({"email": "bounced@example.net", "num_hard_bounces": 1}),
        json!({"email": "stale.link@example.com",
            "field_values": [text("GHL_CONTACT_ID", "NoSuchContact0000001")]}),
        json!({"email": "nothing@example.com"}),
    ]);
    people
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn all(contacts: usize, seed: u64) -> Vec<Map<String, Value>> {
        let location = location(contacts, seed, 0);
        let all = location.all();
        all.into_iter().map(|contact| contact.stored()).collect()
    }

    #[test]
    fn the_same_seed_makes_the_same_world() {
        assert_eq!(all(120, 5), all(120, 5));
        assert_ne!(all(120, 5), all(120, 6));
        for contacts in [0, 3, 40, 250] {
            assert_eq!(all(contacts, 1).len(), contacts);
        }
        let shown = |seed| {
            let brand = brand(250, seed, false);
            brand
                .people_from(0)
                .map(|(_, p)| brand.show(p, false))
                .collect::<Vec<_>>()
        };
        assert_eq!(shown(1), shown(1));
        assert!((28..=32).contains(&shown(1).len()), "{}", shown(1).len());
    }

    #[test]
    fn forty_contacts_hold_every_awkward_one() {
        let people = all(40, 1);
        let with =
            |test: &dyn Fn(&Map<String, Value>) -> bool| people.iter().filter(|p| test(p)).count();
        assert_eq!(with(&|p| p.get("email") == Some(&Value::Null)), 1);
        assert_eq!(with(&|p| p.get("email") == Some(&json!(""))), 1);
        assert_eq!(with(&|p| !p.contains_key("email")), 1);
        assert_eq!(
            with(&|p| p["dateAdded"] == json!(ids::iso(YOUNGEST - 200 * DAY))),
            5
        );
        assert_eq!(with(&|p| !p.contains_key("dnd")), 1);
        assert_eq!(with(&|p| p.get("dnd") == Some(&json!(true))), 2);
        let mut shared: HashMap<String, usize> = HashMap::new();
        for person in &people {
            if let Some(email) = person.get("email").and_then(Value::as_str) {
                *shared.entry(email.to_lowercase()).or_default() += 1;
            }
        }
        assert_eq!(
            (shared["pair@example.com"], shared["family@example.net"]),
            (2, 3)
        );
        assert!(shared.keys().any(|email| email.chars().count() > 100));
    }

    #[test]
    fn dates_lie_in_the_two_years_before_october_2026() {
        for person in all(400, 9) {
            let at = |key: &str| ids::read_iso(person[key].as_str().unwrap()).unwrap();
            assert!(at("dateAdded") >= YOUNGEST - SPREAD_DAYS * DAY);
            assert!(at("dateAdded") <= at("dateUpdated") && at("dateUpdated") <= YOUNGEST);
        }
    }

    #[test]
    fn an_empty_brand_keeps_its_fields_and_lists() {
        let brand = brand(1_000, 1, true);
        assert_eq!(brand.len(), 0);
        assert_eq!(brand.fields.iter().count(), BRAND_FIELDS.len());
        assert_eq!(brand.lists.iter().count(), LISTS.len());
        assert!(brand.all_list().is_some());
    }
}
