"""Random scenes: a displacement field, a decorrelation, a sensor and the nuisances of real products."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from deepot_qgis.engine import synthetic
from deepot_qgis.engine.fields import bowl, constant, fault, fractal, lobe, ramp, rotation, undulation

MAX_OFFSET = 15.0
# the share of each family of fields; margins are what is hardest to learn, so most families have some
SHARES = {
    "still": 0.08,
    "constant": 0.06,
    "ramp": 0.07,
    "rotation": 0.02,
    "undulation": 0.09,
    "gentle": 0.10,
    "lobe": 0.15,
    "small lobes": 0.11,
    "nested": 0.05,
    "elements": 0.08,
    "fault": 0.09,
    "elastic": 0.03,
    "bowl": 0.02,
    "fractal": 0.05,
}


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw whose logarithm is uniform."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _vector(rng: np.random.Generator, low: float, high: float) -> tuple[float, float]:
    length, angle = log_uniform(rng, low, high), rng.uniform(0, 2 * np.pi)
    return length * np.cos(angle), length * np.sin(angle)


def _point(rng: np.random.Generator, shape: tuple) -> tuple[float, float]:
    return rng.uniform(0.1, 0.9) * shape[1], rng.uniform(0.1, 0.9) * shape[0]


def _lobe(rng: np.random.Generator, shape: tuple, widest: float = 200.0) -> np.ndarray:
    width = log_uniform(rng, 12, widest)
    length = width * rng.uniform(1, 3)
    # a body cannot move further than it is wide and still be followed
    dx, dy = _vector(rng, 0.1, min(10.0, 0.3 * width))
    margin = rng.uniform(0.7, 2.5) if rng.random() < 0.6 else log_uniform(rng, 0.7, 8)
    return lobe(shape, dx, dy, length, width, margin, rng.uniform(0, 180), _point(rng, shape))


def _gentle(rng: np.random.Generator, shape: tuple) -> np.ndarray:
    """A body that creeps: a motion below the noise of a pixel, plain to see only in the mean over the body."""
    width = log_uniform(rng, 20, 250)
    dx, dy = _vector(rng, 0.03, 0.4)
    margin = log_uniform(rng, 1, max(1.5, width / 4))
    return lobe(shape, dx, dy, width * rng.uniform(1, 2.5), width, margin, rng.uniform(0, 180), _point(rng, shape))


def _elements(rng: np.random.Generator, shape: tuple) -> np.ndarray:
    """A landslide's kinematic elements: neighbouring pieces that each move as one, with uneven borders."""
    count = int(rng.integers(3, 9))
    x, y = np.meshgrid(np.arange(shape[1]), np.arange(shape[0]))
    bent = fractal(shape, rng.uniform(1, 8), 4, rng)
    seeds = rng.uniform(0, 1, (count, 2)) * (shape[1], shape[0])
    nearest = np.argmin([np.hypot(x + bent[0] - sx, y + bent[1] - sy) for sx, sy in seeds], axis=0)
    motion = np.array([(0.0, 0.0) if rng.random() < 0.35 else _vector(rng, 0.15, 6) for _ in range(count)])
    smooth = log_uniform(rng, 0.5, 3)
    return np.stack([ndimage.gaussian_filter(part[nearest], smooth, mode="nearest") for part in motion.T])


