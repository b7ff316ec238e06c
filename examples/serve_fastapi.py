"""
A pipeline as a service
=======================

A small web service that answers sums, with `FastAPI <https://fastapi.tiangolo.com>`_
and ONNX Runtime, and without TensorFlow in its process. It is not run here, as it would
not end; :ref:`serving` has the story.

.. code-block:: bash

    pip install sklearn_seqadd[onnx] fastapi uvicorn
    python serve_fastapi.py sums.onnx --learn   # once: learn, and write the file
    python serve_fastapi.py sums.onnx
    curl localhost:8000/answers -H "Content-Type: application/json" \
        -d '{"questions": ["12+50", "7+8"]}'

``{"answers":["62","15"]}`` comes back. What cannot be answered is refused with a text
that says why: with status 422 what is no list of strings, and with 400 what the
pipeline refuses.
"""

import argparse
from typing import Annotated

import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

from sklearn_seqadd import OnnxPipeline

# %%
# What goes in and what comes out. Limits keep a single request from taking all memory.

Question = Annotated[str, Field(max_length=200)]


class Questions(BaseModel):
    questions: Annotated[list[Question], Field(min_length=1, max_length=1000)]


class Answers(BaseModel):
    answers: list[str]


# %%
# The file is read once. FastAPI runs a function that is not ``async`` in a thread, and
# threads may share an OnnxPipeline.


def make_app(path):
    """The service that answers with a file of export_onnx."""
    pipeline = OnnxPipeline(path)
    app = FastAPI(title="Sums")

    @app.post("/answers")
    def answer(asked: Questions) -> Answers:
        try:
            return Answers(answers=pipeline.predict(asked.questions).tolist())
        except ValueError as error:
            raise HTTPException(400, str(error)) from error

    return app


# %%
# Learning needs TensorFlow, and is done elsewhere. A pipeline that serves strangers
# should refuse strings that are too long, and symbols that it has never seen, where it
# would otherwise cut and replace them with a warning.


def learn(path):
    """Learn sums of two digits, and write the file."""
    from sklearn_seqadd import export_onnx, make_addition, make_seq2seq_pipeline

    X, y = make_addition(5000, largest=99, random_state=0)
    pipe = make_seq2seq_pipeline(decoder="attention", random_state=0).fit(X, y)
    pipe.set_params(
        sequencepadder__handle_overlong="error",
        sequenceintegerencoder__handle_unknown="error",
    )
    export_onnx(pipe, path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Answer sums over HTTP.")
    parser.add_argument("path", help="a file that export_onnx has written")
    parser.add_argument("--learn", action="store_true", help="write the file first")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    if options.learn:
        learn(options.path)
    else:
        uvicorn.run(make_app(options.path), port=options.port, log_level="warning")
