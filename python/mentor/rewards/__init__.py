"""Rewards for GRPO as TRL reward functions: a batch in, a number a row out, None where there is none.

`MentorReward` weighs the answer's correctness with the alignment to the teacher's tool use, `OutcomeReward`
sees the answer alone, `StrictReward` wants the teacher's exact calls. `published` gives the settings of the
paper's variants, `official` the published code itself; `ToolRLReward` and `OTCReward` are other papers'. `WeightedSum`,
`Product`, `Gate` and `AsyncReward` make rewards of rewards, yours included. See docs/rewards.md for the formulas.
"""

from mentor.rewards import official
from mentor.rewards.base import Reward
from mentor.rewards.classes import MentorReward, OutcomeReward, StrictReward, published
from mentor.rewards.compose import AsyncReward, Gate, Product, WeightedSum
from mentor.rewards.parts import PARTS, PartReward
from mentor.rewards.peers import OTCReward, ToolRLReward

__all__ = [
    "PARTS",
    "AsyncReward",
    "Gate",
    "MentorReward",
    "OTCReward",
    "OutcomeReward",
    "PartReward",
    "Product",
    "Reward",
    "StrictReward",
    "ToolRLReward",
    "WeightedSum",
    "official",
    "published",
]
