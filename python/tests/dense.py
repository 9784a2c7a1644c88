"""Dense matrices in plain NumPy that the tests compare with; nothing here calls qloom."""

import itertools

import numpy as np

LETTERS = {"I": np.eye(2), "X": np.array([[0, 1], [1, 0]]), "Y": np.array([[0, -1j], [1j, 0]]), "Z": np.diag([1, -1])}


def word(letters):
    """The matrix of a Pauli word, its leftmost letter on qubit 0, which is the least significant bit of an index."""
    matrix = np.eye(1)
    for letter in letters:
        matrix = np.kron(LETTERS[letter], matrix)
    return matrix


def total(terms, n):
    """The matrix of a real sum of words on n qubits."""
    return sum((value * word(letters) for letters, value in dict(terms).items()), np.zeros((2**n, 2**n), dtype=complex))


def embedded(matrix, qubits, n):
    """A matrix on some qubits, the first the least significant bit of its index, as one on all n: entry by entry."""
    out = np.zeros((2**n, 2**n), dtype=complex)
    for column in range(2**n):
        inner = sum((column >> qubit & 1) << k for k, qubit in enumerate(qubits))
        cleared = column & ~sum(1 << qubit for qubit in qubits)
        for row in range(len(matrix)):
            out[cleared | sum((row >> k & 1) << qubit for k, qubit in enumerate(qubits)), column] += matrix[row, inner]
    return out


def after(operators, density, qubits):
    """The density matrix after a channel with these Kraus operators on some qubits."""
    n = int(np.log2(len(density)))
    wide = [embedded(np.asarray(operator), qubits, n) for operator in operators]
    return sum(operator @ density @ operator.conj().T for operator in wide)


def transfer(operators):
    """The Pauli transfer matrix of Kraus operators; the letter on qubit 0 is the fastest digit of an index."""
    n = int(np.log2(len(operators[0])))
    words = [word(letters[::-1]) for letters in itertools.product("IXYZ", repeat=n)]
    images = [sum(k @ w @ np.conj(k).T for k in operators) for w in words]
    return np.array([[np.trace(row @ image).real / 2**n for image in images] for row in words])


def partial_trace(density, qubits):
    """The density matrix of some qubits, the first the least significant."""
    n = int(np.log2(len(density)))
    out = np.zeros((2 ** len(qubits),) * 2, dtype=complex)
    rest = sum(1 << qubit for qubit in range(n) if qubit not in qubits)
    for row, column in itertools.product(range(2**n), repeat=2):
        if row & rest == column & rest:
            place = [sum((index >> qubit & 1) << k for k, qubit in enumerate(qubits)) for index in (row, column)]
            out[tuple(place)] += density[row, column]
    return out


def random_unitary(random, size):
    """A unitary matrix drawn by the QR decomposition of a complex normal one."""
    q, r = np.linalg.qr(random.normal(size=(size, size)) + 1j * random.normal(size=(size, size)))
    return q * (np.diag(r) / np.abs(np.diag(r)))


def random_state(random, n):
    """Amplitudes of a random pure state."""
    return random_unitary(random, 2**n)[:, 0]


def random_density(random, n):
    """A density matrix of full rank."""
    root = random.normal(size=(2**n, 2**n)) + 1j * random.normal(size=(2**n, 2**n))
    return root @ root.conj().T / np.trace(root @ root.conj().T).real


def random_kraus(random, n, count):
    """Kraus operators of a random channel on n qubits: blocks of an isometry."""
    return list(random_unitary(random, count * 2**n)[:, : 2**n].reshape(count, 2**n, 2**n))
