"""What each key of config.json does in Transformers: `python tests/golden/make/config_keys.py tests/golden/data [families]`.

Writes data/config-keys/<family>.json. Each case is the family's config.json or its older spelling with `set` in it and without
`without`, and what Transformers makes of the family's weights:
    logits    those at WHERE of the batch's first row, for the ids IDS
    shapes    other tensors than the file holds
    refused   an error
`same` holds keys and values that change no logit.
Tried are all keys of all the families' classes, their older names, rotary settings and some keys that work together.
"""
import copy
import dataclasses
import json
import shutil
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file

WHERE, IDS = [1, 8, 15, 16], [5, 100, 200]
MIXED = ["sliding_attention", "full_attention"]
ROPES = [
    {"rope_type": "linear", "factor": 2.0}, {"type": "linear", "factor": 2.0}, {"rope_type": "dynamic", "factor": 2.0},
    {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16},
    {"rope_type": "yarn", "factor": 4.0, "attention_factor": 1.5, "beta_fast": 8.0, "beta_slow": 2.0, "truncate": False},
    {"rope_type": "yarn", "factor": 4.0, "mscale": 2.0, "mscale_all_dim": 0.5},
    {"rope_type": "llama3", "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 32},
    {"rope_type": "default", "partial_rotary_factor": 0.5}, {"rope_type": "default", "rope_theta": 500.0},
    {"rope_type": "proportional", "partial_rotary_factor": 0.5},
    {"rope_type": "default", "llama_4_scaling_beta": 0.7, "original_max_position_embeddings": 8},
]
# older names, and keys that are read although no class declares them
MORE = ["rope_theta", "rope_scaling", "rope_local_base_freq", "partial_rotary_factor", "original_max_position_embeddings",
        "layer_types", "per_layer_config", "sliding_window", "sliding_window_pattern", "_sliding_window_pattern",
        "full_attention_interval", "interleaved_sliding_window", "global_head_dim", "full_attn_idxs", "block_ff_dim",
        "tie_embedding", "theta", "norm_eps", "block_norm_eps", "conv_dim", "num_heads", "use_pos_enc", "block_use_swiglu", "layers_block_type",
        "attn_implementation", "_attn_implementation", "num_labels", "rotary_dim", "qk_norm", "head_dim", "query_pre_attn_scalar",
        "auto_map", "license", "output_attentions", "torchscript", "unk_token_id", "classifier_dropout", "embedding_dropout", "hidden_dropout",
        "mlp_dropout", "task_specific_params", "block_dim", "conv_dim_out", "num_global_key_value_heads", "mscale", "clip_qkv", "rope_interleaved", "use_qk_norm", "norm_bias", "scale_embedding", "logit_scale", "n_ctx", "hidden_activation"]
# makers of published models note these for programs of their own
MAKERS = ["attn_output_gate", "block_mlp_init_scale", "block_out_init_scale", "block_use_xavier_init", "cache_implementation", "conv_use_xavier_init",
          "full_attn_mod", "init_method", "interpolate_factor", "is_llama_config", "lm_head_bias", "mamba_ssm_dtype",
          "mlp_only_layers", "mtp_num_hidden_layers", "mtp_use_dedicated_embeddings", "normalization_function", "transformers.js_config"]
# they say how answers are chosen
GENERATION = [*transformers.GenerationConfig._get_default_generation_params(), "max_new_tokens", "prefix", "sep_token_id"]
# of the file and not of the computation; these are never tried
OUTSIDE = {"model_type", "architectures", "transformers_version", "dtype", "torch_dtype"}


def rows(data, family):
    return load_file(data / "families" / family / "batch.safetensors")["input_ids"][:1].long()


class Reference:
    def __init__(self, data, family):
        self.folder, self.ids = data / "families" / family, rows(data, family)
        self.work = Path(tempfile.mkdtemp())
        shutil.copy(self.folder / "model.safetensors", self.work)

    def measure(self, config):
        """("logits", numbers), ("shapes", None) or ("refused", None)."""
        (self.work / "config.json").write_text(json.dumps(config))
        try:
            model, info = transformers.AutoModelForCausalLM.from_pretrained(
                self.work, attn_implementation="eager", dtype=torch.float32, output_loading_info=True, ignore_mismatched_sizes=True)
            if any(info[k] for k in ("missing_keys", "mismatched_keys", "unexpected_keys")): return "shapes", None
            with torch.no_grad(): return "logits", model.eval()(self.ids, use_cache=False).logits[0][WHERE][:, IDS]
        except Exception:
            return "refused", None


def others(value, key, layers):
    """Values that differ from `value`, for a key of that name."""
    if key in GENERATION: return [3]
    if "layer_types" in key: return [(MIXED * layers)[:layers], (MIXED[::-1] * layers)[:layers], ["full_attention"] * layers]
    if key == "per_layer_config": return [{"0": {"num_key_value_heads": 1}}, {"0": {"hidden_act": "relu"}}, {"0": {"sliding_window": 3}}, {"0": {"rms_norm_eps": 0.5}}]
    if key in ("rope_parameters", "rope_scaling"):
        own = value if isinstance(value, dict) else {}
        if "full_attention" in own or "sliding_attention" in own:
            return [{**own, kind: {**own.get(kind, {}), **rope}} for kind in MIXED for rope in ROPES] + [{**own, **ROPES[0]}]
        return [{**own, **rope} for rope in ROPES] + [{kind: {"rope_theta": 10000.0, **own, **ROPES[0]} for kind in MIXED}]
    if key in ("no_rope_layers", "full_attn_idxs"): return [[0, 1] * (layers // 2), [1] * layers]
    if "activation" in key or key == "hidden_act": return ["relu", "gelu", "gelu_pytorch_tanh", "silu"]
    if isinstance(value, bool): return [not value]
    if isinstance(value, int): return [value * 2, max(1, value // 2), value + 1, 3]
    if isinstance(value, float): return [value * 2 + 0.5, 0.1]
    if isinstance(value, str): return ["relu", "nope"]
    if isinstance(value, list): return [value[::-1], value[:1]]
    return [3, 0.5, True, False]


def pairs(base, layers):
    """Keys that work together."""
    types, yarn = (MIXED * layers)[:layers], ROPES[3]
    nested = {kind: {"rope_theta": 10000.0, **yarn} for kind in MIXED}
    short = {kind: {"rope_theta": 10000.0, "rope_type": "yarn", "factor": 4.0} for kind in MIXED}
    yield from ({"layer_types": types, "sliding_window": 3}, {"layer_types": types, "sliding_window": None},
                {"use_sliding_window": True, "sliding_window": 3, "max_window_layers": 1},
                {"use_sliding_window": True, "sliding_window": 3, "layer_types": types},
                {"use_sliding_window": True, "sliding_window": 3, "layer_types": None},
                {"sliding_window": 3, "layer_types": None}, {"sliding_window": 3, "layer_types": None, "sliding_window_pattern": 2},
                {"sliding_window": 3, "layer_types": None, "sliding_window_pattern": "LG"},
                {"partial_rotary_factor": 0.5, "rope_scaling": ROPES[0]}, {"partial_rotary_factor": 0.5, "rope_parameters": ROPES[3]},
                {"rope_theta": 500.0, "rope_parameters": None}, {"rope_theta": 500.0, "rope_scaling": ROPES[0]},
                {"rope_theta": 500.0, "rope_parameters": {"rope_type": "default"}},
                {"rope_theta": 500.0, "rope_parameters": {"rope_type": "default", "rope_theta": 900.0}},
                {"rope_scaling": yarn, "rope_parameters": ROPES[0]}, {"no_rope_layers": None, "no_rope_layer_interval": 3})
    for rope in (yarn, {"rope_type": "yarn", "factor": 4.0}, nested, short, *(base.get(k) for k in ("rope_parameters", "rope_scaling"))):
        if rope: yield from ({key: rope, "original_max_position_embeddings": 64} for key in ("rope_parameters", "rope_scaling"))


def candidates(base, fields, layers):
    for key in sorted((set(fields) | set(base)) - OUTSIDE):
        if key in base: yield {}, [key]
        default = fields.get(key)
        for value in (None, *others(base.get(key, default), key, layers)):
            if key not in base or value != base[key] or type(value) is not type(base[key]): yield {key: value}, []
    for change in pairs(base, layers): yield change, []


def fields_of(families):
    known = dict.fromkeys([*MORE, *MAKERS, *GENERATION])
    for config in families:
        for field in dataclasses.fields(config):
            if field.default is not dataclasses.MISSING: known.setdefault(field.name, field.default)
            else: known.setdefault(field.name, None)
        for name in type(config).attribute_map: known.setdefault(name, None)
    return known


def make(data, family, fields):
    reference, cases, same = Reference(data, family), [], {}
    for spelling in ("config.json", "config_legacy.json"):
        base = json.loads((reference.folder / spelling).read_text())
        layers = base.get("num_hidden_layers", base.get("n_layer"))
        kind, usual = reference.measure(base)
        assert kind == "logits", (family, spelling)
        seen = set()
        for change, without in candidates(base, fields, layers):
            # the older spelling differs where rotation and layers are read
            if spelling != "config.json" and not any(w in key for key in (*change, *without) for w in ("rope", "rotary", "layer", "window", "original", "theta")): continue
            name = json.dumps([change, without], sort_keys=True)
            if name in seen: continue
            seen.add(name)
            changed = {k: v for k, v in {**copy.deepcopy(base), **copy.deepcopy(change)}.items() if k not in without}
            kind, logits = reference.measure(changed)
            if kind == "logits" and (logits - usual).abs().max() < 1e-6 and len(change) == 1:
                for key, value in change.items(): same.setdefault(spelling, {}).setdefault(key, []).append(value)
                continue
            case = {"spelling": spelling, **({"set": change} if change else {}), **({"without": without} if without else {})}
            if kind == "logits" and not logits.isfinite().all(): kind = "refused"
            case["effect"] = kind
            if kind == "logits": case["logits"] = [round(x, 5) for x in logits.flatten().tolist()]
            cases.append(case)
    shutil.rmtree(reference.work)
    lines = ",\n".join(json.dumps(case) for case in cases)
    out = data / "config-keys" / f"{family}.json"
    out.parent.mkdir(exist_ok=True)
    equal = ",\n".join(f"{json.dumps(spelling)}: {json.dumps(keys)}" for spelling, keys in same.items())
    out.write_text(f'{{"where": {WHERE}, "ids": {IDS}, "same": {{\n{equal}\n}}, "cases": [\n{lines}\n]}}\n')
    print(family, len(cases), {e: sum(c["effect"] == e for c in cases) for e in ("logits", "shapes", "refused")})


def main():
    data = Path(sys.argv[1])
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    families = sorted(folder.name for folder in (data / "families").iterdir() if folder.is_dir())
    fields = fields_of([transformers.AutoConfig.from_pretrained(data / "families" / name) for name in families])
    for family in sys.argv[2:] or families: make(data, family, fields)


if __name__ == "__main__":
    main()
