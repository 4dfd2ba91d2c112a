"""Reference values of real weights: SmolLM2-135M-Instruct from a GGUF file in Q4_1, in float32 as Transformers reads it:
`python tests/golden/make/make_smollm2.py FOLDER_OF_THE_GGUF tests/golden/data/smollm2`.

batch.safetensors
    input_ids, labels, attention_mask of three conversations; -100 on prompts and padding.
expected.json
    Ids of each conversation, losses, the ten largest logits behind each row, greedy answers.
lora_trace.json
    Ten steps of AdamW at a constant rate on adapters of rank 8 (alpha 16) on all linear layers, B = 0 and
    A[i, j] = cos(0.7 i + 1.1 j + 0.3 t) / sqrt(inputs) with t = 7 layer + place in TARGETS; losses, norms, and some gradients.
"""
import json
import math
import os
import sys

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

src, out = sys.argv[1:3]
os.makedirs(out, exist_ok=True)
gguf = next(f for f in os.listdir(src) if f.endswith(".gguf"))
tok = AutoTokenizer.from_pretrained(src, gguf_file=gguf)
model = AutoModelForCausalLM.from_pretrained(src, gguf_file=gguf, dtype=torch.float32, attn_implementation="eager").eval()

CHATS = [
    [("user", "Sort this message: my parcel came with a broken lid."), ("assistant", '{"topic": "damage", "urgent": false}')],
    [("system", "You are a terse gardener."), ("user", "When do I plant garlic?"), ("assistant", "In autumn, five centimetres deep, point up.")],
    [("user", "Übersetze: 'The kettle is hot.'"), ("assistant", "Der Kessel ist heiß. ☕")],
]
rows = []
for chat in CHATS:
    messages = [dict(role=r, content=c) for r, c in chat]
    full = tok.apply_chat_template(messages, return_dict=True)["input_ids"]
    prompt = tok.apply_chat_template(messages[:-1], add_generation_prompt=True, return_dict=True)["input_ids"]
    assert full[: len(prompt)] == prompt
    rows.append((full, [-100] * len(prompt) + full[len(prompt):]))
width = max(len(r[0]) for r in rows)
ids = torch.tensor([r[0] + [tok.pad_token_id] * (width - len(r[0])) for r in rows])
labels = torch.tensor([r[1] + [-100] * (width - len(r[1])) for r in rows])
mask = torch.tensor([[1] * len(r[0]) + [0] * (width - len(r[0])) for r in rows])
save_file(dict(input_ids=ids, labels=labels, attention_mask=mask), f"{out}/batch.safetensors")

def loss_of(m):
    logits = m(input_ids=ids, attention_mask=mask).logits.float()
    per = torch.nn.functional.cross_entropy(logits[:, :-1].reshape(-1, logits.shape[-1]), labels[:, 1:].reshape(-1), ignore_index=-100, reduction="none").view(len(rows), -1)
    return logits, per
with torch.no_grad():
    logits, per = loss_of(model)
count = int((labels[:, 1:] != -100).sum())
expected = dict(chats=[dict(messages=[dict(role=r, content=c) for r, c in chat], ids=row[0]) for chat, row in zip(CHATS, rows)],
                loss_sum=per.sum().item(), labelled_tokens=count, loss_mean=per.sum().item() / count, row_loss_sums=per.sum(1).tolist(), top_logits=[], greedy=[])
for b, row in enumerate(rows):
    v, i = logits[b, len(row[0]) - 1].topk(10)
    expected["top_logits"].append(dict(ids=i.tolist(), logits=v.tolist()))
for q in ["What is the capital of France?", "Name three primary colours.", "Write one sentence about rain."]:
    x = tok.apply_chat_template([dict(role="user", content=q)], add_generation_prompt=True, return_tensors="pt", return_dict=True)
    y = model.generate(**x, max_new_tokens=24, do_sample=False)[0, x["input_ids"].shape[1]:]
    expected["greedy"].append(dict(prompt=q, prompt_ids=x["input_ids"][0].tolist(), ids=y.tolist(), text=tok.decode(y, skip_special_tokens=True)))
json.dump(expected, open(f"{out}/expected.json", "w"), indent=1, ensure_ascii=False)

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
peft = get_peft_model(model, LoraConfig(r=8, lora_alpha=16, lora_dropout=0.0, target_modules=TARGETS))
names = dict(peft.named_parameters())
for name, p in names.items():
    if "lora_A" in name:
        layer = int(name.split("layers.")[1].split(".")[0]); t = 7 * layer + next(k for k, s in enumerate(TARGETS) if s in name)
        i, j = torch.arange(p.shape[0], dtype=torch.float64)[:, None], torch.arange(p.shape[1], dtype=torch.float64)[None]
        p.data = (torch.cos(0.7 * i + 1.1 * j + 0.3 * t) / math.sqrt(p.shape[1])).float()
params = [p for p in peft.parameters() if p.requires_grad]
opt = torch.optim.AdamW(params, lr=5e-4, weight_decay=0.0)
trace = dict(losses=[], grad_norms=[], grads={})
watch = {f"layers.{l}.{m}": l for l, m in [(0, "self_attn.q_proj"), (0, "mlp.down_proj"), (15, "self_attn.v_proj"), (29, "mlp.gate_proj")]}
for step in range(10):
    _, per = loss_of(peft)
    loss = per.sum() / count
    loss.backward()
    for w in watch:
        ab = "lora_B" if step == 0 else "lora_A"
        if step < 2:
            g = next(p.grad for n, p in names.items() if w in n and ab in n)
            trace["grads"][f"step{step + 1}.{w}.{ab}"] = dict(norm=g.norm().item(), first=g.flatten()[:4].tolist(), shape=list(g.shape))
    norm = torch.nn.utils.clip_grad_norm_(params, 1.0)
    opt.step(); opt.zero_grad()
    trace["losses"].append(loss.item()); trace["grad_norms"].append(norm.item())
json.dump(trace, open(f"{out}/lora_trace.json", "w"), indent=1)
print(expected["loss_mean"], trace["losses"], [g["text"] for g in expected["greedy"]])
