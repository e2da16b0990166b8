"""The link over a real pseudo-terminal: exclusive, bounded, and back by itself whatever way the port disappears."""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from assuage.errors import LinkDown, NoAnswer, PortLost, PortUnavailable, Reason
from assuage.link import messages, port
from assuage.link.client import BoardClient
from assuage.link.events import Event, Identified, Link, LinkChanged, Telemetry
from assuage.link.port import Port
from assuage_rig.requirements import req
from tests.host.eventually import until
from tests.host.fake_board import PtyBoard


@asynccontextmanager
async def running(client: BoardClient) -> AsyncIterator[list[Event]]:
    events: list[Event] = []
    client.listen(events.append)
    task = asyncio.create_task(client.run())
    try:
        yield events
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def live(client: BoardClient) -> Callable[[], bool]:
    return lambda: client.conversation.state is Link.LIVE


class Ends:
    """Both ends of a pseudo-terminal, the slave's path for a Port."""

    def __init__(self) -> None:
        self.master, slave = os.openpty()
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        os.close(slave)
        self.heard = bytearray()
        self.lost: list[PortLost] = []

    def open(self) -> Port:
        return Port.open(self.path, 115200, self.heard.extend, self.lost.append)


async def test_a_board_is_found_told_and_asked_over_a_pseudo_terminal() -> None:
    pty = PtyBoard()
    pty.plug()
    client = BoardClient(pty.path)
    async with running(client) as events:
        await until(live(client))
        await until(lambda: sum(isinstance(e, Telemetry) for e in events) > 5)
        answer = await client.command("Probe")
        assert isinstance(answer, messages.Reply)
        stopped = await client.stop()
        assert stopped.took < 1
    pty.unplug()


async def test_a_port_that_comes_and_goes_is_opened_again(tmp_path: Path) -> None:
    link = tmp_path / "board"
    pty = PtyBoard()
    client = BoardClient(str(link))
    async with running(client) as events:
        await until(lambda: client.conversation.state is Link.LOST)
        assert "There is no port" in client.conversation.sentence
        pty.plug(link)
        await until(live(client))
        pty.unplug()
        await until(lambda: client.conversation.state is Link.LOST)
        assert "has gone" in client.conversation.sentence
        with pytest.raises(LinkDown):
            await client.command("Probe")
        pty.board.restart(asyncio.get_running_loop().time())
        pty.plug(link)
        await until(live(client))
    states = [e.state for e in events if isinstance(e, LinkChanged)]
    assert states[:4] == [Link.LOST, Link.CONNECTING, Link.LIVE, Link.LOST]
    assert [e.new_boot for e in events if isinstance(e, Identified)] == [False, True]
    pty.unplug()


async def test_stop_waits_for_the_port_and_is_the_first_word(tmp_path: Path) -> None:
    link = tmp_path / "board"
    pty = PtyBoard()
    client = BoardClient(str(link))
    async with running(client):
        await until(lambda: client.conversation.state is Link.LOST)
        with pytest.raises(LinkDown, match="at the pump"):
            await client.stop(timeout=0.05)
        pty.plug(link)
        await until(lambda: not client.conversation.stopping)
        assert pty.board.log[0][0] == "Stop"
    pty.unplug()


async def test_a_stop_that_is_not_answered_says_so_and_goes_on() -> None:
    pty = PtyBoard()
    pty.plug()
    client = BoardClient(pty.path)
    async with running(client):
        await until(live(client))
        pty.board.ignore = {"Stop"}
        with pytest.raises(NoAnswer, match="at the pump"):
            await client.stop(timeout=0.05)
        before = len(pty.board.received("Stop"))
        await until(lambda: len(pty.board.received("Stop")) > before + 2)
        pty.board.ignore = set()
        await until(lambda: not client.conversation.stopping)
    pty.unplug()


async def test_a_failing_listener_does_not_disturb_the_link() -> None:
    pty = PtyBoard()
    pty.plug()
    client = BoardClient(pty.path)

    def broken(event: Event) -> None:
        raise RuntimeError("a bug")

    client.listen(broken)
    async with running(client):
        await until(live(client))
        assert isinstance(await client.command("Probe"), messages.Reply)
    pty.unplug()


@req("SYS-011")
async def test_a_port_is_opened_by_one_program_only() -> None:
    ends = Ends()
    held = ends.open()
    with pytest.raises(PortUnavailable) as second:
        ends.open()
    assert second.value.reason is Reason.IN_USE
    assert "another program" in second.value.sentence
    held.close()
    ends.open().close()
    os.close(ends.master)


async def test_a_port_that_cannot_be_opened_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def sentence(path: object) -> tuple[Reason, str]:
        with pytest.raises(PortUnavailable) as error:
            Port.open(str(path), 115200, lambda data: None, lambda lost: None)
        return error.value.reason, error.value.sentence

    assert sentence(tmp_path / "nothing")[0] is Reason.NO_DEVICE
    file = tmp_path / "file"
    file.write_text("")
    assert sentence(file)[0] is Reason.NOT_A_PORT
    assert sentence(tmp_path)[0] is Reason.NOT_A_PORT
    assert sentence("/dev/null")[0] is Reason.NOT_A_PORT

    def denied(*args: object, **named: object) -> None:
        raise port.serial.SerialException(13, "could not open port: Permission denied")

    monkeypatch.setattr(port.serial, "Serial", denied)
    reason, text = sentence("/dev/ttyS0")
    assert reason is Reason.NO_PERMISSION
    assert "usermod -aG" in text


async def test_a_port_that_goes_away_is_lost_once() -> None:
    ends = Ends()
    opened = ends.open()
    os.close(ends.master)
    await until(lambda: bool(ends.lost))
    opened.write(b"more")
    opened.close()
    await asyncio.sleep(0)
    assert len(ends.lost) == 1
    assert not opened.is_open


async def test_writing_into_a_port_that_has_gone_is_a_loss_and_no_error() -> None:
    ends = Ends()
    opened = ends.open()
    asyncio.get_running_loop().remove_reader(opened._fd)
    os.close(ends.master)
    opened.write(b"anybody there?")
    assert ends.lost == [], "not from within write()"
    await until(lambda: bool(ends.lost))


async def test_what_waits_for_a_peer_that_does_not_read_is_bounded_and_stop_goes_ahead_of_it() -> None:
    ends = Ends()
    opened = ends.open()
    for _ in range(2000):
        opened.write(b"x" * 99 + b"\0")
    assert opened.dropped > 0
    assert len(opened._waiting) <= port.WAITING_MAX
    opened.write(b"STOP\0", first=True)
    os.set_blocking(ends.master, False)
    got = bytearray()

    def read() -> None:
        with suppress(BlockingIOError):
            got.extend(os.read(ends.master, 65536))

    asyncio.get_running_loop().add_reader(ends.master, read)
    await until(lambda: b"STOP\0" in got)
    before = got[: got.index(b"STOP\0")]
    assert before.endswith(b"\0"), "a frame that was cut has been ended"
    assert len(before) < 100 * 100, "what the kernel held has been dropped"
    asyncio.get_running_loop().remove_reader(ends.master)
    opened.close()
    os.close(ends.master)
