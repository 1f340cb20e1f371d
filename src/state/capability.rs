//! What a probe found out about a brand, with when.
//!
//! Start reading at [`State::set_capability`].

use rusqlite::params;

use super::{Result, State};

pub(super) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS capability (brand TEXT NOT NULL, name TEXT NOT NULL, holds INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (brand, name)) WITHOUT ROWID;
";

/// Whether something holds for a brand, and when that was found out (milliseconds since 1970).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capability {
    pub holds: bool,
    pub at: i64,
}

impl State {
    pub fn set_capability(&self, brand: &str, name: &str, holds: bool, at: i64) -> Result<()> {
        self.exec(
            "INSERT INTO capability VALUES (?1, ?2, ?3, ?4) ON CONFLICT (brand, name) DO UPDATE SET holds = ?3, at = ?4",
            params![brand, name, holds, at],
        )?;
        Ok(())
    }

    /// `None`: nobody has looked.
    pub fn capability(&self, brand: &str, name: &str) -> Result<Option<Capability>> {
        self.one(
            "SELECT holds, at FROM capability WHERE brand = ?1 AND name = ?2",
            [brand, name],
            |r| {
                Ok(Capability {
                    holds: r.get(0)?,
                    at: r.get(1)?,
                })
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_out_last_counts_for_its_brand() {
        let state = State::in_memory("test").unwrap();
        let known = |brand: &str| state.capability(brand, "merges").unwrap();
        assert_eq!(known("one"), None);
        state.set_capability("one", "merges", true, 1).unwrap();
        state.set_capability("one", "merges", false, 2).unwrap();
        let found = Capability {
            holds: false,
            at: 2,
        };
        assert_eq!(known("one"), Some(found));
        assert_eq!(known("two"), None);
    }
}
