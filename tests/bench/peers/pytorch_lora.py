"""The PyTorch side of the training benchmark: the same LoRA steps as Fettle, on the same batches, as a PyTorch user would run them.

A speed ratio is worth something only if both sides do the same work and neither is held back. So this reads the packed
batches that the benchmark wrote, loads the same GGUF file through Transformers, adapts all seven projections of every layer
with PEFT, and steps with fused AdamW on the CPU in float32: scaled-dot-product attention, no gradient checkpointing, no
key-value cache. `--head full` is what Transformers does by itself (logits of every position); `--head labelled` is the
optimised user who sends only the rows that have a label through the output head. Both compute the same loss.
"""

import argparse
import json
import math
import os
import resource
import statistics
import sys
import time

SCRIPT_START = time.monotonic()
os.environ.setdefault("HF_HUB_OFFLINE", "1")  # everything is local: no time may go into asking a server

PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
FLOPS_NOTE = (
    "multiply and add counted as two; frozen linears 4 (trained ones 6) per weight and token (forward, input gradient), LoRA 6, head 4 per weight"
    " and row; attention dense over the whole row, backward twice the forward; padding computed and counted; element-wise work left out"
)


def parse_arguments():
    p = argparse.ArgumentParser(description="LoRA steps of a Llama-family GGUF model in PyTorch + PEFT, timed.")
    p.add_argument("--model", required=True, help="GGUF file, dequantised to float32 while loading; or a Hugging Face folder")
    p.add_argument("--batches", required=True, help="JSON file of packed batches (README.md says what is in it)")
    p.add_argument("--threads", type=int, default=os.cpu_count(), help="compute threads (default: all)")
    p.add_argument("--attention", choices=["sdpa", "eager"], default="sdpa")
    p.add_argument("--head", choices=["full", "labelled"], default="full", help="logits of every position, or of labelled rows only")
    p.add_argument("--method", choices=["lora", "full"], default="lora")
    p.add_argument("--rank", type=int, default=16)
    p.add_argument("--alpha", type=float, default=32)
    p.add_argument("--lr", type=float, default=2e-4, help="constant learning rate; weight decay is 0")
    p.add_argument("--init", choices=["formula", "kaiming"], default="formula", help="LoRA A: by formula, so that losses can be compared, or PEFT's")
    p.add_argument("--seed", type=int, default=0, help="of --init kaiming")
    p.add_argument("--json", action="store_true", help="print only one JSON object")
    args = p.parse_args()
    if not os.path.exists(args.model):
        p.error(f"--model {args.model}: no such file or folder; give a .gguf file or a folder with config.json and safetensors")
    if args.threads < 1:
        p.error(f"--threads {args.threads}: expected 1 or more")
    try:
        args.run = read_batches(args.batches)
    except (OSError, ValueError, KeyError, TypeError) as e:
        p.error(f"--batches {args.batches}: {type(e).__name__}: {e}")
    return args


def read_batches(path):
    """The batches file, checked: each of the four fields is a rows x rowLength table in every batch."""
    with open(path, encoding="utf-8") as f:
        run = json.load(f)
    rows, length = run["rows"], run["rowLength"]
    if run["steps"] < 1 or not run["batches"]:
        raise ValueError("expected at least one step and one batch")
    for n, batch in enumerate(run["batches"]):
        for name in ("tokens", "positions", "segments", "labels"):
            if len(batch[name]) != rows or any(len(row) != length for row in batch[name]):
                raise ValueError(f"batch {n}: {name} is not {rows} rows of {length}")
        if not any(y != -100 for row in batch["labels"] for y in row[1:]):
            raise ValueError(f"batch {n} has no labelled token after the first of a row")
    return run


