"""The configuration file: TOML in, one frozen `Config` out, or every mistake at once in sentences.

The models are the only place a key exists: `example()` and the checks in config_check.py are derived from them.
Secrets never stand in the file itself, and no error, repr or log shows one.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from assuage import config_check, config_example
from assuage.config_check import ConfigError
from assuage.pharmacy.syringes import Syringe, SyringeError, slips
from assuage.pharmacy.syringes import load as load_syringes
from assuage.publish.topics import Topics
from assuage_wire import schema

if TYPE_CHECKING:
    from assuage.pharmacy.library import Library

__all__ = ["Config", "ConfigError", "example", "load", "parse"]

USERNAME_VARIABLE = "ASSUAGE_MQTT_USERNAME"
PASSWORD_VARIABLE = "ASSUAGE_MQTT_PASSWORD"  # the variable's name, not a secret

Port = Annotated[int, Field(ge=0, le=65535)]  # 0: any free one
Name = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(config_check.printable)]
Host = Annotated[str, Field(min_length=1, max_length=255)]
File = Annotated[Path, Field(strict=False), AfterValidator(config_check.file_path)]  # ~ is the user's folder


def _range(field: str) -> tuple[int, int]:
    """Range of a field of the wire's Programme, from its own table."""
    for message in schema.MESSAGES:
        if message[1] == "Programme":
            for name, _, _, lo, hi, _ in message[6]:
                if name == field and lo is not None and hi is not None:
                    return lo, hi
    raise LookupError(f"schema.Programme has no field {field}")


LEASE_MIN, LEASE_MAX = _range("lease")
BOUND_MAX = _range("bound")[1]


