# Kept by build-aux/update-lists.
EXTRA_DIST += \
	tests/bench/bench.py
