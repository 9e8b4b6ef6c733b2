# Kept by build-aux/update-lists.
noinst_HEADERS += \
	src/oauth/client_auth.h \
	src/oauth/grant.h \
	src/oauth/placement.h \
	src/oauth/request.h \
	src/oauth/settings.h \
	src/oauth/token.h
upto_oauth = $(upto_config)
