"""Use cases of playbooks: load, start, advance, control, signatures, ssh targets."""
