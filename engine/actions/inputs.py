"""Whether the inputs of a step are such as its action takes: imported when the first action is made."""

from collections.abc import Callable, Mapping

import jsonschema_rs

from engine.definitions.schema import object_schema
from engine.errors import ActionFailed

#: Longest part of a schema's complaint that is kept: it quotes the input, which can be large.
_QUOTED = 300


def check_of(inputs: Mapping[str, Mapping[str, object]]) -> Callable[[Mapping[str, object]], None]:
    """Return what raises ActionFailed, ``invalid``, for values that are not as an action describes its inputs."""
    schema = jsonschema_rs.validator_for(object_schema(inputs))

    def check(given: Mapping[str, object]) -> None:
        try:
            schema.validate(given)
        except jsonschema_rs.ValidationError as error:
            raise ActionFailed("invalid", _complaint(error)) from error

    return check


def _complaint(error: jsonschema_rs.ValidationError) -> str:
    where = ".".join(map(str, error.instance_path))
    return f"{where}: {error.message[:_QUOTED]}" if where else error.message[:_QUOTED]
