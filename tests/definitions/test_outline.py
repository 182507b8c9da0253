"""A schema as people read it, and what differs between two."""

from engine.definitions.inference import infer
from engine.definitions.outline import differences, outline, size


def parts(schema):
    """Return the fields below the whole: {path: what it is}."""

    def below(part):
        return {each.path: each.nature for each in part.parts} | {
            path: nature for each in part.parts for path, nature in below(each).items()
        }

    return below(outline(schema))


def test_a_field_says_what_it_is_and_whether_it_is_always_there():
    schema = infer([{"n": 1, "who": {"mail": "a@example.com"}}, {"n": 1.5, "tags": ["x"]}])

    assert parts(schema) == {
        "event.data.n": "number",
        "event.data.who": "object, not always there",
        "event.data.who.mail": "text",
        "event.data.tags": "list, not always there",
        "event.data.tags[0]": "text",
    }


def test_a_field_keeps_its_format_its_examples_and_how_often_it_was_seen():
    (mail, extra) = outline(infer([{"mail": "a@example.com", "extra": 1}, {"mail": "b@example.com"}])).parts

    assert (mail.format, list(mail.examples), mail.seen) == ("email", ["a@example.com", "b@example.com"], None)
    assert (extra.seen, extra.kinds) == ("1 of 2", ("whole number",))


def test_what_can_be_several_things_says_all_of_them_with_their_parts():
    found = parts(infer([{"x": {"y": 1}}, {"x": [True]}]))

    assert set(found.pop("event.data.x").split(" or ")) == {"object", "list"}
    assert found == {"event.data.x.y": "whole number", "event.data.x[0]": "true or false"}


def test_odd_names_are_written_as_expressions_take_them():
    assert list(parts(infer([{"a-b": {"c d": 1}}]))) == ["event.data['a-b']", "event.data['a-b']['c d']"]


def test_differences_say_what_is_new_gone_and_changed():
    found = differences(infer([{"n": 1, "old": 1}]), infer([{"n": "x", "new": 1}]))

    assert [(each.path, each.kind, each.words) for each in found] == [
        ("event.data.n", "changed", "whole number → text"),
        ("event.data.new", "new", "whole number"),
        ("event.data.old", "gone", "whole number"),
    ]


def test_another_sample_of_the_same_shape_makes_no_difference():
    assert not differences(infer([{"n": 1}]), infer([{"n": 2}, {"n": 3}]))


def test_a_schema_of_anything_is_a_tree_of_one():
    assert size(outline({})) == 1
    assert outline({}).nature == "anything"
