const placeholders = /\*\*\*|changeme|change-me|change_me|placeholder|your[-_]|example|xxxx|<|>/i;

/**
 * Why a secret must not be used, or undefined when it may. Never repeats the secret.
 * @param minLength  in characters
 */
export function weakSecret(secret: string, minLength: number): string | undefined {
  if (secret.trim() === '') return 'is empty';
  if (placeholders.test(secret)) return 'is a placeholder';
  if (secret.length < minLength) return `is shorter than ${minLength} characters`;
  if (new Set(secret).size < 6) return 'repeats too few characters';
  return undefined;
}
