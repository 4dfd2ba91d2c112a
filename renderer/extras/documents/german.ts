/** German: rows from documents. */
import { number, plural } from '../../../common/words/format.ts';
import type { Translated } from '../../text/page.ts';
import type { documents as english } from './english.ts';

export const documents: Translated<typeof english> = {
  open: 'Aus Dokumenten',
  title: 'Zeilen aus Dokumenten',
  lead: 'Ein Modell auf diesem Computer schreibt Fragen mit Antworten. Jede beruht auf einem Zitat. Sie behalten die richtigen.',
  drop: 'Dokumente hier ablegen',
  dropHint: 'PDF, Word (.docx), HTML, Markdown oder Text.',
  accept: '.pdf,.docx,.html,.htm,.md,.txt',
  model: 'Geschrieben von',
  modelHint: 'Größere Modelle schreiben bessere Zeilen.',
  perPassage: 'Zeilen je Abschnitt',
  details: 'Details',
  start: 'Zeilen schreiben',
  stop: 'Stopp',
  preparing: 'Vorbereitung',
  passage: (done, all) => `Abschnitt ${Math.min(done + 1, all)} von ${all}`,
  caption: 'Zeilen aus Dokumenten',
  columns: { question: 'Frage', answer: 'Antwort', source: 'Aus' },
  state: { kept: 'behalten', dropped: 'weggelassen' },
  row: (number) => `Zeile ${number}`,
  question: 'Frage',
  answer: 'Antwort',
  quote: 'Zitat',
  drop1: 'Weglassen',
  keep1: 'Behalten',
  empty: '(leer)',
  stopped: 'Vorzeitig gestoppt.',
  nothing: 'Keine Zeile beruht auf einem Zitat. Versuchen Sie ein größeres Modell.',
  left: {
    unquoted: (count) => `${number(count)} ohne Zitat aus dem Dokument`,
    foreign: (count) => `${number(count)} vom Dokument nicht gedeckt`,
    repeated: (count) => `${number(count)} wiederholt`,
    unwritten: (count) => `${number(count)} unfertig`,
  },
  leftOut: (reasons) => `Weggelassen: ${reasons}.`,
  again: 'Von vorn',
  use: (count) => `${plural(count, 'row')} verwenden`,
};
