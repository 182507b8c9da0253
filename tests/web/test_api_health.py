"""What watches over Wink is told whether it lives and whether it can take deliveries."""

from sqlalchemy import text


def test_a_process_that_answers_is_alive(api):
    assert api.client.get("/healthz").json == {"status": "ok"}


def test_with_its_database_it_is_ready(api):
    answer = api.client.get("/readyz").json

    lone = {"broker": None, "workers": None, "reason": None, "oldest_due_seconds": 0}
    assert answer == {"status": "ok", "database": "ok", "migrations": "ok", **lone}


def test_with_the_tables_of_an_older_version_it_is_not_ready(api):
    _have_tables_of(api, "0001")

    response = api.client.get("/readyz")

    assert (response.status_code, response.content_type) == (503, "application/problem+json")


def test_with_those_of_a_newer_version_it_goes_on_as_it_is_replaced_next(api):
    _have_tables_of(api, "9999")

    response = api.client.get("/readyz")

    assert (response.status_code, response.json["status"], response.json["migrations"]) == (200, "ok", "newer")


def _have_tables_of(api, version):
    found = text("update alembic_version set version_num = :version").bindparams(version=version)
    api.engine.store.write(lambda connection: connection.execute(found))


def test_editors_get_the_schema_of_workflow_files(api):
    response = api.client.get("/schema/workflow.json")

    assert response.content_type == "application/schema+json"
    assert "core.log" in response.get_json(force=True)["$defs"]["action"]["enum"]


def test_editors_get_the_schema_of_connectors(api):
    response = api.client.get("/schema/connector.json")

    assert response.content_type == "application/schema+json"
    assert "auth" in response.get_json(force=True)["required"]


def test_whoever_opens_the_address_is_shown_the_way(api):
    assert api.client.get("/").location == "/login?next=/"
