"""Random calls with arguments that make no sense: each returns or raises an exception, and the interpreter lives.

    python python/tests/fuzz.py [CALLS] [SEED]
"""

import inspect
import sys

import numpy as np

import qloom
from qloom import Angle, Batch, Braid, Channel, Circuit, Device, Energy, Environment, Executable, Kernel, Molecule, NoiseModel, PauliSum, PauliVector
from qloom import Estimator, Program, Reservoir, Sampler, Search, StateVector, Tableau

#: What panics across the border would be.
PANIC = "PanicException"

CLASSES = [
    Angle, Batch, Braid, Channel, Circuit, Device, Energy, Executable, Kernel, Molecule, NoiseModel, PauliSum, PauliVector, Reservoir,
    Search, StateVector, qloom.Environment, Estimator, Program, Sampler, qloom.SeriesModel, Tableau, qloom.Factored, qloom.FermionOperator,
    qloom.AnswerSelector, qloom.MatrixProduct, qloom.Measurements, qloom.PauliFrames, qloom.Regression, qloom.SequenceModel, qloom.Symmetries, qloom.Tapering,
    qloom.Trajectories, qloom.Unlabelled,
]  # fmt: skip

FUNCTIONS = [
    qloom.jones_of_diagram, qloom.z2_symmetries, qloom.diagnose_circuit, qloom.diagnose_kernel, qloom.effective_dimension,
    qloom.geometric_difference, *(getattr(qloom.series, name) for name in qloom.series.__all__), *(getattr(qloom.library, name) for name in qloom.library.__all__),
]  # fmt: skip

#: Parts of names of arguments, and what is mostly given for them.
KINDS = [
    ("circuit", Circuit), ("then", Circuit), ("otherwise", Circuit), ("other", (Circuit, PauliSum, StateVector, float)),
    ("observables", list), ("observable", PauliSum), ("hamiltonian", PauliSum), ("device", Device), ("channel", Channel),
    ("angle", (Angle, float)), ("theta", (Angle, float)), ("phi", (Angle, float)), ("lambda", (Angle, float)), ("qubits", list),
    ("qubit", int), ("control", int), ("target", int), ("bits", list), ("bit", int), ("matrix", np.ndarray), ("parameters", (np.ndarray, list)),
    ("values", (np.ndarray, list, dict)), ("cotangents", np.ndarray), ("rows", np.ndarray), ("series", np.ndarray), ("amplitudes", np.ndarray),
    ("seed", int), ("shots", int), ("size", int), ("num_", int), ("letters", list), ("terms", (dict, list)), ("word", str), ("text", str),
    ("name", str), ("map", (str, dict)), ("settings", (str, dict)), ("mitigation", (str, dict)), ("noise", NoiseModel), ("ranges", list), ("limit", int), ("state", (str, bytes, StateVector)), ("question", (dict, list)),
    ("labels", list), ("gram", np.ndarray), ("sector", (dict, list)), ("counts", dict), ("mapping", str), ("operator", PauliSum),
]  # fmt: skip

#: Runs that end only when told to, and files.
LEFT_OUT = {"run", "__next__", "__class__", "__new__", "__init__", "__subclasshook__", "__init_subclass__", "__reduce_ex__"}


