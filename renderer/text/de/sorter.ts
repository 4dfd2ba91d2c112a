/** German: the quick way to sort. */
import { bytes, percent } from '../../../common/words/format.ts';
import type { sorterText as english } from '../en/sorter.ts';
import type { Translated } from '../page.ts';

export const sorterText: Translated<typeof english> = {
  title: 'Der schnelle Weg',
  lead: 'Ordnet Ihre Zeilen ein und lernt das in Sekunden, ohne Sprachmodell.',
  name: (of) => `${of}: Sortierer`.slice(0, 200),
  running: 'Zeilen werden gelesen',
  finish: 'Anhalten und das Beste behalten',
  use: 'Diesen Sortierer verwenden',
  language: 'Sprachmodell trainieren',
  again: 'Erneut trainieren',
  kept: 'Er steht im Verlauf. Mehr ist nicht nötig, außer Sie möchten ein Modell, das auch schreibt.',
  wait: 'Gleich fertig.',
  best: 'Am besten',
  open: 'Öffnen',
  tried: {
    title: 'Ausprobierte Wege',
    lead: 'Jeder blieb erhalten. Öffnen Sie einen, um ihn zu vergleichen, damit einzuordnen oder ihn zu speichern.',
  },
  caption: 'Wege zum Einordnen',
  columns: { way: 'Ordnet ein nach', right: 'Richtig', at: 'Fertig nach' },
  picture:
    'Wie viele Zeilen richtig sind und nach wie vielen Sekunden. Die Tabelle darunter nennt die Zahlen.',
  start: 'Beginn',
  right: (share) => `${percent(share)} richtig`,
  none: {
    title: 'Ihre Zeilen haben keine Kategorien.',
    about:
      'Zum Einordnen müssen sich Zeilen ihre Antworten teilen. Machen Sie mit einem Sprachmodell weiter.',
  },
  encoder: {
    title: 'Ein Modell, das liest, trifft oft häufiger',
    about: (name, size, isMultilingual) =>
      `${name} kennt ${isMultilingual ? 'etwa 100 Sprachen' : 'Englisch'}. Der Download hat ${bytes(size)}, einmalig. Ohne ihn werden Wörter gezählt.`,
    decline: 'Jetzt nicht',
  },
};
