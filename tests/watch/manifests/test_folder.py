"""What a member's folder holds, without a disk: readings in, batches out."""

import pytest

from fedresolver.model.event import Failed, Joined, Put, Removed, Restored, Stale, Synced
from fedresolver.model.objects import Namespace, Ref
from fedresolver.watch.manifests import folder as rules
from fedresolver.watch.manifests.folder import MAX_LOOKS, QUIET, Folder
from fedresolver.watch.manifests.reading import Reading


class Desk:
    """Files of one folder as a test lays them out: the names of namespaces, `!a` a damaged one, `#` a broken file."""

    def __init__(self, **texts):
        self.texts = {}
        self.reads = []
        self.writes = 0
        self.while_reading = lambda: None
        self.lay(**texts)

    def lay(self, **texts):
        for name, text in texts.items():
            self.texts.pop(name, None)
            if text is not None:
                self.writes += 1
                self.texts[name] = text, (self.writes, len(text), 1)

    def stamps(self):
        return {name: stamp for name, (_, stamp) in self.texts.items()}

    def read(self, name):
        self.reads.append(name)
        self.while_reading()
        words = self.texts[name][0].split()
        if "#" in words:
            return Reading(flaws=(f"{name}: broken",), broken=True)
        damaged = [word[1:] for word in words if word.startswith("!")]
        return Reading(
            {ref_(word): Namespace(word) for word in words if not word.startswith("!")},
            frozenset(map(ref_, damaged)),
            tuple(f"{name}: {word} damaged" for word in damaged),
        )


def ref_(name):
    return Ref(Namespace, "", name)


def put(*names):
    return tuple(Put("east", Namespace(name)) for name in names)


def removed(*names):
    return tuple(Removed("east", ref_(name)) for name in names)


class Member:
    """A folder that is looked at again and again, by a clock that the test moves."""

    def __init__(self, **texts):
        self.desk = Desk(**texts)
        self.folder = Folder("east")
        self.now = 100.0

    def look(self, **texts):
        """Return the batch and the news of one look, None when it wants another."""
        self.desk.lay(**texts)
        proposal = self.folder.look(self.desk, self.now)
        if proposal is None:
            return None
        self.folder.accept(proposal)
        return proposal.events, proposal.news

    def look_after_rest(self, **texts):
        """Return what is told once the folder has come to rest."""
        first = self.look(**texts)
        if first is not None:
            return first
        self.now += QUIET
        return self.look()


def test_the_first_look_tells_everything_and_that_it_is_all():
    assert Member(a="x y", b="z").look() == ((*put("x", "y", "z"), Synced("east")), ())


def test_an_empty_folder_is_synced():
    assert Member().look() == ((Synced("east"),), ())


def test_nothing_changed_tells_nothing_and_reads_nothing():
    member = Member(a="x")
    member.look()
    member.desk.reads.clear()
    assert (member.look(), member.desk.reads) == (((), ()), [])


def test_only_the_file_that_changed_is_read_again_and_only_what_is_new_is_told():
    member = Member(a="x", b="y")
    member.look()
    member.desk.reads.clear()
    assert (member.look(b="y z"), member.desk.reads) == ((put("z"), ()), ["b"])


def test_a_file_that_is_written_with_the_same_content_tells_nothing():
    member = Member(a="x")
    member.look()
    assert member.look(a="x") == ((), ())


def test_what_is_taken_away_is_believed_when_the_folder_is_at_rest():
    member = Member(a="x y")
    member.look()
    assert member.look(a="x") is None
    member.now += QUIET / 2
    assert member.look() is None
    member.now += QUIET
    assert member.look() == (removed("y"), ())


def test_a_file_that_is_seen_while_it_is_written_takes_nothing_away():
    member = Member(a="x y")
    member.look()
    assert member.look(a="") is None
    assert member.look(a="x y z") == (put("z"), ())


def test_a_file_that_is_seen_half_written_is_no_error():
    member = Member(a="x")
    member.look()
    assert member.look(a="#") is None
    assert member.look(a="x") == ((), ())


def test_a_file_is_read_once_while_it_is_waited_for():
    member = Member(a="x y")
    member.look()
    member.desk.reads.clear()
    assert member.look_after_rest(a="x") == (removed("y"), ())
    assert member.desk.reads == ["a"]


def test_a_folder_that_never_rests_is_believed_in_the_end():
    member = Member(a="x y")
    member.look()
    told = [member.look(a=f"x {'x' * looks}") for looks in range(MAX_LOOKS)]
    assert told[:-1] == [None] * (MAX_LOOKS - 1)
    assert told[-1][0] == (*removed("y"), *put("x" * (MAX_LOOKS - 1)))


def test_a_folder_that_changes_while_it_is_read_is_not_told_by_halves():
    member = Member(a="x", b="x")
    member.look()
    member.desk.while_reading = lambda: member.desk.lay(b="y z")
    assert member.look(a="x y") is None
    member.desk.while_reading = lambda: None
    assert member.look() == (put("y", "z"), ())


