"""Every public name at the root of the facade's libraries has a name in Python or a reason for having none, in parity.toml."""

import importlib
import re
from pathlib import Path

import pytest

tomllib = pytest.importorskip("tomllib")

ROOT = Path(__file__).resolve().parents[2]
TABLE = tomllib.loads((ROOT / "python" / "parity.toml").read_text())


def public(library):
    """The names that a library's root exports."""
    text = re.sub(r"//.*", "", (ROOT / library / "src" / "lib.rs").read_text())
    names = set(re.findall(r"pub mod (\w+);", text))
    for path in re.findall(r"pub use ([^;]+);", text):
        inner = re.search(r"\{(.*)\}", path, re.DOTALL)
        for part in inner[1].split(",") if inner else [path.split("::")[-1]]:
            name = part.strip().split(" as ")[-1].split("::")[-1]
            if name:
                names.add(name)
    return names


@pytest.mark.parametrize("library", ["circuits", "hardware", "sim", "estimate", "chemistry", "optim", "nn", "qas", "learn", "knots"])
def test_every_name_has_an_entry(library):
    entries = TABLE[library]
    reasons = [name for row in entries.get("without", []) for name in row["names"]]
    listed = [*entries.get("python", {}), *reasons]
    assert len(listed) == len(set(listed)), "a name is listed twice"
    assert set(listed) == public(library)
    assert all(row["because"] for row in entries.get("without", []))


def test_the_names_in_python_are_there():
    for entries in TABLE.values():
        for name in entries.get("python", {}).values():
            module, *path = name.split(":")
            thing = importlib.import_module(module) if module in ("qloom",) else pytest.importorskip(module)
            for part in path[0].split("."):
                thing = getattr(thing, part)
