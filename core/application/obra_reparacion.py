"""One batch of a repair: keep what goes, write the losing store, write the other one, confirm."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from core.application.criba import Criba
from core.application.obra import Obra
from core.diferencias import FilaVista
from core.domain.errors import OperacionFallida, TareaInvalida, VersionAgotada
from core.domain.models.almacen import Conflicto, NombreAlmacen
from core.domain.models.conflicto import ClaveConflicto, ConflictoGuardado, Resolucion
from core.domain.models.reparacion import InformeReparacion, Suerte
from core.domain.models.tarea import Tarea
from core.domain.ports.almacen import Almacen
from core.domain.ports.reparacion import AlmacenReparable, Cambio
from core.reparacion import (
    contenido_de,
    es_devolvible,
    tal_cual,
    tolerante,
    vista_de,
)


class Ejecutor:
    """Carries batches out; see `RepararDiferenciasUseCase` for the order and the arguments."""

    def __init__(
        self,
        almacenes: Mapping[NombreAlmacen, Almacen],
        crudos: Mapping[NombreAlmacen, AlmacenReparable],
        *,
        version_nueva: Callable[[int], int],
        nodo: Callable[[], str],
        ahora_ms: Callable[[], int],
        apuntar: Callable[[Sequence[dict[str, Any]]], str],
        al_confirmar: Callable[[Sequence[tuple[str, int]]], None],
    ) -> None:
        self._almacenes = almacenes
        self._crudos = crudos
        self._version_nueva = version_nueva
        self._nodo = nodo
        self._ahora_ms = ahora_ms
        self._apuntar = apuntar
        self._al_confirmar = al_confirmar

    def hacer(
        self,
        obras: Sequence[Obra],
        informe: InformeReparacion,
        asegurar: Callable[[InformeReparacion], None] = lambda _informe: None,
    ) -> None:
        """All of a batch. Raises AlmacenError, ArchivoInvalido.

        Args:
            asegurar: notes how `informe.en_curso` can be undone, before any of it is written.
        """
        obras = [obra for obra in obras if self._versionar(obra, informe)]
        obras = self._guardar(obras, informe)
        self._comprobar_guardadas(obras)
        self._apuntar_lo_demas(obras, informe)
        informe.en_curso = [obra.reparada() for obra in obras]
        try:
            asegurar(informe)
        except BaseException:
            informe.en_curso = []  # none of it was begun
            raise
        primeras = self._poner(obras, informe, otra=False)
        segundas = self._poner(primeras, informe, otra=True)
        hechas = {id(obra) for obra in segundas}
        for obra in primeras:
            if obra.movida:
                self._ceder(obra)
            elif id(obra) not in hechas:
                informe.a_medias.append(obra.reparada())
        self._confirmar(segundas, informe)
        informe.en_curso = []
        self._anotar([obra for obra in segundas if obra.abierta])

    # -- before -------------------------------------------------------------------------------------

    def _versionar(self, obra: Obra, informe: InformeReparacion) -> bool:
        vistas = [uno.version for uno in (obra.pareja.sql, obra.pareja.mongo) if uno is not None]
        try:
            final = self._con_version(obra.final, max(vistas, default=0))
            obra.final = replace(final, version_comun=obra.comun)
        except (TareaInvalida, VersionAgotada) as error:
            return _fallida(obra, f"{error} {error.que_hacer}".rstrip(), informe)
        return True

    def _con_version(self, fila: Tarea, base: int) -> Tarea:
        return replace(
            fila.validada(),
            version=self._version_nueva(int(base)),
            version_comun=0,
            pendiente=True,
            nodo=self._nodo(),
        )

    def _guardar(self, obras: Sequence[Obra], informe: InformeReparacion) -> list[Obra]:
        """Keep what each is to replace; those of which nothing is lost any more."""
        sin_nada = [obra for obra in obras if obra.guardar is None]
        return sin_nada + [
            obra
            for nombre in NombreAlmacen
            for obra in Criba(
                partial(self._guardar_en, nombre),
                lambda obra, error: _fallida(obra, f"no se pudo guardar antes lo que hay: {error}", informe),
            ).pasar([obra for obra in obras if obra.guardar is not None and obra.pierde is nombre])
        ]

    def _guardar_en(self, nombre: NombreAlmacen, obras: Sequence[Obra]) -> Sequence[Obra]:
        cuando_ms = self._ahora_ms()
        self._crudos[nombre].guardar_perdedoras(
            [
                Conflicto(
                    perdedora=tolerante(obra.guardar),
                    version_ganadora=obra.final.version,
                    cuando_ms=cuando_ms,
                )
                for obra in obras
                if obra.guardar is not None
            ],
            # Who repairs has decided. As an open question it would stay behind for good where the program
            # dies at one of the writes that follow; nothing would tell it from those of operators.
            Resolucion.REPARACION,
        )
        return obras

    def _comprobar_guardadas(self, obras: Sequence[Obra]) -> None:
        """Another content may have been kept under the same version before: that one stays."""
        for nombre in NombreAlmacen:
            guardadas = [(obra.clave, obra) for obra in obras if obra.clave and obra.pierde is nombre]
            claves = [clave for clave, _ in guardadas]
            hay = {uno.clave: uno for uno in self._leer_conflictos(nombre, claves)}
            for clave, obra in guardadas:
                esta = tal_cual(obra.guardar) if obra.guardar else None
                guardada = hay.get(clave)
                hallada = None if guardada is None else guardada.conflicto.perdedora
                obra.exacta = esta is not None and hallada is not None and hallada.misma_escritura(esta)
                obra.devolvible = hallada is not None and _se_puede_devolver(obra.guardar, hallada)
                obra.abierta = guardada is not None and guardada.abierto and obra.devolvible

    def _leer_conflictos(
        self, nombre: NombreAlmacen, claves: Sequence[ClaveConflicto]
    ) -> Sequence[ConflictoGuardado]:
        return self._almacenes[nombre].leer_conflictos(claves) if claves else ()

    def _apuntar_lo_demas(self, obras: Sequence[Obra], informe: InformeReparacion) -> None:
        """Keep in the journal what `conflictos` cannot."""
        apuntes: list[dict[str, Any]] = []
        cuando = datetime.fromtimestamp(self._ahora_ms() / 1000, UTC).isoformat()
        for nombre in NombreAlmacen:
            deben = [obra for obra in obras if _debe_apuntarse(obra, nombre)]
            crudos = self._crudos[nombre].crudos([obra.id for obra in deben]) if deben else {}
            apuntes += [
                {
                    "cuando": cuando,
                    "id": obra.id,
                    "almacen": nombre.value,
                    "version_nueva": obra.final.version,
                    "contenido": crudos.get(obra.id, ""),
                }
                for obra in deben
            ]
        if apuntes:
            informe.diario = self._apuntar(apuntes)

    # -- the writes ---------------------------------------------------------------------------------

    def _poner(self, obras: Sequence[Obra], informe: InformeReparacion, *, otra: bool) -> list[Obra]:
        """Write the store that loses, or (`otra`) the other one; those that are in."""
        puestas: list[Obra] = []
        for pierde in NombreAlmacen:
            parte = [obra for obra in obras if obra.pierde is pierde]
            puestas += self._poner_en(pierde.otro if otra else pierde, parte, informe, otra=otra)
        return puestas

    def _poner_en(
        self, almacen: NombreAlmacen, obras: Sequence[Obra], informe: InformeReparacion, *, otra: bool
    ) -> list[Obra]:
        # What the second store refuses is a pendiente of the first one, as any write that one store took.
        y_ahora = f" {almacen.otro.etiqueta} ya tiene la versión nueva: quedó pendiente de copiar." * otra

        def poner(parte: Sequence[Obra]) -> list[Obra]:
            puestas = self._crudos[almacen].sustituir([obra.cambio(almacen) for obra in parte])
            for obra in parte:
                if obra.id not in puestas:
                    obra.movida = True
                    informe.cuentas[Suerte.CAMBIO] += 1
            return [obra for obra in parte if not obra.movida]

        def al_fallar(obra: Obra, error: OperacionFallida) -> None:
            # Without its text it could not go under the same version, which stands for one content, and to
            # take it out of both is for people to say.
            salida = " Restáurela, corrija su texto y elimínela otra vez." * (
                obra.final.eliminada and error.del_dato
            )
            _fallida(obra, f"{almacen.etiqueta}: {error}{salida}{y_ahora}", informe)

        return Criba(poner, al_fallar).pasar(obras)

    def _ceder(self, obra: Obra) -> None:
        """An edit landed in the second store after the first one was written: it wins, in both.

        What was kept of the first store becomes an open conflict, for people to look at. Whoever moves first,
        the usual rules apply to what the stores hold then.
        """
        otro = obra.pierde.otro
        if obra.clave is not None:
            self._almacenes[obra.pierde].reabrir_conflicto(*obra.clave)
        aqui, alli = (self._crudos[uno].leer([obra.id]).get(obra.id) for uno in (obra.pierde, otro))
        if aqui is None or alli is None or aqui.version != obra.final.version:
            return
        try:
            edicion = self._con_version(contenido_de(alli), max(aqui.version, alli.version))
        except (TareaInvalida, VersionAgotada):
            return
        try:
            puesta = self._crudos[otro].sustituir([Cambio(alli, edicion)])
            puesta = puesta and self._crudos[obra.pierde].sustituir([Cambio(aqui, edicion)])
        except OperacionFallida:  # replication brings it over as it is, or says why it cannot
            return
        if puesta:
            self._decir_en_ambos([edicion])

    # -- after --------------------------------------------------------------------------------------

    def _confirmar(self, hechas: Sequence[Obra], informe: InformeReparacion) -> None:
        self._decir_en_ambos([obra.final for obra in hechas])
        for obra in hechas:
            informe.cuentas[Suerte.REPARADA] += 1
            informe.reparadas.append(obra.reparada())

    def _decir_en_ambos(self, filas: Sequence[Tarea]) -> None:
        if filas:
            pares = [(fila.id, fila.version) for fila in filas]
            for nombre in NombreAlmacen:
                # Both hold them; where the mark cannot be taken off now, replication finds that out again.
                with suppress(OperacionFallida):
                    self._almacenes[nombre].confirmar(pares)
            self._al_confirmar([(str(id), version) for id, version in pares])

    def _anotar(self, obras: Sequence[Obra]) -> None:
        for nombre in NombreAlmacen:
            claves = [obra.clave for obra in obras if obra.clave is not None and obra.pierde is nombre]
            if claves:
                self._crudos[nombre].anotar_resueltas(claves, Resolucion.REPARACION, self._ahora_ms())


def _se_puede_devolver(vista: FilaVista | None, hallada: Tarea) -> bool:
    """Whether what `conflictos` holds is that row, but for what finer than milliseconds it said."""
    return vista is not None and es_devolvible(vista) and hallada.misma_escritura(tolerante(vista))


def _descompuesta(vista: FilaVista) -> bool:
    """Whether a text of it has accents apart, which no write of ours leaves: not the winner's either."""
    textos = (valor for valor in vista.contenido if isinstance(valor, str))
    return not all(unicodedata.is_normalized("NFC", texto) for texto in textos)


def _debe_apuntarse(obra: Obra, almacen: NombreAlmacen) -> bool:
    vista = vista_de(obra.pareja, almacen)
    if vista is None:
        return False
    if vista.defectos or _descompuesta(vista):
        return True
    return obra.guardar is not None and obra.pierde is almacen and not obra.exacta


def _fallida(obra: Obra, motivo: str, informe: InformeReparacion) -> bool:
    informe.cuentas[Suerte.FALLIDA] += 1
    informe.problemas.append((obra.id, motivo))
    return False
