//! Machines as data.

use serde::{Deserialize, Serialize};

use super::native::{Basis, Entangler};
use crate::error::HardwareError;
use qloom_circuits::Gate;

/// A machine: its native gates and which qubits they can join.
///
/// Reads and writes with serde, for example as TOML: `name = "mine"`, `gates = ["rz", "sx", "x", "cz"]`, `num_qubits = 2`,
/// `couplings = [[0, 1]]`, `errors = [0.01]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// What it is called.
    pub name: String,
    /// Native gates; measurement, reset and delay are always there.
    pub gates: Vec<Gate>,
    /// Number of qubits; as many as the circuit has when absent.
    #[serde(default)]
    pub num_qubits: Option<usize>,
    /// Pairs that a two-qubit gate joins, in this order where the gate tells its qubits apart; all pairs when absent.
    #[serde(default)]
    pub couplings: Option<Vec<[usize; 2]>>,
    /// Error probability of each coupling.
    #[serde(default)]
    pub errors: Option<Vec<f64>>,
}

impl Target {
    /// Names that [`Target::from_name`] knows; `N` and `M` stand for numbers.
    pub const NAMES: [&str; 9] =
        ["heron", "eagle", "falcon", "trapped-ion", "ionq", "grid-NxM", "line-N", "ring-N", "all-to-all"];

    /// A machine by its name.
    ///
    /// `heron`: 156 qubits, heavy hexagons, rz sx x cz. `eagle`: 127, heavy hexagons, rz sx x ecr. `falcon`: 27, heavy
    /// hexagons, rz sx x cx. `trapped-ion`: rz, prx, rzz between all pairs. `ionq`: gpi, gpi2, ms between all pairs.
    /// `grid-3x4`, `line-5`, `ring-6`, `all-to-all`: rz sx x cz.
    ///
    /// # Errors
    /// For another name.
    pub fn from_name(name: &str) -> Result<Self, HardwareError> {
        let superconducting = |entangler| vec![Gate::Rz, Gate::Sx, Gate::X, entangler];
        let map = |gates, num_qubits, couplings| Self {
            name: name.to_string(),
            gates,
            num_qubits: Some(num_qubits),
            couplings: Some(couplings),
            errors: None,
        };
        let free = |gates| Self { name: name.to_string(), gates, num_qubits: None, couplings: None, errors: None };
        let size = |text: &str| text.parse::<usize>().ok().filter(|size| (1..=10_000).contains(size));
        let unknown = || HardwareError::UnknownTarget { name: name.to_string() };
        if let Some((rows, columns)) = name.strip_prefix("grid-").and_then(|text| text.split_once('x')) {
            let (Some(rows), Some(columns)) = (size(rows), size(columns)) else { return Err(unknown()) };
            if rows * columns > 10_000 {
                return Err(unknown());
            }
            return Ok(map(superconducting(Gate::Cz), rows * columns, grid(rows, columns)));
        }
        if let Some(count) = name.strip_prefix("line-").and_then(size) {
            return Ok(map(superconducting(Gate::Cz), count, (1..count).map(|k| [k - 1, k]).collect()));
        }
        if let Some(count) = name.strip_prefix("ring-").and_then(size).filter(|count| *count >= 3) {
            return Ok(map(superconducting(Gate::Cz), count, (0..count).map(|k| [k, (k + 1) % count]).collect()));
        }
        match name {
            "heron" => {
                let (count, couplings) = heavy_hex(8, 16, &[3, 7, 11, 15], &[1, 5, 9, 13], 0, 0);
                Ok(map(superconducting(Gate::Cz), count, couplings))
            }
            "eagle" => {
                let (count, couplings) = heavy_hex(7, 15, &[0, 4, 8, 12], &[2, 6, 10, 14], 1, 1);
                Ok(map(superconducting(Gate::Ecr), count, couplings))
            }
            "falcon" => Ok(map(superconducting(Gate::Cx), 27, FALCON.to_vec())),
            "trapped-ion" => Ok(free(vec![Gate::Rz, Gate::Prx, Gate::Rzz])),
            "ionq" => Ok(free(vec![Gate::Gpi, Gate::Gpi2, Gate::Ms])),
            "all-to-all" => Ok(free(superconducting(Gate::Cz))),
            _ => Err(unknown()),
        }
    }

