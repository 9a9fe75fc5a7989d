const running = new Set<number>();

/**
 * Ends a process when this one ends, however it does but by SIGKILL: a run that is broken off leaves nothing behind that
 * would keep a core busy under the next one.
 * @returns a function that says that it has ended by itself
 */
export function endWithUs(pid: number): () => void {
  running.add(pid);
  return () => void running.delete(pid);
}

process.on('exit', () => {
  for (const pid of running) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It was faster.
    }
  }
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
