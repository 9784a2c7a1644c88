//! What is learnt on some problems and used on others.

pub mod family;
pub mod reptile;

#[cfg(test)]
mod tests;
