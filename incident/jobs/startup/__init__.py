"""What is checked before anything starts: settings, home, database, roles, connections."""
