"""`python -m tests.fuzz`: long fuzzing of the API; exits with 1 and prints each finding."""

import argparse
import secrets
import sys

from incident.core.values.access import ROLES
from tests.fuzz.calls import make_calls
from tests.fuzz.instance import furnished

EXAMPLES = 200
MINUTES = 30


def main() -> int:
    """Make the calls, and print the findings."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Call the API with generated requests.")
    parser.add_argument("--minutes", type=float, default=MINUTES, help=f"how long it goes on (usually {MINUTES})")
    parser.add_argument("--seed", type=int, help="where chance begins; otherwise another one each time")
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="calls drawn of each operation in one round")
    parser.add_argument("--role", choices=ROLES, default="administrator", help="who calls")
    given = parser.parse_args()
    seed = secrets.randbelow(2**31) if given.seed is None else given.seed
    print(f"seed {seed}, {given.minutes:g} minutes, as {given.role}", flush=True)
    with furnished(given.role) as instance:
        found = make_calls(instance, seed, given.examples, max(1, round(given.minutes * 60)))
    print(found.report())
    return 1 if found.findings else 0


if __name__ == "__main__":
    sys.exit(main())
