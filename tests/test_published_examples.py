"""Published examples of scikit-learn run with strings and our estimators in them."""

import runpy
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from sklearn.pipeline import Pipeline

EXAMPLES = Path(__file__).parents[1] / "examples"

# Each is trained for longer than ordinary tests take.
pytestmark = pytest.mark.slow


@pytest.fixture
def run_example(monkeypatch):
    """Run an example as it is shipped; what it leaves behind, and its figures."""
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("agg")
    monkeypatch.delenv("DISPLAY", raising=False)  # or showing a figure would warn

    def run(name):
        left = runpy.run_path(str(EXAMPLES / name))
        return left, [plt.figure(number) for number in plt.get_fignums()]

    yield run
    plt.close("all")


def most_frequent_share(y):
    """What always giving the same answer would score."""
    return Counter(y.tolist()).most_common(1)[0][1] / len(y)


def test_a_pipeline_with_a_grid_search_finds_how_to_write_sums(run_example):
    pytest.importorskip("polars")
    left, (figure,) = run_example("plot_published_pipeline.py")
    search, X, y = left["search"], left["X"], left["y"]
    assert type(search.estimator) is Pipeline
    reverse = "network__target_transformer__sequencepadder__reverse"
    assert search.best_params_[reverse] is True
    assert search.best_score_ > 0.5 > 5 * most_frequent_share(y)
    # Every candidate was scored on every fold, none failed.
    assert len(search.cv_results_["params"]) == 6
    assert np.isfinite(search.cv_results_["split4_test_score"]).all()
    # The refitted pipeline predicts strings, and has the parameters that were found.
    assert search.predict(X[:3]).dtype.kind == "U"
    chosen = search.best_params_["padder__side"]
    assert search.best_estimator_["padder"].side == chosen
    top, bottom = figure.axes
    n_places = [len(set(places.tolist())) for places in left["positions"].values()]
    assert n_places == [2, 2, 1]
    assert len(top.collections) == 3
    (points, _, _) = bottom.containers[0]
    assert max(points.get_ydata()) == search.best_score_


@pytest.mark.slow
def test_nested_cross_validation_judges_a_search_of_strings(run_example):
    left, (figure,) = run_example("plot_published_nested_cross_validation.py")
    non_nested, nested = left["non_nested_scores"], left["nested_scores"]
    baseline = most_frequent_share(left["y"])
    assert len(np.unique(left["X"])) == 100
    assert len(nested) == len(non_nested) == left["n_trials"]
    assert min(non_nested) > baseline
    assert nested.mean() > baseline
    top, bottom = figure.axes
    drawn = [line.get_ydata() for line in top.lines]
    np.testing.assert_array_equal(drawn, [non_nested, nested])
    heights = [bar.get_height() for bar in bottom.patches]
    np.testing.assert_array_equal(heights, non_nested - nested)


def test_learning_curves_of_pipelines_rise_with_the_number_of_strings(run_example):
    left, (scores, times, gains) = run_example("plot_published_learning_curve.py")
    baseline = most_frequent_share(left["y"])
    for display, ax in zip(left["displays"].values(), scores.axes, strict=True):
        assert display.train_sizes.tolist() == [64, 208, 352, 496, 640]
        test_scores = display.test_scores.mean(axis=1)
        train, test = (line.get_ydata() for line in display.lines_)
        np.testing.assert_array_equal(train, display.train_scores.mean(axis=1))
        np.testing.assert_array_equal(test, test_scores)
        assert test_scores[-1] > test_scores[0]
        assert train[-1] > baseline
        assert {line.axes for line in display.lines_} == {ax}
    as_written, by_term = left["displays"].values()
    gain = by_term.test_scores[-1].mean() - as_written.test_scores[-1].mean()
    assert gain > 0.2
    assert by_term.test_scores[-1].mean() > 5 * baseline
    # The second run, for the times, is the same training: the same scores.
    for name, (sizes, test_scores, fit_times, score_times) in left["times"].items():
        np.testing.assert_array_equal(test_scores, left["displays"][name].test_scores)
        assert fit_times.shape == score_times.shape == (len(sizes), 3)
    assert [len(ax.lines) for ax in (*times.axes, *gains.axes)] == [1] * 6
