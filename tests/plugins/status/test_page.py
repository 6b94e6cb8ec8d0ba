"""The page at `/`, in a browser: what it shows, live, and who can use it."""

import os
import re

import pytest

from tests.support.browser import browser
from tests.support.deadline import eventually
from tests.support.manifests import node, put
from tests.support.manifests import shard as shard_of
from tests.support.running import free_ports, running
from tests.support.screenshot import PICTURE, take
from tests.support.status import NAME, FakeTold, cluster, served
from tests.support.status import service as told_service

COREFILE = f"""
.:0 {{
    bind 127.0.0.1
    status 127.0.0.1:PORT
    federation {NAME} example.com {{
        manifests members
        local c1
    }}
}}
"""
PLACES = {"c1": ("north", "oslo"), "c2": ("south", "rome"), "c3": ("south", "bari"), "c4": ("west", "lyon")}
PHONE = (360, 740)
HOSTILE = (
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "\"'><b id=owned>&amp;",
    "\u202egnp.exe\u202c\u2066\x1b[2J\n\u2028",
)

FORBIDDEN = {"connect-src", "script-src", "img-src"}
OVERFLOWS = "document.documentElement.scrollWidth > innerWidth"
FOCUS_IS_SEEN = """(() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2;
})()"""
UNLABELLED = """[...document.querySelectorAll("input, select, textarea, button")]
  .filter((one) => !(one.labels?.[0]?.innerText || one.innerText.trim())).length"""
# All text, and all marks, whose contrast with what is behind them is too low (WCAG 2.2, 1.4.3 and 1.4.11).
DIM = """(() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parts(colour).map((one) => one / 255).map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor, [, , , alpha = 1] = parts(colour);
      if (alpha === 1) return colour;
      if (alpha !== 0) throw new Error(`half transparent: ${one.outerHTML}`);
    }
    throw new Error("no ground");
  };
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const found = [];
  const check = (element, pseudo, least) => {
    const colour = getComputedStyle(element, pseudo).color, ratio = contrast(colour, ground(element));
    if (ratio < least) found.push(`${ratio.toFixed(2)} ${colour} ${element.outerHTML.slice(0, 80)}`);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let texts = 0;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    texts += 1;
    check(element, null, 4.5);
  }
  document.querySelectorAll("input, select").forEach((one) => check(one, null, 4.5));
  document.querySelectorAll("input").forEach((one) => check(one, "::placeholder", 4.5));
  document.querySelectorAll(".mark").forEach((one) => check(one, "::before", 3));
  return { texts, found };
})()"""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture
def page(chromium):
    with chromium.page() as page:
        page.size(1200, 900)
        yield page


@pytest.fixture(scope="module")
def members(tmp_path_factory):
    """The folder of the members; a shard of each, of which that of c1 is not ready."""
    folder = tmp_path_factory.mktemp("page")
    for name, place in PLACES.items():
        put(folder / "members", f".{name}", "place.yaml", node("n", *place))
        (folder / "members" / name).symlink_to(f".{name}")  # so that it can be put out of reach at once
        shard(folder, name, ready=name != "c1")
    return folder


@pytest.fixture(scope="module")
def server(members):
    with running(members, corefile()) as server:
        yield server


@pytest.fixture
def url(server):
    host, port = server.server.listeners.http["127.0.0.1", 0].address
    return f"http://{host}:{port}/"


def corefile(port=0):
    return COREFILE.replace("PORT", str(port))


def shard(folder, member, *, ready):
    """Have a member's shard of shop/cart ready, or not."""
    put(folder / "members", f".{member}", "cart.yaml", *shard_of("cart", ready=ready))


def mark(name):
    """Return the expression for the mark that a member has."""
    return f"[...document.querySelectorAll('.member .name')].find((one) => one.textContent.startsWith('{name}'))?.className"


def has(selector, text):
    """Return the expression for whether the text of what a selector fits has `text` in it."""
    return f"[...document.querySelectorAll('{selector}')].some((one) => one.innerText.includes({text!r}))"


