#!/usr/bin/env python3
"""Exact Jones polynomials: qloom and Regina on the same links, in the same run.

    pip install regina
    cargo build --release
    python3 experiments/knots_regina.py target/release/qloom > table.md

Random braids (uniform letters and signs, every generator present) and torus links. Regina gets a fresh link from the PD code of the trace
closure for every run, only Link.jones() is timed; qloom's figure is the "seconds" of `qloom jones exact` from the braid word and from the
same PD code. Medians of five runs each; all polynomials are compared. A Regina run over the limit is stopped and given as "> limit".
"""
import json, random, statistics, subprocess, sys, time

RUNS, LIMIT = 5, 30.0


def pd_of(word, strands):
    """PD code of the trace closure: sigma_i is [b,d,c,a], its inverse [a,b,d,c] (a, b below, c, d above)."""
    top, label, crossings = list(range(strands)), strands, []
    for letter in word:
        i = abs(letter) - 1
        a, b, c, d = top[i], top[i + 1], label, label + 1
        label += 2
        crossings.append([b, d, c, a] if letter > 0 else [a, b, d, c])
        top[i], top[i + 1] = c, d
    name = {end: bottom for bottom, end in enumerate(top)}
    crossings = [[name.get(arc, arc) for arc in crossing] for crossing in crossings]
    # Regina wants labels from 1 to 2c along the components: follow each
    place = {}
    for index, crossing in enumerate(crossings):
        for slot, arc in enumerate(crossing):
            place.setdefault(arc, []).append((index, slot))
    incoming = [(0, 3) if letter > 0 else (0, 1) for letter in word]
    number, fresh = {}, 1
    for start in sorted(place):
        arc = start
        while arc not in number:
            number[arc] = fresh
            fresh += 1
            index, slot = next(end for end in place[arc] if end[1] in incoming[end[0]])
            arc = crossings[index][(slot + 2) % 4]
    return [[number[arc] for arc in crossing] for crossing in crossings]


def regina_once(pd):
    """Seconds and terms of one run in a process of its own, so that it can be stopped."""
    code = ("import regina,json,sys,time\npd=json.load(sys.stdin)\nl=regina.Link.fromPD([tuple(x) for x in pd])\n"
            "s=time.perf_counter();p=l.jones();s=time.perf_counter()-s\n"
            "print(json.dumps([s,[[e,str(p[e])] for e in range(p.minExp(),p.maxExp()+1) if str(p[e])!='0']]))")
    try:
        done = subprocess.run([sys.executable, "-c", code], input=json.dumps(pd), capture_output=True, text=True, timeout=LIMIT + 5)
    except subprocess.TimeoutExpired:
        return None
    return json.loads(done.stdout)


def qloom(binary, arguments):
    times = []
    for _ in range(RUNS):
        done = subprocess.run([binary, "jones", "exact", *arguments, "--json"], capture_output=True, text=True, check=True)
        result = json.loads(done.stdout)
        times.append(result["seconds"])
    terms = [[int(e[:-2]) if isinstance(e, str) else 2 * e, str(c)] for e, c in result["jones"]]
    return statistics.median(times), terms, result["method"]


def shown(seconds):
    return f"{seconds * 1e6:.0f} us" if seconds < 1e-3 else f"{seconds * 1e3:.2f} ms" if seconds < 1 else f"{seconds:.2f} s"


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else "target/release/qloom"
    rows = [(f"T({p},{q})", p, [i for _ in range(q) for i in range(1, p)])
            for p, q in [(2, 11), (2, 101), (2, 501), (3, 10), (3, 100), (3, 200), (4, 25), (4, 101), (5, 26), (5, 101)]]
    rng = random.Random(5)
    for strands in (4, 6, 8, 10, 12):
        for crossings in (20, 50, 100, 200):
            word = [0]
            while len({abs(letter) for letter in word}) < strands - 1 or 0 in word:
                word = [rng.randrange(1, strands) * rng.choice((1, -1)) for _ in range(crossings)]
            rows.append((f"random {strands}/{crossings}", strands, word))
    print("| link | strands | crossings | Regina | qloom from the braid | qloom from the PD code | ratio |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, strands, word in rows:
        pd = pd_of(word, strands)
        first = regina_once(pd)
        braid, terms, how = qloom(binary, [" ".join(map(str, word))])
        diagram, same, other = qloom(binary, ["--pd", json.dumps(pd)])
        assert terms == same, name
        if first is None:
            regina = f"> {LIMIT:.0f} s"
            ratio = f"> {LIMIT / braid:.0f}"
        else:
            assert first[1] == terms, (name, first[1], terms)
            runs = [first[0]] + [regina_once(pd)[0] for _ in range(RUNS - 1)] if first[0] < 5 else [first[0]]
            regina = shown(statistics.median(runs))
            ratio = f"{statistics.median(runs) / braid:.1f}"
        print(f"| {name} | {strands} | {len(word)} | {regina} | {shown(braid)} ({how}) | {shown(diagram)} ({other}) | {ratio} |", flush=True)


if __name__ == "__main__":
    main()
