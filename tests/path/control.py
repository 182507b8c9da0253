"""What the tests of steps made of others share: actions that fail, what was said, and a crash."""

from engine.actions.action import Call
from engine.errors import ActionFailed

#: An ``on_error`` that says at which step, and goes on.
SEEN_TO = """
    on_error:
      then: continue
      steps: [{id: say, uses: test.act, with: {n: '${{ error.step }}'}}]
"""


def said(play):
    return [call.inputs["n"] for call in play.calls]


def fails(*wanted):
    def script(call: Call):
        if call.inputs.get("n") in wanted:
            raise ActionFailed("failed", f"{call.inputs['n']} broke")
        return {"echo": call.inputs}

    return script


def crash(play, answered=0):
    """Play until so many tasks were answered, each in a commit of its own, let the others happen, and lose the walk."""
    walk, now = play.begin(), play.clock.now()
    play.commit(progress := walk.advance(now))
    tasks = list(progress.tasks)
    for _ in range(answered):
        task = tasks.pop(0)
        play.commit(progress := walk.advance(now, [(task, play.perform(task))]))
        tasks += progress.tasks
    for task in tasks:
        play.perform(task)
    return tasks
