"""What an operator does all day: reads and changes the same few hundred tareas as the others."""

from __future__ import annotations

import random
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid5

from adapters.container import Contenedor
from adapters.dual import DualTareaRepository
from core.application.actualizar_tarea import ActualizarTareaCommand
from core.application.crear_tarea import CrearTareaCommand
from core.application.eliminar_tarea import EliminarTareaCommand
from core.domain.errors import ConflictoDeVersion, DualTareasError, EscrituraIncierta
from core.domain.events import EscrituraTerminada, Evento
from core.domain.models.consulta import Consulta, Filtro
from core.domain.models.tarea import EstadoTarea, Tarea, ahora_utc
from tests.torture.contenido import (
    ESTADOS,
    Contenido,
    descripcion_hostil,
    en_ms,
    titulo_hostil,
    titulo_invalido,
)
from tests.torture.historia import ACEPTADAS, Cuaderno, Fin
from tests.torture.reloj_anunciado import RelojAnunciado

_ESPACIO = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
_MUY_CALIENTES = 0.5
"""Part of all calls that go to the first tenth of the tareas."""
_OLVIDO = 4_000


def calientes(semilla: int, cuantas: int) -> list[UUID]:
    """The ids that all operators of a run fight over."""
    return [uuid5(_ESPACIO, f"tortura {semilla} {numero}") for numero in range(cuantas)]


class Desenlaces:
    """What each store said of a write, by its version, from the program's own events."""

    def __init__(self) -> None:
        self._por_version: OrderedDict[int, tuple[str, str]] = OrderedDict()
        self._lock = threading.Lock()

    def oir(self, evento: Evento) -> None:
        """To be subscribed to the event bus."""
        if isinstance(evento, EscrituraTerminada) and evento.resultado.tarea is not None:
            resultado = evento.resultado
            with self._lock:
                self._por_version[evento.resultado.tarea.version] = (
                    resultado.sql.desenlace.value,
                    resultado.mongo.desenlace.value,
                )
                while len(self._por_version) > _OLVIDO:
                    self._por_version.popitem(last=False)

    def sacar(self, version: int) -> tuple[str, str]:
        """Outcome in SQL and in MongoDB; empty where it never came to that."""
        with self._lock:
            return self._por_version.pop(version, ("", ""))


@dataclass(slots=True)
class Compartido:
    """What the threads of one operator share."""

    contenedor: Contenedor
    reloj: RelojAnunciado
    cuaderno: Cuaderno
    desenlaces: Desenlaces
    autor: str
    ids: list[UUID]
    # What this incarnation has had acknowledged: the rows of a list of which the judge can say anything.
    propias: set[UUID] = field(default_factory=set)


