"""Pure-Python packages of this environment, as files for the guest.

Requirements are resolved as an installer would, but among what is installed here, and for the guest: markers see
its platform and Python, and what it ships itself (numpy, sympy and more) is its own. A package is taken as the
files that its installer recorded, with its metadata, so that `importlib.metadata` works in the guest.

    requirements  ─►  distributions, with what they need  ─►  files by their path in site-packages
"""

from __future__ import annotations

import functools
import json
from collections import deque
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from mentor.errors import PackageError
from mentor.sandbox.guest import artifacts_folder

__all__ = ["guest_environment", "package_files"]

_COMPILED = (".so", ".pyd", ".dll", ".dylib")
# What an installer writes about itself and this machine; a record of what is taken is written in its place.
_LEFT_OUT = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"}


class _Wanted(NamedTuple):
    requirement: Requirement
    # Whose requirement it is; None for the caller's own.
    by: str | None


def package_files(requirements: Sequence[str], folders: Sequence[str] = ()) -> list[tuple[str, bytes]]:
    """The files of packages and of what they need, in the order of their paths.

    Args:
        requirements: As pip takes them: a name, perhaps with extras, versions and a marker.
        folders: Where to look before this environment: folders that `pip install --target` filled.

    Returns:
        Each file's path in site-packages, and its content. The same for the same versions, however and wherever
        they were installed.

    Raises:
        PackageError: A requirement cannot be read; a package is missing, compiled, editable, or of a version that
            does not fit.
    """
    files: dict[str, bytes] = {}
    for name, distribution in sorted(_resolve(requirements, folders).items()):
        for path, content in _files(name, distribution):
            if files.setdefault(path, content) != content:
                raise PackageError(
                    f"{name}: another package brings another {path} too; one guest cannot have both"
                )
    return sorted(files.items())


@functools.cache
def _guest_versions(folder: str) -> tuple[str, dict[str, str]]:
    """The guest's Python, and the packages that it ships, by their canonical names."""
    lines = (Path(folder) / "MANIFEST").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines]
    packages = {
        str(canonicalize_name(row[1])): row[2] for row in rows if row[:1] == ["package"] and len(row) == 3
    }
    return next(row[1] for row in rows if row[:1] == ["python"]), packages


def guest_environment() -> dict[str, str]:
    """What markers see: the guest, not the host."""
    python = _guest_versions(artifacts_folder())[0]
    return {
        "implementation_name": "cpython",
        "implementation_version": python,
        "os_name": "posix",
        "platform_machine": "wasm32",
        "platform_python_implementation": "CPython",
        "platform_release": "0.0.0",
        "platform_system": "wasi",
        "platform_version": "0.0.0",
        "python_full_version": python,
        "python_version": ".".join(python.split(".")[:2]),
        "sys_platform": "wasi",
    }


def _resolve(requirements: Sequence[str], folders: Sequence[str]) -> dict[str, metadata.Distribution]:
    """The distributions to take, by their canonical names."""
    shipped = _guest_versions(artifacts_folder())[1]
    found: dict[str, metadata.Distribution] = {}
    seen: set[tuple[str, str]] = set()
    wanted = deque(_Wanted(_parse(text, None), None) for text in requirements)
    while wanted:
        requirement, by = wanted.popleft()
        name = str(canonicalize_name(requirement.name))
        if by is None and not _applies(requirement, ""):
            continue
        if name in shipped:
            _check_shipped(requirement, by, shipped[name])
            continue
        if name not in found:
            found[name] = _installed(requirement, by, folders)
        distribution = found[name]
        _check_version(requirement, by, distribution.version, "installed")
        for extra in ["", *sorted(requirement.extras)]:
            if (name, extra) not in seen:
                seen.add((name, extra))
                wanted.extend(_needs(name, distribution, extra))
    return found


def _needs(name: str, distribution: metadata.Distribution, extra: str) -> Iterator[_Wanted]:
    for text in distribution.requires or ():
        requirement = _parse(text, name)
        # Without its extra, a requirement was followed already.
        if _applies(requirement, extra) and not (extra and _applies(requirement, "")):
            yield _Wanted(requirement, name)


def _applies(requirement: Requirement, extra: str) -> bool:
    marker = requirement.marker
    return marker is None or marker.evaluate({**guest_environment(), "extra": extra})


def _parse(text: str, by: str | None) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        whose = "packages" if by is None else by
        raise PackageError(f"{whose}: {text!r} is no requirement: {str(error).splitlines()[0]}") from error


def _called(requirement: Requirement, by: str | None) -> str:
    return f"{requirement.name}" if by is None else f"{requirement.name} (which {by} needs)"


def _check_version(requirement: Requirement, by: str | None, version: str, where: str) -> None:
    if requirement.url is None and not requirement.specifier.contains(version, prereleases=True):
        raise PackageError(
            f"{_called(requirement, by)}: {where} is version {version}, which is not {requirement.specifier}"
        )


def _check_shipped(requirement: Requirement, by: str | None, version: str) -> None:
    _check_version(requirement, by, version, "in the guest")
    if requirement.extras:
        extras = ", ".join(sorted(requirement.extras))
        raise PackageError(
            f"{_called(requirement, by)}: it comes with the guest, without its extras ({extras}); "
            "name the packages that they stand for"
        )


def _installed(requirement: Requirement, by: str | None, folders: Sequence[str]) -> metadata.Distribution:
    called = _called(requirement, by)
    try:
        own = iter(metadata.distributions(name=requirement.name, path=list(folders)) if folders else ())
        distribution = next(own, None) or metadata.distribution(requirement.name)
    except metadata.PackageNotFoundError as error:
        plain = f"{requirement.name}{requirement.specifier}"
        raise PackageError(f"{called}: it is not installed here; pip install {plain!r}") from error
    python = guest_environment()["python_full_version"]
    needed = str(distribution.metadata.json.get("requires_python", ""))
    try:
        fits = SpecifierSet(needed).contains(python, prereleases=True)
    except InvalidSpecifier:
        fits = True
    if not fits:
        raise PackageError(f"{called}: it needs Python {needed}, and the guest has {python}")
    return distribution


def _files(name: str, distribution: metadata.Distribution) -> Iterator[tuple[str, bytes]]:
    recorded = distribution.files
    if not recorded:
        raise PackageError(f"{name}: there is no record of its files; install it again with pip")
    if json.loads(distribution.read_text("direct_url.json") or "{}").get("dir_info", {}).get("editable"):
        raise PackageError(
            f"{name}: it is installed in editable mode; install it as a wheel: pip install PATH"
        )
    taken = []
    about = None
    for file in sorted(recorded, key=str):
        path = PurePosixPath(str(file))
        if path.suffix in _COMPILED or ".so." in path.name:
            raise PackageError(
                f"{name}: {path} is compiled for this machine; only pure Python runs in the guest"
            )
        # Scripts and data outside of site-packages are not imported; bytecode is another Python's.
        if path.is_absolute() or ".." in path.parts or "__pycache__" in path.parts or path.suffix == ".pyc":
            continue
        if path.parts[0].endswith(".dist-info"):
            about = path.parts[0]
            if path.name in _LEFT_OUT:
                continue
        taken.append(str(path))
        try:
            yield str(path), Path(str(distribution.locate_file(file))).read_bytes()
        except OSError as error:
            raise PackageError(
                f"{name}: {path} cannot be read ({error}); install it again with pip"
            ) from error
    if about:
        record = "".join(f"{path},,\n" for path in [*taken, f"{about}/RECORD"])
        yield f"{about}/RECORD", record.encode()
