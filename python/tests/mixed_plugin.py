"""Gives `qloom.noisy` a name with the word "mixed" in it, by which PennyLane's tests know devices whose states are density matrices."""

from qloom.pennylane import QloomNoisy

QloomNoisy.name = property(lambda device: "qloom.noisy, mixed")
