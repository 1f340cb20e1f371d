//! Where rows go: a pipe, or a file that appears when it is complete.
//!
//! Start reading at [`Target::file`].

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::part::{Mark, Part, Paths, Unfit};

/// Why rows cannot go where they should.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("{} is a folder", path.display())]
    Folder { path: PathBuf },
    #[error("another ghl-bm is writing {}", path.display())]
    Busy { path: PathBuf },
    #[error("cannot write {}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Pipe(io::Error),
}

/// Takes rows, in order.
pub enum Target {
    /// Nothing can be taken back, and nothing be gone on with.
    Pipe(Box<dyn Write>),
    File(Box<PartFile>),
}

/// A file on its way.
pub struct PartFile {
    target: PathBuf,
    recipe: Value,
    /// What there was to go on with; `None` when nobody asked.
    found: Option<Result<Mark, Unfit>>,
    /// Made with the first bytes, so that a command that fails before does not spoil an earlier
    /// one's work.
    part: Option<Part>,
}

impl Target {
    pub fn pipe(out: impl Write + 'static) -> Target {
        Target::Pipe(Box::new(out))
    }

    /// Whether a file can be made there, before anything is read for it.
    ///
    /// # Errors
    /// [`ExportError`] when not.
    pub fn check(path: &Path) -> Result<(), ExportError> {
        let Place::New(target) = place(path)? else {
            return Ok(());
        };
        let paths = Paths::of(&target);
        let folder = paths.folder();
        if !folder.is_dir() {
            let cause = format!("there is no folder {}", folder.display());
            return Err(failed(path, io::Error::new(io::ErrorKind::NotFound, cause)));
        }
        // Better now than after an hour of reading. The file is gone again at once. What the library
        // adds to an error is the name of a file that nobody knows of.
        tempfile::NamedTempFile::new_in(folder)
            .map(drop)
            .map_err(|e| failed(path, io::Error::from(e.kind())))
    }

    /// A file. `recipe` says what it is made from and how; with `resume`, the unfinished file of the
    /// same recipe is gone on with, if there is one. What exists and is no file (a device, a named
    /// pipe) is written to as it is.
    ///
    /// # Errors
    /// [`ExportError`] when no file can be made there.
    pub fn file(path: &Path, recipe: Value, resume: bool) -> Result<Target, ExportError> {
        Target::check(path)?;
        let target = match place(path)? {
            Place::New(target) => target,
            Place::Device => {
                let file = OpenOptions::new().write(true).open(path);
                let file = file.map_err(|source| failed(path, source))?;
                return Ok(Target::pipe(BufWriter::with_capacity(1 << 16, file)));
            }
        };
        let found = resume.then(|| Part::look(&Paths::of(&target), &recipe));
        Ok(Target::File(Box::new(PartFile {
            target,
            recipe,
            found,
            part: None,
        })))
    }

    /// What there is to go on with, if it was asked for.
    pub fn found(&self) -> Option<Result<&Mark, &Unfit>> {
        match self {
            Target::Pipe(_) => None,
            Target::File(file) => file.found.as_ref().map(Result::as_ref),
        }
    }

    /// What was found is of no use after all.
    pub fn refuse_found(&mut self) {
        if let Target::File(file) = self {
            file.found = Some(Err(Unfit::Damaged));
        }
    }

    /// An earlier command left an unfinished file that would be replaced by the first row.
    pub fn replaces_unfinished(&self) -> bool {
        match self {
            Target::File(file) => file.found.is_none() && Part::exists(&Paths::of(&file.target)),
            Target::Pipe(_) => false,
        }
    }

    /// # Errors
    /// Those of the file or pipe.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), ExportError> {
        match self {
            Target::Pipe(out) => out.write_all(bytes).map_err(ExportError::Pipe),
            Target::File(file) => file.act(|part| part.write(bytes)),
        }
    }

    /// Passes everything so far on to whoever reads a pipe.
    ///
    /// # Errors
    /// Those of the pipe.
    pub fn pass_on(&mut self) -> Result<(), ExportError> {
        match self {
            Target::Pipe(out) => out.flush().map_err(ExportError::Pipe),
            Target::File(_) => Ok(()),
        }
    }

    /// Now and then, remembers how far the file is good and where its maker stands.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn mark_if_due(&mut self, place: impl FnOnce() -> Value) -> Result<(), ExportError> {
        match self {
            Target::File(file) if file.part.as_ref().is_some_and(Part::is_due) => {
                self.mark(place())
            }
            _ => Ok(()),
        }
    }

    /// Remembers it now.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn mark(&mut self, place: Value) -> Result<(), ExportError> {
        match self {
            Target::File(file) if file.part.is_some() => file.act(|part| part.mark(place)),
            _ => Ok(()),
        }
    }

    /// Whether there is a file, and not a pipe that forgets.
    pub fn is_file(&self) -> bool {
        matches!(self, Target::File(_))
    }

    /// The bytes so far, those of an earlier command included; none of a pipe.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn read_back(&mut self) -> Result<Box<dyn Read>, ExportError> {
        match self {
            Target::Pipe(_) => Ok(Box::new(io::empty())),
            Target::File(file) => {
                let mut back: Box<dyn Read> = Box::new(io::empty());
                file.act(|part| {
                    back = Box::new(part.read_back()?);
                    Ok(())
                })?;
                Ok(back)
            }
        }
    }

    /// What was written so far is only what the result is made from; the result follows.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn turn(&mut self) -> Result<(), ExportError> {
        match self {
            Target::Pipe(_) => Ok(()),
            Target::File(file) => file.act(Part::turn),
        }
    }

    /// Forgets what was written so far.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn restart(&mut self) -> Result<(), ExportError> {
        match self {
            Target::Pipe(_) => Ok(()),
            Target::File(file) => file.act(Part::restart),
        }
    }

    /// There is something that a later command can go on with.
    pub fn can_be_resumed(&self) -> bool {
        match self {
            Target::Pipe(_) => false,
            Target::File(file) => match &file.part {
                Some(part) => part.is_marked(),
                // Untouched: what was there still is.
                None => matches!(file.found, Some(Ok(_))),
            },
        }
    }

    /// Everything is written; the file takes its name.
    ///
    /// # Errors
    /// Those of the file or pipe.
    pub fn finish(&mut self) -> Result<(), ExportError> {
        match self {
            Target::Pipe(out) => out.flush().map_err(ExportError::Pipe),
            Target::File(file) => {
                file.act(Part::finish)?;
                file.part = None;
                Ok(())
            }
        }
    }

    /// Ends without a file; what can be resumed stays, what cannot goes.
    pub fn abandon(self) {
        if let Target::File(file) = self
            && let Some(part) = file.part
        {
            // What does not go is of no use, and of no harm if it stays.
            let _ = part.abandon();
        }
    }
}

