//! Behaviours that the vendors leave open, each as a switch with its likely value as the default.
//! It never decides anything by itself: the services ask it. Start with [`Quirks`].

use serde_json::{Map, Value, json};

/// What the HighLevel search does with a `pageLimit` above 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PageCap {
    /// Pages of up to 500 items are served, as documented.
    #[default]
    FiveHundred,
    /// At most 100 items come back, and nothing says so.
    SilentHundred,
    /// More than 100 is refused with 422.
    RefuseOverHundred,
}

/// What the HighLevel search says in `total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PageTotal {
    /// The true count.
    #[default]
    Exact,
    /// The true count, but never more than 10,000.
    Capped,
    /// The key is missing.
    Absent,
}

/// How HighLevel orders contacts that are equal in the sort field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TieOrder {
    /// By id, in the direction of the sort.
    #[default]
    Stable,
    /// By id, against the direction of the sort.
    Reversed,
}

/// What a BigMailer upsert or batch does to field values and lists of a contact that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Upsert {
    /// Adds to them.
    #[default]
    Merge,
    /// Puts what was sent in their place.
    Replace,
}

/// What a BigMailer upsert or batch without `unsubscribe_all` does to a contact that opted out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OmittedUnsubscribe {
    /// The opt-out stays.
    #[default]
    Keep,
    /// The documented default `false` is taken literally and the contact is subscribed again.
    Resubscribe,
}

/// What one malformed item does to a BigMailer batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BadItem {
    /// Only that item fails.
    #[default]
    Item,
    /// The whole request is refused with 400.
    Whole,
}

/// Whether BigMailer tells addresses apart that differ in case only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EmailCase {
    /// They are one address.
    #[default]
    Insensitive,
    /// They are two addresses.
    Sensitive,
}

/// What BigMailer does with a value for a field that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownField {
    /// Refuses it with 400.
    #[default]
    Error,
    /// Makes the field, with the type of the value.
    Create,
    /// Drops the value.
    Ignore,
}

/// What `field_values_op=remove` compares in BigMailer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RemoveValue {
    /// The name alone.
    #[default]
    Name,
    /// Name and value.
    Match,
}

/// What HighLevel does with the DND channels that an update of a contact leaves out of `dndSettings`.
/// No source settles it: an update is partial for whole fields, nothing is said of what is inside one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DndSiblings {
    /// They stay as they are.
    #[default]
    Keep,
    /// They are gone.
    Wipe,
}

/// What writing a task, note or opportunity does to `dateUpdated` of its contact in HighLevel. They
/// are objects of their own and no report says that they touch the contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RelatedWrites {
    /// Nothing.
    #[default]
    Apart,
    /// Moves it.
    TouchContact,
}

/// Whether an update of a HighLevel contact takes `companyName`. The schema lacks it; a user has
/// seen it accepted (HighLevel docs repository, issue 314).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PutCompany {
    /// Takes it.
    #[default]
    Accept,
    /// Refuses it with 422 as any other property that the schema lacks.
    Refuse,
}

/// What HighLevel says when it has made a contact, note or task (HighLevel docs repository,
/// issue 64: a create failed with 422 and the contact was there).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CreateAnswer {
    /// That it has.
    #[default]
    Honest,
    /// 422.
    RefusedThoughDone,
}

/// How a field of a HighLevel contact can be emptied. The schemas declare most fields nullable;
/// reports say that null is refused, and that null and "" are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clearing {
    /// `null` empties a nullable field; "" is stored.
    #[default]
    NullClears,
    /// Neither `null` nor "" changes anything.
    NullIgnored,
    /// `null` is refused with 422; "" is stored.
    NullRejected,
}

/// Whether HighLevel's duplicate search is behind as the search index is. It is the vendor's own
/// check for that purpose, but nothing says what it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DuplicateLag {
    /// It reads what is stored.
    #[default]
    None,
    /// It reads the search index.
    LikeSearch,
}

/// Whether HighLevel makes a contact with neither address nor number; the schema lets it through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BareCreate {
    /// It does.
    #[default]
    Accept,
    /// It refuses with 400.
    Refuse,
}

/// The order of a listing for which the documents name none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ListOrder {
    /// What came last comes first.
    #[default]
    Newest,
    /// What came first comes first.
    Oldest,
}

