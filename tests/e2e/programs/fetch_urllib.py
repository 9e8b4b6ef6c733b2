# SPDX-License-Identifier: MIT
# URL [FILE]: gets it, or posts the file; writes the answer's body.
import sys
import urllib.request

data = open(sys.argv[2], "rb").read() if len(sys.argv) > 2 else None
with urllib.request.urlopen(sys.argv[1], data, timeout=30) as reply:
    sys.stdout.buffer.write(reply.read())
