"""The pages' examples are tests; Sphinx' configuration and its products are not."""

collect_ignore_glob = ["*.py", "_build/*", "auto_examples/*"]
