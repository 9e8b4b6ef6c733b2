# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/command/libcommand.a
src_command_libcommand_a_SOURCES = \
	src/command/browser.h \
	src/command/command.h \
	src/command/control_client.h \
	src/command/control_show.h \
	src/command/descriptors.h \
	src/command/handover.h \
	src/command/libraries.h \
	src/command/load.h \
	src/command/memory_trim.h \
	src/command/standard_streams.h \
	src/command/status_introspection.h \
	src/command/terminal.h \
	src/command/browser.c \
	src/command/check.c \
	src/command/command.c \
	src/command/control_client.c \
	src/command/control_show.c \
	src/command/descriptors.c \
	src/command/handover.c \
	src/command/libraries.c \
	src/command/load.c \
	src/command/login.c \
	src/command/logout.c \
	src/command/memory_trim.c \
	src/command/providers.c \
	src/command/refresh.c \
	src/command/run.c \
	src/command/standard_streams.c \
	src/command/status.c \
	src/command/status_introspection.c \
	src/command/terminal.c \
	src/command/token.c
upto_command = src/command/libcommand.a $(upto_proxy)
