"""Unity games with ML-Agents as a source: their visual observations are the frames, one decision step each."""
