"""Rules beside the playbook engine: tasks and their questions, endpoints, ssh targets, signers, simulations."""
