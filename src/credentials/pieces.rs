//! Texts that are longer than an entry of the system's keyring may be, in several entries.
//!
//! The first entry says which pieces count, and is written last: a change that is cut off leaves the
//! old text. Start reading at [`set`].

use secrecy::ExposeSecret;

use super::Secret;

/// What an entry begins with that has pieces; no secret and no JSON does.
const MARK: &str = "in-pieces ";

/// Single entries of a keyring by name; errors are in words.
pub(super) trait Entries {
    fn get(&self, name: String) -> Result<Option<Secret>, String>;
    fn set(&self, name: String, text: Secret) -> Result<(), String>;
    fn delete(&self, name: String) -> Result<bool, String>;
}

/// Which pieces count: one of two sets, and how many there are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pieces {
    set: u8,
    count: usize,
}

impl Pieces {
    fn read(head: &str) -> Option<Pieces> {
        let (set, count) = head.strip_prefix(MARK)?.split_once(' ')?;
        Some(Pieces {
            set: set.parse().ok()?,
            count: count.parse().ok()?,
        })
    }

    fn name(self, name: &str, index: usize) -> String {
        format!("{name}/{}-{index}", self.set)
    }
}

fn pieces_of(entries: &impl Entries, name: &str) -> Result<Option<Pieces>, String> {
    let head = entries.get(name.to_owned())?;
    Ok(head.and_then(|head| Pieces::read(head.expose_secret())))
}

pub(super) fn get(entries: &impl Entries, name: &str) -> Result<Option<Secret>, String> {
    let Some(head) = entries.get(name.to_owned())? else {
        return Ok(None);
    };
    let Some(pieces) = Pieces::read(head.expose_secret()) else {
        return Ok(Some(head));
    };
    let mut text = String::with_capacity(pieces.count.saturating_mul(2_048).min(1 << 16));
    for index in 0..pieces.count {
        let piece = entries.get(pieces.name(name, index))?;
        let piece = piece.ok_or("a part of the entry is missing; log in again")?;
        text.push_str(piece.expose_secret());
    }
    Ok(Some(Secret::from(text)))
}

/// Stores a text of which no entry may take more than `longest` characters.
pub(super) fn set(
    entries: &impl Entries,
    name: &str,
    text: &Secret,
    longest: usize,
) -> Result<(), String> {
    let old = pieces_of(entries, name)?;
    let letters: Vec<char> = text.expose_secret().chars().collect();
    let new = (letters.len() > longest).then(|| Pieces {
        // Never the pieces that still count.
        set: old.map_or(0, |old| 1 - old.set.min(1)),
        count: letters.len().div_ceil(longest),
    });
    let head = match new {
        None => text.clone(),
        Some(pieces) => {
            for (index, piece) in letters.chunks(longest).enumerate() {
                let piece = Secret::from(piece.iter().collect::<String>());
                entries.set(pieces.name(name, index), piece)?;
            }
            Secret::from(format!("{MARK}{} {}", pieces.set, pieces.count))
        }
    };
    entries.set(name.to_owned(), head)?;
    remove(entries, name, old)
}

pub(super) fn delete(entries: &impl Entries, name: &str) -> Result<bool, String> {
    let old = pieces_of(entries, name)?;
    let deleted = entries.delete(name.to_owned())?;
    remove(entries, name, old)?;
    Ok(deleted)
}

fn remove(entries: &impl Entries, name: &str, pieces: Option<Pieces>) -> Result<(), String> {
    if let Some(pieces) = pieces {
        for index in 0..pieces.count {
            entries.delete(pieces.name(name, index))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;

    use super::*;

    /// Takes ten characters an entry, and fails after so many changes.
    #[derive(Default)]
    struct Small {
        entries: RefCell<BTreeMap<String, String>>,
        changes: Cell<u32>,
        most: Cell<Option<u32>>,
    }

    impl Small {
        fn change(&self) -> Result<(), String> {
            self.changes.set(self.changes.get() + 1);
            match self.most.get() {
                Some(most) if self.changes.get() > most => Err("cut off".to_owned()),
                _ => Ok(()),
            }
        }
    }

    impl Entries for Small {
        fn get(&self, name: String) -> Result<Option<Secret>, String> {
            let found = self.entries.borrow().get(&name).cloned();
            Ok(found.map(Secret::from))
        }

        fn set(&self, name: String, text: Secret) -> Result<(), String> {
            self.change()?;
            let text = text.expose_secret().to_owned();
            assert!(
                text.starts_with(MARK) || text.chars().count() <= 10,
                "{text}"
            );
            self.entries.borrow_mut().insert(name, text);
            Ok(())
        }

        fn delete(&self, name: String) -> Result<bool, String> {
            self.change()?;
            Ok(self.entries.borrow_mut().remove(&name).is_some())
        }
    }

    const TEXTS: [&str; 4] = [
        "short",
        "exactly 10",
        "elevenchars",
        "ä much longer text of 35 characters",
    ];

    fn read(small: &Small) -> Option<String> {
        get(small, "n")
            .unwrap()
            .map(|text| text.expose_secret().to_owned())
    }

    #[test]
    fn texts_of_any_length_come_back_and_leave_nothing() {
        let small = Small::default();
        for text in TEXTS.iter().chain(TEXTS.iter().rev()).chain(&TEXTS[2..]) {
            set(&small, "n", &Secret::from(*text), 10).unwrap();
            assert_eq!(read(&small).as_deref(), Some(*text));
            let pieces = text.chars().count().div_ceil(10);
            let entries = if pieces > 1 { pieces + 1 } else { 1 };
            assert_eq!(small.entries.borrow().len(), entries, "{text}");
        }
        assert!(delete(&small, "n").unwrap());
        assert!(small.entries.borrow().is_empty());
        assert!(!delete(&small, "n").unwrap());
        assert_eq!(read(&small), None);
    }

    #[test]
    fn a_change_that_is_cut_off_leaves_the_old_text_or_the_new() {
        for old in TEXTS {
            for new in TEXTS {
                for most in 0..12 {
                    let small = Small::default();
                    set(&small, "n", &Secret::from(old), 10).unwrap();
                    small.changes.set(0);
                    small.most.set(Some(most));
                    let done = set(&small, "n", &Secret::from(new), 10);
                    small.most.set(None);
                    let found = read(&small).unwrap();
                    assert!(found == old || found == new, "{old} {new} {most}: {found}");
                    assert!(done.is_err() || found == new);
                    // What was left behind is in nobody's way.
                    set(&small, "n", &Secret::from(old), 10).unwrap();
                    assert_eq!(read(&small).as_deref(), Some(old));
                }
            }
        }
    }
}
