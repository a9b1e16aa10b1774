"""Rules of people: passwords, tries to sign in, the browser of a session."""
