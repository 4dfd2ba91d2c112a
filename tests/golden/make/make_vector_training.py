"""Reference values of training by vectors and of rerankers: `python tests/golden/make/make_vector_training.py tests/golden/data`.

For encoders of `encoders`, with sentence-transformers' own pooling and losses: vector-training/<case> holds
    vectors.safetensors: input_ids and attention_mask of all texts, and for each training `<kind>.vectors`, `<kind>.loss` and
    `<kind>.grad.<parameter>`, and the adapters' first values;
    trace.json: losses, gradient norms and norms of parameters of three AdamW steps of each training.
Trainings: `pairs` (mean, length one, every parameter; MultipleNegativesRankingLoss over 6 queries), `triplets` (the last token, a negative
for each of 4 queries, Matryoshka with all numbers and a third), `graded` (the first token, adapters of PEFT; CoSENTLoss over 6 pairs).

reranking/<case> holds the same of one score for two texts, by Transformers' classes for sequence classification and the loss of
sentence-transformers' CrossEncoder: token_type_ids, wanted, the head's first values, `rerank.scores`, loss and gradients.
"""
import json, math, sys
from pathlib import Path

import peft
import torch
import transformers
from safetensors.torch import save_file
from sentence_transformers.sentence_transformer import losses
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling

TARGETS = {"bert": ["query", "key", "value", "dense"], "roberta": ["query", "key", "value", "dense"], "modernbert": ["Wqkv", "Wo", "Wi"],
           **dict.fromkeys(("decoder-qwen3", "decoder-gemma3-both"), ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"])}
KINDS = {"bert": ("pairs", "triplets", "graded"), "roberta": ("pairs", "graded"), "modernbert": ("pairs", "graded"), "decoder-qwen3": ("triplets", "graded"),
         "decoder-gemma3-both": ("pairs", "graded")}
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
        self.inside = "model." if case.startswith("decoder-") else ""  # as classes that write name parameters
        if kind == "graded":
            config = peft.LoraConfig(r=2, lora_alpha=5, lora_dropout=0.0, bias="none", target_modules=TARGETS[case])
            self.encoder = peft.get_peft_model(self.encoder, config).eval()
            g = torch.Generator().manual_seed(28)
            for name, p in self.encoder.named_parameters():
                if p.requires_grad: p.data = torch.randn(p.shape, generator=g) * (1 / math.sqrt(p.shape[1]) if "lora_A" in name else 0.1)
        for name, p in self.encoder.named_parameters():
            if "pooler" in name: p.requires_grad = False
        dense = [Dense.load(str(folder)) for folder in sorted((data / "encoders" / case).glob("*_Dense"))]
        for module in dense: module.requires_grad_(kind != "graded")
        self.after = torch.nn.Sequential(Pooling(self.width, POOLING[kind]), *dense, *([Normalize()] if kind == "pairs" else []))

    def get_embedding_dimension(self):
        return self.width

    def forward(self, features, **_):
        hidden = self.encoder(input_ids=features["input_ids"], attention_mask=features["attention_mask"]).last_hidden_state
        return self.after({**features, "token_embeddings": hidden})

    def trained(self):
        def name(n):
            if n.startswith("after."): return f"{int(n.split('.')[1]) + 1}_Dense.{n.split('.', 2)[2]}"
            own = n.removeprefix("encoder.").replace(".default.", ".")
            before = "base_model.model." if own.startswith("base_model.model.") else ""
            return before + self.inside + own.removeprefix(before)
        return {name(n): p for n, p in self.named_parameters() if p.requires_grad}


def loss_of(model, kind, ids, mask):
    columns = {"pairs": (range(6), range(6, 12)), "triplets": (range(4), range(4, 8), range(8, 12)), "graded": (range(6), range(6, 12))}[kind]
    features = [{"input_ids": ids[list(rows)], "attention_mask": mask[list(rows)]} for rows in columns]
    if kind == "graded": return losses.CoSENTLoss(model)(features, torch.tensor(SCORES))
    loss = losses.MultipleNegativesRankingLoss(model)
    if kind == "triplets": loss = losses.MatryoshkaLoss(model, loss, [model.width, model.width // 3])
    return loss(features, None)


def decayed(name):
    return not (name.endswith("bias") or "norm" in name.lower())


class Reranker(torch.nn.Module):
    def __init__(self, data, case):
        super().__init__()
        config = transformers.AutoConfig.from_pretrained(data / "encoders" / case, num_labels=1)
        self.model = transformers.AutoModelForSequenceClassification.from_config(config, attn_implementation="eager").eval()
        base = transformers.AutoModel.from_pretrained(data / "encoders" / case, attn_implementation="eager", dtype=torch.float32)
        missing = self.model.base_model.load_state_dict(base.state_dict(), strict=False)
        assert not [n for n in missing.missing_keys if "pooler" not in n], missing
        for module in self.model.modules():
            if isinstance(module, torch.nn.Embedding): module.padding_idx = None
        g = torch.Generator().manual_seed(41)
        for name, p in self.model.named_parameters():
            if self.own(name) in self.head(): p.data = torch.randn(p.shape, generator=g) * (0.3 if p.ndim == 2 else 0.1)

    def own(self, name):
        return name.removeprefix(self.model.base_model_prefix + ".")

    def head(self):
        return {self.own(n) for n, _ in self.model.named_parameters() if "pooler" in n or n.split(".")[0] in ("classifier", "head")}

    def trained(self):
        return {self.own(n): p for n, p in self.model.named_parameters()}


def make_reranker(data, case):
    out = data / "reranking" / case
    out.mkdir(parents=True, exist_ok=True)
    model = Reranker(data, case)
    config = model.model.config
    ids, mask = batch(config.pad_token_id or 0)
    types = torch.zeros_like(ids)
    if case == "bert":
        for row, length in enumerate(LENGTHS): types[row, length // 2 : length] = 1
    wanted = torch.tensor([(row % 3) / 2 for row in range(len(LENGTHS))])
    given = {"input_ids": ids, "attention_mask": mask, **({"token_type_ids": types} if case == "bert" else {})}
    trained = model.trained()
    found = {"input_ids": ids.int(), "attention_mask": mask.int(), "token_type_ids": types.int(), "wanted": wanted}
    found |= {n: trained[n].detach().clone() for n in model.head()}
    loss_of = lambda: torch.nn.BCEWithLogitsLoss()(model.model(**given).logits.view(-1), wanted)
    found["rerank.scores"] = model.model(**given).logits.view(-1).detach()
    finish(out, "reranking.safetensors", found, {"rerank": traced("rerank", found, trained, loss_of)}, case)


def traced(kind, found, trained, loss_of):
    """Adds loss and gradients to `found`; gives three steps."""
    loss = loss_of()
    loss.backward()
    found[f"{kind}.loss"] = loss.detach().reshape(1)
    found |= {f"{kind}.grad.{n}": p.grad.clone() for n, p in trained.items()}
    groups = [{"params": [p for n, p in trained.items() if decayed(n) == on], "weight_decay": DECAY if on else 0.0} for on in (True, False)]
    optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.999), eps=1e-8)
    losses, norms = [], []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(list(trained.values()), NORM).item())
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad(): after = loss_of().item()
    print(kind, len(trained), losses, after)
    return {"losses": losses, "grad_norms": norms, "after": after,
            "parameter_norms": {n: p.detach().double().norm().item() for n, p in trained.items()}}


def finish(out, file, found, traces, case):
    save_file({k: v.contiguous() for k, v in found.items()}, out / file)
    settings = {"steps": STEPS, "rate": RATE, "weight_decay": DECAY, "max_norm": NORM, "scores": SCORES}
    (out / "trace.json").write_text(json.dumps({**settings, **traces}, indent=1) + "\n")


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
        if kind == "graded": found |= {n: p.detach().clone() for n, p in trained.items()}
        traces[kind] = traced(kind, found, trained, lambda: loss_of(model, kind, ids, mask))
    finish(out, "vectors.safetensors", found, traces, case)


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    for one in sys.argv[2:] or TARGETS:
        make(Path(sys.argv[1]), one)
        if not one.startswith("decoder-"): make_reranker(Path(sys.argv[1]), one)
