//! `ghl-bm sandbox`: the two fake services for scripts and CI. Start reading at [`run`].

use std::time::Duration;

use clap::Args;
use serde_json::json;

use crate::sandbox::{Options, Quirks, Sandbox};

use super::context::{Context, watch_signals};
use super::error::{CliError, Exit};

/// Serve the two fake services on loopback until Ctrl-C
///
/// Prints the addresses and made-up credentials as shell `export` lines (or JSON with --json), so
/// that scripts and CI can run ghl-bm against them. The admin address shows and edits the world.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ghl-bm sandbox --ghl-port 4010 --bigmailer-port 4011 > env.sh &
  sleep 1; . ./env.sh
  ghl-bm sandbox --contacts 10000 --latency 150
  ghl-bm sandbox --fault 'bigmailer:POST:/contacts/batches@1=cut-after'
  curl -s $GHL_BM_SANDBOX_ADMIN_URL/world

Faults are SERVICE:METHOD:PATH-PART@N[xCOUNT]=ACTION: the Nth matching request (and COUNT in all) \
is answered by ACTION, such as 429, 429-after:SECONDS, 500, 503, cut-before, cut-after, truncate, \
html, repeat-page, loop-cursor, unauthorized, scope, wrong-location, bad-key, daily-quota, slow:MS.")]
pub struct SandboxArgs {
    /// Port of the HighLevel service
    #[arg(long, value_name = "P", default_value_t = 4010)]
    ghl_port: u16,
    /// Port of the BigMailer service
    #[arg(long, value_name = "P", default_value_t = 4011)]
    bigmailer_port: u16,
    /// Port of the admin address
    #[arg(long, value_name = "P", default_value_t = 4012)]
    admin_port: u16,
    /// Contacts in the HighLevel location
    #[arg(long, value_name = "N", default_value_t = 250)]
    contacts: usize,
    /// The same seed makes the same world
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Milliseconds that every request takes
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// Milliseconds that a BigMailer batch takes
    #[arg(long, value_name = "MS", default_value_t = 200)]
    batch_time: u64,
    /// Switch the rate limits off
    #[arg(long)]
    no_limits: bool,
    /// Seconds by which HighLevel's search index is behind
    #[arg(long, value_name = "S", default_value_t = 0)]
    search_lag: u64,
    /// Start with a BigMailer brand without contacts
    #[arg(long)]
    empty_brand: bool,
    /// Make the Nth matching request go wrong; repeat for more
    #[arg(long = "fault", value_name = "RULE")]
    faults: Vec<String>,
    /// Choose between behaviours that the vendors leave open, such as page-cap=100; repeat for more
    #[arg(long = "quirk", value_name = "NAME=VALUE")]
    quirks: Vec<String>,
}

pub fn run(context: &Context, args: SandboxArgs) -> Result<Exit, CliError> {
    let mut quirks = Quirks::default();
    for quirk in &args.quirks {
        quirks.set(quirk).map_err(CliError::usage)?;
    }
    let sandbox = Sandbox::start(Options {
        contacts: args.contacts,
        seed: args.seed,
        latency: Duration::from_millis(args.latency),
        limits: !args.no_limits,
        search_lag: Duration::from_secs(args.search_lag),
        batch_time: Duration::from_millis(args.batch_time),
        ghl_port: args.ghl_port,
        bigmailer_port: args.bigmailer_port,
        admin_port: args.admin_port,
        faults: args.faults,
        quirks,
        dir: context
            .globals
            .sandbox_dir
            .as_ref()
            .map(|dir| dir.join("world")),
        empty_brand: args.empty_brand,
        record: None,
    })
    .map_err(|e| {
        CliError::new(
            Exit::Failed,
            "sandbox",
            format!("{:#}", anyhow::Error::from(e)),
        )
    })?;
    watch_signals(&context.stop);
    let (ghl, bigmailer, admin) = (
        sandbox.ghl_url(),
        sandbox.bigmailer_url(),
        sandbox.admin_url(),
    );
    let (token, key) = (
        sandbox.ghl_token().to_owned(),
        sandbox.bigmailer_key().to_owned(),
    );
    let (location, brand) = (
        sandbox.location_id().to_owned(),
        sandbox.brand_id().to_owned(),
    );
    let (client_id, client_secret) = (sandbox.client_id(), sandbox.client_secret());
    let authorize = sandbox.authorize_url();
    let lines = if context.globals.json {
        json!({
            "schema_version": 1,
            "command": "sandbox",
            "ghl_url": ghl,
            "bigmailer_url": bigmailer,
            "admin_url": admin,
            "ghl_token": token,
            "bigmailer_api_key": key,
            "location_id": location,
            "brand_id": brand,
            "client_id": client_id,
            "client_secret": client_secret,
            "ghl_authorize_url": authorize,
        })
        .to_string()
    } else {
        [
            ("GHL_BM_GHL_URL", ghl),
            ("GHL_BM_BIGMAILER_URL", bigmailer),
            ("GHL_BM_GHL_TOKEN", token),
            ("GHL_BM_BIGMAILER_API_KEY", key),
            ("GHL_BM_SANDBOX_ADMIN_URL", admin),
            ("GHL_BM_SANDBOX_LOCATION_ID", location),
            ("GHL_BM_SANDBOX_BRAND_ID", brand),
            ("GHL_BM_SANDBOX_CLIENT_ID", client_id),
            ("GHL_BM_SANDBOX_CLIENT_SECRET", client_secret),
            ("GHL_BM_GHL_AUTHORIZE_URL", authorize),
        ]
        .map(|(name, value)| format!("export {name}='{value}'"))
        .join("\n")
    };
    context.ui.data(&lines)?;
    context
        .ui
        .info("serving until Ctrl-C; nothing leaves this machine");
    while context.stop.wait(Duration::from_secs(3600)).is_none() {}
    sandbox.stop();
    Ok(Exit::Done)
}
