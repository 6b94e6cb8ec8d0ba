import subprocess
import sys
from pathlib import Path

from tests.e2e.program import Program
from tests.support.deadline import eventually

STARTER = """\
import sys
from pathlib import Path
from tests.e2e.program import Program
program = Program(["sleep", "600"], Path(sys.argv[1]))
program.start()
print(program.pid, flush=True)
sys.stdin.read()
"""


def runs(pid):
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "State:\tZ" not in status.read_text()


def test_it_does_not_outlive_a_test_run_that_is_killed(tmp_path):
    argv = [sys.executable, "-c", STARTER, str(tmp_path / "log")]
    root = Path(__file__).parents[2]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as starter:
        pid = int(starter.stdout.readline())
        # from here on the kernel has been told
        eventually(lambda: Path(f"/proc/{pid}/comm").read_text() == "sleep\n")
        starter.kill()
        eventually(lambda: not runs(pid))


def test_it_is_started_again_and_tells_what_it_printed(tmp_path):
    program = Program(["sh", "-c", "echo hello; exec sleep 600"], tmp_path / "log")
    for printed in ("hello", "hello\nhello"):
        program.start()
        eventually(lambda printed=printed: program.tail == printed)
        program.end()
        assert program.pid is None
