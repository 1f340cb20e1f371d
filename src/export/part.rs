//! An unfinished file beside the one it is to become, and how far it is good.
//!
//! `.NAME.ghl-bm-part` holds bytes, `.NAME.ghl-bm-part.at` says how many of them count, their
//! checksum, what they were made for and where their maker stood. The second is replaced as a whole
//! and only after the bytes it speaks of are on disk, so at any moment it tells the truth about the
//! first. Where the bytes are not the result but what it is made from, the result is written beside
//! them, to `.NAME.ghl-bm-part.out`. Start reading at [`Part::look`] and [`Part::mark`].

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crc32fast::Hasher;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Bytes are collected up to this many before they are written.
const BUFFER: usize = 1 << 16;

/// A mark costs three waits for the disk; more than one a second would be felt.
const MARK_EVERY: Duration = Duration::from_secs(1);

/// The layout of a mark that this program writes.
const VERSION: u32 = 1;

/// How far an unfinished file is good, and what for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    version: u32,
    /// What the bytes were made from and how; only the same recipe can go on with them.
    pub recipe: Value,
    /// Where the maker stood.
    pub place: Value,
    length: u64,
    checksum: u32,
}

/// Why an unfinished file cannot be gone on with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// There is none.
    Missing,
    /// It was made with other settings; the first one that differs.
    Other(String),
    /// Its bytes are not those that its mark speaks of.
    Damaged,
}

/// An unfinished file that this process writes.
pub struct Part {
    paths: Paths,
    recipe: Value,
    /// What is written to.
    file: File,
    /// The unfinished file, when it is only the material; locked like the other.
    material: Option<File>,
    buffer: Vec<u8>,
    /// Bytes written or waiting to be.
    length: u64,
    checksum: Hasher,
    marked_at: Instant,
    /// There is a mark that a later process can go on from.
    marked: bool,
    /// A write failed, so nobody knows what is on disk after the last mark.
    broken: bool,
}

#[derive(Debug, Clone)]
pub struct Paths {
    target: PathBuf,
    part: PathBuf,
    mark: PathBuf,
    mark_new: PathBuf,
    result: PathBuf,
}

impl Paths {
    pub fn of(target: &Path) -> Paths {
        let beside = |end: &str| {
            let mut name = OsString::from(".");
            name.push(target.file_name().unwrap_or_default());
            name.push(end);
            target.with_file_name(name)
        };
        Paths {
            target: target.to_owned(),
            part: beside(".ghl-bm-part"),
            mark: beside(".ghl-bm-part.at"),
            mark_new: beside(".ghl-bm-part.at-new"),
            result: beside(".ghl-bm-part.out"),
        }
    }

    /// The folder of the target.
    pub fn folder(&self) -> &Path {
        match self.target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }
}

