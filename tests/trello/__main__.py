"""python3 -m trello, with tests/ on the path."""

import sys

from .cli import main

sys.exit(main())
