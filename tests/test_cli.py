"""The command line: what it prints, how it fails, and that it starts without loading torch."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from mentor.cli import COMMANDS, main
from mentor.training.configfile import dump
from training_samples import small


def test_help_names_the_commands_and_loads_no_heavy_package():
    code = (
        "import sys\n"
        "from mentor.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as end:\n    assert end.code == 0\n"
        "print(sorted({'torch', 'trl', 'transformers', 'pydantic'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    for command in COMMANDS:
        assert command in {line.strip().split(" ")[0] for line in done.stdout.splitlines()}


def test_a_check_says_what_is_in_order(tmp_path, capsys):
    file = tmp_path / "run.yaml"
    file.write_text(dump(small(tmp_path / "run")))
    assert main(["train", str(file), "--check"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[-1] == f"{file}: ready to train"
    assert not (tmp_path / "run").exists()


def test_faults_are_printed_without_a_traceback(tmp_path, capsys):
    file = tmp_path / "run.yaml"
    file.write_text("regime: mentor\nsteps: none\n")
    assert main(["train", str(file)]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"mentor train: {file}: ")
    assert "  - steps: input should be a valid integer" in err
    assert "  - advantages: is missing" in err
    assert "Traceback" not in err


def test_contradicting_options_are_refused(capsys):
    assert main(["train", "x.yaml", "--resume", "--overwrite"]) == 2
    assert "exclude each other" in capsys.readouterr().err


def test_an_unknown_command_is_refused(capsys):
    with pytest.raises(SystemExit) as end:
        main(["fly"])
    assert end.value.code == 2
    assert "invalid choice: 'fly'" in capsys.readouterr().err


def test_train_writes_where_it_is_told(tmp_path, capsys):
    file = tmp_path / "run.yaml"
    file.write_text(dump(small(tmp_path / "elsewhere", steps=1)))
    assert main(["train", str(file), "--output", str(tmp_path / "here")]) == 0
    assert capsys.readouterr().out.startswith(f"{tmp_path / 'here'}: 1 steps done")
    assert (tmp_path / "here" / "final" / "model.safetensors").is_file()
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    ("given", "bench"),
    [([], "rewards"), (["--judge", "--details"], "judge"), (["--sandbox", "--no-core"], "sandbox")],
)
def test_a_bench_is_chosen(given, bench, monkeypatch):
    asked = []
    monkeypatch.setattr(
        importlib.import_module(f"mentor.bench.{bench}"), "run", lambda args: asked.append(args) or 1
    )
    assert main(["bench", "--quick", *given]) == 1
    assert [(args.bench, args.quick) for args in asked] == [(bench, True)]


def test_options_of_another_bench_are_refused(capsys):
    assert main(["bench", "--sandbox", "--details", "--data", "mine.jsonl"]) == 2
    assert "--data, --details: not an option of --sandbox" in capsys.readouterr().err
