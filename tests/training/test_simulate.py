"""The generator in PyTorch makes what the generator in numpy makes: same statistics, same motion."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from deepot_qgis.engine import synthetic, warp  # noqa: E402
from training import pack, recipes, simulate, speckle, train  # noqa: E402

SIZE, COUNT = 64, 6
SENSOR = synthetic.Sensor(bandwidth_x=0.8, bandwidth_y=0.6, taper=0.75, noise_db=-20)


def simulated(offset, coherence, looks=1, sensor=SENSOR, count=COUNT, seed=0):
    """Pairs [N, 2, S, S] on flat ground by the generator in PyTorch."""
    torch.set_num_threads(1)
    flat = torch.ones(count, SIZE, SIZE)
    field = torch.from_numpy(offset)[None].expand(count, -1, -1, -1)
    number = torch.full((count,), float(looks))
    generator = torch.Generator().manual_seed(seed)
    out = speckle.speckle_pairs(flat, flat, field, coherence * flat, number, 0 * flat, [sensor] * count, generator)
    return torch.stack(out, 1).numpy()


def numpy_pairs(offset, coherence, looks=1, sensor=SENSOR, count=COUNT):
    flat = np.ones((SIZE, SIZE), np.float32)
    rng = np.random.default_rng(0)
    return np.stack([synthetic.speckle_pair(flat, offset, coherence, looks, rng, sensor) for _ in range(count)])


def correlation(first, second):
    first, second = first**2 - (first**2).mean(), second**2 - (second**2).mean()
    return float((first * second).mean() / np.sqrt((first**2).mean() * (second**2).mean()))


def statistics(pairs):
    """Mean and contrast of the intensity, its correlation at one px to the right and down, and between the dates."""
    first, second = pairs[:, 0], pairs[:, 1]
    intensity = first**2
    return np.array([
        intensity.mean(), intensity.var() / intensity.mean() ** 2, (second**2).var() / (second**2).mean() ** 2,
        correlation(first[:, :, 1:], first[:, :, :-1]), correlation(first[:, 1:], first[:, :-1]),
        correlation(second[:, :, 1:], second[:, :, :-1]), correlation(first, second),
    ])  # fmt: skip


@pytest.mark.parametrize("looks", [1, 4])
@pytest.mark.parametrize("coherence", [0.0, 0.7])
def test_statistics_are_those_of_the_numpy_generator(looks, coherence):
    still = synthetic.constant((SIZE, SIZE), 0, 0)
    wanted = statistics(numpy_pairs(still, coherence, looks))
    found = statistics(simulated(still, coherence, looks))
    assert np.abs(found - wanted).max() < 0.12
    assert found[1] == pytest.approx(1 / looks, rel=0.15)  # fully developed speckle
    assert found[-1] == pytest.approx(coherence**2, abs=0.05)  # of intensities


def test_smoothing_and_noise_of_the_sensor_arrive():
    still = synthetic.constant((SIZE, SIZE), 0, 0)
    for changed in (replace(SENSOR, blur_px=0.8), replace(SENSOR, noise_db=0.0)):
        wanted, found = (make(still, 0.8, 1, changed) for make in (numpy_pairs, simulated))
        assert np.abs(statistics(found) - statistics(wanted)).max() < 0.15


@pytest.mark.parametrize("shift", [(2.0, -1.0), (-0.5, 0.25)])
def test_the_second_image_shows_the_ground_moved(shift):
    # half a band, so that the intensity itself may be interpolated
    sensor = synthetic.Sensor(bandwidth_x=0.45, bandwidth_y=0.45, noise_db=-60)
    pairs = simulated(synthetic.constant((SIZE, SIZE), *shift), 1.0, sensor=sensor)
    x, y = warp.pixel_grid((SIZE, SIZE))
    inner = (slice(8, -8), slice(8, -8))
    first, second = pairs[0]
    back = warp.sample(second**2, x + shift[0], y + shift[1])
    unmoved = warp.sample(second**2, x, y)
    assert np.corrcoef(first[inner].ravel() ** 2, back[inner].ravel())[0, 1] > 0.97
    assert np.corrcoef(first[inner].ravel() ** 2, unmoved[inner].ravel())[0, 1] < 0.93


def test_a_field_is_inverted_like_the_engine_inverts_it():
    offset = synthetic.lobe((SIZE, SIZE), 3, -1, 40, 24)
    wanted, _ = warp.inverse_map(offset)
    found, _ = speckle.inverse_map(torch.from_numpy(offset)[None])
    assert np.abs(found[0].numpy() - wanted).max() < 0.02


def test_the_sampler_is_the_engines():
    image = synthetic.fractal((40, 40), 1, 2, np.random.default_rng(0))
    position = np.random.default_rng(1).uniform(-3, 43, (2, 30, 30)).astype(np.float32)
    for taps in (6, 8):
        wanted = warp.sample(image, position[0], position[1], taps)
        found = speckle.sample(torch.from_numpy(image)[None], torch.from_numpy(position)[None], taps)
        assert np.abs(found[0].numpy() - wanted).max() < 5e-3
    whole = torch.complex(*torch.from_numpy(image))[None, None]
    found = speckle.sample(whole, torch.from_numpy(position)[None])
    assert np.abs(found[0, 0].real.numpy() - wanted[0]).max() < 5e-3


def test_scatterers_that_stay_are_coherent_in_incoherent_ground():
    still = torch.zeros(COUNT, 2, SIZE, SIZE)
    flat = torch.ones(COUNT, SIZE, SIZE)
    points = torch.zeros_like(flat)
    points[:, ::8, ::8] = 10
    generator = torch.Generator().manual_seed(0)
    looks = torch.ones(COUNT)
    sensors = [SENSOR] * COUNT
    first, second = speckle.speckle_pairs(flat, flat, still, 0 * flat, looks, points, sensors, generator)
    assert correlation(first.numpy(), second.numpy()) > 0.7


@pytest.fixture(scope="module")
def ground():
    """A pack of textures, no imagery."""
    rng = np.random.default_rng(0)
    shape = (pack.TILE, pack.TILE)
    images = [np.exp(synthetic.fractal(shape, 0.5, 2.5, rng)[0]) for _ in range(3)]
    tiles = pack.quantise(images)
    iq = rng.normal(0, 20, (3, *shape, 2)).astype(np.int8)
    shift = np.zeros((3, 2), np.float32)
    return pack.Pack(tiles, np.array([True, False, True]), tiles, tiles, tiles, shift, iq, tiles)


def test_a_pack_is_read_back(ground, tmp_path):
    path = tmp_path / "ground.npz"
    pack.save(ground, path)
    again = pack.load(path)
    assert np.array_equal(again.ground.counts, ground.ground.counts) and np.array_equal(again.iq, ground.iq)
    with pytest.raises(FileNotFoundError, match=r"training\.pack"):
        pack.load(tmp_path / "none.npz")
    np.savez(path, other=1)
    with pytest.raises(ValueError, match="ground"):
        pack.load(path)


def test_eight_bits_hold_an_image():
    image = np.exp(synthetic.fractal((pack.TILE, pack.TILE), 1.0, 2.5, np.random.default_rng(0))[0])
    tiles = pack.quantise([image])
    again = np.exp(tiles.low[0] + tiles.step[0] * tiles.counts[0].astype(np.float32))
    assert np.abs(again / image - 1).max() < 0.03


def test_same_seed_same_pairs(ground):
    simulator = simulate.Simulator(ground, 48)
    first, again, other = (simulator.draw(1, step, 8) for step in (5, 5, 6))
    assert all(torch.equal(a, b) for a, b in zip(first, again))
    assert not torch.equal(first[0], other[0])


@pytest.mark.parametrize("kind", list(recipes.KINDS))
def test_every_kind_is_a_pair_of_amplitudes(ground, kind):
    batch = [replace(recipe, kind=kind) for recipe in recipes.draw_batch(ground, 48, 3, 0, 10)]
    images, offset = simulate.Simulator(ground, 48).make([replace(r, tile=r.tile % 3) for r in batch], 3, 0)
    assert images.shape == offset.shape == (10, 2, 48, 48) and images.dtype == torch.float32
    assert torch.isfinite(images).all() and (images >= 0).all()
    filled = images[images > 0]
    assert 1e-4 < float(filled.mean()) < 1e4


@pytest.mark.parametrize("kind", ["simulated", "real speckle", "picture", "repeat"])
def test_every_kind_moves_the_ground(ground, kind):
    plain = recipes.Finish(0.0, 1.0, "", (0, 1), (1, 1), None)
    field = synthetic.constant((64, 64), 3, -2)
    batch = [
        replace(recipe, kind=kind, family="constant", offset=field, coherence=0.95, looks=8.0, patch=None,
                tile=recipe.tile % 3, blinking=0.0, scatterers=0.0, finish=plain, shift=(0.0, 0.0))
        for recipe in recipes.draw_batch(ground, 64, 4, 0, 2)
    ]  # fmt: skip
    images, _ = simulate.Simulator(ground, 64).make(batch, 4, 0)
    for first, second in images.numpy():
        moved = np.log(second[10:-12, 14:-8]), np.log(first[12:-10, 11:-11])
        still = np.log(second[12:-10, 11:-11])
        assert np.corrcoef(moved[0].ravel(), moved[1].ravel())[0, 1] > 0.6
        assert (
            np.corrcoef(moved[0].ravel(), moved[1].ravel())[0, 1] > np.corrcoef(still.ravel(), moved[1].ravel())[0, 1]
        )


def test_holes_and_incoherent_patches_cover_their_share(ground):
    hole = recipes.Hole(share=0.3, exponent=4, angle=None, distance=0, in_reference=False)
    plain = recipes.Finish(0.0, 1.0, "", (0, 1), (1, 1), hole)
    batch = [replace(r, kind="simulated", tile=0, finish=plain) for r in recipes.draw_batch(ground, 64, 5, 0, 3)]
    images, _ = simulate.Simulator(ground, 64).make(batch, 5, 0)
    assert (images[:, 0] > 0).all()
    assert (images[:, 1] == 0).float().mean((1, 2)).numpy() == pytest.approx(np.full(3, 0.3), abs=0.02)


def test_eight_bit_products_have_few_levels(ground):
    for encoding, quantiles in (("decibel", (0.005, 0.995)), ("linear", (0, 0.98))):
        finish = recipes.Finish(0.0, 1.0, encoding, quantiles, (1, 1), None)
        batch = [replace(r, kind="simulated", tile=0, finish=finish) for r in recipes.draw_batch(ground, 64, 6, 0, 2)]
        images, _ = simulate.Simulator(ground, 64).make(batch, 6, 0)
        assert all(20 < len(torch.unique(image)) <= 255 for pair in images for image in pair)


def test_training_takes_its_pairs_from_a_pack(ground, tmp_path):
    pack.save(ground, tmp_path / "ground.npz")
    options = train.TrainOptions(
        architecture="unet", run=str(tmp_path / "run"), pairs=str(tmp_path / "ground.npz"), held_out="", batch=2,
        network={"widths": (8, 8, 8, 8)}, size=48, device="cpu",
    )  # fmt: skip
    training = train.Training(options)
    loss, error = training.one_step(training.open_pairs())
    assert np.isfinite(loss) and np.isfinite(error) and training.step == 1


@pytest.mark.slow
def test_recipes_drawn_by_other_processes_are_the_same(ground, tmp_path):
    pack.save(ground, tmp_path / "ground.npz")
    wanted = simulate.Simulator(ground, 48).draw(2, 1, 2)
    simulator = simulate.PrefetchedSimulator(tmp_path / "ground.npz", 48, "cpu", workers=1)
    simulator.draw(2, 0, 2)
    assert all(torch.equal(a, b) for a, b in zip(simulator.draw(2, 1, 2), wanted))
