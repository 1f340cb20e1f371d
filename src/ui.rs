//! The terminal: data on stdout, talk on stderr.
//!
//! The only module that prints. Knows quiet and verbose, colour, text or JSON lines, bars and
//! whether somebody sits there; knows nothing of contacts, services or the causes of errors.
//! A reader who closed the pipe is a quiet end, not an error. With `--jq` whatever a command prints
//! on stdout runs through the filter, without the command knowing.
//! Start reading at [`Ui`]; the filter is in [`filter`].

mod filter;

use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

pub use filter::{Filter, FilterError};

/// How much is said on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Talk {
    /// Errors and warnings only.
    Quiet,
    Normal,
    /// Also what is done and why.
    Verbose,
    /// Also every request.
    Debug,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// What a line on stderr is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Error,
    Warning,
    Hint,
    Info,
    Detail,
    Request,
}

/// How far a step of the work is.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// A word for programs, such as `reading`.
    pub phase: &'static str,
    /// `ghl` or `bigmailer`, where the step belongs to one side.
    pub side: Option<&'static str>,
    pub done: u64,
    /// As far as it is known.
    pub total: Option<u64>,
}

/// The commands of a text, those between backticks, with a flag behind the program's name.
fn with_flag(text: &str, flag: &str) -> String {
    let mut pieces: Vec<String> = text.split('`').map(str::to_owned).collect();
    for command in pieces.iter_mut().skip(1).step_by(2) {
        let names_one = command.contains(" -p ") || command.contains("--profile");
        if let Some(words) = command.strip_prefix("ghl-bm ").filter(|_| !names_one) {
            *command = format!("ghl-bm {flag}{words}");
        }
    }
    pieces.join("`")
}

/// Plain progress lines come at most this often where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

pub struct Ui {
    talk: Talk,
    format: LogFormat,
    stderr_is_terminal: bool,
    input_allowed: bool,
    bars: MultiProgress,
    closed: AtomicBool,
    last_line: Mutex<Option<Instant>>,
    /// The steps of which a program has heard.
    begun: Mutex<Vec<(&'static str, Option<&'static str>)>>,
    sieve: Option<Arc<Sieve>>,
    /// What goes behind `ghl-bm` in the commands of hints.
    profile_flag: Option<String>,
}

/// Holds back what a command prints until it can be filtered.
struct Sieve {
    filter: Filter,
    held: Mutex<Vec<u8>>,
}

impl Sieve {
    fn hold(&self, bytes: &[u8]) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.extend_from_slice(bytes);
    }

    /// Filters and prints what is held back: whole documents, since commands flush only those.
    fn release(&self) -> io::Result<()> {
        let held = {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *held)
        };
        let mut out = BufWriter::new(io::stdout());
        self.filter.run(&held, &mut out)?;
        out.flush()
    }
}

/// Where data goes.
enum Out {
    Plain(anstream::AutoStream<io::Stdout>),
    /// Untouched, whatever bytes they are.
    Exact(io::Stdout),
    Sieved(Arc<Sieve>),
}

impl Write for Out {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Out::Plain(out) => out.write(buffer),
            Out::Exact(out) => out.write(buffer),
            Out::Sieved(sieve) => {
                sieve.hold(buffer);
                Ok(buffer.len())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Out::Plain(out) => out.flush(),
            Out::Exact(out) => out.flush(),
            Out::Sieved(sieve) => sieve.release(),
        }
    }
}

impl Ui {
    pub fn new(talk: Talk, format: LogFormat, input_allowed: bool) -> Ui {
        let stderr_is_terminal = io::stderr().is_terminal();
        let bars = MultiProgress::new();
        if !stderr_is_terminal || talk == Talk::Quiet || format == LogFormat::Json {
            bars.set_draw_target(ProgressDrawTarget::hidden());
        }
        Ui {
            talk,
            format,
            stderr_is_terminal,
            input_allowed,
            bars,
            closed: AtomicBool::new(false),
            last_line: Mutex::new(None),
            begun: Mutex::new(Vec::new()),
            sieve: None,
            profile_flag: None,
        }
    }

    /// Hints are typed as they stand, so their commands name the profile that a flag has named.
    pub fn of_profile(mut self, name: &str) -> Ui {
        self.profile_flag = Some(format!("-p {name} "));
        self
    }

    /// Sends all data through a filter from now on.
    pub fn filtered(mut self, filter: Filter) -> Ui {
        self.sieve = Some(Arc::new(Sieve {
            filter,
            held: Mutex::new(Vec::new()),
        }));
        self
    }

    pub fn talk(&self) -> Talk {
        self.talk
    }

    /// Somebody can be asked.
    pub fn can_ask(&self) -> bool {
        self.input_allowed && io::stdin().is_terminal() && self.stderr_is_terminal
    }

