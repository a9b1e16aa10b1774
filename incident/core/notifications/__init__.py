"""Rules of notices: policy, escalation, contacts, messages and their bundles."""
