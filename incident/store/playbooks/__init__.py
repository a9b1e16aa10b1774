"""Tables of playbooks, runs, tasks, commands, timers, signers and ssh targets."""
