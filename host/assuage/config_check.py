"""Mistakes in a configuration file as sentences: file, line, key, what was given, what is allowed, what is meant."""

from __future__ import annotations

import difflib
import ipaddress
import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import annotated_types
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from assuage.errors import AssuageError, Reason

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
TABLE = re.compile(r"^\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
KEY = re.compile(r"^\s*([A-Za-z0-9_\-\.\"' ]+?)\s*=")
TRIPLE = re.compile(r'"""|\'\'\'')
TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")

TYPES = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "a text in quotes",
    "bool_type": "true or false",
    "path_type": "a path in quotes",
    "model_type": "a section of keys",
    "model_attributes_type": "a section of keys",
}


class ConfigError(AssuageError):
    """The configuration cannot be used. `sentences` holds every mistake, one sentence each."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = list(sentences)
        super().__init__(Reason.BAD_INPUT, "\n".join(self.sentences))


# -- rules of single keys ----------------------------------------------------------------------------------------------


def printable(name: str) -> str:
    """Names go to screens, topics and terminals."""
    if not name.isprintable():
        raise ValueError("allowed is a text without control characters")
    return name


def file_path(path: Path) -> Path:
    """A path as it can be opened: ~ and ~name are the user's folder."""
    if CONTROL.search(str(path)):
        raise ValueError("allowed is a path without control characters")
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError("allowed is a path whose ~ stands for a user of this machine") from None


def port_path(port: str) -> str:
    """The same for a serial port, which need not be a file's path."""
    return str(file_path(Path(port))) if port.startswith("~") or CONTROL.search(port) else port


def is_loopback(host: str) -> bool:
    """Whether an address is this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def own_broker(host: str) -> str:
    """Our own broker asks for no password, so it must not leave this machine; amqtt cannot do IPv6."""
    if host == "localhost":
        return "127.0.0.1"
    if not is_loopback(host) or ":" in host:
        raise ValueError(
            "allowed is an IPv4 address of this machine (127.0.0.1), because our own broker asks for no password; "
            "for a broker on the network give mqtt.url"
        )
    return host


def broker_url(url: str) -> str:
    """Checks mqtt.url. The sentence never repeats a URL that holds a password."""
    if not url:
        return url
    if "@" in url:
        raise ValueError(
            "a name and password must not stand in the URL: use mqtt.username, and mqtt.password_file or the "
            "environment variable ASSUAGE_MQTT_PASSWORD"
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("allowed is mqtt://host:port or mqtts://host:port with a port up to 65535") from None
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or port == 0:
        raise ValueError("allowed is mqtt://host:port or mqtts://host:port, or an empty text for a broker of our own")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("allowed is mqtt://host:port or mqtts://host:port and nothing after it")
    return url


def secret_file(key: str, path: Path) -> str:
    """The one line of a file that holds a secret. Raises ConfigError without ever showing its content."""
    try:
        secret = path.read_text("utf-8-sig").strip()  # some editors put a mark in front
    except OSError as error:
        raise ConfigError([f"{key}: {path} cannot be read: {error.strerror}."]) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{key}: {path} is not a text file."]) from None
    if not secret:
        raise ConfigError([f"{key}: {path} is empty; it must hold the password."])
    return secret


# -- sentences ---------------------------------------------------------------------------------------------------------


def not_toml(path: Path, error: tomllib.TOMLDecodeError) -> str:
    """The sentence for a file that is not TOML at all."""
    text = str(error)
    place = TOML_PLACE.search(text)
    what = text[: place.start()] if place else text
    where = f", line {place[1]}, column {place[2]}" if place and place[1] else ""
    return f"{path}{where}: this is not TOML: {what[:1].lower()}{what[1:]}."


def sentences(error: ValidationError, model: type[BaseModel], path: Path, text: str) -> list[str]:
    """Every mistake that pydantic found, in the order of the file, those without a line last."""
    lines = key_lines(text)
    found = []
    for detail in error.errors(include_url=False):
        keys = tuple(str(part) for part in detail["loc"])
        line = lines.get(keys)
        place = f"{path}, line {line}" if line else str(path)
        found.append((line or 1 << 30, f"{place}: {_say(detail, keys, model)}."))
    return [sentence for _, sentence in sorted(found, key=lambda item: item[0])]


def _say(detail: ErrorDetails, keys: tuple[str, ...], model: type[BaseModel]) -> str:
    """One mistake without its place and full stop."""
    name, kind = ".".join(keys), detail["type"]
    if kind == "extra_forbidden":
        return _unknown(keys, model)
    if kind == "missing":
        return _missing(keys, model)
    if kind == "value_error":
        reason = detail["ctx"]["error"]
        if "@" in str(detail["input"]):  # it may hold a password
            return f"{name} cannot be used: {reason}"
        return f"{name} is {_given(detail['input'])}; {reason}"
    return f"{name} is {_given(detail['input'])}; allowed is {_allowed(detail, keys, model)}"


def _allowed(detail: ErrorDetails, keys: tuple[str, ...], model: type[BaseModel]) -> str:
    """What would have been right."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in TYPES:
        return TYPES[kind]
    match kind:
        case "greater_than_equal" | "greater_than" | "less_than_equal":
            return _range(_section(keys, model).model_fields[keys[-1]].metadata)
        case "literal_error":
            return str(context["expected"]).replace("'", '"')
        case "string_too_short":
            return "a text that is not empty"
        case "string_too_long":
            return f"a text of {context['max_length']} characters at most"
    return detail["msg"][:1].lower() + detail["msg"][1:]


