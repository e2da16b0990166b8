"""A configuration either loads whole, or every mistake in it is told in a sentence: where, what, and what instead."""

from __future__ import annotations

import string
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assuage import config
from assuage.config import Config, ConfigError
from assuage.pharmacy.kinetics.schema import HERE, models

MINIMAL = '[link]\nport = "/dev/ttyACM0"\n'
SECRET = "sesame-7731"


def mistakes(text: str, folder: Path = Path()) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        config.parse(text, folder / "bed.toml")
    return caught.value.sentences


def only(text: str) -> str:
    found = mistakes(text)
    assert len(found) == 1, found
    return found[0]


# -- what loads -------------------------------------------------------------------------------------------------------


def test_only_the_port_must_be_given(tmp_path: Path) -> None:
    file = tmp_path / "bed.toml"
    file.write_text(MINIMAL)
    loaded = config.load(file)
    assert loaded.link.port == "/dev/ttyACM0"
    assert loaded.modbus.enabled is False
    assert {loaded.mqtt.host, loaded.modbus.host, loaded.monitor.host} == {"127.0.0.1"}
    assert loaded.programme.on_loss == "stop"
    assert loaded.cautions() == []


def test_the_example_is_valid_and_names_every_key_with_its_default() -> None:
    example = config.example()
    assert config.parse(example, Path("example.toml")).store.max_mb == Config.model_fields["store"].default.max_mb
    written = tomllib.loads(
        example.replace('# password_file = ""', 'password_file = ""')
        .replace("# ca_file", "ca_file")
        .replace("# measured", "measured")
        .replace("# library", "library")
        .replace("# models", "models")
    )
    for name, section in Config.model_fields.items():
        assert set(written[name]) == set(section.annotation.model_fields), name  # type: ignore[union-attr]


def test_relative_paths_start_at_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET + "\n")
    loaded = config.parse(
        MINIMAL + '[store]\npath = "data/x.sqlite"\n[mqtt]\npassword_file = "secret"\n', tmp_path / "bed.toml"
    )
    assert loaded.store.path == tmp_path / "data/x.sqlite"
    assert loaded.mqtt.password_file == tmp_path / "secret"


def test_a_path_may_start_at_the_users_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "secret").write_text(SECRET)
    loaded = config.parse(
        '[link]\nport = "~/board"\n[store]\npath = "~/x.sqlite"\n'
        '[mqtt]\npassword_file = "~/secret"\nca_file = "~/ca.pem"\n',
        Path("/elsewhere/bed.toml"),
    )
    assert (loaded.link.port, loaded.store.path) == (str(tmp_path / "board"), tmp_path / "x.sqlite")
    assert (loaded.mqtt.password_file, loaded.mqtt.ca_file) == (tmp_path / "secret", tmp_path / "ca.pem")


def test_a_mark_in_front_of_the_text_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xef\xbb\xbf" + SECRET.encode())
    file = tmp_path / "bed.toml"
    file.write_text("\ufeff" + MINIMAL + '[mqtt]\npassword_file = "secret"\n', "utf-8")
    _, password = config.load(file).mqtt.credentials()
    assert password is not None and password.get_secret_value() == SECRET


def test_other_hosts_are_allowed_for_monitor_and_modbus_and_cautioned_about() -> None:
    loaded = config.parse(
        MINIMAL + '[monitor]\nhost = "0.0.0.0"\n[modbus]\nenabled = true\nhost = "10.0.0.7"\n', Path("bed.toml")
    )
    assert [text.split()[0] for text in loaded.cautions()] == ["monitor.host", "modbus.host"]


# -- what is told -----------------------------------------------------------------------------------------------------


