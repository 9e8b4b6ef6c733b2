# Kept by build-aux/update-lists.
noinst_HEADERS += \
	src/http/challenge.h \
	src/http/fields.h \
	src/http/message.h \
	src/http/target.h \
	src/http/template.h
upto_http = $(upto_crypto)
