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
from keras.callbacks import EarlyStopping
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
# The unseen sums are handed over behind the others, as what ``validation_split`` holds
# out: then ``history_`` has the share that is right after every epoch.


def make_pipe(**params):
    return make_seq2seq_pipeline(
        decoder="attention", decoder_units=64, epochs=EPOCHS, random_state=0, **params
    )


held_out = len(X_unseen) / (N_SAMPLES + len(X_unseen))
shares = {}
for sampling in ("values", "lengths", "mixed"):
    X, y = make_addition(N_SAMPLES, largest=LARGEST, sampling=sampling, random_state=0)
    pipe = make_pipe(validation_split=held_out)
    pipe.fit(np.concatenate([X, X_unseen]), np.concatenate([y, y_unseen]))
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
# network learns all of them from ``"mixed"``, 96 % of them from ``"values"`` and 63 %
# from ``"lengths"``, which has few sums of full length. From the growing curriculum it
# learns next to none: with one digit there is but one place to look at, and what was
# learned of that stands in the way later.

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
# Whole answers that are right are what counts, and a metric of training. Keras'
# own ``EarlyStopping`` can watch it, and go back to the best epoch. With a schedule
# that was planned for more epochs, what is lost is the fine polish of its end.

stop = EarlyStopping(
    monitor="val_exact_match",
    mode="max",
    min_delta=0.001,
    patience=2,
    restore_best_weights=True,
)
X, y = make_addition(N_SAMPLES, largest=LARGEST, sampling="mixed", random_state=0)
pipe = make_pipe(validation_split=0.1, callbacks=[stop]).fit(X, y)
n_epochs = len(pipe[-1].history_["loss"])
print(
    f"stopped after {n_epochs} of {EPOCHS} epochs; "
    f"{100 * pipe.score(X_unseen, y_unseen):.1f} % of unseen sums are right"
)
