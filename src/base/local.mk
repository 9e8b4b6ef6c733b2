# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_SOURCES = \
	src/base/alloc.h \
	src/base/arena.h \
	src/base/assert.h \
	src/base/attr.h \
	src/base/buf.h \
	src/base/clock.h \
	src/base/core_dump.h \
	src/base/environment.h \
	src/base/fault.h \
	src/base/inherited.h \
	src/base/last_words.h \
	src/base/limits.h \
	src/base/limits_http.h \
	src/base/limits_oauth.h \
	src/base/limits_process.h \
	src/base/list.h \
	src/base/local_socket.h \
	src/base/log.h \
	src/base/log_limit.h \
	src/base/log_queue.h \
	src/base/loop.h \
	src/base/mailbox.h \
	src/base/ownership.h \
	src/base/program.h \
	src/base/secret.h \
	src/base/str.h \
	src/base/text_file.h \
	src/base/thread.h \
	src/base/alloc.c \
	src/base/arena.c \
	src/base/assert.c \
	src/base/buf.c \
	src/base/clock.c \
	src/base/core_dump.c \
	src/base/environment.c \
	src/base/fault.c \
	src/base/inherited.c \
	src/base/last_words.c \
	src/base/local_socket.c \
	src/base/log.c \
	src/base/log_limit.c \
	src/base/log_queue.c \
	src/base/loop.c \
	src/base/mailbox.c \
	src/base/ownership.c \
	src/base/program.c \
	src/base/secret.c \
	src/base/str.c \
	src/base/text_file.c \
	src/base/thread.c
upto_base = src/base/libbase.a
