import asyncio
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import pytest
from pytest_httpserver import HTTPServer

from engine.actions.registry import build_actions
from engine.errors import ActionFailed
from engine.words import Effect
from tests.corpus import TEXTS


@dataclass
class Manifest:
    """A connector, as far as actions go."""

    actions: dict[str, object]
    connection: object | None = field(
        default_factory=lambda: {
            "fields": {"token": {"title": "API key", "secret": True}},
            "sends": {"header": "Authorization", "value": "Bearer {token}"},
        }
    )


def reactivate(base_url: str) -> dict[str, object]:
    return {
        "title": "Switch a disabled endpoint on again",
        "inputs": {"id": {"type": "string", "required": True}},
        "request": {
            "method": "PATCH",
            "url": f"{base_url}/api/sch/org/webhooks/${{{{ inputs.id }}}}",
            "json": {"isActive": True},
        },
    }


@pytest.fixture
def declare(client, httpserver: HTTPServer):
    """Build the actions of a vendor that declares one: what is given over a plain POST to /a."""

    def build(connection: object | None = None, **manifest: object):
        request = {"method": "POST", "url": httpserver.url_for("/a")} | manifest.pop("request", {})
        action = {"title": "Do it", **manifest, "request": request}
        return build_actions(lambda: client, {"vendor": Manifest({"vendor.do": action}, connection)})

    return build


@pytest.fixture
def declared(declare):
    return lambda *given, **manifest: declare(*given, **manifest)["vendor.do"]


def test_001_r8_an_endpoint_that_was_disabled_is_switched_on_again(client, call, connection, httpserver: HTTPServer):
    manifest = Manifest({"securecodinghub.reactivate_webhook": reactivate(httpserver.url_for(""))})
    action = build_actions(lambda: client, {"securecodinghub": manifest})["securecodinghub.reactivate_webhook"]
    httpserver.expect_request(
        "/api/sch/org/webhooks/wh 1", "PATCH", json={"isActive": True}, headers={"Authorization": "Bearer t0ken"}
    ).respond_with_json({"id": "wh 1", "isActive": True})

    credentials = connection("declared", {"token": "t0ken"}, connector="securecodinghub")
    output = asyncio.run(action.run(call(credentials, id="wh 1")))

    assert output["body"] == {"id": "wh 1", "isActive": True}
    assert httpserver.log[0][0].headers["Idempotency-Key"] == "run_1/step/0"


def test_the_description_comes_from_the_manifest(declared):
    spec = declared(inputs={"a": {"type": "string"}}, effect="once").spec

    assert (spec.name, spec.title, spec.inputs, spec.effect) == (
        "vendor.do",
        "Do it",
        {"a": {"type": "string"}},
        Effect.ONCE,
    )
    assert (spec.pure, spec.takes_connection) == (False, False)


def test_headers_query_and_body_are_filled_in_from_the_inputs(declared, call, httpserver: HTTPServer):
    httpserver.expect_request(
        "/a", json={"n": 5, "t": "<b>"}, query_string={"q": "a&b"}, headers={"X-A": "b"}
    ).respond_with_data("")
    action = declared(
        inputs={"n": {"type": "integer", "required": True}, "t": {"default": "<b>"}},
        request={
            "headers": {"X-A": "${{ 'b' }}"},
            "query": {"q": "a&b"},
            "json": {"n": "${{ inputs.n }}", "t": "${{ inputs.t }}"},
        },
    )

    assert asyncio.run(action.run(call(n=5)))["status"] == 200


def test_a_form_is_sent_as_a_form(declared, call, httpserver: HTTPServer):
    httpserver.expect_request("/a", data="text=a+b").respond_with_data("")
    action = declared(inputs={"text": {}}, request={"form": {"text": "${{ inputs.text }}"}})

    assert asyncio.run(action.run(call(text="a b")))["status"] == 200


def test_inputs_are_checked(declared, call):
    with pytest.raises(ActionFailed, match="n: ") as failure:
        asyncio.run(declared(inputs={"n": {"type": "integer"}}).run(call(n="five")))

    assert failure.value.kind == "invalid"


def test_an_input_is_never_read_as_a_template(declared, call, httpserver: HTTPServer):
    httpserver.expect_request("/a", json={"t": "${{ inputs.secret }}"}).respond_with_data("")
    action = declared(inputs={"t": {}}, request={"json": {"t": "${{ inputs.t }}"}})

    assert asyncio.run(action.run(call(t="${{ inputs.secret }}")))["status"] == 200


def test_any_text_arrives_in_body_form_and_query_as_it_was(declared, call, httpserver: HTTPServer):
    texts = [text for text in TEXTS if len(text) < 1_000]
    httpserver.expect_request("/a").respond_with_data("")
    action = declared(
        inputs={"t": {}}, request={"json": {"t": ["${{ inputs.t }}"], "in": "<${{ inputs.t[0] }}>", "${ a }": "b"}}
    )
    posted = declared(inputs={"t": {}}, request={"form": {"t": "${{ inputs.t }}"}, "query": {"q": "${{ inputs.t }}"}})

    asyncio.run(action.run(call(t=texts)))
    asyncio.run(posted.run(call(t=texts)))

    (first, _), (second, _) = httpserver.log
    assert first.get_json() == {"t": [texts], "in": f"<{texts[0]}>", "${ a }": "b"}
    pairs = [("t", text) for text in texts]
    assert parse_qsl(second.get_data(as_text=True), keep_blank_values=True, max_num_fields=None) == pairs
    assert [text for _, text in parse_qsl(second.query_string.decode(), keep_blank_values=True)] == texts


