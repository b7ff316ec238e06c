"""
A form from several columns: English inflection
===============================================

The past of *go* is *went*, and that of *swim* is *swam*, but *beam* becomes *beamed*.
What is asked for is a word *and* a form of it, two columns of a data frame, and the
answer is a string. This is the whole way of such a task: pairs from a data frame,
validation data of one's own, training that stops in time, the five best answers with
their probabilities, and a model that is saved, loaded and asked.

The forms are those of LemmInflect (``pip install lemminflect``), whose tags are those
of the Penn Treebank: ``NNS`` is a plural, ``VBD`` a past, ``VBN`` a participle.
"""

import gzip
import tempfile
from importlib.resources import files
from pathlib import Path

import joblib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import GroupShuffleSplit
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_seqadd import TrainingHistoryDisplay, make_seq2seq_pipeline

# %%
# The data: a word, a tag, and the form, where there is only one. A participle that is
# not given is the past.

TAGS = {
    "noun": ["NNS"],
    "verb": ["VBD", "VBN", "VBG", "VBZ"],
    "adj": ["JJR", "JJS"],
}
resource = files("lemminflect") / "resources" / "infl_lu.csv.gz"
rows = []
for line in gzip.decompress(resource.read_bytes()).decode().splitlines():
    word, kind, *forms = line.split(",")
    if kind not in TAGS or not word.isalpha() or len(word) > 12:
        continue
    for tag, form in zip(TAGS[kind], forms, strict=False):
        form = forms[0] if tag == "VBN" and not form else form
        if form.isalpha():  # and not two with a stroke between them
            rows.append((word.lower(), tag, form.lower()))
data = pd.DataFrame(rows, columns=["word", "tag", "form"]).drop_duplicates(
    ["word", "tag"]
)
print(len(data), "forms, such as")
print(data[data["word"].isin(["go", "swim", "child"])].to_string(index=False))

# %%
# Whole words are held out, with all their forms: 2,000 to watch training by, and 2,000
# to be asked for at the end.

splitter = GroupShuffleSplit(n_splits=1, test_size=4_000, random_state=0)
learned, others = next(splitter.split(data, groups=data["word"]))
held_out = data["word"].iloc[others].unique()
is_watched = data["word"].isin(held_out[::2])
train, watched = data.iloc[learned].sample(20_000, random_state=0), data[is_watched]
asked = data[data["word"].isin(held_out[1::2])]
print(len(train), "to learn from,", len(watched), "watched,", len(asked), "asked")

# %%
# A sequence is made of both columns: the letters of the word, and the tag as one token.
# ``ColumnTransformer`` takes the columns by their names, whatever others there are.
# From there on it is a sequence of tokens as any other.


def spell(columns):
    """Lists of tokens: letters, and what form is wanted."""
    return [[*word, tag] for word, tag in columns]


columns = ColumnTransformer([("columns", "passthrough", ["word", "tag"])])
network = make_seq2seq_pipeline(
    decoder="autoregressive",
    analyzer=("word", None),
    side="right",
    cell="gru",
    learning_rate=5e-3,
    epochs=12,
    early_stopping=True,
    n_iter_no_change=3,
    random_state=0,
)
pipe = Pipeline(
    [("columns", columns), ("spell", FunctionTransformer(spell)), *network.steps],
    transform_input=["X_val"],
)

# %%
# ``transform_input`` prepares the validation data as the rest, for which scikit-learn's
# routing of metadata must be switched on.

sklearn.set_config(enable_metadata_routing=True)
pipe[-1].set_fit_request(X_val=True, y_val=True)
pipe.fit(train, train["form"], X_val=watched, y_val=watched["form"])
TrainingHistoryDisplay.from_estimator(pipe)
plt.show()

# %%
# How many forms of words that were not learned are right, by the tag:

right = pipe.predict(asked) == asked["form"]
print((100 * right.groupby(asked["tag"]).mean()).round(1).to_string())
print(f"all: {100 * right.mean():.1f} % after {pipe[-1].n_iter_} epochs")

# %%
# The model is saved, and loaded where it is needed.

with tempfile.TemporaryDirectory() as folder:
    path = joblib.dump(pipe, Path(folder) / "inflection.joblib")[0]
    loaded = joblib.load(path)

# %%
# What else could it be? ``predict_n_best`` is a method of the last step, so questions
# go through the others. Words that English does not have:

questions = pd.DataFrame(
    [["spling", "VBD"], ["grouse", "NNS"], ["glorp", "VBG"], ["frish", "JJR"]],
    columns=["word", "tag"],
)
answers, scores = loaded[-1].predict_n_best(
    loaded[:-1].transform(questions), 5, return_scores=True
)
for (word, tag), forms, logarithms in zip(
    questions.to_numpy(), answers, scores, strict=True
):
    best = (
        f"{form} {100 * np.exp(logarithm):.1f} %"
        for form, logarithm in zip(forms, logarithms, strict=True)
    )
    print(f"{word} {tag}:", ", ".join(best))
