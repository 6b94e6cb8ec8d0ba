import pytest
from msgspec.structs import replace

from fedresolver.chain.handler import FOREVER, Client, Ede, Reply, Verdict
from fedresolver.observe.metrics import Metrics
from fedresolver.plugins.acl.handler import AccessControl
from fedresolver.plugins.acl.metrics import AclMetrics, Counts
from fedresolver.wire.const import Rcode, Type
from fedresolver.wire.name import from_text
from fedresolver.wire.query import Edns
from fedresolver.wire.rr import RRset, cname, srv_rdata
from tests.plugins.acl.test_rules import rules
from tests.support.request import answering, ask, records, request

GOOD, BAD = "192.0.2.7", "198.51.100.7"
SECRET = "secret.example: {} * 198.51.100.0/24"
CHAIN = (
    cname(from_text("www.example.org"), 5, from_text("a.secret.example")),
    *records("203.0.113.1", owner="a.secret.example"),
)


class Control:
    """An acl in front of a handler that always answers the same."""

    def __init__(self, *texts, reply=None):
        self.counts = Counts()
        given = reply or Reply(answer=records("203.0.113.1"), cell=FOREVER)
        self.handler = AccessControl(rules(*texts), self.counts).wrap(answering(given))

    def ask(self, text="www.example.org A", client=GOOD, **more):
        return ask(self.handler, request(text, client=client, **more))

    def told(self):
        """Return the numbers by the names of their families."""
        metrics = Metrics()
        self.counts.tell(metrics.part(AclMetrics), "dns://:53")
        return {family.name.split("_")[2]: dict(family.values) for family in metrics.families() if "acl" in family.name}


def who(address):
    return Client(address, 1, "udp", "192.0.2.53", 53)


@pytest.mark.parametrize(
    ("action", "rcode", "ede", "verdict"),
    [
        ("block", Rcode.REFUSED, Ede(15), Verdict.SEND),
        ("filter", Rcode.NOERROR, Ede(17), Verdict.SEND),
        ("drop", Rcode.REFUSED, None, Verdict.DROP),
    ],
)
def test_a_denial_has_no_records_and_is_never_kept(action, rcode, ede, verdict):
    denied = Control(f".: {action} * 198.51.100.0/24").ask(client=BAD)
    assert (denied.rcode, denied.ede, denied.verdict) == (rcode, ede, verdict)
    assert (denied.answer, denied.authority, denied.cell, denied.guards) == ((), (), None, ())


@pytest.mark.parametrize("action", ["block", "filter", "drop"])
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(CHAIN, id="through a CNAME"),
        pytest.param(CHAIN[:1], id="through a CNAME to a name without records"),
        pytest.param(
            (
                cname(from_text("www.example.org"), 5, from_text("b.example.net")),
                cname(from_text("b.example.net"), 5, from_text("a.secret.example")),
                *records("203.0.113.1", owner="a.secret.example"),
            ),
            id="through two",
        ),
        pytest.param(
            (RRset(from_text("www.example.org"), Type.CNAME, 5, (b"\1A\6SECRET\7Example\0",)),), id="in capital letters"
        ),
    ],
)
def test_a_chain_does_not_lead_around_the_rules(action, answer):
    control = Control(SECRET.format(action), reply=Reply(answer=answer, cell=FOREVER))
    denied, allowed = control.ask(client=BAD), control.ask(client=GOOD)
    assert (denied.answer, denied.cell) == ((), None)
    assert allowed.answer == answer
    assert [guard(who(address), None) for guard in allowed.guards for address in (GOOD, BAD)] == [
        Verdict.SEND,
        Verdict.ASK,
    ]


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        pytest.param("www.example.org A", True, id="what the CNAME leads to"),
        pytest.param("www.example.org CNAME", False, id="the CNAME itself"),
    ],
)
def test_the_target_counts_where_the_chain_goes_there(text, denied):
    control = Control(SECRET.format("block"), reply=Reply(answer=CHAIN[:1]))
    assert (control.ask(text, client=BAD).rcode == Rcode.REFUSED) is denied


def test_the_type_of_the_question_is_that_of_the_whole_chain():
    control = Control("secret.example: block AAAA *", reply=Reply(answer=CHAIN))
    assert control.ask("www.example.org A").answer == CHAIN
    assert control.ask("www.example.org AAAA").rcode == Rcode.REFUSED


def test_any_does_not_give_what_its_type_does_not():
    control = Control(".: block A 198.51.100.0/24")
    assert control.ask("www.example.org ANY", client=BAD).rcode == Rcode.REFUSED
    assert control.ask("www.example.org ANY", client=GOOD).answer


SRV = RRset(from_text("www.example.org"), Type.SRV, 5, (srv_rdata(1, 80, from_text("a.secret.example")),))


def test_additional_records_that_a_client_may_not_have_are_left_out_for_it_alone():
    whole = Reply(answer=(SRV,), additional=CHAIN[1:], cell=FOREVER)
    control = Control(SECRET.format("block"), reply=whole)
    part, allowed = control.ask("www.example.org SRV", client=BAD), control.ask("www.example.org SRV")
    assert (part.answer, part.additional, part.cell) == ((SRV,), (), None)
    assert replace(allowed, guards=()) == whole
    assert allowed.guards[0](who(BAD), None) is Verdict.ASK


def test_what_nobody_is_denied_has_no_guard():
    assert Control(SECRET.format("block")).ask(client=BAD).guards == ()


def test_what_is_made_anew_each_time_needs_no_guard():
    control = Control(".: block * 198.51.100.0/24", reply=Reply(answer=records("203.0.113.1")))
    assert control.ask().guards == ()
    assert control.counts.allowed == 1


def test_guards_of_others_stay():
    def other(client, query):
        return Verdict.SEND

    control = Control(
        ".: block * 198.51.100.0/24", reply=Reply(answer=records("203.0.113.1"), cell=FOREVER, guards=(other,))
    )
    assert control.ask().guards[0] is other
    assert len(control.ask().guards) == 2


def test_whatever_a_client_says_of_others_does_not_matter():
    subnet = b"\0\x08\0\x07\0\1\x18\0\xc0\0\2"
    assert (
        Control(".: block * 198.51.100.0/24").ask(client=BAD, edns=Edns(1232, 0, False, subnet)).rcode == Rcode.REFUSED
    )


def test_what_is_counted():
    control = Control(".: drop * 198.51.100.1/32; block * 198.51.100.0/24; filter TXT *")
    allowed = control.ask()
    control.ask(client=BAD)
    control.ask(client=BAD)
    control.ask(client="198.51.100.1")
    control.ask("www.example.org TXT")
    assert [allowed.guards[0](who(address), None) for address in (GOOD, BAD)] == [Verdict.SEND, Verdict.ASK]
    here = ("dns://:53", ".")
    assert control.told() == {
        "allowed": {("dns://:53",): 2},
        "blocked": {here: 2},
        "dropped": {here: 1},
        "filtered": {here: 1},
    }
    assert control.told()["blocked"] == {}
