"""Write the companion in half precision that graphics cards take: ``python -m training.half models/deepot.onnx``.

It lies beside the model as ``NAME.fp16.onnx``. Only what learned arithmetic bears it is rounded: the convolutions
between features. Correlation, interpolation and the offsets themselves stay at single precision (see
`training.precision`). ``python -m benchmarks.quantise`` says what the rounding costs. Give a companion to others only
after ``python -m benchmarks.gpu`` has shown on a card that it is faster and that the answers agree.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np


def convert(model: Any) -> None:
    """Put the convolutions of a network into half precision, in place; inputs, outputs and metadata stay as they are.

    Parameters
    ----------
    model : onnx.ModelProto
    """
    from onnx import TensorProto, helper, numpy_helper

    weights = {item.name: item for item in model.graph.initializer}
    elsewhere = {name for node in model.graph.node if node.op_type != "Conv" for name in node.input}
    made: list[Any] = []
    for node in model.graph.node:
        if node.op_type != "Conv":
            made.append(node)
            continue
        for place, name in enumerate(node.input):
            if name in weights and name not in elsewhere:
                if weights[name].data_type == TensorProto.FLOAT:
                    values = numpy_helper.to_array(weights[name]).astype(np.float16)
                    weights[name].CopyFrom(numpy_helper.from_array(values, name))
            elif name:
                node.input[place] = f"{node.name}_half_{place}"
                made.append(helper.make_node("Cast", [name], [node.input[place]], to=TensorProto.FLOAT16))
        answer = node.output[0]
        node.output[0] = f"{node.name}_half"
        made += [node, helper.make_node("Cast", [node.output[0]], [answer], to=TensorProto.FLOAT)]
    del model.graph.node[:]
    model.graph.node.extend(made)
    del model.graph.value_info[:]  # they tell the old types


def main() -> None:
    """Write the companion of a model."""
    import onnx

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parsed = parser.parse_args()
    beside = parsed.model.with_suffix(".fp16.onnx")
    model = onnx.load(str(parsed.model))
    convert(model)
    onnx.checker.check_model(model)
    onnx.save(model, str(beside))
    together = parsed.model.stat().st_size + beside.stat().st_size
    print(f"{beside.name}: {beside.stat().st_size / 1e6:.1f} MB, {together / 1e6:.1f} MB with the model beside it")


if __name__ == "__main__":
    main()
