import type { Environment } from '../start/environment.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** What every command is given: the outside world, read once by main.ts. */
export interface CommandContext {
  env: Environment;
  /** Folder of the workspace. */
  root: string;
  terminal: Terminal;
  /** Sets the status that the process ends with. */
  exit: (status: number) => void;
  /** Calls `act` when nobody reads the output any more. */
  outputGone: (act: () => void) => void;
}
