"""Write docs/reference anew from the definitions. Started by ``python3 dev.py docs``."""

import logging
import shutil
import sys
from argparse import ArgumentParser
from collections.abc import Sequence

import structlog

from tests.reference.book import FOLDER, NoExample, pages
from tests.reference.stage import Wrong, stage


def main(words: Sequence[str] | None = None) -> int:
    """Run every example and write every page; return the exit status. With a mistake nothing is written."""
    ArgumentParser(prog="dev.py docs", description="Write docs/reference anew from the definitions.").parse_args(words)
    # What the examples log is no output of this command.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        with stage() as ready:
            written = pages(ready)
    except (NoExample, Wrong) as error:
        sys.stderr.write(f"docs: {error}\n")
        return 1
    shutil.rmtree(FOLDER, ignore_errors=True)
    for path, text in written.items():
        (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / path).write_text(text, "utf-8")
    sys.stdout.write(f"docs: {len(written)} pages in {FOLDER.relative_to(FOLDER.parents[1])}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
