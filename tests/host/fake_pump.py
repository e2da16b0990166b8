"""The pump of a board that is played by a script, with its interlock: what it does with commands, and in time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from assuage_wire import schema, session
from assuage_wire.codec import BY_NAME
from assuage_wire.schema import NONE32
from tests.host.fake_interlock import FakeInterlock

STATES, REASONS = schema.STATES, schema.REASONS
MOVING = ("infusing", "bolus", "kvo")
BACKS = ("Readback", "LegBack", "ChangeBack", "PrimeBack", "GuardBack", "WatchBack")


class FakePump(ABC):
    """A `_do_` method per command takes its fields, and returns status and detail for the Reply, or the name of another
    answer, of BACKS."""

    def __init__(self) -> None:
        self.tamper: dict[str, int] = {}  # field of the Readback -> value

    def _stand(self, now: float) -> None:
        """As after a reset."""
        self._now = self._moved_at = now
        self.state, self.reason, self.delivered = "standby", "none", 0.0
        self.was = (0, NONE32, NONE32)
        self.programme: dict[str, int] = {}
        self.legs: list[dict[str, int]] = []
        self.rate = 0
        self.wanted: dict[str, int] = {}  # the change that was read back
        self.priming: dict[str, int] = {}
        self.interlock = FakeInterlock(self.send, self._trip)
        self.filled = 0.0
        self.lease = session.Lease()

    @abstractmethod
    def time(self) -> tuple[int, int]:
        """(ticks, wraps)."""

    @abstractmethod
    def send(self, name: str, values: list[Any]) -> None:
        """Sends any message."""

    # -- in time -------------------------------------------------------------------------------------------------------

    def _deliver(self) -> None:
        seconds, self._moved_at = self._now - self._moved_at, self._now
        if self.state == "priming":
            self.filled = min(self.priming["volume"], self.filled + self.priming["rate"] * seconds / 60)
            if self.filled >= self.priming["volume"] or self.lease.margin(*self.time()) == 0:
                self._halt("standby", "none")
        if self.state not in MOVING:
            return
        self.delivered += self.rate * seconds / 60
        if self.delivered >= self.programme["vtbi"]:
            self.delivered = self.programme["vtbi"]
            self._halt("complete", "complete")
        elif self.lease.margin(*self.time()) == 0 and schema.ON_LOSS[self.programme["on_loss"]] == "stop":
            self._halt("stopped", "lease-lapsed")

    def _trip(self, reason: str) -> None:
        if self.state in MOVING:
            self._halt("paused", reason)
        self._send_Interlock()

    def _halt(self, state: str, reason: str) -> None:
        self.state, self.reason = state, reason
        self.lease.close()
        self._send_PumpStatus()

    def _moved_for(self) -> int:
        return (self.priming if self.state == "priming" else self.programme).get("programme", 0)

    def _send_PumpStatus(self) -> None:
        p = self.programme
        moving = self.state in MOVING
        rate = self.rate if moving else 0
        left = int((p["vtbi"] - self.delivered) * 60 / rate) if moving and rate else NONE32
        lease = min(self.lease.margin(*self.time()), 65535)
        numbers = [
            self._moved_for(),
            rate,
            self.rate,
            p.get("vtbi", 0),
            int(self.delivered),
            int(self.delivered),
        ]
        codes = [STATES.index(self.state), REASONS.index(self.reason)]
        self.send(
            "PumpStatus",
            [*self.time(), *codes, *numbers, left, lease, p.get("on_loss", 0), *self.was, 0, 0, 0, 0, int(self.filled)],
        )

    def _send_Interlock(self) -> None:
        self.send("Interlock", [*self.time(), *self.interlock.told(self._now)])

    def _grant(self, v: dict[str, Any]) -> None:
        grant = (*self.time(), v["until_ticks"], v["until_wraps"], v["grant"])
        goes_on = self.state in MOVING and schema.ON_LOSS[self.programme["on_loss"]] == "continue"
        if not self.lease.renew(*grant) and goes_on and self.lease.margin(*self.time()) == 0:
            self.lease.open(*grant)

    def _lacks(self) -> str:
        return "interlock" if self.interlock.tripped else self.interlock.lacks(self._now)

    def _whole(self) -> None:
        if len(self.legs) == self.programme["legs"] and not self.interlock.lacking:
            self.state = "programmed"

    # -- answers that are more than a Reply ----------------------------------------------------------------------------

    def _back(self, name: str, values: dict[str, int]) -> list[int]:
        back = {**values, **self.tamper}
        return [back[f[0]] for f in BY_NAME[name].fields[2:]]

    def _readback(self) -> list[int]:
        p = self.programme
        finish = p["vtbi"] * 60 // p["rate"] if p["rate"] and not p["legs"] else NONE32
        token = 0 if p["legs"] or p["guards"] else 4242
        return self._back("Readback", {**p, "nl_per_rev": 559_902, "steps": 285_763, "finish": finish, "token": token})

    def _legback(self) -> list[int]:
        missing = self.programme["legs"] - len(self.legs)
        whole = missing == 0 and self.programme["loop"] == schema.NO_LOOP
        volume = seconds = 0
        for leg in self.legs:
            begin, end, nl = leg["begin"], leg["end"], leg["volume"]
            if begin == end and begin:
                nl = nl or self.programme["vtbi"] - volume
                seconds += nl * 60 // begin
            else:
                nl = (begin + end) * leg["seconds"] // 120
                seconds += leg["seconds"]
            volume += nl
        finish = seconds if whole else NONE32
        token = 0 if missing or self.programme["guards"] else 4242
        told = {"steps": 0, "missing": missing, "finish": finish, "token": token}
        return self._back("LegBack", {**self.legs[-1], **told})

    def _guardback(self) -> list[int]:
        return self._back("GuardBack", {**self.interlock.rows[-1], **self.interlock.back()})

    def _watchback(self) -> list[int]:
        return self._back("WatchBack", {"watch": self.interlock.watching})

    def _changeback(self) -> list[int]:
        return self._back("ChangeBack", {**self.wanted, "steps": 1000, "seconds": 60, "token": 555})

    def _primeback(self) -> list[int]:
        seconds = self.priming["volume"] * 60 // self.priming["rate"]
        return self._back("PrimeBack", {**self.priming, "steps": 1000, "seconds": seconds, "token": 777})

    # -- commands ------------------------------------------------------------------------------------------------------

    def _do_Programme(self, v: dict[str, Any]) -> tuple[str, int]:
        if self.state in (*MOVING, "fault", "unconfirmed"):
            return "bad-state", 0
        self.programme = {name: value for name, value in v.items() if name not in ("session", "command")}
        self.reason, self.delivered, self.legs, self.rate = "none", 0.0, [], self.programme["rate"]
        self.interlock.begin(self.programme, self._now)
        self._whole()
        return "Readback", 0

    def _do_Leg(self, v: dict[str, Any]) -> tuple[str, int]:
        self.legs.append({name: value for name, value in v.items() if name not in ("session", "command")})
        self._whole()
        return "LegBack", 0

    def _do_Guard(self, v: dict[str, Any]) -> tuple[str, int]:
        self.interlock.guard({name: value for name, value in v.items() if name not in ("session", "command")})
        if self.programme.get("programme") == v["programme"]:
            self._whole()
        return "GuardBack", 0

    def _do_Watch(self, v: dict[str, Any]) -> tuple[str, int]:
        self.interlock.begin_watching(v["guards"])
        return "WatchBack", 0

    def _do_Unwatch(self, v: dict[str, Any]) -> tuple[str, int]:
        if v["watch"] != self.interlock.watching:
            return "bad-value", 2
        self.interlock.watching = 0
        return "ok", 0

    def _do_Release(self, v: dict[str, Any]) -> tuple[str, int]:
        status = self.interlock.release(v["number"], self._now)
        self._send_Interlock()
        return status, 0

    def _do_Confirm(self, v: dict[str, Any]) -> tuple[str, int]:
        if self.state != "programmed" or v["token"] != 4242:
            return "bad-token", 0
        self.state = "confirmed"
        return "ok", 0

    def _do_Arm(self, v: dict[str, Any]) -> tuple[str, int]:
        if self.state != "confirmed":
            return "bad-state", 0
        self.state = "armed"
        return "ok", 0

    def _do_Start(self, v: dict[str, Any]) -> tuple[str, int]:
        if self.state != "armed" or v["programme"] != self.programme["programme"]:
            return "bad-state", 0
        if self._lacks():
            return self._lacks(), 1
        self.lease.max_ms = self.programme["lease"]
        if not self.lease.open(*self.time(), v["until_ticks"], v["until_wraps"]):
            return "no-lease", 0
        self.state = "infusing"
        return "ok", 0

    def _do_Pause(self, v: dict[str, Any]) -> tuple[str, int]:
        if self.state not in ("infusing", "bolus"):
            return "bad-state", 0
        self._halt("paused", "paused")
        return "ok", 0

    def _do_Resume(self, v: dict[str, Any]) -> tuple[str, int]:
        if self.state != "paused":
            return "bad-state", 0
        if self._lacks():
            return self._lacks(), 1
        if not self.lease.open(*self.time(), v["until_ticks"], v["until_wraps"]):
            return "no-lease", 0
        self.state, self.reason = "infusing", "none"
        return "ok", 0

    def _do_Change(self, v: dict[str, Any]) -> tuple[str, int]:
        if self.state != "infusing":
            return "bad-state", 0
        if v["rate"] > self.programme["limit_rate"]:
            return "rate-limit", self.programme["limit_rate"]
        if v["volume"] > self.programme["bolus"]:
            return "volume-limit", self.programme["bolus"]
        self.wanted = {name: value for name, value in v.items() if name not in ("session", "command")}
        return "ChangeBack", 0

    def _do_Apply(self, v: dict[str, Any]) -> tuple[str, int]:
        if v["token"] != 555 or not self.wanted:
            return "bad-token", 0
        if schema.CHANGES[self.wanted["change"]] == "rate":
            self.rate = self.wanted["rate"]
        else:
            self.state = "bolus"
        self.wanted = {}
        return "ok", 0

    def _do_Prime(self, v: dict[str, Any]) -> tuple[str, int]:
        if self.state != "standby":
            return "bad-state", 0
        self.priming = {name: value for name, value in v.items() if name not in ("session", "command")}
        return "PrimeBack", 0

    def _do_Purge(self, v: dict[str, Any]) -> tuple[str, int]:
        if self.state != "standby" or v["token"] != 777:
            return "bad-token", 0
        if v["disconnected"] != 1:
            return "connected", 0
        self.lease.max_ms = 10_000
        if not self.lease.open(*self.time(), v["until_ticks"], v["until_wraps"]):
            return "no-lease", 0
        self.state, self.filled = "priming", 0.0
        return "ok", 0

    def _do_Clear(self, v: dict[str, Any]) -> tuple[str, int]:
        if REASONS[v["reason"]] != self.reason:
            return "stale-clear", 0
        self.state, self.reason, self.was = "standby", "none", (0, NONE32, NONE32)
        return "ok", 0
