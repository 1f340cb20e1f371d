//! What is remembered between runs, and the staging of one run's listings.
//!
//! One SQLite file a profile: links with their bases, tombstones, intents, cursors, run history.
//! Listings and decisions of the current run are staged in a private temporary database that the
//! operating system forgets with the process, so that a plan streams instead of living in memory.
//! This module knows SQL and files; it knows neither the services nor why something is stored.
//! Start reading at [`State::open`], then the tables in [`SCHEMA`] and [`STAGE`]. What a command has
//! to keep in order for itself, without a profile's state, goes into a [`Spill`].

pub mod capability;
mod conflicts;
mod derived;
mod events;
mod forget;
pub mod glance;
pub mod history;
mod making;
mod saved;
mod spill;

use std::cell::RefCell;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use conflicts::Conflict;
pub use derived::Sweep;
pub use events::Happened;
pub use spill::Spill;

/// The schema version this program writes (`PRAGMA user_version`).
const VERSION: i64 = 2;

/// What the second version added, each by the module that uses it.
const ADDED: [&str; 6] = [
    derived::TABLES,
    history::TABLES,
    capability::TABLES,
    conflicts::TABLES,
    events::TABLES,
    making::TABLES,
];

/// One row a HighLevel contact that takes part; `bm_id` is null for those without a counterpart
/// (duplicates, people waiting to be created).
const SCHEMA: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE link (
  ghl_id  TEXT PRIMARY KEY,
  bm_id   TEXT,
  email   TEXT,
  created INTEGER,
  blocked INTEGER NOT NULL,
  scoped  INTEGER NOT NULL,
  gone    INTEGER NOT NULL DEFAULT 0,
  base    TEXT
);
CREATE UNIQUE INDEX link_bm ON link (bm_id) WHERE bm_id IS NOT NULL;
CREATE INDEX link_email ON link (email) WHERE email IS NOT NULL;
CREATE TABLE tombstone (ghl_id TEXT PRIMARY KEY, email TEXT, bm_id TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX tombstone_email ON tombstone (email) WHERE email IS NOT NULL;
CREATE TABLE intent (id INTEGER PRIMARY KEY, submission TEXT, at INTEGER NOT NULL, drafts INTEGER NOT NULL);
CREATE TABLE pending (ghl_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE run (id TEXT PRIMARY KEY, started INTEGER NOT NULL, finished INTEGER, document TEXT) WITHOUT ROWID;
CREATE TABLE problem (
  run TEXT NOT NULL, seq INTEGER NOT NULL, side TEXT NOT NULL, id TEXT, ghl_id TEXT, email TEXT,
  reason TEXT NOT NULL, message TEXT NOT NULL, PRIMARY KEY (run, seq)
) WITHOUT ROWID;
";

const STAGE: &str = "
CREATE TABLE stage.ghl (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, email TEXT, created INTEGER,
  usable INTEGER NOT NULL, scoped INTEGER NOT NULL, blocked INTEGER NOT NULL, direct INTEGER NOT NULL, done TEXT, view TEXT NOT NULL
);
CREATE TABLE stage.bm (id TEXT PRIMARY KEY, email TEXT, ghl_id TEXT, created INTEGER, unsubscribed INTEGER NOT NULL, view TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE stage.shared (email TEXT PRIMARY KEY, first TEXT NOT NULL, blocked INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE stage.claim (bm_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE stage.gone (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE stage.action (seq INTEGER PRIMARY KEY, phase INTEGER NOT NULL, ghl_id TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX stage.action_phase ON action (phase, seq);
CREATE TABLE stage.problem (
  seq INTEGER PRIMARY KEY, side TEXT NOT NULL, id TEXT, ghl_id TEXT, email TEXT, reason TEXT NOT NULL, message TEXT NOT NULL
);
";

/// Runs older than this many are forgotten together with their problems.
const RUNS_KEPT: i64 = 200;

/// An error of the state file. Every variant names the file.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    #[error("the state file {path} is damaged: {detail}")]
    Damaged { path: String, detail: String },
    #[error(
        "the state file {path} was written by a newer ghl-bm (schema {found}, this one knows {VERSION})"
    )]
    Newer { path: String, found: i64 },
    #[error("no space left while writing {path}")]
    Full { path: String },
    #[error("cannot open or write {path}: {detail}")]
    Io { path: String, detail: String },
}

/// How a state file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Made when missing.
    Write,
    /// Never made, never written; a missing file reads as an empty one.
    Peek,
}

/// One profile's state, with the staging tables of the current run.
pub struct State {
    db: Connection,
    label: String,
    /// The schema that holds the intents: `main`, or that of the file this one stands beside.
    intents: &'static str,
    recording: RefCell<history::Recording>,
}

type Result<T> = std::result::Result<T, StateError>;

/// A link row.
#[derive(Debug, Clone, PartialEq)]
pub struct Link<B> {
    pub ghl_id: String,
    pub bm_id: Option<String>,
    /// The HighLevel contact's address when last seen, trimmed and lower-cased.
    pub email: Option<String>,
    /// Milliseconds since 1970.
    pub created: Option<i64>,
    pub blocked: bool,
    pub scoped: bool,
    /// The HighLevel contact is gone and the profile's policy for that was carried out.
    pub gone: bool,
    pub base: Option<B>,
}

/// A HighLevel contact of this run's listing.
#[derive(Debug, Clone, PartialEq)]
pub struct Staged<V> {
    pub id: String,
    /// Trimmed and lower-cased, usable or not.
    pub email: Option<String>,
    pub created: Option<i64>,
    /// BigMailer can store the address.
    pub usable: bool,
    pub scoped: bool,
    pub blocked: bool,
    /// Read from the primary store in this run, not only found in a listing.
    pub direct: bool,
    /// What already happened to the contact earlier in this run.
    pub done: Option<String>,
    pub view: V,
}

/// Who waits for another try: a HighLevel contact, or a BigMailer contact that belongs to none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending<'a> {
    Person(&'a str),
    Stranger(&'a str),
}

impl Pending<'_> {
    fn key(self) -> String {
        match self {
            Pending::Person(ghl_id) => ghl_id.to_owned(),
            Pending::Stranger(bm_id) => format!("bigmailer:{bm_id}"),
        }
    }
}

/// A BigMailer contact of this run's listing.
#[derive(Debug, Clone, PartialEq)]
pub struct StagedMirror<V> {
    pub id: String,
    pub email: Option<String>,
    pub ghl_id: Option<String>,
    pub created: Option<i64>,
    pub unsubscribed: bool,
    pub view: V,
}

/// Something a person should know about one contact.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Problem {
    pub side: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ghl_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    pub reason: String,
    pub message: String,
}

/// A finished or interrupted run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRow {
    pub id: String,
    /// Milliseconds since 1970.
    pub started: i64,
    pub finished: Option<i64>,
    /// The run's JSON document without its problems.
    pub document: Option<String>,
}

/// A batch whose results were not yet seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    pub id: i64,
    pub submission: Option<String>,
    pub at: i64,
    pub drafts: i64,
}

impl State {
    /// Opens (or makes) the state file at `path`, checks its integrity and brings its schema up.
    ///
    /// # Errors
    /// [`StateError::Damaged`] when it is not a healthy SQLite file, [`StateError::Newer`] when a
    /// later version wrote it. Nothing is repaired or guessed.
    pub fn open(path: &Path, access: Access) -> Result<State> {
        let label = path.display().to_string();
        if access == Access::Peek && !path.exists() {
            return State::in_memory(&label);
        }
        if access == Access::Write && !path.exists() {
            let parent = path.parent().unwrap_or(Path::new("."));
            private_dir(parent).map_err(|e| io_error(&parent.display().to_string(), &e))?;
            private_file(path).map_err(|e| io_error(&label, &e))?;
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags).map_err(|e| sql_error(&label, e))?;
        let state = State {
            db,
            label,
            intents: "main",
            recording: RefCell::default(),
        };
        if access == Access::Peek && state.has_no_schema()? {
            // Made by a run that was killed at once: it says as little as a missing one.
            return State::in_memory(&state.label);
        }
        state.prepare(access == Access::Write)?;
        Ok(state)
    }

