"""Sorts texts with counter.json, without Fettle: python3 sort.py "Where is my parcel?"

In your own code: sorter(json.load(open("counter.json")))("Where is my parcel?") gives category, score, scores.
Where there is a columns.json: column_sorter(json.load(open("columns.json")), one sorter for each of its files)("Where is my parcel?").
"""
import json, math, sys, unicodedata
from collections import Counter
from pathlib import Path


def sorter(kept):
    letters = kept.get("letters")
    index = {word: i for i, word in enumerate(kept["words"])}
    alone = {c for first, last in kept.get("alone", []) for c in range(first, last + 1)}

    def groups(text):
        runs = [f" {run} " for run in text.lower().split()]
        sizes = range(letters[0], letters[1] + 1)
        return [run[i : i + n] for run in runs for n in sizes for i in range(len(run) - n + 1)]

    def words(text):  # of older files
        found, run = [], ""
        for c in text.lower() + " ":
            if ord(c) not in alone and (c == "_" or unicodedata.category(c)[0] in "LMN"):
                run += c
                continue
            found += [run] * (len(run) > 1) + [c] * (ord(c) in alone)
            run = ""
        return found + [f"{a} {b}" for a, b in zip(found, found[1:])]

    def chances(scores, heat=1.0):
        top = max(scores)
        weights = [math.exp((score - top) / heat) for score in scores]
        total = sum(weights)
        return [weight / total for weight in weights]

    def sort(text):
        counts = Counter(index[word] for word in (groups if letters else words)(text) if word in index)
        worth = (lambda count: 1 + math.log(count)) if letters else float
        values = [(word, worth(count) * kept["rarity"][word]) for word, count in counts.items()]
        length = math.sqrt(sum(value * value for _, value in values)) or 1.0
        logs = [0.0] * len(kept["answers"])
        for part in kept["parts"]:
            weights, starts = part["weights"], part["intercept"]
            scores = [s + sum(v / length * weights[w][i] for w, v in values) for i, s in enumerate(starts)]
            found = chances(scores)
            for answer, label in enumerate(part["of"]):
                logs[answer] += math.log(found[label]) if label >= 0 and found[label] > 0 else -math.inf
        scores = chances(logs, kept["temperature"])
        best = scores.index(max(scores))
        return kept["answers"][best], scores[best], scores

    return sort


def column_sorter(columns, sorters):  # of several categories a text all that are likely enough, and how likely these alone are
    def sort(text):
        said = {}
        for column, one in zip(columns, sorters):
            name, found = column["name"], one(text)
            if "category" in column:
                given, score, chances = said.get(name, ([], 1.0, {}))
                yes, has = found[2][1], found[2][1] >= column["from"]
                chances[column["category"]] = yes
                found = given + [column["category"]] * has, score * (yes if has else 1 - yes), chances
            said[name] = found
        return said

    return sort


if __name__ == "__main__":
    here = Path(__file__).parent
    read = lambda name: json.loads((here / name).read_text("utf-8"))
    columns = read("columns.json") if (here / "columns.json").exists() else None
    sorters = [sorter(read(column["file"])) for column in columns or [{"file": "counter.json"}]]
    sort = column_sorter(columns, sorters) if columns else sorters[0]
    for text in sys.argv[1:]:
        print(json.dumps(sort(text)))
