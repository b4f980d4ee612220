"""Node numbers: kept on disk, one a process, another one where somebody else has it already."""

from __future__ import annotations

import logging
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from adapters import nodo as modulo
from adapters.nodo import Puesto, crear_reloj, tomar_puesto
from adapters.registro_nodo import ReclamadorDeNodo
from core.domain.errors import AlmacenNoDisponible, ConfiguracionInvalida
from core.domain.events import SaludObservada
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.version import NODO_MAX, RelojHibrido, Reserva, componer, descomponer
from core.health import EstadoSalud, SaludAlmacen
from tests.fakes import RelojDePrueba
from tests.servidores.espera import esperar

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO
MAQUINA = "_maquina"


class RegistroEnMemoria:
    """One store's register."""

    def __init__(self, nombre: NombreAlmacen) -> None:
        self.nombre = nombre
        self.duenos: dict[int, str] = {}
        self.caido = False
        self.preguntas = 0

    def reclamar(self, nodo: int, instalacion: str, *, ahora_ms: int) -> str:
        self.preguntas += 1
        if self.caido:
            raise AlmacenNoDisponible(self.nombre, "apagado")
        return self.duenos.setdefault(nodo, instalacion)


@pytest.fixture(autouse=True)
def _soltar_puestos() -> Iterator[None]:
    """Let go of the places that this test took, as the end of a process would."""
    antes = len(modulo._candados)
    yield
    soltar(antes)


def soltar(desde: int = 0) -> None:
    while len(modulo._candados) > desde:
        modulo._candados.pop().release()


@pytest.fixture
def registros() -> dict[NombreAlmacen, RegistroEnMemoria]:
    return {nombre: RegistroEnMemoria(nombre) for nombre in (SQL, MONGO)}


Instalar = Callable[..., tuple[Puesto, RelojHibrido, ReclamadorDeNodo]]


@pytest.fixture
def instalar(tmp_path: Path, registros: dict[NombreAlmacen, RegistroEnMemoria]) -> Instalar:
    def instalar(nombre: str, *, reintento_s: float = 0.01) -> tuple[Puesto, RelojHibrido, ReclamadorDeNodo]:
        puesto = tomar_puesto(tmp_path / nombre)
        reloj = crear_reloj(puesto)
        reclamador = ReclamadorDeNodo(
            puesto, reloj, registros, ahora_ms=RelojDePrueba(), reintento_s=reintento_s
        )
        return puesto, reloj, reclamador

    return instalar


def test_el_numero_y_la_identidad_se_conservan(tmp_path: Path) -> None:
    antes = len(modulo._candados)
    puesto = tomar_puesto(tmp_path)
    numero = puesto.numero()
    assert 0 < numero <= NODO_MAX
    soltar(antes)
    otra_vez = tomar_puesto(tmp_path)
    assert (otra_vez, otra_vez.numero()) == (puesto, numero)


def test_lo_reservado_por_un_proceso_lo_sabe_el_siguiente(tmp_path: Path) -> None:
    antes = len(modulo._candados)
    puesto = tomar_puesto(tmp_path)
    primera = crear_reloj(puesto).siguiente()
    soltar(antes)
    siguiente = tomar_puesto(tmp_path)
    assert siguiente.reservado().cerca >= descomponer(primera).ms
    assert crear_reloj(siguiente).siguiente() > componer(siguiente.reservado().cerca - 1_000, 0, 0)
    puesto.archivo.with_name("0.reserva").write_text("nada", encoding="ascii")
    assert siguiente.reservado() == Reserva()


