//! The places that keep secrets between runs: one text under one name, and nothing about its meaning.
//!
//! It never moves to another place by itself and never shows what it holds. Start reading at
//! [`StoreKind`].

#[cfg(test)]
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
#[cfg(test)]
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use secrecy::ExposeSecret;

use super::keyring::{self, Patience};
use super::{CredentialError, LARGEST, Secret, read_text};

/// The name of an entry: whose it is, and whether it is on its way to become the one that counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    /// Holds no slash.
    pub profile: String,
    pub service: &'static str,
    pub coming: bool,
}

impl Name {
    /// As entries of a keyring are called.
    fn entry(&self) -> String {
        let end = if self.coming { "/coming" } else { "" };
        format!("{}/{}{end}", self.profile, self.service)
    }

    pub(super) fn file(&self) -> String {
        self.entry().replace('/', ".")
    }
}

/// Where secrets are kept between runs.
#[derive(Debug, Clone)]
pub(crate) enum StoreKind {
    /// The operating system's: Secret Service, macOS Keychain, Windows Credential Manager.
    Keyring,
    /// Files in this directory that only their owner can read.
    File(PathBuf),
    /// A program that prints them.
    Command(Program),
    /// Nowhere: the environment must bring them each time.
    Env,
    /// In this process only, for tests.
    #[cfg(test)]
    Memory(MemoryStore),
}

/// Why a store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    Keyring(String),
    File {
        path: PathBuf,
        message: String,
    },
    Command {
        program: String,
        message: String,
    },
    /// Nothing can be put there, or taken away.
    ReadOnly,
}

impl StoreKind {
    /// Reads the word of `GHL_BM_CREDENTIAL_STORE` or of the settings; files go to `folder`.
    ///
    /// # Errors
    /// [`CredentialError::UnknownStore`], and [`CredentialError::NoCommand`] for a command that
    /// cannot be understood.
    pub fn parse(word: &str, folder: PathBuf) -> Result<StoreKind, CredentialError> {
        let word = word.trim();
        match word {
            "keyring" => Ok(StoreKind::Keyring),
            "file" => Ok(StoreKind::File(folder)),
            "env" => Ok(StoreKind::Env),
            _ => match word.strip_prefix("command:") {
                Some(line) => Program::parse(line).map(StoreKind::Command),
                None => Err(CredentialError::UnknownStore {
                    store: word.to_owned(),
                }),
            },
        }
    }

    /// The word for it, without what may be private of a command.
    pub fn word(&self) -> &'static str {
        match self {
            StoreKind::Keyring => "keyring",
            StoreKind::File(_) => "file",
            StoreKind::Command(_) => "command",
            StoreKind::Env => "env",
            #[cfg(test)]
            StoreKind::Memory(_) => "memory",
        }
    }

    /// Whether something can be put there.
    pub fn keeps(&self) -> bool {
        !matches!(self, StoreKind::Command(_) | StoreKind::Env)
    }

    pub(super) fn get(&self, patience: Patience, name: &Name) -> Result<Option<Secret>, Fault> {
        match self {
            StoreKind::Keyring => keyring::get(patience, &name.entry()).map_err(Fault::Keyring),
            StoreKind::File(folder) => read_file(&folder.join(name.file())),
            StoreKind::Command(_) if name.coming => Ok(None),
            StoreKind::Command(program) => program.ask(name).map(Some),
            StoreKind::Env => Ok(None),
            #[cfg(test)]
            StoreKind::Memory(memory) => memory.get(name),
        }
    }

    /// Makes or replaces an entry; afterwards the new one is there, or the old one still is.
    pub(super) fn set(&self, patience: Patience, name: &Name, text: &Secret) -> Result<(), Fault> {
        match self {
            StoreKind::Keyring => {
                keyring::set(patience, &name.entry(), text).map_err(Fault::Keyring)
            }
            StoreKind::File(folder) => write_file(folder, &folder.join(name.file()), text),
            StoreKind::Command(_) | StoreKind::Env => Err(Fault::ReadOnly),
            #[cfg(test)]
            StoreKind::Memory(memory) => memory.set(name, text),
        }
    }

    /// Removes an entry; false when there was none.
    pub(super) fn delete(&self, patience: Patience, name: &Name) -> Result<bool, Fault> {
        match self {
            StoreKind::Keyring => keyring::delete(patience, &name.entry()).map_err(Fault::Keyring),
            StoreKind::File(folder) => delete_file(&folder.join(name.file())),
            StoreKind::Command(_) | StoreKind::Env => Ok(false),
            #[cfg(test)]
            StoreKind::Memory(memory) => memory.delete(name),
        }
    }
}

