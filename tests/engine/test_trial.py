"""The check of a model file: says what it says, runs it, and tells exchanged axes and signs."""

import pytest

from deepot_qgis.engine import cli
from deepot_qgis.engine.model import estimator as model
from deepot_qgis.engine.model import trial

from . import adapted, networks


def verdict(tmp_path, offset, **items):
    path = networks.write(tmp_path / "n.onnx", offset=offset, metadata=items or None)
    return trial.known_motion(model.NetworkEstimator(path, "cpu")).verdict()


@pytest.mark.parametrize(
    ("offset", "words"),
    [
        ((2.1, -0.7), "axes and signs fit"),
        ((-2, 0.8), "turn both of 'offset_sign'"),
        ((-2, -0.8), "turn the first of 'offset_sign'"),
        ((2, 0.8), "turn the second of 'offset_sign'"),
        ((-0.8, 2), "change 'offset_order'\\."),
        ((0.8, -2), "both signs are the other ones: change 'offset_order' and"),
        ((0.8, 2), "one sign is the other one"),
        ((0.01, 0), "next to nothing"),
        ((20, -8), "10.00 times as much: correct 'offset_scale'"),
        ((5, 5), "'input_scaling'"),
        ((-2.61, 0.42), "'input_scaling'"),
    ],
)
def test_a_known_motion_tells_what_is_wrong(tmp_path, offset, words):
    import re

    assert re.search(words, verdict(tmp_path, offset))


def test_the_motion_stays_within_reach(tmp_path):
    assert "(0.38, -0.15) px is answered" in verdict(tmp_path, (0.38, -0.15), max_offset_px=0.5)


def test_the_bundled_model_passes():
    network = model.NetworkEstimator(model.DEFAULT_MODEL, "cpu")
    assert trial.known_motion(network).fits


def test_the_command_line_checks_a_file(tmp_path, capsys):
    path = adapted.write(tmp_path / "foreign.onnx", {"colour": "grey"})
    assert cli.main(["models", path]) == 0
    printed = capsys.readouterr().out
    for words in (
        "foreign.onnx keeps the model contract.", "Name: foreign 0.0.1 (test), licence CC0-1.0",
        "Tiles: 128 x 128 px, 16 px of context, blended over 32 px",
        "Inputs: input_1 (reference) and input_2 (secondary), NHWC",
        "amplitude of each image clipped at the percentiles 1 and 99 and stretched to 0..1",
        "channels yx, x as it is and y as it is, 1 px a unit", "Sigma: 0.25 px everywhere (test)",
        "Items that nobody reads: colour (is one misspelt?)", "Mpx/s", "A known motion of (2.00, -0.80) px is answered",
    ):  # fmt: skip
        assert words in printed
    bad = adapted.write(tmp_path / "bad.onnx", {"layout": "NWHC"})
    assert cli.main(["models", bad]) == 1
    captured = capsys.readouterr()
    assert captured.out == "" and "'layout' is 'NWHC'" in captured.err
