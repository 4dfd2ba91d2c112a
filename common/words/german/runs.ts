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
  'Pause it first to start it later.': 'Halten Sie es zuerst an, um es später zu starten.',
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
  "This can't be paused.": 'Das lässt sich nicht anhalten.',
  '“{0}” is blended': '„{0}“ ist gemischt',
};
