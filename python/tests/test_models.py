"""Molecules, ground energies, kernels and reservoirs against NumPy."""

import csv
import itertools
import pickle
from pathlib import Path

import numpy as np
import pytest

import qloom
from qloom import Kernel, Molecule, PauliSum, Reservoir

DATA = Path(__file__).resolve().parents[2] / "data" / "molecules"

with open(DATA / "energies.csv", newline="") as file:
    ENERGIES = [row for row in csv.DictReader(file) if int(row["n_qubits"]) <= 8]


@pytest.mark.parametrize("row", ENERGIES, ids=lambda row: row["name"])
def test_lowest_eigenvalues(row):
    hamiltonian = PauliSum.from_json((DATA / f"{row['name']}.json").read_text())
    assert len(hamiltonian) == int(row["n_terms"]) + 1 and hamiltonian.constant == pytest.approx(float(row["constant"]), abs=1e-10)
    assert hamiltonian.num_qubits == int(row["n_qubits"])
    assert hamiltonian.one_norm == pytest.approx(float(row["pauli_one_norm"]), abs=1e-9)
    energy = qloom.ground_energy(hamiltonian)
    assert energy == pytest.approx(float(row["ground_energy_qubit_operator"]), abs=1e-8)
    if hamiltonian.num_qubits <= 6:
        assert energy == pytest.approx(np.linalg.eigvalsh(hamiltonian.matrix())[0], abs=1e-9)


def spectrum(hamiltonian):
    return np.linalg.eigvalsh(hamiltonian.matrix())


LIH = (DATA / "fcidump" / "LiH_1.2.FCIDUMP").read_text()


@pytest.mark.parametrize("order", ["interleaved", "blocked"])
@pytest.mark.parametrize("mapping", ["jordan-wigner", "parity", "bravyi-kitaev", "ternary-tree"])
def test_mappings_have_one_spectrum(mapping, order):
    whole = spectrum(Molecule(LIH).hamiltonian)
    molecule = Molecule(LIH, mapping, order)
    assert np.allclose(spectrum(molecule.hamiltonian), whole, atol=1e-9)
    assert molecule.electrons == (1, 1)
    tapered = Molecule(LIH, mapping, order, "taper")
    found = spectrum(tapered.hamiltonian)
    assert tapered.hamiltonian.num_qubits < 6 and found[0] == pytest.approx(whole[0], abs=1e-9)
    assert all(np.abs(whole - value).min() < 1e-9 for value in found)
    for each in (molecule, tapered):
        bits = sum(int(bit) << qubit for qubit, bit in enumerate(each.hartree_fock_bits))
        assert each.hamiltonian.matrix()[bits, bits].real == pytest.approx(each.hartree_fock_energy, abs=1e-9)
    again = pickle.loads(pickle.dumps(tapered))
    assert again.hamiltonian == tapered.hamiltonian and again.hartree_fock_bits == tapered.hartree_fock_bits


def test_a_hubbard_pair_is_known():
    # two sites, hopping -1, repulsion 4: (U - sqrt(U^2 + 16 t^2)) / 2 for two electrons
    text = "&FCI NORB=2, NELEC=2, MS2=0 /\n4.0 1 1 1 1\n4.0 2 2 2 2\n-1.0 1 2 0 0\n0.5 0 0 0 0\n"
    hamiltonian = Molecule(text).hamiltonian
    particles = sum(((1 - np.diag(PauliSum.z(qubit, 4).matrix()).real) / 2 for qubit in range(4)))
    two = particles == 2
    assert np.linalg.eigvalsh(hamiltonian.matrix()[np.ix_(two, two)])[0] == pytest.approx((4 - np.sqrt(32)) / 2 + 0.5, abs=1e-12)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: Molecule(""), "line 1, column 1"),
        (lambda: Molecule("&FCI NORB=1, NELEC=2 /\n0.5 1 1 1 x\n"), "line 2, column 11"),
        (lambda: Molecule("&FCI NORB=1, NELEC=2 /\n0.5 1 1 1 3\n"), "orbital 3"),
        (lambda: Molecule(LIH, "nope"), "nope.*bravyi-kitaev"),
        (lambda: Molecule(LIH, order="nope"), "nope.*blocked"),
        (lambda: Molecule(LIH, reduction="nope"), "nope.*taper"),
        (lambda: Molecule(LIH, "parity", "interleaved", "two-qubit"), "blocked order only"),
    ],
)
def test_molecules_that_cannot_be(call, says):
    with pytest.raises(ValueError, match=says):
        call()


ROWS = np.random.default_rng(1).uniform(0.1, 2, (5, 3))


def states(phases, reps):
    """States of Hadamards and diagonal phases in turn."""
    hadamards = np.eye(1)
    for _ in range(3):
        hadamards = np.kron(hadamards, np.array([[1, 1], [1, -1]]) / np.sqrt(2))
    out = []
    for row in ROWS:
        state = np.eye(8)[0].astype(complex)
        for _ in range(reps):
            state = phases(row) * (hadamards @ state)
        out.append(state)
    return np.array(out)


BITS = np.arange(8)[:, None] >> np.arange(3) & 1


def singles(row):
    return np.exp(2j * BITS @ row)


def entangled(pairs):
    """Phases of Havlicek et al., Nature 567, 209: a pair of different bits has the angle 2 (pi - x)(pi - y)."""

    def phases(row):
        angles = sum(2 * (np.pi - row[a]) * (np.pi - row[b]) * (BITS[:, a] ^ BITS[:, b]) for a, b in pairs)
        return singles(row) * np.exp(1j * angles)

    return phases