def test_the_members_by_region(page, url):
    page.open(url)
    page.until("document.title === '4 of 4 members ready · fedresolver'")
    found = page.value(
        "[...document.querySelectorAll('.region')].map((one) => "
        "[one.querySelector('h3').innerText, ...[...one.querySelectorAll('.name')].map((one) => one.innerText)])"
    )
    assert found == [["north", "c1 (local)"], ["south", "c2", "c3"], ["west", "c4"]]
    assert re.fullmatch(r"Ready · 1 shard · oslo · known for \d+ s", page.text(".member .detail"))
    assert page.text("#state") == "4 of 4 members ready"
    assert page.value("document.querySelector('#state').className") == "mark good"


def test_a_shard_that_fails_shows_without_a_reload(page, members, url):
    page.open(url)
    page.until(has(".service .detail", "3/4 healthy · answers: global"))
    page.value("window.same = true")
    try:
        shard(members, "c2", ready=False)
        page.until(has(".change:first-child", "c2 · shop/cart"))
        assert page.text(".change:first-child").endswith("1 of 1 ready → 0 of 1 ready")
        page.until(has(".service .detail", "2/4 healthy"))
        assert page.value("window.same") is True
    finally:
        shard(members, "c2", ready=True)
        page.until(has(".service .detail", "3/4 healthy"))


def test_a_member_that_is_not_heard_any_more_changes_its_mark(page, members, url):
    page.open(url)
    page.until(f"{mark('c3')} === 'name mark good'")
    link, other = members / "members" / "c3", members / "members" / ".other"
    try:
        other.write_text("no folder")
        os.replace(other, link)
        page.until(f"{mark('c3')} === 'name mark warn'")
        page.until("document.title.startsWith('3 of 4')")
        page.until(has(".member .detail", "Stale · 1 shard · bari · last heard "))
    finally:
        other.symlink_to(".c3")
        os.replace(other, link)
        page.until(f"{mark('c3')} === 'name mark good'")


def test_after_a_reload_of_the_configuration_it_goes_on(page, members, server, url):
    page.open(url)
    page.until(has(".service .detail", "3/4 healthy"))
    server.reload(corefile() + "# other\n")
    eventually(lambda: page.asked.count(f"{url}v1/events") == 2)  # what it read has ended, and it asks anew
    try:
        shard(members, "c4", ready=False)
        page.until(has(".service .detail", "2/4 healthy"))
    finally:
        shard(members, "c4", ready=True)
        page.until(has(".service .detail", "3/4 healthy"))


def test_a_name_is_explained_by_keyboard_alone(page, url):
    page.open(url)
    page.until("document.querySelector('.service')")
    stops = []
    while stops[-1:] != ["name"]:
        page.press("Tab")
        stops.append(page.value("document.activeElement.id"))
        assert page.value(FOCUS_IS_SEEN), f"the focus is not seen: {stops}"
        assert len(stops) < 10, stops
    page.write(f"cart.shop.{NAME}")
    page.press("Enter")
    page.until(has("#explained", "answer: NOERROR, global"))
    assert "- c1: 0 of 1 endpoints are ready; changes when an endpoint is ready" in page.text("#explained")
    page.press("Tab")
    assert page.value("document.activeElement.id") == "from"
    page.write("c2")  # a list goes to what is typed
    page.press("Tab")
    page.press("Enter")
    page.until(has("#explained", "answer: NOERROR, local"))
    page.press("Tab", shift=True)
    assert page.value("document.activeElement.value") == "c2"


def test_the_first_stop_leads_past_the_head(page, url):
    page.open(url)
    page.press("Tab")
    assert page.value("document.activeElement.innerText") == "Skip to the members"
    assert page.value("document.activeElement.getBoundingClientRect().left >= 0")
    page.press("Enter")
    page.until("document.activeElement.id === 'members'")


