"""The weight of a page: what a browser fetches for it, in bytes as they are sent."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

ASKS = {"Accept-Encoding": "gzip, deflate, br, zstd", "Sec-Fetch-Site": "same-origin"}
PARTS = re.compile(r'(?:href|src)="(/static/[^"#]+)')
Fetch = Callable[[str, Mapping[str, str]], bytes]
"""Type of the function that fetches a path with some headers and returns the body as it was sent."""


@dataclass(frozen=True)
class Weight:
    """Bytes of the page itself, and of the styles, scripts and icons that it names."""

    page: int
    parts: int

    @property
    def total(self) -> int:
        """Bytes of a first visit."""
        return self.page + self.parts


def weigh(fetch: Fetch, path: str) -> Weight:
    """Fetch a page and every part of it."""
    shown = fetch(path, {}).decode()
    parts = sorted(set(PARTS.findall(shown)))
    return Weight(len(fetch(path, ASKS)), sum(len(fetch(part, ASKS)) for part in parts))
