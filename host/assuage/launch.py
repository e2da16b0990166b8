"""What `assuage run` and `assuage demo` start: ports, the daemon's configuration, the children; and a picture of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from assuage import config as configuration
from assuage import config_example
from assuage.config import Config, Modbus, Monitor, Mqtt
from assuage.keeper import Child, Keeper
from assuage.ports import Wanted, settle
from assuage.state_dir import StateDir
from assuage.status_line import StatusLine, fetch

PATIENCE_S = 1.0
FIRST_PAGE = 20.0  # s until the picture is shown without waiting for the page any longer
NOTICE = "not a medical device"
OPIOID: dict[str, object] = {"--drug": "fentanyl", "--mg-per-ml": 0.05, "--syringe": "BD 20"}  # in the second pump
BOARDS = ("bedside", "reference")  # emulated ones: all of the patient's sensors, or pump and oximeter


# -- configuration ---------------------------------------------------------------------------------------------------


def demo_config(
    state: StateDir, *, page: int, mqtt: int, modbus: int, broker: str = "", two_boards: bool = False,
    two_pumps: bool = False,
) -> Config:  # fmt: skip
    """The demo's configuration: everything on loopback, Modbus on, files in the state directory. two_boards: one has
    the pump, the other measures the patient and watches. two_pumps: a second one is at the patient.

    Raises ConfigError for a broker URL that is none.
    """
    data: dict[str, dict[str, Any]] = {
        "site": {"name": "demo", "bed": "Bed 1", "device": "board-1", "patient": "Emulated patient"},
        "link": {"port": str(state.path / "board")},
        # Both boards are emulated in real time, and a busy machine holds them up: the longest bound there is.
        "signs": {"port": str(state.path / "signs") if two_boards else "", "bound_ms": configuration.BOUND_MAX},
        "second": {"port": str(state.path / "second") if two_pumps else "", "bound_ms": configuration.BOUND_MAX},
        "store": {"path": str(state.path / "store.sqlite")},
        "mqtt": {"url": broker, "host": "127.0.0.1", "port": mqtt},
        "modbus": {"enabled": True, "host": "127.0.0.1", "port": modbus},
        "monitor": {"host": "127.0.0.1", "port": page},
    }
    return configuration.parse(toml(data), state.path / "daemon.toml")


def with_ports(config: Config, remedies: dict[str, str]) -> Config:
    """The same with every port free and every 0 replaced. `remedies`: what to do about the port of a section.

    Raises PortTaken when something listens there already.
    """
    sections: dict[str, tuple[str, Monitor | Mqtt | Modbus]] = {"monitor": ("The page", config.monitor)}
    if not config.mqtt.url:
        sections["mqtt"] = ("The broker", config.mqtt)
    if config.modbus.enabled:
        sections["modbus"] = ("Modbus", config.modbus)
    ports = settle([Wanted(who, own.host, own.port, remedies[name]) for name, (who, own) in sections.items()])
    update = {
        name: own.model_copy(update={"port": port})
        for (name, (_, own)), port in zip(sections.items(), ports, strict=True)
    }
    return config.model_copy(update=update)


def write_config(config: Config, path: Path) -> None:
    """Writes the configuration as the daemon is to read it: absolute paths, settled ports."""
    path.write_text("# Written at every start; edits are lost.\n" + toml(config.model_dump()), "utf-8")


def toml(sections: dict[str, dict[str, Any]]) -> str:
    """Sections of scalars as TOML; what is None is left out."""
    lines = []
    for name, keys in sections.items():
        lines.append(f"\n[{name}]")
        lines += [f"{key} = {config_example.toml_value(value)}" for key, value in keys.items() if value is not None]
    return "\n".join(lines) + "\n"


# -- children --------------------------------------------------------------------------------------------------------


def broker_child(config: Config, state: StateDir) -> tuple[Child | None, str, str]:
    """The broker's process if we run one, its name and its URL."""
    from assuage.publish import broker  # after the ports are known to be free: it may look for programs

    plan = broker.choose(config, state.path)
    child = Child("broker", tuple(plan.command), grace=0.5) if plan.command else None
    return child, plan.name, plan.url


def rig_children(config: Config, state: StateDir, board: str = BOARDS[0]) -> list[Child]:
    """The emulated board with its patient, one of BOARDS, and the second one where there is one: it has the patient
    then, whose vein is at the first one's line, or a pump, whose line is at the first one's patient. We know them by
    their command line only."""
    pump, second = state.socket("rig.sock"), state.socket("rig-second.sock")
    first: dict[str, object] = {"--board": board, "--pty": config.link.port, "--nv": state.path / "board.nv"}
    rigs = [_rig(state, "rig", {**first, "--beside": second} if config.second.port else first, 1)]
    if config.second.port:
        own = {"--board": "reference", "--pty": config.second.port, "--nv": state.path / "second.nv"}
        rigs.append(_rig(state, "rig-second", {**own, "--nobody": None, **OPIOID}, 2))
    if config.signs.port:
        signs = {"--board": board, "--pty": config.signs.port, "--nv": state.path / "signs.nv", "--vein-of": pump}
        rigs.append(_rig(state, "rig-signs", signs, 2))
    return rigs


def _rig(state: StateDir, name: str, own: dict[str, object], seed: int) -> Child:
    told = {**own, "--control": state.socket(f"{name}.sock"), "--seed": seed}
    options = [text for option, value in told.items() for text in (option, value) if text is not None]
    return Child(name, (sys.executable, "-m", "assuage_rig", "serve", *map(str, options)), grace=0.6)


