"""Signatures on playbooks: making, verifying and judging them."""