fn fault(path: &Path, error: &io::Error) -> Fault {
    Fault::File {
        path: path.to_owned(),
        message: error.to_string(),
    }
}

fn read_file(path: &Path) -> Result<Option<Secret>, Fault> {
    let about = match fs::symlink_metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fault(path, &error)),
    };
    let refuse = |message: String| {
        Err(Fault::File {
            path: path.to_owned(),
            message,
        })
    };
    if !about.is_file() {
        return refuse("it is not a file".to_owned());
    }
    let file = File::open(path).map_err(|error| fault(path, &error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let about = file.metadata().map_err(|error| fault(path, &error))?;
        let mode = about.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return refuse(format!(
                "others than its owner can use it (mode {mode:04o}); see who did, then: chmod 600 {}",
                path.display()
            ));
        }
    }
    match read_text(file) {
        Ok(text) => Ok(Some(text)),
        Err(message) => refuse(message),
    }
}

/// Written beside, made durable, and only then given its name.
fn write_file(folder: &Path, path: &Path, text: &Secret) -> Result<(), Fault> {
    let write = || -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
        // Temporary files are for their owner alone.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.expose_secret().as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        #[cfg(unix)]
        File::open(folder)?.sync_all()?;
        Ok(())
    };
    write().map_err(|error| fault(path, &error))
}

fn delete_file(path: &Path) -> Result<bool, Fault> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(fault(path, &error)),
    }
}

/// A program that prints a secret, with the words that come before service and profile. No shell
/// reads them, unless the program is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    words: Vec<String>,
    /// How long it may take; a vault may ask its owner something.
    patience: Duration,
}

const PROGRAM_PATIENCE: Duration = Duration::from_secs(30);

/// How often a running program is looked after.
const LOOK: Duration = Duration::from_millis(20);

/// What is shown of a program's own words.
const SHOWN: usize = 200;

impl Program {
    /// What is started, without its words.
    pub fn name(&self) -> &str {
        &self.words[0]
    }

    fn parse(line: &str) -> Result<Program, CredentialError> {
        let words = shell_words::split(line).map_err(|_| CredentialError::NoCommand {
            message: "a quote in it is never closed",
        })?;
        if words.is_empty() {
            return Err(CredentialError::NoCommand {
                message: "it names no program",
            });
        }
        Ok(Program {
            words,
            patience: PROGRAM_PATIENCE,
        })
    }

