# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/oauth/liboauth.a
src_oauth_liboauth_a_SOURCES = \
	src/oauth/authorization.h \
	src/oauth/authorization_response.h \
	src/oauth/client_auth.h \
	src/oauth/device.h \
	src/oauth/dpop.h \
	src/oauth/dpop_nonces.h \
	src/oauth/grant.h \
	src/oauth/pkce.h \
	src/oauth/placement.h \
	src/oauth/protected_request.h \
	src/oauth/reply.h \
	src/oauth/request.h \
	src/oauth/revocation.h \
	src/oauth/server.h \
	src/oauth/settings.h \
	src/oauth/token.h \
	src/oauth/token_members.h \
	src/oauth/value.h \
	src/oauth/authorization.c \
	src/oauth/authorization_response.c \
	src/oauth/client_auth.c \
	src/oauth/client_auth/client_secret_basic.c \
	src/oauth/client_auth/client_secret_post.c \
	src/oauth/client_auth/none.c \
	src/oauth/device.c \
	src/oauth/dpop.c \
	src/oauth/dpop_nonces.c \
	src/oauth/grant.c \
	src/oauth/grant/authorization_code.c \
	src/oauth/grant/client_credentials.c \
	src/oauth/grant/device_code.c \
	src/oauth/grant/implicit.c \
	src/oauth/grant/none.c \
	src/oauth/grant/password.c \
	src/oauth/grant/refresh_token.c \
	src/oauth/grant/static.c \
	src/oauth/grant/token_exchange.c \
	src/oauth/pkce.c \
	src/oauth/placement.c \
	src/oauth/placement/body.c \
	src/oauth/placement/cookie.c \
	src/oauth/placement/header.c \
	src/oauth/placement/none.c \
	src/oauth/placement/query.c \
	src/oauth/protected_request.c \
	src/oauth/reply.c \
	src/oauth/request.c \
	src/oauth/revocation.c \
	src/oauth/server.c \
	src/oauth/settings.c \
	src/oauth/token.c \
	src/oauth/token_members.c \
	src/oauth/token_reply.c \
	src/oauth/value.c
upto_oauth = src/oauth/liboauth.a $(upto_config)
