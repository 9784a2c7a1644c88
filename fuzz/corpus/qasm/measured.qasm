OPENQASM 3;
include "stdgates.inc";
qubit[3] q; bit[2] c; bit d; bool yes;
def pass(bit b, qubit a) -> bit { if (b) { x a; } return b; }
c = measure q[0:1];
yes = c[0];
for int k in [0:1] {
  if (c == 2 || yes) { d = measure q[2]; h q[k]; } else { c[1] = measure q[1]; }
  if (!(d && c[1])) { z q[0]; if (c < 2) y q[1]; }
}
d = pass(d, q[0]);
if (true) { bit b; b = measure q[1]; if (b) reset q[1]; }
