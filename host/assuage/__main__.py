"""`python -m assuage` is `assuage`."""

import sys

from assuage.cli import main

sys.exit(main())
