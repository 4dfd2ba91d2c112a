/** German: training. */

export const TRAINING: Readonly<Record<string, string>> = {
  'A question has {0} tokens. This model reads 1 to {1}.':
    'Eine Frage hat {0} Tokens. Dieses Modell liest 1 bis {1}.',
  'Shorten or leave out rows with such questions.':
    'Kürzen Sie Zeilen mit solchen Fragen, oder lassen Sie sie weg.',
  'The model computes invalid values.': 'Das Modell rechnet mit ungültigen Werten.',
  'Its weights or those of the adapter are damaged. Download or train it again.':
    'Seine Gewichte oder die des Adapters sind beschädigt. Laden oder trainieren Sie es erneut.',
  'The message is empty.': 'Die Nachricht ist leer.',
  'Write a message.': 'Schreiben Sie eine Nachricht.',
  'The text has {0} tokens. This model reads at most {1}.':
    'Der Text hat {0} Tokens. Dieses Modell liest höchstens {1}.',
  'Shorten the message, or start a new conversation.':
    'Kürzen Sie die Nachricht, oder beginnen Sie ein neues Gespräch.',
  'One of your questions is too long to ask: it has {0} tokens, and this model reads {1}. It begins: {2}':
    'Eine Ihrer Fragen ist zu lang: Sie hat {0} Tokens, dieses Modell liest {1}. Sie beginnt: {2}',
  'how likely your answers are': 'wie wahrscheinlich Ihre Antworten sind',
  'Measuring {0} {1} times takes longer than this training. Fewer test rows shorten it.':
    '{0} werden {1}-mal gemessen, was länger dauert als dieses Training. Weniger Testzeilen verkürzen es.',
  'This training': 'Dieses Training',
  'Frozen layers compute in each pass: {0}': 'Eingefrorene Schichten rechnen in jedem Durchlauf: {0}',
  'upper layers of this model read more than the layer below them.':
    'Obere Schichten dieses Modells lesen mehr als die Schicht darunter.',
  'this model rotates tokens differently in longer rows.':
    'Dieses Modell dreht Tokens in längeren Zeilen anders.',
  'new tokens are trained below all layers.': 'Neue Tokens werden unter allen Schichten trainiert.',
  'that works on the processor, without the speed pack.':
    'Anders geht es nur auf dem Prozessor, ohne das Tempo-Paket.',
  'this training reads no row twice.': 'Dieses Training liest keine Zeile zweimal.',
  'that takes {0} on the disk, and {1} are free.':
    'Anders bräuchte es {0} auf der Festplatte, und {1} sind frei.',
  'The hidden values of this model are too large to be kept in 16 bits.':
    'Die inneren Werte dieses Modells sind zu groß, um sie in 16 Bit zu behalten.',
  'Start a new run without kept activations.':
    'Beginnen Sie ein neues Training ohne behaltene Aktivierungen.',
  'asking your questions before training': 'Ihre Fragen vor dem Training',
  'asking your questions': 'Ihre Fragen werden gestellt',
  'Stopped before it was done.': 'Vor dem Ende gestoppt.',
  'The export was stopped. Nothing was saved.': 'Der Export wurde gestoppt. Nichts wurde gespeichert.',
  'Start it again.': 'Starten Sie erneut.',
  'GGUF adapters are plain LoRA, but this one is DoRA: its magnitudes would be lost.':
    'GGUF-Adapter sind reines LoRA, dieser ist DoRA: Seine Magnituden gingen verloren.',
  'GGUF adapters are plain LoRA, but this one has new tokens, which would be lost.':
    'GGUF-Adapter sind reines LoRA, dieser hat neue Tokens, die verloren gingen.',
  'Save the full model as GGUF, or the adapter for Hugging Face.':
    'Speichern Sie das ganze Modell als GGUF oder den Adapter für Hugging Face.',
  "The adapter was trained with weights of {0} bits. It is merged into the model's own weights, so answers may differ a little from the run's.":
    'Der Adapter wurde mit Gewichten von {0} Bit trainiert. Er wird mit den eigenen Gewichten des Modells verschmolzen; Antworten können leicht abweichen.',
  "The run's rows are gone, so the export is checked with neutral questions. {0}":
    'Die Zeilen des Trainings fehlen; der Export wird mit neutralen Fragen geprüft. {0}',
  'The files have other rows now than the run was trained on.':
    'Die Dateien haben nun andere Zeilen als beim Training.',
  "The model hasn't given its general answers yet: each counts as {0} tokens, the most it may have.":
    'Das Modell hat seine allgemeinen Antworten noch nicht gegeben: Jede zählt mit {0} Tokens, dem Höchstwert.',
  'waiting for the one before': 'wartet auf den vorigen',
  'Stopped before the next step. Nothing was lost.':
    'Vor dem nächsten Schritt gestoppt. Nichts ging verloren.',
  'Stopped before the first step. Nothing was saved.':
    'Vor dem ersten Schritt gestoppt. Nichts wurde gespeichert.',
  'Resume it to continue.': 'Setzen Sie es fort.',
  'These settings leave no test rows.': 'Diese Einstellungen lassen keine Testzeilen übrig.',
  'Raise the share of test rows.': 'Erhöhen Sie den Anteil der Testzeilen.',
  'The model computes invalid values (loss {0}).': 'Das Modell rechnet mit ungültigen Werten (Loss {0}).',
  'Master weights of 16 bits work only on the processor, but {0} computes on {1}.':
    'Master-Gewichte mit 16 Bit gibt es nur auf dem Prozessor, aber {0} rechnet auf {1}.',
  'Leave that setting as it is, or train on the processor.':
    'Lassen Sie die Einstellung unverändert, oder trainieren Sie auf dem Prozessor.',
  'The optimizer {0} needs main memory, but {1} keeps everything on the graphics card.':
    'Der Optimierer {0} braucht den Arbeitsspeicher, aber {1} hält alles auf der Grafikkarte.',
  'Choose the optimizer AdamW, or train on the processor.':
    'Wählen Sie den Optimierer AdamW, oder trainieren Sie auf dem Prozessor.',
  'The layers {0} have nothing that can be adapted.':
    'Die Schichten {0} haben nichts, was sich anpassen lässt.',
  'Choose other layers, or other targets.': 'Wählen Sie andere Schichten oder andere Ziele.',
  'The model has no linear layer called {0}.': 'Das Modell hat keine lineare Schicht namens {0}.',
  'Choose among {0}, or all linear layers.': 'Wählen Sie aus {0}, oder alle linearen Schichten.',
  'This model reads at most {0} tokens, so rows are cut off there, not at {1}.':
    'Dieses Modell liest höchstens {0} Tokens; Zeilen werden dort abgeschnitten, nicht bei {1}.',
  'The tokenizer has {0} tokens, but the model knows only {1}.':
    'Der Tokenizer hat {0} Tokens, das Modell kennt aber nur {1}.',
  '{0} skipped. The first: {1}': '{0} übersprungen. Die erste: {1}',
  '{0} cut off at {1} tokens, {2} in all.': '{0} bei {1} Tokens abgeschnitten, insgesamt {2}.',
  '{0} left out: the answer begins after {1} tokens.':
    '{0} weggelassen: Die Antwort beginnt nach {1} Tokens.',
  "This model doesn't read instructions (a system message) separately. In {0} they go before the first question.":
    'Dieses Modell liest Anweisungen (eine Systemnachricht) nicht getrennt. In {0} stehen sie vor der ersten Frage.',
  '{0} left out: {1}': '{0} weggelassen: {1}',
  unreadable: 'unlesbar',
  'answer beyond the length limit': 'Antwort hinter der Längengrenze',
  'nothing to train on': 'ohne Lernstoff',
  '{0} left out: nothing to train on.': '{0} weggelassen: nichts zu trainieren.',
  'mixing the weights': 'Gewichte werden gemischt',
  'The base model has no head for categories, so there is nothing between it and this run.':
    'Das Basismodell hat keine Ausgabeschicht für Kategorien; zwischen ihm und diesem Training liegt nichts.',
  'Choose a run that learned answers.': 'Wählen Sie ein Training, das Antworten gelernt hat.',
  'The run in {0} has no result to mix.': 'Das Training in {0} hat kein Ergebnis zum Mischen.',
  'Choose the model that the run was trained from.': 'Wählen Sie das Modell, von dem aus trainiert wurde.',
  "This run can't be resumed: all its checkpoints are damaged. {0}":
    'Dieses Training lässt sich nicht fortsetzen: Alle Zwischenstände sind beschädigt. {0}',
  'Restore its folder from a copy, or start a new run.':
    'Stellen Sie den Ordner aus einer Kopie wieder her, oder starten Sie ein neues Training.',
  'loss on test rows': 'Loss auf Testzeilen',
  "the model's files have changed": 'die Dateien des Modells haben sich geändert',
  'the rows have changed': 'die Zeilen haben sich geändert',
  'its tokenizer or chat template has changed': 'Tokenizer oder Chat-Vorlage haben sich geändert',
  "This run can't be resumed: {0}.": 'Dieses Training lässt sich nicht fortsetzen: {0}.',
  'Restore what it was started with, or start a new run.':
    'Stellen Sie den Ausgangszustand wieder her, oder starten Sie ein neues Training.',
  '{0} was {1} and is now {2}': '{0} war {1} und ist nun {2}',
  'not set': 'nicht gesetzt',
  'Updating layer by layer works only on the processor, but {0} computes on {1}.':
    'Schichtweises Aktualisieren gibt es nur auf dem Prozessor, aber {0} rechnet auf {1}.',
  'Switch that setting off, or train on the processor.':
    'Schalten Sie die Einstellung aus, oder trainieren Sie auf dem Prozessor.',
  'for general answers, once': 'nach allgemeinen Antworten, einmalig',
  'The model finished none of {0} general answers within {1} tokens, so there are none to mix in.':
    'Das Modell beendete keine von {0} allgemeinen Antworten innerhalb von {1} Tokens; es gibt keine zum Beimischen.',
  'Choose a file with general rows, or train without them.':
    'Wählen Sie eine Datei mit allgemeinen Zeilen, oder trainieren Sie ohne sie.',
  'There is a run in {0} already.': 'In {0} gibt es schon ein Training.',
  '{0} is not empty.': '{0} ist nicht leer.',
  'Resume it, or choose another folder.': 'Setzen Sie es fort, oder wählen Sie einen anderen Ordner.',
  'Choose a new folder.': 'Wählen Sie einen neuen Ordner.',
  'The best weights (step {0}) are damaged on the disk, so the result has those of step {1}.':
    'Die besten Gewichte (Schritt {0}) sind auf dem Datenträger beschädigt; das Ergebnis hat die von Schritt {1}.',
  '{0} The run resumes from the checkpoint before it.':
    '{0} Das Training wird vom Zwischenstand davor fortgesetzt.',
  'The model computes invalid values before training ({0}: {1}).':
    'Das Modell rechnet schon vor dem Training mit ungültigen Werten ({0}: {1}).',
  'Training became unstable at step {0} and was stopped ({1}: {2}).':
    'Das Training wurde bei Schritt {0} instabil und gestoppt ({1}: {2}).',
  'Download the model again, or choose another one.':
    'Laden Sie das Modell erneut herunter, oder wählen Sie ein anderes.',
  'Start a new run with a lower learning rate than {0}.':
    'Starten Sie ein neues Training mit einer kleineren Lernrate als {0}.',
  'the loss of a step is {0}': 'der Loss eines Schritts ist {0}',
  'gradients are too large for it': 'die Gradienten sind zu groß dafür',
  'Half precision (float16) is too coarse for this training: {0}.':
    'Halbe Genauigkeit (float16) ist zu grob für dieses Training: {0}.',
  'Resume with full precision (float32). If it becomes unstable again, start a new run with a lower learning rate.':
    'Setzen Sie es mit voller Genauigkeit (float32) fort. Wird es wieder instabil, starten Sie ein neues Training mit kleinerer Lernrate.',
  "No row has the new token {0}, so the model doesn't learn it.":
    'Keine Zeile enthält das neue Token {0}; das Modell lernt es nicht.',
  "No row has these new tokens, so the model doesn't learn them: {0}":
    'Keine Zeile enthält diese neuen Tokens; das Modell lernt sie nicht: {0}',
  "The model's configuration has settings that Fettle doesn't know: {0}. If they change what the model computes, results will differ.":
    'Die Konfiguration des Modells enthält Einstellungen, die Fettle nicht kennt: {0}. Ändern sie, was das Modell berechnet, weichen die Ergebnisse ab.',
  'Step {0} was too large for half precision and is repeated at a smaller scale ({1}).':
    'Schritt {0} war zu groß für halbe Genauigkeit und wird mit kleinerer Skala wiederholt ({1}).',
  'Step {0} was too large for half precision and is repeated at a smaller scale ({1}); {2} times so far.':
    'Schritt {0} war zu groß für halbe Genauigkeit und wird mit kleinerer Skala wiederholt ({1}); bisher {2}-mal.',
  '{0} is damaged ({1}).': '{0} ist beschädigt ({1}).',
  '{0} was not trained from this model: {1} has the size [{2}], not [{3}].':
    '{0} wurde nicht von diesem Modell aus trainiert: {1} hat die Größe [{2}], nicht [{3}].',
};
