"""Keras weight files become ONNX files of the same network, without TensorFlow."""

from __future__ import annotations

import json

import numpy as np
import pytest

h5py = pytest.importorskip("h5py", reason="h5py is not installed (make train-setup)")
onnx = pytest.importorskip("onnx", reason="onnx is not installed (make train-setup)")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (make train-setup)")

from deepot_qgis.engine.model import NetworkEstimator  # noqa: E402
from training import import_keras, keras_graphs  # noqa: E402
from training.keras_graphs import ARCHITECTURES, depths, weighted  # noqa: E402

FILTERS = {"unet": [3, 4, 5], "unetpp": [2, 3, 4, 5, 6]}
CLASSES = {"conv": "conv2d", "up": "conv2d_transpose", "norm": "batch_normalization"}
PARTS = {
    "conv": ("kernel", "bias"),
    "up": ("kernel", "bias"),
    "norm": ("gamma", "beta", "moving_mean", "moving_variance"),
}


def random_array(kind, shape, rng):
    """Weights under which no layer is idle."""
    if len(shape) == 4:
        return rng.normal(0, 1.6 / np.sqrt(np.prod(shape[:3])), shape)
    return rng.uniform(0.5, 1.5, shape) if kind == "norm" else rng.normal(0, 0.2, shape)


def arrays_of(operations, seed=7):
    rng = np.random.default_rng(seed)
    return {one.name: [random_array(one.kind, shape, rng) for shape in one.shapes] for one in weighted(operations)}


def keras_names(operations, start=0):
    """Names that Keras gives: classes numbered as created, the head by name."""
    counts, names = dict.fromkeys(CLASSES, start), {}
    for one in weighted(operations):
        number = counts[one.kind]
        counts[one.kind] += 1
        names[one.name] = CLASSES[one.kind] + (f"_{number}" if number else "")
    names[operations[-1].name] = "output"
    return names


def save(path, form, operations, arrays, start=0):
    """Write weights the way Keras does: layers in the order of their depth."""
    depth, names = depths(operations), keras_names(operations, start)
    ordered = sorted(weighted(operations), key=lambda one: -depth[one.name])
    with h5py.File(path, "w") as file:
        if form in ("plain", "model"):
            root = file.create_group("model_weights") if form == "model" else file
            root.attrs["layer_names"] = [b"input_1", *(names[one.name].encode() for one in ordered)]
            root.create_group("input_1").attrs["weight_names"] = np.zeros(0, "S1")
            for one in ordered:
                group, layer = root.create_group(names[one.name]), names[one.name]
                parts = [f"{layer}/{part}:0" for part in PARTS[one.kind]]
                group.attrs["weight_names"] = [part.encode() for part in parts]
                for part, array in zip(parts, arrays[one.name]):
                    group[part] = array.astype(np.float32)
            return
        counts = dict.fromkeys(CLASSES, 0)
        file.create_group("layers/activation/vars").attrs["name"] = "activation_3"
        for one in ordered:
            number = counts[one.kind]
            counts[one.kind] += 1
            group = file.create_group(f"layers/{CLASSES[one.kind]}{f'_{number}' if number else ''}/vars")
            if form == "named":
                group.attrs["name"] = names[one.name]
            for place, array in enumerate(arrays[one.name]):
                group[str(place)] = array.astype(np.float32)


def torch_step(torch, kind, x, w):
    f = torch.nn.functional
    if kind == "concat":
        return torch.cat(x, 1)
    if kind == "conv":
        return f.conv2d(x[0], w[0].permute(3, 2, 0, 1), w[1], padding="same")
    if kind == "up":
        return f.conv_transpose2d(x[0], w[0].permute(3, 2, 0, 1), w[1], stride=2)
    if kind == "norm":
        return f.batch_norm(x[0], w[2], w[3], w[0], w[1], eps=1e-3)
    return f.relu(x[0]) if kind == "relu" else f.max_pool2d(x[0], 2)