def test_dos_procesos_a_la_vez_tienen_puestos_y_numeros_distintos(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sorteo = iter([7, 7, 7, 9])
    monkeypatch.setattr(secrets, "randbelow", lambda _tope: next(sorteo))
    uno, otro = tomar_puesto(tmp_path), tomar_puesto(tmp_path)
    assert uno.instalacion.rpartition("/")[0] == otro.instalacion.rpartition("/")[0]
    assert uno.instalacion != otro.instalacion
    assert (uno.numero(), otro.numero()) == (8, 10)


@pytest.mark.parametrize("texto", ["", "0", "-1", "siete", "70000", "\xff"])
def test_un_archivo_con_otra_cosa_se_dice(tmp_path: Path, texto: str) -> None:
    puesto = tomar_puesto(tmp_path)
    puesto.archivo.write_text(texto, encoding="latin-1")
    with pytest.raises(ConfiguracionInvalida, match="debería contener un número"):
        puesto.numero()


def test_una_carpeta_que_viene_de_otro_equipo_toma_identidad_y_numeros_propios(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    antes = len(modulo._candados)
    monkeypatch.setattr(modulo, MAQUINA, lambda: "uno")
    puesto = tomar_puesto(tmp_path)
    numero = puesto.numero()
    soltar(antes)
    monkeypatch.setattr(modulo, MAQUINA, lambda: "otro")
    with caplog.at_level(logging.WARNING):
        copia = tomar_puesto(tmp_path)
    assert copia.instalacion != puesto.instalacion
    assert not copia.archivo.exists()
    assert "viene de otro equipo" in caplog.text
    soltar(antes)
    assert copia.numero() != 0
    assert tomar_puesto(tmp_path) == copia
    assert numero  # the one it came with is left to where it is from


def test_una_copia_en_el_mismo_equipo_toma_identidad_y_numeros_propios(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    original = tomar_puesto(tmp_path / "a")
    numero = original.numero()
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    with caplog.at_level(logging.WARNING):
        copia = tomar_puesto(tmp_path / "b")
    assert "es copia de otra" in caplog.text
    assert copia.instalacion != original.instalacion
    assert not copia.archivo.exists()
    assert copia.otro_numero() != 0
    soltar(len(modulo._candados) - 2)
    assert (tomar_puesto(tmp_path / "a"), tomar_puesto(tmp_path / "b")) == (original, copia)
    assert original.numero() == numero


@pytest.mark.parametrize("roto", [b"\xff\xfe\x00", bytes(36), b"otra cosa", b""], ids=repr)
def test_una_identidad_estropeada_se_cambia_por_una_nueva(tmp_path: Path, roto: bytes) -> None:
    antes = len(modulo._candados)
    original = tomar_puesto(tmp_path)
    soltar(antes)
    (tmp_path / "nodos" / "instalacion").write_bytes(roto)
    nueva = tomar_puesto(tmp_path).instalacion
    soltar(antes)
    assert nueva != original.instalacion
    assert UUID(nueva.rpartition("/")[0])
    assert tomar_puesto(tmp_path).instalacion == nueva


def test_una_carpeta_que_se_mueve_o_se_restaura_sigue_siendo_la_misma(tmp_path: Path) -> None:
    antes = len(modulo._candados)
    original = tomar_puesto(tmp_path / "a")
    original.numero()
    soltar(antes)
    (tmp_path / "a").rename(tmp_path / "b")
    assert tomar_puesto(tmp_path / "b").instalacion == original.instalacion
    soltar(antes)
    shutil.copytree(tmp_path / "b", tmp_path / "guardada")
    shutil.rmtree(tmp_path / "b")
    shutil.copytree(tmp_path / "guardada", tmp_path / "b")
    assert tomar_puesto(tmp_path / "b").instalacion == original.instalacion


@pytest.mark.parametrize("maquinas", [("uno", ""), ("", "otro"), ("", "")])
def test_donde_no_se_sabe_el_equipo_la_identidad_no_cambia(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, maquinas: tuple[str, str]
) -> None:
    antes = len(modulo._candados)
    monkeypatch.setattr(modulo, MAQUINA, lambda: maquinas[0])
    puesto = tomar_puesto(tmp_path)
    puesto.numero()
    soltar(antes)
    monkeypatch.setattr(modulo, MAQUINA, lambda: maquinas[1])
    assert tomar_puesto(tmp_path) == puesto
    assert puesto.archivo.exists()


def test_el_numero_se_reclama_en_los_dos_y_no_se_vuelve_a_preguntar(
    instalar: Instalar, registros: dict[NombreAlmacen, RegistroEnMemoria]
) -> None:
    puesto, reloj, reclamador = instalar("a")
    assert reclamador.reclamar()
    assert reclamador.reclamar()
    for registro in registros.values():
        assert registro.duenos == {reloj.nodo: puesto.instalacion}
        assert registro.preguntas == 1


@pytest.mark.parametrize("donde", [SQL, MONGO])
def test_si_es_de_otra_instalacion_se_toma_otro_en_los_dos_y_se_dice(
    instalar: Instalar,
    registros: dict[NombreAlmacen, RegistroEnMemoria],
    donde: NombreAlmacen,
    caplog: pytest.LogCaptureFixture,
) -> None:
    puesto, reloj, reclamador = instalar("a")
    tomado = reloj.nodo
    registros[donde].duenos[tomado] = f"{uuid4()}/0"
    with caplog.at_level(logging.WARNING):
        assert reclamador.reclamar()
    assert "ya es de otra instalación" in caplog.text
    assert reloj.nodo != tomado
    assert descomponer(reloj.siguiente()).nodo == reloj.nodo
    assert puesto.numero() == reloj.nodo  # the next start uses it too
    for registro in registros.values():
        assert registro.duenos[reloj.nodo] == puesto.instalacion


def test_dos_carpetas_con_el_mismo_numero_acaban_con_dos(
    instalar: Instalar, registros: dict[NombreAlmacen, RegistroEnMemoria]
) -> None:
    _, uno, reclama_uno = instalar("a")
    _, otro, reclama_otro = instalar("b")
    otro.cambiar_nodo(uno.nodo)
    assert reclama_uno.reclamar()
    assert reclama_otro.reclamar()
    assert uno.nodo != otro.nodo


def test_el_que_no_responde_se_pregunta_cada_poco_aunque_nadie_diga_que_volvio(
    instalar: Instalar, registros: dict[NombreAlmacen, RegistroEnMemoria]
) -> None:
    puesto, reloj, reclamador = instalar("a")
    registros[MONGO].caido = True
    reclamador.start()
    try:
        esperar(lambda: registros[SQL].duenos == {reloj.nodo: puesto.instalacion}, plazo_s=5)
        assert not registros[MONGO].duenos
        registros[MONGO].caido = False
        esperar(lambda: registros[MONGO].duenos == {reloj.nodo: puesto.instalacion}, plazo_s=5)
    finally:
        reclamador.close()


def test_el_que_no_responde_se_pregunta_cuando_vuelve(
    instalar: Instalar, registros: dict[NombreAlmacen, RegistroEnMemoria]
) -> None:
    """Its return is told: nobody waits for the next try, which here would not come during this test."""
    puesto, reloj, reclamador = instalar("a", reintento_s=600)
    registros[MONGO].caido = True
    reclamador.start()
    try:
        esperar(lambda: registros[MONGO].preguntas == 1, plazo_s=5)
        registros[MONGO].caido = False
        mal = SaludAlmacen(almacen=MONGO, estado=EstadoSalud.CAIDA)
        reclamador.oir(SaludObservada(mal, SaludAlmacen(almacen=MONGO, estado=EstadoSalud.OK)))
        esperar(lambda: registros[MONGO].duenos == {reloj.nodo: puesto.instalacion}, plazo_s=5)
    finally:
        reclamador.close()


def test_el_que_vuelve_de_una_caida_se_pregunta_otra_vez(
    instalar: Instalar, registros: dict[NombreAlmacen, RegistroEnMemoria]
) -> None:
    puesto, reloj, reclamador = instalar("a")
    assert reclamador.reclamar()
    registros[SQL].duenos.clear()  # as a backup from before it would have it
    bien = SaludAlmacen(almacen=SQL, estado=EstadoSalud.OK)
    mal = SaludAlmacen(almacen=SQL, estado=EstadoSalud.CAIDA)
    reclamador.oir(SaludObservada(bien, mal))
    reclamador.oir(SaludObservada(mal, bien))
    assert reclamador.reclamar()
    assert registros[SQL].duenos == {reloj.nodo: puesto.instalacion}
    assert registros[MONGO].preguntas == 1


def test_tras_un_reloj_muy_adelantado_se_firma_con_otro_numero(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wall clock will come to that time again: the versions of then must not be given twice."""
    antes, ahora = len(modulo._candados), modulo.ahora_ms()
    manana = ahora + 86_400_000
    monkeypatch.setattr(modulo, "ahora_ms", lambda: manana)
    entonces = crear_reloj(tomar_puesto(tmp_path)).siguiente()
    soltar(antes)
    monkeypatch.setattr(modulo, "ahora_ms", lambda: ahora)
    reloj = crear_reloj(tomar_puesto(tmp_path))
    assert descomponer(reloj.siguiente()).ms <= ahora + 1
    soltar(antes)
    monkeypatch.setattr(modulo, "ahora_ms", lambda: manana)
    assert crear_reloj(tomar_puesto(tmp_path)).siguiente() != entonces
    assert reloj.nodo != descomponer(entonces).nodo
