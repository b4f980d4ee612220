"""How the program looks: palette, style sheet, fonts; following the system or the operator's choice."""

from gui.tema.gestor import GestorTema, Modo, color, paleta_vigente

__all__ = ["GestorTema", "Modo", "color", "paleta_vigente"]
