"""Reference values of encoders, as Transformers computes them on tiny seeded models (CPU, float32, eager):
`python tests/golden/make/make_encoders.py tests/golden/data`.

encoders/<case> holds, with three rows of at most 17 tokens:

config.json, model.safetensors
    A model folder as Transformers 5 saves it, with parts that are no encoder (a pooler, a head).
batch.safetensors
    input_ids, attention_mask, token_type_ids, and `wanted` [3,H], random.
expected.safetensors
    hidden, 0 where padded; mean, cls, lasttoken: vectors as sentence-transformers pools them; unit: mean of length one; loss, the sum of
    unit times wanted; grad.<parameter> of that loss.
keys.json (of families' first cases)
    What each key of config.json does: `set`, and `unit` of the first row, or `refused`, or `shapes` where the file has other tensors.
    `same` holds keys and values that change nothing.
"""
import dataclasses, json, shutil, sys, tempfile, zlib
from pathlib import Path

import torch, transformers
from safetensors.torch import save_file

V = 200
BERT = dict(vocab_size=V, hidden_size=48, intermediate_size=80, num_hidden_layers=2, num_attention_heads=3, max_position_embeddings=40)
ROBERTA = {**BERT, "pad_token_id": 1, "type_vocab_size": 1, "layer_norm_eps": 1e-5}
MODERN = dict(vocab_size=V, hidden_size=48, intermediate_size=72, num_hidden_layers=4, num_attention_heads=4, max_position_embeddings=64, local_attention=6,
              pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2, global_attn_every_n_layers=2)
DECODER = dict(vocab_size=V, hidden_size=48, intermediate_size=72, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=12,
               max_position_embeddings=64, pad_token_id=0, use_cache=False)
