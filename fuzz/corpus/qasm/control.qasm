OPENQASM 3.0;
include "stdgates.inc";
def flip(qubit t, angle[4] a) -> bit { rx(a) t; return measure t; }
qubit[2] q;
bit[2] c;
int[8] k = 0;
array[uint[4], 3] r = {1, 2, 3};
while (k < 3 && c != 3) {
  c[0] = flip(q[0], pi / 2);
  switch (k) { case 0, 1 { r[k] += 1; } default { if (c[0]) break; } }
  for uint j in [0:1] { if (c[j] == 1) continue; x q[j]; }
  k += 1;
}
