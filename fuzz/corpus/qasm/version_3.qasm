OPENQASM 3.0;
include "stdgates.inc";
pragma vendor x = 1
input float[64] theta;
const int n = 3;
float scale = pi / 2;
scale *= 2;
gate g(a) x1, x2 { ctrl @ rx(a) x1, x2; inv @ s x1; gphase(a / 2); }
qubit[n] q; qubit anc;
bit[n] c; bit d = measure anc;
let pair = q[0:1] ++ q[{2}];
h pair; g(scale) q[0], anc; negctrl @ pow(2) @ t anc, q[-1];
rx(2 * theta + 0.5) q[1]; ctrl(2) @ x q[0], q[1], q[2]; pow(0.5) @ x anc;
for int i in [0:n - 1] { rz(i * 0.1) q[i]; }
for uint j in {0, 2} y q[j];
c = measure q;
if (c[0] && !d || c == 3) { x q[0]; } else { z q[0]; reset q[1]; }
@hint fast
delay[100ns] q; barrier; barrier q[1:2];
cx $0, $2; c[1] = measure $2;
U(1, 2, 3) q; cu(1, 2, 3, 4) q[0], anc;
