"""Texts of playbooks: JSON, YAML 1.2, patterns and timestamps."""
