"""HTTP/1.1 in memory: what is answered, and what a client may have us hold."""

import asyncio
from base64 import urlsafe_b64encode

import pytest

from fedresolver.server.https.http1 import Http1
from tests.server.https.line import Later, Line, work_off
from tests.support.ask import raw, wire

QUERY = raw(wire("www.example.org"))
ANSWER = QUERY[:2] + b"\x80\0" + QUERY[4:]
DNS = urlsafe_b64encode(QUERY).rstrip(b"=")
HOST = b"Host: dns.example.org\r\n"
GET = b"GET /dns-query?dns=" + DNS + b" HTTP/1.1\r\n" + HOST + b"\r\n"
TYPE = b"Content-Type: application/dns-message\r\n"


def post(body, length=None, more=b""):
    told = b"Content-Length: %d\r\n" % (len(body) if length is None else length)
    return b"POST /dns-query HTTP/1.1\r\n" + HOST + TYPE + more + told + b"\r\n" + body


def chunked(*parts):
    head = b"POST /dns-query HTTP/1.1\r\n" + HOST + TYPE + b"Transfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (*parts, b""))


@pytest.fixture
def talk():
    """Give a function that makes a line and what is spoken on it; a loop is there, but never runs."""

    async def made(answer):
        line = Line(answer if callable(answer) else lambda message: answer)
        return line, Http1(line)

    with asyncio.Runner() as runner:
        yield lambda answer=ANSWER: runner.run(made(answer))


def responses(octets):
    """Return status, fields and body of each response, whose lengths must be right."""
    found = []
    while octets:
        head, _, octets = octets.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines)
        size = int(fields.get("content-length", 0))
        found.append((int(first.split()[1]), fields, octets[:size]))
        octets = octets[size:]
    return found


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(GET, id="GET"),
        pytest.param(GET.replace(b" /", b" https://dns.example.org/"), id="a whole URL"),
        pytest.param(post(QUERY), id="POST"),
        pytest.param(chunked(QUERY[:7], QUERY[7:]), id="chunks"),
        pytest.param(b"\r\n" + GET, id="an empty line before it"),
    ],
)
def test_a_query_is_answered(talk, request_):
    line, http = talk()
    work_off(http, line, request_)
    assert line.asked == [QUERY]
    assert responses(line.taken()) == [
        (
            200,
            {
                "date": line.date.decode(),
                "content-type": "application/dns-message",
                "content-length": str(len(ANSWER)),
                "cache-control": "max-age=0",
            },
            ANSWER,
        )
    ]
    assert not line.closed


def test_octets_may_come_one_by_one(talk):
    line, http = talk()
    for octet in post(QUERY) + GET:
        work_off(http, line, bytes((octet,)))
    assert [status for status, _, _ in responses(line.taken())] == [200, 200]


def test_requests_at_once_are_answered_in_order(talk):
    laters = []

    def answer(message):
        laters.append(Later())
        return laters[-1]

    line, http = talk(answer)
    work_off(http, line, GET * 3)
    assert len(laters) == 1
    assert http.is_owed
    laters[0].bring(ANSWER)
    while http.has_work:
        http.work()
    assert len(responses(line.taken())) == 1
    http.work()
    assert len(laters) == 2
    http.lost()
    assert laters[1].cancelled


def test_a_thousand_requests_at_once_are_answered(talk):
    line, http = talk()
    work_off(http, line, GET * 1000)
    assert len(responses(line.taken())) == 1000


def test_head_is_get_without_a_body(talk):
    line, http = talk()
    work_off(http, line, b"HEAD" + GET[3:])
    octets = line.taken()
    assert octets.startswith(b"HTTP/1.1 200 OK\r\n")
    assert octets.endswith(b"\r\n\r\n")
    assert b"content-length: %d\r\n" % len(ANSWER) in octets


