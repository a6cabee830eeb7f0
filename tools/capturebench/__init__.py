"""What tools/bench_capture.py measures."""
