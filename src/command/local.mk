# Kept by build-aux/update-lists.
upto_command = $(upto_proxy)
