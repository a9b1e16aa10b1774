"""Rules of people: passwords, sign-in attempts, the browser of a session."""