# case: (class, arguments, what of config.json is spelled otherwise)
CASES = {
    "bert": ("BertModel", BERT, {}),
    "bert-masked": ("BertForMaskedLM", {**BERT, "hidden_act": "gelu_new", "type_vocab_size": 3, "pad_token_id": 0}, {}),
    "roberta": ("RobertaForMaskedLM", ROBERTA, {}),
    "xlm_roberta": ("XLMRobertaModel", {**ROBERTA, "type_vocab_size": 2, "pad_token_id": 3}, {}),
    "modernbert": ("ModernBertForMaskedLM", MODERN, {}),
    "modernbert-biased": ("ModernBertModel", {**MODERN, "norm_bias": True, "attention_bias": True, "mlp_bias": True, "hidden_activation": "relu",
                          "layer_types": ["sliding_attention", "full_attention", "sliding_attention", "sliding_attention"]}, {}),
    # as the Hub's files of ModernBERT have it
    "modernbert-older": ("ModernBertModel", MODERN, {"layer_types": None, "rope_parameters": None, "global_attn_every_n_layers": 2, "global_rope_theta": 500.0,
                         "local_rope_theta": 90.0}),
    # decoders whose vectors are those of sentence-transformers, which modules.json beside them says
    "decoder-qwen3": ("Qwen3ForCausalLM", {**DECODER, "tie_word_embeddings": True}, {}),
    "decoder-llama": ("LlamaForCausalLM", DECODER, {}),
    "decoder-gemma3": ("Gemma3TextModel", {**DECODER, "num_hidden_layers": 3, "sliding_window": 6, "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
                       "query_pre_attn_scalar": 10}, {}),
    # as EmbeddingGemma: every token sees those behind it, too, and half of the window to each side
    "decoder-gemma3-both": ("Gemma3TextModel", {**DECODER, "num_hidden_layers": 3, "sliding_window": 6, "query_pre_attn_scalar": 10, "use_bidirectional_attention": True,
                            "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]}, {}),
}
# case: layers behind pooling, as sentence-transformers' Dense
DENSE = {"decoder-gemma3-both": [(48, 72), (72, 30)]}
MORE = ["position_embedding_type", "position_biased_input", "head_dim", "rope_theta", "rope_scaling", "global_attn_every_n_layers", "global_rope_theta", "local_rope_theta",
        "sliding_window", "layer_types", "hidden_act", "activation_function", "attn_implementation", "classifier_activation", "embedding_size", "reference_compile",
        "repad_logits_with_grad", "gradient_checkpointing", "num_labels", "tie_word_embeddings", "layer_norm_eps", "norm_eps", "cls_token_id", "sep_token_id",
        "deterministic_flash_attn", "directionality", "pooler_fc_size", "output_past", "_name_or_path", "chunk_size_feed_forward", "is_encoder_decoder"]


def write_modules(name, out):
    """modules.json, and the layers behind pooling."""
    from sentence_transformers.sentence_transformer.modules import Dense
    kinds = ["Transformer", "Pooling", *["Dense"] * len(DENSE.get(name, [])), "Normalize"]
    paths = ["" if i == 0 else f"{i}_{kind}" for i, kind in enumerate(kinds)]
    modules = [{"idx": i, "name": str(i), "path": paths[i], "type": f"sentence_transformers.models.{kind}"} for i, kind in enumerate(kinds)]
    (out / "modules.json").write_text(json.dumps(modules, indent=1) + "\n")
    for i, (inputs, outputs) in enumerate(DENSE.get(name, [])):
        dense = Dense(inputs, outputs, bias=False, activation_function=torch.nn.Identity())
        dense.linear.weight.data = torch.randn(outputs, inputs, generator=seed(name, paths[2 + i])) * 0.1
        (out / paths[2 + i]).mkdir(exist_ok=True)
        dense.save(str(out / paths[2 + i]))


OUTSIDE = {"model_type", "architectures", "transformers_version", "dtype", "torch_dtype"}


def seed(*parts):
    return torch.Generator().manual_seed(zlib.crc32("/".join(parts).encode()))


def model_of(name):
    kind, arguments, _ = CASES[name]
    cls = getattr(transformers, kind)
    model = cls(cls.config_class(**arguments)).eval()
    for path, p in model.named_parameters():
        near = 1.0 if "orm.weight" in path and name not in DENSE else 0.0  # Gemma adds 1
        p.data = near + torch.randn(p.shape, generator=seed(name, path)) * (0.3 if p.dim() == 1 else 0.2)
    return model


def batch_of(name, config):
    g, pad = seed(name, "batch"), config.pad_token_id or 0
    ids = torch.randint(5, V, (3, 17), generator=g)
    mask = torch.zeros(3, 17, dtype=torch.long)
    for row, length in enumerate((17, 11, 14)):
        mask[row, :length] = 1
        ids[row, length:] = pad
    if "roberta" in name: ids[0, 6] = pad  # a text may hold the token of padding
    types = torch.zeros_like(ids)
    if getattr(config, "type_vocab_size", 1) > 1: types[1, 6:11] = 1
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types, "wanted": torch.randn(3, config.hidden_size, generator=g)}


def hidden_of(model, batch):
    types = {} if not hasattr(model.config, "type_vocab_size") else {"token_type_ids": batch["token_type_ids"]}
    return model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], **types).last_hidden_state


def vectors(hidden, mask):
    m = mask[..., None].float()
    mean, last = (hidden * m).sum(1) / m.sum(1), mask.sum(1) - 1
    return mean, hidden[:, 0], hidden[torch.arange(3), last], torch.nn.functional.normalize(mean, dim=1)


def load(folder, strict=True):
    model, info = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32, output_loading_info=True, ignore_mismatched_sizes=True)
    missing = [k for k in info["missing_keys"] if not k.startswith("pooler.")]
    odd = [k for k in info["unexpected_keys"] if not k.split(".")[0] in ("cls", "lm_head", "head", "decoder")]
    return model.eval(), bool(missing or info["mismatched_keys"] or odd)