def test_a_service_explains_itself(page, url):
    page.open(url)
    page.until("document.querySelector('.service button')")
    page.value("document.querySelector('.service button').focus()")
    page.press("Enter")
    page.until(has("#explained", f"cart.shop.{NAME}.svc.cluster.local. A, asked in c1"))


def test_what_is_no_name_is_said_in_a_line(page, url):
    page.open(url)
    page.value("document.querySelector('#name').focus()")
    page.write("a..b")
    page.press("Enter")
    page.until(has("#explained", "name: label of 0 octets"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_asks_nobody_else_and_complains_of_nothing(page, url, scheme):
    page.scheme(scheme)
    page.open(url)
    page.until("document.querySelector('.service button')")
    page.value("document.querySelector('.service button').click()")
    page.until("document.querySelector('#explained').innerText")
    assert len(page.asked) >= 4  # the page, the events, the Services, why
    assert [one for one in page.asked if not one.startswith((url, "data:"))] == []
    assert page.complaints == []


def test_its_policy_forbids_what_is_not_its_own(page, url):
    """What the other tests rely on: that something forbidden is noticed."""
    page.open(url)
    page.value("fetch('http://192.0.2.1/').catch(() => 0)")
    page.value(
        "document.body.append(Object.assign(document.createElement('script'), { textContent: 'document.title = 1' }))"
    )
    page.value("document.body.append(Object.assign(document.createElement('img'), { src: '/x.png' }))")
    forbidden = re.compile(r"violates the following Content Security Policy directive:? ['\"]([a-z-]+)")
    eventually(lambda: set(forbidden.findall("\n".join(page.complaints))) == FORBIDDEN)


def test_its_parts_are_named(page, url):
    page.open(url)
    page.until("document.querySelector('.service')")
    assert page.value("document.documentElement.lang") == "en"
    assert page.value("['h1', 'main', 'header'].map((one) => document.querySelectorAll(one).length)") == [1, 1, 1]
    assert page.value(UNLABELLED) == 0
    assert page.value(
        "[...document.querySelectorAll('main > section')].map((one) => one.ariaLabelledByElements[0].innerText)"
    ) == [
        "Members",
        "Services",
        "Why does a name have its answer?",
        "Last changes",
    ]


def long_names():
    told = FakeTold(
        (
            cluster("c1", local=True, zones=("oslo", "bergen"), version="v1.34.4", shards=1),
            cluster("m" * 63, "Stale", heard=45.0, phase="watch", why="connection refused by " + "h" * 200),
            cluster("c3", "Expired", heard=4000.0, phase="tls", why="certificate has expired", next="renew it " * 20),
            cluster("c4", "NotListed", heard=None, regions=("r" * 63,)),
        ),
        (
            told_service("s" * 63, 1, 2, namespace="n" * 63),
            *(told_service(f"s{number}", number % 2, 1) for number in range(60)),
        ),
    )
    told.change(0.0, "m" * 63, "0 of 3 ready", "3 of 3 ready", f"{'n' * 63}/{'s' * 63}")
    return told


@pytest.fixture(scope="module")
def made_up():
    """The pages of a federation with long names, and a member of each status."""
    with served(long_names()) as status:
        yield status


@pytest.mark.parametrize("width", [320, PHONE[0], 768, 1200])
def test_nothing_is_wider_than_the_screen(page, made_up, width):
    page.size(width, PHONE[1], mobile=width < 700)
    page.open(made_up.url)
    page.until("document.querySelectorAll('.service').length === 50 && document.querySelector('.change')")
    page.value("document.querySelector('.service button').click()")
    page.until("document.querySelector('#explained').innerText")
    assert page.value(f"[{OVERFLOWS}, innerWidth]") == [False, width]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_of_it_can_be_read(page, made_up, scheme):
    page.scheme(scheme)
    page.open(made_up.url)
    page.until("document.querySelector('.service') && document.querySelector('.change')")
    seen = page.value(DIM)
    assert seen["texts"] > 100
    assert seen["found"] == []
    grounds = {"light": "rgb(246, 248, 250)", "dark": "rgb(13, 17, 23)"}
    assert page.value("getComputedStyle(document.body).backgroundColor") == grounds[scheme]


def test_each_status_has_its_mark_and_says_what_is_wrong(page, made_up):
    page.open(made_up.url)
    page.until("document.querySelector('.member')")
    assert page.value("document.querySelector('#state').className") == "mark warn"
    marks = [page.value(mark(name)).split()[-1] for name in ("c1", "mmm", "c3", "c4")]
    assert marks == ["good", "warn", "bad", "bad"]
    assert page.value(has(".why", "tls: certificate has expired"))
    assert page.value(has(".detail", "last heard 66 min ago"))
    assert page.value(has(".detail", "never heard"))


def test_services_are_looked_for_by_a_part_of_their_name(page, made_up):
    page.open(made_up.url)
    page.until(has("#more", "The first 50"))
    page.value("document.querySelector('#filter').focus()")
    page.write("s5")
    page.until("document.querySelectorAll('.service').length === 11")
    assert page.text(".service .link") == "s5.shop"
    page.until("document.querySelector('#more').innerText === ''")
    page.write("xx")
    page.until(has("#more", "No Service has that in its name."))
    assert page.value("document.querySelectorAll('.service').length") == 0


def test_hostile_text_is_text(page):
    told = FakeTold(
        tuple(
            cluster(
                f"c{number}{text}", text, regions=(text,), zones=(text,), version=text, phase=text, why=text, next=text
            )
            for number, text in enumerate(HOSTILE)
        ),
        tuple(told_service(text, namespace=text) for text in HOSTILE),
    )
    for text in HOSTILE:
        told.change(0.0, text, text, text, text)
    with served(told) as status:
        page.open(status.url)
        page.until(
            "document.querySelectorAll('.service').length === 4 && document.querySelectorAll('.change').length === 4"
        )
        shown = page.value("document.querySelector('main').innerText")
        assert page.value("document.querySelectorAll('main script, main img, main b, #owned').length") == 0
        assert page.value("document.title") == "0 of 4 members ready · fedresolver"
        assert page.complaints == []
    for text in HOSTILE[:3]:
        assert shown.count(text) >= 10
    assert r"\u{202e}gnp.exe\u{202c}\u{2066}\u{1b}[2J\u{a}" in shown
    assert not set(HOSTILE[3]) & set("\u202e\u202c\u2066\x1b") & set(shown)


def test_a_server_that_has_gone_is_said_so_until_it_is_back(page, members):
    (port,) = free_ports(1)
    with running(members, corefile(port)):
        page.open(f"http://127.0.0.1:{port}/")
        page.until("document.title.startsWith('4 of 4')")
        page.value("window.same = true")
    page.until(has("#state[data-lost]", "The server cannot be reached; what is shown is old"))
    with running(members, corefile(port)):
        page.until(has("#state:not([data-lost])", "4 of 4 members ready"), 30)
        assert page.value("window.same") is True
        assert page.value("document.querySelectorAll('.change').length") == 8  # those of the new server, once


def test_one_page_too_many_waits_for_its_turn(page, chromium):
    with served(FakeTold((cluster("c1"),)), 1) as status:
        page.open(status.url)
        page.until("document.title.startsWith('1 of 1')")
        with chromium.page() as second:
            second.open(status.url)
            second.until(has("#state[data-lost]", "As many pages are open as may be"))
            page.open("about:blank")
            second.until(has("#state:not([data-lost])", "1 of 1 members ready"), 30)


def test_its_picture_for_the_manual_can_be_taken_anew(page, tmp_path):
    picture = take(page, tmp_path)
    assert picture.startswith(b"\x89PNG")
    assert 20_000 < len(picture) < 150_000
    assert PICTURE.stat().st_size < 150_000
