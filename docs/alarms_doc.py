"""Makes docs/alarms.md from the alarm's own tables and alarm_words.py."""

from __future__ import annotations

from typing import Any

from alarm_words import BOUNDS, WORDS
from patient_words import SOURCES, SPREAD, UNITS

from alarm import annals, latch, patients, selfcheck, signals, watch
from alarm.conditions import HIGH, LASTS, LATCHING, LOW, MEDIUM, PHYSIOLOGICAL, STOPS, TABLE
from assuage_wire.schema import ALARMS, PRIORITIES

HEAD = """\
<!-- Generated from firmware/alarm and docs/alarm_words.py by `make gen`: do not edit. -->
# Alarms

The board raises, latches, shows and sounds its alarms itself; the host has a copy. To the pattern of IEC 60601-1-8,
which nobody here has read: every bound below is second-hand, and every choice says where it comes from.

## Conditions

A code is never renumbered. *delay*: for so long the cause must be there before the alarm is raised, on top of what its
detector takes. *hold*: for so long it must be gone before the alarm ends. *latches*: shown until it is acknowledged
*and* its cause is gone. *stops*: the pump stands or does not start; for `link-lost`, as the programme chose. *comes
back*: after a reset, if nobody had acknowledged it.

What stops the pump is high and has no delay, for Clepsydre asks for a high alarm within 1 s of a dangerous condition.
The patient's values have their delay in their limits, below. Sources: KSU Open PCA is PMC4052948; Clepsydre the open
pump's requirements in camille-martin-paris/clepsydre (drafts); "memory" is unchecked memory of IEC 60601-2-24; "own" is
our choice.
"""

REASONS_TOLD = "\n".join(
    [f"| `{reason}` | `{condition}` |" for reason, condition in watch.OTHERWISE]
    + [f"| {', '.join(f'`{reason}`' for reason in watch.NO_ALARM)} | none: somebody wanted it |"]
)

RULES = f"""
## Rules

- Each condition has a slot of its own: no number of others pushes one out.
- Each raise has an **occurrence** number, which goes on over resets. An acknowledgement names it and silences it
  alone; a number that no longer stands is refused. A cause that comes back after its hold is a new occurrence, and
  sounds.
- A **pause of the audio** cannot be lengthened: from when it was first asked for it lasts
  {latch.PAUSE_MS // 1000} s (our own limit; IEC 60601-1-8 is said to set none). The next one is granted when something
  has been heard. It covers what was sounding when it was asked for: whatever comes later sounds at once.
- Neither touches the light, nor any other condition.
- Only the most urgent is signalled. A more urgent one waits for the end of the pulse under way and for
  {signals.BETWEEN_MS} ms of silence.
- A condition that is over at once still sounds: half a burst (high) or a whole one (medium, low).
- What somebody silences is silent in the next turn of the alarms' task (25 ms while one is seen or heard, else 50 ms).
- The **journal** has each raise, end and acknowledgement with its occurrence, and each pause of the audio. What latches
  or is marked *comes back*, and stood unacknowledged at a reset or a loss of power, stands again under its number and
  sounds until somebody acknowledges it; a cause that is there is a new occurrence. A condition that flaps is written
  with {annals.MOST} raises in {annals.AGAIN_MS // 60_000} min at most (own), unless somebody acknowledges it; then its
  end waits as well, so the record errs towards an alarm that stands. What stands at a start is not written anew.
- The silence key pauses, and only a host acknowledges; a pump that is cleared acknowledges why it stood. Why:
  decisions/008-alarms-at-the-pump.md.

## Causes

A reason of the pump is a condition of the same name, but for these:

| reason | condition |
|---|---|
{REASONS_TOLD}

A fault whose reason is no high condition that latches is `internal`; so is a reason that nobody knows. Nothing on the
boards there are tells `clock-doubtful`: all their times come from one crystal. Nor `self-test-failed`: a part that has
not passed refuses the start by name, and what fails later has a condition of its own.

`link-silent`: a permission is being used up, and none that reaches further has come for {watch.SILENT_MS / 1000:g} s.
Our host grants every 0.4 s at least; two that are lost, or a hiccup of a second, do not do it. It stops nothing, and
ends with the next permission, or when `link-lost` takes its place.

`near-empty` comes as long before the end of the volume or the syringe as the programme says, {watch.NEAR_EMPTY_S} s if
it says nothing (own figure), and of a short infusion when half of it is over; at the KVO rate before the syringe's end;
with doses on demand alone, when less than two are left.

## Signals

Values are whole multiples of the 25 ms at which the alarms' task runs while one is seen or heard.

"""

WATCHED = f"""
## What watches the alarms

- The **sounder**, by the current it draws: three readings in a row that contradict the pin are `sounder-fault`, from
  {selfcheck.SETTLE_MS} ms after it was switched. A lone pulse at power-on, and before a start, finds a dead one before
  it is needed; it lasts {selfcheck.CHIRP_MS} ms. With a dead one nothing is armed or started, and what is under way
  goes on; why: decisions/009-a-dead-sounder.md.
- **Keys** are believed when stable for {selfcheck.STABLE_MS} ms (Clepsydre's figure) and are stuck after
  {selfcheck.STUCK_MS // 1000} s (own). STOP acts on the bare contact, at once.
  A key whose wire is broken is a released one: the keys of the reference board are normally open, with two wires, so
  nobody can tell, neither at power-on nor later. STOP by the host does not hang on it, nor does any stop that a fault
  makes. The contacts that hold the syringe are wired the other way round: a broken wire is an open contact.
"""