    fn ask(&self, name: &Name) -> Result<Secret, Fault> {
        let program = self.words[0].clone();
        let fail = |message: String| {
            Err(Fault::Command {
                program: program.clone(),
                message,
            })
        };
        let started = Command::new(&program)
            .args(&self.words[1..])
            .args([name.service, &name.profile])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = match started {
            Ok(child) => child,
            Err(error) => return fail(format!("it cannot be started: {error}")),
        };
        let out = child.stdout.take().map(listen);
        let err = child.stderr.take().map(listen);
        let began = Instant::now();
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if began.elapsed() < self.patience => thread::sleep(LOOK),
                Ok(None) => {
                    // It may be gone by now; either way it is waited for, so that none stays behind.
                    let _ = child.kill();
                    let _ = child.wait();
                    return fail(format!(
                        "it was not done within {} s",
                        self.patience.as_secs_f64()
                    ));
                }
                Err(error) => return fail(error.to_string()),
            }
        };
        // A child of its own may hold the pipes open; what came so far is what there is.
        let hear = |said: Option<mpsc::Receiver<Result<Secret, String>>>| match said {
            Some(said) => match said.recv_timeout(Duration::from_secs(1)) {
                Ok(text) => text,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    Err("its output does not end".to_owned())
                }
            },
            None => Ok(Secret::from("")),
        };
        let (out, err) = (hear(out), hear(err));
        if !status.success() {
            let said = err
                .map(|err| last_line(&err, out.as_ref().ok()))
                .unwrap_or_default();
            let how = match status.code() {
                Some(code) => format!("it ended with code {code}"),
                None => "it was ended by a signal".to_owned(),
            };
            return fail(match said.is_empty() {
                true => how,
                false => format!("{how}: {said}"),
            });
        }
        match out {
            Ok(text) if text.expose_secret().trim().is_empty() => {
                fail("it printed nothing".to_owned())
            }
            Ok(text) => Ok(text),
            Err(message) => fail(message),
        }
    }
}

/// Reads to the end beside the program, so that it never waits for a full pipe.
fn listen(pipe: impl io::Read + Send + 'static) -> mpsc::Receiver<Result<Secret, String>> {
    let (sender, said) = mpsc::channel();
    thread::spawn(move || {
        let mut pipe = pipe;
        let text = read_text((&mut pipe).take(LARGEST as u64 + 1));
        // Whatever is beyond is not wanted, but the program may have to get rid of it.
        let _ = io::copy(&mut pipe, &mut io::sink());
        let _ = sender.send(text);
    });
    said
}

/// The last line of what a program complained, without whatever it printed as a secret.
fn last_line(complaint: &Secret, printed: Option<&Secret>) -> String {
    let mut lines = complaint.expose_secret().lines().map(str::trim);
    let Some(line) = lines.rfind(|line| !line.is_empty()) else {
        return String::new();
    };
    let mut line = line.to_owned();
    let printed = printed.map(|text| text.expose_secret()).unwrap_or_default();
    for word in printed.split_whitespace().filter(|word| word.len() > 3) {
        line = line.replace(word, "[secret]");
    }
    line.chars()
        .filter(|c| !c.is_control())
        .take(SHOWN)
        .collect()
}

/// Secrets that end with the process. Clones share them.
#[cfg(test)]
#[derive(Debug, Clone, Default)]
pub(crate) struct MemoryStore(Arc<Mutex<Memory>>);

#[cfg(test)]
#[derive(Debug, Default)]
struct Memory {
    entries: BTreeMap<Name, Secret>,
    /// So many more changes succeed; the process dies before the next one.
    lives: Option<u32>,
    full: bool,
}

#[cfg(test)]
impl MemoryStore {
    fn lock(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, name: &Name) -> Result<Option<Secret>, Fault> {
        Ok(self.lock().entries.get(name).cloned())
    }

    fn change(&self) -> Result<std::sync::MutexGuard<'_, Memory>, Fault> {
        let mut memory = self.lock();
        if memory.full {
            return Err(Fault::Keyring("it is full".to_owned()));
        }
        if let Some(lives) = &mut memory.lives {
            if *lives == 0 {
                drop(memory);
                std::panic::panic_any(super::tests::Killed);
            }
            *lives -= 1;
        }
        Ok(memory)
    }

    fn set(&self, name: &Name, text: &Secret) -> Result<(), Fault> {
        self.change()?.entries.insert(name.clone(), text.clone());
        Ok(())
    }

    fn delete(&self, name: &Name) -> Result<bool, Fault> {
        Ok(self.change()?.entries.remove(name).is_some())
    }

    /// Lets the process die before the change after so many, or never.
    pub fn die_after(&self, changes: Option<u32>) {
        self.lock().lives = changes;
    }

    /// Takes nothing more.
    pub fn fill(&self, full: bool) {
        self.lock().full = full;
    }
}
