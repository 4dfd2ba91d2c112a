/** German: adding a Ray cluster. */
import type { Translated } from '../../text/page.ts';
import type { rayText as english } from './english.ts';

export const rayText: Translated<typeof english> = {
  hostHint: 'Die des Dashboards. Durch einen Tunnel: http://localhost:8265.',
  pythonHint: 'Leer: das, mit dem Ray läuft.',
  token: 'Zugangsschlüssel',
  tokenHint: 'Wer ihn hat, kann dort Programme starten.',
  workers: 'Prozesse',
  workersHint: 'Leer: einer je Karte.',
  folder: 'Ordner dort',
  folderHint: 'Alle Computer des Clusters müssen ihn sehen. Leer: im Benutzerordner.',
};
