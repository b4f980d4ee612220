"""The Verificación page over use cases that the test drives: it tells what is known and blocks nobody."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMessageBox, QProgressBar, QVBoxLayout, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from adapters.verificacion.informe import Firma, guardar_informe, informes_que_hay
from core.diferencias import Diferencia, FilaVista, Pareja, TipoDiferencia
from core.domain.errors import AlmacenNoDisponible
from core.domain.events import VerificacionHecha
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.reparacion import (
    CampoDetalle,
    DetalleDiferencia,
    InformeReparacion,
    PasoReparacion,
    PlanReparacion,
    Reparada,
    Suerte,
)
from core.domain.models.verificacion import InformeVerificacion
from core.reparacion import Accion, Gana
from gui.avisos.bandeja import BandejaAvisos
from gui.bridge import Puente
from gui.executor import Ejecutores
from gui.verificacion.detalle import DetalleDiferencias
from gui.verificacion.modelo import ColumnaDiferencias
from gui.verificacion.nota import Nota, leer_nota
from gui.verificacion.ocultos import comparar, visible
from gui.verificacion.palabras import relato_de_confirmacion
from gui.verificacion.reparacion import Ambito
from gui.verificacion.vista import Hoja, VistaVerificacion

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO
PLAZO_MS = 5000
MUCHAS = 10_000


def id_(n: int) -> str:
    return f"00000000-0000-4000-8000-{n:012d}"


def diferencias(cuantas: int) -> list[Diferencia]:
    tipos = [*TipoDiferencia]
    return [Diferencia(id_(n), tipos[n % len(tipos)], ("titulo",), 2, 1) for n in range(cuantas)]


class Casos:
    """Answers what the test puts; a verification goes on until `seguir` is set or it is told to stop."""

    def __init__(self) -> None:
        self.almacenes: tuple[NombreAlmacen, ...] = (SQL, MONGO)
        self.nota: Nota | None = None
        self.halladas: list[Diferencia] = []
        self.error: Exception | None = None
        self.seguir = threading.Event()
        self.seguir.set()
        self.avances = 0
        self.planeadas: tuple[list[str], Gana] = ([], Gana.SQL)
        self.reparaciones = 0
        self.deshechas: list[InformeReparacion] = []
        self.sin_revisar = 0
        self.error_al_leer: Exception | None = None

    def ultima(self) -> Nota | None:
        return self.nota

    def verificar(
        self, *, parar: threading.Event, progreso: Callable[[InformeVerificacion], None]
    ) -> InformeVerificacion:
        informe = InformeVerificacion(metodo="resumen", empezada_ms=round(time.time() * 1000), duracion_s=0.4)
        while not (self.seguir.wait(0.001) or parar.is_set()):
            informe.filas_sql = informe.filas_mongo = 500
            informe.fraccion = 0.5
            self.avances += 1
            progreso(informe)
        if self.error is not None:
            raise self.error
        informe.filas_sql = informe.filas_mongo = 12_000
        informe.diferencias = [*self.halladas]
        informe.cuentas.update(una.tipo for una in self.halladas)
        informe.sin_revisar = self.sin_revisar
        informe.cancelada = parar.is_set()
        return informe

    def informes_que_hay(self, base: Path) -> Sequence[Path]:
        return informes_que_hay(base)

    def guardar_informe(
        self, informe: InformeVerificacion, base: Path, *, sobrescribir: bool
    ) -> tuple[Path, Path]:
        donde = {SQL: "PostgreSQL 18 en db", MONGO: "MongoDB 6 en db"}
        firma = Firma(almacenes=donde, nombre="ana", nodo="0005", firmado_ms=1000, programa="dual-tareas 1")
        return guardar_informe(informe, firma, base, sobrescribir=sobrescribir)

    def parejas(self, ids: Sequence[str]) -> Mapping[str, Pareja]:
        if self.error_al_leer is not None:
            raise self.error_al_leer
        fila = ("Título", "", "PENDIENTE", 0, 1000)
        return {
            id: Pareja(id, FilaVista(id, 2 << 60, False, False, fila), FilaVista(id, 1, False, False, fila))
            for id in ids
        }

    def detalle_de(self, diferencia: Diferencia) -> DetalleDiferencia:
        pareja = self.parejas([diferencia.id])[diferencia.id]
        return DetalleDiferencia(
            id=diferencia.id,
            campos=(
                CampoDetalle(nombre="estado", sql="PENDIENTE", mongo="PENDIENTE", distinto=False),
                CampoDetalle(nombre="titulo", sql="Café", mongo="Cafe\u0301 ", distinto=True),
                CampoDetalle(nombre="extra", sql=None, mongo="", distinto=True),
            ),
            sql=pareja.sql,
            mongo=pareja.mongo,
            crudo_sql="{}",
            crudo_mongo="{}",
            mas_reciente=SQL,
            diferencia=diferencia,
        )

    def plan_de_reparacion(
        self, diferencias: Iterable[Diferencia], gana: Gana, *, parar: threading.Event
    ) -> PlanReparacion:
        diferencias = [*diferencias]
        self.planeadas = ([una.id for una in diferencias], gana)
        return PlanReparacion(
            tuple(
                PasoReparacion(diferencia=una, gana=gana, accion=Accion.SUSTITUIR, ganador=SQL)
                for una in diferencias
            )
        )

    def reparar(
        self,
        que: PlanReparacion,
        *,
        parar: threading.Event,
        progreso: Callable[[InformeReparacion], None],
        al_asegurar: Callable[[InformeReparacion], None],
    ) -> InformeReparacion:
        self.reparaciones += 1
        informe = InformeReparacion(total=len(que.pasos))
        for paso in que.pasos:
            informe.cuentas[Suerte.REPARADA] += 1
            informe.reparadas.append(
                Reparada(id=paso.id, accion=paso.accion, version=9, clave=("x", 1), guardada_en=SQL)  # type: ignore[arg-type]
            )
        al_asegurar(informe)
        progreso(informe)
        return informe

    def deshacer_reparacion(
        self,
        hecha: InformeReparacion,
        *,
        parar: threading.Event,
        progreso: Callable[[InformeReparacion], None],
    ) -> InformeReparacion:
        self.deshechas.append(hecha)
        return InformeReparacion(total=1, cuentas=Counter({Suerte.REPARADA: 1}))


class Escena:
    """The page in a window of its own."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.casos = Casos()
        self.ejecutores = Ejecutores.crear(casos=2, largos=1)
        self.ventana = QWidget()
        self.puente = Puente(self.ejecutores.lecturas, self.ventana)
        qtbot.addWidget(self.ventana)
        self.avisos = BandejaAvisos()
        self.vista = VistaVerificacion(self.puente, self.ejecutores.largos, self.avisos)
        columna = QVBoxLayout(self.ventana)
        columna.addWidget(self.avisos)
        columna.addWidget(self.vista, 1)
        self.ventana.resize(1000, 700)

    def mostrar(self) -> None:
        self.ventana.show()
        self.vista.conectar(self.casos)

    def esperar(self, condicion: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condicion, timeout=PLAZO_MS)

    def verificar(self) -> None:
        QTest.mouseClick(self.vista.boton_verificar, Qt.MouseButton.LeftButton)
        self.esperar(lambda: not self.vista.control.trabajo.ocupado)

    def elegir(self, ambito: Ambito, gana: Gana) -> None:
        barra = self.vista.reparacion
        barra.ambito.setCurrentIndex(barra.ambito.findData(ambito.value))
        barra.gana.setCurrentIndex(barra.gana.findData(gana.value))

    def simular(self) -> None:
        QTest.mouseClick(self.vista.reparacion.boton_simular, Qt.MouseButton.LeftButton)
        self.esperar(lambda: self.vista.reparacion.plan is not None)

    def contestar(self, texto: str) -> QMessageBox:
        (pregunta,) = self.vista.findChildren(QMessageBox)
        next(boton for boton in pregunta.buttons() if boton.text() == texto).click()
        return pregunta


