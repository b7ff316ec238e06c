"""Worker processes: the same bits from any number of them, on their share of cores."""

import joblib
from helpers import TINY, assert_same_weights

from sklearn_seqadd import Seq2SeqClassifier


def test_processes_of_any_number_give_the_same_bits(data):
    fit = joblib.delayed(Seq2SeqClassifier(**TINY, jit_compile=True).fit)
    here = Seq2SeqClassifier(**TINY, jit_compile=True).fit(*data)
    for there in joblib.Parallel(n_jobs=2)(fit(*data) for _ in range(2)):
        assert_same_weights(here, there)


def count_threads_of_a_worker():
    from sklearn_seqadd._tensorflow import tf

    return tf.config.threading.get_intra_op_parallelism_threads()


def test_workers_share_the_cores_instead_of_fighting_for_them():
    # Not parallel_config, which the oldest joblib of scikit-learn 1.6 does not have.
    with joblib.parallel_backend("loky", inner_max_num_threads=1):
        count = joblib.delayed(count_threads_of_a_worker)
        assert joblib.Parallel(n_jobs=2)(count() for _ in range(2)) == [1, 1]
