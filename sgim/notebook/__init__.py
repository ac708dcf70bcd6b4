"""All that a notebook or the demo's page shows.

log-mels, pictures, histories, scores -> figures in one style, panels with sliders, one HTML page.
"""
