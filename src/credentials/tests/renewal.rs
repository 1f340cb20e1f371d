//! Tokens that are renewed, in a world where each refresh token is good once: whoever dies when, the
//! login lives on. Start reading at [`killed_anywhere_the_login_lives_on`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Barrier, Mutex};

use super::*;
use crate::credentials::renewal::Renew;
use crate::credentials::store::MemoryStore;

/// Milliseconds since 1970; each test thread has its own world, but all of them this clock, which
/// only ever goes on.
static CLOCK: AtomicI64 = AtomicI64::new(1_000_000_000_000);

fn now() -> i64 {
    CLOCK.load(Ordering::Relaxed)
}

/// A service that rotates refresh tokens, as HighLevel describes its own.
#[derive(Default)]
struct Service {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How many pairs were given out; the last one is good.
    given: u64,
    /// Until when the refresh token before still brings the last pair.
    grace: i64,
    calls: u64,
    /// The answer to the next call is lost, or the process dies with it.
    lost: u64,
    die: Option<Die>,
    paused: bool,
    away: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Die {
    BeforeRequest,
    AfterRequest,
}

/// A pair lasts an hour here.
const LASTS: i64 = 3_600_000;

fn pair(number: u64) -> Tokens {
    Tokens {
        access: secret(&format!("access-{number}")),
        refresh: Some(secret(&format!("refresh-{number}"))),
        since: now(),
        expires: Some(now() + LASTS),
        class: None,
        location_id: None,
        company_id: None,
        user_id: None,
        scopes: Vec::new(),
    }
}

impl Service {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(|poison| poison.into_inner())
    }

    /// Whether a refresh token would bring a pair now.
    fn is_alive(&self, tokens: &Tokens) -> bool {
        let state = self.lock();
        let number = tokens.refresh.as_ref().unwrap().expose_secret();
        number == format!("refresh-{}", state.given)
    }

    fn use_up(&self, refresh: &str) -> Result<Tokens, GrantError> {
        let mut state = self.lock();
        state.calls += 1;
        if state.die == Some(Die::BeforeRequest) {
            state.die = None;
            drop(state);
            std::panic::panic_any(Killed);
        }
        if state.away {
            return Err(GrantError::NoAnswer("no connection".to_owned()));
        }
        if state.paused {
            return Err(GrantError::Paused("Location is not active".to_owned()));
        }
        if refresh == format!("refresh-{}", state.given) {
            state.given += 1;
            state.grace = now() + 30_000;
        } else if refresh != format!("refresh-{}", state.given - 1) || now() >= state.grace {
            return Err(GrantError::UsedUp("refresh token is invalid".to_owned()));
        }
        if state.die == Some(Die::AfterRequest) {
            state.die = None;
            drop(state);
            std::panic::panic_any(Killed);
        }
        if state.lost > 0 {
            state.lost -= 1;
            return Err(GrantError::NoAnswer("the connection broke".to_owned()));
        }
        Ok(pair(state.given))
    }
}

struct Asking(Arc<Service>);

impl Grants for Asking {
    fn refresh(&self, _: &App, tokens: &Tokens) -> Result<Tokens, GrantError> {
        let refresh = tokens.refresh.as_ref().unwrap().expose_secret().to_owned();
        // A lost answer is asked for again at once.
        self.0.use_up(&refresh).or_else(|error| match error {
            GrantError::NoAnswer(_) => self.0.use_up(&refresh),
            other => Err(other),
        })
    }

    fn of_location(&self, _: &App, agency: &Tokens) -> Result<Tokens, GrantError> {
        let current = format!("access-{}", self.0.lock().given);
        if agency.access.expose_secret() != current {
            return Err(GrantError::Refused("Invalid JWT".to_owned()));
        }
        Ok(Tokens {
            access: secret(&format!("location-of-{current}")),
            refresh: None,
            location_id: Some("L".to_owned()),
            ..pair(0)
        })
    }
}

struct World {
    service: Arc<Service>,
    credentials: Credentials,
    memory: MemoryStore,
    folder: tempfile::TempDir,
}

fn app(tokens: Tokens) -> App {
    App {
        client_id: "id".to_owned(),
        client_secret: secret("client-secret"),
        redirect_uri: None,
        tokens,
        agency: None,
    }
}

impl World {
    /// Logged in, with the first pair.
    fn new() -> World {
        let (store, memory) = memory();
        let world = World {
            service: Arc::new(Service::default()),
            credentials: credentials(store, Environment::default()),
            memory,
            folder: tempfile::tempdir().unwrap(),
        };
        world.service.lock().given = 1;
        world.keep(app(pair(1)));
        world
    }

