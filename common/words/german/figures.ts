/** German: lengths of time, and nouns that are counted. */

export const FIGURES: Readonly<Record<string, string>> = {
  days: 'Tage',
  'not known yet': 'noch nicht bekannt',
  'less than a minute': 'weniger als eine Minute',
  'about a minute': 'etwa eine Minute',
  'about {0} minutes': 'etwa {0} Minuten',
  'about an hour': 'etwa eine Stunde',
  'about an hour and a half': 'etwa anderthalb Stunden',
  'about {0} hours': 'etwa {0} Stunden',
  'about {0} days': 'etwa {0} Tage',
  '{0} left': 'noch {0}',
  'less than {0}': 'weniger als {0}',
  'just now': 'gerade eben',
  '{0} ago': 'vor {0}',
  'today {0}': 'heute {0}',
  'yesterday {0}': 'gestern {0}',
  '{0} to {1}': '{0} bis {1}',
  '{0} ({1} to {2})': '{0} ({1} bis {2})',
};

export const NOUNS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  row: ['Zeile', 'Zeilen'],
  token: ['Token', 'Tokens'],
  minute: ['Minute', 'Minuten'],
  step: ['Schritt', 'Schritte'],
  file: ['Datei', 'Dateien'],
  model: ['Modell', 'Modelle'],
};
