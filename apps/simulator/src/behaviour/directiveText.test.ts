import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { statusWords } from '../protocol/statusWords.ts';
import { type Behaviour, directiveNames, directives, standardBehaviour } from './directives.ts';
import { checkBehaviour, formatBehaviour, readBehaviour, splitPrompt } from './directiveText.ts';

/** Values as people write them, one or more per directive, so that every form of every directive is tried. */
const written: { [Name in keyof Behaviour]: Behaviour[Name][] } = {
  duration: [0, 300, 'fixed:2000', 'lognormal:12000:0.3'],
  progress: ['on', 'off', 'stuck'],
  notfound: [0, 500],
  submit: ['ok', '429', '500html', 'hang_after', 'reset_before', 'empty2xx', 'error2xx', 'slow:40'],
  times: [0, 2],
  submit_code: ['default', 'content_policy'],
  retry_after: ['none', 3, 'date:3'],
  poll: ['ok', '429', 'html', 'forgets', 'backwards', 'endless', 'slow:40'],
  poll_times: [1],
  after: [2],
  fail: ['none', 'content_policy', 'internal_error'],
  fail_times: [1],
  fail_status: ['default', 'expired'],
  error_shape: ['object', 'string'],
  error_body: ['code', 'openai'],
  status_words: ['a', 'c', 'unknown'],
  envelope: ['full', 'flat', 'data.id', 'id'],
  shape: ['result_url', 'data_images', 'b64_json', 'none'],
  expire: [1000],
  n: ['honoured', 'ignored', 'refused'],
  download: ['ok', '500', 'truncated', 'gzip', 'redirect', 'redirect:http://169.254.169.254/', 'slow:40'],
  download_times: [1],
  accept_key: ['on', 'off'],
};

const behaviours = fc.record(
  Object.fromEntries(directiveNames.map((name) => [name, fc.constantFrom(...written[name])])),
  { requiredKeys: [] },
) as fc.Arbitrary<Partial<Behaviour>>;

describe('the text of directives', () => {
  test('what is written is read back, whatever stands around it', () => {
    fc.assert(
      fc.property(behaviours, fc.stringMatching(/^[^[\]]*$/), (behaviour, around) => {
        const prompt = `${around}[[sim: ${formatBehaviour(behaviour)}]]`;
        const { directive } = splitPrompt(prompt);
        expect(readBehaviour(directive)).toEqual({ behaviour, problems: [] });
        expect(checkBehaviour(behaviour)).toEqual(behaviour);
      }),
    );
  });

  test('no text makes it throw, and what it reads can be read again', () => {
    const words = fc.array(
      fc.oneof(fc.string(), fc.constantFrom(...directiveNames, '=', '__proto__=1', 'constructor=1')),
    );
    fc.assert(
      fc.property(fc.string(), words, (prompt, parts) => {
        splitPrompt(prompt);
        splitPrompt(`[[sim:${prompt}`);
        const { behaviour } = readBehaviour(parts.join(' '));
        expect(readBehaviour(formatBehaviour(behaviour)).behaviour).toEqual(behaviour);
      }),
    );
  });

  test('a directive is taken out of what is drawn, wherever it stands', () => {
    expect(splitPrompt('a [[sim: duration=300 fail=content_policy]] pear [[sim:n=ignored]]')).toEqual({
      text: 'a pear',
      directive: 'duration=300 fail=content_policy n=ignored',
    });
    expect(splitPrompt('a pear')).toEqual({ text: 'a pear', directive: '' });
  });

  test('a word that cannot be read is named, with what would be right', () => {
    expect(readBehaviour('duration=soon').problems).toEqual([
      "'duration=soon' cannot be read; duration takes <ms>, fixed:<ms>, lognormal:<median ms>:<sigma>",
    ]);
    expect(readBehaviour('spped=1').problems[0]).toMatch(/^unknown directive 'spped'; known are duration, /);
    expect(readBehaviour('times').problems).toHaveLength(1);
    expect(() => checkBehaviour({ duration: -1 })).toThrow(RangeError);
  });

  test('the standard behaviour is itself made of readable values', () => {
    expect(checkBehaviour(standardBehaviour())).toEqual(standardBehaviour());
  });
});

describe('the README', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  /** The cells of each row; how wide the formatter made the columns does not matter. */
  const rowsOf = (text: string) =>
    text.split('\n').flatMap((line) => (/^\| `/.test(line) ? [line.split('|').map((cell) => cell.trim())] : []));

  test('lists every directive, as the parser knows it', () => {
    const expected = directiveNames.map((name) => {
      const { value, standard, about } = directives[name];
      return ['', `\`${name}\``, value.forms.replaceAll('<', '\\<'), String(standard), about, ''];
    });
    expect(rowsOf(readme.split('<!-- directives -->')[1]!)).toEqual(expected);
  });

  test('lists every vocabulary, as the answers use it', () => {
    const expected = Object.entries(statusWords).map(([name, words]) => [
      '',
      `\`${name}\``,
      ...Object.values(words),
      '',
    ]);
    expect(rowsOf(readme.split('| `status_words` | queued')[1]!)).toEqual(expected);
  });
});
