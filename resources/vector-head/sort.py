"""Sorts texts with head.json and its encoder, without Fettle: python3 sort.py ENCODER_FOLDER "Where is my parcel?"

Needs sentence-transformers, which brings NumPy. In your own code: sorter(json.load(open("head.json")), ENCODER_FOLDER)(["Where is my
parcel?"]) gives category, score, scores of each text. Where there is a columns.json: column_sorter(json.load(open("columns.json")), what
each of its files holds, ENCODER_FOLDER)(["Where is my parcel?"]).
"""
import json, sys
from hashlib import sha256
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer


def reader(kept, folder):
    for file in kept["encoder"]["files"]:
        if sha256((Path(folder) / file["name"]).read_bytes()).hexdigest() != file["sha256"]:
            raise SystemExit(f"{folder} is not {kept['encoder']['name']}: {file['name']} differs.")
    encoder = SentenceTransformer(folder, device="cpu")
    before = kept["encoder"].get("prompt", "")
    return lambda texts: encoder.encode([before + text for text in texts]).astype(np.float64)


def logs(scores):
    scores = scores - scores.max(axis=1, keepdims=True)
    return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))


def answers(kept, vectors):
    found = np.zeros((len(vectors), len(kept["answers"])))
    for part in kept["parts"]:
        own = logs(vectors @ np.array(part["weights"]) + np.array(part["intercept"]))
        # a label that no row taught is never the answer
        own = np.hstack([own, np.full((len(vectors), 1), -np.inf)])
        found += own[:, part["of"]]
    chances = np.exp(logs(logs(found) / kept["temperature"]))
    return [(kept["answers"][row.argmax()], float(row.max()), row.tolist()) for row in chances]


def sorter(kept, folder):
    read = reader(kept, folder)
    return lambda texts: answers(kept, read(texts))


def column_sorter(columns, heads, folder):  # of several categories a text all that are likely enough, and how likely these alone are
    read = reader(heads[0], folder)

    def sort(texts):
        vectors = read(texts)
        said = [{} for _ in texts]
        for column, head in zip(columns, heads):
            for own, found in zip(said, answers(head, vectors)):
                if "category" in column:
                    given, score, chances = own.get(column["name"], ([], 1.0, {}))
                    yes, has = found[2][1], found[2][1] >= column["from"]
                    chances[column["category"]] = yes
                    found = given + [column["category"]] * has, score * (yes if has else 1 - yes), chances
                own[column["name"]] = found
        return said

    return sort


if __name__ == "__main__":
    here = Path(__file__).parent
    read_json = lambda name: json.loads((here / name).read_text("utf-8"))
    columns = read_json("columns.json") if (here / "columns.json").exists() else None
    heads = [read_json(column["file"]) for column in columns or [{"file": "head.json"}]]
    sort = column_sorter(columns, heads, sys.argv[1]) if columns else sorter(heads[0], sys.argv[1])
    for found in sort(sys.argv[2:]):
        print(json.dumps(found))
