//! Logging in by OAuth, tokens that rotate, and the places where secrets are kept: the real program
//! against the sandbox's app.
//!
//! Start reading at [`login`], which is somebody with a browser.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc;

use ghl_bm::sandbox::Phase;
use serde_json::{Value, json};

use crate::env::{BINARY, Env, PATIENCE, Ran, each, empty};

/// What HighLevel's documents leave open about logins, in its less likely form.
pub const QUIRKS: [&str; 13] = [
    "authorize=deny",
    "authorize=wait",
    "version-id=required",
    "oauth-state=dropped",
    "company-install=yes",
    "token-redirect=required",
    "pkce=refused",
    "old-access=dies",
    "location-token-status=200",
    "location-refresh=absent",
    "expired-token=invalid-jwt",
    "expired-token=jwt-expired",
    "expired-token=unauthorized",
];

/// Credentials go into files, and nothing is logged in yet.
fn unknown() -> Env {
    let mut env = Env::new(empty());
    env.set("GHL_BM_CREDENTIAL_STORE", "file");
    env.set("GHL_BM_GHL_AUTHORIZE_URL", env.sandbox.authorize_url());
    env.unset("GHL_BM_GHL_TOKEN");
    env
}

/// A port of this machine that nobody listens at.
fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// Opens a page as a browser does that follows nothing: status, where it leads to, and what it says.
fn visit(url: &str) -> (u16, Option<String>, String) {
    let url = url::Url::parse(url).unwrap();
    let port = url.port().unwrap();
    let mut stream = TcpStream::connect((url.host_str().unwrap(), port)).unwrap();
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    write!(
        stream,
        "GET {target} HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let location = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("location")
            .then(|| value.to_owned())
    });
    (status, location, body.to_owned())
}

/// Where the page sends somebody back to who allows what is asked.
fn allowed(link: &str) -> String {
    let (status, back, body) = visit(link);
    assert_eq!(status, 302, "{body}");
    back.unwrap()
}

/// Runs `auth login ghl` with a secret on the first line of its input. `act` gets the link that it
/// prints, and gives what is pasted, if anything.
fn login_with(env: &Env, more: &[&str], act: impl FnOnce(&str) -> Option<String>) -> Ran {
    let args = ["auth", "login", "ghl", "--client-secret-stdin"];
    let mut child = env
        .command(args.iter().chain(more))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take();
    let _ = writeln!(stdin.as_mut().unwrap(), "{}", env.sandbox.client_secret());
    let (sender, lines) = mpsc::channel();
    let stderr = child.stderr.take().unwrap();
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines() {
            let _ = sender.send(line.unwrap());
        }
    });
    let mut said = String::new();
    let mut act = Some(act);
    // Ends with the program's last word.
    while let Ok(line) = lines.recv_timeout(PATIENCE) {
        let link = line.trim();
        if link.starts_with("http")
            && let Some(act) = act.take()
            && let Some(paste) = act(link)
        {
            // Nothing more will be pasted.
            let _ = writeln!(stdin.take().unwrap(), "{paste}");
        }
        said.push_str(&line);
        said.push('\n');
    }
    drop(stdin);
    let mut ran = Ran::from(child.wait_with_output().unwrap());
    ran.stderr = said;
    ran
}

fn client_id(env: &Env) -> String {
    env.sandbox.client_id()
}

/// Somebody logs in, and pastes the address that the browser ended at.
fn login(env: &Env, more: &[&str]) {
    let id = client_id(env);
    let args = [
        &["--client-id", &id, "--scope", "locations/tags.readonly"][..],
        more,
    ]
    .concat();
    login_with(env, &args, |link| Some(allowed(link))).expect(0);
}

fn logged_in() -> Env {
    let env = unknown();
    login(&env, &[]);
    env
}

fn status(env: &Env, code: i32) -> Value {
    let ran = env.run(["auth", "status", "--json"]);
    ran.expect(code);
    ran.json()["services"]["ghl"].clone()
}

/// Makes all access tokens end now.
fn expire(env: &Env) {
    env.admin("POST", "/ghl/app/expire", Value::Null);
}

// ---- logging in

