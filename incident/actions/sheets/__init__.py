"""Departments, people, members and contacts from spreadsheets."""
