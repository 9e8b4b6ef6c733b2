# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/broker/libbroker.a
src_broker_libbroker_a_SOURCES = \
	src/broker/broker.h \
	src/broker/broker_int.h \
	src/broker/entry.h \
	src/broker/login.h \
	src/broker/login_int.h \
	src/broker/login_limit.h \
	src/broker/login_mail.h \
	src/broker/logout.h \
	src/broker/notice.h \
	src/broker/notify.h \
	src/broker/reply.h \
	src/broker/request.h \
	src/broker/secret_watch.h \
	src/broker/session_store.h \
	src/broker/subject.h \
	src/broker/token_wait.h \
	src/broker/broker.c \
	src/broker/entry.c \
	src/broker/login.c \
	src/broker/login_browser.c \
	src/broker/login_device.c \
	src/broker/login_import.c \
	src/broker/login_limit.c \
	src/broker/login_mail.c \
	src/broker/login_request.c \
	src/broker/login_step.c \
	src/broker/logout.c \
	src/broker/notice.c \
	src/broker/notify.c \
	src/broker/reply.c \
	src/broker/request.c \
	src/broker/secret_watch.c \
	src/broker/session_store.c \
	src/broker/subject.c \
	src/broker/token_wait.c
upto_broker = src/broker/libbroker.a $(upto_preview)
