"""A graph of ONNX operations, written as arithmetic on its values."""

import contextlib

import numpy as np

# The opset of the newest operators that are used, and the file format of the same
# release of ONNX. ONNX Runtime reads both since its version 1.14.
OPSET = 18
IR_VERSION = 8


class Value:
    """A value in a graph; arithmetic with it adds operations to the graph.

    The quotient of two integers is rounded towards zero, as `Div` of ONNX does.

    Attributes
    ----------
    name : str
        The name of the value in the graph.

    mask : Value or None
        The mask that Keras attaches to it: True at the steps that are not padding.

    shape : tuple or None
        The shape of the tensor in Keras that it stands for, if there is one.
    """

    __array_ufunc__ = None  # so that NumPy leaves `array + value` to this class

    def __init__(self, graph, name):
        self.graph = graph
        self.name = name
        self.mask = None
        self.shape = None

    def __add__(self, other):
        return self.graph.op("Add", self, other)

    def __sub__(self, other):
        return self.graph.op("Sub", self, other)

    def __rsub__(self, other):
        return self.graph.op("Sub", other, self)

    def __mul__(self, other):
        return self.graph.op("Mul", self, other)

    def __truediv__(self, other):
        return self.graph.op("Div", self, other)

    def __neg__(self):
        return self.graph.op("Neg", self)

    def __matmul__(self, other):
        return self.graph.op("MatMul", self, other)

    def __gt__(self, other):
        return self.graph.op("Greater", self, other)

    def __lt__(self, other):
        return self.graph.op("Less", self, other)

    __radd__ = __add__
    __rmul__ = __mul__


