"""What stands before Math-Verify in a sandbox's guest; never imported outside of it.

Its time-outs ask for signals, which the guest has none of: they are given ones that never ring, and the call's fuel
ends what does not end.
"""

# mypy: ignore-errors
import logging
import signal

signal.SIGALRM = 14
signal.alarm = lambda seconds: 0
signal.getsignal = lambda number: None
signal.signal = lambda number, handler: None
logging.disable()
