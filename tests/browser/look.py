"""Looks at a page as people do who see it small, in the dark, or not at all."""

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import ViewportSize

from tests.browser.story import Story

#: The windows that a page is looked at in: at a desk, and on a phone.
DESK, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=380, height=800)


@dataclass(frozen=True)
class Look:
    """Takes screenshots, and asks axe-core; axe: its source; folder: where the screenshots go."""

    axe: str = field(repr=False)
    folder: Path

    def at(self, story: Story, path: str, name: str, *, expected: str = "") -> None:
        """Make sure that a page is tidy and open to everybody, in both windows, folded and unfolded.

        expected: what the browser may complain of.
        """
        story.complaints.clear()
        self._open(story, path, name, DESK)
        _unfold(story)
        assert self.barriers(story) == [], "at a desk, with everything unfolded"
        assert self.cut(story) == [], "at a desk, with everything unfolded"
        self._open(story, path, name, PHONE)
        assert self.barriers(story) == [], "on a phone"
        assert self.overhang(story) <= 0, "on a phone"
        _unfold(story)
        assert self.overhang(story) <= 0, "on a phone, with everything unfolded"
        assert [each for each in story.complaints if not expected or expected not in each] == []

    def barriers(self, story: Story) -> list[str]:
        """Return what keeps people out of the present page: axe's rule, and where."""
        story.page.evaluate(f"{self.axe}; 0")
        found = story.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [f"{each['id']}: {node['html'][:200]}" for each in found["violations"] for node in each["nodes"]]

    def cut(self, story: Story) -> list[str]:
        """Return what has a table that is wider than it, and lets nobody move it."""
        wide = "box.scrollWidth > box.clientWidth && ['clip', 'hidden'].includes(getComputedStyle(box).overflowX)"
        boxes = f"[...document.querySelectorAll('main :has(table)')].filter(box => {wide})"
        return list(story.page.evaluate(f"{boxes}.map(box => box.outerHTML.slice(0, 200))"))

    def overhang(self, story: Story) -> int:
        """Return by how many pixels the page is wider than the window."""
        return int(story.page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    def _open(self, story: Story, path: str, name: str, window: ViewportSize) -> None:
        story.page.set_viewport_size(window)
        story.open(path)
        story.page.screenshot(path=self.folder / f"{name}-{window['width']}.png", full_page=True)


def _unfold(story: Story) -> None:
    story.page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true })")
