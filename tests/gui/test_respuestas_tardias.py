"""An answer that nobody waits for any more is dropped, and of two orders the second does nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.application.listar_conflictos import PaginaVista
from core.domain.errors import AlmacenNoDisponible
from core.domain.events import VerificacionHecha
from core.domain.models.almacen import Conflicto
from core.domain.models.conflicto import ConflictoGuardado, ConflictoVisto
from core.domain.models.verificacion import InformeVerificacion
from core.reparacion import Gana
from gui.bridge import Puente
from gui.conflictos.carga import CargadorConflictos
from gui.conflictos.modelo import ConflictosModel
from gui.verificacion.carga import CargadorDatos
from gui.verificacion.detallador import Detallador
from gui.verificacion.detalle import DetalleDiferencias
from gui.verificacion.modelo import ColumnaDiferencias, DiferenciasModel
from tests.contract.datos import fila
from tests.gui.test_verificacion import PLAZO_MS, SQL, Casos, Escena, diferencias, escena

__all__ = ["escena"]


class EjecutorDeMano(Executor):
    """Does what it was given when the test says so, in whatever order."""

    def __init__(self) -> None:
        self.encargos: list[Callable[[], None]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        futuro: Future[Any] = Future()

        def hacer() -> None:
            try:
                futuro.set_result(fn(*args, **kwargs))
            except AlmacenNoDisponible as error:
                futuro.set_exception(error)

        self.encargos.append(hacer)
        return futuro


class Mesa:
    """A bridge over work that is done by hand."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot
        self.ventana = QWidget()
        qtbot.addWidget(self.ventana)
        self.ejecutor = EjecutorDeMano()
        self.puente = Puente(self.ejecutor, self.ventana)

    def contestar(self, numero: int) -> None:
        """The piece of work that was given as that one ends now; its answer is there when this returns."""
        self.ejecutor.encargos[numero]()
        self._qtbot.waitUntil(lambda: numero not in self.puente._esperas, timeout=PLAZO_MS)


@pytest.fixture
def mesa(qtbot: QtBot) -> Iterator[Mesa]:
    mesa = Mesa(qtbot)
    yield mesa
    mesa.puente.cerrar()


# -- both values of the difference that is chosen -------------------------------------------------------


@pytest.fixture
def panel(mesa: Mesa) -> DetalleDiferencias:
    panel = DetalleDiferencias(mesa.ventana)
    mesa.ventana.show()
    return panel


def test_el_detalle_de_una_que_ya_no_esta_elegida_no_tapa_el_de_la_elegida(
    mesa: Mesa, panel: DetalleDiferencias
) -> None:
    una, otra = diferencias(2)
    detallador = Detallador(mesa.puente, panel, mesa.ventana)
    detallador.conectar(Casos())
    detallador.mostrar(una)
    detallador.mostrar(otra)
    mesa.contestar(1)
    assert otra.id in panel.texto
    mesa.contestar(0)
    assert otra.id in panel.texto


def test_el_fallo_de_una_que_ya_no_esta_elegida_no_vacia_el_detalle(
    mesa: Mesa, panel: DetalleDiferencias
) -> None:
    una, otra = diferencias(2)
    casos = Casos()
    detallador = Detallador(mesa.puente, panel, mesa.ventana)
    detallador.conectar(casos)
    detallador.mostrar(una)
    detallador.mostrar(otra)
    mesa.contestar(1)
    casos.error_al_leer = AlmacenNoDisponible(SQL, "La conexión se cortó.")
    mesa.contestar(0)
    assert otra.id in panel.texto


# -- what the list of differences shows -----------------------------------------------------------------


def titulos(modelo: DiferenciasModel) -> list[str]:
    return [modelo.index(n, ColumnaDiferencias.TITULO).data() for n in range(modelo.rowCount())]


def test_los_datos_de_una_lista_anterior_no_entran_en_la_nueva(mesa: Mesa) -> None:
    modelo = DiferenciasModel(mesa.ventana)
    cargador = CargadorDatos(mesa.puente, modelo, mesa.ventana)
    cargador.conectar(Casos())
    modelo.reemplazar(diferencias(2))
    cargador.cargar()
    modelo.reemplazar(diferencias(2))
    sin_leer = titulos(modelo)
    cargador.cargar()
    mesa.contestar(0)
    assert titulos(modelo) == sin_leer
    mesa.contestar(1)
    assert titulos(modelo) == ["Título", "Título"]


