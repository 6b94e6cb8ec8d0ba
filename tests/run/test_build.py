"""From a Corefile to what runs: blocks by address and zone, pages, units that go on."""

import subprocess
import sys
import time

import pytest

from fedresolver.config.errors import ConfigError
from fedresolver.observe.metrics import Metrics
from fedresolver.run.build import Surroundings, build
from fedresolver.run.files import read_corefile
from fedresolver.run.places import Place
from fedresolver.wire.name import to_text
from tests.support.manifests import put, shard


class Process:
    stopping = False

    def missing(self):
        return ()

    def changed(self):
        return False

    def notes(self):
        return ()

    def forget(self):
        raise AssertionError("nothing is answered here")

    async def reload(self):
        raise AssertionError("nobody reloads here")


@pytest.fixture
def built(tmp_path):
    put(tmp_path / "members", "c1", "cart.yaml", *shard("cart"))

    def make(text, former=None, port=53):
        path = tmp_path / "Corefile"
        path.write_text(text)
        around = Surroundings(
            process=Process(), metrics=Metrics(), environ={}, clock=time.monotonic, wall=time.time, port=port
        )
        return build(read_corefile(str(path), {}), around, former or {})

    return make


FEDERATION = "federation f example.com {\n manifests members\n }"


def served(built):
    """Return what a configuration listens on, as `host:port zone`, sorted."""
    return sorted(
        f"{host}:{port} {to_text(zone)}" for (host, port, _), blocks in built.blocks.items() for zone in blocks
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "example.org {\n}", ["0.0.0.0:53 example.org.", ":::53 example.org."], id="every address without bind"
        ),
        pytest.param("example.org:5353 {\n bind ::1\n}", ["::1:5353 example.org."], id="the addresses of bind"),
        pytest.param(
            "example.org example.net:54 {\n bind 127.0.0.1\n}",
            ["127.0.0.1:53 example.org.", "127.0.0.1:54 example.net."],
            id="each key has its own port",
        ),
        pytest.param(
            "example.org {\n bind 127.0.0.1\n}\nexample.net {\n bind 127.0.0.2\n}",
            ["127.0.0.1:53 example.org.", "127.0.0.2:53 example.net."],
            id="each block has its own addresses",
        ),
        pytest.param(
            "example.org {\n bind 127.0.0.1\n}\nexample.org {\n bind 127.0.0.2 ::1\n}",
            ["127.0.0.1:53 example.org.", "127.0.0.2:53 example.org.", "::1:53 example.org."],
            id="two blocks may serve a zone at different addresses",
        ),
        pytest.param(
            "example.org {\n bind 0.0.0.0\n}\nexample.org {\n bind ::1\n}",
            ["0.0.0.0:53 example.org.", "::1:53 example.org."],
            id="all addresses of one family overlap with none of the other",
        ),
    ],
)
def test_what_is_listened_on(built, text, expected):
    assert served(built(text)) == expected


TWICE = "put both into one server block, or give one another port, or other addresses with `bind`"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("a {\n}\nA. {\n}", [f"3: `dns://a.:53` is served twice, first at PATH:1; {TWICE}"], id="no bind"),
        pytest.param(
            "a {\n}\na:53 {\n}", [f"3: `dns://a.:53` is served twice, first at PATH:1; {TWICE}"], id="port 53"
        ),
        pytest.param(
            "a {\n bind ::1 127.0.0.1\n}\na {\n bind 127.0.0.2 127.0.0.1\n}",
            [f"4: `dns://a.:53` is served twice on 127.0.0.1, first at PATH:1; {TWICE}"],
            id="one address in both",
        ),
        pytest.param(
            "a {\n bind 127.0.0.1\n}\na {\n}",
            [f"4: `dns://a.:53` is served twice on 127.0.0.1, first at PATH:1; {TWICE}"],
            id="an address, then every address",
        ),
        pytest.param(
            "a {\n bind ::\n}\na {\n bind 127.0.0.1 ::1\n}",
            [f"4: `dns://a.:53` is served twice, first at PATH:1; {TWICE}"],
            id="every address of a family, then one of it",
        ),
        pytest.param(
            "10.0.0.0/16 {\n}\n10.0.0.0/16 {\n}\n10.0.0.0/23 {\n}\n10.0.0.0/23 {\n}",
            [
                f"3: `dns://0.10.in-addr.arpa.:53` is served twice, first at PATH:1; {TWICE}",
                f"7: `dns://0.0.10.in-addr.arpa.:53` is served twice, first at PATH:5; {TWICE}",
            ],
            id="a network is one error",
        ),
        pytest.param(
            "a {\n}\na {\n bind nowhere\n}",
            [
                "4: `nowhere` is no address and no interface with one; "
                "write an IP address, or the name of an interface of this machine"
            ],
            id="a bind that is wrong is all that is told of its block",
        ),
    ],
)
def test_where_two_blocks_overlap(built, tmp_path, text, lines):
    with pytest.raises(ConfigError) as error:
        built(text)
    path = str(tmp_path / "Corefile")
    assert str(error.value).splitlines() == [f"{path}:{line}".replace("PATH", path) for line in lines]


