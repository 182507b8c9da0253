"""The set-up page of a trigger, put together: what it asks, what it shows once, and what it says is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask import Response, request
from markupsafe import Markup

from engine import json_bytes
from engine.authentication.secret import Credential
from engine.authentication.way import Way
from engine.definitions.connector import Connector
from engine.definitions.workflow import Workflow
from engine.language.condition import compile_condition
from engine.path.addresses import address_warning
from engine.path.again import Retry, next_retry
from engine.path.shown import Shown, show
from engine.path.trigger_secrets import waiting_to_be_pasted
from engine.path.trigger_spec import TriggerSpec
from engine.runtime import Engine
from engine.store.rows import Trigger
from engine.words import OnMismatch, OnUnknown, OnUnproven, TriggerState
from web.pages.conditions import View as Condition
from web.pages.conditions import condition_view
from web.pages.connector_words import Facts, limit_facts
from web.pages.door import page
from web.pages.finding_view import FindingView, Search, finding_view
from web.pages.forms import sentence
from web.pages.handshake_words import handshake_words
from web.pages.issued import forget, take
from web.pages.lengths import in_words
from web.pages.markdown import render
from web.pages.sample_view import SampleView, sample_view
from web.pages.terminal import curl_line, send_line
from web.pages.trial_view import TrialView, trial_view
from web.pages.triggers import method_title
from web.pages.typed import Values, written

#: What stands for a secret that was shown.
MASK = "••••••••••••"

#: The recipe that a person writes out.
OWN_RECIPE = "own"

#: What a redirect may ask to be said, by its word.
DONE = {
    "published": "Published: deliveries start workflows from now on.",
    "saved": "Saved.",
    "paused": "Paused: events are kept, and what they would start is held.",
    "resumed": "Resumed.",
    "method": "The authentication method is changed.",
    "secret": "The new secret counts from now on.",
    "brought": "Paste the secret below at the vendor.",
    "recipe": "The recipe is set: with it, the delivery that was refused passes its proof.",
}

_METHODS = {
    "shared_secret": "The key travels with each request: in the address, or in a header.",
    "hmac": "The sender signs each request with the key, which never travels itself.",
    "public_key": "The sender signs each request with a private key that it alone has; its public key is enough here.",
    "jwt": "The sender signs a token that comes with each request.",
    "basic": "The sender gives a user name and a password with each request.",
    "network": "Only certain addresses may send.",
    "none": "The sender proves nothing: everybody who knows the address can send.",
}

MISMATCHES = (
    (OnMismatch.OFF, "Off: do not look"),
    (OnMismatch.WARN, "Warn: run it, and say so in the ledger"),
    (OnMismatch.QUARANTINE, "Quarantine: hold it for a person"),
    (OnMismatch.REJECT, "Reject: answer 422, and say what differs"),
)
UNKNOWNS = (
    (OnUnknown.DROP, "Drop: take it as no"),
    (OnUnknown.RUN, "Run: take it as yes"),
    (OnUnknown.QUARANTINE, "Quarantine: hold it for a person"),
)
UNPROVEN = (
    (OnUnproven.REFUSE, "Refuse: answer 401"),
    (OnUnproven.SEAL, "Seal: answer 401, and keep it to be proved by a later secret"),
)


@dataclass(frozen=True, slots=True)
class SecretField:
    """A secret of the trigger's way, as the page shows it."""

    name: str
    label: str
    help: str
    #: Whether we make it; else it is pasted.
    ours: bool
    #: Shown this once; None later.
    value: str | None = field(repr=False)
    #: Whether one is set.
    held: bool
    #: Whether an older one counts for some time yet.
    overlaps: bool
    #: Whether it may have several lines: a public key, which is no secret.
    lines: bool
    #: Whether the vendor brings it itself.
    brought: bool = False
    #: Whether it can be shown, because it has yet to be pasted back at the vendor.
    to_paste_back: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What goes into a page beside what is stored: errors by field, what was typed, and what was changed meanwhile."""

    status: int = 200
    errors: Mapping[str, str] = field(default_factory=dict)
    #: What the form of the decisions holds instead of what is stored, and what it showed at first.
    typed: Values | None = None
    before: Values | None = None
    clashes: Values = field(default_factory=dict)
    #: What the form of the method holds instead.
    auth: str | None = None
    recipe: str | None = None
    recipe_text: str = ""
    #: The delivery in question, and what a search of it for its recipe came to.
    delivery: str = ""
    search: Search | None = None
    #: By part of the page: sample, test, state, finding.
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetUp:
    """Everything that the page shows."""

    shown: Shown
    #: None: it is gone, and the trigger cannot be used.
    connector: Connector | None
    said: Said
    done: str
    #: What became of what was sealed, just now.
    late: str
    warnings: Sequence[str]
    #: What Wink does about the vendor's questions; empty where it asks none.
    handshake: str
    methods: Sequence[tuple[str, str, str]]
    auth: str
    recipes: Sequence[tuple[str, str]]
    recipe: str
    recipe_text: str
    secrets: Sequence[SecretField]
    #: None where the way takes no key in the address.
    full_url: str | None
    #: Whether it holds the key itself, not what stands for it.
    full_url_whole: bool
    #: To copy into a terminal: with the key while it is shown, else for Wink itself; empty where there is no such line.
    curl: str
    send: str
    values: Values
    before: str
    condition: Condition
    steps: Markup
    #: How long the vendor waits, and when it tries again.
    limits: Facts
    sample: SampleView
    trial: TrialView
    #: None where no delivery asks for an explanation.
    finding: FindingView | None
    #: None where the vendor is not known to try a refused delivery again.
    retry: Retry | None
    #: Those that wait for its events and are enabled.
    workflows: Sequence[Workflow]

    @property
    def draft(self) -> bool:
        """Whether it is not published yet, whatever else its state says."""
        return self.shown.trigger.state is TriggerState.DRAFT

    @property
    def seals(self) -> bool:
        """Whether it can keep sealed what it cannot prove."""
        return self.shown.way is not None and self.shown.way.is_signature

    @property
    def secret_errors(self) -> bool:
        """Whether something is wrong with a secret that was pasted."""
        return any(field.startswith("secret-") for field in self.said.errors)

    @property
    def paused(self) -> bool:
        """Whether it holds what would run."""
        return self.shown.trigger.state is TriggerState.PAUSED


def values_of(trigger: Trigger) -> dict[str, str]:
    """Return what was decided about a trigger as the fields of the form say it."""
    return {
        "title": trigger.title,
        "condition": "" if trigger.condition is None else compile_condition(trigger.condition).text,
        "rate": trigger.rate or "",
        "networks": "\n".join(trigger.networks or ()),
        "silence": trigger.silence or "",
        "on_mismatch": str(trigger.on_mismatch),
        "on_unknown": str(trigger.on_unknown),
        "on_unproven": str(trigger.on_unproven),
    }


def setup_page(engine: Engine, name: str, said: Said | None = None) -> Response:
    """Return the page.

    Raises:
        NotFound: there is no such trigger (404).
    """
    said = said or Said()
    view = _view(engine, show(engine, name), said)
    response = page("triggers/setup.html", said.status, here="Triggers", view=view, **_CHOICES)
    return forget(engine, response, view.shown.trigger.name)


_CHOICES: Mapping[str, object] = {
    "mismatches": MISMATCHES,
    "unknowns": UNKNOWNS,
    "unproven": UNPROVEN,
    "own_recipe": OWN_RECIPE,
    "in_words": in_words,
}


def _view(engine: Engine, shown: Shown, said: Said) -> SetUp:
    trigger = shown.trigger
    connector, issued = engine.connectors.get(trigger.connector), take(engine, trigger.id)
    shown = replace(shown, issued=issued.values)
    auth = said.auth if said.auth is not None else trigger.auth
    now = values_of(trigger)
    values = said.typed if said.typed is not None else now
    sample = sample_view(
        engine,
        shown,
        request.args.get("sample", ""),
        applied=request.args.get("applied", ""),
        problem=said.problems.get("sample", ""),
    )
    return SetUp(
        shown=shown,
        connector=connector,
        said=said,
        done=DONE.get(request.args.get("done", ""), ""),
        late=issued.late,
        warnings=_warnings(shown, issued.warnings),
        handshake=handshake_words(connector) if connector else "",
        methods=[_method(way) for way in connector.ways.values()] if connector else [],
        auth=auth,
        recipes=_recipes(connector, auth),
        recipe=said.recipe if said.recipe is not None else _recipe(connector, trigger),
        recipe_text=said.recipe_text or _written_recipe(trigger.recipe),
        secrets=_secrets(engine, shown, connector) if connector and shown.way else [],
        full_url=shown.full_url or _masked_url(shown),
        full_url_whole=shown.full_url is not None,
        curl=curl_line(engine, shown, connector) if connector else "",
        send=send_line(shown),
        values=values,
        before=written(said.before if said.before is not None else now),
        condition=condition_view(engine, trigger.id, f"/triggers/{trigger.name}#condition", values["condition"]),
        steps=render(connector.setup if connector else ""),
        limits=limit_facts(connector.manifest.limits) if connector else (),
        sample=sample,
        trial=trial_view(
            engine, shown, request.args, has_sample=bool(sample.samples), problem=said.problems.get("test", "")
        ),
        finding=_finding(engine, trigger, said),
        retry=next_retry(engine, trigger.id),
        workflows=sorted(engine.published.now().workflows.get(trigger.name, ()), key=lambda each: each.identity),
    )


def _finding(engine: Engine, trigger: Trigger, said: Said) -> FindingView | None:
    wanted, problem = said.delivery or request.args.get("delivery", ""), said.problems.get("finding", "")
    return finding_view(engine, trigger, wanted, search=said.search, problem=problem)


def _warnings(shown: Shown, issued: Sequence[str]) -> list[str]:
    address = address_warning(shown.base_url)
    of_vendor = [words for words in shown.warnings if address is None or "public HTTPS" not in words]
    return [sentence(words) for words in (*issued, *([address] if address else []), *of_vendor)]


def _method(way: Way) -> tuple[str, str, str]:
    return way.name, method_title(way.name), " ".join(_METHODS[kind] for kind in way.kinds if kind in _METHODS)


def _recipes(connector: Connector | None, auth: str) -> list[tuple[str, str]]:
    known = connector.recipes.get(auth, {}) if connector else {}
    return [*((name, name) for name in known), (OWN_RECIPE, "written out below")] if known else []


def _recipe(connector: Connector | None, trigger: Trigger) -> str:
    if trigger.recipe is None:
        return next(iter(connector.recipes.get(trigger.auth, {})), "") if connector else ""
    return trigger.recipe if isinstance(trigger.recipe, str) else OWN_RECIPE


def _written_recipe(recipe: object) -> str:
    """Return a recipe that was written out: JSON is YAML too."""
    return "" if recipe is None or isinstance(recipe, str) else json_bytes.indented(recipe)


def _secrets(engine: Engine, shown: Shown, connector: Connector) -> list[SecretField]:
    live = engine.published.now().by_id.get(shown.trigger.id)
    held = live.secrets_at(engine.clock.now()) if live else {}
    specs = shown.way.secrets if shown.way else {}
    waiting = waiting_to_be_pasted(engine, shown.trigger)
    titles = {each.name: each.title or each.name for each in connector.manifest.setup.secret}
    return [
        SecretField(
            name=name,
            label=_label(titles.get(name, name), spec, alone=len(specs) == 1),
            help="" if spec.has_lines else _called(connector, titles.get(name)),
            ours=connector.secret_made_by_us(name),
            value=shown.issued.get(name),
            held=bool(held.get(name)),
            overlaps=len(held.get(name, ())) > 1,
            lines=spec.has_lines,
            brought=name in connector.brought,
            to_paste_back=name in waiting,
        )
        for name, spec in specs.items()
    ]


def _label(title: str, spec: Credential, *, alone: bool) -> str:
    if spec.has_lines:
        return f"{title} (PEM, or as the vendor shows it)"
    return "Webhook API Key" if alone else f"Webhook API Key: {title}"


def _called(connector: Connector, title: str | None) -> str:
    if title is None or title == "Webhook API Key":
        return ""
    return f"{connector.manifest.title} calls it {title}."


def _masked_url(shown: Shown) -> str | None:
    way = shown.way
    if way is None or "shared_secret" not in way.kinds or not way.secret_parameters:
        return None
    return f"{shown.base_url}?{way.secret_parameters[0]}={MASK}"


def decided(changes: Values) -> dict[str, object]:
    """Return what the form's fields say as fields of :class:`TriggerSpec`; an empty one goes back to its default.

    Raises:
        ValueError: a choice is none of those that there are.
    """
    readers = {
        "networks": lambda text: text.replace(",", "\n").split() or None,
        "on_mismatch": OnMismatch,
        "on_unknown": OnUnknown,
        "on_unproven": OnUnproven,
    }
    found = {name: readers.get(name, _text)(text) for name, text in changes.items()}
    return {name: value for name, value in found.items() if name in TriggerSpec.__slots__}


def _text(text: str) -> str | None:
    return text.strip() or None