def test_every_mistake_is_told_at_once_in_the_order_of_the_file() -> None:
    text = '[link]\nprt = "x"\nbaud = 5\n[modbus]\nenabled = "yes"\n[programme]\non_loss = "halt"\n'
    assert mistakes(text) == [
        "bed.toml, line 2: there is no key link.prt, did you mean link.port? (the keys of [link] are port, baud).",
        "bed.toml, line 3: link.baud is 5; allowed is 1200 to 4000000.",
        'bed.toml, line 5: modbus.enabled is "yes"; allowed is true or false.',
        'bed.toml, line 7: programme.on_loss is "halt"; allowed is "stop", "continue" or "kvo".',
        "bed.toml: link.port is missing: serial port, best by id, for example "
        '"/dev/serial/by-id/usb-Assuage_board-if00".',
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[stor]\n", "line 3: there is no section stor, did you mean store?"),
        ("[zzz]\n", "line 3: there is no section zzz; the sections are site, link, signs, store,"),
        ("[store]\nmax_mb = 2.5\n", "line 4: store.max_mb is 2.5; allowed is a whole number."),
        ("[store]\nkeep_days = 0\n", "line 4: store.keep_days is 0; allowed is more than 0, at most 3650."),
        ("[store]\nkeep_days = nan\n", "line 4: store.keep_days is nan; allowed is"),
        ("[store]\npath = 3\n", "line 4: store.path is 3; allowed is a path in quotes."),
        ('[mqtt]\nport = "1883"\n', 'line 4: mqtt.port is "1883"; allowed is a whole number.'),
        ("[monitor]\nport = 70000\n", "line 4: monitor.port is 70000; allowed is 0 to 65535."),
        ("[programme]\nlease_ms = 499\n", "line 4: programme.lease_ms is 499; allowed is 500 to 10000."),
        ('[site]\nbed = ""\n', 'line 4: site.bed is ""; allowed is a text that is not empty.'),
        ('[site]\nbed = "\\u001b[2J"\n', 'site.bed is "\\u001b[2J"; allowed is a text without control'),
        ('[mqtt]\nurl = "http://x"\n', 'line 4: mqtt.url is "http://x"; allowed is mqtt://host:port or mqtts://'),
        ('[mqtt]\nurl = "mqtt://x:99999"\n', 'line 4: mqtt.url is "mqtt://x:99999"; allowed is'),
        ('[mqtt]\nurl = "mqtt://x/topic"\n', "nothing after it"),
        ('[mqtt]\nhost = "0.0.0.0"\n', 'line 4: mqtt.host is "0.0.0.0"; allowed is an IPv4 address of this machine'),
        ('[mqtt]\nhost = "::1"\n', "allowed is an IPv4 address of this machine"),
        ('[mqtt]\npassword_file = "a\\u0000b"\n', 'mqtt.password_file is "a\\u0000b"; allowed is a path without c'),
        ('[store]\npath = "\\u007f"\n', "store.path is "),
        ('[store]\npath = "~no such user/x"\n', "allowed is a path whose ~ stands for a user of this machine"),
        (f"[mqtt]\nport = 0x{'f' * 9000}\n", "line 4: mqtt.port is a number of more than 40 digits; allowed is"),
        (f"[mqtt]\nport = {'1' * 9000}\n", "bed.toml: a number here has thousands of digits"),
        (f"[mqtt]\nport = {'[' * 9000}\n", "bed.toml: brackets stand in brackets too deeply here"),
        ("mqtt.port = -1\n", "line 3: mqtt.port is -1; allowed is 0 to 65535."),
        ('[site]\nname = """\nport = 1 \\\n"""\nbed = 3\n', "line 7: site.bed is 3; allowed is a text in quotes."),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_line_key_value_and_what_is_allowed(text: str, sentence: str) -> None:
    if text.startswith("mqtt."):
        text = "\n\n" + text + MINIMAL
    else:
        text = MINIMAL + text
    told = only(text)
    assert sentence in told, told
    assert told.endswith(".") and told.isprintable()


def test_a_file_that_is_not_toml_is_told_with_its_line() -> None:
    assert only('[link]\nport = "a"\nport = "b"\n').startswith("bed.toml, line 3, column")
    assert "not TOML" in only("[link\n")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml: the file cannot be read: No such file"):
        config.load(tmp_path / "absent.toml")
    (tmp_path / "latin.toml").write_bytes(MINIMAL.encode() + b"# \xe4")
    with pytest.raises(ConfigError, match="not UTF-8"):
        config.load(tmp_path / "latin.toml")


# -- secrets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f'[mqtt]\nurl = "mqtt://joe:{SECRET}@host"\n',
        f'[mqtt]\nurl = "mqtt://joe:{SECRET}@host:99999"\n',
        f'[mqtt]\nurl = "joe:{SECRET}@host"\n',
        f'[mqtt]\npassword = "{SECRET}"\n',
    ],
)
def test_no_sentence_ever_shows_a_password(text: str) -> None:
    assert SECRET not in only(MINIMAL + text)


def test_a_password_comes_from_a_file_or_the_environment_and_is_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text(SECRET + "\n")
    text = MINIMAL + '[mqtt]\nurl = "mqtts://broker"\nusername = "ward"\npassword_file = "secret"\n'
    loaded = config.parse(text, tmp_path / "bed.toml")
    name, password = loaded.mqtt.credentials()
    assert name == "ward" and password is not None and password.get_secret_value() == SECRET
    assert SECRET not in repr(password) + repr(loaded) + str(loaded) + loaded.model_dump_json()

    monkeypatch.setenv("ASSUAGE_MQTT_USERNAME", "bed")
    monkeypatch.setenv("ASSUAGE_MQTT_PASSWORD", SECRET)
    name, password = config.parse(MINIMAL, tmp_path / "bed.toml").mqtt.credentials()
    assert name == "bed" and password is not None and password.get_secret_value() == SECRET


