"""A page for every action."""

from collections.abc import Collection, Mapping

from engine.definitions.action import INVALID, ActionSpec
from engine.definitions.dialect import Failure
from engine.definitions.example import Example
from engine.definitions.kinds import Schema
from engine.definitions.schema import without_required
from engine.words import Effect
from tests.reference.example_section import example_section, output_of
from tests.reference.markdown import link, page, quoted, section, table
from tests.reference.stage import Ran
from tests.reference.value_words import value_words

#: What a crash in the middle of an action means.
_AFTER_A_CRASH = {
    Effect.IDEMPOTENT: "it is repeated; what can change something carries the same `Idempotency-Key`",
    Effect.ONCE: "it is not repeated: the run waits for a person",
}


def path_of(spec: ActionSpec) -> str:
    """Return where an action's page stands."""
    return f"actions/{spec.name}.md"


def action_page(spec: ActionSpec, example: Example, ran: Ran, known: Collection[str]) -> str:
    """Return the page of an action; known: the names of all."""
    return page(
        f"`{spec.name}`",
        f"{spec.title}. {spec.doc}".strip(),
        _manners(spec),
        section("Inputs", _inputs(spec) or "None."),
        section("Output", _output(spec.output)),
        section("Failures", _failures(spec)),
        example_section(example, ran, output_of(ran, spec.name)),
        section("See also", _see_also(spec, known)),
    )


def _manners(spec: ActionSpec) -> str:
    connection = "needs" if spec.needs_connection else "can have"
    crash = _AFTER_A_CRASH[spec.effect]
    lines = [f"- Its step {connection} a [`connection`](../step/connection.md)."] if spec.takes_connection else []
    if not spec.pure:
        lines.append(f"- After a crash in the middle of it, {crash} ([`effect`](../step/effect.md)).")
    if spec.source:
        lines.append(f"- What the service says: <{spec.source}>.")
    return "\n".join(lines)


def _inputs(spec: ActionSpec) -> str:
    rows = [
        (
            f"`{name}`",
            value_words(without_required(schema)),
            "yes" if schema.get("required") is True else "",
            quoted(schema["default"]) if "default" in schema else "",
            str(schema.get("description", "")),
        )
        for name, schema in spec.inputs.items()
    ]
    return table(["input", "value", "required", "default", "meaning"], rows)


def _output(schema: Schema) -> str:
    properties = schema.get("properties")
    about = str(schema.get("description", ""))
    if isinstance(properties, Mapping):
        rows = [(f"`{name}`", value_words(one), str(one.get("description", ""))) for name, one in properties.items()]
        return "\n\n".join(filter(None, (about, table(["field", "value", "meaning"], rows))))
    return about or ("As in the example." if not schema else f"It is {value_words(schema)}.")


def _failures(spec: ActionSpec) -> str:
    failures = {Failure.INVALID: INVALID, **spec.failures}
    rows = [(f"`{kind}`", failures[kind]) for kind in Failure if kind in failures]
    told = "[`retry.when`](../step/retry.md) and `error.kind` in [`on_error`](../step/on_error.md) know these."
    return f"{told}\n\n{table(['kind', 'when'], rows)}"


def _see_also(spec: ActionSpec, known: Collection[str]) -> str:
    family = spec.name.partition(".")[0] + "."
    links = [link(f"`{name}`", f"{name}.md") for name in known if name.startswith(family) and name != spec.name]
    guides = [link("Actions", "../../actions.md")]
    guides += [link("Connections", "../../connections.md")] if spec.takes_connection else []
    return ", ".join([*links, *guides])
