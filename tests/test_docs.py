"""Every Python block of README and docs runs, in order, one namespace a page; prompts are compared."""

import doctest
import re
from pathlib import Path

import pytest

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
