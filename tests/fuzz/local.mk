# Kept by build-aux/update-lists.
EXTRA_DIST += \
	tests/fuzz/corpus/access/allow \
	tests/fuzz/corpus/access/deny \
	tests/fuzz/corpus/access/encoded \
	tests/fuzz/corpus/access/odd \
	tests/fuzz/corpus/access/parameters \
	tests/fuzz/corpus/access/slashes \
	tests/fuzz/corpus/access/stars \
	tests/fuzz/corpus/authorization_response/code \
	tests/fuzz/corpus/authorization_response/error \
	tests/fuzz/corpus/authorization_response/no_words \
	tests/fuzz/corpus/authorization_response/odd \
	tests/fuzz/corpus/authorization_response/token \
	tests/fuzz/corpus/challenge/bearer \
	tests/fuzz/corpus/challenge/broken \
	tests/fuzz/corpus/challenge/dpop \
	tests/fuzz/corpus/challenge/several \
	tests/fuzz/corpus/compliance/below \
	tests/fuzz/corpus/compliance/both \
	tests/fuzz/corpus/compliance/error_if \
	tests/fuzz/corpus/compliance/error_if_array \
	tests/fuzz/corpus/compliance/error_status \
	tests/fuzz/corpus/compliance/form \
	tests/fuzz/corpus/compliance/form_error \
	tests/fuzz/corpus/compliance/form_json \
	tests/fuzz/corpus/compliance/not_selected \
	tests/fuzz/corpus/compliance/odd \
	tests/fuzz/corpus/compliance/selected \
	tests/fuzz/corpus/compliance/twice \
	tests/fuzz/corpus/compliance/unavailable \
	tests/fuzz/corpus/control_request/array \
	tests/fuzz/corpus/control_request/both \
	tests/fuzz/corpus/control_request/line \
	tests/fuzz/corpus/control_request/login \
	tests/fuzz/corpus/control_request/none \
	tests/fuzz/corpus/control_request/nul \
	tests/fuzz/corpus/control_request/object \
	tests/fuzz/corpus/control_request/status \
	tests/fuzz/corpus/control_request/twice \
	tests/fuzz/corpus/control_request/unknown \
	tests/fuzz/corpus/control_socket/control \
	tests/fuzz/corpus/control_socket/in_pieces \
	tests/fuzz/corpus/control_socket/line_first \
	tests/fuzz/corpus/control_socket/login \
	tests/fuzz/corpus/control_socket/login_code \
	tests/fuzz/corpus/control_socket/login_device \
	tests/fuzz/corpus/control_socket/login_leaves \
	tests/fuzz/corpus/control_socket/login_paste \
	tests/fuzz/corpus/control_socket/logout \
	tests/fuzz/corpus/control_socket/nearest \
	tests/fuzz/corpus/control_socket/none \
	tests/fuzz/corpus/control_socket/nul \
	tests/fuzz/corpus/control_socket/open \
	tests/fuzz/corpus/control_socket/refresh \
	tests/fuzz/corpus/control_socket/silent \
	tests/fuzz/corpus/control_socket/status \
	tests/fuzz/corpus/control_socket/status_one \
	tests/fuzz/corpus/control_socket/status_view \
	tests/fuzz/corpus/control_socket/token \
	tests/fuzz/corpus/control_socket/token_machine \
	tests/fuzz/corpus/control_socket/token_same \
	tests/fuzz/corpus/control_socket/two \
	tests/fuzz/corpus/control_socket/unknown \
	tests/fuzz/corpus/device/error \
	tests/fuzz/corpus/device/google \
	tests/fuzz/corpus/device/odd \
	tests/fuzz/corpus/device/standard \
	tests/fuzz/corpus/fields/chunked \
	tests/fuzz/corpus/fields/named \
	tests/fuzz/corpus/fields/plain \
	tests/fuzz/corpus/fields/sized \
	tests/fuzz/corpus/fields/smuggle \
	tests/fuzz/corpus/form/base64 \
	tests/fuzz/corpus/form/base64url \
	tests/fuzz/corpus/form/escapes \
	tests/fuzz/corpus/form/token \
	tests/fuzz/corpus/hook/bytecode \
	tests/fuzz/corpus/hook/endless \
	tests/fuzz/corpus/hook/memory \
	tests/fuzz/corpus/hook/metatables \
	tests/fuzz/corpus/hook/mistakes \
	tests/fuzz/corpus/hook/patterns \
	tests/fuzz/corpus/hook/request \
	tests/fuzz/corpus/hook/response \
	tests/fuzz/corpus/hook/signing \
	tests/fuzz/corpus/hook/sort \
	tests/fuzz/corpus/id_token/brought_along \
	tests/fuzz/corpus/id_token/claims \
	tests/fuzz/corpus/id_token/confused \
	tests/fuzz/corpus/id_token/crit \
	tests/fuzz/corpus/id_token/deep \
	tests/fuzz/corpus/id_token/encrypted \
	tests/fuzz/corpus/id_token/es256 \
	tests/fuzz/corpus/id_token/good \
	tests/fuzz/corpus/id_token/no_kid_expired \
	tests/fuzz/corpus/id_token/none \
	tests/fuzz/corpus/id_token/other_sub \
	tests/fuzz/corpus/ini/broken \
	tests/fuzz/corpus/ini/crlf \
	tests/fuzz/corpus/ini/example \
	tests/fuzz/corpus/ini/in_force \
	tests/fuzz/corpus/ini/long \
	tests/fuzz/corpus/introspection/error \
	tests/fuzz/corpus/introspection/inactive \
	tests/fuzz/corpus/introspection/odd \
	tests/fuzz/corpus/introspection/standard \
	tests/fuzz/corpus/json/error \
	tests/fuzz/corpus/json/mixed \
	tests/fuzz/corpus/json/nested \
	tests/fuzz/corpus/json/numbers \
	tests/fuzz/corpus/json/overlong \
	tests/fuzz/corpus/json/surrogate \
	tests/fuzz/corpus/json/token \
	tests/fuzz/corpus/json/twice \
	tests/fuzz/corpus/jwk/beside \
	tests/fuzz/corpus/jwk/ec \
	tests/fuzz/corpus/jwk/members \
	tests/fuzz/corpus/jwk/odd \
	tests/fuzz/corpus/jwk/okp \
	tests/fuzz/corpus/jwk/rsa \
	tests/fuzz/corpus/jwk/secrets \
	tests/fuzz/corpus/jwk/set \
	tests/fuzz/corpus/jws/crit \
	tests/fuzz/corpus/jws/eddsa \
	tests/fuzz/corpus/jws/es256 \
	tests/fuzz/corpus/jws/hs256 \
	tests/fuzz/corpus/jws/hs256_crit \
	tests/fuzz/corpus/jws/hs256_padded \
	tests/fuzz/corpus/jws/none \
	tests/fuzz/corpus/jws/zeros \
	tests/fuzz/corpus/jwt/alg \
	tests/fuzz/corpus/jwt/array \
	tests/fuzz/corpus/jwt/crit \
	tests/fuzz/corpus/jwt/dates \
	tests/fuzz/corpus/jwt/header \
	tests/fuzz/corpus/jwt/plain \
	tests/fuzz/corpus/jwt/twice_claims \
	tests/fuzz/corpus/jwt/twice_header \
	tests/fuzz/corpus/key/around \
	tests/fuzz/corpus/key/cut \
	tests/fuzz/corpus/key/ed25519 \
	tests/fuzz/corpus/key/ed448 \
	tests/fuzz/corpus/key/jwk_ec \
	tests/fuzz/corpus/key/jwk_oct \
	tests/fuzz/corpus/key/jwk_okp \
	tests/fuzz/corpus/key/jwk_rsa \
	tests/fuzz/corpus/key/p256_pkcs8_encrypted \
	tests/fuzz/corpus/key/p256_sec1 \
	tests/fuzz/corpus/key/p256_sec1_encrypted \
	tests/fuzz/corpus/key/p521 \
	tests/fuzz/corpus/key/rsa \
	tests/fuzz/corpus/key/rsa_pkcs1 \
	tests/fuzz/corpus/key/rsa_pss \
	tests/fuzz/corpus/key/two \
	tests/fuzz/corpus/key/x25519 \
	tests/fuzz/corpus/login/bare \
	tests/fuzz/corpus/login/cookie_longer \
	tests/fuzz/corpus/login/doubled \
	tests/fuzz/corpus/login/encoded \
	tests/fuzz/corpus/login/error \
	tests/fuzz/corpus/login/longer \
	tests/fuzz/corpus/login/odd \
	tests/fuzz/corpus/login/right \
	tests/fuzz/corpus/login/stolen \
	tests/fuzz/corpus/login/token \
	tests/fuzz/corpus/login/twice \
	tests/fuzz/corpus/login_page/again \
	tests/fuzz/corpus/login_page/asked \
	tests/fuzz/corpus/login_page/back \
	tests/fuzz/corpus/login_page/cookie \
	tests/fuzz/corpus/login_page/form \
	tests/fuzz/corpus/login_page/fragment \
	tests/fuzz/corpus/login_page/fragment_query \
	tests/fuzz/corpus/login_page/home \
	tests/fuzz/corpus/login_page/machine \
	tests/fuzz/corpus/login_page/method \
	tests/fuzz/corpus/login_page/open \
	tests/fuzz/corpus/login_page/post \
	tests/fuzz/corpus/metadata/aliases \
	tests/fuzz/corpus/metadata/downgrade \
	tests/fuzz/corpus/metadata/loopback \
	tests/fuzz/corpus/metadata/other \
	tests/fuzz/corpus/metadata/plain \
	tests/fuzz/corpus/metadata/twice \
	tests/fuzz/corpus/metadata/types \
	tests/fuzz/corpus/metadata/userinfo \
	tests/fuzz/corpus/placement_body/cookie \
	tests/fuzz/corpus/placement_body/cookies \
	tests/fuzz/corpus/placement_body/encoded \
	tests/fuzz/corpus/placement_body/form \
	tests/fuzz/corpus/placement_body/nothing \
	tests/fuzz/corpus/placement_body/odd \
	tests/fuzz/corpus/placement_body/semicolons \
	tests/fuzz/corpus/placement_query/asterisk \
	tests/fuzz/corpus/placement_query/brackets \
	tests/fuzz/corpus/placement_query/empty_left \
	tests/fuzz/corpus/placement_query/encoded \
	tests/fuzz/corpus/placement_query/odd_name \
	tests/fuzz/corpus/placement_query/others \
	tests/fuzz/corpus/placement_query/own \
	tests/fuzz/corpus/placement_query/plain \
	tests/fuzz/corpus/placement_query/question \
	tests/fuzz/corpus/proxy_answer/absolute \
	tests/fuzz/corpus/proxy_answer/connect \
	tests/fuzz/corpus/proxy_answer/connect_folded \
	tests/fuzz/corpus/proxy_answer/connect_refused \
	tests/fuzz/corpus/proxy_answer/socks \
	tests/fuzz/corpus/proxy_answer/socks_name \
	tests/fuzz/corpus/proxy_answer/socks_refused \
	tests/fuzz/corpus/proxy_answer/socks_tls \
	tests/fuzz/corpus/proxy_answer/socks_user \
	tests/fuzz/corpus/proxy_answer/socks_user_refused \
	tests/fuzz/corpus/proxy_answer/socks_v6 \
	tests/fuzz/corpus/pushed_authorization/error \
	tests/fuzz/corpus/pushed_authorization/odd \
	tests/fuzz/corpus/pushed_authorization/standard \
	tests/fuzz/corpus/pushed_authorization/twice \
	tests/fuzz/corpus/response/authenticate \
	tests/fuzz/corpus/response/both_lengths \
	tests/fuzz/corpus/response/broken \
	tests/fuzz/corpus/response/chunked \
	tests/fuzz/corpus/response/early \
	tests/fuzz/corpus/response/expect \
	tests/fuzz/corpus/response/expect_of_http10 \
	tests/fuzz/corpus/response/expect_slow \
	tests/fuzz/corpus/response/folded \
	tests/fuzz/corpus/response/folded_first \
	tests/fuzz/corpus/response/informational \
	tests/fuzz/corpus/response/kept \
	tests/fuzz/corpus/response/late_408 \
	tests/fuzz/corpus/response/no_content \
	tests/fuzz/corpus/response/pieces \
	tests/fuzz/corpus/response/stray \
	tests/fuzz/corpus/response/stray_of_head \
	tests/fuzz/corpus/response/until_close \
	tests/fuzz/corpus/response_parser/chunked \
	tests/fuzz/corpus/response_parser/folded_first \
	tests/fuzz/corpus/response_parser/head \
	tests/fuzz/corpus/response_parser/interim \
	tests/fuzz/corpus/response_parser/sized \
	tests/fuzz/corpus/response_parser/upgrade \
	tests/fuzz/corpus/routes/absolute \
	tests/fuzz/corpus/routes/asterisk \
	tests/fuzz/corpus/routes/connect \
	tests/fuzz/corpus/routes/deep \
	tests/fuzz/corpus/routes/https \
	tests/fuzz/corpus/routes/ipv6 \
	tests/fuzz/corpus/routes/options \
	tests/fuzz/corpus/routes/origin \
	tests/fuzz/corpus/routes/own \
	tests/fuzz/corpus/routes/page \
	tests/fuzz/corpus/routes/path \
	tests/fuzz/corpus/routes/wildcard \
	tests/fuzz/corpus/target/absolute \
	tests/fuzz/corpus/target/asterisk \
	tests/fuzz/corpus/target/connect \
	tests/fuzz/corpus/target/nul \
	tests/fuzz/corpus/target/origin \
	tests/fuzz/corpus/target/twice \
	tests/fuzz/corpus/target/userinfo \
	tests/fuzz/corpus/template/absent \
	tests/fuzz/corpus/template/bearer \
	tests/fuzz/corpus/template/braces \
	tests/fuzz/corpus/template/nested \
	tests/fuzz/corpus/template/open \
	tests/fuzz/corpus/template/unknown \
	tests/fuzz/corpus/token_reply/form \
	tests/fuzz/corpus/token_reply/form_error \
	tests/fuzz/corpus/token_reply/form_odd \
	tests/fuzz/corpus/token_reply/html \
	tests/fuzz/corpus/token_reply/json \
	tests/fuzz/corpus/token_reply/json_both \
	tests/fuzz/corpus/token_reply/json_error \
	tests/fuzz/corpus/token_reply/json_escapes \
	tests/fuzz/corpus/token_reply/json_exponent \
	tests/fuzz/corpus/token_reply/json_odd_expiry \
	tests/fuzz/corpus/token_reply/json_twice \
	tests/fuzz/corpus/token_reply/json_unavailable \
	tests/fuzz/corpus/token_reply/plain_form \
	tests/fuzz/corpus/token_reply/plain_json \
	tests/fuzz/corpus/token_reply/redirect \
	tests/fuzz/corpus/uri/all \
	tests/fuzz/corpus/uri/asctime \
	tests/fuzz/corpus/uri/backslash \
	tests/fuzz/corpus/uri/date \
	tests/fuzz/corpus/uri/date850 \
	tests/fuzz/corpus/uri/ipv6 \
	tests/fuzz/corpus/uri/localhost \
	tests/fuzz/corpus/uri/loopback \
	tests/fuzz/corpus/url_secret/methods \
	tests/fuzz/corpus/url_secret/nested \
	tests/fuzz/corpus/url_secret/percent

