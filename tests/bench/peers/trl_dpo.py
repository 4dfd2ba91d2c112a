"""The preference benchmark as TRL does it: DPOTrainer with PEFT on the same pairs, with the model's own chat template.

The reference is the model without its adapter, asked in each step or, with --precompute, once before training. A step's time starts
after that. No gradient checkpointing, fused AdamW, as in trl_sft.py.
"""

import argparse
import json
import logging
import os
import tempfile
import warnings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
warnings.filterwarnings("ignore")

from pytorch_lora import PROJECTIONS, peak_rss_bytes  # noqa: E402
from trl_sft import clock_of  # noqa: E402


def parse_arguments():
    p = argparse.ArgumentParser(description="Steps of TRL's DPOTrainer with LoRA, timed.")
    p.add_argument("--model", required=True, help="a Hugging Face folder")
    p.add_argument("--pairs", required=True, help="JSON lines of prompt, chosen and rejected, as texts")
    p.add_argument("--precompute", action="store_true", help="ask the reference once, before training")
    p.add_argument("--batch", type=int, required=True, help="pairs of a step")
    p.add_argument("--steps", type=int, default=4)
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--rank", type=int, default=16)
    return p.parse_args()


def dataset_of(path):
    from datasets import Dataset

    def said(role, text):
        return [{"role": role, "content": text}]

    with open(path, encoding="utf-8") as f:
        pairs = [json.loads(line) for line in f if line.strip()]
    return Dataset.from_list([
        {"prompt": said("user", p["prompt"]), "chosen": said("assistant", p["chosen"]), "rejected": said("assistant", p["rejected"])}
        for p in pairs
    ])


def main():
    args = parse_arguments()
    import torch
    import transformers
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback, TrainerCallback
    from trl import DPOConfig, DPOTrainer

    transformers.logging.set_verbosity_error()
    logging.disable(logging.WARNING)
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    clock = clock_of(TrainerCallback)
    trainer = DPOTrainer(
        model=AutoModelForCausalLM.from_pretrained(args.model, dtype=torch.float32, attn_implementation="sdpa"),
        args=DPOConfig(
            output_dir=tempfile.mkdtemp(), use_cpu=True, bf16=False, max_steps=args.steps, beta=0.1,
            per_device_train_batch_size=args.batch, gradient_accumulation_steps=1, gradient_checkpointing=False,
            learning_rate=2e-4, lr_scheduler_type="constant", warmup_steps=0, weight_decay=0.0, max_grad_norm=1.0,
            optim="adamw_torch_fused", logging_steps=1, report_to=[], save_strategy="no", disable_tqdm=True,
            precompute_ref_log_probs=args.precompute, precompute_ref_batch_size=args.batch,
        ),
        train_dataset=dataset_of(args.pairs), callbacks=[clock], processing_class=AutoTokenizer.from_pretrained(args.model),
        peft_config=LoraConfig(r=args.rank, lora_alpha=32, lora_dropout=0.0, target_modules=PROJECTIONS, task_type="CAUSAL_LM"),
    )
    trainer.remove_callback(PrinterCallback)
    # a pair is the prompt with either answer
    clock.count(trainer, lambda row: 2 * len(row["prompt_ids"]) + len(row["chosen_ids"]) + len(row["rejected_ids"]))
    trainer.train()
    figures = clock.figures(trainer)
    print(json.dumps({**figures, "pairsPerSecond": args.batch / figures["stepSeconds"], "peakBytes": peak_rss_bytes()}))


if __name__ == "__main__":
    main()
