"""Where a tarea is said to be, how its text is shown, and saving one draft exactly once; no window."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication

from core.application.crear_tarea import CrearTareaCommand
from core.domain.errors import ConflictoDeVersion, ResultadoDesconocido
from core.domain.models.almacen import Desenlace, NombreAlmacen, ResultadoAlmacen, ResultadoEscritura
from core.domain.models.consulta import Consulta, Pagina
from core.domain.models.tarea import Tarea
from gui.tareas.borrador import Borrador, Escritor
from gui.tareas.casos import CasosDeTareas
from gui.tareas.celdas import Col
from gui.tareas.confirmaciones import Confirmaciones
from gui.tareas.modelo import TareasModel
from gui.tareas.presencia import presencias
from gui.tareas.textos import citado, una_linea
from gui.widgets.etiquetas import sin_formato
from tests.fakes import AlmacenEnMemoria
from tests.gui.escenario_tareas import tarea_n

AMBOS = tuple(NombreAlmacen)
SQL, MONGO = AMBOS


def _dicho(tarea: Tarea, sql: Desenlace, mongo: Desenlace) -> ResultadoEscritura:
    return ResultadoEscritura(
        operacion="save",
        entidad_id=str(tarea.id),
        sql=ResultadoAlmacen(almacen=SQL, desenlace=sql),
        mongo=ResultadoAlmacen(almacen=MONGO, desenlace=mongo),
        tarea=tarea,
    )


def _textos(tarea: Tarea, **resto: object) -> list[str]:
    valores: dict[str, object] = {"leida_de": SQL, "almacenes": AMBOS} | resto
    return [una.texto for una in presencias(tarea, **valores)]  # type: ignore[arg-type]


def test_una_confirmada_esta_en_ambos() -> None:
    assert _textos(tarea_n(0)) == ["SQL ✓", "Mongo ✓"]


def test_una_pendiente_esta_donde_se_leyo() -> None:
    pendiente = tarea_n(0, pendiente=True, version_comun=0)
    assert _textos(pendiente, leida_de=MONGO) == ["SQL … por copiar", "Mongo ✓"]


def test_con_un_solo_almacen_nada_espera_al_otro() -> None:
    pendiente = tarea_n(0, pendiente=True, version_comun=0)
    assert _textos(pendiente, leida_de=MONGO, almacenes=(MONGO,)) == ["Mongo ✓"]


@pytest.mark.parametrize(
    ("mongo", "texto"),
    [
        (Desenlace.CONFIRMADA, "Mongo ✓"),
        (Desenlace.NO_DISPONIBLE, "Mongo … por copiar"),
        (Desenlace.FALLIDA, "Mongo … por copiar"),
        (Desenlace.DESCONOCIDA, "Mongo ? sin respuesta"),
        (Desenlace.CONFLICTO, "Mongo ≠ conflicto"),
    ],
)
def test_tras_escribir_se_dice_lo_que_dijo_cada_almacen(mongo: Desenlace, texto: str) -> None:
    tarea = tarea_n(0, pendiente=True, version_comun=0)
    assert _textos(tarea, resultado=_dicho(tarea, Desenlace.CONFIRMADA, mongo)) == ["SQL ✓", texto]


def test_lo_que_se_dijo_de_otra_version_no_cuenta() -> None:
    tarea = tarea_n(0, pendiente=True, version_comun=0)
    vieja = replace(tarea, version=tarea.version - 1)
    resultado = _dicho(vieja, Desenlace.CONFIRMADA, Desenlace.CONFIRMADA)
    assert _textos(tarea, resultado=resultado) == ["SQL ✓", "Mongo … por copiar"]


def test_una_cita_larga_se_acorta_y_no_puede_dar_la_vuelta_a_la_frase() -> None:
    cita = citado("\u202e" + "x" * 300)
    assert "\u202e" not in cita
    assert cita.endswith("…\u2069»")
    assert len(cita) < 100


def test_una_linea_no_toca_el_texto_corriente() -> None:
    assert una_linea("Ñandú 日本語 👩‍👩‍👧") == "Ñandú 日本語 👩‍👩‍👧"


def test_un_consejo_nunca_es_html_del_dato() -> None:
    assert "<img" not in sin_formato('<img src="x">')


def test_la_propia_escritura_cuya_respuesta_se_perdio_no_es_un_conflicto() -> None:
    """A single store tells no version with its lost answer; meeting our own content again settles it."""
    almacen = AlmacenEnMemoria(SQL)
    casos = CasosDeTareas.sobre(almacen, (SQL,))
    base = casos.crear.execute(CrearTareaCommand(titulo="Antes"))
    escritor, borrador = Escritor(), replace(Borrador.de(base), titulo="Después")
    almacen.respuestas_perdidas["escribir"] = ResultadoDesconocido(SQL, "sin respuesta")
    with pytest.raises(ResultadoDesconocido):
        escritor.guardar(casos, borrador)
    almacen.respuestas_perdidas.clear()
    guardada = escritor.guardar(casos, borrador)
    assert guardada == almacen.filas[base.id]
    assert guardada.titulo == "Después"


def test_el_contenido_de_otro_si_es_un_conflicto() -> None:
    almacen = AlmacenEnMemoria(SQL)
    casos = CasosDeTareas.sobre(almacen, (SQL,))
    base = casos.crear.execute(CrearTareaCommand(titulo="Antes"))
    Escritor().guardar(casos, replace(Borrador.de(base), titulo="De otra persona"))
    with pytest.raises(ConflictoDeVersion):
        Escritor().guardar(casos, replace(Borrador.de(base), titulo="Lo mío"))
    assert almacen.filas[base.id].titulo == "De otra persona"


def _pagina(*tareas: Tarea) -> Pagina:
    return Pagina(tareas=tareas, siguiente=None, almacen=SQL)


def _celda(modelo: TareasModel, fila: int = 0) -> str:
    return str(modelo.index(fila, Col.ALMACENES).data())


def test_una_pagina_que_estaba_en_camino_no_desmiente_una_confirmacion(qapp: QApplication) -> None:
    una, otra = (tarea_n(n, pendiente=True, version_comun=0) for n in range(2))
    modelo = TareasModel()
    modelo.confirmar([(str(una.id), una.version), (str(otra.id), otra.version)])
    modelo.reemplazar(Consulta(), _pagina(una))
    modelo.anadir(_pagina(otra))
    assert [_celda(modelo, fila) for fila in range(2)] == ["SQL ✓   Mongo ✓"] * 2
    assert not modelo.hay_pendientes


def test_una_confirmacion_vieja_no_vale_para_una_version_nueva(qapp: QApplication) -> None:
    tarea = tarea_n(0, pendiente=True, version_comun=0)
    modelo = TareasModel()
    modelo.reemplazar(Consulta(), _pagina(tarea))
    modelo.confirmar([(str(tarea.id), tarea.version - 1)])
    assert _celda(modelo) == "SQL ✓   Mongo … por copiar"
    assert modelo.hay_pendientes


def test_las_confirmaciones_mas_viejas_se_olvidan() -> None:
    tareas = [tarea_n(n, pendiente=True, version_comun=0) for n in range(3)]
    confirmaciones = Confirmaciones(maximo=2)
    confirmaciones.anotar((str(tarea.id), tarea.version) for tarea in tareas)
    assert [confirmaciones.aplicar(tarea).pendiente for tarea in tareas] == [True, False, False]
