//! The engine against two services in memory.
//!
//! `world` are the services, `bench` runs the engine over them, `scenarios` tells single stories,
//! `two_way` those of both directions, `events` those of notes, tasks and mails, `broken` the same with failing services, `machine` plays random ones.

mod bench;
mod broken;
mod events;
mod machine;
mod scenarios;
mod two_way;
mod world;
