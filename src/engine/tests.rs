//! The engine against two services in memory.
//!
//! `world` are the services, `bench` runs the engine over them, `scenarios` tells single stories,
//! `two_way` those of both directions, `events` those of notes, tasks and mails, `broken` the same with failing services, `machine` and `machine_two_way` play random ones.

mod bench;
mod broken;
mod events;
mod machine;
mod machine_two_way;
mod scenarios;
mod two_way;
mod world;
