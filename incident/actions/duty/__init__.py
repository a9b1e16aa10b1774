"""Use cases of duty: handing over a shift."""