#[test]
fn a_browser_comes_back_by_itself() {
    let env = unknown();
    for host in ["127.0.0.1", "localhost"] {
        let redirect = format!("http://{host}:{}/any/path", free_port());
        let id = client_id(&env);
        let args = ["--client-id", &id, "--redirect-uri", &redirect];
        let ran = login_with(&env, &args, |link| {
            let back = allowed(link);
            assert!(back.starts_with(&redirect), "{back}");
            // Somebody who guesses is told so, and ends nothing.
            let stranger = format!("{redirect}?code=guessed&state=guessed");
            assert_eq!(visit(&stranger).0, 400);
            let (status, _, page) = visit(&back);
            assert_eq!(status, 200);
            assert!(page.contains("return to the terminal"), "{page}");
            None
        });
        ran.expect(0);
        ran.says(&["somebody came back in vain", "logged in to"]);
    }
    let ghl = status(&env, 0);
    assert_eq!(ghl["kind"], "OAuth login");
    assert_eq!(ghl["usable"], true);
    assert_eq!(ghl["location_id"], env.sandbox.location_id());
    // The least that the profile needs.
    let scopes = [
        "contacts.readonly",
        "locations.readonly",
        "locations/customFields.readonly",
    ];
    assert_eq!(ghl["scopes"], json!(scopes));
    assert_eq!(ghl["lacking"]["push tags"], json!(["contacts.write"]));
    assert_eq!(ghl["lacking"].get("sync"), None);
    let left = ghl["expires_in_seconds"].as_i64().unwrap();
    assert!((86_000..=86_399).contains(&left), "{left}");
    env.ghl_contact(json!({"email": "ada@example.com", "firstName": "Ada"}));
    assert_eq!(env.sync()["people"]["created"], 1);
}

#[test]
fn without_a_browser_here_the_address_or_the_code_is_pasted() {
    let env = unknown();
    let id = client_id(&env);
    for redirect in ["http://localhost:9/none-listens", "http://127.0.0.1:9/x"] {
        let args = ["--client-id", &id, "--redirect-uri", redirect];
        for bare in [false, true] {
            let ran = login_with(&env, &args, |link| {
                let back = allowed(link);
                let code = back.split("code=").nth(1).unwrap();
                Some(match bare {
                    true => code.split('&').next().unwrap().to_owned(),
                    false => format!("  \"{back}\" "),
                })
            });
            ran.expect(0);
        }
    }
    // Again, without any word: the app is known. What was pasted in vain is complained about.
    let again = login_with(&env, &["--scope", "contacts.write"], |link| {
        assert!(link.contains("contacts.write"), "{link}");
        Some(format!(
            "https://example.com/?code=x&state=y\n{}",
            allowed(link)
        ))
    });
    again.expect(0);
    again.says(&["another login"]);
    assert_eq!(status(&env, 0)["lacking"].get("push tags"), None);
}

#[test]
fn a_login_that_fails_says_why_and_keeps_what_was_there() {
    let env = logged_in();
    let id = client_id(&env);
    let before = std::fs::read(env.config().join("credentials/default.ghl")).unwrap();
    let args = ["--client-id", &id];
    let refuse = |ran: Ran, words: &[&str]| {
        ran.expect(4);
        ran.says(words);
        let after = std::fs::read(env.config().join("credentials/default.ghl")).unwrap();
        assert_eq!(before, after);
    };
    let wrong = login_with(&env, &args, |_| Some("invented-code".to_owned()));
    refuse(wrong, &["Authorization code not found", "run it again"]);
    let elsewhere = [&args[..], &["--redirect-uri", "https://example.com/back"]].concat();
    let other = login_with(&env, &elsewhere, |_| {
        Some("https://example.com/back?code=x&state=other".to_owned())
    });
    refuse(other, &["another login"]);
    env.admin("POST", "/ghl/app/uninstall", Value::Null);
    let late = env.run_with_input(
        [
            "auth",
            "login",
            "ghl",
            "--client-secret-stdin",
            "--client-id",
            &id,
            "--timeout",
            "1s",
            "--redirect-uri",
            &format!("http://127.0.0.1:{}/x", free_port()),
        ],
        "secret\n",
    );
    refuse(late, &["nobody came back within 1 s"]);
    let nobody = env.run_with_input(
        [
            "auth",
            "login",
            "ghl",
            "--client-secret-stdin",
            "--client-id",
            &id,
            "--redirect-uri",
            "https://example.com/back",
        ],
        "secret\n",
    );
    refuse(nobody, &["nobody can come back"]);
    let empty = env.run_with_input(
        [
            "auth",
            "login",
            "ghl",
            "--client-secret-stdin",
            "--client-id",
            &id,
        ],
        "\n",
    );
    empty.expect(2);
    env.run(["auth", "login", "bigmailer", "--client-id", "x"])
        .expect(2);
    env.run(["auth", "login", "ghl", "--client-id", "x", "--with-token"])
        .expect(2);
}

