"""Fills the columns of texts with the ONNX file beside it, without Fettle: python3 sort.py "Where is my parcel?"

Needs onnxruntime, tokenizers and NumPy. In your own code: column_sorter(FOLDER)("Where is my parcel?").
"""
import json, sys
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer


def column_sorter(folder):
    folder = Path(folder)
    kept = json.loads((folder / "outputs.json").read_text("utf-8"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(kept["maxTokens"])
    files = [folder / "onnx" / name for name in ("model.onnx", "model_quantized.onnx")]
    session = onnxruntime.InferenceSession(str(next(file for file in files if file.exists())))

    def sort(text):
        ids = np.array([tokenizer.encode(kept["prompt"] + text).ids], dtype=np.int64)
        names = [column["output"] for column in kept["columns"]]
        said = {}
        for column, found in zip(kept["columns"], session.run(names, {"input_ids": ids, "attention_mask": np.ones_like(ids)})):
            chances = [float(chance) for chance in found[0]]
            scores = dict(zip(column["categories"], chances))
            if "from" in column:  # of several categories a text all that are likely enough
                given = [name for name, chance, least in zip(column["categories"], chances, column["from"]) if chance >= least]
                said[column["name"]] = {"categories": given, "scores": scores}
            else:
                category = max(scores, key=scores.get)
                said[column["name"]] = {"category": category, "score": scores[category], "scores": scores}
        return said

    return sort


if __name__ == "__main__":
    sort = column_sorter(Path(__file__).parent)
    for text in sys.argv[1:]:
        print(json.dumps(sort(text)))
