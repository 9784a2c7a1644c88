OPENQASM 3;
gate bell a, b { U(pi/2, 0, pi) a; ctrl @ U(pi, 0, pi) a, b; }
bit[2] out;
bell $0, $1;
out[0] = measure $0; out[1] = measure $1;
if (out == 2) { if (out[0]) reset $0; }
