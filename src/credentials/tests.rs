use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;

use super::store::MemoryStore;
use super::*;

mod renewal;

/// What a test's process ends with where a real one would be killed.
pub struct Killed;

const PIT: &str = "pit-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
const UUID: &str = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJhdXRoQ2xhc3MiOiJMb2NhdGlvbiJ9.c2lnbmF0dXJl_-";

fn memory() -> (StoreKind, MemoryStore) {
    let store = MemoryStore::default();
    (StoreKind::Memory(store.clone()), store)
}

fn credentials(store: StoreKind, environment: Environment) -> Credentials {
    Credentials::new(store, "default".to_owned(), environment)
}

/// A token as it is kept.
fn kept(text: &str) -> Kept {
    Kept::Token(Token {
        secret: secret(text),
        since: Some(1),
    })
}

fn keep(credentials: &Credentials, side: Side, text: &str) -> Result<(), CredentialError> {
    credentials.keep(side, &kept(text), 1)
}

fn secret(text: &str) -> Secret {
    Secret::from(text)
}

fn text(found: &Found) -> &str {
    found.secret.expose_secret()
}

/// A file that only its owner can read.
fn private_file(folder: &tempfile::TempDir, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join("secret");
    fs::write(&path, bytes).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    path
}

#[test]
fn the_variable_comes_first_then_the_file_then_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = memory();
    let mut environment = Environment {
        ghl_token: Some(secret("from-variable")),
        ghl_token_file: Some(private_file(&folder, b"from-file\n")),
        ..Environment::default()
    };
    let all = credentials(store.clone(), environment.clone());
    keep(&all, Side::Ghl, "from-store").unwrap();
    let found = all.find(Side::Ghl).unwrap();
    assert_eq!(text(&found), "from-variable");
    assert_eq!(found.source, Source::Env("GHL_BM_GHL_TOKEN"));
    assert!(found.warnings.is_empty());

    // Empty is what CI makes of a secret it does not have.
    environment.ghl_token = Some(secret(" "));
    let found = credentials(store.clone(), environment.clone())
        .find(Side::Ghl)
        .unwrap();
    assert_eq!(text(&found), "from-file");
    assert!(matches!(
        found.source,
        Source::File("GHL_BM_GHL_TOKEN_FILE", _)
    ));
    assert!(found.warnings.is_empty());

    environment.ghl_token_file = Some(PathBuf::new());
    let found = credentials(store.clone(), environment)
        .find(Side::Ghl)
        .unwrap();
    assert_eq!(text(&found), "from-store");
    assert_eq!(found.source, Source::Memory);

    // The sides do not mix.
    let missing = all.find(Side::Bigmailer).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "no BigMailer API key for profile `default`"
    );
    let environment = Environment {
        bigmailer_key: Some(secret(UUID)),
        ..Environment::default()
    };
    let found = credentials(store, environment)
        .find(Side::Bigmailer)
        .unwrap();
    assert_eq!(found.source, Source::Env("GHL_BM_BIGMAILER_API_KEY"));
}

#[test]
fn a_missing_secret_names_what_to_type() {
    let of = |profile: &str| {
        Credentials::new(StoreKind::Env, profile.to_owned(), Environment::default())
    };
    let error = of("default").find(Side::Ghl).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no HighLevel token for profile `default`"
    );
    assert_eq!(
        error.hint().unwrap(),
        "run `ghl-bm auth login ghl --with-token`, or set GHL_BM_GHL_TOKEN"
    );
    let error = of("shop").find(Side::Bigmailer).unwrap_err();
    assert_eq!(
        error.hint().unwrap(),
        "run `ghl-bm auth login bigmailer --with-token --profile shop`, or set \
         GHL_BM_BIGMAILER_API_KEY"
    );
}

