OPENQASM 2.0;
include "qelib1.inc";
// every statement
gate twist(t, u) a, b { rx(t/2 - u^2) a; barrier a, b; cx a, b; U(sin(t), -u, pi) b; }
opaque magic(x1) a;
qreg q[3]; qreg r[3];
creg c[3]; creg d[1];
h q; cx q, r; cx q[0], r; twist(pi/4, 1e-3) q[1], r[2];
u3(0.1, 0.2, 0.3) q[2]; ccx q[0], q[1], q[2]; CX q[0], r[1];
barrier q, r[0];
measure q -> c; measure r[0] -> d[0];
if (c == 5) x q[0];
if (d == 1) measure q[0] -> d[0];
reset q; rz(-(1 + 2) * 3 / sqrt(4) - ln(2)) r;
