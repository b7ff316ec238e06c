"""A graph of ONNX operations, written as arithmetic on its values."""

import contextlib

import numpy as np

# The newest operators that are used, and the format that is as old as they are: ONNX
# Runtime reads them from 1.14 on.
OPSET = 18
IR_VERSION = 8


class Value:
    """What an operation of a graph returns, on which there is arithmetic.

    Attributes
    ----------
    name : str
        By which the operations of the graph know it.

    mask : Value or None
        Which of its steps hold no padding, as Keras keeps it.

    shape : tuple or None
        Its shape as Keras knows it, if it came out of a layer.
    """

    __array_ufunc__ = None  # an array on the left leaves the operation to this class

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
    """Operations and constants, from which a model is made at last."""

    def __init__(self):
        self._constants: dict[tuple, tuple] = {}
        self._n_names = 0
        # The nodes of the graph, and of the bodies within it that are being made.
        self._nodes: list[list] = [[]]

    # ------------------------------------------------------------------ operations

    def op(self, kind, *inputs, n_outputs=1, **attributes):
        """An operation of ONNX by its name there; its value, or several in a list.

        Inputs are values, or arrays and numbers, which become constants; None leaves
        one out.
        """
        from onnx import helper

        given = ["" if each is None else self.value(each).name for each in inputs]
        outputs = [self._new_value() for _ in range(n_outputs)]
        # Of unnamed operations some versions of ONNX Runtime make several of one name.
        name = f"{kind}_{outputs[0].name}"
        names = [value.name for value in outputs]
        self._nodes[-1].append(
            helper.make_node(kind, given, names, name=name, **attributes)
        )
        return outputs[0] if n_outputs == 1 else outputs

    def value(self, given):
        """A value as it is; an array or a number as a constant."""
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
        from onnx import helper

        kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        return self.op("Cast", value, to=kind)

    def size(self, value, axis):
        """How long an axis is, an array of one integer."""
        end = {} if axis == -1 else {"end": axis + 1}
        return self.op("Shape", value, start=axis, **end)

    def range(self, n):
        """The integers from 0 up to an array of one."""
        return self.op("Range", 0, self.op("Squeeze", n), 1)

    def join(self, *values, axis):
        return self.op("Concat", *values, axis=axis)

    def reshape(self, value, *sizes):
        """With sizes that are integers, or arrays of one as `size` returns."""
        if all(isinstance(size, int) for size in sizes):
            return self.op("Reshape", value, np.array(sizes))
        shape = (np.array([size]) if isinstance(size, int) else size for size in sizes)
        return self.op("Reshape", value, self.join(*shape, axis=0))

    def expand(self, value, axis):
        """With one axis more, of length one."""
        return self.op("Unsqueeze", value, np.array([axis]))

    def transpose(self, value, *axes):
        return self.op("Transpose", value, perm=axes)

    def cut(self, value, axis, start=0, stop=None, step=1):
        """A slice along one axis."""
        limit = np.iinfo(np.int64).max
        if stop is None:
            stop = limit if step > 0 else -limit
        bounds = [np.array([n]) if isinstance(n, int) else n for n in (start, stop)]
        return self.op("Slice", value, *bounds, np.array([axis]), np.array([step]))

    def flip(self, value, axis):
        return self.cut(value, axis, start=-1, step=-1)

    def take(self, rows, indices):
        """Of each sample the rows (n_samples, n_rows, ...) at some indices."""
        return self.op("GatherND", rows, self.expand(indices, -1), batch_dims=1)

    def sum(self, value, axis, *, keepdims=False):
        axes = np.array([axis])
        return self.op("ReduceSum", value, axes, keepdims=int(keepdims))

    def where(self, condition, value, other):
        return self.op("Where", condition, value, other)

    def real_and_imaginary(self, values):
        """The parts of complex numbers, each with a last axis of length one."""
        return self.op("Split", values, n_outputs=2, axis=-1, num_outputs=2)

    # ------------------------------------------------------------- loops and branches

    def loop(self, n_times, step, state):
        """What a state is after a number of steps.

        Parameters
        ----------
        n_times : int

        step : callable
            From the number of the step, a value, and the state to whether to go on,
            and to the state after it.

        state : list of values
        """
        from onnx import helper

        t, before, *given = (self._new_value() for _ in range(2 + len(state)))
        with self._body() as nodes:
            goes_on, after = step(t, given)
            # What leaves a body must be made in it.
            after = [self.op("Identity", value) for value in (goes_on, *after)]
        body = helper.make_graph(
            nodes,
            f"{t.name}_body",
            [
                _described(t.name, np.int64, []),
                _described(before.name, np.bool_, []),
                *map(_of_any_type, given),
            ],
            list(map(_of_any_type, after)),
        )
        return self.op("Loop", n_times, True, *state, n_outputs=len(state), body=body)

    def choose(self, condition, *branches):
        """What the first of two functions returns, or the other without a condition.

        Both return as many values, more than one.
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
        return Value(self, name)

    def model(self, inputs, outputs):
        """The model of the graph.

        Parameters
        ----------
        inputs, outputs : dict
            By name the dtype and the shape; of outputs the value before them.

        Returns
        -------
        model : onnx.ModelProto
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
