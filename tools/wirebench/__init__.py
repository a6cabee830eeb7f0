"""What tools/bench_wire.py is made of: ways to move frames, two processes that use them, and the figures."""
