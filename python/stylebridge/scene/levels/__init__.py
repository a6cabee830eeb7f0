"""The places where the game can be played, one file each."""
