"""Use cases of departments, members, people, accounts and rotas."""