class Trabajador:
    """One thread of an operator: one call after the other, each written down before and after."""

    def __init__(self, comun: Compartido, azar: random.Random, hilo: int) -> None:
        self._comun = comun
        repositorio = comun.contenedor.repositorio
        assert isinstance(repositorio, DualTareaRepository)
        self._repositorio = repositorio
        self._azar = azar
        self._hilo = hilo
        self._cuenta = 0
        self._formularios: dict[UUID, Tarea] = {}  # opened some time ago, saved some time later

    def un_paso(self) -> None:
        """One call, or two where the second goes with the first."""
        suerte = self._azar.random()
        if suerte < 0.04:
            self._listar()
        elif suerte < 0.24:
            self._leer(self._elegir())
        else:
            self._cambiar(self._elegir())

    def olvidar(self) -> None:
        """Close every form: after a purge, which is for tareas that nobody has had open for a month."""
        self._formularios.clear()

    def _elegir(self) -> UUID:
        ids = self._comun.ids
        parte = ids[: len(ids) // 10] if self._azar.random() < _MUY_CALIENTES else ids
        return self._azar.choice(parte)

    def _marca(self) -> str:
        self._cuenta += 1
        return f"{self._comun.autor}-{self._hilo}-{self._cuenta}"

    # -- reading ------------------------------------------------------------------------------------

    def _leer(self, id: UUID) -> tuple[bool, Tarea | None]:
        """Whether it could be read, and what was there."""
        n = self._comun.cuaderno.empieza("leer", id=str(id))
        try:
            # What `get` does, with what it keeps to itself: which store answered, and with what reserve.
            lectura = self._repositorio._leer_con_respaldo(
                f"get {id}",
                lambda almacen: almacen.leer(id),
                cuenta=lambda tarea: tarea is not None,
                id=id,
            )
        except DualTareasError as error:
            self._comun.cuaderno.termina(n, Fin.FALLIDA, error=type(error).__name__)
            return False, None
        tarea: Tarea | None = lectura.valor
        vistas = {str(id): tarea.version if tarea else 0}
        self._comun.cuaderno.termina(
            n, Fin.OK, vistas=vistas, almacen=lectura.almacen.value, aviso=lectura.aviso
        )
        if tarea and self._azar.random() < 0.3:
            self._formularios[id] = tarea
        return True, tarea

    def _listar(self) -> None:
        propias = set(self._comun.propias)
        n = self._comun.cuaderno.empieza("listar")
        try:
            pagina = self._comun.contenedor.listar_tareas.execute(
                Consulta(filtro=Filtro(eliminadas=True), limite=2 * len(self._comun.ids))
            )
        except DualTareasError as error:
            self._comun.cuaderno.termina(n, Fin.FALLIDA, error=type(error).__name__)
            return
        vistas = {str(tarea.id): tarea.version for tarea in pagina if tarea.id in propias}
        self._comun.cuaderno.termina(
            n, Fin.OK, vistas=vistas, almacen=pagina.almacen.value, aviso=pagina.aviso
        )

    # -- writing ------------------------------------------------------------------------------------

    def _cambiar(self, id: UUID) -> None:
        formulario = self._formularios.pop(id, None) if self._azar.random() < 0.5 else None
        if formulario is None:
            leida, formulario = self._leer(id)
            if not leida and self._azar.random() < 0.8:
                return  # an operator who sees nothing rarely types on; one who does may create
        if formulario is None:
            self._crear(id)
        elif formulario.eliminada:
            self._restaurar(formulario)
        elif self._azar.random() < 0.15:
            self._eliminar(formulario)
        else:
            self._editar(formulario)

    def _crear(self, id: UUID) -> None:
        momento = ahora_utc()
        tarea = Tarea(
            id=id,
            titulo=titulo_hostil(self._azar, self._marca()),
            descripcion=descripcion_hostil(self._azar),
            estado=EstadoTarea(self._azar.choice(ESTADOS)),
            creada_en=momento,
            actualizada_en=momento,
        )
        version = self._comun.reloj.siguiente()
        orden = CrearTareaCommand(
            titulo=tarea.titulo,
            descripcion=tarea.descripcion,
            estado=tarea.estado,
            id=id,
            momento=momento,
        )
        crear = self._comun.contenedor.crear_tarea
        self._escribir("crear", tarea, version, 0, lambda v: crear.execute(replace(orden, version=v)))

    def _editar(self, base: Tarea) -> None:
        titulo = titulo_hostil if self._azar.random() < 0.98 else titulo_invalido
        tarea = replace(
            base,
            titulo=titulo(self._azar, self._marca()),
            descripcion=descripcion_hostil(self._azar),
            estado=EstadoTarea(self._azar.choice(ESTADOS)),
            actualizada_en=ahora_utc(),
        )
        version = self._comun.reloj.siguiente(base.version)
        orden = ActualizarTareaCommand(
            id=base.id,
            titulo=tarea.titulo,
            descripcion=tarea.descripcion,
            estado=tarea.estado,
            base=base,
            momento=tarea.actualizada_en,
        )
        actualizar = self._comun.contenedor.actualizar_tarea
        self._escribir(
            "editar", tarea, version, base.version, lambda v: actualizar.execute(replace(orden, version=v))
        )

    def _eliminar(self, base: Tarea) -> None:
        version = self._comun.reloj.siguiente(base.version)
        lapida = replace(base, eliminada=True, actualizada_en=ahora_utc())
        orden = EliminarTareaCommand(id=base.id, base=base, repite=replace(lapida, version=version))
        eliminar = self._comun.contenedor.eliminar_tarea
        # Always as a repetition, or the instant of the tombstone could not be known before.
        self._escribir("eliminar", lapida, version, base.version, lambda _v: eliminar.execute(orden))

    def _restaurar(self, lapida: Tarea) -> None:
        tarea = replace(
            lapida,
            eliminada=False,
            titulo=titulo_hostil(self._azar, self._marca()),
            actualizada_en=ahora_utc(),
        )
        version = self._comun.reloj.siguiente(lapida.version)
        guardar = self._repositorio.save
        self._escribir("restaurar", tarea, version, lapida.version, lambda v: guardar(tarea, version=v))

    def _escribir(
        self, op: str, tarea: Tarea, version: int, base: int, hacer: Callable[[int | None], Tarea]
    ) -> None:
        """Write it, `hacer` being told the version where it is a repetition."""
        contenido = Contenido(
            titulo=tarea.titulo,
            descripcion=tarea.descripcion,
            estado=str(tarea.estado),
            creada_ms=en_ms(tarea.creada_en),
            actualizada_ms=en_ms(tarea.actualizada_en),
            eliminada=tarea.eliminada,
        )
        campos = {
            "id": str(tarea.id),
            "version": version,
            "base": base,
            "huella": contenido.huella,
            "visible": contenido.huella_visible,
            "eliminada": tarea.eliminada,
        }
        with self._comun.reloj.dara(version):
            fin = self._una_vez(op, campos, lambda: hacer(None))
        if fin is Fin.DESCONOCIDA and self._azar.random() < 0.5:
            self._una_vez(op, campos, lambda: hacer(version))  # as the form's button does

    def _una_vez(self, op: str, campos: dict[str, Any], hacer: Callable[[], Tarea]) -> Fin:
        n = self._comun.cuaderno.empieza(op, **campos)
        escrita, fin, error = _intentar(hacer)
        sql, mongo = self._comun.desenlaces.sacar(campos["version"])
        self._comun.cuaderno.termina(n, fin, sql=sql, mongo=mongo, error=error)
        if escrita is not None and fin in ACEPTADAS:
            self._comun.propias.add(escrita.id)
            if self._azar.random() < 0.3:
                self._formularios[escrita.id] = escrita
        return fin


def _intentar(hacer: Callable[[], Tarea]) -> tuple[Tarea | None, Fin, str]:
    try:
        escrita = hacer()
    except ConflictoDeVersion:
        return None, Fin.CONFLICTO, ""
    except EscrituraIncierta:
        return None, Fin.DESCONOCIDA, ""
    except DualTareasError as error:
        return None, Fin.FALLIDA, type(error).__name__
    except Exception as error:  # noqa: BLE001  a bug of the program: the judge reports every one
        return None, Fin.DESCONOCIDA, f"interno: {type(error).__name__}: {error}"
    return escrita, Fin.DEGRADADA if escrita.pendiente else Fin.OK, ""
