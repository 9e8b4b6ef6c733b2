# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/authserver/libauthserver.a
src_authserver_libauthserver_a_SOURCES = \
	src/authserver/as_client.h \
	src/authserver/call.h \
	src/authserver/discovery.h \
	src/authserver/id_check.h \
	src/authserver/introspect.h \
	src/authserver/jwks.h \
	src/authserver/metadata_fetch.h \
	src/authserver/metadata_store.h \
	src/authserver/redact.h \
	src/authserver/secret_command.h \
	src/authserver/server_request.h \
	src/authserver/token_call.h \
	src/authserver/as_client.c \
	src/authserver/call.c \
	src/authserver/discovery.c \
	src/authserver/id_check.c \
	src/authserver/introspect.c \
	src/authserver/jwks.c \
	src/authserver/metadata_fetch.c \
	src/authserver/metadata_store.c \
	src/authserver/redact.c \
	src/authserver/secret_command.c \
	src/authserver/server_request.c \
	src/authserver/token_call.c
upto_authserver = src/authserver/libauthserver.a $(upto_session)
