"""What is printed of checks, and while they are made."""

from fedresolver.cli.diagnose.checks import Finding
from fedresolver.cli.diagnose.printing import document, lines, ok
from fedresolver.cli.diagnose.verdict import State

WELL = Finding(name="udp", looks="l", state=State.OK, seen="answers")
ILL = Finding(name="tcp", looks="l", state=State.FAIL, seen="\x1b[31mred", mend="let TCP\nthrough")


def test_a_line_for_each_check_and_below_it_what_mends_it():
    assert list(lines([WELL, ILL])) == [
        "CHECK   STATE   SEEN",
        "udp     OK      answers",
        r"tcp     FAIL    \x1b[31mred",
        r"    mend: let TCP\nthrough",
        "1 OK, 1 FAIL",
    ]


def test_only_what_fails_is_not_well():
    warned = Finding(name="edns", looks="l", state=State.WARN, seen="s", mend="m")
    assert (ok([WELL, warned]), ok([WELL, ILL])) == (True, False)
    assert document([WELL])["ok"] is True
