"""Questions over TCP to upstreams that behave well, badly, or not at all; real sockets."""

import asyncio
import gc
import socket
from contextlib import ExitStack, asynccontextmanager, contextmanager
from itertools import pairwise

import pytest

from fedresolver.upstream.exchange.connection import MOST_IN_FLIGHT
from fedresolver.upstream.exchange.stream import MOST_CONNECTIONS, MOST_WAITING, StreamPool
from fedresolver.upstream.failure import Cause, UpstreamError
from fedresolver.upstream.target import Target
from tests.support.ask import framed, raw, wire
from tests.support.clock import LeapLoop, leap
from tests.support.deadline import until
from tests.support.upstream import ADDRESS, echo, reply, upstream

SECONDS = 20.0
LONGER = 3 * SECONDS
EXPIRE = 10.0
WWW = raw(wire("www.example.org"), id=0x7150)


def message(number):
    return raw(wire(f"n{number}.example.org"), id=number)


@asynccontextmanager
async def pool(port, host=ADDRESS):
    made = StreamPool(Target(host, port), None, asyncio.get_running_loop().time, EXPIRE)
    try:
        yield made
    finally:
        await made.close()
        assert made.connections == 0


def run_alone(work):
    with asyncio.Runner(loop_factory=LeapLoop) as runner:
        return runner.run(work)


def run(script, work, host=ADDRESS):
    """Return what `work(pool, upstream)` does; nothing may be left of it, and the loop may not complain."""

    async def all_of_it():
        complaints = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: complaints.append(context))
        async with upstream(script, host=host) as server, pool(server.port, host) as streams:
            result = await work(streams, server)
        gc.collect()
        assert complaints == []
        assert [task for task in asyncio.all_tasks() if "/fedresolver/" in task.get_coro().cr_code.co_filename] == []
        return result

    return run_alone(all_of_it())


async def failure(asking):
    """Return why there is no answer."""
    with pytest.raises(UpstreamError) as error:
        await asking
    return error.value.cause


async def outcome(asking):
    """Return the answer, or why there is none."""
    try:
        return await asking
    except UpstreamError as error:
        return error.cause


def started(streams, *messages, seconds=SECONDS):
    """Return tasks that ask, in order."""
    return [asyncio.create_task(streams.ask(one, seconds)) for one in messages]


@pytest.mark.parametrize("host", [ADDRESS, "::1"])
def test_the_reply_comes_back_under_the_id_of_the_message(host):
    more = bytes(range(256))

    async def script(conversation):
        conversation.send(reply(await conversation.query(), more))
        await conversation.closed()

    async def work(streams, server):
        return await streams.ask(WWW, SECONDS)

    assert run(script, work, host=host) == reply(WWW, more)


def test_questions_share_a_connection_under_ids_of_their_own_and_answers_come_in_any_order():
    seen = []

    async def script(conversation):
        seen.extend(await conversation.queries(20))
        for query in reversed(seen):
            conversation.send(reply(query))
        await conversation.closed()

    async def work(streams, server):
        found = await asyncio.gather(*(streams.ask(WWW if n % 2 else message(7), SECONDS) for n in range(20)))
        return found, server.accepted

    found, accepted = run(script, work)
    assert (found, accepted) == ([reply(WWW if n % 2 else message(7)) for n in range(20)], 1)
    assert len({query[:2] for query in seen}) == 20
    assert {query[2:] for query in seen} == {WWW[2:], message(7)[2:]}


def test_ids_cannot_be_guessed_from_earlier_ones():
    seen = []

    async def script(conversation):
        while True:
            seen.append(await conversation.query())
            conversation.send(reply(seen[-1]))

    async def work(streams, server):
        for _ in range(64):
            await streams.ask(WWW, SECONDS)

    run(script, work)
    numbers = [int.from_bytes(query[:2]) for query in seen]
    assert len({(later - earlier) % 65536 for earlier, later in pairwise(numbers)}) > 50


