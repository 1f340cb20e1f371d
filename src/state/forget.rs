//! Erasing one person, down to the bytes of the file.
//!
//! Goes by the names of columns, so that a table which a later version adds is covered as soon as it
//! calls its columns like the others. Start reading at [`State::forget`].

use std::collections::BTreeSet;

use rusqlite::params;

use super::{Result, State, StateError};

/// The columns that say whom a row is about.
const COLUMNS: [&str; 4] = ["ghl_id", "bm_id", "email", "who"];

/// How much was known of somebody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Rows erased.
    pub rows: u64,
    /// A contact of theirs had been deleted in BigMailer, which is forgotten as well.
    pub tombstone: bool,
}

impl State {
    /// Erases everybody with this address (trimmed and lower-cased) or id from every table.
    /// [`State::scrub`] has to follow.
    pub fn forget(&self, word: &str) -> Result<Forgotten> {
        let ids = self.ids_of(word)?;
        let tombstone = self.tombstone(Some(word), Some(word))?.is_some();
        let mut rows = 0;
        for (table, column) in self.places()? {
            for id in &ids {
                rows += self.exec(
                    &format!("DELETE FROM main.\"{table}\" WHERE \"{column}\" = ?1"),
                    [id],
                )?;
            }
        }
        for id in &ids {
            rows += self.exec("DELETE FROM main.problem WHERE id = ?1", [id])?;
            rows += self.exec(
                "DELETE FROM main.pending WHERE ghl_id = 'bigmailer:' || ?1",
                [id],
            )?;
            rows += self.exec("DELETE FROM happened WHERE who = 'bigmailer:' || ?1", [id])?;
        }
        // Somebody else's record may have been theirs, or have had their address.
        rows += self.exec(
            "DELETE FROM image WHERE body LIKE '%' || ?1 || '%' ESCAPE '\\'",
            [escaped(word)],
        )?;
        rows += self.exec(
            "DELETE FROM main.problem WHERE message LIKE '%' || ?1 || '%' ESCAPE '\\'",
            [escaped(word)],
        )?;
        Ok(Forgotten {
            rows: rows as u64,
            tombstone,
        })
    }

    /// Whatever is known under an address or an id, and what that is linked to.
    fn ids_of(&self, word: &str) -> Result<BTreeSet<String>> {
        let mut ids: BTreeSet<String> = [word.to_owned()].into();
        // A link leads to a record, a record to an address, an address to other links.
        loop {
            let before = ids.len();
            for known in ids.clone() {
                let mut found = Vec::new();
                self.each(
                    "SELECT ghl_id, bm_id FROM main.link WHERE ghl_id = ?1 OR bm_id = ?1 OR email = ?1 \
                     OR base ->> '$.e' = ?1 \
                     UNION SELECT ghl_id, bm_id FROM main.tombstone WHERE ghl_id = ?1 OR bm_id = ?1 OR email = ?1 \
                     UNION SELECT ghl_id, bm_id FROM image WHERE ghl_id = ?1 OR bm_id = ?1",
                    params![known],
                    |r| {
                        found.push((r.get::<_, Option<String>>(0)?, r.get::<_, Option<String>>(1)?));
                        Ok(())
                    },
                )?;
                for (ghl_id, bm_id) in found {
                    ids.extend(ghl_id.into_iter().chain(bm_id));
                }
            }
            if ids.len() == before {
                return Ok(ids);
            }
        }
    }

    /// Tables of the file with a column that says whom a row is about.
    fn places(&self) -> Result<Vec<(String, String)>> {
        let mut places = Vec::new();
        self.each(
            "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'",
            [],
            |r| {
                let (table, column): (String, String) = (r.get(0)?, r.get(1)?);
                if COLUMNS.contains(&column.as_str()) {
                    places.push((table, column));
                }
                Ok(())
            },
        )?;
        Ok(places)
    }

    /// Writes the file anew, without what was deleted, and empties its log.
    pub fn scrub(&self) -> Result<()> {
        let run = || {
            self.db.pragma_update(None, "secure_delete", true)?;
            self.db.execute_batch("VACUUM main")?;
            self.db
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| {
                    r.get::<_, i64>(0)
                })
        };
        match run().map_err(|e| self.err(e))? {
            0 => Ok(()),
            _ => Err(StateError::Io {
                path: self.label.clone(),
                detail: "another command is reading it, so that its log could not be emptied; try once more".to_owned(),
            }),
        }
    }
}

/// A word as part of a pattern of `LIKE`.
fn escaped(word: &str) -> String {
    word.replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_")
}
