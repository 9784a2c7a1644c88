"""Circuits of braids against Jones polynomials, which the table of knots has, and formulas by hand."""

import numpy as np
import pytest

from qloom import Braid, Device

PHI = (1 + np.sqrt(5)) / 2
T = np.exp(2j * np.pi / 5)
TREFOIL = T + T**3 - T**4


def factor(braid):
    """What the trace of a braid is multiplied by: `(-A^3)^{-w} phi^{n-1}` with `A = e^{-3 pi i/5}`."""
    a = np.exp(-3j * np.pi / 5)
    return (-(a**3)) ** -braid.writhe * PHI ** (braid.strands - 1)


@pytest.mark.parametrize("layout", ["line", "all-to-all"])
def test_circuits_have_the_trace_in_their_outcomes(layout):
    trefoil, value = Braid([1, 1, 1]), 0.0
    # two strands: the last bit is one with probability phi/(phi + 1)
    for string, weight in ([True, True], PHI / (PHI + 1)), ([True, False], 1 / (PHI + 1)):
        for part, unit in ("real", 1.0), ("imaginary", 1j):
            circuit, last = trefoil.circuit(string, part, layout=layout).split_measurements()
            assert sorted(last) == [(0, 0), (1, 1)]
            probabilities = circuit.state().probabilities()
            value += weight * unit * (probabilities[0] - probabilities[1])
    assert factor(trefoil) * value == pytest.approx(TREFOIL, abs=1e-10)


@pytest.mark.parametrize(("name", "native"), [("3_1", "zz"), ("4_1", "cz"), ("5_2", "cx")])
def test_sampled_circuits_give_the_polynomial(name, native):
    braid = Braid.named(name)
    found = braid.estimate(20_000, native=native, seed=2)
    exact = braid.jones_at_fifth_root()
    assert found["exact"] == pytest.approx(exact, abs=1e-9)
    assert abs(found["value"] - exact) < 4 * found["standard_error"] < 1.0
    assert found["stage"] == "echo" and [stage["stage"] for stage in found["stages"]] == ["raw", "discard", "echo"]
    assert found["discarded"] == 0.0 and found["scale"] == pytest.approx(PHI ** (braid.strands - 1))


def test_noise_is_seen_and_mitigated():
    braid = Braid([1, 1, 1, 2, -1, 2])
    exact = braid.jones_at_fifth_root()
    noisy = braid.estimate(40_000, noise="depolarizing2=0.02, readout=0.01", conjugate=True, seed=1)
    errors = {stage["stage"]: abs(stage["value"] - exact) for stage in noisy["stages"]}
    assert noisy["discarded"] > 0.0 and set(errors) == {"raw", "discard", "echo", "conjugate"}
    assert all(stage["relative_error"] == pytest.approx(errors[stage["stage"]] / abs(exact)) for stage in noisy["stages"])
    again = braid.estimate(40_000, noise="depolarizing2=0.02, readout=0.01", conjugate=True, stage="raw", seed=1)
    assert again["value"] == noisy["stages"][0]["value"] and noisy == braid.estimate(
        40_000, noise="depolarizing2=0.02, readout=0.01", conjugate=True, seed=1
    )


def test_classical_control_draws_the_strings():
    circuit = Braid([1, 2, 1]).circuit()
    assert [name for name, _ in circuit.bit_registers] == ["c", "s2", "s3"]
    # the last bit of a string is one with probability phi F_3/(phi F_3 + F_2)
    from qloom import Executable

    bits, times = Executable(circuit).outcomes(20_000, seed=1)
    last = times[bits[:, 4] == 1].sum() / 20_000
    assert last == pytest.approx(2 * PHI / (2 * PHI + 1), abs=0.02)
    assert not np.any((bits[:, 3] == 0) & (bits[:, 4] == 0))


def test_costs_are_those_of_the_circuits():
    braid = Braid([1, 2, -1, 2, 3, -2])
    cost = braid.circuit_cost("cx")
    gates = [braid.circuit(string, native="cx").operation_counts.get("cx", 0) for string in ([True] * 4, [True, False, True, True])]
    assert cost["qubits"] == 4 and cost["most_two_qubit_gates"] >= max(gates) >= cost["braid_two_qubit_gates"]
    assert braid.cost[0] == 4 and braid.cost[2] == 6


@pytest.mark.parametrize("seed", range(4))
def test_benchmark_braids_are_known(seed):
    braid, exact = Braid.benchmark(5, 3, seed)
    assert factor(braid) * exact == pytest.approx(braid.jones_at_fifth_root(), abs=1e-8)


@pytest.mark.parametrize("name", ["3_1", "4_1", "6_2"])
@pytest.mark.parametrize("k", [3, 4, 5, 7, 8])
def test_other_roots(name, k):
    braid, root = Braid.named(name), -np.exp(1j * np.pi / k)
    value = sum(factor * root**twice for twice, factor in braid.jones().items())
    assert braid.jones_at_root(k) == pytest.approx(value, abs=1e-9)


def test_parts_and_pictures():
    parts = Braid([1, 1, 1, 4], 5).split()
    assert [(part.strands, part.letters) for part in parts] == [(2, [1, 1, 1]), (1, []), (2, [1])]
    braid = Braid([1, -2])
    assert "╲" in braid.draw() and "╱" in braid.draw() and max(map(len, Braid([1] * 100).draw(40).splitlines())) <= 40
    assert braid.svg().startswith("<svg") and braid._repr_svg_() == braid.svg()
    # a plat of two strands with one crossing is a circle with a kink
    assert abs(Braid([1]).plat_writhe()) == 1


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: Braid([1]).estimate(0), "0 shots"),
        (lambda: Braid([1]).estimate(10**12), "1000000000000 shots"),
        (lambda: Braid([1]).estimate(10, native="swap"), "swap.*ecr"),
        (lambda: Braid([1]).estimate(10, layout="ring"), "ring.*line"),
        (lambda: Braid([1]).estimate(10, stage="conjugate"), "conjugate=True"),
        (lambda: Braid([1]).estimate(10, noise="depolarizing9=1"), "depolarizing9"),
        (lambda: Braid([1, 2, 1]).estimate(10, layout="all-to-all", noise=Device.named("line-3")), "not coupled"),
        (lambda: Braid([1]).circuit([True, False, False]), "path string"),
        (lambda: Braid([1]).circuit([True, True, True]), "strands"),
        (lambda: Braid([1], 40).circuit(), "32"),
        (lambda: Braid([1]).circuit([True, True], part="modulus"), "modulus"),
        (lambda: Braid.benchmark(1, 3), "two strands"),
        (lambda: Braid.benchmark(10**6, 10**6), "at most"),
        (lambda: Braid([1]).jones_at_root(2), "order 3"),
        (lambda: Braid([1, 2]).plat_writhe(), "pairs|odd|3"),
    ],
)
def test_what_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()
