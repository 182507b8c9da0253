"""A page as a person sees it."""

from html.parser import HTMLParser
from itertools import pairwise


class Seen(HTMLParser):
    """A page's words, links, headings and elements; what is in each of its fields, and what is said about it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words, self.links, self.headings, self.tags = "", [], [], []
        self.attributes: list[dict[str, str | None]] = []
        self.values: dict[str, str] = {}
        self.errors: dict[str, str] = {}
        self._error: str | None = None
        self.feed(page)
        self.words = " ".join(self.words.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.attributes.append(found)
        if tag == "a":
            self.links.append(found.get("href"))
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append(int(tag[1]))
        if tag == "input" and "name" in found:
            self.values[found["name"] or ""] = found.get("value") or ""
        identity = found.get("id") or ""
        self._error = identity if identity.endswith("-error") else self._error

    def handle_endtag(self, tag: str) -> None:
        self._error = None if tag == "p" else self._error

    def handle_data(self, data: str) -> None:
        self.words += f" {data}"
        if self._error and data.strip():
            name = self._error.removeprefix("field-").removesuffix("-error")
            self.errors[name] = data.strip()

    @property
    def in_order(self) -> bool:
        """Whether there is one first heading, and none skips a level."""
        levels = [0, *self.headings]
        return levels.count(1) == 1 and all(b - a <= 1 for a, b in pairwise(levels))
