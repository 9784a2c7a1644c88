//! Compilation: circuits in the native gates of a device, on its qubits.

mod clifford;
mod cost;
mod dress;
mod elide;
mod embed;
mod emit;
mod exchange;
mod gather;
mod island;
mod item;
mod layout;
mod loosen;
mod machine;
mod native;
mod order;
mod place;
mod route;
mod routed;

use qloom_circuits::Circuit;

use crate::device::Device;
use crate::error::HardwareError;

/// How hard to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompileOptions {
    /// 0: translate and route; 1: also join gates on the same qubits; 2: also across gates that commute, swaps as new
    /// names, no phases before measurements, and more layouts tried; 3: many more layouts.
    pub level: u8,
    /// Fixes every random choice.
    pub seed: u64,
}

impl Default for CompileOptions {
    fn default() -> Self {
        Self { level: 2, seed: 0 }
    }
}

/// A circuit in native gates on physical qubits.
#[derive(Clone, Debug, PartialEq)]
pub struct Compiled {
    /// Does the same as the circuit given, qubits renamed by the layouts, global phase included; but from level 2 on
    /// phases that no measurement shows are left out.
    pub circuit: Circuit,
    /// The physical qubit where each qubit begins.
    pub initial_layout: Vec<usize>,
    /// The physical qubit where each qubit ends.
    pub final_layout: Vec<usize>,
    /// What was assumed about the device because its file does not say it.
    pub assumptions: Vec<String>,
}

/// Compiles a circuit for a device.
///
/// Gates on two qubits are joined to blocks, and each block is made anew with the fewest native gates by its Weyl
/// decomposition; one-qubit gates between are joined to one. Where qubits are not coupled, swaps are put in by the
/// method of Li, Ding and Xie (SABRE, arXiv:1809.02573), after a search for a layout that needs none. Free parameters stay
/// free. Where the device has calibration data, layouts and routes are weighted by the errors of its two-qubit gates, and each block
/// takes the gate of its pair that makes it with the smallest error. The same arguments give the same circuit.
///
/// # Errors
/// When the circuit has more qubits than the device, has noise, or conditions on bits that their own block measures, or
/// when the device is not sound.
///
/// ```
/// use qloom_hardware::{CompileOptions, Device, compile};
/// let circuit = qloom_circuits::library::ghz(3);
/// let device = Device::from_name("line-3").unwrap();
/// let compiled = compile(&circuit, &device, &CompileOptions::default()).unwrap();
/// assert_eq!(compiled.circuit.two_qubit_gates(), 2);
/// ```
pub fn compile(circuit: &Circuit, device: &Device, options: &CompileOptions) -> Result<Compiled, HardwareError> {
    let machine = machine::Machine::new(device, circuit.num_qubits())?;
    let mut items = item::lower(circuit)?;
    let num_qubits = circuit.num_qubits();
    if options.level >= 2 {
        items = elide::phases_before_measurement(items, num_qubits);
    }
    if options.level >= 1 {
        items = gather::consolidate(items, options.level >= 2);
    }
    let mut costs = cost::Costs::default();
    let mut search = |items: &[item::Item], level: u8| {
        layout::search(num_qubits, items, &machine, &CompileOptions { level, ..*options }, &mut costs)
    };
    let (plan, names) = if options.level < 2 {
        (search(&items, options.level)?, (0..num_qubits).collect())
    } else {
        let mut best: Option<(layout::Plan, Vec<usize>)> = None;
        let mut tried = Vec::new();
        for swapped in [elide::Swapped::Whole, elide::Swapped::Large, elide::Swapped::All] {
            let (list, names) = elide::swaps(items.clone(), num_qubits, swapped, &machine);
            let list = loosen::loosen(gather::consolidate(list, true));
            if tried.contains(&names) {
                // No block is near a swap: the search would be the same.
                continue;
            }
            // what a lower level finds, a higher one finds too
            for level in 2..=options.level.min(3) {
                let plan = search(&list, level)?;
                if best.as_ref().is_none_or(|(other, _)| plan.cost < other.cost) {
                    best = Some((plan, names.clone()));
                }
            }
            tried.push(names);
        }
        let (mut plan, names) = best.expect("the first search was kept");
        layout::with_windows(&mut plan, &machine, &mut costs);
        (plan, names)
    };
    let mut native = emit::Emitter::new(&machine, circuit);
    plan.items.iter().try_for_each(|item| native.emit(item))?;
    let final_layout = names.into_iter().map(|name| plan.last[name]).collect();
    let circuit = native.finish()?;
    Ok(Compiled { circuit, initial_layout: plan.initial, final_layout, assumptions: machine.assumptions })
}

/// Whether these native gates make every one-qubit gate.
pub(crate) fn makes_one_qubit_gates(gates: &[qloom_circuits::Gate]) -> bool {
    native::Basis::of(gates).is_some()
}

#[cfg(test)]
mod tests;
