"""Loss of tokenised rows as a plain loop measures it: one row at a time through Transformers, float32, no gradients."""

import argparse
import json
import os
import time

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from pytorch_lora import peak_rss_bytes  # noqa: E402


def main():
    p = argparse.ArgumentParser(description="Held-out loss with batches of one row, timed.")
    p.add_argument("--model", required=True, help="a Hugging Face folder")
    p.add_argument("--rows", required=True, help="JSON file of tokenised rows (README.md says what is in it)")
    p.add_argument("--threads", type=int, default=os.cpu_count())
    args = p.parse_args()
    import torch
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(args.threads)
    model = AutoModelForCausalLM.from_pretrained(args.model, dtype=torch.float32, attn_implementation="sdpa").eval()
    with open(args.rows, encoding="utf-8") as f:
        rows = json.load(f)["rows"]
    total, labels, tokens = 0.0, 0, 0
    begin = time.perf_counter()
    with torch.inference_mode():
        for row in rows:
            ids, trained = torch.tensor([row["ids"]]), torch.tensor(row["trained"], dtype=torch.bool)
            logits = model(input_ids=ids, use_cache=False).logits[0, :-1]
            chosen = trained[1:]
            total += torch.nn.functional.cross_entropy(logits[chosen], ids[0, 1:][chosen], reduction="sum").item()
            labels += int(chosen.sum())
            tokens += ids.shape[1]
    seconds = time.perf_counter() - begin
    print(json.dumps({"tokensPerSecond": tokens / seconds, "loss": total / labels, "seconds": seconds, "peakBytes": peak_rss_bytes()}))


if __name__ == "__main__":
    main()
