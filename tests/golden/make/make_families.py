"""Reference values of the model families, as Transformers and PEFT compute them on tiny seeded models (CPU, float32, eager):
`python tests/golden/make/make_families.py tests/golden/data/families [case ...]`.

Each folder holds, with three rows of at most 17 tokens, 256 ids and adapters of rank 4:

config.json, generation_config.json, model.safetensors
    A model folder as Transformers 5 saves it.
config_legacy.json
    The same in the spelling of Transformers 4; of newer families what their files on the Hub leave out is left out.
model_hubnames.safetensors (gpt2)
    The weights under the names of the Hub's `gpt2`: no prefix, and buffers that hold masks.
batch.safetensors
    input_ids, attention_mask, labels. Rows have 17, 11 and 14 tokens, then id 0. Labels are not shifted; -100 stands on padding, on a
    prompt (rows 0, 1) and in a hole (row 2). Row 2 has a label at position 0, which nothing predicts and which must not count.
expected.safetensors
    logits, 0 where padded; token_loss of labels[:, 1:]; loss, loss_sum, loss_count; grad.<parameter>. Buffers have no gradient.
packed.safetensors
    Three sequences in one row: input_ids, position_ids, segment_ids, labels, and what the sequences give one by one: logits, loss,
    loss_sum, loss_count, grad_norm, gradnorm.<parameter>.
lora.safetensors, adapter/
    A and B (not zero) on all linear layers but the head, scale 2, their gradients, loss and logits; and the folder as PEFT saves it.
trace.json
    AdamW on that batch, 10 steps or 5 of two micro-batches; `*_mid` with norms around the limit. Adapters start with B = 0. Of each step
    the loss before it, the norm before clipping and the rate; `sensitivity` is how far these move for a nudge of one unit in the last place.
generate.json
    Prompts, 12 greedy ids each, and the smallest gap between the likeliest two.
"""
import json
import math
import re
import sys
import zlib
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

V, R, ALPHA, PAD = 256, 4, 8, 0
ROPE = lambda theta, **kw: {"rope_theta": theta, "rope_type": "default", **kw}
LLAMA = dict(vocab_size=V, hidden_size=64, intermediate_size=112, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=128, rms_norm_eps=1e-5, rope_parameters=ROPE(10000.0),
             bos_token_id=1, eos_token_id=2, tie_word_embeddings=False)
GPT2 = dict(vocab_size=V, n_positions=64, n_embd=48, n_layer=2, n_head=3, bos_token_id=1, eos_token_id=2,
            resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0)
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=32)

TINY = {**LLAMA, "hidden_size": 48, "intermediate_size": 80, "num_attention_heads": 4, "num_key_value_heads": 2,
        "pad_token_id": None}
YARN8 = dict(rope_type="yarn", factor=16.0, original_max_position_embeddings=8, beta_fast=4.0, beta_slow=0.25)
LOCAL_GLOBAL = lambda local, full: {"sliding_attention": ROPE(local), "full_attention": full}
DROP = object()  # in an edit of config_legacy.json: leave the key out
GEMMA3 = {**TINY, "num_hidden_layers": 3, "head_dim": 24, "num_key_value_heads": 1, "rms_norm_eps": 1e-6,
          "query_pre_attn_scalar": 20, "sliding_window": 6, "sliding_window_pattern": 2, "pad_token_id": 0,
          "rope_parameters": LOCAL_GLOBAL(10000.0, ROPE(1000000.0)), "tie_word_embeddings": True}
QWEN35 = {**TINY, "num_hidden_layers": 4, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 32,
          "rms_norm_eps": 1e-6, "linear_conv_kernel_dim": 4, "linear_key_head_dim": 16, "linear_value_head_dim": 12,
          "linear_num_key_heads": 2, "linear_num_value_heads": 4, "tie_word_embeddings": True,
          "rope_parameters": ROPE(10000000.0, partial_rotary_factor=0.25, mrope_interleaved=True, mrope_section=[2, 1, 1])}
PHI4 = {**TINY, "hidden_size": 64, "tie_word_embeddings": True, "max_position_embeddings": 256,
        "original_max_position_embeddings": 64,
        "rope_parameters": ROPE(10000.0, rope_type="longrope", partial_rotary_factor=0.75,
                                short_factor=[1.0, 1.1, 1.25, 1.5, 2.0, 3.0], long_factor=[1.0, 1.5, 3.0, 6.0, 12.0, 24.0])}
