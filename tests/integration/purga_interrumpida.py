"""A process that purges and stands still between its two deletions, to be killed there.

    python -m tests.integration.purga_interrumpida SQL_URL MONGO_URL

It prints one line when SQL's tombstones are gone and MongoDB's are not.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from unittest.mock import patch

from adapters.mongo.revision import RevisionMongo
from core.application.purgar_lapidas import PurgarLapidasCommand
from tests.integration.revision import abrir_par


def _detenerse(_self: RevisionMongo, _lapidas: Sequence[tuple[str, int]]) -> set[str]:
    sys.stdout.write("entre las dos\n")
    sys.stdout.flush()
    threading.Event().wait(60)
    raise SystemExit("nobody killed us")


if __name__ == "__main__":
    with abrir_par(*sys.argv[1:]) as par, patch.object(RevisionMongo, "purgar", _detenerse):
        par.purga().execute(PurgarLapidasCommand())
