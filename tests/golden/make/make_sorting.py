"""Reference values of heads that sort, from Transformers and PEFT: `python tests/golden/make/make_sorting.py tests/golden/data`.

For a model of the families with a head of five categories, right-padded texts of different lengths:
    sorting.safetensors: input_ids, attention_mask, categories, score.weight (the seeded head), and for `full` and `lora`
    <method>.logits, <method>.loss and <method>.grad.<name> of every trained parameter (for gpt2 of the adapter alone);
    trace.json: losses, gradient norms and norms of parameters of three AdamW steps of each method;
    adapter/ as PEFT saves it: r=2, alpha=5, seeded A and B on all linear layers, the head under modules_to_save;
    model/ (llama alone): config.json as Transformers saves it.
"""
import json
import math
import sys
from pathlib import Path

import peft
import torch
import transformers
from safetensors.torch import load_file, save_file

TARGETS = {"gpt2": ["c_attn", "c_proj", "c_fc"],
           "llama": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
           "qwen2": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]}
CATEGORIES = ["billing", "delivery", "other", "praise", "refund"]
LENGTHS = [9, 4, 17, 1, 12, 6]
PAD = 0
STEPS, RATE, DECAY, NORM = 3, 1e-3, 0.1, 1.0


def saved_name(name):
    return name.replace(".modules_to_save.default", "").replace(".default.", ".")


def batch():
    gen = torch.Generator().manual_seed(108)
    ids = torch.full((len(LENGTHS), max(LENGTHS)), PAD)
    for row, length in enumerate(LENGTHS):
        ids[row, :length] = torch.randint(3, 256, (length,), generator=gen)
    mask = (ids != PAD).long()
    return {"input_ids": ids, "attention_mask": mask,
            "labels": torch.randint(0, len(CATEGORIES), (len(LENGTHS),), generator=gen)}


def base_model(data, family):
    model = transformers.AutoModelForSequenceClassification.from_pretrained(
        data / "families" / family, num_labels=len(CATEGORIES), id2label=dict(enumerate(CATEGORIES)),
        label2id={name: i for i, name in enumerate(CATEGORIES)}, pad_token_id=PAD,
        attn_implementation="eager", dtype=torch.float32).eval()
    gen = torch.Generator().manual_seed(38)
    with torch.no_grad():
        model.score.weight.copy_(torch.randn(model.score.weight.shape, generator=gen) * 0.2)
    return model


def with_adapter(model, family):
    model = peft.get_peft_model(model, peft.LoraConfig(
        r=2, lora_alpha=5, lora_dropout=0.0, bias="none", target_modules=TARGETS[family], task_type="SEQ_CLS",
        fan_in_fan_out=family == "gpt2")).eval()
    gen = torch.Generator().manual_seed(28)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.requires_grad and "lora" in name:
                p.copy_(torch.randn(p.shape, generator=gen) * (1 / math.sqrt(p.shape[1]) if "lora_A" in name else 0.1))
    return model


def decayed(name):
    return not ("norm" in name or "ln_" in name or name.endswith("bias"))


def trained(model):
    return {saved_name(n): p for n, p in model.named_parameters() if p.requires_grad}


def measured(model, inputs, every):
    model.zero_grad()
    result = model(**inputs)
    result.loss.backward()
    grads = {f"grad.{n}": p.grad.clone() for n, p in trained(model).items()} if every else {}
    return {"loss": result.loss.detach().clone(), "logits": result.logits.detach().clone(), **grads}


def trace(model, inputs):
    groups = [{"params": [p for n, p in trained(model).items() if decayed(n) == on], "weight_decay": DECAY if on else 0.0}
              for on in (True, False)]
    optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.999), eps=1e-8)
    losses, norms = [], []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = model(**inputs).loss
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(list(trained(model).values()), NORM).item())
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        after = model(**inputs).loss.item()
    return {"losses": losses, "grad_norms": norms, "after": after,
            "parameter_norms": {n: p.detach().double().norm().item() for n, p in trained(model).items()}}


def make(data, family):
    out = data / "sorting" / family
    out.mkdir(parents=True, exist_ok=True)
    inputs = batch()
    model = base_model(data, family)
    found = {"input_ids": inputs["input_ids"].int(), "attention_mask": inputs["attention_mask"].int(),
             "categories": inputs["labels"].int(), "score.weight": model.score.weight.detach().clone()}
    if family == "llama":
        model.config.architectures = [type(model).__name__]  # as save_pretrained of the model sets it
        model.config.save_pretrained(out / "model")
    found |= {f"full.{k}": v for k, v in measured(model, inputs, family != "gpt2").items()}
    traces = {"full": trace(model, inputs)}
    model = with_adapter(base_model(data, family), family)
    config = model.peft_config["default"]
    config.base_model_name_or_path = ".."
    config.target_modules = sorted(config.target_modules)
    model.save_pretrained(out / "adapter", save_embedding_layers=False)
    (out / "adapter" / "README.md").unlink(missing_ok=True)
    found |= {f"lora.{k}": v for k, v in measured(model, inputs, True).items()}
    traces["lora"] = trace(model, inputs)
    save_file({k: v.contiguous() for k, v in found.items()}, out / "sorting.safetensors")
    settings = {"steps": STEPS, "rate": RATE, "weight_decay": DECAY, "max_norm": NORM}
    (out / "trace.json").write_text(json.dumps({**settings, **traces}, indent=1) + "\n")
    print(family, found["full.loss"].item(), found["lora.loss"].item(), traces["full"]["losses"], traces["lora"]["losses"])
    print(sorted(k for k in load_file(out / "adapter" / "adapter_model.safetensors"))[-3:])


for one in TARGETS:
    make(Path(sys.argv[1]), one)
