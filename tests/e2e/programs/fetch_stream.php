<?php
// SPDX-License-Identifier: MIT
// URL [FILE]: gets it, or posts the file; writes the answer's body. PHP's
// streams do not look at http_proxy by themselves.
$http = ['timeout' => 30];
if (getenv('http_proxy')) {
	$http['proxy'] = str_replace('http://', 'tcp://', getenv('http_proxy'));
	$http['request_fulluri'] = true;
}
if (isset($argv[2])) {
	$http['method'] = 'POST';
	$http['header'] = 'Content-Type: application/octet-stream';
	$http['content'] = file_get_contents($argv[2]);
}
$context = stream_context_create(['http' => $http]);
$body = file_get_contents($argv[1], false, $context);
if ($body === false)
	exit(1);
echo $body;
