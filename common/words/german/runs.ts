/** German: runs. */

export const RUNS: Readonly<Record<string, string>> = {
  'Reading the data': 'Daten werden gelesen',
  'Turning the rows into tokens': 'Zeilen werden in Tokens zerlegt',
  'Loading the model': 'Modell wird geladen',
  'Preparing the computation': 'Berechnung wird vorbereitet',
  'Reading the checkpoint': 'Zwischenstand wird gelesen',
  'Measuring on test rows': 'Testzeilen werden gemessen',
  Saving: 'Wird gespeichert',
  Exporting: 'Wird exportiert',
  'Comparing with the base model': 'Vergleich mit dem Basismodell',
};
