# SPDX-License-Identifier: MIT
"""Names whose look-up hangs, and names of several addresses."""

import os
import threading

import harness


def many(*addresses: str) -> str:
    """A name that has these addresses, in this order."""
    labels = ("v6" + a.replace(":", "-") if ":" in a else a.replace(".", "-")
              for a in addresses)
    return ".".join((*labels, "many.test"))


class HangingNames:
    """Names without a dot hang when they are looked up, until they are
    released; those below here.test are this machine, and `many` makes others."""

    def __init__(self, folder):
        self.fifo = folder / "fifo"
        os.mkfifo(self.fifo)
        self.env = harness.preload(folder, "hanging_names",
                                   HANGING_NAMES_FIFO=self.fifo)

    def release(self) -> None:
        """Each look-up that hangs now finds nothing."""
        def write() -> None:
            try:
                with open(self.fifo, "wb", buffering=0) as out:
                    while True:
                        out.write(bytes(4096))
            except BrokenPipeError:
                pass

        threading.Thread(target=write, daemon=True).start()
