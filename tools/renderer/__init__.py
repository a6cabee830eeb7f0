"""A software renderer of game-like pictures: numpy sphere tracing, procedural surfaces, sun, sky and lamps."""
