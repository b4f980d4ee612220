"""A form that was open while its tarea was deleted and purged brings nothing back without being asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.dual import DualTareaRepository
from core.application.actualizar_tarea import ActualizarTareaCommand, ActualizarTareaUseCase
from core.application.purgar_lapidas import PurgarLapidasCommand
from core.domain.errors import TareaPurgada
from core.domain.models.tarea import Tarea
from tests.integration.revision import MONGO, SQL, Par, de_hace


@pytest.fixture
def dual(par: Par) -> Iterator[DualTareaRepository]:
    dual = DualTareaRepository(sql_repository=par.almacenes[SQL], mongo_repository=par.almacenes[MONGO])
    yield dual
    dual.close()


def editar(dual: DualTareaRepository, abierta: Tarea) -> Tarea:
    """What the form does that has this value in it."""
    orden = ActualizarTareaCommand(id=abierta.id, titulo="editada", base=abierta)
    return ActualizarTareaUseCase(dual).execute(orden)


def titulos(par: Par, tarea: Tarea) -> list[str]:
    return [fila.titulo for almacen in par.almacenes.values() if (fila := almacen.leer(tarea.id))]


def test_lo_purgado_no_vuelve_por_un_formulario_abierto(par: Par, dual: DualTareaRepository) -> None:
    abierta = de_hace(50)
    par.poner([de_hace(40, eliminada=True, id=abierta.id)])
    assert par.verificar().iguales
    assert par.purga().execute(PurgarLapidasCommand(dias=30)).purgadas == 1
    with pytest.raises(TareaPurgada):
        editar(dual, abierta)
    assert titulos(par, abierta) == []


@pytest.mark.parametrize("donde", [SQL, MONGO])
def test_lo_que_le_falta_a_una_sola_se_edita_en_las_dos(
    par: Par, dual: DualTareaRepository, donde: str
) -> None:
    abierta = de_hace(50)
    par.poner([abierta], *(nombre for nombre in (SQL, MONGO) if nombre == donde))
    editar(dual, abierta)
    assert titulos(par, abierta) == ["editada", "editada"]


def test_con_una_caida_no_se_puede_saber_y_se_guarda(par: Par, dual: DualTareaRepository) -> None:
    """It may be in the one that is away, and the other one may have been away when it was made."""
    abierta = de_hace(50)
    par.almacenes[MONGO].close()
    editar(dual, abierta)
    fila = par.almacenes[SQL].leer(abierta.id)
    assert fila is not None
    assert (fila.titulo, fila.pendiente) == ("editada", True)
