/** German: devices. */

export const DEVICES: Readonly<Record<string, string>> = {
  'NVIDIA’s driver is not installed.': 'Der NVIDIA-Treiber ist nicht installiert.',
  'The NVIDIA pack is incomplete: {0} is missing.': 'Das NVIDIA-Paket ist unvollständig: {0} fehlt.',
  "A library of the NVIDIA pack doesn't load: {0}.": 'Eine Bibliothek des NVIDIA-Pakets lädt nicht: {0}.',
  "This training needs cuDNN, which the NVIDIA pack doesn't have.":
    'Dieses Training braucht cuDNN, das im NVIDIA-Paket fehlt.',
  'This is a bug: report it with the text below.': 'Das ist ein Fehler: Melden Sie ihn mit dem Text unten.',
  "The graphics card can't be used: {0}": 'Die Grafikkarte ist nicht verwendbar: {0}',
  'Restart the computer and try again.': 'Starten Sie den Computer neu, und versuchen Sie es erneut.',
  'The NVIDIA pack, which computes on this card, is not here yet.':
    'Das NVIDIA-Paket, das auf dieser Karte rechnet, ist noch nicht da.',
  'Get it on the page “Your computer”.': 'Laden Sie es auf der Seite „Ihr Computer“.',
  'Install NVIDIA’s driver 580 or newer, then restart the computer.':
    'Installieren Sie den NVIDIA-Treiber 580 oder neuer, und starten Sie den Computer neu.',
  'Remove the NVIDIA pack and get it again.': 'Entfernen Sie das NVIDIA-Paket, und laden Sie es erneut.',
  'Until then, train on the processor.': 'Trainieren Sie bis dahin auf dem Prozessor.',
  'The graphics card is out of memory.': 'Der Speicher der Grafikkarte ist voll.',
  'Close programs that use the card, or use shorter rows. Then resume.':
    'Schließen Sie Programme, die die Karte nutzen, oder nutzen Sie kürzere Zeilen. Setzen Sie dann fort.',
  'The graphics driver is too old for CUDA 13.': 'Der Grafiktreiber ist zu alt für CUDA 13.',
  'Another program keeps the graphics card for itself.':
    'Ein anderes Programm belegt die Grafikkarte allein.',
  'End that program. Until then, train on the processor.':
    'Beenden Sie dieses Programm. Trainieren Sie bis dahin auf dem Prozessor.',
  'NVIDIA’s driver has no card that Fettle may use.':
    'Der NVIDIA-Treiber hat keine Karte, die Fettle nutzen darf.',
  'In a container, start it with access to the card. Until then, train on the processor.':
    'Starten Sie einen Container mit Zugriff auf die Karte. Trainieren Sie bis dahin auf dem Prozessor.',
  'The chosen graphics card is not there.': 'Die gewählte Grafikkarte ist nicht da.',
  'The graphics card is too old.': 'Die Grafikkarte ist zu alt.',
  'Cards from RTX 20, GTX 16 and T4 on work (compute capability 7.5). Train on the processor.':
    'Karten ab RTX 20, GTX 16 und T4 funktionieren (Compute Capability 7.5). Trainieren Sie auf dem Prozessor.',
  'The graphics card stopped after a memory error.': 'Die Grafikkarte stoppte nach einem Speicherfehler.',
  'Resume. If it happens again, report it.': 'Setzen Sie fort. Tritt es wieder auf, melden Sie es.',
  'The graphics card stopped while computing.': 'Die Grafikkarte stoppte beim Rechnen.',
  'Resume. If it happens again, check its temperature and power supply.':
    'Setzen Sie fort. Tritt es wieder auf, prüfen Sie Temperatur und Stromversorgung.',
  'NVIDIA’s driver is not ready.': 'Der NVIDIA-Treiber ist nicht bereit.',
  'Restart the computer. On servers with NVSwitch, start nvidia-fabricmanager.':
    'Starten Sie den Computer neu. Auf Servern mit NVSwitch starten Sie nvidia-fabricmanager.',
  'The graphics driver was updated but not restarted.':
    'Der Grafiktreiber wurde aktualisiert, aber nicht neu gestartet.',
  'Restart the computer.': 'Starten Sie den Computer neu.',
  'The driver’s files for newer CUDA don’t work with this card.':
    'Die Treiberdateien für neueres CUDA passen nicht zu dieser Karte.',
  'Remove the package cuda-compat, or install a newer driver.':
    'Entfernen Sie das Paket cuda-compat, oder installieren Sie einen neueren Treiber.',
  'NVIDIA’s driver failed, perhaps after the computer slept.':
    'Der NVIDIA-Treiber fiel aus, vielleicht nach dem Ruhezustand.',
  'Train on the processor.': 'Trainieren Sie auf dem Prozessor.',
  "Fettle doesn't compute on it yet.": 'Fettle rechnet darauf noch nicht.',
  "Fettle's program for {0} doesn't support it.": 'Fettle für {0} unterstützt es nicht.',
  'A weight of the model needs {0} in one piece. The graphics card ({1}) allows {2}: {3}.':
    'Ein Gewicht des Modells braucht {0} am Stück. Die Grafikkarte ({1}) erlaubt {2}: {3}.',
  'A step needs {0} in one piece. The graphics card ({1}) allows {2}.':
    'Ein Schritt braucht {0} am Stück. Die Grafikkarte ({1}) erlaubt {2}.',
  'Choose a smaller model, or train on the processor.':
    'Wählen Sie ein kleineres Modell, oder trainieren Sie auf dem Prozessor.',
  'Use shorter rows or fewer tokens at once, or train on the processor.':
    'Nutzen Sie kürzere Zeilen oder weniger Tokens auf einmal, oder trainieren Sie auf dem Prozessor.',
  'Install the newest driver of the graphics card, or train on the processor.':
    'Installieren Sie den neuesten Treiber der Grafikkarte, oder trainieren Sie auf dem Prozessor.',
  'See what is missing on the page “Your computer”, or train on the processor.':
    'Die Seite „Ihr Computer“ zeigt, was fehlt. Oder trainieren Sie auf dem Prozessor.',
  'The processor': 'Der Prozessor',
  'Graphics card (WebGPU)': 'Grafikkarte (WebGPU)',
  'NVIDIA graphics card (CUDA)': 'NVIDIA-Grafikkarte (CUDA)',
  'Graphics card (DirectML)': 'Grafikkarte (DirectML)',
  "{0} can't be used here: {1}": '{0} ist hier nicht verwendbar: {1}',
  "The graphics card ({0}) can't compute in half precision: {1}":
    'Die Grafikkarte ({0}) kann nicht mit halber Genauigkeit rechnen: {1}',
  'Use full precision (float32).': 'Nutzen Sie volle Genauigkeit (float32).',
  'no graphics card answers ({0}).': 'keine Grafikkarte antwortet ({0}).',
  'The graphics card ({0}) was lost while computing: its driver was reset, or it was switched off ({1}).':
    'Die Grafikkarte ({0}) ging beim Rechnen verloren: Der Treiber wurde zurückgesetzt oder die Karte abgeschaltet ({1}).',
  'Resume from the last checkpoint. If it happens again, train on the processor.':
    'Setzen Sie vom letzten Zwischenstand fort. Tritt es wieder auf, trainieren Sie auf dem Prozessor.',
  'The graphics card ({0}) has too little memory for this ({1}).':
    'Die Grafikkarte ({0}) hat zu wenig Speicher dafür ({1}).',
  'The graphics card ({0}) failed: {1}': 'Die Grafikkarte ({0}) ist ausgefallen: {1}',
  "Install the card's newest driver, or train on the processor. You can resume the run.":
    'Installieren Sie den neuesten Treiber der Karte, oder trainieren Sie auf dem Prozessor. Das Training lässt sich fortsetzen.',
  '{0} computes on the processor.': '{0} rechnet auf dem Prozessor.',
  'Choose the processor, or another way to compute.':
    'Wählen Sie den Prozessor oder eine andere Art zu rechnen.',
  "{0} doesn't compute on it.": '{0} rechnet darauf nicht.',
  'WebAssembly has at most 4 GB of memory, and needs {0} MB more.':
    'WebAssembly hat höchstens 4 GB Speicher und braucht {0} MB mehr.',
  'Compute with onnxruntime, or use shorter rows or fewer tokens at once.':
    'Rechnen Sie mit onnxruntime, oder nutzen Sie kürzere Zeilen oder weniger Tokens auf einmal.',
  'Reading from the disk': 'Lesen vom Laufwerk',
  'Looking at the computer': 'Computer wird untersucht',
};
