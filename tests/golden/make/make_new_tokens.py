"""Reference values of rows for new tokens from PEFT, on the seeded models of the families: `python tests/golden/make/make_new_tokens.py tests/golden/data`.

Writes data/new-tokens/<family>/new-tokens.safetensors:
    input_ids, labels (the family's batch with new tokens put in), loss, logits of the first row (0 where padded),
    grad.<peft name> of every A, B and row, merged.<table> after `merge_and_unload`;
and data/new-tokens/<family>/adapter/ as PEFT saves it (r=2, alpha=5, seeded A, B and rows), with Fettle's list of texts in the metadata.
GPT-2's embedding and Llama's two tables are made larger first; Qwen2's new tokens take rows that it has.
"""
import json
import math
import sys
from pathlib import Path

import peft
import torch
import transformers
from safetensors.torch import load_file, save_file

TEXTS = ["<|ticket|>", "<|end_ticket|>", "<tool>"]
CASES = {"gpt2": (256, ["wte"], ["c_attn"]), "qwen2": (250, ["embed_tokens"], ["q_proj", "down_proj"]),
         "llama": (256, ["embed_tokens", "lm_head"], ["v_proj", "up_proj"])}


def saved_name(name):
    return name.replace(".default", "")


def make(data, family):
    first, tables, targets = CASES[family]
    out = data / "new-tokens" / family
    out.mkdir(parents=True, exist_ok=True)
    base = transformers.AutoModelForCausalLM.from_pretrained(
        data / "families" / family, attn_implementation="eager", dtype=torch.float32).train()
    ids = [first + i for i in range(len(TEXTS))]
    if ids[-1] >= base.config.vocab_size:
        base.resize_token_embeddings(ids[-1] + 1, mean_resizing=False)
    model = peft.get_peft_model(base, peft.LoraConfig(
        r=2, lora_alpha=5, lora_dropout=0.0, bias="none", target_modules=targets, task_type="CAUSAL_LM",
        fan_in_fan_out=family == "gpt2", trainable_token_indices={table: ids for table in tables})).train()
    gen = torch.Generator().manual_seed(33)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if not p.requires_grad: continue
            noise = torch.randn(p.shape, generator=gen)
            if "trainable_tokens" in name: p.copy_(0.3 * noise)
            else: p.copy_(noise * (1 / math.sqrt(p.shape[1]) if "lora_A" in name else 0.1))
    batch = load_file(data / "families" / family / "batch.safetensors")
    batch = {k: v.long() for k, v in batch.items() if k in ("input_ids", "attention_mask", "labels")}
    for at, token in enumerate([ids[0], ids[2], ids[0]]):
        for row in range(batch["input_ids"].shape[0]):
            place = 2 + 2 * at + row
            if not batch["attention_mask"][row, place]: continue
            batch["input_ids"][row, place] = token
            if batch["labels"][row, place] >= 0: batch["labels"][row, place] = token
    result = model(**batch)
    result.loss.backward()
    found = {"input_ids": batch["input_ids"].int(), "labels": batch["labels"].int(), "loss": result.loss.detach(),
             "logits": (result.logits.detach() * batch["attention_mask"][..., None])[:1].contiguous(),
             **{f"grad.{saved_name(n)}": p.grad.clone() for n, p in model.named_parameters() if p.requires_grad}}
    config = model.peft_config["default"]
    config.base_model_name_or_path = ".."
    config.target_modules = sorted(config.target_modules)
    model.save_pretrained(out / "adapter", save_embedding_layers=False)
    (out / "adapter" / "README.md").unlink(missing_ok=True)
    file = out / "adapter" / "adapter_model.safetensors"
    save_file(load_file(file), file, {"format": "pt", "fettle.new-tokens": json.dumps(TEXTS)})
    merged = model.merge_and_unload()
    found["merged.embedding"] = merged.get_input_embeddings().weight.detach().clone()
    if len(tables) > 1: found["merged.head"] = merged.get_output_embeddings().weight.detach().clone()
    save_file(found, out / "new-tokens.safetensors")
    labels = batch["labels"]
    print(family, found["loss"].item(), [int((labels == i).sum()) for i in ids], sorted(load_file(file)))


for one in CASES:
    make(Path(sys.argv[1]), one)
