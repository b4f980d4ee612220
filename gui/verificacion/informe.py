"""«Guardar informe…»: the last verification as a signed-off document, written off the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSize, QStandardPaths, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget

from core.domain.models.verificacion import InformeVerificacion
from gui.avisos.aviso import Accion, Aviso, Nivel
from gui.avisos.bandeja import BandejaAvisos
from gui.bridge import Puente
from gui.tareas.preguntas import Respuesta, UnaPregunta
from gui.tareas.textos import explicar
from gui.verificacion.casos import CasosDeVerificacion

CLAVE = "informe"
DIALOGO = QSize(820, 480)
"""Wide enough for all that a file dialog tells of a file."""


@dataclass(frozen=True, slots=True)
class _Hecho:
    """What came of it: where both files are, or (`hay`) which of them were there and were left alone."""

    rutas: tuple[Path, ...]
    hay: bool = False


class GuardadorInforme(QObject):
    """Asks for a place, never replaces a file without asking, and tells where both are."""

    def __init__(self, puente: Puente, avisos: BandejaAvisos, boton: QPushButton, vista: QWidget) -> None:
        super().__init__(vista)
        self._puente = puente
        self._avisos = avisos
        self._boton = boton
        self._vista = vista
        self._pregunta = UnaPregunta(vista)
        self._casos: CasosDeVerificacion | None = None
        self._informe: InformeVerificacion | None = None
        self._ocupado = False
        self._carpeta = ""
        boton.clicked.connect(self.pedir)
        self._ofrecer()

    def conectar(self, casos: CasosDeVerificacion) -> None:
        """The use cases are there."""
        self._casos = casos

    def poner(self, informe: InformeVerificacion | None) -> None:
        """That is what the page tells now; None: nothing that a report could be about."""
        self._informe = informe
        self._ofrecer()

    def ocupar(self, si: bool) -> None:
        """Something else is under way."""
        self._ocupado = si
        self._ofrecer()

    @Slot()
    def pedir(self) -> None:
        """Ask where to."""
        if self._informe is None:
            return
        pregunta = QFileDialog(self._vista, self.tr("Guardar informe de la verificación"), self._donde())
        pregunta.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        pregunta.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        pregunta.setNameFilter(self.tr("Informe en JSON y en HTML (*.json *.html)"))
        # Two files come of one name: what is there of both is asked about here.
        pregunta.setOption(QFileDialog.Option.DontConfirmOverwrite)
        for que, texto in (
            (QFileDialog.DialogLabel.LookIn, self.tr("Guardar en:")),
            (QFileDialog.DialogLabel.FileName, self.tr("Nombre de archivo:")),
            (QFileDialog.DialogLabel.FileType, self.tr("Tipo de archivo:")),
            (QFileDialog.DialogLabel.Accept, self.tr("Guardar")),
        ):
            pregunta.setLabelText(que, texto)
        pregunta.resize(DIALOGO)
        pregunta.selectFile(_nombre(self._informe))
        pregunta.fileSelected.connect(self._al_elegir)
        pregunta.open()

    @Slot(str)
    def _al_elegir(self, ruta: str) -> None:
        self.guardar(Path(ruta))

    def guardar(self, base: Path, *, sobrescribir: bool = False) -> None:
        """Write BASE.json and BASE.html."""
        if self._casos is None or self._informe is None:
            return
        self._carpeta = str(base.parent)
        self._puente.lanzar(
            partial(_guardar, self._casos, self._informe, base, sobrescribir=sobrescribir),
            exito=partial(self._al_acabar, base),
            error=self._al_fallar,
        )

    def _al_acabar(self, base: Path, hecho: _Hecho) -> None:
        if hecho.hay:
            self._preguntar(base, hecho.rutas)
            return
        en_json, en_html = hecho.rutas
        carpeta = QUrl.fromLocalFile(str(en_json.parent))
        self._avisos.mostrar(
            Aviso(
                clave=CLAVE,
                nivel=Nivel.EXITO,
                titulo=self.tr("Informe guardado"),
                detalle=self.tr("{json} para programas y {html} para imprimir, en {carpeta}.").format(
                    json=en_json.name, html=en_html.name, carpeta=en_json.parent
                ),
                acciones=(Accion(self.tr("Abrir carpeta"), partial(_abrir, carpeta)),),
            )
        )

    def _preguntar(self, base: Path, hay: tuple[Path, ...]) -> None:
        nombres = self.tr(" y ").join(ruta.name for ruta in hay)
        texto = self.tr("¿Reemplazar {archivos}?").format(archivos=nombres)
        detalle = self.tr("Ya hay un informe con ese nombre en {carpeta}. El de ahora ocuparía su lugar.")
        respuestas = (
            Respuesta(self.tr("Reemplazar"), partial(self.guardar, base, sobrescribir=True)),
            Respuesta(self.tr("No reemplazar"), lambda: None, prudente=True),
        )
        self._pregunta.hacer(str(base), texto, detalle.format(carpeta=base.parent), respuestas)

    def _al_fallar(self, error: BaseException) -> None:
        self._avisos.mostrar(
            Aviso(
                clave=CLAVE,
                nivel=Nivel.ERROR,
                titulo=self.tr("No se pudo guardar el informe"),
                detalle=explicar(error),
                acciones=(Accion(self.tr("Elegir otro lugar…"), self.pedir),),
            )
        )

    def _donde(self) -> str:
        documentos = QStandardPaths.StandardLocation.DocumentsLocation
        return self._carpeta or QStandardPaths.writableLocation(documentos)

    def _ofrecer(self) -> None:
        self._boton.setEnabled(self._informe is not None and not self._ocupado)
        self._boton.setToolTip(
            self.tr("Lo que dice esta verificación, firmado, en un archivo JSON y en otro HTML para imprimir")
            if self._informe is not None
            else self.tr("El informe es de una verificación terminada: verifique primero")
        )


def _abrir(carpeta: QUrl) -> None:
    QDesktopServices.openUrl(carpeta)


def _nombre(informe: InformeVerificacion) -> str:
    empezada = datetime.fromtimestamp(informe.empezada_ms / 1000, UTC).astimezone()
    return f"verificacion-{empezada:%Y-%m-%d-%H%M}.json"


def _guardar(
    casos: CasosDeVerificacion, informe: InformeVerificacion, base: Path, *, sobrescribir: bool
) -> _Hecho:
    hay = () if sobrescribir else tuple(casos.informes_que_hay(base))
    if hay:
        return _Hecho(hay, hay=True)
    return _Hecho(casos.guardar_informe(informe, base, sobrescribir=sobrescribir))
