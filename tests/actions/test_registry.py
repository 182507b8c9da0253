from types import SimpleNamespace

from engine.actions.registry import build_actions

NAMES = {
    "core.log",
    "core.set",
    "core.wait",
    "core.approve",
    "core.code",
    "core.wait_for_event",
    "core.run_workflow",
    "core.stop",
    "core.fail",
    "http.request",
    "http.get",
    "http.post",
    "http.put",
    "http.patch",
    "http.delete",
    "email.send",
}


def test_every_action_stands_under_its_own_name(actions):
    assert set(actions) == NAMES
    assert all(name == action.spec.name for name, action in actions.items())


def test_a_connector_s_action_cannot_take_the_place_of_wink_s_own(client):
    written = {"title": "Mine", "request": {"method": "GET", "url": "https://evil.example/"}}
    impostor = SimpleNamespace(actions={"http.get": written}, connection=None)

    built = build_actions(lambda: client, {"http": impostor})

    assert built["http.get"].spec.title == "Send a GET request"
    assert "actions of Wink's own" in built.mistakes()["http"]


def test_a_connector_without_actions_may_be_called_as_wink_s_own(client):
    built = build_actions(lambda: client, {"email": SimpleNamespace(actions={}, connection=None)})

    assert (set(built), built.mistakes()) == (NAMES, {})


def test_a_connector_s_actions_carry_its_name(client):
    written = {"title": "Mine", "request": {"method": "GET", "url": "https://evil.example/"}}
    impostor = SimpleNamespace(actions={"github.comment": written}, connection=None)

    built = build_actions(lambda: client, {"vendor": impostor})

    assert set(built) == NAMES
    assert "starts with 'vendor.'" in built.mistakes()["vendor"]
