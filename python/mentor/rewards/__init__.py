"""Rewards for GRPO as TRL reward functions: a batch in, a number a row out, None where there is none.

`MentorReward` weighs the answer's correctness with the alignment to the teacher's tool use, `OutcomeReward`
sees the answer alone, `StrictReward` wants the teacher's exact calls. `published` gives the settings of the
paper's variants, `official` the published code itself. See docs/rewards.md for the formulas.
"""

from mentor.rewards import official
from mentor.rewards.base import PARTS, PartReward, Reward
from mentor.rewards.classes import MentorReward, OutcomeReward, StrictReward, published

__all__ = [
    "PARTS",
    "MentorReward",
    "OutcomeReward",
    "PartReward",
    "Reward",
    "StrictReward",
    "official",
    "published",
]
