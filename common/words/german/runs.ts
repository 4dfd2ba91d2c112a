/** German: runs and exports. */
export const RUNS: Readonly<Record<string, string>> = {
  '{0} of {1} ({2} to {3})': '{0} von {1} ({2} bis {3})',
  'Reading the data': 'Daten werden gelesen',
  'Turning the rows into tokens': 'Zeilen werden in Tokens zerlegt',
  'Loading the model': 'Modell wird geladen',
  Starting: 'Startet',
  'Preparing the computation': 'Berechnung wird vorbereitet',
  'Trying learning rates': 'Lernraten werden ausprobiert',
  'Asking the base model': 'Basismodell wird befragt',
  'Reading the checkpoint': 'Zwischenstand wird gelesen',
  'Measuring on test rows': 'Testzeilen werden gemessen',
  Saving: 'Wird gespeichert',
  Exporting: 'Wird exportiert',
  'Comparing with the base model': 'Vergleich mit dem Basismodell',
  '{0} with lighter settings failed too.': '{0} mit sparsameren Einstellungen schlugen auch fehl.',
  'nothing was changed': 'nichts wurde geändert',
  'on the same device': 'auf demselben Gerät',
  'The processor computes, because the graphics card failed.':
    'Der Prozessor rechnet, weil die Grafikkarte ausfiel.',
  'with onnxruntime on the processor, which needs less memory for the weights':
    'mit onnxruntime auf dem Prozessor, was weniger Speicher für die Gewichte braucht',
  'on the processor, which takes longer': 'auf dem Prozessor, was länger dauert',
  'the processor rounds differently, so the loss differs a little':
    'der Prozessor rundet anders, der Loss weicht etwas ab',
  'without comparing it with the base model': 'ohne Vergleich mit dem Basismodell',
  'you can compare later, when more memory is free':
    'Sie können später vergleichen, wenn mehr Speicher frei ist',
  'The training ran out of memory': 'Dem Training ging der Speicher aus',
  'The graphics card was lost': 'Die Grafikkarte ging verloren',
  'The graphics card could not compute': 'Die Grafikkarte konnte nicht rechnen',
  '{0} after its last step.': '{0}, nach dem letzten Schritt.',
  '{0} in its first step.': '{0}, im ersten Schritt.',
  '{0} after step {1}.': '{0}, nach Schritt {1}.',
  'It starts again: {0}.': 'Es beginnt neu: {0}.',
  'It continues: {0}.': 'Es geht weiter: {0}.',
  'It continues from step {0}: {1}.': 'Es geht bei Schritt {0} weiter: {1}.',
  'The result stays the same: {0}.': 'Das Ergebnis bleibt gleich: {0}.',
  'The numbers change: {0}.': 'Die Zahlen ändern sich: {0}.',
  'Not responding for {0}. It may be a long step.':
    'Seit {0} keine Rückmeldung. Vielleicht ein langer Schritt.',
  'Close other programs, or use shorter rows or a smaller model.':
    'Schließen Sie andere Programme, oder nutzen Sie kürzere Zeilen oder ein kleineres Modell.',
  'The computer ran out of memory.': 'Dem Computer ging der Speicher aus.',
  'Another program or a person ended the work.':
    'Ein anderes Programm oder eine Person hat die Arbeit beendet.',
  'The work ended unexpectedly ({0}). Last words: {1}':
    'Die Arbeit endete unerwartet ({0}). Letzte Meldung: {1}',
  'The work ended unexpectedly ({0}).': 'Die Arbeit endete unerwartet ({0}).',
  'code {0}': 'Code {0}',
  'Start it again. If it happens again, copy the details and report it.':
    'Starten Sie erneut. Tritt es wieder auf, kopieren Sie die Einzelheiten, und melden Sie es.',
  'This stopped responding for {0} and was ended.': 'Das reagierte {0} lang nicht und wurde beendet.',
  'Try again. If it happens again, use another file or another model.':
    'Versuchen Sie es erneut. Tritt es wieder auf, nutzen Sie eine andere Datei oder ein anderes Modell.',
  '{0} takes far too long to read for its size.':
    '{0} zu lesen dauert für die Größe der Datei viel zu lange.',
  '{0} takes far too much memory to read for its size.':
    '{0} zu lesen braucht für die Größe der Datei viel zu viel Arbeitsspeicher.',
  'It may be damaged or made to do harm. If you trust it, save it again with its program.':
    'Die Datei ist vielleicht beschädigt oder soll schaden. Wenn Sie ihr vertrauen, speichern Sie sie mit ihrem Programm neu.',
  'Resume to continue from the last checkpoint.': 'Setzen Sie vom letzten Zwischenstand fort.',
  'Resume to start again: there was no checkpoint yet.':
    'Setzen Sie fort, um neu zu beginnen: Es gab noch keinen Zwischenstand.',
  'Something in Fettle went wrong: {0}': 'In Fettle ist etwas schiefgegangen: {0}',
  'This is a bug in Fettle, not your mistake. Copy the details and report it.':
    'Das ist ein Fehler in Fettle, nicht Ihrer. Kopieren Sie die Einzelheiten, und melden Sie ihn.',
  'Ask again.': 'Fragen Sie erneut.',
  'The answer was cut off.': 'Die Antwort wurde abgeschnitten.',
  'It was stopped before it was done.': 'Vor dem Ende gestoppt.',
  'Asking WebGPU failed. {0}': 'Die Abfrage von WebGPU ist fehlgeschlagen. {0}',
  "WebGPU didn't answer within {0} s and was stopped.":
    'WebGPU hat innerhalb von {0} s nicht geantwortet und wurde gestoppt.',
  'Begin a new one: Fettle was restarted since.':
    'Beginnen Sie eine neue: Fettle wurde inzwischen neu gestartet.',
  'This round of comparing has ended.': 'Diese Vergleichsrunde ist beendet.',
  'Starting again with lighter settings': 'Neustart mit sparsameren Einstellungen',
  'Look for it in the history.': 'Suchen Sie ihn im Verlauf.',
  'This job has ended.': 'Dieser Auftrag ist beendet.',
  'Resume to continue from the last checkpoint, or from the beginning.':
    'Setzen Sie fort: vom letzten Zwischenstand oder vom Anfang.',
  'Fettle or the computer was shut down during this.':
    'Fettle oder der Computer wurde währenddessen beendet.',
  'Open Fettle to see the result.': 'Öffnen Sie Fettle, um das Ergebnis zu sehen.',
  '“{0}” has stopped': '„{0}“ wurde gestoppt',
  '“{0}” is exported': '„{0}“ ist exportiert',
  '“{0}” has been compared': '„{0}“ ist verglichen',
  '“{0}” is trained': '„{0}“ ist trainiert',
  'Look for its result in the history.': 'Das Ergebnis steht im Verlauf.',
  'This can only be done with a training.': 'Das geht nur bei einem Training.',
  'The training has ended.': 'Das Training ist beendet.',
  'Wait for it, or cancel it there.': 'Warten Sie darauf, oder brechen Sie es dort ab.',
  '“{0}” is already in the list.': '„{0}“ steht schon in der Liste.',
  'Cancel it, or wait until it is done.': 'Brechen Sie es ab, oder warten Sie, bis es fertig ist.',
  'It is still running.': 'Es läuft noch.',
  'Pause it first to start it later.': 'Pausieren Sie es zuerst, um es später zu starten.',
  'It is already running.': 'Es läuft bereits.',
  'Wait until the training is done.': 'Warten Sie, bis das Training fertig ist.',
  'There is no comparison to skip.': 'Es gibt keinen Vergleich zum Überspringen.',
  'Cancel it.': 'Brechen Sie es ab.',
  'The training has not begun, so there is nothing to keep.':
    'Das Training hat nicht begonnen; es gibt nichts zu behalten.',
  'Wait a moment.': 'Warten Sie einen Moment.',
  'It is about to end.': 'Es endet gleich.',
  'Let it finish, or cancel it and start it again later.':
    'Lassen Sie es zu Ende laufen, oder brechen Sie es ab und starten es später erneut.',
  "This can't be paused.": 'Das lässt sich nicht pausieren.',
  '“{0}” is blended': '„{0}“ ist gemischt',
  'The export answers differently from the trained model: none of {0} answers is equal, and probabilities differ by a factor of {1}.':
    'Der Export antwortet anders als das trainierte Modell: Keine von {0} Antworten ist gleich, Wahrscheinlichkeiten weichen um den Faktor {1} ab.',
  'As {0}, this model computes invalid values.': 'Als {0} rechnet dieses Modell mit ungültigen Werten.',
  'Nothing was saved. Please report this: Fettle may not know something about this model.':
    'Nichts wurde gespeichert. Bitte melden Sie dies: Fettle kennt dieses Modell womöglich nicht ganz.',
  'Nothing was saved. Choose bf16 or f32 as the type of weights.':
    'Nichts wurde gespeichert. Wählen Sie bf16 oder f32 als Gewichtstyp.',
  '{0} changes the answers of this model too much. Save it as {1}.':
    '{0} verändert die Antworten dieses Modells zu stark. Speichern Sie es als {1}.',
  'The export': 'Der Export',
  'asking the export': 'der Export wird gefragt',
  'asking the export in llama.cpp': 'der Export wird in llama.cpp gefragt',
  'asking the trained model': 'das trainierte Modell wird gefragt',
  'All {0} difficult texts give the same tokens.': 'Alle {0} schwierigen Texte ergeben dieselben Tokens.',
  '{0} of {1} difficult texts give the same tokens.':
    '{0} von {1} schwierigen Texten ergeben dieselben Tokens.',
  "{0} of {1} answers equal the trained model's, token by token: loaded back by {2}, with {3} ({4} tokens).":
    '{0} von {1} Antworten gleichen denen des trainierten Modells, Token für Token: geladen von {2}, mit {3} ({4} Tokens).',
  'The weight type {0} causes this. The first difference is at token {1}.':
    'Ursache ist der Gewichtstyp {0}. Der erste Unterschied ist bei Token {1}.',
  'All {0} tensors were read back unchanged.': 'Alle {0} Tensoren wurden unverändert zurückgelesen.',
  'questions of test rows': 'Fragen der Testzeilen',
  'questions of training rows': 'Fragen der Trainingszeilen',
  'neutral questions': 'neutralen Fragen',
  'Probabilities of likely tokens differ by less than 0.1%.':
    'Wahrscheinlichkeiten der nächsten Tokens weichen um weniger als 0,1 % ab.',
  'a factor of {0}': 'den Faktor {0}',
  'Probabilities of likely tokens differ by up to {0}.':
    'Wahrscheinlichkeiten der nächsten Tokens weichen um bis zu {0} ab.',
  '{0} The file was checked by Fettle itself instead.':
    '{0} Stattdessen hat Fettle die Datei selbst geprüft.',
  "Without it this adapter can't be checked. Save it for Hugging Face instead.":
    'Ohne es lässt sich dieser Adapter nicht prüfen. Speichern Sie ihn für Hugging Face.',
  'writing weights': 'Gewichte werden geschrieben',
  'The embedding and the output layer keep 8 bits: with {0}, their errors would reach every token.':
    'Einbettung und Ausgabeschicht behalten 8 Bit: Mit {0} träfen ihre Fehler jedes Token.',
  "It has {0}. With PEFT, resize the base model's embeddings to {1} before loading the adapter.":
    'Er hat {0}. Vergrößern Sie mit PEFT die Einbettungen des Basismodells auf {1}, bevor Sie den Adapter laden.',
  'It has {0}, for which the base model has room.': 'Er hat {0}, für die das Basismodell Platz hat.',
  'Choose the model that the adapter was trained on.':
    'Wählen Sie das Modell, auf dem der Adapter trainiert wurde.',
  '{0} has the invalid value {1}.': '{0} hat den ungültigen Wert {1}.',
  'The model or the adapter is damaged. Train or download it again.':
    'Modell oder Adapter sind beschädigt. Trainieren oder laden Sie erneut.',
  '{0} has the value {1}, too large for {2} (at most {3}).':
    '{0} hat den Wert {1}, zu groß für {2} (höchstens {3}).',
  'Choose bf16 or f32 as the type of weights.': 'Wählen Sie bf16 oder f32 als Gewichtstyp.',
  "The system message has three quotation marks in a row, which a Modelfile can't hold. Set it in Ollama.":
    'Die System-Nachricht enthält drei Anführungszeichen hintereinander, was ein Modelfile nicht kann. Setzen Sie sie in Ollama.',
  'Ollama uses the chat template in the GGUF file.': 'Ollama nutzt die Chat-Vorlage in der GGUF-Datei.',
  "In longer conversations Ollama puts the system message at the start, which this model doesn't expect.":
    'In längeren Gesprächen setzt Ollama die System-Nachricht an den Anfang, was dieses Modell nicht erwartet.',
  'reading it back': 'wird zurückgelesen',
  'The disk gave back other data than was written (value {0} of {1} is {2}, not {3}).':
    'Das Laufwerk gab andere Daten zurück als geschrieben (Wert {0} von {1} ist {2}, nicht {3}).',
  'The disk or the memory may be failing. Export again. If it happens again, report it.':
    'Laufwerk oder Speicher sind womöglich defekt. Exportieren Sie erneut. Tritt es wieder auf, melden Sie es.',
  'The run in {0} has no result yet.': 'Das Training in {0} hat noch kein Ergebnis.',
  '{0} is not a run with a result.': '{0} ist kein Training mit Ergebnis.',
  'Let it train to its end first.': 'Lassen Sie es zuerst zu Ende trainieren.',
  'Choose the folder of a run, or a model that was not trained here.':
    'Wählen Sie den Ordner eines Trainings oder ein Modell, das nicht hier trainiert wurde.',
  "{0} can't be read: {1}": '{0} ist nicht lesbar: {1}',
  'Choose the adapter inside the folder, and its base model.':
    'Wählen Sie den Adapter im Ordner und sein Basismodell.',
  '{0} is an adapter, which needs the model it was trained on.':
    '{0} ist ein Adapter und braucht das Modell, auf dem er trainiert wurde.',
  'Choose that model too.': 'Wählen Sie auch dieses Modell.',
  'There is no adapter to save: {0} is a full model.':
    'Es gibt keinen Adapter zu speichern: {0} ist ein vollständiges Modell.',
  'Save the full model instead.': 'Speichern Sie stattdessen das vollständige Modell.',
  '{0} is the name of a GGUF file, but this export is a folder.':
    '{0} ist der Name einer GGUF-Datei, dieser Export aber ein Ordner.',
  'Choose a new folder, or save as GGUF.': 'Wählen Sie einen neuen Ordner, oder speichern Sie als GGUF.',
  '{0} is no name for a file.': '{0} ist kein Dateiname.',
  'For example: exports/first.gguf': 'Zum Beispiel: exports/erster.gguf',
  'Choose another name, or remove it first.': 'Wählen Sie einen anderen Namen, oder entfernen Sie es zuerst.',
  "llama.cpp doesn't accept {0}: {1}": 'llama.cpp akzeptiert {0} nicht: {1}',
  'Save the full model as safetensors instead, and report this.':
    'Speichern Sie stattdessen das vollständige Modell als safetensors, und melden Sie dies.',
  "llama.cpp doesn't run on this computer: {0}": 'llama.cpp läuft auf diesem Computer nicht: {0}',
  "The adapter doesn't fit the model {0}: {1} is {2} there and {3} here.":
    'Der Adapter passt nicht zum Modell {0}: {1} ist dort {2}, hier {3}.',
  '{0} has another size': '{0} hat eine andere Größe',
  "{0} is a DoRA adapter: it sets the lengths of whole rows, which can't be added up.":
    '{0} ist ein DoRA-Adapter: Er setzt die Längen ganzer Zeilen, die sich nicht addieren lassen.',
  'Train with plain LoRA, or export the adapter merged into its model.':
    'Trainieren Sie mit einfachem LoRA, oder exportieren Sie das ganze Modell.',
  "{0} brings a head for categories, which can't be added up.":
    '{0} bringt eine Ausgabeschicht für Kategorien mit, die sich nicht addieren lässt.',
  'Use adapters that answer.': 'Verwenden Sie Adapter, die antworten.',
  "{0} of {1} texts get the trained model's category: loaded back by {2}, with {3}.":
    '{0} von {1} Texten erhalten die Kategorie des trainierten Modells: wieder geladen von {2}, mit {3}.',
  'GGUF files have no place for a head that sorts.':
    'GGUF-Dateien haben keinen Platz für eine Ausgabeschicht, die einordnet.',
  'Save the full model or the adapter for Hugging Face.':
    'Speichern Sie das ganze Modell oder den Adapter für Hugging Face.',
  "{0} brings new tokens, which can't be added up.":
    '{0} bringt neue Tokens mit, die sich nicht addieren lassen.',
  'Use adapters without new tokens.': 'Nutzen Sie Adapter ohne neue Tokens.',
  'it belongs to another kind of model': 'er gehört zu einer anderen Art von Modell',
  "its model is {0}, and the other one's {1}": 'sein Modell ist {0}, das des anderen {1}',
  'its model was kept in another number of bits': 'sein Modell hatte eine andere Zahl von Bits',
  "{0} and {1} can't be added up: {2}.": '{0} und {1} lassen sich nicht addieren: {2}.',
  'Choose adapters of the same model.': 'Wählen Sie Adapter desselben Modells.',
};
