"""Lists the crates that the native core is built from, with their licences: `python licences.py > THIRD-PARTY.md`.

Fails where a crate has none of the licences that the project may be distributed under.
"""

import json
import re
import subprocess
import sys

ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "ISC", "MIT",
    "Unicode-3.0", "Unlicense", "Zlib",
}  # fmt: skip


def allowed(expression: str) -> bool:
    """Whether one of a licence expression's alternatives may be used; every part of it must be allowed."""
    alternatives = re.split(r"\s+OR\s+|/", expression.replace("(", "").replace(")", ""))
    return any(all(part.strip() in ALLOWED for part in one.split(" AND ")) for one in alternatives)


def main() -> int:
    """Prints the list; 1 where a licence is not allowed."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform"]
    data = json.loads(
        subprocess.run([*command, "x86_64-unknown-linux-gnu"], capture_output=True, check=True).stdout
    )
    nodes = {node["id"]: node for node in data["resolve"]["nodes"]}
    root = next(package["id"] for package in data["packages"] if package["name"] == "mentor-py")
    reached, todo = set(), [root]
    while todo:
        node = todo.pop()
        if node not in reached:
            reached.add(node)
            # What a build or a test needs is in no wheel.
            deps = nodes[node]["deps"]
            todo += [dep["pkg"] for dep in deps if any(kind["kind"] is None for kind in dep["dep_kinds"])]
    packages = [package for package in data["packages"] if package["id"] in reached and package["source"]]
    print("# Third-party crates\n\nWhat the native core of a wheel is built from. Made by `make licences`.\n")
    print("| crate | version | licence |\n|---|---|---|")
    bad = []
    for package in sorted(packages, key=lambda package: (package["name"], package["version"])):
        licence = package["license"] or "none"
        print(f"| {package['name']} | {package['version']} | {licence} |")
        if not allowed(licence):
            bad.append(f"{package['name']} {package['version']}: {licence}")
    for line in bad:
        print(line, file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
