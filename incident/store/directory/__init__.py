"""Tables of departments, members, people and sign-in attempts."""