@pytest.fixture
def escena(qtbot: QtBot) -> Iterator[Escena]:
    escena = Escena(qtbot)
    yield escena
    escena.casos.seguir.set()
    escena.puente.cerrar()
    escena.ejecutores.close()


def test_al_abrir_se_ve_la_ultima_verificacion(escena: Escena) -> None:
    escena.casos.nota = leer_nota(
        '{"empezada_ms": 1000, "duracion_s": 0.4, "iguales": true, "metodo": "resumen", '
        '"filas_sql": 12000, "filas_mongo": 12000, "diferencias": 0}'
    )
    escena.mostrar()
    escena.esperar(lambda: "Iguales: 12.000 tareas, resumen, 0,4 s" in escena.vista.resultado.texto)
    assert escena.vista.resultado.veredicto.rol == "ok"


@pytest.mark.parametrize("texto", [None, "", "no es json", "[]", '{"empezada_ms": "ayer"}', "null"])
def test_una_nota_que_no_es_nuestra_no_es_ninguna(texto: str | None) -> None:
    assert leer_nota(texto) is None


def test_iguales_se_dice_en_verde_y_como_se_supo(escena: Escena) -> None:
    escena.mostrar()
    escena.verificar()
    assert "Iguales: 12.000 tareas, resumen, 0,4 s, hoy a las" in escena.vista.resultado.texto
    assert "Cada servidor resumió" in escena.vista.resultado.texto
    assert escena.vista.resultado.veredicto.rol == "ok"
    assert escena.vista.hoja is Hoja.LETRERO