GEMMA4 = {**TINY, "num_hidden_layers": 4, "head_dim": 16, "global_head_dim": 32, "num_key_value_heads": 1,
          "intermediate_size": 56, "rms_norm_eps": 1e-6, "sliding_window": 6, "pad_token_id": 0, "tie_word_embeddings": True,
          "layer_types": ["sliding_attention", "full_attention"] * 2, "num_kv_shared_layers": 2,
          "use_double_wide_mlp": True, "hidden_size_per_layer_input": 12, "vocab_size_per_layer_input": V,
          "final_logit_softcapping": 4.0,
          "rope_parameters": LOCAL_GLOBAL(10000.0, {"rope_type": "proportional", "partial_rotary_factor": 0.25,
                                                    "rope_theta": 1000000.0})}

# feed-forward width: int(2*84/3) = 56, int(1.3*56) = 72, up to a multiple of 10: 80
LFM2 = {**{k: v for k, v in TINY.items() if k != "rms_norm_eps"}, "num_hidden_layers": 5, "num_attention_heads": 6, "num_key_value_heads": 2,
        "intermediate_size": 84, "block_ffn_dim_multiplier": 1.3, "block_multiple_of": 10, "norm_eps": 1e-5, "pad_token_id": 0,
        "conv_L_cache": 3, "tie_word_embeddings": True, "rope_parameters": ROPE(1000000.0),
        "layer_types": ["conv", "full_attention", "conv", "full_attention", "conv"]}

# name: (Transformers config class, its arguments, edits of config_legacy.json)
CASES = {
    "gpt2": ("GPT2Config", GPT2, {}),
    "llama": ("LlamaConfig", LLAMA, {}),
    "smollm2": ("LlamaConfig", {**LLAMA, "hidden_size": 48, "intermediate_size": 128, "num_attention_heads": 3,
                                "num_key_value_heads": 1, "rope_parameters": ROPE(100000.0),
                                "tie_word_embeddings": True}, {}),
    "mistral": ("MistralConfig", {**LLAMA, "head_dim": 24, "sliding_window": None}, {}),
    "qwen2": ("Qwen2Config", {**LLAMA, "rms_norm_eps": 1e-6, "rope_parameters": ROPE(1000000.0),
                              "tie_word_embeddings": True}, {}),
    "qwen3": ("Qwen3Config", {**LLAMA, "head_dim": 24, "rms_norm_eps": 1e-6, "rope_parameters": ROPE(1000000.0),
                              "tie_word_embeddings": True}, {}),
    # newer families.  The layer pattern is derived from an interval in config_legacy.json wherever the class does so
    "smollm3": ("SmolLM3Config", {**TINY, "num_hidden_layers": 4, "no_rope_layer_interval": 2, "rms_norm_eps": 1e-6,
                                  "rope_parameters": ROPE(5000000.0), "tie_word_embeddings": True},
                {"no_rope_layers": DROP}),
    "gemma3": ("Gemma3TextConfig", GEMMA3, {"sliding_window_pattern": 2, "_sliding_window_pattern": DROP}),
    "phi3": ("Phi3Config", PHI4, {}),
    "ministral3": ("Ministral3Config", {**TINY, "hidden_size": 64, "head_dim": 24, "sliding_window": None,
                                        "rope_parameters": {"rope_theta": 1000.0, **YARN8, "mscale": 1.0,
                                                            "mscale_all_dim": 0.5, "llama_4_scaling_beta": 0.3}}, {}),
    "granite": ("GraniteConfig", {**TINY, "hidden_size": 64, "tie_word_embeddings": True, "embedding_multiplier": 3.0,
                                  "attention_multiplier": 0.11, "residual_multiplier": 0.6, "logits_scaling": 0.6}, {}),
    "olmo2": ("Olmo2Config", {**TINY, "hidden_size": 64, "rms_norm_eps": 1e-6, "rope_parameters": ROPE(500000.0)}, {}),
    "olmo3": ("Olmo3Config", {**TINY, "num_hidden_layers": 4, "rms_norm_eps": 1e-6, "sliding_window": 5,
                              "rope_parameters": LOCAL_GLOBAL(500000.0, {"rope_theta": 500000.0, **YARN8, "factor": 8.0, "beta_slow": 0.05,
                                                                         "original_max_position_embeddings": 64,
                                                                         "attention_factor": 1.2})}, {}),
    "qwen3_5": ("Qwen3_5TextConfig", QWEN35, {"full_attention_interval": 4}),
    "gemma4": ("Gemma4TextConfig", GEMMA4, {"layer_types": GEMMA4["layer_types"], "per_layer_config": DROP,
                                            "global_head_dim": 32, "num_global_key_value_heads": None}),
    "exaone4": ("Exaone4Config", {**TINY, "num_hidden_layers": 4, "sliding_window": 5, "sliding_window_pattern": 4,
                                  "rope_parameters": ROPE(10000.0)}, {}),
    "granite4": ("GraniteMoeHybridConfig", {**TINY, "hidden_size": 64, "tie_word_embeddings": True, "embedding_multiplier": 3.0,
                                            "attention_multiplier": 0.11, "residual_multiplier": 0.6, "logits_scaling": 0.6,
                                            "num_local_experts": 0, "num_experts_per_tok": 0, "shared_intermediate_size": 72,
                                            "position_embedding_type": "rope", "mamba_n_heads": 4,
                                            "layer_types": ["attention", "attention"]}, {"layer_types": ["attention", "attention"]}),
    # config_legacy.json as the Hub's LFM2-350M/-700M/-1.2B have it (unused keys and all)
    "lfm2": ("Lfm2Config", LFM2, {"full_attn_idxs": [1, 3], "block_ff_dim": 84, "intermediate_size": DROP, "tie_embedding": True,
                                  "tie_word_embeddings": DROP, "theta": 1000000.0, "block_norm_eps": 1e-5, "block_dim": 48, "conv_dim": 48,
                                  "num_heads": 6, "block_use_swiglu": True, "use_pos_enc": True, "rope_scaling": DROP}),
}

