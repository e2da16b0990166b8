"""What the pump tells: a read-back of what it will do, and a status of what it does."""

from assuage_wire.codec import BY_NAME
from pump import codes
from pump_fakes import BD50, STEPS, Bed, fields

GOOD = (codes.OK, 0)
READBACK = BY_NAME["Readback"]


def test_a_read_back_says_what_will_be_done():
    bed = Bed()
    bed.offer()
    out = [None] * READBACK.width
    assert bed.pump.read_back(out, 2) == READBACK.width
    plain = [None] * (READBACK.width - 2)
    assert bed.pump.read_back(plain) == len(plain) and plain == out[2:]
    assert out[:2] == [None, None]
    assert out[2:31] == fields()
    assert out[READBACK.index("nl_per_rev")] == 559_902
    assert out[READBACK.index("steps")] == 5_000_000 * STEPS // 559_902
    assert out[READBACK.index("finish")] == 1800
    assert 1 <= out[READBACK.index("token")] <= 65535


def test_every_programme_that_passes_has_a_read_back_that_fits_the_wire():
    for changes in (
        {"rate": 1, "bore": 1_000, "vtbi": 100_000_000, "capacity": 100_000_000},
        {"rate": 20_000_000, "vtbi": 100_000_000, "capacity": 100_000_000},
        {"rate": 99, "bore": 60_000, "vtbi": 884},
    ):
        bed = Bed()
        assert bed.offer(**changes) == GOOD, changes
        out = [1] * READBACK.width
        bed.pump.read_back(out, 2)
        for i, field in enumerate(READBACK.fields):
            assert field[3] <= out[i] <= field[4], (field[0], out[i])
        bed.status("left")
        for i, field in enumerate(BY_NAME["PumpStatus"].fields):
            assert field[3] <= bed.rows[i] <= field[4], field[0]


def test_a_clear_forgets_the_programme():
    bed = Bed()
    bed.infuse()
    bed.run(1000, lease_ms=3000)
    bed.pump.stop(codes.WHY_HOST_STOP)
    assert bed.status("programme") == 7 and bed.status("set_rate") and bed.status("vtbi")
    assert bed.pump.clear(codes.WHY_HOST_STOP) == GOOD
    assert bed.status("programme") == bed.status("set_rate") == bed.status("vtbi") == bed.status("delivered") == 0
    assert bed.status("was_programme") == 0


def test_status_follows_the_delivery_in_the_tables_order():
    bed = Bed(ticks=1234, wraps=5)
    assert bed.status("programme") == 0
    bed.infuse()
    bed.run(60_000, lease_ms=3000)
    nl = bed.delivered()
    wanted = {
        "ticks": bed.ticks,
        "wraps": 5,
        "state": codes.INFUSING,
        "reason": codes.WHY_NONE,
        "programme": 7,
        "rate": 166_667,
        "set_rate": 166_667,
        "vtbi": 5_000_000,
        "delivered": nl,
        "left": (5_000_000 - nl) * 60 // 166_667,
        "lease": 2980,
        "on_loss": 0,
        "was_programme": 0,
    }
    for name, value in wanted.items():
        assert bed.status(name) == value, name
    assert abs(bed.status("measured") - nl) <= 559_902 * 2 // 3200 + 1
    assert abs(nl - 166_667) <= 200
    bed.pump.stop(codes.WHY_LOCAL_STOP)
    assert bed.status("rate") == 0 and bed.status("lease") == 0
    assert bed.status("left") == bed.status("was_low") == bed.status("was_high") == (1 << 30) - 1
    assert bed.status("delivered") == nl and bed.status("reason") == codes.WHY_LOCAL_STOP


def test_time_left_ends_with_the_time_limit():
    bed = Bed()
    bed.infuse(duration=100)
    bed.run(10_000, lease_ms=3000)
    assert bed.status("left") == 90


def test_changes_are_counted_for_whoever_reports_them():
    bed = Bed()
    n = bed.pump.changes
    bed.infuse()
    assert bed.pump.changes == n + 4
    bed.run(500, lease_ms=3000)
    assert bed.pump.changes == n + 4
    bed.pump.stop(codes.WHY_HOST_STOP)
    bed.pump.stop(codes.WHY_HOST_STOP)
    assert bed.pump.changes == n + 5


def test_bore_decides_the_steps():
    for bore in (4_780, 14_500, BD50):
        bed = Bed()
        assert bed.offer(bore=bore) == GOOD
        p = bed.pump.programme
        assert p.steps * p.nl_per_rev <= 5_000_000 * STEPS < (p.steps + 1) * p.nl_per_rev


def test_measured_belongs_to_the_programme_that_is_told_with_it():
    bed = Bed()
    bed.infuse(vtbi=200_000)
    bed.run(90_000, lease_ms=3000)
    assert bed.pump.state == codes.COMPLETE
    assert abs(bed.status("measured") - bed.status("delivered")) <= 559_902 * 2 // 3200 + 1, "to the last step"
    measured = bed.status("measured")
    bed.slip -= 5 * STEPS  # turned by hand
    bed.run(500)
    assert bed.status("measured") == measured
    bed.offer()
    assert bed.status("measured") == 0
    for act in (bed.confirm, bed.arm):
        assert act() == GOOD
        bed.slip += 2 * STEPS
        bed.run(500)
        assert bed.status("measured") == 0
    assert bed.start() == GOOD
    bed.run(5000, lease_ms=3000)
    assert abs(bed.status("measured") - bed.delivered()) <= 559_902 * 2 // 3200 + 1
    bed.pump.stop(codes.WHY_HOST_STOP)
    assert bed.status("measured") > 10_000
    assert bed.pump.clear(codes.WHY_HOST_STOP) == GOOD
    assert bed.status("measured") == 0


def test_a_stop_does_not_cut_the_last_steps_from_what_was_measured():
    for every in (1, 3):
        bed = Bed()
        bed.infuse(rate=10_000_000, vtbi=50_000_000)
        bed.every = every
        bed.run(5010, lease_ms=3000, step=30)
        bed.pump.stop(codes.WHY_HOST_STOP)
        bed.run(1000)
        assert abs(bed.status("measured") - bed.status("delivered")) <= 559_902 * 2 // 3200 + 1
