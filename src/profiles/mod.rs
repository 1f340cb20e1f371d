//! Mapping profiles and settings as TOML files in the config directory.
//!
//! Finds, reads, checks, builds and edits them; a file is replaced whole or not at all. It never
//! talks to a service and never decides what a rule means: that is `mapping`.
//! Start reading at [`Profiles`], then [`parse`]; the keys of a file are in [`keys`] and how they are
//! read in [`read`] and [`syntax`], changes of a file in [`mod@change`], the text of a new one in [`new`], older formats
//! in [`migrate`].

mod change;
mod keys;
mod migrate;
mod new;
mod read;
mod schema;
mod syntax;

#[cfg(test)]
mod tests;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use toml_edit::DocumentMut;

use crate::mapping::Profile;
pub(crate) use change::{Change, ChangeError, NewField, change};
pub(crate) use new::{NewProfile, NewRule, new_profile_text};
pub(crate) use read::{check_list, check_merge_tag, check_source, duration};
pub(crate) use schema::schema;

/// The newest format of profiles that this program reads.
pub(crate) const VERSION: i64 = 1;

/// A profile or settings file larger than this is not read: nobody wrote it by hand.
const LARGEST: u64 = 1024 * 1024;

/// One thing that is wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// From 1; 0 when it concerns the file as a whole.
    pub line: usize,
    /// In characters, from 1; 0 when it concerns the file as a whole.
    pub column: usize,
    pub message: String,
}

/// Why a profile or the settings cannot be used. Every sentence names the file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProfileError {
    #[error("`{name}` cannot be the name of a profile: {reason}")]
    Name { name: String, reason: &'static str },
    #[error("there is no profile `{name}` ({} does not exist)", .path.display())]
    Missing {
        name: String,
        path: PathBuf,
        /// The profiles that there are.
        known: Vec<String>,
    },
    /// All that is wrong, in the order of the lines.
    #[error("{}", all_problems(.file, .problems))]
    Invalid {
        file: String,
        problems: Vec<Problem>,
    },
    #[error("cannot {doing} {}: {cause}", .path.display())]
    File {
        doing: &'static str,
        path: PathBuf,
        cause: io::Error,
    },
}

/// The folder of the config directory that profiles lie in.
const FOLDER: &str = "profiles";

impl ProfileError {
    /// What to type next, where there is something to type.
    pub fn hint(&self) -> Option<String> {
        match self {
            ProfileError::Missing { known, .. } if known.is_empty() => {
                Some("make one with `ghl-bm map init`".to_owned())
            }
            ProfileError::Missing { known, .. } => Some(format!(
                "choose one with `--profile`: {}; or make one with `ghl-bm map init`",
                known.join(", ")
            )),
            ProfileError::Invalid { file, .. } if is_profile(file) => {
                Some("`ghl-bm map edit` opens it, `ghl-bm map check` looks at it again".to_owned())
            }
            _ => None,
        }
    }
}

/// Whether a file lies where profiles do.
fn is_profile(file: &str) -> bool {
    let folder = Path::new(file).parent();
    folder.is_some_and(|folder| folder.ends_with(FOLDER))
}

