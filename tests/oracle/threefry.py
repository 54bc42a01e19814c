"""Random numbers of JAX's default generator. Run: python3 tests/oracle/threefry.py > tests/oracle/threefry.json"""

import json

import jax
import jax.numpy as jnp

jax.config.update("jax_threefry_partitionable", True)
jax.config.update("jax_enable_x64", True)

SEEDS = [0, 1, 42, 2**32 + 7]
rows = []
for seed in SEEDS:
    key = jax.random.key(seed, impl="threefry2x32")
    words = jax.random.key_data
    rows.append(
        {
            "seed": seed,
            "key": words(key).tolist(),
            "bits": jax.random.bits(key, (2, 3), jnp.uint32).ravel().tolist(),
            "split": words(jax.random.split(key, 3)).ravel().tolist(),
            "foldIn": words(jax.random.fold_in(key, 12345)).tolist(),
            "uniform": jax.random.uniform(key, (8,), jnp.float32).tolist(),
            "uniformRange": jax.random.uniform(key, (8,), jnp.float32, -2.5, 3.25).tolist(),
            "uniformF64": jax.random.uniform(key, (8,), jnp.float64).tolist(),
            "normal": jax.random.normal(key, (8,), jnp.float32).tolist(),
            "normalF64": jax.random.normal(key, (8,), jnp.float64).tolist(),
            "bernoulli": jax.random.bernoulli(key, jnp.float32(0.3), (16,)).astype(int).tolist(),
        }
    )
print(json.dumps({"source": f"JAX {jax.__version__}, jax_threefry_partitionable", "rows": rows}, indent=1))
