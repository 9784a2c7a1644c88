//! Programs as data: gates, circuits, observables, OpenQASM and drawings.
