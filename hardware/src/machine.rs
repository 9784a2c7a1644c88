//! Machines by name: a table of gates and coupling maps, without calibration data.

use qloom_circuits::Gate;

use crate::device::Device;
use crate::error::HardwareError;

/// The most qubits of a machine of any size, and of a device to compile for.
pub(crate) const LARGEST: usize = 10_000;

/// Native gates of superconducting machines that have no name of their own.
pub(crate) const SUPERCONDUCTING: [Gate; 4] = [Gate::Rz, Gate::Sx, Gate::X, Gate::Cz];

/// Number of qubits and couplings.
type CouplingMap = (usize, Vec<[usize; 2]>);

/// One machine of a fixed name.
struct Machine {
    name: &'static str,
    gates: &'static [Gate],
    /// Any number of qubits, all coupled, if none.
    map: Option<fn() -> CouplingMap>,
}

const MACHINES: [Machine; 6] = [
    Machine { name: "heron", gates: &SUPERCONDUCTING, map: Some(|| heavy_hex(8, 16, &[3, 7, 11, 15], &[1, 5, 9, 13], 0, 0)) },
    Machine {
        name: "eagle",
        gates: &[Gate::Rz, Gate::Sx, Gate::X, Gate::Ecr],
        map: Some(|| heavy_hex(7, 15, &[0, 4, 8, 12], &[2, 6, 10, 14], 1, 1)),
    },
    Machine { name: "falcon", gates: &[Gate::Rz, Gate::Sx, Gate::X, Gate::Cx], map: Some(|| (27, FALCON.to_vec())) },
    Machine { name: "trapped-ion", gates: &[Gate::Rz, Gate::Prx, Gate::Rzz], map: None },
    Machine { name: "ionq", gates: &[Gate::Gpi, Gate::Gpi2, Gate::Ms], map: None },
    Machine { name: "all-to-all", gates: &SUPERCONDUCTING, map: None },
];

impl Device {
    /// Names that [`Device::from_name`] knows; `N` and `M` stand for numbers.
    pub const NAMES: [&str; 9] =
        ["heron", "eagle", "falcon", "trapped-ion", "ionq", "grid-NxM", "line-N", "ring-N", "all-to-all"];

    /// A machine by its name, without calibration data.
    ///
    /// `heron`: 156 qubits, heavy hexagons, rz sx x cz. `eagle`: 127, heavy hexagons, rz sx x ecr. `falcon`: 27, heavy
    /// hexagons, rz sx x cx. `trapped-ion`: rz, prx, rzz between all pairs. `ionq`: gpi, gpi2, ms between all pairs.
    /// `grid-3x4`, `line-5`, `ring-6`, `all-to-all`: rz sx x cz.
    ///
    /// # Errors
    /// For another name.
    ///
    /// ```
    /// let falcon = qloom_hardware::Device::from_name("falcon")?;
    /// assert_eq!(falcon.num_qubits, Some(27));
    /// # Ok::<(), qloom_hardware::HardwareError>(())
    /// ```
    pub fn from_name(name: &str) -> Result<Self, HardwareError> {
        let unknown = || HardwareError::UnknownMachine { name: name.to_owned() };
        let (gates, map) = match MACHINES.iter().find(|machine| machine.name == name) {
            Some(machine) => (machine.gates, machine.map.map(|map| map())),
            None => (&SUPERCONDUCTING[..], Some(sized(name).ok_or_else(unknown)?)),
        };
        let mut device = Device::new(name);
        device.gates = Some(gates.to_vec());
        (device.num_qubits, device.couplings) = map.unzip();
        // a diagonal gate of these machines is a change of phase of later pulses
        device.virtual_z = gates.contains(&Gate::Rz);
        Ok(device)
    }
}

/// Qubits and couplings of a machine whose name holds its size.
fn sized(name: &str) -> Option<CouplingMap> {
    let size = |text: &str| text.parse::<usize>().ok().filter(|size| (1..=LARGEST).contains(size));
    let (shape, text) = name.split_once('-')?;
    match shape {
        "grid" => {
            let (rows, columns) = text.split_once('x')?;
            let (rows, columns) = (size(rows)?, size(columns)?);
            (rows * columns <= LARGEST).then(|| (rows * columns, grid(rows, columns)))
        }
        "line" => size(text).map(|count| (count, (1..count).map(|k| [k - 1, k]).collect())),
        "ring" => size(text).filter(|count| *count >= 3).map(|count| (count, (0..count).map(|k| [k, (k + 1) % count]).collect())),
        _ => None,
    }
}

