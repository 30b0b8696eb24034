"""`python -m rag.cli`: the same as `dateline`."""

import sys

from rag.cli import main

sys.exit(main())