    /// A state that is forgotten with the process.
    pub fn in_memory(label: &str) -> Result<State> {
        let db = Connection::open_in_memory().map_err(|e| sql_error(label, e))?;
        let state = State {
            db,
            label: label.to_owned(),
            intents: "main",
            recording: RefCell::default(),
        };
        state.prepare(true)?;
        Ok(state)
    }

    /// A state that remembers nobody and is forgotten with the process, but keeps its intents in the
    /// file at `path`, which exists: whatever is sent is settled by whoever opens that file next.
    pub fn beside(path: &Path) -> Result<State> {
        let label = path.display().to_string();
        // An empty name is SQLite's private temporary file: unlinked at once, spilled by need.
        let db = Connection::open("").map_err(|e| sql_error(&label, e))?;
        let state = State {
            db,
            label,
            intents: "beside",
            recording: RefCell::default(),
        };
        state.prepare(true)?;
        state.exec("ATTACH ?1 AS beside", [&state.label])?;
        Ok(state)
    }

    fn has_no_schema(&self) -> Result<bool> {
        let version = self
            .db
            .pragma_query_value(None, "user_version", |r| r.get::<_, i64>(0))
            .map_err(|e| self.err(e))?;
        Ok(version == 0 && self.count("SELECT count(*) FROM sqlite_master")? == 0)
    }

    fn prepare(&self, may_write: bool) -> Result<()> {
        let run = || -> rusqlite::Result<Option<i64>> {
            self.db.busy_timeout(std::time::Duration::from_secs(5))?;
            // A lost commit could make a batch or a consent base be forgotten: never give that up.
            self.db.pragma_update(None, "journal_mode", "WAL")?;
            self.db.pragma_update(None, "synchronous", "FULL")?;
            self.db.pragma_update(None, "wal_autocheckpoint", 4000)?;
            self.db.pragma_update(None, "cache_size", -4000)?;
            self.db.set_prepared_statement_cache_capacity(64);
            let version: i64 = self
                .db
                .pragma_query_value(None, "user_version", |r| r.get(0))?;
            if version > VERSION {
                return Ok(Some(version));
            }
            let fresh: bool = may_write
                && version == 0
                && self.db.query_row(
                    "SELECT NOT EXISTS (SELECT 1 FROM sqlite_master)",
                    [],
                    |r| r.get(0),
                )?;
            if fresh {
                let added = ADDED.concat();
                self.db.execute_batch(&format!(
                    "BEGIN; {SCHEMA} {added} PRAGMA user_version = {VERSION}; COMMIT;"
                ))?;
            }
            Ok(None)
        };
        if let Some(found) = run().map_err(|e| self.err(e))? {
            return Err(StateError::Newer {
                path: self.label.clone(),
                found,
            });
        }
        let verdict: String = self
            .db
            .query_row("PRAGMA quick_check(1)", [], |r| r.get(0))
            .map_err(|e| self.err(e))?;
        let known: i64 = self
            .db
            .query_row("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('meta','link','tombstone','intent','pending','run','problem')", [], |r| r.get(0))
            .map_err(|e| self.err(e))?;
        if verdict != "ok" || known != 7 {
            let detail = if verdict == "ok" {
                "tables are missing".to_owned()
            } else {
                verdict
            };
            return Err(StateError::Damaged {
                path: self.label.clone(),
                detail,
            });
        }
        self.bring_up(may_write)
    }

    /// Makes what the first version did not have; where nothing may be written, for this process
    /// only.
    fn bring_up(&self, may_write: bool) -> Result<()> {
        let version: i64 = self
            .db
            .pragma_query_value(None, "user_version", |r| r.get(0))
            .map_err(|e| self.err(e))?;
        let added = ADDED.concat();
        let sql = match (version, may_write) {
            (1, true) => format!("BEGIN; {added} PRAGMA user_version = {VERSION}; COMMIT;"),
            (1, false) => added
                .replace("CREATE TABLE", "CREATE TEMP TABLE")
                .replace("INDEX IF NOT EXISTS ", "INDEX IF NOT EXISTS temp."),
            _ => return Ok(()),
        };
        self.db.execute_batch(&sql).map_err(|e| self.err(e))
    }

    fn err(&self, error: rusqlite::Error) -> StateError {
        sql_error(&self.label, error)
    }

    fn exec(&self, sql: &str, args: impl rusqlite::Params) -> Result<usize> {
        self.db
            .prepare_cached(sql)
            .and_then(|mut s| s.execute(args))
            .map_err(|e| self.err(e))
    }

    fn one<T>(
        &self,
        sql: &str,
        args: impl rusqlite::Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        self.db
            .prepare_cached(sql)
            .and_then(|mut s| s.query_row(args, read).optional())
            .map_err(|e| self.err(e))
    }

