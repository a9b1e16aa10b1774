"""Pages of departments, members, people, tokens and sign-in."""
