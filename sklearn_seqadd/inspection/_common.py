"""What the displays share."""


def check_matplotlib(caller):
    """Before anything is computed, so that nobody waits for nothing."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"{caller} requires matplotlib; install it with "
            '`pip install "sklearn_seqadd[plot]"`.'
        ) from error


def mark_whole_numbers(axis):
    """Ticks at whole numbers only, and at least one."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
