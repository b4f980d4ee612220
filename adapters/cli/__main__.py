"""`python -m adapters.cli`: the same as `dual-tareas`, where the script is not on the path."""

import sys

from adapters.cli import main

sys.exit(main())