impl Part {
    /// Whether there is an unfinished file for this target that goes with this recipe. Changes
    /// nothing.
    pub fn look(paths: &Paths, recipe: &Value) -> Result<Mark, Unfit> {
        let text = match fs::read(&paths.mark) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(Unfit::Missing),
            Err(_) => return Err(Unfit::Damaged),
        };
        let mark: Mark = serde_json::from_slice(&text).map_err(|_| Unfit::Damaged)?;
        if mark.version != VERSION {
            return Err(Unfit::Damaged);
        }
        if mark.recipe != *recipe {
            return Err(Unfit::Other(difference(&mark.recipe, recipe)));
        }
        let sound = regular(&paths.part)
            .and_then(|()| File::open(&paths.part))
            .and_then(|mut file| checksum(&mut file, mark.length));
        match sound {
            Ok(sum) if sum.clone().finalize() == mark.checksum => Ok(mark),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(Unfit::Missing),
            _ => Err(Unfit::Damaged),
        }
    }

    /// There is an unfinished file of some command.
    pub fn exists(paths: &Paths) -> bool {
        paths.mark.exists()
    }

    /// Begins an unfinished file, or goes on with the one that `mark` was found for. `None` when
    /// another process is writing it.
    pub fn begin(paths: Paths, recipe: Value, mark: Option<&Mark>) -> io::Result<Option<Part>> {
        if let Some(file) = existing(&paths.part)?
            && !lock(&file)?
        {
            return Ok(None);
        }
        let mut file = match mark {
            Some(_) => OpenOptions::new()
                .read(true)
                .write(true)
                .open(&paths.part)?,
            None => {
                // The mark goes first: without it the bytes are nothing.
                for path in [&paths.mark, &paths.mark_new, &paths.result, &paths.part] {
                    remove(path)?;
                }
                new_private(&paths.part)?
            }
        };
        if !lock(&file)? {
            return Ok(None);
        }
        let length = mark.map_or(0, |mark| mark.length);
        let checksum = checksum(&mut file, length)?;
        // What was written after the mark is made again.
        file.set_len(length)?;
        file.seek(SeekFrom::Start(length))?;
        Ok(Some(Part {
            paths,
            recipe,
            file,
            material: None,
            buffer: Vec::with_capacity(BUFFER),
            length,
            checksum,
            marked_at: Instant::now(),
            marked: mark.is_some(),
            broken: false,
        }))
    }

    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.length += bytes.len() as u64;
        self.checksum.update(bytes);
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.broken {
            return Err(io::Error::other("an earlier write failed"));
        }
        self.broken = true;
        self.file.write_all(&self.buffer)?;
        self.broken = false;
        self.buffer.clear();
        Ok(())
    }

    /// It is time for a mark again.
    pub fn is_due(&self) -> bool {
        self.marked_at.elapsed() >= MARK_EVERY
    }

    /// There is a mark to go on from.
    pub fn is_marked(&self) -> bool {
        self.marked
    }

    /// Makes what was written so far good, as that of a maker who stands at `place`. Once the result
    /// is being written, the last mark of the material stays.
    pub fn mark(&mut self, place: Value) -> io::Result<()> {
        if self.material.is_some() {
            return Ok(());
        }
        self.flush()?;
        self.file.sync_data()?;
        let mark = Mark {
            version: VERSION,
            recipe: self.recipe.clone(),
            place,
            length: self.length,
            checksum: self.checksum.clone().finalize(),
        };
        remove(&self.paths.mark_new)?;
        let mut file = new_private(&self.paths.mark_new)?;
        file.write_all(&serde_json::to_vec(&mark)?)?;
        file.sync_all()?;
        fs::rename(&self.paths.mark_new, &self.paths.mark)?;
        sync_folder(self.paths.folder())?;
        self.marked = true;
        self.marked_at = Instant::now();
        Ok(())
    }

    /// The bytes so far, from the first on.
    pub fn read_back(&mut self) -> io::Result<impl Read + use<>> {
        self.flush()?;
        let mut file = File::open(&self.paths.part)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(io::BufReader::with_capacity(BUFFER, file.take(self.length)))
    }

    /// What was written so far is the material; from now on the result is written.
    pub fn turn(&mut self) -> io::Result<()> {
        self.flush()?;
        remove(&self.paths.result)?;
        let result = new_private(&self.paths.result)?;
        self.material = Some(std::mem::replace(&mut self.file, result));
        Ok(())
    }

    /// Forgets the bytes so far, and the mark.
    pub fn restart(&mut self) -> io::Result<()> {
        remove(&self.paths.mark)?;
        self.marked = false;
        self.broken = false;
        self.buffer.clear();
        self.length = 0;
        self.checksum = Hasher::new();
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        Ok(())
    }

    /// The file is complete: it takes its name, in place of whatever had it.
    pub fn finish(&mut self) -> io::Result<()> {
        self.flush()?;
        self.file.sync_all()?;
        let done = match self.material {
            Some(_) => &self.paths.result,
            None => &self.paths.part,
        };
        fs::rename(done, &self.paths.target)?;
        remove(&self.paths.mark)?;
        remove(&self.paths.part)?;
        sync_folder(self.paths.folder())
    }

    /// Ends without a result: what a later process can go on with stays, what it cannot goes.
    pub fn abandon(self) -> io::Result<()> {
        remove(&self.paths.result)?;
        if self.marked {
            return Ok(());
        }
        remove(&self.paths.mark)?;
        remove(&self.paths.part)
    }
}

/// The first member by which two recipes differ.
fn difference(one: &Value, other: &Value) -> String {
    let (Value::Object(one), Value::Object(other)) = (one, other) else {
        return String::new();
    };
    one.keys()
        .chain(other.keys())
        .find(|key| one.get(*key) != other.get(*key))
        .cloned()
        .unwrap_or_default()
}

/// The checksum of the first `length` bytes.
fn checksum(file: &mut File, length: u64) -> io::Result<Hasher> {
    file.seek(SeekFrom::Start(0))?;
    let mut sum = Hasher::new();
    let mut left = length;
    let mut buffer = vec![0; BUFFER];
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(BUFFER).min(BUFFER);
        let read = file.read(&mut buffer[..most])?;
        if read == 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file is shorter than its mark says",
            ));
        }
        sum.update(&buffer[..read]);
        left -= read as u64;
    }
    Ok(sum)
}

