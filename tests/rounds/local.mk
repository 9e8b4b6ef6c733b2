# Kept by build-aux/update-lists.
EXTRA_DIST += \
	tests/rounds/rounds.py \
	tests/rounds/way.py