def test_an_input_cannot_add_a_header(declared, call):
    action = declared(inputs={"t": {}}, request={"headers": {"X-A": "${{ inputs.t }}"}})

    with pytest.raises(ActionFailed) as failure:
        asyncio.run(action.run(call(t="a\r\nX-B: c")))

    assert failure.value.kind == "invalid"


def test_an_input_that_the_request_needs_and_has_not_is_invalid(declared, call):
    action = declared(inputs={"t": {}}, request={"json": {"t": "${{ inputs.t }}"}})

    with pytest.raises(ActionFailed, match=r"inputs\.t") as failure:
        asyncio.run(action.run(call()))

    assert failure.value.kind == "invalid"


def test_the_output_is_made_from_the_response(declared, call, httpserver: HTTPServer):
    httpserver.expect_request("/a").respond_with_json({"key": "SEC-1"}, 201)
    output = {"key": "${{ response.json.key }}", "for": "${{ inputs.t }}", "status": "${{ response.status }}"}

    result = asyncio.run(declared(inputs={"t": {}}, output=output).run(call(t="me")))

    assert result == {"key": "SEC-1", "for": "me", "status": 201}


def test_a_response_without_what_the_output_needs_fails(declared, call, httpserver: HTTPServer):
    httpserver.expect_request("/a").respond_with_json({})

    with pytest.raises(ActionFailed, match=r"response\.json\.key") as failure:
        asyncio.run(declared(output={"key": "${{ response.json.key }}"}).run(call()))

    assert failure.value.kind == "failed"


@pytest.mark.parametrize(("status", "kind"), [(302, "failed"), (404, "http_4xx"), (429, "http_429"), (503, "http_5xx")])
def test_a_status_beyond_success_fails_and_nothing_is_followed(declared, call, httpserver, status: int, kind: str):
    httpserver.expect_request("/a").respond_with_data("", status, {"Location": "/b"})

    with pytest.raises(ActionFailed) as failure:
        asyncio.run(declared().run(call()))

    assert failure.value.kind == kind
    assert len(httpserver.log) == 1


@pytest.mark.parametrize("body", ['{"ok": false}', '{"ok": "yes"}', "{}", "no JSON"])
def test_what_is_not_clearly_a_success_fails(declared, call, httpserver: HTTPServer, body: str):
    httpserver.expect_request("/a").respond_with_data(body, content_type="application/json")

    with pytest.raises(ActionFailed) as failure:
        asyncio.run(declared(failed_when="response.json.ok != true").run(call()))

    assert failure.value.kind == "failed"
    assert failure.value.output["status"] == 200


def test_the_manifest_says_what_a_success_is(declared, call, httpserver: HTTPServer):
    httpserver.expect_request("/a").respond_with_json({"ok": True}, 418)

    assert asyncio.run(declared(failed_when="response.json.ok != true").run(call()))["status"] == 418


@pytest.mark.parametrize("values", [None, {}, {"other": "a"}])
def test_without_its_credentials_nothing_is_sent(declared, call, connection, httpserver: HTTPServer, values):
    action = declared(Manifest({}).connection)

    with pytest.raises(ActionFailed) as failure:
        asyncio.run(action.run(call(None if values is None else connection("declared", values, connector="vendor"))))

    assert failure.value.kind == "invalid"
    assert not httpserver.log


def test_the_credentials_of_another_connector_are_not_sent(declared, call, connection, httpserver: HTTPServer):
    with pytest.raises(ActionFailed, match="not one for the connector 'vendor'"):
        asyncio.run(declared(Manifest({}).connection).run(call(connection("bearer", {"token": "t0ken"}))))

    assert not httpserver.log


def test_credentials_are_no_templates_and_stand_in_no_message(declared, call, connection):
    action = declared(Manifest({}).connection)

    with pytest.raises(ActionFailed) as failure:
        asyncio.run(action.run(call(connection("declared", {"token": "{token}\nhunter2"}, connector="vendor"))))

    assert "hunter2" not in str(failure.value)


def test_an_address_without_a_host_stands_below_the_connections(declared, call, connection, httpserver: HTTPServer):
    httpserver.expect_request("/tenant/items/a/b").respond_with_data("")
    action = declared(Manifest({}).connection, inputs={"id": {}}, request={"url": "/items/${{ inputs.id }}"})
    credentials = connection(
        "declared", {"token": "t0ken"}, connector="vendor", base_url=httpserver.url_for("/tenant/")
    )

    assert asyncio.run(action.run(call(credentials, id="a/b")))["status"] == 200

    assert httpserver.log[0][0].environ["RAW_URI"] == "/tenant/items/a%2Fb"


@pytest.mark.parametrize(
    ("manifest", "complaint"),
    [
        ({"request": {"url": "https://${{ inputs.host }}/"}}, r"vendor\.do: .*written out"),
        ({"request": {"url": "/a"}}, r"vendor\.do: .*no host"),
        ({"request": {"url": "//evil.example/a"}}, r"vendor\.do: .*written out"),
        ({"request": {"method": "CONNECT"}}, r"vendor\.actions\.vendor\.do\.request\.method"),
        ({"request": {"json": "${{ inputs. }}"}}, r"vendor\.do"),
        ({"output": "${{ nonsense( }}"}, r"vendor\.do"),
        ({"failed_when": "response.status ="}, r"vendor\.do"),
        ({"inputs": {"a": {"type": "strin"}}}, r"vendor\.do"),
        ({"retries": 3}, r"vendor\.actions\.vendor\.do\.retries"),
        ({"connection": {"fields": {}, "sends": {"header": "X", "value": "{token}"}}}, "no field is named token"),
        ({"connection": {"fields": {}}}, r"vendor\.connection\.sends"),
    ],
)
def test_a_wrong_declaration_says_where(declare, manifest: dict[str, object], complaint: str):
    assert re.search(complaint, declare(**manifest).mistakes()["vendor"])