UNIT_TESTS += tests/fuzz/fuzz_access
tests_fuzz_fuzz_access_SOURCES = \
	tests/fuzz/fuzz_access.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_access_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_authorization_response
tests_fuzz_fuzz_authorization_response_SOURCES = \
	tests/fuzz/fuzz_authorization_response.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_authorization_response_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_challenge
tests_fuzz_fuzz_challenge_SOURCES = \
	tests/fuzz/fuzz_challenge.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_challenge_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_compliance
tests_fuzz_fuzz_compliance_SOURCES = \
	tests/fuzz/fuzz_compliance.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_compliance_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_control_request
tests_fuzz_fuzz_control_request_SOURCES = \
	tests/fuzz/fuzz_control_request.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_control_request_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_control_socket
tests_fuzz_fuzz_control_socket_SOURCES = \
	tests/fuzz/fuzz_control_socket.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_control_socket_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_device
tests_fuzz_fuzz_device_SOURCES = \
	tests/fuzz/fuzz_device.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_device_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_fields
tests_fuzz_fuzz_fields_SOURCES = \
	tests/fuzz/fuzz_fields.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_fields_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_form
tests_fuzz_fuzz_form_SOURCES = \
	tests/fuzz/fuzz_form.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_form_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_hook
tests_fuzz_fuzz_hook_SOURCES = \
	tests/fuzz/fuzz_hook.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_hook_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_id_token
