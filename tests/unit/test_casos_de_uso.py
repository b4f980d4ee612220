"""The use cases over a store in memory: what each writes, what it answers, what it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from adapters.nodo import ahora_ms
from core.application.actualizar_tarea import ActualizarTareaCommand, ActualizarTareaUseCase
from core.application.crear_tarea import CrearTareaCommand, CrearTareaUseCase
from core.application.eliminar_tarea import EliminarTareaCommand, EliminarTareaUseCase
from core.application.importar_tareas import (
    INCIDENCIAS_MAX,
    FilaLeida,
    ImportarTareasUseCase,
    Incidencia,
    InformeImportacion,
)
from core.application.listar_tareas import ContarTareasUseCase, ListarTareasUseCase, ResumirUseCase
from core.application.obtener_tarea import ObtenerTareaUseCase
from core.application.restaurar_tarea import RestaurarTareaCommand, RestaurarTareaUseCase
from core.domain.errors import (
    AlmacenNoDisponible,
    ArchivoInvalido,
    ConflictoDeVersion,
    TareaInvalida,
    TareaNoEncontrada,
    TareaPurgada,
)
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.consulta import Columna, Consulta, Filtro
from core.domain.models.importacion import SuerteFila
from core.domain.models.tarea import EstadoTarea, Tarea
from core.domain.models.version import componer
from tests.fakes import AlmacenEnMemoria


@pytest.fixture
def almacen() -> AlmacenEnMemoria:
    return AlmacenEnMemoria(NombreAlmacen.SQL)


@pytest.fixture
def crear(almacen: AlmacenEnMemoria) -> Callable[[str], Tarea]:
    """Creates a tarea with that titulo through the use case."""
    return lambda titulo: CrearTareaUseCase(almacen).execute(CrearTareaCommand(titulo=titulo))


Crear = Callable[[str], Tarea]


def hace_horas(horas: int) -> int:
    """A version of that age."""
    return componer(ahora_ms() - horas * 3_600_000, 0, 7)


def guardada(almacen: AlmacenEnMemoria, id: UUID) -> Tarea:
    return almacen.filas[id]


def test_crear_guarda_todo_lo_pedido_y_devuelve_lo_guardado(almacen: AlmacenEnMemoria) -> None:
    command = CrearTareaCommand(titulo="Uno", descripcion="e\u0301", estado=EstadoTarea.EN_PROGRESO)
    tarea = CrearTareaUseCase(almacen).execute(command)
    assert tarea == guardada(almacen, command.id)
    assert (tarea.titulo, tarea.descripcion, tarea.estado) == ("Uno", "é", EstadoTarea.EN_PROGRESO)
    assert tarea.version > 0
    assert tarea.pendiente


def test_crear_dos_veces_el_mismo_command_con_su_version_crea_una(almacen: AlmacenEnMemoria) -> None:
    command = CrearTareaCommand(titulo="Uno")
    primera = CrearTareaUseCase(almacen).execute(command)
    CrearTareaUseCase(almacen).execute(
        replace(command, version=primera.version, momento=primera.actualizada_en)
    )
    assert len(almacen.filas) == 1
    assert guardada(almacen, command.id).version == primera.version


def test_crear_con_un_id_que_ya_esta_es_un_conflicto(almacen: AlmacenEnMemoria, crear: Crear) -> None:
    existente = crear("Uno")
    with pytest.raises(ConflictoDeVersion) as info:
        CrearTareaUseCase(almacen).execute(CrearTareaCommand(titulo="Otro", id=existente.id))
    assert (info.value.actual, info.value.propuesta.titulo) == (existente, "Otro")
    assert guardada(almacen, existente.id) == existente


def test_crear_algo_invalido_no_envia_nada(almacen: AlmacenEnMemoria) -> None:
    with pytest.raises(TareaInvalida):
        CrearTareaUseCase(almacen).execute(CrearTareaCommand(titulo=""))
    assert almacen.llamadas == []


def test_actualizar_cambia_solo_los_campos_dados(almacen: AlmacenEnMemoria, crear: Crear) -> None:
    antes = crear("Uno")
    for command, esperado in (
        (ActualizarTareaCommand(id=antes.id, titulo="Dos"), ("Dos", "", EstadoTarea.PENDIENTE)),
        (ActualizarTareaCommand(id=antes.id, descripcion="algo"), ("Dos", "algo", EstadoTarea.PENDIENTE)),
        (
            ActualizarTareaCommand(id=antes.id, estado=EstadoTarea.COMPLETADA),
            ("Dos", "algo", EstadoTarea.COMPLETADA),
        ),
        (ActualizarTareaCommand(id=antes.id, descripcion=""), ("Dos", "", EstadoTarea.COMPLETADA)),
    ):
        tarea = ActualizarTareaUseCase(almacen).execute(command)
        assert (tarea.titulo, tarea.descripcion, tarea.estado) == esperado
        assert tarea == guardada(almacen, antes.id)
    assert tarea.creada_en == antes.creada_en
    assert tarea.version > antes.version


def test_actualizar_desde_una_base_vieja_es_un_conflicto(almacen: AlmacenEnMemoria, crear: Crear) -> None:
    base = crear("Uno")
    actual = ActualizarTareaUseCase(almacen).execute(ActualizarTareaCommand(id=base.id, titulo="De otro"))
    with pytest.raises(ConflictoDeVersion) as info:
        ActualizarTareaUseCase(almacen).execute(ActualizarTareaCommand(id=base.id, titulo="Mío", base=base))
    assert (info.value.actual.titulo, info.value.propuesta.titulo) == ("De otro", "Mío")
    assert guardada(almacen, base.id) == actual


def test_lo_escrito_hace_poco_no_se_lee_antes(almacen: AlmacenEnMemoria) -> None:
    reciente = hace_horas(19)
    base = Tarea(titulo="Uno", version=reciente, version_comun=reciente)
    ActualizarTareaUseCase(almacen).execute(ActualizarTareaCommand(id=base.id, titulo="Dos", base=base))
    assert almacen.llamadas == ["escribir"]


def test_editar_lo_que_se_purgo_no_lo_devuelve_a_la_vida(almacen: AlmacenEnMemoria) -> None:
    vieja = hace_horas(21)
    base = Tarea(titulo="Uno", version=vieja, version_comun=vieja)
    orden = ActualizarTareaCommand(id=base.id, titulo="Dos", base=base)
    with pytest.raises(TareaPurgada, match="se purgó"):
        ActualizarTareaUseCase(almacen).execute(orden)
    assert almacen.filas == {}
    # An attempt that is repeated may be there itself, or on its way.
    ActualizarTareaUseCase(almacen).execute(replace(orden, version=vieja + 1))
    assert guardada(almacen, base.id).titulo == "Dos"


def test_lo_que_no_se_puede_mirar_se_intenta_guardar(almacen: AlmacenEnMemoria) -> None:
    vieja = hace_horas(21)
    base = Tarea(titulo="Uno", version=vieja, version_comun=vieja)
    almacen.fallos["leer"] = AlmacenNoDisponible(NombreAlmacen.SQL, "no responde")
    ActualizarTareaUseCase(almacen).execute(ActualizarTareaCommand(id=base.id, titulo="Dos", base=base))
    assert guardada(almacen, base.id).titulo == "Dos"


def test_repetir_una_escritura_incierta_con_su_version_no_la_hace_dos_veces(
    almacen: AlmacenEnMemoria, crear: Crear
) -> None:
    base = crear("Uno")
    command = ActualizarTareaCommand(id=base.id, titulo="Dos", base=base)
    primera = ActualizarTareaUseCase(almacen).execute(command)
    repetida = ActualizarTareaUseCase(almacen).execute(
        replace(command, version=primera.version, momento=primera.actualizada_en)
    )
    assert repetida.version == primera.version == guardada(almacen, base.id).version


def test_actualizar_eliminar_restaurar_y_obtener_lo_que_no_existe(almacen: AlmacenEnMemoria) -> None:
    id = uuid4()
    acciones: list[Callable[[], object]] = [
        lambda: ActualizarTareaUseCase(almacen).execute(ActualizarTareaCommand(id=id, titulo="x")),
        lambda: EliminarTareaUseCase(almacen).execute(EliminarTareaCommand(id=id)),
        lambda: RestaurarTareaUseCase(almacen).execute(RestaurarTareaCommand(id=id)),
        lambda: ObtenerTareaUseCase(almacen).execute(id),
    ]
    for accion in acciones:
        with pytest.raises(TareaNoEncontrada, match=str(id)):
            accion()
    assert almacen.filas == {}


def test_eliminar_deja_una_lapida_con_el_contenido(almacen: AlmacenEnMemoria, crear: Crear) -> None:
    viva = crear("Uno")
    lapida = EliminarTareaUseCase(almacen).execute(EliminarTareaCommand(id=viva.id))
    assert lapida == guardada(almacen, viva.id)
    assert (lapida.eliminada, lapida.titulo) == (True, "Uno")
    assert lapida.version > viva.version
    with pytest.raises(TareaNoEncontrada):
        ObtenerTareaUseCase(almacen).execute(viva.id)
    assert ObtenerTareaUseCase(almacen).execute(viva.id, eliminadas=True) == lapida


def test_eliminar_dos_veces_dice_que_ya_no_esta(almacen: AlmacenEnMemoria, crear: Crear) -> None:
    viva = crear("Uno")
    EliminarTareaUseCase(almacen).execute(EliminarTareaCommand(id=viva.id))
    with pytest.raises(TareaNoEncontrada):
        EliminarTareaUseCase(almacen).execute(EliminarTareaCommand(id=viva.id))


def test_eliminar_lo_que_otro_ha_cambiado_es_un_conflicto(almacen: AlmacenEnMemoria, crear: Crear) -> None:
    vista = crear("Uno")
    ActualizarTareaUseCase(almacen).execute(ActualizarTareaCommand(id=vista.id, titulo="De otro"))
    with pytest.raises(ConflictoDeVersion):
        EliminarTareaUseCase(almacen).execute(EliminarTareaCommand(id=vista.id, base=vista))
    assert not guardada(almacen, vista.id).eliminada


@pytest.mark.parametrize("con_lapida", [True, False])
def test_restaurar_devuelve_la_tarea_a_la_vida(
    almacen: AlmacenEnMemoria, crear: Crear, con_lapida: bool
) -> None:
    viva = crear("Uno")
    lapida = EliminarTareaUseCase(almacen).execute(EliminarTareaCommand(id=viva.id))
    command = RestaurarTareaCommand(id=viva.id, lapida=lapida if con_lapida else None)
    restaurada = RestaurarTareaUseCase(almacen).execute(command)
    assert restaurada == ObtenerTareaUseCase(almacen).execute(viva.id)
    assert restaurada.titulo == "Uno"
    assert restaurada.version > lapida.version


def test_restaurar_lo_que_vive_no_escribe(almacen: AlmacenEnMemoria, crear: Crear) -> None:
    viva = crear("Uno")
    assert RestaurarTareaUseCase(almacen).execute(RestaurarTareaCommand(id=viva.id)) == viva
    assert almacen.llamadas.count("escribir") == 1


def test_restaurar_una_lapida_que_ya_no_es_la_ultima_es_un_conflicto(
    almacen: AlmacenEnMemoria, crear: Crear
) -> None:
    lapida = EliminarTareaUseCase(almacen).execute(EliminarTareaCommand(id=crear("Uno").id))
    restaurada = RestaurarTareaUseCase(almacen).execute(RestaurarTareaCommand(id=lapida.id))
    with pytest.raises(ConflictoDeVersion):
        RestaurarTareaUseCase(almacen).execute(RestaurarTareaCommand(id=lapida.id, lapida=lapida))
    assert guardada(almacen, lapida.id) == restaurada


def test_listar_recorre_todas_las_paginas_en_orden_y_sin_repetir(
    almacen: AlmacenEnMemoria, crear: Crear
) -> None:
    for numero in range(25):
        crear(f"T{numero % 5}")
    EliminarTareaUseCase(almacen).execute(EliminarTareaCommand(id=next(iter(almacen.filas))))
    consulta = Consulta(columna=Columna.TITULO, descendente=False, limite=7)
    todas = [tarea for pagina in ListarTareasUseCase(almacen).paginas(consulta) for tarea in pagina]
    assert len({tarea.id for tarea in todas}) == len(todas) == 24
    assert [tarea.titulo for tarea in todas] == sorted(tarea.titulo for tarea in todas)
    assert len(ListarTareasUseCase(almacen).execute(consulta)) == 7
    assert len(ListarTareasUseCase(almacen).execute()) == 24


def test_contar_y_resumir_no_cuentan_lapidas_como_tareas(almacen: AlmacenEnMemoria, crear: Crear) -> None:
    tareas = [crear("rojo"), crear("azul"), crear("Rojo vivo")]
    EliminarTareaUseCase(almacen).execute(EliminarTareaCommand(id=tareas[0].id))
    assert ContarTareasUseCase(almacen).execute() == 2
    assert ContarTareasUseCase(almacen).execute(Filtro(texto="ROJO")) == 1
    resumen = ResumirUseCase(almacen).execute()
    assert (resumen.total, resumen.pendientes) == (2, {NombreAlmacen.SQL: 3})


def test_un_error_del_almacen_llega_a_quien_llama(almacen: AlmacenEnMemoria) -> None:
    almacen.fallar_con = AlmacenNoDisponible(NombreAlmacen.SQL, "no responde")
    with pytest.raises(AlmacenNoDisponible):
        CrearTareaUseCase(almacen).execute(CrearTareaCommand(titulo="Uno"))
    with pytest.raises(AlmacenNoDisponible):
        ListarTareasUseCase(almacen).execute()


# Import --------------------------------------------------------------------------------------------


def filas(tareas: Sequence[Tarea]) -> list[FilaLeida]:
    return [FilaLeida(linea, tarea) for linea, tarea in enumerate(tareas, start=2)]


def test_importar_mete_las_buenas_y_dice_linea_y_motivo_de_las_malas(almacen: AlmacenEnMemoria) -> None:
    buena = Tarea(titulo="Buena")
    leidas = [
        FilaLeida(2, buena),
        FilaLeida(3, Tarea(titulo="")),
        FilaLeida(4, motivo="faltan columnas"),
    ]
    informe = ImportarTareasUseCase(almacen).execute(leidas)
    assert almacen.filas.keys() == {buena.id}
    assert informe.cuentas == {SuerteFila.NUEVA: 1, SuerteFila.RECHAZADA: 2}
    assert {(uno.linea, uno.motivo) for uno in informe.incidencias} == {
        (3, "Título: no puede estar vacío."),
        (4, "faltan columnas"),
    }


def test_importar_otra_vez_no_duplica_ni_pisa(almacen: AlmacenEnMemoria) -> None:
    igual, cambiada, borrada = (Tarea(titulo=titulo) for titulo in ("Igual", "Cambiada", "Borrada"))
    importar = ImportarTareasUseCase(almacen)
    importar.execute(filas([igual, cambiada, borrada]))
    ActualizarTareaUseCase(almacen).execute(ActualizarTareaCommand(id=cambiada.id, titulo="Editada"))
    EliminarTareaUseCase(almacen).execute(EliminarTareaCommand(id=borrada.id))
    antes = dict(almacen.filas)
    informe = importar.execute(filas([igual, cambiada, borrada]))
    assert almacen.filas == antes
    assert informe.cuentas == {SuerteFila.IGUAL: 1, SuerteFila.DISTINTA: 1, SuerteFila.ELIMINADA: 1}
    assert [uno.linea for uno in informe.incidencias] == [3, 4]


def test_importar_hace_una_llamada_por_lote_y_lee_perezosamente(almacen: AlmacenEnMemoria) -> None:
    leidas: list[int] = []

    def fuente() -> Iterator[FilaLeida]:
        for numero in range(10):
            leidas.append(numero)
            yield FilaLeida(numero, Tarea(titulo=f"T{numero}"))

    vistos: list[tuple[int, int]] = []
    ImportarTareasUseCase(almacen, lote=4).execute(
        fuente(),
        progreso=lambda informe: vistos.append((informe.leidas, len(leidas))),
    )
    assert vistos == [(4, 4), (8, 8), (10, 10)]
    assert almacen.llamadas == ["leer_lote", "escribir_lote"] * 3


def test_simular_compara_con_lo_que_ya_hay(almacen: AlmacenEnMemoria) -> None:
    igual, distinta, borrada, nueva = (Tarea(titulo=titulo) for titulo in ("i", "d", "b", "n"))
    for tarea in (igual, replace(distinta, titulo="otra"), borrada):
        almacen.save(tarea)
    almacen.eliminar(borrada.id)
    antes = dict(almacen.filas)
    informe = ImportarTareasUseCase(almacen).execute(
        filas([igual, distinta, borrada, nueva, nueva]), simular=True
    )
    assert informe.cuentas == {
        SuerteFila.IGUAL: 2,
        SuerteFila.DISTINTA: 1,
        SuerteFila.ELIMINADA: 1,
        SuerteFila.NUEVA: 1,
    }
    assert almacen.filas == antes


def test_simular_no_escribe_y_cuenta_lo_que_entraria(almacen: AlmacenEnMemoria) -> None:
    informe = ImportarTareasUseCase(almacen).execute(
        filas([Tarea(titulo="a"), Tarea(titulo="")]), simular=True
    )
    assert almacen.llamadas == ["leer_lote"]
    assert informe.cuentas == {SuerteFila.NUEVA: 1, SuerteFila.RECHAZADA: 1}


def test_cancelar_para_entre_lotes_y_lo_dice(almacen: AlmacenEnMemoria) -> None:
    informes: list[InformeImportacion] = []
    informe = ImportarTareasUseCase(almacen, lote=2).execute(
        filas([Tarea(titulo=str(numero)) for numero in range(6)]),
        progreso=informes.append,
        cancelar=lambda: bool(informes),
    )
    assert informe.cancelada
    assert len(almacen.filas) == informe.leidas == 2


def test_un_lote_que_falla_deja_dentro_los_anteriores(almacen: AlmacenEnMemoria) -> None:
    lotes = iter([None, AlmacenNoDisponible(NombreAlmacen.SQL, "no responde")])

    def antes(metodo: str) -> None:
        if metodo == "escribir_lote" and (error := next(lotes)):
            raise error

    almacen.antes = antes
    with pytest.raises(AlmacenNoDisponible):
        ImportarTareasUseCase(almacen, lote=2).execute(filas([Tarea(titulo=str(n)) for n in range(4)]))
    assert len(almacen.filas) == 2


def test_lo_leido_antes_de_que_el_archivo_se_rompa_entra(almacen: AlmacenEnMemoria) -> None:
    def rota() -> Iterator[FilaLeida]:
        yield from filas([Tarea(titulo=str(numero)) for numero in range(3)])
        raise ArchivoInvalido("se corta en la línea 4")

    with pytest.raises(ArchivoInvalido):
        ImportarTareasUseCase(almacen, lote=2).execute(rota())
    assert len(almacen.filas) == 3


def test_las_incidencias_se_avisan_todas_y_se_guardan_con_tope(almacen: AlmacenEnMemoria) -> None:
    avisadas: list[Incidencia] = []
    informe = ImportarTareasUseCase(almacen).execute(
        (FilaLeida(linea, motivo="mala") for linea in range(INCIDENCIAS_MAX + 5)),
        incidencia=avisadas.append,
    )
    assert len(avisadas) == informe.leidas == INCIDENCIAS_MAX + 5
    assert len(informe.incidencias) == INCIDENCIAS_MAX


def test_una_fila_mala_no_desplaza_los_resultados_de_las_demas(almacen: AlmacenEnMemoria) -> None:
    existente = Tarea(titulo="Existente")
    importar = ImportarTareasUseCase(almacen)
    importar.execute(filas([existente]))
    informe = importar.execute(
        [
            FilaLeida(2, Tarea(titulo="")),
            FilaLeida(3, Tarea(titulo="n")),
            FilaLeida(4, replace(existente, titulo="x")),
        ]
    )
    assert {uno.linea: uno.suerte for uno in informe.incidencias} == {
        2: SuerteFila.RECHAZADA,
        4: SuerteFila.DISTINTA,
    }
