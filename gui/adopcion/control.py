"""Looks whether a store holds tareas of another program, asks in a banner, adopts them on a worker."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from core.domain.errors import AlmacenError, EsquemaSinAdoptar, ResultadoDesconocido
from core.domain.events import Evento, SaludObservada
from core.domain.models.almacen import NombreAlmacen
from core.health import RESPONDEN
from gui.adopcion.dialogo import DialogoAdopcion
from gui.adopcion.textos import Hallazgo, rechazada, sin_adoptar, ya_adoptadas
from gui.avisos.aviso import Accion, Aviso, Nivel
from gui.avisos.bandeja import BandejaAvisos
from gui.bridge import Puente
from gui.tareas.textos import explicar

NOTICIA_S = 20.0


class FuenteAdopcion(Protocol):
    """The part of the container that prepares stores. Call it on a worker."""

    @property
    def almacenes(self) -> Sequence[NombreAlmacen]:
        """The stores in use."""
        ...

    def preparar(self, nombre: NombreAlmacen, *, adoptar: bool = False) -> None:
        """Create or check a store's schema. Raises AlmacenError; EsquemaSinAdoptar where it has to ask."""
        ...

    def despertar_replicacion(self) -> None:
        """Look for what is to be copied now; does not wait."""
        ...

    def filas_sin_adoptar(self, nombre: NombreAlmacen) -> int:
        """How many rows a store has, whoever made its table. Raises AlmacenError."""
        ...


