"""Every MQTT topic, what it carries and in which units, as data; README's table and the `birth` message come from it.

Topics are `assuage/v1/<site>/<bed>/<device>/<topic>`. A level holds lower-case letters, digits, `-` and `_` only: some
brokers close the connection on a dot or a space. Two names never share a level, or two beds would be taken for one.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from typing import Any, NamedTuple

from assuage.bedside.vitals import NUMBERS

ROOT = "assuage/v1"


class Field(NamedTuple):
    """A key of a payload. mdc: the metric's code in ISO/IEEE 11073-10101, mdc_unit: that of its unit."""

    name: str
    unit: str
    doc: str
    mdc: int | None = None
    mdc_unit: int | None = None


class Topic(NamedTuple):
    """A topic below the device. stored: a record, numbered in the store before it is published; else a retained
    message that says how things are now. ttl_s: how long it may be shown as present."""

    name: str
    stored: bool
    rate: str
    doc: str
    fields: tuple[Field, ...]
    ttl_s: float | None = None
    event: bool = False


ENVELOPE = (
    Field("store", "", "id of the database that numbered this record"),
    Field("rec", "", "its number there, rising; (store, rec) seen before is a repeat, a missing number was dropped"),
    Field("boot", "", "how often the board had started"),
    Field("board", "", "unique id of the board"),
    Field("t", "", "when the data was measured, UTC"),
    Field("ticks", "ms", "the same in board time, wraps at 2**30 ms"),
    Field("wraps", "", "how often ticks had wrapped"),
    Field("ttl_s", "s", "show the numbers as present until t + ttl_s; afterwards they are history"),
)

MDC_PERCENT, MDC_PER_MIN, MDC_ML, MDC_ML_H, MDC_S = 262688, 264864, 263762, 265266, 264320

