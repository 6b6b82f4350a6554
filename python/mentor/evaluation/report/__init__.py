"""The report of a run: one HTML page, a Markdown summary and a picture, made from the run folder alone."""

from __future__ import annotations

import os
import pathlib
from dataclasses import dataclass

from mentor.evaluation.comparison import compare
from mentor.evaluation.report import suites
from mentor.evaluation.report.page import render
from mentor.evaluation.report.runfolder import Run, read_run
from mentor.evaluation.report.summary import markdown
from mentor.evaluation.report.theme import drawing, png

__all__ = ["ReportFiles", "Run", "read_run", "write_report"]


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """Where a report was written.

    Attributes:
        html: The page, self-contained.
        markdown: The summary.
        picture: The picture that the summary shows, or None where the run holds no evaluation.
    """

    html: pathlib.Path
    markdown: pathlib.Path
    picture: pathlib.Path | None


def write_report(folder: str | os.PathLike[str], *, out: str | os.PathLike[str] | None = None) -> ReportFiles:
    """Write `report.html`, `report.md` and `report.png` of a run.

    Args:
        folder: The run folder.
        out: The folder to write to; the run folder itself where it is None.

    Returns:
        The files written. The same run folder gives the same bytes.

    Raises:
        DataError: If the run folder is missing or a file in it cannot be read.
    """
    run = read_run(folder)
    comparison = compare(run.before, run.after) if run.before and run.after else None
    target = pathlib.Path(folder if out is None else out)
    target.mkdir(parents=True, exist_ok=True)
    html, summary, picture = (target / f"report.{suffix}" for suffix in ("html", "md", "png"))
    html.write_text(render(run, comparison), encoding="utf-8")
    pictured = run.before is not None or run.after is not None
    if pictured:
        with drawing():
            picture.write_bytes(png(suites.overview(run)))
    summary.write_text(
        markdown(run, comparison, picture=picture.name if pictured else None), encoding="utf-8"
    )
    return ReportFiles(html, summary, picture if pictured else None)