def test_an_answer_in_many_pieces_and_many_answers_in_one():
    async def script(conversation):
        await conversation.trickle(framed(reply(await conversation.query())))
        one, two, three = await conversation.queries(3)
        whole = framed(reply(two), reply(three), reply(one))
        conversation.write(whole[:30])
        await conversation.trickle(whole[30:50])
        conversation.write(whole[50:])
        await conversation.closed()

    async def work(streams, server):
        first = await streams.ask(WWW, SECONDS)
        return [first, *await asyncio.gather(*(streams.ask(message(n), SECONDS) for n in range(3)))]

    assert run(script, work) == [reply(one) for one in (WWW, message(0), message(1), message(2))]


def test_the_largest_answer():
    more = bytes(65535 - len(WWW))

    async def script(conversation):
        for _ in range(3):
            conversation.send(reply(await conversation.query(), more))
        await conversation.closed()

    async def work(streams, server):
        return await asyncio.gather(*(streams.ask(WWW, SECONDS) for _ in range(3)))

    assert run(script, work) == [reply(WWW, more)] * 3


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda query: reply(query).replace(b"www", b"wWW"), id="another letter case"),
        pytest.param(lambda query: query[:2] + b"\x81\x81" + bytes(8), id="FORMERR without the question"),
    ],
)
def test_answers_that_belong(answer):
    async def script(conversation):
        conversation.send(answer(await conversation.query()))
        await conversation.closed()

    async def work(streams, server):
        return await streams.ask(WWW, SECONDS)

    assert run(script, work) == answer(WWW)


GARBAGE = [
    pytest.param(lambda query, _: b"", False, id="no octet"),
    pytest.param(lambda query, _: query[:1], False, id="one octet"),
    pytest.param(lambda query, _: query[:2], True, id="an ID alone"),
    pytest.param(lambda query, _: reply(query)[:11], True, id="11 octets"),
    pytest.param(lambda query, _: reply(query)[:12], True, id="a header that promises a question"),
    pytest.param(lambda query, _: query, True, id="the query itself"),
    pytest.param(lambda query, unused: unused + reply(query)[2:], False, id="an ID that nobody asked"),
    pytest.param(lambda query, unused: unused + bytes(65533), False, id="a large one"),
    pytest.param(lambda query, _: reply(query).replace(b"www", b"vvv"), True, id="a name that nobody asked"),
    pytest.param(lambda query, _: reply(query)[:-4] + b"\0\x1c\0\1", True, id="a type that nobody asked"),
    pytest.param(lambda query, _: reply(query)[:-1] + b"\3", True, id="a class that nobody asked"),
    pytest.param(lambda query, _: reply(query)[:4] + b"\0\2" + reply(query)[6:], True, id="two questions"),
]
"""What an upstream may send, and whether it names a question with it."""


def unused(queries):
    """Return an ID that none of them has."""
    return min({bytes((0, n)) for n in range(5)} - {query[:2] for query in queries})


@pytest.mark.parametrize(("answer", "names"), GARBAGE)
def test_what_does_not_belong_ends_the_connection(answer, names):
    """A question that garbage does not name is asked once more, as one is that garbage for another has disturbed."""

    async def script(conversation):
        query = await conversation.query()
        conversation.send(answer(query, unused([query])))
        await conversation.closed()

    async def work(streams, server):
        return await failure(streams.ask(WWW, SECONDS)), server.accepted, streams.connections

    assert run(script, work) == (Cause.GARBAGE, 1 if names else 2, 0)


@pytest.mark.parametrize(("answer", "names"), GARBAGE)
def test_garbage_for_one_costs_the_others_nothing(answer, names):
    async def script(conversation):
        if conversation.number > 1:
            return await echo(conversation)
        queries = await conversation.queries(4)
        conversation.send(reply(queries[0]), answer(queries[3], unused(queries)), reply(queries[3]))
        return await conversation.closed()

    async def work(streams, server):
        return [await outcome(task) for task in started(streams, *map(message, range(3)), WWW)], server.accepted

    bad = Cause.GARBAGE if names else reply(WWW)
    assert run(script, work) == ([*(reply(message(n)) for n in range(3)), bad], 2)


