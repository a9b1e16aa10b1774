"""Endpoints of rotas."""
