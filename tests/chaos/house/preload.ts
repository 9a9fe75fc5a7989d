/**
 * What the storm does to a process from within, before anything of the product is loaded: blocks its event loop on
 * SIGUSR2, and lets its clock be wrong.
 */
const { CHAOS_BLOCK_MS = '0', CHAOS_CLOCK_SKEW_MS = '0' } = process.env;

process.on('SIGUSR2', () => {
  const end = performance.now() + Number(CHAOS_BLOCK_MS);
  while (performance.now() < end);
});

const skew_ms = Number(CHAOS_CLOCK_SKEW_MS);
if (skew_ms !== 0) {
  const now = Date.now.bind(Date);
  Date.now = () => now() + skew_ms;
}
