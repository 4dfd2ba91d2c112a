"""Reads Fettle's exports as their users will: adapters with PEFT, folders with Transformers.

`node tests/bench/peers/write-exports.ts FOLDER` writes exports of tiny models of every family and, beside each, the logits
that Fettle's engine computes with it. This script loads the same exports in float32 and compares logits at every position,
tokens of awkward texts, and a rendered chat. It ends with 1 where something differs.
"""

import argparse
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # everything is local

import peft
import torch
import transformers
from safetensors.torch import load_file

TOLERANCE = 5e-5  # of logits, beside 1e-5 of their size: two libraries sum float32 in other orders


def load_model(case):
    folder = case["base"] or case["folder"]
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    if case["rows"]:  # as the model card says
        model.resize_token_embeddings(case["rows"], mean_resizing=False)
    if case["base"]:
        model = peft.PeftModel.from_pretrained(model, case["folder"])
    return model.eval()


def check(root, case, tolerance):
    expected = load_file(root / f"{case['name']}.safetensors")
    words = json.loads((root / f"{case['name']}.json").read_text())
    model, ids = load_model(case), expected["ids"].long()[None]
    with torch.no_grad():
        logits = model(ids).logits[0]
        moved = None
        if case["base"]:
            with model.disable_adapter():
                moved = (model(ids).logits[0] - logits).abs().max().item()
    difference = (logits - expected["logits"]).abs()
    allowed = tolerance + 1e-5 * expected["logits"].abs()
    # all tiny models share one tokenizer; AutoTokenizer would build Qwen's own from the model type
    own = case["folder"] if case["rows"] else case["base"] or case["folder"]  # new tokens come with the adapter
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(own)
    tokens = sum(tokenizer.encode(t["text"], add_special_tokens=False) == t["ids"] for t in words["tokens"])
    chat = tokenizer.apply_chat_template([{"role": "user", "content": "Hello"}], add_generation_prompt=True, tokenize=False)
    equal = {
        "logits": bool((difference <= allowed).all()),
        "adapter": moved is None or moved > 10 * tolerance,
        "greedy": bool((logits.argmax(-1) == expected["logits"].argmax(-1)).all()),
        "tokens": tokens == len(words["tokens"]),
        "chat": chat == words["chat"],
    }
    return difference.max().item(), moved, equal


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="what write-exports.ts wrote")
    parser.add_argument("--tolerance", type=float, default=TOLERANCE, help="of logits")
    args = parser.parse_args()
    root = args.folder
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, transformers {transformers.__version__}, peft {peft.__version__}")
    failed = 0
    for case in json.loads((root / "cases.json").read_text()):
        worst, moved, equal = check(root, case, args.tolerance)
        wrong = [name for name, is_equal in equal.items() if not is_equal]
        failed += bool(wrong)
        by = "" if moved is None else f", the adapter moves them by {moved:.2f}"
        print(f"{case['name']:20} largest difference of logits {worst:.1e}{by}  {'differs: ' + ', '.join(wrong) if wrong else 'equal'}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
