import random
from ipaddress import ip_address, ip_network

import pytest

from fedresolver.plugins.acl.rules import Action, Policy, Rule, Rules, denial
from fedresolver.wire.const import Type
from fedresolver.wire.name import from_text, starts


def rules(*texts):
    """Return rules from text: `ZONES: ACTION TYPES NETWORKS; ...` with commas in each, `*` for all of them."""
    return Rules(map(rule, texts))


def rule(text):
    zones, _, policies = text.partition(": ")
    return Rule(tuple(map(from_text, zones.split(","))), tuple(map(policy, policies.split("; "))))


def policy(text):
    action, types, networks = text.split()
    return Policy(
        Action(action),
        None if types == "*" else frozenset(int(Type[one]) for one in types.split(",")),
        None if networks == "*" else tuple(map(ip_network, networks.split(","))),
    )


def decision(rules, name, client, rtype="A"):
    """Return what becomes of a question, with the zone of the policy that denies it."""
    qname = from_text(name)
    denied = denial(rules.steps(qname, starts(qname), Type[rtype]), rules.bits(client))
    return "allow" if denied is None else f"{denied.action.value} {denied.zone.hex()}"


def denied(action, zone):
    return f"{action} {from_text(zone).hex()}"


@pytest.mark.parametrize(
    ("name", "client", "rtype", "expected"),
    [
        pytest.param("www.example.org", "192.0.2.1", "A", denied("block", "example.org"), id="the network fits"),
        pytest.param("www.example.org", "192.0.3.1", "A", "allow", id="nothing fits"),
        pytest.param("example.org", "192.0.2.1", "A", denied("block", "example.org"), id="the zone itself"),
        pytest.param("wwwexample.org", "192.0.2.1", "A", "allow", id="a name that only ends alike"),
        pytest.param("www.example.org", "192.0.2.9", "A", "allow", id="an earlier policy allows"),
        pytest.param("www.example.org", "192.0.3.1", "ANY", denied("filter", "example.org"), id="the type fits"),
        pytest.param("www.example.org", "192.0.2.1", "ANY", denied("block", "example.org"), id="the first that fits"),
        pytest.param("a.sub.example.org", "192.0.3.1", "A", denied("drop", "sub.example.org"), id="another rule"),
        pytest.param("a.sub.example.org", "192.0.2.1", "A", denied("block", "example.org"), id="in the order of rules"),
        pytest.param("a.sub.example.org", "192.0.2.9", "A", "allow", id="what is allowed is, by all rules"),
        pytest.param("www.example.net", "192.0.2.1", "A", "allow", id="a zone without rules"),
        pytest.param("www.example.com", "2001:db8::1", "TXT", denied("block", "com"), id="IPv6"),
        pytest.param("www.example.com", "::ffff:192.0.2.1", "TXT", denied("block", "com"), id="IPv4 in IPv6"),
        pytest.param("www.example.com", "2001:db9::1", "TXT", "allow", id="another IPv6 network"),
    ],
)
def test_the_first_that_fits_decides(name, client, rtype, expected):
    found = rules(
        "example.org: allow * 192.0.2.9/32; block * 192.0.2.0/24; filter ANY *",
        "sub.example.org: drop * *",
        "com,example.com: block TXT 2001:db8::/32,192.0.2.1/32",
    )
    zone = "example.com" if name == "www.example.com" and expected != "allow" else None
    assert decision(found, name, client, rtype) == (denied("block", zone) if zone else expected)


@pytest.mark.parametrize(
    ("name", "rtype", "count"),
    [
        pytest.param("www.example.org", "A", 0, id="nobody is denied"),
        pytest.param("www.example.org", "ANY", 2, id="up to the last that denies"),
        pytest.param("www.example.net", "A", 1, id="nothing after one for everybody"),
        pytest.param("www.example.com", "A", 1, id="alike ones are one"),
    ],
)
def test_only_what_may_deny_is_asked(name, rtype, count):
    found = rules(
        "example.org: allow * 192.0.2.0/24; filter ANY *; allow * *",
        "example.net: block * *; drop * 192.0.2.0/24",
        "example.com: block * 192.0.2.0/24; block * 198.51.100.0/24; block * 203.0.113.0/24",
    )
    qname = from_text(name)
    assert len(found.steps(qname, starts(qname), Type[rtype])) == count