def test_el_fallo_de_una_lista_anterior_no_se_dice_de_la_nueva(mesa: Mesa) -> None:
    modelo, casos, quedaron = DiferenciasModel(mesa.ventana), Casos(), list[int]()
    cargador = CargadorDatos(mesa.puente, modelo, mesa.ventana)
    cargador.conectar(casos)
    cargador.quedaron.connect(lambda cuantas, _motivo: quedaron.append(cuantas))
    modelo.reemplazar(diferencias(2))
    cargador.cargar()
    cargador.cargar()
    casos.error_al_leer = AlmacenNoDisponible(SQL, "La conexión se cortó.")
    mesa.contestar(0)
    assert not any(quedaron)
    mesa.contestar(1)
    assert quedaron[-1] == 2


# -- the list of conflicts --------------------------------------------------------------------------------


class CasosDeDosListas:
    """The open ones and the resolved ones, one of each; or no answer."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.nodo = "00ff"
        self.listar_conflictos = SimpleNamespace(execute=self._listar)

    def _listar(self, *, tras: object, limite: int, resueltos: bool) -> PaginaVista:
        if self.error is not None:
            raise self.error
        perdedora = fila("resuelta" if resueltos else "abierta")
        guardado = ConflictoGuardado(
            conflicto=Conflicto(perdedora=perdedora, version_ganadora=900, cuando_ms=1)
        )
        return PaginaVista(conflictos=(ConflictoVisto(guardado=guardado, actual=None),))


def listados(modelo: ConflictosModel) -> list[str]:
    vistos = [modelo.visto(n) for n in range(modelo.rowCount())]
    return [visto.perdedora.titulo for visto in vistos if visto is not None]


@pytest.mark.parametrize("falla", [False, True])
def test_los_conflictos_que_llegan_tarde_no_tapan_los_que_se_piden_ahora(mesa: Mesa, falla: bool) -> None:
    modelo, casos, fallos = ConflictosModel(mesa.ventana), CasosDeDosListas(), list[object]()
    cargador = CargadorConflictos(mesa.puente, modelo, mesa.ventana)
    cargador.conectar(casos)  # type: ignore[arg-type]
    cargador.fallo.connect(fallos.append)
    cargador.cargar(resueltos=False)
    cargador.cargar(resueltos=True)
    mesa.contestar(1)
    assert listados(modelo) == ["resuelta"]
    casos.error = AlmacenNoDisponible(SQL, "La conexión se cortó.") if falla else None
    mesa.contestar(0)
    assert listados(modelo) == ["resuelta"]
    assert fallos == []


# -- two orders at once -----------------------------------------------------------------------------------


def test_con_una_orden_en_marcha_otra_no_hace_nada(escena: Escena) -> None:
    escena.casos.seguir.clear()
    escena.mostrar()
    control = escena.vista.control
    control.verificar()
    escena.esperar(lambda: escena.casos.avances > 0)
    plan = escena.casos.plan_de_reparacion(diferencias(1), Gana.SQL, parar=None)  # type: ignore[arg-type]
    simulados: list[object] = []
    control.simulado.connect(simulados.append)
    control.simular(diferencias(3), Gana.MONGO)
    control.reparar(plan)
    assert control.trabajo.asunto == "verificar"
    escena.casos.seguir.set()
    escena.esperar(lambda: not control.trabajo.ocupado)
    terminadas: list[bool] = []
    # After whatever the executor was given before: had anything more been ordered, it would be done by now.
    escena.puente.lanzar(
        lambda: True,
        exito=terminadas.append,
        error=lambda error: pytest.fail(str(error)),
        ejecutor=escena.ejecutores.largos,
    )
    escena.esperar(lambda: bool(terminadas))
    assert (escena.casos.reparaciones, simulados) == (0, [])


def test_lo_que_se_halla_de_fondo_no_se_mezcla_con_lo_que_esta_en_marcha(escena: Escena) -> None:
    escena.casos.seguir.clear()
    escena.mostrar()
    de_fondo: list[object] = []
    escena.vista.control.de_fondo.connect(de_fondo.append)
    escena.vista.control.verificar()
    informe = InformeVerificacion(metodo="resumen", empezada_ms=1, diferencias=diferencias(2))
    escena.puente.evento.emit(VerificacionHecha(informe))
    assert de_fondo == []
    assert escena.avisos.avisos == ()
    escena.casos.seguir.set()
    escena.esperar(lambda: not escena.vista.control.trabajo.ocupado)
