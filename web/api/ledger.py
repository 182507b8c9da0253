"""``/ledger/check``: do the numbers add up?"""

from apiflask import APIBlueprint
from pydantic import BaseModel

from engine.store.check import check_ledger
from engine.words import Verdict
from web.context import the_engine

ledger = APIBlueprint("ledger", __name__, url_prefix="/api/v1/ledger")


class LedgerOut(BaseModel):
    """What came in, what became of it, and what does not add up."""

    received: int
    verdicts: dict[Verdict, int]
    #: Of those, requests at an address that no trigger has: they are counted, and nothing of them is kept.
    unknown_addresses: int
    #: Answers of workflows for which a run has to be there.
    matched: int
    runs: int
    #: Refused for their signature, and kept to be proved again.
    sealed: int
    #: What became of those that are not sealed any more, beside the verdicts that they had first.
    late_proofs: dict[Verdict, int]
    unaccounted: int
    #: What does not add up, by its kind.
    findings: dict[str, int]


@ledger.get("/check")
@ledger.output(LedgerOut)
def check() -> LedgerOut:
    """Count everything in one view of the database."""
    engine = the_engine()
    return LedgerOut.model_validate(engine.store.read(check_ledger, engine.clock.now()), from_attributes=True)
