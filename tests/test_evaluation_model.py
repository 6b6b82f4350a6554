"""Evaluation of the real tiny student with real sandboxed tools, and the commands around it."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch

from evaluation_samples import evaluation, write_run
from mentor.cli import demo, main
from mentor.data.tasks import suites
from mentor.evaluation import EvaluationResult, evaluate
from mentor.evaluation.report import read_run
from mentor.evaluation.result import Rollout
from mentor.training import load_model
from mentor.training.config import StudentModel
from mentor.types import Task


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def student() -> tuple[Any, Any]:
    return load_model(StudentModel(kind="student"))


@pytest.fixture(scope="module")
def tasks() -> dict[str, list[Task]]:
    return suites(12, seed=3, names=["in_domain", "tool_missing"])


@pytest.fixture(scope="module")
def result(student: tuple[Any, Any], tasks: dict[str, list[Task]]) -> EvaluationResult:
    return evaluate(*student, tasks, name="student", max_completion_tokens=160, keep=12)


def test_every_call_of_a_real_evaluation_ran_in_the_sandbox(result: EvaluationResult) -> None:
    assert result.executed == result.sandboxed > 24
    assert [suite.domain for suite in result.suites.values()] == ["in", "out"]
    assert all(suite.tasks == len(suite.items) == 12 for suite in result.suites.values())
    assert all(suite.failures == suite.undecided == 0 for suite in result.suites.values())


def test_the_figures_are_those_of_the_kept_rollouts(result: EvaluationResult) -> None:
    for suite in result.suites.values():
        assert suite.accuracy is not None
        assert suite.accuracy.value == sum(bool(kept.correct) for kept in suite.rollouts) / 12
        statuses = [call.status for kept in suite.rollouts for call in kept.calls]
        assert (suite.calls, suite.valid) == (len(statuses), statuses.count("valid") / len(statuses))
        assert sum(suite.tools.values()) == statuses.count("valid")
        for kept, item in zip(suite.rollouts, suite.items, strict=True):
            assert (kept.id, kept.answer, kept.correct) == (item.id, item.answer, item.correct)
            assert kept.teacher
            assert right(kept) == kept.correct


def right(kept: Rollout) -> bool:
    """Whether an answer is the expected number; the generated tasks have no others."""
    try:
        return float(kept.answer or "none") == float(kept.expected[0])
    except ValueError:
        return False


def test_a_greedy_evaluation_repeats_itself_whatever_the_batch(
    student: tuple[Any, Any], tasks: dict[str, list[Task]], result: EvaluationResult
) -> None:
    assert evaluate(*student, tasks, name="student", max_completion_tokens=160, keep=12) == result
    halves = evaluate(*student, tasks, name="student", max_completion_tokens=160, keep=12, batch_size=5)
    assert halves.suites["in_domain"].items == result.suites["in_domain"].items


def test_sampling_follows_its_seed_and_shows_progress(
    student: tuple[Any, Any], tasks: dict[str, list[Task]]
) -> None:
    few = {"in_domain": tasks["in_domain"][:3]}
    seen: list[tuple[str, int, int]] = []

    def sample(seed: int, **options: Any) -> EvaluationResult:
        return evaluate(
            *student,
            few,
            temperature=1.0,
            samples=4,
            seed=seed,
            batch_size=8,
            max_completion_tokens=160,
            **options,
        )

    first = sample(1, progress=lambda *done: seen.append(done))
    assert first == sample(1)
    assert [item.tokens for item in first.suites["in_domain"].items] != [
        item.tokens for item in sample(2).suites["in_domain"].items
    ]
    assert seen == [("in_domain", 8, 12), ("in_domain", 12, 12)]
    assert list(first.suites["in_domain"].pass_at) == ["1", "2", "4"]


def test_a_stopped_evaluation_goes_on_with_the_suites_that_are_left(
    student: tuple[Any, Any], tasks: dict[str, list[Task]], result: EvaluationResult
) -> None:
    saved: list[EvaluationResult] = []
    options: dict[str, Any] = {"name": "student", "max_completion_tokens": 160, "keep": 12}
    first, *others = tasks
    evaluate(*student, {first: tasks[first]}, save=saved.append, **options)
    seen: list[str] = []
    whole = evaluate(
        *student, tasks, known=saved[-1], save=saved.append,
        progress=lambda suite, done, of: seen.append(suite), **options,
    )  # fmt: skip
    assert set(seen) == set(others)
    assert whole == result == saved[-1]
    # Another decoding, other tasks or another model's name: nothing is taken over.
    fewer = {name: some[:2] for name, some in tasks.items()}
    for changed in ({"suites": fewer}, {"max_turns": 3}, {"name": "another"}):
        seen.clear()
        given = {"suites": tasks, **options, **changed}
        evaluate(*student, known=whole, progress=lambda suite, done, of: seen.append(suite), **given)
        assert set(seen) == set(tasks), changed


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"suites": {}}, "no suites"),
        ({"suites": {"long": []}}, "no tasks in long"),
        ({"samples": 2}, "greedy decoding"),
        ({"temperature": -1.0}, "greedy decoding"),
        ({"batch_size": 0}, "at least 1"),
    ],
)
def test_contradicting_options_are_refused(
    tasks: dict[str, list[Task]], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        evaluate(None, None, **{"suites": tasks, **options})


def test_two_tasks_of_one_id_are_refused(tasks: dict[str, list[Task]]) -> None:
    twice = {
        "in_domain": [tasks["in_domain"][0], replace(tasks["in_domain"][1], id=tasks["in_domain"][0].id)]
    }
    with pytest.raises(ValueError, match="suite 'in_domain': two tasks share an id"):
        evaluate(None, None, twice)


def test_the_command_prints_a_table_and_writes_what_it_can_compare(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = tmp_path / "first.json"
    words = ["evaluate", "--suites", "in_domain,long", "--n", "3", "--max-tokens", "160"]
    assert main([*words, "--out", str(first)]) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0].split()[:4] == ["suite", "domain", "tasks", "accuracy"]
    assert main([*words, "--out", str(first), "--resume"]) == 0
    assert capsys.readouterr().out.splitlines() == table
    assert main([*words, "--resume"]) == 2
    assert "--resume: needs --out" in capsys.readouterr().err
    assert [line.split()[:3] for line in table[2:4]] == [["in_domain", "in", "3"], ["long", "out", "3"]]
    row = {"kind": "arithmetic", "suite": "long", "n": 2}
    words = ["evaluate", "--suites", "in_domain", "--n", "3", "--data", f"more={json.dumps(row)}"]
    assert main([*words, "--against", str(first), "--max-tokens", "160"]) == 0
    lines = capsys.readouterr().out.splitlines()
    compared = next(line for line in lines if line.startswith("in_domain"))
    assert "+0.0 [+0.0, +0.0]" in compared
    assert compared.endswith("0/0")
    sampled = ["evaluate", "--suites", "long", "--n", "2", "--max-tokens", "160", "--temperature", "1"]
    assert main([*sampled, "--samples", "4"]) == 0
    assert "pass@2 %  pass@4 %" in capsys.readouterr().out.splitlines()[0]


def test_all_faults_of_the_commands_options_are_reported_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["evaluate", "--suites", "in_domain,nope", "--n", "0", "--samples", "2", "--data", "broken={"]
    assert main([*words, "--data", 'in_domain={"kind": "bfcl"}', "--data", 'other={"kind": "what"}']) == 2
    head, *problems = capsys.readouterr().err.splitlines()
    assert head == "mentor evaluate: command line: 6 problems in the configuration"
    assert [problem.strip(" -").split(":")[0] for problem in problems] == [
        "suites",
        "data broken",
        "data in_domain",
        "data other.kind",
        "n",
        "temperature",
    ]


def test_report_writes_beside_the_run_or_elsewhere(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_run(tmp_path / "run", steps=2, n=2)
    assert main(["report", str(folder), "--out", str(tmp_path / "elsewhere")]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "elsewhere" / "report.html")
    assert not (folder / "report.html").exists()
    assert main(["report", str(folder), str(folder), "--out", str(tmp_path)]) == 2
    assert main(["report", str(tmp_path / "nowhere")]) == 2
    assert "nowhere: is no folder: name a run's folder" in capsys.readouterr().err


def test_a_demo_that_went_well_has_no_problems(tmp_path: pathlib.Path) -> None:
    assert demo.problems(read_run(write_run(tmp_path / "run", steps=3, n=60))) == []


def test_a_demo_whose_calls_went_round_the_sandbox_fails(tmp_path: pathlib.Path) -> None:
    folder = write_run(tmp_path / "run", steps=3, n=60)
    log = (folder / "log.jsonl").read_text().splitlines()
    row = json.loads(log[1])
    log[1] = json.dumps({**row, "sandbox_calls": row["executed_calls"] - 2})
    (folder / "log.jsonl").write_text("\n".join(log) + "\n")
    after = EvaluationResult.load(folder / "evaluation" / "after.json")
    long = after.suites["long"]
    replace(after, suites={**after.suites, "long": replace(long, sandboxed=long.sandboxed - 1)}).save(
        folder / "evaluation" / "after.json"
    )
    assert demo.problems(read_run(folder)) == [
        "evaluation after: 1 tool calls carry no record of the sandbox",
        "training: 2 tool calls carry no record of the sandbox",
    ]


def test_a_demo_without_an_evaluation_or_logged_calls_fails(tmp_path: pathlib.Path) -> None:
    folder = write_run(tmp_path / "run", steps=3, n=60)
    (folder / "evaluation" / "before.json").unlink()
    (folder / "log.jsonl").write_text('{"step": 1, "reward": 0.5}\n')
    assert demo.problems(read_run(folder)) == [
        "the evaluation before training is missing",
        "training: no tool call was logged",
    ]


def test_a_demo_that_learnt_nothing_fails(tmp_path: pathlib.Path) -> None:
    folder = write_run(tmp_path / "run", steps=3, n=60)
    evaluation("start", 0.35, n=60).save(folder / "evaluation" / "after.json")
    (problem,) = demo.problems(read_run(folder))
    assert problem == "accuracy in domain did not rise clearly: +0.0 points, 95 % interval +0.0 to +0.0"
