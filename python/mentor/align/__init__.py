"""How far a student's tool calls agree with a teacher's: one score in [0, 1] per trajectory.

A call is its name and arguments, or its name alone with `arguments="ignore"`. Arguments are equal if they are
equal JSON values: numbers by value (1, 1.0 and 1e0 are one number, as in Python, while True is not 1),
objects whatever the order of their keys, everything else exactly; `arguments` may say otherwise tool by tool.
Malformed and unknown calls count as calls that agree with nothing.

With P the student's calls and R a reference's (as multisets, or as sets with `match="set"`), and the similarity
of two calls 0 for different tools, else the mean agreement over the union of their parameters:

| metric | score |
|---|---|
| `exact` | 1 if P and R are the same sequence |
| `in_order` | 1 if R is a subsequence of P |
| `any_order`, `superset` | 1 if R is contained in P |
| `subset` | 1 if P is contained in R |
| `unordered` | 1 if P and R hold the same calls |
| `overlap` | 1 if P and R share a call |
| `precision` | |P ∩ R| / |P| |
| `recall` | |P ∩ R| / |R| |
| `f1` | 2 |P ∩ R| / (|P| + |R|) |
| `jaccard` | |P ∩ R| / |P ∪ R| |
| `prefix` | length of the common beginning / longer length |
| `ngram` | 2 * common n-grams / all n-grams, with marks at both ends |
| `edit` | 1 - Levenshtein distance / longer length |
| `weighted_lcs` | heaviest common subsequence by similarity / |R| (DeepEval) |
| `toolrl` | ToolRL's score as a share of its maximum |
| `assignment` | greatest total similarity of a one-to-one matching / longer length |
| `global` | best global alignment by similarity and a gap cost / longer length |
| `flow` | alignment by value flow: credit for what the teacher's steps achieved |

Two empty trajectories score 1; otherwise a share of nothing is 0. Of several references the best one counts.
docs/alignment.md explains each score with its formula, source and a picture.
"""

from mentor.align.comparators import Arguments, Bfcl, Close, Comparator, Text, Tool, bfcl_arguments
from mentor.align.explanation import Explanation, FlowExplanation, Pair, Parameter, explain
from mentor.align.facts import FlowFacts, flow_facts
from mentor.align.references import References, Students, compile_references
from mentor.align.scores import score, score_batch
from mentor.align.sets import distribution_similarity, efficiency
from mentor.align.settings import METRICS, FlowWeights, Match
from mentor.align.values import Call, Calls, Teacher

__all__ = [
    "METRICS",
    "Arguments",
    "Bfcl",
    "Call",
    "Calls",
    "Close",
    "Comparator",
    "Explanation",
    "FlowExplanation",
    "FlowFacts",
    "FlowWeights",
    "Match",
    "Pair",
    "Parameter",
    "References",
    "Students",
    "Teacher",
    "Text",
    "Tool",
    "bfcl_arguments",
    "compile_references",
    "distribution_similarity",
    "efficiency",
    "explain",
    "flow_facts",
    "score",
    "score_batch",
]
