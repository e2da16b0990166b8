"""What a host may ask wrongly: a value outside its field, the wrong moment, another board's session, an old read-back.
Each is refused by a Reply that names the order and the reason, and nothing moves or is changed."""

from assuage_wire.codec import BY_NAME
from assuage_wire.schema import STATES
from order_fakes import COMMANDS, ORDERS, SESSION, Ordered, frame, outside, refusal, status
from pump import codes

# Where each order can be taken, as a clinician would say it; the others do not ask the pump's state.
TAKEN = {
    "Programme": ("standby", "programmed", "confirmed", "armed", "complete", "stopped"),
    "Leg": (),
    "Guard": (),
    "Confirm": ("programmed",),
    "Arm": ("confirmed",),
    "Start": ("armed",),
    "Pause": ("infusing", "bolus"),
    "Resume": ("paused",),
    "Change": ("infusing", "bolus"),
    "Apply": (),
    "Prime": ("standby",),
    "Purge": (),
    "Clear": ("complete", "stopped", "fault", "unconfirmed"),
}
ANYWHERE = ("Probe", "Fetch", "Stored", "Acknowledge", "Silence", "Watch", "Unwatch", "Release", "SetLimit", "Patient")
ANYWHERE += ("Measure",)
# What comes before an order, where it would be taken; a Leg, a Guard, an Apply and a Purge follow their own offer.
STATE_OF = {
    "Leg": "standby",
    "Guard": "standby",
    "Watch": "standby",
    "Apply": "infusing",
    "Purge": "standby",
    "Lease": "infusing",
    "Clear": "stopped",
}
STATE_OF.update({"Pause": "infusing", "Change": "infusing"})


def ready_for(name):
    """A pump that would take this order."""
    return Ordered(STATE_OF.get(name) or (TAKEN.get(name) or ("infusing",))[0], name)


def test_the_orders_are_all_that_a_host_can_say_and_their_fields_are_one_integer_each():
    assert sorted(m.name for m in COMMANDS) == sorted(list(TAKEN) + list(ANYWHERE))
    assert [m.name for m in ORDERS if m not in COMMANDS] == ["Identify", "Stop", "Lease"]
    for message in ORDERS:
        for letter, _, count, _, _ in message.plan:
            assert letter in "BHI" and count == 1


def test_good_orders_are_taken_or_the_rest_would_prove_nothing():
    for message in ORDERS:
        ward = ready_for(message.name)
        said = ward.send(message, ward.values(message))
        if message.name == "Identify":
            assert ward.hellos == 1 and said == []
        elif message.name == "Lease":
            assert said == []
        elif message.name == "Stop":
            assert said[0][0] == "Stopped"
        else:
            assert status(said) == "ok", message.name


def test_a_value_outside_its_field_is_refused_by_the_fields_number_and_nothing_moves():
    """Each field of each order, at a pump that would take it and at one that runs."""
    tried = 0
    for message in ORDERS:
        for ward in (ready_for(message.name), Ordered("bolus")):
            before = ward.stands()
            for number, plan in enumerate(message.plan):
                for wrong in outside(plan):
                    values = ward.values(message)
                    values[number] = wrong
                    said = ward.send(message, values)
                    session = values[0]
                    command = values[1] if message in COMMANDS else 0
                    assert refusal(said) == (session, command, "bad-value", number, message.name), (message.name, wrong)
                    assert ward.stands() == before, (message.name, number, wrong)
                    tried += 1
            assert ward.port.reader.range > 0 or message.name == "Stop"
    fields = sum(1 for m in ORDERS for plan in m.plan if outside(plan))
    assert fields >= 90 and tried >= 2 * fields


def test_what_was_refused_for_its_values_has_not_used_its_id():
    ward = Ordered("confirmed")
    assert refusal(ward.send(BY_NAME["Arm"], [SESSION, 1, 0]))[2] == "bad-value"
    ward.bed.run(80)
    assert status(ward.send(BY_NAME["Arm"], [SESSION, 1, 7])) == "ok"
    assert STATES[ward.bed.pump.state] == "armed"