def run(*arguments):
    return import_keras.main([str(argument) for argument in arguments])


@pytest.mark.parametrize(
    ("architecture", "filters", "parameters", "convolutions"),
    [
        # what TensorFlow's count_params says of the package's own sizes, moving averages included
        ("unet", [64, 128, 256, 512, 1024], 31_054_786, 19),
        ("unetpp", [32, 64, 128, 256, 512, 1024], 36_487_074, 43),
    ],
)
def test_the_networks_have_the_parameters_of_the_package(architecture, filters, parameters, convolutions):
    operations = ARCHITECTURES[architecture](filters)
    count = sum(int(np.prod(shape)) for one in weighted(operations) for shape in one.shapes)
    assert count == parameters
    assert sum(one.kind == "conv" for one in operations) == convolutions
    assert keras_graphs.levels(architecture, convolutions) == len(filters)


@pytest.mark.parametrize("architecture", ["unet", "unetpp"])
@pytest.mark.parametrize("form", ["plain", "model", "named", "nameless"])
@pytest.mark.parametrize("start", [0, 8])
def test_every_form_of_file_gives_every_layer_its_own_weights(tmp_path, architecture, form, start):
    operations = ARCHITECTURES[architecture](FILTERS[architecture])
    arrays = arrays_of(operations)
    save(tmp_path / "w.h5", form, operations, arrays, start)
    assert run(tmp_path / "w.h5", "--architecture", architecture, "--out", tmp_path / "n.onnx") == 0
    held = {
        item.name: onnx.numpy_helper.to_array(item) for item in onnx.load(str(tmp_path / "n.onnx")).graph.initializer
    }
    for name, parts in arrays.items():
        for place, array in enumerate(parts):
            wanted = array.transpose(3, 2, 0, 1) if array.ndim == 4 else array
            assert np.array_equal(held[f"{name}_{place}"], wanted.astype(np.float32)), name


