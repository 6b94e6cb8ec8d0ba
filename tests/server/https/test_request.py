"""From HTTP requests to DNS messages (RFC 8484 4.1)."""

from base64 import urlsafe_b64encode

import pytest

from fedresolver.server.https import request
from fedresolver.server.https.request import LONGEST_BODY, LONGEST_VALUE, MEDIA_TYPE, Head, message, refusal
from tests.support.ask import opt, option, raw, wire

PATH = "/dns-query"
QUERY = raw(wire("www.example.org"))


def value(octets):
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (f"{PATH}?dns={value(QUERY)}", None),
        (PATH, None),
        (f"https://dns.example.org{PATH}?dns=AAAA", None),
        (f"{PATH}/", request.NO_SUCH_PATH),
        ("/", request.NO_SUCH_PATH),
        ("*", request.NO_SUCH_PATH),
        ("", request.NO_SUCH_PATH),
        ("https://dns.example.org", request.NO_SUCH_PATH),
        (f"/{PATH}", request.NO_SUCH_PATH),
    ],
)
def test_there_is_one_path(target, expected):
    assert refusal(Head("GET", target), PATH) is expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (Head("POST", PATH, MEDIA_TYPE, length="65535"), None),
        (Head("POST", PATH, "Application/DNS-Message; x=y"), None),
        (Head("POST", PATH, MEDIA_TYPE, length="65536"), request.TOO_LARGE),
        (Head("POST", PATH, MEDIA_TYPE, length="9" * 5000), request.TOO_LARGE),
        (Head("POST", PATH), request.OTHER_TYPE),
        (Head("POST", PATH, "application/dns-json"), request.OTHER_TYPE),
        (Head("POST", PATH, MEDIA_TYPE, "gzip"), request.OTHER_TYPE),
        (Head("PUT", PATH, MEDIA_TYPE), request.METHOD),
        (Head("get", PATH), request.METHOD),
        (Head("HEAD", PATH), None),
    ],
)
def test_what_is_refused_before_a_body_is_read(head, expected):
    assert refusal(head, PATH) is expected


LONG = raw(wire("www.example.org"), more=opt(1232, option(12, bytes(4096 - len(QUERY) - 15))))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"dns={value(QUERY)}", QUERY),
        (f"a=b&dns={value(QUERY)}&dnsx=1", QUERY),
        (f"dns={urlsafe_b64encode(QUERY).decode()}", QUERY),
        (f"dns={value(LONG)}", LONG),
        ("", request.NO_VALUE),
        ("dns", request.NO_VALUE),
        (f"DNS={value(QUERY)}", request.NO_VALUE),
        (f"dns={value(QUERY)}&dns={value(QUERY)}", request.NO_VALUE),
        (f"dns={'A' * (LONGEST_VALUE + 1)}", request.LONG_VALUE),
        (f"dns={value(QUERY)}%3D", request.NOT_BASE64URL),
        (f"dns={value(QUERY)}+/", request.NOT_BASE64URL),
        (f"dns={value(QUERY)}\n", request.NOT_BASE64URL),
        ("dns=" + "A" * 17, request.NOT_BASE64URL),
        ("dns=ÄÄÄÄ", request.NOT_BASE64URL),
        ("dns===", request.NOT_DNS),
        ("dns=", request.NOT_DNS),
        (f"dns={value(QUERY[:11])}", request.NOT_DNS),
        (f"dns={value(raw(wire('www.example.org'), flags=0x8000))}", request.NOT_DNS),
    ],
)
def test_the_message_of_a_get(query, expected):
    assert message(Head("GET", f"{PATH}?{query}"), b"") == expected


def test_a_long_message_has_the_length_that_is_allowed():
    assert (len(LONG), len(value(LONG))) == (4096, LONGEST_VALUE)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (QUERY, QUERY),
        (QUERY + bytes(LONGEST_BODY - len(QUERY)), QUERY + bytes(LONGEST_BODY - len(QUERY))),
        (b"", request.NOT_DNS),
        (QUERY[:2] + b"\x80" + QUERY[3:], request.NOT_DNS),
    ],
    ids=["query", "65535 octets", "nothing", "response"],
)
def test_the_message_of_a_post(body, expected):
    assert message(Head("POST", PATH, MEDIA_TYPE), body) == expected
