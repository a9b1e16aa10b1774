"""Tables of the instance: settings, sealed secrets, heartbeats, capacity."""
