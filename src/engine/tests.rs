//! The engine against two services in memory.
//!
//! `world` are the services, `bench` runs the engine over them, `scenarios` tells single stories,
//! `two_way` those of both directions, `events` those of notes, tasks and mails, `derived` those of what
//! hangs on contacts (`attached`), `broken` the same with failing services, `saved` those of plans in
//! files, `undo` those of runs that are undone, `machine` and `machine_two_way` play random ones.

mod attached;
mod bench;
mod broken;
mod derived;
mod events;
mod machine;
mod machine_two_way;
mod saved;
mod scenarios;
mod two_way;
mod undo;
mod world;