def plainly(given, name, client, rtype):
    """Return the action for a question as the manual says it: each policy of each rule in turn."""
    for one in given:
        if any(name == zone or name.endswith(f".{zone}") for zone in one[0]):
            for action, types, networks in one[1]:
                in_network = networks is None or any(ip_address(client) in network for network in networks)
                if in_network and (types is None or rtype in types):
                    return action
    return "allow"


@pytest.mark.parametrize("seed", range(20))
def test_it_decides_as_asking_each_in_turn_would(seed):
    rng = random.Random(seed)
    zones = ("a", "b.a", "c.b.a", "d.a", "b", "xb.a")
    types = ("A", "AAAA", "ANY")

    def drawn():
        networks = [
            ip_network((rng.getrandbits(8) << 24, rng.randrange(9)), strict=False) for _ in range(rng.randrange(1, 4))
        ]
        return (
            rng.choice([action.value for action in Action]),
            rng.choice([None, rng.sample(types, rng.randrange(1, 3))]),
            rng.choice([None, networks, networks, networks]),
        )

    given = [
        (rng.sample(zones, rng.randrange(1, 4)), [drawn() for _ in range(rng.randrange(1, 6))])
        for _ in range(rng.randrange(1, 5))
    ]
    found = Rules(
        Rule(
            tuple(map(from_text, names)),
            tuple(
                Policy(
                    Action(action),
                    None if of is None else frozenset(int(Type[one]) for one in of),
                    None if networks is None else tuple(networks),
                )
                for action, of, networks in policies
            ),
        )
        for names, policies in given
    )
    for _ in range(300):
        name = rng.choice(("", "x.", "y.x.")) + rng.choice((*zones, "e", "ba"))
        client, rtype = f"{rng.getrandbits(8)}.0.0.1", rng.choice(types)
        assert decision(found, name, client, rtype).partition(" ")[0] == plainly(given, name, client, rtype)


def test_policies_that_are_alike_and_adjacent_keep_their_order_to_others():
    found = rules(
        "org: block * 192.0.2.1/32; block * 192.0.2.2/32; allow * 192.0.2.0/24; block * 192.0.2.3/32; block * *"
    )
    answers = [decision(found, "example.org", f"192.0.2.{last}") == "allow" for last in (1, 2, 3, 4)]
    assert answers == [False, False, True, True]
    assert decision(found, "example.org", "192.0.3.1") != "allow"


@pytest.mark.parametrize(
    ("texts", "versions"),
    [
        pytest.param([".: allow * 10.0.0.0/8; block * *"], (4, 6), id="a list of those who may"),
        pytest.param([".: block * *"], (4, 6), id="nobody may"),
        pytest.param([".: drop * 0.0.0.0/0"], (4,), id="no stranger of IPv4"),
        pytest.param([".: filter * ::/0"], (6,), id="no stranger of IPv6"),
        pytest.param([".: allow * 10.0.0.0/8"], (), id="nobody is denied"),
        pytest.param([".: allow * *; block * *"], (), id="everybody is allowed first"),
        pytest.param([".: allow A *; block * *"], (), id="everybody may ask for a type"),
        pytest.param([".: block ANY *"], (), id="one type is denied"),
        pytest.param([".: block * 192.0.2.0/24"], (), id="some are denied"),
        pytest.param(["example.org: block * *"], (), id="one zone is denied"),
        pytest.param(["example.org: allow * *", ".: block * *"], (4, 6), id="one zone is open"),
    ],
)
def test_who_keeps_strangers_out(texts, versions):
    assert rules(*texts).keeps_out([from_text(".")]) == versions


def test_each_zone_of_a_block_must_be_closed():
    found = rules("example.org: block * *")
    org, net = from_text("www.example.org"), from_text("example.net")
    assert (found.keeps_out([org]), found.keeps_out([org, net])) == ((4, 6), ())


def test_what_is_remembered_of_clients_is_bounded():
    found = rules(".: block * 10.0.0.0/8")
    for number in range(20_000):
        found.bits(f"10.0.{number >> 8}.{number & 255}")
    assert found.bits.cache_info().currsize == 16_384
