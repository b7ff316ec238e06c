"""Compiled training and prediction, shared between fits.

A Keras model is slow to build, slower to compile, and its memory never comes back
whole. So there is one network for each architecture in the process. It is lent to one
fit at a time, which copies its weights in, trains, and copies them out again. What
is compiled is a run of many mini-batches: a loop in TensorFlow, not in Python.
"""

import collections
import contextlib
import functools
import json
import sys
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ._checkpoint import Progress, callback_state
from ._interrupts import interrupts_held_back, raise_held_interrupt
from ._tensorflow import keras, tf
from .networks import attention_network, build_network, initial_weights, loss_of

# How many architectures stay in memory, and how many ways of training each.
_MAX_NETWORKS = 16
_MAX_TRAINERS = 4

# Mini-batches in one call of a compiled program, fewer where they are large. The last
# call of an epoch runs what is left, so the number of samples is not compiled in.
_MAX_STEPS_PER_CALL = 128
_MAX_BYTES_PER_CALL = 2**24
_PREDICTION_ROWS = 2048

# XLA takes seconds to compile and about halves the time of a step; only a fit of
# more mini-batches than these earns the seconds back.
_MIN_STEPS_FOR_XLA = 2500

# What is said when training fails.
HELP_DIVERGED = (
    "A lower learning_rate, a clipnorm or smaller numbers in X or y may help."
)

# A learning rate rises for a tenth of the steps, but for no more than these.
_MAX_WARM_UP_STEPS = 200


@contextlib.contextmanager
def borrow_network(architecture):
    """Lend the network of an architecture to the calling thread.

    Parameters
    ----------
    architecture : dict
        See :func:`~sklearn_seqadd.networks.build_network`.

    Yields
    ------
    network : SharedNetwork
        Nobody else has it until the context ends. Its weights are arbitrary. Ctrl-C
        is held back for as long.
    """
    if getattr(_borrowing, "active", False):
        # A callback that predicts with another estimator: it must neither overwrite
        # nor wait for the training that it interrupts.
        yield SharedNetwork(architecture)
        return
    network = _find_network(architecture)
    with network.lock, interrupts_held_back():
        try:
            _borrowing.active = True
            yield network
        finally:
            _borrowing.active = False


