//! A world on disk: a snapshot (`world.json`) and a journal of what changed since (`world.log`).
//! It never interprets an entry; `world` does. Start with [`Store::open`].
//!
//! Journal lines are handed to the operating system before a request is answered, so killing the
//! process loses nothing that was answered. A power cut may: nothing is forced to the platter.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::Error;

/// Version of the snapshot's form.
const VERSION: u64 = 1;

/// An open directory; nobody else can open it meanwhile.
#[derive(Debug)]
pub(crate) struct Store {
    dir: PathBuf,
    journal: Mutex<File>,
    /// Held for its lock.
    _lock: File,
}

impl Store {
    /// Opens a directory and gives what it remembers, oldest first; None if it is new.
    pub(crate) fn open(dir: &Path) -> Result<(Self, Option<Vec<Value>>), Error> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::File { path, source }
        };
        fs::create_dir_all(dir).map_err(failed(dir))?;
        restrict(dir, 0o700).map_err(failed(dir))?;
        let lock_path = dir.join("world.lock");
        let lock = create(&lock_path).map_err(failed(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::InUse {
                    path: dir.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(&lock_path)(source)),
        }
        let snapshot_path = dir.join("world.json");
        let journal_path = dir.join("world.log");
        let known = match fs::read(&snapshot_path) {
            Ok(bytes) => {
                let mut entries = read_snapshot(&bytes).map_err(|reason| Error::World {
                    path: snapshot_path.clone(),
                    reason,
                })?;
                let journal = match fs::read(&journal_path) {
                    Ok(bytes) => bytes,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
                    Err(source) => return Err(failed(&journal_path)(source)),
                };
                read_journal(&journal, &mut entries).map_err(|reason| Error::World {
                    path: journal_path.clone(),
                    reason,
                })?;
                Some(entries)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(failed(&snapshot_path)(source)),
        };
        let journal = create(&journal_path).map_err(failed(&journal_path))?;
        let store = Self {
            dir: dir.to_owned(),
            journal: Mutex::new(journal),
            _lock: lock,
        };
        Ok((store, known))
    }

    /// Appends lines to the journal in one write.
    pub(crate) fn append(&self, lines: &[String]) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let mut text = lines.join("\n");
        text.push('\n');
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        journal.write_all(text.as_bytes())
    }

    /// Writes a new snapshot and empties the journal. Dying half-way leaves the old pair or a
    /// snapshot with a journal that says the same once more.
    pub(crate) fn compact(&self, entries: impl Iterator<Item = Value>) -> Result<(), Error> {
        let path = self.dir.join("world.json");
        let fresh = self.dir.join("world.json.new");
        let write = || -> io::Result<()> {
            let _ = fs::remove_file(&fresh);
            let mut file = BufWriter::new(create(&fresh)?);
            write!(file, "{{\"version\":{VERSION},\"entries\":[")?;
            for (at, entry) in entries.enumerate() {
                file.write_all(if at == 0 { b"\n" } else { b",\n" })?;
                write!(file, "{entry}")?;
            }
            file.write_all(b"\n]}\n")?;
            file.into_inner()
                .map_err(io::IntoInnerError::into_error)?
                .sync_all()?;
            fs::rename(&fresh, &path)?;
            let journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
            journal.set_len(0)
        };
        write().map_err(|source| Error::File {
            path: path.clone(),
            source,
        })
    }
}

/// Opens a file for appending; a new one is readable by its owner only.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode))
}

#[cfg(not(unix))]
fn restrict(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

fn read_snapshot(bytes: &[u8]) -> Result<Vec<Value>, String> {
    let mut snapshot: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if snapshot["version"] != json!(VERSION) {
        return Err(format!("version {} is not known", snapshot["version"]));
    }
    match snapshot["entries"].take() {
        Value::Array(entries) => Ok(entries),
        _ => Err("entries are missing".to_owned()),
    }
}

/// Adds the journal's entries. A last line without its end was never answered and is left out.
fn read_journal(bytes: &[u8], entries: &mut Vec<Value>) -> Result<(), String> {
    let whole = bytes
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |end| end + 1);
    for (at, line) in bytes[..whole].split(|byte| *byte == b'\n').enumerate() {
        if !line.is_empty() {
            let entry = serde_json::from_slice(line)
                .map_err(|error| format!("line {}: {error}", at + 1))?;
            entries.push(entry);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_snapshot_and_whole_lines() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("deep/world");
        let (store, known) = Store::open(&dir).unwrap();
        assert!(known.is_none());
        store
            .compact([json!({"a": 1}), json!({"b": 2})].into_iter())
            .unwrap();
        store
            .append(&["{\"c\":3}".into(), "{\"d\":4}".into()])
            .unwrap();
        assert!(matches!(Store::open(&dir), Err(Error::InUse { .. })));
        drop(store);
        let mut journal = OpenOptions::new()
            .append(true)
            .open(dir.join("world.log"))
            .unwrap();
        journal.write_all(b"{\"half\":").unwrap();
        let (store, known) = Store::open(&dir).unwrap();
        let wanted = vec![
            json!({"a": 1}),
            json!({"b": 2}),
            json!({"c": 3}),
            json!({"d": 4}),
        ];
        assert_eq!(known.unwrap(), wanted);
        store.compact([json!(1)].into_iter()).unwrap();
        drop(store);
        assert_eq!(Store::open(&dir).unwrap().1.unwrap(), [json!(1)]);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_look() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(dir.path()).unwrap();
        store.compact(std::iter::empty()).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(dir.path()), 0o700);
        for file in ["world.json", "world.log", "world.lock"] {
            assert_eq!(mode(&dir.path().join(file)), 0o600, "{file}");
        }
    }

    #[test]
    fn a_damaged_world_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("world.json"), "{}").unwrap();
        let error = Store::open(dir.path()).unwrap_err().to_string();
        assert!(error.contains("world.json"), "{error}");
    }
}