/// What HighLevel does with an update that gives a contact the address or number of another one,
/// where the location allows no duplicates. Documented for creates only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TakenAddress {
    /// Refuses it with 400, as it refuses a create.
    #[default]
    Refuse,
    /// Writes it, so that two contacts share it.
    Accept,
}

/// What HighLevel does with a value for a custom field that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownCustomField {
    /// Drops it.
    #[default]
    Ignore,
    /// Refuses it with 400.
    Refuse,
}

/// How HighLevel says that a contact, or what hangs on one, is not there. 400 is reported for
/// contacts; other services of the vendor answer 404.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NotFound {
    /// 400.
    #[default]
    BadRequest,
    /// 404.
    NotFound,
}

/// What HighLevel says of an access token that has expired or was taken back. No source pins it
/// down; the first text is the example of the error schema, the second is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExpiredToken {
    /// `Invalid token: access token is invalid`.
    #[default]
    InvalidAccessToken,
    /// `Invalid JWT`.
    InvalidJwt,
    /// `jwt expired`, which is what the usual libraries say.
    JwtExpired,
    /// `Unauthorized`, and nothing more.
    Unauthorized,
}

/// What becomes of a visit to HighLevel's authorize page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Authorize {
    /// Somebody chooses the location at once.
    #[default]
    Allow,
    /// Somebody refuses; the page sends back `error=access_denied`.
    Deny,
    /// Nobody decides: the page stays.
    Wait,
}

/// Whether HighLevel's authorize page wants `version_id` beside `client_id`. Third parties report it
/// of private apps; the docs have it as an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VersionId {
    /// It may be left out.
    #[default]
    Optional,
    /// Without it the page ends in an error.
    Required,
}

/// Whether HighLevel wants `redirect_uri` again when a code is turned into tokens. The schema has it
/// as an option, RFC 6749 (4.1.3) wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenRedirect {
    /// It may be left out.
    #[default]
    Optional,
    /// Without it the call is refused with 400.
    Required,
}

/// What HighLevel's token endpoint does with the `code_verifier` of PKCE (RFC 7636), which no schema has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pkce {
    /// Drops it.
    #[default]
    Ignored,
    /// Refuses it with 422 as any other property that the schema lacks.
    Refused,
}

/// What becomes of the old access token when HighLevel gives a new pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OldAccess {
    /// It is good until it expires.
    #[default]
    Lives,
    /// It ends at once.
    Dies,
}

