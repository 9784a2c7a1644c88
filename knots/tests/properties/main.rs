//! Promises about every link: the moves that do not change it, the polynomial's own relations, and codes that read back.

mod codes;
mod draws;
mod large;
mod moves;
mod polynomials;
mod representations;
mod roots;
