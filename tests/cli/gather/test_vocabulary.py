"""Texts without secrets."""

import pytest

from fedresolver.cli.gather.vocabulary import Vocabulary

WORDS = Vocabulary(["gce-us-east1", "cart.shop.myfederation", "/var/lib/fedresolver/state"])


@pytest.mark.parametrize(
    "text",
    [
        "GET /api/v1/services: 401: Unauthorized",
        "192.0.2.9:6443: Connection refused",
        "certificate verify failed: self signed certificate",
        "[WARNING] plugin/federation: member gce-us-east1: dial: GET /api/v1/nodes: nothing came in time",
        "2026-11-25T22:44:57.123456789Z [INFO] listening on dns://[2001:db8::1]:53",
        "cart.shop.myfederation A: NXDOMAIN",
        "/var/lib/fedresolver/state cannot be written: No space left on device; it is tried again",
        "v1.34.4",
        "written 12s ago",
    ],
)
def test_what_is_known_is_kept(text):
    assert WORDS.clean(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("401: bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln is expired", "401: bearer *** is expired"),
        ("https://user:hunter2@192.0.2.1:443/", "***"),
        ("password=swordfish", "***"),
        ('token "s3cr3t-t0ken"', 'token "***"'),
        ("key 0123456789abcdef", "key ***"),
        ("aa:bb:cc", "***"),
        ("server-token-zone", "***"),
        ("\x1b[31mred", "***"),
        ("12345678901", "***"),
        ("www.fremd7.example", "***"),
    ],
)
def test_what_is_not_known_is_left_out(text, expected):
    assert WORDS.clean(text) == expected
