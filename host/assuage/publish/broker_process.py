"""`python -m assuage.publish.broker_process --host H --port P`: the guarded amqtt in a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal

from assuage.config_check import own_broker
from assuage.publish.broker import CONNECTIONS
from assuage.publish.safe_broker import SafeBroker


async def serve(host: str, port: int) -> None:
    """Until SIGTERM or SIGINT."""
    broker = SafeBroker(host, port, CONNECTIONS)
    await broker.start()
    end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    print(f"amqtt listens on {host}:{port}", flush=True)
    await end.wait()
    await broker.shutdown()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="assuage.publish.broker_process", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address of this machine (default: %(default)s)")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    try:
        host = own_broker(arguments.host)
    except ValueError as error:
        parser.error(f"--host is {arguments.host}; {error}")
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(serve(host, arguments.port))


if __name__ == "__main__":
    main()
