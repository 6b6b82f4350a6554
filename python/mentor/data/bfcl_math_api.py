"""BFCL's `MathAPI` class as a tool source: methods become functions with plain JSON results."""

from __future__ import annotations

import ast
import copy

from mentor.errors import DataError

__all__ = ["tool_source_of_class"]

_HEADER = """
def _plain(outcome):
    if "error" in outcome:
        raise ValueError(outcome["error"])
    result = outcome["result"]
    return result if isinstance(result, (int, float)) else float(result)
"""
"""The class answers {"result": ...} or {"error": ...}; a result may be a Decimal or a number of mpmath's."""


def tool_source_of_class(text: str, class_name: str, *, path: str) -> str:
    """Turn a class of stateless methods into a module of functions.

    Args:
        text: The Python source that holds the class.
        class_name: The class. Its methods return `{"result": number}` or `{"error": text}`.
        path: What error messages call the source.

    Returns:
        Python source with one public function per public method: the same parameters and docstring, without
        `self`, returning the bare result and raising ValueError for an error. The source's imports are kept.

    Raises:
        DataError: The source does not parse, or has no such class.
    """
    try:
        module = ast.parse(text)
    except SyntaxError as error:
        raise DataError(path, None, None, f"not Python: {error}") from error
    imports = [node for node in module.body if isinstance(node, ast.Import | ast.ImportFrom)]
    classes = [node for node in module.body if isinstance(node, ast.ClassDef) and node.name == class_name]
    if not classes:
        raise DataError(path, None, None, f"has no class {class_name!r}")
    functions: list[ast.stmt] = []
    for method in classes[0].body:
        if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
            functions += _public_and_private(method)
    body = [*imports, *ast.parse(_HEADER).body, *functions]
    return ast.unparse(ast.fix_missing_locations(ast.Module(body=body, type_ignores=[]))) + "\n"


def _public_and_private(method: ast.FunctionDef) -> list[ast.stmt]:
    """A method as a private function, and a public function that calls it and makes its result plain."""
    private = copy.deepcopy(method)
    private.name = f"_{method.name}"
    private.args.args = private.args.args[1:]
    public = copy.deepcopy(private)
    public.name = method.name
    arguments = ", ".join(argument.arg for argument in public.args.args)
    documentation = [ast.Expr(ast.Constant(text))] if (text := ast.get_docstring(method)) else []
    public.body = [*documentation, *ast.parse(f"return _plain({private.name}({arguments}))").body]
    public.returns = ast.Name("float")
    return [private, public]
