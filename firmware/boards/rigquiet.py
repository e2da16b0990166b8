"""A board for runs over days, on the bench only: few chips, rare looks, long words. No real board has such data.

Bridge, driver, gauge and oximeter are not there; telemetry says so. Looked at once a second, or once in five, is what
is else looked at forty times. The volume is as exact, the states are the same, and a frozen firmware delivers as
little, for the queue holds no more volume. What takes longer: a lapse, a key, a contact or an alarm is seen up to a
second later, and a change of flow comes after up to two seconds that are queued. A shaft that turns fast, a motion that
is no dose, and an alarm that stands are looked at as often as their due.
"""

_WITHOUT = ("bridge", "driver", "gauge")
_PERIODS = {  # ms
    "moving": 1000,
    "standing": 1000,
    "keys": 1000,
    "panel": 1000,
    "alarms": 1000,
    "oximeter": 0,
    "status": 1000,
    "told": 5000,
    "frozen": 1500,
    "watchdog": 2000,
    "silent": 6000,  # its host grants every four or five seconds
}
_WORD_US = 250_000


def quiet(data):
    """The board's own table, made quiet."""
    data = {name: value for name, value in data.items() if name not in _WITHOUT}
    data["periods"] = _PERIODS
    data["limits"] = dict(data["limits"])
    data["limits"]["word_us"] = _WORD_US
    return data
