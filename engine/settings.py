"""What an operator can set: by option, by ``WINK_`` variable, in ``wink.toml``; in that order of precedence."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    SecretStr,
    ValidationError,
)

from engine.bounds import USUAL, Bounds
from engine.clock import parse_duration
from engine.errors import SettingsError

PREFIX = "WINK_"
FILE_NAME = "wink.toml"

#: Settings that ``WINK_<NAME>_FILE`` (in wink.toml ``<name>_file``) can hand over as a file, as container secrets are.
SECRETS = frozenset({"api_token", "secret_key", "admin_password", "database_url", "broker_url"})

#: Addresses to listen on that nobody can type into a client.
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound here

#: Longer than anybody waits, and short enough to be added to any time.
_LONGEST = timedelta(days=36_500)

#: Less than that is more likely a slip, 30m for 30d, and would forget nearly everything for good.
_LEAST_RETENTION = timedelta(days=1)

#: Less than that is more likely a number without its unit, 5 for 5MiB, and would refuse nearly everything.
_LEAST_BODY = ByteSize(4 * 1024)

#: Options of the command line that are not called as their setting is.
_OPTIONS = {"examples": "--no-examples"}


@dataclass(frozen=True, slots=True)
class _Written:
    """What a person wrote: the value, and the variable, option or key that it was written to."""

    value: object
    name: str


class LogFormat(StrEnum):
    """How log lines look: for people at a terminal, or for machines that collect them."""

    CONSOLE = "console"
    JSON = "json"


def _duration(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


def _words(value: object) -> object:
    return re.split(r"[\s,]+", value.strip(" ,")) if isinstance(value, str) else value


def _positive(length: timedelta) -> timedelta:
    if length <= timedelta():
        raise ValueError("must be longer than nothing")
    if length > _LONGEST:
        raise ValueError(f"must be at most {_LONGEST.days}d")
    return length


def _kept(length: timedelta) -> timedelta:
    if length < _LEAST_RETENTION:
        raise ValueError("must be at least 1d, such as 30d: what is older is forgotten for good")
    return length


def _body(size: ByteSize) -> ByteSize:
    if size < _LEAST_BODY:
        raise ValueError(
            "must be at least 4KiB; write it with its unit, such as 64KiB or 5MiB: a number alone is bytes"
        )
    return size


def _broker(address: SecretStr | None) -> SecretStr | None:
    if address is not None and not _is_broker(address.get_secret_value()):
        raise ValueError(
            "write the address of RabbitMQ, amqp://user:password@host:5672/ or amqps://.. (%23 for #, %2F for /)"
        )
    return address


def _is_broker(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in {"amqp", "amqps"} and bool(parts.hostname) and parts.port != 0 and not parts.fragment
    except ValueError:  # the port is no number, or the host no address
        return False


def read_base_url(text: str) -> str:
    """Return a base URL without a slash at its end.

    Raises:
        ValueError: the text is no such URL.
    """
    parts = urlsplit(text)
    web = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    if not web or not set(text).isdisjoint("?#@\\"):
        raise ValueError(f"{text!r} is no base URL: write one such as https://hooks.example.com")
    return text.rstrip("/")


def _default_database(known: Mapping[str, object]) -> SecretStr:
    return SecretStr(f"sqlite:///{known['data']}/wink.db")


def _default_examples(known: Mapping[str, object]) -> bool:
    return known["broker_url"] is None


def _default_url(known: Mapping[str, object]) -> str:
    host = _EVERY_ADDRESS.get(str(known["host"]), str(known["host"]))
    return f"http://{f'[{host}]' if ':' in host else host}:{known['port']}"


Length = Annotated[timedelta, BeforeValidator(_duration), AfterValidator(_positive)]


class Settings(BaseModel):
    """Every setting of one process, checked. Secrets are ``SecretStr``: they show in no repr, log or traceback."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    #: Address and port that ``wink serve`` listens on.
    host: str = Field("127.0.0.1", min_length=1)
    port: int = Field(8080, ge=1, le=65535)
    #: Folder of the database, the keys and the lock; absolute once loaded.
    data: Path = Path("data")
    #: Folder whose workflow files are imported; absolute once loaded.
    workflows: Path = Path("workflows")
    #: SQLAlchemy address of the database; by default a SQLite file in the data folder.
    database_url: SecretStr = Field(default_factory=_default_database)
    #: Address of RabbitMQ, through which those who receive ring for workers; None: one process does all by itself.
    broker_url: Annotated[SecretStr | None, AfterValidator(_broker)] = None
    #: Base URL that vendors use, without a slash at its end. Signatures over URLs are checked against it.
    public_url: Annotated[str, AfterValidator(read_base_url)] = Field(default_factory=_default_url)
    #: First administrator token of the management API.
    api_token: SecretStr | None = None
    #: Key that secrets are encrypted with; None: made once and kept in the data folder.
    secret_key: SecretStr | None = None
    #: Password of the user ``admin`` at the first start; None: made, shown once, to be changed there.
    admin_password: SecretStr | None = None
    #: Largest body that a trigger takes, in bytes; ``5MiB`` can be written.
    max_body: Annotated[ByteSize, AfterValidator(_body)] = ByteSize(5 * 1024 * 1024)
    #: Networks that are not public and that steps may call all the same; separated by commas.
    allow_private_addresses: Annotated[tuple[IPvAnyNetwork, ...], BeforeValidator(_words)] = ()
    #: Proxies in front of Wink: so many entries of X-Forwarded-For are believed.
    trusted_proxies: int = Field(0, ge=0)
    #: How long deliveries, events and runs are kept.
    retention: Annotated[Length, AfterValidator(_kept)] = timedelta(days=30)
    #: What runs and their steps may take: each as :class:`engine.bounds.Bounds` says.
    attempt_timeout: Length = USUAL.attempt_timeout
    run_timeout: Length = USUAL.run_timeout
    max_wait: Length = USUAL.max_wait
    max_output: Annotated[ByteSize, Field(ge=1)] = ByteSize(USUAL.max_output)
    log_format: LogFormat = LogFormat.CONSOLE
    #: Threads for what an event loop cannot wait for, such as looking up a name.
    threads: int = Field(16, ge=1, le=1024)
    #: Whether the example triggers are made. Not beside workers: what these send would not reach the sink of one host.
    examples: bool = Field(default_factory=_default_examples)

    @cached_property  # as every run asks
    def bounds(self) -> Bounds:
        """The most that a run and a step of it may take."""
        return Bounds(self.attempt_timeout, self.run_timeout, self.max_wait, self.max_output)

    @classmethod
    def load(cls, environ: Mapping[str, str], cwd: Path, **options: object) -> Self:
        """Read and check every setting.

        environ: variables without the prefix, or with an empty value, do not count; cwd: where ``wink.toml`` is looked
        for and relative folders begin; options: from the command line, None where not given.

        Raises:
            SettingsError: a name is unknown (the nearest known one is in the message), a value or a file is wrong.
        """
        written = _from_toml(cwd / FILE_NAME) | _from_environ(environ, cwd) | _from_options(options)
        given = {name: each.value for name, each in written.items()}
        for folder in ("data", "workflows"):
            given[folder] = _below(cwd, given.get(folder, cls.model_fields[folder].default))
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise SettingsError(_explain(error, written)) from error


