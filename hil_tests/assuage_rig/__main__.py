"""`python -m assuage_rig`: serve an emulated board in real time, ask a serving rig, list what can be broken."""

import argparse
import json
import os
import socket
import sys
from pathlib import Path

from assuage_rig.control import RigError
from assuage_rig.plant.bedside import SHOWN
from assuage_rig.plant.drug import USUAL
from assuage_rig.plant.syringe import SYRINGES
from assuage_rig.serve import Options, Server
from assuage_rig.targets.interpreter import NoMicroPythonError
from assuage_rig.targets.linux import BOARDS, HEAP, ROOT, SOURCE_HEAP, LinuxTarget
from assuage_rig.verbs import known
from assuage_rig.verbs_doc import text

SERVE = """\
Runs the board's firmware on MicroPython with emulated chips, a patient and a syringe, in real time.
Its serial port is a pseudo-terminal; --pty is a symlink to it that any serial program can open.
What the pump truly gives reaches the patient, whose signs answer to it in every sensor that the board has. A sign that
is given here, or set later with `ask ... patient`, is held instead, whatever the body does.
"""

SERVE_END = """\
example:
  python -m assuage_rig serve --pty build/board --control build/rig.sock
  python -m assuage_rig ask --control build/rig.sock give drug=fentanyl ug=150
  python -m assuage_rig ask --control build/rig.sock body obstructed=1
  python -m assuage_rig ask --control build/rig.sock patient spo2=88 pulse_bpm=120
  python -m assuage_rig ask --control build/rig.sock patient spo2=null pulse_bpm=null
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


HELD = {"pulse": "pulse_bpm", "spo2": "spo2", "perfusion": "perfusion", "resp": "resp_rate"}
"""Signs that can be held from the start, by option."""


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
    for option, sign in HELD.items():
        low, high = SHOWN[sign]
        serve.add_argument(
            f"--{option}", type=float, metavar="N", help=f"hold the patient's {sign} there, {low:g} to {high:g}"
        )
    serve.add_argument(
        "--drug", default="ketamine", choices=USUAL, metavar="NAME",
        help=f"what is in the syringe: {', '.join(USUAL)} (default: %(default)s)",
    )  # fmt: skip
    serve.add_argument("--mg-per-ml", type=float, default=10.0, help="its strength (default: %(default)g)")
    serve.add_argument(
        "--vein-of", type=Path, metavar="SOCKET",
        help="control socket of the rig whose syringe is at this patient's vein (default: this one's own)",
    )  # fmt: skip
    serve.add_argument(
        "--beside", type=Path, metavar="SOCKET",
        help="control socket of another rig whose syringe is at this patient's vein as well",
    )  # fmt: skip
    serve.add_argument("--nobody", action="store_true", help="no sensor of this board is at a patient")
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
    held = {sign: value for option, sign in HELD.items() if (value := getattr(args, option)) is not None}
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
        held=held,
        drug=args.drug,
        mg_per_ml=args.mg_per_ml,
        vein_of=args.vein_of.absolute() if args.vein_of else None,
        beside=args.beside.absolute() if args.beside else None,
        nobody=args.nobody,
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