HYPER = {
    "optimizer": "torch.optim.AdamW: p *= 1 - lr*wd; m = b1*m + (1-b1)*g; v = b2*v + (1-b2)*g*g; "
                 "p -= lr * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps), t = 1, 2, ...",
    "defaults": "betas 0.9, 0.999; eps 1e-8; weight_decay 0.01; max_norm 1.0 (each trace states its own)",
    "clip": "torch.nn.utils.clip_grad_norm_: g *= min(1, max_norm / (norm + 1e-6)), norm = L2 over all gradients",
    "schedule": "transformers.get_cosine_schedule_with_warmup(warmup=2, total=steps), num_cycles 0.5; at step s = 0, 1, "
                "..: s < warmup: lr*s/warmup (so the first step has lr 0); else "
                "lr * max(0, 0.5*(1 + cos(pi*(s-warmup)/(total-warmup))))",
    "warmup_steps": 2,
    "decay": "LoRA: all A and B. Full: all parameters but norm weights and biases (embeddings do decay).",
    "accum": "Each step: gradients summed over the micro-batches (rows of batch.safetensors), each micro-batch's loss "
             "being its token loss sum / num_items, num_items = labelled next tokens of the whole step; "
             "a step's loss is the sum of its micro_losses.",
}


def seed(*parts):
    """A torch generator seeded by the given words (independent of call order)."""
    return torch.Generator().manual_seed(zlib.crc32("/".join(parts).encode()))


def is_norm(name):
    """True for the weight or bias of a layer norm / RMS norm (gpt2: ln_1, ln_2, ln_f)."""
    return bool(re.search(r"norm|\.ln_", name))


