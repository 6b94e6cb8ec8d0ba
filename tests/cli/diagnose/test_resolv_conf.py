"""What a resolv.conf says."""

import pytest

from fedresolver.cli.diagnose.resolv_conf import ResolvConf, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ResolvConf(path="p")),
        ("nameserver 10.96.0.10\n", ResolvConf(path="p", nameservers=(("10.96.0.10", 53),))),
        ("nameserver 2001:db8::1 # one\n", ResolvConf(path="p", nameservers=(("2001:db8::1", 53),))),
        ("nameserver [192.0.2.1]:5353\n", ResolvConf(path="p", nameservers=(("192.0.2.1", 5353),))),
        ("nameserver dns.example\n", ResolvConf(path="p", odd=("dns.example",))),
        ("search a.example\nsearch B.example. c\n", ResolvConf(path="p", search=("b.example", "c"))),
        ("options timeout:1 ndots:5\n", ResolvConf(path="p", ndots=5)),
        ("options ndots:five\n; ndots:7\nsearch\n", ResolvConf(path="p")),
        (
            "nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n",
            ResolvConf(path="p", nameservers=tuple((f"192.0.2.{number}", 53) for number in (1, 2, 3))),
        ),
    ],
)
def test_a_file(text, expected):
    assert parse(text, "p") == expected
