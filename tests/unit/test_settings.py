"""Settings: where each comes from, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.nodo import carpeta_de_datos
from adapters.settings import Ajustes, archivo_de_ajustes, cargar_ajustes, variable_de
from core.domain.errors import ConfiguracionInvalida

CLAVE = "s3cr3ta"


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    """A settings file, to be written by the test."""
    return tmp_path / "config.toml"


def con_archivo(toml: Path, **entorno: str) -> Ajustes:
    return cargar_ajustes({"DUAL_TAREAS_CONFIG": str(toml), **entorno})


def frase(**entorno: str) -> str:
    with pytest.raises(ConfiguracionInvalida) as error:
        cargar_ajustes(entorno)
    return str(error.value)


def test_sin_nada_valen_los_de_fabrica() -> None:
    ajustes = cargar_ajustes({})
    assert (ajustes.orm, ajustes.principal, ajustes.mongo_url) == ("dual", "sql", None)
    assert ajustes.datos == carpeta_de_datos()
    assert ajustes.sql_url.get_secret_value() == f"sqlite:///{(ajustes.datos / 'tareas.sqlite3').as_posix()}"
    assert (ajustes.ping_timeout_s, ajustes.operacion_timeout_s, ajustes.monitor_intervalo_s) == (3, 3, 1)


def test_el_entorno_gana_al_archivo_y_el_archivo_a_lo_de_fabrica(toml: Path) -> None:
    toml.write_text('orm = "mongo"\nping_timeout_s = 1.5\n', "utf-8")
    ajustes = con_archivo(toml, ORM="peewee")
    assert (ajustes.orm, ajustes.ping_timeout_s, ajustes.operacion_timeout_s) == ("peewee", 1.5, 3)


def test_una_variable_o_un_texto_vacio_es_como_no_ponerlo(toml: Path) -> None:
    toml.write_text('mongo_url = ""\n', "utf-8")
    ajustes = con_archivo(toml, ORM="", MONGO_URL="", DUAL_TAREAS_PING_TIMEOUT_S="")
    assert (ajustes.orm, ajustes.mongo_url, ajustes.ping_timeout_s) == ("dual", None, 3)


def test_la_sqlite_de_fabrica_esta_en_la_carpeta_de_datos(tmp_path: Path) -> None:
    ajustes = cargar_ajustes({"DUAL_TAREAS_DATOS": str(tmp_path)})
    assert ajustes.sql_url.get_secret_value() == f"sqlite:///{tmp_path.as_posix()}/tareas.sqlite3"


def test_construir_ajustes_no_mira_el_entorno(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORM", "peewee")
    monkeypatch.setenv("DUAL_TAREAS_PING_TIMEOUT_S", "9")
    assert (Ajustes().orm, Ajustes().ping_timeout_s) == ("dual", 3)


def test_los_ajustes_no_se_pueden_cambiar() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Ajustes().orm = "mongo"


def test_ninguna_clave_sale_en_el_repr() -> None:
    ajustes = cargar_ajustes(
        {"SQL_URL": f"postgresql://ana:{CLAVE}@h/t", "MONGO_URL": f"mongodb://ana:{CLAVE}@h1,h2/t"}
    )
    assert CLAVE not in repr(ajustes) + str(ajustes) + str(ajustes.model_dump())
    assert CLAVE in ajustes.sql_url.get_secret_value()


# Any text is a path; whether the folder can be used is seen when it is.
@pytest.mark.parametrize("campo", [campo for campo in Ajustes.model_fields if campo != "datos"])
def test_un_valor_malo_de_cualquier_ajuste_se_nombra_con_su_variable(campo: str) -> None:
    variable = variable_de(campo)
    dicho = frase(**{variable: "-1"})
    assert f"La variable de entorno {variable} " in dicho
    assert "debe ser" in dicho
    assert dicho.count(". ") == 0
    assert dicho.endswith(".")


@pytest.mark.parametrize("valor", ["nan", "inf", "0", "0.05", "61", "tres", "1,5"])
def test_un_plazo_fuera_de_lo_razonable_se_rechaza(valor: str) -> None:
    assert f"«{valor}» y debe ser un número de segundos entre 0.1 y 60" in frase(
        DUAL_TAREAS_PING_TIMEOUT_S=valor
    )


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ana:s3cr3ta@h/t",
        "s3cr3ta",
        "postgresql://",
        "mongodb://ana:s3cr3ta@h/t",
        "sqlite:tareas.db",
        "postgresql://ana:s3cr3ta@h:abc/t",
    ],
)
def test_una_direccion_sql_que_no_lo_es_se_rechaza_sin_repetirla(url: str) -> None:
    dicho = frase(SQL_URL=url)
    assert "SQL_URL no sirve: debe ser una dirección sqlite:///… o postgresql://…" in dicho
    assert CLAVE not in dicho


@pytest.mark.parametrize("clave", ["s3cr3ta@x", "s3cr3ta/x"])
def test_una_clave_sin_codificar_se_explica_sin_repetirla(clave: str) -> None:
    for variable, esquema in (("SQL_URL", "postgresql"), ("MONGO_URL", "mongodb")):
        dicho = frase(**{variable: f"{esquema}://ana:{clave}@h/t"})
        assert "%40" in dicho
        assert CLAVE not in dicho


@pytest.mark.parametrize(
    "url",
    ["mongodb://a:1,b:2,c:3/t?replicaSet=rs", "mongodb://u:p%40x@a:1,b:2/t?x=y@z", "mongodb+srv://h/t"],
)
def test_las_direcciones_de_mongo_con_varios_servidores_valen(url: str) -> None:
    ajustes = cargar_ajustes({"MONGO_URL": url})
    assert ajustes.mongo_url is not None
    assert ajustes.mongo_url.get_secret_value() == url


@pytest.mark.parametrize(
    "url", ["postgresql:///t", "postgresql://u:p%40x@h:5433/t?sslmode=require&x=y@z", "postgres://a:1,b:2/t"]
)
def test_las_direcciones_de_postgresql_valen(url: str) -> None:
    assert cargar_ajustes({"SQL_URL": url}).sql_url.get_secret_value() == url


def test_una_variable_del_mismo_prefijo_que_no_es_un_ajuste_se_deja_estar(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert cargar_ajustes({"DUAL_TAREAS_MONGOD": "/bin/mongod"}) == cargar_ajustes({})
    assert caplog.messages == []


def test_de_una_variable_desconocida_se_avisa_y_se_sigue(caplog: pytest.LogCaptureFixture) -> None:
    assert cargar_ajustes({"DUAL_TAREAS_TYPO": CLAVE}) == cargar_ajustes({})
    assert caplog.messages == ["No se conoce la variable de entorno DUAL_TAREAS_TYPO; se ignora."]


def test_una_direccion_puesta_en_otro_ajuste_no_descubre_su_clave() -> None:
    assert CLAVE not in frase(ORM=f"postgresql://ana:{CLAVE}@h/t")


def test_una_errata_en_una_variable_se_corrige() -> None:
    assert "¿quiso decir DUAL_TAREAS_PING_TIMEOUT_S?" in frase(DUAL_TAREAS_PING_TIMEOUT="3")


@pytest.mark.parametrize("variable", ["ORM", "SQL_URL", "MONGO_URL"])
def test_a_un_ajuste_sin_prefijo_no_se_le_pone(variable: str) -> None:
    assert f"¿quiso decir {variable}?" in frase(**{f"DUAL_TAREAS_{variable}": "mongo"})


def test_una_clave_desconocida_del_archivo_se_nombra(toml: Path) -> None:
    toml.write_text('orn = "dual"\n', "utf-8")
    with pytest.raises(ConfiguracionInvalida) as error:
        con_archivo(toml)
    assert str(error.value) == f"El ajuste «orn» del archivo {toml} no existe: ¿quiso decir «orm»?"


def test_un_valor_malo_del_archivo_nombra_el_archivo_aunque_el_entorno_tenga_otros(toml: Path) -> None:
    toml.write_text("hilos_casos = true\n", "utf-8")
    with pytest.raises(ConfiguracionInvalida, match="hilos_casos") as error:
        con_archivo(toml, ORM="dual")
    assert str(toml) in str(error.value)


@pytest.mark.parametrize(
    ("contenido", "motivo"),
    [(b"orm = \n", "no es TOML válido (línea 1)"), (b"\xff\xfe", "no está en UTF-8")],
)
def test_un_archivo_ilegible_se_dice(toml: Path, contenido: bytes, motivo: str) -> None:
    toml.write_bytes(contenido)
    with pytest.raises(ConfiguracionInvalida) as error:
        con_archivo(toml)
    assert motivo in str(error.value)


def test_el_archivo_que_se_nombra_tiene_que_existir(toml: Path) -> None:
    with pytest.raises(ConfiguracionInvalida, match="no existe"):
        con_archivo(toml)
    with pytest.raises(ConfiguracionInvalida, match="no se puede leer: es una carpeta"):
        con_archivo(toml.parent)


def test_el_archivo_del_usuario_se_lee_sin_nombrarlo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("adapters.settings.user_config_path", lambda *_args, **_kwargs: tmp_path)
    (tmp_path / "config.toml").write_bytes(b'\xef\xbb\xbform = "peewee"\n')
    assert archivo_de_ajustes({}) == tmp_path / "config.toml"
    assert cargar_ajustes({}).orm == "peewee"
