"""A verification and a repair in words, with the icon and the colour that go with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication

from core.diferencias import TipoDiferencia
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.reparacion import InformeReparacion, PlanReparacion, Suerte
from core.domain.models.verificacion import InformeVerificacion
from core.reparacion import Accion, Gana
from gui.tareas.textos import cuando
from gui.verificacion.nota import Nota
from gui.widgets.formato import SIN_DATO, cuenta, segundos

MOTIVOS_MAX = 3
"""Most reasons that are told at once."""


@dataclass(frozen=True, slots=True)
class Veredicto:
    """What is known, told by an icon and a word and a colour.

    Attributes:
        rol: of the palette.
        detalle: how it is known, and what it is worth.
    """

    icono: str
    palabra: str
    rol: str
    detalle: str = ""

    def con(self, *, palabra: str) -> Veredicto:
        """The same under another title."""
        return replace(self, palabra=palabra)


def veredicto(informe: InformeVerificacion) -> Veredicto:
    """The result of a verification that has ended."""
    como = _como(informe.metodo)
    if informe.cancelada:
        return Veredicto("pausa", _tr("Cancelada: no se sabe si son iguales"), "warn", _tr("Nada se anotó."))
    if informe.hay_diferencias:
        return Veredicto(
            "error",
            _diferencias(
                informe.cuentas.total() + informe.sin_revisar,
                _resto(informe),
                exactas=not informe.sin_revisar,
            ),
            "error",
            f"{como} {_dudas(informe)}",
        )
    if informe.vacia:
        detalle = _tr("Ninguna de las dos tiene tareas: comparar nada con nada no prueba nada.")
        return Veredicto("estado-desconocida", _tr("No se pudo saber"), "warn", detalle)
    if not informe.iguales:
        return Veredicto("estado-desconocida", _tr("No se pudo saber"), "warn", _dudas(informe))
    return Veredicto(
        "estado-ok", _iguales(informe.filas_sql, _resto(informe)), "ok", f"{como} {_dudas(informe)}".rstrip()
    )


def veredicto_de_nota(nota: Nota) -> Veredicto:
    """The same of one that was made before, here or at another place."""
    resto = _al_pie(nota.metodo, nota.duracion_s, nota.empezada_ms)
    antes = _tr("Es la última que se hizo; lo escrito después no entra en ella.")
    if nota.iguales:
        return Veredicto("estado-ok", _iguales(nota.filas_sql, resto), "ok", antes)
    if nota.diferencias:
        pedir = _tr("Verifique otra vez para ver cuáles son ahora.")
        return Veredicto("error", _diferencias(nota.diferencias, resto), "error", f"{antes} {pedir}")
    return Veredicto(
        "estado-desconocida", _tr("No se pudo saber ({resto})").format(resto=resto), "warn", antes
    )


def no_se_supo(motivo: str) -> Veredicto:
    """The verification broke off."""
    return Veredicto("estado-desconocida", _tr("No se pudo saber"), "warn", motivo)


def sin_verificar() -> Veredicto:
    """Nobody has ever compared them."""
    detalle = _tr("Nadie ha comparado todavía las dos bases de datos.")
    return Veredicto("estado-desconocida", _tr("Sin verificar"), "muted", detalle)


def tras_reparar(quedan: int, sin_listar: int = 0) -> Veredicto:
    """Something was repaired: what was known is not so any more; `sin_listar`: beyond those of the list."""
    if sin_listar:
        palabra = _tr("Quedan al menos {n} diferencias").format(n=cuenta(quedan + sin_listar))
        return Veredicto("aviso", palabra, "warn", _tr("Verifique otra vez para ver las siguientes."))
    if quedan == 1:
        palabra = _tr("Queda 1 de las diferencias vistas")
    elif quedan:
        palabra = _tr("Quedan {n} de las diferencias vistas").format(n=cuenta(quedan))
    else:
        palabra = _tr("No queda ninguna de las diferencias vistas")
    return Veredicto("info", palabra, "info", _tr("Verifique otra vez para comprobarlo."))


def avance(informe: InformeVerificacion) -> str:
    """What a verification has seen so far; while the servers add up, nobody knows."""
    miradas = max(informe.filas_sql, informe.filas_mongo)
    if not miradas:
        return _tr("Los dos servidores suman su contenido")
    return _tr("{n} filas").format(n=cuenta(miradas))


def nombre_de_tipo(tipo: TipoDiferencia) -> str:
    """The kind by its own name."""
    return {
        TipoDiferencia.SOLO_SQL: _tr("Solo en SQL"),
        TipoDiferencia.SOLO_MONGO: _tr("Solo en MongoDB"),
        TipoDiferencia.CONTENIDO: _tr("Contenido distinto"),
        TipoDiferencia.LAPIDA: _tr("Eliminada en una sola"),
        TipoDiferencia.MALFORMADA: _tr("Malformada"),
    }[tipo]


def nombre_de_campo(campo: str) -> str:
    """The field as an operator reads it; one that is none of ours as it is."""
    return {
        "titulo": _tr("título"),
        "descripcion": _tr("descripción"),
        "estado": _tr("estado"),
        "creada_en": _tr("creada"),
        "actualizada_en": _tr("actualizada"),
        "version": _tr("versión"),
        "eliminada": _tr("eliminada"),
        "pendiente": _tr("pendiente"),
    }.get(campo, campo)


def nombres_de_campos(campos: Iterable[str]) -> str:
    """ "título, versión"; a dash for none."""
    return ", ".join(map(nombre_de_campo, campos)) or SIN_DATO


def nombre_de_gana(gana: Gana) -> str:
    """Whose content both are to hold."""
    return {
        Gana.SQL: _tr("Gana SQL"),
        Gana.MONGO: _tr("Gana MongoDB"),
        Gana.RECIENTE: _tr("Gana la más reciente"),
    }[gana]


def relato_del_plan(plan: PlanReparacion) -> str:
    """What a repair would do, counted."""
    cuentas = plan.por_accion
    frases = {
        Accion.COPIAR: _tr("por copiar a la que no la tiene: {n}"),
        Accion.SUSTITUIR: _tr("por sustituir lo que hay en la otra: {n}"),
        Accion.ELIMINAR: _tr("por eliminar en ambas: {n}"),
        Accion.RENOVAR: _tr("iguales con dos versiones, que recibirían una: {n}"),
        Accion.NADA: _tr("ya iguales: {n}"),
        Accion.CAMBIO: _tr("cambiadas desde que se vieron, que se dejarían: {n}"),
        Accion.IMPOSIBLE: _tr("imposibles de reparar así: {n}"),
    }
    partes = [frase.format(n=cuenta(cuentas[que])) for que, frase in frases.items() if cuentas[que]]
    motivo = _por_que_no(plan)
    relato = _oracion("; ".join(partes)) if partes else _tr("No hay nada que reparar.")
    return " ".join(parte for parte in (relato, _sin_vuelta(plan), _oracion(motivo)) if parte)


def _por_que_no(plan: PlanReparacion) -> str:
    """The reasons of what cannot be repaired, the most frequent first, counted where they differ."""
    motivos = Counter(paso.motivo for paso in plan.imposibles)
    if len(motivos) < 2:
        return next(iter(motivos), "")
    dichos = [f"{motivo} ({cuenta(n)})" for motivo, n in motivos.most_common(MOTIVOS_MAX)]
    if len(motivos) > MOTIVOS_MAX:
        dichos.append(_tr("y otros motivos"))
    return "; ".join(dichos)


def _sin_vuelta(plan: PlanReparacion) -> str:
    """What will be gone from the stores for good; empty for nothing."""
    if not plan.sin_vuelta:
        return ""
    return _tr(
        "«Deshacer» no podrá devolver {n}, o no del todo, porque el programa no escribe algo así: lo que "
        "había quedará, tal cual, solo en «reparaciones.jsonl», en la carpeta de datos."
    ).format(n=cuenta(plan.sin_vuelta))


def relato_de_confirmacion(plan: PlanReparacion) -> str:
    """What will be overwritten, that it is kept, and that there is a way back."""
    encima = plan.se_sobrescriben
    partes = [
        _tr("{n} en {almacen}").format(n=cuenta(encima[nombre]), almacen=nombre.etiqueta)
        for nombre in NombreAlmacen
        if encima[nombre]
    ]
    if not partes:
        return _tr(
            "No se sobrescribe nada: solo se completa lo que falta. Cada una recibe una versión nueva."
        )
    relato = _tr(
        "Se sobrescribe lo que hay ahora ({donde}). Antes se guarda en Conflictos, y «Deshacer» lo "
        "devuelve. Lo que alguien cambie mientras tanto no se toca."
    ).format(donde=_tr(" y ").join(partes))
    return " ".join(parte for parte in (relato, _se_eliminan(plan), _sin_vuelta(plan)) if parte)


def _se_eliminan(plan: PlanReparacion) -> str:
    """A store that was emptied can win, too: whoever lets it must see what that means."""
    n = plan.por_accion[Accion.ELIMINAR]
    if not n:
        return ""
    if n == 1:
        return _tr("ATENCIÓN: 1 queda eliminada en ambas bases de datos, porque la que gana no la tiene.")
    return _tr(
        "ATENCIÓN: {n} quedan eliminadas en ambas bases de datos, porque la que gana no las tiene."
    ).format(n=cuenta(n))


def relato_de_reparacion(informe: InformeReparacion) -> str:
    """What came of it, counted."""
    frases = {
        Suerte.REPARADA: _tr("reparadas: {n}"),
        Suerte.IGUALES: _tr("ya iguales: {n}"),
        Suerte.CAMBIO: _tr("cambiadas mientras tanto, que se dejaron como están: {n}"),
        Suerte.FALLIDA: _tr("sin reparar: {n}"),
    }
    partes = [frase.format(n=cuenta(informe.cuentas[s])) for s, frase in frases.items() if informe.cuentas[s]]
    if informe.en_curso:
        partes.append(_tr("empezadas, y quizá ya reemplazadas: {n}").format(n=cuenta(len(informe.en_curso))))
    motivo = informe.problemas[0][1] if informe.problemas else ""
    relato = _oracion("; ".join(partes)) if partes else _tr("No se hizo nada.")
    partes = [relato, _oracion(motivo)]
    if informe.diario:
        partes.append(_tr("Lo que no cabía en Conflictos está en {donde}.").format(donde=informe.diario))
    if informe.recibo:
        texto = _tr("Cerrada esta ventana, la deshace «dual-tareas reparar --deshacer {recibo}».")
        partes.append(texto.format(recibo=informe.recibo))
    return " ".join(parte for parte in partes if parte)


def _iguales(filas: int, resto: str) -> str:
    if filas == 1:
        return _tr("Iguales: 1 tarea, {resto}").format(resto=resto)
    return _tr("Iguales: {n} tareas, {resto}").format(n=cuenta(filas), resto=resto)


def _diferencias(cuantas: int, resto: str, *, exactas: bool = True) -> str:
    if not exactas:
        return _tr("Al menos {n} diferencias, {resto}").format(n=cuenta(cuantas), resto=resto)
    if cuantas == 1:
        return _tr("1 diferencia, {resto}").format(resto=resto)
    return _tr("{n} diferencias, {resto}").format(n=cuenta(cuantas), resto=resto)


def _resto(informe: InformeVerificacion) -> str:
    return _al_pie(informe.metodo, informe.duracion_s, informe.empezada_ms)


def _al_pie(metodo: str, duracion_s: float, empezada_ms: int) -> str:
    ahora = datetime.now(UTC)
    empezada = cuando(datetime.fromtimestamp(empezada_ms / 1000, UTC), ahora=ahora)
    return f"{metodo}, {segundos(duracion_s)}, {empezada}"


def _como(metodo: str) -> str:
    if metodo == "resumen":
        return _tr("Cada servidor resumió todo su contenido, y solo se leyó lo que no cuadraba.")
    return _tr("Se leyeron todas las filas de ambas, en orden, y se compararon campo por campo.")


def _dudas(informe: InformeVerificacion) -> str:
    partes = []
    if informe.en_vuelo:
        texto = _tr(
            "{n} tareas cambiaban cada vez que se miraban: verifique otra vez en un rato más tranquilo."
        )
        partes.append(texto.format(n=cuenta(informe.en_vuelo)))
    if informe.sin_listar:
        texto = _tr(
            "En la lista caben {caben}; otras {n} no están en ella: repare estas y verifique otra vez."
        )
        partes.append(texto.format(caben=cuenta(len(informe.diferencias)), n=cuenta(informe.sin_listar)))
    if informe.sin_anotar:
        partes.append(informe.sin_anotar)
    return " ".join(partes)


def _oracion(motivo: str) -> str:
    return f"{motivo[:1].upper()}{motivo[1:].rstrip('.')}." if motivo else ""


def _tr(texto: str) -> str:
    return QCoreApplication.translate("Verificacion", texto)
