//! Architecture search: circuits built gate by gate.
