"""The command `assuage`. Each subcommand imports what it needs when it is used, so that --help is instant."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from assuage import (
    alarms_options,
    journal_options,
    library_options,
    predict_options,
    prime_cli,
    record_options,
)
from assuage.errors import AssuageError

BOARDS = ("bedside", "reference")
PAGE, MQTT, MODBUS = 8320, 18830, 5020  # the demo's fixed ports; off the usual ones, so that it can stand beside them

SAME_TOPICS = "nobody can tell these beds apart; give one another site.name, site.bed or site.device."

DESCRIPTION = """\
Assuage: an infusion board, its daemon, and the bedside monitor.

A board drives a syringe pump and samples vital signs; the daemon speaks to it over
a serial line, stores and publishes what it says over MQTT and Modbus, and serves the
monitor page. Not a medical device: for research and the bench, never on a person.
"""

EPILOG = """\
examples:
  assuage demo                          an emulated board and patient; open the page it prints
  assuage demo --port 0                 the same on any free port
  assuage config example > ward.toml    a commented configuration to start from
  assuage config check ward.toml        every mistake in it, with line and key
  assuage run --config ward.toml        serve a real board
  assuage alarms                        which alarms stand; acknowledge or silence them
  assuage journal --last 20             what a board has written into its flash
  assuage predict --help                what concentrations a programme of doses comes to
  assuage record show --last 20         what was ordered, given and found at the bed
  assuage library show ketamine         what orders are checked by, with sources

While it runs, its state directory holds pids.json (process ids) and logs/.
`assuage COMMAND --help` tells more about a command.
"""

DEMO = """\
Starts an emulated board (real MicroPython running the real firmware, emulated chips, a
patient and a syringe), a broker, the daemon and the page, all on this machine only.
What the pump gives, ketamine 10 mg/mL, reaches the patient, whose signs answer to it in
every sensor; more is done to them with `python -m assuage_rig ask`, see its `help`.
Ctrl-C ends all of it.
"""

DEMO_EPILOG = """\
examples:
  assuage demo
  assuage demo --port 0 --mqtt-port 0 --modbus-port 0 --state-dir /tmp/second   beside a first one
  assuage demo --board reference                                                pump and oximeter alone
  assuage demo --two-pumps                                                      an opioid beside the ketamine
  assuage demo --broker mqtt://192.0.2.7:1883                                   with a broker elsewhere
  mosquitto_sub -p 18830 -t 'assuage/v1/#' -v                                    watch what it publishes
"""

RUN = """\
Serves the board on the serial port that the configuration names, and keeps doing so:
what ends is started again, a port that disappears is opened when it is back.
Ctrl-C or SIGTERM ends all of it.
"""


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("assuage", description=DESCRIPTION, epilog=EPILOG, formatter_class=raw)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")

    demo = commands.add_parser(
        "demo",
        help="emulated board and patient, broker, daemon and page",
        description=DEMO,
        epilog=DEMO_EPILOG,
        formatter_class=raw,
    )
    for option, port, what in (
        ("--port", PAGE, "the page"),
        ("--mqtt-port", MQTT, "the broker"),
        ("--modbus-port", MODBUS, "Modbus"),
    ):
        demo.add_argument(
            option, type=_port, default=port, metavar="N", help=f"port of {what}; 0: any free one (default {port})"
        )
    demo.add_argument(
        "--broker", type=_broker, default="", metavar="URL", help="publish to this broker instead of one of our own"
    )

    demo.add_argument(
        "--board",
        choices=BOARDS,
        default=BOARDS[0],
        help="the emulated board: with all of the patient's sensors, or pump and oximeter alone (default: %(default)s)",
    )
    demo.add_argument(
        "--two-boards", action="store_true", help="one board has the pump, a second measures the patient and watches"
    )

    demo.add_argument(
        "--two-pumps",
        action="store_true",
        help="a second pump is at the patient, with fentanyl, and the first one's board watches",
    )

    run = commands.add_parser("run", help="serve a real board", description=RUN, formatter_class=raw)
    run.add_argument("--config", type=_path, required=True, metavar="FILE", help="the configuration (TOML)")

    for name, command in (("demo", demo), ("run", run)):
        command.add_argument(
            "--state-dir",
            type=_path,
            metavar="DIR",
            help=f"lock, process ids, logs and, in the demo, the store (default {_state_home() / name})",
        )
        command.add_argument("--quiet", action="store_true", help="no status line; only what starts and what ends")

    config = commands.add_parser("config", help="check a configuration, or print one to start from")
    verbs = config.add_subparsers(dest="verb", metavar="VERB", required=True)
    check = verbs.add_parser("check", help="say what is wrong with a file, all mistakes at once")
    check.add_argument("files", type=_path, nargs="+", metavar="FILE", help="several: also whether they get along")
    verbs.add_parser("example", help="print a commented configuration with every key and its default")

    alarms_options.add_to(commands)
    journal_options.add_to(commands)
    library_options.add_to(commands)
    prime_cli.add_to(commands)
    predict_options.add_to(commands)
    record_options.add_to(commands)

    commands.add_parser("version", help="versions of the program and of the wire")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 0 to 65535")
    return int(text)


def _path(text: str) -> Path:
    """A path; the ~ of --option=~/file has not been replaced by the shell."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise argparse.ArgumentTypeError(f"{text!r}: no user of this machine has this ~") from None


