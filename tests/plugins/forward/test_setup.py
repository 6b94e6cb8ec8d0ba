import pytest

from fedresolver.config.read import ConfigError
from fedresolver.plugins.forward.settings import Settings, Tls
from fedresolver.plugins.forward.setup import parse
from fedresolver.plugins.forward.told import told
from fedresolver.upstream.forwarding.checks import Checking
from fedresolver.upstream.forwarding.forwarder import Conduct
from fedresolver.upstream.forwarding.policy import Policy
from fedresolver.upstream.forwarding.upstream import Terms
from fedresolver.upstream.target import Target
from fedresolver.wire.const import Rcode
from fedresolver.wire.name import ROOT, from_text
from tests.support.setup import Surroundings, plugin, stanzas

HERE = (Target("192.0.2.1"),)
ALL = Settings(zones=(ROOT,), targets=HERE)


def settings(**more):
    return Settings(**{"zones": (ROOT,), "targets": HERE, **more})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("forward . 192.0.2.1", ALL, id="defaults"),
        pytest.param(
            "forward Example.ORG 192.0.2.1:5353 [2001:db8::1]:54 dns://192.0.2.3 tls://192.0.2.4",
            settings(
                zones=(from_text("example.org"),),
                targets=(
                    Target("192.0.2.1", 5353),
                    Target("2001:db8::1", 54),
                    Target("192.0.2.3"),
                    Target("192.0.2.4", 853, tls=True),
                ),
            ),
            id="targets",
        ),
        pytest.param("forward . 192.0.2.1 192.0.2.1", ALL, id="the same twice is one"),
        pytest.param(
            "forward 192.0.2.0/24 192.0.2.1", settings(zones=(from_text("2.0.192.in-addr.arpa"),)), id="a network"
        ),
        pytest.param(
            "forward . 192.0.2.1 {\nexcept a.example b.example\nexcept 10.0.0.0/8\n}",
            settings(excluded=tuple(map(from_text, ("a.example", "b.example", "10.in-addr.arpa")))),
            id="except",
        ),
        pytest.param(
            "forward . 192.0.2.1 {\nforce_tcp\nexpire 20s\nmax_fails 0\n}",
            settings(terms=Terms(streams_only=True, expire=20, max_fails=0)),
            id="terms",
        ),
        pytest.param(
            "forward . 192.0.2.1 {\nhealth_check 2s no_rec domain example.org\n}",
            settings(terms=Terms(checking=Checking(every=2, recursion=False, name=from_text("example.org")))),
            id="health check",
        ),
        pytest.param(
            "forward . 192.0.2.1 {\npolicy sequential\nmax_concurrent 1000\nrandomize_case\nfailover servfail REFUSED\n}",
            settings(
                conduct=Conduct(
                    policy=Policy.SEQUENTIAL,
                    max_concurrent=1000,
                    mixed_case=True,
                    failover=frozenset((Rcode.SERVFAIL, Rcode.REFUSED)),
                )
            ),
            id="conduct",
        ),
        pytest.param(
            "forward . 192.0.2.1 {\nnext NXDOMAIN\nnext_on_nodata\nprefer_udp\n}",
            settings(next=frozenset((Rcode.NXDOMAIN,)), next_on_nodata=True, prefer_udp=True),
            id="next",
        ),
        pytest.param(
            "forward . 192.0.2.1 {\ntls c.pem k.pem ca.pem\n}",
            settings(tls=Tls("/etc/x/c.pem", "/etc/x/k.pem", "/etc/x/ca.pem")),
            id="tls",
        ),
        pytest.param(
            "forward . 192.0.2.1 tls://192.0.2.1 tls://192.0.2.2%own.example.com {\ntls_servername Dns.Example.com\n}",
            settings(
                targets=(
                    Target("192.0.2.1"),
                    Target("192.0.2.1", 853, tls=True, server_name="dns.example.com"),
                    Target("192.0.2.2", 853, tls=True, server_name="own.example.com"),
                )
            ),
            id="tls_servername",
        ),
        pytest.param("forward . 192.0.2.1 {\nfailfast_all_unhealthy_upstreams\n}", ALL, id="what is always so"),
        pytest.param("forward . 192.0.2.1 {\ntls\n}", ALL, id="tls by the system's"),
        pytest.param("forward . 192.0.2.1 {\ntls /ca.pem\n}", settings(tls=Tls(ca="/ca.pem")), id="tls with a CA"),
        pytest.param(
            "forward . 192.0.2.1 {\ntls /c.pem /k.pem\n}", settings(tls=Tls("/c.pem", "/k.pem")), id="tls as a client"
        ),
    ],
)
def test_what_it_says(text, expected):
    (stanza,) = stanzas(text, "/etc/x/Corefile")
    assert parse(stanza) == expected


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("forward", "Corefile:2: `forward` takes 2 or more arguments, not 0; write `forward FROM TO...`"),
        ("forward .", "Corefile:2: `forward` takes 2 or more arguments, not 1; write `forward FROM TO...`"),
        ("forward . 192.0.2.1 {\nfast\n}", "Corefile:3: unknown option `fast`"),
        ("forward . 192.0.2.1 {\npolicy first\n}", "Corefile:3: `first` is not known here; known here: `random`"),
        ("forward . 192.0.2.1 {\nhealth_check 0\n}", "Corefile:3: a health check every 0 s"),
        ("forward . 192.0.2.1 {\nhealth_check 1s domain\n}", "Corefile:3: `domain` without a name"),
        ("forward . 192.0.2.1 {\nhealth_check 1s quick\n}", "Corefile:3: `quick` is not known here"),
        ("forward . 192.0.2.1 {\nfailover OFTEN\n}", "Corefile:3: `OFTEN` is not known here"),
        ("forward . 192.0.2.1 {\nfailover SERVFAIL noerror\n}", "Corefile:3: `noerror` is no failure"),
        ("forward . 192.0.2.1 {\nmax_fails -1\n}", "Corefile:3: "),
        ("forward . 192.0.2.1 {\ntls a b c d\n}", "Corefile:3: `tls` takes 0 to 3 arguments, not 4"),
        ("forward . ns.example.org", "Corefile:2: "),
        ("forward . https://192.0.2.1", "Corefile:2: "),
        ("forward . " + " ".join(f"192.0.2.{n}" for n in range(16)), "Corefile:2: 16 upstreams; name at most 15"),
    ],
)
def test_what_is_wrong(text, error):
    (stanza,) = stanzas(text)
    with pytest.raises(ConfigError) as caught:
        parse(stanza)
    assert str(caught.value).startswith(error)


