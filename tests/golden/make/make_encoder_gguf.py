"""GGUF files of tiny encoders by the package gguf (0.19), whose table names the tensors: `python tests/golden/make/make_encoder_gguf.py tests`.

encoder-gguf/FAMILY.gguf holds the model of golden/data/encoders/FAMILY with a tokenizer of fixtures/tokenizers, as llama.cpp's converter lays
both out (RoBERTa's positions without those of padding, a single row of types as a list); FAMILY.json texts with ids and vectors.
FAMILY-rank.gguf is a reranker of it, with a drawn head; FAMILY-rank.json pairs of texts with ids and scores.
"""
import base64, json, sys
from pathlib import Path

import gguf, numpy, tokenizers, torch, transformers

ROOT = Path(sys.argv[1])
OUT = ROOT / "golden/data/encoder-gguf"
TEXTS = ["How do I get a new card?", "x", "Die Karte kommt in f\u00fcnf Tagen.", "na\u00efve caf\u00e9, 12.50 \u20ac, \u65e5\u672c\u8a9e <mask> [MASK]", "word " * 12]
ARCH = gguf.MODEL_ARCH
FAMILIES = {"bert": (ARCH.BERT, "bert", 1), "xlm_roberta": (ARCH.BERT, "xlm_roberta", 2), "roberta": (ARCH.BERT, "bytes", 1), "modernbert": (ARCH.MODERN_BERT, "bytes", 1)}
RANKS = ["roberta", "modernbert"]
SPECIAL = {"bert": ("[CLS]", "[SEP]", "[UNK]", "[PAD]", "[MASK]"), "xlm_roberta": ("<s>", "</s>", "<unk>", "<pad>", "<mask>"), "bytes": ("<s>", "</s>", "<unk>", "<pad>", "<mask>")}
NORMAL, UNKNOWN, CONTROL = 1, 2, 3


def tokenizer(kind, like):
    if kind != "bytes": return tokenizers.Tokenizer.from_file(str(ROOT / f"fixtures/tokenizers/{kind}/tokenizer.json"))
    one = tokenizers.Tokenizer(tokenizers.models.BPE())
    if like == "modernbert": one.normalizer = tokenizers.normalizers.NFC()
    one.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    one.decoder = tokenizers.decoders.ByteLevel()
    names = [SPECIAL[kind][i] for i in (0, 3, 1, 2)]
    trainer = tokenizers.trainers.BpeTrainer(vocab_size=300, initial_alphabet=sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet()), special_tokens=names, show_progress=False)
    one.train_from_iterator(TEXTS * 3, trainer)
    one.add_special_tokens([tokenizers.AddedToken("<mask>", lstrip=True, special=True)])
    ends = [(name, one.token_to_id(name)) for name in ("<s>", "</s>")]
    pair = "<s> $A </s> $B:1 </s>:1" if like == "modernbert" else "<s> $A </s> </s> $B </s>"
    one.post_processor = tokenizers.processors.TemplateProcessing(single="<s> $A </s>", pair=pair, special_tokens=ends)
    return one


def vocabulary(w, kind, like, ids, rows):
    saved = json.loads(ids.to_str())
    added = {t["id"]: t["content"] for t in saved["added_tokens"]}
    tokens = [ids.id_to_token(i) if i < ids.get_vocab_size() else f"[PAD{i}]" for i in range(rows)]
    types = [CONTROL if i in added else NORMAL if i < ids.get_vocab_size() else 5 for i in range(rows)]
    model, pre = {"bert": ("bert", "bert-bge"), "xlm_roberta": ("t5", "default"), "bytes": ("gpt2", "modern-bert" if like == "modernbert" else "roberta-bpe")}[kind]
    if kind == "bert": tokens = [t if k == CONTROL else t[2:] if t.startswith("##") else "\u2581" + t for t, k in zip(tokens, types)]
    w.add_tokenizer_model(model), w.add_tokenizer_pre(pre), w.add_token_list(tokens)
    if kind == "xlm_roberta":
        types[3] = UNKNOWN
        w.add_token_scores([s for _, s in saved["model"]["vocab"]] + [-10000.0] * (rows - len(saved["model"]["vocab"])))
        w.add_add_space_prefix(True), w.add_remove_extra_whitespaces(True)
        w.add_precompiled_charsmap(base64.b64decode(saved["normalizer"]["precompiled_charsmap"]))
    if kind == "bytes": w.add_token_merges([" ".join(m) for m in saved["model"]["merges"]])
    w.add_token_types(types)
    first, last, unk, pad, mask = (ids.token_to_id(name) for name in SPECIAL[kind])
    if kind != "bert": w.add_bos_token_id(first), w.add_eos_token_id(last)
    w.add_cls_token_id(first) if hasattr(w, "add_cls_token_id") else None
    w.add_sep_token_id(last), w.add_unk_token_id(unk), w.add_pad_token_id(pad), w.add_mask_token_id(mask)


