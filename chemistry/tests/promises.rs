//! What the chemistry library promises, checked from outside: other programs' operators, dense linear algebra, bad input.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "promises/ansaetze.rs"]
mod ansaetze;
#[path = "promises/dense.rs"]
mod dense;
#[path = "promises/encodings.rs"]
mod encodings;
#[path = "promises/fcidump.rs"]
mod fcidump;
#[path = "promises/formats.rs"]
mod formats;
#[path = "promises/lattices.rs"]
mod lattices;
#[path = "promises/molecules.rs"]
mod molecules;
#[path = "promises/published.rs"]
mod published;
#[path = "promises/tapering.rs"]
mod tapering;