def load_model(args):
    """Frozen float32 base with trainable LoRA on all projections, ready to train."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    folder, file = (args.model, None) if os.path.isdir(args.model) else os.path.split(os.path.abspath(args.model))
    base = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32, attn_implementation=args.attention)
    if args.method == "full":
        return base.train()
    config = LoraConfig(r=args.rank, lora_alpha=args.alpha, lora_dropout=0.0, target_modules=PROJECTIONS, task_type="CAUSAL_LM")
    model = get_peft_model(base, config)
    if args.init == "formula":
        set_a_by_formula(model)
    return model.train()


def set_a_by_formula(model):
    """A[i,j] = cos(0.7 i + 1.1 j + 0.3 t) / sqrt(in), t = 7 layer + projection: the same start in any language."""
    import torch

    for name, p in model.named_parameters():
        if "lora_A" in name:
            layer = int(name.split("layers.")[1].split(".")[0])
            t = 7 * layer + next(k for k, projection in enumerate(PROJECTIONS) if projection in name)
            i, j = (torch.arange(n, dtype=torch.float64) for n in p.shape)
            p.data = (torch.cos(0.7 * i[:, None] + 1.1 * j[None] + 0.3 * t) / math.sqrt(p.shape[1])).float()


def block_causal_mask(segments):
    """Additive float32 mask [B,1,T,T]: 0 where the key is of the same segment and not later, else the lowest number."""
    import torch

    length = segments.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool).tril()
    visible = (segments[:, :, None] == segments[:, None, :]) & causal
    return torch.zeros(visible.shape).masked_fill_(~visible, torch.finfo(torch.float32).min)[:, None]


def loss_of(model, batch, head):
    """Mean cross-entropy of labelled next tokens: labels[t+1] is predicted at t."""
    import torch

    tokens, positions, segments, labels = (torch.tensor(batch[k]) for k in ("tokens", "positions", "segments", "labels"))
    inputs = dict(input_ids=tokens, position_ids=positions, attention_mask=block_causal_mask(segments), use_cache=False)
    if head == "full":
        return model(**inputs, labels=labels).loss
    causal_lm = model.base_model.model if hasattr(model, "peft_config") else model
    hidden = causal_lm.model(**inputs).last_hidden_state[:, :-1]
    targets = labels[:, 1:]
    chosen = targets != -100
    return torch.nn.functional.cross_entropy(causal_lm.lm_head(hidden[chosen]), targets[chosen])


def train(model, args):
    """Runs the steps; returns losses, gradient norms before clipping, seconds and processor seconds of each step, and when the first ended."""
    import torch

    trainable = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trainable, lr=args.lr, weight_decay=0.0, fused=True)
    losses, norms, seconds, used, first_end = [], [], [], [], None
    for step in range(args.run["steps"]):
        begin, busy = time.perf_counter(), time.process_time()
        loss = loss_of(model, args.run["batches"][step % len(args.run["batches"])], args.head)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(trainable, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        norms.append(norm.item())
        del loss  # its graph's root would keep memory into the next forward
        seconds.append(time.perf_counter() - begin)
        used.append(time.process_time() - busy)
        first_end = first_end or seconds_since_process_start()
        if not args.json:
            print(f"step {step + 1}  loss {losses[-1]:.6f}  norm {norms[-1]:.4f}  {seconds[-1]:.2f} s", file=sys.stderr)
    return losses, norms, seconds, used, first_end


def seconds_since_process_start():
    """Age of this process; where the system does not tell it (no /proc), since this script's first line."""
    try:
        with open("/proc/self/stat", encoding="ascii", errors="replace") as f:
            ticks = int(f.read().rpartition(")")[2].split()[19])
        return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError):
        return time.monotonic() - SCRIPT_START


def peak_rss_bytes():
    """Largest resident size so far. On Linux VmHWM, because ru_maxrss there starts at the size of the parent process."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as f:
            return int(next(line for line in f if line.startswith("VmHWM")).split()[1]) * 1024
    except (OSError, StopIteration):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


def flops_of(model, batch, head):
    """Floating-point operations of one step by FLOPS_NOTE."""
    config = model.config
    full = not hasattr(model, "peft_config")
    rows, length = len(batch["tokens"]), len(batch["tokens"][0])
    sizes = {True: 0, False: 0}
    for name, p in model.named_parameters():
        if any(projection in name for projection in PROJECTIONS):
            sizes["lora_" in name] += p.numel()
    head_rows = rows * length if head == "full" else sum(y != -100 for row in batch["labels"] for y in row[1:])
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    attention = 3 * 4 * rows * length**2 * head_dim * config.num_attention_heads * config.num_hidden_layers
    linears = ((6 if full else 4) * sizes[False] + 6 * sizes[True]) * rows * length
    return linears + attention + (6 if full else 4) * config.hidden_size * config.vocab_size * head_rows


def gemm_gflops():
    """GFLOP/s of a float32 [1024,576] x [576,1536] matmul: this machine's yardstick. Best of ten, since others may use it too."""
    import torch

    a, b = torch.randn(1024, 576), torch.randn(576, 1536)
    times = []
    for _ in range(10):
        begin = time.perf_counter()
        for _ in range(10):
            a @ b
        times.append(time.perf_counter() - begin)
    return 10 * 2 * 1024 * 576 * 1536 / min(times) / 1e9


def result_of(args, model, trained, ready, load_peak):
    """The object that is printed; medians leave out the first step unless it is the only one."""
    import peft
    import torch
    import transformers

    losses, norms, seconds, used, first_end = trained
    batches = [args.run["batches"][step % len(args.run["batches"])] for step in range(len(seconds))]
    tokens = [sum(s >= 0 for row in b["segments"] for s in row) for b in batches]
    timed = list(zip(seconds, tokens, (flops_of(model, b, args.head) for b in batches)))[1 if len(seconds) > 1 else 0 :]
    peak = peak_rss_bytes()
    return {
        "peer": "pytorch",
        "head": args.head,
        "attention": args.attention,
        "init": args.init,
        "rank": args.rank,
        "threads": torch.get_num_threads(),
        "rows": args.run["rows"],
        "row_length": args.run["rowLength"],
        "losses": losses,
        "grad_norms": norms,
        "steps_per_second": 1 / statistics.median(s for s, _, _ in timed),
        "tokens_per_second": statistics.median(t / s for s, t, _ in timed),
        "seconds_to_ready": ready,
        "seconds_to_first_step": first_end,
        "step_seconds": seconds,
        "step_processor_seconds": used,
        "real_tokens_per_step": tokens,
        "peak_rss_bytes": peak,
        "load_peak_rss_bytes": load_peak,
        "flops_per_second": statistics.median(f / s for s, _, f in timed),
        "flops_note": FLOPS_NOTE,
        "gemm_gflops": gemm_gflops(),
        "versions": {"python": sys.version.split()[0], "torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__},
    }


def main():
    args = parse_arguments()
    model = load_model(args)
    ready, load_peak = seconds_since_process_start(), peak_rss_bytes()
    result = result_of(args, model, train(model, args), ready, load_peak)
    print(json.dumps(result) if args.json else json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
