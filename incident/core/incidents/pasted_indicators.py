"""Indicators pasted by the thousand, one on each line; each line that is none is named by its number."""

from dataclasses import dataclass
from typing import Final

from incident.core.incidents.indicator import KINDS, Indicator, guess_indicator, parse_indicator, with_nested
from incident.core.values.faults import RuleError

MAX_LINES: Final = 5_000
"""Lines that are pasted at once at most."""

MAX_ON_INCIDENT: Final = 20_000

_AROUND: Final = " \t\r\ufeff\"'`,;|"
"""What surrounds values in lists and tables and belongs to none."""


@dataclass(frozen=True, slots=True)
class PastedIndicators:
    """The indicators of a pasted text, each once.

    `repeated` is how many lines said one again, `faults` has a fault for each line that is no indicator.
    """

    found: tuple[Indicator, ...]
    repeated: int
    faults: tuple[RuleError, ...]


def read_pasted(text: str, pointer: str = "") -> PastedIndicators:
    """Read a pasted text; blank lines and those that begin with `#` are left out.

    Defanged notation (`hxxp`, `[.]`) is accepted. A line may begin with its kind, as in `account root`.

    Args:
        text: the lines.
        pointer: the place of the text in the caller's document.

    Raises:
        RuleError: `indicator.too_many_lines`, `indicator.nothing_pasted`.
    """
    lines = [(number, line.strip(_AROUND)) for number, line in enumerate(text.splitlines(), 1)]
    said = [(number, line) for number, line in lines if line and not line.startswith("#")]
    if not said:
        raise RuleError("indicator.nothing_pasted", pointer=pointer)
    if len(said) > MAX_LINES:
        raise RuleError("indicator.too_many_lines", {"lines": len(said), "most": MAX_LINES}, pointer=pointer)
    found, faults, repeated = dict[Indicator, None](), list[RuleError](), 0
    for number, line in said:
        try:
            one = read_line(line)
        except RuleError:
            faults.append(RuleError("indicator.line", {"line": number}, pointer=pointer))
        else:
            repeated += one in found
            found[one] = None
    return PastedIndicators(with_nested(found), repeated, tuple(faults))


def read_line(line: str, pointer: str = "") -> Indicator:
    """Return the indicator of a line, which may begin with its kind; raises RuleError as `guess_indicator` does."""
    kind, _blank, value = line.partition(" ")
    if value and kind.rstrip(":").lower() in KINDS:
        return parse_indicator(kind.rstrip(":").lower(), value, pointer)
    return guess_indicator(line, pointer)
