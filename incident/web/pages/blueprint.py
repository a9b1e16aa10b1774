"""The one blueprint of all pages; the file of each resource registers its views on it."""

from flask import Blueprint

pages = Blueprint("pages", __name__)
