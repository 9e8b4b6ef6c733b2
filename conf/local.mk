# Kept by build-aux/update-lists.
EXTRA_DIST += \
	conf/demo.ini
