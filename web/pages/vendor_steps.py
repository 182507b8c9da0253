"""What to click at a vendor, ``setup.md``, as HTML: no HTML of its own, and no links that are scripts."""

from markdown_it import MarkdownIt
from markupsafe import Markup

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def steps_html(text: str) -> Markup:
    """Return Markdown as HTML that is safe to show, whoever wrote it."""
    return Markup(_MARKDOWN.render(text))  # noqa: S704 - HTML in the text is escaped: html is False
