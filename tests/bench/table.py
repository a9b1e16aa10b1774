"""The result table: each figure beside its target and the direct peers."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

HEAD = ("what", "measured", "CPU/request", "of bare Flask", "wanted", "", "direct peers, 2 cores, measured before")


@dataclass(frozen=True)
class Row:
    """One line of the table; `is_met` is None without a target."""

    what: str
    measured: str
    wanted: str = ""
    is_met: bool | None = None
    cpu: str = ""
    ratio: str = ""
    peers: str = ""

    @property
    def cells(self) -> Sequence[str]:
        """The line's cells."""
        verdict = {True: "met", False: "NOT MET", None: ""}[self.is_met]
        return (self.what, self.measured, self.cpu, self.ratio, self.wanted, verdict, self.peers)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def shown(rows: Sequence[Row]) -> str:
    """The table as text."""
    lines = [HEAD, *(row.cells for row in rows)]
    widths = [max(_width(line[at]) for line in lines) for at in range(len(HEAD))]
    out = []
    for line in lines:
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)]
        out.append("| " + " | ".join(cells) + " |")
    out.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(out)
