import pytest

from fedresolver.config.read import ConfigError
from fedresolver.plugins.cache.setup import parse
from fedresolver.upstream.memory.keeping import Policy, Prefetch, Share, Stale
from fedresolver.wire.name import ROOT, from_text
from tests.support.clock import virtual_loop
from tests.support.foreign import Upstream
from tests.support.request import request
from tests.support.setup import Surroundings, plugin, stanzas

ORG, NET = from_text("example.org"), from_text("example.net")


def block(*lines):
    return "cache {\n" + "\n".join(lines) + "\n}"


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        pytest.param("cache", Policy(), id="defaults"),
        pytest.param("cache 30", Policy(success=Share(most=30), denial=Share(most=30)), id="a TTL"),
        pytest.param("cache 2h", Policy(success=Share(most=7200), denial=Share(most=7200)), id="a long one"),
        pytest.param("cache example.org EXAMPLE.net.", Policy(zones=(ORG, NET)), id="zones"),
        pytest.param("cache 10.0.0.0/8", Policy(zones=(from_text("10.in-addr.arpa"),)), id="a network is its zone"),
        pytest.param("cache 5m example.org", Policy(zones=(ORG,), success=Share(most=300), denial=Share(most=300)), id="both"),
        pytest.param(block("success 5000"), Policy(success=Share(most=3600, capacity=5000)), id="a capacity"),
        pytest.param(block("denial 5000 60"), Policy(denial=Share(most=60, capacity=5000)), id="and a TTL"),
        pytest.param(block("success 10 1h 5"), Policy(success=Share(most=3600, capacity=10, least=5)), id="and the least"),
        pytest.param(block("success 10 60 0"), Policy(success=Share(most=60, capacity=10)), id="the least is 0"),
        pytest.param("cache 30 {\nsuccess 10\n}", Policy(success=Share(most=30, capacity=10), denial=Share(most=30)), id="a TTL outside"),
        pytest.param(block("prefetch 10"), Policy(prefetch=Prefetch(amount=10)), id="prefetch"),
        pytest.param(block("prefetch 10 5m"), Policy(prefetch=Prefetch(amount=10, gap=300)), id="prefetch, a duration"),
        pytest.param(block("prefetch 10 5m 20%"), Policy(prefetch=Prefetch(amount=10, gap=300, percent=20)), id="prefetch, all"),
        pytest.param(block("prefetch 10 20%"), Policy(prefetch=Prefetch(amount=10, percent=20)), id="prefetch, no duration"),
        pytest.param(block("prefetch 0"), Policy(), id="no prefetch"),
        pytest.param(block("serve_stale"), Policy(stale=Stale(seconds=3600, patience=1.8)), id="stale"),
        pytest.param(block("serve_stale 12h"), Policy(stale=Stale(seconds=43200)), id="stale, a duration"),
        pytest.param(block("serve_stale verify"), Policy(stale=Stale()), id="stale, verify"),
        pytest.param(block("serve_stale 1h verify 500ms"), Policy(stale=Stale(patience=0.5)), id="stale, a time-out"),
        pytest.param(block("serve_stale 1h IMMEDIATE"), Policy(stale=Stale(patience=0)), id="stale, in large letters"),
        pytest.param(block("serve_stale 1h immediate"), Policy(stale=Stale(patience=0)), id="stale, immediate"),
        pytest.param(block("serve_stale 0"), Policy(), id="nothing stale"),
        pytest.param(block("servfail 1m"), Policy(failure=60), id="servfail"),
        pytest.param(block("servfail 0"), Policy(failure=0), id="no servfail"),
        pytest.param(block("disable success"), Policy(success=Share(most=3600, disabled=(ROOT,))), id="disable"),
        pytest.param(block("disable denial example.org", "disable denial example.net"), Policy(denial=Share(most=1800, disabled=(ORG, NET))), id="disable twice"),
        pytest.param(block("keepttl"), Policy(counting=False), id="keepttl"),
    ],
)  # fmt: skip
def test_what_it_says(text, policy):
    (stanza,) = stanzas(text)
    assert parse(stanza) == policy


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("cache 0", "2: `0` is no TTL; write whole seconds from 1 to 2147483647, as 30 or 5m"),
        ("cache -1 example.org", "2: `-1` is negative; write seconds, or a duration as 30s, 1m30s, 100ms"),
        ("cache 1.5", "2: `1.5` is no TTL; write whole seconds from 1 to 2147483647, as 30 or 5m"),
        ("cache exa(mple", "2: the zone `exa(mple` has the character `(`, which no host name holds; write \\DDD if it is meant"),
        ("cache\ncache", "3: `cache` is given twice in this server block, first at Corefile:2; remove one"),
        (block("succes 5"), "3: unknown option `succes`; did you mean `success`?"),
        (block("success"), "3: `success` takes 1 to 3 arguments, not 0; write `success CAPACITY [TTL] [MINTTL]`"),
        (block("success 0"), "3: `0` is no whole number from 1 to 100000000"),
        (block("denial 5 1 2"), "3: the least TTL, `2`, is more than the longest, `1`; write `denial CAPACITY TTL MINTTL`"),
        (block("prefetch"), "3: `prefetch` takes 1 to 3 arguments, not 0; write `prefetch AMOUNT [[DURATION] [PERCENTAGE%]]`"),
        (block("prefetch 1 5m 9%"), "3: `9%` is no percentage from 10% to 90%"),
        (block("prefetch 1 5m x%"), "3: `x%` is no percentage from 10% to 90%"),
        (block("prefetch 1 5m 10"), "3: `10` is no percentage; write it with its sign, as 10%"),
        (block("serve_stale soon"), "3: `soon` is not known here; known here: `immediate`, `verify`"),
        (block("serve_stale 1h verify 0"), "3: no answer comes in no time at all; write `immediate` if that is meant"),
        (block("serve_stale 1h immediate 5s"), "3: `5s` is one argument too many; write `serve_stale 1h verify 1.8s`"),
        (block("servfail 6m"), "3: a failure is kept from 1s to 5m (RFC 9520), not `6m`; 0 is for not at all"),
        (block("servfail 10ms"), "3: a failure is kept from 1s to 5m (RFC 9520), not `10ms`; 0 is for not at all"),
        (block("disable all"), "3: `all` is not known here; known here: `denial`, `success`"),
        (block("keepttl on"), "3: `keepttl` takes no argument, not 1; write `keepttl`"),
    ],
)  # fmt: skip
def test_what_is_wrong(text, error):
    with pytest.raises(ConfigError) as caught:
        plugin(text)
    assert str(caught.value) == f"Corefile:{error}"


