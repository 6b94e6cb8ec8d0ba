import asyncio
import logging

import pytest

from fedresolver.plugins.cookie.secrets import Drawn, Filed
from tests.support.clock import virtual_loop

A, B, C = "0123456789abcdef" * 2, "fedcba9876543210" * 2, "00" * 16


def test_drawn_secrets_follow_each_other_and_the_last_one_still_holds():
    passed, drawn = [0.0], iter((b"a", b"b", b"c"))
    secrets = Drawn(100, lambda: passed[0], lambda size: next(drawn))
    seen = []
    for passed[0] in (0.0, 99.0, 100.0, 199.0, 1000.0, 1001.0):
        seen.append(secrets.secrets())
    assert seen == [(b"a",), (b"a",), (b"b", b"a"), (b"b", b"a"), (b"c", b"b"), (b"c", b"b")]


def test_what_is_drawn_is_drawn_at_random():
    one, other = (Drawn(100, lambda: 0.0).secrets() for _ in range(2))
    assert one != other
    assert [len(secret) for secret in one + other] == [16, 16]


def texts(filed):
    return [secret.hex() for secret in filed.secrets()]


def test_a_file_has_one_on_each_line(tmp_path):
    path = tmp_path / "secrets"
    path.write_text(f"# the newest\n{A}  # of May\n\n {B.upper()}\r\n")
    filed = Filed(str(path), 0)
    filed.load()
    assert texts(filed) == [A, B]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("", "it has 0 secrets; 1 to 4 can hold at a time"),
        ("\n".join([A] * 5), "it has 5 secrets; 1 to 4 can hold at a time"),
        (f"{A}\n{B[1:]}", "line 2 is not 32 hexadecimal digits"),
        (f"{A}{B}", "line 1 is not 32 hexadecimal digits"),
        ("secret", "line 1 is not 32 hexadecimal digits"),
        (" " * 4097, "it has more than 4096 octets"),
        (None, "No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path, content, error):
    path = tmp_path / "secrets"
    if content is not None:
        path.write_text(content)
    with pytest.raises((OSError, ValueError)) as caught:
        Filed(str(path), 0).load()
    assert error in str(caught.value)
    assert B[1:] not in str(caught.value)


def test_a_file_is_read_again_when_it_has_changed(tmp_path, caplog):
    path = tmp_path / "secrets"
    path.write_text(A)
    with virtual_loop() as loop, caplog.at_level(logging.INFO):
        filed = Filed(str(path), 30, asyncio.sleep)
        filed.load()
        loop.run_until_complete(filed.start())
        seen = []
        for content in (None, f"{B}\n{A}\n", "damaged", None, f"{C}\n{B}\n"):
            if content is not None:
                path.write_text(content)
            loop.advance(31)
            seen.append(texts(filed))
        path.unlink()
        loop.advance(31)
        seen.append(texts(filed))
        loop.run_until_complete(filed.stop())
    assert seen == [[A], [B, A], [B, A], [B, A], [C, B], [C, B]]
    kept = f"{path} cannot be used, the secrets that were there before stay: "
    new = f"{path} has changed: new cookies are made with its first secret"
    assert caplog.messages == [
        new,
        kept + "line 1 is not 32 hexadecimal digits",
        new,
        kept + "No such file or directory",
    ]
