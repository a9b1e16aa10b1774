"""The rules for a new password."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.directory.password import MAX_PASSWORD, PASSWORD_LEAST, require_password
from incident.core.values.faults import RuleError


def code_of(password: str, own_words: tuple[str, ...] = ()) -> str:
    """Return the code with which a password is refused."""
    with pytest.raises(RuleError) as refused:
        require_password(password, own_words)
    return refused.value.code


@pytest.mark.parametrize(
    "password", ["a long enough password", "correct horse battery", "四个 不相干 的 词语 在一起", "hT7#kk2!pQz9"]
)
def test_a_password_that_is_hard_to_guess_is_taken(password: str) -> None:
    assert require_password(password) == password


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "123456789012",
        "qwertyuiop123",
        "administrator1",
        "1qaz2wsx3edc",
        "iloveyou1234",
        "密码" * 6,
        "a" * 200,
    ],
)
def test_a_common_or_regular_password_is_refused(password: str) -> None:
    assert code_of(password) == "password.guessable"


def test_the_own_name_does_not_make_a_password_harder_to_guess() -> None:
    assert code_of("zhangweiming1", ("zhangweiming", "Zhang")) == "password.guessable"


def test_too_short_and_too_long_are_refused_before_anything_is_judged() -> None:
    assert code_of("x" * (PASSWORD_LEAST - 1)) == "password.short"
    assert code_of("x" * (MAX_PASSWORD + 1)) == "password.long"


@given(st.text(max_size=80), st.lists(st.text(max_size=20), max_size=3))
def test_whatever_is_typed_is_taken_or_refused(password: str, own_words: list[str]) -> None:
    with suppress(RuleError):
        assert require_password(password, own_words) == password
