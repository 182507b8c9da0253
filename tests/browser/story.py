"""A person at a page: finds everything by the words that are read there, and counts what it takes."""

from dataclasses import dataclass, field
from time import monotonic

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from tests.web.browser import PASSWORD

#: Longest wait for what a page is to show, in milliseconds.
PATIENCE = 10_000


@dataclass
class Story:
    """One window. What a person clicks, ticks or chooses is a click each; typing is none."""

    page: Page
    clicks: int = 0
    began: float = field(default_factory=monotonic)
    #: What the browser complained of: errors of scripts, and what the policy of the pages refused.
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    @property
    def seconds(self) -> float:
        """How long it has taken until now."""
        return monotonic() - self.began

    def start(self) -> None:
        """Count from here."""
        self.clicks, self.began = 0, monotonic()

    def open(self, path: str) -> None:
        """Type an address."""
        self.page.goto(path, wait_until="load")

    def click(self, name: str, role: str = "button", within: Locator | None = None) -> None:
        """Click what has that role and name, exactly."""
        self.clicks += 1
        (within or self.page).get_by_role(role, name=name, exact=True).click()  # type: ignore[arg-type]

    def follow(self, name: str) -> None:
        """Click a link."""
        self.click(name, "link")

    def unfold(self, name: str) -> None:
        """Open what is folded away under these words."""
        self.clicks += 1
        self.page.locator("summary").filter(has_text=name).click()

    def choose(self, label: str, option: str) -> None:
        """Choose from a list that opens."""
        self.clicks += 1
        self.field(label).select_option(label=option)

    def tick(self, label: str) -> None:
        """Tick a box, or choose one of several."""
        self.clicks += 1
        self.field(label).check()

    def write(self, label: str, text: str) -> None:
        """Type into a field, in place of what is in it."""
        self.field(label).fill(text)

    def press(self, key: str) -> None:
        """Press a key, as ``Enter`` or ``Tab``."""
        self.page.keyboard.press(key)

    def field(self, label: str) -> Locator:
        """Return the field with that label, exactly."""
        return self.page.get_by_label(label, exact=True)

    def value(self, label: str) -> str:
        """Return what is in a field, as to copy an address from it."""
        return self.field(label).input_value()

    def sees(self, text: str, within: float = PATIENCE) -> None:
        """Wait until the text can be read, without loading anything anew; within: milliseconds."""
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=within)

    def sees_not(self, text: str) -> None:
        """Wait until the text cannot be read any more."""
        expect(self.page.get_by_text(text).filter(visible=True)).to_have_count(0)

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        """Sign in: one click."""
        if not self.page.url.endswith("/login"):
            self.open("/login")
        self.write("Name", name)
        self.write("Password", password)
        self.click("Sign in")
        self.page.wait_for_url(lambda url: not url.endswith("/login"))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)
