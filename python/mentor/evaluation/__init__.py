"""Evaluation: a model on named suites, with intervals, comparison and a report.

`evaluate` runs the episodes and gives an `EvaluationResult` (JSON in and out), `compare` sets two of them
against each other task by task, and `mentor.evaluation.report` turns a run folder into a page to read.
"""

from __future__ import annotations

from mentor.evaluation.comparison import Comparison, Difference, compare
from mentor.evaluation.evaluator import IN_DOMAIN, evaluate
from mentor.evaluation.intervals import Interval
from mentor.evaluation.result import EvaluationResult, Item, Rollout, SuiteResult

__all__ = [
    "IN_DOMAIN",
    "Comparison",
    "Difference",
    "EvaluationResult",
    "Interval",
    "Item",
    "Rollout",
    "SuiteResult",
    "compare",
    "evaluate",
]
