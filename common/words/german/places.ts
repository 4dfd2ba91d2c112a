/** German: on what a run is computed, and why. */

export const PLACES: Readonly<Record<string, string>> = {
  'As the run had it before.': 'Wie der Lauf es vorher hatte.',
  '16-bit and NF4 weights need the processor.': 'Gewichte in 16 Bit und NF4 brauchen den Prozessor.',
  'No other device was found.': 'Kein anderes Gerät gefunden.',
  'No graphics card was found.': 'Keine Grafikkarte gefunden.',
  'the processor': 'der Prozessor',
  'the graphics card': 'die Grafikkarte',
  '{0} through {1}': '{0} über {1}',
  '{0} through TensorFlow.js': '{0} über TensorFlow.js',
  'Always available.': 'Immer vorhanden.',
  'Always available, and nothing else was measured to be faster.':
    'Immer vorhanden, und nichts anderes wurde schneller gemessen.',
  '{0} was measured to be {1} times as fast as the processor.':
    '{0} wurde {1}-mal so schnell gemessen wie der Prozessor.',
  '{0} was {1} times as fast as the processor in earlier runs.':
    '{0} war in früheren Läufen {1}-mal so schnell wie der Prozessor.',
  'This run needs {0} of its {1} of free memory.': 'Dieser Lauf braucht {0} von {1} freiem Speicher.',
  'You chose another engine.': 'Sie haben einen anderen Rechenkern gewählt.',
  'Not measured yet. A measurement shows if it is faster.':
    'Noch nicht gemessen. Eine Messung zeigt, ob es schneller geht.',
  'Its memory is unknown, so it is used only if you choose it.':
    'Der Speicher ist unbekannt, deshalb rechnet sie nur, wenn Sie sie wählen.',
  'What this run needs there is unknown.': 'Was dieser Lauf dort braucht, ist unbekannt.',
  'The processor was not measured, so they cannot be compared.':
    'Der Prozessor wurde nicht gemessen, deshalb ist kein Vergleich möglich.',
  'Measured to take {0} times as long as the processor.': '{0}-mal so lange gemessen wie der Prozessor.',
  'Measured to be about as fast as the processor.': 'Etwa so schnell gemessen wie der Prozessor.',
  'It would be {0} times as fast as the processor.': 'Wäre {0}-mal so schnell wie der Prozessor.',
  'But this run does not fit the free memory.': 'Aber dieser Lauf passt nicht in den freien Speicher.',
  'But this run may need {0} of its {1} free.': 'Aber dieser Lauf braucht wohl {0}, und {1} sind dort frei.',
  'But this run needs {0}, and {1} is free there.': 'Aber dieser Lauf braucht {0}, und {1} sind dort frei.',
  'Can be used. Not measured yet.': 'Verwendbar. Noch nicht gemessen.',
  'Can be used.': 'Verwendbar.',
  'Takes longer than {0}.': 'Dauert länger als {0}.',
  'Takes about as long as {0}.': 'Dauert etwa so lange wie {0}.',
  'Takes {0} times as long as {1}.': 'Dauert {0}-mal so lange wie {1}.',
};