NO_CERTIFICATE = "write `tls CERT KEY`, with the paths of both in PEM, into this server block"
OTHER = "write the same `tls` into both, or give one of them another port or address"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("tls://a {\n tls c k\n bind ::1\n}", [Place("::1", 853, "tls")], id="a port of its own"),
        pytest.param(
            "tls://a a {\n tls c k\n bind ::1\n}",
            [Place("::1", 53), Place("::1", 853, "tls")],
            id="with TLS and without",
        ),
        pytest.param(
            "tls://a {\n tls c k\n bind ::1\n}\ntls://b {\n tls c k\n bind ::1\n}",
            [Place("::1", 853, "tls")],
            id="two blocks with one certificate",
        ),
        pytest.param(
            "tls://a {\n tls c k\n bind ::1\n}\ntls://b {\n tls c2 k\n bind 127.0.0.1\n}",
            [Place("127.0.0.1", 853, "tls"), Place("::1", 853, "tls")],
            id="another certificate at another address",
        ),
        pytest.param(
            "tls://a {\n tls c k\n bind ::1\n}\ntls://b:854 {\n tls c2 k\n bind ::1\n}",
            [Place("::1", 853, "tls"), Place("::1", 854, "tls")],
            id="another certificate on another port",
        ),
    ],
)
def test_where_tls_is_spoken(built, text, expected):
    assert sorted(built(text).blocks) == expected


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("tls://a {\n}", [f"1: `tls://a.:853` has no certificate; {NO_CERTIFICATE}"], id="no certificate"),
        pytest.param(
            "tls://a {\n tls c k\n}\ntls://b {\n tls c2 k\n}",
            [f"4: `tls://b.:853` has another certificate than PATH:1; {OTHER}"],
            id="another certificate",
        ),
        pytest.param(
            "tls://a {\n tls c k\n}\ntls://b {\n tls c k {\n client_auth require_and_verify\n }\n}",
            [f"4: `tls://b.:853` has another certificate than PATH:1; {OTHER}"],
            id="other demands",
        ),
        pytest.param(
            "tls://a:53 {\n tls c k\n}\nb {\n}",
            ["4: `dns://b.:53` has the port of tls:// at PATH:1; give one of them another port"],
            id="a port for two transports",
        ),
        pytest.param(
            "tls://a {\n tls c\n}", ["2: `tls` takes 2 to 3 arguments, not 1; write `tls CERT KEY [CA]`"], id="tls"
        ),
    ],
)
def test_what_is_wrong_with_certificates(built, tmp_path, text, lines):
    with pytest.raises(ConfigError) as error:
        built(text)
    path = str(tmp_path / "Corefile")
    assert str(error.value).splitlines() == [f"{path}:{line}".replace("PATH", path) for line in lines]


@pytest.mark.parametrize(("keys", "warned"), [("a", True), ("a:853 b", True), ("tls://a", False), ("a tls://a", False)])
def test_a_certificate_that_nobody_is_shown_is_a_warning(built, keys, warned):
    found = [text for text in built(f"{keys} {{\n bind ::1\n tls c k\n}}").warnings if "clear text" in text]
    assert bool(found) is warned


@pytest.mark.parametrize("port", [0, 53, 1053])
def test_the_port_of_keys_that_name_none(built, port):
    found = built("example.org {\n bind ::1\n}\nexample.net:7 {\n bind ::1\n}", port=port)
    assert served(found) == sorted([f"::1:{port} example.org.", "::1:7 example.net."])