/// What is at a place.
enum Place {
    /// A file, or nothing yet; where it really is.
    New(PathBuf),
    Device,
}

fn place(path: &Path) -> Result<Place, ExportError> {
    let folder = || ExportError::Folder {
        path: path.to_owned(),
    };
    match fs::metadata(path) {
        Ok(about) if about.is_dir() => Err(folder()),
        // Through a link to the file that it names: that one is replaced, not the link.
        Ok(about) if about.is_file() => fs::canonicalize(path)
            .map(Place::New)
            .map_err(|source| failed(path, source)),
        Ok(_) => Ok(Place::Device),
        Err(_) if path.file_name().is_none() => Err(folder()),
        Err(_) => Ok(Place::New(path.to_owned())),
    }
}

fn failed(path: &Path, source: io::Error) -> ExportError {
    ExportError::File {
        path: path.to_owned(),
        source,
    }
}

impl PartFile {
    fn begin(&mut self) -> Result<&mut Part, ExportError> {
        if self.part.is_none() {
            let mark = self.found.as_ref().and_then(|found| found.as_ref().ok());
            let paths = Paths::of(&self.target);
            let begun = Part::begin(paths, self.recipe.clone(), mark);
            let path = || self.target.clone();
            let begun = begun
                .map_err(|source| ExportError::File {
                    path: path(),
                    source,
                })?
                .ok_or_else(|| ExportError::Busy { path: path() })?;
            return Ok(self.part.insert(begun));
        }
        self.part.as_mut().ok_or_else(|| ExportError::Busy {
            path: self.target.clone(),
        })
    }

    fn act(&mut self, act: impl FnOnce(&mut Part) -> io::Result<()>) -> Result<(), ExportError> {
        act(self.begin()?).map_err(|source| ExportError::File {
            path: self.target.clone(),
            source,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn file(path: &Path, resume: bool) -> Target {
        Target::file(path, json!({"a": 1}), resume).unwrap()
    }

    #[test]
    fn a_place_that_cannot_be_used_is_told_before_anything_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |path: &Path| match Target::file(path, json!({}), false) {
            Err(error) => error.to_string(),
            Ok(_) => String::new(),
        };
        assert!(refused(folder.path()).contains("is a folder"));
        assert!(refused(Path::new("..")).contains("is a folder"));
        let missing = folder.path().join("none").join("x.csv");
        assert!(refused(&missing).contains("cannot write"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn nothing_is_touched_before_the_first_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let mut first = file(&path, false);
        first.write(b"1").unwrap();
        first.mark(json!(5)).unwrap();
        assert!(first.can_be_resumed());
        first.abandon();
        // A later command without --resume that fails at once spoils nothing.
        let second = file(&path, false);
        assert!(second.replaces_unfinished() && !second.can_be_resumed());
        second.abandon();
        let mut third = file(&path, true);
        assert_eq!(third.found().unwrap().unwrap().place, json!(5));
        assert!(third.can_be_resumed());
        third.write(b"2").unwrap();
        third.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"12");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_cannot_be_resumed_does_not_stay() {
        let folder = tempfile::tempdir().unwrap();
        let mut target = file(&folder.path().join("x"), true);
        assert_eq!(target.found(), Some(Err(&Unfit::Missing)));
        target.write(b"1").unwrap();
        target.abandon();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn an_empty_result_is_a_file_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        file(&path, false).finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_a_device_a_device() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("real");
        let link = folder.path().join("link");
        fs::write(&path, "old").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let mut target = file(&link, false);
        target.write(b"new").unwrap();
        target.finish().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"new");

        let mut target = file(Path::new("/dev/null"), false);
        target.write(b"x").unwrap();
        target.finish().unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
        let mut target = file(Path::new("/dev/full"), false);
        target.write(b"x").unwrap();
        let error = target.finish().unwrap_err();
        assert!(matches!(error, ExportError::Pipe(e) if e.kind() == io::ErrorKind::StorageFull));
    }
}
