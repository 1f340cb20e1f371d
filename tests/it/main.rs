//! The program as a whole: the real binary against the sandbox, in an environment of its own.
//!
//! One test binary with a module per subject, all built on [`env`]. Nothing here reaches beyond
//! loopback (but `live`, when somebody names real accounts), and nothing waits by sleeping: requests
//! are held, world time is moved. A file that is not listed below fails `tidy`.
//! `GHL_BM_UPDATE=1 cargo test` renews the generated files.

mod api;
mod auth;
mod cli;
mod completions;
mod contract;
mod contract_traffic;
mod docs;
mod endpoints;
mod env;
#[cfg(unix)]
mod every;
mod everyday;
mod explain;
mod forget;
mod kill;
mod live;
mod live_bigmailer;
mod live_ghl;
mod machine;
mod map;
mod messages;
#[cfg(unix)]
mod packaging;
mod plans;
mod probe;
mod profiles;
mod pull;
mod pull_resume;
mod pull_things;
mod push;
mod push_files;
mod quirks;
mod readme;
mod reports;
mod scenarios;
#[cfg(target_os = "linux")]
mod shells;
mod sync;
mod tidy;
mod trouble;
mod two_way;
mod undo;