def things(random):
    """Arguments of all kinds, small enough that nothing takes long."""
    n = int(random.integers(0, 5))
    circuit = Circuit(max(n, 1)).ry(Angle(int(random.integers(0, 3))), 0)
    return [
        None, True, -1, 0, 1, 2, 3, n, 2**31, 2**63, 2**64, -(2**70), 0.5, -1.5, float("nan"), float("inf"), 1e308, 1j, "", "Z", "XYZ", "zz",
        "heron", "line-3", "state-vector", "\0", "é" * 5, "{", '{"zz": {}}', "1 2 -3", b"bytes", [], [0], [1, 1], [0, 1, 2], [0.1] * n,
        [[0.1, 0.2], [0.3]], [["a"]], (), (1, 2), {}, {"Z": 1.0}, {"XX": "a"}, {"episodes": 1}, {1: 2}, np.zeros(n), np.zeros((2, 3)),
        np.zeros((0, 2)), np.zeros(8)[::2], np.zeros((4, 4)).T, np.arange(4), np.eye(2), np.eye(4), np.eye(3), np.full(2, np.nan),
        np.zeros(2, dtype=object), np.zeros((2, 2, 2)), np.ones(4, dtype=np.float32), np.float64(0.3), np.int64(1), object(), len, Circuit,
        circuit, circuit.copy().measure_all(), Circuit(), PauliSum({"Z": 1.0}), PauliSum({"X" * max(n, 1): 0.5}), Channel.depolarizing(0.1),
        Angle(0), Angle(2**40), Device.named("line-3"), NoiseModel(), Circuit(2).h(0).state(), Circuit(1).density(), Braid([1, -2]),
        Energy(Circuit(1).rx(Angle(0), 0), PauliSum({"Z": 1.0})), Batch(Circuit(1).rx(Angle(0), 0), [PauliSum({"Z": 1.0})]),
        Program("OPENQASM 3.0; input int n; output int m; qubit q; m = n; reset q;"), Tableau(Circuit(2).h(0)), Sampler(NoiseModel.uniform("readout=0.1", 1)), "zero-noise-extrapolation", [PauliSum({"Z": 1.0})], [("Z", [0], 1.0)], [(None, 1, None, Channel.bit_flip(0.1))], [(0.0, 1.0)],
        {((0, 1), (1, 0)): 1.0}, qloom.FermionOperator({((0, 1), (0, 0)): 1.0}), {"ZZ": -1}, qloom.Tapering({"ZZ": 1}), "parity", [True, False],
        qloom.PauliFrames(Circuit(2).h(0).cx(0, 1)), qloom.MatrixProduct(Circuit(2).h(0)), qloom.Factored(Circuit(2).h(0)), qloom.Symmetries({"ZZ": 1}),
        qloom.Measurements(PauliSum({"XX": 1.0, "ZZ": 0.5})), qloom.Trajectories(Circuit(1).channel(Channel.bit_flip(0.1), [0])), {"00": 1, "11": 2}, {"question": "When?", "candidates": ["In 1889.", "Now."], "answers": [0]},
    ]  # fmt: skip


def arguments(random, pool, target):
    """Arguments, mostly as many as the target takes, and mostly of kinds that its names ask for."""
    try:
        parameters = list(inspect.signature(target).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    if not parameters or random.random() < 0.1:
        return [pool[int(k)] for k in random.integers(0, len(pool), int(random.integers(0, 4)))]
    needed = sum(parameter.default is inspect.Parameter.empty for parameter in parameters)
    names = [parameter.name for parameter in parameters[: int(random.integers(needed, len(parameters) + 1))]]
    return [pick(random, pool, name) for name in names]


def pick(random, pool, name):
    """Something of the pool; mostly of a type that the name of the argument stands for."""
    types = next((types for part, types in KINDS if part in name), None)
    fitting = [thing for thing in pool if types and isinstance(thing, types)]
    chosen = fitting if fitting and random.random() < 0.8 else pool
    return chosen[int(random.integers(0, len(chosen)))]


def call(random, pool):
    """One call of a class, a method or a function."""
    if random.random() < 0.2:
        target = CLASSES[int(random.integers(0, len(CLASSES)))]
    elif random.random() < 0.1:
        target = [qloom.compile, qloom.gates, qloom.ground_energy, qloom.mine_gadgets, *FUNCTIONS][int(random.integers(0, 4 + len(FUNCTIONS)))]
    else:
        owners = [thing for thing in pool if type(thing) in CLASSES] + CLASSES
        owner = owners[int(random.integers(0, len(owners)))]
        names = [name for name in dir(owner) if name not in LEFT_OUT]
        target = getattr(owner, names[int(random.integers(0, len(names)))])
    return target(*arguments(random, pool, target)) if callable(target) else None


def main():
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    random = np.random.default_rng(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    returned, raised = 0, {}
    for number in range(calls):
        if number % 20 == 0:
            pool = things(random)
        try:
            made = call(random, pool)
            returned += 1
            if type(made) in CLASSES:
                pool.append(made)
        except BaseException as error:
            name = type(error).__name__
            if name in (PANIC, "InternalError", "KeyboardInterrupt", "SystemExit"):
                raise
            raised[name] = raised.get(name, 0) + 1
    print(f"{calls} calls: {returned} returned, {sum(raised.values())} raised: {dict(sorted(raised.items()))}")


if __name__ == "__main__":
    main()
