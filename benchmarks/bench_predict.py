"""Predictions a second, against ``keras.Model.predict`` with the same weights.

The default network, on encoded sums of two digits. Both were called once before, so
that nothing is compiled while it is measured.

    python benchmarks/bench_predict.py
"""

import argparse

from _common import median_seconds, print_machine

from sklearn_seqadd import make_addition, make_seq2seq_pipeline

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--repeats", type=int, default=5)
options = parser.parse_args()

X, y = make_addition(100_000, random_state=0)
pipe = make_seq2seq_pipeline(epochs=1, random_state=0).fit(X[:1000], y[:1000])
estimator, encoded = pipe[-1], pipe[:-1].transform(X)
model = estimator.model_

print_machine()
print(f"{'samples':>8}{'Keras, 32 at a time':>21}{'Keras, 2048':>13}{'package':>10}")
for n_samples in (1, 100, 10_000, 100_000):
    some = encoded[:n_samples]
    calls = [
        lambda some=some: model.predict(some, verbose=0),
        lambda some=some: model.predict(some, batch_size=2048, verbose=0),
        lambda some=some: estimator.predict_step_proba(some),
    ]
    for call in calls:
        call()
    rates = [n_samples / median_seconds(call, options.repeats) for call in calls]
    print(f"{n_samples:>8}{rates[0]:>19,.0f}/s{rates[1]:>11,.0f}/s{rates[2]:>8,.0f}/s")
