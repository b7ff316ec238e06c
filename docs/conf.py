"""How the documentation is built: `sphinx-build -W docs docs/_build/html`.

Nothing is fetched while it is built. The gallery runs every example, which takes some
minutes; `-D plot_gallery=0` leaves them out.
"""

import re
import warnings

import sklearn_seqadd

# As a reader meets them; those that are not named here come last.
EXAMPLES = [
    "plot_tutorial",
    "plot_mapping_problem",
    "plot_order_matters",
    "plot_choose_a_model",
    "plot_padding",
    "plot_encodings",
    "plot_masking",
    "plot_decoders",
    "plot_attention_looked_at",
    "plot_curriculum",
    "plot_long_numbers",
    "plot_any_length",
    "plot_variable_terms",
    "plot_subtraction",
    "plot_multiplication",
    "plot_mixed_operations",
    "plot_brackets",
    "plot_dates",
    "plot_number_words",
    "plot_pronunciation",
    "plot_inflection",
    "plot_ensemble",
    "plot_smoothing",
    "plot_grid_search",
    "plot_scaling_out",
    "plot_published_pipeline",
    "plot_published_nested_cross_validation",
    "plot_published_learning_curve",
]


class ReadingOrder:
    """Sorts the examples of the gallery."""

    def __init__(self, src_dir):
        pass

    def __call__(self, filename):
        name = filename.removesuffix(".py")
        return EXAMPLES.index(name) if name in EXAMPLES else len(EXAMPLES)


project = "sklearn_seqadd"
author = "The sklearn_seqadd developers"
copyright = "The sklearn_seqadd developers. BSD 3-Clause"
release = version = sklearn_seqadd.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "_templates", "**/*.ipynb", "auto_examples/*.py"]
suppress_warnings = ["config.cache"]  # the gallery's settings hold a class

autosummary_generate = True
autodoc_default_options = {"members": True, "inherited-members": True}
toc_object_entries_show_parents = "hide"
autodoc_typehints = "none"  # the docstrings have types, and say more
numpydoc_show_class_members = False
default_role = "code"

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "pydata_sphinx_theme"
html_title = "sklearn_seqadd"
html_favicon = "_static/icon.svg"
html_context = {"default_mode": "auto"}  # light or dark as the reader's system
html_static_path = ["_static"]
html_css_files = ["style.css"]
html_show_sourcelink = False
html_sidebars = {
    "index": [],
    "getting_started": [],
    "faq": [],
    "internals": [],
    "contributing": [],
}
html_theme_options = {
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "header_links_before_dropdown": 7,
    "navigation_with_keys": False,
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
}

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"/plot_",
    "within_subsection_order": ReadingOrder,
    "download_all_examples": False,
    "remove_config_comments": True,
    "doc_module": ("sklearn_seqadd",),
    "backreferences_dir": "generated/backreferences",
}

# Pictures are made without a screen, where showing them says so.
warnings.filterwarnings("ignore", message=".*non-interactive.*", category=UserWarning)


def setup(app):
    """Let docstrings of scikit-learn's own speak of pages that are not here."""
    app.connect("autodoc-process-docstring", plain_references)


def plain_references(app, what, name, obj, options, lines):
    """References to pages that are not here, as text."""
    lines[:] = [
        re.sub(r":(?:ref|term):`([^`<]+?)(?:\s*<[^`]*>)?`", r"\1", line)
        # A default value is no emphasis.
        .replace('default="+-*"', r'default="+-\*"')
        for line in lines
    ]
