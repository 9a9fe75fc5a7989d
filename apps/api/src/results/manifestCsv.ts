import type { Transform } from 'node:stream';
import { stringify } from 'csv-stringify';
import type { ManifestRow } from './manifestRows.ts';

type Image = ManifestRow['images'][number];

/** Several pictures of a line share a cell, separated by spaces, which none of their values has. */
const each = (show: (image: Image) => string | number) => (row: ManifestRow) => row.images.map(show).join(' ');

const columns: Record<string, (row: ManifestRow) => unknown> = {
  line: (row) => row.line,
  custom_id: (row) => row.custom_id,
  task_id: (row) => row.task_id,
  status: (row) => row.status,
  error_code: (row) => row.error_code,
  error_message: (row) => row.error_message,
  images: (row) => row.images.length,
  urls: each(({ url }) => url),
  media_types: each(({ media_type }) => media_type),
  widths: each(({ width }) => width),
  heights: each(({ height }) => height),
  bytes: each(({ bytes }) => bytes),
  sha256: each(({ sha256 }) => sha256),
  cost: (row) => row.cost,
  currency: (row) => row.currency,
  attempts: (row) => row.attempts,
  possibly_duplicated: (row) => row.possibly_duplicated ?? null,
  created_at: (row) => row.created_at,
  finished_at: (row) => row.finished_at,
};

/**
 * Rows in, CSV by RFC 4180 out. A spreadsheet would run what begins with `= + - @`, a tab or a carriage return as a
 * formula: such a cell gets a `'` in front. Source: OWASP, CSV Injection.
 */
export function manifestCsv(): Transform {
  return stringify({
    header: true,
    columns: Object.keys(columns),
    escape_formulas: true,
    record_delimiter: 'windows',
    // Alone, neither is the end of a row here, but many a reader takes it for one.
    quoted_match: /[\r\n]/,
    cast: { boolean: String },
  });
}

/** A row as the stringifier takes it. */
export const cellsOf = (row: ManifestRow): unknown[] => Object.values(columns).map((cell) => cell(row));
