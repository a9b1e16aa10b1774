"""Compile the templates of the pages into `__pycache__`, so that no visitor waits for it."""

from __future__ import annotations

import flask

from incident.web import pages
from incident.web.compiled_templates import FOLDER, CompiledTemplates, templates_of


def compile_all() -> None:
    """Compile each template that was changed, and delete what no template needs."""
    app = flask.Flask("incident.web")
    pages.register(app, "UTC")
    templates = [app.jinja_env.get_template(name) for name in templates_of(app)]
    cache = CompiledTemplates()
    kept = {cache.get_cache_key(str(one.name), one.filename) for one in templates}
    for file in FOLDER.iterdir():
        if file.stem not in kept:
            file.unlink()


if __name__ == "__main__":
    compile_all()
