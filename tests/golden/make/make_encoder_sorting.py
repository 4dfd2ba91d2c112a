"""Reference values of encoders that are trained to sort: `python tests/golden/make/make_encoder_sorting.py tests/golden/data`.

For encoders of `encoders`, as AutoModel of Transformers reads them, with two heads on vectors as sentence-transformers pools them:
encoder-sorting/<case> holds
    sorting.safetensors: input_ids, attention_mask, targets-0, targets-1, head-0.weight and head-1.weight ([labels, H + 1], the last column
    is the intercept), and for each training `<kind>.loss`, `<kind>.logits-<part>` and `<kind>.grad.<parameter>`;
    trace.json: losses, gradient norms and norms of parameters of three AdamW steps of each training.
Trainings: `all` (mean of length one, every parameter), `upper` (mean of length one, the last layer), `lora` (the first token, adapters of
PEFT on all linear layers).
"""
import json, math, sys
from pathlib import Path

import peft
import torch
import transformers
from safetensors.torch import save_file

CASES = {"bert": ["query", "key", "value", "dense"], "roberta": ["query", "key", "value", "dense"], "modernbert": ["Wqkv", "Wo", "Wi"]}
LABELS = (5, 3)
LENGTHS = [9, 4, 17, 3, 12, 6]
STEPS, RATE, DECAY, NORM = 3, 1e-3, 0.1, 1.0


def batch(pad):
    g = torch.Generator().manual_seed(121)
    ids = torch.full((len(LENGTHS), max(LENGTHS)), pad)
    mask = torch.zeros_like(ids)
    for row, length in enumerate(LENGTHS):
        ids[row, :length] = torch.randint(5, 200, (length,), generator=g)
        mask[row, :length] = 1
    return ids, mask, [torch.randint(0, count, (len(LENGTHS),), generator=g) for count in LABELS]


class Sorter(torch.nn.Module):
    def __init__(self, data, case, kind):
        super().__init__()
        self.encoder = transformers.AutoModel.from_pretrained(data / "encoders" / case, attn_implementation="eager", dtype=torch.float32).eval()
        for module in self.encoder.modules():
            if isinstance(module, torch.nn.Embedding): module.padding_idx = None
        self.kind, layers = kind, self.encoder.config.num_hidden_layers
        if kind == "lora":
            config = peft.LoraConfig(r=2, lora_alpha=5, lora_dropout=0.0, bias="none", target_modules=CASES[case])
            self.encoder = peft.get_peft_model(self.encoder, config).eval()
            g = torch.Generator().manual_seed(28)
            for name, p in self.encoder.named_parameters():
                if p.requires_grad: p.data = torch.randn(p.shape, generator=g) * (1 / math.sqrt(p.shape[1]) if "lora_A" in name else 0.1)
        for name, p in self.encoder.named_parameters():
            if "pooler" in name: p.requires_grad = False
            if kind == "upper": p.requires_grad = f"layer.{layers - 1}." in name or f"layers.{layers - 1}." in name or name.startswith("final_norm")
        g = torch.Generator().manual_seed(38)
        width = self.encoder.config.hidden_size
        self.heads = torch.nn.ModuleList(torch.nn.Linear(width + 1, count, bias=False) for count in LABELS)
        for head in self.heads: head.weight.data = torch.randn(head.weight.shape, generator=g)

    def forward(self, ids, mask):
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        m = mask[..., None].float()
        vectors = hidden[:, 0] if self.kind == "lora" else torch.nn.functional.normalize((hidden * m).sum(1) / m.sum(1), dim=1)
        features = torch.cat([vectors, torch.ones(len(ids), 1)], 1)
        return [head(features) for head in self.heads]

    def trained(self):
        def own(name):
            if name.startswith("heads."): return f"head-{name.split('.')[1]}.weight"
            return name.removeprefix("encoder.").replace(".default.", ".")
        found = {own(n): p for n, p in self.named_parameters() if p.requires_grad}
        return {(f"base_model.model.{n}" if self.kind == "lora" and n.startswith("head-") else n): p for n, p in found.items()}


def loss_of(model, ids, mask, targets):
    logits = model(ids, mask)
    return sum(torch.nn.functional.cross_entropy(z, t) for z, t in zip(logits, targets)), logits


def decayed(name):
    return not (name.endswith("bias") or "norm" in name.lower())


def make(data, case):
    out = data / "encoder-sorting" / case
    out.mkdir(parents=True, exist_ok=True)
    found, traces = {}, {}
    for kind in ("all", "upper", "lora"):
        model = Sorter(data, case, kind)
        config = model.encoder.config
        ids, mask, targets = batch(config.pad_token_id or 0)
        found |= {"input_ids": ids.int(), "attention_mask": mask.int(), **{f"targets-{i}": t.int() for i, t in enumerate(targets)},
                  **{f"head-{i}.weight": h.weight.detach().clone() for i, h in enumerate(model.heads)}}
        trained = model.trained()
        loss, logits = loss_of(model, ids, mask, targets)
        loss.backward()
        found |= {f"{kind}.loss": loss.detach().reshape(1), **{f"{kind}.logits-{i}": z.detach() for i, z in enumerate(logits)}}
        if kind == "lora": found |= {n: p.detach().clone() for n, p in trained.items() if "lora" in n}
        found |= {f"{kind}.grad.{n}": p.grad.clone() for n, p in trained.items()}
        groups = [{"params": [p for n, p in trained.items() if decayed(n) == on], "weight_decay": DECAY if on else 0.0} for on in (True, False)]
        optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.999), eps=1e-8)
        losses, norms = [], []
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss, _ = loss_of(model, ids, mask, targets)
            loss.backward()
            norms.append(torch.nn.utils.clip_grad_norm_(list(trained.values()), NORM).item())
            optimizer.step()
            losses.append(loss.item())
        with torch.no_grad(): after = loss_of(model, ids, mask, targets)[0].item()
        traces[kind] = {"losses": losses, "grad_norms": norms, "after": after,
                        "parameter_norms": {n: p.detach().double().norm().item() for n, p in trained.items()}}
        print(case, kind, len(trained), losses, after)
    save_file({k: v.contiguous() for k, v in found.items()}, out / "sorting.safetensors")
    settings = {"steps": STEPS, "rate": RATE, "weight_decay": DECAY, "max_norm": NORM}
    (out / "trace.json").write_text(json.dumps({**settings, **traces}, indent=1) + "\n")


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    for one in CASES: make(Path(sys.argv[1]), one)
