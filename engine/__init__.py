"""Wink's engine: from one inbound request to a finished, recorded run.

How a delivery travels::

    POST /webhooks/<path>
     web/rsgi.py              bytes in, HTTP out, on an event loop: no logic (web/hooks.py: the same for WSGI)
     engine/intake.py         is there room for it? else it is told to come again, before its body is read
     engine/path/receive.py   trigger? -> handshake? -> authenticate -> events -> one commit -> answer
       engine/authentication/   prove the sender            (pure: bytes in, verdict out)
       engine/definitions/      connector, workflow, schema (pure, but for reading files in catalog)
       engine/store/            the only SQLAlchemy: tables, ledger, journal, secrets, writer, migrations
     ---- the sender has its answer; everything below survives a crash ----
     engine/executors/        what runs the path below, and where: embedded (in this process), or bell (rings for others
                              by celery) and worker (hears it, and walks as embedded does); resting (nothing runs)
     engine/path/match.py     ask every workflow of the trigger; record the answer, also when it is no
     engine/path/run.py       walk the steps against the journal
     engine/path/step.py      one step: fill in, act, retry or not, record
       engine/actions/          the outside world: guard (SSRF), http, mail, core, waiting, code (sandbox), declared
       engine/language/         yaml12, expression, template, condition
     ---- beside it ----
     engine/doctor/           why a proof failed: what the signature would have been right for (pure; only when asked)
     engine/finder/           how a captured request is signed, and which connector it looks like (pure; when asked)
     engine/testing/          the tests of workflows: the same walk in memory, with actions that are stood in for

Layers, high to low; a module imports only from lower ones or its own package, and there are no cycles::

    cli > web > app > executors > emulation | testing > path > runtime > published > actions | finder
        > definitions | doctor > authentication | store > language
        > words errors clock redact ids settings, and what else stands alone

``tests/test_layers.py`` holds the code to this map. Why things are as they are: ``engine/decisions/``.
"""

__version__ = "0.1.0"
