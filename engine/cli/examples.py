"""The example triggers: one for each workflow of ``workflows/`` that shows a system at work."""

from collections.abc import Sequence
from contextlib import suppress

from engine.errors import Conflict
from engine.path.setup import create
from engine.path.shown import Shown
from engine.path.trigger_spec import TriggerSpec
from engine.runtime import Engine
from engine.store import triggers

#: The first one has its key in the address, and takes the same delivery as often as one likes: it is good for a start.
EXAMPLES = (
    TriggerSpec(name="blink-alerts", connector="blink", title="Alerts that were sent to Blink"),
    TriggerSpec(name="detectify-findings", connector="detectify", title="Findings of Detectify"),
    TriggerSpec(name="blazelock-scans", connector="blazelock", title="File scans of Blazelock"),
    TriggerSpec(name="bearer-scans", connector="bearer-scan", title="Results of the scan service"),
    TriggerSpec(name="securecodinghub-training", connector="securecodinghub", title="Training at SecureCodingHub"),
)


def make_examples(engine: Engine) -> Sequence[Shown]:
    """Make the example triggers that workflows wait for and that are not there yet, and return them with their keys.

    One that another host makes at the same moment is that host's to show.
    """
    there = {trigger.name for trigger in engine.store.read(triggers.all_of)}
    wanted = engine.published.now().workflows.keys() - there
    made: list[Shown] = []
    for spec in EXAMPLES:
        if spec.name in wanted:
            with suppress(Conflict):
                made.append(create(engine, spec, secret=_secrets(engine, spec) or None))
    return made


def _secrets(engine: Engine, spec: TriggerSpec) -> dict[str, str]:
    """Return what the vendor would have shown: an example has no vendor, and needs a secret all the same."""
    connector = engine.connectors[spec.connector]
    secrets = connector.way(spec.auth).secrets
    return {name: each.generate() for name, each in secrets.items() if not connector.secret_made_by_us(name)}
