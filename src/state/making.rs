//! Creations in HighLevel that are under way: recorded before they are sent, settled after.
//!
//! Whoever finds one at the beginning of a run knows that an earlier one was cut off, and since when.
//! Start reading at [`State::open_making`].

use rusqlite::params;

use super::{Result, State};

pub(super) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS making (bm_id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
";

impl State {
    /// A contact is about to be made for this BigMailer contact (`at`: milliseconds since 1970).
    pub fn open_making(&self, bm_id: &str, at: i64) -> Result<()> {
        self.exec(
            "INSERT INTO making VALUES (?1, ?2) ON CONFLICT (bm_id) DO UPDATE SET at = ?2",
            params![bm_id, at],
        )?;
        Ok(())
    }

    /// What became of it is known.
    pub fn close_making(&self, bm_id: &str) -> Result<()> {
        self.exec("DELETE FROM making WHERE bm_id = ?1", [bm_id])?;
        Ok(())
    }

    /// When the latest one was begun that nobody knows the end of.
    pub fn last_making(&self) -> Result<Option<i64>> {
        Ok(self
            .one("SELECT max(at) FROM making", [], |r| r.get(0))?
            .flatten())
    }

    /// All of them are known by now.
    pub fn close_makings(&self) -> Result<()> {
        self.exec("DELETE FROM making", [])?;
        Ok(())
    }
}
