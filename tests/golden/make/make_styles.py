"""Golden values for tokenizers and chat templates built as newer families build theirs: Gemma (SentencePiece's alphabet without a
prefix, byte fallback, runs of spaces and line ends as tokens of their own, a token across a space), o200k (GPT-4o, Phi-4-mini), Qwen3.5,
and LFM2 (Llama 3's pattern, words taken whole, BOS). The makers' own vocabularies are large and some licences narrow, so these
are trained here on the texts of the other golden values; templates are short ones of our own with the same features.

    python tests/golden/make/make_styles.py        # tokenizers 0.23, transformers 5.24; writes into tests/
"""
import datetime, hashlib, json, pathlib, re
import tokenizers, transformers
from tokenizers import models, normalizers, pre_tokenizers, trainers, Regex
from transformers.utils import chat_template_utils

ROOT = pathlib.Path(__file__).resolve().parents[2] / "tests"
GOLDEN = ROOT / "golden" / "data" / "tokenizers"
FIXTURES = ROOT / "fixtures" / "tokenizers"
OTHER = json.loads((GOLDEN / "qwen3.json").read_text())
TEXTS = [t["text"] for t in OTHER["texts"]] + [
    "<a> </b> <p> <table>\n\n\n   <td> x</td>", "n\n\n\n\n\nm     o\t\t\tp", "I'll say IT'S HE'LL weDon'T HTTPServer's",
    "\u0928\u092e\u0938\u094d\u0924\u0947 \u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35 1234567 \u2167\u00b2 foo/bar/\n/baz", "\U0001f9ea unknown \u16a0\u16a1 \U00012000",
]
LONE = [r["text"] for r in OTHER["lone_surrogates"]]

ENDING = r"\s*[\r\n]+|\s+(?!\S)|\s+"
CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
UP, LOW, LEAD = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]", r"[^\r\n\p{L}\p{N}]?"
PATTERNS = {
    "o200k": rf"{LEAD}{UP}*{LOW}+{CONTRACTIONS}?|{LEAD}{UP}+{LOW}*{CONTRACTIONS}?|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{ENDING}",
    "qwen3_5": rf"{CONTRACTIONS}|{LEAD}[\p{{L}}\p{{M}}]+|\p{{N}}| ?[^\s\p{{L}}\p{{M}}\p{{N}}]+[\r\n]*|{ENDING}",
    "lfm2": rf"{CONTRACTIONS}|{LEAD}\p{{L}}+|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{ENDING}",
}
SPECIAL = {
    "gemma": ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"],
    "o200k": ["<|endoftext|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"],
    "qwen3_5": ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"],
    "lfm2": ["<|pad|>", "<|startoftext|>", "<|endoftext|>", "<|im_start|>", "<|im_end|>"],
}
ROLES = {
    "gemma": dict(bos_token="<bos>", eos_token="<end_of_turn>", pad_token="<pad>", unk_token="<unk>"),
    "o200k": dict(bos_token="<|endoftext|>", eos_token="<|endoftext|>", pad_token=None, unk_token="<|endoftext|>"),
    "qwen3_5": dict(bos_token=None, eos_token="<|im_end|>", pad_token="<|endoftext|>", unk_token=None),
    "lfm2": dict(bos_token="<|startoftext|>", eos_token="<|im_end|>", pad_token="<|pad|>", unk_token=None),
}

