"""What may happen to a pump, drawn as chapters: each tries to begin a delivery, and most of what follows meets it.

Events drawn without regard to the state are refused nearly always, and then nothing is proved about a shaft that
turns. So a chapter clears what the last one left, begins a delivery that can begin, and lets time pass; in between
there is still whatever else a host, a shaft and a reset can do, sensible or not.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

from hypothesis import strategies as st

from assuage_wire.schema import ON_LOSS, REASONS
from pump import codes

Event = tuple[str, Any]

TURN_MS = 40  # longest turn of the loop that is drawn

_offers = st.fixed_dictionaries(
    {
        "programme": st.sampled_from([7, 8]),
        "rate": st.sampled_from([1000, 166_667, 3_000_000, 20_000_000, 20_000_001]),
        "vtbi": st.sampled_from([100, 3_000, 40_000, 500_000, 200_000_000]),
        "duration": st.sampled_from([1, 5, 3600]),
        "on_loss": st.sampled_from(range(len(ON_LOSS))),
        "kvo": st.sampled_from([0, 1000, 500_000]),
        "lease": st.sampled_from([500, 2000]),
    }
)
# As a KVO flow the last two end a small volume within a chapter, so that what KVO delivers in all is seen.
_good_offers = st.fixed_dictionaries(
    {
        "programme": st.sampled_from([7, 8]),
        "rate": st.sampled_from([166_667, 1_000_000, 3_000_000, 20_000_000]),
        "vtbi": st.sampled_from([3_000, 20_000, 100_000, 2_000_000, 50_000_000]),
        "duration": st.sampled_from([3600, 3600, 5, 1]),
        "on_loss": st.sampled_from([codes.LOSS_STOP, codes.LOSS_STOP, codes.LOSS_KVO, codes.LOSS_CONTINUE]),
        "kvo": st.sampled_from([1000, 60_000, 166_667]),
        "lease": st.sampled_from([500, 2000]),
    }
)
# On the edge: half of it is given when the lease of a `go` lapses, and KVO gives the rest.
_to_the_end = st.builds(
    lambda vtbi, kvo: {
        "programme": 7, "rate": 166_667, "vtbi": vtbi, "duration": 3600, "on_loss": codes.LOSS_KVO, "kvo": kvo,
        "lease": 500,
    },
    st.sampled_from([2_000, 3_000, 4_000]),
    st.sampled_from([60_000, 166_667]),
)  # fmt: skip

_pause = st.tuples(st.just("pause"), st.just(0))
_resume = st.tuples(st.just("resume"), st.sampled_from([300, 300, 0, 2001]))
_press = st.tuples(st.just("press"), st.just(0))
_change = st.tuples(
    st.just("change"),
    st.one_of(
        st.tuples(st.just(codes.TO_RATE), st.sampled_from([1000, 60_000, 3_000_000, 20_000_000]), st.just(0)),
        st.tuples(
            st.just(codes.TO_BOLUS), st.sampled_from([600_000, 20_000_000]), st.sampled_from([100, 20_000, 60_000])
        ),
    ),
)
_time = st.tuples(st.just("time"), st.tuples(st.integers(1, 60), st.integers(1, TURN_MS)))
_held = st.tuples(st.just("held"), st.tuples(st.integers(1, 40), st.integers(1, TURN_MS)))
_lapse = st.tuples(st.just("time"), st.tuples(st.integers(20, 60), st.integers(25, TURN_MS)))
_grant = st.tuples(st.just("grant"), st.tuples(st.integers(-500, 2500), st.integers(-3, 3)))
_session = st.tuples(st.just("session"), st.just(0))
_replay = st.tuples(st.just("replay"), st.integers(0, 20))
_prime = st.tuples(st.just("prime"), st.tuples(st.sampled_from([2_000, 20_000, 6_000_000]), st.sampled_from([0, 1, 1])))
_closed = st.tuples(st.just("closed"), st.sampled_from([200, 3_000]))
_feel = st.tuples(st.just("feel"), st.sampled_from([None, 0, 40, 10_000]))
_reset = st.tuples(st.just("reset"), st.integers(0, 300))
_anything = st.one_of(
    st.tuples(st.just("offer"), _offers),
    st.tuples(st.just("confirm"), st.sampled_from([0, 0, 0, 1])),
    st.tuples(st.just("arm"), st.just(0)),
    st.tuples(st.just("start"), st.integers(-10, 2100)),
    st.tuples(st.just("go"), _offers),
    _grant,
    _replay,
    st.tuples(st.just("stop"), st.sampled_from([codes.WHY_HOST_STOP, codes.WHY_LOCAL_STOP])),
    st.tuples(st.just("clear"), st.sampled_from(range(len(REASONS)))),
    st.tuples(st.just("clear as seen"), st.just(0)),
    _session,
    _pause,
    _resume,
    _press,
    _change,
    _prime,
    _closed,
    _feel,
    st.tuples(st.just("taken up"), st.integers(1, 400)),
    st.tuples(st.just("fault"), st.just(codes.WHY_TASK_OVERRUN)),
    _reset,
    st.tuples(st.just("shaft"), st.sampled_from(["stall", "follow", "lost", "found", "stray"])),
    _time,
)
_trouble = st.sampled_from(
    [("fault", codes.WHY_TASK_OVERRUN), ("shaft", "stall"), ("shaft", "lost"), ("stop", codes.WHY_HOST_STOP)]
)
_while_running = (
    _time, _time, _held, _lapse, _lapse, _pause, _resume, _resume, _press, _press, _change, _change,
    _grant, _replay, _session, _reset, _trouble, _anything, _anything, _anything,
)  # fmt: skip
_in_steps = (("confirm", 0), ("arm", 0), ("start", 300))
_clear = ("clear as seen", 0)  # twice: a fault may cover what a reset interrupted


# What a programme has besides, and what is done with it once it runs: each kind of delivery is met in most histories.
_doses = {"mode": codes.DEMAND, "dose": 2_000, "dose_rate": 1_000_000, "lockout": 0, "bolus": 50_000}
_large_doses = {"mode": codes.DEMAND, "dose": 20_000, "dose_rate": 3_000_000, "lockout": 1}
_some, _few = ("held", (4, 20)), ("held", (2, 20))
_a_bolus = ("change", (codes.TO_BOLUS, 600_000, 20_000))
_slowly = {"rate": 166_667, "vtbi": 100_000, "duration": 3600}
_taken_up = ("taken up", 400)
_felt: list[tuple[dict[str, int], list[Event]]] = [  # with a plunger that is felt
    (_slowly, [_taken_up, ("closed", 3_000), _some]),
    (_slowly, [_taken_up, _some, ("closed", 3_000), _some, _some]),
    (_slowly, [_taken_up, _few, ("closed", 200), ("reset", 100)]),
    ({**_slowly, "on_loss": codes.LOSS_CONTINUE}, [("time", (60, 40)), ("time", (60, 40))]),
    (_slowly, [_few, ("reset", 100)]),
    ({**_slowly, "rate": 100_000}, [("taken up", 60), ("stop", codes.WHY_HOST_STOP)]),
]
_deeds: list[tuple[dict[str, int], list[Event]]] = [
    ({}, []),
    (_doses, [_few, ("press", 0), _few]),
    (_large_doses, [_few, ("press", 0), _few]),
    ({"bolus": 50_000}, [_few, _a_bolus, _few]),
    ({"bolus": 50_000}, [_few, _a_bolus, _few, ("pause", 0), _few, ("resume", 300), _few]),
    ({}, [_some, ("pause", 0), _some, ("resume", 300), _some]),
    ({"on_end": codes.END_KVO, "kvo": 60_000, "capacity": 60_000_000}, [_some]),
    ({"on_loss": codes.LOSS_STOP}, [("time", (60, 40))]),
    ({"on_loss": codes.LOSS_KVO, "kvo": 60_000}, [("time", (60, 40))]),
    ({}, [_some, ("fault", codes.WHY_TASK_OVERRUN)]),
]


@st.composite
def _chapter(draw: st.DrawFn) -> list[Event]:
    events: list[Event] = []
    if draw(st.integers(0, 7)):
        events += [("shaft", "follow"), ("shaft", "found"), _clear, _clear]
    if draw(st.integers(0, 3)) == 0:
        events += [("prime", (20_000, 1)), ("held", (20, 20))]
    felt = draw(st.integers(0, 2)) == 0
    events += [("feel", draw(st.sampled_from([0, 40])) if felt else None)]
    good = draw(draw(st.sampled_from([_good_offers, _good_offers, _good_offers, _to_the_end])))
    extra, deeds = draw(st.sampled_from(_felt if felt else _deeds))
    good = {**good, **extra}
    if draw(st.integers(0, 4)):
        events += [("go", good)]
    else:
        events += [("offer", good), ("time", (5, 20)), *_in_steps[: draw(st.integers(0, 3))]]
    events += deeds
    following = draw(st.lists(st.sampled_from(_while_running), min_size=2, max_size=6))
    return events + [draw(s) for s in following]


histories = st.lists(_chapter(), min_size=3, max_size=6).map(lambda chapters: list(chain(*chapters)))
