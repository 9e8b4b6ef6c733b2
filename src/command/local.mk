# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/command/libcommand.a
src_command_libcommand_a_SOURCES = \
	src/command/calm.h \
	src/command/command.h \
	src/command/descriptors.h \
	src/command/load.h \
	src/command/calm.c \
	src/command/check.c \
	src/command/command.c \
	src/command/descriptors.c \
	src/command/load.c \
	src/command/run.c
upto_command = src/command/libcommand.a $(upto_proxy)
