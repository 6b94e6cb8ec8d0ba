"""One token against the value that it is."""

from functools import partial
from ipaddress import ip_address as address
from ipaddress import ip_network as network

import pytest

from fedresolver.config.errors import StanzaError
from fedresolver.config.lexer import Token
from fedresolver.config.value import (
    cidr,
    dns_label,
    duration,
    host_port,
    integer,
    ip_address,
    one_of,
    path,
    zone,
    zones,
)

port_number = partial(integer, low=1, high=65535)
address_on_53 = partial(host_port, default_port=53)
on_or_off = partial(one_of, choices=("on", "off"))


def token(text, file="conf/Corefile"):
    return Token(text, file, 4)


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (duration, "30", 30),
        (duration, "0", 0),
        (duration, "0.5", 0.5),
        (duration, "30s", 30),
        (duration, "1m30s", 90),
        (duration, "1.5h", 5400),
        (duration, ".5s", 0.5),
        (duration, "2h45m", 9900),
        (duration, "100ms", 0.1),
        (duration, "500us", 0.0005),
        (duration, "500µs", 0.0005),
        (duration, "500μs", 0.0005),
        (duration, "20ns", 2e-8),
        (port_number, "1", 1),
        (port_number, "065535", 65535),
        (partial(integer, low=-5, high=5), "-5", -5),
        (cidr, "192.0.2.0/24", network("192.0.2.0/24")),
        (cidr, "192.0.2.7/24", network("192.0.2.0/24")),
        (cidr, "192.0.2.7", network("192.0.2.7/32")),
        (cidr, "2001:DB8::/32", network("2001:db8::/32")),
        (ip_address, "192.0.2.1", address("192.0.2.1")),
        (ip_address, "2001:db8::1", address("2001:db8::1")),
        (ip_address, "fe80::1%eth0", address("fe80::1%eth0")),
        (address_on_53, "192.0.2.1", ("192.0.2.1", 53)),
        (address_on_53, "192.0.2.1:5353", ("192.0.2.1", 5353)),
        (address_on_53, "::1", ("::1", 53)),
        (address_on_53, "[::1]", ("::1", 53)),
        (address_on_53, "[::1]:0", ("::1", 0)),
        (address_on_53, "[fe80::1%eth0]:53", ("fe80::1%eth0", 53)),
        (address_on_53, "dns.example.org", ("dns.example.org", 53)),
        (host_port, "localhost:9153", ("localhost", 9153)),
        (host_port, ":8080", ("", 8080)),
        (zone, "Example.org", "example.org."),
        (zone, "10.0.0.0/8", "10.in-addr.arpa."),
        (zones, "10.0.2.0/23", ("2.0.10.in-addr.arpa.", "3.0.10.in-addr.arpa.")),
        (dns_label, "gce-US-east1", "gce-us-east1"),
        (dns_label, "a" * 63, "a" * 63),
        (on_or_off, "off", "off"),
        (path, "zones/a", "conf/zones/a"),
        (path, "../a", "conf/../a"),
        (path, "/etc/a", "/etc/a"),
    ],
)
def test_value(read, text, value):
    assert read(token(text)) == pytest.approx(value) if isinstance(value, float) else read(token(text)) == value


def test_a_path_named_by_a_file_of_this_folder_stays_as_it_is():
    assert path(token("a", file="Corefile")) == "a"


A_DURATION = "write seconds, or a duration as 30s, 1m30s, 100ms"
HOST_AND_PORT = "is no host and port; write HOST:PORT, [IPV6]:PORT or :PORT"
A_LABEL = "is no DNS label; write letters, digits and `-`, at most 63, a letter or digit at both ends"
UNSET = "an environment variable that is not set is empty"


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (duration, "", f"`` is no duration; {A_DURATION}"),
        (duration, "-5s", f"`-5s` is negative; {A_DURATION}"),
        (duration, "5x", f"`5x` is no duration; {A_DURATION}"),
        (duration, "1m30", f"`1m30` is no duration; {A_DURATION}"),
        (duration, "nan", f"`nan` is no duration; {A_DURATION}"),
        (duration, "1e3", f"`1e3` is no duration; {A_DURATION}"),
        (duration, "٣s", f"`٣s` is no duration; {A_DURATION}"),
        (duration, "9" * 19, f"`{'9' * 19}` is no duration; {A_DURATION}"),
        (duration, "9" * 18, f"`{'9' * 18}` is longer than 100 years"),
        (port_number, "0", "`0` is no whole number from 1 to 65535"),
        (port_number, "65536", "`65536` is no whole number from 1 to 65535"),
        (port_number, "1.5", "`1.5` is no whole number from 1 to 65535"),
        (port_number, "٣", "`٣` is no whole number from 1 to 65535"),
        (port_number, "9" * 5000, f"`{'9' * 60}...` is no whole number from 1 to 65535"),
        (cidr, "192.0.2.0/33", "`192.0.2.0/33` is no network; write ADDRESS/BITS, as 192.0.2.0/24 or 2001:db8::/32"),
        (cidr, "fe80::%1/64", "`fe80::%1/64` is no network; write ADDRESS/BITS, as 192.0.2.0/24 or 2001:db8::/32"),
        (ip_address, "example.org", "`example.org` is no IP address"),
        (host_port, "localhost", "`localhost` has no port; write HOST:PORT or [IPV6]:PORT"),
        (address_on_53, "", f"`` {HOST_AND_PORT}"),
        (address_on_53, "a:b:c", f"`a:b:c` {HOST_AND_PORT}"),
        (address_on_53, "[a]:53", f"`[a]:53` {HOST_AND_PORT}"),
        (address_on_53, "[192.0.2.1]:53", f"`[192.0.2.1]:53` {HOST_AND_PORT}"),
        (address_on_53, "a:", "the port of `a:` is no number from 0 to 65535"),
        (address_on_53, "a:65536", "the port of `a:65536` is no number from 0 to 65535"),
        (address_on_53, "[::1]:http", "the port of `[::1]:http` is no number from 0 to 65535"),
        (
            address_on_53,
            "a b:53",
            "the host of `a b:53` has the character ` `, which no host name holds; write \\DDD if it is meant",
        ),
        (zone, "a..b", "the zone `a..b` has a label of 0 octets; a label has 1 to 63"),
        (zone, "10.0.0.0/23", "`10.0.0.0/23` is 2 zones, where one is wanted"),
        (dns_label, "", f"`` {A_LABEL}"),
        (dns_label, "a.b", f"`a.b` {A_LABEL}"),
        (dns_label, "-a", f"`-a` {A_LABEL}"),
        (dns_label, "a" * 64, f"`{'a' * 60}...` {A_LABEL}"),
        (on_or_off, "of", "`of` is not known here; did you mean `off`?"),
        (on_or_off, "1", "`1` is not known here; known here: `off`, `on`"),
        (path, "", f"the path is empty; {UNSET}"),
    ],
)
def test_value_refuses(read, text, message):
    with pytest.raises(StanzaError) as caught:
        read(token(text))
    assert str(caught.value) == f"conf/Corefile:4: {message}"
