"""Commands that parse their words again, so that a quoted value would be executed after all (P18)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_SHELLS = frozenset({"sh", "bash", "rbash", "dash", "ash", "ksh", "mksh", "zsh", "fish", "csh", "tcsh", "pwsh"})
_LANGUAGES = frozenset({"perl", "ruby", "node", "php", "lua"})
_INTERPRETERS = _SHELLS | _LANGUAGES | {"su", "runuser", "flock", "script", "psql", "mysql", "mariadb", "sqlite3"}
_PYTHON = re.compile(r"python[0-9.]*\Z")
_CODE_OPTION = re.compile(r"(?:-[A-Za-z]*[cerEp]|--(?:command|eval|print|execute|session-command)|-Command)=?\Z")
_OF_SHELL = re.compile(r"-[A-Za-z]*c\w*\Z|--command(?:=|\Z)|-Command\Z")
_OF_LANGUAGE = re.compile(r"-[A-Za-z]*[eErRp]\w*\Z|--(?:eval|print|execute)(?:=|\Z)")

# Python modules that execute code from their arguments or their input.
_CODE_MODULES = frozenset({"timeit", "pdb", "trace", "cProfile", "profile", "doctest", "unittest", "pydoc"}) | {
    *("sqlite3", "code", "asyncio", "idlelib", "runpy", "test", "pip", "pytest", "coverage", "debugpy"),
    *("ipdb", "pudb", "IPython"),
}
_MODULE_OPTION = re.compile(r"-[bBdEhiIOPqRsSuvVx?]*m(.*)\Z", re.DOTALL)
_PYTHON_WITH_VALUE = frozenset({"-X", "-W", "--check-hash-based-pycs"})

# Options of awk and sed that take the next word.
_WITH_VALUE = frozenset(["-F", "-v", "-l", "--assign", "--field-separator", "--line-length"])
# These evaluate each word; `ssh` and `watch` pass them to another shell.
_EVALUATE = frozenset(
    [
        "eval",
        "let",
        "trap",
        "unset",
        "read",
        "mapfile",
        "readarray",
        "getopts",
        "source",
        ".",
        "alias",
        "complete",
        "compgen",
        "bind",
        "ssh",
        "watch",
        "parallel",
        "at",
        "batch",
        "coproc",
        "wait",
        "vim",
        "vi",
        "view",
        "nvim",
        "ex",
        "ed",
        "gdb",
        "make",
        "gmake",
        "tmux",
        "screen",
    ]
)
# A name is evaluated, a value after `NAME=` is not, unless the name is made a number or a reference.
_DECLARE = frozenset(["declare", "typeset", "local", "export", "readonly"])
_TEST = frozenset({"[[", "[", "test", "printf"})
_ARITHMETIC = frozenset({"-eq", "-ne", "-lt", "-le", "-gt", "-ge"})
_PROGRAMS = frozenset({"sed", "gsed", "awk", "gawk", "mawk", "nawk", "jq", "expect", "m4"})
# Words that may precede the name of a command.
_BEFORE = frozenset(
    [
        "if",
        "then",
        "else",
        "elif",
        "while",
        "until",
        "do",
        "!",
        "{",
        "time",
        "exec",
        "command",
        "builtin",
        "sudo",
        "doas",
        "env",
        "nohup",
        "nice",
        "xargs",
    ]
)
# Parts that may expand to nothing, so that the rest of the word is the name of a command.
_EXPANSION = re.compile(r"\$\([^()]*\)|`[^`]*`|\$\{[^}]*\}")
_ASSIGNED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as written; `references` are the starts of its variables, in the word and in the whole text."""

    raw: str
    references: tuple[tuple[int, int], ...] = ()

    @property
    def plain(self) -> str:
        """The word without quotes, as the shell would look it up."""
        return re.sub(r"\\\n|['\"\\$]", "", _EXPANSION.sub("", self.raw))


def risks(words: Sequence[Word]) -> tuple[dict[int, str], bool]:
    """Return what parses each reference of a simple command again ("" for nothing), and whether it calls a shell."""
    names = command_names(words)
    found = {
        start: _reader_of(words[index], offset, names, index) or _module_of(words, names, index)
        for index, word in enumerate(words)
        for offset, start in word.references
    }
    return found, any(name in _SHELLS or name == "eval" for name in names)


