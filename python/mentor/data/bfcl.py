"""BFCL's executable mathematical questions, from the files of the installed `bfcl_eval` distribution.

The package itself is never imported: only its data files are read, and one source file as text. Reference
calls run in the sandbox, which gives their results, and with them the answers.
"""

from __future__ import annotations

import ast
import importlib.metadata
import inspect
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from mentor.data import bfcl_tools
from mentor.data.bfcl_math_api import tool_source_of_class
from mentor.data.fields import Field
from mentor.data.rows import read_json_lines, read_text
from mentor.data.schemas import function_schema
from mentor.errors import DataError
from mentor.types import Task, ToolCall, Trajectory

__all__ = ["CATEGORIES", "load", "math_api_schemas", "math_api_source", "math_tools_source"]

CATEGORIES: tuple[str, ...] = (
    "exec_simple",
    "exec_multiple",
    "exec_parallel",
    "exec_parallel_multiple",
    "multi_turn_math",
)
"""Four sets of single questions, and those turns of the multi-turn set that need nothing but the math API."""

_PACKAGE = "bfcl_eval"
_MATH_NAMES = frozenset(name for name, _ in inspect.getmembers(bfcl_tools, inspect.isfunction))


def load(categories: Sequence[str] = CATEGORIES) -> list[Task]:
    """Load BFCL's executable mathematical questions as tasks.

    A question is kept if every reference call is to a function that can run without a network. Of the offered
    functions, those that cannot are left out.

    Args:
        categories: Some of `CATEGORIES`; a task's suite is its category.

    Returns:
        The tasks in the files' order. Each has one reference, the leaderboard's calls with the sandbox's
        results; its answer is the result as JSON text, several results joined by a comma and a space. A
        question whose reference calls fail is left out.

    Raises:
        DataError: `bfcl_eval` is not installed, or a file of it cannot be read; names file, row and field.
        SandboxError: The sandbox cannot be started.
    """
    drafts: list[Task] = []
    for category in categories:
        drafts += _multi_turn(category) if category == "multi_turn_math" else _single_turn(category)
    return _with_results(drafts)


@cache
def math_tools_source() -> str:
    """The tool source of the single questions' functions."""
    return inspect.getsource(bfcl_tools)


@cache
def math_api_source() -> str:
    """The tool source made of BFCL's `MathAPI`; it needs `mpmath`. Raises DataError as `load` does."""
    path = _file("eval_checker/multi_turn_eval/func_source_code/math_api.py")
    return tool_source_of_class(read_text(path), "MathAPI", path=str(path))


def math_api_schemas() -> list[dict[str, Any]]:
    """The schemas of `MathAPI`'s functions in the leaderboard's words. Raises DataError as `load` does."""
    return [function_schema(row) for row in _rows("data/multi_turn_func_doc/math_api.json")]


def _file(name: str) -> Path:
    """The path of one of the distribution's files."""
    try:
        distribution = importlib.metadata.distribution(_PACKAGE)
    except importlib.metadata.PackageNotFoundError as error:
        reason = "is not installed: pip install --no-deps bfcl_eval (only its files are read)"
        raise DataError(_PACKAGE, None, None, reason) from error
    return Path(str(distribution.locate_file(f"{_PACKAGE}/{name}")))


def _rows(name: str) -> list[Field]:
    path = _file(name)
    return [Field.of_row(str(path), index, row) for index, row in enumerate(read_json_lines(path))]


def _single_turn(category: str) -> Iterator[Task]:
    """The questions of one category whose reference calls are all to known mathematical functions."""
    folder, name = "data/unused_datasets", f"BFCL_v4_{category}.json"
    references = {row["id"].text(): row for row in _rows(f"{folder}/possible_answer/{name}")}
    for row in _rows(f"{folder}/question/{name}"):
        task_id = row["id"].text()
        if task_id not in references:
            raise row["id"].error("has no row in the file of possible answers")
        calls = _calls(references[task_id]["ground_truth"], _parameters_of_tools())
        if calls is None:
            continue
        schemas = [function_schema(item) for item in row["function"].items()]
        yield Task(
            id=f"bfcl/{task_id}",
            question=_question(row["question"]),
            tools=[schema for schema in schemas if schema["function"]["name"] in _MATH_NAMES],
            tool_source=math_tools_source(),
            answer="",
            references=(Trajectory(calls),),
            suite=category,
        )