    fn keep(&self, app: App) {
        let kept = Kept::App(Box::new(app));
        self.credentials.keep(Side::Ghl, &kept, now()).unwrap();
    }

    fn stored(&self) -> App {
        match self.credentials.kept(Side::Ghl).unwrap().unwrap() {
            Kept::App(app) => *app,
            Kept::Token(_) => panic!("not a login"),
        }
    }

    /// As a process begins.
    fn process(&self) -> Renewal {
        Renewal::new(
            self.credentials.clone(),
            self.stored(),
            Box::new(Asking(Arc::clone(&self.service))),
            self.folder.path().join("lock"),
            now,
            Box::new(|pause| {
                std::thread::park_timeout(pause.min(Duration::from_millis(1)));
                false
            }),
        )
    }

    fn calls(&self) -> u64 {
        self.service.lock().calls
    }
}

fn shown(token: Result<Secret, RenewalError>) -> String {
    token.map_or_else(
        |error| error.to_string(),
        |token| token.expose_secret().to_owned(),
    )
}

/// Makes every pair that was given so far end, for all worlds.
fn hours_pass() {
    CLOCK.fetch_add(2 * LASTS, Ordering::Relaxed);
}

/// Tests that need the clock to stand still between two looks must not run while others push it.
static STILL: std::sync::RwLock<()> = std::sync::RwLock::new(());

fn alone() -> std::sync::RwLockWriteGuard<'static, ()> {
    STILL.write().unwrap_or_else(|poison| poison.into_inner())
}

#[test]
fn a_token_is_renewed_before_it_ends_and_when_it_is_refused() {
    let _alone = alone();
    let world = World::new();
    let process = world.process();
    assert_eq!(shown(process.token()), "access-1");
    assert_eq!(world.calls(), 0);
    CLOCK.fetch_add(LASTS - 59_000, Ordering::Relaxed);
    assert_eq!(shown(process.token()), "access-2");
    assert_eq!(shown(process.token()), "access-2");
    assert_eq!(world.calls(), 1);
    assert_eq!(world.stored().tokens.access.expose_secret(), "access-2");
    // Another thread's refusal of the same token costs no second one.
    let old = secret("access-2");
    assert_eq!(shown(process.renewed(&old)), "access-3");
    assert_eq!(shown(process.renewed(&old)), "access-3");
    assert_eq!(world.calls(), 2);
}

#[test]
fn killed_anywhere_the_login_lives_on() {
    let _alone = alone();
    // Before and after the request, and before each change of the store: there are two in the
    // rehearsal and three when the new pair is kept.
    let mut places: Vec<(Option<Die>, Option<u32>)> =
        (0..=5).map(|changes| (None, Some(changes))).collect();
    places.extend([
        (Some(Die::BeforeRequest), None),
        (Some(Die::AfterRequest), None),
    ]);
    let mut killed = 0;
    for (die, changes) in places {
        let world = World::new();
        hours_pass();
        world.service.lock().die = die;
        world.memory.die_after(changes);
        let process = world.process();
        let ran = catch_unwind(AssertUnwindSafe(|| shown(process.token())));
        world.memory.die_after(None);
        killed += u32::from(ran.is_err());
        // The lock died with its process.
        drop(process);
        // The next process is there within the grace.
        CLOCK.fetch_add(29_000, Ordering::Relaxed);
        let token = shown(world.process().token());
        assert!(token.starts_with("access-"), "{die:?} {changes:?}: {token}");
        assert!(
            world.service.is_alive(&world.stored().tokens),
            "{die:?} {changes:?}"
        );
        hours_pass();
        let token = shown(world.process().token());
        assert!(token.starts_with("access-"), "{die:?} {changes:?}: {token}");
    }
    assert_eq!(killed, 7, "every place but the last was met");
}

#[test]
fn a_renewal_that_died_early_is_finished_by_whoever_comes_next() {
    let _alone = alone();
    for die in [Die::BeforeRequest, Die::AfterRequest] {
        let world = World::new();
        world.service.lock().die = Some(die);
        let process = world.process();
        let ran = catch_unwind(AssertUnwindSafe(|| process.renew_now().map(drop)));
        assert!(ran.is_err());
        drop(process);
        // The old access token would be good for an hour, but its refresh token is not.
        CLOCK.fetch_add(1_000, Ordering::Relaxed);
        assert_eq!(shown(world.process().token()), "access-2", "{die:?}");
        CLOCK.fetch_add(LASTS / 2, Ordering::Relaxed);
        let calls = world.calls();
        assert_eq!(shown(world.process().token()), "access-2", "{die:?}");
        assert_eq!(world.calls(), calls, "it is finished");
        hours_pass();
        assert_eq!(shown(world.process().token()), "access-3", "{die:?}");
    }
}

