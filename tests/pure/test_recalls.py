"""Pumps were recalled for these. Each test does to this pump what was done to that one. Sources: the FDA's notices."""

from alarm.conditions import HIGH
from alarm.selfcheck import Key
from alarm_ward import Ward
from assuage_wire.codec import BY_NAME
from assuage_wire.schema import NO_LOOP, STATES, STATUSES
from journal.logbook import Journal
from journal_fakes import Nor
from link.dispatch import Dispatch
from link.port import Port
from link.records import Records
from link_fakes import Breaches, Host, Line, Watch
from pump import codes
from pump.demand import GIVEN
from pump_fakes import STEPS, Bed, fields

OK = (codes.OK, 0)
V = 559_902  # nL a turn at BD50
RATE = 3_000_000  # nL/min


class Ordered(Bed):
    """A bed whose pump has its real link: tell() is a host's frame, and what comes back may be lost."""

    def __init__(self):
        Bed.__init__(self)
        self.line = Line()
        self.host = Host(self.line)
        self._port = Port(self.line)
        self._dispatch = Dispatch(self._port, self.pump, Watch(), self._hello, Records(Journal(Nor(3), 1)), Breaches())
        self.tell("Identify", 77)

    def _hello(self):
        pass

    def tell(self, name, *values):
        """(name, values) of each answer."""
        self.host.say(name, *values)
        self._dispatch.now(self.ticks, self.wraps)
        while self._port.receive():
            pass
        return self.host.listen()

    def status(self, name, *values):
        """The answer's status; ok for a read-back."""
        ((answer, back),) = self.tell(name, *values)
        return STATUSES[back[2]] if answer == "Reply" else "ok"


def steps(nl):
    return nl * STEPS // V


def test_key_bounce_makes_no_tenfold_order_and_no_second_dose():
    """Alaris SE, 2006: a key that bounced made 44.8 of 4.8 mL/h; two people died. Here a contact that bounces ten times
    is one dose, and a rate with a digit too many is read back as what it is, and cannot be started by the confirmation
    of the right one."""
    bed = Bed()
    bed.infuse(mode=codes.DEMAND, dose=20_000, dose_rate=RATE, lockout=0)
    key = Key()
    doses = 0
    for i in range(10):
        key.poll(i % 2 == 0, bed.ticks)
        doses += key.pressed and bed.pump.press() == GIVEN
        bed.step(5)
    for _ in range(20):
        key.poll(True, bed.ticks)
        doses += key.pressed and bed.pump.press() == GIVEN
        bed.run(20, lease_ms=3000)
    assert doses == 1 and bed.pump.demand.given == 1

    bed = Bed()
    bed.offer(rate=80_000)
    right = bed.pump.programme.token
    assert bed.offer(rate=746_667) == OK
    back = [0] * BY_NAME["Readback"].width
    bed.pump.read_back(back)
    assert back[2] == 746_667, "the human reads what would be delivered"
    assert bed.pump.confirm(7, right) == (codes.BAD_TOKEN, 0)
    assert bed.arm() == (codes.BAD_STATE, 0) and bed.drive.made == 0


INTERRUPTIONS = ("pause", "key", "host", "fault", "lapse", "session")


def interrupted_bolus(interruption):
    """A bed whose pump gave a quarter of a bolus, and the token of its order."""
    bed = Bed()
    bed.infuse(rate=60_000, vtbi=1_000_000, bolus=200_000)
    bed.run(500, lease_ms=3000)
    back = [0] * 7
    assert bed.pump.change(7, codes.TO_BOLUS, RATE, 200_000, back) == OK
    assert bed.pump.apply(7, back[6]) == OK and bed.pump.state == codes.BOLUS
    bed.run(1000, lease_ms=500)
    assert steps(30_000) < bed.drive.made < steps(70_000)
    if interruption == "pause":
        assert bed.pump.pause(7) == OK
    elif interruption == "key":
        bed.pump.stop(codes.WHY_LOCAL_STOP)
    elif interruption == "host":
        bed.pump.stop(codes.WHY_HOST_STOP)
    elif interruption == "fault":
        bed.pump.fault(codes.WHY_TASK_OVERRUN)
    elif interruption == "lapse":
        bed.run(600)
    else:
        bed.pump.new_session()
        bed.pump.pause(7)
    return bed, back[6]


def resume(bed):
    until = bed.at(3000)
    return bed.pump.resume(7, until[0], until[1], bed.ticks, bed.wraps)


def test_what_was_interrupted_of_a_bolus_never_comes():
    """Medfusion 3500/4000, 2020 (Class I): what was left of an interrupted bolus came when it was resumed."""
    for interruption in INTERRUPTIONS:
        bed, token = interrupted_bolus(interruption)
        made = bed.drive.made
        assert bed.pump.apply(7, token)[0] != codes.OK, "the order was for then"
        resumed = resume(bed) == OK
        assert resumed == (interruption in ("pause", "session"))
        bed.run(10_000, lease_ms=3000)
        assert bed.pump.state == (codes.INFUSING if resumed else bed.pump.state) != codes.BOLUS
        assert bed.drive.made - made <= (steps(10_000) + 2 if resumed else 0), "at the basal rate, if at all"


