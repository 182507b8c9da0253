"""A connector: what we know of a vendor, compiled once, used on every delivery."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Self
from urllib.parse import urlsplit

from engine.authentication.request import Inbound
from engine.authentication.secret import Secrets, SecretSpec
from engine.authentication.way import Way, compile_way
from engine.definitions.bodies import Bodies, compile_bodies
from engine.definitions.drafts import EventDraft, EventRules
from engine.definitions.handshake import Answer, Handshake
from engine.definitions.handshake_kinds import KeptSecretSpec
from engine.definitions.handshake_signed import SignedEcho
from engine.definitions.manifest import Manifest, Recipes
from engine.definitions.reply import Reply
from engine.definitions.sample import Sample
from engine.definitions.sender import Schedule, SenderSpec, schedule_of
from engine.errors import Invalid, NotFound
from engine.language.values import Path

#: What a written-out recipe may be made of: a signature, whose key never travels.
RECIPE_KINDS = frozenset({"hmac", "network"})


@dataclass(frozen=True, slots=True)
class Connector:
    """One vendor, ready to receive."""

    #: The facts as they are written: title, category, types, setup, limits, sources.
    manifest: Manifest
    #: What to click at the vendor, as Markdown.
    setup: str
    #: The ways to authenticate, the default first; one that takes a recipe stands here with its default recipe.
    ways: Mapping[str, Way]
    #: For each way that takes a recipe, the known ones by name.
    recipes: Mapping[str, Mapping[str, Way]]
    #: What to answer when a delivery is on disk.
    accepted: Reply
    #: What to answer to whoever proves nothing, where the vendor insists on something.
    refused: Reply | None
    #: By the stem of their file.
    samples: Mapping[str, Sample]
    bodies: Bodies
    rules: EventRules
    handshakes: tuple[Handshake, ...]
    #: The vendor's side of a webhook, as far as known.
    sender: SenderSpec | None = None

    @property
    def schedule(self) -> Schedule:
        """When the vendor tries again."""
        return schedule_of(self.manifest.limits, self.sender)

    @property
    def name(self) -> str:
        """The connector's name, for good: event types start with it."""
        return self.manifest.name

    @property
    def actions(self) -> Mapping[str, object]:
        """What the vendor can be asked to do, as the manifest writes it."""
        return self.manifest.actions

    @property
    def connection(self) -> object | None:
        """What is needed in order to call the vendor, as the manifest writes it; None where nothing is."""
        return self.manifest.connection

    def accepts(self, content_type: str) -> bool:
        """Return whether the vendor sends bodies of this type; if not, the answer is 415."""
        return self.bodies.kind(content_type) is not None

    def handshake(self, request: Inbound, secrets: Secrets, *, signed: bool) -> Answer | None:
        """Return the answer to a handshake of that sort, or None to any other request.

        signed: whether the request has proved itself; an unsigned handshake is answered before any proof.

        Raises:
            Rejected: it is a handshake that is not to be answered: 401.
        """
        asked = (each.answer(request, secrets) for each in self.handshakes if each.question.signed is signed)
        return next((answer for answer in asked if answer), None)

    def may_have_signed(self, request: Inbound) -> bool:
        """Return whether a delivery's proof may be what we answered to somebody's handshake: then it proves nothing."""
        return any(isinstance(each, SignedEcho) and each.may_have_signed(request) for each in self.handshakes)

    @property
    def to_paste_back(self) -> tuple[str, ...]:
        """The secrets that the vendor brings itself, and that a person has to see, because they are pasted there."""
        kept = (each for each in self.manifest.handshake if isinstance(each, KeptSecretSpec))
        return tuple(each.secret.name for each in kept if each.shown)

    @property
    def brought(self) -> frozenset[str]:
        """The secrets that the vendor brings itself: nobody pastes them here."""
        kept = (each for each in self.manifest.handshake if isinstance(each, KeptSecretSpec))
        return frozenset(each.secret.name for each in kept)

    def hidden(self, part: str) -> frozenset[str]:
        """Return the names in the ``headers`` or the ``query`` under which a handshake brings a secret."""
        paths = frozenset[Path]().union(*(each.hidden for each in self.handshakes))
        return frozenset(str(path[1]) for path in paths if path[0] == part and len(path) > 1)

    def read(self, request: Inbound) -> object:
        """Return the parsed body.

        Raises:
            Rejected: MALFORMED_BODY, 400, with what is wrong in words.
        """
        return self.bodies.read(request.body, request.first("content-type"))

    def events(self, request: Inbound, body: object) -> Sequence[EventDraft]:
        """Return what happened, according to the vendor: any number of events.

        body: what :meth:`read` returned.

        Raises:
            Rejected: MALFORMED_BODY, 400, with what is wrong in words.
        """
        is_json = self.bodies.kind(request.first("content-type")) == "json"
        return self.rules.drafts(request, body, is_json=is_json)

    def way(self, auth: str | None = None, recipe: object = None) -> Way:
        """Return a way to authenticate.

        auth: the way's name; None for the default. recipe: where the way takes one, its name, or a scheme or list of
        schemes as a manifest writes them; None for the default.

        Raises:
            NotFound: the connector has no such way or recipe.
            Invalid: the way takes no recipe, or the written-out one has mistakes.
        """
        name = auth if auth is not None else next(iter(self.ways))
        if name not in self.ways:
            raise NotFound(f"{self.name} has no way {name!r} to authenticate; there are {', '.join(self.ways)}")
        return self.ways[name] if recipe is None else self._recipe(name, recipe)

    def _recipe(self, way: str, recipe: object) -> Way:
        if way not in self.recipes:
            raise Invalid(f"the way {way!r} of {self.name} takes no recipe", "recipe")
        if not isinstance(recipe, str):
            return _signature(way, recipe)
        if recipe not in self.recipes[way]:
            raise NotFound(f"there is no recipe {recipe!r}; there are {', '.join(self.recipes[way])}")
        return self.recipes[way][recipe]

    def with_dedup(self, text: str) -> Self:
        """Return the connector with a trigger's own answer to what makes two events the same.

        text: ``body`` for a hash of the raw body, or an expression over ``method headers query body item``.

        Raises:
            Invalid: the expression cannot be read.
        """
        try:
            return replace(self, rules=self.rules.with_key(text))
        except ValueError as error:
            raise Invalid(str(error), "dedup") from error

    def sample(self, event_type: str | None = None) -> Sample:
        """Return a delivery as the vendor sends it, unsigned; without a type the first that there is.

        Raises:
            NotFound: there is no sample of that type.
        """
        known = {name: kind.sample for name, kind in self.manifest.types.items() if kind.sample}
        wanted = event_type or next(iter(known), "")
        if wanted not in known:
            raise NotFound(f"{self.name} has no sample of {wanted!r}; there are {', '.join(known) or 'none'}")
        return self.samples[known[wanted] or ""]

    def secret_made_by_us(self, secret: str) -> bool:
        """Return whether we make the secret of that name, as we do unless the setup says that the vendor does."""
        return all(each.made_by == "us" for each in self.manifest.setup.secret if each.name == secret)

    def url_warning(self, url: str) -> str | None:
        """Return why the vendor will not send to the address; None when nothing speaks against it."""
        if not self.manifest.setup.public_url or is_public(url):
            return None
        return f"{self.manifest.title} sends to public HTTPS addresses only: set a public URL, or open a tunnel"


