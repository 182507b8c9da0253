import pytest

from engine.authentication.secret import SecretSpec
from engine.errors import Rejected
from engine.words import Reason

SHAPES = [
    SecretSpec(),
    SecretSpec(prefix="whsec_"),
    SecretSpec(prefix="whsec_", encoding="base64", at_least=24),
    SecretSpec(encoding="hex"),
]


@pytest.mark.parametrize("spec", SHAPES)
def test_a_new_secret_has_256_bits_and_the_right_look(spec: SecretSpec) -> None:
    first, second = spec.generate(), spec.generate()

    assert first != second
    assert spec.warning(first) is None
    assert len(spec.decode(first) or b"") >= 32


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", "does not start with 'whsec_'"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "not base64"),
        ("whsec_MfKQ9r8GKYqr", "short"),
    ],
)
def test_a_secret_that_looks_wrong_is_warned_of_without_being_shown(secret: str, words: str) -> None:
    warning = SecretSpec(prefix="whsec_", encoding="base64", at_least=24).warning(secret)

    assert warning is not None
    assert words in warning
    assert secret not in warning


def test_a_text_secret_is_a_key_as_it_stands() -> None:
    assert SecretSpec(prefix="whsec_").decode("whsec_abc") == b"whsec_abc"


def test_a_prefix_alone_is_no_key() -> None:
    spec = SecretSpec(prefix="whsec_")

    with pytest.raises(Rejected) as refused:
        spec.keys({"secret": ("whsec_",)})

    assert refused.value.reason is Reason.NO_SECRET


def test_the_prefix_of_a_decoded_secret_may_be_missing() -> None:
    spec = SecretSpec(prefix="whsec_", encoding="base64")

    assert spec.decode("whsec_YWJj") == spec.decode("YWJj") == b"abc"


def test_a_secret_in_base64_can_be_written_in_either_alphabet() -> None:
    spec = SecretSpec(encoding="base64")

    assert spec.decode("-_8=") == spec.decode("+/8=") == b"\xfb\xff"


def test_one_secret_that_cannot_be_decoded_does_not_hide_the_others() -> None:
    spec = SecretSpec(name="key", encoding="hex")

    assert spec.keys({"key": ["no hex", "6162"]}) == [b"ab"]
