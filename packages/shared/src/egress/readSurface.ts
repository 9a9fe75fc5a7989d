import type { Faults, Variables } from '../config/index.ts';
import { parseCidrs } from './cidrs.ts';
import type { EgressSurface } from './surface.ts';

const prefixes = { upstream_result: 'UPSTREAM_RESULT', reference: 'REFERENCE', webhook: 'WEBHOOK' } as const;

/** What a surface's variables say. Faults are added under the variable's name. */
export function readSurface(name: EgressSurface['name'], variables: Variables, faults: Faults): EgressSurface {
  const cidrsName = `${prefixes[name]}_ALLOWED_CIDRS` as const;
  let allowedCidrs: EgressSurface['allowedCidrs'] = [];
  try {
    allowedCidrs = parseCidrs(variables[cidrsName]);
  } catch {
    faults.add(cidrsName, 'must be comma-separated networks such as 10.0.0.0/8');
  }
  return {
    name,
    allowHttp: variables[`${prefixes[name]}_ALLOW_HTTP`],
    allowedCidrs,
    allowedPorts: variables.EGRESS_ALLOWED_PORTS.split(',').map(Number),
    proxyUrl: variables.EGRESS_PROXY_URL,
  };
}
