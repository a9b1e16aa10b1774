"""The table of rotas."""
