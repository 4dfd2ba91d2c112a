"""Checks reference cases from their files alone, with a forward pass of its own in float64: `python tests/golden/make/check_families.py
tests/golden/data/families`.

Of each case: names and shapes, logits and losses in both spellings, packing, adapters, each gradient by a central difference, greedy
answers, rates.
"""
import json
import math
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

gelu_new = lambda x: 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)))  # the tanh form, not erf
silu = lambda x: x / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def allowed(mask, segments, window):
    """[B,T,T] True where query i may see key j: j <= i, same segment, key not padding, i - j < window."""
    t = np.arange(mask.shape[1])
    ok = (t[:, None] >= t[None]) & (mask[:, None, :] == 1)
    if segments is not None: ok &= segments[:, :, None] == segments[:, None, :]
    if window: ok &= t[:, None] - t[None] < window
    return ok


def attend(q, k, v, ok, scale):
    """q [B,T,H,D], k and v [B,T,KV,D]: query head h uses key head h // (H / KV)."""
    rep = q.shape[2] // k.shape[2]
    k, v = np.repeat(k, rep, 2), np.repeat(v, rep, 2)
    s = np.where(ok[:, None], np.einsum("bihd,bjhd->bhij", q, k) * scale, -1e30)
    return np.einsum("bhij,bjhd->bihd", softmax(s), v).reshape(*q.shape[:2], -1)