@pytest.mark.parametrize("architecture", ["unet", "unetpp"])
def test_the_graph_computes_what_the_layers_mean(tmp_path, architecture):
    """Once more in PyTorch, straight from the arrays as Keras keeps them."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")
    operations = ARCHITECTURES[architecture](FILTERS[architecture])
    arrays = arrays_of(operations, seed=7)
    save(tmp_path / "w.h5", "named", operations, arrays)
    percentiles = ("--percentiles", 0, 100)
    assert run(tmp_path / "w.h5", "--architecture", architecture, "--out", tmp_path / "n.onnx", *percentiles) == 0
    images = np.random.default_rng(1).gamma(2, 30, (2, 256, 256)).astype(np.float32) + 1
    fed = [(image - image.min()) / np.ptp(image) for image in images]
    values = dict(zip(("input0", "input1"), (torch.tensor(image)[None, None] for image in fed)))
    for one in operations[2:]:
        w = [torch.tensor(array, dtype=torch.float32) for array in arrays.get(one.name, ())]
        values[one.name] = torch_step(torch, one.kind, [values[name] for name in one.inputs], w)
    dy, dx = values[operations[-1].name][0].numpy()
    estimate = NetworkEstimator(str(tmp_path / "n.onnx"), "cpu").estimate(*images)
    assert np.ptp(dx) > 0.1
    assert np.abs(estimate.offset - np.stack([dx, dy])).max() < 1e-4 * max(1, np.abs(dx).max(), np.abs(dy).max())


def test_the_metadata_say_how_the_network_is_run(tmp_path, capsys):
    operations = ARCHITECTURES["unet"]([3, 4, 5])
    save(tmp_path / "w.h5", "plain", operations, arrays_of(operations))
    options = ("--name", "theirs", "--reversed", "--max-offset", 5, "--sigma-floor", 0.2, "--licence", "MIT")
    assert run(tmp_path / "w.h5", "--architecture", "unet", "--out", tmp_path / "n.onnx", *options) == 0
    assert "offsets from secondary to reference" in capsys.readouterr().out
    network = NetworkEstimator(str(tmp_path / "n.onnx"), "cpu")
    assert (network.name, network.max_offset_px, network.tile_px, network.tile_multiple) == ("theirs", 5, 256, 4)
    assert network.adapter.offset_sign == (-1, -1) and network.adapter.offset_order == "yx"
    assert network.adapter.sigma.floor_px == 0.2 and "not measured" in network.adapter.sigma.source
    items = {item.key: json.loads(item.value) for item in onnx.load(str(tmp_path / "n.onnx")).metadata_props}
    assert items["licence"] == "MIT" and items["training"]["form"] == "weights of Keras 2 (.h5)"
    assert len(items["training"]["sha256"]) == 64


def test_networks_without_batch_normalisation_are_read(tmp_path):
    operations = keras_graphs.unet([3, 4, 5], norm=False)
    save(tmp_path / "w.h5", "plain", operations, arrays_of(operations))
    assert run(tmp_path / "w.h5", "--architecture", "unet", "--out", tmp_path / "n.onnx") == 0


def test_what_cannot_be_imported_is_said_in_a_sentence(tmp_path, capsys):
    operations = ARCHITECTURES["unet"]([3, 4, 5])
    arrays = arrays_of(operations)
    good = tmp_path / "good.h5"
    save(good, "plain", operations, arrays)
    (tmp_path / "text.h5").write_text("hello")
    (tmp_path / "zip.keras").write_bytes(b"PK\x03\x04")
    (tmp_path / "lfs.h5").write_text("version https://git-lfs.github.com/spec/v1")
    (tmp_path / "cut.h5").write_bytes(good.read_bytes()[:3000])
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["data"] = np.zeros(3)
    save(
        tmp_path / "nan.h5",
        "plain",
        operations,
        {**arrays, "conv1": [np.full_like(a, np.nan) for a in arrays["conv1"]]},
    )
    with h5py.File(tmp_path / "strange.h5", "w") as file:
        file.attrs["layer_names"] = [b"lstm"]
        file.create_group("lstm").attrs["weight_names"] = [b"kernel"]
        file["lstm/kernel"] = np.zeros((2, 2))
    for name, architecture, words in (
        ("gone.h5", "unet", "There is no file"),
        ("text.h5", "unet", "is not an HDF5 file; open the model"),
        ("zip.keras", "unet", "unpack model.weights.h5"),
        ("lfs.h5", "unet", "git lfs pull"),
        ("cut.h5", "unet", "is damaged"),
        ("other.h5", "unet", "no weight file of Keras (it holds data)"),
        ("nan.h5", "unet", "weights that are no numbers ('conv1')"),
        ("strange.h5", "unet", "the layer 'lstm'"),
        ("good.h5", "unetpp", "holds 11 convolutions, and no unetpp has so many"),
    ):
        assert run(tmp_path / name, "--architecture", architecture, "--out", tmp_path / "n.onnx") == 1, name
        captured = capsys.readouterr()
        assert words in captured.err and captured.err.count("\n") == 1, captured.err
        assert not list(tmp_path.glob("n.onnx*"))


def test_a_network_of_another_shape_is_refused(tmp_path, capsys):
    operations = ARCHITECTURES["unet"]([3, 4, 5])
    arrays = arrays_of(operations)
    arrays["up0"][0] = arrays["up0"][0][:, :, :, :2]
    save(tmp_path / "w.h5", "plain", operations, arrays)
    assert run(tmp_path / "w.h5", "--architecture", "unet", "--out", tmp_path / "n.onnx") == 1
    assert (
        "'up0' needs weights of shape ((2, 2, 4, 5), (4,)), the file has ((2, 2, 4, 2), (4,))"
        in capsys.readouterr().err
    )
