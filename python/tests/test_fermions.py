"""Operators of fermions against dense ladder operators in plain NumPy, OpenFermion and known energies."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from dense import word

import qloom
from qloom import Circuit, Energy, FermionOperator, Molecule, PauliSum, Tapering, ground_energy, library, z2_symmetries
from qloom.library import determinant, grid, hubbard, product_ansatz

DATA = Path(__file__).resolve().parents[2] / "data" / "molecules" / "fcidump"
MAPPINGS = ["jordan-wigner", "parity", "bravyi-kitaev", "ternary-tree"]


def annihilator(mode, modes):
    """A ladder operator on occupations: mode 0 is the least significant bit, and lower modes give the sign."""
    letters = mode * "Z" + "{}" + (modes - mode - 1) * "I"
    return (word(letters.format("X")) + 1j * word(letters.format("Y"))) / 2


def dense(terms, modes):
    """The matrix of an operator of fermions."""
    out = np.zeros((2**modes,) * 2, dtype=complex)
    for product, factor in terms.items():
        matrix = np.eye(2**modes)
        for mode, creates in product:
            ladder = annihilator(mode, modes)
            matrix = matrix @ (ladder.conj().T if creates else ladder)
        out += factor * matrix
    return out


def drawn(seed, modes=4):
    """A random Hermitian operator with hops and pairs."""
    random = np.random.default_rng(seed)
    operator = FermionOperator({(): random.normal()})
    for _ in range(8):
        size = int(random.integers(1, 3))
        created, removed = (random.choice(modes, size, replace=False) for _ in range(2))
        product = tuple((int(mode), 1) for mode in created) + tuple((int(mode), 0) for mode in removed)
        hop = FermionOperator({product: complex(*random.normal(size=2))})
        operator = operator + hop + hop.adjoint()
    return operator


@pytest.mark.parametrize("seed", range(5))
def test_jordan_wigner_is_dense_algebra_and_the_others_have_its_spectrum(seed):
    operator = drawn(seed)
    matrix = dense(operator.terms(), 4)
    assert np.allclose(operator.qubits(num_modes=4).matrix(), matrix, atol=1e-12)
    spectrum = np.linalg.eigvalsh(matrix)
    for mapping in MAPPINGS[1:]:
        assert np.allclose(np.linalg.eigvalsh(operator.qubits(mapping, 4).matrix()), spectrum, atol=1e-10)


def test_algebra():
    one, two = drawn(1), drawn(2)
    a, b = dense(one.terms(), 4), dense(two.terms(), 4)
    assert np.allclose(dense((one - 2j * two).terms(), 4), a - 2j * b)
    assert np.allclose(dense((one @ two).terms(), 4), a @ b)
    assert np.allclose(dense((one @ two).adjoint().terms(), 4), (a @ b).conj().T)
    assert pickle.loads(pickle.dumps(one)) == one and one.num_modes <= 4 and len(-one) == len(one)
    with pytest.raises(qloom.errors.CircuitError, match="imaginary|Hermitian"):
        (1j * one).qubits()


def test_operators_of_openfermion_are_taken_as_they_are():
    openfermion = pytest.importorskip("openfermion")
    theirs = openfermion.FermionOperator("0^ 2", 0.5) + openfermion.FermionOperator("2^ 0", 0.5)
    theirs += openfermion.FermionOperator("0^ 1^ 1 0", -1.25) + openfermion.FermionOperator("", 0.75)
    ours = FermionOperator(theirs.terms)
    for mapped, mapping in (openfermion.jordan_wigner(theirs), "jordan-wigner"), (openfermion.bravyi_kitaev(theirs, 4), "bravyi-kitaev"):
        known = {word: value.real for word, value in mapped.terms.items()}
        sums = PauliSum.from_sparse([("".join(letter for _, letter in w), [q for q, _ in w], v) for w, v in known.items()], 4)
        assert np.allclose(ours.qubits(mapping, 4).matrix(), sums.matrix(), atol=1e-12)
    lattice = openfermion.fermi_hubbard(2, 2, 1.0, 4.0, chemical_potential=0.5, periodic=False)
    matrix = openfermion.get_sparse_operator(lattice).toarray()
    # OpenFermion's mode 0 is the most significant bit
    order = [int(f"{index:08b}"[::-1], 2) for index in range(256)]
    assert np.allclose(hubbard(grid([2, 2]), 1.0, 4.0, 0.5).matrix(), matrix[np.ix_(order, order)], atol=1e-12)


@pytest.mark.parametrize("mapping", MAPPINGS)
def test_the_hubbard_dimer(mapping):
    # two electrons: (U - sqrt(U^2 + 16 t^2))/2, and the chemical potential takes U/2 off for each
    for repulsion in (1.0, 4.0, 10.0):
        lowest = (repulsion - np.sqrt(repulsion**2 + 16.0)) / 2 - repulsion
        assert ground_energy(hubbard(grid([2]), 1.0, repulsion, repulsion / 2, mapping, "blocked")) == pytest.approx(lowest)


@pytest.mark.parametrize("mapping", MAPPINGS)
def test_determinants_count_their_electrons(mapping):
    occupied = [True, False, True, True, False]
    state = determinant(occupied, mapping).state()
    for mode, filled in enumerate(occupied):
        number = FermionOperator({((mode, 1), (mode, 0)): 1.0}).qubits(mapping, 5)
        assert state.expectation(number) == pytest.approx(float(filled), abs=1e-12)


def test_tapering_keeps_the_spectrum_of_each_sector():
    whole = hubbard(grid([2]), 1.0, 3.0)
    symmetries = z2_symmetries(whole, diagonal_only=True)
    matrices = [word(symmetry) for symmetry in symmetries]
    assert len(symmetries) == 2 and all(np.allclose(s @ whole.matrix(), whole.matrix() @ s) for s in matrices)
    spectra = []
    for signs in np.ndindex(2, 2):
        values = [1 - 2 * sign for sign in signs]
        tapering = Tapering(list(zip(symmetries, values)))
        assert tapering.num_qubits == 2 and len(tapering.removed) == 2
        spectra.extend(np.linalg.eigvalsh(tapering(whole).matrix()))
        assert pickle.loads(pickle.dumps(tapering))(whole) == tapering(whole)
        sector = np.eye(16)
        for value, matrix in zip(values, matrices):
            sector = sector @ (np.eye(16) + value * matrix) / 2
        inside = np.linalg.eigvalsh(sector @ whole.matrix() @ sector)
        left = list(np.linalg.eigvalsh(tapering(whole).matrix()))
        assert np.allclose(np.sort(left + 12 * [0.0]), np.sort(inside), atol=1e-10)
    assert np.allclose(np.sort(spectra), np.linalg.eigvalsh(whole.matrix()), atol=1e-10)


def test_coupled_cluster_of_hydrogen_reaches_full_configuration_interaction():
    scipy = pytest.importorskip("scipy.optimize")
    for reduction in ("none", "taper"):
        molecule = Molecule((DATA / "H2_0.7414.FCIDUMP").read_text(), reduction=reduction)
        pool = molecule.excitations("uccsd")
        circuit = product_ansatz(molecule.hartree_fock_bits, [generator for _, generator in pool])
        energy = Energy(circuit, molecule.hamiltonian)
        start = np.zeros(energy.num_parameters)
        assert energy(start) == pytest.approx(molecule.hartree_fock_energy, abs=1e-10)
        found = scipy.minimize(energy.value_and_gradient, start, jac=True, method="BFGS")
        # -1.137270 hartree: full configuration interaction in STO-3G at 0.7414 angstrom
        assert found.fun == pytest.approx(-1.137270, abs=2e-6)
        one, two = molecule.density_matrices(circuit.state(found.x))
        assert np.trace(one) == pytest.approx(2.0) and np.einsum("ppqq", two) == pytest.approx(2.0)
        assert np.allclose(one, one.T, atol=1e-9)
    assert [label for label, _ in Molecule((DATA / "H2_0.7414.FCIDUMP").read_text()).excitations()] == ["0->2", "1->3", "0,1->2,3"]


def test_density_matrices_give_the_energy():
    text = (DATA / "H2_0.7414.FCIDUMP").read_text()
    body = text.replace("/", "&END").split("&END")[1].split()
    rows = np.array(body, dtype=float).reshape(-1, 5)
    h, g, core = np.zeros((2, 2)), np.zeros((2,) * 4), 0.0
    for value, *indices in rows:
        p, q, r, s = (int(index) - 1 for index in indices)
        if r >= 0:
            for a, b in ((p, q), (q, p)):
                for c, d in ((r, s), (s, r)):
                    g[a, b, c, d] = g[c, d, a, b] = value
        elif q >= 0:
            h[p, q] = h[q, p] = value
        elif p < 0:
            core = value
    state = Circuit(4).ry(0.4, 0).x(1).cx(0, 2).ry(1.1, 3).cx(3, 1).s(2).state()
    molecule = Molecule(text)
    one, two = molecule.density_matrices(state)
    energy = core + np.einsum("pq,pq", h, one) + 0.5 * np.einsum("pqrs,pqrs", g, two)
    assert energy == pytest.approx(state.expectation(molecule.hamiltonian), abs=1e-10)


def test_active_spaces_are_blocks_of_the_whole():
    text = (DATA / "H2O_cas44_bohr.FCIDUMP").read_text()
    whole = Molecule(text).hamiltonian.matrix()
    for active, modes in (None, [2, 3, 4, 5, 6, 7]), ([1, 3], [2, 3, 6, 7]):
        small = Molecule(text, freeze_core=1, active=active)
        # modes 0 and 1 are filled, those that are left out empty
        places = [3 | sum((index >> k & 1) << mode for k, mode in enumerate(modes)) for index in range(2 ** len(modes))]
        assert np.allclose(small.hamiltonian.matrix(), whole[np.ix_(places, places)], atol=1e-10)
        assert pickle.loads(pickle.dumps(small)).hamiltonian == small.hamiltonian and small.electrons == (1, 1)
    with pytest.raises(ValueError, match="9"):
        Molecule(text, active=[9])


def test_penalties_lift_other_numbers_of_electrons():
    molecule = Molecule((DATA / "H2_0.7414.FCIDUMP").read_text())
    number = FermionOperator({((mode, 1), (mode, 0)): 1.0 for mode in range(4)}).qubits()
    matrix = molecule.hamiltonian.matrix() + 5.0 * np.linalg.matrix_power(number.matrix() - 3.0 * np.eye(16), 2)
    assert np.allclose(molecule.with_penalty("number", 3.0, 5.0).matrix(), matrix, atol=1e-10)
    tapered = Molecule((DATA / "H2_0.7414.FCIDUMP").read_text(), reduction="taper")
    assert ground_energy(tapered.reduced(molecule.hamiltonian)) == pytest.approx(-1.137270, abs=2e-6)
    assert len(tapered.symmetries) == 3 and {abs(sign) for _, sign in tapered.symmetries} == {1.0}


def test_ansaetze_from_basis_states_and_random_sums():
    bits = [True, False, True]
    circuit = library.hardware_efficient_from(bits, 2)
    assert circuit.state(np.zeros(circuit.num_parameters)).probabilities()[0b101] == pytest.approx(1.0)
    drawn = library.random_sum(6, 300, seed=4)
    values = np.array([value for _, value in drawn.terms()])
    assert len(drawn) == 300 and abs(values.mean()) < 0.3 and values.std() == pytest.approx(1.0, abs=0.15)
    assert drawn == library.random_sum(6, 300, seed=4) != library.random_sum(6, 300, seed=5)


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda: FermionOperator({((0, 2),): 1.0}), ValueError, "1 creates and 0 annihilates"),
        (lambda: FermionOperator({((0, 1),): float("nan")}), ValueError, "finite"),
        (lambda: FermionOperator({((5, 1), (5, 0)): 1.0}).qubits(num_modes=3), ValueError, "6.*3"),
        (lambda: FermionOperator({((0, 1), (0, 0)): 1.0}).qubits("majorana"), ValueError, "majorana.*parity"),
        (lambda: FermionOperator({((70, 1), (70, 0)): 1.0}).qubits(), ValueError, "71.*64"),
        (lambda: hubbard((40, [(0, 1)])), ValueError, "32|64"),
        (lambda: Tapering({"ZZ": 1, "XI": 1}), ValueError, "commute"),
        (lambda: Tapering({"ZZ": 3}), ValueError, "1 or -1"),
        (lambda: Tapering([("ZZ", 1), ("Z", 1)]), ValueError, "letters"),
        (lambda: Tapering({"ZZ": 1})(PauliSum({"XI": 1.0})), ValueError, "X0"),
        (lambda: Tapering({"ZZ": 1})(PauliSum({"X": 1.0})), ValueError, "1 qubits"),
        (lambda: product_ansatz([True], [PauliSum({"X": 1.0, "Z": 1.0})]), ValueError, "generator 0"),
        (lambda: product_ansatz([True], [PauliSum({"XX": 1.0})]), ValueError, "1"),
        (lambda: library.random_sum(2, 100), ValueError, "100.*15"),
    ],
)
def test_what_is_refused(call, kind, says):
    with pytest.raises(kind, match=says):
        call()
