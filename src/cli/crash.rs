//! A mistake of the program itself: what is said, and that everything ends at once.
//!
//! A panic text may hold a contact's value, so only the place in the source is told. The process
//! ends there and then, whichever thread it was: every moment is a good one to be killed at, and a
//! thread that went on could only make things worse. Start reading at [`watch`].

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::PanicHookInfo;

use super::error::{CliError, Exit};
use crate::ui::{LogFormat, Talk, Ui};

/// From now on a panic anywhere says where it was and ends the process with exit code 1, with the
/// error document where `json` asks for it. Elsewhere `RUST_BACKTRACE` adds the calls that led there,
/// with names in development builds.
pub fn watch(json: bool) {
    std::panic::set_hook(Box::new(move |panic| {
        let ui = Ui::new(Talk::Normal, LogFormat::Text, false);
        let error = error(panic);
        super::tell(&ui, json, &error);
        let calls = Backtrace::capture();
        if !json && calls.status() == BacktraceStatus::Captured {
            ui.raw(&calls.to_string());
        }
        ui.leave();
        std::process::exit(error.exit.code().into());
    }));
}

fn error(panic: &PanicHookInfo<'_>) -> CliError {
    let place = match panic.location() {
        Some(place) => format!("{}:{}", place.file(), place.line()),
        None => "a place that is not known".to_owned(),
    };
    CliError::new(
        Exit::Failed,
        "internal",
        format!("ghl-bm has a mistake at {place} and had to stop"),
    )
    .hint(
        "run the same command again: what was begun is finished, nothing is done twice; \
         a report of the place and of `ghl-bm --version` helps to mend it",
    )
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    /// Not a test of its own: what [`a_panic_tells_its_place_alone`] starts.
    #[test]
    #[ignore = "ends the process; another test starts it in one of its own"]
    fn panics_in_a_thread() {
        let value = "ada@example.com";
        super::watch(std::env::args().any(|word| word == "json"));
        let _ = std::thread::spawn(move || panic!("no room for {value}")).join();
        unreachable!("the thread took the process with it");
    }

    fn crash(words: &[&str]) -> (Option<i32>, String) {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--nocapture", "--exact"])
            .arg("cli::crash::tests::panics_in_a_thread")
            .args(words)
            .env_remove("RUST_BACKTRACE")
            .output()
            .unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), text)
    }

    #[test]
    fn a_panic_tells_its_place_alone() {
        let (code, text) = crash(&[]);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains("error: ghl-bm has a mistake at src/cli/crash.rs:"));
        assert!(text.contains("hint: run the same command again"), "{text}");
        assert!(!text.contains("ada") && !text.contains("no room"), "{text}");
    }

    #[test]
    fn a_panic_is_a_document_for_scripts() {
        let (code, text) = crash(&["json"]);
        assert_eq!(code, Some(1), "{text}");
        let document: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!(document["error"]["code"], "internal");
        assert_eq!(document["error"]["exit_code"], 1);
        assert!(!text.contains("ada"), "{text}");
    }
}
