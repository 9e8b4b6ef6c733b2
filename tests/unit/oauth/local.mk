# Kept by build-aux/update-lists.

UNIT_TESTS += tests/unit/oauth/client_auth/test_assertion
tests_unit_oauth_client_auth_test_assertion_SOURCES = \
	tests/unit/oauth/client_auth/test_assertion.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_client_auth_test_assertion_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/client_auth/test_client_auth
tests_unit_oauth_client_auth_test_client_auth_SOURCES = \
	tests/unit/oauth/client_auth/test_client_auth.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_client_auth_test_client_auth_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/client_auth/test_client_secret_basic
tests_unit_oauth_client_auth_test_client_secret_basic_SOURCES = \
	tests/unit/oauth/client_auth/test_client_secret_basic.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_client_auth_test_client_secret_basic_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/client_auth/test_client_secret_jwt
tests_unit_oauth_client_auth_test_client_secret_jwt_SOURCES = \
	tests/unit/oauth/client_auth/test_client_secret_jwt.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_client_auth_test_client_secret_jwt_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/client_auth/test_client_secret_post
tests_unit_oauth_client_auth_test_client_secret_post_SOURCES = \
	tests/unit/oauth/client_auth/test_client_secret_post.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_client_auth_test_client_secret_post_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/client_auth/test_none
tests_unit_oauth_client_auth_test_none_SOURCES = \
	tests/unit/oauth/client_auth/test_none.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_client_auth_test_none_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/client_auth/test_private_key_jwt
tests_unit_oauth_client_auth_test_private_key_jwt_SOURCES = \
	tests/unit/oauth/client_auth/test_private_key_jwt.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_client_auth_test_private_key_jwt_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/client_auth/test_self_signed_tls_client_auth
tests_unit_oauth_client_auth_test_self_signed_tls_client_auth_SOURCES = \
	tests/unit/oauth/client_auth/test_self_signed_tls_client_auth.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_client_auth_test_self_signed_tls_client_auth_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/client_auth/test_tls_client_auth
tests_unit_oauth_client_auth_test_tls_client_auth_SOURCES = \
	tests/unit/oauth/client_auth/test_tls_client_auth.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_client_auth_test_tls_client_auth_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/compliance/test_compliance
tests_unit_oauth_compliance_test_compliance_SOURCES = \
	tests/unit/oauth/compliance/test_compliance.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_compliance_test_compliance_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/compliance/test_request
tests_unit_oauth_compliance_test_request_SOURCES = \
	tests/unit/oauth/compliance/test_request.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_compliance_test_request_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/compliance/test_response
tests_unit_oauth_compliance_test_response_SOURCES = \
	tests/unit/oauth/compliance/test_response.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_compliance_test_response_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/compliance/test_tell
tests_unit_oauth_compliance_test_tell_SOURCES = \
	tests/unit/oauth/compliance/test_tell.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_compliance_test_tell_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/grant/test_authorization_code
tests_unit_oauth_grant_test_authorization_code_SOURCES = \
	tests/unit/oauth/grant/test_authorization_code.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_grant_test_authorization_code_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/grant/test_client_credentials
tests_unit_oauth_grant_test_client_credentials_SOURCES = \
	tests/unit/oauth/grant/test_client_credentials.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_grant_test_client_credentials_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/grant/test_device_code
tests_unit_oauth_grant_test_device_code_SOURCES = \
	tests/unit/oauth/grant/test_device_code.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_grant_test_device_code_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/grant/test_grant
tests_unit_oauth_grant_test_grant_SOURCES = \
	tests/unit/oauth/grant/test_grant.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_grant_test_grant_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/grant/test_implicit
tests_unit_oauth_grant_test_implicit_SOURCES = \
	tests/unit/oauth/grant/test_implicit.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_grant_test_implicit_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/grant/test_jwt_bearer
tests_unit_oauth_grant_test_jwt_bearer_SOURCES = \
	tests/unit/oauth/grant/test_jwt_bearer.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_grant_test_jwt_bearer_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/grant/test_none
tests_unit_oauth_grant_test_none_SOURCES = \
	tests/unit/oauth/grant/test_none.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_grant_test_none_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/grant/test_password
tests_unit_oauth_grant_test_password_SOURCES = \
	tests/unit/oauth/grant/test_password.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_grant_test_password_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/grant/test_refresh_token
tests_unit_oauth_grant_test_refresh_token_SOURCES = \
	tests/unit/oauth/grant/test_refresh_token.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_grant_test_refresh_token_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/grant/test_signed_jwt
tests_unit_oauth_grant_test_signed_jwt_SOURCES = \
	tests/unit/oauth/grant/test_signed_jwt.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_grant_test_signed_jwt_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/grant/test_static
tests_unit_oauth_grant_test_static_SOURCES = \
	tests/unit/oauth/grant/test_static.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_grant_test_static_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/grant/test_token_exchange
tests_unit_oauth_grant_test_token_exchange_SOURCES = \
	tests/unit/oauth/grant/test_token_exchange.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_grant_test_token_exchange_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/hook/test_base
tests_unit_oauth_hook_test_base_SOURCES = \
	tests/unit/oauth/hook/test_base.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_hook_test_base_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/hook/test_hook
tests_unit_oauth_hook_test_hook_SOURCES = \
	tests/unit/oauth/hook/test_hook.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_hook_test_hook_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/hook/test_library
tests_unit_oauth_hook_test_library_SOURCES = \
	tests/unit/oauth/hook/test_library.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_hook_test_library_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/hook/test_message
tests_unit_oauth_hook_test_message_SOURCES = \
	tests/unit/oauth/hook/test_message.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_hook_test_message_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/hook/test_pattern
