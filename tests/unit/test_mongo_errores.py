"""What each driver error means: whether anything was sent, in one sentence, without secrets."""

from __future__ import annotations

import socket
from pathlib import Path

import dns.exception
import dns.resolver
import pytest
from bson.errors import InvalidDocument
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    DuplicateKeyError,
    ExecutionTimeout,
    InvalidOperation,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteError,
    WTimeoutError,
)
from pymongo.pool_shared import _PoolClosedError

from adapters.cli import main
from adapters.mongo.conexion import partes_de_url
from adapters.mongo.errores import motivo, traducir
from adapters.mongo.repositorio import MongoTareaRepository
from core.domain.errors import (
    AlmacenNoDisponible,
    AlmacenSoloLectura,
    ConfiguracionInvalida,
    OperacionFallida,
    ResultadoDesconocido,
)
from tests.fakes import reloj_de_prueba

CORTES = [
    AutoReconnect("cortada"),
    NetworkTimeout("tarde"),
    ExecutionTimeout("tarde", 50),
    InvalidOperation("cerrada"),
    _PoolClosedError("cerrada"),
    WaitQueueTimeoutError("ocupadas"),
    NotPrimaryError("se detiene", {"code": 11600}),
    NotPrimaryError("cede", {"code": 11602}),
    OperationFailure("interrumpida", 11601),
]


@pytest.mark.parametrize("error", CORTES, ids=lambda error: type(error).__name__)
def test_un_corte_tras_enviar_una_escritura_es_un_resultado_desconocido(error: Exception) -> None:
    assert type(traducir(error, enviada=True, escritura=True)) is ResultadoDesconocido


LENTAS = [
    ExecutionTimeout("tarde", 50, {"code": 50, "codeName": "MaxTimeMSExpired"}),
    NetworkTimeout("tarde"),
]


@pytest.mark.parametrize("error", LENTAS, ids=lambda error: type(error).__name__)
def test_una_lectura_que_tarda_en_un_servidor_que_vive_es_un_no(error: Exception) -> None:
    assert type(traducir(error, vive=True)) is OperacionFallida
    assert type(traducir(error, enviada=True, escritura=True, vive=True)) is ResultadoDesconocido


@pytest.mark.parametrize("error", CORTES, ids=lambda error: type(error).__name__)
def test_un_corte_sin_nada_enviado_es_falta_de_disponibilidad(error: Exception) -> None:
    assert type(traducir(error)) is AlmacenNoDisponible
    assert type(traducir(error, escritura=True)) is AlmacenNoDisponible


@pytest.mark.parametrize("error", [WTimeoutError("w"), BulkWriteError({"writeConcernErrors": [{}]})])
def test_sin_confirmacion_de_la_mayoria_no_se_sabe_el_resultado(error: Exception) -> None:
    assert type(traducir(error, enviada=True, escritura=True)) is ResultadoDesconocido


def test_un_servidor_que_rechaza_por_no_ser_primario_es_de_solo_lectura() -> None:
    error = NotPrimaryError("not primary", {"code": 10107})

    assert type(traducir(error, enviada=True, escritura=True)) is AlmacenSoloLectura


@pytest.mark.parametrize(
    ("error", "trozo"),
    [
        (WriteError("no", 121), "reglas de validación"),
        (DuplicateKeyError("no", 11000), "índice único"),
        (OperationFailure("no", 13), "permiso"),
        (OperationFailure("no", 14031), "espacio en disco"),
        (OperationFailure("no", 9, {"codeName": "FailedToParse"}), "FailedToParse, código 9"),
        (InvalidDocument("no"), "InvalidDocument"),
        (OverflowError("no"), "OverflowError"),
    ],
)
def test_lo_que_el_servidor_rechaza_dice_por_que(error: Exception, trozo: str) -> None:
    traducido = traducir(error, enviada=True, escritura=True)

    assert type(traducido) is OperacionFallida
    assert trozo in str(traducido)


@pytest.mark.parametrize(
    ("causa", "trozo"),
    [
        (dns.resolver.NXDOMAIN(), "el nombre del servidor no existe en la red"),
        (dns.resolver.NoAnswer(), "no anuncia ningún servidor MongoDB"),
        (dns.exception.Timeout(), "(DNS) no contesta"),
    ],
)
def test_un_nombre_que_no_se_encuentra_es_falta_de_disponibilidad(causa: Exception, trozo: str) -> None:
    error = ConfigurationError("secreto")
    error.__cause__ = causa
    traducido = traducir(error)
    assert type(traducido) is AlmacenNoDisponible
    assert trozo in str(traducido)