def fill(model, gen):
    """Random weights that leave nothing trivial: norm weights around 1 (those that are used as 1 + w: around 0), all
    biases well away from 0."""
    embed = 0.12 if model.config.tie_word_embeddings else 0.25  # a tied head must not just repeat its input
    if model.config.tie_word_embeddings:  # nor a multiplied embedding drown the layers
        embed /= math.sqrt(getattr(model.config, "embedding_multiplier", getattr(model.model.embed_tokens, "scalar_embed_scale", 1))
                           if hasattr(model, "model") else 1)
    with torch.no_grad():
        for name, p in model.named_parameters():
            noise = torch.randn(p.shape, generator=gen)
            if name.endswith("bias"): p.copy_(0.2 * noise)
            elif is_norm(name): p.copy_(p.mean().round() + 0.25 * noise)  # HF starts them at 1 or, for 1 + w, at 0
            elif name.endswith("A_log"): p.copy_(0.6 * noise - 1)  # decays mostly between 0.5 and 0.95 a token
            elif re.search(r"embed|wte|wpe|lm_head", name): p.copy_(embed * noise)
            else:  # a linear layer; HF's Conv1D (gpt2) is [in,out], nn.Linear is [out,in], a depthwise conv [C,1,K]
                p.copy_(noise * 1.2 / math.sqrt(len(p) if "transformer.h." in name else p[0].numel()))
            # keep the models well conditioned, lest float32 noise grow over a trace: nothing near 0 may meet a norm
            if model.config.model_type == "gemma4_text":
                if "q_norm" in name: p.mul_(0.35)  # scores are not scaled
                if "per_layer_input_gate" in name: p.mul_(0.3)  # its input is not normed: GELU must not shut all
            if "in_proj_b" in name: p.mul_(0.5)
            if re.search(r"in_proj_qkv|conv1d", name):  # the first outputs are (q . k) v: keys much like queries
                n = model.config.linear_num_key_heads * model.config.linear_key_head_dim
                p[n:2 * n].mul_(0.5).add_(p[:n], alpha=0.9)
        for name, b in model.named_buffers():
            if name in model.state_dict(): b.copy_(0.8 + 0.1 * torch.randn(b.shape, generator=gen))  # gemma4's layer_scalar


def load(folder):
    """The case's model, in training mode (no case has dropout)."""
    import transformers
    return transformers.AutoModelForCausalLM.from_pretrained(
        folder, attn_implementation="eager", dtype=torch.float32).train()


def legacy_config(cfg, edits):
    """Transformers-4 spelling of a Transformers-5 config.json."""
    cfg = dict(cfg)
    cfg.pop("layer_types", None)
    cfg["torch_dtype"] = cfg.pop("dtype")
    if cfg["model_type"] == "gpt2":
        del cfg["tie_word_embeddings"]
    elif cfg["model_type"] not in ("gemma3_text", "gemma4_text", "qwen3_5_text", "ministral3") and \
            cfg.get("head_dim", 0) * cfg["num_attention_heads"] == cfg["hidden_size"]:  # those have a number as default
        del cfg["head_dim"]
    for k in ("attention_bias", "mlp_bias", "n_inner"):
        if not cfg.get(k): cfg.pop(k, None)
    rope = cfg.pop("rope_parameters", None)
    if cfg["model_type"] in ("qwen3_5_text", "gemma4_text"):  # never had another; what equals the class's default is left out
        if rope.get("partial_rotary_factor") == 0.25: rope = {k: v for k, v in rope.items() if k != "partial_rotary_factor"}
        cfg["rope_parameters"] = rope
    elif cfg["model_type"] == "ministral3":
        cfg["rope_parameters"] = {"type" if k == "rope_type" else k: v for k, v in rope.items()}
    elif rope:
        if "full_attention" in rope:
            if cfg["model_type"] == "gemma3_text": cfg["rope_local_base_freq"] = rope["sliding_attention"]["rope_theta"]
            rope = rope["full_attention"]
        if cfg["model_type"] == "phi3":
            rope = dict(rope, type=rope["rope_type"])
            del rope["rope_type"]
            cfg["partial_rotary_factor"] = rope.pop("partial_rotary_factor")
            rope.pop("original_max_position_embeddings")
        cfg["rope_theta"] = rope["rope_theta"]
        rest = {k: v for k, v in rope.items() if k != "rope_theta"}
        if rest.get("rope_type") == "linear" and "rope_local_base_freq" not in cfg: rest["type"] = rest.pop("rope_type")  # the oldest spelling
        cfg["rope_scaling"] = None if rest.get("rope_type") == "default" else rest
    return {k: v for k, v in {**cfg, **edits}.items() if v is not DROP}


