"""The experiment written down: its result as JSON, its pictures, and its tables between the markers of a page."""

from __future__ import annotations

import os
from pathlib import Path

from mentor.bench.page import write_between_markers
from mentor.evaluation.report.theme import drawing, png
from mentor.experiment.pictures import PICTURES
from mentor.experiment.result import Result
from mentor.experiment.statistics import steps_of
from mentor.experiment.tables import accuracy_table, behaviour_table, difference_table, index_table

__all__ = ["markdown", "write"]


def markdown(result: Result, *, pictures: str, data: str) -> str:
    """The tables and pictures as Markdown.

    Args:
        result: The experiment.
        pictures: Where the pictures are, as the page sees it: the path up to `-NAME.png`.
        data: Where the result's JSON is, as the page sees it.
    """
    form = result.experiment["form"]
    lines = [
        f"{len(result.runs)} runs of {form['steps']} steps, {form['evaluation']['n']} tasks a suite, greedy decoding. "
        f"Start models: {len(form['starts'])}; seeds: {len(form['seeds'])}. All of it: [{data}]({data}).",
        "",
    ]
    if result.unfinished:
        lines += [f"**Not finished, and not in the tables:** {', '.join(result.unfinished)}.", ""]
    lines += ["Measures, declared before the runs (the first is the primary one):", ""]
    lines += [
        f"- **{measure.label}**: {', '.join(measure.suites)}; {steps_of(measure.steps)}"
        for measure in result.measures
    ]
    for title, table in (
        ("Accuracy in percent, mean ± standard error over replicates", accuracy_table(result)),
        (
            "Paired differences in points: same tasks, start models and seeds, with 95 % intervals clustered by task "
            "and by replicate",
            difference_table(result),
        ),
        (
            "How the trained models work, over the primary measure's suites at the end",
            behaviour_table(result),
        ),
        ("Where the numbers come from: run folders, and the SHA-256 of their files", index_table(result)),
    ):
        lines += ["", f"{title}:", "", table.markdown()]
        if table.header[0] == "arm" and "runs" in table.header:
            lines += ["", *(f"![{shows}]({pictures}-{name}.png)" for name, (_, shows) in PICTURES.items())]
    return "\n".join(lines)


def write(result: Result, page: Path, assets: Path) -> list[Path]:
    """Write the JSON and the pictures into a folder, and the tables into a page.

    Args:
        result: The experiment.
        page: A Markdown page with the markers `<!-- experiment NAME -->` and `<!-- /experiment NAME -->`.
        assets: The folder for JSON and pictures.

    Returns:
        The files written.

    Raises:
        ConfigError: The page has no such markers.
    """
    assets.mkdir(parents=True, exist_ok=True)
    stem = f"experiment-{result.name}"
    data = assets / f"{stem}.json"
    data.write_text(result.to_json(), encoding="utf-8")
    files = [data]
    for name, (draw, _) in PICTURES.items():
        with drawing():
            files.append(assets / f"{stem}-{name}.png")
            files[-1].write_bytes(png(draw(result)))
    seen = Path(os.path.relpath(assets, page.parent)).as_posix()
    content = markdown(result, pictures=f"{seen}/{stem}", data=f"{seen}/{stem}.json")
    write_between_markers(page, f"experiment {result.name}", content)
    return [*files, page]
