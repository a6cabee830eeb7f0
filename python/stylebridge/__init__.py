"""A bridge between a game engine and Python for in-game neural style transfer."""

__version__ = "0.1.0"