def _family(name: str, rng: np.random.Generator, shape: tuple) -> np.ndarray:
    if name == "still":
        return constant(shape, 0, 0)
    if name == "constant":
        return constant(shape, *_vector(rng, 0.02, MAX_OFFSET - 1))
    if name == "ramp":
        return ramp(shape, *_vector(rng, 0.1, 4), rng.uniform(0, 360)) + constant(shape, *_vector(rng, 0.01, 2))
    if name == "rotation":
        return rotation(shape, rng.choice([-1, 1]) * log_uniform(rng, 0.02, 2), _point(rng, shape))
    if name == "undulation":
        wavelength = log_uniform(rng, 30, 300)
        amplitude = min(3.0, wavelength / 25)
        return undulation(shape, *_vector(rng, 0.05, amplitude), wavelength, rng.uniform(0, 180), rng.uniform(0, 6.28))
    if name == "lobe":
        return sum(_lobe(rng, shape) for _ in range(rng.integers(1, 4)))
    if name == "gentle":
        return sum(_gentle(rng, shape) for _ in range(rng.integers(1, 4)))
    if name == "small lobes":
        return sum(_lobe(rng, shape, widest=45.0) for _ in range(rng.integers(3, 9)))
    if name == "elements":
        return _elements(rng, shape)
    if name == "nested":
        outer, centre, angle = _vector(rng, 0.2, 4), _point(rng, shape), rng.uniform(0, 180)
        width, scale = rng.uniform(50, 150), rng.uniform(0.3, 1.5)
        inner = lobe(shape, outer[0] * scale, outer[1] * scale, 0.6 * width, 0.4 * width, 1.5, angle, centre)
        return lobe(shape, *outer, 1.8 * width, width, log_uniform(rng, 0.7, 6), angle, centre) + inner
    if name == "fault":
        return fault(shape, *_vector(rng, 0.2, 10), rng.uniform(0, 180), _point(rng, shape))
    if name == "elastic":
        return fault(shape, *_vector(rng, 0.2, 10), rng.uniform(0, 180), _point(rng, shape), log_uniform(rng, 2, 60))
    if name == "bowl":
        radius = log_uniform(rng, 12, 80)
        return bowl(shape, rng.choice([-1, 1]) * log_uniform(rng, 0.1, min(4, radius / 6)), radius, _point(rng, shape))
    return fractal(shape, log_uniform(rng, 0.05, 2), rng.uniform(3, 5), rng)


