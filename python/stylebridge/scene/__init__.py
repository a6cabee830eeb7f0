"""The embedded game: level, characters, motion matching, cameras, and a renderer that knows depth and motion exactly.

Z is up, x to the east, y to the north, metres, right-handed. Matrices are column-vector, row-major, as in the Frame's
camera. Only `scene/render` knows Panda3D; everything else is numpy and runs anywhere.
"""
