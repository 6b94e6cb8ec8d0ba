import pytest

from fedresolver.chain.handler import Reply, Verdict
from fedresolver.config.read import ConfigError
from fedresolver.plugins.rrl.handler import Limits
from fedresolver.plugins.rrl.kind import Kind
from fedresolver.plugins.rrl.setup import Settings, parse
from fedresolver.wire.name import from_text
from tests.support.request import answering, ask, records, request
from tests.support.setup import plugin, stanzas


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        pytest.param("rrl", Settings(), id="no limit"),
        pytest.param(
            "rrl {\nresponses-per-second 10\n}",
            Settings(limits=Limits(rates=dict.fromkeys(Kind, 10.0))),
            id="one for all",
        ),
        pytest.param(
            "rrl {\nnxdomains-per-second 5\nerrors-per-second 0\nresponses-per-second 10\n}",
            Settings(
                limits=Limits(rates={Kind.RESPONSE: 10.0, Kind.NODATA: 10.0, Kind.NXDOMAIN: 5.0, Kind.REFERRAL: 10.0})
            ),
            id="others for some",
        ),
        pytest.param(
            "rrl {\nnodata-per-second 5\nreferrals-per-second 6\n}",
            Settings(limits=Limits(rates={Kind.NODATA: 5.0, Kind.REFERRAL: 6.0})),
            id="only some",
        ),
        pytest.param(
            "rrl example.org example.net {\nrequests-per-second 9\nwindow 30s\nipv4-prefix-length 32\nipv6-prefix-length 64\n"
            "slip-ratio 0\nmax-table-size 5000\nreport-only\n}",
            Settings(
                zones=(from_text("example.org"), from_text("example.net")),
                limits=Limits(requests=9.0, ipv4_bits=32, ipv6_bits=64, slip=0, report_only=True),
                window=30.0,
                accounts=5000,
            ),
            id="everything else",
        ),
    ],
)
def test_what_it_says(text, settings):
    (stanza,) = stanzas(text)
    assert parse(stanza) == settings


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("rrl {\nresponses-per-second\n}", "Corefile:3: `responses-per-second` takes 1 argument, not 0; write `responses-per-second NUMBER`"),
        ("rrl {\nresponses-per-second -1\n}", "Corefile:3: `-1` is no whole number from 0 to 1000000"),
        ("rrl {\nresponse-per-second 1\n}", "Corefile:3: unknown option `response-per-second`; did you mean `responses-per-second`?"),
        ("rrl {\nwindow 0\n}", "Corefile:3: `0` is no window; write more than 0 seconds, at most an hour"),
        ("rrl {\nwindow 2h\n}", "Corefile:3: `2h` is no window; write more than 0 seconds, at most an hour"),
        ("rrl {\nipv4-prefix-length 33\n}", "Corefile:3: `33` is no whole number from 1 to 32"),
        ("rrl {\nipv6-prefix-length 0\n}", "Corefile:3: `0` is no whole number from 1 to 128"),
        ("rrl {\nslip-ratio 11\n}", "Corefile:3: `11` is no whole number from 0 to 10"),
        ("rrl {\nmax-table-size 1\n}", "Corefile:3: `1` is no whole number from 2 to 10000000"),
        ("rrl {\nreport-only yes\n}", "Corefile:3: `report-only` takes no argument, not 1; write `report-only`"),
        ("rrl\nrrl", "Corefile:3: `rrl` is given twice in this server block, first at Corefile:2; remove one"),
    ],
)  # fmt: skip
def test_what_is_wrong(text, error):
    with pytest.raises(ConfigError) as caught:
        plugin(text)
    assert str(caught.value) == error


def test_without_a_limit_there_is_a_warning():
    nothing = ("Corefile:2: `rrl` limits nothing; give it `responses-per-second NUMBER` or another limit",)
    assert plugin("rrl {\nerrors-per-second 0\n}").warnings == nothing
    assert plugin("rrl {\nerrors-per-second 1\n}").warnings == ()
    assert plugin("rrl {\nrequests-per-second 1\n}").warnings == ()


def test_it_limits_names_of_its_zones_or_of_the_block():
    for text, zones in (("rrl example.org", ("org",)), ("rrl", ("example.org", "example.com"))):
        made = plugin(f"{text} {{\nresponses-per-second 1\n}}", zones=tuple(map(from_text, zones)))
        handler = made.wrap(answering(Reply(answer=records("203.0.113.1"))))
        names = ("example.org", "example.org", "example.net", "example.net")
        verdicts = [ask(handler, request(f"{name} A")).verdict for name in names]
        assert verdicts == [Verdict.SEND, Verdict.DROP, Verdict.SEND, Verdict.SEND]