def test_pages_of_all_blocks_share_an_address(built):
    found = built("a {\n health :8080\n}\nb {\n ready :8080\n prometheus :9153\n}")
    assert {address: [route.path for route in routes] for address, routes in found.routes.items()} == {
        ("", 8080): ["/health", "/ready"],
        ("", 9153): ["/metrics"],
    }


def test_the_longest_lameduck_counts(built):
    text = "a {\n health {\n lameduck 2s\n }\n}\nb {\n health :8081 {\n lameduck 5s\n }\n}\nc {\n}"
    assert (built(text).lameduck, built("a {\n}").lameduck) == (5.0, 0.0)


def test_all_errors_of_all_blocks_are_told(built):
    with pytest.raises(ConfigError) as error:
        built("a {\n erors\n federation f\n}\nb {\n helth\n}")
    assert [one.line for one in error.value.errors] == [2, 3, 6]


def test_units_that_are_wanted_again_go_on(built):
    first = built(f". {{\n {FEDERATION}\n}}")
    again = built(f". {{\n {FEDERATION}\n whoami\n}}", first.keys)
    new = [type(unit).__name__ for unit in again.units if unit not in first.units]
    assert new == ["Outside"]  # it goes with the chain, which every configuration has for itself


def test_a_federation_with_other_settings_begins_anew_from_the_same_folder(built):
    first = built(f". {{\n {FEDERATION}\n}}")
    other = built(f". {{\n {FEDERATION.replace('}', 'ttl 60 }')}\n}}".replace("ttl 60 }", "ttl 60\n }"), first.keys)
    kept = [type(unit).__name__ for unit in other.units if unit in first.units]
    new = [type(unit).__name__ for unit in other.units if unit not in first.units]
    assert "ManifestFolder" in kept
    assert new == ["PublishedZone", "RunningFederation", "Outside"]


def test_what_is_not_wanted_any_more_has_no_key(built):
    first = built(f". {{\n {FEDERATION}\n}}")
    assert built(". {\n}", first.keys).keys == {}


def test_blocks_remember_each_for_itself_and_go_on_after_a_reload(built):
    text = ". {\n bind 127.0.0.1\n cache\n }\n. {\n bind 127.0.0.2\n cache\n }\n"
    first = built(text)
    second = built(text, first.keys)
    assert len(set(first.units)) == 2
    assert second.units == first.units


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("https://. {\n}", 1, id="every address"),
        pytest.param("https://. {\n bind 192.0.2.1\n}", 1, id="another address"),
        pytest.param("https://. {\n bind 127.0.0.2 ::1\n}", 0, id="this machine"),
        pytest.param(". https://. {\n bind 127.0.0.1 192.0.2.1\n}", 1, id="one of them"),
        pytest.param("https://. {\n tls cert.pem key.pem\n}", 0, id="with a certificate"),
        pytest.param(". {\n}", 0, id="not HTTPS"),
    ],
)
def test_http_without_tls_is_told(built, text, expected):
    assert len([warning for warning in built(text).warnings if ":1: https:// without `tls`" in warning]) == expected


@pytest.mark.parametrize(
    ("first", "second", "wrong"),
    [
        ("https {\n path /a\n }", "https {\n path /a\n }", None),
        ("", "https", None),
        ("https {\n path /a\n }", "", "has another path, or other limits, than"),
        ("https {\n max_streams 7\n }", "https", "has another path, or other limits, than"),
    ],
)
def test_blocks_of_one_place_answer_over_https_in_one_way(built, first, second, wrong):
    text = f"https://a {{\n bind 127.0.0.1\n {first}\n}}\nhttps://b {{\n bind 127.0.0.1\n {second}\n}}"
    if wrong is None:
        assert len(built(text).blocks) == 1
    else:
        with pytest.raises(ConfigError, match=wrong):
            built(text)


def test_a_port_is_for_one_transport(built):
    with pytest.raises(ConfigError, match="has the port of https://"):
        built("https://.:443 {\n bind 127.0.0.1\n}\ntls://.:443 {\n bind 127.0.0.1\n tls c k\n}")
    assert len(built("https://.:0 tls://.:0 .:0 {\n bind 127.0.0.1\n tls c k\n}").blocks) == 3


def test_what_nobody_uses_is_not_loaded():
    words = "import sys, fedresolver.run.server; print([name for name in ('h2', 'aiohttp') if name in sys.modules])"
    done = subprocess.run((sys.executable, "-c", words), capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
