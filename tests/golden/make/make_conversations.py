"""Golden texts of conversations with thinking and tools, rendered and tokenised by Transformers: through Qwen3's template with its tokenizer
(cut, tests/fixtures/tokenizers), and through one of our own with the features of SmolLM3's: a header with the date and the reasoning mode,
tools under a name of its own written as Python does, answers as they are. What SmolLM3's template would drop stands in the text.

    python tests/golden/make/make_conversations.py     # tokenizers 0.23, transformers 5.24; writes into tests/
    python tests/golden/make/make_conversations.py chat_template.jinja OUT.json     # the same through SmolLM3's own, wherever it is from

FETTLE_TEST_CONVERSATIONS=OUT.json npx vitest run tests/unit/engine/data/tokens/conversation.test.ts compares with the second.
"""
import datetime, hashlib, json, pathlib, sys
import transformers
from transformers.utils import chat_template_utils

ROOT = pathlib.Path(__file__).resolve().parents[2] / "tests"
NOW = datetime.datetime(2026, 3, 5, 14, 7, 9)


class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW


chat_template_utils.datetime = Clock

SMOLLM3 = """{%- if enable_thinking is not defined -%}{%- set enable_thinking = true -%}{%- endif -%}
{%- set mode = "/think" if enable_thinking else "/no_think" -%}
{%- set instructions = "" -%}
{%- if messages[0].role == "system" -%}
  {%- set given = messages[0].content -%}
  {%- if "/no_think" in given -%}{%- set mode = "/no_think" -%}{%- elif "/think" in given -%}{%- set mode = "/think" -%}{%- endif -%}
  {%- set instructions = given.replace("/no_think", "").replace("/think", "").rstrip() -%}
{%- endif -%}
{{- "<|im_start|>system\\n## Metadata\\n\\nToday Date: " + strftime_now("%d %B %Y") + "\\nReasoning Mode: " + mode + "\\n\\n## Custom Instructions\\n\\n" -}}
{{- (instructions or "Be helpful.") + "\\n\\n" -}}
{%- if xml_tools is defined -%}
  {%- set ns = namespace(list="<tools>\\n") -%}
  {%- for tool in xml_tools -%}{%- set ns.list = ns.list + (tool | string) + "\\n" -%}{%- endfor -%}
  {{- "### Tools\\n\\n" + ns.list + "</tools>\\n\\nCall one within <tool_call></tool_call>.\\n\\n" -}}
{%- endif -%}
{{- "<|im_end|>\\n" -}}
{%- for message in messages -%}
  {%- set content = message.content if message.content is string else "" -%}
  {%- if message.role == "user" or message.role == "tool" -%}
    {{- "<|im_start|>user\\n" + content + "<|im_end|>\\n" -}}
  {%- elif message.role == "assistant" -%}
    {%- generation -%}
    {%- if mode == "/think" -%}
      {{- "<|im_start|>assistant\\n" + content.lstrip("\\n") + "<|im_end|>\\n" -}}
    {%- else -%}
      {{- "<|im_start|>assistant\\n<think>\\n\\n</think>\\n" + content.lstrip("\\n") + "<|im_end|>\\n" -}}
    {%- endif -%}
    {%- endgeneration -%}
  {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
  {{- "<|im_start|>assistant\\n" + ("" if mode == "/think" else "<think>\\n\\n</think>\\n") -}}
{%- endif -%}"""

if sys.argv[1:]:
    SMOLLM3 = pathlib.Path(sys.argv[1]).read_text()
    print(f"SHA-256 of the template: {hashlib.sha256(SMOLLM3.encode()).hexdigest()}")

TOOL = {"type": "function", "function": {"name": "weather", "description": "Says the weather – today's.", "parameters": {
    "type": "object", "properties": {"town": {"type": "string"}, "days": {"type": "integer"}}, "required": ["town"]}}}
ASK = {"role": "user", "content": "Is it warm in Oslo?"}
MORE = {"role": "user", "content": "And tomorrow?"}
BE = {"role": "system", "content": "Be brief."}


def tags(thinking, answer):
    return {"role": "assistant", "content": f"<think>\n{thinking}\n</think>\n\n{answer}"}


