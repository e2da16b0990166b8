"""`assuage alarms` tells what stands and what became of alarms, and does what a person does about them."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from assuage.cli import main
from assuage.store import board_journal
from assuage_wire import schema
from tests.host.monitor_server import Monitor
from tests.host.test_journal_cli import entry

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def site(server: Monitor) -> AsyncIterator[Monitor]:
    server.fake.raise_alarms()
    await asyncio.sleep(0)
    for _ in range(500):  # each is told every half second
        if len(server.fake.bed.snapshot()["alarms"]["list"]) == 4:
            break
        await asyncio.sleep(0.01)
    server.fake.calls.clear()
    yield server


async def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    """(stdout, stderr) of the command, run beside the monitor."""
    assert await asyncio.to_thread(main, ["alarms", *arguments]) == code
    told = capsys.readouterr()
    return told.out, told.err


async def test_a_person_reads_one_line_for_each_that_stands(site: Monitor, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = await said(capsys, "--at", site.origin)
    lines = [line.split() for line in out.splitlines()]
    assert [(line[0], line[1]) for line in lines] == [("4", "high"), ("3", "high"), ("2", "medium"), ("1", "low")]
    assert "encoder-disagrees" in lines[0] and "stands" in lines[0] and "acknowledged" in lines[2]
    assert "its cause is gone" in out.splitlines()[1]


async def test_a_program_gets_what_screens_get(site: Monitor, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads((await said(capsys, "--at", site.origin, "--json"))[0])
    assert [each["occurrence"] for each in told["list"]] == [4, 3, 2, 1]
    assert told["pause_s"] == 0 and told["list"][0]["priority"] == "high"


async def test_an_occurrence_is_acknowledged_and_the_sound_paused_as_by_the_page(
    site: Monitor, capsys: pytest.CaptureFixture[str]
) -> None:
    await said(capsys, "--at", site.origin, "--acknowledge", "4")
    await said(capsys, "--at", site.origin + "/", "--silence")
    assert site.fake.calls == ["acknowledge 4", "silence"]


async def test_what_the_daemon_refuses_is_told_in_its_sentence(
    site: Monitor, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = site.origin.replace("127.0.0.1", "localhost")
    assert (await said(capsys, "--at", elsewhere, "--silence"))[1] == "", "under each of its names"
    _, err = await said(capsys, "--at", "http://127.0.0.1:9", code=1)
    assert err.startswith("No daemon answers at http://127.0.0.1:9;") and err.count("\n") == 1


@pytest.mark.parametrize("wrong", [["--acknowledge", "0"], ["--acknowledge", "x"], ["--at", "ftp://x"],
                                   ["--silence", "--acknowledge", "1"], ["--at", "127.0.0.1:8320"]])  # fmt: skip
async def test_a_wrong_command_line_does_nothing(site: Monitor, wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["alarms", *wrong])
    assert ended.value.code == 2 and site.fake.calls == []


async def test_without_a_demo_it_says_what_to_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    _, err = await said(capsys, code=1)
    assert "--from" in err and "--at" in err


async def test_a_running_demo_is_found_by_its_lock(
    site: Monitor, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    lock = tmp_path / "assuage" / "demo" / "lock"
    lock.parent.mkdir(parents=True)
    lock.write_text(json.dumps({"pid": 1, "address": site.origin}))
    assert "encoder-disagrees" in (await said(capsys))[0].splitlines()[0]


async def test_the_history_is_that_of_the_journal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "store.sqlite"
    db = sqlite3.connect(path, isolation_level=None)
    occlusion = schema.ALARMS.index("occlusion")
    board_journal.keep(db, [
        entry("raised", occlusion, 3, x=41, number=1), entry("begun", 4, x=7, y=5, number=2),
        entry("silenced", x=41, number=3), entry("ended", occlusion, 3, 0, 41, number=4),
        entry("acknowledged", occlusion, 3, 1, 41, number=5), entry("ended", occlusion, 3, 1, 41, number=6),
    ])  # fmt: skip
    db.close()
    out, _ = await said(capsys, "--history", "--from", str(path))
    assert out.splitlines()[0] == "board ab12"
    for line, words in zip(out.splitlines()[1:], (
        "Alarm: occlusion (high, occurrence 41).",
        "Somebody paused the sound of the alarms that stood, up to occurrence 41.",
        "The cause of an alarm is gone: occlusion (high, occurrence 41); nobody has acknowledged it.",
        "Somebody acknowledged an alarm: occlusion (high, occurrence 41); it is over.",
        "The cause of an alarm is gone: occlusion (high, occurrence 41); it is over.",
    ), strict=True):  # fmt: skip
        assert line.endswith(words)
    out, _ = await said(capsys, "--history", "--from", str(path), "--last", "2", "--json")
    assert [json.loads(line)["number"] for line in out.splitlines()] == [5, 6]
