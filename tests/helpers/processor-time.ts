/** How long something takes, as this process alone: what else the computer does takes time, but none of its processor time. */

/** Seconds of processor time since this was called. */
export function processorTime(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
}