def make_batch(gen):
    lengths, prefix = [17, 11, 14], [4, 3, 0]
    ids = torch.randint(3, V, (3, 17), generator=gen)
    pos = torch.arange(17)[None]
    mask = (pos < torch.tensor(lengths)[:, None]).long()
    labels = torch.where((mask == 1) & (pos >= torch.tensor(prefix)[:, None]), ids, -100)
    labels[2, 6:8] = -100
    return {"input_ids": ids * mask + PAD * (1 - mask), "attention_mask": mask, "labels": labels}


def token_loss(logits, labels):
    """Loss of predicting labels[:,1:], 0 where -100: [B,T-1]."""
    return torch.nn.functional.cross_entropy(logits[:, :-1].transpose(1, 2), labels[:, 1:], reduction="none")


def count(labels):
    return (labels[:, 1:] != -100).sum()


def grads(model, prefix="grad.", clean=lambda n: n):
    return {prefix + clean(n): p.grad.clone() for n, p in model.named_parameters() if p.requires_grad}


def expected(folder, batch):
    model = load(folder)
    out = model(**batch)
    out.loss.backward()
    tl, n = token_loss(out.logits, batch["labels"]).detach(), count(batch["labels"])
    assert torch.allclose(tl.sum() / n, out.loss, atol=1e-6)
    return {"logits": out.logits.detach() * batch["attention_mask"][..., None], "token_loss": tl,
            "loss": out.loss.detach(), "loss_sum": tl.sum(), "loss_count": n, **grads(model)}


def packed(folder, gen):
    """Three sequences run one by one, results laid out as one packed row; HF's own packed run must agree."""
    model, parts, logits, total = load(folder), [], [], 0.0
    for i, (length, prefix) in enumerate([(9, 2), (5, 1), (7, 3)]):
        ids = torch.randint(3, V, (1, length), generator=gen)
        pos = torch.arange(length)[None]
        labels = torch.where(pos >= prefix, ids, -100)
        parts.append({"input_ids": ids, "position_ids": pos, "segment_ids": torch.full_like(ids, i), "labels": labels})
    row = {k: torch.cat([p[k] for p in parts], 1) for k in parts[0]}
    n = count(row["labels"])
    for p in parts:
        out = model(input_ids=p["input_ids"], labels=p["labels"], num_items_in_batch=n, use_cache=False)
        out.loss.backward()
        logits.append(out.logits.detach())
        total = total + out.loss.detach()
    logits = torch.cat(logits, 1)
    g = grads(model)
    with torch.no_grad():
        hf = model(input_ids=row["input_ids"], position_ids=row["position_ids"], labels=row["labels"], use_cache=False)
    same = torch.allclose(hf.logits, logits, atol=2e-5) and torch.allclose(hf.loss, total, atol=1e-5)
    # without special kernels these know no segments in Transformers: its packed run leaks over the borders
    leaks = model.config.model_type == "granitemoehybrid" or \
        not {"linear_attention", "conv"}.isdisjoint(getattr(model.config, "layer_types", None) or [])
    assert same != leaks, "packed"
    if not same: print(folder.name, "HF's own packed run is off by", (hf.logits - logits).abs().max().item())
    return {**row, "logits": logits, "loss": total, "loss_sum": total * n, "loss_count": n,
            "grad_norm": torch.sqrt(sum(x.square().sum() for x in g.values())),
            **{k.replace("grad.", "gradnorm."): x.norm() for k, x in g.items()}}


def lora_model(folder, a_and_b=None):
    """PEFT model on all linear layers of the blocks; A (and B) set from a_and_b, by PEFT's saved names."""
    import peft
    model = load(folder)
    gpt2 = model.config.model_type == "gpt2"
    names = ["c_attn", "c_proj", "c_fc"] if gpt2 else sorted(
        {n.rpartition(".")[2] for n, m in model.named_modules() if isinstance(m, torch.nn.Linear)} - {"lm_head"})
    model = peft.get_peft_model(model, peft.LoraConfig(
        r=R, lora_alpha=ALPHA, lora_dropout=0.0, bias="none", target_modules=names, task_type="CAUSAL_LM",
        fan_in_fan_out=gpt2)).train()
    if a_and_b:
        with torch.no_grad():
            for n, p in model.named_parameters():
                if p.requires_grad: p.copy_(a_and_b[peft_name(n)])
    return model


