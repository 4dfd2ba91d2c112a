/** Notifications of the system for what ended while the person looked elsewhere. */
import { Notification } from 'electron';

/** Shows notices; a click on one calls `onClick`. */
export function notifier(onClick: () => void): (title: string, body: string) => void {
  // one that is collected as garbage loses its click
  const shown = new Set<Notification>();
  return (title, body) => {
    if (!Notification.isSupported()) return;
    const notice = new Notification({ title, body });
    shown.add(notice);
    notice.on('click', () => {
      shown.delete(notice);
      onClick();
    });
    notice.on('close', () => shown.delete(notice));
    notice.show();
  };
}
