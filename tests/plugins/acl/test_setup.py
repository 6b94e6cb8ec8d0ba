from ipaddress import ip_network

import pytest

from fedresolver.chain.handler import Reply
from fedresolver.config.read import ConfigError
from fedresolver.plugins.acl.rules import Action, Policy
from fedresolver.plugins.acl.setup import Settings, parse
from fedresolver.wire.const import Rcode, Type
from fedresolver.wire.name import from_text
from tests.support.request import answering, ask, records, request
from tests.support.setup import plugin, stanzas

USAGE = "write `ACTION [type QTYPE...] [net SOURCE...]`"
TEN, V6 = ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")


@pytest.mark.parametrize(
    ("line", "policy"),
    [
        ("block", Policy(Action.BLOCK)),
        ("allow net 10.0.0.0/8", Policy(Action.ALLOW, None, (TEN,))),
        ("allow net 10.0.0.1", Policy(Action.ALLOW, None, (ip_network("10.0.0.1/32"),))),
        ("drop net 10.0.0.0/8 2001:db8::/32", Policy(Action.DROP, None, (TEN, V6))),
        ("filter type A", Policy(Action.FILTER, frozenset({1}))),
        ("filter type A aaaa TYPE65280 ANY", Policy(Action.FILTER, frozenset({1, 28, 65280, 255}))),
        ("block type A net 10.0.0.0/8", Policy(Action.BLOCK, frozenset({1}), (TEN,))),
        ("block net 10.0.0.0/8 type A", Policy(Action.BLOCK, frozenset({1}), (TEN,))),
        ("block net 10.0.0.0/8 type A net 2001:db8::/32 type NS", Policy(Action.BLOCK, frozenset({1, 2}), (TEN, V6))),
        ("block type * net *", Policy(Action.BLOCK)),
        ("block type A * net 10.0.0.0/8 *", Policy(Action.BLOCK)),
        ("block type * A net * 10.0.0.0/8", Policy(Action.BLOCK)),
    ],
)
def test_a_policy(line, policy):
    (stanza,) = stanzas(f"acl {{\n{line}\n}}")
    assert parse(stanza) == Settings(policies=(policy,))


def test_zones_and_the_order_of_policies():
    (stanza,) = stanzas("acl example.org 10.0.0.0/8 {\nblock type A\nallow\nblock\n}")
    assert parse(stanza) == Settings(
        zones=(from_text("example.org"), from_text("10.in-addr.arpa")),
        policies=(Policy(Action.BLOCK, frozenset({1})), Policy(Action.ALLOW), Policy(Action.BLOCK)),
    )


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("acl", f"Corefile:2: `acl` has no rule; {USAGE.replace('`ACTION', '`acl [ZONES...] { ACTION').replace('...]`', '...] }`')}"),
        ("acl {\n}", f"Corefile:2: `acl` has no rule; {USAGE.replace('`ACTION', '`acl [ZONES...] { ACTION').replace('...]`', '...] }`')}"),
        ("acl {\nblok\n}", "Corefile:3: unknown option `blok`; did you mean `block`?"),
        ("acl {\nblock A\n}", f"Corefile:3: `A` follows neither `type` nor `net`; {USAGE}"),
        ("acl {\nblock type\n}", f"Corefile:3: nothing follows `type`; {USAGE}"),
        ("acl {\nblock type net 10.0.0.0/8\n}", f"Corefile:3: nothing follows `type`; {USAGE}"),
        ("acl {\nblock net\n}", f"Corefile:3: nothing follows `net`; {USAGE}"),
        ("acl {\nblock type FLEEB\n}", "Corefile:3: `FLEEB` is no type; write one as A, AAAA, ANY, AXFR, or TYPE65280"),
        ("acl {\nblock type TYPE65536\n}", "Corefile:3: `TYPE65536` is no type; write one as A, AAAA, ANY, AXFR, or TYPE65280"),
        ("acl {\nblock net private\n}", "Corefile:3: `private` is no network; write ADDRESS/BITS, as 192.0.2.0/24 or 2001:db8::/32"),
        ("acl {\nblock {\n}\n}", "Corefile:3: `block` takes no block; remove its `{` and `}`"),
        ("acl a..b {\nblock\n}", "Corefile:2: the zone `a..b` has a label of 0 octets; a label has 1 to 63"),
    ],
)  # fmt: skip
def test_what_is_wrong(text, error):
    with pytest.raises(ConfigError) as caught:
        plugin(text)
    assert str(caught.value) == error


def test_all_errors_of_all_stanzas_are_told():
    with pytest.raises(ConfigError) as caught:
        plugin("acl {\nblock x\nblock type x\n}\nacl {\n}")
    assert [error.line for error in caught.value.errors] == [3, 4, 6]


def test_several_stanzas_are_asked_in_their_order():
    made = plugin("acl example.org {\nallow net 192.0.2.0/24\n}\nacl {\nblock\n}")
    handler = made.wrap(answering(Reply(answer=records("203.0.113.1"))))
    asked = [
        ask(handler, request(f"{name} A", client=client)).rcode
        for name in ("www.example.org", "www.example.net")
        for client in ("192.0.2.1", "192.0.3.1")
    ]
    assert asked == [Rcode.NOERROR, Rcode.REFUSED, Rcode.REFUSED, Rcode.REFUSED]
    assert made.closed == (4, 6)


def test_without_zones_it_is_for_those_of_the_block():
    made = plugin("acl {\nblock\n}", zones=(from_text("example.org"),))
    handler = made.wrap(answering(Reply(answer=records("203.0.113.1", owner="example.net"))))
    assert [ask(handler, request(f"{name} A")).rcode for name in ("example.org", "example.net")] == [
        Rcode.REFUSED,
        Rcode.NOERROR,
    ]


def test_types_have_their_numbers():
    (stanza,) = stanzas("acl {\nblock type HTTPS AXFR IXFR\n}")
    assert parse(stanza).policies[0].types == {Type.HTTPS, Type.AXFR, Type.IXFR}
