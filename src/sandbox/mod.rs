//! Two made-up services on loopback: a HighLevel location and a BigMailer brand, both with a memory.
//!
//! For trying the tool without accounts, and for tests of anything that speaks the two APIs. Nothing
//! here ever leaves the machine, uses a type from the rest of this crate, or has heard that it exists:
//! every answer is written by hand from the vendors' documents, so a client's misreading is not shared.
//!
//! Served of HighLevel: contacts (read, list, search, create, update, upsert, delete, duplicate
//! search), their tags, tasks, notes, appointments, followers and businesses, the bulk calls, the
//! location with its custom fields, tags and task search, opportunities and pipelines, and OAuth with
//! its authorize page. Of BigMailer: contacts and their batches, fields, lists, message types, brands.
//!
//! Start with [`Sandbox::start`]. From there: `world` takes a request through `traffic` (log,
//! limits, `faults`) to a service, `ghl` over a `location` with its `shelf`s or `bigmailer` over a
//! `brand`; `quirks` says how they behave where the vendors leave it open; `server` is the only
//! place with sockets, `store` keeps the world in files, `record` what went over the wire, `admin`
//! is the back door, `seed` the people and what hangs on them.

mod admin;
mod bigmailer;
mod brand;
mod faults;
mod ghl;
mod ids;
mod location;
mod message;
mod multipart;
mod order;
mod quirks;
mod record;
mod seed;
mod server;
mod shelf;
mod store;
mod traffic;
mod world;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use location::App;
use message::{Answer, Content, Request};
use record::Recorder;
use server::{Ending, Handling, Reply, Responder};
use traffic::Service;
use world::World;

pub use location::TokenCounts;
pub use quirks::{
    Authorize, BadItem, BareCreate, Clearing, CreateAnswer, DndSiblings, DuplicateLag, EmailCase,
    ExpiredToken, ListOrder, NotFound, OldAccess, OmittedUnsubscribe, PageCap, PageTotal, Pkce,
    PutCompany, Quirks, RelatedWrites, RemoveValue, TakenAddress, TieOrder, TokenRedirect,
    UnknownCustomField, UnknownField, Upsert, VersionId,
};
pub use traffic::{Hold, Logged, Phase};

/// How the sandbox is to be set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Contacts in the HighLevel location; the first 39 are awkward ones. Ignored when `dir` holds a world.
    pub contacts: usize,
    /// The same seed makes the same world. Ignored when `dir` holds a world.
    pub seed: u64,
    /// How long every request of a service takes at least, in real time.
    pub latency: Duration,
    /// Whether the vendors' rate limits hold; without them HighLevel's rate headers are left out, too.
    pub limits: bool,
    /// How far HighLevel's search index is behind, in world time. Zero: not at all.
    pub search_lag: Duration,
    /// How long a BigMailer batch takes, in world time.
    pub batch_time: Duration,
    /// Loopback port of the HighLevel service; 0 is any free one.
    pub ghl_port: u16,
    /// Loopback port of the BigMailer service; 0 is any free one.
    pub bigmailer_port: u16,
    /// Loopback port of the admin address; 0 is any free one.
    pub admin_port: u16,
    /// Fault rules: `SERVICE:METHOD:PATH-FRAGMENT@N[xCOUNT]=ACTION`.
    pub faults: Vec<String>,
    /// Behaviours that the vendors leave open.
    pub quirks: Quirks,
    /// Where the world is kept between runs; None keeps it in memory only.
    pub dir: Option<PathBuf>,
    /// Starts the BigMailer brand without contacts; fields and lists stay.
    pub empty_brand: bool,
    /// File to which every exchange with a service is added as it went over the wire, for checks
    /// against the vendors' documents; `record` says in what form. None: nothing is written.
    pub record: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            contacts: 250,
            seed: 1,
            latency: Duration::ZERO,
            limits: true,
            search_lag: Duration::ZERO,
            batch_time: Duration::from_millis(200),
            ghl_port: 0,
            bigmailer_port: 0,
            admin_port: 0,
            faults: Vec::new(),
            quirks: Quirks::default(),
            dir: None,
            empty_brand: false,
            record: None,
        }
    }
}

