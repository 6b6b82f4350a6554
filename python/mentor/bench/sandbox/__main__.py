"""`python -m mentor.bench.sandbox`."""

import sys

from mentor.bench.sandbox import main

sys.exit(main())
