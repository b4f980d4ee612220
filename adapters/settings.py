"""Settings: from the environment, then a TOML file, then defaults; checked once, frozen from then on.

A wrong value never gets past `cargar_ajustes`: it names the setting, where it came from and what is
allowed, and never repeats an address, which may hold a password.
"""

from __future__ import annotations

import difflib
import logging
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from platformdirs import user_config_path
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from adapters.logs import limpiar, ocultar_secretos
from adapters.nodo import carpeta_de_datos
from core.domain.errores_sistema import motivo_del_sistema
from core.domain.errors import ConfiguracionInvalida

_log = logging.getLogger(__name__)

PREFIJO = "DUAL_TAREAS_"
VARIABLE_ARCHIVO = "DUAL_TAREAS_CONFIG"
DE_OTROS = ("DUAL_TAREAS_MONGOD", "DUAL_TAREAS_TEMA")
"""Variables of the prefix that are no setting, read where they are needed."""
SIN_PREFIJO = ("orm", "sql_url", "mongo_url")
"""The three settings whose variables carry no prefix."""
_ESQUEMAS = {"sql_url": ("sqlite", "postgresql", "postgres"), "mongo_url": ("mongodb", "mongodb+srv")}
_SEGUNDOS = "un número de segundos entre 0.1 y {}"
_HILOS = "un número entero entre 1 y 32"


def _url_con_esquema(campo: str) -> AfterValidator:
    def comprobar(valor: SecretStr) -> SecretStr:
        esquema, separador, resto = valor.get_secret_value().partition("://")
        if not separador or esquema not in _ESQUEMAS[campo] or not resto:
            raise ValueError
        if re.match(r"[^@]*@[^?]*@|[^/@]*:[^/@]*/[^?]*@", resto) and not esquema.startswith("sqlite"):
            raise ValueError("sin codificar")
        if esquema.startswith("postgres") and "," not in resto:  # several servers are for psycopg to judge
            urlsplit(valor.get_secret_value()).port  # noqa: B018  raises ValueError for what is no port
        return valor

    return AfterValidator(comprobar)


def _carpeta(valor: Path) -> Path:
    return valor.expanduser().absolute()


def _sqlite_en(valores: Mapping[str, Any]) -> SecretStr:
    return SecretStr(f"sqlite:///{(valores['datos'] / 'tareas.sqlite3').as_posix()}")


def _mayusculas(valor: object) -> object:
    return valor.upper() if isinstance(valor, str) else valor


def _minusculas(valor: object) -> object:
    return valor.lower() if isinstance(valor, str) else valor


def _no_booleano(valor: object) -> object:
    if isinstance(valor, bool):
        raise ValueError("TOML's true is no number")
    return valor


Segundos = Annotated[float, BeforeValidator(_no_booleano), Field(ge=0.1, le=60, allow_inf_nan=False)]
Minutos = Annotated[int, BeforeValidator(_no_booleano), Field(ge=0, le=1440)]
Hilos = Annotated[int, BeforeValidator(_no_booleano), Field(ge=1, le=32)]


class Ajustes(BaseSettings):
    """All settings. Constructing one looks at nothing but its arguments; `cargar_ajustes` reads the world.

    Each description says, to the operator, what is allowed. The four write lanes have one worker each by
    design, so that they are no setting.
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid", validate_default=True)

    datos: Annotated[Path, AfterValidator(_carpeta)] = Field(
        default_factory=carpeta_de_datos, description="la ruta de una carpeta"
    )
    orm: Annotated[Literal["peewee", "mongo", "dual"], BeforeValidator(_minusculas)] = Field(
        default="dual", description="peewee, mongo o dual"
    )
    sql_url: Annotated[SecretStr, _url_con_esquema("sql_url")] = Field(
        default_factory=_sqlite_en, description="una dirección sqlite:///… o postgresql://…"
    )
    mongo_url: Annotated[SecretStr, _url_con_esquema("mongo_url")] | None = Field(
        default=None, description="una dirección mongodb://… o mongodb+srv://…"
    )
    principal: Annotated[Literal["sql", "mongo"], BeforeValidator(_minusculas)] = Field(
        default="sql", description="sql o mongo"
    )
    ping_timeout_s: Segundos = Field(default=3.0, description=_SEGUNDOS.format(60))
    operacion_timeout_s: Segundos = Field(default=3.0, description=_SEGUNDOS.format(60))
    monitor_intervalo_s: Segundos = Field(default=1.0, description=_SEGUNDOS.format(60))
    hilos_casos: Hilos = Field(default=4, description=_HILOS)
    hilos_largos: Hilos = Field(default=2, description=_HILOS)
    verificar_cada_min: Minutos = Field(
        default=0, description="un número entero de minutos entre 0 (nunca) y 1440"
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_mayusculas)] = Field(
        default="INFO", description="DEBUG, INFO, WARNING o ERROR"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  the signature is pydantic-settings'
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments only: what a value is must not depend on where it is made."""
        return (init_settings,)


def variable_de(campo: str) -> str:
    """The environment variable that sets a field."""
    return campo.upper() if campo in SIN_PREFIJO else PREFIJO + campo.upper()


