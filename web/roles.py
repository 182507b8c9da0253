"""What each operation needs: the one table for the API and the pages. What is not in it can be asked for by nobody."""

from collections.abc import Mapping

from engine.words import Role

#: Needs no sign-in: it tells nothing, or looks for itself who asks, as ``/metrics`` does.
OPEN = None

#: By endpoint: the blueprint's name and the function's. A viewer reads everything but secrets and who else may come in,
#: and may ask questions that change nothing; an editor changes triggers, workflows and runs; an admin the rest.
NEEDS: Mapping[str, Role | None] = {
    "assets.file": OPEN,
    "openapi.spec": OPEN,
    "front.index": OPEN,
    "health.healthz": OPEN,
    "health.readyz": OPEN,
    "health.metrics": OPEN,
    "health.schema": OPEN,
    "session.show_sign_in": OPEN,
    "session.sign_in": OPEN,
    "session.show_password": Role.VIEWER,
    "session.change_password": Role.VIEWER,
    "session.leave": Role.VIEWER,
    "session.leave_everywhere": Role.VIEWER,
    "triggers.create": Role.EDITOR,
    "triggers.list_triggers": Role.VIEWER,
    "triggers.get": Role.VIEWER,
    "triggers.change": Role.EDITOR,
    "triggers.delete": Role.EDITOR,
    "triggers.rotate": Role.EDITOR,
    "triggers.publish": Role.EDITOR,
    "triggers.pause": Role.EDITOR,
    "triggers.resume": Role.EDITOR,
    "samples.start_listening": Role.EDITOR,
    "samples.stop_listening": Role.EDITOR,
    "samples.get_sample": Role.VIEWER,
    "samples.apply": Role.EDITOR,
    "samples.get_schema": Role.VIEWER,
    "samples.test": Role.EDITOR,
    "samples.backtest": Role.VIEWER,
    "conditions.ask": Role.VIEWER,
    "workflows.list_workflows": Role.VIEWER,
    "workflows.check": Role.VIEWER,
    "workflows.put": Role.EDITOR,
    "workflows.get": Role.VIEWER,
    "workflows.delete": Role.EDITOR,
    "workflows.versions": Role.VIEWER,
    "workflows.enable": Role.EDITOR,
    "workflows.disable": Role.EDITOR,
    "workflows.run": Role.EDITOR,
    "workflow_pages.show_workflows": Role.VIEWER,
    "workflow_pages.create": Role.EDITOR,
    "workflow_pages.enable": Role.EDITOR,
    "workflow_pages.disable": Role.EDITOR,
    "workflow_pages.delete": Role.EDITOR,
    "workflow_editor.show": Role.VIEWER,
    "workflow_editor.save_text": Role.EDITOR,
    "workflow_editor.check_draft": Role.VIEWER,
    "workflow_editor.complete": Role.VIEWER,
    "workflow_editor.show_version": Role.VIEWER,
    "workflow_editor.run": Role.EDITOR,
    "deliveries.list_deliveries": Role.VIEWER,
    "deliveries.get": Role.VIEWER,
    "events.list_events": Role.VIEWER,
    "events.get": Role.VIEWER,
    "events.explain": Role.VIEWER,
    "events.replay_event": Role.EDITOR,
    "events.replay_events": Role.EDITOR,
    "events.release_event": Role.EDITOR,
    "runs.list_runs": Role.VIEWER,
    "runs.get": Role.VIEWER,
    "runs.cancel": Role.EDITOR,
    "runs.rerun": Role.EDITOR,
    "connectors.list_connectors": Role.VIEWER,
    "connectors.get": Role.VIEWER,
    "ledger.check": Role.VIEWER,
    "tokens.create": Role.ADMIN,
    "tokens.list_tokens": Role.ADMIN,
    "tokens.delete": Role.ADMIN,
    "users.create": Role.ADMIN,
    "users.list_users": Role.ADMIN,
    "users.get": Role.ADMIN,
    "users.change": Role.ADMIN,
    "users.delete": Role.ADMIN,
    "users.reset_password": Role.ADMIN,
    "users.sign_out": Role.ADMIN,
}

#: What somebody may do whose password has to be changed first.
BEFORE_CHANGE = frozenset(
    {"session.show_password", "session.change_password", "session.leave", "session.leave_everywhere"}
)


def refusal(role: Role, needed: Role) -> str:
    """Return the words for who may not do something."""
    return f"this needs the role {needed}, and yours is {role}: ask an administrator"