def _broker(text: str) -> str:
    from assuage.config_check import broker_url

    try:
        return broker_url(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error}") from None


def _state_home() -> Path:
    """Where programs keep their state by the XDG rules."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "assuage"


def _demo(arguments: argparse.Namespace) -> None:
    from assuage import launch
    from assuage.state_dir import StateDir

    state = StateDir(arguments.state_dir or _state_home() / "demo")
    state.take()
    config = launch.demo_config(
        state,
        page=arguments.port,
        mqtt=arguments.mqtt_port,
        modbus=arguments.modbus_port,
        broker=arguments.broker,
        two_boards=arguments.two_boards,
        two_pumps=arguments.two_pumps,
    )
    options = {"monitor": "--port", "mqtt": "--mqtt-port", "modbus": "--modbus-port"}
    remedies = {name: f"choose another with {option} (0 takes any free one)" for name, option in options.items()}
    launch.run(state, launch.with_ports(config, remedies), demo=True, board=arguments.board, quiet=arguments.quiet)


def _run(arguments: argparse.Namespace) -> None:
    from assuage import config, launch
    from assuage.state_dir import StateDir

    loaded = config.load(arguments.config)
    state = StateDir(arguments.state_dir or _state_home() / "run")
    state.take()
    remedies = {
        name: f"end what uses it, or change port in [{name}] of {arguments.config}"
        for name in ("monitor", "mqtt", "modbus")
    }
    launch.run(state, launch.with_ports(loaded, remedies), demo=False, quiet=arguments.quiet)


def _config(arguments: argparse.Namespace) -> None:
    from assuage import config

    if arguments.verb == "example":
        print(config.example(), end="")
        return
    beds: dict[tuple[str, str], Path] = {}
    for file in arguments.files:
        loaded = config.load(file)
        for caution in loaded.cautions():
            print(f"note: {caution}")
        before = beds.setdefault(loaded.topics(), file)
        if before is not file:
            print(f"note: {before} and {file} both publish under {loaded.topics()[1]}: {SAME_TOPICS}")
        print(f"{file} is good.")


def _version(arguments: argparse.Namespace) -> None:
    from importlib.metadata import version

    from assuage_wire import codec, schema

    print(f"assuage {version('assuage')}, wire {schema.WIRE}, schema {codec.SCHEMA_ID:08x}")


def _journal(arguments: argparse.Namespace) -> None:
    from assuage import journal_cli

    journal_cli.run(arguments, _state_home() / "demo" / "store.sqlite")


def _alarms(arguments: argparse.Namespace) -> None:
    from assuage import alarms_cli

    alarms_cli.run(arguments, _state_home() / "demo")


def _library(arguments: argparse.Namespace) -> None:
    from assuage import library_cli

    library_cli.run(arguments)


def _prime(arguments: argparse.Namespace) -> None:
    prime_cli.run(arguments, _state_home() / "demo")


def _predict(arguments: argparse.Namespace) -> None:
    from assuage import predict_cli

    predict_cli.run(arguments)


def _record(arguments: argparse.Namespace) -> None:
    from assuage import record_cli

    record_cli.run(arguments, _state_home() / "demo" / "store.sqlite")


COMMANDS = {
    "demo": _demo,
    "run": _run,
    "config": _config,
    "alarms": _alarms,
    "journal": _journal,
    "library": _library,
    "predict": _predict,
    "prime": _prime,
    "record": _record,
    "version": _version,
}


def main(argv: list[str] | None = None) -> int:
    """Runs the command line. Returns the exit code: 0, 1 with a sentence on stderr, 2 for a wrong command line, 130 for
    Ctrl-C before anything was started.
    """
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.command is None:
        parser.print_help()
        return 2
    try:
        COMMANDS[arguments.command](arguments)
    except AssuageError as error:
        print(error.sentence, file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # before anything was started; afterwards the keeper ends all in order
        return 130
    except BrokenPipeError:  # the reader of our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
