"""Commands that execute a text from elsewhere: a shell variable, or their input (P18).

A value that is one quoted word in its own place is executed after all when it reaches such a command indirectly.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from incident.core.cacao.placing.shell_words import (
    Word,
    command_names,
    is_code_option,
    is_interpreter,
    may_lead,
    runs_code_module,
)

INPUT: Final = "<"
"""Appended to the name of a command that executes its input."""

# A command begins after any of these.
_OPENING: Final = frozenset(["{", "do", "then", "else", "elif", "if", "while", "until", "!"])
# These start the command that they name later, after options and values of their own.
_WRAPPERS: Final = frozenset({"sudo", "doas", "timeout", "nice", "ionice", "stdbuf", "setsid", "chroot", "nsenter"}) | {
    *("docker", "podman", "kubectl", "busybox", "unshare", "flock", "chrt", "taskset", "xargs", "env", "exec")
}
_EVALUATE: Final = frozenset(["eval", "ssh", "watch", "trap", "parallel", "coproc", "su", "runuser"])
_SOURCE: Final = frozenset(["source", "."])
_SSH_VALUES: Final = re.compile(r"-[A-Za-z0-9]*[bcDEeFIiJLlmOopQRSWw]\Z")
_INPUT_FILES: Final = re.compile(r"-\Z|/dev/(?:stdin|fd/)|/proc/")
_EXPANSION: Final = re.compile(r"[$`]")
_SINGLE_QUOTED: Final = re.compile(r"(?<!\$)'[^']*'")
# In literal code: constructs that execute a text passed to this code.
_RUNS_MORE: Final = re.compile(r"(?<![\w./-])(?:eval|source|trap)(?![\w.-])|\b(?:ba|da|k|z)?sh\s+-\w*c\b|\|\s*\w*sh\b")
_ARITHMETIC: Final = re.compile(
    r"\(\(|\$\[|(?<!\w)-(?:eq|ne|lt|le|gt|ge)\s|(?<!\w)let\s|(?:declare|typeset|local)\s+-\w*[in]"
)
# Shells and loaders execute the values of these variables, or choose by them what is executed.
SPECIAL: Final = re.compile(
    r"(?:PS[0-4]|ENV|BASH_ENV|PROMPT_COMMAND|SHELLOPTS|BASHOPTS|IFS|PATH|CDPATH|LD_\w+|DYLD_\w+|PERL5OPT|PERL5LIB|PERL5DB"
    r"|RUBYOPT|RUBYLIB|NODE_OPTIONS|PYTHONPATH|PYTHONSTARTUP|PYTHONHOME|GIT_\w+|EDITOR|VISUAL|PAGER|MANPAGER|BROWSER"
    r"|LESSOPEN|LESSCLOSE|MAKEFLAGS|RSYNC_RSH|TAR_OPTIONS)\+?="
)


def runs_given_text(words: Sequence[Word], *, is_fed: bool) -> str:
    """Return the name of a simple command that executes a text from elsewhere, "" when it does not.

    Args:
        words: of the command.
        is_fed: whether a pipe leads into it.
    """
    names = command_names(words)
    for index, name in enumerate(names):
        if not _is_command(names[:index]):
            continue
        found = _runs(name, words[index], words[index + 1 :], is_fed=is_fed)
        if found:
            return found
    return ""


def computes(text: str) -> bool:
    """Whether a command contains arithmetic, which evaluates the values of its variables."""
    return _ARITHMETIC.search(text) is not None


def expands(text: str) -> bool:
    """Whether the shell expands a part of a text; text in single quotes is not expanded."""
    return _EXPANSION.search(_SINGLE_QUOTED.sub("", text)) is not None


def _is_command(before: Sequence[str]) -> bool:
    for at in range(len(before) - 1, -1, -1):
        if before[at] in _OPENING:
            before = before[at + 1 :]
            break
    return all(may_lead(name) or name.endswith(")") for name in before) or any(name in _WRAPPERS for name in before)


def _runs(name: str, word: Word, rest: Sequence[Word], *, is_fed: bool) -> str:
    if name in _SOURCE:
        return f"{name} {INPUT}" if any(_INPUT_FILES.match(one.plain) for one in rest) else ""
    if name in _EVALUATE and any(expands(one.raw) for one in rest):
        return name
    if name == "ssh":
        return f"{name} {INPUT}" if len(_operands(rest)) < 2 else ""
    is_unknown = expands(word.raw.rpartition("/")[2])
    if not is_unknown and not is_interpreter(name):
        return ""
    if runs_code_module(name, rest):  # it executes its input as well, and `xargs` turns it into words
        return f"{name} -m" if is_fed or any(expands(one.raw) for one in rest) else f"{name} {INPUT}"
    for position, one in enumerate(rest):
        if is_code_option(name, one.raw):
            code = [each for each in rest[position + 1 :] if each.raw[:1] not in ("-", "+")] or [one]
            return f"{name} -c" if is_unknown or expands(code[0].raw) or _RUNS_MORE.search(code[0].raw) else ""
    return "" if is_unknown and not is_fed else _reads_input(name, rest)


def _reads_input(name: str, rest: Sequence[Word]) -> str:
    if any(one.raw == "<<<" for one in rest):
        return f"{name} {INPUT}"
    operands = [one.plain for one in rest if one.raw == "-" or one.raw[:1] not in ("-", "+")]
    reads = not operands or _INPUT_FILES.match(operands[0]) or any(re.match(r"-\w*s\Z", one.raw) for one in rest)
    return f"{name} {INPUT}" if reads else ""


def _operands(words: Sequence[Word]) -> list[str]:
    """Return host and command of ssh, without its options and their values."""
    found: list[str] = []
    is_value = False
    for word in words:
        if is_value:
            is_value = False
        elif not found and word.raw.startswith("-"):
            is_value = _SSH_VALUES.match(word.raw) is not None
        else:
            found.append(word.raw)
    return found
