"""Recordings: frames written into an MCAP file as they come, and read back in any order."""

from __future__ import annotations

from stylebridge.recording.details import Details
from stylebridge.recording.pack import Packing, pack
from stylebridge.recording.reader import Recording
from stylebridge.recording.repair import repair
from stylebridge.recording.streams import Stream
from stylebridge.recording.verify import Report, verify
from stylebridge.recording.writer import Writer

__all__ = ["Details", "Packing", "Recording", "Report", "Stream", "Writer", "pack", "repair", "verify"]
