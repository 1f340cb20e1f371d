//! Everything that speaks HTTP: one send loop, its pacing, and one client for each service.
//!
//! The two clients never name each other, and nobody outside this room sees a vendor's JSON.
//! Start reading at [`http::Http::send`] for the manners, at [`ghl::Ghl`] or
//! [`bigmailer::Bigmailer`] for a vendor's paths and quirks, and at [`raw::Raw`] for calls that
//! somebody wrote by hand.

// The clients can do whatever docs/endpoints.md lists; commands use what they need of it.
#[allow(dead_code)]
pub mod bigmailer;
#[allow(dead_code)]
pub mod ghl;
pub mod http;
pub mod pace;
pub mod raw;
#[cfg(test)]
mod scripted;
