"""The report in short, as Markdown: key figures, tables and one picture."""

from __future__ import annotations

from mentor.evaluation.comparison import Comparison
from mentor.evaluation.report.page import cards, lead
from mentor.evaluation.report.runfolder import Run
from mentor.evaluation.table import accuracy_table, behaviour_table, single_table

__all__ = ["markdown"]


def markdown(run: Run, comparison: Comparison | None, *, picture: str | None) -> str:
    """The summary.

    Args:
        run: The run folder, read.
        comparison: Its evaluations compared, or None where it does not hold both.
        picture: The picture's file name, as seen from the Markdown file, or None without one.
    """
    parts = [f"# {run.name}", lead(run)]
    facts = [f"- {card.label}: **{card.value}** ({card.note})" for card in cards(run, comparison)]
    if facts:
        parts.append("\n".join(facts))
    if picture is not None:
        parts.append(f"![Accuracy over the training steps, and before and after by suite]({picture})")
    ends = [(name, result) for name, result in (("before", run.before), ("after", run.after)) if result]
    if comparison is not None and run.before is not None:
        parts += [
            "## Accuracy",
            "In percent with 95 % intervals; the change is paired by task, in points.",
            accuracy_table(comparison, run.before).markdown(),
        ]
    else:
        parts += [f"## Accuracy, {name}\n\n{single_table(result).markdown()}" for name, result in ends]
    if ends:
        parts += ["## Tool use", behaviour_table(ends).markdown()]
    return "\n\n".join(parts) + "\n"
