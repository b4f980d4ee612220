"""The window. It knows Qt and the composition root (`adapters.container`); no driver may enter here."""
