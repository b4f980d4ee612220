"""A container that a test moves by hand, for the parts of the window that tell how the stores are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.conflictos import ConflictosDeAlmacenes
from adapters.health.registro import RegistroSalud
from adapters.nodo import ahora_ms
from adapters.replicacion.informe import InformePasada
from core.application.importar_tareas import InformeImportacion
from core.application.listar_conflictos import ContarConflictosUseCase, ListarConflictosUseCase
from core.application.listar_tareas import ResumirUseCase
from core.application.resolver_conflicto import ResolverConflictoUseCase
from core.domain.errors import EsquemaSinAdoptar
from core.domain.models.almacen import NombreAlmacen, Pong
from core.domain.models.apartada import Apartada
from core.domain.models.consulta import Resumen
from core.domain.models.pareja import Carencia
from core.domain.ports.revision import AlmacenRevisable
from core.health import EstadoSalud, SaludAlmacen
from tests.fakes import AlmacenEnMemoria

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO
INICIO = datetime(2026, 3, 30, 10, 42, 7, tzinfo=UTC)


class RelojFalso:
    """Both clocks of the window, moved together."""

    def __init__(self) -> None:
        self.s = 1000.0

    def ahora_s(self) -> float:
        return self.s

    def ahora(self) -> datetime:
        return INICIO + timedelta(seconds=self.s - 1000.0)


class RepositorioFalso(AlmacenEnMemoria):
    """One store in memory that counts for all of them; one that is down cannot be asked."""

    def __init__(self, fuente: FuenteFalsa) -> None:
        super().__init__(SQL)
        self._fuente = fuente

    def resumen(self) -> Resumen:
        caidas = [n for n in self._fuente.almacenes if self._fuente.estado_salud(n) is EstadoSalud.CAIDA]
        pendientes = {n: None if n in caidas else self._fuente.pendientes.get(n, 0) for n in NombreAlmacen}
        return Resumen(total=self.contar(), pendientes=pendientes)


class FuenteFalsa:
    """Says what it was told to say."""

    def __init__(self, *almacenes: NombreAlmacen, ahora_s: float = 1000.0) -> None:
        self.almacenes = almacenes or tuple(NombreAlmacen)
        self.modo = "EMBEBIDO"
        self.problema_embebido = ""
        self.nodo = "00ff"
        self.pings: list[NombreAlmacen] = []
        self.pendientes: dict[NombreAlmacen, int] = {}
        self.repositorio = RepositorioFalso(self)
        self.resumir = ResumirUseCase(self.repositorio)
        conflictos = ConflictosDeAlmacenes({SQL: self.repositorio}, RegistroSalud(), ahora_ms=ahora_ms)
        self.listar_conflictos = ListarConflictosUseCase(conflictos, self.repositorio)
        self.contar_conflictos = ContarConflictosUseCase(conflictos)
        self.resolver_conflicto = ResolverConflictoUseCase(conflictos, self.repositorio)
        self.instantaneas = {
            nombre: SaludAlmacen(almacen=nombre, desde_s=ahora_s) for nombre in self.almacenes
        }
        self.importados: list[Path] = []
        self.replicacion_pausada = False
        self.apartadas: tuple[Apartada, ...] = ()
        self.carencias: tuple[Carencia, ...] = ()
        self.revisables: dict[NombreAlmacen, AlmacenRevisable] = {}
        self.ordenes: list[str] = []
        self.al_ordenar: Callable[[str], object] = lambda _orden: None
        self.por_adoptar: dict[NombreAlmacen, int] = {}

    def poner(self, nombre: NombreAlmacen, estado: EstadoSalud, **campos: Any) -> SaludAlmacen:
        """Change the snapshot of a store; a state without more is a ping answered just now."""
        pong = Pong(latencia_ms=0.3, version_servidor="Servidor 1.0", rol="primario", desfase_ms=1.0)
        valores: dict[str, Any] = {"estado": estado, "visto_s": 1000.0, "historial": (0.2, 0.3), "pong": pong}
        nueva = replace(self.instantaneas[nombre], **(valores | campos))
        self.instantaneas[nombre] = nueva
        return nueva

    def salud(self, nombre: NombreAlmacen) -> SaludAlmacen:
        return self.instantaneas[nombre]

    def estado_salud(self, nombre: NombreAlmacen) -> EstadoSalud:
        return self.instantaneas[nombre].estado

    def direccion(self, nombre: NombreAlmacen) -> str:
        return f"servidor-{nombre}:1234/tareas"

    def ping_ahora(self, nombre: NombreAlmacen) -> None:
        self.pings.append(nombre)

    def _ordenar(self, orden: str) -> None:
        self.ordenes.append(orden)
        self.al_ordenar(orden)

    def sincronizar(self) -> dict[NombreAlmacen, InformePasada]:
        self._ordenar("sincronizar")
        return {SQL: InformePasada(copiadas=3), MONGO: InformePasada()}

    def pausar_replicacion(self) -> None:
        self._ordenar("pausar")

    def reanudar_replicacion(self) -> None:
        self._ordenar("reanudar")

    def cancelar_replicacion(self) -> None:
        self._ordenar("cancelar")

    def rellenar(self, destino: NombreAlmacen) -> None:
        self._ordenar(f"rellenar {destino}")

    def despertar_replicacion(self) -> None:
        self.ordenes.append("despertar")

    def reintentar_apartadas(self) -> None:
        self._ordenar("reintentar")

    def cuarentena(self) -> tuple[Apartada, ...]:
        return self.apartadas

    def preparar(self, nombre: NombreAlmacen, *, adoptar: bool = False) -> None:
        if adoptar:
            self._ordenar(f"adoptar {nombre}")
            self.por_adoptar.pop(nombre, None)
        if nombre in self.por_adoptar:
            raise EsquemaSinAdoptar(nombre, f"Ya existe «tareas» en {nombre.etiqueta}.")

    def filas_sin_adoptar(self, nombre: NombreAlmacen) -> int:
        return self.por_adoptar[nombre]

    def iniciar(self) -> FuenteFalsa:
        return self

    def close(self, timeout_s: float = 1.0) -> None:
        return

    def importar_archivo(
        self,
        ruta: Path,
        *,
        progreso: Callable[[InformeImportacion], None],
        cancelar: Callable[[], bool],
    ) -> InformeImportacion:
        self.importados.append(ruta)
        informe = InformeImportacion()
        progreso(informe)
        informe.cancelada = cancelar()
        return informe
