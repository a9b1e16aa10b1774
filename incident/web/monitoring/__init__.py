"""What monitoring systems read: probes, metrics, and the watchdog's findings."""