#[test]
fn an_install_link_says_what_it_says() {
    let env = unknown();
    env.admin("POST", "/quirks", json!({"set": "version-id=required"}));
    let redirect = format!("http://127.0.0.1:{}/cb", free_port());
    let link = format!(
        "{}?version_id={}&client_id={}&redirect_uri={redirect}&scope=contacts.readonly+locations.readonly&response_type=code",
        env.sandbox.authorize_url(),
        env.sandbox.app_version_id(),
        client_id(&env),
    );
    let ran = login_with(&env, &["--install-link", &link], |link| {
        assert_eq!(link.matches("redirect_uri").count(), 1, "{link}");
        visit(&allowed(link));
        None
    });
    ran.expect(0);
    ran.says(&["`sync` also needs locations/customFields.readonly"]);
    let scopes = json!(["contacts.readonly", "locations.readonly"]);
    assert_eq!(status(&env, 0)["scopes"], scopes);
}

#[test]
fn an_agencys_login_becomes_that_of_the_location() {
    for refreshed in ["present", "absent"] {
        let env = unknown();
        env.admin("POST", "/quirks", json!({"set": "company-install=yes"}));
        let refresh = format!("location-refresh={refreshed}");
        env.admin("POST", "/quirks", json!({"set": refresh}));
        login(&env, &["--scope", "oauth.write oauth.readonly"]);
        env.ghl_contact(json!({"email": "ada@example.com"}));
        assert_eq!(env.sync()["people"]["created"], 1);
        assert_eq!(env.sandbox.token_counts().location_tokens, 1);
        // When it ends, and when the agency's has ended, too.
        expire(&env);
        assert_eq!(env.sync()["people"]["created"], 0);
        assert_eq!(env.sandbox.token_counts().refreshes, 1, "{refreshed}");
        assert_eq!(status(&env, 0)["location_id"], env.sandbox.location_id());
    }
    // Without a profile the location is chosen.
    let env = unknown();
    std::fs::remove_file(env.profile_file()).unwrap();
    env.admin("POST", "/quirks", json!({"set": "company-install=yes"}));
    let id = client_id(&env);
    let args = ["--client-id", &id, "--scope", "oauth.write,oauth.readonly"];
    let ran = login_with(&env, &args, |link| Some(allowed(link)));
    ran.expect(0);
    ran.says(&["map init --location", env.sandbox.location_id()]);
}

#[test]
fn logins_work_whatever_the_documents_leave_open() {
    each(&QUIRKS, |quirk| {
        let env = unknown();
        env.admin("POST", "/quirks", json!({"set": quirk}));
        match *quirk {
            "authorize=wait" => {
                let (status, back, _) = visit(&format!(
                    "{}?response_type=code&client_id={}&redirect_uri=http://localhost:9/&scope=contacts.readonly",
                    env.sandbox.authorize_url(),
                    client_id(&env)
                ));
                assert_eq!((status, back), (200, None));
                env.admin("POST", "/quirks", json!({"set": "authorize=allow"}));
            }
            "authorize=deny" => {
                let redirect = format!("http://127.0.0.1:{}/cb", free_port());
                let id = client_id(&env);
                let args = ["--client-id", &id, "--redirect-uri", &redirect];
                let ran = login_with(&env, &args, |link| {
                    let back = allowed(link);
                    assert!(visit(&back).2.contains("access_denied"));
                    None
                });
                ran.expect(4);
                ran.says(&["access_denied"]);
                env.admin("POST", "/quirks", json!({"set": "authorize=allow"}));
            }
            // Apps that are not public have a link of their own.
            "version-id=required" => {
                let link = format!(
                    "{}?version_id={}",
                    env.sandbox.authorize_url(),
                    env.sandbox.app_version_id()
                );
                login(&env, &["--install-link", &link]);
                env.run(["pull", "tags"]).expect(0);
                return;
            }
            _ => {}
        }
        login(&env, &["--scope", "oauth.write locations/tags.readonly"]);
        env.run(["pull", "tags"]).expect(0);
        expire(&env);
        env.run(["pull", "tags"]).expect(0);
        env.run(["auth", "refresh", "--force"]).expect(0);
        env.run(["pull", "tags"]).expect(0);
        // PKCE is not documented; who asks for it is told when it is not taken.
        let id = client_id(&env);
        let args = ["--client-id", &id, "--pkce", "--scope", "oauth.write"];
        let pkce = login_with(&env, &args, |link| {
            assert!(link.contains("code_challenge_method=S256"), "{link}");
            Some(allowed(link))
        });
        pkce.expect(if *quirk == "pkce=refused" { 4 } else { 0 });
        if *quirk == "company-install=yes" {
            let bare = login_with(&env, &["--client-id", &id], |link| Some(allowed(link)));
            bare.expect(4);
            bare.says(&["--scope oauth.write"]);
        }
    });
}

