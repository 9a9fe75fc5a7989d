import { type Exposition, type Logger, type Metrics, serveMetrics } from '@darkroom/shared/telemetry';
import type { ApiConfig } from '../config.ts';
import { type SharedStateDeps, sharedState } from './sharedState.ts';

type Deps = Omit<SharedStateDeps, 'metrics' | 'catalogue' | 'monotonic'> & { metrics: Metrics<'api'>; logger: Logger };

/**
 * Starts exposing what the API records and what all processes share; on a port of its own where one is configured.
 * @returns what a scrape is answered with, and what ends the port
 */
export async function startMetrics(
  { catalogue, metricsAt }: ApiConfig,
  deps: Deps,
): Promise<{ expose: () => Promise<Exposition>; stop: () => void }> {
  const { metrics, logger } = deps;
  const refresh = sharedState({ ...deps, catalogue, monotonic: () => performance.now() });
  const expose = async () => {
    await refresh();
    return metrics.expose();
  };
  return { expose, stop: await serveMetrics({ at: metricsAt, expose, logger }) };
}
