"""Nameservers from files of the form of /etc/resolv.conf."""

import pytest

from fedresolver.upstream.resolv_conf import Nameservers, nameservers


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("", ()),
        ("search svc.cluster.local\noptions ndots:5\n", ()),
        ("nameserver 10.96.0.10\nsearch example.org\n", ("10.96.0.10",)),
        ("nameserver\t192.0.2.1  \n\n  nameserver   2001:db8::1\r\n", ("192.0.2.1", "2001:db8::1")),
        ("nameserver fe80::1%eth0\n", ("fe80::1%eth0",)),
        ("# nameserver 192.0.2.1\n;nameserver 192.0.2.2\nnameserver 192.0.2.3 # mine\n", ("192.0.2.3",)),
        ("nameserver 192.0.2.1#53\nnameserver 192.0.2.2;53\n", ("192.0.2.1", "192.0.2.2")),
        ("nameserver 192.0.2.1 192.0.2.2\n", ("192.0.2.1",)),
        ("nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.1\n", ("192.0.2.1", "192.0.2.2")),
        ("nameservers 192.0.2.1\nNameserver 192.0.2.2\n", ()),
        ("nameserver 192.0.2.1", ("192.0.2.1",)),
        ("".join(f"nameserver 192.0.2.{n}\n" for n in range(20)), tuple(f"192.0.2.{n}" for n in range(20))),
    ],
)
def test_nameservers(text, addresses):
    assert nameservers(text, "f") == Nameservers(addresses)


def test_lines_that_are_wrong_are_left_out_and_told():
    text = "nameserver dns.google\nnameserver 192.0.2.1\nnameserver\nnameserver 192.0.2.300\n"
    assert nameservers(text, "/etc/resolv.conf") == Nameservers(
        ("192.0.2.1",),
        (
            "/etc/resolv.conf:1: `dns.google` is no IP address; the line is left out",
            "/etc/resolv.conf:3: nameserver has no address; the line is left out",
            "/etc/resolv.conf:4: `192.0.2.300` is no IP address; the line is left out",
        ),
    )
