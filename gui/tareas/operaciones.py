"""What an operator does to a tarea: sent to a worker, followed in its row, told when it ends.

One write of a tarea at a time: a second one while the first runs is refused, not queued, for it would be
based on a value that is about to change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from core.application.eliminar_tarea import EliminarTareaCommand
from core.application.restaurar_tarea import RestaurarTareaCommand
from core.domain.errors import ConflictoDeVersion, EscrituraIncierta, TareaNoEncontrada, TareaPurgada
from core.domain.events import EscriturasConfirmadas, EscrituraTerminada
from core.domain.models.almacen import Desenlace, NombreAlmacen, ResultadoEscritura
from core.domain.models.tarea import Tarea
from gui.bridge import Puente
from gui.tareas.borrador import Borrador, Escritor
from gui.tareas.casos import CasosDeTareas
from gui.tareas.modelo import TareasModel
from gui.tareas.presencia import presencias
from gui.widgets.formato import hora


@dataclass(frozen=True, slots=True)
class Informe:
    """How a write went, for the line beside the button.

    Attributes:
        texto: "Guardada   SQL ✓ 10:43:02   Mongo … por copiar".
        tono: the role of the palette.
        por_almacen: the same without the verb; empty when the stores' answers are not known.
    """

    texto: str
    tono: str
    por_almacen: str = ""


class Operaciones(QObject):
    """Runs writes and keeps the model in step.

    Attributes:
        asentando: the row of a write is being put in its place, or taken out: if the current row changes,
            nobody chose it.

    Signals:
        guardada: (Borrador, Tarea, bool) that draft is stored as that tarea; whether it was a new one.
        no_guardada: (Borrador, BaseException).
        conflicto: (Borrador, Tarea, Tarea) somebody else's value is there now, and what was to be written.
        eliminada: (Tarea) the tombstone.
        no_eliminada: (Tarea, BaseException).
        cambiada_antes_de_eliminar: (Tarea, Tarea) the value that nobody here had seen, and the tombstone.
        restaurada: (Tarea).
        no_restaurada: (Tarea, BaseException).
        confirmadas: (pairs of id and version) both stores hold them by now.
        aun_ocupada: (Borrador | Tarea) refused, because a write of that tarea runs.
    """

    guardada = Signal(object, object, bool)
    no_guardada = Signal(object, object)
    conflicto = Signal(object, object, object)
    eliminada = Signal(object)
    no_eliminada = Signal(object, object)
    cambiada_antes_de_eliminar = Signal(object, object)
    restaurada = Signal(object)
    no_restaurada = Signal(object, object)
    confirmadas = Signal(object)
    aun_ocupada = Signal(object)

    def __init__(
        self, puente: Puente, escrituras: Executor, modelo: TareasModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._puente = puente
        self._escrituras = escrituras
        self._modelo = modelo
        self._casos: CasosDeTareas | None = None
        self._en_curso: set[UUID] = set()
        self._escritores: dict[UUID, Escritor] = {}
        self._ultimo: dict[UUID, tuple[ResultadoEscritura, datetime]] = {}
        self._inciertas: dict[UUID, tuple[int, Tarea]] = {}
        self.asentando = False
        puente.evento.connect(self._al_evento)

    def conectar(self, casos: CasosDeTareas) -> None:
        """The use cases are there."""
        self._casos = casos

    def ocupada(self, id: UUID | None) -> bool:
        """Whether a write of that tarea runs."""
        return id in self._en_curso

    def guardar(self, borrador: Borrador) -> bool:
        """Save that draft; False, and `aun_ocupada`, if a write of the tarea runs already."""
        escritor = self._escritores.setdefault(borrador.id, Escritor())

        def exito(tarea: Tarea) -> None:
            self._escritores.pop(borrador.id, None)
            self._asentar(tarea)
            self.guardada.emit(borrador, tarea, borrador.base is None or borrador.base.eliminada)

        def error(fallo: BaseException) -> None:
            if isinstance(fallo, ConflictoDeVersion):
                self._asentar(fallo.actual, leida_de=self._donde_esta(fallo.actual))
                self.conflicto.emit(borrador, fallo.actual, fallo.propuesta)
            else:
                if isinstance(fallo, TareaPurgada):
                    self._desalojar(borrador.id)
                self.no_guardada.emit(borrador, fallo)

        return self._lanzar(
            borrador,
            self.tr("Guardando…"),
            lambda casos: escritor.guardar(casos, borrador),
            exito,
            error,
        )

    def eliminar(self, tarea: Tarea) -> bool:
        """Delete it; False as for `guardar`. A delete whose answer was lost is repeated, not made anew."""
        orden = EliminarTareaCommand(id=tarea.id, base=tarea, repite=self._incierta(tarea, lapida=True))

        def exito(lapida: Tarea) -> None:
            self._modelo.quitar(lapida.id)
            self.eliminada.emit(lapida)

        def error(fallo: BaseException) -> None:
            if isinstance(fallo, ConflictoDeVersion) and fallo.actual.eliminada:
                exito(fallo.actual)
            elif isinstance(fallo, ConflictoDeVersion):
                self._asentar(fallo.actual, leida_de=self._donde_esta(fallo.actual))
                self.cambiada_antes_de_eliminar.emit(fallo.actual, fallo.propuesta)
            else:
                if isinstance(fallo, TareaNoEncontrada):
                    self._modelo.quitar(tarea.id)
                self._anotar_incierta(tarea, fallo)
                self.no_eliminada.emit(tarea, fallo)

        return self._lanzar(
            tarea,
            self.tr("Eliminando…"),
            lambda casos: casos.eliminar.execute(orden),
            exito,
            error,
        )

    def restaurar(self, lapida: Tarea) -> bool:
        """Bring it back; False as for `guardar`, repeated as for `eliminar`."""
        orden = RestaurarTareaCommand(
            id=lapida.id, lapida=lapida, repite=self._incierta(lapida, lapida=False)
        )

        def exito(tarea: Tarea) -> None:
            self._modelo.poner(tarea)
            self.restaurada.emit(tarea)

        def error(fallo: BaseException) -> None:
            if isinstance(fallo, ConflictoDeVersion) and not fallo.actual.eliminada:
                exito(fallo.actual)  # it lives already: by our own lost answer, or by somebody else
            else:
                self._anotar_incierta(lapida, fallo)
                self.no_restaurada.emit(lapida, fallo)

        return self._lanzar(
            lapida,
            self.tr("Restaurando…"),
            lambda casos: casos.restaurar.execute(orden),
            exito,
            error,
        )

    def _asentar(self, tarea: Tarea, *, leida_de: NombreAlmacen | None = None) -> None:
        """Put the row in its place."""
        self.asentando = True
        self._modelo.poner(tarea, leida_de=leida_de)
        self.asentando = False

    def _desalojar(self, id: UUID) -> None:
        """Take the row out, which nobody asked for."""
        self.asentando = True
        self._modelo.quitar(id)
        self.asentando = False

    def _donde_esta(self, actual: Tarea) -> NombreAlmacen | None:
        """The store that answered a write with that value."""
        resultado, _cuando = self._ultimo.get(actual.id, (None, None))
        if resultado is None:
            return None
        vistas = {uno.almacen: uno.actual.version for uno in resultado.por_almacen if uno.actual is not None}
        return next((nombre for nombre, version in vistas.items() if version == actual.version), None)

    def _anotar_incierta(self, base: Tarea, fallo: BaseException) -> None:
        if isinstance(fallo, EscrituraIncierta) and fallo.resultado.tarea is not None:
            self._inciertas[base.id] = (base.version, fallo.resultado.tarea)

    def _incierta(self, base: Tarea, *, lapida: bool) -> Tarea | None:
        """The row of such a write whose answer never came, made from that very value."""
        version, fila = self._inciertas.get(base.id, (0, None))
        return fila if fila is not None and (version, fila.eliminada) == (base.version, lapida) else None

    def _lanzar(
        self,
        de: Borrador | Tarea,
        que: str,
        funcion: Callable[[CasosDeTareas], Tarea],
        exito: Callable[[Tarea], None],
        error: Callable[[BaseException], None],
    ) -> bool:
        casos, id = self._casos, de.id
        if casos is None:
            return False  # there is nothing yet that could be written
        if id in self._en_curso:
            self.aun_ocupada.emit(de)
            return False
        self._en_curso.add(id)
        self._modelo.en_vuelo(id, que)

        def al_final(seguir: Callable[[], None]) -> None:
            self._en_curso.discard(id)
            self._modelo.en_vuelo(id, "")
            seguir()
            self._ultimo.pop(id, None)  # told by now, or of no more use

        def bien(tarea: Tarea) -> None:
            self._inciertas.pop(id, None)
            exito(tarea)

        self._puente.lanzar(
            lambda: funcion(casos),
            exito=lambda tarea: al_final(lambda: bien(tarea)),
            error=lambda fallo: al_final(lambda: error(fallo)),
            ejecutor=self._escrituras,
        )
        return True

    def informe(self, tarea: Tarea) -> Informe:
        """What each store said of the write that made this version of the tarea."""
        ahora = hora(datetime.now(UTC))
        resultado, cuando = self._ultimo.get(tarea.id, (None, None))
        escrita = resultado.tarea if resultado is not None else None
        if resultado is None or cuando is None or escrita is None or escrita.version != tarea.version:
            return Informe(self.tr("Guardada a las {hora}").format(hora=ahora), "ok")
        partes = presencias(
            tarea,
            leida_de=resultado.sql.almacen,
            almacenes=self._modelo.almacenes,
            resultado=resultado,
        )
        textos = [f"{p.texto} {hora(cuando)}" if not p.palabra else p.texto for p in partes]
        aplazada = any(uno.desenlace is Desenlace.APLAZADA for uno in resultado.por_almacen)
        tono = "ok" if resultado.en_ambos else "info" if aplazada else "warn"
        dicho = "   ".join(textos)
        return Informe("   ".join((self.tr("Guardada"), dicho)), tono, dicho)

    def informe_en_todos(self, tarea: Tarea) -> Informe:
        """The same once every store has it."""
        return _en_todos(tarea, self._modelo.almacenes)

    @Slot(object)
    def _al_evento(self, evento: object) -> None:
        if isinstance(evento, EscrituraTerminada):
            resultado = evento.resultado
            self._modelo.anotar_resultado(resultado)
            if resultado.tarea is not None and resultado.tarea.id in self._en_curso:
                self._ultimo[resultado.tarea.id] = (resultado, datetime.now(UTC))
        elif isinstance(evento, EscriturasConfirmadas):
            self._modelo.confirmar(evento.pares)
            self.confirmadas.emit(evento.pares)


def _en_todos(tarea: Tarea, almacenes: Sequence[NombreAlmacen]) -> Informe:
    copiada = replace(tarea, pendiente=False)
    partes = presencias(copiada, leida_de=NombreAlmacen.SQL, almacenes=almacenes)
    verbo = QCoreApplication.translate("Operaciones", "Guardada")
    return Informe("   ".join((verbo, *(parte.texto for parte in partes))), "ok")
