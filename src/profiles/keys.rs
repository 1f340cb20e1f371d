//! Every key of a profile: what it is called, what it takes, what it means.
//!
//! One table for all who must agree: the reader refuses what is not in it, `map set` understands
//! values by it, the JSON Schema is made of it. Start reading at [`TABLES`].

use super::VERSION;
use super::read::{CONFLICTS, DIRECTIONS, KINDS, ON_DELETE, ON_EXIT, words};

/// A table of the file.
pub(super) struct Table {
    /// As it is written, such as `sync`; empty for the top of the file.
    pub name: &'static str,
    /// Written as `[[name]]`, any number of times.
    pub many: bool,
    pub about: &'static str,
    pub keys: &'static [Key],
}

pub(super) struct Key {
    pub name: &'static str,
    pub takes: Takes,
    /// The table makes no sense without it.
    pub required: bool,
    pub about: &'static str,
}

/// What a key's value may be.
pub(super) enum Takes {
    /// The number of the file's format.
    Version,
    Text,
    Flag,
    /// A whole number, at least this.
    Whole(i64),
    /// Above 0, at most 1.
    Fraction,
    /// One of a few words.
    Words(fn() -> Vec<&'static str>),
    /// A list of texts.
    Texts,
    /// A number with s, m, h or d.
    Duration,
    /// A percentage in quotes or a number of contacts.
    Share,
    /// A table of its own.
    Table,
}

const fn key(name: &'static str, takes: Takes, about: &'static str) -> Key {
    Key {
        name,
        takes,
        required: false,
        about,
    }
}

const fn required(name: &'static str, takes: Takes, about: &'static str) -> Key {
    Key {
        required: true,
        ..key(name, takes, about)
    }
}

const DIRECTION: Takes = Takes::Words(|| words(DIRECTIONS));
const CONFLICT: Takes = Takes::Words(|| words(CONFLICTS));

/// The top of the file, apart from the tables.
pub(super) const TOP: Table = Table {
    name: "",
    many: false,
    about: "A mapping profile of ghl-bm",
    keys: &[required(
        "version",
        Takes::Version,
        "The number of the format",
    )],
};

pub(super) const GHL: Table = Table {
    name: "ghl",
    many: false,
    about: "The HighLevel side",
    keys: &[required(
        "location_id",
        Takes::Text,
        "Id of the HighLevel location (sub-account)",
    )],
};

pub(super) const BIGMAILER: Table = Table {
    name: "bigmailer",
    many: false,
    about: "The BigMailer side",
    keys: &[required(
        "brand_id",
        Takes::Text,
        "Id of the BigMailer brand",
    )],
};

pub(super) const SYNC: Table = Table {
    name: "sync",
    many: false,
    about: "Which way things travel and what happens at the edges",
    keys: &[
        key("direction", DIRECTION, "Which way changes travel"),
        key(
            "create_in_bigmailer",
            Takes::Flag,
            "HighLevel contacts unknown to BigMailer are created there",
        ),
        key(
            "create_in_ghl",
            Takes::Flag,
            "BigMailer contacts unknown to HighLevel are created there",
        ),
        key(
            "name_from_address",
            Takes::Flag,
            "Contacts that are created in HighLevel without a name are called by their address up to the @",
        ),
        key(
            "conflict",
            CONFLICT,
            "Who wins where both sides changed the same field",
        ),
        key(
            "on_ghl_delete",
            Takes::Words(|| words(ON_DELETE)),
            "What happens in BigMailer when a contact was deleted in HighLevel",
        ),
        key(
            "on_scope_exit",
            Takes::Words(|| words(ON_EXIT)),
            "What happens in BigMailer when a contact no longer passes [filter]",
        ),
        key(
            "id_field",
            Takes::Text,
            "Merge tag of the BigMailer text field that carries the HighLevel id; \"\" to not store it",
        ),
        key(
            "lookback",
            Takes::Duration,
            "By how much the windows of incremental runs overlap",
        ),
        key(
            "full_every",
            Takes::Duration,
            "A run that comes this long after the last full one compares everything",
        ),
    ],
};

pub(super) const FILTER: Table = Table {
    name: "filter",
    many: false,
    about: "Which HighLevel contacts take part; an empty list asks for nothing",
    keys: &[
        key("tags_any", Takes::Texts, "At least one of these tags"),
        key("tags_none", Takes::Texts, "None of these tags"),
        key(
            "types",
            Takes::Texts,
            "The contact's type is one of these, such as lead or customer",
        ),
        key(
            "sources",
            Takes::Texts,
            "The contact's source is one of these",
        ),
        key(
            "assigned_to",
            Takes::Texts,
            "The contact is assigned to one of these HighLevel user ids",
        ),
    ],
};

pub(super) const CONSENT: Table = Table {
    name: "consent",
    many: false,
    about: "How the permission to e-mail travels; an opt-out is never taken back",
    keys: &[
        key(
            "to_bigmailer",
            Takes::Flag,
            "E-mail do-not-disturb in HighLevel becomes unsubscribed in BigMailer",
        ),
        key(
            "to_ghl",
            Takes::Flag,
            "Unsubscribes, complaints and hard bounces become e-mail do-not-disturb in HighLevel",
        ),
        key(
            "create_opted_out",
            Takes::Flag,
            "Opted-out people whom BigMailer does not know are created there, unsubscribed; false: left out",
        ),
    ],
};

pub(super) const FIELD: Table = Table {
    name: "field",
    many: true,
    about: "A HighLevel property or custom field and the BigMailer field that goes with it",
    keys: &[
        required(
            "ghl",
            Takes::Text,
            "A property such as firstName, or custom.<key, name or id>",
        ),
        required(
            "bigmailer",
            Takes::Text,
            "The merge tag of the BigMailer field",
        ),
        key(
            "type",
            Takes::Words(|| words(KINDS)),
            "The type of the BigMailer field",
        ),
        key(
            "transform",
            Takes::Texts,
            "Steps that the value goes through, in this order",
        ),
        key("direction", DIRECTION, "Which way the value travels"),
        key("conflict", CONFLICT, "Who wins where both sides changed it"),
    ],
};

pub(super) const LIST: Table = Table {
    name: "list",
    many: true,
    about: "A HighLevel tag that means membership of a BigMailer list",
    keys: &[
        key("tag", Takes::Text, "The tag"),
        key("when", Takes::Table, "A condition instead of a tag"),
        required("list", Takes::Text, "Name or id of the BigMailer list"),
        key("direction", DIRECTION, "Which way membership travels"),
    ],
};

pub(super) const NOTE: Table = Table {
    name: "note",
    many: true,
    about: "A BigMailer text field that is kept as one HighLevel note per contact",
    keys: &[
        required(
            "bigmailer",
            Takes::Text,
            "The merge tag of the BigMailer field",
        ),
        key("title", Takes::Text, "The title of the note"),
    ],
};

pub(super) const TASK: Table = Table {
    name: "task",
    many: true,
    about: "A HighLevel task that is made once per contact",
    keys: &[
        required(
            "on",
            Takes::Text,
            "contact.new, tag.added:NAME, opportunity.won or unsubscribed",
        ),
        required(
            "title",
            Takes::Text,
            "Its title; {firstName} and the like are filled in",
        ),
        key("body", Takes::Text, "Its text, likewise"),
        key("due", Takes::Text, "How long after it is made, such as +2d"),
        key("assigned_to", Takes::Text, "Id of a HighLevel user"),
        key("enabled", Takes::Flag, "false: makes none"),
    ],
};

pub(super) const SEND: Table = Table {
    name: "send",
    many: true,
    about: "A BigMailer transactional mail that is sent at most once per contact",
    keys: &[
        required(
            "on",
            Takes::Text,
            "contact.new, tag.added:NAME or opportunity.won",
        ),
        required("campaign", Takes::Text, "Id of the transactional campaign"),
        key("enabled", Takes::Flag, "true: sends; otherwise it does not"),
    ],
};

pub(super) const LIMITS: Table = Table {
    name: "limits",
    many: false,
    about: "How much a run may take from the services and change in them",
    keys: &[
        key(
            "share",
            Takes::Fraction,
            "Part of each service's rate limit that a run takes",
        ),
        key(
            "ghl_per_10s",
            Takes::Whole(0),
            "HighLevel calls per 10 seconds; 0: what its headers say",
        ),
        key(
            "bigmailer_per_second",
            Takes::Whole(0),
            "BigMailer calls per second; 0: no limit",
        ),
        key(
            "bigmailer_in_flight",
            Takes::Whole(1),
            "BigMailer calls at the same time",
        ),
        key(
            "daily_reserve",
            Takes::Whole(0),
            "HighLevel calls per day left to other tools",
        ),
        key(
            "derived_calls_per_run",
            Takes::Whole(1),
            "HighLevel calls that a run may spend on sources such as tasks and notes",
        ),
        key(
            "max_changes",
            Takes::Share,
            "Brake: how many linked contacts one run may change",
        ),
        key(
            "max_deletes",
            Takes::Share,
            "Brake: how many linked contacts one run may delete",
        ),
    ],
};

/// All tables, in the order in which files have them.
pub(super) const TABLES: &[Table] = &[
    GHL, BIGMAILER, SYNC, FILTER, CONSENT, FIELD, LIST, NOTE, TASK, SEND, LIMITS,
];

impl Table {
    /// The names of its keys.
    pub fn names(&self) -> Vec<&'static str> {
        self.keys.iter().map(|key| key.name).collect()
    }

    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// As it is called in sentences.
    pub fn title(&self) -> String {
        match self.many {
            true => format!("[[{}]]", self.name),
            false => format!("[{}]", self.name),
        }
    }
}

impl Takes {
    /// What to write, in words.
    pub fn expected(&self) -> String {
        match self {
            Takes::Version => format!("the number {VERSION}"),
            Takes::Text => "text".to_owned(),
            Takes::Flag => "true or false".to_owned(),
            Takes::Whole(least) => format!("a whole number from {least} up"),
            Takes::Fraction => "a number above 0 and at most 1".to_owned(),
            Takes::Words(words) => words().join(", "),
            Takes::Texts => "texts with commas between them".to_owned(),
            Takes::Duration => "a number with s, m, h or d, such as 10m".to_owned(),
            Takes::Share => "a percentage such as 5%, or a number of contacts".to_owned(),
            Takes::Table => "a table".to_owned(),
        }
    }
}
