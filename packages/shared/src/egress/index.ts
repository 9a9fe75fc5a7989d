export { createEgressAgent, type EgressAgentOptions } from './agent.ts';
export { type Cidr, parseCidrs } from './cidrs.ts';
export { type AddressVerdict, judgeAddress } from './judgeAddress.ts';
export { judgeResolved } from './judgeResolved.ts';
export { judgeUrl, type UrlJudgement } from './judgeUrl.ts';
export { type LookupAll, lookupAll } from './lookup.ts';
export { readSurface } from './readSurface.ts';
export { EgressRefused } from './refusal.ts';
export { defaultPorts, type EgressSurface } from './surface.ts';
