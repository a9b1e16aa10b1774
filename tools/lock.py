"""Rewrites the lock files: hashes for every package, and no address of any registry."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPILE = [
    "uv",
    "pip",
    "compile",
    "--quiet",
    "--universal",
    "--generate-hashes",
    "--python-version",
    "3.11",
    "--no-header",
]
LOCKS = {
    "requirements/run.txt": ["pyproject.toml", "--extra", "postgres", "--group", "build"],
    # Beside the former where documents are made into files.
    "requirements/documents.txt": ["pyproject.toml", "--extra", "documents", "-c", "requirements/run.txt"],
    # What runs is the same in development.
    "requirements/develop.txt": [
        "pyproject.toml",
        "--extra",
        "postgres",
        "--extra",
        "documents",
        "--group",
        "develop",
        "-c",
        "requirements/run.txt",
    ],
    "requirements/node.txt": ["requirements/node.in"],
}


def lock_python(arguments: list[str]) -> None:
    """Resolve each list; `--upgrade` takes newer versions than those locked now."""
    for file, sources in LOCKS.items():
        subprocess.run([*COMPILE, *sources, *arguments, "--output-file", file], cwd=ROOT, check=True)


def lock_node() -> None:
    """Resolve the front-end packages, without the addresses that npm would write down."""
    subprocess.run(["npm", "install", "--package-lock-only", "--ignore-scripts"], cwd=ROOT, check=True)
    file = ROOT / "package-lock.json"
    document = json.loads(file.read_text("utf-8"))
    for package in document["packages"].values():
        package.pop("resolved", None)
        package.pop("funding", None)
    file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")


def main(arguments: list[str]) -> int:
    """Write all lock files; arguments go to uv."""
    for command in ("uv", "npm"):
        if shutil.which(command) is None:
            print(f"{command} is missing: it resolves the dependencies. Only locking needs it.", file=sys.stderr)
            return 1
    lock_python(arguments)
    lock_node()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
