from datetime import UTC, datetime
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.actions.address import compile_address
from engine.actions.url import read_url
from engine.errors import ActionFailed, ExpressionError, Invalid

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ADDRESS = compile_address("https://vendor.example/users/${{ inputs.user }}/keys?like=${{ inputs.like }}&n=1")


def fill(user: object, like: object = "a") -> str:
    return ADDRESS.fill({"inputs": {"user": user, "like": like}}, NOW)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("anna", "anna"),
        ("a/b", "a%2Fb"),
        ("a?b#c", "a%3Fb%23c"),
        ("a b&c=d", "a%20b%26c%3Dd"),
        ("%2e%2e", "%252e%252e"),
        ("größe", "gr%C3%B6%C3%9Fe"),
        ("\\..\\", "%5C..%5C"),
        (7, "7"),
        (-1.5, "-1.5"),
        (True, "true"),
    ],
)
def test_a_value_is_encoded_whole(value: object, written: str):
    assert fill(value) == f"https://vendor.example/users/{written}/keys?like=a&n=1"


@pytest.mark.parametrize("value", ["", ".", "..", None, [], {}, ["a"]])
def test_a_value_that_would_change_the_path_is_invalid(value: object):
    with pytest.raises(ActionFailed) as failure:
        fill(value)

    assert failure.value.kind == "invalid"


def test_two_values_cannot_make_dots_together():
    address = compile_address("https://vendor.example/a/${{ inputs.x }}${{ inputs.x }}/b")

    with pytest.raises(ActionFailed, match="another folder"):
        address.fill({"inputs": {"x": "."}}, NOW)


def test_a_value_that_is_not_there_is_invalid():
    with pytest.raises(ActionFailed) as failure:
        ADDRESS.fill({"inputs": {"user": "anna"}}, NOW)

    assert failure.value.kind == "invalid"


def test_one_hole_can_take_two_parts_of_a_value():
    address = compile_address(
        "https://vendor.example/${{ split(inputs.repository, '/')[0] }}/${{ split(inputs.repository, '/')[1] }}"
    )

    assert address.fill({"inputs": {"repository": "octo/wink"}}, NOW) == "https://vendor.example/octo/wink"


@pytest.mark.parametrize(
    "text",
    [
        "https://${{ inputs.host }}/a",
        "${{ inputs.url }}",
        "https://vendor.example${{ inputs.x }}/",
        "https:///a",
        "",
        "//a/b",
    ],
)
def test_a_host_that_is_not_written_out_is_invalid(text: str):
    with pytest.raises(Invalid, match="written out"):
        compile_address(text)


def test_a_hole_that_cannot_be_read_is_a_mistake():
    with pytest.raises(ExpressionError):
        compile_address("https://vendor.example/${{ inputs. }}")


@given(st.text(), st.text() | st.integers())
def test_whatever_the_values_are_host_path_and_query_keep_their_structure(user: str, like: str | int):
    try:
        url = read_url(fill(user, like))
    except ActionFailed:
        return

    assert url.origin_ascii == "https://vendor.example"
    assert [unquote(segment) for segment in url.path_segments or []] == ["users", user, "keys"]
    assert url.query_pairs == [("like", str(like)), ("n", "1")]


def test_an_address_without_a_host_stands_below_the_base_url_that_it_is_given():
    address = compile_address("/items/${{ inputs.id }}")

    filled = address.fill({"inputs": {"id": "x/.."}}, NOW, "https://vendor.example/t/")

    assert filled == "https://vendor.example/t/items/x%2F.."