#[test]
fn the_memory_store_keeps_each_profile_apart_and_forgets() {
    let (store, _) = memory();
    let first = credentials(store.clone(), Environment::default());
    let second = Credentials::new(store, "second".to_owned(), Environment::default());
    keep(&first, Side::Ghl, "one").unwrap();
    keep(&first, Side::Ghl, "two").unwrap();
    assert_eq!(text(&first.find(Side::Ghl).unwrap()), "two");
    assert!(second.find(Side::Ghl).is_err());
    assert_eq!(second.forget(Side::Ghl), Ok(false));
    assert_eq!(first.forget(Side::Ghl), Ok(true));
    assert!(first.find(Side::Ghl).is_err());
}

#[test]
fn the_environment_store_keeps_nothing_and_says_so() {
    let credentials = credentials(StoreKind::Env, Environment::default());
    let error = keep(&credentials, Side::Ghl, PIT).unwrap_err();
    assert_eq!(
        error,
        CredentialError::NothingStored {
            side: Side::Ghl,
            store: "env"
        }
    );
    assert_eq!(error.hint().unwrap(), "export GHL_BM_GHL_TOKEN=…");
    assert_eq!(credentials.forget(Side::Ghl), Ok(false));
}

#[test]
fn stores_are_chosen_by_name() {
    let parse = |word: &str| StoreKind::parse(word, PathBuf::from("/c"));
    assert!(matches!(parse(" keyring "), Ok(StoreKind::Keyring)));
    assert!(matches!(parse("env"), Ok(StoreKind::Env)));
    assert!(matches!(parse("file"), Ok(StoreKind::File(folder)) if folder == Path::new("/c")));
    assert!(matches!(
        parse("command:op read"),
        Ok(StoreKind::Command(program)) if program.name() == "op"
    ));
    for (word, expected) in [
        ("memory", "there is no credential store `memory`"),
        ("", "there is no credential store ``"),
        (
            "command: ",
            "the credential store `command:…` cannot be used: it names no program",
        ),
        (
            "command:vault 's3cret",
            "the credential store `command:…` cannot be used: a quote in it is never closed",
        ),
    ] {
        let error = parse(word).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(error.hint().unwrap().contains("command:"));
    }
}

fn in_files(folder: &Path) -> Credentials {
    let store = StoreKind::File(folder.join("credentials"));
    credentials(store, Environment::default())
}

#[test]
fn files_keep_secrets_for_their_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let credentials = in_files(folder.path());
    assert!(credentials.kept(Side::Ghl).unwrap().is_none());
    keep(&credentials, Side::Ghl, "one").unwrap();
    keep(&credentials, Side::Ghl, PIT).unwrap();
    keep(&credentials, Side::Bigmailer, UUID).unwrap();
    let found = credentials.find(Side::Ghl).unwrap();
    assert_eq!(text(&found), PIT);
    let path = folder.path().join("credentials/default.ghl");
    assert_eq!(found.source, Source::Kept(path.clone()));
    let names = || -> Vec<String> {
        let entries = fs::read_dir(folder.path().join("credentials")).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(), ["default.bigmailer", "default.ghl"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        // Somebody opened it to others; nobody knows since when.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = credentials.find(Side::Ghl).unwrap_err().to_string();
        assert!(
            error.contains("mode 0640") && error.contains("chmod 600"),
            "{error}"
        );
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        // A link in its place is not followed.
        let elsewhere = folder.path().join("elsewhere");
        fs::rename(&path, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        let error = credentials.find(Side::Ghl).unwrap_err().to_string();
        assert!(error.ends_with("it is not a file"), "{error}");
        fs::remove_file(&path).unwrap();
        fs::rename(&elsewhere, &path).unwrap();
    }
    assert_eq!(credentials.forget(Side::Ghl), Ok(true));
    assert_eq!(credentials.forget(Side::Ghl), Ok(false));
    assert_eq!(names(), ["default.bigmailer"]);
    fs::write(
        folder.path().join("credentials/default.bigmailer"),
        "{\"v\":1,",
    )
    .unwrap();
    let error = credentials.find(Side::Bigmailer).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the stored BigMailer API key cannot be used: it is damaged"
    );
    assert_eq!(
        error.hint().unwrap(),
        "run `ghl-bm auth login bigmailer --with-token`"
    );
    // A login puts it right.
    keep(&credentials, Side::Bigmailer, UUID).unwrap();
    assert_eq!(text(&credentials.find(Side::Bigmailer).unwrap()), UUID);
}

