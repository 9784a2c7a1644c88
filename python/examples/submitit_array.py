"""Searches of several seeds as an array of jobs: on Slurm where there is one, else on this machine. A job whose time is up goes on.

    pip install qloom submitit; python submitit_array.py [FOLDER [local]]
"""

import sys

import qloom
import submitit

ISING = qloom.PauliSum({"ZZI": -1.0, "IZZ": -1.0, "XII": -0.5, "IXI": -0.5, "IIX": -0.5})


class Run:
    def __call__(self, seed, state=None):
        self.state = state
        search = qloom.Search(ISING, {"episodes": 20}, seed=seed, state=state)
        for _ in search:
            self.state = search.state()
        return search.best()["energy"]

    def checkpoint(self, seed, state=None):
        return submitit.helpers.DelayedSubmission(Run(), seed, self.state)


if __name__ == "__main__":
    folder, cluster = (*sys.argv[1:], *["runs/submitit", None][len(sys.argv) - 1 :])[:2]
    executor = submitit.AutoExecutor(folder=folder, cluster=cluster)
    executor.update_parameters(timeout_min=60, slurm_array_parallelism=20)
    for seed, job in enumerate(executor.map_array(Run(), range(3))):
        print(seed, job.result())
