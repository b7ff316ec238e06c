"""The checks, with the newest and with the oldest versions of what the package needs.

`nox` runs them all and passes over a Python that is not installed; `nox -l` lists the
sessions, and `nox -s oldest` runs one of them.
"""

from pathlib import Path

import nox

# A command that is not in the session's environment must not come from elsewhere.
nox.options.error_on_external_run = True


@nox.session(python=["3.11", "3.12", "3.13"])  # those that TensorFlow is there for
def newest(session):
    """Lint, types and all tests, with the newest of everything."""
    session.install("--editable", ".[test]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("pytest", "-ra", "--durations=20")
    # Few and long, so that whole files would leave a process idle at the end.
    slow = "-m", "slow", "--dist", "worksteal"
    session.run("pytest", *slow, "-ra", "--durations=20")


@nox.session(python="3.11")
def oldest(session):
    """The tests, with the oldest versions that pyproject.toml allows."""
    session.install("--editable", ".[test]", "--constraint", ".ci/oldest.txt")
    session.run("pytest", "-ra", "--durations=20")


@nox.session(python="3.11")
def docs(session):
    """The documentation, with those examples of the gallery that take seconds only."""
    session.install("--editable", ".[docs]")
    output = session.create_tmp()
    # fmt: off
    session.run(
        "sphinx-build", "-W", "--keep-going", "-q",
        "-D", "sphinx_gallery_conf.filename_pattern=/plot_(mapping_problem|attention)",
        "docs", output,
    )
    # fmt: on


@nox.session(python="3.11")
def package(session):
    """Wheel and source distribution: what is in them, and whether they work."""
    distributions = session.create_tmp()
    session.install(".[package]")
    session.run("python", "-m", "build", "--outdir", distributions, silent=True)
    session.run("python", ".ci/check_package.py", distributions)
    wheel, sdist = (
        next(map(str, Path(distributions).glob(f"*.{kind}")))
        for kind in ("whl", "tar.gz")
    )
    session.run("twine", "check", "--strict", wheel, sdist)
    for distribution in (sdist, wheel):
        session.install("--force-reinstall", "--no-deps", distribution)
        session.chdir(distributions)  # what is imported is what was installed
        session.run("python", "-m", "sklearn_seqadd", "--samples", "500", silent=True)
        session.chdir(Path(__file__).parent)
    # Passes over a package of which it finds no record.
    session.run("pip-audit", "--local", "--progress-spinner", "off")
