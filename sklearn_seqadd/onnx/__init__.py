"""Fitted pipelines as files that ONNX Runtime predicts with, without TensorFlow.

`exporting` writes a file: `tables` stores the fitted attributes of the transformers,
and `layers` writes the layers of the network as operations of a `graph`. `pipeline`
reads the file, and needs neither TensorFlow nor the package `onnx`.

The graph is written by hand on ``onnx.helper``: spox deprecates arithmetic on its
values and cannot infer the types in the loop of the beam search, and the values of
onnxscript have arithmetic only through a handler for the whole process.
"""
