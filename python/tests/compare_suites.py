"""Which of PennyLane's device tests a peer passes and ours does not: `compare_suites.py OURS PEER`, from files DEVICE.SHOTS."""

import sys
from pathlib import Path


def passed(device, shots):
    """The names of the tests that passed."""
    lines = Path(f"{device}.{shots}").read_text().splitlines()
    return {line.split(" ", 1)[1].split("tests/")[-1].strip() for line in lines if line.startswith("PASSED")}


def main():
    ours, peer = sys.argv[1:]
    for shots in ("None", "10000"):
        missing = sorted(passed(peer, shots) - passed(ours, shots))
        print(f"{peer} passes and {ours} does not, --shots={shots}: {len(missing)}")
        for name in missing:
            print(f"  {name}")


if __name__ == "__main__":
    main()
