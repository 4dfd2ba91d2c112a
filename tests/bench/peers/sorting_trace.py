"""An encoder trained to sort in a bare loop of sentence-transformers and torch: sorting_trace.py MODEL_FOLDER ASKED.json.

The file has {"texts", "labels", "steps": [[row]], "rates", "head": [[value]], "adamw": {}, "threads": 1}: the rows and the learning rate of each
step, and the first values of the head, [labels, width + 1], whose last column is the intercept. The embeddings stay as they are, and there is
no dropout. Prints {"losses": [], "versions": {}}, the mean loss of each step before its update.
"""

import json
import sys

import sentence_transformers
import torch
import transformers
from sentence_transformers import SentenceTransformer

folder, file = sys.argv[1:]
with open(file, encoding="utf-8") as f:
    given = json.load(f)
torch.set_num_threads(given["threads"])
model = SentenceTransformer(folder, device="cpu").eval()
first = torch.tensor(given["head"])
head = torch.nn.Linear(first.shape[1], first.shape[0], bias=False)
head.weight.data = first
trained = {name: p for name, p in model.named_parameters() if ".embeddings." not in name and ".pooler." not in name} | {"head.weight": head.weight}
adamw = given["adamw"]


def is_decayed(name):
    return not (name.endswith("bias") or "norm" in name.lower())


groups = [{"params": [p for name, p in trained.items() if is_decayed(name) == on], "weight_decay": adamw["weightDecay"] if on else 0.0} for on in (True, False)]
optimizer = torch.optim.AdamW(groups, betas=(adamw["beta1"], adamw["beta2"]), eps=adamw["eps"])
losses = []
for rows, rate in zip(given["steps"], given["rates"]):
    for group in optimizer.param_groups:
        group["lr"] = rate
    features = model.preprocess([given["texts"][row] for row in rows]) if hasattr(model, "preprocess") else model.tokenize([given["texts"][row] for row in rows])
    vectors = model(features)["sentence_embedding"]
    logits = head(torch.cat([vectors, torch.ones(len(rows), 1)], 1))
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor([given["labels"][row] for row in rows]))
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(list(trained.values()), adamw["maxNorm"])
    optimizer.step()
    losses.append(loss.item())
versions = {one.__name__: one.__version__ for one in (torch, sentence_transformers, transformers)}
print(json.dumps({"losses": losses, "versions": versions}))
