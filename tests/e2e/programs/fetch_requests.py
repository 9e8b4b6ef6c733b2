# SPDX-License-Identifier: MIT
# URL [FILE]: gets it, or posts the file; writes the answer's body.
import sys

import requests

url = sys.argv[1]
if len(sys.argv) > 2:
    with open(sys.argv[2], "rb") as body:
        reply = requests.post(url, data=body, timeout=30)
else:
    reply = requests.get(url, timeout=30)
reply.raise_for_status()
sys.stdout.buffer.write(reply.content)
