"""Every Python block of README and docs runs, in order, one namespace a page; prompts are compared."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

from mentor.align import METRICS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path) -> list[tuple[int, str]]:
    text = page.read_text(encoding="utf-8")
    return [(text[: found.start()].count("\n") + 2, found[1]) for found in BLOCK.finditer(text)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_snippets_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "__main__"}
    for line, source in blocks(page):
        if ">>>" not in source:
            # Padded, so that a traceback names the page's own line.
            exec(compile("\n" * (line - 1) + source, str(page), "exec"), namespace)
            continue
        test = doctest.DocTestParser().get_doctest(source, namespace, page.name, str(page), line - 1)
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
        report: list[str] = []
        runner.run(test, out=report.append, clear_globs=False)
        namespace.update(test.globs)
        assert not runner.summarize(verbose=False).failed, "".join(report)


@pytest.mark.parametrize(
    ("page", "count"),
    [("README.md", 1), ("docs/data.md", 9), ("docs/evaluation.md", 4), ("docs/parsing.md", 5)],
)
def test_a_page_shows_its_code(page, count):
    assert len(blocks(ROOT / page)) == count


def test_pictures_of_scores_are_what_the_scores_say(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    figures = importlib.import_module("figures")
    page = (ROOT / "docs" / "alignment.md").read_text(encoding="utf-8")
    drawn = {name: draw() for name, draw in figures.PICTURES.items()}
    for name, picture in drawn.items():
        assert (figures.ASSETS / name).read_text(encoding="utf-8") == picture, "run docs/figures.py"
        assert f"(assets/{name})" in page
    for metric in METRICS[:-1]:
        assert any(f">{metric}  " in picture for picture in drawn.values()), metric
        assert f"`{metric}`" in page