@pytest.mark.parametrize(
    ("before", "after", "zones", "is_same"),
    [
        pytest.param("cache 30", "cache 30s {\nservfail 5s\n}", (ROOT,), True, id="the same in other words"),
        pytest.param("cache 30", "cache 31", (ROOT,), False, id="other settings"),
        pytest.param("cache 30", "cache 30", (ORG,), False, id="other zones"),
    ],
)
def test_a_reload_keeps_what_is_remembered_by_the_same_settings(before, after, zones, is_same):
    around = Surroundings()
    units = [plugin(text, around, zones=served).units for text, served in ((before, (ROOT,)), (after, zones))]
    assert (units[0] == units[1]) is is_same


def test_what_it_counts():
    around = Surroundings()
    with virtual_loop() as loop:
        made = plugin(block("success 2", "serve_stale 1h", "prefetch 1"), around, zones=(ORG, NET))
        upstream = Upstream(loop, "www.example.org 60 A 192.0.2.1")
        handler = made.wrap(upstream)
        for name in ("a", "b", "c", "c"):
            loop.run_until_complete(handler(request(f"{name}.example.org A")))
        around.metrics.read_with((made.reader, made.reader))
        found = {
            (family.name.removeprefix("fedresolver_cache_"), *labels[2:]): value
            for family in around.metrics.families()
            if family.name.startswith("fedresolver_cache_")
            for labels, value in family.values.items()
            if labels[:2] == ("dns://:53", "example.org.,example.net.")
        }
    assert found == {
        ("entries", "success"): 4,  # told twice, as of two blocks
        ("entries", "denial"): 0,
        ("entries", "error"): 0,
        ("misses_total",): 3,
        ("evictions_total", "success"): 1,
    }


def test_stale_and_early_are_counted():
    around, now = Surroundings(), [0.0]
    made = plugin(block("serve_stale 1h", "prefetch 1"), around, clock=lambda: now[0])
    with virtual_loop() as loop:
        upstream = Upstream(loop, "")
        for now[0], upstream.says in ((0, "www.example.org 60 A 192.0.2.1"), (59, "SERVFAIL "), (95, "SERVFAIL ")):
            loop.run_until_complete(made.wrap(upstream)(request()))
            loop.settle()
    counted = {family.name: family.values for family in around.metrics.families()}
    place = ("dns://:53", ".")
    assert counted["fedresolver_cache_prefetch_total"] == {place: 1}
    assert counted["fedresolver_cache_served_stale_total"] == {place: 1}
