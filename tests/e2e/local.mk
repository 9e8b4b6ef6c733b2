# Kept by build-aux/update-lists.
EXTRA_DIST += \
	tests/e2e/browser.py \
	tests/e2e/certificates.py \
	tests/e2e/chromium.py \
	tests/e2e/clients.py \
	tests/e2e/conftest.py \
	tests/e2e/crash.py \
	tests/e2e/debian.py \
	tests/e2e/forwardproxy.py \
	tests/e2e/glewlwyd.py \
	tests/e2e/harness.py \
	tests/e2e/levels.py \
	tests/e2e/load.py \
	tests/e2e/long_aborts.py \
	tests/e2e/long_clients.py \
	tests/e2e/long_upstream.py \
	tests/e2e/origin.py \
	tests/e2e/programs/Fetch.java \
	tests/e2e/programs/fetch.pl \
	tests/e2e/programs/fetch_curl.php \
	tests/e2e/programs/fetch_requests.py \
	tests/e2e/programs/fetch_stream.php \
	tests/e2e/programs/fetch_urllib.py \
	tests/e2e/programs/read_only.c \
	tests/e2e/pytest.ini \
	tests/e2e/rawclient.py \
	tests/e2e/rawserver.py \
	tests/e2e/signing.py \
	tests/e2e/test_access.py \
	tests/e2e/test_body_placement.py \
	tests/e2e/test_chromium.py \
	tests/e2e/test_client_certificates.py \
	tests/e2e/test_clients.py \
	tests/e2e/test_config.py \
	tests/e2e/test_demo.py \
	tests/e2e/test_device.py \
	tests/e2e/test_dpop.py \
	tests/e2e/test_errors.py \
	tests/e2e/test_fields.py \
	tests/e2e/test_forward.py \
	tests/e2e/test_framing.py \
	tests/e2e/test_glewlwyd.py \
	tests/e2e/test_grants.py \
	tests/e2e/test_health.py \
	tests/e2e/test_http.py \
	tests/e2e/test_http2.py \
	tests/e2e/test_jose.py \
	tests/e2e/test_life.py \
	tests/e2e/test_limits.py \
	tests/e2e/test_listen.py \
	tests/e2e/test_login.py \
	tests/e2e/test_placement.py \
	tests/e2e/test_profiles.py \
	tests/e2e/test_protected_request.py \
	tests/e2e/test_provider.py \
	tests/e2e/test_provider_clients.py \
	tests/e2e/test_provider_grants.py \
	tests/e2e/test_provider_login.py \
	tests/e2e/test_real_clients.py \
	tests/e2e/test_rotation.py \
	tests/e2e/test_routing.py \
	tests/e2e/test_secrets.py \
	tests/e2e/test_store.py \
	tests/e2e/test_streaming.py \
	tests/e2e/test_tls.py \
	tests/e2e/test_token.py \
	tests/e2e/test_trailers.py \
	tests/e2e/test_upstream_proxy.py

EXTRA_PROGRAMS += tests/e2e/linked/jose
tests_e2e_linked_jose_SOURCES = \
	tests/e2e/linked/jose.c
tests_e2e_linked_jose_LDADD = $(upto_command) $(BEARERD_LIBS)
