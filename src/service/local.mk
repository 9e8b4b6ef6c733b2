# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/service/libservice.a
src_service_libservice_a_SOURCES = \
	src/service/access.h \
	src/service/authorization.h \
	src/service/check.h \
	src/service/compile.h \
	src/service/compiling.h \
	src/service/endpoints.h \
	src/service/fixed_tokens.h \
	src/service/host.h \
	src/service/identity.h \
	src/service/index.h \
	src/service/keys.h \
	src/service/login_url.h \
	src/service/manual.h \
	src/service/match.h \
	src/service/notify_target.h \
	src/service/others.h \
	src/service/paths.h \
	src/service/routes.h \
	src/service/service.h \
	src/service/sharing.h \
	src/service/upstream_template.h \
	src/service/access.c \
	src/service/authorization.c \
	src/service/check.c \
	src/service/compile.c \
	src/service/endpoints.c \
	src/service/fixed_tokens.c \
	src/service/host.c \
	src/service/identity.c \
	src/service/index.c \
	src/service/keys.c \
	src/service/login_url.c \
	src/service/manual.c \
	src/service/match.c \
	src/service/notify_target.c \
	src/service/others.c \
	src/service/paths.c \
	src/service/routes.c \
	src/service/services.c \
	src/service/sharing.c \
	src/service/upstream_template.c
upto_service = src/service/libservice.a $(upto_upstream)
