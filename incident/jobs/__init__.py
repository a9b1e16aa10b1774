"""Background processes: scheduler, delivery workers, watchdog, supervisor."""
