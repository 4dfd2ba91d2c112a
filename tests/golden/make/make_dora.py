"""Reference values of DoRA from PEFT, on the seeded models of the families: `python tests/golden/make/make_dora.py tests/golden/data`.

Writes data/dora/<family>/dora.safetensors:
    loss, logits of the first row of the family's batch (0 where padded), grad.<peft name> of every A, B and magnitude,
    merged.<parameter> of two matrices after `merge_and_unload`;
and data/dora/<family>/adapter/ as PEFT saves it: r=2, alpha=5, seeded A, B and magnitudes, on all linear layers but the head.
"""
import math
import sys
from pathlib import Path

import peft
import torch
import transformers
from safetensors.torch import load_file, save_file

TARGETS = {"gpt2": ["c_attn", "c_proj", "c_fc"],
           "qwen2": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]}
MERGED = {"gpt2": ["transformer.h.0.attn.c_attn.weight", "transformer.h.1.mlp.c_proj.weight"],
          "qwen2": ["model.layers.0.self_attn.k_proj.weight", "model.layers.1.mlp.down_proj.weight"]}


def saved_name(name):
    return name.replace(".default.weight", "") if "magnitude" in name else name.replace(".default.", ".")


def make(data, family):
    out = data / "dora" / family
    out.mkdir(parents=True, exist_ok=True)
    base = transformers.AutoModelForCausalLM.from_pretrained(
        data / "families" / family, attn_implementation="eager", dtype=torch.float32).train()
    model = peft.get_peft_model(base, peft.LoraConfig(
        r=2, lora_alpha=5, lora_dropout=0.0, bias="none", target_modules=TARGETS[family], task_type="CAUSAL_LM",
        fan_in_fan_out=family == "gpt2", use_dora=True)).train()
    gen = torch.Generator().manual_seed(28)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if not p.requires_grad: continue
            noise = torch.randn(p.shape, generator=gen)
            if "magnitude" in name: p.mul_(1 + 0.15 * noise)
            else: p.copy_(noise * (1 / math.sqrt(p.shape[1]) if "lora_A" in name else 0.1))
    batch = load_file(data / "families" / family / "batch.safetensors")
    batch = {k: v.long() for k, v in batch.items() if k in ("input_ids", "attention_mask", "labels")}
    result = model(**batch)
    result.loss.backward()
    found = {"loss": result.loss.detach(),
             "logits": (result.logits.detach() * batch["attention_mask"][..., None])[:1].contiguous(),
             **{f"grad.{saved_name(n)}": p.grad for n, p in model.named_parameters() if p.requires_grad}}
    config = model.peft_config["default"]
    config.base_model_name_or_path = ".."
    config.target_modules = sorted(config.target_modules)
    model.save_pretrained(out / "adapter", save_embedding_layers=False)
    (out / "adapter" / "README.md").unlink(missing_ok=True)
    merged = dict(model.merge_and_unload().named_parameters())
    found |= {f"merged.{name}": merged[name].detach().contiguous() for name in MERGED[family]}
    save_file(found, out / "dora.safetensors")
    print(family, found["loss"].item(), sorted(load_file(out / "adapter" / "adapter_model.safetensors"))[:3])


for one in TARGETS:
    make(Path(sys.argv[1]), one)