def rope_freqs(cfg, dim, layer_type=None, length=0):
    """(inverse frequencies of the rotated half-dimensions, factor on cos and sin)."""
    mt = cfg["model_type"]
    p = cfg.get("rope_parameters")
    if p is None:  # Transformers 4: a window layer's rope is plain
        p = {"rope_theta": cfg["rope_theta"], **(cfg.get("rope_scaling") or {})}
        if layer_type == "sliding_attention":
            p = {"rope_theta": cfg["rope_local_base_freq"] if mt == "gemma3_text" else p["rope_theta"]}
    elif "full_attention" in p: p = p[layer_type]
    kind = p.get("rope_type", p.get("type", "default"))
    if kind == "su": kind = "longrope"
    part = p.get("partial_rotary_factor", cfg.get("partial_rotary_factor", 0.25 if mt == "qwen3_5_text" else 1.0))
    theta = p["rope_theta"]
    if kind == "proportional":  # all half-dimensions take part, those past the share with frequency 0
        n = int(part * dim // 2)
        return np.concatenate([theta ** (-np.arange(0, 2 * n, 2) / dim), np.zeros(dim // 2 - n)]), 1.0
    dim = int(dim * part)
    inv = theta ** (-np.arange(0, dim, 2) / dim)
    orig = cfg.get("original_max_position_embeddings", p.get("original_max_position_embeddings"))
    if kind == "linear": return inv / p["factor"], 1.0
    if kind == "llama3":
        turns = orig * inv / (2 * math.pi)  # over the original context
        lo, hi = p["low_freq_factor"], p["high_freq_factor"]
        smooth = np.clip((turns - lo) / (hi - lo), 0, 1)
        return inv * (smooth + (1 - smooth) / p["factor"]), 1.0
    if kind == "longrope":
        grow = cfg["max_position_embeddings"] / orig
        factor = math.sqrt(1 + math.log(grow) / math.log(orig)) if grow > 1 else 1.0
        return inv / np.array(p["long_factor" if length > orig else "short_factor"]), p.get("attention_factor", factor)
    if kind == "yarn":
        at = lambda turns: dim * math.log(orig / (2 * math.pi * turns)) / (2 * math.log(theta))
        low, high = max(math.floor(at(p["beta_fast"])), 0), min(math.ceil(at(p["beta_slow"])), dim - 1)
        ramp = np.clip((np.arange(dim // 2) - low) / (high - low), 0, 1)  # 0: keep, 1: interpolate
        m = lambda x: 0.1 * x * math.log(p["factor"]) + 1
        factor = m(p["mscale"]) / m(p["mscale_all_dim"]) if p.get("mscale") and p.get("mscale_all_dim") else m(1)
        return inv * (1 - ramp) + inv / p["factor"] * ramp, p.get("attention_factor", factor)
    assert kind == "default", kind
    return inv, 1.0


def rope(x, pos, inv, factor=1.0):
    """Half rotation of the first 2 * len(inv) dimensions: i pairs with i + len(inv).  x [B,T,H,D]."""
    a = pos[..., None, None] * inv
    c, s = np.cos(a) * factor, np.sin(a) * factor
    n = len(inv)
    x1, x2 = x[..., :n], x[..., n:2 * n]
    return np.concatenate([x1 * c - x2 * s, x2 * c + x1 * s, x[..., 2 * n:]], -1)


def rms(x, w, eps): return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * w


sigmoid = lambda x: 1 / (1 + np.exp(-x))


def delta_net(cfg, w, linear, p, y, mask, segments):
    """Qwen3.5's gated delta rule, token by token.  y [B,T,hidden] (normed)."""
    kh, vh, kd, vd = (cfg["linear_" + k] for k in ("num_key_heads", "num_value_heads", "key_head_dim", "value_head_dim"))
    y = y * mask[..., None]
    mix, z = linear(p + "in_proj_qkv", y), linear(p + "in_proj_z", y)
    beta = sigmoid(linear(p + "in_proj_b", y))
    decay = np.exp(-np.exp(w[p + "A_log"]) * np.log1p(np.exp(linear(p + "in_proj_a", y) + w[p + "dt_bias"])))
    kernel = w[p + "conv1d.weight"][:, 0]
    out = np.zeros((*y.shape[:2], vh, vd))
    for b in range(len(y)):
        start, state = 0, np.zeros((vh, kd, vd))
        for t in range(y.shape[1]):
            if segments is not None and t and segments[b, t] != segments[b, t - 1]: start, state = t, np.zeros((vh, kd, vd))
            width = kernel.shape[1]  # the last tap is the current token
            c = silu(sum(kernel[:, width - 1 - d] * mix[b, t - d] for d in range(min(width, t - start + 1))))
            q, k, v = np.split(c, [kh * kd, 2 * kh * kd])
            unit = lambda x: x / np.sqrt((x * x).sum(-1, keepdims=True) + 1e-6)
            q, k = (np.repeat(unit(x.reshape(kh, kd)), vh // kh, 0) for x in (q, k))  # value head h: key head h // (vh/kh)
            state = state * decay[b, t][:, None, None]
            miss = v.reshape(vh, vd) - np.einsum("hkv,hk->hv", state, k)
            state = state + np.einsum("hk,hv->hkv", k, beta[b, t][:, None] * miss)
            out[b, t] = np.einsum("hkv,hk->hv", state, q) / math.sqrt(kd)
    out = rms(out, w[p + "norm.weight"], cfg["rms_norm_eps"]) * silu(z.reshape(out.shape))  # this norm's weight is plain
    return linear(p + "out_proj", out.reshape(*y.shape[:2], -1))


def short_conv(cfg, w, linear, p, y, mask, segments):
    """LFM2's gated short convolution, token by token.  y [B,T,hidden] (normed)."""
    b, c, x = np.split(linear(p + "in_proj", y * mask[..., None]), 3, -1)
    u, kernel = b * x, w[p + "conv.weight"][:, 0]
    out, width = np.zeros_like(u), kernel.shape[1]  # the last tap is the current token
    for r in range(len(u)):
        start = 0
        for t in range(u.shape[1]):
            if segments is not None and t and segments[r, t] != segments[r, t - 1]: start = t
            out[r, t] = sum(kernel[:, width - 1 - d] * u[r, t - d] for d in range(min(width, t - start + 1)))
    if p + "conv.bias" in w: out = out + w[p + "conv.bias"]
    return linear(p + "out_proj", c * out)


def plan(cfg):
    """Per layer: (kind, window or None, rope?), as the class derives it from the config."""
    mt, n = cfg["model_type"], cfg["num_hidden_layers"]
    window, kinds = cfg.get("sliding_window"), cfg.get("layer_types")
    if mt == "smollm3":
        ropes = cfg.get("no_rope_layers") or [int((i + 1) % cfg.get("no_rope_layer_interval", 4) != 0) for i in range(n)]
        slide = cfg.get("use_sliding_window") and window
        kinds = kinds or ["sliding_attention" if slide and not r else "full_attention" for r in ropes]
    else: ropes = [1] * n
    every = {"gemma3_text": cfg.get("sliding_window_pattern", 6), "olmo3": 4, "gemma4_text": 6, "exaone4": 4}.get(mt)
    if every and not kinds: kinds = ["full_attention" if (i + 1) % every == 0 else "sliding_attention" for i in range(n)]
    if mt == "qwen3_5_text" and not kinds:
        kinds = ["full_attention" if (i + 1) % cfg.get("full_attention_interval", 4) == 0 else "linear_attention" for i in range(n)]
    if mt == "lfm2" and not kinds: kinds = ["full_attention" if i in cfg["full_attn_idxs"] else "conv" for i in range(n)]
    if mt in ("qwen2", "qwen3") and not cfg.get("use_sliding_window"): window = None
    if mt in ("mistral", "phi3", "ministral3", "qwen2", "qwen3"): return [("full_attention", window, 1)] * n
    kinds = [k.replace("attention", "full_attention") if k == "attention" else k for k in kinds or ["full_attention"] * n]
    if mt == "exaone4" and window: ropes = [int(k == "sliding_attention") for k in kinds]
    return [(k, window if k == "sliding_attention" else None, r) for k, r in zip(kinds, ropes)]


def layer_norm(x, w, b, eps):
    x = x - x.mean(-1, keepdims=True)
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * w + b


def forward(cfg, w, ids, mask=None, pos=None, segments=None, ab=None):
    """Logits [B,T,V] in float64.  w: tensors by HF name; ab: LoRA tensors by PEFT name (scale 2)."""
    mask = np.ones_like(ids) if mask is None else mask
    pos = np.broadcast_to(np.arange(ids.shape[1]), ids.shape) if pos is None else pos
    gpt2 = cfg["model_type"] == "gpt2"

    def linear(name, x):
        m = w[name + ".weight"]
        y = x @ (m if gpt2 else m.T)  # Conv1D is [in,out]
        if name + ".bias" in w: y = y + w[name + ".bias"]
        if ab and f"base_model.model.{name}.lora_A.weight" in ab:
            y = y + 2 * (x @ ab[f"base_model.model.{name}.lora_A.weight"].T) @ ab[f"base_model.model.{name}.lora_B.weight"].T
        return y

    if gpt2:
        h, heads, eps = cfg["n_embd"], cfg["n_head"], cfg["layer_norm_epsilon"]
        ok = allowed(mask, segments, None)
        x = w["transformer.wte.weight"][ids] + w["transformer.wpe.weight"][pos]
        for i in range(cfg["n_layer"]):
            p = f"transformer.h.{i}."
            y = layer_norm(x, w[p + "ln_1.weight"], w[p + "ln_1.bias"], eps)
            q, k, v = (t.reshape(*ids.shape, heads, h // heads) for t in np.split(linear(p + "attn.c_attn", y), 3, -1))
            scale = (h // heads) ** -0.5 / (i + 1 if cfg["scale_attn_by_inverse_layer_idx"] else 1)
            x = x + linear(p + "attn.c_proj", attend(q, k, v, ok, scale))
            y = layer_norm(x, w[p + "ln_2.weight"], w[p + "ln_2.bias"], eps)
            x = x + linear(p + "mlp.c_proj", gelu_new(linear(p + "mlp.c_fc", y)))
        x = layer_norm(x, w["transformer.ln_f.weight"], w["transformer.ln_f.bias"], eps)
        return x @ w["transformer.wte.weight"].T

    mt = cfg["model_type"]
    gemma3, gemma4, qwen35 = mt == "gemma3_text", mt == "gemma4_text", mt == "qwen3_5_text"
    lfm2 = mt == "lfm2"
    heads, eps = cfg["num_attention_heads"], cfg["norm_eps" if lfm2 else "rms_norm_eps"]
    # this file's names on the left
    names = {"input_layernorm": "operator_norm", "post_attention_layernorm": "ffn_norm", "model.norm": "model.embedding_norm", "q_norm": "q_layernorm",
             "k_norm": "k_layernorm", "o_proj": "out_proj", "mlp.gate_proj": "feed_forward.w1", "mlp.up_proj": "feed_forward.w3",
             "mlp.down_proj": "feed_forward.w2"} if lfm2 else {"mlp.gate_up_proj": "shared_mlp.input_linear",
             "mlp.down_proj": "shared_mlp.output_linear"} if mt == "granitemoehybrid" else {}
    rename = lambda n: next((n[:-len(k)] + v for k, v in names.items() if n.endswith(k)), n)
    plus = 1.0 if gemma3 or qwen35 else 0.0  # norms that store w - 1
    norm = lambda name, x: rms(x, w[rename(name) + ".weight"] + plus, eps)
    if names: base_linear, linear = linear, lambda n, x: base_linear(rename(n), x)
    post = mt.startswith(("olmo", "exaone"))  # norms behind attention and MLP alone
    act = gelu_new if gemma3 or gemma4 else silu
    kv_heads, table, shared = cfg.get("num_key_value_heads") or heads, w["model.embed_tokens.weight"], {}
    x = table[ids] * (math.sqrt(cfg["hidden_size"]) if gemma3 or gemma4 else cfg.get("embedding_multiplier", 1))
    layers = plan(cfg)
    ple = cfg.get("hidden_size_per_layer_input")
    if ple:
        token = w["model.embed_tokens_per_layer.weight"][ids] * math.sqrt(ple)
        context = linear("model.per_layer_model_projection", x) / math.sqrt(cfg["hidden_size"])
        split = lambda a: a.reshape(*ids.shape, len(layers), ple)
        extra = (split(token) + norm("model.per_layer_projection_norm", split(context))) / math.sqrt(2)
    for i, (kind, window, roped) in enumerate(layers):
        p = f"model.layers.{i}."
        a = p + "self_attn."
        dim = cfg.get("head_dim", {"gemma3_text": 256, "gemma4_text": 256, "qwen3_5_text": 256, "ministral3": 128, "qwen3": 128}.get(mt)) \
            or cfg["hidden_size"] // heads
        if gemma4 and kind == "full_attention":
            dim = cfg.get("global_head_dim") or cfg["per_layer_config"][str(i)]["head_dim"]
        scale = {"gemma3_text": cfg.get("query_pre_attn_scalar", 256) ** -0.5, "gemma4_text": 1.0,
                 "granite": cfg.get("attention_multiplier", 1.0), "granitemoehybrid": cfg.get("attention_multiplier", 1.0)}.get(mt, dim ** -0.5)
        y = x if post else norm(p + "input_layernorm", x)
        if kind == "linear_attention": y = delta_net(cfg, w, linear, p + "linear_attn.", y, mask, segments)
        elif kind == "conv": y = short_conv(cfg, w, linear, p + "conv.", y, mask, segments)
        else:
            head = lambda t: t.reshape(*ids.shape, -1, dim)
            gate, reuse = 1.0, gemma4 and i >= len(layers) - cfg["num_kv_shared_layers"]
            if mt == "phi3": q, k, v = np.split(linear(a + "qkv_proj", y), [heads * dim, (heads + kv_heads) * dim], -1)
            else:
                q = linear(a + "q_proj", y)
                k, v = (None, None) if reuse else (linear(a + "k_proj", y), linear(a + "v_proj", y))
            if qwen35:  # each head's rows are its query, then its gate
                q, gate = np.split(q.reshape(*ids.shape, heads, 2 * dim), 2, -1)
                gate = sigmoid(gate.reshape(*ids.shape, -1))
            if mt.startswith("olmo"): q, k = norm(a + "q_norm", q), norm(a + "k_norm", k)  # over all heads at once
            q, k, v = head(q), k if k is None else head(k), v if v is None else head(v)
            if qwen35 or gemma3 or gemma4 or lfm2 or mt in ("qwen3", "exaone4"):
                q = norm(a + "q_norm", q)
                if not reuse: k = norm(a + "k_norm", k)
            if gemma4 and not reuse: v = rms(v, 1.0, eps)
            inv, factor = rope_freqs(cfg, dim, kind, pos.max() + 1)
            if roped: q, k = rope(q, pos, inv, factor), k if k is None else rope(k, pos, inv, factor)
            if mt == "ministral3":
                r = cfg["rope_parameters"]
                q = q * (1 + r["llama_4_scaling_beta"] * np.log(1 + pos // r["original_max_position_embeddings"]))[..., None, None]
            if reuse: k, v = shared[kind]
            else: shared[kind] = k, v
            y = linear(a + "o_proj", attend(q, k, v, allowed(mask, segments, window), scale) * gate)
        mul = cfg.get("residual_multiplier", 1)
        sandwich = gemma3 or gemma4
        x = x + mul * (norm(p + "post_attention_layernorm", y) if sandwich or post else y)
        y = norm(p + "pre_feedforward_layernorm", x) if sandwich else x if post else norm(p + "post_attention_layernorm", x)
        if mt in ("phi3", "granitemoehybrid"): g, u = np.split(linear(p + "mlp.gate_up_proj", y), 2, -1)
        else: g, u = linear(p + "mlp.gate_proj", y), linear(p + "mlp.up_proj", y)
        y = linear(p + "mlp.down_proj", act(g) * u)
        x = x + mul * (norm(p + "post_feedforward_layernorm", y) if sandwich or post else y)
        if ple:
            y = linear(p + "per_layer_projection", act(linear(p + "per_layer_input_gate", x)) * extra[:, :, i])
            x = x + norm(p + "post_per_layer_input_norm", y)
        if gemma4: x = x * w[p + "layer_scalar"]
    x = norm("model.norm", x)
    z = x @ (table if cfg.get("tie_word_embeddings", cfg.get("tie_embedding")) else w["lm_head.weight"]).T / cfg.get("logits_scaling", 1)
    cap = cfg.get("final_logit_softcapping")
    return cap * np.tanh(z / cap) if cap else z


def token_loss(logits, labels):
    """[B,T-1]: loss of predicting labels[:,1:] from position t, 0 where -100."""
    lab = labels[:, 1:]
    z = logits[:, :-1] - logits[:, :-1].max(-1, keepdims=True)
    nll = np.log(np.exp(z).sum(-1)) - np.take_along_axis(z, np.maximum(lab, 0)[..., None], -1)[..., 0]
    return np.where(lab == -100, 0, nll), int((lab != -100).sum())


worst = {}


def near(what, a, b, tol):
    d = float(np.max(np.abs(np.asarray(a, np.float64) - b))) if np.size(a) else 0.0
    worst[what] = max(worst.get(what, 0.0), d)
    assert d <= tol, f"{what}: {d} > {tol}"


def check_grads(what, loss, params, grads):
    """Central difference along one random direction per tensor (params: the dict that loss() reads)."""
    rng = np.random.default_rng(0)
    for name, g in grads.items():
        p, g = params[name], g.astype(np.float64)
        assert p.shape == g.shape, name
        v = rng.standard_normal(p.shape)
        eps = 2e-7
        params[name] = p + eps * v; up = loss()
        params[name] = p - eps * v; down = loss()
        params[name] = p
        size = np.sqrt((g * g).sum())
        # g . v has standard deviation |g|; float32 noise in g is about 1e-7 an element
        near(what, (up - down) / (2 * eps), (g * v).sum(), 3e-5 * max(size, 0.1))


def check_case(d):
    cfg = json.loads((d / "config.json").read_text())
    old = json.loads((d / "config_legacy.json").read_text())
    if cfg["model_type"] == "gpt2": old.setdefault("tie_word_embeddings", True)
    w = {k: v.astype(np.float64) for k, v in load_file(d / "model.safetensors").items()}
    b, e = load_file(d / "batch.safetensors"), load_file(d / "expected.safetensors")
    assert b["input_ids"].shape == (3, 17) and b["input_ids"].dtype == np.int64 and e["logits"].dtype == np.float32
    ids, mask, labels = b["input_ids"], b["attention_mask"], b["labels"]
    loss = lambda ab=None: (lambda s, n: s.sum() / n)(*token_loss(forward(cfg, w, ids, mask, ab=ab), labels))

    for c in (cfg, old):
        logits = forward(c, w, ids, mask)
        near("logits", e["logits"], logits * mask[..., None], 3e-5)
    tl, n = token_loss(logits, labels)
    near("token_loss", e["token_loss"], tl, 2e-5)
    near("loss", e["loss"], tl.sum() / n, 3e-6)
    near("loss_sum", e["loss_sum"], tl.sum(), 1e-4)
    assert n == e["loss_count"] == 32 != (labels != -100).sum()
    grads = {k[5:]: v for k, v in e.items() if k.startswith("grad.")}
    assert set(grads) == {k for k in w if not k.endswith("layer_scalar")}, set(grads) ^ set(w)
    check_grads("grad (x max(|g|,0.1))", loss, w, grads)
    for k, v in w.items():
        assert (v.std() > 0.02 or v.size < 8) and (np.abs(v) > 1e-12).all(), k

    p = load_file(d / "packed.safetensors")
    logits = forward(cfg, w, p["input_ids"], pos=p["position_ids"], segments=p["segment_ids"])
    near("packed logits", p["logits"], logits, 3e-5)
    tl, n = token_loss(logits, p["labels"])
    near("packed loss", p["loss"], tl.sum() / n, 3e-6)
    assert n == p["loss_count"]
    near("packed grad_norm", p["grad_norm"], math.sqrt(sum(float(v) ** 2 for k, v in p.items() if k.startswith("gradnorm."))), 1e-4)
    leak = forward(cfg, w, p["input_ids"], pos=p["position_ids"])
    assert np.abs(leak - logits).max() > 1e-2, "packing without a mask must show"
    l = load_file(d / "lora.safetensors")
    ab = {k: v.astype(np.float64) for k, v in l.items() if k.startswith("base_model")}
    # every 2-d weight but embeddings and head
    assert len(ab) == 2 * sum(v.ndim == 2 and not any(t in k for t in ("embed", "wte", "wpe", "lm_head")) for k, v in w.items())
    near("lora logits", l["logits"], forward(cfg, w, ids, mask, ab=ab) * mask[..., None], 3e-5)
    near("lora loss", l["loss"], loss(ab), 3e-6)
    check_grads("lora grad (x max(|g|,0.1))", lambda: loss(ab), ab, {k[5:]: v for k, v in l.items() if k.startswith("grad.")})
    saved = load_file(d / "adapter" / "adapter_model.safetensors")
    assert set(saved) == set(ab) and all((saved[k] == l[k]).all() for k in ab)
    a = json.loads((d / "adapter" / "adapter_config.json").read_text())
    assert (a["r"], a["lora_alpha"], a["fan_in_fan_out"]) == (4, 8, cfg["model_type"] == "gpt2")

    t = json.loads((d / "trace.json").read_text())
    for name, r in t.items():
        if name == "hyper": continue
        lrs = [r["lr"] * (s / 2 if s < 2 else max(0, .5 * (1 + math.cos(math.pi * (s - 2) / (r["steps"] - 2))))) for s in range(r["steps"])]
        near("lrs", r["lrs"], lrs, 1e-12)
        assert len(r["losses"]) == len(r["grad_norms"]) == r["steps"] and r["loss_after"] < r["losses"][0] - 0.5
        assert r["losses"][0] == r["losses"][1] or "accum" in name
        if name.startswith("full"):
            near("trace loss 0", r["losses"][0], e["loss"], 2e-6)
            near("trace grad_norm 0", r["grad_norms"][0], math.sqrt(sum((g.astype(np.float64) ** 2).sum() for g in grads.values())), 1e-4)
        if "micro_items" in r: assert sum(r["micro_items"]) == r["num_items"] == 32 and len(set(r["micro_items"])) == 2
    g = json.loads((d / "generate.json").read_text())
    for prompt, out in zip(g["prompts"], g["outputs"]):
        seq = list(prompt)
        for _ in range(12): seq.append(int(forward(cfg, w, np.array([seq]))[0, -1].argmax()))
        assert seq[len(prompt):] == out
    if (d / "model_hubnames.safetensors").exists():
        hub = load_file(d / "model_hubnames.safetensors")
        assert all((hub[k.removeprefix("transformer.")] == v).all() for k, v in w.items())
    size = sum(f.stat().st_size for f in d.rglob("*") if f.is_file())
    assert size < 1.5e6, size


def main():
    for folder in sorted(Path(sys.argv[1]).iterdir()):
        if not folder.is_dir(): continue
        check_case(folder)
        print(folder.name)
    for what, distance in worst.items(): print(f"{what}: at most {distance:.1e}")


if __name__ == "__main__":
    main()
