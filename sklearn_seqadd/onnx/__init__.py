"""Fitted pipelines as files that ONNX Runtime answers from, without TensorFlow.

`exporting` writes such a file: `tables` holds what the transformers have learned, and
`layers` turns those of the network into the operations of a `graph`. `pipeline` reads
it, for which it needs neither TensorFlow nor the package `onnx`.
"""
