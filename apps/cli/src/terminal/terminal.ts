import { createLogUpdate } from 'log-update';

/** What the person sees: lines that stay, and below them a block that changes in place. */
export interface Terminal {
  readonly colour: boolean;
  /** Whether a block can change in place: no where the output is a file or a pipe. */
  readonly interactive: boolean;
  line(text: string): void;
  /** Draws the block anew. Nothing where the output is not interactive. */
  block(lines: readonly string[]): void;
  /** Leaves the block as it stands and goes on below it. */
  endBlock(): void;
}

/** A terminal on `out`. Colours where it is a TTY, unless NO_COLOR (https://no-color.org) says otherwise. */
export function openTerminal(out: NodeJS.WriteStream, env: Readonly<Record<string, string | undefined>>): Terminal {
  const interactive = out.isTTY === true;
  const colour = interactive && !env.NO_COLOR;
  if (!interactive) {
    return { colour, interactive, line: (text) => void out.write(`${text}\n`), block: () => {}, endBlock: () => {} };
  }
  const update = createLogUpdate(out);
  let open = false;
  return {
    colour,
    interactive,
    line: (text) => {
      if (open) update.persist(text);
      else out.write(`${text}\n`);
    },
    block: (lines) => {
      open = true;
      update(lines.join('\n'));
    },
    endBlock: () => {
      if (open) update.done();
      open = false;
    },
  };
}
