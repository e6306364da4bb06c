"""Kills a command of rnnquiz at a moment that does not depend on how fast the machine is: at a call
of a function, by its number.

Run as a program it counts the calls of its own command, and kills itself with all that it has
started when they are as many as its first argument says.
"""

import os
import signal
import subprocess
import sys

NEVER = 0
OURS = f"{os.sep}rnnquiz{os.sep}"


def calls_of(*arguments):
    """How many functions a command calls, of the program or by it, that nobody disturbs."""
    done = subprocess.run(_counted(NEVER, arguments), check=True, capture_output=True, text=True)
    return int(done.stderr.split()[-1])


def kill_at(call, *arguments):
    """Run a command and kill it, without warning, at its `call`-th call of a function."""
    # A session of its own: its processes are killed with it, and nothing else is.
    process = subprocess.run(
        _counted(call, arguments), check=False, capture_output=True, start_new_session=True
    )
    assert process.returncode in (0, -signal.SIGKILL), process.stderr


def _counted(call, arguments):
    return [sys.executable, __file__, str(call), *map(str, arguments)]


def _run(call, arguments):
    calls = 0

    def count(frame, event, of):
        nonlocal calls
        # Of the program alone: the libraries that it imports take longer than all of its work.
        if event in ("call", "c_call") and OURS in frame.f_code.co_filename:
            calls += 1
            if calls == call:
                os.killpg(0, signal.SIGKILL)

    sys.setprofile(count)
    from rnnquiz.cli import main

    main(arguments, standalone_mode=False)
    sys.setprofile(None)
    print(calls, file=sys.stderr)


if __name__ == "__main__":
    _run(int(sys.argv[1]), sys.argv[2:])
