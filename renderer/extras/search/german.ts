/** German: searches of settings. */
import { about, number, plural } from '../../../common/words/format.ts';
import type { Translated } from '../../text/page.ts';
import type { search as english } from './english.ts';

export const search: Translated<typeof english> = {
  title: 'Probierte Einstellungen',
  lead: 'Kurze Trainings zeigen, welche Einstellungen zu Ihren Zeilen passen.',
  back: 'Alle Suchen',
  loading: 'Suchen werden geladen',
  empty: {
    title: 'Noch nichts probiert',
    about: 'Öffnen Sie „Einstellungen probieren“ im letzten Schritt eines neuen Trainings.',
    action: 'Neues Training',
  },
  gone: { title: 'Diese Suche gibt es nicht mehr', about: 'Ihre Trainings stehen im Verlauf.' },

  begin: 'Einstellungen probieren',
  beginLead:
    'Trainiert mehrere Einstellungen kurz und behält jedes Mal die bessere Hälfte. So müssen Sie nicht raten.',
  tries: 'Wie viele probieren',
  trainsBest: 'Danach die besten zu Ende trainieren',
  takes: (seconds, rest) =>
    `Das Probieren dauert ${about(seconds)}, das beste Training danach noch ${about(rest)}.`,
  takesUnknown: 'Die Dauer ist unbekannt, bis die Geschwindigkeit dieses Computers gemessen ist.',
  computing: 'Dauer wird berechnet',
  start: 'Einstellungen probieren',

  states: { running: 'Läuft', stopped: 'Angehalten', done: 'Fertig', failed: 'Gescheitert' },
  leads: {
    running: (left) =>
      left === null ? 'Einstellungen werden verglichen.' : `Einstellungen werden verglichen, ${left}.`,
    stopped: 'Angehalten. Was gefunden wurde, bleibt.',
    done: 'Alle Einstellungen sind verglichen.',
    failed: 'Die Suche konnte nicht weitergehen.',
  },
  left: (seconds) => `noch ${about(seconds)}`,
  found: (count) => plural(count, 'setting'),
  caption: 'Einstellungen nach ihrem Loss auf Testzeilen',
  columns: { place: 'Platz', loss: 'Test-Loss', trained: 'Trainiert', state: 'Status' },
  listColumns: { name: 'Suche', tried: 'Probiert', created: 'Begonnen' },
  trained: (step, steps) => `${number(step)} von ${plural(steps, 'step')}`,
  unstable: 'instabil',
  rows: { best: 'Bestes', going: 'Noch dabei', now: 'Trainiert', out: 'Ausgeschieden', waiting: 'Wartet' },
  note: 'Weiter oben steht, was länger trainiert wurde oder den niedrigeren Loss hat. Ausgeschieden: die schlechtere Hälfte einer Runde.',
  stop: 'Anhalten',
  resume: 'Fortsetzen',
  trainBest: 'Beste trainieren',
  useBest: 'In neuem Plan nutzen',
  compare: 'Trainings vergleichen',
  forget: 'Aus der Liste nehmen',
};
