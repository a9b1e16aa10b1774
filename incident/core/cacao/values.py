"""The value of a variable (CACAO 2.0 section 10.18): a string, a JSON object, or null for unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Value = str | None | Mapping[str, Any]
Json = dict[str, Any]
