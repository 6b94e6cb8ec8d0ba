"""Pages that can be followed: their files, their commands, and what those print.

Blocks of a page are taken in their order, in one empty folder and on one machine with a network of its own:

    corefile   becomes the file Corefile
    sh         is run, and must end well
    console    `$ command` is run; the lines behind it are what it prints, in the end: `...` stands for any part of a line
               and, alone, for any lines. A command with `&` at its end goes on in the background until the page ends
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.deadline import eventually
from tests.support.manuals import ROOT, fenced
from tests.support.network import Host, host

KINDS = ("corefile", "sh", "console")
SECONDS = 20.0
_ANY = "..."


@dataclass(frozen=True)
class Command:
    """A command, and the lines that it is told to print."""

    text: str
    lines: tuple[str, ...]

    @property
    def stays(self) -> bool:
        """Whether it goes on in the background."""
        return self.text.endswith("&")

    def matches(self, output: str) -> bool:
        """Say whether `output` is what was told."""
        return _pattern(self.lines).fullmatch(_plain(output)) is not None


def commands(block: str) -> Iterator[Command]:
    """Yield the commands of a `console` block."""
    found: list[list[str]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append([line[2:]])
        else:
            found[-1].append(line)
    return (Command(text, tuple(lines)) for text, *lines in found)


def _pattern(lines: tuple[str, ...]) -> re.Pattern[str]:
    """Return what output must match: spaces count once, blank lines not at all."""
    parts = [r"(?:.*\n)*?" if line.strip() == _ANY else _line(line) for line in lines if line.strip()]
    return re.compile("".join(parts))


def _line(line: str) -> str:
    return ".*".join(re.escape(" ".join(part.split())) for part in line.split(_ANY)).replace(r"\ ", r"\s+") + r"\n"


def _plain(output: str) -> str:
    return "".join(f"{' '.join(line.split())}\n" for line in output.splitlines() if line.strip())


@contextmanager
def machine(folder: Path) -> Iterator[Host]:
    """Give a machine of its own, on which the commands of this project can be called."""
    with host(folder / "machine", ("unshare", "--map-root-user")) as one:
        one.environ |= {
            "PATH": f"{Path(sys.executable).parent}:{one.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "200",
        }
        yield one


def follow(page: Path, folder: Path) -> int:
    """Do what a page says; AssertionError at the first thing that is not as it says. Return how much was done."""
    done = 0
    started: list[subprocess.Popen[bytes]] = []
    with machine(folder) as one:
        folder = folder / "page"
        folder.mkdir()
        try:
            for kind, block in fenced(page.read_text(encoding="utf-8")):
                if kind == "corefile":
                    (folder / "Corefile").write_text(block)
                elif kind == "sh":
                    done += _run(one, folder, block)
                elif kind == "console":
                    done += sum(_follow(one, folder, command, started) for command in commands(block))
        finally:
            for process in started:
                process.kill()
                process.wait()
    return done


def _follow(one: Host, folder: Path, command: Command, started: "list[subprocess.Popen[bytes]]") -> int:
    if command.stays:
        words = (*one.inside, "sh", "-c", f"cd {folder}; exec {command.text.removesuffix('&')}")
        with (folder / ".log").open("ab") as log:
            started.append(subprocess.Popen(words, env=one.environ, stdout=log, stderr=log))
        return 1
    printed = ""

    def said() -> bool:
        nonlocal printed
        printed = _output(one, folder, command.text)
        return command.matches(printed)

    try:
        eventually(said, SECONDS)
    except AssertionError as error:
        raise AssertionError(f"$ {command.text}\n{printed}\nis not\n{chr(10).join(command.lines)}") from error
    return 1


def _output(one: Host, folder: Path, text: str) -> str:
    words = (*one.inside, "bash", "-c", f"cd {folder}; {text}")
    done = subprocess.run(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False, env=one.environ
    )
    return done.stdout


def _run(one: Host, folder: Path, script: str) -> int:
    words = (*one.inside, "bash", "-ec", f"cd {folder}\n{script}")
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, env=one.environ)
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return 1