def test_what_comes_unasked_ends_the_connection():
    async def script(conversation):
        if conversation.number > 1:
            return await echo(conversation)
        conversation.send(reply(await conversation.query()), reply(WWW))
        return await conversation.closed()

    async def work(streams, server):
        await streams.ask(WWW, SECONDS)
        await until(lambda: not streams.connections)
        return await streams.ask(WWW, SECONDS), server.accepted

    assert run(script, work) == (reply(WWW), 2)


@pytest.mark.parametrize("abort", [False, True], ids=["closed", "in the middle of an answer"])
def test_a_connection_that_ends_before_the_answer_is_tried_once_more(abort):
    async def script(conversation):
        if conversation.number > 1:
            return await echo(conversation)
        query = (await conversation.queries(3))[0]
        if abort:
            conversation.write(framed(reply(query))[:-1])
        conversation.close()
        return None

    async def work(streams, server):
        found = await asyncio.gather(*(streams.ask(message(n), SECONDS) for n in range(3)))
        return found, server.accepted

    assert run(script, work) == ([reply(message(n)) for n in range(3)], 2)


def test_and_only_once():
    async def script(conversation):
        await conversation.query()

    async def work(streams, server):
        with pytest.raises(UpstreamError, match=rf"^127.0.0.1:{server.port}: it closed the connection$") as error:
            await streams.ask(WWW, SECONDS)
        return error.value.cause, server.accepted

    assert run(script, work) == (Cause.CLOSED, 2)


def test_a_connection_that_was_closed_while_it_was_idle():
    async def script(conversation):
        conversation.send(reply(await conversation.query()))

    async def work(streams, server):
        return [await streams.ask(message(n), SECONDS) for n in range(5)], server.accepted

    assert run(script, work) == ([reply(message(n)) for n in range(5)], 5)


def test_a_stream_that_stalls_costs_the_time_out_and_is_not_used_again():
    stalled, ended = asyncio.Event(), asyncio.Event()

    async def script(conversation):
        if conversation.number > 1:
            return await echo(conversation)
        conversation.write(framed(reply(await conversation.query()))[:20])
        stalled.set()
        await conversation.closed()
        return ended.set()

    async def work(streams, server):
        (asked,) = started(streams, WWW)
        await stalled.wait()
        await leap(SECONDS)
        with pytest.raises(UpstreamError, match=rf"^127.0.0.1:{server.port}: no answer in time$") as error:
            await asked
        await ended.wait()
        return error.value.cause, await streams.ask(WWW, SECONDS), server.accepted

    assert run(script, work) == (Cause.TIMEOUT, reply(WWW), 2)


def test_octets_that_never_make_a_message_do_not_prolong_the_wait():
    async def script(conversation):
        await conversation.query()
        conversation.write(b"\xff\xff")
        for _ in range(20):
            await conversation.trickle(bytes(50))
            await leap(SECONDS / 20)
        await conversation.closed()

    async def work(streams, server):
        return await failure(streams.ask(WWW, SECONDS)), streams.connections

    assert run(script, work) == (Cause.TIMEOUT, 0)


def test_a_question_that_is_slow_beside_others_keeps_the_connection_and_its_late_answer_is_dropped():
    async def script(conversation):
        slow, fast = await conversation.queries(2)
        conversation.send(reply(fast))
        third = await conversation.query()
        conversation.send(reply(slow), reply(third))
        await conversation.closed()

    async def work(streams, server):
        slow, fast = started(streams, message(1), message(2))
        fast = await fast
        await leap(SECONDS)
        return await failure(slow), fast, await streams.ask(message(3), SECONDS), server.accepted

    assert run(script, work) == (Cause.TIMEOUT, reply(message(2)), reply(message(3)), 1)


