"""Names of browsers and operating systems."""

import pytest

from incident.core.directory.browser import browser_name


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/143.0 Safari/537.36 Edg/143.0",
            "Edge, Windows",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/605 Version/19.0 Safari/605.1", "Safari, macOS"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/143.0 Mobile Safari/537.36 MicroMessenger/8.0", "WeChat, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) CriOS/143.0 Safari/604.1", "Chrome, iPhone"),
        ("curl/8.9", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_browser_is_named_by_its_marks(agent: str | None, name: str) -> None:
    assert browser_name(agent) == name
