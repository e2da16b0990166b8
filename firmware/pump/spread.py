"""Spreads a state table out, so that looking up is one index and allocates nothing.

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
