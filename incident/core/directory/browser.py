"""The name of a browser and its system, read from a User-Agent header."""

from typing import Final

_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("MicroMessenger", "WeChat"),
    ("DingTalk", "DingTalk"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""Markers in order of precedence: most browsers name others after themselves."""

_SYSTEMS: Final = (
    ("HarmonyOS", "HarmonyOS"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def browser_name(agent: str | None) -> str:
    """Return a browser by name and system, such as `Firefox, Windows`; empty when neither is known."""
    found = (next((name for mark, name in table if mark in (agent or "")), None) for table in (_BROWSERS, _SYSTEMS))
    return ", ".join(filter(None, found))
