/** German: searches of settings. */
export const SEARCH: Readonly<Record<string, string>> = {
  'Settings are compared on test rows, and this training has none.':
    'Einstellungen werden auf Testzeilen verglichen, und dieses Training hat keine.',
  'Set some rows aside for testing.': 'Legen Sie einige Zeilen zum Testen zurück.',
  'There is too little to try: {0} combinations of settings.':
    'Es gibt zu wenig zu probieren: {0} Kombinationen von Einstellungen.',
  'Name at least {0} combinations.': 'Nennen Sie mindestens {0} Kombinationen.',
  'This training has only {0} steps: too few to compare settings early.':
    'Dieses Training hat nur {0} Schritte: zu wenige, um Einstellungen früh zu vergleichen.',
  'Use more rows or passes, or try fewer settings.':
    'Nutzen Sie mehr Zeilen oder Durchgänge, oder probieren Sie weniger Einstellungen.',
  "{0} can't be tried here.": '{0} lässt sich hier nicht probieren.',
  'Try {0}.': 'Probieren Sie {0}.',
  'No settings have been compared yet.': 'Es wurden noch keine Einstellungen verglichen.',
  'Let the search go on for a while.': 'Lassen Sie die Suche noch etwas laufen.',
  'try {0}': 'Versuch {0}',
  'The best settings are training now.': 'Die besten Einstellungen werden gerade trainiert.',
  'Wait for the end, or cancel that training first.':
    'Warten Sie das Ende ab, oder brechen Sie dieses Training vorher ab.',
  'This search is not here any more.': 'Diese Suche gibt es nicht mehr.',
  'Look for its runs in the history.': 'Sehen Sie im Verlauf nach ihren Trainings.',
};
