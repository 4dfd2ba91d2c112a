"""Tensors of each common block format of GGUF, and metadata of each type: `python tests/golden/make/make_gguf.py tests/golden/data/gguf`."""
import json
import sys
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Q
from gguf import quants
from safetensors.numpy import save_file


def dump(path, obj):
    path.write_text(json.dumps(obj, indent=1) + "\n")


def make_gguf(out):
    """tensors.gguf: one tensor per type (plus 1-D and 3-D F32) and metadata of every value type; expected.safetensors:
    <name> float32 as gguf.quants.dequantize gives it (numpy shape order: GGUF stores dimensions reversed), and
    src.<name>, the float32 values that gguf.quants.quantize turned into the file's bytes, where it can;
    metadata.json: the key-values.  align64.gguf: general.alignment 64.  K-quants: random bytes with sane scales."""
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(7)
    # byte offsets of the float16 scales in a block of a K-quant
    scales = {Q.Q2_K: (80, 82), Q.Q3_K: (108,), Q.Q4_K: (0, 2), Q.Q5_K: (0, 2), Q.Q6_K: (208,)}
    expected, writer = {}, gguf.GGUFWriter(out / "tensors.gguf", "llama")
    meta = {"golden.u8": 200, "golden.i8": -100, "golden.u16": 60000, "golden.i16": -30000, "golden.u32": 4000000000,
            "golden.i32": -2000000000, "golden.u64": 2**53 + 1, "golden.i64": -(2**53) - 1, "golden.f32": 0.15625,
            "golden.f64": 0.1, "golden.bool": True, "golden.str": "h\u00e9llo \U0001f600", "golden.strs": ["a", "", "\u4e2d"],
            "golden.ints": [1, -2, 3], "golden.floats": [0.5, -1.5]}
    adders = dict(u8="uint8", i8="int8", u16="uint16", i16="int16", u32="uint32", i32="int32", u64="uint64", i64="int64",
                  f32="float32", f64="float64", bool="bool", str="string", strs="array", ints="array", floats="array")
    for k, v in meta.items():
        getattr(writer, "add_" + adders[k.split(".")[1]])(k, v)
    for q in (Q.F32, Q.F16, Q.BF16, Q.Q8_0, Q.Q4_0, Q.Q4_1, Q.Q5_0, Q.Q5_1, *scales):
        name, shape = q.name.lower(), (4, 512)
        if q in scales:
            block, size = gguf.GGML_QUANT_SIZES[q]
            raw = rng.integers(0, 256, (4, 512 // block, size), dtype=np.uint8)
            for off in scales[q]:
                d = (rng.uniform(0.001, 0.02, raw.shape[:2]) * rng.choice([1, 1, 1, -1], raw.shape[:2])).astype("<f2")
                raw[..., off:off + 2] = d[..., None].view(np.uint8)
            raw = raw.reshape(4, -1)
        else:
            src = rng.standard_normal(shape).astype(np.float32)
            src[1] *= np.exp(rng.uniform(-4, 4, shape[1])).astype(np.float32)  # a wide row
            src[2, :32], src[2, 32:64], src[2, 64:96] = 0.0, 1.0, -2.5          # constant blocks
            src[3, :5] = [6e-8, -6e-5, 0.1, -1e-3, 240.0]                       # half subnormals, a large value
            expected["src." + name] = src
            raw = quants.quantize(src, q)
        expected[name] = np.ascontiguousarray(quants.dequantize(raw, q), dtype=np.float32).reshape(shape)
        writer.add_tensor(name, raw, raw_dtype=q)
    for name, shape in (("vector", (7,)), ("cube", (2, 3, 5))):
        expected[name] = rng.standard_normal(shape).astype(np.float32)
        writer.add_tensor(name, expected[name])
    writer.write_header_to_file(); writer.write_kv_data_to_file(); writer.write_tensors_to_file(); writer.close()
    writer = gguf.GGUFWriter(out / "align64.gguf", "llama")
    writer.add_custom_alignment(64)
    for name in ("vector", "cube"): writer.add_tensor(name, expected[name])
    writer.write_header_to_file(); writer.write_kv_data_to_file(); writer.write_tensors_to_file(); writer.close()
    save_file(expected, out / "expected.safetensors")
    dump(out / "metadata.json", {"general.architecture": "llama",
                                 **{k: str(v) if k in ("golden.u64", "golden.i64") else v for k, v in meta.items()},
                                 "note": "golden.u64 and golden.i64 are written here as decimal strings (beyond 2^53)"})
    (out / "expected.safetensors").chmod(0o644)
    print(out, sum(f.stat().st_size for f in out.iterdir()), "bytes")


if __name__ == "__main__":
    make_gguf(Path(sys.argv[1]))
