"""The training benchmark as TRL does it: SFTTrainer with PEFT on the very tokens that Fettle trains on, answers only.

What its documentation recommends on a processor: no gradient checkpointing, fused AdamW, packing by best fit. bfloat16 is the
model in bfloat16 under autocast; adapters stay float32, as PEFT keeps them.
"""

import argparse
import json
import logging
import os
import statistics
import tempfile
import time
import warnings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
warnings.filterwarnings("ignore")

from pytorch_lora import PROJECTIONS, peak_rss_bytes, seconds_since_process_start  # noqa: E402


def parse_arguments():
    p = argparse.ArgumentParser(description="Steps of TRL's SFTTrainer with LoRA, timed.")
    p.add_argument("--model", required=True, help="a Hugging Face folder")
    p.add_argument("--rows", required=True, help="JSON file of tokenised rows (README.md says what is in it)")
    p.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    p.add_argument("--packing", action="store_true")
    p.add_argument("--length", type=int, required=True, help="tokens of a packed row, and the longest row")
    p.add_argument("--batch", type=int, required=True, help="rows of a step")
    p.add_argument("--steps", type=int, default=4)
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--rank", type=int, default=16)
    p.add_argument("--held-out", help="more tokenised rows, of which the loss is measured at the end")
    return p.parse_args()


def dataset_of(path):
    from datasets import Dataset

    with open(path, encoding="utf-8") as f:
        rows = json.load(f)["rows"]
    return Dataset.from_list([{"input_ids": r["ids"], "completion_mask": r["trained"]} for r in rows])


def clock_of(TrainerCallback):
    """Times steps and counts their tokens, those without padding. The base class comes late: importing it takes seconds."""

    class Clock(TrainerCallback):
        def __init__(self):
            self.times, self.used, self.tokens, self.first = [], [], [], None

        def on_step_begin(self, *_, **__):
            self.begun, self.busy = time.perf_counter(), time.process_time()

        def on_step_end(self, *_, **__):
            self.times.append(time.perf_counter() - self.begun)
            self.used.append(time.process_time() - self.busy)
            self.first = self.first or seconds_since_process_start()

        def count(self, trainer, tokens_of):
            collate = trainer.data_collator

            def counting(rows):
                self.tokens.append(sum(tokens_of(row) for row in rows))
                return collate(rows)

            trainer.data_collator = counting

        def figures(self, trainer):
            timed = list(zip(self.times, self.tokens, self.used))[1 if len(self.times) > 1 else 0:]
            return {
                "tokensPerSecond": statistics.median(t / s for s, t, _ in timed),
                "stepSeconds": statistics.median(s for s, _, _ in timed),
                "tokensPerProcessorSecond": statistics.median(t / u for _, t, u in timed),
                "processorSeconds": statistics.median(u for _, _, u in timed),
                "firstStepSeconds": self.first,
                "loss": [entry["loss"] for entry in trainer.state.log_history if "loss" in entry][-1],
            }

    return Clock()


def main():
    args = parse_arguments()
    import torch
    import transformers
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    transformers.logging.set_verbosity_error()
    logging.disable(logging.WARNING)
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    half = args.dtype == "bfloat16"
    model = AutoModelForCausalLM.from_pretrained(args.model, dtype=getattr(torch, args.dtype), attn_implementation="sdpa")
    config = SFTConfig(
        output_dir=tempfile.mkdtemp(), use_cpu=True, bf16=half, max_steps=args.steps, max_length=args.length,
        per_device_train_batch_size=args.batch, gradient_accumulation_steps=1, gradient_checkpointing=False,
        learning_rate=2e-4, lr_scheduler_type="constant", warmup_steps=0, weight_decay=0.0, max_grad_norm=1.0,
        optim="adamw_torch_fused", packing=args.packing, completion_only_loss=True, logging_steps=1,
        report_to=[], save_strategy="no", disable_tqdm=True, dataset_num_proc=None,
        per_device_eval_batch_size=args.batch, eval_packing=args.packing,
    )
    clock = clock_of(TrainerCallback)
    lora = LoraConfig(r=args.rank, lora_alpha=32, lora_dropout=0.0, target_modules=PROJECTIONS, task_type="CAUSAL_LM")
    trainer = SFTTrainer(
        model=model, args=config, train_dataset=dataset_of(args.rows), peft_config=lora, callbacks=[clock],
        processing_class=AutoTokenizer.from_pretrained(args.model),
    )
    trainer.remove_callback(PrinterCallback)
    clock.count(trainer, lambda row: len(row["input_ids"]))
    trainer.train()
    peak = peak_rss_bytes()
    held_out = args.held_out and trainer.evaluate(trainer._prepare_dataset(
        dataset_of(args.held_out), trainer.processing_class, config, False, None, "held-out"))["eval_loss"]
    print(json.dumps({**clock.figures(trainer), "peakBytes": peak, **({"heldOutLoss": held_out} if held_out else {})}))


if __name__ == "__main__":
    main()