# Why an order is refused at the least and at the most of a field, all else being good, and the limit or the field that
# the refusal names; elsewhere it is taken. The flows are those of a bore of 1 mm (785 nL a turn), of the least that a
# priming's steps may be apart in 26.7 mm (559 902 nL a turn), and of the KVO rate that runs.
IN_ANY = {"session": ("wrong-session", 0), "programme": ("wrong-programme", 0), "token": ("bad-token", 0)}
IN_GRANT = {"until_ticks": ("lease-too-long", 3000), "until_wraps": ("no-lease", 0)}
AT_LEAST = {
    "Programme": {
        "programme": None,
        "rate": ("bad-value", "rate"),
        "vtbi": ("bad-value", "vtbi"),
        "capacity": ("syringe", 100_000),
        "limit_rate": ("rate-limit", 1),
        "limit_volume": ("volume-limit", 1),
        "loop": ("bad-value", "loop"),
        "limit_hour": ("window-limit", 0),
        "limit_4h": ("window-limit", 0),
        "contents": ("syringe", 1),
    },
    "Watch": {"programme": None},
    "Unwatch": {"watch": ("bad-state", 0)},
    "Start": {"until_ticks": ("no-lease", 0)},
    "Resume": {"until_ticks": ("no-lease", 0)},
    "Purge": {"until_ticks": ("no-lease", 0), "disconnected": ("connected", 0)},
    "Clear": {"reason": ("stale-clear", 0)},
    "Leg": {"begin": ("leg", 0), "end": ("leg", 0)},
    "Change": {"rate": ("rate-limit", 16_667)},
    "Stored": {"number": ("bad-value", "check"), "check": ("bad-value", "check")},
    "Prime": {
        "programme": None,
        "bore": ("rate-limit", 8_000 * 60 * 785 // 3200),
        "rate": ("rate-limit", 60_000_000 * 559_902 // (250_000 * 3200) + 1),
        "volume": ("bad-value", "volume"),
    },
    "SetLimit": {"low": ("bad-value", 850), "high": ("bad-value", 850)},
}
AT_MOST = {
    "Programme": {
        "programme": None,
        "mode": ("bad-value", "mode"),
        "vtbi": ("syringe", 50_000_000),
        "on_loss": ("bad-value", "kvo"),
        "kvo": ("rate-limit", 166_667),
        "legs": ("bad-value", "legs"),
        "dose": ("bad-value", "dose"),
        "dose_rate": ("bad-value", "dose_rate"),
        "on_end": ("bad-value", "kvo"),
        "contents": ("bad-value", "contents"),
        "watch": ("bad-value", "bound"),
        "bound": ("bad-value", "bound"),
    },
    "Guard": {
        "number": ("bad-value", "number"),
        "kind": ("bad-value", "kind"),
        "threshold": ("bad-value", "hysteresis"),
        "hysteresis": ("bad-value", "hysteresis"),
    },
    "Watch": {"programme": None},
    "Unwatch": {"watch": ("bad-state", 0)},
    "Release": {"number": ("stale-clear", 1)},
    "Start": IN_GRANT,
    "Resume": IN_GRANT,
    "Purge": {"until_ticks": ("lease-too-long", 10_000), "until_wraps": ("no-lease", 0)},
    "Clear": {"reason": ("stale-clear", 0)},
    "Leg": {
        "leg": ("leg", 15),
        "begin": ("rate-limit", 166_667),
        "end": ("rate-limit", 166_667),
        "volume": ("leg", 1),  # all legs together
        "seconds": ("leg", 0),
    },
    "Change": {"change": ("bad-value", "volume")},
    "Fetch": {"number": ("bad-value", "number")},
    "Stored": {"number": ("bad-value", "number"), "check": ("bad-value", "check")},
    "Acknowledge": {"occurrence": ("stale-clear", 0)},
    "Prime": {"programme": None, "volume": ("volume-limit", 5_000_000)},
    "SetLimit": {"parameter": ("bad-value", "high"), "low": ("bad-value", "low")},  # these cannot be switched off
}


def test_at_the_bounds_of_a_field_an_order_is_taken_or_refused_with_its_reason_and_limit():
    taken = 0
    for message in COMMANDS:
        for number, field in enumerate(message.fields):
            for bound, table in ((field[3], AT_LEAST), (field[4], AT_MOST)):
                why = table.get(message.name, {}).get(field[0], IN_ANY.get(field[0]))
                ward = ready_for(message.name)
                before = ward.stands()
                values = ward.values(message)
                values[number] = bound
                said = ward.send(message, values)
                if why is None:
                    assert status(said) == "ok", (message.name, field[0], bound, status(said))
                    taken += 1
                    continue
                detail = message.index(why[1]) if isinstance(why[1], str) else why[1]
                assert refusal(said)[2:] == (why[0], detail, message.name), (message.name, field[0], bound)
                assert ward.stands() == before, (message.name, field[0], bound)
    assert taken > 80


def test_in_the_wrong_state_every_order_is_refused_and_nothing_moves():
    tried = 0
    for state in STATES:
        ward = Ordered(state)
        for name, where in TAKEN.items():
            if state in where:
                continue
            message = BY_NAME[name]
            before = ward.stands()
            values = ward.values(message)
            locked = state in ("fault", "unconfirmed")
            if name == "Purge" and state == "standby":
                why = "wrong-programme"  # nothing was offered
            else:
                why = "faulted" if locked else "bad-state"
            assert refusal(ward.send(message, values)) == (SESSION, ward.command, why, 0, name), (state, name)
            assert ward.stands() == before, (state, name)
            ward.command += 1
            tried += 1
    assert tried == 15 * 13 - 19


def test_an_order_of_another_session_is_refused_in_every_state_and_nothing_moves():
    for state in STATES:
        ward = Ordered(state)
        before = ward.stands()
        for message in ORDERS:
            if message.frozen:
                continue
            values = ward.values(message)
            for session in (1, SESSION - 1, SESSION + 1, 65535):
                values[0] = session
                command = values[1] if message in COMMANDS else 0
                answer = refusal(ward.send(message, values))
                assert answer == (session, command, "wrong-session", 0, message.name), (state, message.name)
                assert ward.stands() == before, (state, message.name)


def test_what_was_meant_for_another_board_is_refused_though_both_have_the_same_offer():
    """Two pumps, each with its host; the lines are swapped at every step of the way to a delivery."""
    mine, other = Ordered("standby"), Ordered("standby")
    other.dispatch.session = SESSION + 1
    for ward in (mine, other):
        values = [ward.dispatch.session, 1] + list(ward.good("Programme"))
        assert status(ward.send(BY_NAME["Programme"], values)) == "ok"
        ward.command = 2
        ward.bed.run(80)
    assert mine.bed.pump.programme.token == other.bed.pump.programme.token, "not even the read-back tells them apart"
    for name in ("Confirm", "Arm", "Start"):
        message = BY_NAME[name]
        values = mine.values(message)
        before = other.stands()
        assert refusal(other.send(message, values))[2] == "wrong-session"
        assert other.stands() == before
        assert status(mine.send(message, values)) == "ok"
        mine.command += 1
        other.command += 1
    before = other.stands()
    assert refusal(other.send(BY_NAME["Lease"], mine.values(BY_NAME["Lease"])))[2] == "wrong-session"
    assert other.stands() == before and STATES[mine.bed.pump.state] == "infusing"


def test_a_stale_read_back_confirms_applies_and_fills_nothing():
    ward = Ordered("programmed")
    old = ward.bed.pump.programme.token
    assert ward.status("Programme", *ward.good("Programme")) == "ok"
    before = ward.stands()
    for token in (old, 1, 65535):
        assert ward.status("Confirm", 7, token) == "bad-token"
        assert ward.stands() == before
    assert ward.status("Confirm", 8, ward.bed.pump.programme.token) == "wrong-programme"
    assert ward.stands() == before

    ward = Ordered("infusing", "Apply")
    old = ward.bed.pump._change
    assert ward.status("Change", 7, codes.TO_RATE, 300_000, 0) == "ok"
    before = ward.stands()
    for token in (old, 1, 65535):
        assert ward.status("Apply", 7, token) == "bad-token"
        assert ward.stands() == before
    assert ward.status("Apply", 8, ward.bed.pump._change) == "wrong-programme"
    assert ward.stands() == before

    ward = Ordered("standby", "Purge")
    old = ward.bed.pump.priming.token
    until = ward.bed.at(1000)
    assert ward.status("Prime", *ward.good("Prime")) == "ok"
    before = ward.stands()
    for token in (old, 1, 65535):
        assert ward.status("Purge", 9, token, 1, until[0], until[1]) == "bad-token"
        assert ward.stands() == before
    assert ward.status("Purge", 8, ward.bed.pump.priming.token, 1, until[0], until[1]) == "wrong-programme"
    assert ward.status("Purge", 9, ward.bed.pump.priming.token, 0, until[0], until[1]) == "connected"
    assert ward.stands() == before


def test_a_grant_that_is_refused_says_so_and_changes_nothing():
    ward = Ordered("infusing")
    lease = BY_NAME["Lease"]
    good = ward.values(lease)
    assert ward.send(lease, good) == []
    past, far = ward.bed.at(0), ward.bed.at(3001)
    before = ward.stands()
    for wrong in (
        good,  # once more
        [SESSION, 2, 8, good[3], good[4]],
        [SESSION, 2, 7, past[0], past[1]],
        [SESSION, 2, 7, far[0], far[1]],
    ):
        assert refusal(ward.send(lease, wrong)) == (SESSION, 0, "no-lease", 0, "Lease")
        assert ward.stands() == before
    for state in STATES:
        if state in ("infusing", "bolus", "taking-up", "priming"):
            continue
        ward = Ordered(state)
        before = ward.stands()
        assert refusal(ward.send(lease, ward.values(lease))) == (SESSION, 0, "no-lease", 0, "Lease"), state
        assert ward.stands() == before, state


def test_a_damaged_frame_is_dropped_counted_and_not_answered():
    """Whatever it holds: who sent it did not mean it."""
    for message in ORDERS:
        ward = ready_for(message.name)
        before = ward.stands()
        values = ward.values(message)
        counted = 0
        for bit in range(32):
            assert ward.send(message, values, 1 << bit) == [], (message.name, bit)
            counted += 1
        wrong = list(values)
        wrong[0] = 0
        assert ward.send(message, wrong, 1) == []
        whole = frame(message, values)
        ward.line.arriving += whole[:-2] + b"\x00"
        assert ward.send(message, values, 1 << 31) == []
        assert ward.stands() == before, message.name
        reader = ward.port.reader
        assert reader.errors() == counted + 3 and reader.range == 0, message.name