def ranker(folder, kind):
    config = transformers.AutoConfig.from_pretrained(folder, num_labels=1, classifier_pooling="mean", attn_implementation="eager")
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder, config=config).eval()
    g = torch.Generator().manual_seed(39)
    for parameter, value in model.named_parameters():
        if parameter.startswith(("classifier", "head.dense")): value.data = torch.randn(value.shape, generator=g) * 0.3
    return model


def write(name, ranks=False):
    arch, kind, pooling = FAMILIES[name]
    folder, ids = ROOT / f"golden/data/encoders/{name}", tokenizer(kind, name)
    model = ranker(folder, kind) if ranks else transformers.AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    own = f"{name}-rank" if ranks else name
    c, rows = model.config, model.get_input_embeddings().weight.shape[0]
    if ids.get_vocab_size() > rows:
        g = torch.Generator().manual_seed(39)
        model.resize_token_embeddings(ids.get_vocab_size(), mean_resizing=False)
        model.get_input_embeddings().weight.data[rows:] = torch.randn(ids.get_vocab_size() - rows, c.hidden_size, generator=g) * 0.3
        rows = ids.get_vocab_size()
    offset = c.pad_token_id + 1 if c.model_type in ("roberta", "xlm-roberta") else 0
    w = gguf.GGUFWriter(str(OUT / f"{own}.gguf"), gguf.MODEL_ARCH_NAMES[arch])
    w.add_context_length(c.max_position_embeddings - offset), w.add_embedding_length(c.hidden_size), w.add_feed_forward_length(c.intermediate_size)
    w.add_block_count(c.num_hidden_layers), w.add_head_count(c.num_attention_heads), w.add_layer_norm_eps(getattr(c, "layer_norm_eps", None) or c.norm_eps)
    w.add_causal_attention(False), w.add_pooling_type(gguf.PoolingType.RANK if ranks else gguf.PoolingType(pooling))
    if arch == ARCH.MODERN_BERT:
        w.add_rope_freq_base(c.rope_parameters["full_attention"]["rope_theta"]), w.add_float32("modern-bert.rope.freq_base_swa", c.rope_parameters["sliding_attention"]["rope_theta"])
        w.add_sliding_window(c.local_attention), w.add_sliding_window_pattern(c.global_attn_every_n_layers), w.add_vocab_size(rows)
        w.add_add_bos_token(True), w.add_add_eos_token(True), w.add_add_sep_token(True)
    else: w.add_token_type_count(c.type_vocab_size)
    vocabulary(w, kind, name, ids, rows)
    names = gguf.get_tensor_name_map(arch, c.num_hidden_layers)
    for parameter, value in model.state_dict().items():
        if "pooler" in parameter: continue
        parameter = parameter.removeprefix("roberta.").removeprefix("model.")
        # the converter's own renaming
        if ranks and name == "modernbert": parameter = parameter.replace("classifier.", "classifier.out_proj.")
        tensor = names.get_name(parameter, try_suffixes=(".weight", ".bias"))
        value = value[offset:] if "position_embeddings" in parameter else value
        w.add_tensor(tensor, numpy.ascontiguousarray(value.float().squeeze().numpy()))
    w.write_header_to_file(), w.write_kv_data_to_file(), w.write_tensors_to_file(), w.close()
    lines = []
    for text in TEXTS:
        asked = (TEXTS[1] + TEXTS[0][-9:], text[:20]) if ranks else (text,)
        tokens = ids.encode(*asked).ids
        # the file knows no padding, whose positions would be those of no token
        places = {"position_ids": torch.arange(offset, offset + len(tokens))[None]} if offset else {}
        if ranks:
            with torch.no_grad(): score = model(torch.tensor([tokens]), **places).logits.item()
            lines.append(json.dumps({"texts": asked, "ids": tokens, "score": round(score, 7)}))
            continue
        with torch.no_grad(): hidden = model(torch.tensor([tokens]), **places).last_hidden_state[0]
        pooled = hidden.mean(0) if pooling == 1 else hidden[0]
        lines.append(json.dumps({"text": text, "ids": tokens, "vector": [round(float(x), 8) for x in pooled / pooled.norm()]}))
    (OUT / f"{own}.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


OUT.mkdir(exist_ok=True)
for name in FAMILIES: write(name)
for name in RANKS: write(name, ranks=True)
