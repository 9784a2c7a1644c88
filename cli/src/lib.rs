//! The qloom command line as a library.
