"""Which tests share a worker process when a run has several.

The marks of `--dist loadgroup` are of no use to us: they cannot say what begins first.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from xdist.scheduler import LoadScopeScheduling

CHAIN = "tests/chain"  # begins first, so that it does not run alone at the end
# A file of these shares a browser or a server.
WHOLE_FILES = ("tests/page/*", "tests/host/test_monitor_*.py", "tests/rig/test_report_in_browser.py")


def scope_of(nodeid: str) -> str:
    """What is given to one worker as a whole: the chain, so that never two demos stand beside a promise of 200 ms;
    a file whose tests share what is costly to start; otherwise the one test."""
    file = nodeid.split("::", 1)[0]
    if file.startswith(CHAIN + "/"):
        return CHAIN
    return file if any(fnmatchcase(file, pattern) for pattern in WHOLE_FILES) else nodeid


class Scopes(LoadScopeScheduling):
    """Hands out the scopes in the order in which they were collected, the chain before all."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)

    def schedule(self) -> None:
        """Begins."""
        self.config.option.loadscopereorder = False
        super().schedule()
        # A worker begins a test when it knows the next. With one more in hand it need not wait to be told.
        for node in self.nodes:
            self._reschedule(node)

    def _assign_work_unit(self, node: Any) -> None:
        if CHAIN in self.workqueue:
            self.workqueue.move_to_end(CHAIN, last=False)
        super()._assign_work_unit(node)

    def _reschedule(self, node: Any) -> None:
        if node in self.registered_collections:  # else it has just been started in place of one that died
            super()._reschedule(node)

    def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
        """Forgets a scope that is done: xdist would give it out again when its worker dies, and wait for its end."""
        super().mark_test_complete(node, item_index, duration)
        self._forget(node, self.registered_collections[node][item_index])

    def remove_node(self, node: Any) -> str | None:
        """Returns the test in which the worker died, if any, which is not run again: it would end the next one too."""
        work = self.assigned_work[node]
        crashed = next((test for tests in work.values() for test, done in tests.items() if not done), None)
        if crashed is not None:
            work[scope_of(crashed)][crashed] = True
            self._forget(node, crashed)
        super().remove_node(node)
        return crashed

    def _forget(self, node: Any, nodeid: str) -> None:
        work, scope = self.assigned_work[node], scope_of(nodeid)
        if all(work[scope].values()):
            del work[scope]
