"""CACAO 2.0 as a library of its own: load, check, parse, run, replay and export playbooks; no input, no output."""
