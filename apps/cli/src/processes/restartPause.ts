/** The first pause: short, for the usual cause is a single kill and clients wait meanwhile. */
export const firstPause_ms = 200;
/** The longest pause: what cannot start costs one try each ten seconds, and is back soon after its cause is gone. */
export const longestPause_ms = 10_000;
/** Who lived this long was well; its next death is a new story. */
export const healthyLife_ms = 60_000;

/** How long to wait before a process is started again: 200 ms doubling to 10 s, from the start after a minute of life. */
export function restartPauses(): (life_ms: number) => number {
  let next_ms = firstPause_ms;
  return (life_ms) => {
    const pause_ms = life_ms >= healthyLife_ms ? firstPause_ms : next_ms;
    next_ms = Math.min(pause_ms * 2, longestPause_ms);
    return pause_ms;
  };
}
