"""The process that compiles one paper: it limits itself, then reads an order and writes a file.

Standard input is JSON with `format`, `paper` (a text of JSON), `template`, `folder`, `memory` (bytes) and `seconds`;
standard output is the file, standard error what is wrong.
"""

import contextlib
import ctypes
import json
import os
import re
import resource
import sys
from collections.abc import Mapping
from typing import Any, Final

NO_COMPILER: Final = 3
NO_FONT: Final = 4
"""Exit statuses: a package that is not installed; no font with Chinese characters. Others are faults."""

CHINESE_FONTS: Final = re.compile(
    "cjk|source han|song|fang|hei|kai|simsun|ming|gothic|pingfang|dengxian|wenquanyi|arphic|droid|unifont",
    re.IGNORECASE,
)
"""Parts of the names of fonts that have Chinese characters."""

_PROXIES: Final = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_NOWHERE: Final = "http://127.0.0.1:9"
_UNSHARE: Final = 0x10000000 | 0x40000000
"""CLONE_NEWUSER and CLONE_NEWNET of Linux: a network of its own, without any device."""

_DIE_WITH_PARENT: Final = 1
_KILL: Final = 9


class NoFont(Exception):
    """The machine has no font with Chinese characters."""


def limit(memory: int, seconds: int) -> None:
    """Limit memory (bytes) and processor time (s) of this process, end it with its parent, take its network."""
    for name, most in (("RLIMIT_AS", memory), ("RLIMIT_CPU", seconds), ("RLIMIT_CORE", 0)):
        with contextlib.suppress(ValueError, OSError, AttributeError):  # macOS does not know all of them
            resource.setrlimit(getattr(resource, name), (most, most))
    if sys.platform == "linux":
        system = ctypes.CDLL(None)
        system.prctl(_DIE_WITH_PARENT, _KILL)
        system.unshare(_UNSHARE)  # refused by some kernels: nothing that is compiled asks for the network either
    os.environ.update(dict.fromkeys(_PROXIES, _NOWHERE))


def pdf_file(order: Mapping[str, Any]) -> bytes:
    """Return a paper as PDF; raises ImportError without the compiler, NoFont."""
    import typst

    fonts = typst.Fonts()
    if not any(map(CHINESE_FONTS.search, fonts.families())):
        raise NoFont
    compiler = typst.Compiler(
        order["template"].encode(),
        root=order["folder"],
        font_paths=fonts,
        sys_inputs={"paper": order["paper"]},
        package_path=order["folder"],
        package_cache_path=order["folder"],
    )
    made = compiler.compile(format="pdf", timestamp=0)
    if not isinstance(made, bytes):
        raise TypeError(type(made))
    return made


def main() -> None:
    """Compile the paper that standard input orders."""
    order = json.load(sys.stdin)
    limit(order["memory"], order["seconds"])
    try:
        if order["format"] == "pdf":
            made = pdf_file(order)
        else:
            from incident.formats.papers.word_file import word_file

            made = word_file(json.loads(order["paper"]))
    except ImportError:
        sys.exit(NO_COMPILER)
    except NoFont:
        sys.exit(NO_FONT)
    sys.stdout.buffer.write(made)
