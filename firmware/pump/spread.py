"""Spreads tables out, so that looking up is one index and allocates nothing.

A board's build does this beforehand and leaves the names out (see targets/boardconst.py in the rig).
"""


def spread(table, states, events, actions, commands, told, sink):
    """(next states, actions) as two flat bytes with len(events) to a state, from rows (state, event, into, action).

    What a state does not list: a command is refused; what is merely told changes nothing; anything else leads to the
    sink, a (state, action). All by name; "keep" and "refuse" are among the actions. Raises ValueError for a name that
    is not listed.
    """
    after = []
    done = []
    for state in range(len(states)):
        for event in events:
            if event in commands or event in told:
                after.append(state)
                done.append(actions.index("refuse" if event in commands else "keep"))
            else:
                after.append(states.index(sink[0]))
                done.append(actions.index(sink[1]))
    for state, event, into, action in table:
        i = states.index(state) * len(events) + events.index(event)
        after[i] = states.index(into)
        done[i] = actions.index(action)
    return bytes(after), bytes(done)


def packed(rows, unit):
    """Rows (a, b, c, d) as six bytes each: a, b, and c and d as multiples of `unit` below 65 536, low byte first."""
    out = []
    for a, b, c, d in rows:
        out += [a, b, c // unit & 255, c // unit >> 8, d // unit & 255, d // unit >> 8]
    return bytes(out)


def renamed(names, others, otherwise, none, fallback, nothing):
    """For each name its index in `others`, as bytes: of the name that it has there by `otherwise`, pairs of both, or of
    the same name; `nothing` for those in `none`, and the index of `fallback` for all that is left."""
    out = []
    for name in names:
        there = name
        for here, other in otherwise:
            if here == name:
                there = other
        if name in none:
            out.append(nothing)
        else:
            out.append(others.index(there if there in others else fallback))
    return bytes(out)


def numbered(rows, *names):
    """Rows whose first places hold names, as bytes: in each place of all rows in turn, the index of its name in the
    tuple of `names` for that place, 255 for None."""
    out = []
    for place in range(len(names)):
        for row in rows:
            out.append(255 if row[place] is None else names[place].index(row[place]))
    return bytes(out)


def halves(rows):
    """All but the first place of each row, two bytes a number, low byte first."""
    out = []
    for row in rows:
        for number in row[1:]:
            out += [number & 255, number >> 8]
    return bytes(out)