def archivo_de_ajustes(entorno: Mapping[str, str] | None = None) -> Path:
    """The TOML file that is read, if it is there: the one `DUAL_TAREAS_CONFIG` names, else the user's."""
    nombrado = (os.environ if entorno is None else entorno).get(VARIABLE_ARCHIVO, "")
    if nombrado:
        return Path(nombrado).expanduser()
    return user_config_path("dual-tareas", appauthor=False) / "config.toml"


def cargar_ajustes(entorno: Mapping[str, str] | None = None) -> Ajustes:
    """The settings of this process.

    Args:
        entorno: the environment; the process's own when None. An empty variable counts as not set.

    Raises ConfiguracionInvalida with one sentence for the first thing that is wrong.
    """
    entorno = dict(os.environ if entorno is None else entorno)
    archivo = archivo_de_ajustes(entorno)
    del_archivo = _leer_toml(archivo, obligatorio=bool(entorno.get(VARIABLE_ARCHIVO)))
    del_entorno = _leer_entorno(entorno)
    try:
        return Ajustes(**{**del_archivo, **del_entorno})
    except ValidationError as error:
        campo = str(error.errors()[0]["loc"][0])
        if campo in del_entorno:
            origen = f"La variable de entorno {variable_de(campo)}"
        else:
            origen = f"El ajuste «{campo}» del archivo {archivo}"
        # Without `from`: the original repeats the value, which may be an address with its password.
        raise ConfiguracionInvalida(_frase(origen, campo, error)) from None


def _leer_entorno(entorno: Mapping[str, str]) -> dict[str, str]:
    conocidas = {variable_de(campo): campo for campo in Ajustes.model_fields}
    for variable in entorno:
        if variable.startswith(PREFIJO) and variable not in {*conocidas, *DE_OTROS, VARIABLE_ARCHIVO}:
            _avisar_de_desconocida(variable, list(conocidas))
    return {campo: entorno[variable] for variable, campo in conocidas.items() if entorno.get(variable)}


def _avisar_de_desconocida(variable: str, conocidas: list[str]) -> None:
    """Refuse a variable that can only be a slip; any other may belong to a newer version, and is told."""
    con_prefijo = {PREFIJO + campo.upper(): campo.upper() for campo in SIN_PREFIJO}
    posibles = {**{conocida: conocida for conocida in conocidas}, **con_prefijo}
    # Without the prefix: it is most of a short name, and would make any two of them alike.
    sin_prefijo = {posible.removeprefix(PREFIJO): posible for posible in posibles}
    if cercanas := difflib.get_close_matches(variable.removeprefix(PREFIJO), sin_prefijo, n=1, cutoff=0.75):
        parecidas = [sin_prefijo[cercanas[0]]]
        raise ConfiguracionInvalida(
            f"La variable de entorno {variable} no existe: ¿quiso decir {posibles[parecidas[0]]}?"
        )
    # The log is set up from these settings, after this: until then Python tells warnings on stderr.
    _log.warning("No se conoce la variable de entorno %s; se ignora.", limpiar(variable))


def _leer_toml(archivo: Path, *, obligatorio: bool) -> dict[str, Any]:
    try:
        valores = tomllib.loads(archivo.read_text("utf-8-sig"))
    except FileNotFoundError:
        if obligatorio:
            raise ConfiguracionInvalida(
                f"El archivo de ajustes {archivo}, que indica {VARIABLE_ARCHIVO}, no existe."
            ) from None
        return {}
    except OSError as error:
        raise ConfiguracionInvalida(
            f"El archivo de ajustes {archivo} no se puede leer: {motivo_del_sistema(error)}."
        ) from error
    except UnicodeDecodeError:
        raise ConfiguracionInvalida(f"El archivo de ajustes {archivo} no está en UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        donde = re.search(r"line (\d+)", str(error))
        lugar = f" (línea {donde[1]})" if donde else ""
        raise ConfiguracionInvalida(f"El archivo de ajustes {archivo} no es TOML válido{lugar}.") from None
    return {clave: valor for clave, valor in valores.items() if valor != ""}


def _frase(origen: str, campo: str, error: ValidationError) -> str:
    detalle = error.errors()[0]
    if detalle["type"] == "extra_forbidden":
        parecidos = difflib.get_close_matches(campo, Ajustes.model_fields, n=1)
        if parecidos:
            return f"{origen} no existe: ¿quiso decir «{parecidos[0]}»?"
        return f"{origen} no existe; los que hay son {', '.join(Ajustes.model_fields)}."
    permitido = Ajustes.model_fields[campo].description
    if campo in _ESQUEMAS:
        return f"{origen} no sirve: {_sobre_la_url(detalle['msg'], permitido)}."
    valor = ocultar_secretos(str(detalle["input"]))  # an address may have been put in the wrong place
    return f"{origen} tiene el valor «{valor}» y debe ser {permitido}."


def _sobre_la_url(motivo: str, permitido: str | None) -> str:
    if "sin codificar" in motivo:
        return "en la contraseña, @ se escribe %40, / se escribe %2F y : se escribe %3A"
    return f"debe ser {permitido}"
