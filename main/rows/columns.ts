/** The columns of tables and of records: what their names say in several languages, and what their values are like. */
import { isRecord, parsedJson } from '../../common/values.ts';
import { isAboutColumn } from './about.ts';
import { messageFields } from './messages.ts';
import type { Fields } from './shapes.ts';

export interface Column {
  /** A field's name, or `data.question` for one inside another. */
  readonly name: string;
  /** Share of the records in which it has a value. */
  readonly filled: number;
  /** Of its values: the share that are text (or numbers, or lists of texts), numbers alone, lists of messages. */
  readonly texts: number;
  readonly numbers: number;
  readonly conversations: number;
  /** Whether messages are written as JSON inside a text. */
  readonly isJsonText: boolean;
  /** Whether its messages have `from` and `value`. */
  readonly isShareGpt: boolean;
  readonly distinct: number;
  readonly meanChars: number;
  readonly meanWords: number;
  readonly maxChars: number;
  readonly example: string;
}

/** The columns of `records` in the order in which they are first met; objects are opened, so many levels. */
export function columnsOf(records: readonly Fields[], levels = 1): Column[] {
  const names = new Set(records.flatMap((record) => fieldNames(record, levels)));
  return [...names].map((name) => columnOf(name, records));
}

function fieldNames(record: Fields, levels: number): string[] {
  const own = Object.entries(record).filter(([key]) => !isAboutColumn(key));
  return own.flatMap(([key, value]) =>
    levels > 0 && isRecord(value) ? fieldNames(value, levels - 1).map((inner) => `${key}.${inner}`) : [key],
  );
}

/** The value in a column: of the field with that name, or of a field inside a field. */
export function valueAt(record: Fields, name: string): unknown {
  if (Object.hasOwn(record, name)) return record[name];
  for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
    const outer = name.slice(0, dot);
    const inner = Object.hasOwn(record, outer) ? record[outer] : undefined;
    if (isRecord(inner)) return valueAt(inner, name.slice(dot + 1));
  }
  return undefined;
}

/** A value as text: a number or yes/no is written out, of a list of texts the first is taken; undefined for others. */
export function valueText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string'))
    return value[0];
  return undefined;
}

