//! States of small bond dimension as circuits: stairs of gates on neighbours.

use faer::Mat;
use qloom_circuits::Circuit;

use crate::QasError;

/// A gate of a staircase: a rotation about Y, or a CNOT.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    Turn(f64, usize),
    Cnot(usize, usize),
}

/// A real matrix of two qubits; the first is the lowest bit.
type Square = [[f64; 4]; 4];

/// The circuit whose state approaches these real amplitudes, qubit 0 lowest, of norm 1: from each layer on the state that is left is taken to
/// bond dimension 2, whose staircase is exact. It has `cx` and `ry` alone, `2 n - 3` CNOTs a layer.
///
/// Source: S.-J. Ran, Encoding of matrix product states into quantum circuits of one- and two-qubit gates (2020). Gates of real matrices by
/// the two factors of SO(4), one about Y, ZY and XY, the other about Y, YX and YZ.
///
/// # Errors
///
/// [`QasError::NonFiniteEnergy`] when the amplitudes are not finite.
pub(super) fn circuit(amplitudes: &[f64], layers: usize) -> Result<Circuit, QasError> {
    let n = amplitudes.len().trailing_zeros() as usize;
    let mut left = amplitudes.to_vec();
    let mut gates: Vec<Step> = Vec::new();
    for _ in 0..layers {
        let layer = layer(&left, n)?;
        for gate in layer.iter().rev() {
            undo(*gate, &mut left);
        }
        // the state that is left is made first
        gates = [layer, gates].concat();
    }
    let mut circuit = Circuit::new(n);
    for gate in joined(gates, n) {
        match gate {
            Step::Turn(angle, qubit) => circuit.ry(angle, qubit),
            Step::Cnot(control, target) => circuit.cx(control, target),
        };
    }
    Ok(circuit)
}

/// Rotations that follow each other on a qubit as one; none of those that do nothing.
fn joined(gates: Vec<Step>, n: usize) -> Vec<Step> {
    let mut list: Vec<Step> = Vec::new();
    let mut last: Vec<Option<usize>> = vec![None; n];
    for gate in gates {
        match gate {
            Step::Turn(angle, qubit) => match last[qubit].map(|place| list[place]) {
                Some(Step::Turn(before, _)) => list[last[qubit].unwrap_or(0)] = Step::Turn(before + angle, qubit),
                Some(Step::Cnot(..)) | None => {
                    last[qubit] = Some(list.len());
                    list.push(gate);
                }
            },
            Step::Cnot(control, target) => {
                (last[control], last[target]) = (Some(list.len()), Some(list.len()));
                list.push(gate);
            }
        }
    }
    list.retain(|gate| !matches!(gate, Step::Turn(angle, _) if angle.abs() < 1e-12));
    list
}

/// Takes a gate back from amplitudes.
fn undo(gate: Step, state: &mut [f64]) {
    match gate {
        Step::Turn(angle, qubit) => {
            let (sine, cosine) = (angle / 2.0).sin_cos();
            for index in (0..state.len()).filter(|index| index >> qubit & 1 == 0) {
                let (zero, one) = (state[index], state[index | 1 << qubit]);
                state[index] = cosine * zero + sine * one;
                state[index | 1 << qubit] = cosine * one - sine * zero;
            }
        }
        Step::Cnot(control, target) => {
            for index in (0..state.len()).filter(|index| index >> control & 1 == 1 && index >> target & 1 == 0) {
                state.swap(index, index | 1 << target);
            }
        }
    }
}

/// The staircase of the state taken to bond dimension 2.
fn layer(state: &[f64], n: usize) -> Result<Vec<Step>, QasError> {
    let tensors = tensors(state, n)?;
    let last = &tensors[n - 1];
    let mut gates = Vec::new();
    for (qubit, tensor) in tensors.iter().enumerate().take(n - 1) {
        // for each value of the bond that comes in, the amplitudes of this qubit and of the bond that goes out, or of the last qubit
        let columns = [0, 1].map(|left| {
            let mut column = [0.0; 4];
            for (bit, right) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                let entry = tensor[left][bit][right];
                if qubit + 2 < n {
                    column[bit + 2 * right] = entry;
                } else {
                    (0..2).for_each(|end| column[bit + 2 * end] += entry * last[right][end][0]);
                }
            }
            column
        });
        let pair = if qubit == 0 { pair(columns[0])? } else { rotation(&completed(&columns)) };
        gates.extend(pair.into_iter().map(|gate| match gate {
            Step::Turn(angle, of) => Step::Turn(angle, qubit + of),
            Step::Cnot(control, target) => Step::Cnot(qubit + control, qubit + target),
        }));
    }
    Ok(gates)
}

/// `[left][bit][right]`, zero where a bond is narrower.
type Tensor = [[[f64; 2]; 2]; 2];