def _multi_turn(category: str) -> Iterator[Task]:
    """Turns whose reference calls are the math API's and take only numbers that stand in the turn itself."""
    name = "BFCL_v4_multi_turn_base.json"
    references = {row["id"].text(): row for row in _rows(f"data/possible_answer/{name}")}
    schemas = math_api_schemas()
    parameters = {s["function"]["name"]: list(s["function"]["parameters"]["properties"]) for s in schemas}
    for row in _rows(f"data/{name}"):
        task_id = row["id"].text()
        turns = zip(row["question"].items(), references[task_id]["ground_truth"].items(), strict=True)
        for index, (turn, truth) in enumerate(turns):
            calls = _calls(truth, parameters)
            question = _question(turn, turn_of_many=True)
            if not calls or not _numbers(call.arguments for call in calls) <= _numbers([question]):
                continue
            yield Task(
                id=f"bfcl/{task_id}/{index}",
                question=question,
                tools=schemas,
                tool_source=math_api_source(),
                answer="",
                references=(Trajectory(calls),),
                suite=category,
            )


@cache
def _parameters_of_tools() -> dict[str, list[str]]:
    return {name: list(inspect.signature(getattr(bfcl_tools, name)).parameters) for name in _MATH_NAMES}


def _question(field: Field, *, turn_of_many: bool = False) -> str:
    """The user's text of a single-turn question (a list of one turn), or of one turn (a list of messages)."""
    messages = field.items() if turn_of_many else [m for turn in field.items() for m in turn.items()]
    return "\n".join(message["content"].text() for message in messages if message["role"].text() == "user")


def _calls(truth: Field, parameters: dict[str, list[str]]) -> tuple[ToolCall, ...] | None:
    """Read reference calls such as `mean(numbers=[1, 2])`; None if one is to a function that is not known.

    Raises:
        DataError: A text is no call, or an argument no literal.
    """
    calls = []
    for item in truth.items():
        try:
            node = ast.parse(item.text().strip(), mode="eval").body
        except SyntaxError as error:
            raise item.error(f"expected a call, got {item.value!r}") from error
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            raise item.error(f"expected a call, got {item.value!r}")
        if node.func.id not in parameters:
            return None
        calls.append(ToolCall(node.func.id, _arguments(item, node, parameters[node.func.id])))
    return tuple(calls)


def _arguments(item: Field, node: ast.Call, parameters: Sequence[str]) -> dict[str, Any]:
    named = list(zip(parameters, node.args, strict=False))
    named += [(keyword.arg, keyword.value) for keyword in node.keywords if keyword.arg]
    try:
        # Through JSON, so that tuples become lists, as they would in a model's call.
        values = {name: json.loads(json.dumps(_literal(value))) for name, value in named}
    except (ValueError, TypeError, ZeroDivisionError) as error:
        raise item.error(f"expected literal arguments: {error}") from error
    return values


def _literal(node: ast.expr) -> Any:
    """A literal's value; quotients of numbers such as `1/6` count as literals, inside lists as well."""
    if isinstance(node, ast.List | ast.Tuple):
        return [_literal(item) for item in node.elts]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _literal(node.left) / _literal(node.right)
    return ast.literal_eval(node)


def _numbers(values: Iterable[Any]) -> set[float]:
    """Every number in some texts or arguments."""
    found = re.findall(r"-?\d+(?:\.\d+)?", json.dumps(list(values)))
    return {float(text) for text in found}


def _with_results(drafts: Sequence[Task]) -> list[Task]:
    """Run every reference call in the sandbox, all in one batch, and fill in results and answers."""
    from mentor import tools

    pairs = [
        (tools.ToolEnv.from_source(draft.tool_source, draft.tools), call)
        for draft in drafts
        for call in draft.references[0].calls
    ]
    results = iter(tools.call_batch(pairs))
    tasks = []
    for draft in drafts:
        calls = draft.references[0].calls
        outcomes = [next(results) for _ in calls]
        if not all(outcome.ok for outcome in outcomes):
            continue
        done = tuple(
            ToolCall(call.name, call.arguments, outcome.value)
            for call, outcome in zip(calls, outcomes, strict=True)
        )
        answer = ", ".join(outcome.text for outcome in outcomes)
        tasks.append(_replace_answer(draft, done, answer))
    return tasks


def _replace_answer(draft: Task, calls: tuple[ToolCall, ...], answer: str) -> Task:
    return Task(
        id=draft.id,
        question=draft.question,
        tools=draft.tools,
        tool_source=draft.tool_source,
        answer=answer,
        references=(Trajectory(calls, answer),),
        suite=draft.suite,
    )