/** The list of messages in a value, from JSON in a text where it is one; undefined where there is none. */
export function valueMessages(value: unknown): readonly unknown[] | undefined {
  const list = typeof value === 'string' && /^\s*\[\s*\{/.test(value) ? parsedJson(value) : value;
  return Array.isArray(list) && list.length > 0 && messageFields(list[0]) !== undefined ? list : undefined;
}

function columnOf(name: string, records: readonly Fields[]): Column {
  const values = records.map((record) => valueAt(record, name)).filter((value) => !isEmpty(value));
  const texts = values.map(valueText).filter((text) => text !== undefined);
  const lists = values.map(valueMessages).filter((list) => list !== undefined);
  const share = (count: number) => (values.length === 0 ? 0 : count / values.length);
  const mean = (of: (text: string) => number) =>
    texts.reduce((sum, text) => sum + of(text), 0) / Math.max(1, texts.length);
  return {
    name,
    filled: values.length / Math.max(1, records.length),
    texts: share(texts.length),
    numbers: share(texts.filter((text) => /^\s*[-+]?[\d.,]+\s*$/.test(text)).length),
    conversations: share(lists.length),
    isJsonText: values.some((value) => typeof value === 'string') && lists.length > 0,
    isShareGpt: lists.length > 0 && messageFields(lists[0]![0])?.[0] === 'from',
    distinct: new Set(texts).size,
    meanChars: mean((text) => text.length),
    meanWords: mean((text) => text.trim().split(/\s+/).length),
    maxChars: texts.reduce((most, text) => Math.max(most, text.length), 0),
    example: texts[0] ?? '',
  };
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

/** What a column may be in a row. */
type ColumnRole = 'question' | 'answer' | 'context' | 'label' | 'text' | 'system' | 'title';

const NAMES: Readonly<Record<ColumnRole, string>> = {
  question: `question questions q query prompt user human input ask request instruction problem source src original before
    front utterance frage fragen anfrage eingabe nutzer benutzer pregunta consulta entrada usuario solicitud demande requete
    entree utilisateur domanda richiesta utente pergunta vraag invoer gebruiker pytanie zapytanie вопрос запрос пользователь
    питання soru girdi fraga sporsmal spørsmal spørgsmal kysymys otazka dotaz kerdes intrebare pertanyaan cau_hoi ερωτηση
    質問 問い 問題 入力 问题 提问 输入 用户 指令 질문 입력 السؤال سؤال שאלה प्रश्न`,
  answer: `answer answers a response completion output reply target tgt assistant bot gpt solution generation expected ideal
    gold corrected after back summary highlights translation rewrite rewritten simplified tldr sql antwort antworten ausgabe losung
    zusammenfassung ubersetzung respuesta salida contestacion solucion resumen traduccion reponse sortie resume traduction
    risposta uscita riassunto traduzione resposta saida resumo traducao antwoord uitvoer samenvatting odpowiedz ответ вывод
    відповідь cevap yanıt cıktı svar vastaus odpoved valasz raspuns jawaban tra_loi cau_tra_loi απαντηση 回答 答え 答案 出力
    输出 回复 답변 응답 출력 الجواب جواب إجابة תשובה उत्तर`,
  context: `context passage background document article knowledge evidence kontext hintergrund contexto contexte contesto
    контекст 上下文 文脈 문맥`,
  label: `label labels category class topic intent sentiment tag rating stars priority department spam kategorie klasse thema
    etikett stimmung absicht abteilung categoria clase etiqueta sentimiento categorie classe etiquette sentiment etichetta
    classificazione rotulo kategoria etykieta klasa метка категория класс etiket kategori ラベル カテゴリ 分類 标签 类别 分类
    라벨 분류 التصنيف`,
  text: `text content body message comment review sentence tweet description email mail story paragraph post abstract text_body
    dialogue dialog transcript nachricht inhalt beschreibung kommentar satz bewertung texto contenido mensaje comentario descripcion texte contenu
    commentaire avis phrase testo contenuto messaggio mensagem tekst bericht wiadomosc tresc текст сообщение metin mesaj 文本
    内容 テキスト 本文 텍스트 내용 النص`,
  system: 'system system_prompt system_message systemprompt',
  title:
    'title subject headline betreff titel uberschrift titulo asunto titre objet sujet titolo oggetto assunto тема 标题 件名',
};

/** Words beside which a role's name means something about it and not the thing itself: `question_id`. */
const ABOUT = new Set(
  `id ids idx index uuid key no nr num number count len length start end begin pos position date time timestamp created
   updated url link path file lang language locale type kind format score model tokens hash split version author name`.split(
    /\s+/,
  ),
);

/** Columns that no row is made of. */
const META = new Set(
  `id ids idx index uuid guid key no nr num number row date datum time timestamp created updated created_at updated_at url
   link path file filename lang language sprache idioma langue split version hash score model author meta metadata`.split(
    /\s+/,
  ),
);

/** Names of fields inside a field that say nothing themselves. */
const HOLDERS = new Set(['text', 'content', 'value', 'body']);

const ROLES = Object.entries(NAMES).map(
  ([role, names]) => [role as ColumnRole, new Set(names.split(/\s+/))] as const,
);

/** Letters of a name from which on it is looked for at the end of other words. */
const COMPOUND_CHARS = 5;

/** How well a name fits a role: 1 the name itself, 0.8 one of its words, 0.7 the end of one (`Kundenanfrage`), 0 not. */
export function nameFit(name: string, role: ColumnRole): number {
  const leaf = leafName(name);
  const normal = normalName(leaf);
  // in {"answers": {"text": …}} the outer name says what it is
  const outer = name.slice(0, -leaf.length - 1);
  if (outer !== '' && HOLDERS.has(normal) && role !== 'text') return 0.9 * nameFit(outer, role);
  const known = ROLES.find(([one]) => one === role)![1];
  if (known.has(normal)) return 1;
  const words = normal.split('_');
  if (words.some((word) => ABOUT.has(word))) return 0;
  // one letter is a name by itself (q, a), not a word of one
  if (words.length > 1 && words.some((word) => word.length > 1 && known.has(word))) return 0.8;
  return words.some((word) => endsWithOne(word, known)) ? 0.7 : 0;
}

/** Whether a word is a compound of a known name: German and its neighbours write them as one. */
function endsWithOne(word: string, known: ReadonlySet<string>): boolean {
  if (isKnownName(word)) return false;
  return [...known].some((name) => name.length >= COMPOUND_CHARS && name !== word && word.endsWith(name));
}

function isKnownName(word: string): boolean {
  return ROLES.some(([, names]) => names.has(word));
}

/** Whether a name is that of an id, a date, a link: something about the row. */
export function isAboutRow(name: string): boolean {
  const normal = normalName(leafName(name));
  if (META.has(normal)) return true;
  const words = normal.split('_');
  return words.length > 1 && ABOUT.has(words.at(-1)!);
}

/** Whether `name` is known as the name of a column of any role. */
export function isColumnName(name: string): boolean {
  const normal = normalName(name);
  return META.has(normal) || isKnownName(normal);
}

/** `Kunden-Frage` -> `kunden_frage`, `userInput` -> `user_input`, `Réponse:` -> `reponse`. */
function normalName(name: string): string {
  return name
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1_$2')
    .normalize('NFKD')
    .replace(/\p{M}/gu, (mark) => (/[\u0300-\u036f]/.test(mark) ? '' : mark))
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, '_')
    .replace(/^_+|_+$/g, '');
}

/** Words for data that is there to measure with, at the beginning or the end of a name. */
const MEASURING =
  /^(?:test|tests|testing|testset|val|valid|validation|eval|evaluation|dev|devset|hold_?out|held_?out)(?:_|\d|$)|_(?:test|testset|val|valid|validation|eval|evaluation|dev|hold_?out|held_?out)$/;

/** Whether a file or a list of this name holds rows to measure with: `test`, `rows.held-out`, `validation_2024`. */
export function isMeasuringName(name: string): boolean {
  return MEASURING.test(normalName(name));
}

/** The last part of a path into nested fields. */
function leafName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

const MAX_NAME_CHARS = 60;

/** Whether `first` holds names and not data, judged by itself and by the `rows` that follow. */
export function isHeader(first: readonly string[], rows: readonly (readonly string[])[]): boolean {
  // pandas writes its row numbers under an empty name
  const names = first.slice(first[0]?.trim() === '' ? 1 : 0).map((name) => name.trim());
  if (names.length === 0 || !names.every(couldBeName)) return false;
  if (new Set(names).size < names.length) return false;
  if (names.some(isColumnName) || rows.length === 0) return true;
  const repeats = first.some((name, i) => rows.some((row) => row[i] === name && name !== ''));
  if (repeats) return false;
  return (
    first.some((name, i) =>
      differs(
        name,
        rows.map((row) => row[i] ?? ''),
      ),
    ) || names.every(isShort)
  );
}

/** Column names that are not empty and different from each other. */
export function columnNames(header: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return header.map((cell, i) => {
    const name = cell.trim().replace(/\s+/g, ' ') || `column${i + 1}`;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name}_${times}`;
  });
}

/** `column1`, `column2`, … */
export function numberedColumns(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `column${i + 1}`);
}

/** Whether a table had no name for it. */
export const isUnnamedColumn = ({ name }: Pick<Column, 'name'>): boolean => /^column\d+$/.test(name);

function couldBeName(name: string): boolean {
  return (
    name !== '' &&
    name.length <= MAX_NAME_CHARS &&
    !isNumber(name) &&
    !/[\n.!?]\s|[.!?]$/.test(name.slice(0, -1))
  );
}

function isShort(name: string): boolean {
  return name.length <= 30 && name.split(/\s+/).length <= 3 && !/[.!?…]$/.test(name);
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && /^[-+\d.,\s%€$]+$/.test(text);
}

/** Whether a column's values are of another kind than the cell above them: numbers, or much longer. */
function differs(name: string, values: readonly string[]): boolean {
  const filled = values.filter((value) => value.trim() !== '');
  if (filled.length === 0) return false;
  if (filled.every(isNumber)) return true;
  const mean = filled.reduce((sum, value) => sum + value.length, 0) / filled.length;
  return mean > 3 * name.length + 10;
}