class Graph:
    """A builder of an ONNX model: it collects operations and constants."""

    def __init__(self):
        self._constants: dict[tuple, tuple] = {}
        self._n_names = 0
        # The nodes of the graph, then those of each nested body under construction.
        self._nodes: list[list] = [[]]

    # ------------------------------------------------------------------ operations

    def op(self, kind, *inputs, n_outputs=1, **attributes):
        """Add an operation, and return its value or a list of its values.

        Parameters
        ----------
        kind : str
            The name of the operation in ONNX.

        *inputs : Value, ndarray, number or None
            The inputs. Arrays and numbers become constants; None leaves an input out.

        n_outputs : int, default=1
            The number of values.

        **attributes : dict
            The attributes of the operation.
        """
        from onnx import helper

        given = ["" if each is None else self.value(each).name for each in inputs]
        outputs = [self._new_value() for _ in range(n_outputs)]
        # Named, because some versions of ONNX Runtime give several unnamed operations
        # the same name.
        name = f"{kind}_{outputs[0].name}"
        names = [value.name for value in outputs]
        self._nodes[-1].append(
            helper.make_node(kind, given, names, name=name, **attributes)
        )
        return outputs[0] if n_outputs == 1 else outputs

    def value(self, given):
        """Return a value as it is, and an array or a number as a constant."""
        if isinstance(given, Value):
            return given
        if isinstance(given, float):
            given = np.float32(given)
        array = np.asarray(given)
        key = array.dtype.str, array.shape, array.tobytes()
        if key not in self._constants:
            self._constants[key] = self._new_value().name, array
        return Value(self, self._constants[key][0])

    def cast(self, value, dtype):
        """Convert to a dtype of NumPy."""
        from onnx import helper

        kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        return self.op("Cast", value, to=kind)

    def size(self, value, axis):
        """Return the size of an axis, an array of one integer."""
        end = {} if axis == -1 else {"end": axis + 1}
        return self.op("Shape", value, start=axis, **end)

    def range(self, n):
        """Return the integers from 0 to n - 1, where n is an array of one integer."""
        return self.op("Range", 0, self.op("Squeeze", n), 1)

    def join(self, *values, axis):
        """Concatenate values along an axis."""
        return self.op("Concat", *values, axis=axis)

    def reshape(self, value, *sizes):
        """Reshape to sizes that are integers, or arrays of one as `size` returns."""
        if all(isinstance(size, int) for size in sizes):
            return self.op("Reshape", value, np.array(sizes))
        shape = (np.array([size]) if isinstance(size, int) else size for size in sizes)
        return self.op("Reshape", value, self.join(*shape, axis=0))

    def expand(self, value, axis):
        """Insert an axis of size one."""
        return self.op("Unsqueeze", value, np.array([axis]))

    def transpose(self, value, *axes):
        """Reorder the axes."""
        return self.op("Transpose", value, perm=axes)

    def cut(self, value, axis, start=0, stop=None, step=1):
        """Return a slice along one axis."""
        limit = np.iinfo(np.int64).max
        if stop is None:
            stop = limit if step > 0 else -limit
        bounds = [np.array([n]) if isinstance(n, int) else n for n in (start, stop)]
        return self.op("Slice", value, *bounds, np.array([axis]), np.array([step]))

    def flip(self, value, axis):
        """Reverse the order along an axis."""
        return self.cut(value, axis, start=-1, step=-1)

    def take(self, rows, indices):
        """Return rows of each sample of (n_samples, n_rows, ...) by their indices."""
        return self.op("GatherND", rows, self.expand(indices, -1), batch_dims=1)

    def sum(self, value, axis, *, keepdims=False):
        """Sum over an axis."""
        axes = np.array([axis])
        return self.op("ReduceSum", value, axes, keepdims=int(keepdims))

    def where(self, condition, value, other):
        """Return elements of `value` where the condition is true, else of `other`."""
        return self.op("Where", condition, value, other)

    def real_and_imaginary(self, values):
        """Return the parts of complex numbers, each with a last axis of size one."""
        return self.op("Split", values, n_outputs=2, axis=-1, num_outputs=2)

    # ------------------------------------------------------------- loops and branches

    def loop(self, n_times, step, state):
        """Repeat a step, and return the state after the last repetition.

        Parameters
        ----------
        n_times : int
            The largest number of repetitions.

        step : callable
            A function that takes the number of the step, a value, and the state. It
            returns a condition under which the loop goes on, and the next state.

        state : list of values
            The first state, at least two values.

        Returns
        -------
        state : list of values
            The last state.
        """
        from onnx import helper

        t, condition, *before = (self._new_value() for _ in range(2 + len(state)))
        with self._body() as nodes:
            goes_on, after = step(t, before)
            # The outputs of a body must be values that operations in it return.
            after = [self.op("Identity", value) for value in (goes_on, *after)]
        body = helper.make_graph(
            nodes,
            f"{t.name}_body",
            [
                _described(t.name, np.int64, []),
                _described(condition.name, np.bool_, []),
                *map(_of_any_type, before),
            ],
            list(map(_of_any_type, after)),
        )
        return self.op("Loop", n_times, True, *state, n_outputs=len(state), body=body)

    def choose(self, condition, *branches):
        """Return the values of the first of two functions if a condition is true.

        Otherwise return those of the second. Both functions return a list of the same
        number of values, at least two.
        """
        from onnx import helper

        bodies = []
        for branch in branches:
            with self._body() as nodes:
                values = [self.op("Identity", value) for value in branch()]
            described = list(map(_of_any_type, values))
            bodies.append(
                helper.make_graph(nodes, f"{values[0].name}_body", [], described)
            )
        return self.op(
            "If",
            condition,
            n_outputs=len(values),
            then_branch=bodies[0],
            else_branch=bodies[1],
        )

    @contextlib.contextmanager
    def _body(self):
        self._nodes.append([])
        try:
            yield self._nodes[-1]
        finally:
            self._nodes.pop()

    def _new_value(self):
        self._n_names += 1
        return Value(self, f"v{self._n_names}")

    # ----------------------------------------------------------------------- model

    def input(self, name):
        """Return an input of the graph."""
        return Value(self, name)

    def model(self, inputs, outputs):
        """Make the model of the graph.

        Parameters
        ----------
        inputs : dict
            The dtype and the shape of each input, by its name.

        outputs : dict
            The value, the dtype and the shape of each output, by its name.

        Returns
        -------
        model : onnx.ModelProto
            The model.
        """
        from onnx import helper, numpy_helper

        for name, (value, *_) in outputs.items():
            self._nodes[0].append(
                helper.make_node("Identity", [value.name], [name], name)
            )
        graph = helper.make_graph(
            self._nodes[0],
            "sklearn_seqadd",
            [_described(name, *of_each) for name, of_each in inputs.items()],
            [_described(name, *of_each) for name, (_, *of_each) in outputs.items()],
            [
                numpy_helper.from_array(array, name)
                for name, array in self._constants.values()
            ],
        )
        opset = helper.make_opsetid("", OPSET)
        return helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)


def _described(name, dtype, shape):
    from onnx import helper

    kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    return helper.make_tensor_value_info(name, kind, shape)


def _of_any_type(value):
    from onnx import ValueInfoProto

    return ValueInfoProto(name=value.name)