/// Tensors of bond dimension 2 at most, all but the first orthonormal towards the right.
fn tensors(state: &[f64], n: usize) -> Result<Vec<Tensor>, QasError> {
    let mut tensors = vec![Tensor::default(); n];
    // [low bits][bond]
    let (mut rest, mut bond) = (state.to_vec(), 1);
    for qubit in (1..n).rev() {
        let rows = 1 << qubit;
        // columns: the bit, then the bond on its right
        let matrix = Mat::from_fn(rows, 2 * bond, |low, column| rest[(column / bond * rows + low) * bond + column % bond]);
        let svd =
            matrix.thin_svd().map_err(|_| QasError::NonFiniteEnergy { what: "a matrix-product state", energy: f64::NAN })?;
        let kept = (2 * bond).min(rows).min(2);
        for (left, column) in (0..kept).flat_map(|left| (0..2 * bond).map(move |column| (left, column))) {
            tensors[qubit][left][column / bond][column % bond] = svd.V()[(column, left)];
        }
        let weights = svd.S().column_vector();
        rest = (0..rows * kept).map(|place| svd.U()[(place / kept, place % kept)] * weights[place % kept]).collect();
        bond = kept;
    }
    let norm = rest.iter().map(|entry| entry * entry).sum::<f64>().sqrt();
    for (bit, right) in (0..2).flat_map(|bit| (0..bond).map(move |right| (bit, right))) {
        tensors[0][0][bit][right] = rest[bit * bond + right] / norm;
    }
    Ok(tensors)
}

/// The gates that make these amplitudes of `|00>`: one CNOT.
fn pair(amplitudes: [f64; 4]) -> Result<Vec<Step>, QasError> {
    let matrix = Mat::from_fn(2, 2, |first, second| amplitudes[first + 2 * second]);
    let svd = matrix.svd().map_err(|_| QasError::NonFiniteEnergy { what: "a pair of qubits", energy: f64::NAN })?;
    let (weights, first, second) = (svd.S().column_vector(), svd.U(), svd.V());
    // columns of determinant one: the second may change its sign, which goes to its weight
    let sign = |m: faer::MatRef<'_, f64>| (m[(0, 0)] * m[(1, 1)] - m[(0, 1)] * m[(1, 0)]).signum();
    let weight = weights[1] * sign(first) * sign(second);
    let angle = |m: faer::MatRef<'_, f64>| 2.0 * m[(1, 0)].atan2(m[(0, 0)]);
    Ok(vec![
        Step::Turn(2.0 * weight.atan2(weights[0]), 0),
        Step::Cnot(0, 1),
        Step::Turn(angle(first), 0),
        Step::Turn(angle(second), 1),
    ])
}

/// A rotation of four dimensions whose first columns these are, where they are not zero.
fn completed(columns: &[[f64; 4]; 2]) -> Square {
    let dot = |a: &[f64; 4], b: &[f64; 4]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut basis: Vec<[f64; 4]> = Vec::new();
    let units = (0..4).map(|row| std::array::from_fn(|index| f64::from(u8::from(index == row))));
    // a column that is zero is never asked for
    let given: Vec<[f64; 4]> = columns.iter().copied().filter(|column| dot(column, column) > 0.5).collect();
    for candidate in given.into_iter().chain(units) {
        let mut column = candidate;
        // twice, against rounding
        for _ in 0..2 {
            for other in &basis {
                let part = dot(other, &column);
                column.iter_mut().zip(other).for_each(|(entry, other)| *entry -= part * other);
            }
        }
        let norm = dot(&column, &column).sqrt();
        if basis.len() < 4 && norm > 0.3 {
            basis.push(column.map(|entry| entry / norm));
        }
    }
    let mut square: Square = std::array::from_fn(|row| std::array::from_fn(|column| basis[column][row]));
    if determinant(&square) < 0.0 {
        square.iter_mut().for_each(|row| row[3] = -row[3]);
    }
    square
}

fn determinant(square: &Square) -> f64 {
    Mat::from_fn(4, 4, |row, column| square[row][column]).determinant()
}

fn times(a: &Square, b: &Square) -> Square {
    std::array::from_fn(|row| std::array::from_fn(|column| (0..4).map(|inner| a[row][inner] * b[inner][column]).sum()))
}

/// `low` on the first qubit, `high` on the second.
fn product(low: [[f64; 2]; 2], high: [[f64; 2]; 2]) -> Square {
    std::array::from_fn(|row| std::array::from_fn(|column| low[row & 1][column & 1] * high[row >> 1][column >> 1]))
}

