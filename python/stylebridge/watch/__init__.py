"""The live page: a game, or a recording of one, beside what each engine makes of it, for several viewers at once."""
