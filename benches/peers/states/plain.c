// Times one circuit of u3 and cx, depolarizing after every gate, as 4^n real Pauli coefficients: plain FILE. Input and
// output are those of states-qloom. One pass over the coefficients per gate, nothing merged, nothing in tiles: what the
// representation alone is worth. Digits in base four, I X Y Z; qubit 0 is the least significant.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
    int control, target; // control is -1 for one-qubit gates
    double turn[9];
} Gate;

static int qubits, count;
static Gate gates[4096];
static double *state;

// Rotation of the Bloch vector by u3 = rz(phi) ry(theta) rz(lambda).
static void turn_of(double theta, double phi, double lambda, double *m) {
    double ct = cos(theta), st = sin(theta), cp = cos(phi), sp = sin(phi), cl = cos(lambda), sl = sin(lambda);
    double rows[9] = {cp * ct * cl - sp * sl, -cp * ct * sl - sp * cl, cp * st,
                      sp * ct * cl + cp * sl, -sp * ct * sl + cp * cl, sp * st,
                      -st * cl,               st * sl,                 ct};
    memcpy(m, rows, sizeof rows);
}

static void one(int qubit, const double *turn, double kept) {
    double m[9];
    for (int k = 0; k < 9; k++) m[k] = kept * turn[k];
    size_t stride = (size_t)1 << 2 * qubit, size = (size_t)1 << 2 * qubits;
    for (size_t block = 0; block < size; block += 4 * stride) {
        double *restrict x = state + block + stride, *restrict y = x + stride, *restrict z = y + stride;
        for (size_t k = 0; k < stride; k++) {
            double a = x[k], b = y[k], c = z[k];
            x[k] = m[0] * a + m[1] * b + m[2] * c;
            y[k] = m[3] * a + m[4] * b + m[5] * c;
            z[k] = m[6] * a + m[7] * b + m[8] * c;
        }
    }
}

// Where cx takes each pair of Pauli matrices (target digit first), and its sign.
static void cx_table(int *to, double *sign) {
    const int x_bit[4] = {0, 1, 1, 0}, z_bit[4] = {0, 0, 1, 1}, digit[2][2] = {{0, 3}, {1, 2}};
    for (int c = 0; c < 4; c++)
        for (int t = 0; t < 4; t++) {
            int xc = x_bit[c], zc = z_bit[c] ^ z_bit[t], xt = x_bit[t] ^ x_bit[c], zt = z_bit[t];
            to[4 * c + t] = 4 * digit[xc][zc] + digit[xt][zt];
            sign[4 * c + t] = x_bit[c] && z_bit[t] && x_bit[t] == z_bit[c] ? -1.0 : 1.0;
        }
}

static void cx(int control, int target, double kept) {
    int to[16];
    double sign[16];
    cx_table(to, sign);
    int low = control < target ? control : target, high = control < target ? target : control;
    size_t small = (size_t)1 << 2 * low, large = (size_t)1 << 2 * high, size = (size_t)1 << 2 * qubits;
    for (size_t outer = 0; outer < size; outer += 4 * large)
        for (size_t inner = 0; inner < large; inner += 4 * small)
            for (int from = 1; from < 16; from++) {
                int other = to[from]; // cx is its own inverse: pairs change places
                if (other < from) continue;
                double *a = state + outer + inner + ((size_t)(from / 4) << 2 * control) + ((size_t)(from % 4) << 2 * target);
                double *b = state + outer + inner + ((size_t)(other / 4) << 2 * control) + ((size_t)(other % 4) << 2 * target);
                double forth = kept * sign[from], back = kept * sign[other];
                if (a == b)
                    for (size_t k = 0; k < small; k++) a[k] *= forth;
                else
                    for (size_t k = 0; k < small; k++) {
                        double kept_a = a[k];
                        a[k] = back * b[k];
                        b[k] = forth * kept_a;
                    }
            }
}

static size_t diagonal(size_t mask) {
    size_t index = 0;
    for (int q = 0; q < qubits; q++) index |= (mask >> q & 1) * ((size_t)3 << 2 * q);
    return index;
}

static void run(void) {
    memset(state, 0, sizeof(double) << 2 * qubits);
    for (size_t mask = 0; mask < (size_t)1 << qubits; mask++) state[diagonal(mask)] = 1;
    for (int g = 0; g < count; g++) {
        if (gates[g].control < 0) one(gates[g].target, gates[g].turn, 1 - 0.01);
        else cx(gates[g].control, gates[g].target, 1 - 0.02);
    }
}

static double seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec + 1e-9 * time.tv_nsec;
}

int main(int argc, char **argv) {
    FILE *file = argc > 1 ? fopen(argv[1], "r") : NULL;
    if (!file) return 1;
    char line[256];
    while (fgets(line, sizeof line, file) && count < 4096) {
        double theta, phi, lambda;
        Gate *gate = &gates[count];
        if (sscanf(line, "qreg q[%d]", &qubits) == 1) continue;
        if (sscanf(line, "u3(%lf,%lf,%lf) q[%d]", &theta, &phi, &lambda, &gate->target) == 4) {
            gate->control = -1;
            turn_of(theta, phi, lambda, gate->turn);
            count++;
        } else if (sscanf(line, "cx q[%d],q[%d]", &gate->control, &gate->target) == 2) count++;
    }
    size_t bytes = sizeof(double) << 2 * qubits, page = 1 << 21;
    state = aligned_alloc(page, (bytes + page - 1) / page * page);
    run();
    double zeros = 0;
    for (size_t mask = 0; mask < (size_t)1 << qubits; mask++) zeros += state[diagonal(mask)];
    printf("%.17g\n", zeros / (double)((size_t)1 << qubits));
    fflush(stdout);
    unsigned runs;
    while (scanf("%u", &runs) == 1) {
        double start = seconds();
        for (unsigned k = 0; k < runs; k++) run();
        printf("%.9g\n", (seconds() - start) / runs);
        fflush(stdout);
    }
    return 0;
}
