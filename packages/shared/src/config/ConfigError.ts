/** The configuration cannot be used. The message names every bad variable and its remedy, and no value. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}