def test_bolus_interruption_prime_and_resume_give_nothing_but_the_priming():
    """The same recall, in its order: bolus, interruption, prime, resume. Here a line is primed from standby alone, and
    nothing of a programme outlives that: a human's clear lies between, and there is nothing left to be resumed."""
    for interruption in INTERRUPTIONS:
        bed, token = interrupted_bolus(interruption)
        made = bed.drive.made
        assert bed.prime(volume=100_000)[0] in (codes.BAD_STATE, codes.FAULTED), "not while something could go on"
        assert bed.drive.made == made
        bed.pump.stop(codes.WHY_HOST_STOP)
        assert bed.prime(volume=100_000)[0] in (codes.BAD_STATE, codes.FAULTED), "nor before somebody has cleared it"
        assert bed.pump.clear(bed.pump.reason) == OK and bed.pump.state == codes.STANDBY
        assert bed.prime(volume=100_000) == OK and bed.purge() == OK and bed.pump.state == codes.PRIMING
        for act in (resume, Bed.start):
            assert act(bed) == (codes.BAD_STATE, 0), "neither while it primes"
        bed.run(3_000, lease_ms=3000)
        assert bed.pump.state == codes.STANDBY and bed.drive.made - made == steps(100_000) == bed.back[4]
        for act in (resume, Bed.start):
            assert act(bed) == (codes.BAD_STATE, 0), "nor afterwards"
        assert bed.pump.apply(7, token) == (codes.BAD_STATE, 0) and bed.pump.press() != GIVEN
        bed.run(10_000, lease_ms=3000)
        assert bed.drive.made - made == steps(100_000) and not bed.drive.energised
        bed.infuse(rate=60_000, vtbi=1_000_000, bolus=200_000)
        made = bed.drive.made
        bed.run(10_000, lease_ms=3000)
        assert bed.drive.made - made <= steps(10_000) + 2 and bed.pump.state == codes.INFUSING, "and nothing with it"


def test_an_alarm_of_a_low_battery_stays_as_long_as_the_battery_is_low():
    """Medfusion 3500/4000 (firmware 1.7.0), 2022: the alarm of a low battery stopped while it was still low."""
    ward = Ward()
    for name in ("battery-low", "battery-empty"):
        ward.cause(name)
    ward.run(10_000)
    assert ward.shown() == HIGH
    ward.acknowledge("battery-empty")
    ward.pause()
    for _ in range(30):  # half an hour of whatever else comes and goes
        ward.cause("link-lost")
        ward.run(30_000)
        ward.cause("link-lost", False)
        ward.acknowledge("link-lost")
        ward.run(30_000)
        assert ward.state("battery-low") in ("active", "acknowledged")
        assert ward.state("battery-empty") in ("active", "acknowledged")
    ward.cause("battery-empty", False)
    ward.run(61_000)
    assert ward.state("battery-empty") == "idle" and ward.state("battery-low") == "active"
    assert ward.sounding() > 0, "nobody has acknowledged the lower one"


def test_what_was_delivered_is_cleared_by_a_humans_clear_or_a_new_programme_alone():
    """Medfusion 3500/4000, 2022: the volume delivered was cleared without anybody's doing; 118 055 pumps."""
    bed = Bed()
    bed.infuse(rate=RATE, vtbi=5_000_000, bolus=50_000)
    back = [0] * 7

    def change():
        return bed.pump.change(7, codes.TO_RATE, 600_000, 0, back) == OK and bed.pump.apply(7, back[6])

    def resume():
        until = bed.at(3000)
        bed.pump.resume(7, until[0], until[1], bed.ticks, bed.wraps)

    for act in (
        change,
        lambda: bed.pump.pause(7),
        bed.pump.new_session,
        resume,
        bed.pump.new_session,
        lambda: bed.offer(),
        lambda: bed.pump.leg(7, 0, 1, 1, 1, 0),
        lambda: bed.pump.clear(codes.WHY_NONE),
        lambda: bed.pump.stop(codes.WHY_LOCAL_STOP),
        bed.pump.new_session,
        lambda: bed.pump.fault(codes.WHY_TASK_OVERRUN),
        bed.pump.new_session,
        lambda: bed.pump.clear(codes.WHY_NONE),
        lambda: bed.offer(),
        lambda: bed.run(3_600_000, step=600_000),
    ):
        made = bed.drive.made
        act()
        assert bed.drive.made == made or bed.pump.state != codes.FAULT
        bed.run(200, lease_ms=3000)
        assert bed.delivered() == bed.drive.made * V // STEPS > 0
    for power in (True, False):
        bed = Bed()
        bed.infuse(rate=RATE, vtbi=5_000_000)
        bed.run(2000, lease_ms=3000)
        known = bed.delivered()
        if not power:
            bed.words.power_cut()
        again = Bed(drive=bed.drive, words=bed.words)
        assert again.pump.was.low <= known <= again.pump.was.high
        again.run(3_600_000, step=600_000)
        assert again.pump.was.high < known + 50_000 and again.pump.state == codes.UNCONFIRMED


