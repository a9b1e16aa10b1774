"""Pages of playbooks: versions, approval, runs, tasks, start requests, simulations, signers, secrets, ssh targets."""