/// Why a sandbox could not be started.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The port is taken or may not be used.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Bind {
        /// The port asked for.
        port: u16,
        /// What the system says.
        source: std::io::Error,
    },
    /// A fault rule is malformed; the text names the rule and what is wrong with it.
    #[error("{0}")]
    Fault(String),
    /// A file or directory of the world cannot be read or written.
    #[error("cannot use {}", path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another process has the world open.
    #[error("the sandbox directory {} is in use by another process", path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// What a file of the world says makes no sense.
    #[error("the sandbox world in {} cannot be read: {reason}", path.display())]
    World {
        /// The file or directory.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The server's threads could not be started.
    #[error("cannot start the sandbox's threads")]
    Threads(#[source] std::io::Error),
}

/// The running services. Dropping it closes the listeners, ends the threads and tidies the directory.
#[derive(Debug)]
pub struct Sandbox {
    world: Arc<World>,
    runtime: Option<Runtime>,
}

impl Sandbox {
    /// Starts both services and the admin address.
    pub fn start(options: Options) -> Result<Self, Error> {
        let bind = |port| {
            let listener = server::bind(port).map_err(|source| Error::Bind { port, source })?;
            let address = listener
                .local_addr()
                .map_err(|source| Error::Bind { port, source })?;
            Ok((listener, address))
        };
        let (ghl, ghl_at) = bind(options.ghl_port)?;
        let (bigmailer, bigmailer_at) = bind(options.bigmailer_port)?;
        let (admin, admin_at) = bind(options.admin_port)?;
        let urls = [
            format!("http://{ghl_at}"),
            format!("http://{bigmailer_at}/v1"),
            format!("http://{admin_at}"),
        ];
        let recorder = match &options.record {
            None => None,
            Some(path) => {
                let open = Recorder::open(path).map_err(|source| Error::File {
                    path: path.clone(),
                    source,
                })?;
                Some(Arc::new(open))
            }
        };
        let world = Arc::new(World::new(&options, urls)?);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("sandbox")
            .enable_all()
            .build()
            .map_err(Error::Threads)?;
        for (listener, service) in [
            (ghl, Some(Service::Ghl)),
            (bigmailer, Some(Service::BigMailer)),
            (admin, None),
        ] {
            let handling = match service {
                Some(service) => Handling {
                    responder: serve(&world, service),
                    recorder: recorder.clone().map(|to| (to, service.name())),
                },
                None => Handling {
                    responder: serve_admin(&world),
                    recorder: None,
                },
            };
            server::listen(runtime.handle(), listener, handling).map_err(Error::Threads)?;
        }
        Ok(Self {
            world,
            runtime: Some(runtime),
        })
    }

    /// Base URL of the HighLevel service, without a slash at the end.
    pub fn ghl_url(&self) -> String {
        self.world.urls()[0].clone()
    }

    /// Base URL of the BigMailer service; ends in `/v1`.
    pub fn bigmailer_url(&self) -> String {
        self.world.urls()[1].clone()
    }

    /// Base URL of the admin address, without a slash at the end.
    pub fn admin_url(&self) -> String {
        self.world.urls()[2].clone()
    }

    /// A private integration token with every scope.
    pub fn ghl_token(&self) -> &str {
        seed::GHL_TOKEN
    }

    /// A private integration token that may read everything and write nothing.
    pub fn ghl_readonly_token(&self) -> &str {
        seed::GHL_READONLY_TOKEN
    }

    /// Client id of the only OAuth app; made from the seed, kept with the world.
    pub fn client_id(&self) -> String {
        self.of_app(|app| app.settings.client_id.clone())
    }

    /// Client secret of the app.
    pub fn client_secret(&self) -> String {
        self.of_app(|app| app.settings.client_secret.clone())
    }

    /// What install links of the app carry as `version_id`.
    pub fn app_version_id(&self) -> String {
        self.of_app(|app| app.settings.version_id.clone())
    }

    /// The authorize page of OAuth, without a query.
    pub fn authorize_url(&self) -> String {
        format!("{}/v2/oauth/chooselocation", self.ghl_url())
    }

    /// How often the OAuth calls have been answered since the world was made.
    pub fn token_counts(&self) -> TokenCounts {
        self.of_app(|app| app.counts)
    }

    fn of_app<T>(&self, take: impl FnOnce(&App) -> T) -> T {
        // Nothing is changed, so there is nothing that the journal could fail to keep.
        self.world.with_ghl(|location| take(&location.app)).0
    }

    /// An API key with every permission.
    pub fn bigmailer_key(&self) -> &str {
        seed::BIGMAILER_KEY
    }

    /// The location that the token belongs to.
    pub fn location_id(&self) -> &str {
        seed::LOCATION_ID
    }

    /// The account's only brand.
    pub fn brand_id(&self) -> &str {
        seed::BRAND_ID
    }

    /// Every request to either service so far, in order of arrival.
    pub fn requests(&self) -> Vec<Logged> {
        self.world.traffic.log()
    }

    /// Most requests that `ghl` or `bigmailer` had under way at once, refused ones included.
    pub fn max_in_flight(&self, service: &str) -> usize {
        self.world.traffic.most_in_flight(service)
    }

    /// Asks the admin address without HTTP; `path` may carry a query. Gives status and body.
    pub fn admin(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        admin::answer(&self.world, &Request::new(method, path), body)
    }

    /// Makes the n-th request from now on (1 is the next, both services counted together) stand still.
    pub fn hold_at(&self, n: usize, phase: Phase) -> Hold {
        self.world.traffic.hold_at(n, phase)
    }

    /// Stops; the same as dropping it.
    pub fn stop(self) {}
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            if tokio::runtime::Handle::try_current().is_ok() {
                // Waiting is not allowed inside somebody else's runtime.
                runtime.shutdown_background();
            } else {
                runtime.shutdown_timeout(Duration::from_secs(5));
            }
        }
        // If this fails the journal still holds everything, and the next start tidies up.
        let _ = self.world.compact();
    }
}

fn serve(world: &Arc<World>, service: Service) -> Responder {
    let world = Arc::clone(world);
    Arc::new(move |request| {
        let world = Arc::clone(&world);
        Box::pin(async move { world.serve(service, request).await })
    })
}

fn serve_admin(world: &Arc<World>) -> Responder {
    let world = Arc::clone(world);
    Arc::new(move |mut request| {
        let content = std::mem::replace(&mut request.content, Content::Empty);
        let (status, body) = match content {
            Content::Json(body) => admin::answer(&world, &request, body),
            Content::Empty => admin::answer(&world, &request, Value::Null),
            Content::Broken(why) => (400, json!({"error": why})),
        };
        let answer = Answer::json(status, &body);
        Box::pin(std::future::ready(Reply {
            answer,
            ending: Ending::Whole,
        }))
    })
}

#[cfg(test)]
mod tests;
