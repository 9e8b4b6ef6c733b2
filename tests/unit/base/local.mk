# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/base/test_alloc
tests_unit_base_test_alloc_SOURCES = \
	tests/unit/base/test_alloc.c \
	tests/unit/base/child.h
tests_unit_base_test_alloc_LDADD = $(upto_base) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/base/test_arena
tests_unit_base_test_arena_SOURCES = \
	tests/unit/base/test_arena.c \
	tests/unit/base/child.h
tests_unit_base_test_arena_LDADD = $(upto_base) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/base/test_assert
tests_unit_base_test_assert_SOURCES = \
	tests/unit/base/test_assert.c \
	tests/unit/base/child.h
tests_unit_base_test_assert_LDADD = $(upto_base) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/base/test_buf
tests_unit_base_test_buf_SOURCES = \
	tests/unit/base/test_buf.c \
	tests/unit/base/child.h
tests_unit_base_test_buf_LDADD = $(upto_base) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/base/test_clock
tests_unit_base_test_clock_SOURCES = \
	tests/unit/base/test_clock.c \
	tests/unit/base/child.h
tests_unit_base_test_clock_LDADD = $(upto_base) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/base/test_environment
tests_unit_base_test_environment_SOURCES = \
	tests/unit/base/test_environment.c \
	tests/unit/base/child.h
tests_unit_base_test_environment_LDADD = $(upto_base) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/base/test_fault
tests_unit_base_test_fault_SOURCES = \
	tests/unit/base/test_fault.c \
	tests/unit/base/child.h
tests_unit_base_test_fault_LDADD = $(upto_base) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/base/test_list
tests_unit_base_test_list_SOURCES = \
	tests/unit/base/test_list.c \
	tests/unit/base/child.h
tests_unit_base_test_list_LDADD = $(upto_base) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/base/test_local_socket
tests_unit_base_test_local_socket_SOURCES = \
	tests/unit/base/test_local_socket.c \
	tests/unit/base/child.h
tests_unit_base_test_local_socket_LDADD = $(upto_base) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/base/test_log
tests_unit_base_test_log_SOURCES = \
	tests/unit/base/test_log.c \
	tests/unit/base/child.h
tests_unit_base_test_log_LDADD = $(upto_base) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/base/test_log_limit
tests_unit_base_test_log_limit_SOURCES = \
	tests/unit/base/test_log_limit.c \
	tests/unit/base/child.h
tests_unit_base_test_log_limit_LDADD = $(upto_base) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/base/test_log_queue
tests_unit_base_test_log_queue_SOURCES = \
	tests/unit/base/test_log_queue.c \
	tests/unit/base/child.h
tests_unit_base_test_log_queue_LDADD = $(upto_base) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/base/test_loop
tests_unit_base_test_loop_SOURCES = \
	tests/unit/base/test_loop.c \
	tests/unit/base/child.h
tests_unit_base_test_loop_LDADD = $(upto_base) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/base/test_loop_io
tests_unit_base_test_loop_io_SOURCES = \
	tests/unit/base/test_loop_io.c \
	tests/unit/base/child.h
tests_unit_base_test_loop_io_LDADD = $(upto_base) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/base/test_loop_timer
tests_unit_base_test_loop_timer_SOURCES = \
	tests/unit/base/test_loop_timer.c \
	tests/unit/base/child.h
tests_unit_base_test_loop_timer_LDADD = $(upto_base) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/base/test_mailbox
tests_unit_base_test_mailbox_SOURCES = \
	tests/unit/base/test_mailbox.c \
	tests/unit/base/child.h
tests_unit_base_test_mailbox_LDADD = $(upto_base) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/base/test_ownership
tests_unit_base_test_ownership_SOURCES = \
	tests/unit/base/test_ownership.c \
	tests/unit/base/child.h
tests_unit_base_test_ownership_LDADD = $(upto_base) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/base/test_program
tests_unit_base_test_program_SOURCES = \
	tests/unit/base/test_program.c \
	tests/unit/base/child.h
tests_unit_base_test_program_LDADD = $(upto_base) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/base/test_secret
tests_unit_base_test_secret_SOURCES = \
	tests/unit/base/test_secret.c \
	tests/unit/base/child.h
tests_unit_base_test_secret_LDADD = $(upto_base) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/base/test_str
tests_unit_base_test_str_SOURCES = \
	tests/unit/base/test_str.c \
	tests/unit/base/child.h
tests_unit_base_test_str_LDADD = $(upto_base) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/base/test_text_file
tests_unit_base_test_text_file_SOURCES = \
	tests/unit/base/test_text_file.c \
	tests/unit/base/child.h
tests_unit_base_test_text_file_LDADD = $(upto_base) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/base/test_thread
tests_unit_base_test_thread_SOURCES = \
	tests/unit/base/test_thread.c \
	tests/unit/base/child.h
tests_unit_base_test_thread_LDADD = $(upto_base) $(UNIT_LIBS)