def test_si_una_base_no_responde_no_se_sabe_y_se_dice_por_que(escena: Escena) -> None:
    escena.casos.error = AlmacenNoDisponible(MONGO, "no responde")
    escena.mostrar()
    escena.verificar()
    assert escena.vista.resultado.texto.startswith("No se pudo saber")
    assert "no responde" in escena.vista.resultado.texto
    assert escena.vista.boton_verificar.isEnabled()


def test_una_nota_que_llega_tarde_no_tapa_lo_que_se_acaba_de_ver(escena: Escena) -> None:
    escena.casos.error = AlmacenNoDisponible(MONGO, "no responde")
    escena.mostrar()
    escena.verificar()
    escena.vista.control._al_recordar(None, 0)
    assert escena.vista.resultado.texto.startswith("No se pudo saber")


def test_se_avanza_pocas_veces_por_segundo_y_cancelar_vuelve_enseguida(escena: Escena) -> None:
    escena.casos.seguir.clear()
    escena.mostrar()
    avisos: list[object] = []
    escena.vista.control.trabajo.avanza.connect(avisos.append)
    escena.ventana.activateWindow()
    escena.esperar(escena.ventana.isActiveWindow)
    escena.vista.boton_verificar.setFocus()
    inicio_s = time.monotonic()
    QTest.keyClick(escena.vista.boton_verificar, Qt.Key.Key_F5)
    escena.esperar(lambda: len(avisos) >= 2)
    assert escena.casos.avances > 20
    assert len(avisos) <= (time.monotonic() - inicio_s) * 4 + 1
    assert "500 filas" in escena.vista.resultado.texto
    barra = escena.vista.resultado.findChild(QProgressBar)
    assert barra is not None
    assert barra.value() * 2 == barra.maximum() > 0
    cancelar_s = time.monotonic()
    QTest.mouseClick(escena.vista.boton_cancelar, Qt.MouseButton.LeftButton)
    escena.esperar(lambda: not escena.vista.control.trabajo.ocupado)
    assert time.monotonic() - cancelar_s < 0.5
    assert escena.vista.resultado.texto.startswith("Cancelada")


def test_con_una_sola_base_no_hay_nada_que_comparar(escena: Escena) -> None:
    escena.casos.almacenes = (SQL,)
    escena.mostrar()
    assert not escena.vista.boton_verificar.isEnabled()


def test_diez_mil_diferencias_se_filtran_y_se_leen_sin_frenar_la_ventana(
    escena: Escena, qtmodeltester: ModelTester
) -> None:
    escena.casos.halladas = diferencias(MUCHAS)
    escena.mostrar()
    escena.verificar()
    vista = escena.vista
    assert vista.modelo.rowCount() == MUCHAS
    assert vista.hoja is Hoja.LISTA
    ultima = vista.modelo.index(MUCHAS - 1, ColumnaDiferencias.TITULO)
    escena.esperar(lambda: ultima.data() == "Título")
    assert vista.modelo.index(0, ColumnaDiferencias.RECIENTE).data() == "SQL"
    vista.filtro.lista.setCurrentIndex(vista.filtro.lista.findData(TipoDiferencia.LAPIDA.value))
    assert vista.modelo.rowCount() == MUCHAS // len(TipoDiferencia)
    assert vista.modelo.index(0, ColumnaDiferencias.TIPO).data() == "Eliminada en una sola"
    vista.modelo.reemplazar(diferencias(5))
    qtmodeltester.check(vista.modelo)


def test_ambos_valores_se_ven_con_lo_que_esconden(escena: Escena) -> None:
    escena.casos.halladas = diferencias(1)
    escena.mostrar()
    escena.verificar()
    escena.esperar(lambda: len(escena.vista.detalle.muestras) == 5)
    de_sql, de_mongo, *_ = escena.vista.detalle.muestras
    assert (de_sql.toPlainText(), de_mongo.toPlainText()) == ("Café", "Cafe⟨U+0301⟩·")
    assert de_mongo.isReadOnly()
    # A field that only one has: what the other one shows is not an empty value.
    assert escena.vista.detalle.muestras[2].accessibleName() == "extra: MongoDB"
    visibles = [uno.text() for uno in escena.vista.detalle.findChildren(QLabel) if uno.isVisible()]
    assert visibles.count("No tiene este campo") == 1
    (resaltado,) = de_mongo.extraSelections()
    assert resaltado.format.fontUnderline()


