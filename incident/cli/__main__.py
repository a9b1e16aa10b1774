"""`python -m incident.cli` is `incident`."""

import os

from incident.cli import main

os.environ.setdefault("PYTHONUNBUFFERED", "1")
main(prog_name="incident")
