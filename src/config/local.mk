# Kept by build-aux/update-lists.
noinst_HEADERS += \
	src/config/config.h \
	src/config/table.h
upto_config = $(upto_http)