def test_an_upstream_that_leaves_out_half_of_the_questions_does_not_fill_the_connection_up():
    async def script(conversation):
        while True:
            query = await conversation.query()
            if b"answered" in query:
                conversation.send(reply(query))

    async def work(streams, server):
        for _ in range(2):
            unanswered = started(streams, *map(message, range(MOST_IN_FLIGHT // 2)))
            await asyncio.sleep(0)
            await streams.ask(raw(wire("answered.example.org")), SECONDS)
            await leap(SECONDS)
            assert {await failure(task) for task in unanswered} == {Cause.TIMEOUT}
            assert streams.connections == 0
        return server.accepted

    assert run(script, work) == 2


def test_askers_share_the_attempt_to_connect():
    async def work(streams, server):
        found = await asyncio.gather(*(streams.ask(message(n), SECONDS) for n in range(MOST_IN_FLIGHT)))
        return found, server.accepted

    assert run(echo, work) == ([reply(message(n)) for n in range(MOST_IN_FLIGHT)], 1)


def test_a_full_connection_gets_siblings_then_questions_wait_and_then_there_is_no_room():
    room = MOST_IN_FLIGHT * MOST_CONNECTIONS
    may_answer = asyncio.Event()
    read = 0

    async def script(conversation):
        nonlocal read
        queries = await conversation.queries(MOST_IN_FLIGHT)
        read += len(queries)
        await may_answer.wait()
        conversation.send(*map(reply, queries))
        await echo(conversation)

    async def work(streams, server):
        tasks = started(streams, *map(message, range(room + MOST_WAITING)))
        await until(lambda: read == room)
        assert await failure(streams.ask(WWW, SECONDS)) is Cause.BUSY
        assert not any(task.done() for task in tasks)
        may_answer.set()
        return await asyncio.gather(*tasks), server.accepted

    found, accepted = run(script, work)
    assert found == [reply(message(n)) for n in range(room + MOST_WAITING)]
    assert accepted == MOST_CONNECTIONS


def test_what_waits_for_room_is_not_lost_with_the_connections():
    room = MOST_IN_FLIGHT * MOST_CONNECTIONS

    async def script(conversation):
        if conversation.number > MOST_CONNECTIONS:
            return await echo(conversation)
        await conversation.queries(MOST_IN_FLIGHT)
        return None

    async def work(streams, server):
        return await asyncio.gather(*(streams.ask(message(n), SECONDS) for n in range(room + MOST_WAITING)))

    assert run(script, work) == [reply(message(n)) for n in range(room + MOST_WAITING)]


def test_what_waits_for_room_in_vain_has_a_time_out_too_and_makes_room_for_others():
    async def script(conversation):
        await conversation.silence()

    async def work(streams, server):
        full = started(streams, *map(message, range(MOST_IN_FLIGHT * MOST_CONNECTIONS)), seconds=LONGER)
        await asyncio.sleep(0)
        for _ in range(2):
            waiting = started(streams, *[WWW] * MOST_WAITING)
            await asyncio.sleep(0)
            await leap(SECONDS)
            assert {await failure(task) for task in waiting} == {Cause.TIMEOUT}
        assert not any(task.done() for task in full)
        await streams.close()
        return {await failure(task) for task in full}

    assert run(script, work) == {Cause.CLOSED}


def test_what_waits_for_room_gets_that_of_connections_that_are_dead():
    async def script(conversation):
        if conversation.number > MOST_CONNECTIONS:
            await echo(conversation)
        await conversation.silence()

    async def work(streams, server):
        full = started(streams, *map(message, range(MOST_IN_FLIGHT * MOST_CONNECTIONS)))
        waiting = started(streams, WWW, WWW, seconds=LONGER)
        await asyncio.sleep(0)
        await until(lambda: server.accepted == MOST_CONNECTIONS)
        await leap(SECONDS)
        return {await failure(task) for task in full}, [await task for task in waiting]

    assert run(script, work) == ({Cause.TIMEOUT}, [reply(WWW)] * 2)


def test_what_waits_for_room_is_asked_when_all_the_others_have_failed():
    async def script(conversation):
        query = await conversation.query()
        if b"www" in query:
            conversation.send(reply(query))
            return await echo(conversation)
        await conversation.queries(MOST_IN_FLIGHT - 1)
        return None

    async def work(streams, server):
        tasks = started(streams, *map(message, range(MOST_IN_FLIGHT * MOST_CONNECTIONS)), WWW, WWW)
        found = [await outcome(task) for task in tasks]
        return set(found[:-2]), found[-2:]

    assert run(script, work) == ({Cause.CLOSED}, [reply(WWW)] * 2)


def test_a_dead_connection_is_asked_nothing_more_while_others_still_wait_for_it():
    asked = asyncio.Event()

    async def script(conversation):
        if conversation.number > 1:
            return await echo(conversation)
        await conversation.queries(2)
        asked.set()
        return await conversation.closed()

    async def work(streams, server):
        first, second = (*started(streams, WWW), *started(streams, WWW, seconds=LONGER))
        await asked.wait()
        await leap(SECONDS)
        found = await outcome(first), await streams.ask(message(1), SECONDS), streams.connections, second.done()
        await leap(LONGER)
        return found, await failure(second), server.accepted

    assert run(script, work) == ((Cause.TIMEOUT, reply(message(1)), 2, False), Cause.TIMEOUT, 2)


def test_a_port_that_is_closed():
    async def work():
        with socket.socket() as closed:
            closed.bind((ADDRESS, 0))
            port = closed.getsockname()[1]
            async with pool(port) as streams:
                with pytest.raises(UpstreamError, match=rf"^127.0.0.1:{port}: Connection refused$") as error:
                    await streams.ask(WWW, SECONDS)
                others = await asyncio.gather(*(failure(streams.ask(WWW, SECONDS)) for _ in range(5)))
                return error.value.cause, others

    assert run_alone(work()) == (Cause.REFUSED, [Cause.REFUSED] * 5)


@pytest.mark.parametrize("host", ["fe80::1%no-such-interface", "255.255.255.255"])
def test_an_address_that_leads_nowhere(host):
    async def work():
        async with pool(53, host=host) as streams:
            return await failure(streams.ask(WWW, SECONDS))

    assert run_alone(work()) is Cause.UNREACHABLE


@contextmanager
def full_door():
    """Give the port of one who listens, and never accepts."""
    with ExitStack() as stack:
        full, *fillers = (stack.enter_context(socket.socket()) for _ in range(4))
        full.bind((ADDRESS, 0))
        full.listen(0)
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        yield full.getsockname()[1]


def test_an_upstream_that_never_accepts_costs_the_time_out():
    async def work():
        with full_door() as port:
            async with pool(port) as streams:
                tasks = started(streams, WWW, WWW, WWW)
                await asyncio.sleep(0)
                await leap(SECONDS)
                return [await failure(task) for task in tasks], streams.connections

    assert run_alone(work()) == ([Cause.TIMEOUT] * 3, 0)


def test_close_does_not_wait_for_an_upstream_that_never_accepts():
    async def work():
        with full_door() as port:
            async with pool(port) as streams:
                (asked,) = started(streams, WWW)
                await asyncio.sleep(0)
                async with asyncio.timeout(SECONDS / 2):
                    await streams.close()
                return await failure(asked)

    assert run_alone(work()) is Cause.CLOSED


def test_an_asker_that_is_cancelled_hurts_nobody():
    asked = asyncio.Event()
    cancelled = asyncio.Event()

    async def script(conversation):
        queries = await conversation.queries(3)
        asked.set()
        await cancelled.wait()
        conversation.send(*map(reply, queries))
        await echo(conversation)

    async def work(streams, server):
        tasks = started(streams, *map(message, range(3)))
        await asked.wait()
        tasks[1].cancel()
        await asyncio.wait([tasks[1]])
        cancelled.set()
        return await tasks[0], await tasks[2], await streams.ask(WWW, SECONDS), server.accepted

    assert run(script, work) == (reply(message(0)), reply(message(2)), reply(WWW), 1)


def test_who_began_to_connect_may_be_cancelled():
    async def work(streams, server):
        first, second = started(streams, message(1), message(2))
        await asyncio.sleep(0)
        first.cancel()
        return await second, first.cancelled() or await asyncio.wait([first]), server.accepted

    found, _, accepted = run(echo, work)
    assert (found, accepted) == (reply(message(2)), 1)


def test_a_cancelled_question_is_not_asked_again():
    cancelled = asyncio.Event()
    asked = asyncio.Event()
    seen = []

    async def script(conversation):
        if conversation.number > 1:
            seen.append(await conversation.query())
            conversation.send(reply(seen[-1]))
            await echo(conversation)
        await conversation.queries(2)
        asked.set()
        await cancelled.wait()

    async def work(streams, server):
        first, second = started(streams, message(1), message(2))
        await asked.wait()
        first.cancel()
        await asyncio.wait([first])
        cancelled.set()
        return await second, await streams.ask(message(3), SECONDS)

    assert run(script, work) == (reply(message(2)), reply(message(3)))
    assert [query[2:] for query in seen] == [message(2)[2:]]


def test_an_idle_connection_is_closed_when_its_time_is_over_and_not_before():
    closed = asyncio.Event()

    async def script(conversation):
        if conversation.number > 1:
            return await echo(conversation)
        for _ in range(2):
            conversation.send(reply(await conversation.query()))
        await conversation.closed()
        return closed.set()

    async def work(streams, server):
        open_after = []
        for seconds in (0, EXPIRE / 2):
            await leap(seconds)
            await streams.ask(WWW, SECONDS)
        for _ in range(2):
            await leap(EXPIRE / 2)
            open_after.append(streams.connections)
        await closed.wait()
        return open_after, await streams.ask(WWW, SECONDS), server.accepted

    assert run(script, work) == ([1, 0], reply(WWW), 2)


def test_a_connection_is_not_idle_while_something_is_asked():
    may_answer = asyncio.Event()

    async def script(conversation):
        query = await conversation.query()
        await may_answer.wait()
        conversation.send(reply(query))
        await echo(conversation)

    async def work(streams, server):
        (asked,) = started(streams, WWW, seconds=LONGER)
        await asyncio.sleep(0)
        for _ in range(4):
            await leap(EXPIRE)
        may_answer.set()
        return await asked, await streams.ask(message(1), SECONDS), server.accepted

    assert run(script, work) == (reply(WWW), reply(message(1)), 1)


def test_close_fails_what_is_asked_and_leaves_nothing():
    asked = asyncio.Event()

    async def script(conversation):
        await conversation.queries(3)
        asked.set()
        await conversation.closed()

    async def work(streams, server):
        tasks = started(streams, *map(message, range(3)))
        await asked.wait()
        await streams.close()
        causes = [await failure(task) for task in tasks]
        return causes, await failure(streams.ask(WWW, SECONDS)), server.accepted

    assert run(script, work) == ([Cause.CLOSED] * 3, Cause.CLOSED, 1)


@pytest.mark.parametrize("turns", range(6))
def test_close_in_the_middle_of_the_attempt_to_connect(turns):
    async def work(streams, server):
        tasks = started(streams, *map(message, range(MOST_IN_FLIGHT * MOST_CONNECTIONS + 1)))
        for _ in range(turns):
            await asyncio.sleep(0)
        await streams.close()
        return {await outcome(task) for task in tasks}

    assert Cause.CLOSED in run(lambda conversation: conversation.silence(), work)


def test_a_pool_that_was_never_used_can_be_closed():
    asyncio.run(StreamPool(Target(ADDRESS), None, lambda: 0.0).close())
