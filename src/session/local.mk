# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/session/libsession.a
src_session_libsession_a_SOURCES = \
	src/session/answer.h \
	src/session/ask.h \
	src/session/broker.h \
	src/session/call.h \
	src/session/desk.h \
	src/session/discovery.h \
	src/session/fit.h \
	src/session/id_check.h \
	src/session/jwks.h \
	src/session/login.h \
	src/session/login_mail.h \
	src/session/login_parts.h \
	src/session/logout.h \
	src/session/metadata_fetch.h \
	src/session/metadata_shelf.h \
	src/session/post.h \
	src/session/record.h \
	src/session/refresh.h \
	src/session/session.h \
	src/session/session_parts.h \
	src/session/shelf.h \
	src/session/snapshot.h \
	src/session/view.h \
	src/session/wish.h \
	src/session/words.h \
	src/session/answer.c \
	src/session/arrival.c \
	src/session/ask.c \
	src/session/broker.c \
	src/session/call.c \
	src/session/discovery.c \
	src/session/fit.c \
	src/session/id_check.c \
	src/session/jwks.c \
	src/session/login.c \
	src/session/login_browser.c \
	src/session/login_device.c \
	src/session/login_mail.c \
	src/session/login_verify.c \
	src/session/logout.c \
	src/session/metadata_fetch.c \
	src/session/metadata_shelf.c \
	src/session/need.c \
	src/session/post.c \
	src/session/record.c \
	src/session/refresh.c \
	src/session/session.c \
	src/session/session_wishes.c \
	src/session/shelf.c \
	src/session/snapshot.c \
	src/session/view.c \
	src/session/wish.c \
	src/session/words.c
upto_session = src/session/libsession.a $(upto_service)
