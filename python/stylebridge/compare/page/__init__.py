"""What a comparison found, for eyes: the page, its pictures, charts, tables and the video."""