def command_names(words: Sequence[Word]) -> list[str]:
    """Return the words as names of commands: without quotes, and without the folder."""
    return [_name(word.plain) for word in words]


def is_interpreter(name: str) -> bool:
    """Whether a command is a shell or an interpreter, which executes its input."""
    return name in _SHELLS or name in _LANGUAGES or _PYTHON.match(name) is not None


def is_code_option(name: str, option: str) -> bool:
    """Whether the code of an interpreter follows an option, also one with more letters: `bash -ceu`."""
    return (_OF_LANGUAGE if name in _LANGUAGES else _OF_SHELL).match(option) is not None


def runs_code_module(name: str, words: Sequence[Word]) -> bool:
    """Whether a command is python with `-m` and a module that executes code, or a non-literal one.

    Args:
        name: of the command.
        words: those after it.
    """
    is_value = False
    for at, word in enumerate(words if _PYTHON.match(name) else ()):
        plain = re.sub(r"['\"\\]", "", word.raw)
        found = _MODULE_OPTION.match(plain)
        if is_value:
            is_value = False
        elif found is not None:
            parts = [word] if found[1] else words[at + 1 : at + 2]
            return not parts or _is_code_module(found[1] or re.sub(r"['\"\\]", "", parts[0].raw), parts[0])
        elif not plain.startswith("-") or plain == "-" or _OF_SHELL.match(plain):
            return False
        is_value = plain in _PYTHON_WITH_VALUE
    return False


def _is_code_module(module: str, written: Word) -> bool:
    is_open = bool(written.references) or re.search(r"[$`]", written.raw) is not None
    return is_open or module.partition(".")[0] in _CODE_MODULES


def _reader_of(word: Word, offset: int, names: Sequence[str], index: int) -> str:
    before, written = names[:index], word.raw[:offset].replace("\\\n", "")
    if "[" in written:
        return "[…]"
    if not _ASSIGNED.match(written) and all(may_lead(name) for name in before):
        return "$0"
    for position, name in enumerate(before):
        if name in _EVALUATE or (name in _SHELLS and "<<<" in names):
            return name
        if name in _DECLARE and not (_ASSIGNED.match(written) and not any(re.match(r"[-+]\w*[in]", n) for n in before)):
            return name
        if name in _TEST and ("-v" in names or "-R" in names or (name == "[[" and _ARITHMETIC & set(names))):
            return name
        if (name in _INTERPRETERS or _PYTHON.match(name)) and (
            _CODE_OPTION.match(before[-1]) or _CODE_OPTION.match(written)
        ):
            return f"{name} -c"
        if name in _SHELLS and _is_code_of_shell(before[position + 1 :]):
            return f"{name} -c"
    return _program_of(before)


def _module_of(words: Sequence[Word], names: Sequence[str], index: int) -> str:
    """Return the python before a word that passes it to a module which executes code."""
    for at, name in enumerate(names[:index]):
        if runs_code_module(name, words[at + 1 :]):
            return f"{name} -m"
    return ""


def _name(plain: str) -> str:
    return plain if _ASSIGNED.match(plain) else plain.rpartition("/")[2] or plain


def _is_code_of_shell(options: Sequence[str]) -> bool:
    """Whether a shell executes the word after these: options may follow `-c`, and take the next word."""
    if not any(re.match(r"-[A-Za-z]*c", one) for one in options):
        return False
    return all(one[:1] in ("-", "+") or re.match(r"[-+]\w*[oO]\Z", options[at - 1]) for at, one in enumerate(options))


def may_lead(name: str) -> bool:
    """Whether a word may precede the name of a command."""
    return name in _BEFORE or name[:1] in ("-", "") or name.isdigit() or _ASSIGNED.match(name) is not None


def _program_of(before: Sequence[str]) -> str:
    """Return the tool whose program the word would be: the first word after it that is not an option."""
    for position, name in enumerate(before):
        if name in _PROGRAMS and (_only_options(before[position + 1 :]) or before[-1] in ("-e", "--expression")):
            return name
    return ""


def _only_options(words: Sequence[str]) -> bool:
    return all(one.startswith("-") or (at and words[at - 1] in _WITH_VALUE) for at, one in enumerate(words))