/// The open behaviours of both services. `Default` is the documented or likely one throughout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quirks {
    /// `page-cap`: size of a HighLevel search page.
    pub page_cap: PageCap,
    /// `page-total`: `total` of a HighLevel search.
    pub page_total: PageTotal,
    /// `raw-names`: whether search items carry `firstNameRaw` and `lastNameRaw`.
    pub raw_names: bool,
    /// `search-dnd`: whether search items carry `dnd` and `dndSettings`.
    pub search_dnd: bool,
    /// `search-names`: whether search items have names in lower case (true) or as stored.
    pub lower_names: bool,
    /// `tie-order`: order of equals in a HighLevel search.
    pub tie_order: TieOrder,
    /// `upsert`: merge or replace.
    pub upsert: Upsert,
    /// `omitted-unsubscribe`: keep or resubscribe.
    pub omitted_unsubscribe: OmittedUnsubscribe,
    /// `bad-item`: item or whole.
    pub bad_item: BadItem,
    /// `email-case`: insensitive or sensitive.
    pub email_case: EmailCase,
    /// `unknown-field`: error, create or ignore.
    pub unknown_field: UnknownField,
    /// `remove-value`: name or match.
    pub remove_value: RemoveValue,
    /// `all-list`: whether the system list shows up in a contact's `list_ids`.
    pub all_list: bool,
    /// `dnd-siblings`: keep or wipe.
    pub dnd_siblings: DndSiblings,
    /// `related-writes`: apart or touch-contact.
    pub related_writes: RelatedWrites,
    /// `put-company`: accept or refuse.
    pub put_company: PutCompany,
    /// `create-answer`: honest or refused-though-done.
    pub create_answer: CreateAnswer,
    /// `clearing`: null-clears, null-ignored or null-rejected.
    pub clearing: Clearing,
    /// `duplicate-lag`: none or like-search.
    pub duplicate_lag: DuplicateLag,
    /// `bare-create`: accept or refuse.
    pub bare_create: BareCreate,
    /// `note-order`: order of a contact's notes.
    pub note_order: ListOrder,
    /// `opportunity-order`: order of an opportunity search that names none.
    pub opportunity_order: ListOrder,
    /// `rcs`: whether `dndSettings` as read has the channel RCS, which no write takes (HighLevel
    /// docs repository, issue 264, shows it; the schemas lack it).
    pub rcs: bool,
    /// `taken-address`: refuse or accept.
    pub taken_address: TakenAddress,
    /// `tag-changes`: whether adding and removing tags of a contact answer with `tagsAdded` and
    /// `tagsRemoved` too; reported by users, missing in the schema.
    pub tag_changes: bool,
    /// `unknown-custom-field`: ignore or refuse.
    pub unknown_custom_field: UnknownCustomField,
    /// `not-found`: 400 or 404.
    pub not_found: NotFound,
    /// `expired-token`: the words for an access token that is no longer good.
    pub expired_token: ExpiredToken,
    /// `authorize`: allow, deny or wait.
    pub authorize: Authorize,
    /// `version-id`: optional or required.
    pub version_id: VersionId,
    /// `oauth-state`: whether the authorize page gives `state` back (true); missing in the docs.
    pub echo_state: bool,
    /// `company-install`: whether a code leads to a token of the agency although a location was
    /// chosen; reported of apps for locations that are installed in the agency's view.
    pub company_install: bool,
    /// `token-redirect`: optional or required.
    pub token_redirect: TokenRedirect,
    /// `pkce`: ignored or refused.
    pub pkce: Pkce,
    /// `old-access`: lives or dies.
    pub old_access: OldAccess,
    /// `location-token-status`: whether a location token made from the agency's comes with 201, as
    /// reported (true), or with 200, as declared.
    pub location_token_created: bool,
    /// `location-refresh`: whether it comes with a refresh token; reported, missing in the schema.
    pub location_refresh: bool,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            page_cap: PageCap::default(),
            page_total: PageTotal::default(),
            raw_names: true,
            search_dnd: true,
            lower_names: true,
            tie_order: TieOrder::default(),
            upsert: Upsert::default(),
            omitted_unsubscribe: OmittedUnsubscribe::default(),
            bad_item: BadItem::default(),
            email_case: EmailCase::default(),
            unknown_field: UnknownField::default(),
            remove_value: RemoveValue::default(),
            all_list: false,
            dnd_siblings: DndSiblings::default(),
            related_writes: RelatedWrites::default(),
            put_company: PutCompany::default(),
            create_answer: CreateAnswer::default(),
            clearing: Clearing::default(),
            duplicate_lag: DuplicateLag::default(),
            bare_create: BareCreate::default(),
            note_order: ListOrder::default(),
            opportunity_order: ListOrder::default(),
            rcs: false,
            taken_address: TakenAddress::default(),
            tag_changes: false,
            unknown_custom_field: UnknownCustomField::default(),
            not_found: NotFound::default(),
            expired_token: ExpiredToken::default(),
            authorize: Authorize::default(),
            version_id: VersionId::default(),
            echo_state: true,
            company_install: false,
            token_redirect: TokenRedirect::default(),
            pkce: Pkce::default(),
            old_access: OldAccess::default(),
            location_token_created: true,
            location_refresh: true,
        }
    }
}

