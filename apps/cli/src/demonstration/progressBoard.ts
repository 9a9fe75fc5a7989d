import { styleText } from 'node:util';
import type { Terminal } from '../terminal/terminal.ts';

/** What is known of one task at a moment. */
export interface Standing {
  model: string;
  status: string;
  /** As the API says it, `"40%"`. */
  progress: string;
  elapsed_ms: number;
  /** What it came to: the file, or the error. */
  note?: string;
  /** Whether it ended as it should; undefined until it has ended. */
  ok?: boolean;
}

/** Shows all tasks at once: a block that changes in place, or a line per change of status where that cannot be. */
export interface ProgressBoard {
  show(label: string, standing: Standing): void;
  /** Leaves the last state on the screen. */
  close(): void;
}

const barWidth = 20;

/** As wide as the longest label of the demonstration, so that plain lines stand in columns as well. */
const labelWidth = 26;

export function progressBoard(terminal: Terminal): ProgressBoard {
  const rows = new Map<string, Standing>();
  return {
    show: (label, standing) => {
      const before = rows.get(label);
      rows.set(label, standing);
      if (terminal.interactive) {
        terminal.block([...rows].map(([name, row]) => formatRow(name, row, terminal.colour)));
      } else if (before?.status !== standing.status || before.ok !== standing.ok) {
        terminal.line(formatRow(label, standing, false, { bar: false }));
      }
    },
    close: () => terminal.endBlock(),
  };
}

/** `✓ a pear, square  NanoBanana2-0.5K  succeeded    100% ████████████████████  4.2 s  pictures/task_….png` */
export function formatRow(label: string, row: Standing, colour: boolean, { bar } = { bar: true }): string {
  const { mark, style } = look(row.ok);
  const percent = Math.min(100, Math.max(0, Number.parseInt(row.progress, 10) || 0));
  const filled = Math.round((percent / 100) * barWidth);
  const drawn = bar ? ['█'.repeat(filled) + '░'.repeat(barWidth - filled)] : [];
  const cells = [
    label.padEnd(labelWidth),
    row.model.padEnd(16),
    row.status.padEnd(11),
    `${percent}%`.padStart(4),
    ...drawn,
  ];
  const text = `${mark} ${cells.join('  ')}  ${(row.elapsed_ms / 1000).toFixed(1).padStart(5)} s`;
  const painted = colour ? styleText(style, text, { validateStream: false }) : text;
  return row.note ? `${painted}  ${row.note}` : painted;
}

function look(ok: boolean | undefined): { mark: string; style: 'cyan' | 'green' | 'red' } {
  if (ok === undefined) return { mark: '·', style: 'cyan' };
  return ok ? { mark: '✓', style: 'green' } : { mark: '✗', style: 'red' };
}
