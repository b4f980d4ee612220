"""The half of the dual repository that reads: `TareaRepository`'s questions, put to whoever can answer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from adapters.dual.lectura import LectorConRespaldo, Lectura
from adapters.health.registro import RegistroSalud
from core.domain.errors import AlmacenError, AlmacenNoDisponible, CursorCaducado, ResultadoDesconocido
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.consulta import Consulta, Filtro, Pagina, Resumen
from core.domain.models.tarea import Tarea
from core.domain.ports.almacen import Almacen

_log = logging.getLogger("adapters.dual")


class LecturasDuales:
    """Wants what `DualTareaRepository` makes: both stores, their health, a reader."""

    _almacenes: Mapping[NombreAlmacen, Almacen]
    _lector: LectorConRespaldo
    registro: RegistroSalud

    def _leer_con_respaldo(
        self,
        que: str,
        leer: Callable[[Almacen], Any],
        *,
        cuenta: Callable[[Any], bool] = lambda _valor: True,
        id: UUID | None = None,
    ) -> Lectura[Any]:
        """The one door for reads: the principal, then the other on error or when `cuenta` says no."""
        return self._lector.leer(que, leer, cuenta=cuenta, id=id)

    def get(self, id: UUID, *, eliminadas: bool = False) -> Tarea | None:
        """See `TareaRepository.get`. A tombstone is an answer: the other store is not asked past it."""
        lectura = self._leer_con_respaldo(
            f"get {id}", lambda almacen: almacen.leer(id), cuenta=lambda tarea: tarea is not None, id=id
        )
        _decir_si_es_vieja(f"get {id}", lectura)
        tarea: Tarea | None = lectura.valor
        return None if tarea is None or (tarea.eliminada and not eliminadas) else tarea

    def list(self, consulta: Consulta | None = None) -> Pagina:
        """See `TareaRepository.list`."""
        consulta = consulta or Consulta()
        if consulta.tras is not None and consulta.tras.almacen is not None:
            return self._pagina_siguiente(consulta, consulta.tras.almacen)
        lectura = self._leer_con_respaldo("list", lambda almacen: almacen.listar(consulta))
        pagina: Pagina = lectura.valor
        return replace(pagina, aviso=lectura.aviso, atrasada=lectura.atrasada)

    def _pagina_siguiente(self, consulta: Consulta, nombre: NombreAlmacen) -> Pagina:
        # Before the rows: it may become up to date meanwhile.
        aviso, atrasada = self._lector.aviso_de(nombre), self._lector.puede_faltar_en(nombre)
        try:
            pagina = self._lector.leer_de(nombre, "list", lambda almacen: almacen.listar(consulta))
        except (AlmacenNoDisponible, ResultadoDesconocido) as error:
            # One that answered «no» would say so again: only that it went away is a reason to begin anew.
            raise CursorCaducado(
                f"{nombre.etiqueta} dejó de responder a mitad de la lista: {error}"
            ) from error
        return replace(
            pagina,
            aviso=aviso or self._lector.aviso_de(nombre),
            atrasada=atrasada or self._lector.puede_faltar_en(nombre),
        )

    def contar(self, filtro: Filtro | None = None) -> int:
        """See `TareaRepository.contar`."""
        cuenta = self._contar(filtro)
        _decir_si_es_vieja("contar", cuenta)
        return cuenta.valor

    def _contar(self, filtro: Filtro | None) -> Lectura[int]:
        return self._leer_con_respaldo("contar", lambda almacen: almacen.contar(filtro))

    def leer_lote(self, ids: Sequence[UUID]) -> dict[UUID, Tarea]:
        """See `TareaRepository.leer_lote`."""
        return self._lector.leer_lote(ids)

    def ha_desaparecido(self, id: UUID) -> bool:
        """See `TareaRepository.ha_desaparecido`."""
        return self._lector.falta_en_ambos(id)

    def resumen(self) -> Resumen:
        """See `TareaRepository.resumen`."""
        cuenta = self._contar(None)
        return Resumen(
            total=cuenta.valor,
            pendientes={nombre: self._pendientes(nombre) for nombre in self._almacenes},
            aviso=cuenta.aviso if cuenta.atrasada else "",
        )

    def _pendientes(self, nombre: NombreAlmacen) -> int | None:
        if self.registro.conocida_caida(nombre):
            return None
        try:
            return self._almacenes[nombre].contar(Filtro(solo_pendientes=True, eliminadas=True))
        except AlmacenError:
            return None


def _decir_si_es_vieja(que: str, lectura: Lectura[Any]) -> None:
    """For answers that have no room for it."""
    if lectura.atrasada:
        aviso = lectura.aviso or f"leído de {lectura.almacen.etiqueta}."
        _log.warning("⚠️ Lectura (%s) que puede no ser lo último: %s", que, aviso)