ALL, LINE = list(itertools.combinations(range(3), 2)), [(0, 1), (1, 2)]
unit = np.pad(ROWS, ((0, 0), (0, 1))) / np.linalg.norm(ROWS, axis=1, keepdims=True)
MAPS = {
    "z": ("z", states(singles, 2)),
    "z, once": ({"z": {"reps": 1}}, states(singles, 1)),
    "zz": ("zz", states(entangled(ALL), 2)),
    "zz, linear": ({"zz": {"reps": 3, "entanglement": "linear"}}, states(entangled(LINE), 3)),
    "pauli": ({"pauli": {"words": ["Z", "ZZ"], "reps": 2}}, states(entangled(ALL), 2)),
    "amplitude": ("amplitude", unit),
}


@pytest.mark.parametrize("name", MAPS)
def test_kernels_are_overlaps_of_dense_states(name):
    settings, vectors = MAPS[name]
    kernel = Kernel(settings, 3)
    dense = np.abs(vectors.conj() @ vectors.T) ** 2
    gram = kernel.gram(ROWS)
    assert np.allclose(gram, dense, atol=1e-12) and np.array_equal(gram, gram.T) and np.linalg.eigvalsh(gram)[0] > -1e-12
    assert np.allclose(kernel.overlaps(ROWS[:2].copy(), ROWS[1:].copy()), dense[:2, 1:], atol=1e-12)
    assert (kernel.num_features, kernel.num_qubits) == (3, 2 if name == "amplitude" else 3)
    assert np.array_equal(kernel.gram(ROWS.tolist()), gram) and np.array_equal(pickle.loads(pickle.dumps(kernel)).gram(ROWS), gram)


def test_noise_mixes_kernels():
    # one rotation for each feature, depolarised: Tr(rho sigma) of each qubit is (1 + (1-p)^2 cos(x - y)) / 2
    kernel = Kernel("angle", 3, "depolarizing1=0.1")
    dense = np.prod((1 + 0.81 * np.cos(ROWS[:, None] - ROWS[None])) / 2, axis=2)
    assert np.allclose(kernel.gram(ROWS), dense, atol=1e-12)


SETTINGS = ["quantum-reservoir", "spin-network", "echo-state"]


@pytest.mark.parametrize("settings", SETTINGS)
def test_reservoirs_are_fixed_by_their_seed_and_look_back_only(settings):
    series = np.random.default_rng(2).uniform(0, 1, (30, 1))
    reservoir = Reservoir(settings, [(0.0, 1.0)], seed=3)
    features = reservoir.run(series)
    assert features.shape == (30, reservoir.num_features) and np.isfinite(features).all()
    assert np.array_equal(Reservoir(settings, [(0.0, 1.0)], seed=3).run(series), features)
    assert np.array_equal(pickle.loads(pickle.dumps(reservoir)).run(series), features)
    assert not np.allclose(Reservoir(settings, [(0.0, 1.0)], seed=4).run(series), features)
    later = series.copy()
    later[20:] = 0.5
    assert np.array_equal(reservoir.run(later)[:20], features[:20])
    # inputs are scaled by their range alone
    assert np.allclose(Reservoir(settings, [(-4.0, 6.0)], seed=3).run(10 * series - 4), features, atol=1e-9)


@pytest.mark.parametrize("settings", SETTINGS[1:])
def test_reservoirs_forget_their_start(settings):
    series = np.random.default_rng(5).uniform(0, 1, (400, 1))
    reservoir = Reservoir(settings, [(0.0, 1.0)], seed=3)
    other = series.copy()
    other[:5] = 1.0 - other[:5]
    apart = np.abs(reservoir.run(series) - reservoir.run(other)).max(axis=1)
    assert apart[:5].max() > 1e-3 and apart[-1] < 1e-3 * apart.max()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: Kernel("nope", 2), "nope.*amplitude"),
        (lambda: Kernel("angle", 0), "0 features"),
        (lambda: Kernel({"z": {"reps": 0}}, 2), "reps"),
        (lambda: Kernel("angle", 2).gram(np.zeros((2, 3))), r"\(rows, 2\)"),
        (lambda: Kernel("angle", 2).gram([[np.nan, 0.0]]), "NaN"),
        (lambda: Kernel("angle", 2).overlaps(np.zeros((1, 2)), np.zeros((1, 3))), r"\(rows, 2\)"),
        (lambda: Kernel("angle", 2, "x=1"), "depolarizing1"),
        (lambda: Kernel("amplitude", 2).gram(np.zeros((1, 2))), "0"),
        (lambda: Reservoir("nope", [(0.0, 1.0)]), "nope.*echo-state"),
        (lambda: Reservoir("echo-state", []), "no ranges"),
        (lambda: Reservoir("echo-state", [(1.0, 0.0)]), "-1"),
        (lambda: Reservoir("echo-state", [(0.0, 1.0)]).run(np.zeros((3, 2))), r"\(steps, 1\)"),
        (lambda: Reservoir("echo-state", [(0.0, 1.0)]).run([[np.inf]]), "inf"),
    ],
)
def test_what_cannot_be_is_refused(call, says):
    with pytest.raises(ValueError, match=says) as caught:
        call()
    assert isinstance(caught.value, qloom.QloomError)


@pytest.mark.parametrize("series", [np.zeros((2, 3)), np.zeros((2, 2, 1)), np.zeros((0, 2))])
def test_a_series_of_another_shape_is_refused(series):
    with pytest.raises(ValueError, match=r"the series has the shape \[.*\]; it must be \(steps, 1\)"):
        Reservoir("echo-state", [(0.0, 1.0)]).run(series)
