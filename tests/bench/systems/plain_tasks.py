"""What one writes with Celery alone: a task for each finding, and a commit after each of its five steps.

As its documentation advises for work that may not be lost, a message is acknowledged when the task has ended, and given
back when the worker dies; what a journal says is done is not done again.

Source: https://docs.celeryq.dev/en/stable/userguide/tasks.html, https://docs.celeryq.dev/en/stable/userguide/optimizing.html

Run as ``python -m tests.bench.systems.plain_tasks NUMBER`` it hands over so many findings, and prints when it began, in
microseconds since 1970, and the processor seconds that it took.
"""

import json
import os
import sys
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import psycopg
from celery import Celery

from tests.bench.finding import BODY, ID
from tests.bench.request import identities

#: Variables that hold the addresses of RabbitMQ and PostgreSQL, and the name of the queue.
BROKER, DATABASE, QUEUE = "FINDINGS_BROKER", "FINDINGS_DATABASE", "FINDINGS_QUEUE"

TABLES = """
CREATE TABLE runs (id text PRIMARY KEY, started_at bigint NOT NULL, finished_at bigint);
CREATE TABLE journal (
    run_id text NOT NULL REFERENCES runs,
    step text NOT NULL,
    output text NOT NULL,
    finished_at bigint NOT NULL,
    PRIMARY KEY (run_id, step)
);
"""

Finding = Mapping[str, Any]
Outputs = dict[str, str]

app = Celery("findings", broker=os.environ.get(BROKER))
app.conf.update(
    task_default_queue=os.environ.get(QUEUE, "findings"),
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
)


def _title(finding: Finding, done: Outputs) -> str:
    return f"{finding['finding']['title']} on {finding['asset']['host']}"


def _link(finding: Finding, done: Outputs) -> str:
    return f"{done['title']}: {finding['finding']['url']}"


def _owner(finding: Finding, done: Outputs) -> str:
    return f"{done['link']}, for {finding['asset']['owner']}"


def _grade(finding: Finding, done: Outputs) -> str:
    return f"{finding['finding']['severity']}: {done['owner']}"


def _notice(finding: Finding, done: Outputs) -> str:
    return f"{done['grade']}, from {finding['scan']['profile']}"


STEPS = {"title": _title, "link": _link, "owner": _owner, "grade": _grade, "notice": _notice}


@app.task(name="findings.handle")  # type: ignore[untyped-decorator]  # Celery has no types
def handle(finding: Finding) -> None:
    """Do the steps that the journal does not have, with a commit for each."""
    connection, run_id = _connection(), finding["id"]
    done = _begin(connection, run_id)
    for name, step in STEPS.items():
        if name not in done:
            done[name] = step(finding, done)
            _record(connection, run_id, name, done)
            connection.commit()


def _begin(connection: psycopg.Connection, run_id: str) -> Outputs:
    rows = connection.execute("SELECT step, output FROM journal WHERE run_id = %s", [run_id]).fetchall()
    if not rows:
        insert = "INSERT INTO runs (id, started_at) VALUES (%s, %s) ON CONFLICT DO NOTHING"
        connection.execute(insert, [run_id, _now()])
    return dict(rows)


def _record(connection: psycopg.Connection, run_id: str, step: str, done: Outputs) -> None:
    connection.execute("INSERT INTO journal VALUES (%s, %s, %s, %s)", [run_id, step, done[step], _now()])
    if len(done) == len(STEPS):
        connection.execute("UPDATE runs SET finished_at = %s WHERE id = %s", [_now(), run_id])


@cache
def _connection() -> psycopg.Connection:
    """Return the connection of this process."""
    return psycopg.connect(os.environ[DATABASE])


def _now() -> int:
    return time.time_ns() // 1000


def main(number: int, run: str) -> None:
    """Hand over so many findings; run: beginning of their ids."""
    findings = [
        json.loads(BODY.replace(ID, identity)) for identity, _ in zip(identities(run), range(number), strict=False)
    ]
    began, before = _now(), time.process_time()
    for finding in findings:
        handle.delay(finding)
    sys.stdout.write(f"{began} {time.process_time() - before}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
