//! Minimisation of a function of several real variables.
