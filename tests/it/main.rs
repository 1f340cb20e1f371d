//! The program as a whole: the real binary against the sandbox, in an environment of its own.
//!
//! One test binary with a module per subject, all built on [`env`]. Nothing here reaches beyond
//! loopback (but `live`, when somebody names real accounts), and nothing waits by sleeping: requests
//! are held, world time is moved. A file that is not listed below fails `tidy`.
//! `GHL_BM_UPDATE=1 cargo test` renews the generated files.

mod api;
mod cli;
mod completions;
mod contract;
mod contract_traffic;
mod endpoints;
mod env;
mod kill;
mod live;
mod live_bigmailer;
mod live_ghl;
mod pull;
mod pull_resume;
mod pull_things;
mod push;
mod quirks;
mod readme;
mod scenarios;
mod sync;
mod tidy;
mod trouble;
mod two_way;
