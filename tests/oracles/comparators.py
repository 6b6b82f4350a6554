"""When arguments agree, from the definitions. `rule` is what `mentor.align` takes for one tool."""

from typing import Any

from mentor.align import Bfcl, Close, Text, Tool


def same(a: Any, b: Any) -> bool:
    """Equality of JSON values: numbers by value, booleans only with booleans."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return ((is_number(a) and is_number(b)) or type(a) is type(b)) and a == b


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def levenshtein(a: Any, b: Any) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a):
        above, row = row, [i + 1]
        for j, y in enumerate(b):
            row.append(min(above[j] + (x != y), above[j + 1] + 1, row[j] + 1))
    return row[-1]


def value_agreement(rule: Any, a: Any, b: Any) -> tuple[float, bool]:
    """How far two values agree, and whether they count as the same."""
    if rule == "ignore":
        return 1.0, True
    if isinstance(rule, Close):
        equal = close(a, b, rule)
    elif isinstance(rule, Text) and isinstance(a, str) and isinstance(b, str):
        alike = 1 - levenshtein(a, b) / max(len(a), len(b)) if a != b else 1.0
        return alike, alike >= rule.threshold
    elif isinstance(rule, Bfcl):
        accepted = [b] if rule.accepted is None else rule.accepted
        equal = any(same(standard(a), standard(one)) for one in accepted)
    else:
        equal = same(a, b)
    return float(equal), equal


def close(a: Any, b: Any, rule: Close) -> bool:
    if is_number(a) and is_number(b):
        return a == b or abs(float(a) - float(b)) <= max(
            rule.absolute, rule.relative * max(abs(float(a)), abs(float(b)))
        )
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(close(a[key], b[key], rule) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(close(x, y, rule) for x, y in zip(a, b, strict=True))
    return same(a, b)


def standard(value: Any) -> Any:
    if isinstance(value, str):
        return "".join(c for c in value if c not in " ,./-_*^").lower().replace("'", '"')
    if isinstance(value, list):
        return [standard(item) for item in value]
    if isinstance(value, dict):
        return {key: standard(item) for key, item in value.items()}
    return value


def compared(rule: Any, student: dict[str, Any], teacher: dict[str, Any]) -> list[tuple[str, Any]]:
    """The parameters that count, with the rule of each."""
    tool = as_tool(rule)
    keys = {
        "exact": [*student, *(key for key in teacher if key not in student)],
        "subset": list(student),
        "superset": list(teacher),
        "ignore": [],
    }
    names = keys[tool.scope] if isinstance(tool.scope, str) else list(tool.scope)
    found = [(name, tool.parameters.get(name, tool.values)) for name in names]
    return [(name, one) for name, one in found if one != "ignore"]


def as_tool(rule: Any) -> Tool:
    if isinstance(rule, Tool):
        return rule
    if isinstance(rule, str):
        return Tool(scope=rule)
    if isinstance(rule, list):
        return Tool(scope=rule)
    if isinstance(rule, dict):
        return Tool(parameters=rule)
    return Tool(values=rule)


def agreements(rule: Any, student: dict[str, Any], teacher: dict[str, Any]) -> list[tuple[float, bool]]:
    """The agreement of each parameter that counts."""
    found = []
    for name, one in compared(rule, student, teacher):
        if name in student and name in teacher:
            found.append(value_agreement(one, student[name], teacher[name]))
        elif name in student:
            found.append((0.0, False))
        elif name in teacher:
            left_out = isinstance(one, Bfcl) and one.accepted is not None and "" in one.accepted
            found.append((float(left_out), left_out))
        else:
            found.append((1.0, True))
    return found
