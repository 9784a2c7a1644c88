"""The examples for submitit, Ray and Optuna give what one process gives; a job that is cut goes on as if it had not been."""

import importlib.util
import pathlib
import subprocess
import sys

import pytest

import qloom

EXAMPLES = pathlib.Path(__file__).parent.parent / "examples"


def printed(name, *arguments):
    done = subprocess.run([sys.executable, EXAMPLES / name, *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def example(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def serial():
    ising = qloom.PauliSum({"ZZI": -1.0, "IZZ": -1.0, "XII": -0.5, "IXI": -0.5, "IIX": -0.5})
    for seed in range(3):
        search = qloom.Search(ising, {"episodes": 20}, seed=seed)
        search.run()
        yield f"{seed} {search.best()['energy']}"


def test_submitit(tmp_path):
    pytest.importorskip("submitit")
    assert printed("submitit_array.py", str(tmp_path), "local") == list(serial())
    module = example("submitit_array")
    # cut in the middle: what its checkpoint hands over ends alike
    run = module.Run()
    search = qloom.Search(module.ISING, {"episodes": 20}, seed=2)
    for _ in range(7):
        next(search)
    run.state = search.state()
    later = run.checkpoint(2)
    assert f"2 {later.function(*later.args, **later.kwargs)}" == list(serial())[2]


def test_ray():
    pytest.importorskip("ray")
    assert printed("ray_seeds.py") == list(serial())


def test_optuna(tmp_path):
    pytest.importorskip("optuna")
    chosen, judged = printed("optuna_settings.py", str(tmp_path / "journal"), "3")
    # every number again from the settings that it printed
    module = example("optuna_settings")
    settings, value = chosen.removeprefix("chosen on seeds 101 and 102: ").rsplit(" ", 1)
    settings = eval(settings, {})
    assert module.energy(settings, [101, 102]) == float(value)
    assert judged == f"on seeds 1 to 3: {module.energy(settings, [1, 2, 3])} default: {module.energy({}, [1, 2, 3])}"
    again, _ = printed("optuna_settings.py", str(tmp_path / "journal"), "1")
    assert float(again.rsplit(" ", 1)[1]) <= float(value), "a journal goes on"