#[cfg(unix)]
#[test]
fn a_program_prints_secrets_and_explains_itself_without_them() {
    let find = |line: &str, side: Side| {
        let store = StoreKind::parse(&format!("command:{line}"), PathBuf::new()).unwrap();
        credentials(store, Environment::default()).find(side)
    };
    // It is started with service and profile, and no shell reads the line.
    let found = find("printf '  %s-%s-of-%s\\n\\n' \"key$HOME\"", Side::Bigmailer).unwrap();
    assert_eq!(text(&found), "key$HOME-bigmailer-of-default");
    assert_eq!(found.source.to_string(), "program printf");
    // A shell reads it where that is what was named.
    let found = find("sh -c 'printf \"Bearer %s\" \"pit-$0-$1\"'", Side::Ghl).unwrap();
    assert_eq!(text(&found), "pit-ghl-default");
    assert_eq!(
        found.warnings,
        ["program sh: the word Bearer before it was removed"]
    );
    for (line, expected) in [
        ("/nowhere/at-all", "it cannot be started: "),
        ("true", "it printed nothing"),
        ("sh -c 'exit 3'", "it ended with code 3"),
        (
            "sh -c 'echo sesame-open; echo first >&2; echo vault sealed: sesame-open >&2; exit 1'",
            "it ended with code 1: vault sealed: [secret]",
        ),
        ("sh -c 'kill -9 $$'", "it was ended by a signal"),
        ("printf '\\377'", "it is not text"),
        (
            "sh -c 'head -c 70000 /dev/zero'",
            "it is larger than 64 KiB",
        ),
    ] {
        let error = find(line, Side::Ghl).unwrap_err();
        let message = error.to_string();
        assert!(message.contains(expected), "{line}: {message}");
        assert!(
            !format!("{error:?}{message}").contains("sesame"),
            "{message}"
        );
    }
    let store = StoreKind::parse("command:true", PathBuf::new()).unwrap();
    let credentials = credentials(store, Environment::default());
    let error = keep(&credentials, Side::Ghl, PIT).unwrap_err();
    assert_eq!(
        error.to_string(),
        "nothing can be stored: the credential store is `command`"
    );
    assert_eq!(credentials.forget(Side::Ghl), Ok(false));
}

#[test]
fn an_entry_is_replaced_whole_or_not_at_all() {
    let (store, memory) = memory();
    let credentials = credentials(store, Environment::default());
    for changes in 0..4 {
        memory.die_after(None);
        keep(&credentials, Side::Ghl, "old").unwrap();
        memory.die_after(Some(changes));
        let killed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            keep(&credentials, Side::Ghl, "new").unwrap();
        }));
        memory.die_after(None);
        assert_eq!(killed.is_err(), changes < 3);
        let found = credentials.find(Side::Ghl).unwrap();
        // From the moment on that the new one is written anywhere, it counts.
        let expected = if changes == 0 { "old" } else { "new" };
        assert_eq!(text(&found), expected, "{changes}");
        // Whatever was left behind does not come back over a later one.
        keep(&credentials, Side::Ghl, "newer").unwrap();
        assert_eq!(text(&credentials.find(Side::Ghl).unwrap()), "newer");
        assert_eq!(credentials.forget(Side::Ghl), Ok(true));
        assert!(credentials.kept(Side::Ghl).unwrap().is_none());
    }
}