def peft_name(n):
    return n.replace(".default.", ".")


def lora(folder, batch, gen):
    ab = {}
    for n, p in lora_model(folder).named_parameters():
        if p.requires_grad:  # A: unit-variance outputs; B: adapters that matter without drowning the base model
            ab[peft_name(n)] = torch.randn(p.shape, generator=gen) * (1 / math.sqrt(p.shape[1]) if "lora_A" in n else 0.05)
    model = lora_model(folder, ab)
    out = model(**batch)
    out.loss.backward()
    model.peft_config["default"].base_model_name_or_path = ".."
    model.peft_config["default"].target_modules = sorted(model.peft_config["default"].target_modules)
    model.save_pretrained(folder / "adapter", save_embedding_layers=False)
    (folder / "adapter" / "README.md").unlink(missing_ok=True)
    assert {k: v.tolist() for k, v in load_file(folder / "adapter" / "adapter_model.safetensors").items()} == \
        {k: v.tolist() for k, v in ab.items()}
    return {**ab, **grads(model, clean=peft_name), "loss": out.loss.detach(),
            "logits": out.logits.detach() * batch["attention_mask"][..., None]}


def train(model, batch, lr, steps, groups, weight_decay=0.01, betas=(0.9, 0.999), eps=1e-8, max_norm=1.0):
    """`steps` AdamW steps; groups: the rows of each micro-batch.  See HYPER for every formula."""
    from transformers import Trainer, get_cosine_schedule_with_warmup
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    plain = [n for n, _ in named if is_norm(n) or n.endswith("bias")]
    assert "transformer.wte.weight" in dict(named) or set(plain) == \
        {n for n, _ in named} - set(Trainer.get_decay_parameter_names(None, model)), "not what Trainer does"
    sets = {"decay": [p for n, p in named if n not in plain], "no_decay": [p for n, p in named if n in plain]}
    opt = torch.optim.AdamW([{"params": sets["decay"], "weight_decay": weight_decay},
                             {"params": sets["no_decay"], "weight_decay": 0.0}], lr=lr, betas=betas, eps=eps)
    sched = get_cosine_schedule_with_warmup(opt, 2, steps)
    n = count(batch["labels"])
    micro = [{k: v[rows] for k, v in batch.items()} for rows in groups]
    res = {"lr": lr, "steps": steps, "weight_decay": weight_decay, "betas": betas, "eps": eps, "max_norm": max_norm,
           "losses": [], "grad_norms": [], "lrs": []}
    if len(groups) > 1:
        res.update(micro_batches=groups, num_items=int(n), micro_items=[int(count(m["labels"])) for m in micro],
                   micro_losses=[])
    for _ in range(steps):
        losses = []
        for m in micro:
            loss = model(**m, num_items_in_batch=n).loss
            loss.backward()
            losses.append(loss.item())
        res["losses"].append(sum(losses))
        if len(groups) > 1: res["micro_losses"].append(losses)
        res["grad_norms"].append(torch.nn.utils.clip_grad_norm_([p for _, p in named], max_norm).item())
        res["lrs"].append(sched.get_last_lr()[0])
        opt.step(); sched.step(); opt.zero_grad()
    with torch.no_grad():
        res["loss_after"] = model(**batch).loss.item()
        res["param_norms_after"] = {k: math.sqrt(sum(p.double().square().sum().item() for p in ps)) for k, ps in sets.items()}
    res["no_decay"] = sorted(plain)
    return res


