"""The workflows folder: its files are imported when they are new or changed. The database stays the truth.

What was imported from a file is remembered by its hash, so a file that did not change never undoes an edit made
elsewhere, and one that disappears deletes nothing. What is edited in the browser is written to its file too, and
remembered like an import; nothing is imported meanwhile. Where hosts share the database, each may have a folder of its
own: a file that is older than what another host brought since is left alone, so that no restart undoes that.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from threading import Event, Lock, Thread

import structlog

from engine.errors import Mistakes, NotFound, StoreUnavailable, WinkError
from engine.path import workflows
from engine.path.absent import Coming
from engine.path.workflows import Put
from engine.runtime import Engine
from engine.store import changes
from engine.store import workflows as stored

#: Seconds between two looks at the folder.
INTERVAL = 1.0

#: Largest file that is read, in bytes: the loader takes no more either.
LARGEST = 1024 * 1024

#: Mistakes of one file that are logged, a line each; `wink check` tells all of them.
MOST_LOGGED = 20

#: What a file looked like when it was read: it is read again when this changes.
Look = tuple[int, int]

#: How the stem of a file ends that holds the tests of the workflow beside it.
TESTS = ".test"

log = structlog.get_logger()


class Written(StrEnum):
    """Where a workflow that was saved is, beside the database."""

    #: In its file.
    FILE = "file"
    #: Nowhere: there is no folder.
    NOWHERE = "nowhere"
    #: Its file has mistakes that somebody made, and was left as it is.
    LEFT = "left"
    #: The system let nobody write its file.
    REFUSED = "refused"


@dataclass(slots=True)
class Folder:
    """A folder of workflow files that is watched."""

    engine: Engine
    path: Path
    #: Triggers that no workflow is warned of when they are not there: they are about to be made, or not wanted.
    coming: Collection[str] = ()
    _looks: dict[Path, Look] = field(init=False, default_factory=dict)
    _problems: dict[Path, str] = field(init=False, default_factory=dict)
    _lock: Lock = field(init=False, default_factory=Lock)

    def problems(self) -> Mapping[str, str]:
        """Return what is wrong with files that could not be imported: {file name: every mistake}.

        The last good version of each goes on.
        """
        return {file.name: words for file, words in sorted(self._problems.copy().items())}

    def save(self, name: str, text: str, *, expected: str) -> Written:
        """Put a workflow and write its file.

        A file with changes that could not be imported is left alone: they are nowhere else.

        Raises:
            Invalid, Mistakes, Conflict: as :func:`engine.path.workflows.put`.
        """
        with self._lock:
            self._import_changes()
            workflows.put(self.engine, name, text, expected=expected)
            if not self.path.is_dir():
                return Written.NOWHERE
            file = next((one for one in workflow_files(self.path) if one.stem == name), self.path / f"{name}.yaml")
            if file in self._problems:
                self._forget(file)
                return Written.LEFT
            try:
                self._write(file, text.encode())
            except OSError as error:
                log.warning("workflow.file_not_written", file=file.name, error=str(error))
                return Written.REFUSED
        return Written.FILE

    def _write(self, file: Path, text: bytes) -> None:
        """Replace a file as a whole, and remember it as imported."""
        fresh = file.with_name(f".{file.name}.new")
        fresh.write_bytes(text)
        fresh.replace(file)
        self.engine.store.write(changes.put, f"file/{file.stem}", sha256(text).digest())
        if look := _look(file):
            self._looks[file] = look

    def look(self) -> None:
        """Import every file that is new or changed since the last look."""
        with self._lock:
            self._import_changes()

    def _import_changes(self) -> None:
        files = {file: look for file in workflow_files(self.path) if (look := _look(file))}
        for gone in self._looks.keys() - files.keys():
            del self._looks[gone]
            self._problems.pop(gone, None)
        changed = [self._import(file, look) for file, look in files.items() if self._looks.get(file) != look]
        imported = [put for put in changed if put]
        for put in imported:
            log.debug("workflow.put", workflow=put.name, version=put.version, new=put.new)
        if imported:
            log.info("workflow.imported", workflows={put.name: put.version[:12] for put in imported})

    def _import(self, file: Path, look: Look) -> Put | None:
        """Import one, and return what became of it, if anything did."""
        put = None
        try:
            put = self._put(file)
        except StoreUnavailable as error:
            log.error("workflow.import_delayed", file=file.name, error=str(error))
            return None
        except (WinkError, OSError) as error:
            self._problems[file] = str(error)
            self._tell(file, error)
        else:
            if self._problems.pop(file, None):
                log.info("workflow.file_mended", file=file.name)
        self._looks[file] = look
        return put

    def _put(self, file: Path) -> Put | None:
        text = _read(file)
        mark, digest = f"file/{file.stem}", sha256(text).digest()
        if self.engine.store.read(changes.get, mark) == digest or self._is_overtaken(file, digest.hex()):
            return None
        coming = Coming(frozenset(self.coming), frozenset(one.stem for one in workflow_files(self.path)))
        try:
            put = workflows.put_untold(self.engine, file.stem, text, coming=coming)
        except Mistakes:
            self._forget(file)
            raise
        self.engine.store.write(changes.put, mark, digest)
        return put

    def _forget(self, file: Path) -> None:
        """Forget what was imported from a file, so that it counts as changed when it is mended to just that."""
        self.engine.store.write(changes.put, f"file/{file.stem}", b"")

    def _is_overtaken(self, file: Path, version: str) -> bool:
        """Tell whether a file holds a version that was there once, and was last written before a newer one came."""
        known = self.engine.store.read(stored.versions_of, file.stem) if self.engine.store.is_shared else {}
        if version not in known or file.stat().st_mtime > max(known.values()).timestamp():
            return False
        log.warning("workflow.file_overtaken", file=file.name, instead=self._instead(file))
        return True

    def _tell(self, file: Path, error: WinkError | OSError) -> None:
        """Log why a file was not imported and what runs instead; each mistake has a line of its own."""
        if not isinstance(error, Mistakes):
            log.error("workflow.import_failed", file=file.name, error=str(error), instead=self._instead(file))
            return
        mistakes = [mistake for mistake in error.mistakes if not mistake.warning]
        log.error("workflow.import_failed", file=file.name, mistakes=len(mistakes), instead=self._instead(file))
        for mistake in mistakes[:MOST_LOGGED]:
            place = f"{file.name}:{mistake.line}:{mistake.column}"
            log.error("workflow.mistake", at=place, mistake=mistake.message)

    def _instead(self, file: Path) -> str:
        try:
            version = self.engine.store.read(stored.find, file.stem).version
        except NotFound:
            return "nothing: there is no good version of it yet"
        return f"the last good version goes on ({version[:12]})"


def workflow_files(folder: Path) -> list[Path]:
    """Return the workflow files of a folder, by name; files of their tests, ``name.test.yaml``, are none."""
    files = (file for pattern in ("*.yaml", "*.yml") for file in folder.glob(pattern))
    return sorted(file for file in files if not is_test_file(file))


def is_test_file(file: Path) -> bool:
    """Tell whether a file holds tests of the workflow beside it."""
    return file.stem.endswith(TESTS)


@contextmanager
def watch(engine: Engine, coming: Collection[str] = ()) -> Iterator[Folder]:
    """Import the settings' folder, then watch it on a thread of its own until the block ends.

    coming: triggers that the caller makes as soon as the workflows that wait for them are there, or does not want.
    """
    folder, ended = Folder(engine, engine.settings.workflows, coming), Event()
    folder.look()
    thread = Thread(target=_watch, args=(folder, ended), name="wink-folder", daemon=True)
    thread.start()
    try:
        yield folder
    finally:
        ended.set()
        thread.join()


def _watch(folder: Folder, ended: Event) -> None:
    while not ended.wait(INTERVAL):
        try:
            folder.look()
        except Exception:  # one odd file must not end the watching of all others
            log.exception("workflow.watch_internal_error")


def _look(file: Path) -> Look | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _read(file: Path) -> bytes:
    """Read a file, a little more than the loader takes at most, so that it is the one to refuse it."""
    with file.open("rb") as opened:
        return opened.read(LARGEST + 1)
