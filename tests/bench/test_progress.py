"""How far the benchmark has come."""

from io import StringIO

from rich.console import Console

from tests.bench.progress import Course


def test_the_bar_only_goes_on_and_every_system_stays_within_its_share():
    course, seen = Course(Console(file=StringIO()), systems=2), []

    for name in ("first", "second"):
        course.begin(name)
        seen.append(course.completed)
        for _ in range(100):
            course.say("measures")
            seen.append(course.completed)

    assert seen == sorted(seen)
    assert [seen[0], seen[101]] == [0, 1]
    assert seen[-1] <= 2