    fn each(
        &self,
        sql: &str,
        args: impl rusqlite::Params,
        mut see: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> Result<()> {
        let mut statement = self.db.prepare_cached(sql).map_err(|e| self.err(e))?;
        let mut rows = statement.query(args).map_err(|e| self.err(e))?;
        while let Some(row) = rows.next().map_err(|e| self.err(e))? {
            see(row).map_err(|e| self.err(e))?;
        }
        Ok(())
    }

    fn count(&self, sql: &str) -> Result<u64> {
        Ok(self
            .one(sql, [], |r| r.get::<_, i64>(0))?
            .unwrap_or(0)
            .unsigned_abs())
    }

    /// Runs `work` in one transaction; nothing of it stays when it fails. Inside another one it is a
    /// part of that.
    pub fn transaction<T, E: From<StateError>>(
        &self,
        work: impl FnOnce() -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        if !self.db.is_autocommit() {
            return work();
        }
        self.exec("BEGIN IMMEDIATE", [])?;
        match work() {
            Ok(value) => {
                self.exec("COMMIT", [])?;
                Ok(value)
            }
            Err(error) => {
                // The first error is the one to tell; a failed roll-back changes nothing about it.
                let _ = self.exec("ROLLBACK", []);
                Err(error)
            }
        }
    }

    // ---- facts by name

    pub fn meta(&self, key: &str) -> Result<Option<String>> {
        self.one("SELECT value FROM main.meta WHERE key = ?1", [key], |r| {
            r.get(0)
        })
    }

    pub fn set_meta(&self, key: &str, value: &str) -> Result<()> {
        self.exec(
            "INSERT INTO main.meta VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
            [key, value],
        )?;
        Ok(())
    }

    pub fn clear_meta(&self, key: &str) -> Result<()> {
        self.exec("DELETE FROM main.meta WHERE key = ?1", [key])?;
        Ok(())
    }

    // ---- links

    pub fn link<B: DeserializeOwned>(&self, ghl_id: &str) -> Result<Option<Link<B>>> {
        self.one(
            "SELECT ghl_id, bm_id, email, created, blocked, scoped, gone, base FROM main.link WHERE ghl_id = ?1",
            [ghl_id],
            read_link,
        )
    }

    pub fn links_by_email<B: DeserializeOwned>(&self, email: &str) -> Result<Vec<Link<B>>> {
        let mut found = Vec::new();
        self.each(
            "SELECT ghl_id, bm_id, email, created, blocked, scoped, gone, base FROM main.link WHERE email = ?1",
            [email],
            |r| {
                found.push(read_link(r)?);
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// The HighLevel id that a BigMailer contact is linked to.
    pub fn owner(&self, bm_id: &str) -> Result<Option<String>> {
        self.one(
            "SELECT ghl_id FROM main.link WHERE bm_id = ?1",
            [bm_id],
            |r| r.get(0),
        )
    }

    pub fn put_link<B: Serialize>(&self, link: &Link<B>) -> Result<()> {
        if let Some(bm_id) = &link.bm_id {
            // A BigMailer contact belongs to one person; whoever had it before loses it.
            self.exec(
                "UPDATE main.link SET bm_id = NULL, base = NULL WHERE bm_id = ?1 AND ghl_id <> ?2",
                [bm_id, &link.ghl_id],
            )?;
        }
        let base = link.base.as_ref().map(|b| self.encode(b)).transpose()?;
        self.exec(
            "INSERT INTO main.link VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (ghl_id) DO UPDATE SET \
             bm_id = ?2, email = ?3, created = ?4, blocked = ?5, scoped = ?6, gone = ?7, base = ?8",
            params![link.ghl_id, link.bm_id, link.email, link.created, link.blocked, link.scoped, link.gone, base],
        )?;
        Ok(())
    }

    /// Stores what was last seen of a HighLevel contact; its counterpart stays as it is.
    pub fn put_facts<B>(&self, link: &Link<B>) -> Result<()> {
        self.exec(
            "INSERT INTO main.link VALUES (?1, NULL, ?2, ?3, ?4, ?5, ?6, NULL) ON CONFLICT (ghl_id) DO UPDATE SET \
             email = ?2, created = ?3, blocked = ?4, scoped = ?5, gone = ?6",
            params![link.ghl_id, link.email, link.created, link.blocked, link.scoped, link.gone],
        )?;
        Ok(())
    }

    pub fn drop_link(&self, ghl_id: &str) -> Result<()> {
        self.exec("DELETE FROM main.link WHERE ghl_id = ?1", [ghl_id])?;
        Ok(())
    }

    /// Links with a counterpart in BigMailer whose HighLevel contact is not known to be gone.
    pub fn linked(&self) -> Result<u64> {
        self.count("SELECT count(*) FROM main.link WHERE bm_id IS NOT NULL AND gone = 0")
    }

    /// Nothing is known of any contact.
    pub fn is_empty(&self) -> Result<bool> {
        let any = self.count(
            "SELECT EXISTS (SELECT 1 FROM main.link) OR EXISTS (SELECT 1 FROM main.tombstone)",
        )?;
        Ok(any == 0)
    }

    // ---- tombstones: people deleted in BigMailer, who are not made again

    /// Whether the contact or its address had a record that was deleted.
    pub fn is_buried(&self, ghl_id: &str, email: Option<&str>) -> Result<bool> {
        let found = self.one(
            "SELECT 1 FROM main.tombstone WHERE ghl_id = ?1 UNION ALL SELECT 1 FROM main.tombstone WHERE email = ?2 LIMIT 1",
            params![ghl_id, email],
            |_| Ok(()),
        )?;
        Ok(found.is_some())
    }

    /// Whether this run found the record of anybody with this address to be gone; `unseen`: also of
    /// contacts that the run has not looked at.
    pub fn is_lost(&self, email: &str, unseen: bool) -> Result<bool> {
        let found = self.one(
            "SELECT 1 FROM main.link l JOIN stage.gone d ON d.id = l.bm_id \
             WHERE l.email = ?1 AND (?2 OR EXISTS (SELECT 1 FROM stage.ghl g WHERE g.id = l.ghl_id)) LIMIT 1",
            params![email, unseen],
            |_| Ok(()),
        )?;
        Ok(found.is_some())
    }

    /// The BigMailer id that was deleted under this person or address, if any.
    pub fn tombstone(&self, ghl_id: Option<&str>, email: Option<&str>) -> Result<Option<String>> {
        self.one(
            "SELECT bm_id FROM main.tombstone WHERE ghl_id = ?1 UNION ALL SELECT bm_id FROM main.tombstone WHERE email = ?2 LIMIT 1",
            params![ghl_id, email],
            |r| r.get(0),
        )
    }

    /// The BigMailer contact of a person was deleted: remembers it, and nobody is linked to it any
    /// more. The address, if given, is barred too.
    pub fn bury(&self, ghl_id: &str, email: Option<&str>, bm_id: &str) -> Result<()> {
        self.exec(
            "UPDATE main.link SET bm_id = NULL, base = NULL WHERE bm_id = ?1",
            [bm_id],
        )?;
        self.exec(
            "INSERT OR REPLACE INTO main.tombstone (ghl_id, email, bm_id) VALUES (?1, ?2, ?3)",
            params![ghl_id, email, bm_id],
        )?;
        Ok(())
    }

    /// Somebody made a record for this person anew, or one with this address. Others who were
    /// deleted under the address are still not made again.
    pub fn exhume(&self, ghl_id: &str, email: &str) -> Result<()> {
        self.exec("DELETE FROM main.tombstone WHERE ghl_id = ?1", [ghl_id])?;
        self.exec(
            "UPDATE main.tombstone SET email = NULL WHERE email = ?1",
            [email],
        )?;
        Ok(())
    }

    // ---- intents: batches whose results were not seen yet

    pub fn open_intent(&self, at: i64, drafts: usize) -> Result<i64> {
        self.exec(
            &format!(
                "INSERT INTO {}.intent (submission, at, drafts) VALUES (NULL, ?1, ?2)",
                self.intents
            ),
            params![at, i64::try_from(drafts).unwrap_or(i64::MAX)],
        )?;
        Ok(self.db.last_insert_rowid())
    }

    pub fn set_submission(&self, intent: i64, submission: &str) -> Result<()> {
        self.exec(
            &format!(
                "UPDATE {}.intent SET submission = ?2 WHERE id = ?1",
                self.intents
            ),
            params![intent, submission],
        )?;
        Ok(())
    }

    pub fn close_intent(&self, intent: i64) -> Result<()> {
        self.exec(
            &format!("DELETE FROM {}.intent WHERE id = ?1", self.intents),
            [intent],
        )?;
        Ok(())
    }

    pub fn intents(&self) -> Result<Vec<Intent>> {
        let mut found = Vec::new();
        self.each(
            &format!(
                "SELECT id, submission, at, drafts FROM {}.intent ORDER BY id",
                self.intents
            ),
            [],
            |r| {
                found.push(Intent {
                    id: r.get(0)?,
                    submission: r.get(1)?,
                    at: r.get(2)?,
                    drafts: r.get(3)?,
                });
                Ok(())
            },
        )?;
        Ok(found)
    }

    // ---- contacts to look at again although HighLevel shows no change

    pub fn set_pending(&self, who: Pending<'_>, pending: bool) -> Result<()> {
        let key = who.key();
        if pending {
            self.exec("INSERT OR IGNORE INTO main.pending VALUES (?1)", [key])?;
        } else {
            self.exec("DELETE FROM main.pending WHERE ghl_id = ?1", [key])?;
        }
        Ok(())
    }

    /// Forgets the pending contacts of this run for whom there is nothing left to write: those that
    /// are gone, and those whose plan is empty; also the pending strangers, where this run has
    /// looked at them all.
    pub fn settle_pending(&self, strangers: bool) -> Result<()> {
        self.exec(
            "DELETE FROM main.pending WHERE ghl_id IN (SELECT id FROM stage.gone) \
             OR (ghl_id IN (SELECT id FROM stage.ghl WHERE done IS NULL OR done <> 'failed') \
             AND ghl_id NOT IN (SELECT ghl_id FROM stage.action WHERE phase > 0)) \
             OR (?1 AND ghl_id LIKE 'bigmailer:%')",
            [strangers],
        )?;
        Ok(())
    }

    pub fn is_pending(&self, who: Pending<'_>) -> Result<bool> {
        let found = self.one(
            "SELECT 1 FROM main.pending WHERE ghl_id = ?1",
            [who.key()],
            |_| Ok(()),
        )?;
        Ok(found.is_some())
    }

    /// HighLevel ids of the pending contacts.
    pub fn pending(&self) -> Result<Vec<String>> {
        self.pending_keys(
            "SELECT ghl_id FROM main.pending WHERE ghl_id NOT LIKE 'bigmailer:%' ORDER BY ghl_id",
        )
    }

    /// BigMailer ids of the pending strangers.
    pub fn pending_strangers(&self) -> Result<Vec<String>> {
        self.pending_keys(
            "SELECT substr(ghl_id, 11) FROM main.pending WHERE ghl_id LIKE 'bigmailer:%' ORDER BY ghl_id",
        )
    }

    fn pending_keys(&self, sql: &str) -> Result<Vec<String>> {
        let mut found = Vec::new();
        self.each(sql, [], |r| {
            found.push(r.get(0)?);
            Ok(())
        })?;
        Ok(found)
    }

    pub fn pending_count(&self) -> Result<u64> {
        self.count("SELECT count(*) FROM main.pending")
    }

    // ---- run history

    pub fn begin_run(&self, id: &str, started: i64) -> Result<()> {
        self.exec(
            "INSERT INTO main.run VALUES (?1, ?2, NULL, NULL)",
            params![id, started],
        )?;
        self.record_for(id);
        Ok(())
    }

    /// Stores a run's document and its staged problems, and forgets the oldest runs.
    pub fn end_run(&self, id: &str, finished: i64, document: &str) -> Result<()> {
        self.exec(
            "UPDATE main.run SET finished = ?2, document = ?3 WHERE id = ?1",
            params![id, finished, document],
        )?;
        self.exec("INSERT INTO main.problem SELECT ?1, seq, side, id, ghl_id, NULL, reason, message FROM stage.problem", [id])?;
        self.exec("DELETE FROM main.run WHERE id IN (SELECT id FROM main.run ORDER BY started DESC LIMIT -1 OFFSET ?1)", [RUNS_KEPT])?;
        self.exec(
            "DELETE FROM main.problem WHERE run NOT IN (SELECT id FROM main.run)",
            [],
        )?;
        self.prune_images()
    }

    /// When a run began.
    pub fn run_started(&self, id: &str) -> Result<Option<i64>> {
        self.one("SELECT started FROM main.run WHERE id = ?1", [id], |r| {
            r.get(0)
        })
    }

    /// Runs, newest first.
    pub fn runs(&self, limit: usize) -> Result<Vec<RunRow>> {
        let mut found = Vec::new();
        self.each(
            "SELECT id, started, finished, document FROM main.run ORDER BY started DESC, id DESC LIMIT ?1",
            [i64::try_from(limit).unwrap_or(i64::MAX)],
            |r| {
                found.push(RunRow { id: r.get(0)?, started: r.get(1)?, finished: r.get(2)?, document: r.get(3)? });
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// The stored problems of one run, in order.
    pub fn run_problems(&self, run: &str, mut see: impl FnMut(Problem)) -> Result<()> {
        self.each(
            "SELECT side, id, ghl_id, email, reason, message FROM main.problem WHERE run = ?1 ORDER BY seq",
            [run],
            |r| {
                see(read_problem(r)?);
                Ok(())
            },
        )
    }

    // ---- staging of the current run

    /// Opens empty staging tables; those of an earlier run are forgotten.
    pub fn open_stage(&self) -> Result<()> {
        // An empty name is SQLite's private temporary file: unlinked at once, spilled by need.
        let open = self.count("SELECT count(*) FROM pragma_database_list WHERE name = 'stage'")?;
        if open > 0 {
            self.db
                .execute_batch("DETACH stage")
                .map_err(|e| self.err(e))?;
        }
        let set_up = "ATTACH '' AS stage; PRAGMA stage.journal_mode = OFF; PRAGMA stage.synchronous = OFF; \
                      PRAGMA stage.cache_size = -6000;";
        self.db
            .execute_batch(set_up)
            .and_then(|()| self.db.execute_batch(STAGE))
            .and_then(|()| self.db.execute_batch(derived::STAGE))
            .and_then(|()| self.db.execute_batch(conflicts::STAGE))
            .and_then(|()| self.db.execute_batch(events::STAGE))
            .map_err(|e| self.err(e))
    }

    /// Forgets a plan made from an incomplete reading, so that it can be made anew. The first
    /// `keep` problems were noted before there was a plan and stay.
    pub fn clear_plan(&self, keep: u64) -> Result<()> {
        for table in [
            "stage.action",
            "stage.claim",
            "stage.shared",
            "stage.held",
            "stage.noticed",
        ] {
            self.exec(&format!("DELETE FROM {table}"), [])?;
        }
        self.exec(
            "DELETE FROM stage.problem WHERE seq > ?1",
            [i64::try_from(keep).unwrap_or(i64::MAX)],
        )?;
        Ok(())
    }

    pub fn index_ghl(&self) -> Result<()> {
        self.exec(
            "CREATE INDEX IF NOT EXISTS stage.ghl_email ON ghl (email) WHERE email IS NOT NULL",
            [],
        )?;
        Ok(())
    }

    pub fn index_bm(&self) -> Result<()> {
        self.exec(
            "CREATE INDEX IF NOT EXISTS stage.bm_email ON bm (email) WHERE email IS NOT NULL",
            [],
        )?;
        self.exec(
            "CREATE INDEX IF NOT EXISTS stage.bm_ghl ON bm (ghl_id) WHERE ghl_id IS NOT NULL",
            [],
        )?;
        Ok(())
    }

    /// Stages a HighLevel contact; one that comes again replaces its earlier self. Returns whether
    /// it is new to this run.
    pub fn stage_ghl<V: Serialize>(&self, contact: &Staged<V>) -> Result<bool> {
        let view = self.encode(&contact.view)?;
        let added = self.exec(
            "INSERT OR IGNORE INTO stage.ghl (id, email, created, usable, scoped, blocked, direct, done, view) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, ?8)",
            params![contact.id, contact.email, contact.created, contact.usable, contact.scoped, contact.blocked, contact.direct, view],
        )?;
        if added == 0 {
            self.exec(
                "UPDATE stage.ghl SET email = ?2, created = ?3, usable = ?4, scoped = ?5, blocked = ?6, direct = ?7, view = ?8 WHERE id = ?1",
                params![contact.id, contact.email, contact.created, contact.usable, contact.scoped, contact.blocked, contact.direct, view],
            )?;
        }
        Ok(added > 0)
    }

    pub fn mark_done(&self, ghl_id: &str, word: &str) -> Result<()> {
        self.exec(
            "UPDATE stage.ghl SET done = ?2 WHERE id = ?1",
            [ghl_id, word],
        )?;
        Ok(())
    }

    pub fn stage_bm<V: Serialize>(&self, contact: &StagedMirror<V>) -> Result<()> {
        let view = self.encode(&contact.view)?;
        self.exec(
            "INSERT OR REPLACE INTO stage.bm VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                contact.id,
                contact.email,
                contact.ghl_id,
                contact.created,
                contact.unsubscribed,
                view
            ],
        )?;
        Ok(())
    }

    pub fn staged_ghl_count(&self) -> Result<u64> {
        self.count("SELECT count(*) FROM stage.ghl")
    }

    pub fn staged_bm_count(&self) -> Result<u64> {
        self.count("SELECT count(*) FROM stage.bm")
    }

    pub fn is_staged(&self, ghl_id: &str) -> Result<bool> {
        Ok(self
            .one(
                "SELECT 1 FROM stage.ghl WHERE id = ?1",
                [ghl_id],
                |_| Ok(()),
            )?
            .is_some())
    }

    /// The address of a staged contact.
    pub fn staged_email(&self, ghl_id: &str) -> Result<Option<String>> {
        Ok(self
            .one("SELECT email FROM stage.ghl WHERE id = ?1", [ghl_id], |r| {
                r.get(0)
            })?
            .flatten())
    }

    pub fn staged_done(&self, ghl_id: &str) -> Result<Option<String>> {
        Ok(self
            .one("SELECT done FROM stage.ghl WHERE id = ?1", [ghl_id], |r| {
                r.get(0)
            })?
            .flatten())
    }

    pub fn staged_ghl<V: DeserializeOwned>(&self, ghl_id: &str) -> Result<Option<Staged<V>>> {
        self.one("SELECT id, email, created, usable, scoped, blocked, direct, done, view FROM stage.ghl WHERE id = ?1", [ghl_id], |r| read_staged(r, 0))
    }

    /// Whether another staged contact has this address.
    pub fn address_is_staged(&self, email: &str, other_than: &str) -> Result<bool> {
        Ok(self
            .one(
                "SELECT 1 FROM stage.ghl WHERE email = ?1 AND id <> ?2 LIMIT 1",
                [email, other_than],
                |_| Ok(()),
            )?
            .is_some())
    }

    /// Up to `limit` staged contacts after `after` in the order of staging, with their sequence
    /// numbers; `open` leaves out those that are settled already and share their address with
    /// nobody.
    pub fn staged_after<V: DeserializeOwned>(
        &self,
        after: i64,
        limit: usize,
        open: bool,
    ) -> Result<Vec<(i64, Staged<V>)>> {
        let mut part = Vec::new();
        self.each(
            "SELECT seq, id, email, created, usable, scoped, blocked, direct, done, view FROM stage.ghl WHERE seq > ?1 \
             AND (NOT ?3 OR done IS NULL OR email IN (SELECT email FROM stage.shared)) ORDER BY seq LIMIT ?2",
            params![after, i64::try_from(limit).unwrap_or(i64::MAX), open],
            |r| {
                part.push((r.get(0)?, read_staged(r, 1)?));
                Ok(())
            },
        )?;
        Ok(part)
    }

    /// Works out which usable addresses are shared by several contacts that take part: the
    /// earliest (by creation, then id) is the first, and one do-not-disturb counts for all.
    pub fn find_shared_addresses(&self) -> Result<()> {
        self.exec("DELETE FROM stage.shared", [])?;
        self.exec(
            "INSERT INTO stage.shared SELECT email, '', max(blocked) FROM stage.ghl \
             WHERE email IS NOT NULL AND usable AND scoped GROUP BY email HAVING count(*) > 1",
            [],
        )?;
        self.exec(
            "UPDATE stage.shared SET first = (SELECT id FROM stage.ghl g WHERE g.email = shared.email AND usable AND scoped \
             ORDER BY created IS NULL, created, id LIMIT 1)",
            [],
        )?;
        Ok(())
    }

    /// The contact that an address belongs to: the earliest of those that take part.
    pub fn first_with_address(&self, email: &str) -> Result<Option<String>> {
        self.one(
            "SELECT id FROM stage.ghl WHERE email = ?1 AND usable AND scoped ORDER BY created IS NULL, created, id LIMIT 1",
            [email],
            |r| r.get(0),
        )
    }

    /// For a shared address: the id of its first contact, and whether anybody is blocked.
    pub fn shared(&self, email: &str) -> Result<Option<(String, bool)>> {
        self.one(
            "SELECT first, blocked FROM stage.shared WHERE email = ?1",
            [email],
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
    }

    pub fn staged_bm<V: DeserializeOwned>(&self, id: &str) -> Result<Option<StagedMirror<V>>> {
        self.one(
            "SELECT id, email, ghl_id, created, unsubscribed, view FROM stage.bm WHERE id = ?1",
            [id],
            read_mirror,
        )
    }

    /// BigMailer contacts that carry this HighLevel id, oldest first.
    pub fn staged_bm_by_ghl_id<V: DeserializeOwned>(
        &self,
        ghl_id: &str,
    ) -> Result<Vec<StagedMirror<V>>> {
        self.mirrors("SELECT id, email, ghl_id, created, unsubscribed, view FROM stage.bm WHERE ghl_id = ?1 ORDER BY created, id", ghl_id)
    }

    /// Whether a listed BigMailer contact carries this HighLevel id.
    pub fn carries_id(&self, ghl_id: &str) -> Result<bool> {
        Ok(self
            .one(
                "SELECT 1 FROM stage.bm WHERE ghl_id = ?1 LIMIT 1",
                [ghl_id],
                |_| Ok(()),
            )?
            .is_some())
    }

    /// BigMailer contacts with this address in any letter case, oldest first.
    pub fn staged_bm_by_email<V: DeserializeOwned>(
        &self,
        email: &str,
    ) -> Result<Vec<StagedMirror<V>>> {
        self.mirrors("SELECT id, email, ghl_id, created, unsubscribed, view FROM stage.bm WHERE email = ?1 ORDER BY created, id", email)
    }

    fn mirrors<V: DeserializeOwned>(&self, sql: &str, key: &str) -> Result<Vec<StagedMirror<V>>> {
        let mut found = Vec::new();
        self.each(sql, [key], |r| {
            found.push(read_mirror(r)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Whether a listed BigMailer contact has this address in any letter case.
    pub fn address_is_listed(&self, email: &str) -> Result<bool> {
        Ok(self
            .one(
                "SELECT 1 FROM stage.bm WHERE email = ?1 LIMIT 1",
                [email],
                |_| Ok(()),
            )?
            .is_some())
    }

    /// Reserves a BigMailer contact for one person of this run; false when somebody has it.
    pub fn claim(&self, bm_id: &str) -> Result<bool> {
        Ok(self.exec("INSERT OR IGNORE INTO stage.claim VALUES (?1)", [bm_id])? > 0)
    }

    pub fn is_claimed(&self, bm_id: &str) -> Result<bool> {
        Ok(self
            .one(
                "SELECT 1 FROM stage.claim WHERE bm_id = ?1",
                [bm_id],
                |_| Ok(()),
            )?
            .is_some())
    }

    /// Notes that a direct read found a contact (of either side) to be gone.
    pub fn confirm_gone(&self, id: &str) -> Result<()> {
        self.exec("INSERT OR IGNORE INTO stage.gone VALUES (?1)", [id])?;
        Ok(())
    }

    pub fn is_confirmed_gone(&self, id: &str) -> Result<bool> {
        Ok(self
            .one("SELECT 1 FROM stage.gone WHERE id = ?1", [id], |_| Ok(()))?
            .is_some())
    }

    /// BigMailer ids of links that this run's listing did not show and no read has settled yet;
    /// what this run itself made after the listing is not missing.
    pub fn missing_in_bm(&self) -> Result<Vec<String>> {
        let mut found = Vec::new();
        self.each(
            "SELECT l.bm_id FROM main.link l WHERE l.bm_id IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM stage.bm b WHERE b.id = l.bm_id) \
             AND NOT EXISTS (SELECT 1 FROM stage.gone g WHERE g.id = l.bm_id) \
             AND NOT EXISTS (SELECT 1 FROM stage.ghl g WHERE g.id = l.ghl_id AND g.done = 'created')",
            [],
            |r| {
                found.push(r.get(0)?);
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// HighLevel ids of links that this run's (complete) listing did not show and no policy has
    /// dealt with yet.
    pub fn missing_in_ghl(&self) -> Result<Vec<String>> {
        let mut found = Vec::new();
        self.each(
            "SELECT l.ghl_id FROM main.link l WHERE l.bm_id IS NOT NULL AND l.gone = 0 \
             AND NOT EXISTS (SELECT 1 FROM stage.ghl g WHERE g.id = l.ghl_id) ORDER BY l.ghl_id",
            [],
            |r| {
                found.push(r.get(0)?);
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// HighLevel ids of links that this run's (complete) listing did not show although they had the
    /// address of somebody who was listed, or their BigMailer contact has it or carries that one's
    /// id.
    pub fn missing_but_wanted(&self) -> Result<Vec<String>> {
        let mut found = Vec::new();
        self.each(
            "SELECT l.ghl_id FROM main.link l LEFT JOIN stage.bm b ON b.id = l.bm_id WHERE l.bm_id IS NOT NULL AND l.gone = 0 \
             AND NOT EXISTS (SELECT 1 FROM stage.ghl g WHERE g.id = l.ghl_id) \
             AND (EXISTS (SELECT 1 FROM stage.ghl g WHERE g.email = l.email) \
             OR EXISTS (SELECT 1 FROM stage.ghl g WHERE g.email = b.email) OR EXISTS (SELECT 1 FROM stage.ghl g WHERE g.id = b.ghl_id)) \
             ORDER BY l.ghl_id",
            [],
            |r| {
                found.push(r.get(0)?);
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// HighLevel ids of links whose BigMailer contact a direct read found to be gone, and who are
    /// not among this run's contacts themselves.
    pub fn lost_and_unseen(&self) -> Result<Vec<String>> {
        let mut found = Vec::new();
        self.each(
            // A cross join keeps this order: few are gone, many are linked.
            "SELECT l.ghl_id FROM stage.gone d CROSS JOIN main.link l ON l.bm_id = d.id \
             WHERE NOT EXISTS (SELECT 1 FROM stage.ghl g WHERE g.id = l.ghl_id) ORDER BY l.ghl_id",
            [],
            |r| {
                found.push(r.get(0)?);
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// Listed BigMailer contacts after `after` (an id) that are linked to a HighLevel contact which
    /// this run has not looked at, each with its link.
    pub fn linked_and_unseen<V: DeserializeOwned, B: DeserializeOwned>(
        &self,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(StagedMirror<V>, Link<B>)>> {
        let mut found = Vec::new();
        self.each(
            "SELECT b.id, b.email, b.ghl_id, b.created, b.unsubscribed, b.view, \
             l.ghl_id, l.bm_id, l.email, l.created, l.blocked, l.scoped, l.gone, l.base \
             FROM stage.bm b JOIN main.link l ON l.bm_id = b.id \
             WHERE b.id > ?1 AND l.gone = 0 AND NOT EXISTS (SELECT 1 FROM stage.ghl g WHERE g.id = l.ghl_id) \
             ORDER BY b.id LIMIT ?2",
            params![after, i64::try_from(limit).unwrap_or(i64::MAX)],
            |r| {
                found.push((read_mirror(r)?, read_link_at(r, 6)?));
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// Listed BigMailer contacts after `after` (an id) that belong to nobody of HighLevel: not
    /// linked and not claimed.
    pub fn strangers<V: DeserializeOwned>(
        &self,
        after: &str,
        limit: usize,
    ) -> Result<Vec<StagedMirror<V>>> {
        let mut found = Vec::new();
        self.each(
            "SELECT b.id, b.email, b.ghl_id, b.created, b.unsubscribed, b.view FROM stage.bm b \
             WHERE b.id > ?1 AND NOT EXISTS (SELECT 1 FROM stage.claim c WHERE c.bm_id = b.id) \
             AND NOT EXISTS (SELECT 1 FROM main.link l WHERE l.bm_id = b.id) ORDER BY b.id LIMIT ?2",
            params![after, i64::try_from(limit).unwrap_or(i64::MAX)],
            |r| {
                found.push(read_mirror(r)?);
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// BigMailer ids of links whose HighLevel contact this run looks at although the listing did not
    /// show their record and no read has settled it.
    pub fn unlisted_of_staged(&self) -> Result<Vec<String>> {
        let mut found = Vec::new();
        self.each(
            "SELECT l.bm_id FROM stage.ghl g JOIN main.link l ON l.ghl_id = g.id WHERE l.bm_id IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM stage.bm b WHERE b.id = l.bm_id) \
             AND NOT EXISTS (SELECT 1 FROM stage.gone d WHERE d.id = l.bm_id) ORDER BY l.bm_id",
            [],
            |r| {
                found.push(r.get(0)?);
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// Listed BigMailer contacts that nobody of HighLevel claimed.
    pub fn unclaimed(&self) -> Result<u64> {
        self.count("SELECT count(*) FROM stage.bm b WHERE NOT EXISTS (SELECT 1 FROM stage.claim c WHERE c.bm_id = b.id)")
    }

    pub fn put_action<A: Serialize>(&self, phase: u8, ghl_id: &str, action: &A) -> Result<()> {
        let body = self.encode(action)?;
        self.exec(
            "INSERT INTO stage.action (phase, ghl_id, body) VALUES (?1, ?2, ?3)",
            params![phase, ghl_id, body],
        )?;
        Ok(())
    }

    /// The next planned actions of a phase after `after`, with their sequence numbers.
    pub fn actions<A: DeserializeOwned>(
        &self,
        phase: u8,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, A)>> {
        let mut found = Vec::new();
        self.each(
            "SELECT seq, body FROM stage.action WHERE phase = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
            params![phase, after, i64::try_from(limit).unwrap_or(i64::MAX)],
            |r| {
                found.push((r.get(0)?, decode(r, 1)?));
                Ok(())
            },
        )?;
        Ok(found)
    }

    pub fn action_count(&self, phase: u8) -> Result<u64> {
        Ok(self
            .one(
                "SELECT count(*) FROM stage.action WHERE phase = ?1",
                [phase],
                |r| r.get::<_, i64>(0),
            )?
            .unwrap_or(0)
            .unsigned_abs())
    }

    pub fn note(&self, problem: &Problem) -> Result<()> {
        self.exec(
            "INSERT INTO stage.problem (side, id, ghl_id, email, reason, message) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![problem.side, problem.id, problem.ghl_id, problem.email, problem.reason, problem.message],
        )?;
        Ok(())
    }

    /// The problems of the current run, in order.
    pub fn problems(&self, mut see: impl FnMut(Problem)) -> Result<()> {
        self.each(
            "SELECT side, id, ghl_id, email, reason, message FROM stage.problem ORDER BY seq",
            [],
            |r| {
                see(read_problem(r)?);
                Ok(())
            },
        )
    }

    pub fn problem_count(&self) -> Result<u64> {
        self.count("SELECT count(*) FROM stage.problem")
    }

    fn encode<T: Serialize>(&self, value: &T) -> Result<String> {
        serde_json::to_string(value).map_err(|e| StateError::Io {
            path: self.label.clone(),
            detail: e.to_string(),
        })
    }
}

fn read_link<B: DeserializeOwned>(r: &Row<'_>) -> rusqlite::Result<Link<B>> {
    read_link_at(r, 0)
}

fn read_link_at<B: DeserializeOwned>(r: &Row<'_>, first: usize) -> rusqlite::Result<Link<B>> {
    let base: Option<String> = r.get(first + 7)?;
    Ok(Link {
        ghl_id: r.get(first)?,
        bm_id: r.get(first + 1)?,
        email: r.get(first + 2)?,
        created: r.get(first + 3)?,
        blocked: r.get(first + 4)?,
        scoped: r.get(first + 5)?,
        gone: r.get(first + 6)?,
        base: base.map(|_| decode(r, first + 7)).transpose()?,
    })
}

fn read_staged<V: DeserializeOwned>(r: &Row<'_>, first: usize) -> rusqlite::Result<Staged<V>> {
    Ok(Staged {
        id: r.get(first)?,
        email: r.get(first + 1)?,
        created: r.get(first + 2)?,
        usable: r.get(first + 3)?,
        scoped: r.get(first + 4)?,
        blocked: r.get(first + 5)?,
        direct: r.get(first + 6)?,
        done: r.get(first + 7)?,
        view: decode(r, first + 8)?,
    })
}

fn read_mirror<V: DeserializeOwned>(r: &Row<'_>) -> rusqlite::Result<StagedMirror<V>> {
    Ok(StagedMirror {
        id: r.get(0)?,
        email: r.get(1)?,
        ghl_id: r.get(2)?,
        created: r.get(3)?,
        unsubscribed: r.get(4)?,
        view: decode(r, 5)?,
    })
}

fn read_problem(r: &Row<'_>) -> rusqlite::Result<Problem> {
    Ok(Problem {
        side: r.get(0)?,
        id: r.get(1)?,
        ghl_id: r.get(2)?,
        email: r.get(3)?,
        reason: r.get(4)?,
        message: r.get(5)?,
    })
}

fn decode<T: DeserializeOwned>(r: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text = r.get_ref(column)?.as_str().map_err(|e| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(e))
    })?;
    serde_json::from_str(text).map_err(|e| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(e))
    })
}

fn sql_error(label: &str, error: rusqlite::Error) -> StateError {
    let path = label.to_owned();
    let detail = error.to_string();
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                StateError::Damaged { path, detail }
            }
            ErrorCode::DiskFull => StateError::Full { path },
            _ => StateError::Io { path, detail },
        },
        // A row that no version of this program can have written.
        rusqlite::Error::FromSqlConversionFailure(..) | rusqlite::Error::InvalidColumnType(..) => {
            StateError::Damaged { path, detail }
        }
        _ => StateError::Io { path, detail },
    }
}

fn io_error(path: &str, error: &io::Error) -> StateError {
    StateError::Io {
        path: path.to_owned(),
        detail: error.to_string(),
    }
}

/// Makes a directory that only the user can read; existing ones stay as they are.
pub fn private_dir(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes or opens a file that only the user can read.
pub fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The right to run one profile; the operating system takes it back when the process ends.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

impl RunLock {
    /// Takes the lock beside the state file; `None` when another process holds it.
    pub fn take(state: &Path) -> Result<Option<RunLock>> {
        let path = lock_path(state);
        let label = path.display().to_string();
        let parent = path.parent().unwrap_or(Path::new("."));
        private_dir(parent).map_err(|e| io_error(&parent.display().to_string(), &e))?;
        let file = private_file(&path).map_err(|e| io_error(&label, &e))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(RunLock { _file: file })),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(e)) => Err(io_error(&label, &e)),
        }
    }
}

fn lock_path(state: &Path) -> PathBuf {
    state.with_extension("lock")
}

/// Moves a damaged state file and its companions aside, and says where to. The caller holds the lock.
pub fn put_aside(state: &Path, stamp: &str) -> Result<PathBuf> {
    let aside = state.with_extension(format!("db.damaged-{stamp}"));
    fs::rename(state, &aside).map_err(|e| io_error(&state.display().to_string(), &e))?;
    for suffix in ["-wal", "-shm"] {
        let mut name = state.as_os_str().to_owned();
        name.push(suffix);
        match fs::remove_file(&name) {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(io_error(&PathBuf::from(name).display().to_string(), &e)),
        }
    }
    Ok(aside)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    type Base = serde_json::Value;

    fn link(ghl_id: &str, bm_id: Option<&str>) -> Link<Base> {
        Link {
            ghl_id: ghl_id.to_owned(),
            bm_id: bm_id.map(str::to_owned),
            email: Some(format!("{ghl_id}@example.com")),
            created: Some(1),
            blocked: false,
            scoped: true,
            gone: false,
            base: bm_id.map(|_| serde_json::json!({"e": "x"})),
        }
    }

    fn filled(path: &Path) {
        let state = State::open(path, Access::Write).unwrap();
        for n in 0..500 {
            let (g, b) = (format!("g-{n}"), format!("b-{n}"));
            state.put_link(&link(&g, Some(&b))).unwrap();
        }
    }

    fn files(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(dir)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn is_damaged(found: Result<State>) -> bool {
        matches!(found, Err(StateError::Damaged { .. }))
    }

    #[test]
    fn a_state_remembers() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep").join("s.db");
        {
            let state = State::open(&path, Access::Write).unwrap();
            assert!(state.is_empty().unwrap());
            state.put_link(&link("g-1", Some("b-1"))).unwrap();
            state.set_meta("key", "one").unwrap();
            state.set_meta("key", "two").unwrap();
            state.bury("g-9", Some("x@example.com"), "b-9").unwrap();
            state.set_pending(Pending::Person("g-1"), true).unwrap();
            state.set_pending(Pending::Person("g-1"), true).unwrap();
            let intent = state.open_intent(5, 3).unwrap();
            state.set_submission(intent, "batch").unwrap();
        }
        let state = State::open(&path, Access::Write).unwrap();
        assert_eq!(state.link("g-1").unwrap(), Some(link("g-1", Some("b-1"))));
        assert_eq!(state.owner("b-1").unwrap().as_deref(), Some("g-1"));
        assert_eq!(state.meta("key").unwrap().as_deref(), Some("two"));
        assert_eq!(state.pending().unwrap(), ["g-1"]);
        let intent = &state.intents().unwrap()[0];
        assert_eq!(
            (intent.submission.as_deref(), intent.drafts),
            (Some("batch"), 3)
        );
        assert_eq!(state.linked().unwrap(), 1);
    }

    #[test]
    fn a_record_belongs_to_one_person() {
        let state = State::in_memory("test").unwrap();
        state.put_link(&link("g-1", Some("b-1"))).unwrap();
        state.put_link(&link("g-2", Some("b-1"))).unwrap();
        assert_eq!(state.owner("b-1").unwrap().as_deref(), Some("g-2"));
        let loser: Link<Base> = state.link("g-1").unwrap().unwrap();
        assert_eq!((loser.bm_id, loser.base), (None, None));
        state.put_facts(&link("g-2", None)).unwrap();
        let kept: Link<Base> = state.link("g-2").unwrap().unwrap();
        assert_eq!(kept, link("g-2", Some("b-1")));
    }

    #[test]
    fn tombstones_go_by_person_and_by_address() {
        let state = State::in_memory("test").unwrap();
        state.open_stage().unwrap();
        state.bury("g-1", Some("x@example.com"), "b-1").unwrap();
        state.bury("g-2", Some("x@example.com"), "b-2").unwrap();
        state.bury("g-3", None, "b-3").unwrap();
        let buried = |id, email| state.is_buried(id, email).unwrap();
        assert!(buried("g-1", Some("moved@example.com")));
        assert!(buried("g-9", Some("x@example.com")));
        assert!(buried("g-3", None));
        assert!(!buried("g-9", Some("y@example.com")));
        assert!(!buried("g-9", None));
        // The address is in use again, by somebody else.
        state.exhume("g-9", "x@example.com").unwrap();
        assert!(!buried("g-9", Some("x@example.com")));
        assert!(buried("g-1", None) && buried("g-2", None));
        state.exhume("g-1", "z@example.com").unwrap();
        assert!(!buried("g-1", None));
    }

    #[test]
    fn a_failed_transaction_leaves_nothing() {
        let state = State::in_memory("test").unwrap();
        let failed: Result<()> = state.transaction(|| {
            state.set_meta("key", "value")?;
            Err(StateError::Full {
                path: String::new(),
            })
        });
        assert!(failed.is_err());
        assert_eq!(state.meta("key").unwrap(), None);
        state
            .transaction(|| state.set_meta("key", "value"))
            .unwrap();
        assert_eq!(state.meta("key").unwrap().as_deref(), Some("value"));
    }

    #[test]
    fn staging_starts_empty_in_every_run() {
        let state = State::in_memory("test").unwrap();
        for _ in 0..3 {
            state.open_stage().unwrap();
            assert_eq!(state.staged_ghl_count().unwrap(), 0);
            let row = Staged {
                direct: false,
                id: "g-1".to_owned(),
                email: None,
                created: None,
                usable: false,
                scoped: true,
                blocked: false,
                done: None,
                view: Base::Null,
            };
            assert!(state.stage_ghl(&row).unwrap());
            assert!(!state.stage_ghl(&row).unwrap(), "the same contact again");
            assert_eq!(state.staged_ghl_count().unwrap(), 1);
        }
    }

    #[test]
    fn only_the_latest_runs_are_kept() {
        let state = State::in_memory("test").unwrap();
        state.open_stage().unwrap();
        let problem = Problem {
            side: "ghl".to_owned(),
            id: None,
            ghl_id: Some("g-1".to_owned()),
            email: Some("secret@example.com".to_owned()),
            reason: "no_email".to_owned(),
            message: "has no e-mail address".to_owned(),
        };
        state.note(&problem).unwrap();
        for n in 0..RUNS_KEPT + 5 {
            let id = format!("run-{n:04}");
            state.begin_run(&id, n).unwrap();
            state.end_run(&id, n + 1, "{}").unwrap();
        }
        let runs = state.runs(1000).unwrap();
        assert_eq!(runs.len() as i64, RUNS_KEPT);
        assert_eq!(runs[0].id, format!("run-{:04}", RUNS_KEPT + 4));
        let problems = |run: &str| {
            let mut found = Vec::new();
            state.run_problems(run, |p| found.push(p)).unwrap();
            found
        };
        assert_eq!(problems("run-0000"), []);
        let kept = &problems(&runs[0].id)[0];
        assert_eq!(kept.reason, "no_email");
        assert_eq!(kept.email, None, "history holds no addresses");
    }

    #[test]
    fn what_a_later_version_wrote_is_refused_untouched() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.db");
        filled(&path);
        let db = Connection::open(&path).unwrap();
        db.pragma_update(None, "user_version", VERSION + 1).unwrap();
        drop(db);
        let before = fs::read(&path).unwrap();
        for access in [Access::Write, Access::Peek] {
            let refused = State::open(&path, access).err().unwrap();
            assert!(
                matches!(&refused, StateError::Newer { found, .. } if *found == VERSION + 1),
                "{refused}"
            );
            assert!(refused.to_string().contains("s.db"));
        }
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn an_older_file_is_brought_up_or_looked_at_unchanged() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.db");
        let db = Connection::open(&path).unwrap();
        db.pragma_update(None, "journal_mode", "WAL").unwrap();
        db.execute_batch(&format!("{SCHEMA} PRAGMA user_version = 1;"))
            .unwrap();
        drop(db);
        let before = fs::read(&path).unwrap();
        let state = State::open(&path, Access::Peek).unwrap();
        state.open_stage().unwrap();
        let none: Vec<Conflict<Base, Base>> = state.conflicts().unwrap();
        assert_eq!(none, []);
        assert_eq!(state.open_events().unwrap(), []);
        drop(state);
        assert!(fs::read(&path).unwrap() == before);
        State::open(&path, Access::Write).unwrap();
        let state = State::open(&path, Access::Write).unwrap();
        state.begin_rule("task", 1).unwrap();
        drop(state);
        let state = State::open(&path, Access::Peek).unwrap();
        assert_eq!(state.rule_since("task").unwrap(), Some(1));
    }

    #[test]
    fn a_damaged_file_is_called_damaged_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.db");
        filled(&path);
        let whole = fs::read(&path).unwrap();
        let mut scrambled = whole.clone();
        for byte in &mut scrambled[4096..] {
            *byte ^= 0x5a;
        }
        let cases: [(&str, Vec<u8>); 4] = [
            ("garbage", b"this is not a database, not at all".repeat(200)),
            ("truncated", whole[..whole.len() / 2].to_vec()),
            ("cut in the header", whole[..50].to_vec()),
            ("scrambled", scrambled),
        ];
        for (name, bytes) in cases {
            for access in [Access::Write, Access::Peek] {
                fs::write(&path, &bytes).unwrap();
                assert!(is_damaged(State::open(&path, access)), "{name}");
                assert_eq!(fs::read(&path).unwrap(), bytes, "{name}");
            }
        }
    }

    #[test]
    fn a_file_of_another_kind_is_damaged() {
        let dir = tempfile::tempdir().unwrap();
        for (name, sql) in [
            ("other.db", "CREATE TABLE somebody_elses (x)"),
            (
                "half.db",
                "CREATE TABLE meta (key TEXT, value TEXT); PRAGMA user_version = 1",
            ),
            ("bare.db", "PRAGMA user_version = 1"),
        ] {
            let path = dir.path().join(name);
            let db = Connection::open(&path).unwrap();
            db.execute_batch(sql).unwrap();
            drop(db);
            for access in [Access::Write, Access::Peek] {
                assert!(is_damaged(State::open(&path, access)), "{name}");
            }
        }
    }

    #[test]
    fn a_row_that_nobody_can_have_written_is_damage() {
        let state = State::in_memory("test").unwrap();
        state
            .db
            .execute_batch(
                "INSERT INTO link VALUES ('g-1', 'b-1', NULL, NULL, 0, 1, 0, '{not json')",
            )
            .unwrap();
        let found = state.link::<Base>("g-1");
        assert!(matches!(found, Err(StateError::Damaged { .. })));
    }

    #[test]
    fn a_peek_neither_makes_nor_changes_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.db");
        let state = State::open(&path, Access::Peek).unwrap();
        assert!(state.is_empty().unwrap());
        state.open_stage().unwrap();
        drop(state);
        assert_eq!(files(dir.path()), Vec::<String>::new());

        filled(&path);
        let before = fs::read(&path).unwrap();
        let state = State::open(&path, Access::Peek).unwrap();
        assert_eq!(state.linked().unwrap(), 500);
        state.open_stage().unwrap();
        drop(state);
        assert_eq!(fs::read(&path).unwrap(), before);
        assert_eq!(files(dir.path()), ["s.db"]);
    }

    #[test]
    fn a_file_that_was_only_begun_is_as_good_as_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.db");
        File::create(&path).unwrap();
        let state = State::open(&path, Access::Peek).unwrap();
        assert!(state.is_empty().unwrap());
        drop(state);
        assert_eq!(fs::read(&path).unwrap().len(), 0);
        let state = State::open(&path, Access::Write).unwrap();
        state.put_link(&link("g-1", None)).unwrap();
        assert!(!state.is_empty().unwrap());
    }

    #[test]
    fn a_path_that_cannot_be_used_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let error = State::open(dir.path(), Access::Write).err().unwrap();
        assert!(error.to_string().contains(dir.path().to_str().unwrap()));
        let file = dir.path().join("file");
        File::create(&file).unwrap();
        let below = file.join("s.db");
        let error = State::open(&below, Access::Write).err().unwrap();
        assert!(matches!(error, StateError::Io { .. }), "{error}");
    }

    #[test]
    fn one_run_at_a_time_holds_the_lock() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new").join("s.db");
        let first = RunLock::take(&path).unwrap();
        assert!(first.is_some());
        assert!(RunLock::take(&path).unwrap().is_none());
        let other = dir.path().join("new").join("other.db");
        assert!(RunLock::take(&other).unwrap().is_some());
        drop(first);
        assert!(RunLock::take(&path).unwrap().is_some());
    }

    #[test]
    fn a_damaged_file_can_be_put_aside_with_its_companions() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.db");
        for name in ["s.db", "s.db-wal", "s.db-shm", "s.lock"] {
            let mut file = File::create(dir.path().join(name)).unwrap();
            file.write_all(b"garbage").unwrap();
        }
        let aside = put_aside(&path, "20260102").unwrap();
        assert_eq!(fs::read(&aside).unwrap(), b"garbage");
        assert_eq!(files(dir.path()), ["s.db.damaged-20260102", "s.lock"]);
        assert!(
            State::open(&path, Access::Write)
                .unwrap()
                .is_empty()
                .unwrap()
        );
        assert!(put_aside(&dir.path().join("none.db"), "x").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_what_is_stored() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a").join("b").join("s.db");
        let state = State::open(&path, Access::Write).unwrap();
        state.set_meta("key", "value").unwrap();
        let _lock = RunLock::take(&path).unwrap();
        let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
        for name in files(path.parent().unwrap()) {
            let file = path.parent().unwrap().join(&name);
            assert_eq!(mode(&file), 0o600, "{name}");
        }
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        assert_eq!(mode(&dir.path().join("a")), 0o700);
    }
}
