"""The record beside the orders of a bed: first the intent, then the board, then the outcome, once."""

from __future__ import annotations

import asyncio
import dataclasses
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from assuage.bedside.acting import NO_RECORD, WHO
from assuage.bedside.bed import Bed
from assuage.bedside.orders import Orders
from assuage.bedside.resolving import JOURNAL, Resolving, told
from assuage.errors import NoAnswer, Refused
from assuage.record import events, file, recorder
from assuage.record.events import Clinical, Intent, Outcome
from assuage.record.reading import read
from assuage.record.recorder import Recorder
from assuage.record.verify import verify
from assuage.store.trouble import StoreError
from assuage_rig.requirements import req
from assuage_wire import schema
from tests.host.beds import PUMP
from tests.host.bedside import KETAMINE, Bedside, bedside
from tests.host.eventually import until


class NoJournal:
    """A board that keeps none."""

    def complete(self, since: float) -> bool | None:
        return None

    async def has_begun(self, programme: int) -> bool:
        return False


@asynccontextmanager
async def recorded(path: Path) -> AsyncIterator[tuple[Bedside, Recorder]]:
    """A bed whose orders are recorded."""
    async with await Recorder.open(path, "Bed 1") as record, bedside() as b:
        b.orders = Orders(b.bed, b.client, b.supervision, on_refused=b.refused.append, record=record)
        yield b, record


