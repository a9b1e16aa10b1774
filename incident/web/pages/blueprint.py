"""The one blueprint of all pages; each noun's file hangs its views on it."""

from flask import Blueprint

pages = Blueprint("pages", __name__)
