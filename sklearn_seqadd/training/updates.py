"""The updates of training, as functions of tensors."""

import functools

from .._tensorflow import tf
from .losses import weighted_sums
from .optimizers import weight_decay_of


def training_function(functions, loss, optimizer, groups):
    """Return a function that trains on mini-batches, one after the other.

    Parameters
    ----------
    functions : NetworkFunctions

    loss : Loss

    optimizer : keras.optimizers.Optimizer

    groups : tuple
        The numbers of steps of input and answer in each group; empty for all steps.

    Returns
    -------
    train : callable
        Takes inputs, targets and sample weights (capacity, batch_size, ...), learning
        rates and groups (capacity,), the number of mini-batches to train on, which are
        the first ones, and perhaps the weight decay. Returns the sum of the weights and
        the weighted sum of each metric.
    """
    weights = functions.model.trainable_variables
    gradient_fns = [
        _gradient_fn(functions, loss, optimizer, group) for group in groups or [None]
    ]

    # The layers and the optimizer, which are Keras' own, assign their variables in
    # place; XLA keeps these as values for as long as the loop runs.
    def train(x, y, sample_weight, rates, groups, n_batches, weight_decay=None):
        def update(i):
            batch = x[i], y[i], sample_weight[i]
            if len(gradient_fns) == 1:
                summed, gradients = gradient_fns[0](*batch)
            else:
                branches = [
                    functools.partial(_as_tensors, gradient_fn, *batch)
                    for gradient_fn in gradient_fns
                ]
                summed, *gradients = tf.switch_case(groups[i], branches)
            optimizer.apply(gradients, weights)
            return summed

        def body(i, summed):
            optimizer.learning_rate.assign(rates[i])
            with weight_decay_of(optimizer, weight_decay):
                return i + 1, summed + update(i)

        zeros = tf.zeros(len(loss.metrics) + 1, sample_weight.dtype)
        return tf.while_loop(
            lambda i, _: i < n_batches,
            body,
            (tf.constant(0), zeros),
            parallel_iterations=1,  # each update needs the weights of the last one
        )[1]

    return train


def _gradient_fn(functions, loss, optimizer, group):
    """Return a function from a mini-batch to its metrics and gradients.

    Parameters
    ----------
    functions : NetworkFunctions

    loss : Loss

    optimizer : keras.optimizers.Optimizer

    group : tuple of int or None
        The numbers of steps of input and answer; None for all.

    Returns
    -------
    gradient_fn : callable
        Returns the weighted sums of the metrics, and a list of gradients.
    """
    model, outputs_of, loss_params = functions.model, functions.outputs_of, {}
    if group is not None:
        outputs_of = functions.truncated(*group)
        loss_params["n_steps"] = model.output_shape[1]

    def gradient_fn(x, y, sample_weight):
        if group is not None:
            x, y = (part[:, :n] for part, n in zip((x, y), group, strict=True))
        with tf.GradientTape() as tape:
            outputs = outputs_of(x, y, training=True)
            summed = weighted_sums(loss, outputs, y, sample_weight, **loss_params)
            # Divided by the sum of weights, not by the number of samples, so that a
            # weight of two is the same as the sample twice.
            mean = summed[1] / summed[0]
            # Penalties, such as regularizers, of layers of the user's own.
            for penalty in model.losses:
                mean += tf.cast(penalty, mean.dtype)
            scaled = optimizer.scale_loss(mean)
        return summed, tape.gradient(scaled, model.trainable_variables)

    return gradient_fn


def _as_tensors(gradient_fn, *batch):
    """Return metrics and gradients as one list of tensors, as branches have to."""
    summed, gradients = gradient_fn(*batch)
    return [summed, *map(tf.convert_to_tensor, gradients)]