def _below(cwd: Path, folder: object) -> object:
    return cwd / folder if isinstance(folder, str | Path) else folder


def _from_options(options: Mapping[str, object]) -> dict[str, _Written]:
    given = {name: value for name, value in options.items() if value is not None}
    return {name: _Written(value, _OPTIONS.get(name, f"--{name.replace('_', '-')}")) for name, value in given.items()}


def _from_environ(environ: Mapping[str, str], cwd: Path) -> dict[str, _Written]:
    ours = {name: value for name, value in environ.items() if name.startswith(PREFIX) and value}
    _refuse_unknown(ours, {PREFIX + name.upper() for name in _names()}, "environment")
    return _with_files({name.removeprefix(PREFIX).lower(): _Written(value, name) for name, value in ours.items()}, cwd)


def _from_toml(path: Path) -> dict[str, _Written]:
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
    _refuse_unknown(given, _names(), FILE_NAME)
    return _with_files({name: _Written(value, f"{name} in {FILE_NAME}") for name, value in given.items()}, path.parent)


def _names() -> set[str]:
    return set(Settings.model_fields) | {f"{name}_file" for name in SECRETS}


def _refuse_unknown(given: Iterable[str], known: set[str], where: str) -> None:
    for name in sorted(set(given) - known):
        nearest = get_close_matches(name, sorted(known), n=1, cutoff=0)[0]
        raise SettingsError(f"{name} ({where}) is no setting of Wink; the nearest one is {nearest}")


def _with_files(given: Mapping[str, _Written], cwd: Path) -> dict[str, _Written]:
    values = {name: value for name, value in given.items() if not name.endswith("_file")}
    for name in sorted(set(given) - set(values)):
        setting, file = name.removesuffix("_file"), given[name]
        if setting in values:
            raise SettingsError(f"{values[setting].name} and {file.name} are both set: keep one of them")
        values[setting] = _Written(_read_secret(cwd / str(file.value), file.name), file.name)
    return values


def _read_secret(path: Path, name: str) -> str:
    try:
        secret = path.read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        raise SettingsError(f"{name}: {path} cannot be read: {error}") from error
    if not secret:
        raise SettingsError(f"{name}: {path} is empty: write the secret into it, or take the setting away")
    return secret


def _explain(error: ValidationError, written: Mapping[str, _Written]) -> str:
    # A default made from a value that is itself wrong is no mistake of its own.
    mistakes = [mistake for mistake in error.errors() if mistake["type"] != "default_factory_not_called"]
    places = [str(mistake["loc"][0]) for mistake in mistakes]
    names = [written[place].name if place in written else place for place in places]
    messages = [mistake["msg"].removeprefix("Value error, ") for mistake in mistakes]
    return "\n".join(f"{name}: {message}" for name, message in zip(names, messages, strict=True))
