# Kept by build-aux/update-lists.
EXTRA_DIST += \
	docs/architecture.md
