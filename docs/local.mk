# Kept by build-aux/update-lists.
EXTRA_DIST += \
	docs/architecture.md \
	docs/attacks.md \
	docs/authlib.md \
	docs/libraries.md