#[test]
fn unusable_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let find = |path: &Path| {
        let environment = Environment {
            bigmailer_key_file: Some(path.to_owned()),
            ..Environment::default()
        };
        credentials(StoreKind::Env, environment).find(Side::Bigmailer)
    };
    let absent = folder.path().join("absent");
    let message = find(&absent).unwrap_err().to_string();
    assert!(
        message.starts_with("GHL_BM_BIGMAILER_API_KEY_FILE names ") && message.contains("absent"),
        "{message}"
    );
    for (bytes, expected) in [
        (b" \n".to_vec(), "the file is empty"),
        (vec![0xff; 10], "it is not text"),
        (vec![b'k'; LARGEST + 1], "it is larger than 64 KiB"),
    ] {
        let path = private_file(&folder, &bytes);
        let message = find(&path).unwrap_err().to_string();
        assert!(
            message.contains("secret: ") && message.ends_with(expected),
            "{message}"
        );
    }
    let path = private_file(&folder, format!("{PIT}\n").as_bytes());
    let message = find(&path).unwrap_err().to_string();
    assert!(
        message.contains("(GHL_BM_BIGMAILER_API_KEY_FILE): this looks like a HighLevel"),
        "{message}"
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_used_and_warned_about() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = private_file(&folder, format!("\"{PIT}\"\r\n").as_bytes());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let environment = Environment {
        ghl_token_file: Some(path.clone()),
        ..Environment::default()
    };
    let found = credentials(StoreKind::Env, environment)
        .find(Side::Ghl)
        .unwrap();
    assert_eq!(text(&found), PIT);
    let path = path.display();
    assert_eq!(
        found.warnings,
        [
            format!("{path} can be used by others than its owner (mode 0644): chmod 600 {path}"),
            format!("file {path} (GHL_BM_GHL_TOKEN_FILE): the quotes around it were removed"),
        ]
    );
}