def test_all_that_is_wrong_is_told_at_once():
    (stanza,) = stanzas("forward . a.example b.example {\npolicy x\nmax_fails y\n}")
    with pytest.raises(ConfigError) as caught:
        parse(stanza)
    assert len(str(caught.value).splitlines()) == 4


def test_nameservers_of_a_file(tmp_path):
    file = tmp_path / "resolv.conf"
    file.write_text("search a b\nnameserver 192.0.2.1\nnameserver nonsense\nnameserver 2001:db8::1\n")
    (stanza,) = stanzas(f"forward . {file}")
    found = parse(stanza)
    assert found.targets == (Target("192.0.2.1"), Target("2001:db8::1"))
    assert found.warnings == (f"{file}:3: `nonsense` is no IP address; the line is left out",)
    assert plugin(f"forward . {file}").warnings == found.warnings


@pytest.mark.parametrize("content", ["", "search a\n", "nameserver\n", "\x00\xff nameserver"])
def test_a_file_without_nameservers_is_an_error(tmp_path, content):
    file = tmp_path / "resolv.conf"
    file.write_text(content)
    (stanza,) = stanzas(f"forward . {file}")
    with pytest.raises(ConfigError, match=r"^Corefile:2: .* names no nameserver"):
        parse(stanza)


def test_files_of_tls_that_are_not_there_are_an_error():
    with pytest.raises(ConfigError, match=r"^Corefile:2: .*/nowhere"):
        plugin("forward . tls://192.0.2.1 {\ntls /nowhere\n}")


def test_what_has_not_changed_goes_on_after_a_reload():
    around = Surroundings()
    first = plugin("forward . 192.0.2.1", around)
    assert plugin("forward . 192.0.2.1", around).units == first.units
    assert plugin("forward . 192.0.2.2", around).units != first.units


def test_upstreams_tell_how_they_stand():
    forwarder = plugin("forward . 192.0.2.1 tls://192.0.2.4", Surroundings()).units[0]
    forwarder.upstreams[1].looping = True
    assert [(one.to, one.zone, one.state) for one in told([forwarder])] == [
        ("192.0.2.1:53", ".", "up"),
        ("tls://192.0.2.4:853", ".", "loops"),
    ]
