<?php
// SPDX-License-Identifier: MIT
// URL [FILE]: gets it, or posts the file; writes the answer's body.
$handle = curl_init($argv[1]);
curl_setopt($handle, CURLOPT_TIMEOUT, 30);
curl_setopt($handle, CURLOPT_FAILONERROR, true);
if (isset($argv[2]))
	curl_setopt($handle, CURLOPT_POSTFIELDS, file_get_contents($argv[2]));
if (!curl_exec($handle)) {
	fwrite(STDERR, curl_error($handle) . "\n");
	exit(1);
}
