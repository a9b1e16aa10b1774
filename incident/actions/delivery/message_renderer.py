"""The message renderer: loaded once and passed to the use cases that render messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from incident.core.delivery.delivery_profile import DeliveryProfile
from incident.formats.messages import Writer
from incident.keyring import KeyRing


@dataclass(frozen=True)
class MessageRenderer:
    """Everything needed to render messages: texts, links, keys, and names of categories by language and code.

    `delivery_profiles` is the delivery profile of each channel by name.
    """

    writer: Writer
    ring: KeyRing
    public_url: str
    timezone: str
    category_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    delivery_profiles: Mapping[str, DeliveryProfile] = field(default_factory=dict)

    def category(self, code: str | None, language: str) -> str | None:
        """Return the name of a category in a language; an unknown category is its own name."""
        return None if code is None else self.category_names.get(language, {}).get(code, code)
