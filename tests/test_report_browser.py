"""The report in a real browser: what it shows, that its script runs, and that nothing lies beyond the page's edge.

Needs Chromium (Debian's package `chromium`); `.ci/run` installs it where it can.
"""

from __future__ import annotations

import pathlib
import re
import shutil
import subprocess

import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("jinja2")

from evaluation_samples import write_run
from mentor.evaluation.report import write_report

_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

if _CHROMIUM is None:
    pytest.skip("Chromium is not installed", allow_module_level=True)


def browse(page: pathlib.Path, folder: pathlib.Path, *options: str) -> str:
    command = [
        str(_CHROMIUM),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--virtual-time-budget=4000",
        f"--user-data-dir={folder / 'profile'}",
        *options,
        page.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return write_report(write_run(tmp_path_factory.mktemp("report") / "run")).html


def test_the_script_shows_one_rollout_and_its_browser(page: pathlib.Path, tmp_path: pathlib.Path) -> None:
    dom = browse(page, tmp_path, "--dump-dom")
    shown = re.findall(r'<article class="rollout"( hidden="")?>', dom)
    assert len(shown) > 1
    assert [hidden == "" for hidden in shown] == [True, *[False] * (len(shown) - 1)]
    assert re.search(r'<nav class="browser"(?! hidden)', dom), "the script did not run"
    assert '<div class="link"><span class="line' in dom


@pytest.mark.parametrize(("width", "height"), [(1200, 1600), (420, 1600)])
def test_the_page_fills_the_window_and_no_further(
    page: pathlib.Path, tmp_path: pathlib.Path, width: int, height: int
) -> None:
    """A probe in the page writes its measures into the title, where the dump shows them."""
    from matplotlib.image import imread

    probe = tmp_path / "probe.html"
    script = (
        "<script>document.title = document.documentElement.scrollWidth + ' ' + innerWidth</script></body>"
    )
    # The page's policy lets no other script run, so the probe does without it.
    text = re.sub(r"<meta http-equiv=[^>]*>", "", page.read_text(encoding="utf-8"))
    probe.write_text(text.replace("</body>", script), encoding="utf-8")
    dom = browse(probe, tmp_path, f"--window-size={width},{height}", "--dump-dom")
    needed, given = map(int, re.findall(r"<title>(\d+) (\d+)</title>", dom)[0])
    assert needed <= given, "something is wider than the window"
    picture = tmp_path / "page.png"
    browse(page, tmp_path, f"--window-size={width},{height}", f"--screenshot={picture}")
    pixels = imread(picture)[..., :3]
    assert pixels.shape[:2] == (height, width)
    paper = pixels[2, 2]
    inked = (abs(pixels - paper).max(axis=2) > 0.1).mean()
    assert 0.01 < inked < 0.9, "the page is blank, or all ink"
