"""Let faults strike a whole cluster under load, at random, for as long as wanted; judge everything in the end.

``python -m tests.crash.soak --minutes 15 [--seed N]``. The exit status is 0 when nothing was lost, done under two keys
or recorded twice, and 1 otherwise.
"""

import argparse
import random
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from tests.crash.stage.faults import FROZEN, LONG, OF_THE_BROKER, ON_A_CLUSTER, ON_EVERY_STAGE, ON_POSTGRESQL
from tests.crash.stage.play import Play
from tests.crash.stage.processes import Missing
from tests.crash.stage.stage import cluster

SHORT = (*OF_THE_BROKER, *ON_EVERY_STAGE, *ON_POSTGRESQL, *ON_A_CLUSTER)

#: How long something is away, hangs or is cut off here.
AWAY = timedelta(minutes=1)

#: One of so many strikes comes while a host stands still, or while a step takes long.
RARELY = 6

#: What a soak prints of what is wrong.
MOST_SAID = 20


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=15, help="how long faults strike (default: 15)")
    parser.add_argument("--seed", type=int, help="draws the same faults again, as far as moments allow")
    arguments = parser.parse_args(words)
    seed = random.SystemRandom().randrange(2**32) if arguments.seed is None else arguments.seed
    _say(f"seed {seed}")
    try:
        with TemporaryDirectory(prefix="wink-soak-") as folder, cluster(Path(folder)) as stage:
            stage.away, play = AWAY, Play(stage)
            strike_on(play, random.Random(seed), timedelta(minutes=arguments.minutes))  # noqa: S311 - to be drawn again
            return judge(play)
    except Missing as error:
        _say(f"nothing was tried: {error}")
        return 1
    except KeyboardInterrupt:
        return 130


def strike_on(play: Play, drawn: random.Random, length: timedelta) -> None:
    """Let drawn faults strike until the time is over."""
    begun = monotonic()
    while (passed := monotonic() - begun) < length.total_seconds():
        chosen = [drawn.choice(SHORT)]
        if drawn.randrange(RARELY) == 0:
            chosen = [drawn.choice((FROZEN, LONG)), drawn.choice(OF_THE_BROKER)]
        _say(f"{timedelta(seconds=int(passed))} {', and meanwhile '.join(fault.name for fault in chosen)}")
        with ExitStack() as stack:
            for fault in chosen:
                stack.enter_context(play.struck(fault))


def judge(play: Play) -> int:
    """Say what became of everything; return the exit status."""
    play.end()
    wrong = [f"{fault.name}: {error!r}" for fault, error in play.broken.items()]
    wrong += [said for fault in play.loads for said in play.complaints(fault)]
    wrong += [] if play.ledger[0] == 0 else [play.ledger[1]]
    repeated = sum(story.repeated for story in play.stories.values())
    _say(f"{len(play.stories)} events acknowledged, {repeated} effects repeated, {len(wrong)} things wrong")
    for said in wrong[:MOST_SAID]:
        _say(said)
    return 1 if wrong or not play.stories else 0


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
