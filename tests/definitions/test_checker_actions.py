"""What the checker says of actions and of what they are given."""

import pytest


@pytest.mark.parametrize(
    ("step", "remark"),
    [
        ("uses: core.lgo", "4:9 there is no action `core.lgo`; did you mean `core.log`?"),
        (
            "{uses: core.code, with: {code: 'x = ${{ event.id }}'}}",
            "4:34 `code` takes no `${{ }}`: data never becomes code; hand it over by `inputs`",
        ),
        ("{uses: core.code, with: {code: 'x = 1 )'}}", "4:41 `code`: there is a `)` too many"),
        ("{uses: core.code, with: {code: 5}}", "4:34 `code` is a number, and must be text"),
        ("uses: http.post", "4:3 `http.post` needs the input `url`"),
        ("{uses: http.post, with: {json: 1}}", "4:27 `http.post` needs the input `url`"),
        ("{uses: core.log, with: {message: 1, lvel: a}}", "4:39 `core.log` has no input `lvel`"),
        ("{uses: http.post, with: {url: 5}}", "4:33 `url` is a number, and must be text"),
        ("{uses: http.post, with: {url: a, headers: 'x ${{ 1 }}'}}", "4:45 `headers` is text, and must be a mapping"),
        ("{uses: core.wait, with: {for: 30}}", "4:33 `for`: needs a unit: write 30s, 30m, 30h or 30d"),
        ("{uses: core.wait, with: {until: soon}}", "4:35 `until`: Invalid isoformat string: 'soon'"),
        ("{uses: core.log, with: {message: 1}, connection: okta}", "4:40 `core.log` takes no connection"),
        ("uses: okta.restore", "4:3 `okta.restore` needs `connection:`, the name of the credentials to call with"),
        (
            "{uses: core.approve, with: {title: Go on?}, retry: {attempts: 2}}",
            "4:47 `core.approve` takes no `retry`: it waits once, and `on_error` can see to the end of its time",
        ),
        (
            "{uses: core.run_workflow, with: {workflow: w}, retry: {attempts: 2}}",
            "4:57 `core.run_workflow` is tried again when the other run has failed: write `when: [failed]`",
        ),
        ("{uses: core.log, with: 5}", "4:26 `with` must be a mapping, and this is a number"),
    ],
)
def test_a_wrong_use_is_told_where_it_stands(remarks_on_steps, step, remark):
    assert remarks_on_steps(f"- {step}") == [remark]


@pytest.mark.parametrize(
    "inputs",
    [
        "{url: 'https://example.com/${{ event.id }}', follow: '${{ vars }}'}",
        "{url: '${{ event.data.url }}', headers: '${{ event.data.headers }}'}",
        "{url: a, headers: {x-id: '${{ event.id }}'}, follow: true, json: [1, {a: null}]}",
    ],
)
def test_what_will_be_filled_in_is_not_judged_by_its_text(remarks_on_steps, inputs):
    assert not [remark for remark in remarks_on_steps(f"- {{uses: http.post, with: {inputs}}}") if "must be" in remark]


def test_a_length_of_time_without_unit_is_a_mistake_in_an_input_too(remarks_on_steps):
    (found,) = remarks_on_steps("- {uses: core.wait, with: {for: '30'}}")

    assert "'30' is no length of time: write a number with its unit" in found


def test_a_connection_is_given_to_an_action_that_takes_one(workflow):
    (step,) = workflow("- {uses: okta.suspend, connection: okta-production}").steps

    assert step.connection == "okta-production"


def test_a_mistake_within_a_block_of_code_is_told_in_its_own_line(remarks_on_steps):
    steps = """
        - uses: core.code
          with:
            code: |
              x = 1
              y = x )
    """

    assert remarks_on_steps(steps) == ["9:13 `code`: there is a `)` too many"]


MAIL = "{uses: email.send, connection: mail, with: {subject: a, WITH}}"


@pytest.mark.parametrize(
    ("inputs", "remark"),
    [
        ("to: a@example.com", "4:40 the message needs `text`, `html` or both"),
        ("text: a, to: ann", "4:68 `to`: 'ann' is no address such as ann@example.com"),
        ("text: a, to: a@example.com, cc: [b@example.com, ben]", "4:87 `cc`: 'ben' is no address such as"),
    ],
)
def test_a_message_that_nobody_can_send_is_told(remarks_on_steps, inputs, remark):
    (found,) = remarks_on_steps(f"- {MAIL.replace('WITH', inputs)}")

    assert found.startswith(remark)


def test_a_subject_of_two_lines_is_told(remarks_on_steps):
    step = MAIL.replace("subject: a", 'subject: "a\\nb"').replace("WITH", "text: a, to: a@example.com")

    (found,) = remarks_on_steps(f"- {step}")

    assert "`subject`: it holds a line break" in found


@pytest.mark.parametrize("to", ["'${{ event.data.to }}'", "[a@example.com, 'b@${{ event.data.host }}']"])
def test_a_message_that_is_filled_in_is_judged_when_it_is_sent(remarks_on_steps, to):
    found = remarks_on_steps(f"- {MAIL.replace('WITH', f'html: a, to: {to}')}")

    assert [one for one in found if "the trigger's schema" not in one] == []
