//! `sync --every`: a run after another, and what a service manager hears of it.

use std::os::unix::net::UnixDatagram;

use serde_json::json;

use crate::env::{Env, PATIENCE, Running, empty};

/// A world with one person, and the socket of a service manager.
fn world() -> (Env, UnixDatagram) {
    let mut env = Env::new(empty());
    env.ghl_contact(json!({"firstName": "Ada", "email": "ada@example.com"}));
    let path = env.root.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    env.set("NOTIFY_SOCKET", path.to_str().unwrap());
    (env, socket)
}

/// Listens until something is said that holds this; everything said until then.
fn hear(socket: &UnixDatagram, part: &str) -> Vec<String> {
    let mut heard = Vec::new();
    loop {
        let mut buffer = [0; 1024];
        let length = socket.recv(&mut buffer).unwrap();
        heard.push(String::from_utf8(buffer[..length].to_vec()).unwrap());
        if heard.last().is_some_and(|last| last.contains(part)) {
            return heard;
        }
    }
}

fn end(env: &Env, running: Running, socket: &UnixDatagram) {
    running.signal("TERM");
    let ran = running.wait();
    ran.expect(143);
    hear(socket, "STOPPING=1");
    env.assert_settled();
}

#[test]
fn a_service_manager_is_told_and_a_signal_ends_it() {
    let (env, socket) = world();
    let running = env.start(["sync", "--every", "1h"]);
    let heard = hear(&socket, "ended with code 0");
    assert!(
        heard[0].starts_with("READY=1\nWATCHDOG=1\nSTATUS="),
        "{heard:?}"
    );
    env.person("ada@example.com");
    end(&env, running, &socket);
}

#[test]
fn the_watchdog_is_fed_by_the_run_itself() {
    let (mut env, socket) = world();
    env.set("WATCHDOG_USEC", "400000");
    let hold = env.sandbox.hold_at(6, ghl_bm::sandbox::Phase::Before);
    let running = env.start(["sync", "--every", "1h"]);
    assert!(hold.wait_reached(PATIENCE));
    // While a request stands still, the run waits for it and says so.
    let heard = hear(&socket, "READY=1");
    assert_eq!(heard.len(), 1);
    for _ in 0..3 {
        assert_eq!(hear(&socket, "WATCHDOG=1").len(), 1);
    }
    hold.release();
    hear(&socket, "ended with code 0");
    end(&env, running, &socket);
}

#[test]
fn each_run_has_a_time_of_its_own_and_leaves_nothing_behind() {
    let (env, socket) = world();
    env.fault("ghl:POST:/contacts/search@1x5=500");
    let hold = env.sandbox.hold_at(3, ghl_bm::sandbox::Phase::Before);
    let running = env.start(["sync", "--every", "1s", "--max-duration", "2s"]);
    assert!(hold.wait_reached(PATIENCE));
    hear(&socket, "READY=1");
    // Another run of the profile is under way: left out, not stacked.
    env.run(["sync"]).expect(9);
    hold.release();
    // The first one does not get through in its time, or gives up: either way others follow, and
    // none of them is ended by an earlier one's clock.
    hear(&socket, "ended with code");
    for _ in 0..3 {
        hear(&socket, "ended with code 0");
    }
    end(&env, running, &socket);
}

#[test]
fn what_does_not_heal_ends_it() {
    let (mut env, socket) = world();
    env.set("GHL_BM_GHL_TOKEN", "pit-wrong");
    let ran = env.run(["sync", "--every", "1h", "--json"]);
    ran.expect(4);
    assert_eq!(ran.error()["code"], "auth_refused");
    hear(&socket, "STOPPING=1");
    std::fs::write(env.profile_file(), "version = 9").unwrap();
    env.run(["sync", "--every", "1h"]).expect(11);
    for args in [
        &["--every", "0s"][..],
        &["--every", "soon"],
        &["--every", "1h", "--dry-run"],
        &["--every", "1h", "--apply", "x"],
    ] {
        env.run(["sync"].iter().chain(args)).expect(2);
    }
}
