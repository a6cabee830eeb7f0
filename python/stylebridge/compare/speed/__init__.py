"""How long models take, and how much memory; how old a picture is when it is seen."""
