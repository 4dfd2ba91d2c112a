"""Trains an adapter with TRL and PEFT on a task of `npm run bench:tasks`: trl_task.py ASKED.json.

The file has {"model": folder, "train": JSON Lines of prompt and answer, or of messages, or of pairs, "kind", "out": folder of the
adapter, "seed", "threads", "ours": null or values}. Without `ours` every value is what TRL and PEFT take by themselves, on a processor. With it
they are those that Fettle's plan has; rows of a step are as many as have its tokens on average. Prints what it took as JSON.
"""

import json
import os
import sys
import time
import warnings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
warnings.filterwarnings("ignore")

with open(sys.argv[1], encoding="utf-8") as f:
    given = json.load(f)

import peft  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402
import trl  # noqa: E402
from datasets import Dataset  # noqa: E402
from pytorch_lora import PROJECTIONS  # noqa: E402
from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: E402

transformers.logging.set_verbosity_error()
torch.set_num_threads(given["threads"])
torch.manual_seed(given["seed"])


def turn(role, content):
    return [{"role": role, "content": content}]


def row_of(row):
    if given["kind"] == "pairs":
        return {
            "prompt": turn("user", row["prompt"]),
            "chosen": turn("assistant", row["chosen"]),
            "rejected": turn("assistant", row["rejected"]),
        }
    return {"prompt": turn("user", row["prompt"]), "completion": turn("assistant", row["answer"])}


with open(given["train"], encoding="utf-8") as f:
    rows = [row_of(json.loads(line)) for line in f]
tokenizer = AutoTokenizer.from_pretrained(given["model"])
model = AutoModelForCausalLM.from_pretrained(given["model"], dtype=torch.float32)
pairs = given["kind"] == "pairs"
ours = given["ours"]
common = dict(
    output_dir=given["out"], use_cpu=True, seed=given["seed"], report_to=[], save_strategy="no", disable_tqdm=True, bf16=False,
)
if ours is None:
    values, lora = {}, peft.LoraConfig(task_type="CAUSAL_LM")
else:
    text = [tokenizer.apply_chat_template(sum((v for v in row.values()), []), tokenize=True, return_dict=False) for row in rows]
    mean = sum(map(len, text)) / len(text)
    values = dict(
        learning_rate=ours["learningRate"], num_train_epochs=ours["epochs"], warmup_steps=ours["warmupRatio"], weight_decay=ours["weightDecay"],
        lr_scheduler_type="cosine", max_grad_norm=1.0, adam_beta2=0.999, gradient_checkpointing=False,
        per_device_train_batch_size=max(1, round(ours["tokensPerStep"] / mean)),
    )
    lora = peft.LoraConfig(
        r=ours["rank"], lora_alpha=2 * ours["rank"], lora_dropout=0.0, target_modules=PROJECTIONS, task_type="CAUSAL_LM",
    )
kind, trainer_kind = (trl.DPOConfig, trl.DPOTrainer) if pairs else (trl.SFTConfig, trl.SFTTrainer)
started = time.perf_counter()
trainer = trainer_kind(
    model=model, args=kind(**common, **values), train_dataset=Dataset.from_list(rows), peft_config=lora, processing_class=tokenizer,
)
trainer.train()
seconds = time.perf_counter() - started
trainer.model.save_pretrained(given["out"])
args = trainer.args
print(json.dumps({
    "trainSeconds": seconds,
    "steps": trainer.state.global_step,
    "settings": {
        "learningRate": args.learning_rate, "epochs": args.num_train_epochs, "batch": args.per_device_train_batch_size,
        "schedule": str(args.lr_scheduler_type), "rank": lora.r, "alpha": lora.lora_alpha,
        "recompute": args.gradient_checkpointing,
    },
    "versions": {one.__name__: one.__version__ for one in (torch, transformers, peft, trl)},
}))
