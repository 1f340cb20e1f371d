//! `ghl-bm` keeps the contacts of a HighLevel location and a BigMailer brand in step.
//!
//! This is the map of the source: what is where, who may use whom, what always holds, which files
//! are touched. How a sync behaves is in docs/how-it-works.md. Everything is in this library so that
//! tests and examples can reach it, but only two things are public: [`run`], the whole program, and
//! [`sandbox`], the two made-up services.
//!
//! Start reading at [`run`], then `cli/sync.rs`, `engine::sync` and `plan::decide`: those four are
//! the way of a contact. Every module's head says what it is for and where to begin.
//!
//! # Rooms
//!
//! A line of code knows its own room and those it uses. If it needs a word of another, it is in the
//! wrong room.
//!
//! | room | knows | has never heard of |
//! | --- | --- | --- |
//! | `cli` | commands, flags, words and JSON for people and scripts | HTTP, SQL, how a decision is made |
//! | `cli/context` | all concrete types, the environment, the clock, sandbox or not | JSON of a service |
//! | `cli/error` | every kind of error, exit codes, the next thing to type | how an error arose |
//! | `ui` | terminals, quiet, colour, bars, prompts; the only one that prints | contacts, services |
//! | `ui/filter` | expressions of `--jq` | what is filtered, where it goes |
//! | `engine` | the order of steps, when to commit, one failed or all stopped | flags, URLs, SQL |
//! | `plan` | base, both sides, policy, brakes; pure | I/O, clock, wire formats |
//! | `mapping` | rules, transforms, what a contact should look like; pure | files, TOML, network |
//! | `fit` | whether a profile and the services fit together, what could go with what; pure | how either was read |
//! | `contact` | contact, value, consent, side: the words; pure | everything else |
//! | `related` | tasks, notes, appointments, opportunities, businesses: the words; pure | everything else |
//! | `remote` | the port: what any side can be asked to do | HTTP, either vendor |
//! | `stop` | a request to end, and why | who asks, who obeys |
//! | `api/pace` | windows, budgets, back-off; pure | sockets, contacts |
//! | `api/http` | requests, answers, time-outs; the only one that sends and waits | contacts |
//! | `api/raw` | calls that somebody wrote by hand, the pages that follow | what they are for |
//! | `api/ghl` | HighLevel's paths, paging, quirks | BigMailer, plan, state |
//! | `api/bigmailer` | BigMailer's paths, operations, batches, quirks | HighLevel, plan, state |
//! | `credentials` | where secrets come from and are kept, when a login is renewed | HTTP, profiles |
//! | `profiles` | the config directory, TOML, line numbers | network, SQLite |
//! | `state` | the schema, transactions, staging, the lock | vendors, reasons |
//! | `rows` | CSV and NDJSON that come in: dialects, limits, places of faults | what a column means |
//! | `export` | rows that go out: shapes, order, files that appear when complete | services, contacts, flags |
//! | `sandbox` | a small world, loopback, faults (feature `sandbox`, on by default) | that the rest exists |
//!
//! # Arrows
//!
//! ```text
//! main -> cli -> everything below          (only cli/context builds clients and stores)
//! engine -> plan, mapping, remote, state, stop, contact, related
//! fit -> engine (the type Resolved), plan, mapping, related
//! plan -> mapping, contact, related        mapping -> contact, related
//! api/ghl -> related, credentials          api/ghl, api/bigmailer -> api/http, remote, contact
//! api/raw -> api/http, and both vendors for what they know of reading and paging
//! api/http -> api/pace, remote, stop, contact, credentials
//! credentials -> contact                   profiles -> mapping             export -> state
//! remote -> contact, related
//! state, contact, related, rows, stop, ui, sandbox -> nothing of ours
//! ```
//!
//! Tests may also use the sandbox, an in-memory state and a memory remote.
//!
//! # What always holds
//!
//! - Nothing in the program can subscribe anybody again: `remote::Change` has no word for it.
//! - An update names only keys of the profile, with `add` or `remove`; `replace` is never sent (nor
//!   by `api`, unless its user writes it).
//! - Nobody is mailed but by `Bigmailer::send_mail`, which never sends again after a lost answer. A
//!   sync records a mail before it is sent, so that no later run sends it either.
//! - A note or task is recorded before it is made and settled by reading; an event is acted upon once.
//! - An update of a HighLevel contact never carries its tags or `dnd`, and blocks e-mail at most. What
//!   the contact does not show afterwards was not written: `remote::PARTLY_APPLIED` names it.
//! - No way of creating a contact can make a second one with the same address.
//! - Base is saved after the write was confirmed, never before; a batch is recorded before it is
//!   sent. So any moment is a good one to be killed at.
//! - Whatever would follow from an absence is preceded by a complete listing and a direct read.
//! - A write whose answer was lost is settled by reading.
//! - A plan from a file has no power of its own: it is decided anew, and only what comes out the same
//!   is written.
//! - What a write replaces is recorded before it is sent; an undo never loosens consent.
//! - No write before the plan has passed the brakes. (On a large first run into an empty brand
//!   contacts are created while reading goes on: there is no link yet that a brake could protect.)
//! - One thread decides and writes the state; other threads only wait for services.
//! - Listings and plan are staged on disk, not in memory; a BigMailer listing and the deprecated one
//!   of HighLevel keep eight bytes a contact, to know repeats. An export holds back 8 MiB of rows at
//!   most, the rest on disk.
//! - An unfinished export never claims more than what is on disk: its mark is written after its bytes.
//! - A refresh token is used only by whoever holds the lock, after the store has shown that it takes
//!   writes; the new pair is stored and read back before it is used.
//! - A panic ends the process there and then (`cli/crash`), as a kill would; its text, which may hold
//!   a contact's value, is not shown.
//! - Old values from a search that is later than a run's own writes are no change of anybody's: whom a
//!   recent run wrote to and a listing shows otherwise is read singly (`engine/read`).
//! - A secret is a `credentials::Secret`, which cannot be displayed; error texts and raw answers are
//!   searched for it, in case a service echoes it.
//! - The environment and the wall clock are read in `cli/context` alone; `plan`, `mapping`, `fit`
//!   and `api/pace` are functions of their arguments.
//! - `sandbox` shares no type with the rest: its answers are written by hand from the vendors'
//!   documents, so that a misreading of the client is not repeated by what tests it.
//!
//! # Files at run time
//!
//! | file | read | written |
//! | --- | --- | --- |
//! | `<config>/config.toml` | settings, if there | `auth migrate`, whole or not at all |
//! | `<config>/credentials/NAME.ghl`, `NAME.bigmailer` | where the store is `file` | `auth login`, `auth migrate`; a renewed login by every command |
//! | `<state>/NAME.token.lock` | whether a renewal was broken off | held by the one process that renews or stores a login |
//! | `<config>/profiles/NAME.toml` | by every command that needs a profile | `map init`, `set`, `add`, `remove`, `edit`, and `check` where the format is an older one; whole or not at all |
//! | `<config>/profiles/NAME.toml.v0` | never | the file of an older format, by whoever brought it up |
//! | `<config>/profiles/profile.schema.json` | by editors | `map init`, `map edit` |
//! | `<config>/profiles/.NAME.edit.toml` | `map edit` | what the editor works on; stays only while it is no valid profile |
//! | `<state>/NAME.db`, with SQLite's `-wal` and `-shm` | `sync`, `push contacts`, `runs`, `explain`, `test`, `map check` | `sync`, `runs undo`, `runs forget`, `test --probe`; `push contacts` notes writes that are under way |
//! | `<state>/NAME.lock` | | held by the one `sync`, `push contacts`, `runs undo`, `runs forget` or `test --probe` that runs; empty |
//! | the file of `sync --plan-out` | by `sync --apply` | whole or not at all |
//! | the file of `sync --report` | never | whole or not at all |
//! | the file of `sync --metrics` | for the time of the last success | whole or not at all |
//! | the socket of `NOTIFY_SOCKET` | never | `sync --every`: readiness and signs of life |
//! | `<state>/NAME.db.damaged-…` | never | what `sync --rebuild-state` puts aside |
//! | a temporary SQLite database | one run's listings and plan | gone with the process |
//! | files named by `GHL_BM_GHL_TOKEN_FILE`, `GHL_BM_BIGMAILER_API_KEY_FILE` | for the secret | never |
//! | the system keyring, entries `ghl-bm` | `NAME/ghl`, `NAME/bigmailer` | `auth login`, `auth logout`, `auth migrate`; a renewed login by every command |
//! | programs named by `command:…` | for the secret | never |
//! | the file of `pull --output` | never | whole or not at all, from `.NAME.ghl-bm-part` |
//! | `.NAME.ghl-bm-part` beside it, with `.at` | `pull --resume` | until the file is complete |
//! | a temporary SQLite database | what `pull` has to put in order | gone with the process |
//! | the file of `push` | once, from the beginning; kept in a nameless temporary file | never |
//! | the files of `push --report` and `--rejects` | never | whole or not at all |
//! | the files of `map test` | offline, whole | never |
//! | files named by `api --input FILE` and `--field KEY=@FILE` | for the call | never |
//! | `<sandbox-dir>/config`, `state`, `world` | with `--sandbox-dir` | with `--sandbox-dir` |
//! | a temporary directory | profile and state of `--sandbox` without a directory | gone with the command |
//! | the file of `sandbox::Options::record` | never | with it: every exchange (no command sets it) |
//!
//! `<config>` and `<state>` are `--config-dir` and `--state-dir`, else the platform's directories.
//! TLS reads the platform's root certificates, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR`;
//! proxies come from the system's usual variables, except for loopback.

#![deny(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used)]

pub(crate) mod api;
pub(crate) mod cli;
pub(crate) mod contact;
pub(crate) mod credentials;
pub(crate) mod engine;
pub(crate) mod export;
pub(crate) mod fit;
pub(crate) mod mapping;
pub(crate) mod plan;
pub(crate) mod profiles;
pub(crate) mod related;
pub(crate) mod remote;
pub(crate) mod rows;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub(crate) mod state;
pub(crate) mod stop;
pub(crate) mod ui;

pub use cli::run;
