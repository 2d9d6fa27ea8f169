"""Case studies: known motion in real imagery, measured by the plugin's engine, one command each.

    make case-slumgullion    a slow landslide through a year and a half, judged like at an extensometer
    make case-fjord          a rockslide above a fjord that accelerates, in radar geometry
    make case-earthquake     a surface rupture across a whole scene
    make case-salmon-falls   the GNSS of a real landslide, in its file format, beside a simulated series

Each ends in pictures and tables, and writes its page of docs/ itself.
"""
