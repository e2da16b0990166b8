"""`python -m assuage_rig`: serve an emulated board in real time, ask a serving rig, list what can be broken."""

import argparse
import json
import os
import socket
import sys
from pathlib import Path

from assuage_rig.control import RigError
from assuage_rig.plant.patient import Patient
from assuage_rig.plant.syringe import SYRINGES
from assuage_rig.serve import Options, Server
from assuage_rig.targets.interpreter import NoMicroPythonError
from assuage_rig.targets.linux import BOARDS, HEAP, ROOT, SOURCE_HEAP, LinuxTarget
from assuage_rig.verbs import known
from assuage_rig.verbs_doc import text

SERVE = """\
Runs the board's firmware on MicroPython with emulated chips, a patient and a syringe, in real time.
Its serial port is a pseudo-terminal; --pty is a symlink to it that any serial program can open.
"""

SERVE_END = """\
example:
  python -m assuage_rig serve --pty build/board --control build/rig.sock
  python -m assuage_rig ask --control build/rig.sock patient spo2=88 pulse_bpm=120
  python -m assuage_rig ask --control build/rig.sock fault verb="motor stall"
  python -m assuage_rig ask --control build/rig.sock mend verb="motor stall"
  python -m assuage_rig ask --control build/rig.sock help
SIGTERM, SIGINT and the verb `end` end the rig and its board; the symlink and the sockets are removed.
"""

ASK = """\
Sends one request to a serving rig and prints its answer as JSON. `help` lists verbs and faults, `python -m assuage_rig
faults` what can be broken, with parameters.
An argument is name=value; a value that is JSON (a number, true, false) is taken as such.
"""


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m assuage_rig", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="serve|ask|faults")
    serve = verbs.add_parser(
        "serve", help="run an emulated board", description=SERVE, epilog=SERVE_END, formatter_class=raw
    )
    serve.add_argument("--pty", type=Path, required=True, help="symlink to make to the board's serial port")
    serve.add_argument("--control", type=Path, required=True, help="socket to make for `ask`: JSON lines")
    serve.add_argument(
        "--board-python", metavar="PROGRAM", help="MicroPython to run the board on (default: the one that is found)"
    )
    serve.add_argument(
        "--heap", help=f"heap of the board (default: {HEAP}; {SOURCE_HEAP} where it compiles its sources itself)"
    )
    serve.add_argument("--entry", type=Path, default=ROOT / "firmware" / "main.py", help="the board's main program")
    serve.add_argument(
        "--nv", type=Path, help="file that keeps what survives a power cut (default: gone when the rig ends)"
    )
    serve.add_argument(
        "--board",
        choices=BOARDS,
        default="reference",
        help="pump and oximeter, or all of the patient's sensors as well (default: %(default)s)",
    )
    serve.add_argument("--syringe", default="BD 50", choices=SYRINGES, metavar="NAME", help=", ".join(SYRINGES))
    serve.add_argument("--pulse", type=float, default=72.0, help="patient's pulse, /min (default: %(default)g)")
    serve.add_argument("--spo2", type=float, default=97.0, help="patient's saturation, %% (default: %(default)g)")
    serve.add_argument("--perfusion", type=float, default=2.0, help="perfusion index, %% (default: %(default)g)")
    serve.add_argument("--resp", type=float, default=14.0, help="breaths a minute (default: %(default)g)")
    serve.add_argument(
        "--seed", type=int, default=1, help="of noise and of the board's unique id (default: %(default)s)"
    )
    serve.add_argument(
        "--die-with-parent",
        action="store_true",
        help="end when the parent process dies, or closes a pipe that it gave as stdin",
    )
    ask = verbs.add_parser(
        "ask", help="ask a serving rig, or change something in it", description=ASK, formatter_class=raw
    )
    ask.add_argument("--control", type=Path, required=True, help="control socket of the rig")
    ask.add_argument("do", help="verb")
    ask.add_argument("arguments", nargs="*", metavar="name=value")
    faults = verbs.add_parser("faults", help="list what can be broken, and how")
    faults.add_argument("part", nargs="?", default="", help="only of this part: link, motor, encoder ...")
    return parser


def _faults(args: argparse.Namespace) -> int:
    lines = text(args.part)
    if not lines:
        known(args.part)
    print(lines)
    return 0


def _serve(args: argparse.Namespace) -> int:
    patient = Patient(pulse_bpm=args.pulse, spo2=args.spo2, perfusion=args.perfusion, resp_rate=args.resp)
    if not args.entry.is_file():
        raise RigError(f"there is no firmware at {args.entry}; name its main program with --entry")
    target = LinuxTarget(entry=args.entry, arguments=BOARDS[args.board], heap=args.heap, interpreter=args.board_python)
    options = Options(
        pty=args.pty.absolute(),
        control=args.control.absolute(),
        target=target,
        nv_file=args.nv.absolute() if args.nv else None,
        syringe=args.syringe,
        seed=args.seed,
        patient=patient,
        bedside=args.board == "bedside",
        die_with_parent=args.die_with_parent,
    )
    Server(options).run()
    return 0


def _ask(args: argparse.Namespace) -> int:
    request: dict[str, object] = {"do": args.do}
    for argument in args.arguments:
        name, equals, value = argument.partition("=")
        if not equals:
            raise RigError(f"an argument is name=value, not {argument!r}")
        try:
            request[name] = json.loads(value)
        except json.JSONDecodeError:
            request[name] = value
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        try:
            connection.connect(os.fspath(args.control))
        except OSError as error:
            raise RigError(f"no rig answers at {args.control} ({error.strerror or error})") from error
        connection.sendall(json.dumps(request).encode() + b"\n")
        answer = json.loads(connection.makefile().readline() or '{"ok": false, "error": "the rig has ended"}')
    print(json.dumps(answer, indent=2))
    return 0 if answer.get("ok") else 1


def main(argv: list[str] | None = None) -> int:
    """Exit status: 0, 1 when a request was refused, 2 when nothing could be done at all."""
    args = _parser().parse_args(argv)
    try:
        return {"serve": _serve, "ask": _ask, "faults": _faults}[args.verb](args)
    except (RigError, NoMicroPythonError, ValueError, OSError) as error:
        print(f"rig: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
