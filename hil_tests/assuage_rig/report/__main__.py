"""python -m assuage_rig.report [folder]: makes the report of a run anew, from its record."""

from __future__ import annotations

import sys
from pathlib import Path

from assuage_rig.report.page import RecordError, remake
from assuage_rig.requirements import RequirementError


def main(arguments: list[str]) -> int:
    """Prints where it is. 1 when it could not be made, with the reason."""
    folder = Path(arguments[0] if arguments else "build/hil")
    try:
        print(remake(folder))
    except (RecordError, RequirementError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
