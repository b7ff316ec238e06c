"""
Dates in many written forms to ISO 8601
=======================================

Nothing in the network knows arithmetic, and nothing knows dates: here it learns to
read ``March 3rd, 2019``, ``3.3.2019``, ``Sunday, 3 March 2019`` and eleven other forms,
and to write ``2019-03-03``.

In sums written by term the digits line up, and a network can learn where to look for
each step of the answer. In dates the day may stand anywhere; what matters has to be
found by what it is. That is what the decoder ``"autoregressive"`` does: at each step it
looks over all that a bidirectional encoder has read, knowing what it wrote before.
"""

import datetime
import time

import matplotlib.pyplot as plt
import numpy as np

from sklearn_seqadd import exact_match_score, make_seq2seq_pipeline

MONTHS = [datetime.date(2000, month, 1).strftime("%B") for month in range(1, 13)]


def ordinal(day):
    """1st, 2nd, 3rd, 4th, ..."""
    last = {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{'th' if 10 < day < 14 else last}"


FORMS = {
    "March 3rd, 2019": lambda d, m, y, name, week: f"{name} {ordinal(d)}, {y}",
    "March 3, 2019": lambda d, m, y, name, week: f"{name} {d}, {y}",
    "3 March 2019": lambda d, m, y, name, week: f"{d} {name} {y}",
    "3rd of March 2019": lambda d, m, y, name, week: f"{ordinal(d)} of {name} {y}",
    "Mar 3, 2019": lambda d, m, y, name, week: f"{name[:3]} {d}, {y}",
    "3 Mar 2019": lambda d, m, y, name, week: f"{d} {name[:3]} {y}",
    "3-Mar-2019": lambda d, m, y, name, week: f"{d}-{name[:3]}-{y}",
    "3.3.2019": lambda d, m, y, name, week: f"{d}.{m}.{y}",
    "03.03.2019": lambda d, m, y, name, week: f"{d:02}.{m:02}.{y}",
    "3/3/2019": lambda d, m, y, name, week: f"{m}/{d}/{y}",
    "03/03/2019": lambda d, m, y, name, week: f"{m:02}/{d:02}/{y}",
    "2019/03/03": lambda d, m, y, name, week: f"{y}/{m:02}/{d:02}",
    "Sunday, 3 March 2019": lambda d, m, y, name, week: f"{week}, {d} {name} {y}",
    "Sunday, March 3, 2019": lambda d, m, y, name, week: f"{week}, {name} {d}, {y}",
}


def make_dates(n_samples, seed):
    """Dates of two centuries as written, in ISO 8601, and in which form."""
    rng = np.random.RandomState(seed)
    first = datetime.date(1900, 1, 1).toordinal()
    last = datetime.date(2099, 12, 31).toordinal()
    days = map(
        datetime.date.fromordinal, rng.randint(first, last + 1, n_samples).tolist()
    )
    forms = rng.choice(list(FORMS), n_samples)
    X, y = [], []
    for date, form in zip(days, forms, strict=True):
        name, week = MONTHS[date.month - 1], date.strftime("%A")
        X.append(FORMS[form](date.day, date.month, date.year, name, week))
        y.append(date.isoformat())
    return np.array(X), np.array(y), forms


X, y, _ = make_dates(8_000, seed=0)
X_unseen, y_unseen, forms = make_dates(5_000, seed=1)
new = ~np.isin(X_unseen, X)
X_unseen, y_unseen, forms = X_unseen[new], y_unseen[new], forms[new]

# %%
# The recommended settings for this decoder, on strings padded on the left, but for the
# number of epochs, which would be 27 for so many dates.

pipe = make_seq2seq_pipeline(decoder="autoregressive", epochs=10, random_state=0)
start = time.perf_counter()
pipe.fit(X, y)
seconds = time.perf_counter() - start
predicted = pipe.predict(X_unseen)
share = exact_match_score(y_unseen, predicted)
print(
    f"{100 * share:.2f} % of {len(X_unseen)} unseen dates, {seconds:.0f} s of training"
)
for question, answer, right in zip(X_unseen[:10], predicted, y_unseen, strict=False):
    print(f"{question:>28}  {answer}{'' if answer == right else f'  <- {right}'}")

# %%
# Which forms are hard?

wrong = predicted != y_unseen
shares = {form: wrong[forms == form].mean() for form in FORMS}
fig, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
ax.barh(list(shares), [100 * share for share in shares.values()])
ax.invert_yaxis()
ax.set(xlabel="unseen dates that are not exactly right (%)", xlim=(0, None))
plt.show()
