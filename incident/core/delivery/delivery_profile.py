"""How a channel wants to be written to."""

from dataclasses import dataclass

from incident.core.delivery.rate_limit import Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryProfile:
    """How a channel wants to be written to.

    `is_read` says that people read it: what waits in a storm goes to them as one message; a machine gets each singly.
    `limit` holds for a contact that names none itself. `named_most` is how many incidents a bundle names before it
    leaves the rest to the page.
    """

    is_read: bool = False
    limit: Limit | None = None
    named_most: int = 0

    def limit_of(self, per_minute: int | None) -> Limit | None:
        """The limit of a contact, which may name its own by the minute."""
        return self.limit if per_minute is None else Limit.of(per_minute)


MACHINE = DeliveryProfile()
