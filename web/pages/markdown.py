"""A small safe part of Markdown as HTML: what connectors say about their set-up.

Paragraphs, lists, emphasis, code, tables, quotes and links to https. HTML that is written in it shows as text, pictures
as their words; headings begin below those of the page.
"""

from collections.abc import Iterable, Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

#: The highest heading, under a page's h1 and a panel's h2.
_HIGHEST = 3
_LOWEST = 6

_READER = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
_READER.validateLink = lambda url: url.lower().startswith("https://")  # type: ignore[method-assign]


def render(text: str) -> Markup:
    """Return Markdown as HTML that can do no harm, whoever wrote it."""
    tokens = _READER.parse(text)
    for token in _all_of(tokens):
        _adapt(token)
    return Markup(_READER.renderer.render(tokens, _READER.options, {}))  # noqa: S704 - the reader lets no HTML through


def _all_of(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all_of(token.children or ())


def _adapt(token: Token) -> None:
    if token.tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
        token.tag = f"h{min(int(token.tag[1]) + _HIGHEST - 1, _LOWEST)}"
    if token.type == "link_open":
        token.attrSet("rel", "noreferrer")
