"""Signatures on playbooks: creation, verification and trust."""
