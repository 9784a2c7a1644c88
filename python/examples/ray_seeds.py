"""Searches of several seeds on the processors of a Ray cluster, or of this machine. Results do not depend on their number.

    pip install qloom ray; python ray_seeds.py
"""

import qloom
import ray

ISING = {"ZZI": -1.0, "IZZ": -1.0, "XII": -0.5, "IXI": -0.5, "IIX": -0.5}


@ray.remote(num_cpus=1, max_retries=3)
def run(seed):
    search = qloom.Search(qloom.PauliSum(ISING), {"episodes": 20}, seed=seed)
    search.run()
    return search.best()["energy"]


if __name__ == "__main__":
    ray.init(include_dashboard=False, log_to_driver=False)
    for seed, energy in enumerate(ray.get([run.remote(seed) for seed in range(3)])):
        print(seed, energy)