def test_de_lo_que_solo_esta_en_una_no_se_marca_nada_y_se_dice(qtbot: QtBot) -> None:
    fila = FilaVista(id_(1), 2 << 60, False, False, ("Título", "", "PENDIENTE", 0, 1000))
    panel = DetalleDiferencias()
    qtbot.addWidget(panel)
    panel.show()
    campo = CampoDetalle(nombre="titulo", sql="Título", mongo=None, distinto=True)
    una = Diferencia(id_(1), TipoDiferencia.SOLO_SQL)
    detalle = DetalleDiferencia(
        id=id_(1),
        campos=(campo,),
        sql=fila,
        mongo=None,
        crudo_sql="{}",
        crudo_mongo="",
        mas_reciente=SQL,
        diferencia=una,
    )
    panel.abrir(una, detalle)
    assert "Solo está en SQL: en MongoDB no hay nada con este id." in panel.texto
    (valor,) = panel.muestras
    assert valor.toPlainText() == "Título"
    assert valor.extraSelections() == []
    sin_nada = replace(detalle, sql=None, crudo_sql="", campos=(), diferencia=None)
    panel.abrir(una, sin_nada)
    assert "Ya no está en ninguna de las dos" in panel.texto
    fuera = Diferencia("17", TipoDiferencia.MALFORMADA, ("id",))
    panel.abrir(fuera, replace(sin_nada, diferencia=fuera))
    assert "el programa no alcanza esa fila" in panel.texto


def test_acentos_compuestos_y_descompuestos_se_distinguen() -> None:
    uno, otro = comparar("Café", "Cafe\u0301")
    assert (uno.texto, otro.texto) == ("Café", "Cafe⟨U+0301⟩")
    assert visible("a\u200bb \nc\x1fd\u00a0") == "a⟨U+200B⟩b·⏎\nc␟d⟨U+00A0⟩"
    uno, otro = comparar("😀 igual fin", "😀 otra fin")
    assert (uno.texto[3:], uno.desde, uno.hasta) == ("gual fin", 3, 8)


def test_se_simula_se_pregunta_se_repara_y_se_deshace(escena: Escena) -> None:
    escena.casos.halladas = diferencias(5)
    escena.mostrar()
    escena.verificar()
    escena.elegir(Ambito.TODAS, Gana.SQL)
    assert not escena.vista.reparacion.boton_reparar.isEnabled()
    escena.simular()
    assert escena.casos.planeadas == ([id_(n) for n in range(5)], Gana.SQL)
    assert escena.casos.reparaciones == 0
    assert "Por sustituir lo que hay en la otra: 5." in escena.vista.reparacion.relato
    QTest.mouseClick(escena.vista.reparacion.boton_reparar, Qt.MouseButton.LeftButton)
    (pregunta,) = escena.vista.findChildren(QMessageBox)
    assert "5 en MongoDB" in pregunta.informativeText()
    assert "Deshacer" in pregunta.informativeText()
    assert escena.casos.reparaciones == 0
    escena.contestar("Reparar")
    escena.esperar(lambda: bool(escena.avisos.avisos))
    assert escena.vista.modelo.rowCount() == 0
    (aviso,) = escena.avisos.avisos
    assert (aviso.titulo, aviso.detalle) == ("Reparación terminada", "Reparadas: 5.")
    aviso.acciones[0].hacer()
    escena.esperar(lambda: escena.avisos.avisos[0].titulo == "Reparación deshecha")
    assert len(escena.casos.deshechas) == 1


def test_no_reparar_es_lo_que_dice_escape_y_no_escribe_nada(escena: Escena) -> None:
    escena.casos.halladas = diferencias(2)
    escena.mostrar()
    escena.verificar()
    escena.elegir(Ambito.TODAS, Gana.MONGO)
    escena.simular()
    QTest.mouseClick(escena.vista.reparacion.boton_reparar, Qt.MouseButton.LeftButton)
    (pregunta,) = escena.vista.findChildren(QMessageBox)
    QTest.keyClick(pregunta, Qt.Key.Key_Escape)
    assert escena.casos.reparaciones == 0
    assert not escena.vista.control.trabajo.ocupado