/// Every switch with the values it takes, the default first.
const NAMES: [(&str, &[&str]); 37] = [
    ("page-cap", &["500", "100", "refuse-over-100"]),
    ("page-total", &["exact", "capped", "absent"]),
    ("raw-names", &["present", "absent"]),
    ("search-dnd", &["present", "absent"]),
    ("search-names", &["lower", "as-is"]),
    ("tie-order", &["stable", "reversed"]),
    ("upsert", &["merge", "replace"]),
    ("omitted-unsubscribe", &["keep", "resubscribe"]),
    ("bad-item", &["item", "whole"]),
    ("email-case", &["insensitive", "sensitive"]),
    ("unknown-field", &["error", "create", "ignore"]),
    ("remove-value", &["name", "match"]),
    ("all-list", &["absent", "present"]),
    ("dnd-siblings", &["keep", "wipe"]),
    ("related-writes", &["apart", "touch-contact"]),
    ("put-company", &["accept", "refuse"]),
    ("create-answer", &["honest", "refused-though-done"]),
    (
        "clearing",
        &["null-clears", "null-ignored", "null-rejected"],
    ),
    ("duplicate-lag", &["none", "like-search"]),
    ("bare-create", &["accept", "refuse"]),
    ("note-order", &["newest", "oldest"]),
    ("opportunity-order", &["newest", "oldest"]),
    ("rcs", &["absent", "present"]),
    ("taken-address", &["refuse", "accept"]),
    ("tag-changes", &["absent", "present"]),
    ("unknown-custom-field", &["ignore", "refuse"]),
    ("not-found", &["400", "404"]),
    (
        "expired-token",
        &[
            "invalid-access-token",
            "invalid-jwt",
            "jwt-expired",
            "unauthorized",
        ],
    ),
    ("authorize", &["allow", "deny", "wait"]),
    ("version-id", &["optional", "required"]),
    ("oauth-state", &["echoed", "dropped"]),
    ("company-install", &["no", "yes"]),
    ("token-redirect", &["optional", "required"]),
    ("pkce", &["ignored", "refused"]),
    ("old-access", &["lives", "dies"]),
    ("location-token-status", &["201", "200"]),
    ("location-refresh", &["present", "absent"]),
];

impl Quirks {
    /// Sets one switch from text such as `page-cap=100`; the error names what would have been possible.
    pub fn set(&mut self, setting: &str) -> Result<(), String> {
        let (name, value) = setting
            .split_once('=')
            .ok_or_else(|| format!("quirk \"{setting}\" is not of the form name=value"))?;
        let Some((_, values)) = NAMES.iter().find(|(known, _)| *known == name) else {
            let known: Vec<&str> = NAMES.iter().map(|(known, _)| *known).collect();
            return Err(format!(
                "there is no quirk \"{name}\"; known: {}",
                known.join(", ")
            ));
        };
        let Some(choice) = values.iter().position(|known| *known == value) else {
            return Err(format!(
                "quirk {name} cannot be \"{value}\"; possible: {}",
                values.join(", ")
            ));
        };
        match name {
            "page-cap" => {
                self.page_cap = [
                    PageCap::FiveHundred,
                    PageCap::SilentHundred,
                    PageCap::RefuseOverHundred,
                ][choice];
            }
            "page-total" => {
                self.page_total = [PageTotal::Exact, PageTotal::Capped, PageTotal::Absent][choice];
            }
            "raw-names" => self.raw_names = choice == 0,
            "search-dnd" => self.search_dnd = choice == 0,
            "search-names" => self.lower_names = choice == 0,
            "tie-order" => self.tie_order = [TieOrder::Stable, TieOrder::Reversed][choice],
            "upsert" => self.upsert = [Upsert::Merge, Upsert::Replace][choice],
            "omitted-unsubscribe" => {
                self.omitted_unsubscribe =
                    [OmittedUnsubscribe::Keep, OmittedUnsubscribe::Resubscribe][choice];
            }
            "bad-item" => self.bad_item = [BadItem::Item, BadItem::Whole][choice],
            "email-case" => {
                self.email_case = [EmailCase::Insensitive, EmailCase::Sensitive][choice];
            }
            "unknown-field" => {
                self.unknown_field = [
                    UnknownField::Error,
                    UnknownField::Create,
                    UnknownField::Ignore,
                ][choice];
            }
            "remove-value" => {
                self.remove_value = [RemoveValue::Name, RemoveValue::Match][choice];
            }
            "all-list" => self.all_list = choice == 1,
            "dnd-siblings" => {
                self.dnd_siblings = [DndSiblings::Keep, DndSiblings::Wipe][choice];
            }
            "related-writes" => {
                self.related_writes = [RelatedWrites::Apart, RelatedWrites::TouchContact][choice];
            }
            "put-company" => {
                self.put_company = [PutCompany::Accept, PutCompany::Refuse][choice];
            }
            "create-answer" => {
                self.create_answer =
                    [CreateAnswer::Honest, CreateAnswer::RefusedThoughDone][choice];
            }
            "clearing" => {
                self.clearing = [
                    Clearing::NullClears,
                    Clearing::NullIgnored,
                    Clearing::NullRejected,
                ][choice];
            }
            "duplicate-lag" => {
                self.duplicate_lag = [DuplicateLag::None, DuplicateLag::LikeSearch][choice];
            }
            "bare-create" => {
                self.bare_create = [BareCreate::Accept, BareCreate::Refuse][choice];
            }
            "note-order" => self.note_order = [ListOrder::Newest, ListOrder::Oldest][choice],
            "opportunity-order" => {
                self.opportunity_order = [ListOrder::Newest, ListOrder::Oldest][choice];
            }
            "rcs" => self.rcs = choice == 1,
            "taken-address" => {
                self.taken_address = [TakenAddress::Refuse, TakenAddress::Accept][choice];
            }
            "tag-changes" => self.tag_changes = choice == 1,
            "unknown-custom-field" => {
                self.unknown_custom_field =
                    [UnknownCustomField::Ignore, UnknownCustomField::Refuse][choice];
            }
            "not-found" => self.not_found = [NotFound::BadRequest, NotFound::NotFound][choice],
            "expired-token" => {
                self.expired_token = [
                    ExpiredToken::InvalidAccessToken,
                    ExpiredToken::InvalidJwt,
                    ExpiredToken::JwtExpired,
                    ExpiredToken::Unauthorized,
                ][choice];
            }
            "authorize" => {
                self.authorize = [Authorize::Allow, Authorize::Deny, Authorize::Wait][choice];
            }
            "version-id" => {
                self.version_id = [VersionId::Optional, VersionId::Required][choice];
            }
            "oauth-state" => self.echo_state = choice == 0,
            "company-install" => self.company_install = choice == 1,
            "token-redirect" => {
                self.token_redirect = [TokenRedirect::Optional, TokenRedirect::Required][choice];
            }
            "pkce" => self.pkce = [Pkce::Ignored, Pkce::Refused][choice],
            "old-access" => self.old_access = [OldAccess::Lives, OldAccess::Dies][choice],
            "location-token-status" => self.location_token_created = choice == 0,
            _ => self.location_refresh = choice == 0,
        }
        Ok(())
    }

