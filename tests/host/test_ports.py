"""Ports are looked at before anything is started."""

from __future__ import annotations

import socket

import pytest

from assuage.ports import PortTaken, Wanted, settle


def test_zero_becomes_free_ports_all_different() -> None:
    ports = settle([Wanted("x", "127.0.0.1", 0, "") for _ in range(20)])
    assert len(set(ports)) == 20
    assert settle([Wanted("x", "127.0.0.1", port, "") for port in ports]) == ports, "they are let go again"


def test_a_taken_port_is_told_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken) as error:
            settle([Wanted("The page", "127.0.0.1", port, "choose another with --port")])
    assert error.value.sentence == (
        f"The page cannot have port 127.0.0.1:{port}, something else uses it: choose another with --port."
    )


def test_a_port_wanted_twice_is_taken_the_second_time() -> None:
    [port] = settle([Wanted("x", "127.0.0.1", 0, "")])
    with pytest.raises(PortTaken, match="Modbus cannot have"):
        settle([Wanted("The page", "127.0.0.1", port, "r"), Wanted("Modbus", "127.0.0.1", port, "r")])


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_an_address_that_is_not_ours_is_told(host: str) -> None:
    with pytest.raises(PortTaken, match=r"The page cannot listen on .* \(.+\): r\."):
        settle([Wanted("The page", host, 0, "r")])
