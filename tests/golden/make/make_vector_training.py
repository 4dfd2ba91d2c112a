"""Reference values of training by vectors and of rerankers: `python tests/golden/make/make_vector_training.py tests/golden/data`.

For encoders of `encoders`, with sentence-transformers' own pooling and losses: vector-training/<case> holds
    vectors.safetensors: input_ids and attention_mask of all texts, and for each training `<kind>.vectors`, `<kind>.loss` and
    `<kind>.grad.<parameter>`, and the adapters' first values;
    trace.json: losses, gradient norms and norms of parameters of three AdamW steps of each training.
Trainings: `pairs` (mean, length one, every parameter; MultipleNegativesRankingLoss over 6 queries), `triplets` (the last token, a negative
for each of 4 queries, Matryoshka with all numbers and a third), `graded` (the first token, adapters of PEFT; CoSENTLoss over 6 pairs).
"""
import json, math, sys
from pathlib import Path

import peft
import torch
import transformers
from safetensors.torch import save_file
from sentence_transformers.sentence_transformer import losses
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling

TARGETS = {"bert": ["query", "key", "value", "dense"], "roberta": ["query", "key", "value", "dense"], "modernbert": ["Wqkv", "Wo", "Wi"]}
KINDS = {"bert": ("pairs", "triplets", "graded"), "roberta": ("pairs", "graded"), "modernbert": ("pairs", "graded")}
LENGTHS = [9, 4, 17, 3, 12, 6, 5, 11, 8, 14, 7, 10]
SCORES = [0.9, 0.2, 0.5, 0.5, 0.0, 1.0]
POOLING = {"pairs": "mean", "triplets": "lasttoken", "graded": "cls"}
STEPS, RATE, DECAY, NORM = 3, 1e-3, 0.1, 1.0


def batch(pad):
    g = torch.Generator().manual_seed(129)
    ids = torch.full((len(LENGTHS), max(LENGTHS)), pad)
    mask = torch.zeros_like(ids)
    for row, length in enumerate(LENGTHS):
        ids[row, :length] = torch.randint(5, 200, (length,), generator=g)
        mask[row, :length] = 1
    return ids, mask


class Model(torch.nn.Module):
    """What the losses know of a SentenceTransformer."""

    def __init__(self, data, case, kind):
        super().__init__()
        self.encoder = transformers.AutoModel.from_pretrained(data / "encoders" / case, attn_implementation="eager", dtype=torch.float32).eval()
        for module in self.encoder.modules():
            if isinstance(module, torch.nn.Embedding): module.padding_idx = None
        self.width = self.encoder.config.hidden_size
        if kind == "graded":
            config = peft.LoraConfig(r=2, lora_alpha=5, lora_dropout=0.0, bias="none", target_modules=TARGETS[case])
            self.encoder = peft.get_peft_model(self.encoder, config).eval()
            g = torch.Generator().manual_seed(28)
            for name, p in self.encoder.named_parameters():
                if p.requires_grad: p.data = torch.randn(p.shape, generator=g) * (1 / math.sqrt(p.shape[1]) if "lora_A" in name else 0.1)
        for name, p in self.encoder.named_parameters():
            if "pooler" in name: p.requires_grad = False
        self.after = torch.nn.Sequential(Pooling(self.width, POOLING[kind]), *([Normalize()] if kind == "pairs" else []))

    def get_embedding_dimension(self):
        return self.width

    def forward(self, features, **_):
        hidden = self.encoder(input_ids=features["input_ids"], attention_mask=features["attention_mask"]).last_hidden_state
        return self.after({**features, "token_embeddings": hidden})

    def trained(self):
        return {n.removeprefix("encoder.").replace(".default.", "."): p for n, p in self.named_parameters() if p.requires_grad}


def loss_of(model, kind, ids, mask):
    columns = {"pairs": (range(6), range(6, 12)), "triplets": (range(4), range(4, 8), range(8, 12)), "graded": (range(6), range(6, 12))}[kind]
    features = [{"input_ids": ids[list(rows)], "attention_mask": mask[list(rows)]} for rows in columns]
    if kind == "graded": return losses.CoSENTLoss(model)(features, torch.tensor(SCORES))
    loss = losses.MultipleNegativesRankingLoss(model)
    if kind == "triplets": loss = losses.MatryoshkaLoss(model, loss, [model.width, model.width // 3])
    return loss(features, None)


def decayed(name):
    return not (name.endswith("bias") or "norm" in name.lower())


def make(data, case):
    out = data / "vector-training" / case
    out.mkdir(parents=True, exist_ok=True)
    found, traces = {}, {}
    for kind in KINDS[case]:
        model = Model(data, case, kind)
        ids, mask = batch(model.encoder.config.pad_token_id or 0)
        trained = model.trained()
        found |= {"input_ids": ids.int(), "attention_mask": mask.int()}
        found[f"{kind}.vectors"] = model({"input_ids": ids, "attention_mask": mask})["sentence_embedding"].detach()
        loss = loss_of(model, kind, ids, mask)
        loss.backward()
        found[f"{kind}.loss"] = loss.detach().reshape(1)
        if kind == "graded": found |= {n: p.detach().clone() for n, p in trained.items()}
        found |= {f"{kind}.grad.{n}": p.grad.clone() for n, p in trained.items()}
        groups = [{"params": [p for n, p in trained.items() if decayed(n) == on], "weight_decay": DECAY if on else 0.0} for on in (True, False)]
        optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.999), eps=1e-8)
        trace, norms = [], []
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = loss_of(model, kind, ids, mask)
            loss.backward()
            norms.append(torch.nn.utils.clip_grad_norm_(list(trained.values()), NORM).item())
            optimizer.step()
            trace.append(loss.item())
        with torch.no_grad(): after = loss_of(model, kind, ids, mask).item()
        traces[kind] = {"losses": trace, "grad_norms": norms, "after": after,
                        "parameter_norms": {n: p.detach().double().norm().item() for n, p in trained.items()}}
        print(case, kind, len(trained), trace, after)
    save_file({k: v.contiguous() for k, v in found.items()}, out / "vectors.safetensors")
    settings = {"steps": STEPS, "rate": RATE, "weight_decay": DECAY, "max_norm": NORM, "scores": SCORES}
    (out / "trace.json").write_text(json.dumps({**settings, **traces}, indent=1) + "\n")


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    for one in TARGETS: make(Path(sys.argv[1]), one)
