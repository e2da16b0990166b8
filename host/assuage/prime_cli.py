"""`assuage prime`: fills the line of a pump, through the daemon that has it, after a human has said that it is not
connected to the patient. There is no option that says so in advance."""

from __future__ import annotations

import argparse
import time
from typing import Any, Final

from assuage.errors import AssuageError, Reason

DESCRIPTION: Final = """\
Fills the line of a pump that stands and has no programme, before it is connected. The board
reads back what it will do; then you are asked whether the line is disconnected from the
patient, and only the word "disconnected" goes on. Nothing of it counts as delivered.
Ctrl-C stops the pump.
"""
EPILOG: Final = """\
example:
  assuage prime --syringe "BD 50 mL" --ml 2 --rate 300
"""
QUESTION: Final = 'Look at the line. Is it disconnected from the patient? Type "disconnected" to fill it: '
LOOK_S: Final = 0.3
ANSWER_S: Final = 8.0


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser], page: int) -> None:
    """Adds the subcommand. page: the demo's port."""
    raw = argparse.RawDescriptionHelpFormatter
    what = "fill a line that is not connected to the patient"
    parser = commands.add_parser("prime", help=what, description=DESCRIPTION, epilog=EPILOG, formatter_class=raw)
    parser.add_argument("--syringe", required=True, metavar="NAME", help='make and size, such as "BD 50 mL"')
    parser.add_argument("--ml", required=True, metavar="ML", help="volume in mL")
    parser.add_argument("--rate", required=True, metavar="ML_H", help="flow in mL/h")
    here = f"http://127.0.0.1:{page}/"
    parser.add_argument("--page", default=here, metavar="URL", help=f"the daemon's page (default {here})")


def run(arguments: argparse.Namespace) -> None:
    """Offers, asks, fills, and tells how far it is. Raises AssuageError."""
    ask = _Page(arguments.page)
    order = {"syringe": arguments.syringe, "ml": arguments.ml, "rate_ml_h": arguments.rate}
    back = ask.post("prime", order)["readback"]
    print(
        f"The board will push {back['volume_ml']:g} mL at {back['rate_ml_h']:g} mL/h from {back['syringe']} "
        f"(bore {back['bore_mm']:.2f} mm), which takes {back['seconds']} s."
    )
    try:
        said = input(QUESTION).strip().lower()
    except EOFError:
        said = ""
    if said != "disconnected":
        raise AssuageError(Reason.STOPPED, "Nothing was moved.")
    try:
        ask.post("purge", {"programme": back["programme"], "token": back["token"], "disconnected": True})
        told = _follow(ask)
    except KeyboardInterrupt:
        ask.post("stop", {})
        raise AssuageError(Reason.STOPPED, "The pump was stopped.") from None
    print(f"\nThe line holds {told:.2f} mL more; none of it counts as delivered.")


def _follow(ask: _Page) -> float:
    """Until the pump stands; mL that were pushed."""
    told = 0.0
    while True:
        pump = ask.get()["pump"]
        if pump["state"] == "priming":
            told = pump["filling"]["ml"]
            print(f"\r{told:.2f} mL", end="", flush=True)
        elif pump["state"] != "unknown":
            return told
        time.sleep(LOOK_S)


class _Page:
    """The daemon's page, as a browser asks it."""

    def __init__(self, url: str) -> None:
        from urllib.parse import urlsplit

        self._at = urlsplit(url)
        if self._at.scheme != "http" or not self._at.netloc:
            raise AssuageError(Reason.BAD_INPUT, f"{url!r} is no address of a page, such as http://127.0.0.1:8320/.")

    def get(self) -> dict[str, Any]:
        """The bed now."""
        return self._ask("GET", "/api/snapshot", None)

    def post(self, order: str, body: dict[str, Any]) -> dict[str, Any]:
        """An order's answer. Raises AssuageError with the daemon's sentence."""
        return self._ask("POST", f"/api/pump/{order}", body)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        import http.client  # not with every --help
        import json

        connection = http.client.HTTPConnection(self._at.netloc, timeout=ANSWER_S)
        headers = {"Content-Type": "application/json", "Origin": f"http://{self._at.netloc}"}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            said = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            sentence = f"No daemon answers at {self._at.geturl()} ({error}); give its page with --page."
            raise AssuageError(Reason.LINK_DOWN, sentence) from None
        finally:
            connection.close()
        if response.status != http.HTTPStatus.OK or not isinstance(said, dict):
            sentence = said.get("error", "") if isinstance(said, dict) else ""
            raise AssuageError(Reason.REFUSED, sentence or f"The daemon answered with {response.status}.")
        return said
