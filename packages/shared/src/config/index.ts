export { ConfigError } from './ConfigError.ts';
export { Faults } from './faults.ts';
export { type ReadJson, readVariables } from './readVariables.ts';
export { type Environment, Variables } from './variables.ts';