@pytest.mark.parametrize(
    ("octets", "status", "closed"),
    [
        pytest.param(GET.replace(b"/dns-query", b"/other"), 404, False, id="path"),
        pytest.param(b"DELETE" + GET[3:], 405, False, id="method"),
        pytest.param(GET.replace(DNS, b"A" * 5463), 414, False, id="long"),
        pytest.param(post(QUERY).replace(TYPE, b""), 415, False, id="type"),
        pytest.param(post(QUERY, more=b"Content-Encoding: gzip\r\n"), 415, False, id="encoding"),
        pytest.param(post(b"", 65_536), 413, True, id="announced"),
        pytest.param(chunked(*[bytes(1000)] * 100), 413, True, id="chunks"),
        pytest.param(chunked(*[b"a"] * 5000), 413, True, id="too many chunks"),
        pytest.param(post(b"", 5).replace(b"POST", b"DELETE"), 405, True, id="a body to come"),
        pytest.param(post(QUERY[:11]), 400, False, id="short"),
        pytest.param(b"\x16\x03\x01\0\0", 400, True, id="TLS"),
        pytest.param(b"GET /" + b"x" * 9000, 414, True, id="a target without end (RFC 9112 3)"),
        pytest.param(GET.replace(DNS, b"A" * 9000), 414, True, id="a target that is too long for a line"),
        pytest.param(GET[:-2] + b"x: " + b"y" * 9000, 431, True, id="a field that is too long (RFC 6585 5)"),
        pytest.param(GET[:-2] + b"x: y\r\n" * 100, 400, True, id="fields"),
        pytest.param(GET[:-2] + b"".join(b"x%d: %b\r\n" % (n, b"y" * 900) for n in range(30)), 431, True, id="header"),
        pytest.param(post(QUERY, more=b"Transfer-Encoding: chunked\r\n"), 400, True, id="smuggling"),
        pytest.param(post(QUERY, more=b"Content-Length: 1\r\n"), 400, True, id="two lengths"),
        pytest.param(chunked(b"abc").replace(b"3\r\n", b"zz\r\n"), 400, True, id="no number of octets"),
        pytest.param(b"CONNECT dns.example.org:443 HTTP/1.1\r\n" + HOST + b"\r\n", 404, True, id="CONNECT"),
    ],
)
def test_a_request_that_is_none_of_dns_gets_a_status(talk, octets, status, closed):
    line, http = talk()
    work_off(http, line, octets)
    (found,) = responses(line.taken())
    assert found[0] == status
    assert line.counted == [status]
    assert line.asked == []
    assert (found[1].get("connection") == "close") == closed
    assert found[1].get("allow") == ("GET, HEAD, POST" if status == 405 else None)


def test_a_body_that_was_refused_is_read_over_for_two_seconds(talk):
    line, http = talk()
    work_off(http, line, post(b"", 70_000))
    work_off(http, line, bytes(70_000))
    assert len(responses(line.taken())) == 1
    http.check(1.9)
    assert not line.closed
    http.check(2.0)
    assert line.closed


@pytest.mark.parametrize(
    "octets", [(b"G",), (GET[:-1],), (post(QUERY)[:-1],), (GET, b"G")], ids=["method", "header", "body", "next"]
)
def test_cve_2007_6750_slowloris_ends_after_ten_seconds(talk, octets):
    line, http = talk()
    for part in octets:
        work_off(http, line, part)
    line.taken()
    http.check(9.9)
    assert line.taken() == b""
    http.check(10.0)
    assert responses(line.taken())[0][0] == 408
    http.check(12.0)
    assert line.closed


def test_nothing_to_come_has_no_deadline(talk):
    line, http = talk()
    work_off(http, line, GET)
    line.taken()
    http.check(1000.0)
    assert not line.closed
    assert line.taken() == b""


def test_who_waits_for_leave_to_go_on_gets_it_once(talk):
    line, http = talk()
    octets = post(QUERY, more=b"Expect: 100-continue\r\n")
    work_off(http, line, octets[: -len(QUERY)])
    assert line.taken() == b"HTTP/1.1 100 Continue\r\n\r\n"
    work_off(http, line, QUERY[:5])
    assert line.taken() == b""
    work_off(http, line, QUERY[5:])
    assert responses(line.taken())[0][2] == ANSWER


@pytest.mark.parametrize(
    "octets",
    [
        GET[:-2] + b"Connection: close\r\n\r\n",
        GET.replace(b"1.1", b"1.0"),
        GET[:-2]
        + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n",
    ],
    ids=["close", "1.0", "upgrade"],
)
def test_a_request_may_be_the_last(talk, octets):
    line, http = talk()
    work_off(http, line, octets)
    assert responses(line.taken())[0][2] == ANSWER
    assert line.closed


def test_no_answer_ends_the_connection(talk):
    line, http = talk(lambda message: None)
    work_off(http, line, GET)
    assert line.taken() == b""
    assert line.closed


def test_a_transfer_is_refused(talk):
    line, http = talk(iter((b"",)))
    work_off(http, line, GET)
    assert responses(line.taken())[0][2][3] & 0xF == 5


def test_a_thousand_small_chunks_are_one_body(talk):
    line, http = talk()
    work_off(http, line, chunked(*[bytes((octet,)) for octet in QUERY + bytes(1000)]))
    assert line.asked == [QUERY + bytes(1000)]
