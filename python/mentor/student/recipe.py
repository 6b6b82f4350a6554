"""What a tiny student is made from: a seed, the size of its corpus, and what differs from the usual writers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mentor.student.corpus import Writers
from mentor.student.pretrain import Schedule

__all__ = ["Recipe"]

_MOST = 0.95  # no writer knows a hint always


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a student is made.

    Attributes:
        seed: Fixes weights, corpus and batches.
        samples: Trajectories in the corpus.
        epochs: How often each is read.
        knowledge: A factor on how often the writers know a hint.
        renamed: The share of tasks with a tool under another name.
        lengths: The weights of tasks of one, two, ... instructions; None for the usual ones.
    """

    seed: int = 0
    samples: int = 60_000
    epochs: int = 1
    knowledge: float = 1.0
    renamed: float = 0.0
    lengths: tuple[float, ...] | None = None

    @property
    def schedule(self) -> Schedule:
        """How long and how fast it is pretrained."""
        return replace(Schedule(), samples=self.samples, epochs=self.epochs)

    @property
    def writers(self) -> Writers:
        """The writers of its corpus."""
        usual = Writers()
        return replace(
            usual,
            knowledge={hint: min(_MOST, k * self.knowledge) for hint, k in usual.knowledge.items()},
            renamed=self.renamed,
            lengths=usual.lengths if self.lengths is None else self.lengths,
        )

    def command(self) -> str:
        """The command that makes it."""
        parts = [
            f"python -m mentor.student.make --out DIR --seed {self.seed} --samples {self.samples}",
            f"--epochs {self.epochs} --knowledge {self.knowledge:g}",
        ]
        if self.renamed:
            parts.append(f"--renamed {self.renamed:g}")
        if self.lengths is not None:
            parts.append("--lengths " + ",".join(f"{weight:g}" for weight in self.lengths))
        return " ".join(parts)
