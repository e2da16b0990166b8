"""A keeper for tests to signal and kill: python -m tests.host.children.keeping STATE_DIR [NAME:GRACE:CODE ...]

Each child runs CODE in a Python of its own. What the keeper tells goes to stdout.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from assuage.keeper import Child, Keeper
from assuage.state_dir import StateDir


def tell(sentence: str) -> None:
    """To whoever tests."""
    print(sentence, flush=True)


async def keep(state: StateDir, children: list[Child]) -> None:
    """Keeps until SIGTERM."""
    keeper = Keeper(children, state, tell)

    def asked() -> None:
        keeper.end()
        tell("asked to end")

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked)
    await keeper.run()


def main() -> None:
    """See the module."""
    state = StateDir(Path(sys.argv[1]))
    state.take()
    children = []
    for argument in sys.argv[2:]:
        name, grace, code = argument.split(":", 2)
        children.append(Child(name, (sys.executable, "-S", "-c", code), float(grace)))
    asyncio.run(keep(state, children))
    tell("done")


if __name__ == "__main__":
    main()
