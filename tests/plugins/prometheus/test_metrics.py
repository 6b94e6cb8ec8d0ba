import pytest

from fedresolver.chain.handler import Reach, Reply
from fedresolver.observe.metrics import Metrics
from fedresolver.plugins.prometheus.metrics import Traffic
from fedresolver.wire.const import Rcode, Type
from fedresolver.wire.query import Edns
from tests.support.request import finished, request

BLOCK = "dns://:53"
PLACE = (BLOCK, "example.org.")


def asked(text="www.example.org A", **options):
    return request(text, zone="example.org", **options)


A = finished(Reply(plugin="federation"), asked(size=41), size=68, seconds=0.001)


@pytest.fixture
def traffic():
    return Traffic(Metrics())


@pytest.mark.parametrize(
    ("answer", "requests", "responses"),
    [
        pytest.param(A, ("udp", "1", "A"), ("NOERROR", "federation"), id="IPv4 over UDP"),
        pytest.param(
            finished(Reply(rcode=Rcode.NXDOMAIN), asked("x.example.org AAAA", client="2001:db8::1", transport="tcp")),
            ("tcp", "2", "AAAA"),
            ("NXDOMAIN", ""),
            id="IPv6 over TCP, answered by the server",
        ),
        pytest.param(
            finished(question=asked("x.example.org LOC")), ("udp", "1", "other"), ("NOERROR", ""), id="a rare type"
        ),
    ],
)
def test_labels(answer, requests, responses, traffic):
    traffic.count(BLOCK, answer)
    traffic.move()
    assert traffic.requests.values == {(*PLACE, *requests): 1}
    assert traffic.responses.values == {(*PLACE, *responses): 1}


def test_repeats_are_counted_like_answers(traffic):
    traffic.count(BLOCK, A)
    tally = traffic.tally(BLOCK, A)
    for _ in range(3):
        tally[0] += 1
        tally[1] += 41
        tally[2] += 68
    traffic.move()
    assert traffic.requests.value(*PLACE, "udp", "1", "A") == 4
    assert traffic.responses.value(*PLACE, "NOERROR", "federation") == 4
    assert traffic.request_octets.sums == {(*PLACE, "udp"): 4 * 41}
    assert traffic.response_octets.sums == {(*PLACE, "udp"): 4 * 68}


def test_repeats_are_in_the_lowest_bucket_of_time_and_add_none(traffic):
    traffic.count(BLOCK, A)
    traffic.tally(BLOCK, A)[0] += 3
    traffic.move()
    counts = traffic.seconds.counts[PLACE]
    assert counts[:4] == [3, 0, 1, 0]
    assert traffic.seconds.count(*PLACE) == 4
    assert traffic.seconds.sums[PLACE] == 0.001


def test_a_second_scrape_adds_nothing_by_itself(traffic):
    traffic.count(BLOCK, A)
    traffic.move()
    traffic.move()
    assert traffic.requests.value(*PLACE, "udp", "1", "A") == 1
    assert traffic.seconds.count(*PLACE) == 1


def test_the_do_bit_is_counted(traffic):
    traffic.count(BLOCK, A)
    traffic.count(BLOCK, finished(question=asked(edns=Edns(1232, do=True))))
    traffic.count(BLOCK, finished(question=asked(edns=Edns(1232))))
    traffic.move()
    assert traffic.do_requests.value(*PLACE) == 1


def test_answers_of_one_kind_share_a_tally_whatever_their_name(traffic):
    other = finished(Reply(plugin="federation"), asked("other.example.org A", client="198.51.100.9", size=55), size=70)
    assert traffic.tally(BLOCK, other) is traffic.tally(BLOCK, A)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(finished(Reply(plugin="federation"), asked(size=101)), id="size of the query"),
        pytest.param(finished(Reply(plugin="federation"), asked(), size=101), id="size of the answer"),
        pytest.param(finished(Reply(plugin="federation"), asked("www.example.org MX")), id="type"),
        pytest.param(finished(Reply(plugin="whoami"), asked()), id="plugin"),
        pytest.param(finished(Reply(plugin="federation", rcode=Rcode.SERVFAIL), asked()), id="response code"),
        pytest.param(finished(Reply(plugin="federation"), asked(transport="tcp")), id="transport"),
        pytest.param(finished(Reply(plugin="federation"), request()), id="zone"),
    ],
)
def test_answers_of_another_kind_have_another_tally(other, traffic):
    assert traffic.tally(BLOCK, other) is not traffic.tally(BLOCK, A)


def test_all_types_that_there_are_make_only_so_many_tallies(traffic):
    tallies = {id(traffic.tally(BLOCK, finished(question=asked(f"x.example.org {known.name}")))) for known in Type}
    assert len(tallies) == 19


def test_how_far_a_federation_went_is_counted_with_its_repeats(traffic):
    def answer(level, *, fallback):
        return finished(Reply(plugin="federation", reach=Reach("shop", level, fallback)), asked())

    traffic.count(BLOCK, A)  # of no Service
    traffic.count(BLOCK, answer("local", fallback=False))[0] += 2
    traffic.count(BLOCK, answer("region", fallback=True))
    traffic.count(BLOCK, answer("region", fallback=False))
    traffic.move()
    assert traffic.reached.values == {
        (BLOCK, "shop", "local", "false"): 3,
        (BLOCK, "shop", "region", "true"): 1,
        (BLOCK, "shop", "region", "false"): 1,
    }
