"""The table of commands: each is imported when it is called, and its line here is what ``wink --help`` shows."""

from collections.abc import Collection
from dataclasses import dataclass

import click
from click.shell_completion import CompletionItem

from engine import __version__
from engine.errors import WinkError
from engine.lazy import load


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command is, as ``module:name``, and what it is for."""

    place: str
    title: str
    #: Libraries that it is imported without, as :func:`engine.lazy.load` has it.
    without: Collection[str] = ()


#: It draws tracebacks for structlog where it can, and never gets any to draw: 4 MB of what lives as long as a server.
_UNUSED = ("rich",)


COMMANDS = {
    "serve": Entry("engine.cli.serve:serve", "Start Wink.", _UNUSED),
    "worker": Entry("engine.cli.worker:work", "Run what others receive.", _UNUSED),
    "migrate": Entry("engine.cli.migrate:migrate_database", "Bring the database up to date."),
    "compact": Entry("engine.cli.compact:compact_database", "Make SQLite's file smaller."),
    "check": Entry("engine.cli.check:check", "Check workflow files and connectors."),
    "test": Entry("engine.cli.testing:run_tests", "Run the tests of workflows."),
    "new": Entry("engine.cli.new:new", "Begin a workflow or a connector."),
    "import": Entry("engine.cli.importing:import_files", "Bring in workflows from elsewhere."),
    "triggers": Entry("engine.cli.triggers:triggers", "The addresses that vendors send to."),
    "connectors": Entry("engine.cli.catalogue:connectors", "What Wink knows of vendors."),
    "workflows": Entry("engine.cli.workflows:workflows", "What runs when an event comes."),
    "send": Entry("engine.cli.send:send", "Send a signed delivery, as the vendor would."),
    "emulate": Entry("engine.cli.emulate:emulate", "Play a vendor that sends, tries again and gives up."),
    "listen": Entry("engine.cli.listen:listen", "Capture the next delivery as a sample."),
    "deliveries": Entry("engine.cli.deliveries:deliveries", "The requests that came in, and their verdicts."),
    "recipe": Entry("engine.cli.recipe:recipe", "How a sender signs, found out from one delivery."),
    "events": Entry("engine.cli.events:events", "What deliveries told, and which workflows wanted it."),
    "runs": Entry("engine.cli.runs:runs", "What workflows did."),
    "approvals": Entry("engine.cli.approvals:approvals", "What runs wait for people to decide."),
    "connections": Entry("engine.cli.connections:connections", "Credentials for calling services."),
    "users": Entry("engine.cli.users:users", "Who may sign in."),
    "tokens": Entry("engine.cli.tokens:tokens", "Which programs may use the API."),
    "ledger": Entry("engine.cli.ledger:ledger", "Whether anything was lost."),
    "schema": Entry("engine.cli.schema:schema", "JSON Schemas for editors."),
    "openapi": Entry("engine.cli.openapi:openapi", "The description of the API."),
    "completion": Entry("engine.cli.completion:completion", "Completion of commands for a shell."),
}


class Commands(click.Group):
    """A group that imports a command when it is called, and says errors that are known in a sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name; None when there is none."""
        entry = COMMANDS.get(cmd_name)
        command: click.Command | None = load(entry.place, without=entry.without) if entry else None
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the name of a command without importing any."""
        names = [
            CompletionItem(name, help=entry.title) for name, entry in COMMANDS.items() if name.startswith(incomplete)
        ]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table without importing what it names."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.title) for name, entry in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; what Wink can explain ends in a sentence and exit status 1."""
        try:
            return super().invoke(ctx)
        except WinkError as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            if error.filename is None:
                raise
            raise click.ClickException(f"{error.filename}: {error.strerror}") from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="wink %(version)s")
def main() -> None:
    """Receive webhooks, prove who sent them, and run workflows that survive a crash.

    Begin with `wink serve`. The other commands speak to the Wink that serves the data folder, or open the
    folder themselves when none does; WINK_URL and WINK_API_TOKEN name one elsewhere.
    """
