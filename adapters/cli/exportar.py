"""`exportar`: all tareas into a file, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from adapters.archivos import SALIDA, Formato, comprobar_destino, escribir_tareas
from adapters.cli.entorno import contenedor_abierto, preparar
from adapters.cli.salida import (
    ESTADOS,
    ArgumentoInvalido,
    Codigo,
    Interrumpido,
    avisar,
    barra,
    contar,
    decir,
    permite_reemplazar,
)
from adapters.container import Contenedor
from adapters.settings import Ajustes
from core.domain.errors import ConfiguracionInvalida
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.consulta import Columna, Consulta
from core.domain.models.tarea import EstadoTarea, Tarea

PAGINA = 1000
SQLITE = "sqlite:///"
_ESTADOS = frozenset(map(str, EstadoTarea))


def exportar_archivo(archivo: Path, formato: Formato | None, *, sobrescribir: bool) -> Codigo:
    """Write every living tarea; say how many, and whether the file may lack something (exit code 1)."""
    _comprobar(archivo, formato)
    ajustes = preparar()
    _exigir_que_exista(ajustes)
    sobrescribir = sobrescribir or permite_reemplazar(archivo)
    comprobar_destino(archivo, sobrescribir=sobrescribir)
    with contenedor_abierto(ajustes, replicar=False, mirar=True) as contenedor:
        hojas = _Hojas(contenedor)
        with barra("Exportando", contenedor.contar_tareas.execute()) as vista:
            try:
                escritas = escribir_tareas(
                    archivo,
                    hojas,
                    formato=formato,
                    sobrescribir=sobrescribir,
                    progreso=lambda n: vista.update(
                        vista.task_ids[0], completed=n, detalle=contar(n, "tarea", "tareas")
                    ),
                )
            except KeyboardInterrupt:
                raise Interrumpido(
                    "La exportación se interrumpió; no se ha escrito ningún archivo."
                ) from None
        completo = _advertir(contenedor, hojas)
    dicho = f"{contar(escritas, 'tarea exportada', 'tareas exportadas')} de {_de_donde(hojas)}"
    if hojas.con_otro_estado:
        avisar(
            f"{contar(hojas.con_otro_estado, 'tarea tiene', 'tareas tienen')} un estado que no es {ESTADOS}: "
            "se exporta tal cual, y «importar» no lo admite."
        )
    if archivo == SALIDA:
        avisar(f"{dicho}.")
    else:
        decir(f"{dicho} a {archivo}.")
    return Codigo.HECHO if completo else Codigo.EN_PARTE


def _comprobar(archivo: Path, formato: Formato | None) -> None:
    """Refuse a name that promises another format than the two there are."""
    if formato is None and archivo.suffix and Formato.de_la_ruta(archivo) is None:
        raise ArgumentoInvalido(
            f"No se sabe escribir «{archivo.suffix}»: dele a «{archivo}» un nombre que acabe en .csv "
            "o .json, o añada --formato csv o --formato json."
        )


def _exigir_que_exista(ajustes: Ajustes) -> None:
    """Refuse an SQLite file that is not there: opening it would make one, and there is nothing in it.

    But for one that nobody named beside a MongoDB: an installation that had MongoDB alone is becoming dual.
    """
    url = ajustes.sql_url.get_secret_value()
    pedida = ajustes.orm == "peewee" or (ajustes.orm == "dual" and "sql_url" in ajustes.model_fields_set)
    if not pedida or not url.startswith(SQLITE):
        return
    ruta = Path(url.removeprefix(SQLITE)).absolute()
    if not ruta.exists():
        raise ConfiguracionInvalida(
            f"No hay nada que exportar: no existe la base de datos SQLite «{ruta}». Revise SQL_URL, o la "
            "carpeta de datos si no la puso usted."
        )


class _Hojas:
    """All tareas in the order of their creation, which no edit changes: none is skipped or met twice."""

    def __init__(self, contenedor: Contenedor) -> None:
        self._contenedor = contenedor
        self.almacen: NombreAlmacen | None = None
        self.aviso = ""
        self.atrasada = False
        self.con_otro_estado = 0

    def __iter__(self) -> Iterator[Tarea]:
        consulta = Consulta(columna=Columna.CREADA_EN, descendente=False, limite=PAGINA)
        for pagina in self._contenedor.listar_tareas.paginas(consulta):
            self.almacen = pagina.almacen
            self.atrasada = self.atrasada or self._contenedor.salud(pagina.almacen).atrasada
            self.aviso = self.aviso or pagina.aviso
            for tarea in pagina:
                if tarea.estado not in _ESTADOS:
                    self.con_otro_estado += 1
                yield tarea


def _de_donde(hojas: _Hojas) -> str:
    return hojas.almacen.etiqueta if hojas.almacen is not None else "ninguna base de datos"


def _advertir(contenedor: Contenedor, hojas: _Hojas) -> bool:
    """Say when the store that was read may lack what the other one has; whether it lacks nothing."""
    if hojas.aviso:
        avisar(hojas.aviso)
    if hojas.almacen is None or len(contenedor.almacenes) < 2:
        return True
    otro = hojas.almacen.otro
    pendientes = contenedor.resumir.execute().pendientes.get(otro)
    if pendientes is None and not hojas.atrasada:  # it answers, and cannot be read: nobody knows what it has
        avisar(f"El archivo no lleva lo que solo esté en {otro.etiqueta}.")
    elif pendientes:
        avisar(
            f"{otro.etiqueta} tiene {contar(pendientes, 'tarea pendiente', 'tareas pendientes')} de copiar a "
            f"{hojas.almacen.etiqueta}: el archivo puede no llevar esos cambios."
        )
    elif hojas.atrasada:
        avisar("El archivo puede no llevar los últimos cambios: repita la orden cuando ambas respondan.")
    return pendientes == 0 and not hojas.atrasada
