"""The supervisor of the processes, and the watchdog with its alarms."""
