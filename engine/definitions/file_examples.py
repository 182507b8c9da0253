"""An example of each key of a workflow file, of its ``on`` and of its ``limits``."""

from engine.definitions.example import Example, HttpAnswer
from engine.words import Outcome

_FINDING = {"finding": {"title": "SQL Injection", "severity": "critical", "asset": "Shop.example.com"}}
_UNAVAILABLE = HttpAnswer({"error": "try later"}, 503)

FILE_NAME = Example(
    """\
name: Say hello
on: {trigger: greetings}
steps:
  - uses: core.log
    with: {message: "Hello ${{ event.data.name }}"}
""",
    data={"name": "Ann"},
)
DESCRIPTION = Example(
    """\
name: Say hello
description: Logs a greeting for each event that brings a name.
on: {trigger: greetings}
steps:
  - uses: core.log
    with: {message: "Hello ${{ event.data.name }}"}
""",
    data={"name": "Ann"},
)
ON = Example(
    """\
name: Rescan an asset
on:
  trigger: scanner
  event: scanner.finding
  manual: true
steps:
  - uses: core.log
    with: {message: Scanning}
""",
    event="scanner.finding",
)
INPUTS = Example(
    """\
name: Rescan an asset
on: {manual: true}
inputs:
  asset: {type: string, required: true}
  depth: {type: integer, minimum: 1, maximum: 5, default: 1}
steps:
  - id: scan
    uses: core.set
    with: {values: {asset: "${{ inputs.asset }}", depth: "${{ inputs.depth }}"}}
""",
    inputs={"asset": "www"},
)
VARS = Example(
    """\
name: Ticket for a finding
on: {trigger: scanner}
vars:
  asset: ${{ lower(event.data.finding.asset) }}
steps:
  - id: title
    uses: core.set
    with: {values: {title: "${{ event.data.finding.title }} on ${{ vars.asset }}"}}
""",
    data=_FINDING,
)
LIMITS = Example(
    """\
name: Contain an account
on: {trigger: reports}
limits:
  timeout: 2h
  runs_per: ${{ event.data.account }}
  when_busy: queue
steps:
  - uses: core.log
    with: {message: "Containing ${{ event.data.account }}"}
""",
    data={"account": "ann"},
)
FILE_STEPS = Example(
    """\
name: Two steps
on: {trigger: greetings}
steps:
  - id: first
    uses: core.set
    with: {values: {greeting: "Hello ${{ event.data.name }}"}}
  - uses: core.log
    with: {message: "${{ steps.first.output.greeting }}"}
""",
    data={"name": "Ann"},
)
FILE_ON_ERROR = Example(
    """\
name: Tell somebody when it fails
on: {trigger: uploads}
steps:
  - id: quarantine
    uses: http.post
    with: {url: "https://files.example.com/quarantine", json: "${{ event.data }}"}
on_error:
  - uses: core.log
    with: {level: error, message: "${{ workflow.title }}: ${{ error.step }} failed: ${{ error.message }}"}
""",
    data={"file": "invoice.pdf"},
    answers=(_UNAVAILABLE,),
    outcome=Outcome.FAILED,
)
OUTPUTS = Example(
    """\
name: Add two numbers
on: {manual: true}
inputs: {a: {type: number, required: true}, b: {type: number, required: true}}
steps:
  - id: added
    uses: core.set
    with: {values: {sum: "${{ inputs.a + inputs.b }}"}}
outputs:
  sum: ${{ steps.added.output.sum }}
""",
    inputs={"a": 1, "b": 2},
)

TRIGGER = Example(
    """\
name: Log what comes
on: {trigger: [scanner, old-scanner]}
steps:
  - uses: core.log
    with: {message: "${{ event.type }} through ${{ trigger.name }}"}
""",
)
EVENT = Example(
    """\
name: Log closed pull requests
on: {trigger: github, event: "github.pull_request.*"}
steps:
  - uses: core.log
    with: {message: "${{ event.type }}"}
""",
    event="github.pull_request.closed",
)
ON_IF = Example(
    """\
name: Log serious findings
on:
  trigger: scanner
  if: event.data.finding.severity in ['high', 'critical']
steps:
  - uses: core.log
    with: {message: "${{ event.data.finding.title }}"}
""",
    data=_FINDING,
)
SCHEDULE = Example(
    """\
name: Weekly review
on:
  schedule: {cron: "0 8 * * 1", timezone: Europe/Zurich}
steps:
  - uses: core.log
    with: {message: "The review of ${{ run.scheduled_for }}"}
""",
    scheduled_for="2026-11-23T07:00:00Z",
)
SILENCE = Example(
    """\
name: Tell that the scanner is silent
on: {silence: scanner}
steps:
  - uses: core.log
    with: {message: "Nothing came through ${{ trigger.name }}"}
""",
    silence="scanner",
)
MANUAL = Example(
    """\
name: Say hello
on: {manual: true}
inputs: {name: {type: string, default: world}}
steps:
  - uses: core.log
    with: {message: "Hello ${{ inputs.name }}"}
""",
    inputs={"name": "Ann"},
)

RUN_TIMEOUT = Example(
    """\
name: Wait no longer than an hour
on: {trigger: reports}
limits: {timeout: 1h}
steps:
  - id: pause
    uses: core.wait
    with: {for: 1d}
""",
    outcome=Outcome.FAILED,
)
RUNS_PER = Example(
    """\
name: Contain an account, one run at a time
on: {trigger: reports}
limits: {runs_per: "${{ event.data.account }}"}
steps:
  - uses: core.log
    with: {message: "Containing ${{ event.data.account }}"}
""",
    data={"account": "ann"},
)
WHEN_BUSY = Example(
    """\
name: Rescan an asset, unless it is being scanned
on: {trigger: scanner}
limits: {runs_per: "${{ event.data.finding.asset }}", when_busy: skip}
steps:
  - uses: core.log
    with: {message: "Scanning ${{ event.data.finding.asset }}"}
""",
    data=_FINDING,
)
