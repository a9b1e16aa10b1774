"""Notes of people: Markdown in which `@name` mentions a person by the sign-in name."""

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Final

from flask import g
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup, escape

from incident.core.incidents.news import MENTION
from incident.store.directory.people import people_to_choose
from incident.web.i18n import spoken
from incident.web.markdown import markdown_reader

MAX_MARKS: Final = 2_000
"""Marks of Markdown, or lines, in a note that is read as such."""

MAX_KEPT: Final = 2_000
"""Characters of a note that is kept rendered."""

_MARK = re.compile(r"[\[\]*_`!\\+><|-]")


def note_markup(text: str, mentioned: Collection[str] | None = None) -> Markup:
    """Render a note: Markdown without HTML, each line on its own, mentioned people by their names.

    A note with too many marks is shown as it was typed.

    Args:
        text: the note.
        mentioned: the sign-in names that count as mentioned; None for those of all active people.
    """
    if "@" not in text and len(text) <= MAX_KEPT:
        return _kept(text)
    return _rendered(text, mentioned)


@lru_cache(maxsize=2_048)
def _kept(text: str) -> Markup:
    """Render a note that mentions nobody; kept, because a timeline shows sixty and a note never changes."""
    return _rendered(text, None)


def _rendered(text: str, mentioned: Collection[str] | None) -> Markup:
    if max(len(_MARK.findall(text)), text.count("\n")) > MAX_MARKS:
        return Markup("<p>{}</p>").format(Markup("<br />\n").join(text.split("\n")))
    return Markup(_reader.render(text, {"mentioned": mentioned}))  # noqa: S704  # the renderer escapes all but its own tags


def _mark_mentions(state: StateCore) -> None:
    for token in state.tokens:
        if token.children and any("@" in child.content for child in token.children):
            token.children = [part for child in token.children for part in _parts(child, state.env["mentioned"])]


def _parts(token: Token, mentioned: Collection[str] | None) -> list[Token]:
    if token.type != "text":
        return [token]
    names, found, at = _names(), [], 0
    for mention in MENTION.finditer(token.content):
        login = mention[1].rstrip(".")
        name = names.get(login) if mentioned is None or login in mentioned else None
        if name is not None:
            end = mention.start() + 1 + len(login)
            found += [_text(token.content[at : mention.start()]), _mention(login, name)]
            at = end
    return [*found, _text(token.content[at:])] if found else [token]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _mention(login: str, name: str) -> Token:
    shown = Markup('<strong class="mention" title="@{}">@{}</strong>').format(escape(login), escape(name))
    return Token("html_inline", "", 0, content=str(shown))


def _names() -> Mapping[str, str]:
    """Return the names of active people by sign-in name, loaded once in a request."""
    if "names_by_login" not in g:
        g.names_by_login = {one.login: spoken(one.name) for one in people_to_choose()}
    names: Mapping[str, str] = g.names_by_login
    return names


_reader = markdown_reader(has_breaks=True)
_reader.core.ruler.push("mentions", _mark_mentions)
