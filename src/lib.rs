#![deny(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used)]
#![allow(dead_code)]
pub(crate) mod api;
pub(crate) mod cli;
pub(crate) mod contact;
pub(crate) mod credentials;
pub(crate) mod engine;
pub(crate) mod fit;
pub(crate) mod mapping;
pub(crate) mod plan;
pub(crate) mod profiles;
pub(crate) mod remote;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub(crate) mod state;
pub(crate) mod stop;
pub(crate) mod ui;

pub use cli::run;