def daemon_child(state: StateDir) -> Child:
    """The daemon; it ends first and has the longest grace, to say goodbye to board and broker."""
    command = (sys.executable, "-m", "assuage.daemon", "--config", str(state.path / "daemon.toml"))
    return Child("daemon", command, grace=1.3)


# -- running ---------------------------------------------------------------------------------------------------------


def run(state: StateDir, config: Config, *, demo: bool, board: str = BOARDS[0], quiet: bool = False) -> None:
    """Starts everything and returns after Ctrl-C, SIGTERM or SIGHUP, when everything has ended. board: of the demo.

    The state directory must have been taken and the ports settled. Raises StateDirTaken when it cannot be written.
    """
    with state.usable():
        write_config(config, state.path / "daemon.toml")
        broker, broker_name, broker_url = broker_child(config, state)
    state.sign(page_address(config))
    children = [broker] if broker else []
    if demo:
        children += rig_children(config, state, board)
    children.append(daemon_child(state))
    asyncio.run(_run(state, config, children, f"{broker_name}, {broker_url}", demo=demo, quiet=quiet))


async def _run(state: StateDir, config: Config, children: list[Child], broker: str, *, demo: bool, quiet: bool) -> None:
    line = StatusLine(sys.stdout)
    keeper = Keeper(children, state, line.tell)
    loop = asyncio.get_running_loop()

    line.tell(f"Assuage {'demo' if demo else config.site.name}, {NOTICE}")

    async def accompany() -> None:
        where = (_reachable(config.monitor.host), config.monitor.port)
        await _first_page(*where, line)
        board = await _first_board(state.socket("rig.sock"), line) if demo else None
        for text in picture(state, config, keeper.pids, broker, board, demo=demo):
            line.tell(text)
        if not quiet:
            await line.follow(*where)

    company = asyncio.create_task(accompany())

    def end() -> None:
        company.cancel()  # it has nothing more to say
        line.clear()
        line.tell("ending ...")
        keeper.end()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, end)
    try:
        await keeper.run()
    finally:
        company.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await company
        line.clear()
    line.tell("everything has ended.")


async def _first_board(control: Path, line: StatusLine) -> int | None:
    """Waits until the emulated board's process runs, or for FIRST_PAGE seconds; a new firmware is compiled first."""
    loop = asyncio.get_running_loop()
    began, said = loop.time(), False
    while not (board := (await ask_rig(control)).get("board_pid")):
        waited = loop.time() - began
        if waited > FIRST_PAGE:
            return None
        if waited > PATIENCE_S and not said:
            said = True
            line.tell("The firmware is being compiled for the emulated board; that is done once.")
        await asyncio.sleep(0.1)
    return int(board)


async def _first_page(host: str, port: int, line: StatusLine) -> None:
    """Waits until the page answers, or for FIRST_PAGE seconds."""
    loop = asyncio.get_running_loop()
    until = loop.time() + FIRST_PAGE
    while await fetch(host, port) is None:
        if loop.time() > until:
            line.tell(f"The page has not answered within {FIRST_PAGE:.0f} s; the logs may say why.")
            return
        await asyncio.sleep(0.1)


def picture(
    state: StateDir, config: Config, pids: dict[str, int], broker: str, board: int | None, *, demo: bool
) -> list[str]:
    """What runs and where, one line each. `board`: process id of the emulated board."""
    here = Path(os.path.relpath(state.path))
    rows = []
    if demo:
        what = f"MicroPython process {board}" if board else "no process yet"
        rows.append(("board", f"emulated, {what}, on {here / 'board'} (rig: process {pids.get('rig', '--')})"))
    else:
        rows.append(("board", f"on {config.link.port}"))
    if config.signs.port:
        where = f"{here / 'signs'} (rig: process {pids.get('rig-signs', '--')})" if demo else config.signs.port
        rows.append(("signs", f"the board that measures the patient and watches, on {where}"))
    if config.second.port:
        where = f"{here / 'second'} (rig: process {pids.get('rig-second', '--')})" if demo else config.second.port
        rows.append(("second", f"the second pump, on {where}"))
    rows.append(("broker", broker + (f" (process {pids['broker']})" if "broker" in pids else "")))
    rows.append(("daemon", f"process {pids.get('daemon', '--')}, store {_short(config.store.path)}"))
    if config.modbus.enabled:
        rows.append(("modbus", f"{config.modbus.host}:{config.modbus.port}, read-only"))
    rows.append(("logs", str(here / "logs")))
    rows.append(("page", page_address(config)))
    return [f"  {name:8}{text}" for name, text in rows] + ["Ctrl-C ends all of it."]


async def ask_rig(control: Path) -> dict[str, Any]:
    """The rig's state from its control socket; {} when it does not answer within a second."""
    try:
        async with asyncio.timeout(1.0):
            reader, writer = await asyncio.open_unix_connection(str(control), limit=1 << 20)
            writer.write(b'{"do": "state"}\n')
            answer = json.loads(await reader.readline())
            writer.close()
    except (OSError, ValueError, TimeoutError):
        return {}
    return answer if isinstance(answer, dict) else {}


def page_address(config: Config) -> str:
    """The page's URL, as one would type it on this machine."""
    host = _reachable(config.monitor.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{config.monitor.port}/"


def _reachable(host: str) -> str:
    """An address to connect to for one to listen on."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)


def _short(path: Path) -> Path:
    relative = Path(os.path.relpath(path))
    return relative if not relative.is_relative_to("..") else path
