"""The links of a demonstration, which let anyone in, across restarts."""

import re
from pathlib import Path

import requests

from tests.stories.served import Served


def _links(output: str) -> list[str]:
    return re.findall(r"http://\S+/sign-in/link/\S+", output)


def _status(url: str) -> int:
    return requests.get(url, allow_redirects=False, timeout=20).status_code


def test_the_links_of_a_demonstration_end_at_its_next_start(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    served.arguments = ("--demo",)
    with served.serving():
        before = _links(served.output)
        assert {_status(url) for url in before} == {303}
    served.output = ""
    with served.serving():
        after = _links(served.output)
        assert len(after) == len(before) >= 5
        assert {_status(url) for url in before} == {410}
        assert {_status(url) for url in after} == {303}
    assert "links.revoked" in served.run("journal", "export").stdout
