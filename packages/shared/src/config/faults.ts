import type { z } from 'zod';
import { ConfigError } from './ConfigError.ts';
import { Variables } from './variables.ts';

/** Collects what is wrong with a configuration, so that all of it is told at once. Values are never repeated. */
export class Faults {
  #lines: string[] = [];

  add(name: string, what: string): void {
    this.#lines.push(`${name}: ${what}`);
  }

  /** Adds every issue of a failed parse under the variable's name, with what the variable is for as the remedy. */
  addIssues(error: z.ZodError): void {
    for (const issue of error.issues) {
      const name = String(issue.path[0] ?? '');
      const purpose = name in Variables.shape ? Variables.shape[name as keyof Variables].description : undefined;
      const missing = issue.code === 'invalid_type' && issue.message.includes('undefined');
      this.add(name, `${missing ? 'is not set' : issue.message}${purpose ? ` (set it to: ${purpose})` : ''}`);
    }
  }

  /** What was found so far: a line each */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** @throws ConfigError naming every fault */
  throwIfAny(): void {
    if (this.#lines.length === 0) return;
    throw new ConfigError(`The configuration cannot be used:\n${this.#lines.map((line) => `  - ${line}`).join('\n')}`);
  }
}