def _range(metadata: Iterable[object]) -> str:
    """The limits of a number, both of them."""
    lower, upper, between = "", "", " to "
    for item in metadata:
        match item:
            case annotated_types.Ge(ge=limit):
                lower = f"{limit}"
            case annotated_types.Gt(gt=limit):
                lower, between = f"more than {limit}", ", at most "
            case annotated_types.Le(le=limit):
                upper = f"{limit}"
    return f"{lower}{between}{upper}" if lower and upper else lower or upper


def _given(value: Any) -> str:
    """What stands in the file, short and as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = json.dumps(value if len(value) <= 40 else value[:37] + "...", ensure_ascii=not value.isprintable())
        return text.replace("\x7f", "\\u007f")  # a control character that JSON leaves alone
    if isinstance(value, dict):
        return "a section"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int) and abs(value) >= 10**40:
        return "a number of more than 40 digits"  # of some thousand, Python would refuse to make a text
    return str(value)


def _section(keys: tuple[str, ...], model: type[BaseModel]) -> type[BaseModel]:
    """The model that a dotted key's last part belongs to."""
    for key in keys[:-1]:
        inner = model.model_fields[key].annotation
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            raise LookupError(key)
        model = inner
    return model


def _unknown(keys: tuple[str, ...], model: type[BaseModel]) -> str:
    """A key that does not exist, with the one that was perhaps meant."""
    known = list(_section(keys, model).model_fields)
    name = ".".join(keys)
    if len(keys) == 1:
        what, everything = f"there is no section {name}", "the sections are " + ", ".join(known)
    else:
        what, everything = f"there is no key {name}", f"the keys of [{'.'.join(keys[:-1])}] are " + ", ".join(known)
    near = difflib.get_close_matches(keys[-1].lower(), known, n=1, cutoff=0.6)
    meant = f", did you mean {'.'.join((*keys[:-1], near[0]))}?" if near else ""
    return f"{what}{meant} ({everything})" if meant else f"{what}; {everything}"


def _missing(keys: tuple[str, ...], model: type[BaseModel]) -> str:
    """A key that must be given, with an example. A missing section is named by the keys that it must have."""
    field = _section(keys, model).model_fields[keys[-1]]
    inner = field.annotation
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        needed = next(name for name, item in inner.model_fields.items() if item.is_required())
        return _missing((*keys, needed), model)
    shown = f', for example "{field.examples[0]}"' if field.examples else ""
    return f"{'.'.join(keys)} is missing: {field.description}{shown}"


def key_lines(text: str) -> dict[tuple[str, ...], int]:
    """Line of each table and key, as well as a scan by line can find it; the text is known to be TOML."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    inside = ""  # the quotes of a multi-line text that we are in
    for number, line in enumerate(text.splitlines(), 1):
        if inside:
            if line.count(inside) % 2:
                inside = ""
            continue
        if header := TABLE.match(line):
            table = _parts(header[1])
            lines.setdefault(table, number)
        elif key := KEY.match(line):
            lines.setdefault(table + _parts(key[1]), number)
        quotes = TRIPLE.search(line)
        if quotes and line.count(quotes[0]) % 2:
            inside = quotes[0]
    return lines


def _parts(dotted: str) -> tuple[str, ...]:
    """The parts of a dotted key, quotes taken off."""
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