TEMPLATES = {
    # the instructions are put into the first turn by the template itself; the answer's role has another name
    "gemma": """{{ bos_token }}{% if messages[0].role == 'system' %}{% set lead = messages[0].content | trim + '\\n\\n' %}{% set turns = messages[1:] %}
{%- else %}{% set lead = '' %}{% set turns = messages %}{% endif %}
{%- for turn in turns %}
{%- if (turn.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('user and model take turns') }}{% endif %}
{{- '<start_of_turn>' ~ ('model' if turn.role == 'assistant' else turn.role) ~ '\\n' ~ (lead if loop.first) ~ turn.content | trim ~ '<end_of_turn>\\n' }}
{%- endfor %}{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}""",
    # tools beside the instructions, where there are any
    "o200k": """{% for turn in messages %}{% if turn.role == 'system' and 'tools' in turn and turn.tools is not none %}
{{- '<|' + turn.role + '|>' + turn.content + turn.tools + '<|end|>' }}{% else %}{{ '<|' + turn.role + '|>' + turn.content + '<|end|>' }}{% endif %}
{%- endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% else %}{{ eos_token }}{% endif %}""",
    # earlier thoughts are left out: a namespace, the turns from the end, a macro, text cut at a mark
    "qwen3_5": """{% macro shown(content, is_last) %}{% if '</think>' in content and not is_last %}{{ content.split('</think>')[-1].lstrip('\\n') }}
{%- else %}{{ content.strip('\\n') }}{% endif %}{% endmacro %}
{%- set ns = namespace(last=messages | length - 1, searching=true) %}
{%- for turn in messages[::-1] %}{% if ns.searching and turn.role == 'user' %}{% set ns.searching = false %}{% set ns.last = messages | length - 1 - loop.index0 %}{% endif %}{% endfor %}
{%- for turn in messages %}{{ '<|im_start|>' + turn.role + '\\n' }}
{%- if turn.role == 'assistant' %}{% generation %}{{ shown(turn.content, loop.index0 > ns.last) }}{% endgeneration %}{% else %}{{ turn.content }}{% endif %}
{{- '<|im_end|>\\n' }}{% endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% if enable_thinking is defined and enable_thinking is false %}{{ '<think>\\n\\n</think>\\n\\n' }}{% else %}{{ '<think>\\n' }}{% endif %}{% endif %}""",
    # BOS from the template; earlier thoughts kept where it is asked for
    "lfm2": """{{- bos_token -}}{% set keep = keep_past_thinking | default(false) %}
{%- set ns = namespace(system='', last=-1) %}
{%- if messages[0]['role'] == 'system' %}{% set ns.system = messages[0]['content'] %}{% set messages = messages[1:] %}{% endif %}
{%- if ns.system %}{{ '<|im_start|>system\\n' + ns.system + '<|im_end|>\\n' }}{% endif %}
{%- for turn in messages %}{% if turn['role'] == 'assistant' %}{% set ns.last = loop.index0 %}{% endif %}{% endfor %}
{%- for turn in messages %}{{ '<|im_start|>' + turn['role'] + '\\n' }}
{%- set content = turn['content'] %}{% if content is not string %}{% set content = content | tojson %}{% endif %}
{%- if turn['role'] == 'assistant' %}{% generation %}{% if not keep and loop.index0 != ns.last and '</think>' in content %}{% set content = content.split('</think>')[-1] | trim %}{% endif %}
{{- content + '<|im_end|>\\n' }}{% endgeneration %}{% else %}{{ content + '<|im_end|>\\n' }}{% endif %}{% endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}""",
}
# rendered alone: the date of the day, JSON with its options, calls, tests and slices
OTHERS = {
    "date": """{% set today = strftime_now('%d %B %Y') %}<|system|>Today Date: {{ today }}.
{% for m in messages %}{% if loop.previtem is defined and loop.previtem.role == m.role %}{{ raise_exception('After ' ~ m.role ~ ' comes the other.') }}{% endif %}
<|{{ m.role }}|>{{ m.content }}{{ '' if loop.last else '\\n' }}{% endfor %}""",
    "json": """{% set about = {'b': 1, 'a': ['é<', true, none, 1.5]} %}{{ about | tojson }}{{ about | tojson(indent=2) }}{{ about | tojson(separators=(',', ':'), sort_keys=true) }}
{{ {'é': messages[0].content} | tojson(ensure_ascii=true) }}{{ about }}{% for key, value in about.items() %}{{ key }}={{ value }};{% endfor %}""",
    "calls": """{% macro box(name) %}<{{ name }}>{{ caller() }}</{{ name }}>{% endmacro %}{% call box('r') %}{{ messages | map(attribute='role') | join('+') }}{% endcall %}
{{ messages | selectattr('role', 'equalto', 'user') | list | length }}{% filter upper %}{{ messages[-1].content[:3] }}{% endfilter %}
{% for m in messages if m.role != 'system' %}{% if loop.index > 2 %}{% break %}{% endif %}{{ loop.revindex0 }}{{ m.content | trim | replace('a', 'b') }}{% endfor %}
{% set x %}{{ 7 // 2 }} {{ 7 / 2 }} {{ 2 is odd }}{% endset %}{{ x }}{{ messages[0].missing is undefined }}{{ messages[0].get('none', 'd') }}""",
}
NOW = datetime.datetime(2026, 3, 5, 14, 7, 9)


