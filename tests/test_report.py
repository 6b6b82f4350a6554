"""The report from a run folder: complete, escaped, deterministic, and clear about folders it cannot read."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import json
import pathlib
import re
import struct
from dataclasses import asdict, replace

import pytest

from evaluation_samples import SUITES, evaluation, write_run
from mentor.errors import DataError
from mentor.evaluation.report import ReportFiles, read_run, write_report
from mentor.evaluation.report.rollouts import chosen, segments
from mentor.evaluation.report.suites import spread
from mentor.evaluation.result import EvaluationResult, Rollout, RolloutCall, TeacherCall
from mentor.evaluation.table import Table

ATTACK = "</script></pre><img src=x onerror=\"alert('x')\"><script>alert(1)</script>{{ 7 * 7 }}"
VOID = {"meta", "br", "img", "hr", "input", "link"}


class Elements(html.parser.HTMLParser):
    """What a browser would make of a page: elements with attributes, text by innermost element, balance."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def tags(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag == name]

    def text(self, name: str) -> list[str]:
        return [data for tag, data in self.texts if tag == name]


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return write_run(tmp_path_factory.mktemp("runs") / "small", steps=40, n=15)


@pytest.fixture(scope="module")
def report(run_folder: pathlib.Path) -> ReportFiles:
    return write_report(run_folder)


@pytest.fixture(scope="module")
def page(report: ReportFiles) -> Elements:
    return Elements(report.html.read_text(encoding="utf-8"))


def test_the_page_holds_every_section_figure_and_suite(page: Elements) -> None:
    assert page.unbalanced == page.open == []
    headings = [text for text in page.text("h2") if text.strip()]
    assert headings == ["Results", "Learning", "Tool use and time", "Rollouts", "Configuration"]
    labels = [attributes["aria-label"] for attributes in page.tags("svg")]
    assert [label.split(".")[0] for label in labels if label] == [
        "Accuracy before and after",
        "Accuracy",
        "Reward and its parts",
        "Tool calls",
        "What the optimiser can learn from",
        "Similarity to the teacher against accuracy",
        "Where the time goes",
    ]
    rows = page.text("th")
    assert [row for row in rows if row in SUITES] == [*SUITES, *SUITES]
    assert len(page.tags("article")) == 2 * 2 * len(SUITES) + 6


def test_the_page_shows_the_figures_of_the_evaluations(page: Elements, run_folder: pathlib.Path) -> None:
    run = read_run(run_folder)
    assert run.after is not None
    accuracy = run.after.suites["long"].accuracy
    assert accuracy is not None
    cell = f"{100 * accuracy.value:.1f} [{100 * accuracy.low:.1f}, {100 * accuracy.high:.1f}]"
    assert cell in page.text("td")
    sandboxed = sum(result.sandboxed for result in (run.before, run.after) if result is not None)
    assert any(f"{sandboxed:,} of {sandboxed:,}" in text for text in page.text("p"))