    /// A buffered stdout for data, to be flushed when a document is complete. Errors are the
    /// writer's to see.
    pub fn stdout(&self) -> BufWriter<impl Write + Send + 'static> {
        let plain = || Out::Plain(anstream::AutoStream::auto(io::stdout()));
        self.buffered(plain)
    }

    /// Like [`Ui::stdout`] for bytes that must arrive as they are, such as a service's own answer.
    pub fn exact_stdout(&self) -> BufWriter<impl Write + Send + 'static> {
        self.buffered(|| Out::Exact(io::stdout()))
    }

    fn buffered(&self, unfiltered: impl FnOnce() -> Out) -> BufWriter<Out> {
        let out = match &self.sieve {
            Some(sieve) => Out::Sieved(Arc::clone(sieve)),
            None => unfiltered(),
        };
        BufWriter::with_capacity(1 << 16, out)
    }

    /// Prints on stdout what no filter is meant to see, such as the head of an answer.
    pub fn unfiltered(&self, bytes: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()
    }

    /// Somebody looks at what is printed on stdout.
    pub fn is_looked_at(&self) -> bool {
        self.sieve.is_none() && io::stdout().is_terminal()
    }

    /// A JSON document as people want to see it, where one of them sits at the other end of stdout;
    /// `None` where a program does, and for what is no JSON.
    pub fn indented(&self, document: &[u8]) -> Option<Vec<u8>> {
        if !self.is_looked_at() {
            return None;
        }
        filter::indented(document)
    }

    /// Prints a result for people or a document for machines.
    pub fn data(&self, text: &str) -> io::Result<()> {
        let mut out = self.stdout();
        out.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            out.write_all(b"\n")?;
        }
        out.flush()
    }

    pub fn error(&self, message: &str) {
        self.line(Tone::Error, message);
    }

    pub fn warning(&self, message: &str) {
        self.line(Tone::Warning, message);
    }

    pub fn hint(&self, message: &str) {
        match &self.profile_flag {
            Some(flag) => self.line(Tone::Hint, &with_flag(message, flag)),
            None => self.line(Tone::Hint, message),
        }
    }

    pub fn info(&self, message: &str) {
        self.line(Tone::Info, message);
    }

    pub fn detail(&self, message: &str) {
        self.line(Tone::Detail, message);
    }

    pub fn request(&self, message: &str) {
        self.line(Tone::Request, message);
    }

    /// A line that is printed as it is, whatever is asked for (JSON errors, shell lines).
    pub fn raw(&self, text: &str) {
        self.print(text);
    }

    fn line(&self, tone: Tone, message: &str) {
        let least = match tone {
            Tone::Error | Tone::Warning | Tone::Hint => Talk::Quiet,
            Tone::Info => Talk::Normal,
            Tone::Detail => Talk::Verbose,
            Tone::Request => Talk::Debug,
        };
        if self.talk < least {
            return;
        }
        let word = match tone {
            Tone::Error => "error",
            Tone::Warning => "warning",
            Tone::Hint => "hint",
            Tone::Info => "info",
            Tone::Detail => "detail",
            Tone::Request => "request",
        };
        match self.format {
            LogFormat::Json => {
                self.print(&json!({ "level": word, "message": message }).to_string())
            }
            LogFormat::Text => {
                let style = match tone {
                    Tone::Error => Style::new().bold().fg_color(Some(AnsiColor::Red.into())),
                    Tone::Warning => Style::new().bold().fg_color(Some(AnsiColor::Yellow.into())),
                    Tone::Hint => Style::new().bold().fg_color(Some(AnsiColor::Cyan.into())),
                    Tone::Info => Style::new(),
                    Tone::Detail | Tone::Request => Style::new().dimmed(),
                };
                let text = match tone {
                    Tone::Error | Tone::Warning | Tone::Hint => {
                        format!("{style}{word}:{style:#} {message}")
                    }
                    Tone::Info => message.to_owned(),
                    Tone::Detail | Tone::Request => format!("{style}{message}{style:#}"),
                };
                self.print(&text);
            }
        }
    }

    fn print(&self, text: &str) {
        if self.closed.load(Ordering::Relaxed) {
            return;
        }
        let mut failed = false;
        self.bars.suspend(|| {
            let mut err = anstream::stderr().lock();
            failed = writeln!(err, "{text}").is_err();
        });
        if failed {
            // Nobody reads stderr any more; the work goes on without words.
            self.closed.store(true, Ordering::Relaxed);
        }
    }

    /// A bar on a terminal; silent elsewhere (see [`Ui::progress`]).
    pub fn bar(&self, label: &str) -> ProgressBar {
        let bar = ProgressBar::new(0).with_message(label.to_owned());
        measure(&bar);
        self.bars.add(bar)
    }

    /// A bar that only shows its label until it is measured, so that there is something to be seen
    /// at once.
    pub fn bar_to_be(&self, label: &str) -> ProgressBar {
        let bar = ProgressBar::new(0).with_message(label.to_owned());
        bar.set_style(style("{msg} …"));
        let bar = self.bars.add(bar);
        bar.tick();
        bar
    }

    /// Says where the work stands, where no bar does, and not too often.
    fn progress_line(&self, text: impl FnOnce() -> String) {
        let shows_bars = self.stderr_is_terminal && self.format == LogFormat::Text;
        if shows_bars || self.talk < Talk::Normal {
            return;
        }
        let now = Instant::now();
        let mut last = self
            .last_line
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match *last {
            // The first moment of a step is no progress yet.
            None => *last = Some(now),
            Some(before) if now.duration_since(before) >= LINE_EVERY => {
                *last = Some(now);
                self.info(&text());
            }
            Some(_) => {}
        }
    }

    /// Says how far a step is: to people by a line where no bar stands, and not too often; to programs
    /// as a document with numbers, when the step begins and then as seldom.
    pub fn progress(&self, step: Step, text: impl FnOnce() -> String) {
        if self.format == LogFormat::Text {
            return self.progress_line(text);
        }
        if self.talk < Talk::Normal {
            return;
        }
        let name = (step.phase, step.side);
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !begun.contains(&name);
        let now = Instant::now();
        let mut last = self
            .last_line
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if !is_new && last.is_some_and(|before| now.duration_since(before) < LINE_EVERY) {
            return;
        }
        *last = Some(now);
        if is_new {
            begun.push(name);
        }
        let document = json!({
            "level": "progress", "message": text(), "phase": step.phase, "side": step.side,
            "done": step.done, "total": step.total,
        });
        self.print(&document.to_string());
    }

    /// Asks a question whose answer is yes or no; no, unless somebody says otherwise.
    ///
    /// # Errors
    /// `Interrupted` for Ctrl-C.
    pub fn confirm(&self, question: &str) -> io::Result<bool> {
        let asked = self.bars.suspend(|| {
            dialoguer::Confirm::new()
                .with_prompt(question)
                .default(false)
                .interact()
        });
        asked.map_err(|dialoguer::Error::IO(e)| e)
    }

    /// Asks a question whose answer is yes or no; Enter means `default`.
    ///
    /// # Errors
    /// `Interrupted` for Ctrl-C; so for all questions.
    pub fn ask_yes(&self, question: &str, default: bool) -> io::Result<bool> {
        self.ask(|| {
            dialoguer::Confirm::new()
                .with_prompt(question)
                .default(default)
                .interact()
        })
    }

    /// Lets a person choose one of several; Enter means the one at `default`.
    pub fn ask_one(&self, question: &str, options: &[String], default: usize) -> io::Result<usize> {
        self.ask(|| {
            dialoguer::Select::new()
                .with_prompt(question)
                .items(options)
                .default(default)
                .interact()
        })
    }

    /// Lets a person choose any number of several, each with whether it is chosen at first.
    pub fn ask_some(&self, question: &str, options: &[(String, bool)]) -> io::Result<Vec<usize>> {
        self.ask(|| {
            dialoguer::MultiSelect::new()
                .with_prompt(format!("{question} (Space switches, Enter goes on)"))
                .items_checked(options.iter().map(|(text, on)| (text, *on)))
                .max_length(15)
                .report(false)
                .interact()
        })
    }

    /// Asks for a line of text; Enter alone means `default`, where there is one.
    pub fn ask_text(&self, question: &str, default: Option<&str>) -> io::Result<String> {
        self.ask(|| {
            let mut input = dialoguer::Input::<String>::new().with_prompt(question);
            if let Some(default) = default {
                input = input.default(default.to_owned());
            }
            input.interact_text()
        })
    }

    fn ask<T>(&self, question: impl FnOnce() -> dialoguer::Result<T>) -> io::Result<T> {
        let asked = self.bars.suspend(question);
        asked.map_err(|dialoguer::Error::IO(e)| {
            self.leave();
            e
        })
    }

    /// Gives the terminal back as it was: a choice that is broken off leaves the cursor hidden.
    pub fn leave(&self) {
        let terminal = dialoguer::console::Term::stderr();
        if terminal.is_term() {
            let _ = terminal.show_cursor();
        }
    }

    /// Asks for a secret without showing it.
    pub fn ask_secret(&self, prompt: &str) -> io::Result<String> {
        dialoguer::Password::new()
            .with_prompt(prompt)
            .interact()
            .map_err(|e| io::Error::other(e.to_string()))
    }
}

/// Lets a bar show how far it is.
pub fn measure(bar: &ProgressBar) {
    bar.set_style(style(
        "{msg:22} {bar:30} {human_pos:>9}/{human_len} {eta:>4} left",
    ));
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::with_flag;

    #[test]
    fn commands_in_hints_name_the_profile_that_a_flag_has_named() {
        for (said, typed) in [
            (
                "`ghl-bm conflicts list`, then `ghl-bm sync`",
                "`ghl-bm -p shop conflicts list`, then `ghl-bm -p shop sync`",
            ),
            ("ghl-bm is updated by hand", "ghl-bm is updated by hand"),
            ("`-p NAME` makes another", "`-p NAME` makes another"),
            ("`ghl-bm -p other sync`", "`ghl-bm -p other sync`"),
            (
                "run `ghl-bm auth login ghl --profile shop`",
                "run `ghl-bm auth login ghl --profile shop`",
            ),
        ] {
            assert_eq!(with_flag(said, "-p shop "), typed);
        }
    }
}