/// Nobody but us puts a link in the place of our file.
fn regular(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path)?.is_file() {
        true => Ok(()),
        false => Err(io::Error::other("it is not a file")),
    }
}

fn existing(path: &Path) -> io::Result<Option<File>> {
    if fs::symlink_metadata(path).is_ok_and(|about| !about.is_file()) {
        return Ok(None);
    }
    match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// False when another process has it.
fn lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(fs::TryLockError::WouldBlock) => Ok(false),
        // Some file systems have no locks; two exports to one name are the user's to avoid there.
        Err(fs::TryLockError::Error(e)) if e.kind() == io::ErrorKind::Unsupported => Ok(true),
        Err(fs::TryLockError::Error(e)) => Err(e),
    }
}

/// Makes a file for the user alone; never follows a link that somebody put there.
fn new_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create_new(true).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// A new name is on disk only when its folder is.
fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn begin(target: &Path, mark: Option<&Mark>) -> Part {
        Part::begin(Paths::of(target), json!({"a": 1}), mark)
            .unwrap()
            .unwrap()
    }

    fn look(target: &Path) -> Result<Mark, Unfit> {
        Part::look(&Paths::of(target), &json!({"a": 1}))
    }

    #[test]
    fn a_file_appears_when_it_is_complete_and_nothing_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("x.csv");
        fs::write(&target, "old").unwrap();
        let mut part = begin(&target, None);
        part.write(b"one ").unwrap();
        part.mark(json!(1)).unwrap();
        part.write(b"two").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"old");
        assert_eq!(
            names(folder.path()),
            [".x.csv.ghl-bm-part", ".x.csv.ghl-bm-part.at", "x.csv"]
        );
        part.finish().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"one two");
        assert_eq!(names(folder.path()), ["x.csv"]);
    }

    #[test]
    fn what_was_marked_can_be_gone_on_with_and_the_rest_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("x");
        assert_eq!(look(&target), Err(Unfit::Missing));
        let mut part = begin(&target, None);
        assert!(!part.is_marked());
        part.write(b"good").unwrap();
        part.mark(json!({"after": 7})).unwrap();
        part.write(&vec![b'x'; 2 * BUFFER]).unwrap();
        drop(part);
        let mark = look(&target).unwrap();
        assert_eq!(mark.place, json!({"after": 7}));
        let mut part = begin(&target, Some(&mark));
        assert!(part.is_marked());
        part.write(b" and more").unwrap();
        let mut back = String::new();
        part.read_back().unwrap().read_to_string(&mut back).unwrap();
        assert_eq!(back, "good and more");
        part.mark(json!(null)).unwrap();
        part.finish().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"good and more");
    }

    #[test]
    fn every_byte_of_what_was_marked_counts() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("x");
        let paths = Paths::of(&target);
        let fresh = || {
            let mut part = begin(&target, None);
            part.write(b"some bytes").unwrap();
            part.mark(json!(1)).unwrap();
        };
        let (part, mark) = (paths.part.clone(), paths.mark.clone());
        type Spoil<'a> = Box<dyn Fn() + 'a>;
        let spoil: [(&str, Spoil<'_>); 6] = [
            (
                "a byte",
                Box::new(|| fs::write(&part, "some_bytes").unwrap()),
            ),
            ("short", Box::new(|| fs::write(&part, "some").unwrap())),
            (
                "torn mark",
                Box::new(|| fs::write(&mark, "{\"version\":1,").unwrap()),
            ),
            ("no mark", Box::new(|| fs::write(&mark, "").unwrap())),
            (
                "another version",
                Box::new(|| {
                    let text = fs::read_to_string(&mark).unwrap();
                    fs::write(&mark, text.replace("\"version\":1", "\"version\":2")).unwrap();
                }),
            ),
            (
                "a folder",
                Box::new(|| {
                    fs::remove_file(&part).unwrap();
                    fs::create_dir(&part).unwrap();
                }),
            ),
        ];
        for (what, spoil) in spoil {
            fresh();
            assert!(look(&target).is_ok(), "{what}");
            spoil();
            assert_eq!(look(&target), Err(Unfit::Damaged), "{what}");
        }
        fs::remove_dir(&part).unwrap();
        assert_eq!(look(&target), Err(Unfit::Missing));
        // Longer than the mark says is what a killed process leaves.
        fresh();
        fs::write(&part, "some bytes and").unwrap();
        assert!(look(&target).is_ok());
    }

    #[test]
    fn another_recipe_is_told_by_what_differs() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::of(&folder.path().join("x"));
        let recipe = json!({"format": "csv", "limit": null});
        let mut part = Part::begin(paths.clone(), recipe, None).unwrap().unwrap();
        part.mark(json!(1)).unwrap();
        for (other, key) in [
            (json!({"format": "csv", "limit": 5}), "limit"),
            (json!({"format": "csv", "limit": null, "more": 1}), "more"),
            (json!({"limit": null}), "format"),
        ] {
            assert_eq!(Part::look(&paths, &other), Err(Unfit::Other(key.into())));
        }
    }

    #[test]
    fn one_process_at_a_time_writes_a_file_and_a_new_beginning_forgets_the_old() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("x");
        let mut part = begin(&target, None);
        part.write(b"1").unwrap();
        part.mark(json!(1)).unwrap();
        let again = || Part::begin(Paths::of(&target), json!({}), None).unwrap();
        assert!(again().is_none());
        assert!(look(&target).is_ok(), "the other's work is untouched");
        drop(part);
        let part = again().unwrap();
        assert_eq!(look(&target), Err(Unfit::Missing));
        part.abandon().unwrap();
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn what_cannot_be_finished_stays_only_when_it_can_be_gone_on_with() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("x");
        // A folder does not give its name to a file.
        fs::create_dir(&target).unwrap();
        let mut part = begin(&target, None);
        part.write(b"1").unwrap();
        assert!(part.finish().is_err());
        part.abandon().unwrap();
        assert_eq!(names(folder.path()), ["x"]);
        let mut part = begin(&target, None);
        part.write(b"1").unwrap();
        part.mark(json!(1)).unwrap();
        assert!(part.finish().is_err());
        part.abandon().unwrap();
        assert_eq!(look(&target).unwrap().place, json!(1));
    }

    #[test]
    fn nothing_is_marked_after_a_write_that_failed() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("x");
        let mut part = begin(&target, None);
        part.write(b"good").unwrap();
        part.mark(json!(1)).unwrap();
        // As a full disk would: the file takes nothing more.
        let writable = std::mem::replace(&mut part.file, File::open(&part.paths.part).unwrap());
        part.write(b"bad").unwrap();
        assert!(part.mark(json!(2)).is_err());
        part.file = writable;
        assert!(part.mark(json!(2)).is_err());
        drop(part);
        assert_eq!(look(&target).unwrap().place, json!(1));
    }

    #[test]
    fn a_result_is_made_beside_its_material() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("x");
        let mut part = begin(&target, None);
        part.write(b"material").unwrap();
        part.mark(json!("read")).unwrap();
        part.turn().unwrap();
        part.write(b"half a resu").unwrap();
        part.mark(json!("never told")).unwrap();
        drop(part);
        // Killed while the result was written: the material is still good.
        let mark = look(&target).unwrap();
        assert_eq!(mark.place, json!("read"));
        let mut part = begin(&target, Some(&mark));
        let mut back = String::new();
        part.read_back().unwrap().read_to_string(&mut back).unwrap();
        assert_eq!(back, "material");
        part.turn().unwrap();
        part.write(b"result").unwrap();
        part.finish().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"result");
        assert_eq!(names(folder.path()), ["x"]);
    }

    #[test]
    fn a_restart_forgets_bytes_and_mark() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("x");
        let mut part = begin(&target, None);
        part.write(b"wrong").unwrap();
        part.mark(json!(1)).unwrap();
        part.restart().unwrap();
        assert_eq!(look(&target), Err(Unfit::Missing));
        part.write(b"right").unwrap();
        part.finish().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"right");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_it_and_no_link_is_followed() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("x");
        let paths = Paths::of(&target);
        let elsewhere = folder.path().join("elsewhere");
        fs::write(&elsewhere, "theirs").unwrap();
        std::os::unix::fs::symlink(&elsewhere, &paths.part).unwrap();
        let mut part = begin(&target, None);
        part.write(b"mine").unwrap();
        part.mark(json!(1)).unwrap();
        for path in [&paths.part, &paths.mark] {
            let mode = fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        part.finish().unwrap();
        assert_eq!(fs::read(&elsewhere).unwrap(), b"theirs");
        assert_eq!(fs::read(&target).unwrap(), b"mine");
    }
}
