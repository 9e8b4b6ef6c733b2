# Kept by build-aux/update-lists.
