"""Trains a bundle with PyTorch alone, in float32 and one process, and prints the loss of each step: what train.py is held against.

    python plain-loop.py BUNDLE STEPS
"""

import json
import math
import sys
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

bundle, count = Path(sys.argv[1]), int(sys.argv[2])
run = json.loads((bundle / "run.json").read_text())
read = lambda name: [json.loads(line) for line in (bundle / name).read_text().splitlines()]
rows, steps = read("train.jsonl"), read("steps.jsonl")
model = AutoModelForCausalLM.from_pretrained(bundle / "model", dtype=torch.float32)
if run["method"] != "full":
    model = PeftModel.from_pretrained(model, str(bundle / "adapter"), is_trainable=True)
model.train()
trained = [p for p in model.parameters() if p.requires_grad]
betas = (run["beta1"], run["beta2"])
optimizer = torch.optim.AdamW(trained, lr=0, betas=betas, eps=run["eps"], weight_decay=run["weightDecay"])


def rate(step: int) -> float:
    warm, total = run["warmupSteps"], len(steps)
    if step < warm:
        return run["learningRate"] * step / warm
    done = (step - warm) / max(1, total - warm)
    falls = {"constant": 1, "linear": 1 - done, "cosine": 0.5 * (1 + math.cos(math.pi * done))}
    return run["learningRate"] * falls[run["schedule"]]


for number, step in enumerate(steps[:count]):
    labelled, total = 0, 0.0
    for row in (rows[place] for batch in step["rows"] for place in batch):
        ids, labels = torch.tensor([row["input_ids"]]), torch.tensor(row["labels"][1:])
        logits = model(input_ids=ids, use_cache=False).logits[0, :-1]
        loss = torch.nn.functional.cross_entropy(logits, labels, ignore_index=-100, reduction="sum")
        loss.backward()
        total, labelled = total + loss.item(), labelled + int((labels != -100).sum())
    for parameter in trained:
        parameter.grad /= labelled
    if run["maxGradNorm"] > 0:
        torch.nn.utils.clip_grad_norm_(trained, run["maxGradNorm"])
    for group in optimizer.param_groups:
        group["lr"] = rate(number)
    optimizer.step()
    optimizer.zero_grad()
    print(json.dumps({"step": number + 1, "loss": total / labelled}), flush=True)
