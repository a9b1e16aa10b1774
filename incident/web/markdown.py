"""Markdown of people and playbooks: no HTML of its own, no images, links that tell nobody."""

import unicodedata
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup


def markdown_reader(*, has_breaks: bool = False) -> MarkdownIt:
    """Return a reader of Markdown without HTML and images, whose links open elsewhere; `has_breaks` keeps line ends."""
    reader = (
        MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": has_breaks})
        .enable("table")
        .disable("image")
    )

    def open_link(self, tokens, index, options, environment):  # type: ignore[no-untyped-def]  # the library's own shape
        tokens[index].attrSet("rel", "noopener noreferrer")
        tokens[index].attrSet("target", "_blank")
        return self.renderToken(tokens, index, options, environment)

    def end_line(self, tokens, index, options, environment):  # type: ignore[no-untyped-def]  # the library's own shape
        if options["breaks"]:
            return "<br />\n"
        return "" if _is_within_chinese(tokens, index) else "\n"

    reader.add_render_rule("link_open", open_link)
    reader.add_render_rule("softbreak", end_line)
    return reader


def _is_within_chinese(tokens: Sequence[Token], index: int) -> bool:
    """Return whether a line end stands between two wide characters: a browser would show a space, which none writes."""
    before = next((one.content[-1] for one in reversed(tokens[:index]) if one.content), "")
    after = next((one.content[0] for one in tokens[index + 1 :] if one.content), "")
    return all(one and unicodedata.east_asian_width(one) in "WF" for one in (before, after))


_reader = markdown_reader()


def markdown(text: str) -> Markup:
    """Render Markdown: no HTML of its own, no images, links without a referrer."""
    return Markup(_reader.render(text))  # noqa: S704  # the renderer escapes all but its own tags