tests_unit_oauth_hook_test_pattern_SOURCES = \
	tests/unit/oauth/hook/test_pattern.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_hook_test_pattern_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/hook/test_token
tests_unit_oauth_hook_test_token_SOURCES = \
	tests/unit/oauth/hook/test_token.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_hook_test_token_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/login/test_authorization
tests_unit_oauth_login_test_authorization_SOURCES = \
	tests/unit/oauth/login/test_authorization.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_login_test_authorization_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/login/test_authorization_response
tests_unit_oauth_login_test_authorization_response_SOURCES = \
	tests/unit/oauth/login/test_authorization_response.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_login_test_authorization_response_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/login/test_device
tests_unit_oauth_login_test_device_SOURCES = \
	tests/unit/oauth/login/test_device.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_login_test_device_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/login/test_id_token
tests_unit_oauth_login_test_id_token_SOURCES = \
	tests/unit/oauth/login/test_id_token.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_login_test_id_token_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/login/test_id_token_settings
tests_unit_oauth_login_test_id_token_settings_SOURCES = \
	tests/unit/oauth/login/test_id_token_settings.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_login_test_id_token_settings_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/login/test_id_token_signature
tests_unit_oauth_login_test_id_token_signature_SOURCES = \
	tests/unit/oauth/login/test_id_token_signature.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_login_test_id_token_signature_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/login/test_pkce
tests_unit_oauth_login_test_pkce_SOURCES = \
	tests/unit/oauth/login/test_pkce.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_login_test_pkce_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/login/test_pushed_authorization
tests_unit_oauth_login_test_pushed_authorization_SOURCES = \
	tests/unit/oauth/login/test_pushed_authorization.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_login_test_pushed_authorization_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/placement/test_body
tests_unit_oauth_placement_test_body_SOURCES = \
	tests/unit/oauth/placement/test_body.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_placement_test_body_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/placement/test_cookie
tests_unit_oauth_placement_test_cookie_SOURCES = \
	tests/unit/oauth/placement/test_cookie.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_placement_test_cookie_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/placement/test_header
tests_unit_oauth_placement_test_header_SOURCES = \
	tests/unit/oauth/placement/test_header.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_placement_test_header_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/placement/test_named_values
tests_unit_oauth_placement_test_named_values_SOURCES = \
	tests/unit/oauth/placement/test_named_values.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_placement_test_named_values_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/placement/test_none
tests_unit_oauth_placement_test_none_SOURCES = \
	tests/unit/oauth/placement/test_none.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_placement_test_none_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/placement/test_placement
tests_unit_oauth_placement_test_placement_SOURCES = \
	tests/unit/oauth/placement/test_placement.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_placement_test_placement_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/placement/test_protected_request
tests_unit_oauth_placement_test_protected_request_SOURCES = \
	tests/unit/oauth/placement/test_protected_request.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_placement_test_protected_request_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/placement/test_query
tests_unit_oauth_placement_test_query_SOURCES = \
	tests/unit/oauth/placement/test_query.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_placement_test_query_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/placement/test_value
tests_unit_oauth_placement_test_value_SOURCES = \
	tests/unit/oauth/placement/test_value.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_placement_test_value_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/test_dpop
tests_unit_oauth_test_dpop_SOURCES = \
	tests/unit/oauth/test_dpop.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_test_dpop_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/test_dpop_nonces
tests_unit_oauth_test_dpop_nonces_SOURCES = \
	tests/unit/oauth/test_dpop_nonces.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_test_dpop_nonces_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/test_metadata
tests_unit_oauth_test_metadata_SOURCES = \
	tests/unit/oauth/test_metadata.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_test_metadata_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/test_request
tests_unit_oauth_test_request_SOURCES = \
	tests/unit/oauth/test_request.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_test_request_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/test_server
tests_unit_oauth_test_server_SOURCES = \
	tests/unit/oauth/test_server.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_test_server_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/test_service_account
tests_unit_oauth_test_service_account_SOURCES = \
	tests/unit/oauth/test_service_account.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_test_service_account_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/test_settings
tests_unit_oauth_test_settings_SOURCES = \
	tests/unit/oauth/test_settings.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_test_settings_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/token/test_introspection
tests_unit_oauth_token_test_introspection_SOURCES = \
	tests/unit/oauth/token/test_introspection.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_token_test_introspection_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/token/test_reply
tests_unit_oauth_token_test_reply_SOURCES = \
	tests/unit/oauth/token/test_reply.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_token_test_reply_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/token/test_revocation
tests_unit_oauth_token_test_revocation_SOURCES = \
	tests/unit/oauth/token/test_revocation.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_token_test_revocation_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/token/test_token
tests_unit_oauth_token_test_token_SOURCES = \
	tests/unit/oauth/token/test_token.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_token_test_token_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/token/test_token_members
tests_unit_oauth_token_test_token_members_SOURCES = \
	tests/unit/oauth/token/test_token_members.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_token_test_token_members_LDADD = $(upto_oauth) $(UNIT_LIBS)

UNIT_TESTS += tests/unit/oauth/token/test_token_reply
tests_unit_oauth_token_test_token_reply_SOURCES = \
	tests/unit/oauth/token/test_token_reply.c \
	tests/unit/oauth/compliance/fixes.h \
	tests/unit/oauth/hook/lua.h \
	tests/unit/oauth/keys.h \
	tests/unit/oauth/login/id_token_login.h \
	tests/unit/oauth/section.h \
	tests/unit/oauth/signer.h
tests_unit_oauth_token_test_token_reply_LDADD = $(upto_oauth) $(UNIT_LIBS)
