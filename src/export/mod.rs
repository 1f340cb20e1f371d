//! Rows on their way into a file or a pipe: their shape, their order, and files that appear only
//! when they are complete and can be gone on with when they are not.
//!
//! Knows cells, bytes and places; never heard of a service, a contact or a flag. The way of a row:
//! [`Shape::open`] makes it of cells, a [`Sorter`] holds it back until its turn, [`Shape::close`]
//! completes it, a [`Target`] takes it. Start reading at [`Shape`].

mod order;
mod part;
mod records;
mod shape;
mod target;

pub use order::{Key, SortError, Sorter};
pub use part::Unfit;
pub use records::{next_record, record};
pub use shape::{Cell, Format, Frame, Shape};
pub use target::{ExportError, Target};
