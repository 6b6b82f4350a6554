"""`python -m mentor.cli`: the command line without an installed script."""

import sys

from mentor.cli import main

sys.exit(main())
