# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/authserver/libauthserver.a
src_authserver_libauthserver_a_SOURCES = \
	src/authserver/call.h \
	src/authserver/metadata_fetch.h \
	src/authserver/metadata_store.h \
	src/authserver/redact.h \
	src/authserver/server_request.h \
	src/authserver/token_call.h \
	src/authserver/call.c \
	src/authserver/metadata_fetch.c \
	src/authserver/metadata_store.c \
	src/authserver/redact.c \
	src/authserver/server_request.c \
	src/authserver/token_call.c
upto_authserver = src/authserver/libauthserver.a $(upto_session)