#[test]
fn a_login_for_another_location_is_not_taken() {
    let env = unknown();
    let profile = std::fs::read_to_string(env.profile_file()).unwrap();
    let other = profile.replace(env.sandbox.location_id(), "AnotherLocation00001");
    std::fs::write(env.profile_file(), other).unwrap();
    let id = client_id(&env);
    let ran = login_with(&env, &["--client-id", &id], |link| Some(allowed(link)));
    ran.expect(4);
    ran.says(&["AnotherLocation00001", "nothing was stored"]);
    assert!(!env.config().join("credentials/default.ghl").exists());
}

// ---- tokens that rotate

#[test]
fn tokens_are_renewed_where_they_are_needed() {
    let env = logged_in();
    let token = |force: bool| {
        if force {
            env.run(["auth", "refresh", "--force"]).expect(0);
        }
        let ran = env.run(["auth", "token", "ghl"]);
        ran.expect(0);
        ran.stdout.trim().to_owned()
    };
    let first = token(false);
    assert_eq!(env.sandbox.token_counts().refreshes, 0);
    env.run(["auth", "refresh"]).expect(0);
    assert_eq!(token(false), first);
    assert_ne!(token(true), first);
    assert_eq!(env.sandbox.token_counts().refreshes, 1);
    // Whatever the service calls it, a token that has ended is renewed once, and the run goes on.
    for quirk in [
        "invalid-access-token",
        "invalid-jwt",
        "jwt-expired",
        "unauthorized",
    ] {
        let set = json!({"set": format!("expired-token={quirk}")});
        env.admin("POST", "/quirks", set);
        expire(&env);
        let before = env.sandbox.token_counts().refreshes;
        env.sync_with(&["--full"]);
        assert_eq!(env.sandbox.token_counts().refreshes, before + 1, "{quirk}");
    }
    // In the middle of a run of many calls.
    for n in 0..30 {
        env.ghl_contact(json!({"email": format!("p{n}@example.com")}));
    }
    let hold = env.sandbox.hold_at(2, Phase::Before);
    let running = env.start(["sync", "--json", "--full"]);
    assert!(hold.wait_reached(PATIENCE));
    expire(&env);
    hold.release();
    let ran = running.wait();
    ran.expect(0);
    assert_eq!(ran.json()["people"]["created"], 30);
}

#[test]
fn processes_that_need_a_token_at_once_make_one_refresh() {
    let env = logged_in();
    expire(&env);
    let all: Vec<_> = (0..4)
        .map(|_| env.start(["test", "--offline", "--json"]))
        .collect();
    drop(all);
    let running: Vec<_> = (0..4)
        .map(|_| env.start(["pull", "tags", "--json"]))
        .collect();
    for one in running {
        one.wait().expect(0);
    }
    let counts = env.sandbox.token_counts();
    assert_eq!((counts.refreshes, counts.repeats), (1, 0));
}

#[test]
fn killed_at_any_moment_of_a_refresh_the_login_lives_on() {
    // Held at the refused call, at the token call before and after it was done, and at the first one
    // with the new token.
    let moments = [
        (1, Phase::Before),
        (1, Phase::After),
        (2, Phase::Before),
        (2, Phase::After),
        (3, Phase::Before),
    ];
    let cases: Vec<(bool, (usize, Phase))> = [false, true]
        .into_iter()
        .flat_map(|forced| moments.map(|moment| (forced, moment)))
        // A refresh by hand begins with the token call.
        .filter(|(forced, (n, _))| !forced || *n == 1)
        .collect();
    each(&cases, |(forced, (n, phase))| {
        let env = logged_in();
        if !forced {
            expire(&env);
        }
        let hold = env.sandbox.hold_at(*n, *phase);
        let args: &[&str] = match forced {
            true => &["auth", "refresh", "--force"],
            false => &["pull", "tags"],
        };
        let running = env.start(args);
        assert!(hold.wait_reached(PATIENCE), "{forced} {n} {phase:?}");
        running.kill();
        hold.release();
        // The next one is there within the half minute.
        env.run(["pull", "tags"]).expect(0);
        env.admin("POST", "/advance", json!({"seconds": 40}));
        expire(&env);
        env.run(["pull", "tags"]).expect(0);
        expire(&env);
        env.run(["auth", "refresh", "--force"]).expect(0);
        assert_eq!(
            env.sandbox.token_counts().refusals,
            0,
            "{forced} {n} {phase:?}"
        );
    });
}

