//! qloom
