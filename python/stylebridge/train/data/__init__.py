"""What training reads: pictures, pairs of frames and key frames, cut and handed over in batches."""
