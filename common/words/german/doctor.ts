/** German: the data doctor. */

export const DOCTOR: Readonly<Record<string, string>> = {
  'Calls that don’t fit their tool': 'Aufrufe, die nicht zu ihrem Werkzeug passen',
  'The model would learn to call tools that are not there, or with arguments that they refuse.':
    'Das Modell würde lernen, Werkzeuge aufzurufen, die es nicht gibt, oder mit Argumenten, die sie ablehnen.',
  'there is no tool “{0}”': 'es gibt kein Werkzeug „{0}“',
  'Better and worse answer are the same': 'Bessere und schlechtere Antwort sind gleich',
  'Such a pair says nothing, and training on it only costs time.':
    'Ein solches Paar sagt nichts, und damit zu trainieren kostet nur Zeit.',
  'Contradictory pairs': 'Widersprüchliche Paare',
  'The model is pulled to both sides and learns neither.':
    'Das Modell wird in beide Richtungen gezogen und lernt keine.',
  'Better answers are longer': 'Bessere Antworten sind länger',
  'The model learns to write more, even where that is not what made the answers better.':
    'Das Modell lernt, mehr zu schreiben, ob das die Antworten besser macht oder nicht.',
  'The better answer is longer in {0} of {1}.': 'Die bessere Antwort ist bei {0} von {1} länger.',
  'A model can repeat what it was trained on to anyone who uses it. Renew these keys.':
    'Ein Modell kann jedem, der es nutzt, wiederholen, womit es trainiert wurde. Erneuern Sie diese Schlüssel.',
  'The file has several languages ({0}). That is fine if you want it so.':
    'Die Datei hat mehrere Sprachen ({0}). Das ist in Ordnung, wenn Sie es so möchten.',
  'Most texts are in {0}; others: {1}.': 'Die meisten Texte sind auf {0}; andere: {1}.',
  'Leave these rows out': 'Diese Zeilen weglassen',
  'A few rows in another language make the model answer in the wrong one at times.':
    'Wenige Zeilen in anderer Sprache lassen das Modell manchmal in der falschen antworten.',
  'Rows in another language': 'Zeilen in anderer Sprache',
  '{0} Add rows of the rare ones, or leave out some of the frequent ones.':
    '{0} Ergänzen Sie Zeilen der seltenen, oder lassen Sie einige der häufigen weg.',
  'The model may answer with the most frequent category and miss the rare ones.':
    'Das Modell antwortet dann leicht mit der häufigsten Kategorie und übersieht die seltenen.',
  'Uneven categories': 'Ungleiche Kategorien',
  'Your text has {0} characters. {1} or more work better.':
    'Ihr Text hat {0} Zeichen. Ab {1} gelingt es besser.',
  'With few examples a model memorises them instead of learning the rule.':
    'Bei wenigen Beispielen lernt ein Modell sie auswendig statt der Regel.',
  'Too few rows': 'Zu wenige Zeilen',
  'Remove invisible characters': 'Unsichtbare Zeichen entfernen',
  'They look like nothing to you, but split or hide words for the model.':
    'Sie sind für Sie nicht zu sehen, zerteilen oder verdecken aber Wörter für das Modell.',
  'Invisible characters': 'Unsichtbare Zeichen',
  'A letter was lost here, so the model learns words with holes.':
    'Hier ging ein Buchstabe verloren: Das Modell lernt Wörter mit Lücken.',
  'Lost characters (�)': 'Verlorene Zeichen (�)',
  'Repair characters': 'Zeichen reparieren',
  'The model would learn to write “Ã©” instead of “é”.':
    'Das Modell würde lernen, „Ã©“ statt „é“ zu schreiben.',
  'Broken characters': 'Zerstörte Zeichen',
  'About {0} of {1} test rows nearly equal a training row. See the nearly equal rows.':
    'Etwa {0} von {1} Testzeilen gleichen fast einer Trainingszeile. Siehe „Fast gleiche Zeilen“.',
  '{0} more differ in one word. The fix keeps them.':
    '{0} weitere unterscheiden sich in einem Wort. Die Reparatur behält sie.',
  '{0} of {1} test rows are in the training data; {2} training rows repeat them.':
    '{0} von {1} Testzeilen stehen in den Trainingsdaten; {2} Trainingszeilen wiederholen sie.',
  'Remove them from the training rows': 'Aus den Trainingszeilen entfernen',
  'The model has seen these test rows, so its result looks better than it is.':
    'Das Modell kennt diese Testzeilen schon; sein Ergebnis sieht besser aus, als es ist.',
  'Test rows also used for training': 'Testzeilen auch im Training',
  'Keep the most frequent answer': 'Die häufigste Antwort behalten',
  "The model can't learn both answers, so which one it gives is chance.":
    'Das Modell kann nicht beide Antworten lernen; welche es gibt, ist Zufall.',
  'Different answers to one question': 'Verschiedene Antworten auf eine Frage',
  'Remove all rows of these questions': 'Alle Zeilen dieser Fragen entfernen',
  'Only the first {0} rows were compared.': 'Nur die ersten {0} Zeilen wurden verglichen.',
  'In {0} of these rows, only a word differs. If that word matters, keep them.':
    'In {0} dieser Zeilen unterscheidet sich nur ein Wort. Wenn es auf dieses Wort ankommt, behalten Sie sie.',
  'Keep one of each group': 'Je Gruppe eine behalten',
  'They teach little that is new and make test results look better than they are.':
    'Sie lehren wenig Neues und lassen Testergebnisse besser aussehen, als sie sind.',
  'Nearly equal rows': 'Fast gleiche Zeilen',
  'Remove duplicates': 'Doppelte entfernen',
  'A repeated row counts more, and the model memorises it.':
    'Eine wiederholte Zeile zählt mehr, und das Modell lernt sie auswendig.',
  'Duplicate rows': 'Doppelte Zeilen',
  'Replace with [PHONE]': 'Durch [PHONE] ersetzen',
  'Phone numbers': 'Telefonnummern',
  'Replace with [EMAIL]': 'Durch [EMAIL] ersetzen',
  'Email addresses': 'E-Mail-Adressen',
  'Replace with [CARD] or [IBAN]': 'Durch [CARD] oder [IBAN] ersetzen',
  'Card and account numbers': 'Karten- und Kontonummern',
  'Replace with [SECRET]': 'Durch [SECRET] ersetzen',
  'Keys and passwords': 'Schlüssel und Passwörter',
  'A model can repeat what it was trained on to anyone who uses it.':
    'Ein Modell kann jedem, der es nutzt, wiederholen, womit es trainiert wurde.',
  'Keep as many rows as fit the time': 'So viele Zeilen behalten, wie die Zeit erlaubt',
  'Training would stop before it has seen all rows.':
    'Das Training würde enden, bevor es alle Zeilen gesehen hat.',
  'Too many tokens for your time': 'Zu viele Tokens für Ihre Zeit',
  'The model learns the questions too, and perhaps another format than its own.':
    'Das Modell lernt auch die Fragen und womöglich ein anderes Format als sein eigenes.',
  'Conversations written as plain text': 'Gespräche als Fließtext',
  'Spaces before answers': 'Leerzeichen vor Antworten',
  'The space counts as the beginning of the answer, and the model learns to write it.':
    'Das Leerzeichen zählt als Anfang der Antwort, und das Modell lernt, es zu schreiben.',
  'Remove chat markers': 'Chat-Markierungen entfernen',
  'They tell the model that a turn ends, so it learns to stop early or to write them.':
    'Sie sagen dem Modell, dass ein Beitrag endet: Es lernt, zu früh aufzuhören oder sie selbst zu schreiben.',
  'Leftover chat markers': 'Reste von Chat-Markierungen',
  'These fixes would leave no row, so nothing was written.':
    'Diese Korrekturen würden keine Zeile übrig lassen. Es wurde nichts geschrieben.',
  'Choose other fixes. Where all answers are cut off, raise the length limit or choose a model that reads more.':
    'Wählen Sie andere Korrekturen. Sind alle Antworten abgeschnitten, erhöhen Sie die Längengrenze oder wählen Sie ein Modell, das mehr liest.',
  '{0} tokens: {1}': '{0} Tokens: {1}',
  "These rows are longer than the length limit, so the model doesn't see how their answers end.":
    'Diese Zeilen überschreiten die Längengrenze: Das Modell sieht das Ende ihrer Antworten nicht.',
  'Answers cut off': 'Abgeschnittene Antworten',
  'Half of all answers have {0} words or more.': 'Die Hälfte aller Antworten hat {0} oder mehr Wörter.',
  "The model can't know when a short answer is wanted.":
    'Das Modell kann nicht wissen, wann eine kurze Antwort erwünscht ist.',
  'One-word answers among long ones': 'Einwort-Antworten unter langen',
  'The model would learn that saying nothing is a good answer.':
    'Das Modell würde lernen, dass Schweigen eine gute Antwort ist.',
  'Empty answers': 'Leere Antworten',
  'no messages': 'keine Nachrichten',
  'Repair roles and order': 'Rollen und Reihenfolge reparieren',
  'The model would learn to speak for the user, or to answer nothing.':
    'Das Modell würde lernen, für den Nutzer zu sprechen oder auf nichts zu antworten.',
  'Wrong roles or order': 'Falsche Rollen oder Reihenfolge',
  "Training skips these rows, so the model doesn't learn them.":
    'Das Training überspringt diese Zeilen; das Modell lernt sie nicht.',
  'Unusable rows': 'Unbrauchbare Zeilen',
  "{0} of them can't be read at all.": '{0} davon sind gar nicht lesbar.',
  'Check the format of the file, and which column is which.':
    'Prüfen Sie das Format der Datei und die Zuordnung der Spalten.',
  'None of the {0} rows of {1} can be read. The first:\n{2}':
    'Keine der {0} Zeilen von {1} ist lesbar. Die ersten:\n{2}',
  'Choose a file with rows.': 'Wählen Sie eine Datei mit Zeilen.',
  '{0} is empty.': '{0} ist leer.',
  "{0} of {1} test rows can't be read and were not compared. The first: {2}":
    '{0} von {1} Testzeilen sind nicht lesbar und wurden nicht verglichen. Die erste: {2}',
  'Looking at the rows': 'Zeilen werden geprüft',
  'Start from the original file.': 'Beginnen Sie mit der Originaldatei.',
  '{0} is damaged.': '{0} ist beschädigt.',
  '{0} is not a complete undo file of Fettle.': '{0} ist keine vollständige Datei zum Rückgängigmachen.',
  'Choose the repaired file. The file that undoes it is beside it.':
    'Wählen Sie die reparierte Datei. Die Datei zum Rückgängigmachen liegt daneben.',
  'There is no file {0}.': 'Die Datei {0} gibt es nicht.',
  'Start from the original file, or from an unchanged copy of the repaired one.':
    'Beginnen Sie mit der Originaldatei oder einer unveränderten Kopie der reparierten.',
  "{0} has changed since it was repaired, so its rows can't be restored.":
    '{0} wurde seit der Reparatur geändert; die Zeilen lassen sich nicht wiederherstellen.',
  'Choose another name, or overwrite that file.':
    'Wählen Sie einen anderen Namen, oder überschreiben Sie diese Datei.',
  'There is a file {0} already.': 'Die Datei {0} gibt es schon.',
  'Choose the name of a new file.': 'Wählen Sie den Namen einer neuen Datei.',
  '{0} is a folder.': '{0} ist ein Ordner.',
  'Choose another name.': 'Wählen Sie einen anderen Namen.',
  '{0} is the file with your rows. The repaired rows need a file of their own.':
    '{0} ist die Datei mit Ihren Zeilen. Die reparierten Zeilen brauchen eine eigene Datei.',
  'Wait until they are complete, and check again.':
    'Warten Sie, bis sie vollständig sind, und prüfen Sie erneut.',
  'The files had {0} rows at first and {1} now: another program is changing them.':
    'Die Dateien hatten erst {0} Zeilen und nun {1}: Ein anderes Programm ändert sie.',
  'Writing the new file': 'Neue Datei wird geschrieben',
  'Trying the fixes': 'Reparaturen werden geprüft',
  'Comparing the repaired rows': 'Reparierte Zeilen werden verglichen',
  'The rarest category, “{0}”, has {1}. {2} or more of each work better.':
    'Die seltenste Kategorie, „{0}“, hat {1}. Ab {2} je Kategorie gelingt es besser.',
  'The most frequent is {0} with {1}; the rarest: {2}.':
    'Die häufigste ist {0} mit {1}; die seltensten: {2}.',
  '{0} with more than one answer.': '{0} mit mehr als einer Antwort.',
  'All rows take {0}. In your {1} minutes there is time for about {2} of them.':
    'Alle Zeilen brauchen {0}. In Ihren {1} Minuten ist Zeit für etwa {2} davon.',
  'You have {0}. {1} or more work better, a few hundred best.':
    'Sie haben {0}. Ab {1} gelingt es besser, am besten mit einigen hundert.',
};