fn grid(rows: usize, columns: usize) -> Vec<[usize; 2]> {
    let at = |row: usize, column: usize| row * columns + column;
    let across = (0..rows).flat_map(|row| (1..columns).map(move |column| [at(row, column - 1), at(row, column)]));
    let down = (1..rows).flat_map(|row| (0..columns).map(move |column| [at(row - 1, column), at(row, column)]));
    across.chain(down).collect()
}

/// Rows joined by single qubits at these columns, in turn; the first row may lack its last qubits, the last row its first.
fn heavy_hex(rows: usize, columns: usize, even: &[usize], odd: &[usize], first_lacks: usize, last_lacks: usize) -> CouplingMap {
    let mut index = std::collections::BTreeMap::new();
    let mut count = 0;
    let mut couplings = Vec::new();
    for row in 0..rows {
        let start = if row + 1 == rows { last_lacks } else { 0 };
        let end = if row == 0 { columns - first_lacks } else { columns };
        for column in start..end {
            index.insert((row, column), count);
            if column > start {
                couplings.push([count - 1, count]);
            }
            count += 1;
        }
        if row > 0 {
            for &column in if row % 2 == 1 { even } else { odd } {
                let bridge = index[&(rows + row, column)];
                couplings.push([bridge, index[&(row, column)]]);
            }
        }
        if row + 1 < rows {
            for &column in if row % 2 == 0 { even } else { odd } {
                couplings.push([index[&(row, column)], count]);
                index.insert((rows + row + 1, column), count);
                count += 1;
            }
        }
    }
    (count, couplings)
}

const FALCON: [[usize; 2]; 28] = [
    [0, 1],
    [1, 2],
    [1, 4],
    [2, 3],
    [3, 5],
    [4, 7],
    [5, 8],
    [6, 7],
    [7, 10],
    [8, 9],
    [8, 11],
    [10, 12],
    [11, 14],
    [12, 13],
    [12, 15],
    [13, 14],
    [14, 16],
    [15, 18],
    [16, 19],
    [17, 18],
    [18, 21],
    [19, 20],
    [19, 22],
    [21, 23],
    [22, 25],
    [23, 24],
    [24, 25],
    [25, 26],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_gives_its_machine() {
        let superconducting = |entangler| vec![Gate::Rz, Gate::Sx, Gate::X, entangler];
        let table = [
            ("heron", superconducting(Gate::Cz), Some(156), Some(176)),
            ("eagle", superconducting(Gate::Ecr), Some(127), Some(144)),
            ("falcon", superconducting(Gate::Cx), Some(27), Some(28)),
            ("trapped-ion", vec![Gate::Rz, Gate::Prx, Gate::Rzz], None, None),
            ("ionq", vec![Gate::Gpi, Gate::Gpi2, Gate::Ms], None, None),
            ("grid-3x4", superconducting(Gate::Cz), Some(12), Some(17)),
            ("line-1", superconducting(Gate::Cz), Some(1), Some(0)),
            ("line-5", superconducting(Gate::Cz), Some(5), Some(4)),
            ("ring-6", superconducting(Gate::Cz), Some(6), Some(6)),
            ("all-to-all", superconducting(Gate::Cz), None, None),
        ];
        // every name is listed, and every listed name is tried: shapes with one size at least
        assert!(MACHINES.iter().all(|machine| Device::NAMES.contains(&machine.name)));
        for name in Device::NAMES {
            let shape = name.trim_end_matches("NxM").trim_end_matches('N');
            assert!(table.iter().any(|(tried, ..)| tried.starts_with(shape)), "{name} is not in this table");
        }
        for (name, gates, qubits, couplings) in table {
            let device = Device::from_name(name).expect(name);
            assert_eq!(device.gates, Some(gates), "{name}");
            assert_eq!((device.num_qubits, device.couplings.map(|list| list.len())), (qubits, couplings), "{name}");
            assert!(device.gate.is_empty() && device.qubit.is_none(), "{name} has no calibration data");
        }
        for name in ["eggle", "", "line-0", "ring-2", "grid-3", "grid-200x200", "line-99999", "heron-2"] {
            let message = Device::from_name(name).expect_err(name).to_string();
            assert!(message.contains("heron") && message.contains("grid-NxM"), "{message}");
        }
    }

    /// Heavy hexagons: no qubit has more than three neighbours, and no two of three are neighbours.
    #[test]
    fn maps_are_heavy_hexagons() {
        for name in ["heron", "eagle", "falcon"] {
            let device = Device::from_name(name).expect(name);
            let couplings = device.couplings.clone().expect("a map");
            let degree = |qubit: usize| couplings.iter().filter(|pair| pair.contains(&qubit)).count();
            for &[a, b] in &couplings {
                assert!(a < b || name != "falcon", "{name}");
                assert!(degree(a) <= 3 && degree(b) <= 3 && degree(a).min(degree(b)) <= 2, "{name}: {a} {b}");
            }
        }
    }
}
