"""An example of each key of a step."""

from engine.definitions.example import Example, HttpAnswer

_FINDING = {"finding": {"title": "SQL Injection", "severity": "critical", "asset": "Shop.example.com"}}
_UNAVAILABLE = HttpAnswer({"error": "try later"}, 503)

ID = Example(
    """\
- id: asset
  uses: core.set
  with: {values: {name: "${{ lower(event.data.finding.asset) }}"}}
- uses: core.log
  with: {message: "Asset ${{ steps.asset.output.name }}"}
""",
    data=_FINDING,
)
STEP_NAME = Example(
    """\
- id: note
  name: Note the finding
  uses: core.log
  with: {message: "${{ event.data.finding.title }}"}
""",
    data=_FINDING,
)
USES = Example(
    """\
- id: ticket
  uses: http.post
  with:
    url: https://tickets.example.com/api/issues
    json: {title: "${{ event.data.finding.title }}"}
""",
    data=_FINDING,
    answers=(HttpAnswer({"key": "SEC-1"}, 201),),
)
WITH = Example(
    """\
- id: line
  uses: core.log
  with:
    level: warning
    message: ${{ event.data.finding.title }} on ${{ event.data.finding.asset }}
""",
    data=_FINDING,
)
CONNECTION = Example(
    """\
- id: ticket
  uses: http.get
  connection: tickets
  with: {url: "https://tickets.example.com/api/issues/SEC-1"}
""",
    answers=(HttpAnswer({"key": "SEC-1", "state": "open"}),),
)
GROUP = Example(
    """\
- id: prepare
  steps:
    - id: asset
      uses: core.set
      with: {values: {name: "${{ lower(event.data.finding.asset) }}"}}
    - uses: core.log
      with: {message: "Asset ${{ steps.asset.output.name }}"}
- uses: core.log
  with: {message: "Again ${{ steps.prepare.output.asset.output.name }}"}
""",
    data=_FINDING,
)
PARALLEL = Example(
    """\
- id: look
  parallel:
    - id: owner
      steps:
        - {id: found, uses: core.set, with: {values: {owner: team-shop}}}
    - id: network
      if: ends_with(lower(event.data.finding.asset), '.internal')
      steps:
        - {uses: core.log, with: {message: An internal host}}
- uses: core.log
  with: {message: "Owned by ${{ steps.look.output.owner.output.found.output.owner }}"}
""",
    data=_FINDING,
)
SWITCH = Example(
    """\
- id: route
  switch: event.data.finding.severity
  cases:
    critical:
      - {uses: core.log, with: {level: error, message: Page somebody}}
    high:
      - {uses: core.log, with: {level: warning, message: Open a ticket}}
  else:
    - {uses: core.log, with: {message: Nothing to do}}
""",
    data=_FINDING,
)
CASES = Example(
    """\
- id: answer
  switch: event.data.count
  cases:
    0:
      - {id: none, uses: core.set, with: {values: {text: nothing}}}
    1:
      - {id: one, uses: core.set, with: {values: {text: one}}}
""",
    data={"count": 1},
)
IF = Example(
    """\
- id: serious
  if: event.data.finding.severity in ['high', 'critical']
  uses: core.log
  with: {message: "${{ event.data.finding.title }}"}
- id: internal
  if: {left: event.data.finding.asset, op: ends_with, right: .internal}
  uses: core.log
  with: {message: An internal host}
""",
    data=_FINDING,
)
ELSE = Example(
    """\
- id: serious
  if: event.data.finding.severity == 'critical'
  uses: core.log
  with: {level: error, message: Page somebody}
  else:
    - uses: core.log
      with: {message: Another finding}
""",
    data={"finding": {"severity": "low"}},
)
FOR_EACH = Example(
    """\
- id: asset
  for_each: ${{ event.data.assets }}
  uses: core.set
  with: {values: {number: "${{ loop.index }}", name: "${{ upper(item) }}"}}
""",
    data={"assets": ["shop", "mail"]},
)
AS = Example(
    """\
- id: close
  for_each: ${{ event.data.sessions }}
  as: session
  uses: core.set
  with: {values: {closed: "${{ session.id }}"}}
""",
    data={"sessions": [{"id": "s1"}, {"id": "s2"}]},
)
AT_ONCE = Example(
    """\
- id: close
  for_each: ${{ event.data.sessions }}
  at_once: 5
  uses: http.delete
  with: {url: "https://idp.example.com/sessions/${{ item }}"}
""",
    data={"sessions": ["s1", "s2"]},
    answers=(HttpAnswer(status=204), HttpAnswer(status=204)),
)
WHILE = Example(
    """\
- id: scan
  while: loop.index == 0 or loop.previous.ask.output.body.state != 'done'
  max: 60
  steps:
    - id: ask
      uses: http.get
      with: {url: "https://scanner.example.com/scans/${{ event.data.scan }}"}
    - id: pause
      if: steps.ask.output.body.state != 'done'
      uses: core.wait
      with: {for: 1m}
""",
    data={"scan": "17"},
    answers=(HttpAnswer({"state": "running"}), HttpAnswer({"state": "done"})),
)
MAX = Example(
    """\
- id: repeat
  while: event.data.again
  max: 2
  steps:
    - {uses: core.log, with: {message: "Turn ${{ loop.index }}"}}
  on_error: continue
""",
    data={"again": True},
)
RETRY = Example(
    """\
- id: ticket
  uses: http.post
  with: {url: "https://tickets.example.com/api/issues", json: {title: Down}}
  retry: {attempts: 4, wait: 2s, factor: 3, when: [timeout, connection, http_429, http_5xx]}
""",
    answers=(_UNAVAILABLE, HttpAnswer({"key": "SEC-1"}, 201)),
)
STEP_TIMEOUT = Example(
    """\
- id: pause
  uses: core.wait
  with: {for: 1d}
  timeout: 5m
  on_error: continue
- uses: core.log
  with: {message: "It was ${{ steps.pause.error.kind }}"}
""",
)
ON_ERROR = Example(
    """\
- id: ticket
  uses: http.post
  with: {url: "https://tickets.example.com/api/issues", json: {title: Down}}
  on_error:
    steps:
      - uses: core.log
        with: {level: warning, message: "No ticket: ${{ error.message }}"}
    then: continue
""",
    answers=(_UNAVAILABLE,),
)
DISABLED = Example(
    """\
- id: page
  disabled: true
  uses: http.post
  with: {url: "https://pager.example.com/alerts", json: "${{ event.data.finding }}"}
""",
    data=_FINDING,
)
KEEP_OUTPUT = Example(
    """\
- id: person
  keep_output: false
  uses: http.get
  with: {url: "https://people.example.com/ann"}
- uses: core.log
  with: {message: "Her manager is ${{ steps.person.output.body.manager }}"}
""",
    answers=(HttpAnswer({"manager": "bob", "born": "1990-01-01"}),),
)
EFFECT = Example(
    """\
- id: pay
  effect: once
  uses: http.post
  with: {url: "https://bank.example.com/payments", json: {amount: 100}}
""",
    answers=(HttpAnswer({"payment": "p1"}, 201),),
)
