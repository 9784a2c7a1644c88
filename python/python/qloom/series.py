"""Series that models are compared by.

>>> mackey_glass(3).round(6).tolist()
[0.947, 0.900752, 0.857694]
"""

from ._native import (
    bessel,
    damped_pendulum,
    delayed_control,
    lorenz,
    mackey_glass,
    narma,
    narma_drive,
    scaled,
    uniform_drive,
)

__all__ = [
    "bessel",
    "damped_pendulum",
    "delayed_control",
    "lorenz",
    "mackey_glass",
    "narma",
    "narma_drive",
    "scaled",
    "uniform_drive",
]
