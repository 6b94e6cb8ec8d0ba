"""What a real server tells of its members and of its answers."""

import re
import time

from fedresolver.watch.access.validity import of_certificate

ANSWERS = re.compile(r'^fedresolver_federation_answers_total\{fallback="(\w+)",.*level="(\w+)"', re.MULTILINE)


def number(text, name, **labels):
    """Return the number of a series in the page."""
    wanted = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
    (found,) = re.findall(rf"^{name}(?:\{{{wanted}\}})? (\S+)$", text, re.MULTILINE)
    return float(found)


def test_answers_are_counted_by_how_far_the_walk_went(served):
    served.use()
    found = {(level, fallback) for fallback, level in ANSWERS.findall(served.text())}
    # one may have been asked before the members were listed
    assert found - {("not_ready", "false")} == {
        ("local", "false"),
        ("region", "false"),
        ("region", "true"),
        ("nowhere", "true"),
    }


def test_a_repeat_is_counted_like_the_first(served):
    labels = {"federation": "myfederation", "level": "local", "fallback": "false"}
    labels["server"] = f"dns://:{served.dns[1]}"
    served.use()
    before = number(served.text(), "fedresolver_federation_answers_total", **labels)
    for _ in range(4):
        served.ask("cart.shop.myfederation")
    assert number(served.text(), "fedresolver_federation_answers_total", **labels) == before + 4


def test_the_end_of_a_credential_is_known_before_it_comes(served, authority):
    both = {"federation": "myfederation", "member": "c1"}
    valid = of_certificate((authority.path.parent / "client.crt").read_bytes())
    text = served.text()
    ends = number(text, "fedresolver_federation_credential_expiry_timestamp_seconds", **both)
    assert (ends, valid.begin) == (
        valid.end,
        number(text, "fedresolver_federation_credential_issued_timestamp_seconds", **both),
    )
    assert ends > time.time()


def test_what_keeps_a_member_from_being_read_is_told_of_that_member_only(served):
    found = re.findall(r'^fedresolver_federation_member_trouble\{.*member="(\w+)",trouble="(\w+)"', served.text(), re.M)
    assert found == [("c3", "forbidden")]


def test_remote_members_are_those_but_the_local_one(served):
    text = served.text()
    all_, remote = (
        number(text, f"fedresolver_federation_{name}", federation="myfederation", phase="synced")
        for name in ("members", "remote_members")
    )
    assert (all_, remote) == (2, 1)