def test_otra_eleccion_olvida_lo_simulado(escena: Escena) -> None:
    escena.casos.halladas = diferencias(10)
    escena.mostrar()
    escena.verificar()
    escena.elegir(Ambito.ELEGIDAS, Gana.SQL)
    escena.vista.tabla.selectRow(3)
    escena.simular()
    assert escena.casos.planeadas[0] == [id_(3)]
    escena.vista.tabla.selectAll()
    assert escena.vista.reparacion.plan is None
    assert not escena.vista.reparacion.boton_reparar.isEnabled()
    escena.vista.filtro.lista.setCurrentIndex(1)
    escena.elegir(Ambito.A_LA_VISTA, Gana.MONGO)
    escena.simular()
    assert escena.casos.planeadas == ([id_(0), id_(5)], Gana.MONGO)


def test_una_simulacion_cancelada_no_pasa_por_entera(escena: Escena) -> None:
    escena.casos.halladas = diferencias(3)
    escena.mostrar()
    escena.verificar()
    escena.elegir(Ambito.TODAS, Gana.SQL)
    plan = escena.casos.plan_de_reparacion(diferencias(1), Gana.SQL, parar=threading.Event())
    escena.vista.control.simulado.emit(replace(plan, cancelado=True))
    assert escena.vista.reparacion.plan is None
    assert not escena.vista.reparacion.boton_reparar.isEnabled()
    escena.vista.control.simulado.emit(plan)
    assert escena.vista.reparacion.plan is plan


def test_lo_que_no_se_podra_deshacer_se_dice_antes(escena: Escena) -> None:
    escena.casos.halladas = diferencias(2)
    escena.mostrar()
    escena.verificar()
    escena.elegir(Ambito.TODAS, Gana.SQL)
    plan = escena.casos.plan_de_reparacion(diferencias(2), Gana.SQL, parar=threading.Event())
    pasos = (replace(plan.pasos[0], devolvible=False), plan.pasos[1])
    escena.vista.control.simulado.emit(PlanReparacion(pasos))
    assert "«Deshacer» no podrá devolver 1" in escena.vista.reparacion.relato
    QTest.mouseClick(escena.vista.reparacion.boton_reparar, Qt.MouseButton.LeftButton)
    (pregunta,) = escena.vista.findChildren(QMessageBox)
    assert "«Deshacer» no podrá devolver 1" in pregunta.informativeText()


def de_fondo(*diferencias: Diferencia) -> VerificacionHecha:
    informe = InformeVerificacion(metodo="resumen", empezada_ms=1_750_000_000_000, filas_sql=9, filas_mongo=9)
    informe.diferencias = [*diferencias]
    informe.cuentas.update(una.tipo for una in diferencias)
    return VerificacionHecha(informe)


def test_lo_que_halla_la_verificacion_de_fondo_se_dice_y_se_ve(escena: Escena) -> None:
    escena.mostrar()
    pedidas: list[bool] = []
    escena.vista.control.ver_pedido.connect(lambda: pedidas.append(True))
    escena.puente.evento.emit(de_fondo(*diferencias(3)))
    assert escena.vista.modelo.rowCount() == 3
    (aviso,) = escena.avisos.avisos
    assert aviso.clave == "verificacion"
    assert "3 diferencias" in aviso.detalle
    aviso.acciones[0].hacer()
    assert pedidas == [True]
    escena.puente.evento.emit(de_fondo(*diferencias(2)))
    assert escena.vista.modelo.rowCount() == 3, "no se cambia bajo las manos de quien la mira"
    escena.puente.evento.emit(de_fondo())
    assert not escena.avisos.avisos


def test_una_verificacion_de_fondo_que_no_pudo_ser_no_cambia_lo_que_se_ve(escena: Escena) -> None:
    escena.casos.halladas = diferencias(2)
    escena.mostrar()
    escena.verificar()
    escena.puente.evento.emit(VerificacionHecha(None, "MongoDB no responde"))
    assert escena.vista.modelo.rowCount() == 2
    assert not escena.avisos.avisos


def test_antes_de_reparar_se_dice_cuantas_se_eliminan_en_ambas() -> None:
    pasos = [
        PasoReparacion(
            diferencia=Diferencia(str(UUID(int=n)), TipoDiferencia.SOLO_SQL),
            gana=Gana.MONGO,
            accion=Accion.ELIMINAR,
            ganador=NombreAlmacen.MONGO,
        )
        for n in range(12)
    ]
    assert "ATENCIÓN: 12 quedan eliminadas en ambas" in relato_de_confirmacion(PlanReparacion(tuple(pasos)))
    assert "ATENCIÓN: 1 queda eliminada" in relato_de_confirmacion(PlanReparacion((pasos[0],)))