#[test]
fn slips_in_pasting_are_put_right_or_explained() {
    let quotes = "the quotes around it were removed";
    let bearer = "the word Bearer before it was removed";
    for (given, notes) in [
        (PIT.to_owned(), vec![]),
        (format!("  {PIT}\r\n"), vec![]),
        (format!("\u{feff}{PIT}"), vec![]),
        (format!("\"{PIT}\"\n"), vec![quotes]),
        (format!("' {PIT} '"), vec![quotes]),
        (format!("“{PIT}”"), vec![quotes]),
        (format!("bearer {PIT}"), vec![bearer]),
        (format!("\"Bearer  '{PIT}'\""), vec![quotes, bearer]),
    ] {
        let cleaned = clean(Side::Ghl, &given).unwrap();
        assert_eq!(cleaned.secret.expose_secret(), PIT, "{given:?}");
        assert_eq!(cleaned.notes, notes, "{given:?}");
    }
    for (side, given) in [
        (Side::Ghl, JWT),
        (Side::Ghl, "any-opaque-token"),
        (Side::Ghl, "bearer"),
        (Side::Bigmailer, UUID),
        (Side::Bigmailer, "any-opaque-key"),
        (Side::Bigmailer, "eyJ.not"),
    ] {
        let cleaned = clean(side, given).unwrap();
        assert_eq!(cleaned.secret.expose_secret(), given);
        assert!(cleaned.notes.is_empty());
    }
    let upper = UUID.to_uppercase();
    let long = "k".repeat(slips::LONGEST_SECRET + 1);
    for (side, given, expected) in [
        (Side::Ghl, "", "the HighLevel token is empty"),
        (Side::Bigmailer, " \"\" ", "the BigMailer API key is empty"),
        (
            Side::Ghl,
            "pit-a pit-b",
            "the HighLevel token has a blank or a line break inside; copy it alone and whole",
        ),
        (
            Side::Bigmailer,
            "key\nmore",
            "the BigMailer API key has a blank or a line break inside; copy it alone and whole",
        ),
        (
            Side::Bigmailer,
            "key–dash",
            "the BigMailer API key has a sign that no token has, such as a typographic dash or \
             quote; copy it from where it was made",
        ),
        (
            Side::Ghl,
            UUID,
            "this looks like a BigMailer key; HighLevel's private integration tokens begin with \
             `pit-`",
        ),
        (
            Side::Ghl,
            &upper,
            "this looks like a BigMailer key; HighLevel's private integration tokens begin with \
             `pit-`",
        ),
        (
            Side::Bigmailer,
            PIT,
            "this looks like a HighLevel private integration token, not a BigMailer API key",
        ),
        (
            Side::Bigmailer,
            JWT,
            "this looks like a HighLevel access token (a JWT), not a BigMailer API key",
        ),
        (Side::Ghl, &long, "this is too long for a HighLevel token"),
    ] {
        let error = clean(side, given).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    let environment = Environment {
        ghl_token: Some(secret(UUID)),
        ..Environment::default()
    };
    let (store, _) = memory();
    let fallback = credentials(store, environment);
    keep(&fallback, Side::Ghl, PIT).unwrap();
    let message = fallback.find(Side::Ghl).unwrap_err().to_string();
    assert!(
        message.starts_with("environment variable GHL_BM_GHL_TOKEN: this looks like a BigMailer"),
        "a broken variable is not passed over: {message}"
    );
}

#[test]
fn a_secret_is_told_apart_but_not_told() {
    assert_eq!(masked_tail(&secret(PIT)), "…e8f9");
    assert_eq!(masked_tail(&secret("elevensigns")), "…");
    assert_eq!(masked_tail(&secret("twelve-signs")), "…igns");
    assert_eq!(masked_tail(&secret("")), "…");
    assert_eq!(kind(Side::Ghl, &secret(PIT)), "private integration token");
    assert_eq!(kind(Side::Ghl, &secret(JWT)), "access token");
    assert_eq!(kind(Side::Bigmailer, &secret(UUID)), "API key");
}

#[test]
fn no_secret_shows_in_anything_printed() {
    let (store, kept) = memory();
    let environment = Environment {
        ghl_token: Some(secret("s3cret-token")),
        bigmailer_key: Some(secret("s3cret-key")),
        ..Environment::default()
    };
    let credentials = credentials(store, environment);
    keep(&credentials, Side::Ghl, "s3cret-stored").unwrap();
    let found = credentials.find(Side::Ghl).unwrap();
    let cleaned = clean(Side::Ghl, "s3cret-token").unwrap();
    for printed in [
        format!("{credentials:?}"),
        format!("{found:?}"),
        format!("{cleaned:?}"),
        format!("{kept:?}"),
    ] {
        assert!(printed.contains("REDACTED"), "{printed}");
        assert!(!printed.contains("s3cret"), "{printed}");
    }
    for wrong in ["s3cret a", "s3cret\u{7}", "s3crét", &"s3cret".repeat(9999)] {
        let error = clean(Side::Bigmailer, wrong).unwrap_err();
        assert!(!format!("{error:?} {error} {:?}", error.hint()).contains("s3cr"));
    }
}

proptest! {
    #[test]
    fn whatever_is_taken_fits_into_a_header(given in any::<String>()) {
        for side in [Side::Ghl, Side::Bigmailer] {
            if let Ok(cleaned) = clean(side, &given) {
                let text = cleaned.secret.expose_secret();
                prop_assert!(!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()));
                prop_assert!(given.contains(text));
                let again = clean(side, text).unwrap();
                prop_assert_eq!(again.secret.expose_secret(), text);
            }
        }
    }
}

/// The keyring as a process meets it. The library below it reads the process's environment, so each
/// scene runs in a process of its own: this test binary again, with one test.
#[cfg(target_os = "linux")]
mod keyring_scenes {
    use std::io::Write as _;
    use std::os::unix::net::UnixListener;
    use std::process::Command;
    use std::time::Duration;

