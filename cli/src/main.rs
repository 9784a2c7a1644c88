//! The qloom binary.
fn main() {}
