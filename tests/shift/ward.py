"""A bed on the bench: two emulated boards at one patient, a whole daemon, and hands that act through the page's API.

Everything is real but time: the firmware, its chips, the patient's body, the daemon with its record.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette

from assuage_rig.bench import Bench
from assuage_rig.plant.bedside import Bedside
from tests.host import asking
from tests.shift.virtual import World

GUARDS: Final = {"set": "adult", "rows": ["spo2-below", "resp-apnoea"]}
STEP_S: Final = 0.25
SOON_S: Final = 90.0


class Ward:
    """One bed in the world. daemon: assuage.daemon.Daemon; app: what the page talks to."""

    def __init__(self, world: World, pumps: tuple[Bench, Bench], patient: Bedside, daemon: Any, app: Starlette) -> None:
        self.world, self.pumps, self.patient, self.daemon, self._app = world, pumps, patient, daemon, app

    # -- time ----------------------------------------------------------------------------------------------------------

    async def until(self, condition: Callable[[], object], what: str, limit_s: float = SOON_S) -> None:
        """Lets time pass until it is so."""
        end = self.world.now + limit_s
        while not condition():
            assert self.world.now < end, f"{what}: not within {limit_s:g} s; {self.told()}"
            await asyncio.sleep(STEP_S)

    async def at(self, minute: float) -> None:
        """Lets time pass until that minute of the shift."""
        assert self.world.now <= minute * 60, f"it is minute {self.world.now / 60:.2f} already, not {minute:g}"
        await asyncio.sleep(minute * 60 - self.world.now)

    # -- the page ------------------------------------------------------------------------------------------------------

    async def post(self, path: str, **body: Any) -> tuple[int, Any]:
        with self.world.careful():
            return await asking.post(self._app, path, body)

    async def good(self, path: str, **body: Any) -> Any:
        """The answer to what must not be refused."""
        status, told = await self.post(path, **body)
        assert status == 200, f"minute {self.world.now / 60:.1f}, {path}: {told}"
        return told

    async def bad(self, path: str, **body: Any) -> Any:
        """The answer to what must be refused."""
        status, told = await self.post(path, **body)
        assert status in (400, 409), f"minute {self.world.now / 60:.1f}, {path}: {status} {told}"
        return told

    @property
    def page(self) -> dict[str, Any]:
        """What the screen shows."""
        return dict(self.daemon.bed.snapshot())

    def pump(self, second: bool = False) -> dict[str, Any]:
        told = self.page
        return dict(told["beside"][0] if second else told)

    def ready(self, second: bool) -> bool:
        """Whether a pump has tested itself and found its force's zero."""
        told = self.pump(second)
        drive, interlock = told["drive"], told["interlock"]
        return bool(drive and interlock and drive["fitted"] == "fitted" and not drive["untested"])

    def states(self) -> tuple[str, str]:
        return self.pump()["pump"]["state"], self.pump(True)["pump"]["state"]

    def told(self) -> str:
        """For a failure: what the screen says."""
        page = self.page
        pumps = [[each["pump"][name] for name in ("state", "reason", "sentence")] for each in (page, self.pump(True))]
        return f"pumps {pumps}, alarms {page['alarms']}, interlock {page['interlock']}"

    # -- hands ---------------------------------------------------------------------------------------------------------

    async def order(self, base: str, prescription: dict[str, Any], syringe: str, *reasons: str) -> int:
        """Prescribed, compared by as many as it takes, and started; the programme."""
        told = await self.good(
            f"{base}prescribe", who="Dr. Haas", prescription=prescription,
            pump={"syringe": syringe, "on_loss": "stop", "guards": GUARDS},
            overrides=[{"finding": name, "reason": "severe pain, discussed with the pain service"} for name in reasons],
        )  # fmt: skip
        back = told["readback"]
        programme = int(back["programme"])
        second = {"second": "Nurse Brandt"} if back["clinical"]["alerts"] else {}
        await self.good(f"{base}pump/confirm", who="Nurse Adler", programme=programme, token=back["token"], **second)
        await self.when_permitted(f"{base}pump/start", programme)
        return programme

    async def when_permitted(self, path: str, programme: int) -> None:
        """Orders it, again while only a vital sign, or the board that watches, is in the way."""
        end = self.world.now + SOON_S
        while True:
            status, told = await self.post(path, who="Nurse Adler", programme=programme)
            if status == 200:
                return
            assert status == 409 and told["status"] in ("elsewhere", "guard"), f"{path}: {told}"
            assert self.world.now < end, f"{path}: {told}; {self.told()}"
            await asyncio.sleep(1.0)

    async def release_and_resume(self, base: str, programme: int) -> None:
        """By the numbers that are shown, as soon as all is normal."""
        await self.until(lambda: (self.pump(bool(base))["interlock"] or {}).get("release"), "normal signs")
        read = self.pump(bool(base))["interlock"]["read"]
        await self.good(f"{base}interlock/release", who="Nurse Adler", **read)
        await self.when_permitted(f"{base}pump/resume", programme)

    async def assess(self, **values: Any) -> Any:
        effects, note = values.pop("effects", []), values.pop("note", "")
        done = values.pop("done", ["observations"])
        return await self.good("assess", who="Nurse Adler", values=values, effects=effects, done=done, note=note)

    def press_for_a_dose(self) -> None:
        """The patient's button at the opioid's pump."""
        pins = self.pumps[1].circuit.pins
        pins.put("demand", 0)
        self.pumps[1].at(0.3, lambda: pins.put("demand", 1))

    async def acknowledge(self) -> None:
        """Whatever sounds at the first board."""
        for base, second in (("", False), ("second/", True)):
            for alarm in (self.pump(second)["alarms"] or {"list": []})["list"]:
                await self.post(f"{base}alarm/acknowledge", who="Nurse Adler", occurrence=alarm["occurrence"])


@asynccontextmanager
async def ward(
    world: World, pumps: tuple[Bench, Bench], patient: Bedside, ports: tuple[Path, Path], folder: Path
) -> AsyncIterator[Ward]:
    """The daemon from its start to its end; both boards are ready. What is imported here has the world's time."""
    from assuage.config import Config, Link, Second, Site
    from assuage.config import Store as Kept
    from assuage.daemon import Daemon
    from assuage.monitor.app import build
    from assuage.record.recorder import Recorder
    from assuage.store import Store

    config = Config(
        site=Site(name="pain unit", bed="Bed 3"), link=Link(port=str(ports[0])), second=Second(port=str(ports[1])),
        store=Kept(path=folder / "store.sqlite"),
    )  # fmt: skip
    async with (
        await Store.open(config.store.path) as store,
        await Store.open(config.of_second().store.path) as other,
        await Recorder.open(folder / "bed.record.sqlite", config.site.bed) as record,
    ):
        daemon = Daemon(config, [store, other], record, outside=False)
        running = asyncio.create_task(daemon.run())
        made = Ward(world, pumps, patient, daemon, build(daemon.bed, config))
        try:
            with world.careful():  # a library is read, once
                await made.until(lambda: "library" in made.page["services"], "the drug library")
            for second in (False, True):
                await made.until(lambda second=second: made.ready(second), "a pump being ready")  # type: ignore[misc]
            yield made
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
