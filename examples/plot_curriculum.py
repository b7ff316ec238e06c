"""
Training that learns: curriculum, schedule, stopping in time
============================================================

From five digits on, what a network is shown decides more than what it is made of. The
same network is trained here four times, for as long, on sums of up to seven digits:

- ``sampling="values"``: numbers drawn uniformly. Nine in ten have all seven digits, and
  hardly any sum is short enough to begin with.
- ``sampling="lengths"``: the number of digits is drawn first. Short sums are learned
  first, and are a curriculum within each epoch.
- ``sampling="mixed"``: half of the one and half of the other, with long carry chains
  and runs of zeros and nines among them.
- A growing curriculum: an epoch at a time by ``partial_fit``, of fresh sums whose
  longest numbers grow from one digit to seven; Zaremba and Sutskever compared such
  curricula in "Learning to Execute" (2014, arXiv:1410.4615).

All of them raise the learning rate for some steps and then lower it to zero
(``schedule="cosine"``), and clip gradients (``clipnorm=1.0``): this is what
``make_seq2seq_pipeline(decoder="attention")`` recommends.
"""

import matplotlib.pyplot as plt
import numpy as np
import sklearn
from sklearn.pipeline import make_pipeline

from sklearn_seqadd import (
    SequenceIntegerEncoder,
    SequencePadder,
    make_addition,
    make_seq2seq_pipeline,
)

DIGITS, EPOCHS, N_SAMPLES = 7, 12, 10_000
LARGEST = 10**DIGITS - 1

X_unseen, y_unseen = make_addition(4000, largest=LARGEST, random_state=100)

# %%
# The unseen sums are handed over as ``X_val`` and ``y_val``: then ``history_`` has the
# share that is right after every epoch. ``transform_input`` lets the pipeline prepare
# them as it prepares X, for which scikit-learn's metadata routing must be switched on.

sklearn.set_config(enable_metadata_routing=True)


def make_pipe(**params):
    pipe = make_seq2seq_pipeline(
        decoder="attention", decoder_units=64, epochs=EPOCHS, random_state=0, **params
    )
    pipe[-1].set_fit_request(X_val=True, y_val=True)
    return pipe.set_params(transform_input=["X_val"])


shares = {}
for sampling in ("values", "lengths", "mixed"):
    X, y = make_addition(N_SAMPLES, largest=LARGEST, sampling=sampling, random_state=0)
    pipe = make_pipe().fit(X, y, X_val=X_unseen, y_val=y_unseen)
    shares[sampling] = pipe[-1].history_["val_exact_match"]

# %%
# The growing curriculum. What the first sums do not show must be given: how long the
# strings will become, and of which symbols. For the transformers of the input it is
# enough to see some long sums once.

pipe = make_pipe(
    target_transformer=make_pipeline(
        SequencePadder(length=DIGITS + 1, reverse=True),
        SequenceIntegerEncoder(" 0123456789"),
    )
)
encode, classifier = pipe[:-1].fit(X), pipe[-1]
rng = np.random.RandomState(0)
shares["growing"] = []
for epoch in range(EPOCHS):
    n_digits = min(DIGITS, 1 + epoch)
    fresh = make_addition(
        N_SAMPLES, largest=10**n_digits - 1, sampling="mixed", random_state=rng
    )
    classifier.partial_fit(encode.transform(fresh[0]), fresh[1])
    shares["growing"].append(classifier.score(encode.transform(X_unseen), y_unseen))

# %%
# Sums of seven digits only, none of which was seen. In this run (TensorFlow 2.21) the
# network learns all of them from ``"mixed"``, 99 % of them from ``"values"`` and 76 %
# from ``"lengths"``, which has few sums of full length. From the growing curriculum it
# learns the fewest, 38 %: with one digit there is but one place to look at, and what
# was learned of that stands in the way later.

fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for name, by_epoch in shares.items():
    print(f"{name:>8}: {100 * by_epoch[-1]:5.1f} % after {EPOCHS} epochs")
    epochs = np.arange(1, EPOCHS + 1)
    ax.plot(epochs, 100 * np.array(by_epoch), marker=".", label=name)
ax.set(xlabel="epoch", ylabel="unseen sums that are right (%)", ylim=(-3, 103))
ax.legend()
plt.show()

# %%
# Stopping in time
# ----------------
#
# Whole answers that are right are what counts, and what ``early_stopping`` watches; it
# goes back to the best epoch. With a schedule that was planned for more epochs, what is
# lost is the fine polish of its end.

X, y = make_addition(N_SAMPLES, largest=LARGEST, sampling="mixed", random_state=0)
pipe = make_pipe(early_stopping=True, n_iter_no_change=2).fit(X, y)
print(
    f"stopped after {pipe[-1].n_iter_} of {EPOCHS} epochs; "
    f"{100 * pipe.score(X_unseen, y_unseen):.1f} % of unseen sums are right"
)
