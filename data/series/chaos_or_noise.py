#!/usr/bin/env python3
"""Writes chaos_or_noise.csv: 80 series of 20 to 60 values, half of them chaotic, half of them noise (numpy PCG64, seed 1).

chaos: the logistic map x' = 4 x (1 - x) from a drawn start, after 50 steps;
noise: independent numbers sin^2(pi u / 2) with u uniform in [0, 1), which have the distribution of the map.

Mean, variance and correlations of neighbours are those of the map in the limit of long series, so that only nonlinear memory
tells the two apart.
"""
import numpy

rng = numpy.random.Generator(numpy.random.PCG64(1))
with open("chaos_or_noise.csv", "w", encoding="ascii") as out:
    out.write("series,t,x,label\n")
    for number in range(80):
        label = ("chaos", "noise")[number % 2]
        length = int(rng.integers(20, 61))
        if label == "noise":
            values = numpy.sin(numpy.pi * rng.random(length) / 2) ** 2
        else:
            x = rng.random()
            values = []
            for step in range(50 + length):
                x = 4 * x * (1 - x)
                values.append(x)
            values = values[50:]
        for t, x in enumerate(values):
            out.write(f"{number},{t},{float(x)!r},{label}\n")