def trained(pattern, size):
    tok = tokenizers.Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tok.train_from_iterator(TEXTS, trainers.BpeTrainer(vocab_size=size, min_frequency=1, show_progress=False,
                                                       initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return json.loads(tok.to_str())


def added(contents, special):
    return [dict(id=i, content=c, single_word=False, lstrip=False, rstrip=False, normalized=False, special=special) for i, c in contents]


def byte_level(name):
    j = trained(PATTERNS[name], 1200)
    words = list(j["model"]["vocab"])
    if name == "lfm2":  # words that no merges make
        words += ["\u0120Arthropoda", "\u0120itibaren"]
        j["model"]["ignore_merges"] = True
    j["model"]["vocab"] = {w: i for i, w in enumerate([*SPECIAL[name], *words])}
    j["added_tokens"] = added(enumerate(SPECIAL[name]), True)
    if name == "qwen3_5":
        j["normalizer"] = {"type": "NFC"}
        for token in j["added_tokens"][3:]:
            token["special"] = False
    j["decoder"] = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    if name == "lfm2":
        bos = ROLES[name]["bos_token"]
        j["post_processor"] = {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": bos, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                               "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                               "special_tokens": {bos: {"id": bos, "ids": [1], "tokens": [bos]}}}
    return j


def gemma():
    tok = tokenizers.Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tok.normalizer = normalizers.Replace(" ", "\u2581")
    tok.pre_tokenizer = pre_tokenizers.Split(Regex("\u2581+[^\u2581\n\t]*|\n+|\t+|[^\u2581\n\t]+"), "isolated")
    tok.train_from_iterator(TEXTS, trainers.BpeTrainer(vocab_size=900, min_frequency=1, limit_alphabet=260, show_progress=False))
    j = json.loads(tok.to_str())
    runs = [c * n for c in "\n\u2581\t" for n in range(2, 7)]
    html = ["<table>", "<td>", "</td>"]
    across = ["</", "\u2581</", ">\u2581</"]
    learnt = [w for w in j["model"]["vocab"] if w not in runs + across + ["<unk>"] and not re.fullmatch("[\u2581\n\t]{2,}", w)]
    words = [*SPECIAL["gemma"], *runs, *html, *[f"<0x{b:02X}>" for b in range(256)], *across, *learnt]
    vocab = {w: i for i, w in enumerate(dict.fromkeys(words))}
    # as converted from scores: every way of making a token from two, at the place of the token
    made = [w for w in across + runs[::-1] + learnt if len(w) > 1]
    merges = [[w[:i], w[i:]] for w in made for i in range(len(w) - 1, 0, -1) if w[:i] in vocab and w[i:] in vocab]
    j["model"].update(vocab=vocab, merges=merges)
    j["added_tokens"] = added(((vocab[c], c) for c in SPECIAL["gemma"]), True) + added(((vocab[c], c) for c in runs + html), False)
    j["pre_tokenizer"] = {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False}
    j["post_processor"] = {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<bos>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                           "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                           "special_tokens": {"<bos>": {"id": "<bos>", "ids": [2], "tokens": ["<bos>"]}}}
    j["decoder"] = {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
                                                     {"type": "ByteFallback"}, {"type": "Fuse"}]}
    return j


def render(template, chat, gen, options, roles):
    record = {"add_generation_prompt": gen, "options": options}
    try:
        compiled = chat_template_utils._compile_jinja_template(template)
        names = {k: v for k, v in roles.items() if v is not None}
        record["rendered"] = compiled.render(messages=chat, tools=None, documents=None, add_generation_prompt=gen, **names, **options)
    except Exception as error:
        record["error"] = str(error)
    return record


def make(name):
    j = gemma() if name == "gemma" else byte_level(name)
    folder = FIXTURES / name
    folder.mkdir(exist_ok=True)
    files = {"tokenizer.json": j, "tokenizer_config.json": {**ROLES[name], "chat_template": TEMPLATES[name]}}
    sha = {}
    for file, content in files.items():
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"
        (folder / file).write_text(text)
        sha[file] = hashlib.sha256(text.encode()).hexdigest()
    tok = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    enc = lambda t, special=False: tok.encode(t, add_special_tokens=special).ids
    texts = []
    for t in TEXTS:
        ids = enc(t)
        texts.append({"text": t, "ids": ids, "ids_special": enc(t, True), "decoded": tok.decode(ids, skip_special_tokens=False),
                      "decoded_skip": tok.decode(ids, skip_special_tokens=True)})
    options = {"qwen3_5": [{}, {"enable_thinking": False}], "lfm2": [{}, {"keep_past_thinking": True}]}.get(name, [{}])
    chats = []
    for chat, turns in OTHER["messages"].items():
        for gen in (False, True):
            for given in options:
                record = {"chat": chat, **render(TEMPLATES[name], turns, gen, given, ROLES[name])}
                if "rendered" in record:
                    record["ids"] = enc(record["rendered"])
                chats.append(record)
    write(GOLDEN / f"{name}.json", {
        "source": {"made_by": "tests/golden/make/make_styles.py", "sha256": sha}, "special_tokens": ROLES[name], "messages": OTHER["messages"],
        "texts": texts, "lone_surrogates": [{"text": t, "ids": enc(re.sub("[\ud800-\udfff]", "\ufffd", t))} for t in LONE], "chats": chats})
    return [f"{h}  {name}/{f}" for f, h in sha.items()]


def write(path, value):
    # one record a line, ASCII only, so that no editor or checkout changes a byte of meaning
    path.write_text(re.sub(r', \{"(text|chat|template)"', r',\n{"\1"', json.dumps(value)) + "\n")
    print(path, path.stat().st_size)


def main():
    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return NOW
    chat_template_utils.datetime = Clock
    lines = [line for name in ("gemma", "o200k", "qwen3_5", "lfm2") for line in make(name)]
    sums = FIXTURES / "SHA256SUMS"
    ours = {line.split("  ")[1] for line in lines}
    kept = [line for line in sums.read_text().splitlines() if line.split("  ")[1] not in ours]
    sums.write_text("\n".join([*kept, *lines]) + "\n")
    roles = {"bos_token": "<s>", "eos_token": "</s>"}
    records = [{"template": template, "chat": chat, **render(template, turns, False, {}, roles)}
               for template in OTHERS.values() for chat, turns in OTHER["messages"].items()]
    write(GOLDEN / "templates.json", {"now": NOW.isoformat(), "messages": OTHER["messages"], "records": records})


main()
