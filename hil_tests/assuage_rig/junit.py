"""What a run was, in pytest's own XML: for whoever reads that and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assuage_rig.runrecord import Facts

if TYPE_CHECKING:
    import pytest

PROPERTIES = ("target", "board", "seed", "size", "firmware", "schema", "config", "interpreter", "date", "command")


def tell(config: pytest.Config, facts: Facts) -> None:
    """Adds the facts to the XML as properties of its suite, before pytest writes it; nothing when it writes none.

    The fixture record_testsuite_property cannot: under xdist it runs in a process that writes no XML.
    """
    for plugin in config.pluginmanager.get_plugins():
        add = getattr(plugin, "add_global_property", None)
        if add is not None:
            for name in PROPERTIES:
                add(name, str(getattr(facts, name)))
