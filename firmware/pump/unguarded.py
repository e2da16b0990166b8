"""The interlock of a pump that nobody has given one: nothing of the patient is asked for, and nobody can ask for it."""

from pump.codes import OK, UNSUPPORTED, WHY_NONE

_NO = (UNSUPPORTED, 0)
_OK = (OK, 0)


class Unguarded:
    """What Engine, Offers and Dispatch need of an interlock.guarding.Guarding, whose docstrings say what each is."""

    lacking = 0
    back = ()

    def stage(self, _programme, count, watch):
        return _NO if count or watch else _OK

    def offer(self, _programme, _number, _row):
        return _NO

    def load(self, _programme):
        pass

    def drop(self):
        pass

    def why(self):
        return WHY_NONE

    def normal(self, _now):
        return True

    def lacks(self, _now):
        return _OK

    def begin_watch(self, _programme, _pump, _count):
        return _NO

    def watches(self, _programme):
        return False

    def row(self, _programme, _number, _row, _busy):
        return _NO

    def number(self):
        return 0

    def end_watch(self, _watch):
        return _NO

    def release(self, _number, _now):
        return _NO

    def ask(self, _values, _at, _now):
        pass

    def answer(self, _values, _at, _now):
        pass
