"""Pictures over time: carried along by motion, measured for flicker, filled in between key frames."""
