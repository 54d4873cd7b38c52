"""Drawings for the pages: SVG made on the server, by pure functions; colours come from classes in panel.css."""