class Section(BaseModel):
    """A table of the file: unknown keys are mistakes, types are not guessed, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Site(Section):
    """Where this is; the names appear in the monitor and, in simplified form, in MQTT topics."""

    name: Name = Field(default="ward", description="site or ward")
    bed: Name = Field(default="Bed 1", description="bed")
    device: Name = Field(
        default="board-1", description="the board's place at the bed; stays when the board is replaced"
    )
    patient: Annotated[str, AfterValidator(config_check.printable)] = Field(
        default="", max_length=64, description="patient label for the monitor; never published"
    )


class Link(Section):
    """The serial line to the board."""

    port: Annotated[str, AfterValidator(config_check.port_path)] = Field(
        min_length=1, description="serial port, best by id", examples=["/dev/serial/by-id/usb-Assuage_board-if00"]
    )
    baud: int = Field(default=115200, ge=1200, le=4_000_000, description="bits per second; USB ignores it")


class Signs(Section):
    """A second board, which measures the patient and watches for the pump, where one board does not do both."""

    port: Annotated[str, AfterValidator(config_check.port_path)] = Field(
        default="", description='serial port of that board, best by id; "": the pump\'s own board measures the patient'
    )
    baud: int = Field(default=115200, ge=1200, le=4_000_000, description="bits per second; USB ignores it")
    bound_ms: int = Field(
        default=2000, ge=1000, le=BOUND_MAX, description="ms that the pump runs on after that board was last heard"
    )


class Store(Section):
    """The database in which everything is kept before it is published."""

    path: File = Field(
        default=Path("store.sqlite"), description="file; a relative path starts at this configuration's folder"
    )
    keep_days: float = Field(default=7.0, allow_inf_nan=False, gt=0, le=3650, description="days that records are kept")
    max_mb: int = Field(
        default=1500, ge=8, le=1_000_000, description="size in MB at which the oldest telemetry is dropped"
    )


class Mqtt(Section):
    """Where telemetry is published. Name and password of an external broker come from the environment
    (ASSUAGE_MQTT_USERNAME, ASSUAGE_MQTT_PASSWORD) or from password_file, never from this file."""

    url: str = Field(
        default="", description='"" starts a broker of our own; else mqtt://host:port or mqtts://host:port'
    )
    host: Host = Field(default="127.0.0.1", description="address of our own broker, loopback only")
    port: Port = Field(default=1883, description="port of our own broker; 0 takes any free one")
    username: str = Field(default="", description="name at an external broker")
    password_file: File | None = Field(default=None, description="file with the password and nothing else")
    ca_file: File | None = Field(default=None, description="certificates that mqtts:// trusts; none: the system's")

    @field_validator("url")
    @classmethod
    def _url(cls, url: str) -> str:
        return config_check.broker_url(url)

    @field_validator("host")
    @classmethod
    def _host(cls, host: str, info: ValidationInfo) -> str:
        if info.data.get("url") == "":  # a faulty URL is told by itself
            return config_check.own_broker(host)
        return host

    def credentials(self) -> tuple[str | None, SecretStr | None]:
        """Name and password for the broker, each None when not given; the password is read anew at each call.

        Raises ConfigError when password_file cannot be read.
        """
        username = self.username or os.environ.get(USERNAME_VARIABLE) or None
        if self.password_file is not None:
            return username, SecretStr(config_check.secret_file("mqtt.password_file", self.password_file))
        password = os.environ.get(PASSWORD_VARIABLE)
        return username, SecretStr(password) if password else None


class Modbus(Section):
    """Read-only Modbus TCP server; Modbus knows no passwords, so whoever reaches the port can read it."""

    enabled: bool = Field(default=False, description="true switches it on")
    host: Host = Field(default="127.0.0.1", description="address to listen on")
    port: Port = Field(default=5020, description="port to listen on; 0 takes any free one")


class Monitor(Section):
    """The page and its API."""

    host: Host = Field(default="127.0.0.1", description="address to listen on")
    port: Port = Field(default=8080, description="port to listen on; 0 takes any free one")


class Programme(Section):
    """What a programme has unless the order says otherwise."""

    lease_ms: int = Field(
        default=3000, ge=LEASE_MIN, le=LEASE_MAX, description="ms that the pump runs on when the host has gone silent"
    )
    on_loss: Literal["stop", "continue", "kvo"] = Field(default="stop", description="what the pump does then")
    guards: Literal["none", "adult", "child"] = Field(
        default="none", description="vital signs by which the page proposes to guard an infusion"
    )


class Syringes(Section):
    """Which syringes can be chosen. What was measured here beats the table that comes with the program, syringe by
    syringe, and adds to it. An entry of the file is [[syringe]] with make = "BD", ml = 50, bore_mm = "26.72", source =
    "calibrated by weight, bed 3" and, where somebody has measured it, outer_mm = "29.60"."""

    measured: File | None = Field(default=None, description="file of measured syringes; none: the table alone")

    def table(self) -> dict[str, Syringe]:
        """All by name. Raises ConfigError, in one sentence."""
        try:
            return load_syringes(self.measured)
        except SyringeError as error:
            raise ConfigError([f"syringes.measured: {error}"]) from None


class Pharmacy(Section):
    """By what orders are checked. `assuage library --help` tells how a hospital makes a drug library of its own."""

    library: File | None = Field(default=None, description="folder or file; none: the one that comes with the program")

    models: File | None = Field(default=None, description="file of kinetic models; none: those of the program")

    def checked_models(self, use: bool = False) -> None:
        """Reads the file of models, where one is named. use: and from now on there are no others in this process.
        Raises ConfigError, in one sentence."""
        if self.models is None:
            return
        from assuage.pharmacy.kinetics import schema  # the units are slow to import

        try:
            schema.use(self.models) if use else schema.models(self.models)
        except schema.ModelsError as error:
            raise ConfigError([f"pharmacy.models: {error.sentence}"]) from None

    def loaded(self) -> Library:
        """The library. Raises ConfigError with every mistake in it."""
        from assuage.pharmacy import library as libraries  # the units are slow to import

        try:
            return libraries.named(self.library)
        except libraries.LibraryError as error:
            raise ConfigError([f"pharmacy.library: {sentence}" for sentence in error.sentences]) from None


class Config(Section):
    """The whole file. `link.port` is the one key without a default."""

    site: Site = Site()
    link: Link
    signs: Signs = Signs()
    store: Store = Store()
    mqtt: Mqtt = Mqtt()
    modbus: Modbus = Modbus()
    monitor: Monitor = Monitor()
    programme: Programme = Programme()
    syringes: Syringes = Syringes()
    pharmacy: Pharmacy = Pharmacy()

    def cautions(self) -> list[str]:
        """What is allowed but worth a second look, one sentence each; for `assuage config check`."""
        return [
            f"{name} = {host!r} makes {what} reachable from other machines, without a password."
            for name, host, what in (
                ("monitor.host", self.monitor.host, "the monitor, which can start and stop the pump,"),
                ("modbus.host", self.modbus.host if self.modbus.enabled else "127.0.0.1", "the Modbus registers"),
            )
            if not config_check.is_loopback(host)
        ] + [f"syringes.measured: {slip}" for slip in slips(self.syringes.table())]

    def topics(self) -> tuple[str, str]:
        """The broker, and what all its topics begin with: no two beds may have both in common."""
        broker = self.mqtt.url or f"mqtt://{self.mqtt.host}:{self.mqtt.port}"
        return broker, Topics(self.site.name, self.site.bed, self.site.device).base


def load(path: Path | str) -> Config:
    """Reads and checks a configuration file; relative paths in it start at its folder.

    Raises ConfigError with every mistake found, one sentence each.
    """
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")  # some editors put a mark in front
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: this is not UTF-8 text (byte {error.start})."]) from None
    except OSError as error:
        raise ConfigError([f"{path}: the file cannot be read: {error.strerror}."]) from None
    return parse(text, path)


def parse(text: str, path: Path) -> Config:
    """Checks the text of a configuration file; `path` is its name in sentences and the start of relative paths."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([config_check.not_toml(path, error)]) from None
    except RecursionError:
        raise ConfigError([f"{path}: brackets stand in brackets too deeply here; no key takes such a value."]) from None
    except ValueError:  # Python itself refuses to read such a number
        raise ConfigError([f"{path}: a number here has thousands of digits; no key takes such a value."]) from None
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        raise ConfigError(config_check.sentences(error, Config, path, text)) from None
    config = _absolute(config, path.resolve().parent)
    if config.signs.port == config.link.port:
        raise ConfigError([f"{path}: signs.port is link.port; leave it empty where one board does both."])
    try:
        config.mqtt.credentials()  # an unreadable password file is a mistake in the configuration: say it now
        config.syringes.table()  # so is a measured syringe that cannot be used
        if config.pharmacy.library is not None:
            config.pharmacy.loaded()
        config.pharmacy.checked_models()
    except ConfigError as error:
        raise ConfigError(f"{path}: {sentence}" for sentence in error.sentences) from None
    return config


def _absolute(config: Config, folder: Path) -> Config:
    """The same with every path absolute."""
    mqtt: dict[str, Any] = {
        key: folder / value for key in ("password_file", "ca_file") if (value := getattr(config.mqtt, key)) is not None
    }
    measured = config.syringes.measured
    syringes = {} if measured is None else {"measured": folder / measured}
    named = {key: getattr(config.pharmacy, key) for key in ("library", "models")}
    pharmacy = {key: folder / path for key, path in named.items() if path is not None}
    return config.model_copy(
        update={
            "syringes": config.syringes.model_copy(update=syringes),
            "pharmacy": config.pharmacy.model_copy(update=pharmacy),
            "store": config.store.model_copy(update={"path": folder / config.store.path}),
            "mqtt": config.mqtt.model_copy(update=mqtt),
        }
    )


def example() -> str:
    """A commented file with every section, key and default; itself a valid configuration."""
    return config_example.render(Config)