def test_una_contrasena_mala_tiene_su_propia_frase() -> None:
    traducido = traducir(OperationFailure("Authentication failed for secreto", 18))

    assert type(traducido) is AlmacenNoDisponible
    assert "usuario o la contraseña" in str(traducido)


@pytest.mark.parametrize(
    "error",
    [
        ServerSelectionTimeoutError("x" * 400 + "secreto"),
        AutoReconnect("secreto"),
        WriteError("secreto", 1),
        OperationFailure("secreto", 18),
    ],
)
def test_una_frase_es_corta_y_no_repite_al_driver(error: Exception) -> None:
    frase = str(traducir(error))

    assert len(frase) < 150
    assert frase.endswith(".")
    assert "secreto" not in frase


def test_el_motivo_se_busca_en_toda_la_cadena_de_causas() -> None:
    externo = AutoReconnect("servidor:1: refused")
    externo.__cause__ = ConnectionRefusedError()

    assert "rechazada" in motivo([ValueError(), externo])
    assert "nombre" in motivo([socket.gaierror()])
    assert motivo([ValueError()]) == ""


@pytest.mark.parametrize(
    ("url", "partes"),
    [
        ("mongodb://servidor", ("servidor", "")),
        ("mongodb://ana:secreto@h1:1,h2:2/tareas?replicaSet=rs", ("h1:1,h2:2", "tareas")),
        ("mongodb+srv://ana:s%40creto@nube.example/?w=1", ("nube.example", "")),
        ("mongodb://h/con%20espacio", ("h", "con espacio")),
    ],
)
def test_una_direccion_se_muestra_sin_secretos(url: str, partes: tuple[str, str]) -> None:
    assert partes_de_url(url) == partes


@pytest.mark.parametrize(
    "url", ["", "servidor:27017", "postgresql://u:secreto@h/b", "mongodb://:secreto@", "mongodb://h:secreto"]
)
def test_una_url_imposible_se_rechaza_sin_repetirla(url: str) -> None:
    with pytest.raises(ConfiguracionInvalida, match="MONGO_URL") as captura:
        MongoTareaRepository(url, reloj=reloj_de_prueba())

    assert "secreto" not in str(captura.value)


@pytest.mark.parametrize(
    ("opciones", "trozo"),
    [
        ("retrywritess=true", "«retrywritess»"),
        ("w=1&W=2", "«W»"),
        ("appname=x;connectTimeoutMS=secreto", "«connectTimeoutMS»"),
        ("tls=true&tlsCAFile=/secreto/no/existe", "«tlsCAFile»"),
        ("tls=true&ssl=false", "no casan"),
        ("tls", "«tls»"),
        ("secreto=@h/b", "no se entienden"),
    ],
)
def test_una_opcion_que_no_sirve_se_nombra_sin_su_valor(opciones: str, trozo: str) -> None:
    with pytest.raises(ConfiguracionInvalida, match=trozo) as captura:
        MongoTareaRepository(f"mongodb://ana:secreto@servidor/b?{opciones}", reloj=reloj_de_prueba())

    assert "MONGO_URL" in str(captura.value)
    assert "secreto" not in f"{captura.value} {captura.value.__cause__} {captura.value.__context__}"


@pytest.mark.parametrize(
    "opciones",
    [
        "",
        "replicaSet=rs0&w=majority&journal=true&readPreference=secondary",
        "readPreferenceTags=dc:a&readPreferenceTags=dc:b&readPreference=nearest",
        "authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN:x%26y",
    ],
)
def test_las_opciones_buenas_se_aceptan(opciones: str) -> None:
    MongoTareaRepository(f"mongodb://ana:secreto@servidor/b?{opciones}", reloj=reloj_de_prueba()).close()


def test_una_opcion_que_no_existe_acaba_el_programa_con_una_frase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DUAL_TAREAS_DATOS", str(tmp_path))
    monkeypatch.setenv("ORM", "mongo")
    monkeypatch.setenv("MONGO_URL", "mongodb://ana:secreto@servidor/b?retrywritess=true")

    codigo = main(["ping"])

    salida = capfd.readouterr()
    assert codigo == 2
    assert "«retrywritess» de MONGO_URL" in " ".join(salida.err.split())
    assert "Warning" not in salida.err
    assert "secreto" not in salida.out + salida.err


def test_el_repr_no_lleva_contrasena() -> None:
    repositorio = MongoTareaRepository("mongodb://ana:secreto@servidor:1/tareas", reloj=reloj_de_prueba())

    assert repr(repositorio) == "MongoTareaRepository(servidor:1/tareas)"
    repositorio.close()