tests_fuzz_fuzz_id_token_SOURCES = \
	tests/fuzz/fuzz_id_token.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_id_token_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_ini
tests_fuzz_fuzz_ini_SOURCES = \
	tests/fuzz/fuzz_ini.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_ini_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_introspection
tests_fuzz_fuzz_introspection_SOURCES = \
	tests/fuzz/fuzz_introspection.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_introspection_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_json
tests_fuzz_fuzz_json_SOURCES = \
	tests/fuzz/fuzz_json.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_json_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_jwk
tests_fuzz_fuzz_jwk_SOURCES = \
	tests/fuzz/fuzz_jwk.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_jwk_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_jws
tests_fuzz_fuzz_jws_SOURCES = \
	tests/fuzz/fuzz_jws.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_jws_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_jwt
tests_fuzz_fuzz_jwt_SOURCES = \
	tests/fuzz/fuzz_jwt.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_jwt_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_key
tests_fuzz_fuzz_key_SOURCES = \
	tests/fuzz/fuzz_key.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_key_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_login
tests_fuzz_fuzz_login_SOURCES = \
	tests/fuzz/fuzz_login.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_login_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_login_page
tests_fuzz_fuzz_login_page_SOURCES = \
	tests/fuzz/fuzz_login_page.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_login_page_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_metadata