LIMITS = """
## The patient's limits

What a value must be beyond, and for how long, to be a breach (*delay*), and by how much within to end it (*inside*).
*Settable*: no person may set a limit outside; sides in bold cannot be switched off. A value that is withheld, old or
doubtful ends no breach, and no delay of one; *silence* without a good value is told beside it, as the technical matter
that it is, once the sensor has given a value. A pulse that has ceased with the sensor in its place counts as one of 0;
while nobody breathes, which is a rate of 0, EtCO2 is not missing; FiCO2, withheld of fast breathing, never is.

Each is looked at four times a second at least. Beyond its low limit it is the condition *parameter*`-low`, beyond the
high one *parameter*`-high`; the sensor's silence is a `-missing` one. The limits live in memory: after a reset, and for
another patient (`Patient`), they are these again.

"""


def markdown() -> str:
    """The whole document."""
    lines = ["", "| code | condition | priority | kind | delay | hold | latches | stops | comes back | says | source |"]
    lines.append("|---:|---|---|---|---:|---:|---|---|---|---|---|")
    for code, (priority, flags, delay, hold) in enumerate(TABLE):
        name = ALARMS[code]
        sentence, source = WORDS[name]
        kind = "physiological" if flags & PHYSIOLOGICAL else "technical"
        marks = ["yes" if flags & flag else "" for flag in (LATCHING, STOPS, LATCHING | LASTS)]
        cells = [str(code), f"`{name}`", PRIORITIES[priority], kind, _seconds(delay), _seconds(hold), *marks]
        lines.append("| " + " | ".join([*cells, sentence, source]) + " |")
    return HEAD + "\n".join(lines) + "\n" + RULES + _signals() + WATCHED + LIMITS + _limits()


def _limits() -> str:
    lines = [
        "| | adult | child | unit | settable, adult | child | delay | inside | silence | adult from | child from |"
    ]
    lines.append("|---|---|---|---|---|---|---:|---:|---:|---|---|")
    for adult, child in zip(patients.ADULT, patients.CHILD, strict=True):
        name, *_, delay, inside, silence = adult
        unit, scale = UNITS[str(name)]
        ends = [f"{row[3] / scale:g}–{row[4] / scale:g}" for row in (adult, child)]
        sides = [_sides(row, scale) for row in (adult, child)]
        times = [_seconds(1000 * delay), f"{inside / scale:g}", _seconds(1000 * silence)]
        lines.append("| " + " | ".join([f"`{name}`", *sides, unit, *ends, *times, *SOURCES[str(name)]]) + " |")
    return "\n".join(lines) + "\n\n" + SPREAD + "\n"


def _sides(row: tuple[Any, ...], scale: int) -> str:
    told = []
    for value, sign, side in ((row[1], "<", patients.LOW), (row[2], ">", patients.HIGH)):
        if value != patients.OFF:
            text = f"{sign} {value / scale:g}"
            told.append(f"**{text}**" if row[5] & side else text)
    return ", ".join(told)


def _seconds(ms: int) -> str:
    return f"{ms / 1000:g} s" if ms else ""


def _signals() -> str:
    ours = {
        "light": [_frequency(p) for p in (HIGH, MEDIUM, LOW)],
        "light on": [_duty(p) for p in (HIGH, MEDIUM, LOW)],
        "pulses in a burst": [str(len(signals.BURSTS[p]) // 2) for p in (HIGH, MEDIUM, LOW)],
        "pulse": [f"{signals.BURSTS[p][0]} ms" for p in (HIGH, MEDIUM, LOW)],
        "spacing": [f"{signals.BURSTS[p][1]} ms" for p in (HIGH, MEDIUM, LOW)],
        "spacing 3→4, 8→9": [f"{signals.BURSTS[HIGH][5]} ms", "", ""],
        "spacing 5→6": [f"{signals.BURSTS[HIGH][9]} ms", "", ""],
        "between bursts": [_seconds(signals.BURSTS[p][-1]) for p in (HIGH, MEDIUM, LOW)],
    }
    lines = [
        "| | high | medium | low | bounds: high | medium | low | known from |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += ["| " + " | ".join([what, *ours[what], *bounds]) + " |" for what, *bounds in BOUNDS]
    return "\n".join(lines) + "\n"


def _frequency(priority: int) -> str:
    on, off = signals.LIGHTS[priority]
    colour = "red" if priority == HIGH else "yellow"
    return f"{colour} {1000 / (on + off):g} Hz" if off else f"{colour}, steady"


def _duty(priority: int) -> str:
    on, off = signals.LIGHTS[priority]
    return f"{100 * on // (on + off)} %"
