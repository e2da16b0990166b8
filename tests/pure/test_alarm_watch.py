"""What is wrong with a real pump becomes an alarm: at once, for as long as it is so, and for nothing else."""

from alarm import states, watch
from alarm.conditions import HIGH, LATCHING, TABLE
from alarm.latch import OK, STALE, Alarms
from alarm.watch import Watch
from assuage_wire.schema import ALARMS, REASONS
from pump import codes, demand, gauge
from pump_fakes import Bed

# What a pump's reason means to a person where its name does not say it, as once decided.
MEANT = {
    "complete": "infusion-complete",
    "kvo": "kvo-running",
    "lease-lapsed": "link-lost",
    "no-contact": "syringe-unfitted",
    "reset": "reset-interrupted",
    "task-overrun": "internal",
    "window-limit": "rate-limit",
    "refused": "internal",  # no pump says it
}
WANTED = ("none", "host-stop", "local-stop", "paused")


class Board:
    """A pump, its alarms and what watches it; a turn is one of the loop's."""

    def __init__(self, **bed):
        self.bed = Bed(**bed)
        self.pump = self.bed.pump
        self.alarms = Alarms()
        self.watch = Watch(self.alarms, self.pump)

    def look(self):
        """The alarms' part of a turn."""
        self.watch.poll(self.bed.ticks)
        self.alarms.poll(self.bed.ticks)

    def run(self, ms, lease_ms=3000):
        for _ in range(ms // 25):
            if lease_ms:
                self.bed.grant(lease_ms)
            self.bed.step(25)
            self.look()

    def state(self, name):
        return states.STATES[self.alarms.state[ALARMS.index(name)]]

    def shown(self):
        """Names of all conditions that a person sees."""
        return [ALARMS[i] for i in range(len(ALARMS)) if self.alarms.state[i] >= states.SHOWN]

    def acknowledge(self, name):
        return self.alarms.acknowledge(self.alarms.occurrence[ALARMS.index(name)])


def _stand_still(board, ms):
    """Lets so much pass in coarse turns, while nothing moves."""
    for _ in range(ms // 1000):
        board.bed.step(1000)
        board.look()


# -- reasons -----------------------------------------------------------------------------------------------------------


def test_every_reason_has_a_condition_or_is_one_that_somebody_wanted():
    for i in range(len(REASONS)):
        reason = REASONS[i]
        told = watch.OF_REASON[i]
        if reason in WANTED:
            assert told >= len(ALARMS), reason
        else:
            assert ALARMS[told] == MEANT.get(reason, reason), reason


def test_every_fault_raises_a_high_alarm_that_latches_in_the_very_same_turn():
    # P7, whatever the reason, also one that no fault should have
    for reason in range(len(REASONS)):
        board = Board()
        board.bed.infuse()
        board.look()
        assert board.shown() == []
        board.pump.fault(reason)
        board.look()
        shown = board.shown()
        assert len(shown) == 1, (REASONS[reason], shown)
        priority, flags, _delay, _hold = TABLE[ALARMS.index(shown[0])]
        assert priority == HIGH and flags & LATCHING, (REASONS[reason], shown)
        assert board.state(shown[0]) == "active"


def test_a_reason_that_nobody_knows_is_internal():
    board = Board()
    board.pump.state = codes.FAULT
    board.pump.reason = 250
    board.look()
    assert board.shown() == ["internal"]


def test_a_faults_alarm_stands_as_long_as_the_fault_whoever_acknowledges_it():
    board = Board()
    board.bed.infuse()
    board.pump.fault(codes.WHY_ENCODER_LOST)
    board.look()
    for _ in range(3):
        assert board.acknowledge("encoder-lost") == OK
        board.run(60_000, 0)
        assert board.shown() == ["encoder-lost"]
        assert board.state("encoder-lost") == "acknowledged"
    assert board.pump.clear(codes.WHY_ENCODER_LOST) == (0, 0)
    board.look()
    assert board.shown() == []


def test_clearing_a_fault_acknowledges_its_own_alarm_and_no_other():
    board = Board()
    board.bed.infuse()
    board.watch.says(ALARMS.index("journal-fault"), True, board.bed.ticks)
    board.pump.fault(codes.WHY_DRIVE_FAULT)
    board.look()
    assert board.pump.clear(codes.WHY_DRIVE_FAULT) == (0, 0)
    board.watch.cleared()
    board.look()
    assert board.shown() == ["journal-fault"]
    assert board.state("journal-fault") == "active"


def test_a_fault_cleared_by_nobody_stays_latched_after_it():
    board = Board()
    board.bed.infuse()
    board.pump.fault(codes.WHY_DRIVE_FAULT)
    board.look()
    assert board.pump.clear(codes.WHY_DRIVE_FAULT) == (0, 0)  # and nobody is told of it
    board.look()
    assert board.state("drive-fault") == "latched"


def test_clearing_when_nothing_was_wrong_acknowledges_nothing():
    board = Board()
    board.bed.infuse()
    board.watch.says(ALARMS.index("key-stuck"), True, board.bed.ticks)
    board.pump.stop(codes.WHY_HOST_STOP)
    board.look()
    assert board.pump.clear(codes.WHY_HOST_STOP) == (0, 0)
    board.watch.cleared()
    board.look()
    assert board.state("key-stuck") == "active"


def test_the_next_fault_of_the_same_kind_is_another_occurrence_and_the_old_number_does_not_silence_it():
    # P10
    board = Board()
    board.bed.infuse()
    board.pump.fault(codes.WHY_DRIVE_FAULT)
    board.look()
    first = board.alarms.last
    assert board.pump.clear(codes.WHY_DRIVE_FAULT) == (0, 0)
    board.watch.cleared()
    board.run(1000, 0)
    board.pump.fault(codes.WHY_DRIVE_FAULT)
    board.look()
    assert board.alarms.last == first + 1
    assert board.alarms.acknowledge(first) == STALE
    assert board.state("drive-fault") == "active"


def test_what_somebody_wanted_is_no_alarm():
    board = Board()
    board.bed.infuse()
    board.run(1000)
    assert board.pump.pause(7) == (0, 0)
    board.run(1000)
    board.pump.stop(codes.WHY_LOCAL_STOP)
    board.run(1000, 0)
    assert board.alarms.changes == 0


def test_a_lapsed_permission_is_an_alarm_whatever_the_programme_does_then():
    # P12
    for on_loss in (codes.LOSS_STOP, codes.LOSS_CONTINUE, codes.LOSS_KVO):
        board = Board()
        board.bed.infuse(lease_ms=3000, on_loss=on_loss, kvo=16_667)
        board.run(2900, 0)
        assert board.shown() == ["link-silent"]
        board.run(200, 0)
        assert board.state("link-lost") == "active"
        assert ("kvo-running" in board.shown()) == (on_loss == codes.LOSS_KVO)
        assert board.acknowledge("link-lost") == OK
        board.run(10_000, 0)
        assert board.state("link-lost") == "acknowledged", "as long as it lasts"


def test_a_silent_host_is_told_within_two_seconds_while_its_permission_is_used_up():
    board = Board()
    board.bed.infuse(lease_ms=10_000, lease=10_000)
    board.run(1475, 0)
    assert board.shown() == []
    board.run(50, 0)
    assert board.state("link-silent") == "active"
    assert board.pump.state == codes.INFUSING
    board.run(25)  # a grant
    assert board.state("link-silent") == "fading"
    board.run(1000)
    assert board.shown() == [], "nobody has to acknowledge what has gone by itself"


def test_a_permission_every_second_is_no_silence_nor_is_one_that_nobody_needs():
    board = Board()
    board.bed.infuse(lease_ms=10_000, lease=10_000)
    for _ in range(20):
        board.run(1400, 0)
        board.run(25, 10_000)
        assert board.shown() == []
    assert board.pump.pause(board.pump.programme.id) == (0, 0)
    board.run(10_000, 0)
    assert board.shown() == []


def test_a_permission_that_is_repeated_and_reaches_no_further_is_silence():
    # a host that hears nothing of the board reckons from the board's time that it knows
    board = Board()
    board.bed.infuse(lease_ms=10_000, lease=10_000)
    ticks, wraps = board.bed.at(10_000)
    programme = board.pump.programme.id
    board.run(1400, 0)
    for grant in range(1, 12):
        assert board.pump.grant(programme, grant, ticks, wraps, board.bed.ticks, board.bed.wraps)
        board.run(200, 0)
    assert board.shown() == ["link-silent"]


def test_a_permission_that_comes_back_ends_the_cause_and_leaves_the_alarm_for_somebody_to_see():
    board = Board()
    board.bed.infuse(lease_ms=1000, on_loss=codes.LOSS_CONTINUE)
    board.run(2000, 0)
    assert board.state("link-lost") == "active"
    board.run(2000)
    assert board.state("link-lost") == "latched"


def test_the_end_of_the_volume_is_told_with_and_without_an_open_vein():
    for on_end, name in ((0, "infusion-complete"), (codes.END_KVO, "kvo-running")):
        board = Board()
        board.bed.infuse(vtbi=10_000, kvo=1000, on_end=on_end)
        board.run(8000)
        assert board.shown() == [name]


def test_what_a_reset_interrupted_is_told_until_somebody_has_read_it():
    before = Board()
    before.bed.infuse()
    before.run(1000)
    board = Board(drive=before.bed.drive, words=before.bed.words, boot=2)
    board.look()
    assert board.state("reset-interrupted") == "active"
    assert board.pump.clear(codes.WHY_RESET) == (0, 0)
    board.watch.cleared()
    board.look()
    assert board.shown() == []


# -- near the end ------------------------------------------------------------------------------------------------------


def test_near_empty_comes_three_minutes_before_the_end():
    board = Board()
    board.bed.infuse(rate=1_000_000, vtbi=10_000_000)  # ten minutes
    board.run(418_000)
    assert board.shown() == []
    board.run(6000)  # 3 min, 2 s of delay and the queue
    assert board.shown() == ["near-empty"]
    board.run(180_000)
    assert board.pump.state == codes.COMPLETE
    assert board.shown() == ["infusion-complete"] or board.state("near-empty") == "fading"


def test_of_a_short_infusion_half_goes_by_without_a_word():
    board = Board()
    board.bed.infuse(rate=1_000_000, vtbi=2_000_000)  # two minutes
    board.run(60_000)
    assert board.shown() == []
    board.run(5000)
    assert board.shown() == ["near-empty"]


def test_near_empty_comes_as_long_before_the_end_as_the_programme_says():
    board = Board()
    board.bed.infuse(rate=1_000_000, vtbi=10_000_000, near_empty=240)
    board.run(358_000)
    assert board.shown() == []
    board.run(6000)  # 4 min, 2 s of delay and the queue
    assert board.shown() == ["near-empty"]


def test_near_empty_comes_before_the_syringe_is_empty_though_more_was_to_be_given():
    board = Board()
    board.bed.infuse(rate=1_000_000, vtbi=10_000_000, near_empty=240)
    board.run(300_000)
    board.pump.senses.displaced_nl += board.pump.senses.left_nl() - 4_600_000  # as if it had been fuller than it is
    board.run(30_000)
    assert board.shown() == []
    board.run(10_000)
    assert board.shown() == ["near-empty"]


def test_at_the_kvo_rate_near_empty_is_of_the_syringe():
    board = Board()
    board.bed.infuse(
        rate=6_000_000, vtbi=100_000, contents=200_000, kvo=100_000, on_end=codes.END_KVO, duration=600, near_empty=59
    )
    board.run(4000)
    assert board.pump.state == codes.KVO and board.shown() == ["kvo-running"]
    board.pump.senses.displaced_nl += board.pump.senses.left_nl() - 105_000
    board.run(3000)
    assert board.shown() == ["kvo-running"]
    board.run(4000)
    assert board.shown() == ["near-empty", "kvo-running"]


def test_a_bolus_in_the_midst_of_a_slow_infusion_is_not_near_empty():
    board = Board()
    board.bed.infuse(rate=16_667, vtbi=4_000_000, duration=100_000, bolus=2_000_000)
    board.run(200_000)
    out = [0] * 7
    assert board.pump.change(7, codes.TO_BOLUS, 10_000_000, 1_000_000, out) == (0, 0)
    assert board.pump.apply(7, out[6]) == (0, 0)
    while board.pump.state == codes.BOLUS:
        board.run(25)
        assert board.shown() == []
    board.run(5000)
    assert board.shown() == []


def test_with_doses_alone_near_empty_is_less_than_two_of_them():
    board = Board()
    board.bed.infuse(mode=codes.DEMAND, rate=0, vtbi=300_000, dose=100_000, dose_rate=5_000_000, lockout=5)
    board.run(3000)
    assert board.shown() == []
    for n in range(2):
        board.watch.demand = board.pump.press()
        assert board.watch.demand == demand.GIVEN
        board.run(8000)
        assert board.shown() == (["near-empty"] if n else [])


# -- nobody comes ------------------------------------------------------------------------------------------------------


def test_a_pump_that_waits_for_two_minutes_calls_back():
    for begin in (
        lambda bed: bed.offer(),
        lambda bed: bed.offer() and bed.confirm(),
        lambda bed: bed.infuse() or bed.pump.pause(7),
    ):
        board = Board()
        begin(board.bed)
        _stand_still(board, 120_000)
        assert board.shown() == []
        _stand_still(board, 1000)
        assert board.shown() == ["idle-reminder"]


def test_whoever_does_something_is_left_alone_for_two_more_minutes():
    board = Board()
    board.bed.offer()
    for _ in range(5):
        _stand_still(board, 110_000)
        board.watch.touched()
    assert board.shown() == []
    _stand_still(board, 122_000)
    assert board.shown() == ["idle-reminder"]
    board.watch.touched()
    _stand_still(board, 1000)
    assert board.shown() == []
    _stand_still(board, 121_000)
    assert board.shown() == ["idle-reminder"]
    assert board.alarms.last == 2


def test_an_armed_pump_that_nobody_starts_calls_back_and_is_not_told_as_time_used_up():
    board = Board()
    for outcome in (board.bed.offer(), board.bed.confirm(), board.bed.arm()):
        assert outcome == (0, 0)
    _stand_still(board, 100_000)
    assert (board.pump.state, board.pump.reason) == (codes.STOPPED, codes.WHY_TIME_LIMIT)
    assert board.shown() == []
    _stand_still(board, 25_000)
    assert board.shown() == ["idle-reminder"]


def test_a_delivery_whose_time_is_up_is_told_at_once():
    board = Board()
    board.bed.infuse(duration=5)
    board.run(5500)
    assert board.state("time-limit") == "active"


def test_a_pump_that_has_nothing_to_do_or_is_at_work_calls_nobody():
    board = Board()
    _stand_still(board, 600_000)
    board.bed.infuse(rate=166_667, vtbi=50_000_000, duration=100_000)
    board.run(150_000)
    assert board.alarms.changes == 0


# -- doses on demand ---------------------------------------------------------------------------------------------------


def _on_demand(**changes):
    board = Board()
    order = {"mode": codes.DEMAND, "rate": 0, "dose": 100_000, "dose_rate": 5_000_000, "lockout": 300}
    order.update(changes)
    board.bed.infuse(**order)
    board.run(1000)
    return board


def test_a_press_in_the_lockout_is_told_for_a_moment_and_each_anew():
    board = _on_demand()
    board.watch.demand = board.pump.press()
    board.run(3000)
    assert board.alarms.changes == 0
    for n in range(3):
        board.watch.demand = board.pump.press()
        assert board.watch.demand == demand.LOCKED
        board.run(25)
        assert board.shown() == ["pca-demand-locked"]
        board.run(25)
        assert board.shown() == []
        assert board.alarms.last == n + 1


def test_a_limit_that_keeps_the_next_dose_back_is_told_until_it_does_not():
    board = _on_demand(lockout=1, limit_hour=250_000)
    for _ in range(2):
        assert board.shown() == []
        board.watch.demand = board.pump.press()
        assert board.watch.demand == demand.GIVEN
        board.run(5000)
    assert board.shown() == ["pca-limit"]
    assert board.pump.press() == demand.TOO_MUCH
    board.pump.stop(codes.WHY_HOST_STOP)
    board.run(1100, 0)
    assert board.shown() == []


def test_no_such_limit_is_told_of_an_infusion_without_doses():
    board = Board()
    board.bed.infuse(rate=6_000_000, vtbi=2_000_000, limit_hour=2_000_000)
    board.run(15_000)
    assert "pca-limit" not in board.shown()


# -- the battery -------------------------------------------------------------------------------------------------------


def test_the_battery_is_told_by_what_the_gauge_says():
    for said, shown in (
        (gauge.FINE, []),
        (gauge.LOW, ["battery-low"]),
        (gauge.VERY_LOW, ["battery-low", "battery-empty"]),
        (gauge.EMPTY, ["battery-low", "battery-empty"]),
        (gauge.UNKNOWN, ["battery-unknown"]),
    ):
        board = Board()
        board.watch.battery = said
        board.run(5100, 0)
        assert board.shown() == shown, said
        board.watch.battery = gauge.FINE
        board.run(60_100, 0)
        assert board.shown() == []


# -- others ------------------------------------------------------------------------------------------------------------


def test_what_others_say_stands_beside_what_the_pump_says_of_the_same():
    i = ALARMS.index("drive-fault")
    for first in (True, False):
        board = Board()
        board.bed.infuse()
        board.watch.says(i, True, board.bed.ticks)
        board.pump.fault(codes.WHY_DRIVE_FAULT)
        board.look()
        if first:
            board.watch.says(i, False, board.bed.ticks)
        else:
            assert board.pump.clear(codes.WHY_DRIVE_FAULT) == (0, 0)
        board.look()
        assert board.state("drive-fault") == "active", "one of the two still says so"
        assert board.alarms.last == 1
