# Kept by build-aux/update-lists.
noinst_HEADERS += \
	src/service/routes.h \
	src/service/service.h
upto_service = $(upto_session)
