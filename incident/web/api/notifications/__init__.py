"""Endpoints of notices: inbox, answers, acknowledge links, escalation policies, ledgers."""
