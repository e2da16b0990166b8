"""Makes docs/states.md: a diagram of each state table of the firmware.

A table's module holds STATES, EVENTS, COMMANDS (those events that are refused where they are not listed), TABLE with
rows (state, event, next state, action), and perhaps TOLD (those that change nothing where they are not listed).
"""

from __future__ import annotations

from types import ModuleType

from alarm import states as alarm
from link import states as session
from pump import states as pump

TABLES: tuple[tuple[str, ModuleType, str], ...] = (
    ("Pump", pump, "firmware/pump/states.py"),
    ("Alarm", alarm, "firmware/alarm/states.py"),
    ("Session", session, "firmware/link/states.py"),
)
SINK = "fault"

HEAD = """\
<!-- Generated from the firmware's state tables by `make gen`: do not edit. -->
# State tables

An arrow is labelled *event / action*. Several arrows between the same two states share one. The tests walk the whole
product of states and events; what the diagrams leave out is said below each.
"""


def markdown() -> str:
    """The whole document."""
    return HEAD + "".join(_section(title, module, path) for title, module, path in TABLES)


def _section(title: str, module: ModuleType, path: str) -> str:
    told = getattr(module, "TOLD", ())
    labels: dict[tuple[str, str], list[str]] = {}
    for state, event, into, action in module.TABLE:
        labels.setdefault((state, into), []).append(f"{event} / {action}" if action != "keep" else event)
    lines = [f"\n## {title}\n", f"From `{path}`.\n", "```mermaid", "stateDiagram-v2", f"    [*] --> {module.STATES[0]}"]
    lines += [f"    {_drawn(a)} --> {_drawn(b)}: {'<br/>'.join(texts)}" for (a, b), texts in labels.items()]
    lines += [f"    {state}" for state in module.STATES if not any(state in pair for pair in labels)]
    lines += ["```", "", f"- Commands, refused where they are not listed: {_names(module.COMMANDS)}."]
    if told:
        lines.append(f"- Told as often as somebody looks, without effect where not listed: {_names(told)}.")
    listed = [row[1] for row in module.TABLE]
    rest = [
        event
        for event in module.EVENTS
        if event not in module.COMMANDS and event not in told and listed.count(event) < len(module.STATES)
    ]
    lines.append(f"- From any state that does not list it, each of these leads to `{SINK}`: {_names(rest)}.")
    return "\n".join(lines) + "\n"


def _drawn(state: str) -> str:
    """A hyphen would be a part of an arrow."""
    return state.replace("-", "_")


def _names(events: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"`{event}`" for event in events)