def field(thinking, answer, **more):
    return {"role": "assistant", "reasoning_content": thinking, "content": answer, **more}


def calls(*arguments, **more):
    made = [{"type": "function", "id": f"call0000{i}", "function": {"name": "weather", "arguments": one}} for i, one in enumerate(arguments)]
    return {"role": "assistant", "content": "", "tool_calls": made, **more}


def result(content, i=0):
    return {"role": "tool", "content": content, "tool_call_id": f"call0000{i}", "name": "weather"}


def written(*arguments):
    one = lambda given: '<tool_call>\n' + json.dumps({"name": "weather", "arguments": given}, ensure_ascii=False) + '\n</tool_call>'
    return {"role": "assistant", "content": "\n".join(map(one, arguments))}


OSLO, LUND = {"town": "Oslo", "days": 1}, {"town": "Lund – \u00e9", "days": 2}
# name: the messages of a row, and what Transformers gets where that is not the same
ROWS = {
    "tags": [ASK, tags("It is winter.\nSo no.", "No, it is cold.")],
    "field": [BE, ASK, field("It is winter.\nSo no.", "No, it is cold.")],
    "two turns": [ASK, field("Winter.", "No."), MORE, field("Still winter.", "No, too.")],
    "two turns in tags": [BE, ASK, tags("Winter.", "No."), MORE, tags("Still winter.", "No, too.")],
    "empty thinking": [ASK, {"role": "assistant", "content": "<think>\n\n</think>\n\nNo."}],
    "no thinking": [ASK, {"role": "assistant", "content": "No."}, MORE, {"role": "assistant", "content": "No, too."}],
    "a call": [ASK, calls(OSLO), result('{"degrees": 4}'), {"role": "assistant", "content": "It has 4 degrees."}],
    "two calls": [BE, ASK, calls(OSLO, LUND), result("4"), result("7", 1), {"role": "assistant", "content": "4 and 7."}],
    "thinking and a call": [ASK, calls(OSLO, reasoning_content="I look."), result("4"), field("So cold.", "4 degrees.")],
    "a call at the end": [ASK, field("I look.", "Let me see.", **{k: v for k, v in calls(LUND).items() if k == "tool_calls"})],
}
TEXT = {
    "field": [BE, ASK, tags("It is winter.\nSo no.", "No, it is cold.")],
    "two turns": [ASK, tags("Winter.", "No."), MORE, tags("Still winter.", "No, too.")],
    "a call": [ASK, written(OSLO), *ROWS["a call"][2:]],
    "two calls": [BE, ASK, written(OSLO, LUND), *ROWS["two calls"][3:]],
    "thinking and a call": [ASK, tags("I look.", written(OSLO)["content"]), result("4"), tags("So cold.", "4 degrees.")],
    "a call at the end": [ASK, tags("I look.", "Let me see.\n" + written(LUND)["content"])],
}

records = []
for family, fixture, template, named in [("qwen3", "qwen3", None, "tools"), ("smollm3", "llama3", SMOLLM3, "xml_tools")]:
    folder = ROOT / "fixtures" / "tokenizers" / fixture
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    # Transformers gives added tokens other ids where the vocabulary is cut
    made = json.loads((folder / "tokenizer.json").read_text())
    id_of = made["model"]["vocab"] | {token["content"]: token["id"] for token in made["added_tokens"]}
    for name, messages in ROWS.items():
        given = TEXT.get(name, messages) if family == "smollm3" else messages
        uses = any("tool_calls" in m for m in messages)
        options = {named: [TOOL]} if uses else {}
        rendered = tokenizer.apply_chat_template(given, chat_template=template, tokenize=False, **options)
        tokens = tokenizer.backend_tokenizer.encode(rendered, add_special_tokens=False).tokens
        ids = [id_of[token] for token in tokens]
        records.append({"family": family, "name": name, "messages": messages, "tools": [TOOL] if uses else None,
                        "rendered": rendered, "ids": ids})
path = pathlib.Path(sys.argv[2]) if sys.argv[1:] else ROOT / "golden" / "data" / "tokenizers" / "conversations.json"
path.write_text(json.dumps({"now": NOW.isoformat(), "smollm3": SMOLLM3, "records": records}, ensure_ascii=False, indent=1) + "\n")
