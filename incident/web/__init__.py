"""The web layer: the API for programs and the pages for people."""
