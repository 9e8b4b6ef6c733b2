# Kept by build-aux/update-lists.
noinst_HEADERS += \
	src/data/base64url.h \
	src/data/date.h \
	src/data/form.h \
	src/data/json.h \
	src/data/uri.h
upto_data = $(upto_base)
