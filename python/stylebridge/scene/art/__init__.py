"""How the levels are made: shapes, procedural textures, and models put together from both."""
