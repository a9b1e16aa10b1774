"""Rules of operations: alarms, and what the watchdog finds wrong."""