tests_fuzz_fuzz_metadata_SOURCES = \
	tests/fuzz/fuzz_metadata.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_metadata_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_placement_body
tests_fuzz_fuzz_placement_body_SOURCES = \
	tests/fuzz/fuzz_placement_body.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_placement_body_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_placement_query
tests_fuzz_fuzz_placement_query_SOURCES = \
	tests/fuzz/fuzz_placement_query.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_placement_query_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_proxy_answer
tests_fuzz_fuzz_proxy_answer_SOURCES = \
	tests/fuzz/fuzz_proxy_answer.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_proxy_answer_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_pushed_authorization
tests_fuzz_fuzz_pushed_authorization_SOURCES = \
	tests/fuzz/fuzz_pushed_authorization.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_pushed_authorization_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_response
tests_fuzz_fuzz_response_SOURCES = \
	tests/fuzz/fuzz_response.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_response_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_response_parser
tests_fuzz_fuzz_response_parser_SOURCES = \
	tests/fuzz/fuzz_response_parser.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_response_parser_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_routes
tests_fuzz_fuzz_routes_SOURCES = \
	tests/fuzz/fuzz_routes.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_routes_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_target
tests_fuzz_fuzz_target_SOURCES = \
	tests/fuzz/fuzz_target.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_target_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_template
tests_fuzz_fuzz_template_SOURCES = \
	tests/fuzz/fuzz_template.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_template_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_token_reply
tests_fuzz_fuzz_token_reply_SOURCES = \
	tests/fuzz/fuzz_token_reply.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_token_reply_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_uri
tests_fuzz_fuzz_uri_SOURCES = \
	tests/fuzz/fuzz_uri.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_uri_LDADD = $(upto_command) $(BEARERD_LIBS)

UNIT_TESTS += tests/fuzz/fuzz_url_secret
tests_fuzz_fuzz_url_secret_SOURCES = \
	tests/fuzz/fuzz_url_secret.c \
	tests/fuzz/carrier.h \
	tests/fuzz/fuzz.h \
	tests/fuzz/people.h \
	tests/fuzz/replay.c
tests_fuzz_fuzz_url_secret_LDADD = $(upto_command) $(BEARERD_LIBS)
