import asyncio

from fedresolver.server.turns import Turns


def test_one_piece_is_done_in_each_turn_of_the_loop():
    done = []
    turns = Turns()

    def work(name, pieces):
        done.append(name)
        if pieces > 1:
            turns.take(lambda: work(name, pieces - 1))

    async def others():
        for name in ("a", "b", "c"):
            turns.take(lambda name=name: work(name, 3))
        for _ in range(12):
            await asyncio.sleep(0)
            done.append("|")

    asyncio.run(others())
    assert "".join(done) == "a|b|c|a|b|c|a|b|c||||"


def test_what_fails_does_not_stop_the_others():
    done = []
    turns = Turns()

    def fail():
        raise ValueError("it is broken")

    async def others():
        complaints = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context["exception"]))
        turns.take(fail)
        turns.take(lambda: done.append("a"))
        for _ in range(3):
            await asyncio.sleep(0)
        return [str(one) for one in complaints]

    assert asyncio.run(others()) == ["it is broken"]
    assert done == ["a"]