/// A rotation of four dimensions as six rotations about Y and two CNOTs.
fn rotation(square: &Square) -> Vec<Step> {
    let (one, x, z, y) =
        ([[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, -1.0]], [[0.0, -1.0], [1.0, 0.0]]);
    // -i times Y, Z Y and their product; -i times Y, Y X and their product: quaternions that commute with each other
    let unit = product(one, one);
    let quaternions = |first: Square, second: Square| [unit, first, second, times(&first, &second)];
    let (left, right) = (quaternions(product(y, one), product(z, y)), quaternions(product(one, y), product(y, x)));
    let coefficient = |a: &Square, b: &Square| {
        let part = times(a, b);
        part.iter().flatten().zip(square.iter().flatten()).map(|(part, entry)| part * entry).sum::<f64>() / 4.0
    };
    let table: Square = std::array::from_fn(|j| std::array::from_fn(|k| coefficient(&left[j], &right[k])));
    // of rank one: the column of the largest entry is the first factor
    let size = |k: usize| (0..4).map(|j| table[j][k] * table[j][k]).sum::<f64>();
    let largest = (0..4).max_by(|&a, &b| size(a).total_cmp(&size(b))).unwrap_or(0);
    let norm = size(largest).sqrt();
    let first: [f64; 4] = std::array::from_fn(|j| table[j][largest] / norm);
    let second: [f64; 4] = std::array::from_fn(|k| (0..4).map(|j| first[j] * table[j][k]).sum());
    let [a, b, c] = euler(first);
    let [d, e, f] = euler(second);
    vec![
        Step::Turn(c, 0),
        Step::Turn(f, 1),
        Step::Cnot(0, 1),
        Step::Turn(e, 0),
        Step::Turn(b, 1),
        Step::Cnot(0, 1),
        Step::Turn(a, 0),
        Step::Turn(d, 1),
    ]
}

/// The angles of the quaternion as rotations about its first, second and first unit.
fn euler(q: [f64; 4]) -> [f64; 3] {
    let (sum, difference) = (q[1].atan2(q[0]), q[3].atan2(q[2]));
    [sum + difference, 2.0 * q[2].hypot(q[3]).atan2(q[0].hypot(q[1])), sum - difference]
}

#[cfg(test)]
mod tests {
    use qloom_circuits::Stream;

    use super::*;

    /// The amplitudes that the circuit makes, all real.
    fn made(circuit: &Circuit) -> Vec<f64> {
        let unitary = circuit.unitary(&[]).expect("gates");
        (0..unitary.dimension()).map(|row| unitary[(row, 0)].re).collect()
    }

    fn overlap(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>().abs()
    }

    fn normalised(mut state: Vec<f64>) -> Vec<f64> {
        let norm = state.iter().map(|a| a * a).sum::<f64>().sqrt();
        state.iter_mut().for_each(|a| *a /= norm);
        state
    }

    #[test]
    fn rotations_of_four_dimensions_are_six_about_y() {
        let mut stream = Stream::named(1, "rotations");
        for _ in 0..40 {
            let columns = [0, 1].map(|_| std::array::from_fn(|_| 2.0 * stream.unit() - 1.0));
            let columns =
                columns.map(|column: [f64; 4]| column.map(|entry| entry / column.iter().map(|e| e * e).sum::<f64>().sqrt()));
            let square = completed(&columns);
            assert!((determinant(&square) - 1.0).abs() < 1e-12);
            let mut circuit = Circuit::new(2);
            for gate in rotation(&square) {
                match gate {
                    Step::Turn(angle, qubit) => circuit.ry(angle, qubit),
                    Step::Cnot(control, target) => circuit.cx(control, target),
                };
            }
            let unitary = circuit.unitary(&[]).expect("gates");
            let error = (0..16).map(|k| (unitary[(k / 4, k % 4)].re - square[k / 4][k % 4]).abs()).fold(0.0, f64::max);
            assert!(error < 1e-12, "{error}");
        }
    }

    /// States of bond dimension 2, and all of two qubits, in one layer; others the better the more layers.
    #[test]
    fn states_are_made_as_well_as_their_bond_dimension_allows() {
        let mut stream = Stream::named(2, "states");
        for n in 2..=6 {
            let state = normalised((0..1 << n).map(|_| 2.0 * stream.unit() - 1.0).collect());
            let fidelities = [1, 2, 6].map(|layers| overlap(&made(&circuit(&state, layers).expect("finite")), &state));
            assert!(fidelities.windows(2).all(|pair| pair[1] > pair[0] - 1e-12), "{n} {fidelities:?}");
            assert!(n > 3 || fidelities[2] > 0.99, "{n} {fidelities:?}");
            if n == 2 {
                assert!((fidelities[0] - 1.0).abs() < 1e-12);
            }
            // what one layer makes has bond dimension 2, and is made again
            let first = circuit(&state, 1).expect("finite");
            let again = circuit(&made(&first), 1).expect("finite");
            assert!((overlap(&made(&again), &made(&first)) - 1.0).abs() < 1e-11, "{n}");
            assert!(first.two_qubit_gates() <= 2 * n - 3);
        }
        // a basis state and one of two, whose bonds are narrower
        let mut cat = vec![0.0; 16];
        (cat[0b0101], cat[0b1010]) = (0.6, -0.8);
        let mut basis = vec![0.0; 8];
        basis[0b110] = 1.0;
        for state in [cat, basis] {
            assert!((overlap(&made(&circuit(&state, 1).expect("finite")), &state) - 1.0).abs() < 1e-12);
        }
    }
}
