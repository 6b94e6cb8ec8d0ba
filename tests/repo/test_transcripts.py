"""What pages say to type does what they say."""

import pytest

from tests.support.manuals import ROOT, fenced, pages
from tests.support.transcript import commands, follow

FOLLOWED = [page for page in pages() if any(kind == "console" for kind, _ in fenced(page.read_text("utf-8")))]


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in FOLLOWED])
def test_a_page_can_be_followed(page, tmp_path):
    assert follow(page, tmp_path) > 0


@pytest.mark.parametrize(
    ("told", "printed", "expected"),
    [
        ("a b", "a   b\n", True),
        ("a", "a\nb\n", False),
        ("a\n...\nd", "a\nb\nc\nd\n", True),
        ("a ... d", "a b c d\n", True),
        ("a ... d", "a b c\n", False),
        ("", "", True),
        ("", "x\n", False),
        ("...", "anything\nat all\n", True),
    ],
)
def test_what_is_printed_is_compared(told, printed, expected):
    (command,) = commands(f"$ x\n{told}")
    assert command.matches(printed) is expected
