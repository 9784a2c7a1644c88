//! Drawings of circuits: text, SVG and LaTeX, from the glyphs of the gate table.

mod label;
mod layout;
mod quantikz;
mod svg;
mod text;

use crate::circuit::Circuit;

/// Draws with box characters, one line a qubit and one between; longer rows than `width` characters are folded.
///
/// ```
/// use qloom_circuits::{Circuit, draw};
/// let mut circuit = Circuit::new(2);
/// circuit.h(0).cx(0, 1);
/// assert_eq!(draw::text(&circuit, 80), "q[0]: ─[H]──●─\n            │\nq[1]: ──────⊕─\n");
/// ```
pub fn text(circuit: &Circuit, width: usize) -> String {
    text::draw(&layout::Layout::new(circuit), width)
}

/// Draws as a standalone SVG file; rows longer than `width` pixels are folded.
pub fn svg(circuit: &Circuit, width: usize) -> String {
    svg::draw(&layout::Layout::new(circuit), width)
}

/// Draws as a `quantikz` environment for LaTeX (package quantikz2).
pub fn quantikz(circuit: &Circuit) -> String {
    quantikz::draw(&layout::Layout::new(circuit))
}

#[cfg(test)]
mod tests;
