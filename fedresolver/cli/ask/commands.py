"""The commands that ask a running server: options in, exit code out."""

import sys
import time
from collections.abc import Callable, Hashable, Iterable
from itertools import compress
from typing import Any, TypeVar

import yaml
from msgspec.structs import replace

from fedresolver.cli.ask import clusters, explain, journal, records, services
from fedresolver.cli.ask.client import AskError, Client, as_builtins, as_json
from fedresolver.cli.printed import printed
from fedresolver.cli.progress import Progress
from fedresolver.status.documents import Clusters, Differences, Document, Explanation, Services, Transitions

D = TypeVar("D", bound=Document)
_POLL = 1.0


def show_clusters(url: str, output: str, *, watch: bool, wait: float | None) -> int:
    """Print the member clusters; with `wait` only when all are ready, or these seconds have passed: then exit 1."""
    client = Client(url)

    def find() -> Clusters:
        return client.get("clusters", Clusters)

    found = find() if wait is None else _waited(find, wait)
    _print(found, output, _cluster_lines(found, output))
    if watch:
        _watch(find, found, "clusters", output, lambda found: _cluster_lines(found, output), clusters.still)
    return 0 if wait is None or clusters.all_ready(found) else 1


def show_services(url: str, output: str, *, watch: bool) -> int:
    """Print the federated Services."""
    client = Client(url)

    def find() -> Services:
        return services.every(client)

    found = find()
    _print(found, output, _service_lines(found, output))
    if watch:
        _watch(find, found, "services", output, lambda found: _service_lines(found, output))
    return 0


def show_records(url: str, zone: str, output: str) -> int:
    """Print the records of a zone, or of all."""
    found = records.zones(Client(url), zone)
    if output == "zone":
        _say(records.master_file(found))
    elif output == "table":
        _say(records.lines(found))
    else:
        whole = {"zones": [as_builtins(one) for one in found]}
        _say([_written(whole, output)])
    return 0


def show_journal(url: str, limit: int, output: str, *, watch: bool) -> int:
    """Print the last changes of members and shards."""
    client = Client(url)

    def find() -> Transitions:
        return client.get("transitions", Transitions, {"limit": str(limit)})

    found = find()
    _print(found, output, journal.lines(found))
    if watch:
        _watch(find, found, "transitions", output, journal.lines)
    return 0


def show_explanation(url: str, query: dict[str, str], output: str) -> int:
    """Print why a name has its answer; exit 1 when that is no answer."""
    found = Client(url).get("explain", Explanation, query)
    _print(found, output, explain.lines(found))
    return 0 if found.answer and found.rcode == "NOERROR" else 1


def show_simulation(url: str, suppose: str, output: str) -> int:
    """Print every name whose answer would change."""
    found = Client(url).get("simulate", Differences, {"suppose": suppose})
    _print(found, output, explain.differences(found))
    return 0


def ended(run: Callable[[], int]) -> int:
    """Return the exit code of a command, whose error is one line."""
    try:
        return printed(run)
    except AskError as error:
        print(f"fedresolver: {error}", file=sys.stderr)
        return error.code


def _cluster_lines(found: Clusters, output: str) -> list[str]:
    return clusters.names(found) if output == "name" else clusters.lines(found, wide=output == "wide")


def _service_lines(found: Services, output: str) -> list[str]:
    return services.names(found) if output == "name" else services.lines(found, wide=output == "wide")


def _waited(find: Callable[[], Clusters], seconds: float) -> Clusters:
    """Return the clusters when all are ready, or as they are when the time has passed."""
    deadline = time.monotonic() + seconds
    progress = Progress()
    try:
        while True:
            try:
                found = find()
                if clusters.all_ready(found) or time.monotonic() >= deadline:
                    return found
                progress.say(clusters.awaited(found))
            except AskError as error:
                if time.monotonic() >= deadline:
                    raise
                progress.say(str(error).partition(";")[0])
            time.sleep(_POLL)
    finally:
        progress.end()


def _watch(
    find: Callable[[], D],
    found: D,
    field: str,
    output: str,
    lines: Callable[[D], list[str]],
    still: Callable[[Any], Hashable] = lambda one: one,
) -> None:
    """Print what is new in a field of a document that was printed, again and again until somebody ends it.

    `lines` end with one for each of its things; `still` is what of a thing does not change by itself.
    """
    before = frozenset(map(still, getattr(found, field)))
    while True:
        time.sleep(_POLL)
        found = find()
        things = getattr(found, field)
        fresh = [still(one) not in before for one in things]
        if any(fresh):
            if output == "yaml":
                _say(["---"])
            rows = lines(found)
            news = replace(found, **{field: tuple(compress(things, fresh))})
            _print(news, output, compress(rows[len(rows) - len(things) :], fresh))
        before = frozenset(map(still, things))


def _print(found: Document, output: str, lines: Iterable[str]) -> None:
    if output == "json":
        _say([as_json(found)])
    elif output == "yaml":
        _say([_written(as_builtins(found), output)])
    else:
        _say(lines)


def _written(what: object, output: str) -> str:
    if output == "yaml":
        text: str = yaml.safe_dump(what, sort_keys=False, allow_unicode=True)
        return text.rstrip()
    return as_json(what)


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)
