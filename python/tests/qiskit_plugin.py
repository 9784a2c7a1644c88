"""A pytest plugin: Qiskit's own tests of primitives, unchanged, run with ours in place of those that Qiskit ships.

    PYTHONPATH=python/tests:SDIST pytest -p qiskit_plugin SDIST/test/python/primitives/test_statevector_estimator.py
"""

import qiskit.primitives
import qiskit.providers.fake_provider

from qloom import Device
from qloom.qiskit import EstimatorV2, QloomBackend, SamplerV2

RUNS = {"estimator": 0, "sampler": 0, "backend": 0}


class CountedEstimator(EstimatorV2):
    """Ours, with its runs counted."""

    def run(self, pubs, *, precision=None):
        RUNS["estimator"] += 1
        return super().run(pubs, precision=precision)


class CountedSampler(SamplerV2):
    """Ours, with its runs counted."""

    def run(self, pubs, *, shots=None):
        RUNS["sampler"] += 1
        return super().run(pubs, shots=shots)


qiskit.primitives.StatevectorEstimator = CountedEstimator
qiskit.primitives.StatevectorSampler = CountedSampler
qiskit.primitives.statevector_sampler.StatevectorSampler = CountedSampler


GENERIC = qiskit.providers.fake_provider.GenericBackendV2


class Backend(QloomBackend):
    """A backend of ours where the tests make a generic one, of which it has the qubits' properties, drawn by its seed."""

    def __init__(self, num_qubits, basis_gates=("cx", "rz", "sx", "x"), coupling_map=None, seed=None, **_):
        gates = [gate for gate in basis_gates if gate != "reset"]
        lines = ["name = 'generic'", f"num_qubits = {num_qubits}", f"gates = {gates}"]
        if coupling_map is not None:
            lines.append(f"couplings = {[list(pair) for pair in coupling_map]}")
        generic = GENERIC(num_qubits, list(basis_gates), coupling_map=coupling_map, seed=seed)
        super().__init__(Device.from_toml("\n".join(lines)), seed=seed, qubit_properties=generic.target.qubit_properties)

    def run(self, run_input, **options):
        RUNS["backend"] += 1
        return super().run(run_input, **options)


qiskit.providers.fake_provider.GenericBackendV2 = Backend


def pytest_terminal_summary(terminalreporter):
    """Says how often ours ran."""
    terminalreporter.write_line(f"runs of qloom's primitives: {RUNS}")
