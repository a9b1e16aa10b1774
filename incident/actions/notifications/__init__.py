"""Use cases of notices: notify, escalate, record answers, certificates."""