def test_nothing_is_infused_after_a_failure_until_it_is_cleared_and_ordered_anew():
    """Medfusion 3500/4000, 2022: the infusion went on after a system failure."""
    for failure in ("stalled", "lost", "late", "stuck"):
        bed = Bed()
        bed.infuse(rate=RATE, vtbi=5_000_000)
        bed.run(1000, lease_ms=3000)
        if failure == "late":
            bed.pump.fault(codes.WHY_TASK_OVERRUN)
        elif failure == "stuck":
            bed.drive.stuck = True
        else:
            setattr(bed, failure, True)
        bed.run(3000, lease_ms=3000)
        assert bed.pump.state == codes.FAULT, failure
        bed.drive.stuck = bed.stalled = bed.lost = False
        made, why = bed.drive.made, bed.pump.reason
        until = bed.at(3000)
        for _ in range(20):
            bed.pump.start(7, until[0], until[1], bed.ticks, bed.wraps)
            bed.pump.resume(7, until[0], until[1], bed.ticks, bed.wraps)
            bed.pump.new_session()
            bed.pump.confirm(7, bed.pump.programme.token)
            bed.pump.arm(7)
            bed.offer()
            bed.run(3000, lease_ms=3000)
        assert bed.drive.made == made and not bed.drive.energised
        assert (bed.pump.state, bed.pump.reason) == (codes.FAULT, why)
        assert bed.pump.clear(why) == OK and bed.pump.state == codes.STANDBY
        bed.run(3000, lease_ms=3000)
        assert bed.drive.made == made


def test_a_bolus_whose_answer_was_lost_is_given_once():
    """Medfusion 3500/4000, 2024: a bolus that was delivered was shown as not delivered, and was given again."""
    bed = Ordered()
    bed.infuse(rate=60_000, vtbi=5_000_000, bolus=100_000)
    ((name, back),) = bed.tell("Change", 77, 1, 7, codes.TO_BOLUS, RATE, 100_000)
    assert name == "ChangeBack"
    apply = (7, back[-1])
    first = bed.tell("Apply", 77, 2, *apply)  # and the line takes it away
    bed.run(3000, lease_ms=3000)
    assert bed.pump.state == codes.INFUSING and bed.pump.delivery.bolus_nl() > 99_000, "it was given"
    for _ in range(5):
        assert bed.tell("Apply", 77, 2, *apply) == first, "the same answer, and no second bolus"
        bed.run(200, lease_ms=3000)
    assert bed.status("Apply", 77, 3, *apply) == "bad-state", "nor under another number"
    bed.tell("Identify", 78)
    assert bed.status("Apply", 78, 1, *apply) == "bad-state", "nor for a host that has restarted"
    bed.run(3000, lease_ms=3000)
    assert bed.drive.made <= steps(100_000 + 60_000 * bed.ms // 60_000) + 2


def test_a_loading_dose_is_given_once():
    """Medfusion 3500/4000, 2024: a loading dose was given again after it had been delivered."""
    legs = ((RATE, RATE, 100_000, 0), (60_000, 60_000, 0, 0))
    bed = Ordered()
    order = fields(mode=codes.PROFILE, legs=2, loop=NO_LOOP, rate=RATE, vtbi=1_000_000)
    assert bed.status("Programme", 77, 1, *order) == "ok"
    for number in (0, 1):
        ((_, back),) = bed.tell("Leg", 77, 2 + number, 7, number, *legs[number])
    assert bed.pump.confirm(7, back[-1]) == OK and bed.arm() == OK
    start = (7,) + bed.at(3000)
    first = bed.tell("Start", 77, 4, *start)
    bed.run(3000, lease_ms=3000)
    loaded = bed.drive.made
    assert steps(100_000) <= loaded <= steps(103_000)
    for another in (5, 6, 7):
        assert bed.tell("Start", 77, 4, *start) == first, "its answer was lost, and it is asked for again"
        assert bed.status("Start", 77, another, *((7,) + bed.at(3000))) == "bad-state"
        assert bed.pump.pause(7) == OK
        until = bed.at(3000)
        assert bed.pump.resume(7, until[0], until[1], bed.ticks, bed.wraps) == OK
        bed.run(2000, lease_ms=3000)
    assert bed.drive.made - loaded <= steps(7000), "what follows it, and nothing of it"
    again = Bed(drive=bed.drive, words=bed.words)
    made = again.drive.made
    again.run(3000, lease_ms=3000)
    assert STATES[again.pump.state] == "unconfirmed" and again.drive.made == made