fn all_problems(file: &str, problems: &[Problem]) -> String {
    problems
        .iter()
        .map(|problem| match problem.line {
            0 => format!("{file}: {}", problem.message),
            line => format!("{file}:{line}:{}: {}", problem.column, problem.message),
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// What [`Profiles::bring_up`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Migration {
    /// The format that the file had.
    pub from: i64,
    /// Where the file is kept as it was.
    pub backup: PathBuf,
}

/// The profiles of one config directory, `<config>/profiles/NAME.toml`.
#[derive(Debug, Clone)]
pub(crate) struct Profiles {
    folder: PathBuf,
}

impl Profiles {
    /// Touches nothing on disk; a directory that does not exist holds no profiles.
    pub fn new(config_dir: impl AsRef<Path>) -> Profiles {
        Profiles {
            folder: config_dir.as_ref().join(FOLDER),
        }
    }

    /// Where the profile's file is or would be.
    pub fn path(&self, name: &str) -> Result<PathBuf, ProfileError> {
        check_name(name)?;
        Ok(self.folder.join(format!("{name}.toml")))
    }

    /// Whether there is such a file; names that no profile can have do not exist.
    pub fn exists(&self, name: &str) -> bool {
        self.path(name).is_ok_and(|path| path.exists())
    }

    /// The names of all profiles, sorted.
    pub fn list(&self) -> Result<Vec<String>, ProfileError> {
        let failed = |cause| ProfileError::File {
            doing: "list",
            path: self.folder.clone(),
            cause,
        };
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let file = entry.map_err(failed)?.file_name();
            if let Some(name) = file.to_str().and_then(|file| file.strip_suffix(".toml"))
                && check_name(name).is_ok()
            {
                names.push(name.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// The profile's text as it stands in the file.
    pub fn text(&self, name: &str) -> Result<String, ProfileError> {
        let path = self.path(name)?;
        match read_text(&path)? {
            Some(text) => Ok(text),
            None => Err(ProfileError::Missing {
                name: name.to_owned(),
                path,
                known: self.list()?,
            }),
        }
    }

    /// Reads and checks the profile. One of an older format is understood as what
    /// [`Profiles::bring_up`] would make of it; the file stays as it is.
    pub fn load(&self, name: &str) -> Result<Profile, ProfileError> {
        let path = self.path(name)?.display().to_string();
        let text = self.text(name)?;
        match migrate::up_to_date(&text) {
            None => parse(name, &path, &text),
            Some((from, new)) => {
                let label = format!("{path} (format {from}, read as format {VERSION})");
                parse(name, &label, &new)
            }
        }
    }

    /// Brings the file of an older format up to the present one and keeps it as it was beside it.
    /// `None` when there is nothing to do.
    pub fn bring_up(&self, name: &str) -> Result<Option<Migration>, ProfileError> {
        let path = self.path(name)?;
        let text = self.text(name)?;
        let Some((from, new)) = migrate::up_to_date(&text) else {
            return Ok(None);
        };
        let mut backup = path.with_extension(format!("toml.v{from}"));
        let mut number = 1;
        while backup.exists() {
            number += 1;
            backup = path.with_extension(format!("toml.v{from}-{number}"));
        }
        replace_file(&backup, text.as_bytes())?;
        // Whether it is a valid profile now is for whoever reads it to say.
        replace_file(&path, new.as_bytes())?;
        Ok(Some(Migration { from, backup }))
    }

    /// Puts the schema of profiles beside them, where editors look for it; one that is there and the
    /// same is left alone.
    pub fn save_schema(&self) -> Result<(), ProfileError> {
        let path = self.folder.join(schema::FILE);
        let text = schema();
        match fs::read(&path) {
            Ok(bytes) if bytes == text.as_bytes() => Ok(()),
            _ => replace_file(&path, text.as_bytes()),
        }
    }

    /// Replaces or makes the profile's file. Text that is no valid profile is refused and nothing
    /// is written; after a crash either the old or the new text is there, whole.
    pub fn save_text(&self, name: &str, text: &str) -> Result<(), ProfileError> {
        let path = self.path(name)?;
        parse(name, &path.display().to_string(), text)?;
        replace_file(&path, text.as_bytes())
    }

    /// Like [`Profiles::save_text`], for a change of a file that may have had problems before: those may
    /// stay, so that a broken file can be mended step by step, but the change must not add any. Returns
    /// what is still wrong.
    pub fn save_change(
        &self,
        name: &str,
        old: &str,
        new: &str,
    ) -> Result<Vec<Problem>, ProfileError> {
        let path = self.path(name)?;
        let before = read::as_far_as_possible(name, old).1;
        let (profile, after) = read::as_far_as_possible(name, new);
        if profile.is_none() {
            // Of another format, which nobody here can judge.
            return Err(ProfileError::Invalid {
                file: path.display().to_string(),
                problems: after,
            });
        }
        let known = |problem: &&Problem| before.iter().any(|old| old.message == problem.message);
        if after.len() >= before.len() {
            let added: Vec<Problem> = after
                .iter()
                .filter(|problem| !known(problem))
                .cloned()
                .collect();
            if !added.is_empty() {
                return Err(ProfileError::Invalid {
                    file: "with this change".to_owned(),
                    problems: added,
                });
            }
        }
        replace_file(&path, new.as_bytes())?;
        Ok(after)
    }

    /// Deletes the profile's file; a profile that is not there is [`ProfileError::Missing`].
    pub fn delete(&self, name: &str) -> Result<(), ProfileError> {
        let path = self.path(name)?;
        match fs::remove_file(&path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ProfileError::Missing {
                name: name.to_owned(),
                path,
                known: self.list()?,
            }),
            Err(cause) => Err(ProfileError::File {
                doing: "delete",
                path,
                cause,
            }),
        }
    }
}

/// Reads and checks the text of a profile. `file_label` is how messages call the text, such as its
/// path. Where possible the error lists everything that is wrong, not only the first.
pub(crate) fn parse(name: &str, file_label: &str, text: &str) -> Result<Profile, ProfileError> {
    read::profile(name, text).map_err(|problems| ProfileError::Invalid {
        file: file_label.to_owned(),
        problems,
    })
}

/// Reads what can be read of a profile, and tells everything that is wrong with it. There is no profile
/// where the text is no TOML or of another format; else it lacks the rules that have a problem.
pub(crate) fn parse_as_far_as_possible(name: &str, text: &str) -> (Option<Profile>, Vec<Problem>) {
    read::as_far_as_possible(name, text)
}

/// Changes a profile's text and keeps its comments, order and spelling everywhere else. The result
/// is TOML but not checked; saving it does that.
pub(crate) fn edit(
    text: &str,
    change: impl FnOnce(&mut DocumentMut),
) -> Result<String, ProfileError> {
    let mut document: DocumentMut = text.parse().map_err(|error| ProfileError::Invalid {
        file: "profile".to_owned(),
        problems: vec![syntax::problem(text, &error)],
    })?;
    change(&mut document);
    let edited = document.to_string();
    // toml_edit writes plain line feeds; a file made on Windows keeps its own.
    let feeds = text.matches('\n').count();
    if feeds > 0 && text.matches("\r\n").count() == feeds {
        return Ok(edited.replace("\r\n", "\n").replace('\n', "\r\n"));
    }
    Ok(edited)
}

/// The optional file `<config>/config.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Where secrets are kept, as written: `keyring`, `env` and so on.
    pub credential_store: Option<String>,
    /// The profile to use when none is named.
    pub profile: Option<String>,
}

impl Settings {
    /// Reads the settings; without a file all of them are unset.
    pub fn load(config_dir: impl AsRef<Path>) -> Result<Settings, ProfileError> {
        let path = config_dir.as_ref().join("config.toml");
        let Some(text) = read_text(&path)? else {
            return Ok(Settings::default());
        };
        read::settings(&text).map_err(|problems| ProfileError::Invalid {
            file: path.display().to_string(),
            problems,
        })
    }

    /// Writes where secrets are kept into the settings, and leaves the rest of them as it is.
    pub fn save_store(config_dir: impl AsRef<Path>, word: &str) -> Result<(), ProfileError> {
        let path = config_dir.as_ref().join("config.toml");
        let text = read_text(&path)?.unwrap_or_default();
        let edited = edit(&text, |document| {
            document["credential_store"] = toml_edit::value(word);
        })?;
        replace_file(&path, edited.as_bytes())
    }
}

/// Names become parts of paths and of keyring entries, so they hold nothing that means something
/// there.
fn check_name(name: &str) -> Result<(), ProfileError> {
    let refuse = |reason| {
        Err(ProfileError::Name {
            name: name.to_owned(),
            reason,
        })
    };
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if name.is_empty() {
        refuse("it is empty")
    } else if !name.bytes().all(fine) {
        refuse("use letters, digits, dots, dashes and underscores")
    } else if name.starts_with('.') {
        refuse("it must not begin with a dot")
    } else if name.len() > 100 {
        refuse("it is longer than 100 characters")
    } else if name.ends_with('.') || is_device(name) {
        refuse("a file cannot have this name on Windows")
    } else {
        Ok(())
    }
}

/// Windows takes these names for devices, whatever ending follows; a profile may travel there.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    let numbered = |word: &str| {
        let number = stem.strip_prefix(word).unwrap_or_default();
        number.len() == 1 && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    ["con", "prn", "aux", "nul"].contains(&stem.as_str()) || numbered("com") || numbered("lpt")
}

/// The text of a file, or `None` when it does not exist.
fn read_text(path: &Path) -> Result<Option<String>, ProfileError> {
    let failed = |cause| ProfileError::File {
        doing: "read",
        path: path.to_owned(),
        cause,
    };
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(failed)?,
    };
    let mut bytes = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > LARGEST {
        return Err(failed(io::Error::other("it is larger than 1 MiB")));
    }
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| failed(io::Error::other("it is not UTF-8 text")))
}

/// Writes a file beside its place, makes it durable and puts it into place, readable by its owner
/// only. A link is followed, so that people can keep their profiles elsewhere.
fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), ProfileError> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let temporary = folder.join(format!(".{name}.{}.{number}.tmp", std::process::id()));
    let write = || -> io::Result<()> {
        make_folder(folder)?;
        let mut file = private_file(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, &path)?;
        sync_folder(folder)
    };
    write().map_err(|cause| {
        // What failed is told; that the leftover could not be removed either would only hide it.
        let _ = fs::remove_file(&temporary);
        ProfileError::File {
            doing: "write",
            path: path.clone(),
            cause,
        }
    })
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a rename durable; other systems than Unix have no such call and need none.
fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
