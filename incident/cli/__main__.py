"""Entry point of `python -m incident.cli`: the same as `incident`."""

import os

from incident.cli import main

os.environ.setdefault("PYTHONUNBUFFERED", "1")
main(prog_name="incident")
