/* SPDX-License-Identifier: MIT */
/* What src/crypto makes of keys and signatures, for other implementations to
 * look at:
 *   jose sign ALG KEY        signs standard input, prints the compact JWS
 *   jose verify ALG KEY      verifies that of standard input, prints what was
 *                            signed
 *   jose thumbprint KEY, jose public KEY, jose private KEY
 * KEY is a file of PEM or of a JWK. Ends with 1 and a fault where it is
 * refused. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "crypto/jwk.h"
#include "crypto/jws.h"

static void read_all(FILE *file, struct buf *out)
{
	char part[4096];
	size_t n;

	while ((n = fread(part, 1, sizeof(part), file)) > 0)
		buf_add(out, part, n);
}

/* A public key can be but a JWK. */
static struct key *read_key(const char *path, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf text =
		BUF_INIT_SECRET(LIMIT_KEY_FILE);
	FILE *file = fopen(path, "r");

	if (!file) {
		fault_set(f, "cannot read %s", path);
		return NULL;
	}
	read_all(file, &text);
	fclose(file);
	if (str_starts(buf_str(&text), STR("{")))
		return jwk_parse(buf_str(&text), f);
	return key_load(path, f);
}

static int sign_or_verify(const char *how, const char *name,
			  const struct key *key, struct buf *out,
			  struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf in = BUF_INIT(LIMIT_JWS);
	ATTR_CLEANUP(buf_fini) struct buf header = BUF_INIT(64);
	const struct jws_alg *alg = jws_alg_find(name, f);

	if (!alg)
		return -1;
	read_all(stdin, &in);
	if (strcmp(how, "verify") == 0)
		return jws_verify(alg, key, buf_str(&in), NULL, out, f);
	buf_addf(&header, "{\"alg\":\"%s\"}", name);
	return jws_sign(alg, key, buf_str(&header), buf_str(&in), out, f);
}

static void show(const char *what, const struct key *key, struct buf *out)
{
	struct json_out o;

	json_out_init(&o, out);
	if (strcmp(what, "thumbprint") == 0)
		jwk_thumbprint(key, out);
	else if (strcmp(what, "private") == 0)
		jwk_write_private(key, &o);
	else
		jwk_write_public(key, &o);
}

int main(int argc, char **argv)
{
	ATTR_CLEANUP(buf_fini) struct buf out = BUF_INIT_SECRET(2 * LIMIT_JWS);
	struct fault f = { "" };
	struct key *key;
	int rc = 0;

	if (argc < 3)
		return 2;
	key = read_key(argv[argc - 1], &f);
	if (!key)
		rc = -1;
	else if (argc == 4)
		rc = sign_or_verify(argv[1], argv[2], key, &out, &f);
	else
		show(argv[1], key, &out);
	key_unref(&key);
	if (rc < 0)
		fprintf(stderr, "%s\n", f.text);
	else
		fwrite(out.p ? out.p : "", 1, out.n, stdout);
	return rc < 0 ? 1 : 0;
}