#[test]
fn two_processes_that_need_a_token_at_once_make_one_call() {
    let _alone = alone();
    for _ in 0..20 {
        let world = World::new();
        hours_pass();
        let start = Barrier::new(4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let process = world.process();
                    start.wait();
                    assert_eq!(shown(process.token()), "access-2");
                });
            }
        });
        assert_eq!(world.calls(), 1);
    }
}

#[test]
fn a_lost_answer_is_asked_for_again_at_once_and_a_dead_service_changes_nothing() {
    let _alone = alone();
    let world = World::new();
    hours_pass();
    world.service.lock().lost = 1;
    assert_eq!(shown(world.process().token()), "access-2");
    assert_eq!(world.calls(), 2);

    let world = World::new();
    let process = world.process();
    world.service.lock().away = true;
    CLOCK.fetch_add(LASTS - 30_000, Ordering::Relaxed);
    // What is still good for half a minute is used meanwhile.
    assert_eq!(shown(process.token()), "access-1");
    CLOCK.fetch_add(31_000, Ordering::Relaxed);
    let error = shown(process.token());
    assert_eq!(error, "no new token could be had: no connection");
    world.service.lock().away = false;
    assert_eq!(shown(process.token()), "access-2");
}

#[test]
fn a_used_up_token_asks_for_a_login_and_a_paused_location_keeps_it() {
    let _alone = alone();
    let world = World::new();
    hours_pass();
    world.service.lock().paused = true;
    let error = world.process().token().unwrap_err();
    assert!(matches!(error, RenewalError::Paused(_)), "{error}");
    assert!(error.to_string().contains("stays good"));
    assert_eq!(world.stored().tokens.access.expose_secret(), "access-1");
    world.service.lock().paused = false;
    assert_eq!(shown(world.process().token()), "access-2");
    hours_pass();
    // Somebody else used it, longer ago than the grace.
    let mut state = world.service.lock();
    state.given += 1;
    drop(state);
    let error = world.process().token().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the login has ended: refresh token is invalid"
    );
    assert_eq!(error.hint().unwrap(), "run `ghl-bm auth login ghl`");
}

#[test]
fn nothing_is_asked_for_that_could_not_be_stored() {
    let _alone = alone();
    let world = World::new();
    hours_pass();
    world.memory.fill(true);
    let error = world.process().token().unwrap_err();
    assert!(matches!(error, RenewalError::NotStored(_)), "{error}");
    assert_eq!(world.calls(), 0, "the pair is still good");
    world.memory.fill(false);
    assert_eq!(shown(world.process().token()), "access-2");
}

#[test]
fn somebody_who_logged_out_or_in_meanwhile_is_respected() {
    let _alone = alone();
    let world = World::new();
    let process = world.process();
    hours_pass();
    world.credentials.forget(Side::Ghl).unwrap();
    assert!(shown(process.token()).contains("logged out"));
    assert_eq!(world.calls(), 0);
    // A new login is taken up by a process that began with the old one.
    world.service.lock().given = 7;
    world.keep(app(pair(7)));
    assert_eq!(shown(process.token()), "access-7");
    assert_eq!(world.calls(), 0);
}

#[test]
fn a_location_token_without_refresh_is_made_anew_from_the_agencys() {
    let _alone = alone();
    let world = World::new();
    let location = Tokens {
        access: secret("location-of-access-1"),
        refresh: None,
        location_id: Some("L".to_owned()),
        ..pair(1)
    };
    let login = App {
        agency: Some(pair(1)),
        ..app(location)
    };
    world.keep(login.clone());
    let process = world.process();
    // Refused while the agency's is good: one call for the location's.
    let refused = secret("location-of-access-1");
    assert_eq!(shown(process.renewed(&refused)), "location-of-access-1");
    assert_eq!(world.calls(), 0);
    // Both have ended: the agency's is renewed first, and stored before it is used.
    hours_pass();
    assert_eq!(shown(process.token()), "location-of-access-2");
    assert_eq!(world.calls(), 1);
    let stored = world.stored();
    assert_eq!(stored.agency.unwrap().access.expose_secret(), "access-2");
    assert_eq!(stored.tokens.location_id.as_deref(), Some("L"));
    // The agency's was revoked although it had not ended.
    world.keep(App {
        agency: Some(Tokens {
            access: secret("revoked"),
            ..pair(2)
        }),
        ..login
    });
    let refused = secret("location-of-access-1");
    assert_eq!(
        shown(world.process().renewed(&refused)),
        "location-of-access-3"
    );
}
