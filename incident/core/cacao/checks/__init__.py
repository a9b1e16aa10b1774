"""Checks of a document as a CACAO 2.0 playbook."""
