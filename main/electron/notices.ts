/** Notifications of the system for what ended while the person looked elsewhere. */
import { Notification } from 'electron';

export interface NoticeOptions {
  /** Whether the person sees the window anyway. */
  isInFront(): boolean;
  onClick(): void;
}

/** Shows notices. */
export function notifier({ isInFront, onClick }: NoticeOptions): (title: string, body: string) => void {
  // one that is collected as garbage loses its click
  const shown = new Set<Notification>();
  return (title, body) => {
    if (isInFront() || !Notification.isSupported()) return;
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
