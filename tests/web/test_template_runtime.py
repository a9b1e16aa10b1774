"""Templates give the same text by the fast ways as by those of Jinja."""

from typing import Any

import flask
import pytest
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from incident.web import template_runtime

SOURCES = {
    "a text is escaped": "{{ bad }}",
    "markup is not": "{{ good }}",
    "a number": "{{ 5 }}{{ none }}",
    "a function": "{{ twice('a') }}{{ twice(word='b') }}",
    "a function in a loop": "{% for one in [bad, 'y'] %}{{ twice(one) }}{% endfor %}",
    "a function of the context": "{% set x = 3 %}{{ known() }}",
    "a function of the context in a loop": "{% for x in [1, 2] %}{{ known() }}{% endfor %}",
    "a macro": "{% macro m(a) %}<b>{{ a }}{{ caller() }}</b>{% endmacro %}{% call m(bad) %}{{ bad }}{% endcall %}",
    "a filter and a method": "{{ bad | upper }}{{ ['x', bad].index('x') }}",
    "an iterator that ends": "[{{ next_of([].__iter__()) }}]",
    "joined": "{{ good ~ bad }}{{ [good, bad] | join(', ') }}",
}


def app_with(*, is_fast: bool) -> flask.Flask:
    """An app with functions of each kind."""

    @pass_context
    def known(context: Context) -> Any:
        return context.get("x", "nothing")

    app = flask.Flask(__name__)
    if is_fast:
        template_runtime.register(app)
    app.jinja_env.globals.update(
        bad="<script>'&", good=Markup("<i>x</i>"), none=None, known=known, twice=lambda word: word * 2, next_of=next
    )
    return app


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_a_template_gives_the_same_text(source: str) -> None:
    fast, usual = (
        app_with(is_fast=is_fast).jinja_env.overlay(autoescape=True).from_string(source) for is_fast in (True, False)
    )
    assert isinstance(fast, template_runtime.PageTemplate)
    assert fast.render() == usual.render()
