/** German: rating answers. */
import { plural } from '../../../common/words/format.ts';
import type { Translated } from '../../text/page.ts';
import type { rating as english } from './english.ts';

export const rating: Translated<typeof english> = {
  title: 'Antworten bewerten',
  lead: 'Wählen Sie die bessere von zwei Antworten. Ihre Wahl bringt einem Modell bei, solche Antworten vorzuziehen.',
  start: {
    title: 'Neue Bewertung',
    first: 'Antworten von',
    second: 'Verglichen mit',
    same: 'Demselben Modell noch einmal',
    sameAbout: 'Zwei verschiedene Versuche',
    prompts: 'Fragen',
    sources: { lines: 'Schreiben oder einfügen', file: 'Datei', run: 'Testzeilen eines Trainings' },
    lines: 'Eine Frage je Zeile',
    drop: 'Datei hier ablegen',
    dropHint: 'Text mit einer Frage je Zeile, oder Zeilen als JSONL oder CSV.',
    run: 'Training',
    noRuns: 'Noch hat kein Training ein Ergebnis.',
    details: 'Details',
    system: 'Systemnachricht',
    systemHint: 'Anweisungen, die das Modell zuerst liest.',
    temperature: 'Temperatur',
    temperatureHint: 'Höher: Die beiden Antworten unterscheiden sich mehr.',
    longest: 'Längste Antwort',
    tokens: 'Tokens',
    action: 'Bewerten',
    noModel: {
      title: 'Noch kein Modell hier',
      about: 'Laden Sie zuerst eines herunter.',
      action: 'Zu den Modellen',
    },
  },
  list: {
    title: 'Ihre Bewertungen',
    caption: 'Listen bewerteter Paare',
    columns: { name: 'Name', rated: 'Paare', prompts: 'Fragen', created: 'Begonnen', actions: 'Aktionen' },
    remove: (name) => `${name} löschen`,
    removed: (name) => `${name} gelöscht`,
  },
  pair: {
    number: (number, prompts) =>
      number < prompts
        ? `Frage ${number + 1} von ${prompts}`
        : `Frage ${(number % prompts) + 1}, noch einmal`,
    prompt: 'Frage',
    first: 'Erste Antwort',
    second: 'Zweite Antwort',
    empty: '(keine Antwort)',
    writing: 'Schreibt',
    same: 'Beide Antworten sind gleich. Überspringen Sie dieses Paar.',
    choose: {
      first: 'Erste ist besser',
      second: 'Zweite ist besser',
      neither: 'Keine',
      skip: 'Überspringen',
    },
    undo: 'Rückgängig',
    count: (rated) => `${plural(rated, 'pair')} bewertet`,
    skipped: (skipped) => `${skipped} übersprungen`,
    goals: {
      20: 'genug für einen ersten Versuch, zu wenige, um das Gelernte zu messen',
      50: 'eine starke Vorliebe kann sich zeigen',
      100: 'ein guter Anfang. Das Beispiel zur Höflichkeit hat 200',
    },
    next: (goal, about) => `Ab ${goal} Paaren: ${about}.`,
    enough: 'Weitere Paare helfen noch.',
    teach: 'Damit trainieren',
    save: 'Als Datei speichern',
    back: 'Alle Bewertungen',
  },
};
