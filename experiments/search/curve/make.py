#!/usr/bin/env python3
"""Integrals of lithium hydride along its bond, three orbitals with two electrons, and their Hamiltonians on four qubits.

python -m venv env; env/bin/pip install pyscf==2.14.0
env/bin/python experiments/search/curve/make.py target/release/qloom data/molecules/curve

Restricted Hartree-Fock in STO-3G; the lowest orbital is frozen and the pair of pi orbitals left out; the sign of each orbital makes its largest
coefficient positive, so that integrals change smoothly along the bond.
"""
import pathlib
import subprocess
import sys

import numpy as np
from pyscf import ao2mo, gto, scf
from pyscf.tools import fcidump

qloom, folder = sys.argv[1], pathlib.Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
start = None
for quarter in range(4, 17):
    bond = quarter / 4
    molecule = gto.M(atom=f"Li 0 0 0; H 0 0 {bond}", basis="sto-3g", unit="Angstrom", verbose=0)
    field = scf.RHF(molecule)
    field.conv_tol = 1e-13
    field.kernel(dm0=start)
    start = field.make_rdm1()
    labels = molecule.ao_labels()
    sideways = [place for place, label in enumerate(labels) if "2px" in label or "2py" in label]
    orbitals = field.mo_coeff.copy()
    for column in orbitals.T:
        column *= np.sign(column[np.argmax(np.abs(column))])
    sigma = [number for number in range(orbitals.shape[1]) if np.abs(orbitals[sideways, number]).max() < 1e-6]
    core, active = orbitals[:, sigma[:1]], orbitals[:, [sigma[1], sigma[2], sigma[-1]]]
    density = 2 * core @ core.T
    bare, potential = field.get_hcore(), field.get_veff(molecule, density)
    energy = molecule.energy_nuc() + np.einsum("ij,ji", density, bare + 0.5 * potential)
    one = active.T @ (bare + potential) @ active
    two = ao2mo.restore(8, ao2mo.kernel(molecule, active), 3)
    path = folder / f"LiH_{bond:.2f}.FCIDUMP"
    fcidump.from_integrals(str(path), one, two, 3, 2, nuc=energy, ms=0, tol=1e-14, float_format=" %.16g")
    out = path.with_suffix(".json")
    build = [qloom, "hamiltonian", "build", str(path), "--mapping", "parity", "--two-qubit-reduction", "--exact", "--out", str(out)]
    print(f"{bond:.2f} angstrom: Hartree-Fock {field.e_tot:.10f}", subprocess.run(build, check=True, capture_output=True, text=True).stdout.split("\n")[0])
