"""Rules of the scan of evidence: what the answer of a scanner means."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

ScanResult = Literal["clean", "found", "too_large", "damaged", "failed"]
"""`too_large` is more than the scanner accepts, `damaged` what cannot be opened, `failed` anything else."""

SCAN_RESULTS: Final[tuple[ScanResult, ...]] = get_args(ScanResult)

NOT_SCANNED: Final = "not_scanned"
DETAIL_LIMIT: Final = 200

_FOUND: Final = " FOUND"
_TOO_LARGE: Final = "size limit exceeded"


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scanner says of a file; `detail` names what it found, or is its own words for a failure."""

    result: ScanResult
    detail: str = ""


def scan_of(answer: str) -> Scan:
    """Return what an answer to clamd's command INSTREAM means (clamd(8), section COMMANDS).

    Args:
        answer: one line, such as `stream: OK` or `stream: Eicar-Signature FOUND`.
    """
    said = answer.strip().removeprefix("stream:").strip()
    if said == "OK":
        return Scan("clean")
    if said.endswith(_FOUND):
        return Scan("found", _shown(said.removesuffix(_FOUND)))
    if _TOO_LARGE in said:
        return Scan("too_large")
    return Scan("failed", _shown(said.removesuffix("ERROR").strip()))


def _shown(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)[:DETAIL_LIMIT]