#[test]
fn lost_answers_are_asked_for_again_and_dead_logins_say_so() {
    for rule in ["cut-before", "cut-after", "truncate", "503", "html"] {
        let env = logged_in();
        expire(&env);
        env.fault(&format!("ghl:POST:/oauth/token@1={rule}"));
        env.run(["pull", "tags"]).expect(0);
        assert_eq!(env.struck(), [1], "{rule}");
    }
    let env = logged_in();
    expire(&env);
    env.fault("ghl:POST:/oauth/token@1x*=503");
    let ran = env.run(["pull", "tags", "--json"]);
    ran.expect(5);
    env.no_faults();
    env.run(["pull", "tags"]).expect(0);

    // Paused: everything stays as it is until the location is active again.
    expire(&env);
    env.admin("PATCH", "/ghl/app", json!({"locationPaused": true}));
    let ran = env.run(["pull", "tags", "--json"]);
    ran.expect(4);
    let error = ran.error();
    assert!(
        error["message"].as_str().unwrap().contains("stays good"),
        "{error}"
    );
    assert!(
        error["hint"].as_str().unwrap().contains("paused"),
        "{error}"
    );
    env.admin("PATCH", "/ghl/app", json!({"locationPaused": false}));
    env.run(["pull", "tags"]).expect(0);

    // Somebody took the app out of the location.
    env.admin("POST", "/ghl/app/uninstall", Value::Null);
    let ran = env.run(["pull", "tags", "--json"]);
    ran.expect(4);
    let error = ran.error();
    assert_eq!(error["code"], "auth_refused");
    assert!(
        error["hint"]
            .as_str()
            .unwrap()
            .contains("ghl-bm auth login ghl"),
        "{error}"
    );
    assert_eq!(status(&env, 4)["usable"], false);
    login(&env, &[]);
    env.run(["pull", "tags"]).expect(0);
}

