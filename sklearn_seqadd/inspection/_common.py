"""Functions that the displays share."""


def check_matplotlib(caller):
    """Raise an ImportError if there is no Matplotlib, before anything is computed."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"{caller} requires matplotlib; install it with "
            '`pip install "sklearn_seqadd[plot]"`.'
        ) from error


def mark_whole_numbers(axis):
    """Put ticks at whole numbers only, and at least one."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
