"""A real Chromium at a real Wink."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, StorageState, sync_playwright

from engine.words import Role
from tests.browser.look import DESK, Look
from tests.browser.place import NAMES, Place, fill, refuse_some
from tests.browser.story import Story
from tests.serving import serving

#: The names of Chromium, as systems call it.
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")

#: Names the folder where screenshots are kept; without it they are where the tests' other files are.
SCREENSHOTS = "TEST_SCREENSHOTS"

AXE = Path(__file__).parents[2] / "web/frontend/node_modules/axe-core/axe.min.js"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Run the system's Chromium; for one module, for its event loop is in the way of tests with one of their own."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        pytest.skip("Chromium: there is none; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        # In containers, and for root, Chromium cannot make its sandbox; what it opens here is ours.
        options = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=program, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def look(tmp_path_factory: pytest.TempPathFactory) -> Look:
    """Return what looks at pages, with the eyes of axe-core."""
    if not AXE.exists():
        pytest.skip("axe-core: it is not there; `npm ci --ignore-scripts` in web/frontend installs it")
    folder = Path(os.environ[SCREENSHOTS]) if SCREENSHOTS in os.environ else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return Look(AXE.read_text("utf-8"), folder)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Serve a Wink with something of everything in it."""
    folder = tmp_path_factory.mktemp("browser")
    addresses = fill(folder)
    with serving(folder) as wink:
        refuse_some(wink)
        yield Place(wink, addresses)


@pytest.fixture(scope="module")
def sessions() -> dict[Role, StorageState]:
    """Return the open session of each role: one address may sign in ten times a minute."""
    return {}


@pytest.fixture
def visit(chromium: Browser, place: Place, sessions: dict[Role, StorageState]) -> Iterator[Callable[..., Story]]:
    """Return what opens a window: of somebody who has signed in, or of a stranger."""
    windows: list[BrowserContext] = []

    def open_window(role: Role | None = None, scheme: str = "light", **more: object) -> Story:
        if role in sessions:
            more["storage_state"] = sessions[role]
        window = chromium.new_context(base_url=place.wink.url, color_scheme=scheme, viewport=DESK, **more)
        windows.append(window)
        story = Story(window.new_page())
        if role in sessions:
            story.open("/")
        elif role:
            story.sign_in(NAMES[role])
            sessions[role] = window.storage_state()
        return story

    yield open_window
    for window in windows:
        window.close()