    use super::*;

    const SCENE: &str = "GHL_BM_TEST_KEYRING_SCENE";

    fn in_scene() -> bool {
        std::env::var_os(SCENE).is_some()
    }

    /// The command that runs one test of this module within the scene.
    fn scene_of(test: &str) -> Vec<std::ffi::OsString> {
        let program = std::env::current_exe().unwrap();
        let (_, module) = module_path!().split_once("::").unwrap();
        vec![
            program.into(),
            format!("{module}::{test}").into(),
            "--exact".into(),
            "--nocapture".into(),
        ]
    }

    fn run(mut command: Command) {
        let output = command.env(SCENE, "1").env_remove("DISPLAY").output();
        let output = output.unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && told.contains("1 passed"),
            "{}: {told}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn rerun(test: &str, bus: &str) {
        let scene = scene_of(test);
        let mut command = Command::new(&scene[0]);
        command
            .args(&scene[1..])
            .env("DBUS_SESSION_BUS_ADDRESS", bus);
        run(command);
    }

    fn keyring() -> Credentials {
        credentials(StoreKind::Keyring, Environment::default())
    }

    #[test]
    fn without_a_bus_the_error_names_the_cause_and_the_alternatives() {
        if !in_scene() {
            let folder = tempfile::tempdir().unwrap();
            let nowhere = folder.path().join("bus");
            return rerun(
                "without_a_bus_the_error_names_the_cause_and_the_alternatives",
                &format!("unix:path={}", nowhere.display()),
            );
        }
        let errors = [
            keyring().find(Side::Ghl).unwrap_err(),
            keep(&keyring(), Side::Ghl, PIT).unwrap_err(),
            keyring().forget(Side::Ghl).unwrap_err(),
        ];
        for error in errors {
            assert!(matches!(error, CredentialError::NoKeyring { .. }));
            let message = error.to_string();
            assert!(
                message.starts_with("the system keyring cannot be used: ")
                    && message.contains("nobody is logged in to a desktop here"),
                "{message}"
            );
            let hint = error.hint().unwrap();
            for line in [
                "export GHL_BM_GHL_TOKEN=…",
                "export GHL_BM_GHL_TOKEN_FILE=/path",
                "export GHL_BM_CREDENTIAL_STORE=file",
            ] {
                assert!(hint.contains(line), "{hint}");
            }
        }
        // What the environment brings needs no keyring.
        let environment = Environment {
            ghl_token: Some(secret(PIT)),
            ..Environment::default()
        };
        let found = credentials(StoreKind::Keyring, environment).find(Side::Ghl);
        assert_eq!(text(&found.unwrap()), PIT);
    }