#[test]
fn a_store_that_takes_nothing_costs_no_token() {
    let env = logged_in();
    expire(&env);
    let folder = env.config().join("credentials");
    let read_only = |yes: bool| {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = if yes { 0o500 } else { 0o700 };
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    read_only(true);
    // Somebody who may do everything is not kept out by modes.
    let all_powerful = std::fs::write(folder.join("probe"), "").is_ok();
    if !all_powerful {
        env.run(["pull", "tags"]).expect(4);
        assert_eq!(env.sandbox.token_counts().refreshes, 0);
    }
    read_only(false);
    env.run(["pull", "tags"]).expect(0);
    assert_eq!(env.sandbox.token_counts().refreshes, 1);
}

// ---- stores

#[test]
fn each_store_serves_a_machine_without_a_keyring() {
    let env = Env::new(empty());
    let (token, key) = (env.sandbox.ghl_token(), env.sandbox.bigmailer_key());
    // As cron starts things: hardly any variables, no session.
    let cron = |more: &[(&str, String)]| -> Ran {
        let mut command = Command::new(BINARY);
        command
            .args(["sync", "--json"])
            .env_clear()
            .current_dir(env.root.path())
            .stdin(Stdio::null())
            .env("HOME", env.root.path().join("home"))
            .env("PATH", "/usr/bin:/bin")
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
            .env("GHL_BM_CONFIG_DIR", env.config())
            .env("GHL_BM_STATE_DIR", env.root.path().join("state"))
            .env("GHL_BM_GHL_URL", env.sandbox.ghl_url())
            .env("GHL_BM_BIGMAILER_URL", env.sandbox.bigmailer_url())
            .envs(more.iter().map(|(name, value)| (name, value)));
        Ran::from(command.output().unwrap())
    };
    let without = cron(&[]);
    without.expect(4);
    let hint = without.error()["hint"].as_str().unwrap().to_owned();
    for line in [
        "GHL_BM_GHL_TOKEN=",
        "GHL_BM_GHL_TOKEN_FILE=",
        "GHL_BM_CREDENTIAL_STORE=file",
        "GHL_BM_CREDENTIAL_STORE='command:",
    ] {
        assert!(hint.contains(line), "{line}: {hint}");
    }
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let file = |name: &str, text: &str| {
        let path = env.root.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let helper = file(
        "helper.sh",
        &format!("case \"$1\" in ghl) echo {token};; bigmailer) echo {key};; esac\n"),
    );
    let ways = [
        vec![
            own("GHL_BM_GHL_TOKEN", token),
            own("GHL_BM_BIGMAILER_API_KEY", key),
        ],
        vec![
            own("GHL_BM_GHL_TOKEN_FILE", &file("t", &format!("{token}\n"))),
            own(
                "GHL_BM_BIGMAILER_API_KEY_FILE",
                &file("k", &format!("{key}\r\n")),
            ),
        ],
        vec![own(
            "GHL_BM_CREDENTIAL_STORE",
            &format!("command:sh {helper}"),
        )],
    ];
    for way in ways {
        let vars: Vec<(&str, String)> = way.iter().map(|(n, v)| (n.as_str(), v.clone())).collect();
        cron(&vars).expect(0);
    }
    // A file store that somebody filled before.
    for (service, secret) in [("ghl", token), ("bigmailer", key)] {
        let mut command = env.command(["auth", "login", service, "--with-token"]);
        command.env("GHL_BM_CREDENTIAL_STORE", "file");
        command
            .env_remove("GHL_BM_GHL_TOKEN")
            .env_remove("GHL_BM_BIGMAILER_API_KEY");
        let mut child = command
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(child.stdin.take().unwrap(), "{secret}").unwrap();
        let ran = Ran::from(child.wait_with_output().unwrap());
        ran.expect(0);
        ran.says(&["not to a keyring"]);
    }
    cron(&[("GHL_BM_CREDENTIAL_STORE", "file".to_owned())]).expect(0);
    let broken = cron(&[(
        "GHL_BM_CREDENTIAL_STORE",
        "command:sh -c 'echo no vault >&2; exit 3'".to_owned(),
    )]);
    broken.expect(4);
    assert!(
        broken.error()["message"]
            .as_str()
            .unwrap()
            .contains("no vault")
    );
}

#[cfg(unix)]
#[test]
fn files_of_secrets_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let env = logged_in();
    let path = env.config().join("credentials/default.ghl");
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let ran = env.run(["pull", "tags", "--json"]);
    ran.expect(4);
    let error = ran.error();
    assert!(
        error["message"].as_str().unwrap().contains("chmod 600"),
        "{error}"
    );
}

#[test]
fn credentials_move_between_stores_and_are_forgotten() {
    let mut env = logged_in();
    let ran = env.run(["auth", "migrate", "--to", "file"]);
    ran.expect(2);
    ran.says(&["GHL_BM_CREDENTIAL_STORE"]);
    env.unset("GHL_BM_CREDENTIAL_STORE");
    env.set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    // Settings say the same as the variable did.
    std::fs::write(
        env.config().join("config.toml"),
        "credential_store = \"file\" # mine\n",
    )
    .unwrap();
    env.run(["pull", "tags"]).expect(0);
    env.run(["auth", "migrate", "--to", "file"]).expect(0);
    // There is no keyring to move to: nothing is lost.
    env.run(["auth", "migrate", "--to", "keyring"]).expect(4);
    env.run(["pull", "tags"]).expect(0);
    let kept = std::fs::read_to_string(env.config().join("config.toml")).unwrap();
    assert_eq!(kept, "credential_store = \"file\" # mine\n");

    let ran = env.run(["auth", "logout", "--all"]);
    ran.expect(0);
    ran.says(&["forgot the HighLevel token of profile default"]);
    assert_eq!(
        std::fs::read_dir(env.config().join("credentials"))
            .unwrap()
            .count(),
        0
    );
    env.run(["pull", "tags"]).expect(4);
    env.run(["auth", "logout", "--all"]).expect(0);
}

#[test]
fn a_token_is_checked_before_it_takes_the_place_of_one_that_works() {
    let mut env = Env::new(empty());
    env.set("GHL_BM_CREDENTIAL_STORE", "file");
    env.unset("GHL_BM_GHL_TOKEN");
    let token = env.sandbox.ghl_token().to_owned();
    let args = ["auth", "login", "ghl", "--with-token"];
    // As people paste it.
    let pasted = format!("\"Bearer {token}\"\r\n");
    let ran = env.run_with_input(args, &pasted);
    ran.expect(0);
    ran.says(&["ending in", &token[token.len() - 4..]]);
    env.run_with_input(args, "pit-00000000-0000-4000-8000-000000000000\n")
        .expect(4);
    env.run(["pull", "tags"]).expect(0);
    // Not known whether it is good: the one that is stays.
    env.fault("ghl:GET:/locations/@1x*=503");
    let ran = env.run_with_input(args, &token);
    ran.expect(5);
    ran.says(&["not replaced"]);
    env.no_faults();
    let json: Value = status(&env, 0);
    assert_eq!(json["kind"], "private integration token");
    assert_eq!(json["age_days"], 0);
    assert_eq!(json["rotation_due_in_days"], 90);
    assert_eq!(json["warning"], Value::Null);
}

#[test]
fn a_secret_on_the_command_line_is_refused_and_not_repeated() {
    let env = unknown();
    let token = env.sandbox.ghl_token().to_owned();
    for more in [None, Some("--json")] {
        let words = ["auth", "login", "ghl", token.as_str()];
        let ran = env.run(words.into_iter().chain(more));
        ran.expect(2);
        ran.says(&[
            "never goes on the command line",
            "--with-token` asks for it",
        ]);
        assert!(!format!("{ran:?}").contains(&token), "{ran:?}");
    }
}

#[test]
fn a_token_that_nobody_could_try_is_not_called_accepted() {
    let env = unknown();
    std::fs::remove_file(env.profile_file()).unwrap();
    let wrong = "pit-00000000-0000-4000-8000-000000000000";
    let ran = env.run_with_input(["auth", "login", "ghl", "--with-token"], wrong);
    ran.expect(0);
    ran.says(&["not tried yet", "map init"]);
    let shown = env.run(["auth", "status"]).stdout;
    assert!(shown.contains("not asked yet"), "{shown}");
    let document = env.run(["auth", "status", "--json"]).json();
    assert_eq!(document["services"]["ghl"]["usable"], Value::Null);
    assert_eq!(document["services"]["ghl"]["name"], Value::Null);
}

#[test]
fn an_old_token_is_warned_about() {
    let mut env = Env::new(empty());
    env.set("GHL_BM_CREDENTIAL_STORE", "file");
    env.unset("GHL_BM_GHL_TOKEN");
    let args = ["auth", "login", "ghl", "--with-token"];
    env.run_with_input(args, env.sandbox.ghl_token()).expect(0);
    let path = env.config().join("credentials/default.ghl");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut entry: Value = serde_json::from_str(&text).unwrap();
    let now = jiff::Timestamp::now().as_millisecond();
    for (days, warned) in [(79, false), (80, true), (200, true)] {
        fn set(value: &mut Value, since: i64) -> usize {
            let Value::Object(members) = value else {
                return 0;
            };
            let mut found = 0;
            for (key, member) in members.iter_mut() {
                match key == "since" {
                    true => {
                        *member = json!(since);
                        found += 1;
                    }
                    false => found += set(member, since),
                }
            }
            found
        }
        assert_eq!(
            set(&mut entry, now - days * 86_400_000 - 60_000),
            1,
            "{entry}"
        );
        std::fs::write(&path, entry.to_string()).unwrap();
        let ghl = status(&env, 0);
        assert_eq!(ghl["age_days"], days);
        assert_eq!(ghl["rotation_due_in_days"], 90 - days);
        assert_eq!(ghl["warning"].is_string(), warned, "{ghl}");
        let test = env.run(["test"]);
        assert_eq!(
            test.all().contains("HighLevel recommends"),
            warned,
            "{test:?}"
        );
    }
}

#[test]
fn status_tells_of_every_profile_and_asks_nobody_when_told_so() {
    let env = logged_in();
    let text = std::fs::read_to_string(env.profile_file()).unwrap();
    std::fs::write(env.config().join("profiles/shop2.toml"), text).unwrap();
    let ran = env.run(["auth", "status", "--json"]);
    ran.expect(4);
    let document = ran.json();
    let names: Vec<&str> = document["profiles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["profile"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["default", "shop2"]);
    assert_eq!(document["profiles"][0]["services"], document["services"]);
    assert_eq!(document["profiles"][1]["services"]["ghl"]["usable"], false);
    env.run(["-p", "default", "auth", "status"]).expect(0);
    env.forget_requests();
    let ran = env.run(["auth", "status", "--offline"]);
    ran.expect(4);
    assert!(ran.stdout.contains("not asked (--offline)"), "{ran:?}");
    assert!(env.sandbox.requests().is_empty());
}

// ---- what a refusal means

#[test]
fn refusals_are_told_apart() {
    let env = Env::new(empty());
    for (rule, words) in [
        ("scope", "scope"),
        ("wrong-location", "location"),
        ("bad-key", "auth login ghl"),
        ("unauthorized", "auth login ghl"),
    ] {
        env.no_faults();
        env.fault(&format!("ghl:*:*@1x*={rule}"));
        let ran = env.run(["pull", "contacts", "--json"]);
        ran.expect(4);
        let hint = ran.error()["hint"].as_str().unwrap().to_owned();
        assert!(hint.contains(words), "{rule}: {hint}");
    }
}

// ---- secrets stay secret

/// Everything of a secret that must not be seen: the whole, and its halves.
fn traces(secret: &str) -> [String; 3] {
    let middle = secret.len() / 2;
    [secret, &secret[..middle], &secret[middle..]].map(str::to_owned)
}

#[test]
fn no_command_shows_a_secret_at_any_level() {
    let env = logged_in();
    env.ghl_contact(json!({"email": "ada@example.com", "firstName": "Ada", "tags": ["customer"]}));
    std::fs::write(
        env.root.path().join("rows.csv"),
        "email,first_name\nbo@example.com,Bo\n",
    )
    .unwrap();
    let mut stored = Vec::new();
    let take = |stored: &mut Vec<String>| {
        let text = std::fs::read_to_string(env.config().join("credentials/default.ghl")).unwrap();
        fn strings(value: &Value, key: &str, found: &mut Vec<String>) {
            match value {
                Value::Object(members) => {
                    members
                        .iter()
                        .for_each(|(key, value)| strings(value, key, found));
                }
                Value::String(text) if ["access", "refresh", "client_secret"].contains(&key) => {
                    found.push(text.clone());
                }
                _ => {}
            }
        }
        let entry: Value = serde_json::from_str(&text).unwrap();
        let before = stored.len();
        strings(&entry, "", stored);
        assert!(stored.len() >= before + 3, "{entry}");
    };
    take(&mut stored);
    stored.push(env.sandbox.bigmailer_key().to_owned());
    let commands: &[&[&str]] = &[
        &["auth", "status"],
        &["auth", "status", "--offline"],
        &["auth", "refresh", "--force"],
        &["test"],
        &["map", "check"],
        &["map", "show"],
        &["map", "list"],
        &["sync", "--dry-run"],
        &["sync"],
        &["sync", "--full", "--only", "ada@example.com"],
        &["runs", "list"],
        &["pull", "contacts"],
        &["pull", "contacts", "--from", "bigmailer"],
        &["pull", "fields"],
        &["push", "contacts", "rows.csv", "--dry-run"],
        &["push", "contacts", "rows.csv"],
        &["api", "ghl", "GET", "/locations/{location}", "--include"],
        &["api", "bigmailer", "GET", "/me", "--include"],
        &["completions", "bash"],
        &["nonsense"],
    ];
    let levels: &[&[&str]] = &[
        &[],
        &["-q"],
        &["-v"],
        &["-vv"],
        &["-vv", "--log-format", "json"],
        &["--json"],
    ];
    let check = |ran: &Ran, stored: &[String], what: &str| {
        let all = ran.all();
        for secret in stored {
            for trace in traces(secret) {
                // The head of a signed token says only that it is one.
                if trace.len() >= 8 && all.contains(&trace) {
                    panic!("{what} shows a part of a secret:\n{all}");
                }
            }
        }
    };
    let troubles = [None, Some("unauthorized"), Some("scope"), Some("400")];
    for trouble in troubles {
        for command in commands {
            // With trouble the talkative levels are enough.
            let levels = if trouble.is_some() {
                &levels[3..]
            } else {
                levels
            };
            for level in levels {
                env.no_faults();
                if let Some(trouble) = trouble {
                    env.fault(&format!("*:*:*@1x*={trouble}"));
                }
                let args = [*level, *command].concat();
                let ran = env.run(&args);
                if command[1..].contains(&"refresh") {
                    take(&mut stored);
                }
                check(&ran, &stored, &format!("{args:?} with {trouble:?}"));
            }
        }
    }
    env.no_faults();
    // The one command that is asked for it.
    let ran = env.run(["auth", "token", "bigmailer"]);
    assert_eq!(ran.stdout.trim(), env.sandbox.bigmailer_key());
    // Damage that makes readers complain.
    let path = env.config().join("credentials/default.ghl");
    let text = std::fs::read_to_string(&path).unwrap();
    for broken in [
        &text[..text.len() / 2],
        &text.replace('{', "["),
        &format!("{text}x"),
    ] {
        std::fs::write(&path, broken).unwrap();
        for args in [&["auth", "status", "-vv"][..], &["pull", "tags", "--json"]] {
            let ran = env.run(args);
            ran.expect(4);
            check(&ran, &stored, &format!("{args:?}, damaged"));
        }
    }
}