    /// Every switch and its present value, as the admin address shows them.
    pub(crate) fn show(&self) -> Value {
        let choices = [
            self.page_cap as usize,
            self.page_total as usize,
            usize::from(!self.raw_names),
            usize::from(!self.search_dnd),
            usize::from(!self.lower_names),
            self.tie_order as usize,
            self.upsert as usize,
            self.omitted_unsubscribe as usize,
            self.bad_item as usize,
            self.email_case as usize,
            self.unknown_field as usize,
            self.remove_value as usize,
            usize::from(self.all_list),
            self.dnd_siblings as usize,
            self.related_writes as usize,
            self.put_company as usize,
            self.create_answer as usize,
            self.clearing as usize,
            self.duplicate_lag as usize,
            self.bare_create as usize,
            self.note_order as usize,
            self.opportunity_order as usize,
            usize::from(self.rcs),
            self.taken_address as usize,
            usize::from(self.tag_changes),
            self.unknown_custom_field as usize,
            self.not_found as usize,
            self.expired_token as usize,
            self.authorize as usize,
            self.version_id as usize,
            usize::from(!self.echo_state),
            usize::from(self.company_install),
            self.token_redirect as usize,
            self.pkce as usize,
            self.old_access as usize,
            usize::from(!self.location_token_created),
            usize::from(!self.location_refresh),
        ];
        let shown: Map<String, Value> = NAMES
            .iter()
            .zip(choices)
            .map(|((name, values), choice)| ((*name).to_owned(), json!(values[choice])))
            .collect();
        Value::Object(shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_value_can_be_set_and_is_shown_back() {
        for (name, values) in NAMES {
            for value in values {
                let mut quirks = Quirks::default();
                quirks.set(&format!("{name}={value}")).unwrap();
                assert_eq!(quirks.show()[name], json!(value), "{name}={value}");
            }
            assert_eq!(Quirks::default().show()[name], json!(values[0]), "{name}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        let mut quirks = Quirks::default();
        assert!(quirks.set("page-cap").unwrap_err().contains("name=value"));
        assert!(quirks.set("colour=red").unwrap_err().contains("page-cap"));
        assert!(
            quirks
                .set("page-cap=7")
                .unwrap_err()
                .contains("refuse-over-100")
        );
    }
}
