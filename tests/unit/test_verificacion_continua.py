"""Verification in the background: when it is made, when it is not, what is told of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any, cast

import pytest

from adapters.verificacion.continua import (
    COMPLETA_CADA_S,
    EN_CURSO_MAX_MS,
    NOTA_EN_CURSO,
    VerificacionContinua,
)
from core.domain.errors import AlmacenNoDisponible, AlmacenSoloLectura
from core.domain.events import Evento, VerificacionHecha
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.verificacion import NOTA_ULTIMA, InformeVerificacion
from core.domain.ports.revision import AlmacenRevisable


class Notas:
    """What is noted in a store."""

    def __init__(self, nombre: NombreAlmacen) -> None:
        self.nombre = nombre
        self.notas: dict[str, str] = {}

    def nota(self, clave: str) -> str | None:
        return self.notas.get(clave)

    def anotar(self, clave: str, valor: str) -> None:
        self.notas[clave] = valor


class Sitio:
    """A container of which the stores are always equal, and a clock that is moved by hand."""

    def __init__(self) -> None:
        self.almacenes = {nombre: Notas(nombre) for nombre in NombreAlmacen}
        self.ahora_ms = 1_750_000_000_000
        self.ahora_s = 0.0
        self.marca = ((3, 30), (3, 30))
        self.error: Exception | None = None
        self.iguales = True
        self.listas = True
        self.en_curso: list[str | None] = []
        self.dichos: list[Evento] = []
        self.continua = VerificacionContinua(
            self,
            cada_s=300.0,
            listas=lambda: self.listas,
            publicar=self.dichos.append,
            ahora_ms=lambda: self.ahora_ms,
            ahora_s=lambda: self.ahora_s,
        )

    @property
    def revisables(self) -> Mapping[NombreAlmacen, AlmacenRevisable]:
        return cast(Mapping[NombreAlmacen, AlmacenRevisable], self.almacenes)

    def pulso(self) -> tuple[tuple[int, int], ...]:
        return self.marca

    def verificar(self, *, parar: threading.Event | None = None, **_otros: Any) -> InformeVerificacion:
        self.en_curso = [uno.nota(NOTA_EN_CURSO) for uno in self.almacenes.values()]
        if self.error is not None:
            raise self.error
        informe = InformeVerificacion(
            metodo="resumen", empezada_ms=self.ahora_ms, filas_sql=3, filas_mongo=3, en_vuelo=not self.iguales
        )
        informe.cancelada = parar is not None and parar.is_set()
        return informe


@pytest.fixture
def sitio() -> Sitio:
    return Sitio()


def test_verifica_lo_dice_y_deja_la_nota_mientras_dura(sitio: Sitio) -> None:
    assert sitio.continua.mirar()
    (dicho,) = sitio.dichos
    assert isinstance(dicho, VerificacionHecha)
    assert dicho.informe is not None
    assert dicho.informe.iguales
    assert [json.loads(nota or "") for nota in sitio.en_curso] == [{"empezada_ms": sitio.ahora_ms}] * 2
    assert [uno.notas[NOTA_EN_CURSO] for uno in sitio.almacenes.values()] == ["{}"] * 2


def test_si_nada_ha_cambiado_no_se_repite_hasta_pasada_una_hora(sitio: Sitio) -> None:
    assert sitio.continua.mirar()
    assert not sitio.continua.mirar()
    sitio.marca = ((3, 31), (3, 31))
    assert sitio.continua.mirar()
    assert not sitio.continua.mirar()
    sitio.ahora_s += COMPLETA_CADA_S
    assert sitio.continua.mirar()


def test_con_diferencias_se_repite_siempre(sitio: Sitio) -> None:
    sitio.iguales = False
    assert [sitio.continua.mirar() for _ in range(3)] == [True] * 3


def test_si_otro_programa_verifica_o_acaba_de_hacerlo_no_se_repite(sitio: Sitio) -> None:
    notas = sitio.almacenes[NombreAlmacen.MONGO]
    notas.anotar(NOTA_EN_CURSO, json.dumps({"empezada_ms": sitio.ahora_ms - 1000}))
    assert not sitio.continua.mirar()
    sitio.ahora_ms += EN_CURSO_MAX_MS  # the one that wrote it has died
    assert sitio.continua.mirar()
    notas.anotar(NOTA_ULTIMA, json.dumps({"empezada_ms": sitio.ahora_ms, "iguales": True}))
    sitio.marca = ((4, 40), (4, 40))
    assert not sitio.continua.mirar()
    sitio.ahora_ms += 271_000
    assert sitio.continua.mirar()


def test_lo_distinto_que_halla_otro_programa_se_dice_tambien_aqui(sitio: Sitio) -> None:
    nota = json.dumps({"empezada_ms": sitio.ahora_ms, "iguales": False})
    sitio.almacenes[NombreAlmacen.MONGO].anotar(NOTA_ULTIMA, nota)
    assert sitio.continua.mirar()
    assert len(sitio.dichos) == 1


def test_si_una_no_responde_se_dice_y_la_nota_se_quita(sitio: Sitio) -> None:
    sitio.error = AlmacenNoDisponible(NombreAlmacen.SQL, "no contesta")
    assert not sitio.continua.mirar()
    assert sitio.dichos == [VerificacionHecha(None, "SQL: no contesta")]
    assert sitio.almacenes[NombreAlmacen.SQL].notas[NOTA_EN_CURSO] == "{}"
    sitio.listas = False
    sitio.error = None
    assert not sitio.continua.mirar()


def test_cerrar_termina_el_hilo_sin_decir_nada(sitio: Sitio) -> None:
    sitio.continua.start()
    sitio.continua.close(5.0)
    assert not sitio.continua._hilo.is_alive()
    assert not sitio.continua.mirar()
    assert sitio.dichos == []


def test_tras_un_error_no_vale_que_antes_eran_iguales(sitio: Sitio) -> None:
    assert sitio.continua.mirar()
    sitio.marca = ((3, 31), (3, 31))
    sitio.error = AlmacenNoDisponible(NombreAlmacen.SQL, "no contesta")
    assert not sitio.continua.mirar()
    sitio.error = None
    sitio.marca = ((3, 30), (3, 30))  # it is back, from a backup of before
    assert sitio.continua.mirar()


def test_que_no_se_pueda_anotar_no_impide_verificar(sitio: Sitio, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_se_puede(_clave: str, _valor: str) -> None:
        raise AlmacenSoloLectura(NombreAlmacen.MONGO, "solo admite lecturas")

    monkeypatch.setattr(sitio.almacenes[NombreAlmacen.MONGO], "anotar", no_se_puede)
    assert sitio.continua.mirar()
    assert sitio.almacenes[NombreAlmacen.SQL].notas[NOTA_EN_CURSO] == "{}"
