"""The experiment: its file, its jobs and what kills leave, its figures, and its page."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

pytest.importorskip("torch")
pytest.importorskip("trl")

from mentor.cli import main
from mentor.errors import ConfigError, DataError
from mentor.experiment import Result, collect, load_experiment, plan
from mentor.experiment.config import merged
from mentor.experiment.page import markdown
from mentor.experiment.plan import is_done
from mentor.experiment.result import Evaluated, RunResult
from mentor.experiment.statistics import difference, mean, two_way_error
from mentor.experiment.tables import accuracy_table, difference_table

FILE = Path("experiments/regimes.yaml")


def tiny(folder: Path, **changes: Any) -> Path:
    """A file with one form that is done in seconds."""
    content = {
        "run": {
            "data": {"kind": "arithmetic", "n": 8},
            "batch": {"prompts": 2, "rollouts": 2},
            "rollout": {"max_turns": 3, "max_completion_tokens": 60},
            "optimiser": {"learning_rate": 3e-4},
            "compute": {"device": "cpu", "threads": 1},
        },
        "arms": {"sft": {"regime": "sft"}, "f1": {"regime": "mentor", "advantages": "none"}},
        "pairs": [["f1", "sft"]],
        "forms": {
            "tiny": {
                "output": str(folder / "out"),
                "starts": {"a": {"samples": 64}},
                "seeds": [1],
                "arms": ["sft", "f1"],
                "steps": 4,
                "evaluate_at": [2, 4],
                "evaluation": {"suites": ["in_domain", "tool_renamed"], "n": 4},
                "measures": [
                    {"label": "in domain", "suites": ["in_domain"]},
                    {"label": "both, over time", "suites": ["in_domain", "tool_renamed"], "steps": [2, 4]},
                ],
                "run": {"checkpoint": {"every": 1, "keep": 4}},
                **changes,
            }
        },
    }
    file = folder / "experiment.yaml"
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return file


# ---- the file


@pytest.mark.parametrize("form", ["full", "short"])
def test_the_shipped_experiment_is_valid_and_its_arms_differ_by_their_settings_only(form: str) -> None:
    experiment = load_experiment(FILE, form)
    assert experiment.form.measures[0].label == "in domain"
    configs = {arm: experiment.training(arm, "a", 1).model_dump() for arm in experiment.form.arms}
    own = {"output", "regime", "advantages", "reward"}
    for arm, config in configs.items():
        differing = {key for key, value in config.items() if value != configs["sparse"][key]}
        assert differing <= own | ({"data"} if arm.endswith("-50") else set()), arm
    assert len(
        {str((c["regime"], c["advantages"], c["reward"], c["data"])) for c in configs.values()}
    ) == len(configs)


def test_every_replicate_of_the_full_form_is_planned_once_and_after_its_start_model() -> None:
    experiment = load_experiment(FILE, "full")
    jobs = plan(experiment)
    names = [job.name for job in jobs]
    assert len(set(names)) == len(names) == 3 + 3 + 9 * len(experiment.form.arms)
    for job in jobs:
        assert all(names.index(need) < names.index(job.name) for need in job.needs)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"evaluate_at": [2]}, "forms.tiny.evaluate_at: must hold the last step, 4"),
        ({"arms": ["sft", "f2"]}, "forms.tiny.arms: f2 not described under arms"),
        (
            {"measures": [{"label": "x", "suites": ["long"], "steps": [3]}]},
            "forms.tiny.measures[0].suites: 'long' is not evaluated",
        ),
        (
            {"run": {"checkpoint": {"every": 3}}},
            "checkpoint.every = 3 does not divide the steps of evaluate_at",
        ),
        ({"run": {"checkpoint": {"every": 1, "keep": 2}}}, "checkpoint.keep must be at least 4"),
        (
            {"run": {"steps": 4, "batch": {"prompts": 0}}},
            "arms.f1: batch.prompts: input should be greater than 0",
        ),
        ({"speed": 3}, "forms.tiny.speed: no such field"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_experiment(tiny(tmp_path, **changes), "tiny")
    assert problem in str(caught.value)


def test_an_unknown_form_names_the_forms() -> None:
    with pytest.raises(ConfigError, match="there is no 'medium'; the forms are full, short"):
        load_experiment(FILE, "medium")


def test_merging_replaces_values_and_merges_mappings() -> None:
    assert merged({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"c": 3}, "d": [2], "e": 4}) == {
        "a": {"b": 1, "c": 3},
        "d": [2],
        "e": 4,
    }


# ---- running, and being killed


def test_an_experiment_goes_on_after_its_processes_were_killed(tmp_path: Path) -> None:
    file = tiny(tmp_path)
    command = [
        sys.executable,
        "-m",
        "mentor.cli",
        "experiment",
        str(file),
        "--form",
        "tiny",
        "--processes",
        "2",
    ]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    log = tmp_path / "out" / "f1-a-1" / "log.jsonl"
    while not (log.is_file() and log.read_text().count("\n") >= 2):
        assert first.poll() is None, "the experiment ended before it was killed"
        time.sleep(0.05)
    first.kill()  # the job goes on as an orphan; the next start waits for it
    first.wait()
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stdout + again.stderr
    experiment = load_experiment(file, "tiny")
    assert all(is_done(experiment, job) for job in plan(experiment))
    result = collect(experiment)
    assert [run.folder for run in result.runs] == ["base-a", "sft-a-1", "f1-a-1"]
    assert [run.steps for run in result.runs] == [0, 4, 4]
    assert [e.step for e in result.runs[2].evaluations] == [2, 4]
    assert {len(marks) for run in result.runs for e in run.evaluations for marks in e.right.values()} == {4}
    saved = Result.load(tmp_path / "out" / "experiment-tiny.json")
    assert saved == result
    page = (tmp_path / "out" / "result.md").read_text()
    assert accuracy_table(result).markdown() in page
    assert "| f1 − sft | 1 |" in page
    for picture in ("accuracy", "training"):
        assert (tmp_path / "out" / f"experiment-tiny-{picture}.png").stat().st_size > 1000
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("evaluation/*.json")}
    assert main(["experiment", str(file), "--form", "tiny"]) == 0
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("evaluation/*.json")}


def test_a_job_that_fails_is_named_with_its_log_and_the_others_are_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tiny(tmp_path, arms=["sft"])
    blocked = tmp_path / "out" / "sft-a-1"
    blocked.parent.mkdir()
    blocked.write_text("a file where the run's folder should be")
    assert main(["experiment", str(file), "--form", "tiny", "--processes", "1"]) == 1
    printed = capsys.readouterr().out
    assert "sft-a-1 failed after" in printed
    assert "logs/sft-a-1.txt" in printed
    assert "base-a" in printed
    assert collect(load_experiment(file, "tiny")).unfinished == ["sft-a-1"]


def test_a_stop_is_passed_on_to_the_jobs(tmp_path: Path) -> None:
    file = tiny(tmp_path, starts={"a": {"samples": 3_200_000}})
    command = [sys.executable, "-m", "mentor.cli", "experiment", str(file), "--form", "tiny"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lock = tmp_path / "out" / "locks" / "start-a"
    while not lock.is_file():
        assert running.poll() is None
        time.sleep(0.05)
    running.send_signal(signal.SIGTERM)
    _, errors = running.communicate()
    assert running.returncode == 130, errors
    assert errors.endswith("stopped\n")
    held = subprocess.run(["flock", "--nonblock", str(lock), "true"], check=False)
    assert held.returncode == 0, "the job still runs"


# ---- figures


def run_of(arm: str, start: str, seed: int | None, right: str, **others: str) -> RunResult:
    evaluated = [
        Evaluated(step, "f", "0" * 64, {"s": marks, "t": marks}, {}, {}, {}, {})
        for step, marks in {**{int(k[1:]): v for k, v in others.items()}, 9: right}.items()
    ]
    return RunResult(arm, start, seed, f"{arm}-{start}", None, 9, 1.0, evaluated, {})


def result_of(*runs: RunResult, steps: list[int] | None = None) -> Result:
    form = {"measures": [{"label": "m", "suites": ["s"], "steps": steps}], "arms": ["x", "y"]}
    return Result("t", {"form": form, "pairs": [["x", "y"], ["x", "base"]]}, list(runs), [])


def test_means_and_paired_differences_are_those_of_hand() -> None:
    result = result_of(
        run_of("base", "a", None, "0000"),
        run_of("x", "a", 1, "1111"),
        run_of("x", "b", 1, "1100"),
        run_of("y", "a", 1, "1010"),
        run_of("y", "b", 1, "0000"),
    )
    (measure,) = result.measures
    found = mean(result, "x", measure)
    assert found is not None
    assert (found.value, found.replicates) == (0.75, (1.0, 0.5))
    assert found.error == pytest.approx(0.25)
    paired = difference(result, "x", "y", measure)
    assert paired is not None
    assert (paired.value, paired.replicates) == (0.5, 2)
    # Tasks' means over replicates: .5, 1, 0, .5; replicates' means: .5, .5.
    assert paired.error == pytest.approx(np.std([0.5, 1.0, 0.0, 0.5], ddof=1) / 2)
    assert paired.low < 0.5 < paired.high
    from_start = difference(result, "x", "base", measure)
    assert from_start is not None
    assert (from_start.value, from_start.replicates) == (1.0, 1)
    assert "| x − y | 2 | +50.0 [" in difference_table(result).markdown()


def test_tasks_that_were_not_decided_are_left_out_and_steps_are_averaged() -> None:
    result = result_of(
        run_of("x", "a", 1, "1?11", s3="10?1"), run_of("y", "a", 1, "0000", s3="0000"), steps=[3, 9]
    )
    (measure,) = result.measures
    assert result.runs[0].right(["s"], [3, 9]).tolist() == [1.0, 0.0, 1.0, 1.0]
    assert result.runs[0].right(["s"], None).tolist()[0] == 1.0
    assert np.isnan(result.runs[0].right(["s"], None)[1])
    found = difference(result, "x", "y", measure)
    assert found is not None
    assert found.value == 0.75


def test_the_error_counts_tasks_and_replicates_as_drawn_at_random() -> None:
    rng = np.random.default_rng(0)
    errors, means = [], []
    for _ in range(400):
        table = rng.normal(0, 0.3, (4, 1)) + rng.normal(0, 1.0, (1, 60)) + rng.normal(0, 1.0, (4, 60))
        errors.append(two_way_error(table) ** 2)
        means.append(table.mean())
    # The estimate never falls below either part, so it is a little too large, never too small.
    assert np.var(means) * 0.85 < np.mean(errors) < np.var(means) * 1.6
    assert two_way_error(np.array([[0.0, 1.0]])) == pytest.approx(0.5)


def test_a_result_of_another_version_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    file.write_text(result_of().to_json().replace('"version": 1', '"version": 2'))
    with pytest.raises(DataError, match=r"expected 'mentor\.experiment', version 1"):
        Result.load(file)


def test_unfinished_runs_are_named_on_the_page() -> None:
    experiment = load_experiment(FILE, "short")
    whole = {"s": "11"}
    suites = experiment.form.evaluation.suites
    evaluated = Evaluated(
        120,
        "f",
        "0" * 64,
        dict.fromkeys(suites, "10"),
        whole,
        dict.fromkeys(suites),
        dict.fromkeys(suites),
        dict.fromkeys(suites),
    )
    run = RunResult(
        "sparse", "a", 1, "sparse-a-1", "1" * 64, 120, 60.0, [evaluated], {"reward/answer": [0.1]}
    )
    result = Result("short", experiment.model_dump(mode="json"), [run], ["f1-a-1"])
    text = markdown(result, pictures="assets/p", data="assets/p.json")
    assert "**Not finished, and not in the tables:** f1-a-1." in text
    assert "| sparse | 1 | 50.0 | 50.0 | 50.0 | 50.0 |" in text
    assert "`sparse-a-1`" in text
    assert dataclasses.asdict(run)["sha256"] == "1" * 64


def test_the_page_shows_what_the_committed_result_says() -> None:
    result = Result.load("docs/assets/experiment-short.json")
    page = Path("docs/experiment.md").read_text(encoding="utf-8")
    shown = page.split("<!-- experiment short -->\n")[1].split("\n<!-- /experiment short -->")[0]
    assert shown == markdown(result, pictures="assets/experiment-short", data="assets/experiment-short.json")
    form = load_experiment(FILE, "short").model_dump(mode="json")
    assert result.experiment == form, "the experiment was changed after it was run"
    for run in result.runs:
        assert {len(marks) for e in run.evaluations for marks in e.right.values()} == {
            form["form"]["evaluation"]["n"]
        }
    # Every run was evaluated on the same tasks.
    assert len({str(e.fingerprints) for run in result.runs for e in run.evaluations}) == 1
