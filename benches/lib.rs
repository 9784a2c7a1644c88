//! Benches of qloom: each bench answers one question in physical units.
