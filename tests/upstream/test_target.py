"""What an upstream may be written as."""

import pytest

from fedresolver.config.errors import StanzaError
from fedresolver.config.lexer import Token
from fedresolver.plugins.forward.nameservers import read_nameservers
from fedresolver.upstream.resolv_conf import Nameservers
from fedresolver.upstream.target import Target, server_name, targets


def token(text):
    return Token(text, "etc/Corefile", 7)


def nothing(path):
    raise FileNotFoundError(path)


@pytest.mark.parametrize(
    ("text", "target", "shown"),
    [
        ("192.0.2.1", Target("192.0.2.1", 53), "192.0.2.1:53"),
        ("192.0.2.1:5300", Target("192.0.2.1", 5300), "192.0.2.1:5300"),
        ("2001:db8::1", Target("2001:db8::1", 53), "[2001:db8::1]:53"),
        ("[2001:DB8:0::1]", Target("2001:db8::1", 53), "[2001:db8::1]:53"),
        ("[2001:db8::1]:5300", Target("2001:db8::1", 5300), "[2001:db8::1]:5300"),
        ("fe80::1%eth0", Target("fe80::1%eth0", 53), "[fe80::1%eth0]:53"),
        ("[fe80::1%eth0]:5300", Target("fe80::1%eth0", 5300), "[fe80::1%eth0]:5300"),
        ("dns://192.0.2.1", Target("192.0.2.1", 53), "192.0.2.1:53"),
        ("dns://[fe80::1%eth0]:54", Target("fe80::1%eth0", 54), "[fe80::1%eth0]:54"),
        ("tls://9.9.9.9", Target("9.9.9.9", 853, True), "tls://9.9.9.9:853"),
        ("tls://9.9.9.9:8853", Target("9.9.9.9", 8853, True), "tls://9.9.9.9:8853"),
        ("tls://2620:fe::fe", Target("2620:fe::fe", 853, True), "tls://[2620:fe::fe]:853"),
        ("tls://[2620:fe::fe]:443", Target("2620:fe::fe", 443, True), "tls://[2620:fe::fe]:443"),
        ("tls://9.9.9.9%DNS.Quad9.net.", Target("9.9.9.9", 853, True, "dns.quad9.net"), "tls://9.9.9.9:853"),
        ("tls://9.9.9.9%dns.quad9.net:8853", Target("9.9.9.9", 8853, True, "dns.quad9.net"), "tls://9.9.9.9:8853"),
        ("tls://2620:fe::fe%dns.quad9.net", Target("2620:fe::fe", 853, True, "dns.quad9.net"), "tls://[2620:fe::fe]:853"),
        ("tls://[2620:fe::fe%dns.quad9.net]:443", Target("2620:fe::fe", 443, True, "dns.quad9.net"), "tls://[2620:fe::fe]:443"),
        ("tls://fe80::1%eth0", Target("fe80::1%eth0", 853, True), "tls://[fe80::1%eth0]:853"),
        ("tls://[fe80::1%eth0]:443", Target("fe80::1%eth0", 443, True), "tls://[fe80::1%eth0]:443"),
        ("tls://[fe80::1%eth0%dns.example]:443", Target("fe80::1%eth0", 443, True, "dns.example"), "tls://[fe80::1%eth0]:443"),
    ],
)  # fmt: skip
def test_addresses(text, target, shown):
    (found,) = targets(token(text), nothing)
    assert (found, str(found)) == (target, shown)


@pytest.mark.parametrize(
    ("text", "wrong", "right"),
    [
        ("dns.google", "`dns.google` is no IP address, and there is no such file", "write an address"),
        ("dns.google:53", "`dns.google:53` is no IP address, and there is no such file", "write an address"),
        ("./away", "`./away` is no IP address, and there is no such file", "resolv.conf"),
        ("/etc/away.conf", "`/etc/away.conf` is no IP address, and there is no such file", "resolv.conf"),
        (":53", "`:53` is no IP address, and there is no such file", "write an address"),
        ("", "`` is no host and port", "HOST:PORT"),
        ("192.0.2.1:0", "the port of `192.0.2.1:0` is 0", "write one from 1 to 65535"),
        ("tls://192.0.2.1:0", "the port of `tls://192.0.2.1:0` is 0", "or none"),
        ("192.0.2.1:65536", "the port of `192.0.2.1:65536` is no number from 0 to 65535", ""),
        ("192.0.2.1:", "the port of `192.0.2.1:` is no number", ""),
        ("192.0.2.1%eth0", "the host of `192.0.2.1%eth0` has the character `%`", ""),
        ("tls://dns.google", "`tls://dns.google` has no IP address", "write its address, as tls://192.0.2.1"),
        ("dns://", "`` is no host and port", ""),
        ("tls:///etc/resolv.conf", "`tls:///etc/resolv.conf` has no IP address", "write its address"),
        ("https://192.0.2.1/dns-query", "an upstream is not asked by `https://`", "tls://ADDRESS"),
        ("grpc://192.0.2.1", "an upstream is not asked by `grpc://`", "or an address alone"),
        ("TLS://192.0.2.1", "an upstream is not asked by `TLS://`", "tls://ADDRESS"),
        ("tls://192.0.2.1%", "`` is no name of a server", "write a host name"),
        ("tls://192.0.2.1%a..b", "`a..b` is no name of a server", "write a host name"),
        ("tls://192.0.2.1%a%b", "the host of `192.0.2.1%a` has the character `%`", ""),
        ("tls://192.0.2.1%a%", "`` is no name of a server", ""),
    ],
)
def test_what_is_no_upstream_is_told_with_its_place(text, wrong, right):
    with pytest.raises(StanzaError) as error:
        targets(token(text), nothing)
    assert str(error.value).startswith("etc/Corefile:7: ")
    assert error.value.wrong.startswith(wrong)
    assert right in error.value.right


@pytest.mark.parametrize("name", ["/etc/resolv.conf", "resolv.conf", "./odd name%"])
def test_a_file_stands_for_its_nameservers(name):
    asked = []

    def read(path):
        asked.append(path)
        return Nameservers(("192.0.2.1", "fe80::1%eth0"))

    assert targets(token(name), read) == (Target("192.0.2.1"), Target("fe80::1%eth0"))
    assert asked == [name if name.startswith("/") else f"etc/{name}"]


def test_a_file_without_nameservers_is_no_upstream():
    with pytest.raises(StanzaError, match=r"`etc/empty` names no nameserver; write `nameserver ADDRESS` lines into it"):
        targets(token("empty"), lambda path: Nameservers())


def test_a_file_that_cannot_be_read():
    with pytest.raises(StanzaError, match="cannot read `/`: Is a directory"):
        targets(token("/"), read_nameservers)


@pytest.mark.parametrize(
    ("text", "name"), [("dns.example", "dns.example"), ("DNS.Example.", "dns.example"), ("a_b.c-d.x1", "a_b.c-d.x1")]
)
def test_names_of_servers(text, name):
    assert server_name(token(text)) == name


@pytest.mark.parametrize(
    "text",
    ["", ".", "-a.example", "a.example-", "a..b", "192.0.2.1", "2001:db8::1", "ä.example", "a b", "a" * 64, "a." * 128],
)
def test_what_is_no_name_of_a_server(text):
    with pytest.raises(StanzaError, match="is no name of a server; write a host name"):
        server_name(token(text))
