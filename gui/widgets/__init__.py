"""Small parts that several views use: icons, plots, how figures are written."""
