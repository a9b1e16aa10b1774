"""Limits of what one address of the public may send."""

from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network


@dataclass(frozen=True, slots=True)
class ReportLimits:
    """Reports an hour, and wrong receipts in a quarter of an hour, from one address.

    `per_office` holds instead for addresses in `offices`, behind each of which many people are.
    """

    per_address: int = 30
    per_office: int = 600
    offices: Collection[IPv4Network | IPv6Network] = ()

    def times(self, factor: int) -> "ReportLimits":
        """Return limits that are so many times as high."""
        return ReportLimits(self.per_address * factor, self.per_office * factor, self.offices)
