"""Why two engines differ: parity with the likeliest cause, and the first layer in which they part."""
