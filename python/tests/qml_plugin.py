"""A pytest plugin: the tests of qiskit-machine-learning, unchanged, run with ours in place of the primitives that they are given.

    PYTHONPATH=python/tests:SDIST pytest -p qml_plugin SDIST/test/kernels SDIST/test/algorithms/classifiers
"""

import qiskit_plugin  # noqa: I001  # rebinds the primitives of Qiskit, which those of qiskit-machine-learning inherit from

from qiskit_machine_learning.primitives import estimator, sampler

from qloom.convert import from_qiskit
from qloom.qiskit import EstimatorV2

RUNS = {"exact probabilities": 0, "exact values": 0}


class State:
    """Probabilities of a circuit of Qiskit from a state of ours, where exact ones are asked for."""

    def __init__(self, circuit):
        RUNS["exact probabilities"] += 1
        self.state = from_qiskit(circuit).state()

    @classmethod
    def from_instruction(cls, circuit):
        """As that of Qiskit's Statevector."""
        return cls(circuit)

    def probabilities_dict(self, qargs):
        """Probabilities above 0 by bitstring."""
        probabilities = self.state.probabilities(list(qargs))
        return {f"{outcome:0{len(qargs)}b}": float(p) for outcome, p in enumerate(probabilities) if p > 0}


def exact(self, pubs):
    """The exact mode of the estimator by ours."""
    RUNS["exact values"] += 1
    results = EstimatorV2._run(self, pubs)
    for result in results:
        result.metadata["exact"] = True
    return results


sampler.Statevector = State
estimator.QMLEstimator._run_exact = exact


def pytest_terminal_summary(terminalreporter):
    """Says how often ours ran."""
    terminalreporter.write_line(f"runs in exact modes: {RUNS}")
    assert qiskit_plugin.RUNS is not None
