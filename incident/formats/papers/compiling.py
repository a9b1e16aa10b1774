"""Compiles a paper to a file in a process with limits that gets only the paper and its template."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Final

import incident
from incident.formats.papers.process import NO_COMPILER, NO_FONT

MEDIA: Final[Mapping[str, str]] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
"""The media type of each format."""

TIME_LIMIT: Final = 60
"""Limit of a compilation (s); 300 pages take about one."""

MEMORY_LIMIT: Final = 2 << 30
SIZE_LIMIT: Final = 64 << 20
"""Bytes of the largest file that is kept."""

_START: Final = "import sys; sys.path.insert(0, sys.argv[1]); from incident.formats.papers.process import main; main()"
_PASSED: Final = ("HOME", "XDG_DATA_HOME", "XDG_DATA_DIRS", "FONTCONFIG_FILE", "SYSTEMROOT")
"""Variables that say where the fonts of the machine are; no other leaves the program."""

_FAULTS: Final = {NO_COMPILER: "document_file.no_compiler", NO_FONT: "document_file.no_font"}


class PaperError(Exception):
    """A paper that could not be compiled; `code` is the fault, `detail` what the compiler printed, for the log."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


class PaperKilled(PaperError):
    """The process that compiles was killed from outside, which says nothing about the paper: another try may do."""


def compile_paper(document: str, file_format: str) -> bytes:
    """Return a paper as a file.

    Args:
        document: the paper in JSON, as `paper_document` returns it.
        file_format: `pdf` or `docx`.

    Raises:
        PaperError: `document_file.no_compiler` where the packages are not installed, `document_file.no_font`,
            `document_file.too_slow`, `document_file.broken`.
        PaperKilled: when the process that compiles was killed, such as by the kernel for want of memory.
    """
    root = str(Path(incident.__file__).parent.parent)
    template = resources.files("incident.data").joinpath("documents/paper.typ").read_text("utf-8")
    with tempfile.TemporaryDirectory(prefix="incident-paper-") as folder:
        order = {
            "format": file_format,
            "paper": document,
            "template": template,
            "folder": folder,
            "memory": MEMORY_LIMIT,
            "seconds": TIME_LIMIT,
        }
        try:
            done = subprocess.run(  # noqa: S603  # our own interpreter and our own code
                [sys.executable, "-I", "-c", _START, root],
                input=json.dumps(order).encode(),
                capture_output=True,
                timeout=TIME_LIMIT,
                cwd=folder,
                env={name: os.environ[name] for name in _PASSED if name in os.environ},
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise PaperError("document_file.too_slow") from None
    if done.returncode == -signal.SIGKILL:
        raise PaperKilled("document_file.broken", "the process was killed")
    if done.returncode or not 0 < len(done.stdout) <= SIZE_LIMIT:
        detail = done.stderr.decode(errors="replace")[-2_000:] or f"status {done.returncode}"
        raise PaperError(_FAULTS.get(done.returncode, "document_file.broken"), detail)
    return done.stdout
