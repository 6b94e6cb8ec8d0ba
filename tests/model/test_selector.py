"""Label selectors mean what `kubectl -l` means."""

import pytest

from fedresolver.model.selector import Requirement, Selector, parse

WEB = (("app", "web"), ("example.com/tier", "front"), ("empty", ""), ("in", "notin"))


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        pytest.param("", True, id="an empty selector selects everything"),
        pytest.param("   ", True, id="blanks alone select everything"),
        pytest.param("app=web", True, id="equal"),
        pytest.param("app = web", True, id="blanks around the sign do not count"),
        pytest.param("app==web", True, id="double equals is equals"),
        pytest.param("app=Web", False, id="values are compared with case"),
        pytest.param("app=db", False, id="another value"),
        pytest.param("absent=web", False, id="equals needs the key"),
        pytest.param("app!=db", True, id="not equal to another value"),
        pytest.param("app!=web", False, id="not equal to the own value"),
        pytest.param("absent!=web", True, id="not equal holds without the key"),
        pytest.param("app in (db,web)", True, id="in a set"),
        pytest.param("app in(db, web )", True, id="in a set without a blank before it"),
        pytest.param("app in (db)", False, id="in another set"),
        pytest.param("absent in (db)", False, id="in needs the key"),
        pytest.param("app notin (db)", True, id="not in a set"),
        pytest.param("app notin (db,web)", False, id="not in a set that has it"),
        pytest.param("absent notin (db)", True, id="notin holds without the key"),
        pytest.param("app", True, id="the key is there"),
        pytest.param("absent", False, id="the key is not there"),
        pytest.param("!absent", True, id="the key must not be there"),
        pytest.param("! app", False, id="the key is there but must not"),
        pytest.param("empty", True, id="a key with an empty value is there"),
        pytest.param("empty=", True, id="equals the empty value"),
        pytest.param("app=,empty", False, id="the empty value before a comma"),
        pytest.param("empty in ()", True, id="an empty set holds the empty value"),
        pytest.param("empty in (web,)", True, id="a comma at the end of a set adds the empty value"),
        pytest.param("empty in (,,web)", True, id="commas without a value add the empty value"),
        pytest.param("app=web,example.com/tier=front", True, id="all conditions hold"),
        pytest.param("app=web,example.com/tier=back", False, id="one condition does not hold"),
        pytest.param("in in (in,notin)", True, id="the words of the grammar may be keys and values"),
        pytest.param("in=notin", True, id="the words of the grammar may be the one value"),
    ],
)
def test_matches(text, selected):
    assert parse(text).matches(WEB) is selected


def test_a_selector_is_a_value():
    assert parse("a==b,c notin (d, e), !f") == Selector(
        (
            Requirement("a", frozenset({"b"})),
            Requirement("c", frozenset({"d", "e"}), negated=True),
            Requirement("f", negated=True),
        )
    )


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param(",a", "label selector ',a' has ',' where a label key belongs", id="a comma before all conditions"),
        pytest.param("a,", "label selector 'a,' has the end where a label key belongs", id="a comma after the last"),
        pytest.param("a=b c", "label selector 'a=b c' has 'c' where ',' or the end belongs", id="no comma between"),
        pytest.param("a=(b)", "label selector 'a=(b)' has '(' where a label value belongs", id="a set after equals"),
        pytest.param("a in b", "label selector 'a in b' has 'b' where '(' belongs", id="in without a set"),
        pytest.param(
            "a in (b", "label selector 'a in (b' has the end where ',' or ')' belongs", id="a set without an end"
        ),
        pytest.param(
            "a b",
            "label selector 'a b' has 'b' where '=', '==', '!=', 'in', 'notin', ',' or the end belongs",
            id="two words",
        ),
        pytest.param("!", "label selector '!' has the end where a label key belongs", id="not, without a key"),
        pytest.param(
            "-a", "'-a' is no label key; it has up to 63 letters, digits, '-', '_' or '.'", id="a key with a sign first"
        ),
        pytest.param(
            "Ex_/a",
            "'Ex_' is no prefix of a label key; it is a DNS name, as in example.com/tier",
            id="a prefix that is no name",
        ),
        pytest.param(
            "/a",
            "'' is no prefix of a label key; it is a DNS name, as in example.com/tier",
            id="a slash without a prefix",
        ),
        pytest.param(
            "a=b/c", "'b/c' is no label value; it has up to 63 letters, digits, '-', '_' or '.'", id="a bad value"
        ),
        pytest.param(
            "a>1",
            "'a>1' is no label key; it has up to 63 letters, digits, '-', '_' or '.'",
            id="numbers are not compared",
        ),
    ],
)
def test_errors(text, error):
    with pytest.raises(ValueError, match=r".") as raised:
        parse(text)
    assert str(raised.value) == error


def test_a_value_of_64_letters_is_too_long():
    assert parse(f"a={'b' * 63}").matches((("a", "b" * 63),))
    with pytest.raises(ValueError, match="no label value"):
        parse(f"a={'b' * 64}")
