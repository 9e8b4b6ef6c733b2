# Kept by build-aux/update-lists.
bin_PROGRAMS += bearerd
bearerd_SOURCES = \
	src/daemon.c
bearerd_LDADD = $(upto_command) $(BEARERD_LIBS)
