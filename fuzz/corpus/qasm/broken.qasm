OPENQASM 3.0; qubit[1e999] q; gate { } if (c == ) x; for int i in [0:] { ; h q[0] } /* "
