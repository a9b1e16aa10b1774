"""Use cases of operations: timers, housekeeping, keys, backup, watchdog, demonstration."""
