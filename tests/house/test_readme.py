"""What the README shows is true."""

import re
import subprocess
import sys

from tests.house.source import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def test_the_engine_is_used_as_a_library_in_ten_lines_that_run() -> None:
    [code] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len([line for line in code.splitlines() if line.strip()]) == 10
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("succeeded\n", "")


def test_every_file_that_the_readme_links_to_is_there() -> None:
    linked = re.findall(r"\]\(([^)#:]+)\)", README)
    assert linked
    assert [name for name in linked if not (ROOT / name).exists()] == []