def kinds(path: Path, *of: str) -> list[tuple[str, ...]]:
    return [(e.kind, *(str(e.body.get(name, "")) for name in of)) for e in read(path)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.record.sqlite"


@req("REC-022")
async def test_an_order_is_in_the_record_from_the_first_word_to_the_start(path: Path) -> None:
    WHO.set("Dr B")
    async with recorded(path) as (b, record):
        clinical = Clinical(substance="ketamine racemic", ng_per_ml=10_000_000, library="ab12", reason="why")
        back = await b.orders.programme(KETAMINE, clinical)
        await b.orders.confirm(back["programme"], back["token"], second="Nurse C")
        await b.orders.start(back["programme"])
        await b.orders.pause(back["programme"])
        await b.orders.stop()
        with pytest.raises(Refused):
            await b.orders.start(back["programme"])
        assert not record.state.open
    number = str(back["programme"])
    assert kinds(path, "what", "result")[2:-1] == [
        ("intent", "programme", ""), ("checked", "", ""), ("ordered", "", ""), ("outcome", "programme", "done"),
        ("intent", "confirm", ""), ("confirmed", "", ""), ("outcome", "confirm", "done"),
        ("intent", "start", ""), ("outcome", "start", "done"),
        ("intent", "pause", ""), ("outcome", "pause", "done"),
        ("intent", "stop", ""), ("outcome", "stop", "done"),
    ]  # fmt: skip
    told = read(path)
    assert {e.body["by"] for e in told if e.kind in ("intent", "outcome", "ordered", "confirmed")} == {"Dr B"}
    assert {str(e.body["programme"]) for e in told if e.kind in ("checked", "ordered", "confirmed")} == {number}
    ordered = next(e.body for e in told if e.kind == "ordered")
    assert (ordered["asked"], ordered["readback"]) == (KETAMINE, back)


@req("REC-021", "REC-022")
async def test_what_moves_a_pump_is_not_sent_when_the_record_cannot_have_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(db: sqlite3.Connection, rows: Sequence[file.Row]) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    async with recorded(path) as (b, record):
        programme = await b.confirmed()
        before = list(b.board.carried_out)
        with monkeypatch.context() as patched:
            patched.setattr(recorder.file, "append", full)
            with pytest.raises(Refused) as refused:
                await b.orders.start(programme)
            assert refused.value.sentence == NO_RECORD
            assert record.fault
            assert (await b.orders.stop())["state"] == "stopped", "STOP waits for no disk"
        assert "Start" not in b.board.carried_out and "Arm" not in b.board.carried_out[len(before) :]
        await record.keep(events.Note(sentence="the disk is back"))
        assert not record.fault
    stops = [row for row in kinds(path, "what", "result") if row[1] == "stop"]
    assert stops == [("intent", "stop", ""), ("outcome", "stop", "done")], "what was held is written when it can be"
    assert ("intent", "start", "") not in kinds(path, "what", "result")
    assert verify(path).good


@req("REC-022")
async def test_a_refusal_is_the_outcome_and_its_sentence_is_kept(path: Path) -> None:
    async with recorded(path) as (b, _):
        programme = await b.confirmed()
        b.board.refuse = {"Start": ("no-lease", 0)}
        with pytest.raises(Refused) as refused:
            await b.orders.start(programme)
    outcome = read(path)[-2].event(Outcome)
    assert outcome is not None
    assert (outcome.what, outcome.result, outcome.sentence) == ("start", "not-done", refused.value.sentence)


@req("REC-021")
async def test_a_start_without_an_answer_is_resolved_by_asking_the_board_and_its_outcome_is_entered_once(
    path: Path,
) -> None:
    async with recorded(path) as (b, record):
        programme = await b.confirmed()
        b.board.ignore = {"Start"}
        with pytest.raises(NoAnswer):
            await b.orders.start(programme)
        assert [intent.what for intent in record.state.open.values()] == ["start"]
        resolving = Resolving(b.bed, b.orders.acting, NoJournal(), asyncio.get_running_loop().time)

        async def resolved() -> None:
            while record.state.open:
                await resolving.look()
                await asyncio.sleep(0.005)

        await asyncio.wait_for(resolved(), 30)
        act = read(path)[-2].body.get("act", "")
        record.note(Outcome(act=act, what="start", result="done"))  # nobody can say so a second time
    outcomes = [e.body for e in read(path) if e.kind == "outcome" and e.body["what"] == "start"]
    assert [(o["result"], o["how"]) for o in outcomes] == [("unknown", "asked")]


@req("REC-021")
async def test_what_an_earlier_daemon_began_is_proved_by_the_pumps_next_word_before_a_stop_can_hide_it(
    path: Path,
) -> None:
    async with recorded(path) as (b, record):
        programme = await b.infusing()
        hello = b.bed.picture.hello
        assert hello is not None
        earlier = Intent(act="earlier", what="start", board=hello.board.hex(), boot=hello.boot, programme=programme)
        other = dataclasses.replace(earlier, act="other", board="00")
        for each in (earlier, other):
            await record.keep(each)
        Resolving(b.bed, b.orders.acting, NoJournal(), asyncio.get_running_loop().time)  # nothing asks it to look
        await until(lambda: "earlier" not in record.state.open)
        assert list(record.state.open) == ["other"], "another board's word proves nothing"
        await b.orders.stop()
    outcomes = [e.body for e in read(path) if e.kind == "outcome" and e.body["act"] == "earlier"]
    assert [(o["result"], o["how"]) for o in outcomes] == [("done", "asked")]


@req("REC-021")
async def test_the_next_daemon_knows_of_every_open_act_and_of_the_patient(path: Path) -> None:
    patient = events.Admission(patient="A. Lovelace", weight="70 kg")
    intent = Intent(act="a1", what="start", board="01", boot=3, programme=7)
    async with await Recorder.open(path, "Bed 1") as record:
        await record.keep(patient)
        await record.keep(intent)
    for _ in range(3):  # however many come and go
        async with await Recorder.open(path, "Bed 1") as record:
            assert record.state.open == {"a1": intent}
            assert record.state.patient == patient.body()
    async with await Recorder.open(path, "Bed 1") as record:
        await record.keep(Outcome(act="a1", what="start", result="done", programme=7))
        await record.keep(events.Discharge())
    async with await Recorder.open(path, "Bed 1") as record:
        assert not record.state.open and not record.state.patient
    async with await Recorder.open(path, "Bed 1") as record:
        assert 7 in record.state.started, "what was started is never started again, whoever asks"


@req("REC-022")
async def test_a_full_disk_keeps_no_bed_from_being_watched_and_is_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(db: sqlite3.Connection, rows: Sequence[file.Row]) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr(recorder.file, "append", full)
        record = await Recorder.open(path, "Bed 1")
        record.note(events.Note(sentence="meanwhile"))
        assert "not recorded meanwhile" in record.fault
    await until(lambda: not record.fault)
    await record.close()
    assert kinds(path) == [("begun",), ("opened",), ("note",)]
    assert verify(path).good


@req("REC-022")
async def test_a_second_daemon_is_kept_away(path: Path) -> None:
    async with await Recorder.open(path, "Bed 1"):
        with pytest.raises(StoreError, match="in use by another Assuage daemon"):
            await Recorder.open(path, "Bed 1")


@req("REC-022")
async def test_an_event_that_cannot_be_written_holds_up_nothing(path: Path) -> None:
    async with await Recorder.open(path, "Bed 1") as record:
        record.note(events.Chart(values={"spo2": float("nan")}))
        record.note(events.Chart(values={"spo2": object()}))
        await record.keep(events.Note(sentence="well"))
    assert [kind for (kind,) in kinds(path)] == ["begun", "opened", "note", "closed"]


async def test_another_programs_database_is_left_alone(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE t (a)")
    db.close()
    with pytest.raises(StoreError, match="is not a record"):
        await Recorder.open(path, "Bed 1")


WHAT = ("start", "resume", "pause", "rate", "bolus", "programme", "confirm", "stop", "purge", "release")


@req("REC-021")
@pytest.mark.parametrize("what", WHAT)
def test_no_state_of_a_board_makes_a_verdict_that_its_status_does_not_prove(what: str) -> None:
    intent = Intent(act="a", what=what, board="01", boot=3, programme=77, details={"rate_nl_min": 10})
    for state in schema.STATES:
        for programme, boot, ours in ((77, 3, False), (77, 3, True), (77, 4, False), (78, 3, False)):
            status = PUMP._replace(state=schema.STATES.index(state), programme=programme)
            verdict = told(intent, status, boot, ours)
            if what != "start" or verdict in (None, JOURNAL):
                assert verdict is None or verdict.sentence
                continue
            here = (programme, boot) == (77, 3)
            assert verdict is not None and here, "another programme, or another start of the board, proves nothing"
            assert (verdict.result == "not-done") == (state in ("programmed", "confirmed", "armed") and not ours)


def test_a_bed_without_a_record_takes_orders_all_the_same() -> None:
    bed: Any = Bed("Bed 1", "/dev/null")
    assert Orders(bed, None, None).acting.record.state.open == {}  # type: ignore[arg-type]


async def test_the_head_is_the_last_entry_on_disk(path: Path) -> None:
    async with await Recorder.open(path, "Bed 1") as record:
        record.note(events.Note(sentence="one"))
        await until(lambda: record.head.number == 3)
        assert verify(path, [record.head.hash]).good
