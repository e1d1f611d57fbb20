"""The command, as the script `costsim` and as `python -m costsim`.

Nothing is loaded here that takes time: whoever types Ctrl-C while all else is loaded is told what he is told later.
"""

import os


def _end(*_: object) -> None:
    """End here and now: there is nothing to clean up yet, and what is half loaded would make another error of it."""
    os.write(2, b"costsim: interrupted; nothing was written\n")
    os._exit(130)


try:
    import signal
except KeyboardInterrupt:
    _end()


def command() -> None:
    """Run the command that the arguments name, and end the process with its exit code."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) != signal.SIG_IGN:
            signal.signal(getattr(signal, name), _end)
    from costsim import cli

    cli.command()


if __name__ == "__main__":
    command()