def trace(folder, batch, ab, gen):
    start = {k: v if "lora_A" in k else torch.zeros_like(v) for k, v in ab.items() if k.startswith("base_model")}
    make = {"lora": lambda: lora_model(folder, start), "full": lambda: load(folder)}
    out = {"hyper": HYPER}

    def run(name, steps=10, groups=((0, 1, 2),), **kw):
        kind = name.split("_")[0]
        args = dict(lr={"lora": 1e-2, "full": 1e-3}[kind], steps=steps, groups=[list(g) for g in groups], **kw)
        res, nudged = train(make[kind](), batch, **args), make[kind]()
        with torch.no_grad():
            for p in nudged.parameters():
                p.mul_(1 + 1e-7 * torch.randn(p.shape, generator=gen))
        other = train(nudged, batch, **args)
        res["sensitivity"] = {k: max(abs(a - b) for a, b in zip(res[k], other[k])) for k in ("losses", "grad_norms")}
        out[name] = res

    for kind, more in (("lora", {}), ("full", {"weight_decay": 2.0, "betas": (0.8, 0.95), "eps": 1e-6})):
        run(kind)
        run(kind + "_accum", steps=5, groups=((0, 1), (2,)))
        norms = out[kind]["grad_norms"]
        run(kind + "_mid", max_norm=round((min(norms) + max(norms)) / 2, 2), **more)
        norms, mid = out[kind + "_mid"]["grad_norms"], out[kind + "_mid"]["max_norm"]
        assert sum(x < mid for x in norms) >= 2 and sum(x > mid for x in norms) >= 2
    return out


def generate(folder, gen):
    """Greedy by full recomputation, equal to HF generate() with its cache; prompts redrawn until there are no near-ties
    and the outputs are varied."""
    model = load(folder).eval()
    model.generation_config.eos_token_id = None
    for attempt in range(400):
        prompts = [torch.randint(3, V, (n,), generator=gen).tolist() for n in (3, 8, 1)]
        outputs, margin = [], float("inf")
        for p in prompts:
            ids = list(p)
            for _ in range(12):
                with torch.no_grad():
                    top = model(torch.tensor([ids]), use_cache=False).logits[0, -1].topk(2)
                margin = min(margin, (top.values[0] - top.values[1]).item())
                ids.append(top.indices[0].item())
            outputs.append(ids[len(p):])
        if margin > 0.01 and min(len(set(o)) for o in outputs) >= 7 - attempt // 100: break
    else: raise RuntimeError("no prompts without near-ties")
    for p, o in zip(prompts, outputs):
        hf = model.generate(torch.tensor([p]), attention_mask=torch.ones(1, len(p), dtype=torch.long),
                            max_new_tokens=12, do_sample=False, pad_token_id=PAD)
        assert hf[0, len(p):].tolist() == o, "generate"
    return {"max_new_tokens": 12, "eos": "ignored", "prompts": prompts, "outputs": outputs, "min_margin": margin}


def save(path, tensors):
    save_file({k: v.detach().contiguous() for k, v in tensors.items()}, path)


def dump(path, obj):
    path.write_text(json.dumps(obj, indent=1) + "\n")


def make_case(folder, name, cls, args, edits):
    import transformers
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    model = transformers.AutoModelForCausalLM.from_config(getattr(transformers, cls)(**args),
                                                          attn_implementation="eager").float()
    fill(model, seed(name, "weights"))
    model.save_pretrained(folder)
    dump(folder / "config_legacy.json", legacy_config(json.loads((folder / "config.json").read_text()), edits))
    if name == "gpt2":
        hub = {k.removeprefix("transformer."): v for k, v in load_file(folder / "model.safetensors").items()}
        for i in range(args["n_layer"]):
            hub[f"h.{i}.attn.bias"] = torch.ones(64, 64).tril()[None, None]
        save_file(hub, folder / "model_hubnames.safetensors", metadata={"format": "pt"})
    batch = make_batch(seed(name, "batch"))
    save(folder / "batch.safetensors", batch)
    save(folder / "expected.safetensors", expected(folder, batch))
    save(folder / "packed.safetensors", packed(folder, seed(name, "packed")))
    ab = lora(folder, batch, seed(name, "lora"))
    save(folder / "lora.safetensors", ab)
    dump(folder / "trace.json", trace(folder, batch, ab, seed(name, "trace")))
    dump(folder / "generate.json", generate(folder, seed(name, "generate")))
    for f in folder.rglob("*"):
        if f.is_file(): f.chmod(0o644)
    print(f"{folder}: {sum(f.stat().st_size for f in folder.rglob('*') if f.is_file()) / 1e6:.2f} MB")


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    for name in sys.argv[2:] or CASES: make_case(Path(sys.argv[1]) / name, name, *CASES[name])


if __name__ == "__main__":
    main()