def test_a_password_file_that_is_absent_or_empty_is_a_mistake_of_the_configuration(tmp_path: Path) -> None:
    text = MINIMAL + '[mqtt]\npassword_file = "secret"\n'
    assert "bed.toml: mqtt.password_file: " in mistakes(text, tmp_path)[0]
    (tmp_path / "secret").write_text("\n")
    assert "is empty" in mistakes(text, tmp_path)[0]


# -- anything at all --------------------------------------------------------------------------------------------------

KEYS = st.sampled_from(["site", "link", "store", "mqtt", "port", "url", "host", "enabled", "x"])
VALUES = st.sampled_from(
    ['"a"', "1", "-1", "1.5", "inf", "true", "[]", "[1]", "{}", "{a=1}", "1979-05-27", '"""a\nb"""']
)
LINES = st.one_of(
    st.builds("[{}]".format, KEYS),
    st.builds("[[{}]]".format, KEYS),
    st.builds("{} = {}".format, KEYS, VALUES),
    st.builds("{}.{} = {}".format, KEYS, KEYS, VALUES),
    st.text(string.printable, max_size=20),
)


@given(st.lists(LINES, max_size=12))
def test_any_text_either_loads_or_is_told_in_sentences(lines: list[str]) -> None:
    try:
        config.parse("\n".join(lines), Path("bed.toml"))
    except ConfigError as error:
        assert error.sentences and all(text.startswith("bed.toml") for text in error.sentences)


MEASURED = """
[[syringe]]
make = "BD"
ml = 50
bore_mm = "26.72"
outer_mm = "29.60"
source = "calibrated by weight, bed 3"
"""


def test_a_measured_syringe_replaces_the_tables_and_the_rest_stays(tmp_path: Path) -> None:
    (tmp_path / "measured.toml").write_text(MEASURED)
    loaded = config.parse(MINIMAL + '[syringes]\nmeasured = "measured.toml"\n', tmp_path / "bed.toml")
    table = loaded.syringes.table()
    assert (table["BD 50 mL"].bore_um, table["BD 50 mL"].measured) == (26_720, True)
    assert (table["BD 20 mL"].bore_um, table["BD 20 mL"].measured) == (19_130, False)
    assert loaded.cautions() == []


@pytest.mark.parametrize(("old", "new", "says"), [
    ('"26.72"', "26.72", "bore_mm must be millimetres"), ('"26.72"', '"267.2"', "from 1 to 60"),
    ('"29.60"', '"26.00"', "outer_mm 26.00 must be more than bore_mm"), ("source", "by", "no key by"),
    ('make = "BD"', "make = 7", "make must be"), ("ml = 50", "ml = 50.5", "ml must be a whole number"),
    ("[[syringe]]", "[[syringes]]", "nothing else"), ("make =", "make", "not TOML"),
])  # fmt: skip
def test_a_measured_syringe_that_cannot_be_used_is_said_with_file_and_entry(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    (tmp_path / "measured.toml").write_text(MEASURED.replace(old, new))
    with pytest.raises(ConfigError, match=says) as error:
        config.parse(MINIMAL + '[syringes]\nmeasured = "measured.toml"\n', tmp_path / "bed.toml")
    assert "measured.toml" in str(error.value) and "syringes.measured" in str(error.value)


def test_a_measured_bore_that_is_far_from_every_table_is_worth_a_second_look(tmp_path: Path) -> None:
    (tmp_path / "measured.toml").write_text(MEASURED.replace("26.72", "29.28"))
    loaded = config.parse(MINIMAL + '[syringes]\nmeasured = "measured.toml"\n', tmp_path / "bed.toml")
    [caution] = loaded.cautions()
    assert "29.28 mm where tables have 26.70 mm" in caution and "+20%" in caution


def test_models_of_a_hospital_s_own_are_read_at_once_and_what_is_wrong_is_said_with_the_key(tmp_path: Path) -> None:
    own = (HERE / "models.toml").read_text()
    text = MINIMAL + '[pharmacy]\nmodels = "models.toml"\n'
    (tmp_path / "models.toml").write_text(own[: own.rindex("[[model]]")])
    assert config.parse(text, tmp_path / "bed.toml").pharmacy.models == tmp_path / "models.toml"
    assert set(models(tmp_path / "models.toml")) < set(models())
    (tmp_path / "wrong.toml").write_text(own.replace("[[model]]", "[[modell]]"))
    with pytest.raises(ConfigError, match=r"pharmacy\.models.*wrong\.toml"):
        config.parse(text.replace("models.toml", "wrong.toml"), tmp_path / "bed.toml")