TOPICS = (
    Topic("status", False, "at each change and every 30 s, retained; last will", "daemon online? board live?", (
        Field("t", "", "when this was said, UTC; the last will has null here, in since, link_since and dropped"),
        Field("ttl_s", "s", "believe online until t + ttl_s, then take the daemon for gone; null when offline"),
        Field("state", "", "online or offline: the daemon"),
        Field("since", "", "since when, UTC"),
        Field("why", "", "one sentence"),
        Field("link", "", "connecting, live, lost or mismatch: the board; numbers come only while it is live"),
        Field("link_since", "", "since when, UTC"),
        Field("store", "", "id of the database"),
        Field("dropped", "", "records that a full or failing disk has cost since the daemon started"),
        Field("library", "", "hash of the drug library that prescriptions are checked by; null while offline"),
        Field("record", "", "entries and head of the clinical record, to be kept by others; null while offline"),
    ), ttl_s=60.0),
    Topic("birth", False, "at each connection and board start, retained", "who the board is; topics, units, codes", (
        Field("board", "", "uid, firmware, boot, reset, schema, schema_ok, config; null until a board has answered"),
        Field("site", "", "site, bed and device as people call them"),
        Field("daemon", "", "version of Assuage"),
        Field("envelope", "", "keys that every record has"),
        Field("topics", "", "this table"),
    )),
    Topic("link", True, "at each change", "the link between daemon and board", (
        Field("link", "", "connecting, live, lost or mismatch"),
        Field("sentence", "", "why, for a person"),
    ), event=True),
    Topic("numerics", True, "1/s while the link is live", "vital signs", (
        *(Field(n.key, n.unit, f"{n.doc}, null when there is none", n.mdc, n.mdc_unit) for n in NUMBERS),
        Field("quality", "%", "how far the pulse wave can be trusted"),
        Field("ppg", "", "state of the oximeter"),
        Field("sentence", "", "why there is no number of the oximeter"),
        Field("readings", "", "of each number: quality none, doubtful, good or stale; signal, age_s and sentence"),
    ), ttl_s=3.0),
    Topic("pump", True, "1/s while the link is live, and at each change", "the infusion", (
        Field("state", "", "state of the pump"),
        Field("reason", "", "why it is not infusing"),
        Field("sentence", "", "the same for a person"),
        Field("drug", "", "drug label of the programme"),
        Field("programme", "", "id of the programme, 0 for none"),
        Field("rate_ml_h", "mL/h", "flow now", 158014, MDC_ML_H),
        Field("set_rate_ml_h", "mL/h", "flow of the programme", 157784, MDC_ML_H),
        Field("vtbi_ml", "mL", "volume to be infused", 157884, MDC_ML),
        Field("delivered_ml", "mL", "delivered by this programme", 157864, MDC_ML),
        Field("measured_ml", "mL", "the same from the shaft encoder"),
        Field("left_s", "s", "time left, null when standing", 157916, MDC_S),
        Field("lease_ms", "ms", "margin of the host's permission"),
        Field("on_loss", "", "what happens when the permission lapses"),
        Field("was", "", "programme that a reset interrupted, and what it had delivered at least and at most"),
    ), ttl_s=3.0),
    Topic("alarm", True, "at each change of one", "an alarm condition of the board", (
        Field("alarm", "", "the condition"),
        Field("priority", "", "low, medium or high"),
        Field("state", "", "idle when it is over, acknowledged or leaving when somebody has seen it, else it sounds"),
        Field("occurrence", "", "number of this raise since the board's start"),
        Field("seconds", "s", "since it was raised"),
        Field("sentence", "", "what happened and what to do, for a person"),
    ), event=True),
    Topic("limits", True, "at each change, and at its start", "alarm limits of the vital signs", (
        Field("patient", "", "whose limits they began with: adult or child"),
        Field("moved", "", "names of those that are not as such a patient's begin"),
        Field("list", "", "of each: parameter as in numerics, name, unit, digits, low and high (null: none), delay_s"),
    ), event=True),
    Topic("drive", True, "1/s while the link is live, and at each change", "what the pump's own sensors see", (
        Field("pressure_mmhg", "mmHg", "in the line above that at which the plunger began to slide; null if not known"),
        Field("occlusion_mmhg", "mmHg", "the pressure that is an occlusion; null without a programme"),
        Field("alarm_in_s", "s", "until that alarm if it goes on rising as it does; null when it does not"),
        Field("watch", "", "standing, learning, occlusion, disconnection (that too would be seen) or none"),
        Field("force_n", "N", "on the plunger; null when it cannot be trusted"),
        Field("force_is", "", "how far it can be trusted, or none"),
        Field("outer_mm", "mm", "outer diameter of the barrel as measured; null when it cannot be"),
        Field("barrel", "", "matches, mismatch, ambiguous, implausible, unasked or none"),
        Field("fitted", "", "fitted, the first contact that is open, or none"),
        Field("air", "", "clear, air or none"),
        Field("contents_ml", "mL", "what may still leave the syringe; null without a programme"),
        Field("empty_in_s", "s", "until it is empty at this flow; null when standing"),
        Field("near_empty", "", "true: less than the warning's time is left"),
        Field("driver", "", "of the motor: works, setting-up, silent, faulty, lost or none"),
        Field("diagnosis", "", "why shaft and steps disagreed last"),
        Field("battery", "", "fine, low, very-low, empty, unknown or none"),
        Field("charge_percent", "%", "of the battery; null when unknown"),
        Field("battery_min", "min", "left at this load; null when unknown or on the mains"),
        Field("supply_v", "V", "of the board; null when it is not measured"),
        Field("untested", "", "parts that have not passed the self-test yet"),
        Field("failed", "", "parts that did not pass it in time"),
    ), ttl_s=3.0),
    Topic("wave/pleth", True, "2/s while the link is live", "pulse wave in batches without a hole", (
        Field("hz", "1/s", "sample rate"),
        Field("index", "", "number of the first sample since the board started"),
        Field("ppg", "", "state of the oximeter"),
        Field("samples", "1e-5", "infrared AC over DC, a pulse points up; t is that of the first", 150452),
    ), ttl_s=3.0),
    Topic("wave/co2", True, "every 0.8 s while the link is live", "CO2 in the airway in batches without a hole", (
        Field("hz", "1/s", "sample rate"),
        Field("index", "", "number of the first sample since the board started"),
        Field("signal", "", "state of the capnograph"),
        Field("samples", "0.1 mmHg", "partial pressure; t is that of the first"),
    ), ttl_s=3.0),
    Topic("cuff", True, "at each change, 1/s while it measures, else every 5 s", "what the cuff does", (
        Field("state", "", "idle, zeroing, inflating, bleeding, venting, stuck or resting"),
        Field("pressure_mmhg", "mmHg", "in the cuff; null without a sample"),
        Field("every_min", "min", "how often it measures by itself; 0 for never"),
        Field("next_s", "s", "until the next one that is decided on; null when none is"),
        Field("last", "", "how the last one ended; never, or measuring while one goes on"),
        Field("sentence", "", "the same for a person, where it is not ok"),
    ), ttl_s=11.0),
    Topic("health", True, "1/s while the link is live", "how the board itself is", (
        Field("loop_us", "us", "longest turn of its loop in this second"),
        Field("collect_us", "us", "longest heap collection in this second"),
        Field("heap_free", "B", "free heap"),
        Field("rx_errors", "", "frames refused since it started"),
        Field("bus_errors", "", "failed sensor transfers since it started"),
        Field("overruns", "", "tasks that missed their period since it started"),
        Field("lease_ms", "ms", "smallest margin of the host's permission in this second"),
        Field("watchdog_ms", "ms", "smallest watchdog margin in this second"),
    ), ttl_s=3.0),
    Topic("interlock", True, "1/s while the link is live, and at each change",
          "whether the vital signs let drug flow", (
        Field("guarded", "", "true: a row is in force, or another board watches"),
        Field("guards", "", "the rows of the order, a sentence each"),
        Field("tripped", "", "true: it has, and nobody has released it"),
        Field("read", "", "the number of each board's trip, by which it is released: pump, guardian"),
        Field("sentence", "", "why it has tripped, with what was seen"),
        Field("cause", "", "parameter, kind, value, unit, quality and age_s as they were then; null when it has not"),
        Field("since_s", "s", "since when; null where that was before the daemon began"),
        Field("normal", "", "true: all rows are normal now"),
        Field("lacks", "", "a sentence for each vital sign that is not"),
        Field("release", "", "true: a release would be taken now"),
        Field("needs", "", "what is to be done about a trip"),
        Field("watch", "", "number of another board's watching by which the pump goes; 0 for none"),
        Field("verdict", "", "of that board: denied, runs or begins"),
        Field("permission_ms", "ms", "that is left of its permission"),
        Field("trouble", "", "why that permission does not come through"),
    ), ttl_s=3.0),
    Topic("event", True, "as they happen",
          "what happened: board-started, pump, tripped, released, stop-answered, refused, signs-link, host-alarm", (
        Field("what", "", "kind of event; its other keys depend on it"),
        Field("sentence", "", "the same for a person"),
    ), event=True),
)  # fmt: skip