def test_the_page_loads_nothing_and_runs_only_its_own_script(page: Elements) -> None:
    scripts = page.text("script")
    assert len(page.tags("script")) == len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    policies = [
        tag["content"] for tag in page.tags("meta") if tag.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policies == [f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"]
    for tag, attributes in page.found:
        assert tag not in ("img", "link", "iframe", "object")
        assert not any(name.startswith("on") or name == "src" for name in attributes)
        for name in ("href", "xlink:href"):
            assert (attributes.get(name) or "#").startswith("#")
    assert not re.search(r"url\((?!#)", "".join(page.text("style")))


def test_ids_are_unique_and_every_reference_within_the_pictures_is_met(
    report: ReportFiles, page: Elements
) -> None:
    ids = [attributes["id"] for _, attributes in page.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    text = report.html.read_text(encoding="utf-8")
    assert set(re.findall(r'(?:url\(#|href="#)([^")]+)', text)) <= set(ids)


def test_pictures_take_their_colours_from_the_page(report: ReportFiles) -> None:
    text = report.html.read_text(encoding="utf-8")
    pictures = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert pictures
    for picture in pictures:
        assert "var(--ink, #1b1f24)" in picture
        assert not re.search(r"(?:fill|stroke): #(?!000000|ffffff)", picture)


def test_what_a_model_writes_stays_text(tmp_path: pathlib.Path) -> None:
    folder = write_run(tmp_path / "attacked", steps=3, n=4)
    hostile = Rollout(
        id=ATTACK,
        suite=ATTACK,
        question=ATTACK,
        text=f"<tool_call>{ATTACK}</tool_call>{ATTACK}\\boxed{{{ATTACK}}}",
        calls=[
            RolloutCall("valid", ATTACK, {ATTACK: ATTACK}, ATTACK, True),
            RolloutCall("malformed", None, None),
        ],
        teacher=[TeacherCall(ATTACK, {ATTACK: ATTACK}, ATTACK)],
        answer=ATTACK,
        expected=[ATTACK],
        correct=False,
        parts={ATTACK: 1.0},
        step=1,
    )
    (folder / "rollouts.jsonl").write_text(json.dumps(asdict(hostile)) + "\n")
    (folder / "config.yaml").write_text(f"name: {ATTACK}\n")
    after = evaluation(ATTACK, 0.7, n=4)
    suites = {**after.suites, ATTACK + " $x^2$ & <b>": after.suites["long"]}
    replace(after, suites=suites).save(folder / "evaluation" / "after.json")
    page = Elements(write_report(folder).html.read_text(encoding="utf-8"))
    assert page.unbalanced == page.open == []
    assert len(page.tags("script")) == 1
    assert page.tags("img") == page.tags("b") == []
    assert any(ATTACK in text for text in page.text("pre"))
    assert any(text == ATTACK for text in page.text("p"))


def test_the_picture_is_a_png_and_the_summary_shows_it(report: ReportFiles, run_folder: pathlib.Path) -> None:
    assert report.picture is not None
    header = report.picture.read_bytes()[:24]
    width, height = struct.unpack(">II", header[16:24])
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert (width, height) == (1920, 672)
    summary = report.markdown.read_text(encoding="utf-8")
    assert "](report.png)" in summary
    tables = [line for line in summary.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in tables} == {8, 13}
    assert all(any(line.startswith(f"| {suite} |") for line in tables) for suite in SUITES)
    assert summary.startswith(
        "# small\n\n40 training steps, evaluated on 90 tasks in 6 suites with greedy decoding."
    )
    assert report.html.parent == run_folder


def test_the_same_run_gives_the_same_bytes(
    run_folder: pathlib.Path, report: ReportFiles, tmp_path: pathlib.Path
) -> None:
    again = write_report(run_folder, out=tmp_path / "again")
    assert again.picture is not None
    assert report.picture is not None
    for first, second in (
        (report.html, again.html),
        (report.markdown, again.markdown),
        (report.picture, again.picture),
    ):
        assert first.read_bytes() == second.read_bytes()


def test_a_run_without_evaluations_or_rollouts_still_has_its_curves(tmp_path: pathlib.Path) -> None:
    folder = write_run(tmp_path / "bare", steps=5, n=4)
    for path in ("rollouts.jsonl", "config.yaml", "evaluation/before.json", "evaluation/after.json"):
        (folder / path).unlink()
    report = write_report(folder)
    page = Elements(report.html.read_text(encoding="utf-8"))
    assert report.picture is None
    assert [text for text in page.text("h2") if text.strip()] == ["Learning", "Tool use and time", "Rollouts"]
    assert "This run kept no rollouts." in page.text("p")
    assert "![" not in report.markdown.read_text(encoding="utf-8")


def test_a_run_with_one_evaluation_shows_it_by_itself(tmp_path: pathlib.Path) -> None:
    folder = write_run(tmp_path / "half", steps=5, n=4)
    (folder / "evaluation" / "after.json").unlink()
    report = write_report(folder)
    page = Elements(report.html.read_text(encoding="utf-8"))
    assert "accuracy" in page.text("th")
    assert "change" not in page.text("th")
    assert "## Accuracy, before" in report.markdown.read_text(encoding="utf-8")


def test_a_log_in_which_a_resumed_run_repeats_steps_keeps_the_last(tmp_path: pathlib.Path) -> None:
    folder = write_run(tmp_path / "resumed", steps=4, n=4)
    with (folder / "log.jsonl").open("a") as log:
        log.write('{"step": 3, "reward": 0.25}\n{"step": 5, "reward": 0.5, "note": "x"}\n{"step": 6, "rew')
    run = read_run(folder)
    assert [row["step"] for row in run.steps] == [1, 2, 3, 4, 5]
    assert run.steps[2] == {"step": 3.0, "reward": 0.25}
    assert run.series("reward")[1][-1] == 0.5


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("log.jsonl", '{"step": 1}\n{"step": }\n', r"log\.jsonl, row 1: is not JSON"),
        ("log.jsonl", '{"step": 1}\n[1]\n', r"log\.jsonl, row 1: is a JSON list, expected an object"),
        ("log.jsonl", '{"loss": 1}\n', r"log\.jsonl, row 0, field 'step': is missing or no number"),
        ("rollouts.jsonl", '{"id": "a"}\n', r"rollouts\.jsonl, row 0, field 'suite': Field required"),
        ("evaluation/after.json", "{}", r"after\.json, field 'format': expected"),
        ("config.yaml", None, r"config\.yaml: cannot be read"),
    ],
)
def test_a_corrupt_file_is_named_with_its_row_and_field(
    tmp_path: pathlib.Path, path: str, text: str | None, message: str
) -> None:
    folder = write_run(tmp_path / "corrupt", steps=2, n=2)
    if text is None:
        (folder / path).write_bytes(b"\xff\xfe\xff")
    else:
        (folder / path).write_text(text)
    with pytest.raises(DataError, match=message):
        write_report(folder)


def test_a_folder_that_is_no_run_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(DataError, match=r"nowhere: is no folder"):
        write_report(tmp_path / "nowhere")
    with pytest.raises(DataError, match=r"log\.jsonl: is missing, so this is no run folder"):
        write_report(tmp_path)


def test_segments_cut_a_text_without_losing_a_character() -> None:
    call = '<tool_call>\n{"name": "add"}\n</tool_call>'
    given = "<tool_response>\n5\n</tool_response>"
    text = f"Think.{call}<|im_end|>\n{given}\n<|im_start|>assistant\nSo \\boxed{{\\frac{{1}}{{2}}}}<|im_end|>"
    parts = segments(text)
    assert "".join(part for _, part in parts) == text
    assert [kind for kind, _ in parts if kind != "plain"] == [
        "call",
        "token",
        "given",
        "token",
        "answer",
        "token",
    ]
    assert ("call", call) in parts
    assert ("answer", "\\boxed{\\frac{1}{2}}") in parts


def test_segments_follow_the_parsers_verdicts_and_an_unclosed_call_reaches_the_end() -> None:
    calls = [RolloutCall("valid", "add", {}), RolloutCall("malformed", None, None)]
    parts = segments("<tool_call>a</tool_call><tool_call>b", calls)
    assert parts == [("call", "<tool_call>a</tool_call>"), ("broken", "<tool_call>b")]


def test_calls_are_set_beside_the_teachers(run_folder: pathlib.Path) -> None:
    run = read_run(run_folder)
    rollout = Rollout(
        "id",
        "s",
        "q",
        "",
        [
            RolloutCall("valid", "add", {"a": 1, "b": 2}, "3", True),
            RolloutCall("valid", "floor", {"x": 1}, "Error: no", False),
            RolloutCall("valid", "multiply", {"a": 3, "b": 9}, "27", True),
            RolloutCall("valid", "sqrt", {"x": 4}, "2", True),
            RolloutCall("unknown", "nope", {}, None, False, "no such tool"),
        ],
        [
            TeacherCall("add", {"b": 2, "a": 1}, 3),
            TeacherCall("multiply", {"a": 3, "b": 4}),
            TeacherCall("ceil", {}),
        ],
        None,
        ["12", "12.0"],
        None,
    )
    view = chosen(replace(run, rollouts=[rollout], before=None, after=None))[0]
    assert [call.tag for call in view.calls] == [
        "same call",
        "tool error",
        "same tool",
        "not the teacher's",
        "unknown",
    ]
    assert [call.kind for call in view.calls] == ["equal", "bad", "same", "other", "bad"]
    assert [call.tag for call in view.teacher] == ["same call", "same tool", "not made"]
    assert (view.verdict, view.answer, view.expected) == ("undecided", "none", "12 or 12.0")
    assert view.calls[0].text == "add(a=1, b=2)"
    # The same call, one of other arguments, and those of either side that have no partner, in the student's order.
    linked = [(line.student, line.teacher) for line in view.lines]
    assert linked == [(0, 0), (1, None), (2, 1), (3, None), (4, None), (None, 2)]
    assert view.lines[0].strength == 1
    assert view.lines[2].note == "b: 9 for 4"
    assert view.lines[-1].note == ""
    assert 0 < float(view.alignment) < 1


def test_long_runs_show_rollouts_from_their_whole_length(run_folder: pathlib.Path) -> None:
    run = read_run(run_folder)
    many = [replace(run.rollouts[0], step=step) for step in range(240)]
    views = chosen(replace(run, rollouts=many, before=None, after=None))
    assert [view.title.split(" · ")[0] for view in views] == [
        f"training step {step}" for step in range(0, 240, 10)
    ]


def test_tables_line_up_in_the_terminal_and_escape_markdown() -> None:
    table = Table(("suite", "n"), (("a|b", "5"), ("all", "12")), frozenset({1}))
    assert table.text().splitlines() == ["suite   n", "---------", "a|b     5", "---------", "all    12"]
    assert table.markdown().splitlines()[2:] == ["| a\\|b | 5 |", "| **all** | **12** |"]


def test_evaluations_of_other_tasks_cannot_share_a_report(tmp_path: pathlib.Path) -> None:
    folder = write_run(tmp_path / "mixed", steps=2, n=3)
    path = folder / "evaluation" / "after.json"
    after = EvaluationResult.load(path)
    moved = {name: replace(suite, fingerprint="0" * 16) for name, suite in after.suites.items()}
    replace(after, suites=moved).save(path)
    with pytest.raises(DataError, match="holds other tasks"):
        write_report(folder)


def test_names_that_would_cover_each_other_are_moved_apart() -> None:
    column = [(0.5, 0.5), (0.5, 0.1), (0.45, 0.51), (0.5, 0.9)]
    assert spread(column, (0.2, 0.1)) == pytest.approx([0.5, 0.1, 0.6, 0.9])
    assert spread([(0, 0.2), (0, 0.2), (0, 0.2)], (1, 0.05)) == pytest.approx([0.2, 0.25, 0.3])
    assert spread([(0.0, 0.2), (0.9, 0.2)], (0.25, 0.1)) == [0.2, 0.2]
    assert spread([], (1.0, 1.0)) == []
