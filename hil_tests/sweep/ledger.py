"""The volume ledger: what the patient truly gets, what the shaft does, and what the orders let pass.

Two accounts, both from the plant and neither from the board's word. That of the patient begins when nothing moves and
no pressure is left, before the order: so what the syringe and the line still hold of what was ordered counts as
allowed. That of the shaft begins with the fault. What the orders allow grows with the ordered flow, for as long as the
motor truly has current, and no longer than until `entitled_us`: the moment at which the board must have stopped.
"""

from __future__ import annotations

from assuage_rig.bench import Bench


class Ledger:
    """Volumes in nL, flows in nL/min. over_nl, shaft_over_nl: the most that patient and shaft were ever ahead of what
    was allowed. rows: (s, patient, shaft, allowed) of each look since begin()."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.begin()

    def begin(self) -> None:
        """All at rest: both accounts are empty, and nothing may flow."""
        bench = self.bench
        self.flow = 0.0
        self.allowed_nl = 0.0
        self.over_nl = 0.0
        self.entitled_us: int | None = None
        self.began_us = self._seen_us = bench.now_us
        self._patient, self._shaft = bench.patient_nl, bench.plunger_nl
        self.rows: list[tuple[float, float, float, float]] = []
        self._mark_shaft, self._mark_allowed = self._shaft, 0.0
        self.shaft_over_nl = 0.0
        self.mark()

    def mark(self) -> None:
        """The fault comes now: the shaft's account begins."""
        self.look()
        bench = self.bench
        self.marked_us = bench.now_us
        self.shaft_over_nl = 0.0
        self._mark_shaft, self._mark_allowed, self._mark_turned = bench.plunger_nl, self.allowed_nl, bench.drive.turned

    @property
    def since_s(self) -> float:
        """Since mark(), s."""
        return (self.bench.now_us - self.marked_us) / 1e6

    @property
    def commanded(self) -> int:
        """Steps that the energised motor was commanded since mark(), either way."""
        return abs(self.bench.drive.turned - self._mark_turned)

    def allow(self, flow: float) -> None:
        """From now on so much may flow."""
        self.look()
        self.flow = flow

    def look(self) -> None:
        """To be called often: the flow is owed up to now, unless the motor has no current."""
        bench = self.bench
        now = bench.now_us
        until = now if self.entitled_us is None else min(now, max(self.entitled_us, self._seen_us))
        if bench.drive.enabled:
            self.allowed_nl += self.flow * (until - self._seen_us) / 60e6
        self._seen_us = now
        patient, shaft = bench.patient_nl, bench.plunger_nl
        self.over_nl = max(self.over_nl, patient - self._patient - self.allowed_nl)
        beyond = shaft - self._mark_shaft - (self.allowed_nl - self._mark_allowed)
        self.shaft_over_nl = max(self.shaft_over_nl, beyond)
        self.rows.append(((now - self.began_us) / 1e6, patient - self._patient, shaft - self._shaft, self.allowed_nl))
