# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/session/libsession.a
src_session_libsession_a_SOURCES = \
	src/session/decision.h \
	src/session/record.h \
	src/session/refresh.h \
	src/session/session.h \
	src/session/session_int.h \
	src/session/snapshot.h \
	src/session/token_use.h \
	src/session/view.h \
	src/session/view_link.h \
	src/session/decision.c \
	src/session/record.c \
	src/session/refresh.c \
	src/session/session.c \
	src/session/session_command.c \
	src/session/session_end.c \
	src/session/session_failure.c \
	src/session/session_key.c \
	src/session/session_login_id.c \
	src/session/snapshot.c \
	src/session/token_use.c \
	src/session/view.c
upto_session = src/session/libsession.a $(upto_service)
