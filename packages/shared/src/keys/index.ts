export { type ApiKey, apiKey, findApiKey, sameSecret } from './apiKeys.ts';
export { type ClientKey, readAdminPassword, readClientKeys } from './readKeys.ts';
export { weakSecret } from './weakSecret.ts';
