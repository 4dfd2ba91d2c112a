/** German: export. */

export const EXPORT: Readonly<Record<string, string>> = {
  'The export answers differently from the trained model: none of {0} answers is equal, and probabilities differ by a factor of {1}.':
    'Der Export antwortet anders als das trainierte Modell: Keine von {0} Antworten ist gleich, Wahrscheinlichkeiten weichen um den Faktor {1} ab.',
  'As {0}, this model computes invalid values.': 'Als {0} rechnet dieses Modell mit ungültigen Werten.',
  'Nothing was saved. Please report this: Fettle may not know something about this model.':
    'Nichts wurde gespeichert. Bitte melden Sie dies: Fettle kennt dieses Modell womöglich nicht ganz.',
  'Nothing was saved. Choose bf16 or f32 as the type of weights.':
    'Nichts wurde gespeichert. Wählen Sie bf16 oder f32 als Gewichtstyp.',
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
  "{0} brings new tokens, which can't be added up.":
    '{0} bringt neue Tokens mit, die sich nicht addieren lassen.',
  'Use adapters without new tokens.': 'Nutzen Sie Adapter ohne neue Tokens.',
  'it belongs to another kind of model': 'er gehört zu einer anderen Art von Modell',
  "its model is {0}, and the other one's {1}": 'sein Modell ist {0}, das des anderen {1}',
  'its model was kept in another number of bits': 'sein Modell hatte eine andere Zahl von Bits',
  "{0} and {1} can't be added up: {2}.": '{0} und {1} lassen sich nicht addieren: {2}.',
  'Choose adapters of the same model.': 'Wählen Sie Adapter desselben Modells.',
};