class SharedNetwork:
    """A Keras model with its compiled programs, as SciKeras needs it.

    Parameters
    ----------
    architecture : dict
        See :func:`~sklearn_seqadd.networks.build_network`.

    Attributes
    ----------
    model : keras.Model
        The model, which callbacks get to see.

    lock : threading.Lock
        Held by whoever trains or predicts.

    progress : Progress or None
        The end of the last epoch of this fit whose loss and weights were finite.

    diverged : str or None
        When the loss or a weight was no finite number any more, in words.
    """

    # What SciKeras asks a model for before it lets it train; `loss` is the other.
    compiled = True

    def __init__(self, architecture):
        self.model = build_network(architecture)
        self.loss = loss_of(architecture)
        self._task = _TASKS[self.loss]
        if architecture.get("padding") is not None:
            code, weight = architecture["padding"]
            self._task = self._task._replace(
                measure=functools.partial(
                    _measure_symbols, padding=code, padding_weight=weight
                )
            )
        self.lock = threading.Lock()
        self._states = [
            variable
            for variable in self.model.variables
            if not any(variable is weight for weight in self.model.weights)
        ]
        self.progress = None
        self.diverged = None
        self._trainers = collections.OrderedDict()
        self._trainer = None
        self._initial_weights = None, None
        self._evaluate = None
        self._predict = None
        self._searches = {}
        self._attentions = {}

    @property
    def optimizer(self):
        """The optimizer in use."""
        return self._trainer.optimizer

    def set_weights(self, weights):
        """Copy weights in, such as `get_weights` returned."""
        expected = [tuple(weight.shape) for weight in self.model.weights]
        if [np.shape(array) for array in weights] != expected:
            raise ValueError(
                "weights_ do not fit architecture_: the estimator was changed after it "
                "was fitted, or comes from a damaged file."
            )
        _assign(self.model.weights, weights)

    def get_weights(self):
        """Copy the weights out, a list of arrays."""
        return _copies(self.model.weights)

    def prepare(
        self,
        *,
        weights,
        make_optimizer,
        optimizer_kind,
        optimizer_state,
        learning_rate,
        schedule,
        n_planned_steps,
        begin_plan,
        batch_size,
        jit,
        seed,
        resume=None,
        save=None,
    ):
        """Get ready to train, from the beginning or from where training stopped.

        Parameters
        ----------
        weights : list of ndarray or None
            The weights to start from; None to draw them from the seed.

        make_optimizer : callable
            Makes a new Keras optimizer. Called only if there is none of its kind.

        optimizer_kind : str
            All that is compiled of the optimizer: not its learning rate.

        optimizer_state : list of ndarray or None
            What `get_optimizer_state` returned; None at the beginning.

        learning_rate : float or None
            The learning rate; None for the one that the optimizer was made with.

        schedule : "cosine", keras.optimizers.schedules.LearningRateSchedule or None
            How the learning rate changes from step to step.

        n_planned_steps : int
            The mini-batches for which the learning rate is planned.

        begin_plan : bool
            Whether the first of them is the next one; if not, the optimizer's state
            tells how many were run.

        batch_size : int
            Samples in a mini-batch.

        jit : bool
            Whether to compile with XLA.

        seed : int
            Determines the order of the samples in each epoch, and the weights if
            they are drawn.

        resume : Progress, default=None
            Where this fit stood when it was killed.

        save : callable, default=None
            Called with a `Progress` at the end of each epoch and of the fit.
        """
        key = (optimizer_kind, batch_size, jit)
        if key not in self._trainers:
            self._trainers[key] = _Trainer(self, make_optimizer(), batch_size, jit)
        self._trainers.move_to_end(key)
        while len(self._trainers) > _MAX_TRAINERS:
            self._trainers.popitem(last=False)
        trainer = self._trainers[key]
        if self._trainer is not trainer:
            # Callbacks find the optimizer where Keras puts it.
            self.model.compile(optimizer=trainer.optimizer, loss=self.loss)
            self._trainer = trainer
        if weights is None and self._initial_weights[0] != seed:
            # Kept, as the folds of a cross-validation all start from the same.
            self._initial_weights = seed, initial_weights(self.model, seed)
        self.set_weights(self._initial_weights[1] if weights is None else weights)
        self._trainer.set_state(optimizer_state)
        self._trainer.plan_rates(learning_rate, schedule, n_planned_steps, begin_plan)
        for i, state in enumerate(self._states):
            # Two 32-bit words, as Keras' SeedGenerator keeps them.
            words = np.random.SeedSequence([seed, i]).generate_state(2)
            state.assign(words.astype("uint32").astype(state.dtype))
        self._seed = seed
        self._save = save
        self.diverged = None
        self.progress = resume
        if resume is not None:
            # After the plan was made, which depends on where the fit began.
            self._go_back()

    def get_optimizer_state(self):
        """Copy out what the optimizer needs to go on, a list of arrays."""
        return _copies(self.optimizer.variables)

    def _go_back(self):
        """Return to the weights and the optimizer of `progress`."""
        self.set_weights(self.progress.weights)
        self._trainer.set_state(self.progress.optimizer_state)
        _assign(self._states, self.progress.random_state)

    def fit(
        self,
        x,
        y,
        *,
        sample_weight=None,
        batch_size=32,
        epochs=1,
        initial_epoch=0,
        verbose=0,
        callbacks=None,
        validation_split=0.0,
        validation_batch_size=None,
        shuffle=True,
    ):
        """Train as ``keras.Model.fit`` does, a call of a compiled program at a time.

        Parameters are those of :meth:`keras.Model.fit`; `validation_batch_size` has
        no influence on what comes out and is ignored. A callback sees the model with
        its real weights. Its batch hooks are called if it has any; every mini-batch
        is then a call of its own, which takes longer.

        Training ends with a loss or a weight that is no finite number, and goes back
        to the end of the epoch before: see `diverged`.

        Returns
        -------
        history : keras.callbacks.History

        Raises
        ------
        ValueError
            If that happens in the first epoch.
        """
        if sample_weight is None:
            sample_weight = np.ones(len(x))
        data = tuple(
            np.asarray(part, dtype=spec.dtype.as_numpy_dtype)
            for part, spec in zip(
                (x, y, sample_weight), self._describe_batch(None), strict=True
            )
        )
        # As in Keras, the last samples are held out, before any shuffling.
        n_train = int(np.floor(len(x) * (1 - validation_split)))
        held_out = tuple(part[n_train:] for part in data) if n_train < len(x) else None
        data = tuple(part[:n_train] for part in data)

        n_batches = -(-n_train // batch_size)
        if self.progress is not None:
            self._trainer.skip(self.progress.n_epochs * n_batches)
        own_hooks = list(callbacks or ())
        every_batch = any(map(_has_batch_hooks, own_hooks))
        steps_per_call = 1 if every_batch else self._trainer.steps_per_call
        with_bar = verbose == 1 and _can_redraw_lines()
        all_hooks = own_hooks
        if verbose and not with_bar:
            all_hooks = [*own_hooks, _EpochLines()]
        hooks = keras.callbacks.CallbackList(
            all_hooks,
            add_history=True,
            add_progbar=with_bar,
            model=self.model,
            verbose=verbose,
            epochs=epochs,
            steps=n_batches,
        )
        history = next(
            hook
            for hook in hooks.callbacks
            if isinstance(hook, keras.callbacks.History)
        )
        self.model.stop_training = False
        hooks.on_train_begin()
        past = {}
        if self.progress is not None:  # callbacks, too, go on where they were
            past = self.progress.history
            for hook, state in zip(own_hooks, self.progress.callbacks, strict=True):
                _go_on(hook, state)
        logs = {}
        for epoch in range(initial_epoch, epochs):
            hooks.on_epoch_begin(epoch)
            order = np.arange(n_train)
            if shuffle:
                np.random.default_rng([self._seed, epoch]).shuffle(order)
            totals = 0.0
            for begin in range(0, n_batches, steps_per_call):
                raise_held_interrupt()
                hooks.on_train_batch_begin(begin)
                end = min(begin + steps_per_call, n_batches)
                rows = order[begin * batch_size : end * batch_size]
                totals = totals + self._trainer.run(data, rows)
                if not _are_finite([totals]):
                    break
                logs = self._task.averages(totals)
                hooks.on_train_batch_end(end - 1, logs)
                if self.model.stop_training:
                    break
            if not _are_finite([totals, *self.get_weights()]):
                self._stop_diverging(epoch)
                break
            if held_out is not None:
                hooks.on_test_begin()
                scores = self.evaluate(*held_out)
                hooks.on_test_end(scores)
                logs = logs | {f"val_{name}": score for name, score in scores.items()}
            hooks.on_epoch_end(epoch, logs)
            self._record(past, history, own_hooks)
            if self.model.stop_training:
                break
        self.optimizer.finalize_variable_values(self.model.trainable_variables)
        hooks.on_train_end(logs)
        self._record(past, history, own_hooks, finished=True)
        return history

    def _record(self, past, history, own_hooks, finished=False):
        """Remember where training stands, in a file too if that is wanted."""
        epochs = {
            name: past.get(name, []) + list(map(float, values))
            for name, values in history.history.items()
        }
        self.progress = Progress(
            weights=self.get_weights(),
            optimizer_state=self.get_optimizer_state(),
            random_state=_copies(self._states),
            history=epochs,
            callbacks=[
                {} if hook is history else callback_state(hook) for hook in own_hooks
            ],
            finished=finished,
        )
        if self._save is not None:
            self._save(self.progress)

    def _stop_diverging(self, epoch):
        what = f"In epoch {epoch + 1} the loss or a weight became infinite or NaN"
        if self.progress is None:
            raise ValueError(f"{what}, and nothing was learned before. {HELP_DIVERGED}")
        self.diverged = what
        self._go_back()

    def evaluate(self, x, y, sample_weight):
        """Loss and scores of the samples, a dict."""
        if self._evaluate is None:
            self._evaluate = _compile(
                lambda x, y, w: _totals(
                    self._task, self._outputs(x, y, training=False), y, w
                ),
                self._describe_batch(None),
            )
        totals = 0.0
        for rows in _blocks(len(x)):
            block = [tf.constant(part[rows]) for part in (x, y, sample_weight)]
            totals = totals + self._evaluate(*block).numpy().astype(np.float64)
        return self._task.averages(totals)

    def predict(self, x, codes=None):
        """What the network makes of the inputs, in bounded memory.

        Parameters
        ----------
        x : ndarray of shape (n_samples, ...)
            As `model` takes it.

        codes : ndarray of int, shape (n_samples, n_steps_out), default=None
            For a network that is fed its own answers: the answers, from `search`.

        Returns
        -------
        outputs : ndarray of shape (n_samples, ...)
            As `model` gives it: probabilities of shape (n_samples, n_steps_out,
            n_symbols), or numbers of shape (n_samples, n_outputs).
        """
        if self._predict is None:
            specs = self._describe_batch(None)[: 1 + self.is_autoregressive]
            self._predict = _compile(
                lambda x, y=None: self._outputs(x, y, training=False), specs
            )
        outputs = np.empty((len(x), *self.model.output_shape[1:]), self._task.dtype)
        for rows in _blocks(len(x)):
            block = [tf.constant(np.asarray(x[rows], self._task.dtype))]
            if codes is not None:
                block.append(tf.constant(np.asarray(codes[rows], np.int32)))
            outputs[rows] = self._predict(*block).numpy()
        return outputs

    def search(self, x, beam_width):
        """The most probable answers of a network that is fed its own answers.

        Parameters
        ----------
        x : ndarray of shape (n_samples, ...)
            As `model` takes it.

        beam_width : int
            How many beginnings of an answer are kept at each step; with 1 the
            search is greedy.

        Returns
        -------
        codes : ndarray of int, shape (n_samples, n_steps_out)
        """
        if beam_width not in self._searches:
            self._searches[beam_width] = _compile(
                _beam_search(self.model, beam_width), self._describe_batch(None)[:1]
            )
        search = self._searches[beam_width]
        codes = np.empty((len(x), self.model.output_shape[1]), np.int64)
        for rows in _blocks(len(x), beam_width):
            block = tf.constant(np.asarray(x[rows], self._task.dtype))
            codes[rows] = search(block).numpy()
        return codes

    def attend(self, x, layer, codes):
        """What an attention layer looks at, for a few samples.

        Parameters
        ----------
        x : ndarray of shape (n_samples, ...)
            As `model` takes it.

        layer : int
            Which attention layer, from 0.

        codes : ndarray of int, shape (n_samples, n_steps_out)
            The answers.

        Returns
        -------
        weights : ndarray of shape (n_samples, n_heads, n_steps_out, n_steps_in)
        """
        if layer not in self._attentions:
            self._attentions[layer] = attention_network(self.model, layer)
        x = tf.constant(np.asarray(x, self._task.dtype))
        answers = tf.constant(np.asarray(codes, np.int32))
        inputs = self._inputs(x, answers)
        return self._attentions[layer](inputs, training=False).numpy()

    @property
    def is_autoregressive(self):
        """Whether the network is fed its own answers."""
        return len(self.model.inputs) == 2

    def _outputs(self, x, y, *, training):
        return self.model(self._inputs(x, y), training=training)

    def _inputs(self, x, y):
        return [x, _one_step_late(self.model, y)] if self.is_autoregressive else x

    def _describe_batch(self, *leading):
        """What arrays x, y and sample_weight come in, after the leading axes."""
        # A target has as many axes as an output; a symbol one less, being one code.
        target_shape = self.model.output_shape[1 : self._task.last_target_axis]
        return [
            tf.TensorSpec(
                [*leading, *self.model.inputs[0].shape[1:]], self._task.dtype
            ),
            tf.TensorSpec([*leading, *target_shape], self._task.target_dtype),
            tf.TensorSpec(leading, self._task.dtype),
        ]


def choose_jit(jit_compile, n_steps):
    """Whether to train with XLA, from parameters and sizes only.

    Parameters
    ----------
    jit_compile : bool or "auto"
        The user's word.

    n_steps : int
        The number of mini-batches that the fit will run.
    """
    return n_steps >= _MIN_STEPS_FOR_XLA if jit_compile == "auto" else jit_compile


# -------------------------------------------------------------------- the cache

_borrowing = threading.local()
_networks: collections.OrderedDict = collections.OrderedDict()
_networks_lock = threading.Lock()


def _find_network(architecture):
    key = json.dumps(architecture, sort_keys=True)
    with _networks_lock:
        if key not in _networks:
            _networks[key] = SharedNetwork(architecture)
        _networks.move_to_end(key)
        while len(_networks) > _MAX_NETWORKS:
            _networks.popitem(last=False)
        return _networks[key]


# ------------------------------------------------------------------- one trainer


class _Trainer:
    """One way to train a network: an optimizer, a batch size, XLA or not."""

    def __init__(self, network, optimizer, batch_size, jit):
        self.optimizer = optimizer
        self.optimizer.build(network.model.trainable_variables)
        self._initial_state = _copies(self.optimizer.variables)
        self._initial_rate = float(self.optimizer.learning_rate.numpy())
        self._batch_size = batch_size
        n_bytes = 4 * batch_size * int(np.prod(network.model.inputs[0].shape[1:]))
        self.steps_per_call = max(
            1, min(_MAX_STEPS_PER_CALL, _MAX_BYTES_PER_CALL // n_bytes)
        )
        # XLA compiles for one size, which the last call of an epoch fills in part.
        self._room = self.steps_per_call if jit else None
        self._program = _compile(
            _training_loop(network, self.optimizer),
            [
                *network._describe_batch(self._room, batch_size),
                tf.TensorSpec([self._room], tf.float32),
                tf.TensorSpec([], tf.int32),
            ],
            jit=jit,
        )

    def set_state(self, state):
        """Take over a state; None for that of a new optimizer."""
        _assign(
            self.optimizer.variables, self._initial_state if state is None else state
        )

    def plan_rates(self, learning_rate, schedule, n_planned_steps, begin_plan):
        """Set the learning rate, or those of the steps to come."""
        peak = self._initial_rate if learning_rate is None else learning_rate
        self.optimizer.learning_rate.assign(peak)
        n_done = int(self.optimizer.iterations.numpy())
        self._rates = None
        if schedule == "cosine":
            rates = _warm_up_and_cosine(peak, n_planned_steps)
            self._rates = rates if begin_plan else rates[n_done:]
        elif schedule is not None:
            self._rates = _scheduled(schedule, n_done, n_planned_steps)

    def run(self, data, rows):
        """Train on these rows of the data, in mini-batches; return the totals."""
        n_steps = -(-len(rows) // self._batch_size)
        room = self._room or n_steps
        batches = []
        for part in data:
            # What the last mini-batch has no samples for stays zero, and a sample
            # of weight zero is as if absent.
            batch = np.zeros((room * self._batch_size, *part.shape[1:]), part.dtype)
            np.take(part, rows, axis=0, out=batch[: len(rows)])
            batches.append(batch.reshape(room, self._batch_size, *part.shape[1:]))
        rates = self._next_rates(n_steps, room)
        totals = self._program(
            *map(tf.constant, (*batches, rates)), tf.constant(n_steps)
        )
        return totals.numpy().astype(np.float64)

    def skip(self, n_steps):
        """Pass over the planned rates of mini-batches that were run before."""
        if self._rates is not None:
            self._rates = self._rates[n_steps:]

    def _next_rates(self, n_steps, room):
        rates = np.zeros(room, dtype=np.float32)
        if self._rates is None:  # as a callback may have set it
            rates[:] = self.optimizer.learning_rate.numpy()
        else:
            planned, self._rates = self._rates[:n_steps], self._rates[n_steps:]
            rates[: len(planned)] = planned
        return rates


def _warm_up_and_cosine(peak, n_steps):
    """Learning rates that rise to the peak and fall to zero, (n_steps,)."""
    n_warm_up = min(_MAX_WARM_UP_STEPS, n_steps // 10)
    rising = np.arange(1, n_warm_up + 1) / (n_warm_up + 1)
    falling = (1 + np.cos(np.linspace(0, np.pi, n_steps - n_warm_up))) / 2
    return peak * np.concatenate([rising, falling])


def _scheduled(schedule, begin, n_steps):
    """The learning rates that a Keras schedule gives from a step on, (n_steps,)."""
    rates = _compile(
        lambda steps: tf.map_fn(
            lambda step: tf.cast(schedule(step), tf.float32),
            steps,
            fn_output_signature=tf.float32,
        ),
        [tf.TensorSpec([None], tf.int32)],
    )
    return rates(tf.range(begin, begin + n_steps)).numpy()


def _assign(variables, arrays):
    # Of TensorFlow, not of Keras, whose own checks take twice as long.
    for variable, array in zip(variables, arrays, strict=True):
        variable.value.assign(array)


def _copies(variables):
    # Not keras.ops.convert_to_numpy, which NumPy 2.4 warns about.
    return [np.array(variable.value.numpy()) for variable in variables]


def _are_finite(arrays):
    return all(np.isfinite(array).all() for array in arrays)


def _compile(function, signature, jit=None):
    # A concrete function: a tf.function called directly would warn of "retracing"
    # when it meets the same line of code for another network.
    compiled = tf.function(function, jit_compile=jit, autograph=False)
    return compiled.get_concrete_function(*signature)


def _training_loop(network, optimizer):
    """A function that trains on the first n_steps of some mini-batches."""
    model, task = network.model, network._task

    def train_step(x, y, sample_weight):
        with tf.GradientTape() as tape:
            outputs = network._outputs(x, y, training=True)
            totals = _totals(task, outputs, y, sample_weight)
            # Divided by the sum of weights, not by the number of samples, so that
            # a weight of two is the same as the sample twice.
            loss = optimizer.scale_loss(totals[1] / totals[0])
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        return totals

    # The layers and the optimizer, which are Keras' own, assign their variables in
    # place; XLA keeps these as values for as long as the loop runs.
    def train(x, y, sample_weight, learning_rates, n_steps):
        def body(i, totals):
            optimizer.learning_rate.assign(learning_rates[i])
            return i + 1, totals + train_step(x[i], y[i], sample_weight[i])

        start = (tf.constant(0), tf.zeros(len(task.measures) + 1, task.dtype))
        return tf.while_loop(
            lambda i, _: i < n_steps,
            body,
            start,
            parallel_iterations=1,  # each step needs the weights of the one before
        )[1]

    return train


# ------------------------------------------- networks that are fed their answers


def _one_step_late(model, codes):
    """Answers moved one step to the right, as the network is fed with."""
    begin = tf.fill([tf.shape(codes)[0], 1], model.output_shape[-1])
    return tf.concat([begin, codes[:, :-1]], axis=1)


def _beam_search(model, width):
    """A function from inputs to the codes of their most probable answers."""
    encoder = model.get_layer("encoder_model")
    decoder = model.get_layer("decoder_model")
    _, n_steps, n_symbols = model.output_shape

    def search(x):
        n = tf.shape(x)[0]
        memory = [tf.repeat(part, width, axis=0) for part in encoder(x, training=False)]
        first_row = width * tf.range(n)[:, None]
        # All beginnings are the same before the first step: only one may go on.
        start = tf.concat([tf.zeros([1]), tf.fill([width - 1], -np.inf)], axis=0)
        state = (
            tf.constant(0),
            tf.zeros([n * width, n_steps], tf.int32),
            tf.tile(start[None], [n, 1]),
        )

        def step(t, codes, scores):
            previous = _one_step_late(model, codes)
            probabilities = decoder([previous, *memory], training=False)[:, t]
            # (n, width * n_symbols): every beginning with every symbol after it
            candidates = tf.reshape(
                scores[:, :, None]
                + tf.reshape(tf.math.log(probabilities), [n, width, n_symbols]),
                [n, width * n_symbols],
            )
            scores, best = tf.math.top_k(candidates, width)
            kept = tf.reshape(first_row + best // n_symbols, [-1])
            column = tf.one_hot(t, n_steps, dtype=tf.int32)
            codes = tf.gather(codes, kept) * (1 - column)
            codes += tf.reshape(best % n_symbols, [-1, 1]) * column
            return t + 1, codes, scores

        codes = tf.while_loop(lambda t, *_: t < n_steps, step, state)[1]
        return tf.gather(codes, first_row[:, 0])

    return search


# ---------------------------------------------------------- losses and measures


class _Task(NamedTuple):
    """What is learned: symbols or numbers."""

    # By sample, in order, the loss first; a function of outputs and targets.
    measures: tuple
    measure: Callable
    # Of inputs, weights and outputs; and of targets.
    dtype: type
    target_dtype: type
    last_target_axis: int | None

    def averages(self, totals):
        """Each measure by its name, from what the programs return."""
        return {
            name: float(total / totals[0])
            for name, total in zip(self.measures, totals[1:], strict=True)
        }


def _measure_symbols(probabilities, y, padding=None, padding_weight=1.0):
    losses = keras.ops.sparse_categorical_crossentropy(y, probabilities)
    if padding is not None:
        losses *= tf.where(y == padding, padding_weight, 1.0)
    right = tf.cast(tf.argmax(probabilities, -1, output_type=tf.int32) == y, tf.float32)
    return [
        tf.reduce_mean(losses, axis=-1),
        tf.reduce_min(right, axis=-1),
        tf.reduce_mean(right, axis=-1),
    ]


def _measure_numbers(predicted, y):
    return [tf.reduce_mean(tf.square(predicted - y), axis=-1)]


_TASKS = {
    "sparse_categorical_crossentropy": _Task(
        ("loss", "exact_match", "character_accuracy"),
        _measure_symbols,
        np.float32,
        np.int32,
        last_target_axis=-1,
    ),
    "mean_squared_error": _Task(
        ("loss",), _measure_numbers, np.float64, np.float64, last_target_axis=None
    ),
}


def _totals(task, outputs, y, sample_weight):
    """Sums over a mini-batch: of the weights, then weighted of each measure."""
    by_sample = tf.stack([tf.ones_like(sample_weight), *task.measure(outputs, y)])
    return tf.reduce_sum(by_sample * sample_weight, axis=-1)


# ----------------------------------------------------------------- small helpers


def _blocks(n_samples, rows_of_each=1):
    n_rows = max(1, _PREDICTION_ROWS // rows_of_each)
    for begin in range(0, n_samples, n_rows):
        raise_held_interrupt()
        yield slice(begin, begin + n_rows)


def _can_redraw_lines():
    # Keras draws its bar into files and pipes too, a line for every update.
    # What stands in for it in a window may be no file, or nothing at all.
    isatty = getattr(sys.stdout, "isatty", None)
    return (isatty is not None and isatty()) or "ipykernel" in sys.modules


def _go_on(callback, state):
    """Let a callback whose training has begun go on from the state that it had."""
    # Keras' own that watch a score choose how to compare it at the end of the first
    # epoch, and would then forget the best of those before.
    if hasattr(callback, "_set_monitor_op") and callback.monitor_op is None:
        callback._set_monitor_op()
    vars(callback).update(state)


class _EpochLines(keras.callbacks.Callback):
    """Prints a line an epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        n_epochs = self.params["epochs"]
        parts = [
            f"epoch {epoch + 1:>{len(str(n_epochs))}}/{n_epochs}",
            f"{time.perf_counter() - self.start:.1f} s",
            *(f"{name} {value:.4f}" for name, value in logs.items()),
        ]
        print("  ".join(parts), flush=True)


def _has_batch_hooks(callback):
    base = keras.callbacks.Callback
    # A LambdaCallback has its hooks as attributes of the instance, not as methods.
    return any(
        getattr(getattr(callback, hook), "__func__", None) is not getattr(base, hook)
        for hook in (
            "on_batch_begin",
            "on_batch_end",
            "on_train_batch_begin",
            "on_train_batch_end",
        )
    )
