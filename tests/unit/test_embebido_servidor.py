"""The embedded server's process, without one."""

from __future__ import annotations

from pathlib import Path

from adapters.embedded.servidor import REGISTRO_MAX, Mongod
from adapters.embedded.sistema import puerto_libre


def test_un_servidor_que_no_contesta_no_acaba_con_su_guardian_al_rotar(tmp_path: Path) -> None:
    registro = tmp_path / "mongod.log"
    with registro.open("wb") as archivo:
        archivo.truncate(REGISTRO_MAX + 1)
    mongod = Mongod(Path("mongod"), tmp_path, registro, esperar=lambda _: None)
    mongod.puerto = puerto_libre()

    mongod.rotar_registro()

    assert registro.stat().st_size > REGISTRO_MAX
