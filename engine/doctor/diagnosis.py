"""Diagnose a refused request: the one question that everybody else asks here."""

from collections.abc import Iterator, Sequence

from engine.authentication.basic import BasicSpec
from engine.authentication.hmac_scheme import HmacSpec
from engine.authentication.shared_secret import SharedSecretSpec
from engine.authentication.spec import Spec
from engine.authentication.way import AnyOfSpec
from engine.doctor.carried import basic_clues, shared_secret_clues
from engine.doctor.case import MOST_WORK, Budget, Case, Diagnosis, Found
from engine.doctor.clues import looks, signature_clues
from engine.doctor.differences import differences
from engine.doctor.marks import values_at
from engine.doctor.signature import Search
from engine.errors import Rejected
from engine.words import Finding, Reason

_SEND_AGAIN = "Let the sender send it once more."


def diagnose(case: Case) -> Diagnosis:
    """Say why a request was refused for its proof, with a bound on the work, and never any secret."""
    plain = tuple(_plain(case))
    if plain:
        return Diagnosis(plain)
    budget = Budget()
    budget.take(min(len(case.request.body), MOST_WORK))  # whether the proof is right now
    found = [each for spec in _leaves(case.way.specs) if (each := _of_spec(case, spec, budget)).findings]
    return min(found, key=_rank, default=Diagnosis((_unexplained(case),)))


def _rank(diagnosis: Diagnosis) -> tuple[bool, bool, int]:
    """Order the diagnoses of a way's alternatives: one that explains, one by a hash, one that was found early."""
    explains_little = all(each.finding in _OPEN for each in diagnosis.findings)
    return explains_little, not diagnosis.hashes, len(diagnosis.tried) + len(diagnosis.left_out)


#: Findings that explain little: another alternative may explain more.
_OPEN = frozenset({Finding.UNEXPLAINED, Finding.SIGNATURE_MISSING, Finding.KEY_MISSING})


def _plain(case: Case) -> Iterator[Found]:
    """Yield what needs no search."""
    if case.reason is Reason.ADDRESS_NOT_ALLOWED:
        advice = "Add the address to the networks, or set WINK_TRUSTED_PROXIES if it is that of a proxy of yours."
        yield Found(Finding.ADDRESS_NOT_ALLOWED, f"The sender's address was not allowed: {case.detail}.", advice)
    elif case.size > len(case.request.body):
        words = f"Only {len(case.request.body):,} of the {case.size:,} bytes of the body came in."
        yield Found(
            Finding.BODY_CUT, words, "Something between the sender and Wink cuts it off: a limit or a time-out."
        )
    elif _proves_now(case):
        what = "its secret was set after this delivery came in" if _is_set_later(case) else "it was changed meanwhile"
        words = f"The proof is right as the trigger is now: {what}."
        yield Found(Finding.PROVES_NOW, words, f"{_SEND_AGAIN} It would be accepted now.")
    elif case.reason is Reason.NO_SECRET:
        advice = _SEND_AGAIN if _is_set_later(case) else "Set the secret, and let the sender send it once more."
        yield Found(Finding.NO_SECRET, f"Wink had nothing to compare the proof with: {case.detail}.", advice)


def _is_set_later(case: Case) -> bool:
    return case.set_at is not None and case.set_at > case.request.received_at


def _proves_now(case: Case) -> bool:
    try:
        case.way.prove(case.request, case.present)
    except Rejected:
        return False
    return True


def _leaves(specs: Sequence[Spec]) -> Iterator[Spec]:
    """Yield the schemes of a way, and those of its alternatives."""
    for spec in specs:
        if isinstance(spec, AnyOfSpec):
            for alternative in spec.any_of:
                yield from _leaves(alternative)
        else:
            yield spec


def _of_spec(case: Case, spec: Spec, budget: Budget) -> Diagnosis:
    if isinstance(spec, HmacSpec) and spec.each is None:
        return _of_signature(case, spec, budget)
    if isinstance(spec, SharedSecretSpec):
        return Diagnosis(tuple(shared_secret_clues(case, spec)))
    return Diagnosis(tuple(basic_clues(case, spec)) if isinstance(spec, BasicSpec) else ())


def _of_signature(case: Case, spec: HmacSpec, budget: Budget) -> Diagnosis:
    search = Search.begin(case, spec, budget)
    hit = search.run() if search.seen else None
    tried, left_out = tuple(search.tried), tuple(search.left_out)
    if hit is not None:
        found = tuple(differences(search, hit)) or (_not_as_expected(search),)
        return Diagnosis(found, tried, left_out, hashes=budget.hashes)
    clues = tuple(signature_clues(case, search))
    if search.seen:
        return Diagnosis((*clues, _unexplained(case)), tried, left_out, tuple(looks(search)), budget.hashes)
    return Diagnosis(clues or (_unexplained(case),))


def _not_as_expected(search: Search) -> Found:
    """Return what is wrong with a request whose signature is right, and written as it should be."""
    if len(values_at(search.place, search.case.request)) > 1:
        words = f"The signature is right, but there is more than one {search.place.title}: one of them could be forged."
        return Found(Finding.SIGNATURE_REPEATED, words, "Let the sender, or what is between, send the header once.")
    words = f"The signature is right, but {search.place.title} holds more than it, or holds it brokenly."
    return Found(Finding.PREFIX_DIFFERS, words, "Compare the value with what the vendor's page shows.")


def _unexplained(case: Case) -> Found:
    if "hmac" not in case.way.kinds:
        words = f"The proof was refused: {case.detail}." if case.detail else "The proof was refused."
        return Found(Finding.UNEXPLAINED, words, "Compare the sender's settings with this trigger's, then send again.")
    words = "The signature is right for nothing that was tried."
    advice = (
        "Copy the secret once more from where it was made to the other side. If that changes nothing, the sender signs "
        "otherwise than the trigger expects: find the recipe, or compare both with the vendor's page."
    )
    return Found(Finding.UNEXPLAINED, words, advice)