def make(name, out):
    out.mkdir(parents=True, exist_ok=True)
    whole = model_of(name)
    whole.save_pretrained(out)
    for extra in out.glob("generation_config.json"): extra.unlink()
    config = json.loads((out / "config.json").read_text())
    for key, value in CASES[name][2].items():
        config.pop(key, None)
        if value is not None: config[key] = value
    (out / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
    if name.startswith("decoder-"): write_modules(name, out)
    model, broken = load(out)
    assert not broken, name
    for module in model.modules():  # here the row of padding is trained like any other, where a text holds that token
        if isinstance(module, torch.nn.Embedding): module.padding_idx = None
    batch = batch_of(name, model.config)
    hidden = hidden_of(model, batch)
    mean, cls, last, unit = vectors(hidden, batch["attention_mask"])
    loss = (unit * batch["wanted"]).sum()
    loss.backward()
    prefix = "model." if name.startswith("decoder-") else ""  # as classes that write name them
    grads = {f"grad.{prefix}{k}": p.grad for k, p in model.named_parameters() if p.grad is not None}
    values = {"hidden": hidden * batch["attention_mask"][..., None], "mean": mean, "cls": cls, "lasttoken": last, "unit": unit, "loss": loss.reshape(1), **grads}
    save_file({k: v.detach().float().contiguous().clone() for k, v in values.items()}, out / "expected.safetensors")
    save_file({k: v.to(torch.int32 if v.dtype == torch.long else v.dtype).contiguous() for k, v in batch.items()}, out / "batch.safetensors")
    print(name, sum(p.numel() for p in model.parameters()), "parameters", len(grads), "gradients")


def others(value, key, layers):
    mixed = ["sliding_attention", "full_attention"]
    if key == "layer_types": return [(mixed * layers)[:layers], ["full_attention"] * layers]
    if key in ("rope_parameters", "rope_scaling"):
        ropes = [{"rope_type": "linear", "factor": 2.0}, {"rope_type": "default", "rope_theta": 77.0}]
        return [*ropes, *({kind: rope} for kind in mixed for rope in ropes), {kind: ropes[1] for kind in mixed}]
    if key in ("hidden_act", "hidden_activation", "activation_function", "classifier_activation"): return ["relu", "gelu", "gelu_pytorch_tanh", "silu", "nope"]
    if key == "position_embedding_type": return ["absolute", "relative_key", "relative_key_query"]
    if isinstance(value, bool): return [not value]
    if isinstance(value, int): return [value * 2, max(1, value // 2), value + 1, 3]
    if isinstance(value, float): return [value * 2 + 0.5, 0.1]
    if isinstance(value, str): return ["relu", "nope"]
    return [3, 0.5, True, False]


def make_keys(name, out):
    base = json.loads((out / "config.json").read_text())
    work = Path(tempfile.mkdtemp())
    shutil.copy(out / "model.safetensors", work)
    cls = getattr(transformers, CASES[name][0]).config_class
    fields = {f.name: f.default if f.default is not dataclasses.MISSING else None for f in dataclasses.fields(cls)}

    def measure(config):
        (work / "config.json").write_text(json.dumps(config))
        try:
            model, broken = load(work)
            if broken: return "shapes", None
            batch = batch_of(name, transformers.AutoConfig.from_pretrained(out))
            with torch.no_grad(): return "unit", vectors(hidden_of(model, batch), batch["attention_mask"])[3][0, :12]
        except Exception:
            return "refused", None

    _, own = measure(base)
    same, cases = {}, []
    for key in sorted((set(fields) | set(base) | set(MORE)) - OUTSIDE):
        for value in (None, *others(base.get(key, fields.get(key)), key, base["num_hidden_layers"])):
            if key in base and value == base[key] and type(value) is type(base[key]): continue
            effect, unit = measure({**base, key: value})
            if effect == "unit" and (unit - own).abs().max() < 1e-7: same.setdefault(key, []).append(value)
            else: cases.append({"set": {key: value}, "effect": effect, **({"unit": [round(x, 7) for x in unit.tolist()]} if unit is not None else {})})
    lines = ",\n".join(json.dumps(c) for c in cases)
    (out / "keys.json").write_text(f'{{"same": {json.dumps(same)},\n"cases": [\n{lines}\n]}}\n')
    print(name, len(cases), "keys change something,", sum(map(len, same.values())), "change nothing")


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    data = Path(sys.argv[1]) / "encoders"
    for name in sys.argv[2:] or CASES:
        make(name, data / name)
        if "-" not in name: make_keys(name, data / name)