def test_a_deleted_file_takes_its_objects_with_it():
    member = Member(a="x", b="y")
    member.look()
    assert member.look_after_rest(b=None) == (removed("y"), ())


def test_an_object_that_moves_to_another_file_is_no_change():
    member = Member(a="x y")
    member.look()
    assert member.look(a="x", b="y") == ((), ())


def test_a_broken_file_keeps_its_content_and_says_so_once():
    member = Member(a="x")
    member.look()
    assert member.look_after_rest(a="#") == ((), ("a: broken",))
    assert member.look_after_rest(a="# #") == ((), ())
    assert member.look(a="x y") == (put("y"), ())
    assert member.look_after_rest(a="#") == ((), ("a: broken",))


def test_a_file_broken_after_it_was_seen_half_written_keeps_its_whole_content():
    member = Member(a="x y")
    member.look()
    assert member.look(a="x") is None
    assert member.look_after_rest(a="#") == ((), ("a: broken",))


def test_a_new_broken_file_adds_nothing():
    member = Member(a="x")
    assert member.look_after_rest(b="#") == ((*put("x"), Synced("east")), ("b: broken",))


def test_a_damaged_object_keeps_its_state_and_a_new_one_is_left_out():
    member = Member(a="x y")
    member.look()
    assert member.look_after_rest(a="x !y !z") == ((), ("a: y damaged", "a: z damaged"))
    assert member.look_after_rest(a="x") == (removed("y"), ())


def test_a_file_that_cannot_be_reached_is_read_again_at_every_look():
    member = Member(a="x")
    member.look()
    member.desk.texts["a"] = "#", None
    assert member.look_after_rest() == ((), ("a: broken",))
    member.desk.texts["a"] = "x y", None
    assert member.look() == (put("y"), ())


@pytest.mark.parametrize("laid", [{"a": "x", "b": "x"}, {"b": "x", "a": "x"}])
def test_of_an_object_in_two_files_the_last_by_name_wins_and_the_other_shows_again(laid):
    member = Member(**laid)
    one, two = Namespace("one"), Namespace("two")
    member.desk.read = lambda name: Reading({ref_("x"): one if name == "a" else two})
    assert member.look()[0][0] == Put("east", two)
    assert member.look(b=None)[0] == (Put("east", one),)


def test_a_late_sink_is_told_all_that_is_known():
    member = Member(a="x")
    assert member.folder.replay() == [Joined("east")]
    member.look()
    assert member.folder.replay() == [Joined("east"), *put("x"), Synced("east")]


def test_a_lost_folder_is_stale_keeps_its_objects_and_is_synced_again():
    member = Member(a="x")
    member.look()
    assert member.folder.lose(7.0, "gone") == ([Stale("east", 7.0)], ("gone",))
    assert member.folder.lose(8.0, "gone") == ([], ())
    assert member.folder.replay() == [Joined("east"), *put("x"), Restored("east", 7.0)]
    assert member.look() == ((Synced("east"),), ())
    assert member.folder.lose(9.0, "gone") == ([Stale("east", 9.0)], ("gone",))


def test_a_folder_that_was_never_read_has_failed():
    folder = Folder("east")
    assert folder.lose(7.0, "gone") == ([Failed("east", "gone")], ("gone",))
    assert folder.replay() == [Joined("east"), Failed("east", "gone")]


def test_a_member_with_too_many_objects_keeps_what_it_had():
    member = Member(a="x")
    member.look()
    many = {ref_(f"n{n}"): Namespace(f"n{n}") for n in range(rules.MAX_OBJECTS)}
    read = member.desk.read
    member.desk.read = lambda name: Reading(many) if name == "b" else read(name)
    flaw = f"member east: {rules.MAX_OBJECTS + 1} objects; at most {rules.MAX_OBJECTS} are kept"
    assert member.look_after_rest(b="many") == ((), (flaw,))


def test_what_was_known_before_a_restart_stands_until_the_folder_is_read():
    member = Member(a="x y")
    assert not member.folder.known
    member.folder.restore([Namespace("x"), Namespace("z")], 7.0)
    assert member.folder.known
    assert member.folder.replay() == [Joined("east"), *put("x", "z"), Restored("east", 7.0)]
    assert member.look_after_rest() == ((*removed("z"), *put("y"), Synced("east")), ())
    assert member.folder.objects() == [Namespace("x"), Namespace("y")]


def test_a_folder_that_cannot_be_read_since_a_restart_keeps_what_was_known():
    folder = Folder("east")
    folder.restore([Namespace("x")], 7.0)
    assert folder.lose(8.0, "gone") == ([Failed("east", "gone")], ("gone",))
    assert folder.replay() == [Joined("east"), *put("x"), Restored("east", 7.0)]


def test_what_was_known_before_a_restart_stands_for_what_is_damaged_since():
    member = Member(a="y", b="#")
    member.folder.restore([Namespace("x"), Namespace("y")], 7.0)
    assert member.look_after_rest() == ((Synced("east"),), ("b: broken",))
    assert member.look_after_rest(b="z") == ((*removed("x"), *put("z")), ())
    assert member.look_after_rest(b="#") == ((), ("b: broken",))
