OPENQASM 2.0;
gate g0 a { U(0, 0, 0) a; U(0, 0, 0) a; }
gate g1 a { g0 a; g0 a; } gate g2 a { g1 a; g1 a; } gate g3 a { g2 a; g2 a; } gate g4 a { g3 a; g3 a; }
qreg q[1]; g4 q; U((((1))), - - 2, +3) q;
