"""Endpoints of playbooks: versions, approval, runs, tasks, start requests, simulations, signers, secrets, targets."""