    #[test]
    fn a_keyring_that_never_answers_is_given_up() {
        if !in_scene() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("bus");
            // Connections are taken by the system and never answered.
            let _silent = UnixListener::bind(&path).unwrap();
            return rerun(
                "a_keyring_that_never_answers_is_given_up",
                &format!("unix:path={}", path.display()),
            );
        }
        let mut impatient = keyring();
        impatient.patience.answer = Duration::from_millis(50);
        // Waiting for a person to unlock must not prolong the wait for a keyring that is dead.
        let impatient = impatient.wait_for_unlock(Duration::from_secs(5));
        let error = impatient.find(Side::Ghl).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the system keyring cannot be used: it does not answer (waited 0.05 s)"
        );
        assert_eq!(keyring::Patience::default().answer, Duration::from_secs(3));
    }

    /// A session bus and an unlocked keyring of its own around a command; needs no display.
    const SESSION: &str = r#"
        mkdir -m 700 "$HOME/run" && mkdir "$HOME/data" "$HOME/cache"
        exec dbus-run-session -- sh -c '
            printf %s test-password > "$HOME/pw"
            gnome-keyring-daemon --foreground --unlock --components=secrets \
                < "$HOME/pw" > /dev/null 2>&1 & k=$!
            i=0
            until dbus-send --session --print-reply --dest=org.freedesktop.DBus \
                /org/freedesktop/DBus org.freedesktop.DBus.GetNameOwner \
                string:org.freedesktop.secrets > /dev/null 2>&1
            do i=$((i+1)); [ $i -gt 100 ] && kill $k && exit 97; sleep 0.05; done
            rc=0; "$@" || rc=$?
            kill $k; wait $k 2> /dev/null || :
            exit $rc' sh "$@"
    "#;

    const PROGRAMS: [&str; 3] = ["dbus-run-session", "dbus-send", "gnome-keyring-daemon"];

    fn missing_programs() -> Vec<&'static str> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        PROGRAMS
            .into_iter()
            .filter(|program| !folders.iter().any(|folder| folder.join(program).is_file()))
            .collect()
    }

    #[test]
    fn a_real_secret_service_keeps_and_forgets() {
        if in_scene() {
            return keep_and_forget();
        }
        let missing = missing_programs();
        if !missing.is_empty() {
            let required = std::env::var_os("GHL_BM_TEST_KEYRING");
            assert!(
                required.is_none_or(|word| word != "require"),
                "GHL_BM_TEST_KEYRING=require, but {missing:?} are not installed"
            );
            // Not the print macros: the test runner would swallow what a passing test says.
            writeln!(
                std::io::stderr(),
                "SKIPPED a_real_secret_service_keeps_and_forgets: {missing:?} are not installed"
            )
            .unwrap();
            return;
        }
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command
            .args(["-c", SESSION, "sh"])
            .args(scene_of("a_real_secret_service_keeps_and_forgets"))
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env("HOME", home.path())
            .env("XDG_DATA_HOME", home.path().join("data"))
            .env("XDG_CACHE_HOME", home.path().join("cache"))
            .env("XDG_RUNTIME_DIR", home.path().join("run"));
        run(command);
        // Nothing that was written along the way holds the secret in clear.
        let mut folders = vec![home.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.is_file() {
                    let bytes = fs::read(&path).unwrap();
                    let clear = bytes.windows(PIT.len()).any(|part| part == PIT.as_bytes());
                    assert!(!clear, "{}", path.display());
                }
            }
        }
    }

    fn keep_and_forget() {
        let first = keyring();
        let second = Credentials::new(
            StoreKind::Keyring,
            "second".to_owned(),
            Environment::default(),
        );
        assert!(matches!(
            first.find(Side::Ghl),
            Err(CredentialError::Missing { .. })
        ));
        assert_eq!(first.forget(Side::Ghl), Ok(false));

        keep(&first, Side::Ghl, "replaced-later").unwrap();
        keep(&first, Side::Ghl, PIT).unwrap();
        keep(&first, Side::Bigmailer, UUID).unwrap();
        keep(&second, Side::Ghl, JWT).unwrap();

        let found = first.find(Side::Ghl).unwrap();
        assert_eq!((text(&found), &found.source), (PIT, &Source::Keyring));
        assert_eq!(text(&first.find(Side::Bigmailer).unwrap()), UUID);
        assert_eq!(text(&second.find(Side::Ghl).unwrap()), JWT);

        let long = "t".repeat(8000);
        keep(&second, Side::Ghl, &long).unwrap();
        assert_eq!(text(&second.find(Side::Ghl).unwrap()), long);

        assert_eq!(first.forget(Side::Ghl), Ok(true));
        assert_eq!(first.forget(Side::Ghl), Ok(false));
        assert!(first.find(Side::Ghl).is_err());
        assert_eq!(text(&first.find(Side::Bigmailer).unwrap()), UUID);
        assert_eq!(text(&second.find(Side::Ghl).unwrap()), long);
    }
}
