#![deny(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used)]
#![allow(dead_code)]
pub(crate) mod api;
pub(crate) mod contact;
pub(crate) mod remote;
pub(crate) mod stop;
