#!/usr/bin/env python3
"""Times states of qloom, prism-q, qsim and a plain C program on the same circuits and prints Markdown tables.

python3 benches/peers/states/run.py [--rounds 5] [--qubits 4,10,16,20,24] [--families brick,...] [--noise 4,6,8,10] [--peers wheel,qsim] [--qloom PATH]

Everything it needs it makes under target/peers: circuits, programs (cargo, gcc), an environment with the packages. Each circuit is held by
all programs at once and run in turns, so that all see the same load; figures are processor time on one thread, medians of the rounds, the
state prepared each time. Outside what is timed: reading, this simulator's planning, Cirq's translation. Programs that disagree about the
probability of all zeros stop it. --qloom adds a second build of states-qloom to the same turns, to compare two commits.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys

import circuits

HERE = pathlib.Path(__file__).resolve().parent
MADE = HERE.parents[2] / "target" / "peers"
PACKAGES = ["prism-q==0.35.0", "qsimcirq==0.22.1", "cirq-core==1.7.0", "numpy"]
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "RAYON_NUM_THREADS", "OPENBLAS_NUM_THREADS")}


def environment():
    return {**os.environ, **ONE_THREAD}


def build(folder, name, native=False):
    """A Rust program of a folder beside this file; native: for this processor alone."""
    target = MADE / (folder + ("-native" if native else ""))
    flags = {**environment(), "CARGO_TARGET_DIR": str(target), **({"RUSTFLAGS": "-C target-cpu=native"} if native else {})}
    command = ["cargo", "build", "--release", "--locked", "--quiet", "--manifest-path", str(HERE / folder / "Cargo.toml")]
    subprocess.run(command, check=True, env=flags)
    return str(target / "release" / name)


def python():
    """The interpreter of an environment with the packages."""
    folder = MADE / "env"
    interpreter = folder / "bin" / "python"
    if not interpreter.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES], check=True)
    return str(interpreter)


def plain():
    program = MADE / "plain"
    subprocess.run(["gcc", "-O3", "-march=native", "-ffast-math", str(HERE / "plain.c"), "-o", str(program), "-lm"], check=True)
    return str(program)


class Child:
    """A program that holds one circuit and runs it as often as it is told to."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment())
        self.zeros = float(self.line())

    def line(self):
        text = self.process.stdout.readline()
        if not text:
            raise SystemExit(f"{self.process.args} ended with {self.process.wait()}")
        return text

    def run(self, times):
        self.process.stdin.write(f"{times}\n")
        self.process.stdin.flush()
        return float(self.line())

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def medians(commands, rounds, piece):
    """Seconds of one run of each program, and the rounds' seconds: in turns, each turn at least `piece` seconds long."""
    children = {name: Child(command) for name, command in commands.items()}
    first = next(iter(children.values())).zeros
    for name, child in children.items():
        if abs(child.zeros - first) > 1e-3 * first + 1e-9:
            raise SystemExit(f"{commands[name]}: probability {child.zeros}, {first} elsewhere")
    counts = {}
    for name, child in children.items():
        child.run(1)
        counts[name] = max(1, round(piece / max(child.run(1), 1e-7)))
    turns = {name: [] for name in children}
    for _ in range(rounds):
        for name, child in children.items():
            turns[name].append(child.run(counts[name]))
    for child in children.values():
        child.end()
    return turns


def on_one_core():
    """Keeps this process and those it starts on one core: on two, one of which is shared, a program can be the slower one in every turn."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def processor():
    fields = {}
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        fields.setdefault(key.strip(), value.strip())
    sizes = []
    for index in range(4):
        folder = pathlib.Path(f"/sys/devices/system/cpu/cpu0/cache/index{index}")
        if folder.exists() and (folder / "type").read_text().strip() != "Instruction":
            sizes.append(f"L{(folder / 'level').read_text().strip()} {(folder / 'size').read_text().strip()}")
    sets = " ".join(name for name in ("avx2", "avx512f", "asimd") if name in fields.get("flags", fields.get("Features", "")).split())
    name = fields.get("model name", "unknown")
    return f"{name}, family {fields.get('cpu family')} model {fields.get('model')}, {sets}, {', '.join(sizes)}"


def seconds(value):
    unit, scale = next((unit, scale) for unit, scale in (("us", 1e6), ("ms", 1e3), ("s", 1.0)) if value * scale < 1000 or unit == "s")
    return f"{value * scale:.3g} {unit}"


def ratio(turns, ours, peers):
    """The best peer's time over ours: the least of the medians over rounds."""
    each = {peer: statistics.median(a / b for a, b in zip(turns[peer], turns[ours])) for peer in peers}
    return min(each.values())