    /// The machine with everything worked out, for a circuit of `given` qubits.
    pub(super) fn check(&self, given: usize) -> Result<Machine, HardwareError> {
        let num_qubits = self.num_qubits.unwrap_or(given);
        if given > num_qubits {
            return Err(HardwareError::TooManyQubits { target: self.name.clone(), given, limit: num_qubits });
        }
        let basis = Basis::of(&self.gates).ok_or_else(|| HardwareError::Incomplete {
            target: self.name.clone(),
            what: "one-qubit gate",
            remedy: "add u3, or rz and sx, or rz and prx, or gpi and gpi2",
        })?;
        let entangler = Entangler::of(&self.gates);
        if entangler.is_none() && given > 1 {
            return Err(HardwareError::Incomplete {
                target: self.name.clone(),
                what: "two-qubit gate",
                remedy: "add a gate that is a cx between one-qubit gates, or an Ising rotation",
            });
        }
        let mut machine = Machine {
            name: self.name.clone(),
            num_qubits,
            neighbours: None,
            distances: Vec::new(),
            directed: Vec::new(),
            weights: Vec::new(),
            basis,
            entangler,
        };
        if let Some(couplings) = &self.couplings {
            for pair in couplings {
                if pair[0] == pair[1] || pair.iter().any(|qubit| *qubit >= num_qubits) {
                    return Err(HardwareError::BadCoupling { pair: *pair, num_qubits });
                }
            }
            machine.connect(couplings, self.errors.as_deref())?;
        }
        Ok(machine)
    }
}

fn grid(rows: usize, columns: usize) -> Vec<[usize; 2]> {
    let at = |row: usize, column: usize| row * columns + column;
    let across = (0..rows).flat_map(|row| (1..columns).map(move |column| [at(row, column - 1), at(row, column)]));
    let down = (1..rows).flat_map(|row| (0..columns).map(move |column| [at(row - 1, column), at(row, column)]));
    across.chain(down).collect()
}

/// Rows joined by single qubits at these columns, in turn; the first row may lack its last qubits, the last row its first.
fn heavy_hex(
    rows: usize,
    columns: usize,
    even: &[usize],
    odd: &[usize],
    first_lacks: usize,
    last_lacks: usize,
) -> (usize, Vec<[usize; 2]>) {
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

/// A target checked, with distances.
pub(super) struct Machine {
    pub name: String,
    pub num_qubits: usize,
    /// Coupled qubits of each; `None` when all are.
    pub neighbours: Option<Vec<Vec<usize>>>,
    /// Steps between qubits, row by row; `u16::MAX` when unreachable.
    distances: Vec<u16>,
    /// Pairs in the order of the couplings, sorted.
    directed: Vec<[usize; 2]>,
    /// Cost of a gate on a pair relative to the best, as sorted pairs.
    weights: Vec<([usize; 2], f64)>,
    pub basis: Basis,
    pub entangler: Option<Entangler>,
}

impl Machine {
    fn connect(&mut self, couplings: &[[usize; 2]], errors: Option<&[f64]>) -> Result<(), HardwareError> {
        let n = self.num_qubits;
        let mut neighbours = vec![Vec::new(); n];
        for &[a, b] in couplings {
            if !neighbours[a].contains(&b) {
                neighbours[a].push(b);
                neighbours[b].push(a);
            }
        }
        neighbours.iter_mut().for_each(|list: &mut Vec<usize>| list.sort_unstable());
        self.directed = couplings.to_vec();
        self.directed.sort_unstable();
        if let Some(errors) = errors {
            if errors.len() != couplings.len() || errors.iter().any(|error| !(0.0..=1.0).contains(error)) {
                return Err(HardwareError::BadErrors { given: errors.len(), expected: couplings.len() });
            }
            let cost = |error: f64| -(1.0 - error.min(0.999_999)).ln() + 1e-6;
            let best = errors.iter().map(|error| cost(*error)).fold(f64::INFINITY, f64::min);
            let weigh = |(&[a, b], error): (&[usize; 2], &f64)| ([a.min(b), a.max(b)], cost(*error) / best);
            self.weights = couplings.iter().zip(errors).map(weigh).collect();
            self.weights.sort_by_key(|(pair, _)| *pair);
        }
        self.distances = vec![u16::MAX; n * n];
        for start in 0..n {
            let mut queue = std::collections::VecDeque::from([start]);
            self.distances[start * n + start] = 0;
            while let Some(at) = queue.pop_front() {
                for &next in &neighbours[at] {
                    if self.distances[start * n + next] == u16::MAX {
                        self.distances[start * n + next] = self.distances[start * n + at] + 1;
                        queue.push_back(next);
                    }
                }
            }
        }
        self.neighbours = Some(neighbours);
        Ok(())
    }

    pub fn distance(&self, a: usize, b: usize) -> u16 {
        if self.neighbours.is_none() { u16::from(a != b) } else { self.distances[a * self.num_qubits + b] }
    }

    /// Whether a two-qubit gate is native in this order.
    pub fn in_order(&self, a: usize, b: usize) -> bool {
        self.neighbours.is_none() || self.directed.binary_search(&[a, b]).is_ok()
    }

    /// Cost of a gate on a coupled pair, 1 for the best.
    pub fn weight(&self, a: usize, b: usize) -> f64 {
        let pair = [a.min(b), a.max(b)];
        self.weights.binary_search_by_key(&pair, |(other, _)| *other).map_or(1.0, |at| self.weights[at].1)
    }

    /// Whether some couplings are better than others.
    pub fn is_noisy(&self) -> bool {
        !self.weights.is_empty()
    }
}
