"""Profiles of Hypothesis: `HYPOTHESIS_PROFILE=thorough` for a long run."""

import os

from hypothesis import HealthCheck, settings

# The speed of a shared machine says nothing about the code: no deadline per example.
settings.register_profile("usual", deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("usual"), print_blob=True, derandomize=True)
settings.register_profile("thorough", settings.get_profile("usual"), max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") == "true" else "usual"))