def is_public(url: str) -> bool:
    """Return whether a vendor can send to an address, and nobody reads along: HTTPS, and no private or local host."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" or "." not in host.replace(":", ".") or host.endswith((".localhost", ".local")):
        return False
    try:
        return ip_address(host).is_global
    except ValueError:
        return True


def _signature(way: str, recipe: object) -> Way:
    compiled = compile_way(way, recipe)
    if not set(compiled.kinds) <= RECIPE_KINDS:
        raise Invalid("a recipe is a signature: hmac, with network beside it if you like", "recipe")
    return compiled


def _way(name: str, spec: object, further: tuple[SecretSpec, ...]) -> Way:
    return replace(compile_way(name, spec), further=further)


def build_connector(
    manifest: Manifest,
    *,
    setup: str = "",
    samples: Mapping[str, Sample] | None = None,
    sender: SenderSpec | None = None,
) -> Connector:
    """Compile a manifest.

    setup: what to click at the vendor, as Markdown; samples: by the stem of their file.
    """
    bodies = compile_bodies(manifest.body)
    handshakes = tuple(spec.compile(bodies) for spec in manifest.handshake)
    further = tuple(secret for each in handshakes for secret in each.secrets)
    recipes = {
        name: {recipe: _way(name, schemes, further) for recipe, schemes in spec.recipes.items()}
        for name, spec in manifest.auth.items()
        if isinstance(spec, Recipes)
    }
    plain = {name: _way(name, spec, further) for name, spec in manifest.auth.items() if name not in recipes}
    return Connector(
        manifest=manifest,
        setup=setup,
        ways={name: plain.get(name) or next(iter(recipes[name].values())) for name in manifest.auth},
        recipes=recipes,
        accepted=manifest.reply.accepted.compile(),
        refused=manifest.reply.refused.compile() if manifest.reply.refused else None,
        samples=samples or {},
        bodies=bodies,
        rules=manifest.event.compile(),
        handshakes=handshakes,
        sender=sender,
    )