class ControlAdopcion(QObject):
    """One banner a store that needs it; nothing is changed before the operator says so.

    Args:
        ejecutor: where an adoption may take its minutes.
        ventana: what the dialog belongs to.

    Signals:
        adoptada: (NombreAlmacen) its tareas are ours now.
        hallazgo: (Hallazgo | None, bool) there are some to be adopted; whether that is being done.
    """

    adoptada = Signal(object)
    hallazgo = Signal(object, bool)

    def __init__(
        self,
        puente: Puente,
        ejecutor: Executor,
        fuente: FuenteAdopcion,
        avisos: BandejaAvisos,
        ventana: QWidget,
    ) -> None:
        super().__init__(ventana)
        self._puente = puente
        self._ejecutor = ejecutor
        self._fuente = fuente
        self._avisos = avisos
        self._ventana = ventana
        self._por_mirar = set(fuente.almacenes)
        self._mirando: set[NombreAlmacen] = set()
        self._adoptando: set[NombreAlmacen] = set()
        self._por_adoptar: dict[NombreAlmacen, Hallazgo] = {}
        self._rechazadas: set[NombreAlmacen] = set()
        self._fallidas: set[NombreAlmacen] = set()
        self._inciertas: dict[NombreAlmacen, Hallazgo] = {}
        self._dialogos: dict[NombreAlmacen, DialogoAdopcion] = {}
        puente.evento.connect(self.recibir)
        for nombre in fuente.almacenes:
            self._mirar(nombre)

    @Slot(object)
    def recibir(self, evento: Evento) -> None:
        """A store that could not be asked begins to answer: ask it now.

        One of which an answer is still owed is asked at each sign of life.
        """
        if not isinstance(evento, SaludObservada) or evento.ahora.estado not in RESPONDEN:
            return
        nombre = evento.ahora.almacen
        if evento.antes.estado not in RESPONDEN or nombre in self._inciertas:
            self._mirar(nombre)

    def _mirar(self, nombre: NombreAlmacen) -> None:
        if nombre not in self._por_mirar or nombre in self._mirando:
            return
        self._mirando.add(nombre)
        self._puente.lanzar(
            partial(_examinar, self._fuente, nombre),
            exito=partial(self._mirada, nombre),
            error=partial(self._no_contesto, nombre),
        )

    def _mirada(self, nombre: NombreAlmacen, hallazgo: Hallazgo | None) -> None:
        self._mirando.discard(nombre)
        self._por_mirar.discard(nombre)
        incierta = self._inciertas.pop(nombre, None)
        if hallazgo is not None:
            self._preguntar(hallazgo)
        elif incierta is not None:
            self._adoptadas(incierta, None)

    def _no_contesto(self, nombre: NombreAlmacen, _error: BaseException) -> None:
        # What is wrong with it is told where tareas are read; it is looked at again when it answers.
        self._mirando.discard(nombre)

    def _preguntar(self, hallazgo: Hallazgo, *, rechazada_ya: bool = False) -> None:
        self._por_adoptar[hallazgo.almacen] = hallazgo
        self._contar_las_que_esperan()
        self._fallidas.discard(hallazgo.almacen)
        (self._rechazadas.add if rechazada_ya else self._rechazadas.discard)(hallazgo.almacen)
        self._decir()
        self._preguntar_por_todas()

    def _contar_las_que_esperan(self) -> None:
        """What is said of one depends on whether the other waits, too."""
        self._por_adoptar = {
            nombre: replace(uno, espera_la_otra=nombre.otro in self._por_adoptar)
            for nombre, uno in self._por_adoptar.items()
        }

    def _preguntar_por_todas(self) -> None:
        for nombre in self._por_adoptar.keys() - self._adoptando - self._fallidas - self._inciertas.keys():
            self._avisos.actualizar(self._pregunta(self._por_adoptar[nombre]))

    def _pregunta(self, hallazgo: Hallazgo) -> Aviso:
        almacen = hallazgo.almacen
        decir = rechazada if almacen in self._rechazadas else sin_adoptar
        return Aviso(
            clave=_clave(hallazgo),
            nivel=Nivel.INFO if almacen in self._rechazadas else Nivel.AVISO,
            titulo=self.tr("Hay {cuantas} de otro programa en {almacen}").format(
                cuantas=hallazgo.cuantas_hay, almacen=almacen.etiqueta
            ),
            detalle=decir(hallazgo),
            acciones=(
                Accion(
                    self.tr("Adoptar las tareas que hay en {almacen}…").format(almacen=almacen.etiqueta),
                    partial(self.abrir, hallazgo),
                ),
            ),
        )

    def _decir(self) -> None:
        """Tell the list of the first that waits."""
        hallazgo = next(iter(self._por_adoptar.values()), None)
        self.hallazgo.emit(hallazgo, hallazgo is not None and hallazgo.almacen in self._adoptando)

    @Slot()
    def abrir_primero(self) -> None:
        """The dialog of the first that waits: the one that the list tells of."""
        hallazgo = next(iter(self._por_adoptar.values()), None)
        if hallazgo is not None:
            self.abrir(hallazgo)

    def abrir(self, hallazgo: Hallazgo) -> None:
        """The dialog that says what will be done; the one that is open comes to the front."""
        abierto = self._dialogos.get(hallazgo.almacen)
        if abierto is not None:
            abierto.raise_()
            abierto.activateWindow()
            return
        dialogo = self._dialogos[hallazgo.almacen] = DialogoAdopcion(hallazgo, self._ventana)
        dialogo.aceptada.connect(partial(self._adoptar, hallazgo))
        dialogo.rechazada.connect(partial(self._rechazada, hallazgo))
        dialogo.finished.connect(partial(self._cerrado, hallazgo.almacen))
        dialogo.open()

    def _cerrado(self, nombre: NombreAlmacen, _resultado: int) -> None:
        self._dialogos.pop(nombre, None)

    def _adoptar(self, hallazgo: Hallazgo) -> None:
        if hallazgo.almacen in self._adoptando:
            return
        self._adoptando.add(hallazgo.almacen)
        self._fallidas.discard(hallazgo.almacen)
        self._decir()
        self._avisos.actualizar(
            Aviso(
                clave=_clave(hallazgo),
                nivel=Nivel.INFO,
                titulo=self.tr("Adoptando {cuantas} de {almacen}…").format(
                    cuantas=hallazgo.cuantas, almacen=hallazgo.almacen.etiqueta
                ),
                detalle=self.tr("Se puede seguir trabajando; al terminar se dirá aquí."),
            )
        )
        self._puente.lanzar(
            partial(self._fuente.preparar, hallazgo.almacen, adoptar=True),
            exito=partial(self._adoptadas, hallazgo),
            error=partial(self._fallo, hallazgo),
            ejecutor=self._ejecutor,
        )

    def _adoptadas(self, hallazgo: Hallazgo, _: None) -> None:
        self._por_adoptar.pop(hallazgo.almacen, None)
        self._contar_las_que_esperan()
        self._preguntar_por_todas()
        self._terminar(hallazgo)
        self._fuente.despertar_replicacion()
        self._avisos.actualizar(
            Aviso(
                clave=_clave(hallazgo),
                nivel=Nivel.EXITO,
                titulo=self.tr("{almacen}: tareas adoptadas ({cuantas})").format(
                    almacen=hallazgo.almacen.etiqueta, cuantas=hallazgo.cuantas
                ),
                detalle=ya_adoptadas(replace(hallazgo, espera_la_otra=bool(self._por_adoptar))),
                caduca_s=NOTICIA_S,
            )
        )
        self.adoptada.emit(hallazgo.almacen)

    def _fallo(self, hallazgo: Hallazgo, error: BaseException) -> None:
        self._terminar(hallazgo)
        if isinstance(error, ResultadoDesconocido):
            self._no_se_sabe(hallazgo, error)
            return
        self._fallidas.add(hallazgo.almacen)
        self._avisos.actualizar(
            Aviso(
                clave=_clave(hallazgo),
                nivel=Nivel.ERROR,
                titulo=self.tr("No se pudieron adoptar las tareas de {almacen}").format(
                    almacen=hallazgo.almacen.etiqueta
                ),
                detalle=explicar(error),
                acciones=(Accion(self.tr("Volver a intentarlo…"), partial(self.abrir, hallazgo)),),
            )
        )

    def _no_se_sabe(self, hallazgo: Hallazgo, error: ResultadoDesconocido) -> None:
        """The server may have done it, or be at it: looking settles that, and asks again where it did not."""
        almacen = hallazgo.almacen
        self._avisos.actualizar(
            Aviso(
                clave=_clave(hallazgo),
                nivel=Nivel.AVISO,
                titulo=self.tr("No se sabe todavía si las tareas de {almacen} quedaron adoptadas").format(
                    almacen=almacen.etiqueta
                ),
                detalle=self.tr("{motivo} Se mira otra vez en cuanto responda, y se dirá aquí.").format(
                    motivo=explicar(error)
                ),
            )
        )
        self._inciertas[almacen] = hallazgo
        self._por_mirar.add(almacen)
        self._mirar(almacen)

    def _terminar(self, hallazgo: Hallazgo) -> None:
        self._adoptando.discard(hallazgo.almacen)
        self._decir()
        dialogo = self._dialogos.get(hallazgo.almacen)
        if dialogo is not None:
            dialogo.accept()

    def _rechazada(self, hallazgo: Hallazgo) -> None:
        """Told, not hidden: a store that takes no part is worth knowing, and the way to change one's mind."""
        self._avisos.retirar(_clave(hallazgo))  # also the one that was closed: this one is news
        self._preguntar(hallazgo, rechazada_ya=True)


def _examinar(fuente: FuenteAdopcion, nombre: NombreAlmacen) -> Hallazgo | None:
    """On a worker: what there is to be asked of that store; None when it is ready for work."""
    try:
        fuente.preparar(nombre)
    except EsquemaSinAdoptar as error:
        otro = nombre.otro if nombre.otro in fuente.almacenes else None
        return Hallazgo(almacen=nombre, motivo=str(error), filas=_contar(fuente, nombre), otro=otro)
    return None


def _contar(fuente: FuenteAdopcion, nombre: NombreAlmacen) -> int | None:
    try:
        return fuente.filas_sin_adoptar(nombre)
    except AlmacenError:
        return None  # too many to count in time: it can be asked without a figure


def _clave(hallazgo: Hallazgo) -> str:
    return f"adopcion-{hallazgo.almacen}"
