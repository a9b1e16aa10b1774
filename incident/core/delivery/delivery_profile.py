"""Delivery profile of a channel: its rate limit and its bundles."""

from dataclasses import dataclass

from incident.core.delivery.rate_limit import Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryProfile:
    """How messages are sent to a channel.

    `is_read` says that people read it: waiting messages are sent to them as one; a machine receives each singly.
    `limit` applies to a contact without its own. `max_named` is how many incidents a bundle names before it refers to
    the page for the rest.
    """

    is_read: bool = False
    limit: Limit | None = None
    max_named: int = 0

    def limit_of(self, per_minute: int | None) -> Limit | None:
        """Return the limit of a contact, which may set its own per minute."""
        return self.limit if per_minute is None else Limit.of(per_minute)


MACHINE = DeliveryProfile()
