//! A plan that came from a file, laid out beside the plan of the current run.
//!
//! Lives in a private temporary database like the staging tables, but is filled before a run opens
//! those. Knows neither what an entry says nor when it fits. Start reading at [`State::open_saved`].

use rusqlite::params;
use serde::de::DeserializeOwned;

use super::{Result, State, decode};

const SAVED: &str = "
CREATE TABLE saved.person (seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, body TEXT NOT NULL, moved INTEGER NOT NULL DEFAULT 0);
";

impl State {
    /// Makes room for a plan; one that was there is forgotten.
    pub fn open_saved(&self) -> Result<()> {
        let open = self.count("SELECT count(*) FROM pragma_database_list WHERE name = 'saved'")?;
        let detach = if open > 0 { "DETACH saved;" } else { "" };
        let set_up = format!(
            "{detach} ATTACH '' AS saved; PRAGMA saved.journal_mode = OFF; PRAGMA saved.synchronous = OFF; \
             PRAGMA saved.cache_size = -2000; {SAVED}"
        );
        self.db.execute_batch(&set_up).map_err(|e| self.err(e))
    }

    /// Adds one person's entry. The key is that of the person's planned actions.
    pub fn put_saved(&self, key: &str, body: &str) -> Result<()> {
        self.exec(
            "INSERT INTO saved.person (key, body) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET body = ?2",
            [key, body],
        )?;
        Ok(())
    }

    pub fn saved_count(&self) -> Result<u64> {
        self.count("SELECT count(*) FROM saved.person")
    }

    /// The next entries after `after`, with their sequence numbers and keys.
    pub fn saved_after<E: DeserializeOwned>(
        &self,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, String, E)>> {
        let mut found = Vec::new();
        self.each(
            "SELECT seq, key, body FROM saved.person WHERE seq > ?1 ORDER BY seq LIMIT ?2",
            params![after, i64::try_from(limit).unwrap_or(i64::MAX)],
            |r| {
                found.push((r.get(0)?, r.get(1)?, decode(r, 2)?));
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// Keys of entries whose HighLevel contact this run found to be gone.
    pub fn saved_and_gone(&self) -> Result<Vec<String>> {
        let mut found = Vec::new();
        self.each(
            "SELECT key FROM saved.person WHERE key IN (SELECT id FROM stage.gone) ORDER BY seq",
            [],
            |r| {
                found.push(r.get(0)?);
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// An entry is not what the services show any more.
    pub fn mark_moved(&self, key: &str) -> Result<()> {
        self.exec("UPDATE saved.person SET moved = 1 WHERE key = ?1", [key])?;
        Ok(())
    }

    /// Leaves, of the current plan and of what was noted about it, only what concerns the entries
    /// that fit.
    pub fn keep_saved(&self) -> Result<()> {
        for (table, key) in [
            ("stage.action", "ghl_id"),
            ("stage.problem", "coalesce(ghl_id, id, '')"),
        ] {
            self.exec(
                &format!(
                    "DELETE FROM {table} WHERE {key} NOT IN (SELECT key FROM saved.person WHERE moved = 0)"
                ),
                [],
            )?;
        }
        Ok(())
    }

    /// Lets the plan be asked for by person.
    pub fn index_actions(&self) -> Result<()> {
        self.exec(
            "CREATE INDEX IF NOT EXISTS stage.action_person ON action (ghl_id)",
            [],
        )?;
        Ok(())
    }

    /// People for whom something is planned in a phase from `from` on, after `after`.
    pub fn planned_people(&self, from: u8, after: &str, limit: usize) -> Result<Vec<String>> {
        let mut found = Vec::new();
        self.each(
            "SELECT DISTINCT ghl_id FROM stage.action WHERE ghl_id > ?1 AND phase >= ?2 ORDER BY ghl_id LIMIT ?3",
            params![after, from, i64::try_from(limit).unwrap_or(i64::MAX)],
            |r| {
                found.push(r.get(0)?);
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// What is planned for one person in phases from `from` on, in their order.
    pub fn actions_of<A: DeserializeOwned>(&self, key: &str, from: u8) -> Result<Vec<A>> {
        let mut found = Vec::new();
        self.each(
            "SELECT body FROM stage.action WHERE ghl_id = ?1 AND phase >= ?2 ORDER BY phase, seq",
            params![key, from],
            |r| {
                found.push(decode(r, 0)?);
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// HighLevel ids of staged contacts with this address.
    pub fn staged_with_address(&self, email: &str) -> Result<Vec<String>> {
        let mut found = Vec::new();
        self.each(
            "SELECT id FROM stage.ghl WHERE email = ?1 ORDER BY id",
            [email],
            |r| {
                found.push(r.get(0)?);
                Ok(())
            },
        )?;
        Ok(found)
    }
}
