OPENQASM 3;
include "stdgates.inc";
qubit[2] q; bit[4] c; output int[8] sum;
array[int[8], 2, 2] r = {{1, 2}, {3, 4}};
def fill(mutable array[int[8], #dim = 1] a, int[8] x) { for uint k in [0:1] { a[k] = x + int[8](k); } }
const uint[3] n = 5; angle[6] a = pi / 4; float[32] f = 0.5; complex[float[64]] w = 1.0 + 2.0im;
int[8] k = 3;
while (k > 0) { k -= 1; if (k == 1) continue; r[0][k % 2] = k << 1; sum += r[0, 1]; }
fill(r[1], k);
switch (n) { case 1, 2 { x q[0]; } case 5 { h q; } default { z q; } }
rx(a) q[0]; ry(f * real(w)) q[1]; pow(k + 2) @ ctrl @ rz(a) q[0], q[1];
c[0:1] = measure q; c = rotl(c, 1) ^ "0110";
if (uint[4](c) > 3 && popcount(c) != 2) { let p = q[{1, 0}]; cx p[0], p[1]; end; }
for bit b in c { if (b) x q[0]; }
stretch s; box[1us] { x q[0]; delay[s] q[0]; }