def sets():
    """The vector instruction sets of this machine, best first; plain arithmetic is left out."""
    flags = pathlib.Path("/proc/cpuinfo").read_text().split()
    found = [name for name, flag in (("avx512", "avx512f"), ("avx2", "avx2"), ("neon", "asimd")) if flag in flags]
    return found or ["scalar"]


def table(names, rows):
    print("| " + " | ".join(names) + " |")
    print("| --- |" + " ---: |" * (len(names) - 1))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--piece", type=float, default=0.02, help="seconds of a turn, at least one run")
    parser.add_argument("--qubits", default="4,10,16,20,24")
    parser.add_argument("--families", default="brick,hea,qft,tfim,qaoa,qv")
    parser.add_argument("--noise", default="4,6,8,10")
    parser.add_argument("--qloom", help="a second build of states-qloom")
    parser.add_argument("--peers", default="crate,native,wheel,qsim", help="prism-q as crate, built for this processor, from PyPI; qsim; or none")
    arguments = parser.parse_args()
    folder = MADE / "circuits"
    folder.mkdir(parents=True, exist_ok=True)
    here = build("qloom", "states-qloom")
    builds = {"": here, **({"other ": arguments.qloom} if arguments.qloom else {})}
    peers64, peers32 = {}, {}
    chosen = [word for word in arguments.peers.split(",") if word != "none"]
    interpreter = python() if {"wheel", "qsim"} & set(chosen) else None
    prism = {name: build("prism", "states-prism", native=name == "native") for name in ("crate", "native") if name in chosen}
    for name, program in prism.items():
        peers64[f"prism-q {name}"] = lambda path, program=program: [program, path, "f64"]
    if "wheel" in chosen:
        peers64["prism-q wheel"] = lambda path: [interpreter, str(HERE / "wheel.py"), path, "prism"]
    if "qsim" in chosen:
        peers32["qsim"] = lambda path: [interpreter, str(HERE / "wheel.py"), path, "qsim"]
    program_in_c = plain()
    on_one_core()
    print(f"{processor()}; one thread, processor time, medians of {arguments.rounds} rounds in turns.\n")
    best, *others = sets()
    header = ["circuit", "qubits"]
    header += [f"{build}{kind} {name}" for kind in ("f64", "f32") for build in builds for name in (best, *others)]
    header += [*peers64, *peers32] + ["prism-q / f64"] * bool(peers64) + ["qsim / f32"] * bool(peers32)
    header += ["f64 / other", "f32 / other"] if arguments.qloom else []
    rows = []
    for size in map(int, arguments.qubits.split(",")):
        for family in arguments.families.split(","):
            path = str(circuits.write(family, size, folder))
            commands = {}
            for kind in ("f64", "f32"):
                for build_name, program in builds.items():
                    for name in (best, *others):
                        commands[f"{build_name}{kind} {name}"] = [program, path, kind, name]
            commands |= {name: make(path) for name, make in {**peers64, **peers32}.items()}
            turns = medians(commands, arguments.rounds, arguments.piece)
            row = [family, str(size)] + [seconds(statistics.median(turns[name])) for name in header[2:2 + len(commands)]]
            for kind, peers in (("f64", peers64), ("f32", peers32)):
                row += [f"{ratio(turns, f'{kind} {best}', peers):.2f}"] if peers else []
            if arguments.qloom:
                row += [f"{1 / ratio(turns, f'{kind} {best}', [f'other {kind} {best}']):.3f}" for kind in ("f64", "f32")]
            rows.append(row)
            print(" ".join(row), file=sys.stderr, flush=True)
    table(header, rows)
    rows = []
    sizes = [int(word) for word in arguments.noise.split(",") if word]
    for size in sizes:
        path = str(circuits.write("noisy", size, folder))
        commands = {f"{build_name}{name}": [program, path, "noise", name] for build_name, program in builds.items() for name in (best, *others)}
        commands |= {f"prism-q {name}": [program, path, "noise"] for name, program in prism.items()}
        commands["plain C"] = [program_in_c, path]
        turns = medians(commands, arguments.rounds, arguments.piece)
        row = [str(size)] + [seconds(statistics.median(turns[name])) for name in commands]
        row += [f"{ratio(turns, best, [name for name in commands if name.startswith('prism')]):.1f}"] if prism else []
        row += [f"{ratio(turns, best, ['plain C']):.2f}"]
        row += [f"{1 / ratio(turns, best, [f'other {best}']):.3f}"] if arguments.qloom else []
        rows.append(row)
    if rows:
        ratios = ["prism-q / here"] * bool(prism) + ["plain C / here"] + (["here / other"] if arguments.qloom else [])
        print("Density operators under depolarizing noise after every gate, exactly.\n")
        table(["qubits", *commands, *ratios], rows)


main()