def random_field(shape: tuple, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """Offsets (2, H, W) of a random family, now and then with a residual mis-registration, and the family's name."""
    name = str(rng.choice(list(SHARES), p=list(SHARES.values())))
    field = _family(name, rng, shape)
    if name != "still" and rng.random() < 0.3:
        field = field + ramp(shape, *_vector(rng, 0.02, 0.5), rng.uniform(0, 360))
    if name != "still" and rng.random() < 0.35:
        field = field + constant(shape, *_vector(rng, 0.02, 2))
    peak = np.abs(field).max()
    return (field * min(1.0, MAX_OFFSET / max(peak, 1e-9))).astype(np.float32), name


def random_sensor(rng: np.random.Generator) -> synthetic.Sensor:
    """Sampling, weighting and noise of a random sensor."""
    same = rng.uniform(0.5, 0.98)
    return synthetic.Sensor(
        bandwidth_x=same if rng.random() < 0.4 else rng.uniform(0.45, 0.98),
        bandwidth_y=same if rng.random() < 0.4 else rng.uniform(0.45, 0.98),
        taper=rng.uniform(0.54, 1.0),
        noise_db=-rng.uniform(8, 30),
        blur_px=rng.uniform(0.3, 0.9) if rng.random() < 0.2 else 0.0,
    )


def _patches(shape: tuple, share: float, rng: np.random.Generator) -> np.ndarray:
    """Mask of natural-looking patches that cover a share of the image."""
    noise = fractal(shape, 1.0, rng.uniform(3, 4.5), rng)[0]
    return noise > np.quantile(noise, 1 - share)


def random_pair(crop_intensity: np.ndarray, offset: np.ndarray, rng: np.random.Generator) -> dict:
    """Simulated speckle over a real reflectivity: reference and secondary amplitudes, and what was drawn."""
    shape = crop_intensity.shape
    coherence = float(rng.choice([rng.uniform(0.3, 0.99), rng.uniform(0.75, 0.98)], p=[0.75, 0.25]))
    looks = int(rng.choice([1, 2, 3, 4], p=[0.5, 0.12, 0.08, 0.3]))
    coherence_map = np.full(shape, coherence, np.float32)
    intensity, after = crop_intensity, None
    if rng.random() < 0.33:
        patch = _patches(shape, log_uniform(rng, 0.03, 0.5), rng)
        coherence_map[patch] = 0.0 if rng.random() < 0.7 else rng.uniform(0, 0.3)
        kind = rng.choice(["water", "changed", "speckle"])
        if kind == "water":
            level = np.float32(np.quantile(intensity, 0.1) * rng.uniform(0.1, 1))
            intensity = np.where(patch, level, intensity)
        elif kind == "changed":
            turned = np.rot90(intensity, 2)
            after = np.where(patch, turned * np.float32(rng.uniform(0.3, 3)), intensity)
    scatterers = None
    if rng.random() < 0.4:
        scatterers = np.zeros(shape, np.float32)
        where = rng.random(shape) < log_uniform(rng, 1e-4, 5e-3)
        scatterers[where] = np.exp(rng.normal(1.5, 0.7, int(where.sum()))) * np.sqrt(np.median(intensity))
    if rng.random() < 0.25:  # scatterers that blink: there at one date only
        blink = rng.random(shape) < log_uniform(rng, 1e-4, 3e-3)
        bright = intensity * np.exp(rng.normal(3, 1, shape)).astype(np.float32)
        after = intensity if after is None else after
        if rng.random() < 0.5:
            after = np.where(blink, bright, after)
        else:
            intensity = np.where(blink, bright, intensity)
    reference, secondary = synthetic.speckle_pair(
        intensity, offset, coherence_map, looks, rng, random_sensor(rng), scatterers, after
    )
    return {"reference": reference, "secondary": secondary, "coherence": coherence, "looks": looks}


def _decibel_bytes(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """An 8-bit decibel product of the image, read back to linear amplitude."""
    decibel = 20 * np.log10(np.maximum(image, 1e-6))
    low, high = np.quantile(decibel, [rng.uniform(0, 0.01), rng.uniform(0.99, 1)])
    count = np.round(np.clip((decibel - low) / max(high - low, 1) * 254, 0, 254))
    return 10 ** ((low + count * (high - low) / 254) / 20)


def _linear_bytes(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """An 8-bit amplitude picture that saturates."""
    top = np.quantile(image, rng.uniform(0.97, 0.999))
    return np.clip(np.round(image / top * 254), 1, 254)


def degrade(reference: np.ndarray, secondary: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Radiometric change, product formats and holes (0); amplitudes float32 with a mean near 1."""
    shape = reference.shape
    pair = [reference / reference.mean(), secondary / secondary.mean()]
    if rng.random() < 0.3:
        pair[1] = pair[1] * np.exp(fractal(shape, rng.uniform(0.05, 0.3), 4, rng)[0])
    if rng.random() < 0.15:  # an intensity or a compressed amplitude taken for an amplitude
        power = rng.choice([0.5, 2.0])
        pair = [image**power for image in pair]
    roll = rng.random()
    if roll < 0.12:
        pair = [_decibel_bytes(image, rng) for image in pair]
    elif roll < 0.2:
        pair = [_linear_bytes(image, rng) for image in pair]
    pair = [np.clip(image / image.mean(), 1e-3, 1e3) * log_uniform(rng, 0.5, 2) for image in pair]
    if rng.random() < 0.15:
        hole = _patches(shape, log_uniform(rng, 0.02, 0.4), rng)
        if rng.random() < 0.5:  # the straight edge of a swath
            x, y = np.meshgrid(np.arange(shape[1]), np.arange(shape[0]))
            angle = rng.uniform(0, 2 * np.pi)
            distance = (x - shape[1] / 2) * np.cos(angle) + (y - shape[0] / 2) * np.sin(angle)
            hole = distance > rng.uniform(0, 0.5) * shape[0]
        both = rng.random() < 0.6
        pair = [np.where(hole, 0, pair[0]) if both or rng.random() < 0.5 else pair[0], np.where(hole, 0, pair[1])]
    return pair[0].astype(np.float32), pair[1].astype(np.float32)
