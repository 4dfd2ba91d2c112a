"""Sorts texts with head.json and its encoder, without Fettle: python3 sort.py ENCODER_FOLDER "Where is my parcel?"

Needs sentence-transformers, which brings NumPy. In your own code: sorter(json.load(open("head.json")), ENCODER_FOLDER)(["Where is my
parcel?"]) gives category, score, scores of each text.
"""
import json, sys
from hashlib import sha256
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer


def sorter(kept, folder):
    for file in kept["encoder"]["files"]:
        if sha256((Path(folder) / file["name"]).read_bytes()).hexdigest() != file["sha256"]:
            raise SystemExit(f"{folder} is not {kept['encoder']['name']}: {file['name']} differs.")
    encoder = SentenceTransformer(folder, device="cpu")
    before = kept["encoder"].get("prompt", "")

    def logs(scores):
        scores = scores - scores.max(axis=1, keepdims=True)
        return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))

    def sort(texts):
        vectors = encoder.encode([before + text for text in texts]).astype(np.float64)
        found = np.zeros((len(texts), len(kept["answers"])))
        for part in kept["parts"]:
            own = logs(vectors @ np.array(part["weights"]) + np.array(part["intercept"]))
            # a label that no row taught is never the answer
            own = np.hstack([own, np.full((len(texts), 1), -np.inf)])
            found += own[:, part["of"]]
        chances = np.exp(logs(logs(found) / kept["temperature"]))
        return [(kept["answers"][row.argmax()], float(row.max()), row.tolist()) for row in chances]

    return sort


if __name__ == "__main__":
    sort = sorter(json.loads((Path(__file__).parent / "head.json").read_text("utf-8")), sys.argv[1])
    for category, score, scores in sort(sys.argv[2:]):
        print(json.dumps([category, score, scores]))
