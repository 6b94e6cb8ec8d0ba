"""Whether an upstream is asked, as a table."""

import pytest

from fedresolver.upstream.forwarding.health import NEXT, Health, News, State

WORDS = {"answered": News.ANSWERED, "failed": News.FAILED, "check": News.CHECK_FAILED}


def test_every_state_knows_all_news():
    assert set(NEXT) == {(state, news) for state in State for news in News}


@pytest.mark.parametrize(
    ("max_fails", "news", "state"),
    [
        (2, "", "up"),
        (2, "answered", "up"),
        (2, "failed", "suspect"),
        (2, "failed failed failed", "suspect"),
        (2, "failed check", "suspect"),
        (2, "failed check check", "down"),
        (1, "failed check", "down"),
        (2, "failed check answered", "up"),
        (2, "failed check answered failed check", "suspect"),
        (2, "failed check check check failed", "down"),
        (2, "failed check check answered", "up"),
        (2, "check check check", "up"),
        (0, "failed check check check", "up"),
    ],
)
def test_news(max_fails, news, state):
    health = Health(max_fails)
    for word in news.split():
        assert health.learn(WORDS[word]) is health.state
    assert health.state.value == state
