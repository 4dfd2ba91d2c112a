/** German: assessments, the report of a run, what to try after it, and what is said when a run is used. */
export const ASSESS: Readonly<Record<string, string>> = {
  'Counting words': 'Wörter zu zählen',
  'The answer of the most similar training row': 'Die Antwort der ähnlichsten Trainingszeile',
  'Always the most frequent answer': 'Immer die häufigste Antwort',
  '{0} gets {1} right, this model {2}: use that instead, or train longer.':
    '{0} trifft in {1} der Fälle, dieses Modell in {2}: Nehmen Sie das, oder trainieren Sie länger.',
  '{0} gets about as many right ({1}), in seconds.': '{0} trifft etwa genauso oft ({1}), in Sekunden.',
  'Simpler ways': 'Einfachere Wege',
  'Trained on the same rows, and asked the same test rows.':
    'Auf denselben Zeilen trainiert und nach denselben Testzeilen gefragt.',
  'it prefers the better answer of {0} of {1} ({2} to {3}), of {4} before':
    'es bevorzugt bei {0} von {1} die bessere Antwort ({2} bis {3}), vorher bei {4}',
  'It learned this': 'Es hat das gelernt',
  'It learned this in part': 'Es hat das teilweise gelernt',
  "Can't tell whether it learned: {0}.": 'Ob es gelernt hat, ist unklar: {0}.',
  'It learned nothing new': 'Es hat nichts Neues gelernt',
  'It learned the form': 'Es hat die Form gelernt',
  'it knew the answer to {0} of {1} and now knows {2}':
    'es wusste die Antwort bei {0} von {1} und weiß sie jetzt bei {2}',
  'the form was right in {0}, now in {1}': 'die Form stimmte bei {0}, jetzt bei {1}',
  '{0} of {1} test rows for allowed answers': '{0} von {1} Testzeilen für erlaubte Antworten',
  'What it knows': 'Was es weiß',
  'Knows the answer': 'Weiß die Antwort',
  'Knows {0}': 'Weiß {0}',
  'Right form': 'Richtige Form',
  'Both models chose the likeliest of {0} for {1}. Whether a model writes such an answer by itself is its form.':
    'Beide Modelle wählten bei {1} die wahrscheinlichste von {0}. Ob ein Modell so eine Antwort von selbst schreibt, ist die Form.',
  'the right call in {0} of {1} ({2} to {3}), in {4} before':
    'der richtige Aufruf in {0} von {1} ({2} bis {3}), vorher in {4}',
  '{0} of {1} answers call a tool': '{0} von {1} Antworten rufen ein Werkzeug auf',
  'Right calls equal training calls where the same is asked. Compare the losses instead.':
    'Richtige Aufrufe gleichen denen des Trainings, wo dasselbe gefragt wird. Vergleichen Sie stattdessen den Loss.',
  '{0} of test rows right, {1} before': '{0} der Testzeilen richtig, vorher {1}',
  'its answers are no closer to yours, similarity {0}, {1} before':
    'die Antworten gleichen Ihren nicht mehr als vorher, Ähnlichkeit {0}, vorher {1}',
  'its answers are closer to yours, similarity {0}, {1} before':
    'die Antworten gleichen Ihren mehr als vorher, Ähnlichkeit {0}, vorher {1}',
  'no test row could be asked': 'keine Testzeile konnte gefragt werden',
  'there are no test rows': 'es gibt keine Testzeilen',
  'no loss was measured': 'kein Loss wurde gemessen',
  'perplexity on test rows {0}, {1} before': 'Perplexität auf Testzeilen {0}, vorher {1}',
  'general quiz {0} right, {1} before': 'Allgemeinwissen {0} richtig, vorher {1}',
  'perplexity on general text {0}, {1} before': 'Perplexität auf allgemeinem Text {0}, vorher {1}',
  'the base model got only {0} of the general quiz right':
    'das Basismodell hatte nur {0} des Allgemeinwissens richtig',
  'nothing general was measured': 'nichts Allgemeines wurde gemessen',
  "Can't tell what it forgot: {0}.": 'Was es vergessen hat, ist unklar: {0}.',
  'a system prompt': 'einem System-Prompt',
  'a few examples in its prompt': 'einigen Beispielen im Prompt',
  '{0} right': '{0} richtig',
  'similarity {0}': 'Ähnlichkeit {0}',
  'The base model with {0} does better ({1})': 'Das Basismodell mit {0} ist besser ({1})',
  'The base model with {0} does about as well ({1})': 'Das Basismodell mit {0} ist etwa gleich gut ({1})',
  '{0}: prompting is enough.': '{0}: Prompting genügt.',
  '{0}, but neither is good.': '{0}, doch keines ist gut.',
  'The trained model answers test rows worse than the base model.':
    'Das trainierte Modell beantwortet Testzeilen schlechter als das Basismodell.',
  'What it forgot matters only if you also chat with it.':
    'Was es vergessen hat, zählt nur, wenn Sie auch mit ihm chatten.',
  'It memorised training rows: it does much better on them than on new rows.':
    'Es hat Trainingszeilen auswendig gelernt: Bei ihnen ist es viel besser als bei neuen Zeilen.',
  'With {0}, these figures are uncertain.': 'Bei {0} sind diese Zahlen unsicher.',
  'The loss on your test rows rose. A lower learning rate of {0} does less harm.':
    'Der Loss auf Ihren Testzeilen ist gestiegen. Eine kleinere Lernrate von {0} schadet weniger.',
  'It knows its training rows, but not your test rows. More and more varied rows help most.':
    'Es kennt die Trainingszeilen, aber nicht Ihre Testzeilen. Mehr und vielfältigere Zeilen helfen am meisten.',
  'The loss on your test rows stopped falling. A larger model can learn more.':
    'Der Loss auf Ihren Testzeilen fällt nicht mehr. Ein größeres Modell kann mehr lernen.',
  'Trains twice as long: the loss on your test rows was still falling.':
    'Trainiert doppelt so lange: Der Loss auf Ihren Testzeilen fiel noch.',
  'Mixes {0} of the trained model with the base model, without training. Much of what it forgot comes back, but some of what it learned is lost.':
    'Mischt {0} des trainierten Modells mit dem Basismodell, ohne Training. Viel Vergessenes kehrt zurück, etwas Gelerntes geht verloren.',
  'Mixes general rows into the training, one in ten, so that the model keeps practising what it knew.':
    'Mischt allgemeine Zeilen ins Training, jede zehnte, damit das Modell weiter übt, was es konnte.',
  'Trains for {0}, where the loss on your test rows was lowest. Fewer steps change the model less.':
    'Trainiert {0} lang: Da war der Loss auf Ihren Testzeilen am kleinsten. Weniger Schritte ändern das Modell weniger.',
  'Trains for {0}, half as many. Fewer steps change the model less.':
    'Trainiert {0} lang, halb so viele. Weniger Schritte ändern das Modell weniger.',
  'Lowers the learning rate from {0} to {1}: smaller steps change the model less.':
    'Senkt die Lernrate von {0} auf {1}: Kleinere Schritte ändern das Modell weniger.',
  "Lowers the adapter's rank from {0} to {1}: a smaller adapter overwrites less.":
    'Senkt den Rang des Adapters von {0} auf {1}: Ein kleinerer Adapter überschreibt weniger.',
  'Pulls the model back towards the base model while it learns.':
    'Zieht das Modell beim Lernen zum Basismodell zurück.',
  'Both models gave the same answers, so there is nothing to compare.':
    'Beide Modelle gaben dieselben Antworten; es gibt nichts zu vergleichen.',
  'No test row has an answer, so there is nothing to compare.':
    'Keine Testzeile hat eine Antwort; es gibt nichts zu vergleichen.',
  'Train on rows with questions and answers, and keep some as test rows.':
    'Trainieren Sie auf Zeilen mit Fragen und Antworten, und behalten Sie einige als Testzeilen.',
  'You have seen all {0} with their names.': 'Sie haben alle {0} mit Namen gesehen.',
  'Compare a run with more test rows for new pairs.':
    'Vergleichen Sie ein Training mit mehr Testzeilen, um neue Paare zu erhalten.',
  '{0} equally good': '{0} gleich gut',
  '{0} both bad': '{0} beide schlecht',
  'You preferred neither model{0}.': 'Sie haben keines der Modelle bevorzugt{0}.',
  'You preferred the trained model in {0} of {1}{2}.':
    'Sie haben das trainierte Modell in {0} von {1} bevorzugt{2}.',
  'That is hardly luck.': 'Das ist kaum Zufall.',
  'That may be luck: too close to call.': 'Das kann Zufall sein: zu knapp.',
  '(95% range {0} to {1}, sign test p = {2})': '(95-%-Bereich {0} bis {1}, Vorzeichentest p = {2})',
  'Only {0}: the verdict will be uncertain.': 'Nur {0}: Das Urteil wird unsicher.',
  '{0} of {1} test rows': '{0} von {1} Testzeilen',
  '{0} for each comparison': '{0} je Vergleich',
  '{0} of {1} quiz questions': '{0} von {1} Quizfragen',
  '{0} of {1} general texts': '{0} von {1} allgemeinen Texten',
  'A quick comparison: it asked {0}.': 'Ein schneller Vergleich: Gefragt wurden {0}.',
  'Loss on training rows': 'Loss auf Trainingszeilen',
  'Loss of the base model': 'Loss des Basismodells',
  'Answers of the trained model': 'Antworten des trainierten Modells',
  'Answers of the base model': 'Antworten des Basismodells',
  'Reading the rows': 'Zeilen werden gelesen',
  'Writing the report': 'Bericht wird geschrieben',
  'This run has not been compared with the base model yet.':
    'Dieses Training wurde noch nicht mit dem Basismodell verglichen.',
  'Compare it first.': 'Vergleichen Sie es zuerst.',
  'This run has no result yet.': 'Dieses Training hat noch kein Ergebnis.',
  'Let it train to its end first, or choose another run.':
    'Lassen Sie es zu Ende trainieren, oder wählen Sie ein anderes.',
  'the rows are running text without answers': 'die Zeilen sind Fließtext ohne Antworten',
  '{0} answers have only {1} different values': '{0} Antworten haben nur {1} verschiedene Werte',
  'nearly all answers have at most {0} words': 'fast alle Antworten haben höchstens {0} Wörter',
  'the answers are free text': 'die Antworten sind freier Text',
  '{0} of {1} answers are JSON objects with {2}': '{0} von {1} Antworten sind JSON-Objekte mit {2}',
  '{0} not asked: longer than the model can read.': '{0} nicht gefragt: länger, als das Modell lesen kann.',
  "The instructions don't fit in the prompt.": 'Die Anweisungen passen nicht in den Prompt.',
  'No example fits in the prompt.': 'Kein Beispiel passt in den Prompt.',
  'With categories, right answers equal training answers. Compare the losses instead.':
    'Bei Kategorien gleichen richtige Antworten den Trainingsantworten. Vergleichen Sie stattdessen den Loss.',
  'Running text has no answers, so the losses on seen and unseen rows are compared.':
    'Fließtext hat keine Antworten; verglichen wird der Loss auf gesehenen und neuen Zeilen.',
  'Answers to training questions are compared with those to test questions.':
    'Antworten auf Trainingsfragen werden mit denen auf Testfragen verglichen.',
  'You skipped the comparison. The result is saved, and you can compare later.':
    'Sie haben den Vergleich übersprungen. Das Ergebnis ist gespeichert; Sie können später vergleichen.',
  'The result is saved, but comparing it with the base model failed: {0}':
    'Das Ergebnis ist gespeichert, doch der Vergleich mit dem Basismodell ist fehlgeschlagen: {0}',
  'There is no run in {0}.': 'In {0} gibt es kein Training.',
  'Choose the folder of a run.': 'Wählen Sie den Ordner eines Trainings.',
  'Train again.': 'Trainieren Sie erneut.',
  'There are {0} pairs, but you judged {1}.': 'Es gibt {0} Paare, Sie haben aber {1} beurteilt.',
  'Begin a new round: the run was compared again since this one began.':
    'Beginnen Sie eine neue Runde: Das Training wurde inzwischen erneut verglichen.',
  'there is only one test row': 'es gibt nur eine Testzeile',
  'there are only {0} test rows': 'es gibt nur {0} Testzeilen',
  '{0} is not the folder of a run.': '{0} ist nicht der Ordner eines Trainings.',
  "The answers of this run's rows are no categories: nearly every row has another one.":
    'Die Antworten in den Zeilen dieses Trainings sind keine Kategorien: Fast jede Zeile hat eine andere.',
  'Sorting needs rows that share their answers, at most {0} different ones.':
    'Sortieren braucht Zeilen mit gemeinsamen Antworten, höchstens {0} verschiedenen.',
  'There is only one category.': 'Es gibt nur eine Kategorie.',
  'Sorting needs rows with at least two different answers.':
    'Sortieren braucht Zeilen mit mindestens zwei verschiedenen Antworten.',
  "The model's chat template writes answers elsewhere than it asks for them.":
    'Die Chat-Vorlage des Modells schreibt Antworten an eine andere Stelle, als sie danach fragt.',
  'Choose another model for sorting.': 'Wählen Sie zum Sortieren ein anderes Modell.',
  'adapter (LoRA)': 'Adapter (LoRA)',
  'adapter on a quantised model (QLoRA)': 'Adapter auf quantisiertem Modell (QLoRA)',
  'It learned': 'Gelernt',
  'It learned in part': 'Teilweise gelernt',
  "It didn't learn this": 'Nicht gelernt',
  'Learning not measured': 'Lernen nicht gemessen',
  'It forgot nothing measurable': 'Nichts messbar vergessen',
  'It forgot a little': 'Wenig vergessen',
  'It forgot much': 'Viel vergessen',
  'Forgetting not measured': 'Vergessen nicht gemessen',
  'Base model': 'Basismodell',
  'Base model with instructions': 'Basismodell mit Anweisungen',
  'Base model with examples': 'Basismodell mit Beispielen',
  'Trained model': 'Trainiertes Modell',
  'With instructions': 'Mit Anweisungen',
  'With examples': 'Mit Beispielen',
  Before: 'Vorher',
  After: 'Nachher',
  '{0} before, {1} after': 'vorher {0}, nachher {1}',
  'training rows': 'Trainingszeilen',
  'test rows': 'Testzeilen',
  'What to try': 'Was Sie versuchen können',
  'Each idea is a new run with one change. The first is most likely to help.':
    'Jede Idee ist ein neues Training mit einer Änderung. Die erste hilft am ehesten.',
  'Kind of answers': 'Art der Antworten',
  Compared: 'Verglichen',
  'Training took': 'Dauer des Trainings',
  Run: 'Training',
  'Model (checksum)': 'Modell (Prüfsumme)',
  'Rows (checksum)': 'Zeilen (Prüfsumme)',
  Versions: 'Versionen',
  Details: 'Details',
  'Each model gave its most likely answer. Ranges are 95% intervals: Wilson for rates, bootstrap over rows for losses and similarity; differences are paired by row.':
    'Jedes Modell gab seine wahrscheinlichste Antwort. Spannen sind 95-%-Intervalle: nach Wilson für Anteile, Bootstrap über Zeilen für Loss und Ähnlichkeit; Unterschiede sind zeilenweise gepaart.',
  'Settings of the training': 'Einstellungen des Trainings',
  'Right category': 'Richtige Kategorie',
  'Right {0}': '{0} richtig',
  'Right tool and arguments': 'Werkzeug und Argumente richtig',
  'Right tool': 'Werkzeug richtig',
  'Every field right': 'Alle Felder richtig',
  'Right answers': 'Richtige Antworten',
  'Valid JSON': 'Gültiges JSON',
  'Similarity to your answers (chrF)': 'Ähnlichkeit mit Ihren Antworten (chrF)',
  'Scores on test rows': 'Ergebnisse bei Testzeilen',
  'The same {0}, which no model was trained on, answered by each.':
    'Dieselben {0}, mit denen kein Modell trainiert wurde, von jedem beantwortet.',
  'One base model also got instructions.': 'Das Basismodell antwortete auch mit Anweisungen.',
  'One also got {0} in its prompt.': 'Es antwortete auch mit {0} in der Anfrage.',
  'Thin lines are 95% intervals: with more test rows the figure would likely stay within.':
    'Dünne Linien sind 95-%-Intervalle: Mit mehr Testzeilen bliebe der Wert wohl darin.',
  Examples: 'Beispiele',
  'Test rows: first some that got better, then some that are still wrong.':
    'Testzeilen: zuerst einige, die besser wurden, dann einige, die noch falsch sind.',
  right: 'richtig',
  wrong: 'falsch',
  '{0} similar': '{0} ähnlich',
  Wanted: 'Gewünscht',
  '(no answer)': '(keine Antwort)',
  'Right, points': 'Richtig, Punkte',
  'Similarity, points': 'Ähnlichkeit, Punkte',
  'Trained model against': 'Trainiertes Modell gegen',
  '95% interval': '95-%-Intervall',
  Rows: 'Zeilen',
  'Length compared with your answers': 'Länge im Vergleich mit Ihren Antworten',
  'Field by field': 'Feld für Feld',
  Field: 'Feld',
  'Mix-ups': 'Verwechslungen',
  'Each line is a wanted category, each column one that the trained model gave.':
    'Jede Zeile ist eine gewünschte Kategorie, jede Spalte eine, die das trainierte Modell gab.',
  'The same for the base model': 'Dasselbe für das Basismodell',
  'none of them': 'keine davon',
  'Instructions for the base model': 'Anweisungen für das Basismodell',
  Step: 'Schritt',
  Loss: 'Loss',
  Perplexity: 'Perplexität',
  'How much your answers surprise the model. Lower is better.':
    'Wie sehr Ihre Antworten das Modell überraschen. Niedriger ist besser.',
  'Yes, it memorised rows.': 'Ja, es hat Zeilen auswendig gelernt.',
  'No sign of it.': 'Kein Anzeichen dafür.',
  "Short answers can't show it.": 'Bei kurzen Antworten nicht zu erkennen.',
  'Loss of the trained model': 'Loss des trainierten Modells',
  'Answers exactly as wanted': 'Genau wie gewünscht beantwortet',
  'Longest shared run of words': 'Längste gemeinsame Wortfolge',
  'Memorised rows': 'Auswendig gelernte Zeilen',
  'Training rows': 'Trainingszeilen',
  "Both models answered the model's own general questions, unrelated to your rows.":
    'Beide Modelle beantworteten allgemeine Fragen des Modells, die nichts mit Ihren Zeilen zu tun haben.',
  'Both models answered general questions, unrelated to your rows.':
    'Beide Modelle beantworteten allgemeine Fragen, die nichts mit Ihren Zeilen zu tun haben.',
  'What it forgot': 'Was es vergessen hat',
  Change: 'Änderung',
  'Quiz of {0}': 'Quiz mit {0}',
  'Change: {0} points ({1} to {2}).': 'Änderung: {0} Punkte ({1} bis {2}).',
  '{0} got worse, {1} got better.': '{0} schlechter, {1} besser.',
  'By topic': 'Nach Thema',
  Topic: 'Thema',
  'A topic has few questions: a difference of one or two may be luck.':
    'Ein Thema hat wenige Fragen: Ein Unterschied von ein oder zwei kann Zufall sein.',
  'General texts': 'Allgemeine Texte',
  'Perplexity by topic': 'Perplexität nach Thema',
  'Right answer': 'Richtige Antwort',
  'Right before, wrong now': 'Vorher richtig, jetzt falsch',
  // what to try
  'Choose a larger model': 'Ein größeres Modell wählen',
  'Add more rows': 'Mehr Zeilen hinzufügen',
  'Train longer': 'Länger trainieren',
  'Blend with the base model': 'Mit dem Basismodell mischen',
  'Mix in general rows': 'Allgemeine Zeilen beimischen',
  'Train shorter': 'Kürzer trainieren',
  'Lower the learning rate': 'Lernrate senken',
  'Use a smaller adapter': 'Einen kleineren Adapter nehmen',
  'Stay close to the base model': 'Nah am Basismodell bleiben',
  // using a run
  'This model is not here any more.': 'Dieses Modell ist nicht mehr da.',
  'Choose another one.': 'Wählen Sie ein anderes.',
  '“{0}” has no result yet.': '„{0}“ hat noch kein Ergebnis.',
  'Wait until it ends, or stop it and keep the best.':
    'Warten Sie das Ende ab, oder beenden Sie es und behalten Sie das Beste.',
  'This copy is gone.': 'Diese Kopie fehlt.',
  'Save the model again.': 'Speichern Sie das Modell erneut.',
  "Fettle can't write PDF files here.": 'Fettle kann hier keine PDF-Dateien schreiben.',
  'Print the report in your browser.': 'Drucken Sie den Bericht im Browser.',
  Preferences: 'Vorlieben',
  'Of {0}, how often the better answer is the likelier one.':
    'Wie oft von {0} die bessere Antwort die wahrscheinlichere ist.',
};
