# Kept by build-aux/update-lists.
noinst_LIBRARIES += src/config/libconfig.a
src_config_libconfig_a_SOURCES = \
	src/config/catalogue.h \
	src/config/cidr.h \
	src/config/command.h \
	src/config/config.h \
	src/config/config_int.h \
	src/config/entry.h \
	src/config/file.h \
	src/config/include.h \
	src/config/ini.h \
	src/config/live_secret.h \
	src/config/mask.h \
	src/config/nearest.h \
	src/config/pairs.h \
	src/config/profile.h \
	src/config/reading.h \
	src/config/report.h \
	src/config/section.h \
	src/config/strict.h \
	src/config/table.h \
	src/config/catalogue.c \
	src/config/cidr.c \
	src/config/command.c \
	src/config/config.c \
	src/config/entry.c \
	src/config/file.c \
	src/config/include.c \
	src/config/ini.c \
	src/config/live_secret.c \
	src/config/mask.c \
	src/config/nearest.c \
	src/config/pairs.c \
	src/config/profile.c \
	src/config/reading.c \
	src/config/report.c \
	src/config/section.c \
	src/config/strict.c \
	src/config/value.c
upto_config = src/config/libconfig.a $(upto_http)