BY_NAME = {topic.name: topic for topic in TOPICS}


def slug(name: str) -> str:
    """A name as a topic level: "Bed 1" is bed-1.

    Names that differ only in case, or in spaces and hyphens, are one name. Any other sign that a level cannot hold
    leaves a checksum of the name behind what remains: "Bed #1" is bed-1-ce8a3573.
    """
    folded = unicodedata.normalize("NFC", re.sub(r"[\s-]+", "-", name.strip().lower()))
    if re.fullmatch(r"[a-z0-9_-]+", folded):
        return folded
    plain = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode()
    rest = re.sub(r"[^a-z0-9_]+", "-", plain).strip("-")
    return f"{rest or 'x'}-{zlib.crc32(folded.encode()):08x}"


class Topics:
    """The topics of one device. `of("numerics")` is its full topic."""

    def __init__(self, site: str, bed: str, device: str) -> None:
        self.base = "/".join((ROOT, slug(site), slug(bed), slug(device)))

    def of(self, name: str) -> str:
        """The full topic. Raises KeyError for one that is not in the table."""
        return f"{self.base}/{BY_NAME[name].name}"


def described() -> dict[str, Any]:
    """The table as JSON-able data, for `birth`; what is empty is left out."""
    return {
        topic.name: {
            "retained": not topic.stored,
            "rate": topic.rate,
            "doc": topic.doc,
            **({"ttl_s": topic.ttl_s} if topic.ttl_s else {}),
            "fields": fields(topic.fields),
        }
        for topic in TOPICS
    }


def fields(items: tuple[Field, ...]) -> dict[str, dict[str, Any]]:
    """Fields as JSON-able data, what is empty left out."""
    return {
        item.name: {key: value for key, value in item._asdict().items() if key != "name" and value} for item in items
    }


def topic_table() -> str:
    """The topics as a markdown table, for the README."""
    rows = ["| topic | carries | when | keys |", "|---|---|---|---|"]
    for topic in TOPICS:
        keys = ", ".join(f"`{field.name}`" + (f" {field.unit}" if field.unit else "") for field in topic.fields)
        rows.append(f"| `{topic.name}` | {topic.doc} | {topic.rate} | {keys} |")
    envelope = ", ".join(f"`{field.name}`" for field in ENVELOPE)
    codes = ", ".join(f"`{field.name}` {field.mdc}" for topic in TOPICS for field in topic.fields if field.mdc)
    example = Topics("ward", "Bed 1", "board-1").of("numerics")
    return "\n".join(
        [
            f"Topics are `{ROOT}/<site>/<bed>/<device>/<topic>`, for example `{example}`.",
            "A level is the name in lower case with `-` for spaces. A name with any other sign than a-z, 0-9, `_`, `-`",
            f"and space ends in a checksum (`Bed #1` is `{slug('Bed #1')}`), so that two beds never share a topic;",
            "names that differ only in case, or in spaces and hyphens, are one name.",
            "",
            *rows,
            "",
            "`status` and `birth` are retained. Believe a `status` that says online until `t` + `ttl_s`, then take the",
            "daemon for gone: a broker that has died together with it comes back without the last will.",
            "",
            f"All other topics are records (QoS 1): JSON that begins with {envelope}.",
            "A record is in the daemon's store before it is published, and is published again when the broker has not",
            "acknowledged it: drop one whose (`store`, `rec`) was seen before. `birth` carries each key's unit and its",
            f"ISO/IEEE 11073 code ({codes}).",
            "",
        ]
    )
