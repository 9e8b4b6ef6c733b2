# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/session/test_record
tests_unit_session_test_record_SOURCES = \
	tests/unit/session/test_record.c \
	tests/unit/session/session_fixture.h \
	tests/unit/session/setup.h \
	tests/unit/session/view_fixture.h
tests_unit_session_test_record_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_refresh
tests_unit_session_test_refresh_SOURCES = \
	tests/unit/session/test_refresh.c \
	tests/unit/session/session_fixture.h \
	tests/unit/session/setup.h \
	tests/unit/session/view_fixture.h
tests_unit_session_test_refresh_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_session
tests_unit_session_test_session_SOURCES = \
	tests/unit/session/test_session.c \
	tests/unit/session/session_fixture.h \
	tests/unit/session/setup.h \
	tests/unit/session/view_fixture.h
tests_unit_session_test_session_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_session_command
tests_unit_session_test_session_command_SOURCES = \
	tests/unit/session/test_session_command.c \
	tests/unit/session/session_fixture.h \
	tests/unit/session/setup.h \
	tests/unit/session/view_fixture.h
tests_unit_session_test_session_command_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_session_end
tests_unit_session_test_session_end_SOURCES = \
	tests/unit/session/test_session_end.c \
	tests/unit/session/session_fixture.h \
	tests/unit/session/setup.h \
	tests/unit/session/view_fixture.h
tests_unit_session_test_session_end_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_session_key
tests_unit_session_test_session_key_SOURCES = \
	tests/unit/session/test_session_key.c \
	tests/unit/session/session_fixture.h \
	tests/unit/session/setup.h \
	tests/unit/session/view_fixture.h
tests_unit_session_test_session_key_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_session_login_id
tests_unit_session_test_session_login_id_SOURCES = \
	tests/unit/session/test_session_login_id.c \
	tests/unit/session/session_fixture.h \
	tests/unit/session/setup.h \
	tests/unit/session/view_fixture.h
tests_unit_session_test_session_login_id_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_session_note
tests_unit_session_test_session_note_SOURCES = \
	tests/unit/session/test_session_note.c \
	tests/unit/session/session_fixture.h \
	tests/unit/session/setup.h \
	tests/unit/session/view_fixture.h
tests_unit_session_test_session_note_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_session_person
tests_unit_session_test_session_person_SOURCES = \
	tests/unit/session/test_session_person.c \
	tests/unit/session/session_fixture.h \
	tests/unit/session/setup.h \
	tests/unit/session/view_fixture.h
tests_unit_session_test_session_person_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_session_refresh
tests_unit_session_test_session_refresh_SOURCES = \
	tests/unit/session/test_session_refresh.c \
	tests/unit/session/session_fixture.h \
	tests/unit/session/setup.h \
	tests/unit/session/view_fixture.h
tests_unit_session_test_session_refresh_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_session_secrets
tests_unit_session_test_session_secrets_SOURCES = \
	tests/unit/session/test_session_secrets.c \
	tests/unit/session/session_fixture.h \
	tests/unit/session/setup.h \
	tests/unit/session/view_fixture.h
tests_unit_session_test_session_secrets_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_snapshot
tests_unit_session_test_snapshot_SOURCES = \
	tests/unit/session/test_snapshot.c \
	tests/unit/session/session_fixture.h \
	tests/unit/session/setup.h \
	tests/unit/session/view_fixture.h
tests_unit_session_test_snapshot_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_token_use
tests_unit_session_test_token_use_SOURCES = \
	tests/unit/session/test_token_use.c \
	tests/unit/session/session_fixture.h \
	tests/unit/session/setup.h \
	tests/unit/session/view_fixture.h
tests_unit_session_test_token_use_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_view
tests_unit_session_test_view_SOURCES = \
	tests/unit/session/test_view.c \
	tests/unit/session/session_fixture.h \
	tests/unit/session/setup.h \
	tests/unit/session/view_fixture.h
tests_unit_session_test_view_LDADD = $(upto_session) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/session/test_view_refused
tests_unit_session_test_view_refused_SOURCES = \
	tests/unit/session/test_view_refused.c \
	tests/unit/session/session_fixture.h \
	tests/unit/session/setup.h \
	tests/unit/session/view_fixture.h
tests_unit_session_test_view_refused_LDADD = $(upto_session) $(UNIT_LIBS)
