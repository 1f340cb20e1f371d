//! A file that is there when it is whole, or not at all.
//!
//! Knows nothing of what is in it. Start reading at [`WholeFile::new`].

use std::fs::File;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::error::{CliError, Exit};

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// It is full of people.
    Owner,
    /// Another account collects it.
    All,
}

/// A file on its way to its place.
#[derive(Debug)]
pub struct WholeFile {
    path: PathBuf,
    file: NamedTempFile,
}

impl WholeFile {
    /// Whether a file can be made there is better known before the first call.
    ///
    /// # Errors
    /// A folder, something else that is no file, a place where nothing can be written.
    pub fn new(path: &Path, readers: Readers) -> Result<WholeFile, CliError> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if path.is_dir() {
            let message = format!("{} is a folder", path.display());
            return Err(CliError::usage(message).hint("name a file in it"));
        }
        if path.exists() && !path.is_file() {
            let message = format!("{} is no file that could be replaced", path.display());
            return Err(CliError::usage(message).hint("name a file that is to be made"));
        }
        let mut builder = Builder::new();
        #[cfg(unix)]
        if readers == Readers::All {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(std::fs::Permissions::from_mode(0o644));
        }
        #[cfg(not(unix))]
        let _ = readers;
        if !folder.is_dir() {
            let cause = format!("there is no folder {}", folder.display());
            let cause = std::io::Error::new(std::io::ErrorKind::NotFound, cause);
            return Err(file_error(path, "write", &cause));
        }
        // What the library adds is the name of a file that nobody knows of.
        let file = builder
            .tempfile_in(folder)
            .map_err(|e| std::io::Error::from(e.kind()));
        Ok(WholeFile {
            file: file.map_err(|e| file_error(path, "write", &e))?,
            path: path.to_owned(),
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn out(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Lets the file appear, in the place of an earlier one.
    ///
    /// # Errors
    /// Those of the disk; then an earlier file is still there.
    pub fn appear(self) -> Result<(), CliError> {
        let failed = |e: &std::io::Error| file_error(&self.path, "write", e);
        self.file.as_file().sync_all().map_err(|e| failed(&e))?;
        let persisted = self.file.persist(&self.path);
        persisted.map_err(|e| file_error(&self.path, "write", &e.error))?;
        Ok(())
    }
}

/// What could not be done with a file.
pub fn file_error(path: &Path, what: &str, error: &std::io::Error) -> CliError {
    let exit = match what {
        "read" => Exit::Invalid,
        _ => Exit::Failed,
    };
    CliError::new(
        exit,
        "file",
        format!("cannot {what} {}: {error}", path.display()),
    )
}
